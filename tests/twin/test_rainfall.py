"""IDF tables as data, design storms, events, and the rain an unknown sewer takes."""

import csv
import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.rain_events import events
from twin.rainfall import CLIMATE_FACTORS, IDF, RainError, composite_storm, gumbel_variate, sewer_design_rate, sourced

MM = 1e-3

WIDE = """# source: drawn for the test
# licence: CC0-1.0
# unit: mm
duration_min,2,10
10,8,14
60,16,28
1440,40,70
"""


def power_law(exponent: float = 0.3, durations=(600.0, 3600.0, 86400.0)) -> IDF:
    """Depth 10 mm (t / 1 h)^e for two years: a straight line on log-log axes."""
    times = np.array(durations)
    return IDF(times, np.array([2.0]), (10 * MM * (times / 3600.0) ** exponent)[:, None])


def highest(rates: np.ndarray, dt: float, steps: int) -> float:
    """Most rain in any window of so many steps, by trying them all."""
    return max(dt * rates[start : start + steps].sum() for start in range(rates.size - steps + 1))


def test_a_wide_table_is_read_with_its_source():
    table = IDF.parse(WIDE)
    assert (table.source, table.licence) == ("drawn for the test", "CC0-1.0")
    assert table.durations.tolist() == [600, 3600, 86400]
    assert table.depth(3600, 10) == pytest.approx(28 * MM)


def test_intensities_and_depths_of_one_table_are_the_same_table():
    rates = WIDE.replace("unit: mm", "unit: mm/h").replace("10,8,14", "10,48,84").replace("1440,40,70", "24h")
    rates = rates.replace("24h", "1440,1.6666666666666667,2.9166666666666665")
    np.testing.assert_allclose(IDF.parse(rates).depths, IDF.parse(WIDE).depths, rtol=1e-12)


def test_a_long_table_from_a_file_may_have_gaps(tmp_path):
    path = tmp_path / "idf.csv"
    path.write_text("duration_s,return_period_years,depth_mm\n3600,2,16\n86400,2,40\n3600,10,28\n", encoding="utf-8")
    table = IDF.read(path)
    assert table.durations_of(2).tolist() == [3600, 86400]
    assert table.durations_of(10).tolist() == [3600]


def test_between_durations_a_power_law_is_met_exactly():
    # a straight line on log-log axes is a power law: closed form
    times = np.geomspace(600, 86400, 17)
    np.testing.assert_allclose(power_law().depth(times, 2), 10 * MM * (times / 3600) ** 0.3, rtol=1e-12)


def test_between_return_periods_the_gumbel_line_is_met():
    # by hand: y = -ln(-ln(1 - 1/T)); y(2) = 0.366513, y(5) = 1.499940, y(10) = 2.250367; 16 + 12 x 1.133427 / 1.883854
    assert gumbel_variate(5) == pytest.approx(1.499940, abs=1e-6)
    assert IDF.parse(WIDE).depth(3600, 5) == pytest.approx((16 + 12 * 1.133427 / 1.883854) * MM, rel=1e-6)


@pytest.mark.parametrize(("duration", "period"), [(300, 2), (90_000, 2), (3600, 1.5), (3600, 20)])
def test_nothing_is_extrapolated(duration, period):
    with pytest.raises(RainError, match="extrapolated"):
        IDF.parse(WIDE).depth(duration, period)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("# unit: mm\n", ""), "unit: mm"),
        (("duration_min", "time"), "expected duration_s"),
        (("60,16,28", "60,x,28"), "expected a number"),
        (("60,16,28", "60,4,28"), "less rain in a longer time"),
        (("60,16,28", "60,-16,28"), "not positive"),
        (("60,16,28", "10,16,28"), "twice"),
    ],
)
def test_a_table_that_cannot_be_is_refused(change, words):
    with pytest.raises(RainError, match=words):
        IDF.parse(WIDE.replace(*change))


def test_the_project_ships_the_sourced_figures_and_no_more():
    table = sourced()
    assert table.source
    known = {
        (duration, period): depth
        for i, duration in enumerate(table.durations)
        for j, period in enumerate(table.periods)
        if np.isfinite(depth := table.depths[i, j])
    }
    assert known == pytest.approx({(3600, 2): 15.9 * MM, (86400, 2): 40.8 * MM, (3600, 10): 25 * MM})


@settings(deadline=None, max_examples=40)
@given(exponent=st.floats(0.05, 0.95), peak=st.floats(0, 1), steps=st.integers(1, 40))
def test_the_highest_rain_over_every_duration_is_that_of_the_table(exponent, peak, steps):
    dt = 600.0
    table = power_law(exponent)
    rates = composite_storm(table, 2, dt, steps * dt, peak).values[:-1]
    for count in range(1, steps + 1):
        assert highest(rates, dt, count) == pytest.approx(float(table.depth(count * dt, 2)), rel=1e-9)


def test_a_real_looking_table_keeps_the_property_within_its_rounding():
    # depths to the nearest millimetre bend upwards here and there: nowhere less than the table, at most 2 % more
    table = IDF.parse(WIDE)
    rates = composite_storm(table, 2, 600, 6 * 3600).values[:-1]
    for count in range(1, rates.size + 1):
        share = highest(rates, 600, count) / float(table.depth(count * 600, 2))
        assert 1 - 1e-9 <= share <= 1.02


def test_the_peak_stands_where_it_is_asked_for():
    for peak, place in ((0.0, 0), (0.5, 5), (1.0, 10)):
        assert composite_storm(power_law(), 2, 600, 6600, peak).values.argmax() == place


def test_the_storm_ends_and_its_climate_factor_multiplies_it():
    storm = composite_storm(power_law(), 2, 600, 7200)
    assert storm.values[-1] == 0
    assert storm["time"].values[-1] == 7200
    assert storm.attrs["units"] == "m s-1"
    warmer = composite_storm(power_law(), 2, 600, 7200, climate_factor=CLIMATE_FACTORS[1])
    np.testing.assert_allclose(warmer.values, 1.2 * storm.values, rtol=1e-12)


def test_depths_that_bend_upwards_have_no_composite_storm():
    bent = IDF(np.array([600.0, 3600.0, 21600.0]), np.array([2.0]), np.array([[10.0], [11.0], [60.0]]) * MM)
    with pytest.raises(RainError, match="bend upwards"):
        composite_storm(bent, 2, 600, 21600)


@pytest.mark.parametrize(
    ("dt", "duration", "rest", "words"),
    [
        (600, 6500, {}, "whole number"),
        (0, 6000, {}, "whole number"),
        (60, 6000, {}, "extrapolated"),
        (600, 6000, {"peak": 2.0}, "peak"),
        (600, 6000, {"climate_factor": 0.0}, "climate factor"),
    ],
)
def test_a_storm_that_cannot_be_is_refused(dt, duration, rest, words):
    with pytest.raises(RainError, match=words):
        composite_storm(power_law(), 2, dt, duration, **rest)


def test_the_sourced_two_year_storm_of_six_hours_has_its_hour():
    storm = composite_storm(sourced(), 2, 3600, 6 * 3600).values
    assert storm.max() * 3.6e6 == pytest.approx(15.9)


def test_a_sewer_of_ten_years_takes_the_hour_of_the_rule():
    # both ends are the figures themselves; five years by hand: 15.9 + 9.1 x 1.133427 / 1.883854
    assert sewer_design_rate(10) * 3.6e6 == pytest.approx(25.0)
    assert sewer_design_rate(2) * 3.6e6 == pytest.approx(15.9)
    assert sewer_design_rate(5) * 3.6e6 == pytest.approx(15.9 + 9.1 * 1.133427 / 1.883854, rel=1e-6)
    assert sewer_design_rate(20) > sewer_design_rate(10)
    with pytest.raises(RainError, match="between 2 and 100"):
        sewer_design_rate(1)


def test_the_days_of_july_2021_have_the_totals_of_the_station():
    # 20.6, 1.5, 58.9 and 0.8 mm: GHCN-Daily, BE000006447
    found = events()
    assert found["uccle_2021_07_15"].depth == pytest.approx(58.9 * MM)
    whole = found["uccle_2021_07_13_16"]
    assert whole.depth == pytest.approx(81.8 * MM)
    times, rates = np.array(whole.rates()).T
    np.testing.assert_allclose(np.diff(times) * rates[:-1], np.array([20.6, 1.5, 58.9, 0.8]) * MM)
    assert rates[-1] == 0
    assert whole.source
    assert whole.licence


@pytest.mark.data
def test_the_shipped_days_are_those_of_the_stations_file(reference_data):
    with gzip.open(reference_data / "weather" / "uccle_ghcn_daily_2019.csv.gz", "rt", encoding="utf-8") as file:
        measured = {row["DATE"]: float(row["PRCP"] or "nan") for row in csv.DictReader(file)}
    days = [measured[f"2021-07-{day}"] for day in (13, 14, 15, 16)]
    shipped = [depth / MM for _, _, depth in events()["uccle_2021_07_13_16"].totals]
    assert shipped == pytest.approx(days)
