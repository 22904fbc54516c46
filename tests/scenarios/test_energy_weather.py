"""The hours that drive energy: complete, closed, on the clock of Brussels, with gaps counted or refused."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from scenarios.energy_weather import LONGEST_GAP, energy_forcing
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from scenarios.tariffs import Tariffs, tariff_courses, week_hours
from scenarios.weather import MeasuredWeather, SteadyWeather, SyntheticYear, weather_at
from tests.scenarios.conftest import make_city
from twin.energy_factors import read_prices
from twin.place import place_of

KWH = 3.6e6
NEW_YEAR = datetime(2018, 12, 31, 23, tzinfo=UTC)
YEAR = 8760 * 3600.0
DATED = {"date": "2025-01-01", "source": "drawn by hand"}


def test_a_synthetic_year_is_complete_and_closes_in_every_hour():
    forcing, told = energy_forcing(SyntheticYear(), NEW_YEAR, YEAR, make_city())
    assert forcing.sizes["time"] == 8760
    assert told == {}
    for name, one in forcing.data_vars.items():
        assert np.isfinite(one.values).all(), name
        assert one.attrs["units"], name
    sine = np.sin(np.radians(np.maximum(forcing["solar_elevation_angle"].values, 0.0)))
    sums = forcing["diffuse_horizontal_irradiance"] + forcing["direct_normal_irradiance"] * sine
    np.testing.assert_allclose(sums, forcing["global_horizontal_irradiance"], atol=1e-9)
    # the year's light as it was drawn; carrying clearness to the very same times changes nothing but low suns
    drawn = weather_at(SyntheticYear(), NEW_YEAR, forcing["time"].values + 1800.0, place_of(make_city()))
    np.testing.assert_allclose(
        forcing["global_horizontal_irradiance"].sum(), drawn["global_horizontal_irradiance"].sum(), rtol=1e-9
    )


def test_the_clock_on_the_wall_goes_forward_in_march_and_back_in_october():
    # Directive 2000/84/EC: summer time begins and ends at 1:00 UTC on the last Sunday of March and October
    hours = week_hours(NEW_YEAR, 8760)
    assert hours[0] == 24  # 1 January 2019 was a Tuesday
    jump = np.diff(hours) % 168
    stamps = pd.Timestamp(NEW_YEAR) + pd.to_timedelta(np.flatnonzero(jump != 1) + 1, "h")
    assert [str(one)[:16] for one in stamps] == ["2019-03-31 01:00", "2019-10-27 01:00"]
    assert jump[jump != 1].tolist() == [2, 0]
    months = energy_forcing(SyntheticYear(), NEW_YEAR, YEAR, make_city())[0]["local_month"].values
    assert np.bincount(months).tolist() == [744, 672, 743, 720, 744, 720, 744, 744, 720, 745, 720, 744]


def test_an_hour_that_is_begun_is_whole():
    forcing, _ = energy_forcing(SteadyWeather(air_temperature_c=5.0), NEW_YEAR, 3601.0, make_city())
    assert forcing["time"].values.tolist() == [0.0, 3600.0]
    assert forcing["air_temperature"].values.tolist() == [278.15, 278.15]


def _measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gone: slice, column: str = "air_temperature_c"):
    stamps = pd.date_range("2019-06-10", periods=49, freq="h")
    table = pd.DataFrame(
        {"time": stamps.strftime("%Y-%m-%dT%H:%M"), "air_temperature_c": np.linspace(10, 20, 49),
         "relative_humidity_pct": 60.0, "wind_speed_m_s": 3.0,
         "global_w_m2": np.maximum(0, 600 * np.sin(np.arange(49) * np.pi / 12 - np.pi / 2))}
    )  # fmt: skip
    table.loc[gone, column] = np.nan
    path = tmp_path / "weather.csv"
    table.to_csv(path, index=False)
    monkeypatch.setenv("BXL_TWIN_INPUTS", str(tmp_path))
    return MeasuredWeather(file="weather.csv", sha256=hashlib.sha256(path.read_bytes()).hexdigest())


def test_a_short_gap_is_a_straight_line_and_is_counted(tmp_path, monkeypatch):
    weather = _measured(tmp_path, monkeypatch, slice(20, 20))
    start = datetime(2019, 6, 9, 23, tzinfo=UTC)
    forcing, told = energy_forcing(weather, start, 47 * 3600.0, make_city())
    assert told["hours filled: air_temperature"] == 2  # the middles on both sides of the missing stamp
    np.testing.assert_allclose(forcing["air_temperature"], 283.15 + (np.arange(47) + 0.5) * 10 / 48, atol=1e-9)
    assert told["diffuse_horizontal_irradiance"] == "modelled: Erbs"


def test_a_gap_in_the_light_is_filled_by_the_clearness_of_the_sky(tmp_path, monkeypatch):
    start = datetime(2019, 6, 9, 23, tzinfo=UTC)
    whole, _ = energy_forcing(_measured(tmp_path, monkeypatch, slice(0, -1, 99)), start, 47 * 3600.0, make_city())
    weather = _measured(tmp_path, monkeypatch, slice(12, 12), "global_w_m2")
    forcing, told = energy_forcing(weather, start, 47 * 3600.0, make_city())
    assert told["hours filled: global_horizontal_irradiance"] == 2
    ratio = (forcing["global_horizontal_irradiance"] / whole["global_horizontal_irradiance"]).values[11:13]
    np.testing.assert_allclose(ratio, 1.0, atol=0.05)


def test_a_long_gap_is_refused_and_its_hour_named(tmp_path, monkeypatch):
    weather = _measured(tmp_path, monkeypatch, slice(20, 20 + LONGEST_GAP))
    with pytest.raises(ScenarioError, match=r"air_temperature is missing for 5 hours from 2019-06-10T18:00"):
        energy_forcing(weather, datetime(2019, 6, 9, 23, tzinfo=UTC), 47 * 3600.0, make_city())


def test_prices_are_those_of_the_table_where_a_document_has_none():
    found, table = tariff_courses(None, NEW_YEAR, 3), read_prices()
    assert found.buy.tolist() == [table.buy["electricity"]] * 3
    assert found.sell.tolist() == [table.sell["electricity"]] * 3
    assert found.fuel.tolist() == [table.buy["gas"]] * 3
    assert found.carbon is None


def test_a_price_is_flat_or_by_the_hour_of_the_week_and_may_be_negative():
    week = [0.3] * 168
    week[24] = -0.05  # Tuesday midnight
    tariffs = Tariffs.model_validate(DATED | {"electricity_buy": {"week": week}, "electricity_sell": 0.04})
    forcing, _ = energy_forcing(SteadyWeather(air_temperature_c=5.0), NEW_YEAR, 7200.0, make_city(), tariffs)
    np.testing.assert_allclose(forcing["buy_price"] * KWH, [-0.05, 0.3])
    np.testing.assert_allclose(forcing["sell_price"] * KWH, [0.04, 0.04])


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_file_of_a_year_is_laid_on_the_calendar(tmp_path, monkeypatch, delimiter):
    monkeypatch.setenv("BXL_TWIN_INPUTS", str(tmp_path))
    path = tmp_path / "spot.csv"
    rows = [f"{hour}{delimiter}{hour / 10000}" for hour in range(8760)]
    path.write_text("\n".join([f"hour{delimiter}price", *rows]))
    known = {"file": "spot.csv", "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "column": "price"}
    tariffs = Tariffs.model_validate(DATED | {"fuel": known})
    # 1 March 2020, a leap year, at midnight of local standard time is hour 59 x 24 of a year without a leap day
    found = tariff_courses(tariffs, datetime(2020, 2, 29, 23, tzinfo=UTC), 2)
    np.testing.assert_allclose(found.fuel * KWH, [0.1416, 0.1417])
    assert "spot.csv" not in str(tariffs.identity())


def test_a_gap_in_prices_is_never_guessed(tmp_path, monkeypatch):
    monkeypatch.setenv("BXL_TWIN_INPUTS", str(tmp_path))
    path = tmp_path / "spot.csv"
    path.write_text("price\n0.1\n\n,\n")
    known = {"file": "spot.csv", "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "column": "price"}
    with pytest.raises(ScenarioError, match=r"row 2 of 'price' is no number"):
        tariff_courses(Tariffs.model_validate(DATED | {"fuel": known}), NEW_YEAR, 2)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"electricity_buy": {"flat": 0.1, "week": [0.1] * 168}}, "flat and week"),
        ({"electricity_buy": {}}, "nothing"),
        ({"fuel": {"file": "a.csv"}}, "all three"),
        ({"fuel": 11.0}, "less than or equal to 10"),
        ({"carbon": -0.1}, "out of the air"),
    ],
)
def test_a_wrong_tariff_names_its_place(wrong, words):
    document = {
        "scenario": 1, "name": {"en": "x"}, "period": {"start": "2019-01-01T00:00:00Z", "duration_s": 3600,
        "output_every_s": 3600}, "forcing": {"tariffs": DATED | wrong},
    }  # fmt: skip
    with pytest.raises(ScenarioError, match=words) as error:
        Scenario.read(document)
    assert str(error.value).startswith("forcing.tariffs") or "forcing.tariffs" in str(error.value)


def test_prices_are_in_the_digest_their_date_and_source_are_not():
    def digest(**tariffs: object) -> str:
        document = {
            "scenario": 1, "name": {"en": "x"},
            "period": {"start": "2019-01-01T00:00:00Z", "duration_s": 3600, "output_every_s": 3600},
            "forcing": {"tariffs": DATED | tariffs},
        }  # fmt: skip
        return Scenario.read(document).digest(make_city())

    assert digest(fuel=0.1) != digest(fuel=0.2)
    assert digest(fuel=0.1) == digest(fuel=0.1, source="another")
