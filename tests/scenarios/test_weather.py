"""Weather of documents: hot days, typical years, files, and what is not known of them."""

import gzip
import hashlib
from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from kernels.heat.evaporation import saturation_vapour_pressure
from kernels.heat.forcing import NEEDED
from scenarios.attached import FOLDER
from scenarios.forcing import Forcing
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from scenarios.weather import HeatDay, MeasuredWeather, SteadyWeather, TypicalYear, weather_at, weather_forcing
from twin.formats import epw
from twin.heat_days import CELSIUS_0
from twin.place import Place, place_of
from twin.sunlight import sun_of

UCCLE = Place(50.8, 4.35, 104.0)
MIDNIGHT = datetime(2019, 7, 24, 23, tzinfo=UTC)
"""Of 25 July in local standard time."""
HOURS = [3600.0 * hour for hour in range(1, 25)]
STILL = {"air_temperature_c": 30.0}


def written(folder, monkeypatch, name: str, data: bytes) -> dict[str, str]:
    """A file in a folder of inputs, as a document names it."""
    (folder / name).write_bytes(data)
    monkeypatch.setenv(FOLDER, str(folder))
    return {"file": name, "sha256": hashlib.sha256(data).hexdigest()}


def csv_of(rows: list[str], columns: str = "global_w_m2") -> bytes:
    head = f"time,air_temperature_c,relative_humidity_pct,wind_speed_m_s,{columns}"
    return "\n".join([head, *rows]).encode()


def test_the_hot_day_has_the_temperatures_of_the_station():
    found = weather_at(HeatDay(), MIDNIGHT, np.arange(0, 86400, 300), UCCLE)
    air = found["air_temperature"].values - CELSIUS_0
    assert air.min() == pytest.approx(23.5, abs=0.02)
    assert air.max() == pytest.approx(39.7, abs=0.02)


def test_the_dew_point_of_a_hot_day_does_not_change():
    found = weather_at(HeatDay(dew_point_c=16.0), MIDNIGHT, HOURS, UCCLE)
    vapour = found["relative_humidity"].values * saturation_vapour_pressure(found["air_temperature"].values)
    assert_allclose(vapour, vapour[0], rtol=1e-6)
    # Magnus with the constants of Alduchov and Eskridge (1996): 610.94 exp(17.625 * 16 / (16 + 243.04)) = 1814 Pa
    assert vapour[0] == pytest.approx(1814, rel=0.005)


def test_a_hot_day_begins_where_its_period_begins():
    with pytest.raises(ScenarioError, match="the period starts on 2019-07-25") as caught:
        weather_at(HeatDay(day="2019-07-24"), MIDNIGHT, HOURS, UCCLE)
    assert caught.value.place == "forcing.weather.day"


def test_every_entry_has_the_sun_of_its_own_moment(city):
    found, _ = weather_forcing(HeatDay(), MIDNIGHT, HOURS, city)
    assert_array_equal(found["time"].values, [0.0, *HOURS])
    times = np.datetime64("2019-07-24T23:00") + np.array([0, *HOURS]).astype("timedelta64[s]")
    elevation, azimuth = sun_of(times, place_of(city))
    assert_allclose(found["solar_elevation_angle"].values, np.degrees(elevation))
    assert_allclose(found["solar_azimuth_angle"].values, np.degrees(azimuth))
    # solar noon is near 11:49 UTC, between the entries 12 and 13
    assert int(np.argmax(found["solar_elevation_angle"].values)) == 13


@pytest.mark.parametrize("weather", [HeatDay(), SteadyWeather(**STILL)])
def test_the_forcing_is_complete_and_says_what_was_modelled(city, weather):
    found, told = weather_forcing(weather, MIDNIGHT, HOURS, city)
    assert set(NEEDED) <= set(found.data_vars)
    assert all(np.isfinite(found[name].values).all() for name in found.data_vars)
    assert "Prata" in told["downwelling_longwave_irradiance"]
    assert "cloud as given" in told["downwelling_longwave_irradiance"]
    # a clear hot night in Belgium: between the emissivities 0.75 and 0.9 of the air
    emissivity = found["downwelling_longwave_irradiance"] / (5.670374e-8 * found["air_temperature"] ** 4)
    assert 0.75 < float(emissivity.min()) <= float(emissivity.max()) < 0.9


def test_steady_weather_moves_the_sun_alone():
    found = weather_at(SteadyWeather(**STILL), MIDNIGHT, HOURS, UCCLE)
    assert np.ptp(found["air_temperature"].values) == 0
    assert found["global_horizontal_irradiance"].values.max() > 700


def test_rows_of_a_file_come_back_at_their_stamps(tmp_path, monkeypatch):
    rows = [f"2019-07-25T{hour:02d}:00,{20 + hour},50,{1 + 0.1 * hour},{max(0, 800 - 60 * abs(hour - 13))}"
            for hour in range(24)]  # fmt: skip
    weather = MeasuredWeather(**written(tmp_path, monkeypatch, "day.csv", csv_of(rows)))
    # 06:00 to 18:00 of local standard time, which begins at 05:00 UTC
    found = weather_at(weather, datetime(2019, 7, 25, 5, tzinfo=UTC), [3600.0 * hour for hour in range(13)], UCCLE)
    assert_allclose(found["air_temperature"].values - CELSIUS_0, np.arange(26, 39))
    assert_allclose(found["wind_speed"].values, 1.6 + 0.1 * np.arange(13))
    assert_allclose(found["global_horizontal_irradiance"].values[3:11],
                    [800 - 60 * abs(hour - 13) for hour in range(9, 17)], rtol=1e-6)  # fmt: skip
    assert "diffuse_horizontal_irradiance" not in found


def test_direct_light_alone_tells_the_diffuse_part(tmp_path, monkeypatch, city):
    at = datetime(2019, 7, 25, 12, tzinfo=UTC)
    rows = [f"2019-07-25T{hour:02d}:00,30,50,2,700,600" for hour in (12, 13, 14)]
    columns = "global_w_m2,direct_normal_w_m2"
    weather = MeasuredWeather(**written(tmp_path, monkeypatch, "noon.csv", csv_of(rows, columns)))
    found = weather_at(weather, at, [0.0], place_of(city))
    up = np.sin(np.radians(found["solar_elevation_angle"].values[0]))
    assert found["diffuse_horizontal_irradiance"].values[0] == pytest.approx(700 - 600 * up)
    assert found["direct_normal_irradiance"].values[0] == pytest.approx(600)


def test_a_file_that_does_not_reach_over_the_period_is_refused(tmp_path, monkeypatch):
    rows = [f"2019-07-25T{hour:02d}:00,30,50,2,0" for hour in (12, 13)]
    weather = MeasuredWeather(**written(tmp_path, monkeypatch, "short.csv", csv_of(rows)))
    with pytest.raises(ScenarioError, match="take a period within it") as caught:
        weather_at(weather, datetime(2019, 7, 25, 11, tzinfo=UTC), [0.0, 7200.0], UCCLE)
    assert caught.value.place == "forcing.weather.file"


def test_a_gap_is_named_with_its_hour(tmp_path, monkeypatch, city):
    rows = [f"2019-07-25T{hour:02d}:00,{'' if hour == 14 else 30},50,2,500" for hour in range(10, 20)]
    weather = MeasuredWeather(**written(tmp_path, monkeypatch, "gap.csv", csv_of(rows)))
    with pytest.raises(ScenarioError, match=r"'air_temperature' is missing .* first at hour 4") as caught:
        weather_forcing(weather, datetime(2019, 7, 25, 9, tzinfo=UTC), HOURS[:8], city)
    assert caught.value.place == "forcing.weather"


@pytest.mark.parametrize("kind", [TypicalYear, MeasuredWeather])
def test_a_file_that_is_none_of_its_kind_is_refused(tmp_path, monkeypatch, kind):
    weather = kind(**written(tmp_path, monkeypatch, "wrong", b"nothing\n"))
    with pytest.raises(ScenarioError) as caught:
        weather_at(weather, MIDNIGHT, HOURS, UCCLE)
    assert caught.value.place == "forcing.weather.file"


@pytest.fixture
def uccle_year(reference_data, tmp_path, monkeypatch):
    packed = (reference_data / "weather" / "BEL_VLG_Uccle.064470_TMYx.2007-2021.epw.gz").read_bytes()
    return TypicalYear(**written(tmp_path, monkeypatch, "uccle.epw", gzip.decompress(packed)))


@pytest.mark.data
def test_a_typical_year_gives_its_hours_at_their_ends_and_its_sun_where_it_stood(uccle_year, tmp_path):
    file = epw.read(tmp_path / "uccle.epw")
    noon = int(np.flatnonzero(file["time"].values == np.datetime64("2019-07-25T11:00"))[0])
    # in this file the sun of an hour stands at its end
    found = weather_at(uccle_year, datetime(2019, 7, 25, 12, tzinfo=UTC), [0.0], UCCLE)
    for name, rel in (("air_temperature", 1e-9), ("relative_humidity", 1e-9), ("wind_speed", 1e-9),
                      ("global_horizontal_irradiance", 1e-3), ("diffuse_horizontal_irradiance", 1e-3)):  # fmt: skip
        assert found[name].values[0] == pytest.approx(file[name].values[noon], rel=rel), name
    assert found["direct_normal_irradiance"].values[0] == pytest.approx(
        file["direct_normal_irradiance"].values[noon], rel=0.03
    )


@pytest.mark.data
def test_a_typical_year_has_the_same_days_in_any_year_and_round_its_end(uccle_year, city):
    one, other = (
        weather_at(uccle_year, datetime(year, 7, 1, 0, tzinfo=UTC), HOURS, UCCLE)["air_temperature"].values
        for year in (2019, 2024)
    )
    assert_array_equal(one, other)
    found, told = weather_forcing(uccle_year, datetime(2021, 12, 31, 12, tzinfo=UTC), HOURS, city)
    assert np.isfinite(found["air_temperature"].values).all()
    assert "downwelling_longwave_irradiance" not in told


@pytest.mark.data
def test_a_typical_year_has_no_leap_day(uccle_year):
    with pytest.raises(ScenarioError, match="no 2024-02-29"):
        weather_at(uccle_year, datetime(2024, 2, 28, 12, tzinfo=UTC), HOURS, UCCLE)


def test_weather_enters_the_digest_by_its_bytes_not_by_its_name(document_of, city, bucket):
    digests = {
        Scenario.read(document_of(forcing={"weather": one})).digest(city, (bucket,))
        for one in (
            {"kind": "heat_day"},
            {"kind": "heat_day", "dew_point_c": 17.0},
            {"kind": "csv", "file": "a.csv", "sha256": "0" * 64},
            {"kind": "csv", "file": "b.csv", "sha256": "0" * 64},
            {"kind": "csv", "file": "b.csv", "sha256": "1" * 64},
        )
    }
    assert len(digests) == 4


def test_a_document_without_weather_has_the_identity_it_had():
    assert Forcing().identity() == {}


@pytest.mark.parametrize(
    ("weather", "place", "words"),
    [
        ({"kind": "heat_day", "day": "2003-08-12"}, "forcing.weather.day", "none of the hot days"),
        ({"kind": "steady"}, "forcing.weather.air_temperature_c", "required"),
        ({"kind": "csv", "file": "../a", "sha256": "0" * 64}, "forcing.weather.file", "relative name"),
        ({"kind": "snow"}, "forcing.weather", "heat_day"),
    ],
)
def test_weather_that_cannot_be_is_refused_with_its_place(document_of, weather, place, words):
    with pytest.raises(ScenarioError, match=words) as caught:
        Scenario.read(document_of(forcing={"weather": weather}))
    assert caught.value.place == place
