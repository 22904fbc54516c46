"""The synthetic year has the months that were published, is drawn the same everywhere, and is like a measured year."""

from pathlib import Path

import numpy as np
import pytest

from twin.formats import epw
from twin.place import Place
from twin.synthetic_year import CLOUD_LOSS, YEAR, ZONE, normals, synthetic_year

UCCLE = Place(50.7969, 4.3581, 101.0)
MONTH = np.repeat(np.arange(12), 24 * np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]))


def by_day(values: np.ndarray) -> np.ndarray:
    return values.reshape(365, 24).mean(axis=1)


def test_each_month_has_its_published_temperature_and_wind():
    year, known = synthetic_year(UCCLE), normals()
    for name, wanted in (("air_temperature", known.mean), ("wind_speed", known.wind)):
        means = np.bincount(MONTH, year[name].values, 12) / np.bincount(MONTH)
        np.testing.assert_allclose(means, wanted, atol=1e-3, err_msg=name)


def test_the_table_holds_what_the_press_repeats_of_the_normals():
    # IRM by rtl.be (January 2022: 3.7 °C, 59 h 04), rtbf.be (March 2022: 125 h 45), brf.be (July: 18.7 °C, 203 h 14),
    # rtbf.be (summer 1991-2020: 594 h 56), dhnet.be (September: 15.2, 19.5 and 11.3 °C)
    known = normals()
    assert known.mean[[0, 6, 8]] - 273.15 == pytest.approx([3.7, 18.7, 15.2])
    assert (known.lowest[8] - 273.15, known.highest[8] - 273.15) == pytest.approx((11.3, 19.5))
    assert known.sunshine[[0, 2, 6]] == pytest.approx([59.07, 125.75, 203.23], abs=0.06)
    assert known.sunshine[5:8].sum() == pytest.approx(594.93, abs=0.06)


def test_its_light_closes_and_stays_below_a_clear_sky():
    year = synthetic_year(UCCLE)
    whole, diffuse, direct = (
        year[name].values
        for name in ("global_horizontal_irradiance", "diffuse_horizontal_irradiance", "direct_normal_irradiance")
    )
    assert (diffuse >= 0).all()
    assert (direct >= 0).all()
    assert (diffuse <= whole + 1e-9).all()
    assert whole.max() < 1000.0
    # a covered sky of Kasten and Czeplak leaves a quarter: no hour of high sun is darker
    assert whole.reshape(365, 24)[150:200, 11].min() > (1 - CLOUD_LOSS) * 700.0


def test_clear_days_are_warmer_in_summer_and_colder_in_winter():
    light, air = (
        np.concatenate([by_day(synthetic_year(UCCLE, seed)[name].values) for seed in range(4)])
        for name in ("global_horizontal_irradiance", "air_temperature")
    )
    month = np.tile(MONTH[::24], 4)
    june, december = (np.corrcoef(light[month == one], air[month == one])[0, 1] for one in (5, 11))
    assert june > 0.2
    assert december < -0.1


def test_seeds_draw_other_weather_with_the_same_months_and_one_seed_the_same_bits():
    one, other = synthetic_year(UCCLE, 1), synthetic_year(UCCLE, 2)
    assert not np.allclose(one["air_temperature"], other["air_temperature"])
    synthetic_year.cache_clear()
    again = synthetic_year(UCCLE, 1)
    for name in one:
        np.testing.assert_array_equal(one[name], again[name])
    assert one["time"].values[0] == np.datetime64(f"{YEAR}-01-01") - np.timedelta64(ZONE, "h")


def test_it_is_like_the_typical_year_of_uccle(reference_data: Path, measured):
    measured_year = epw.read(reference_data / "weather" / "BEL_VLG_Uccle.064470_TMYx.2007-2021.epw.gz")
    year = synthetic_year(UCCLE)
    source = "Uccle, typical year 2007-2021 (TMYx)"
    air, theirs = (one["air_temperature"].values - 273.15 for one in (year, measured_year))
    light, sun = (float(one["global_horizontal_irradiance"].sum()) for one in (year, measured_year))
    degrees, known = (np.maximum(18.0 - by_day(one), 0.0).sum() for one in (air, theirs))
    measured(case="Synthetic year, global light", source=source, ours=100 * abs(light / sun - 1), bar=5.0, unit="%")
    measured(case="Synthetic year, mean air", source=source, ours=abs(air.mean() - theirs.mean()), bar=0.5, unit="K")
    measured(case="Synthetic year, degree days below 18 °C", source=source, ours=100 * abs(degrees / known - 1),
             bar=5.0, unit="%")  # fmt: skip
