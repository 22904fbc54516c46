"""Weather years, against the files' own words and the sun."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from pvlib import solarposition

from kernels.quantities import QUANTITIES
from twin.city import CityError
from twin.formats import epw

LATITUDE, LONGITUDE, ZONE = 50.8, 4.36, 1.0


def _file(path: Path, sun_minutes: float = 30.0, hours: int = 8760, **bad: str) -> Path:
    """An EPW whose radiation closes with the sun at ``sun_minutes`` after the start of the hour."""
    local = pd.date_range("2019-01-01", periods=hours, freq="h")
    sun = solarposition.get_solarposition(
        (local - pd.Timedelta(hours=ZONE) + pd.Timedelta(minutes=sun_minutes)).tz_localize("UTC"), LATITUDE, LONGITUDE
    )
    height = np.maximum(np.cos(np.radians(sun["zenith"].to_numpy())), 0)
    direct, diffuse = np.where(height > 0, 600.0, 0), 150 * height
    lines = [f"LOCATION,Essai,BRU,BEL,Test,000000,{LATITUDE},{LONGITUDE},{ZONE},20.0"] + ["FILLER"] * 7
    for i, when in enumerate(local):
        row = ["0"] * 35
        row[:5] = [str(when.year), str(when.month), str(when.day), str(when.hour + 1), "0"]
        row[6], row[7], row[8], row[9], row[12] = bad.get("air", "20.5"), "99.9", "50", "101325", "9999"
        row[13] = f"{direct[i] * height[i] + diffuse[i]:.3f}"
        row[14], row[15] = f"{direct[i]:.3f}", f"{diffuse[i]:.3f}"
        row[20], row[21], row[22], row[33] = "270", "3.0", "5", "1.8"
        lines.append(",".join(row))
    path.write_bytes(gzip.compress("\n".join(lines).encode()) if path.suffix == ".gz" else "\n".join(lines).encode())
    return path


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    return epw.read(_file(tmp_path_factory.mktemp("weather") / "year.epw.gz"))


def test_values_come_in_si_with_missing_as_nan(year: xr.Dataset) -> None:
    found = year
    first = found.isel(time=0)
    assert float(first.air_temperature) == pytest.approx(293.65)
    assert float(first.relative_humidity) == 0.5
    assert float(first.cloud_fraction) == 0.5
    assert float(first.rainfall_rate) == pytest.approx(0.0018 / 3600)
    assert np.isnan(found.dew_point_temperature).all()
    assert np.isnan(found.downwelling_longwave_irradiance).all()
    for name, values in found.data_vars.items():
        assert values.attrs["units"] == QUANTITIES[str(name)].units


def test_the_first_hour_of_the_local_year_starts_in_utc(year: xr.Dataset) -> None:
    found = year
    assert found.time.values[0] == np.datetime64("2018-12-31T23:00")
    assert found.sizes["time"] == 8760
    assert (np.diff(found.time.values) == np.timedelta64(1, "h")).all()


@pytest.mark.parametrize(("sun_minutes", "offset"), [(0.0, -30.0), (60.0, 30.0), (70.0, 40.0)])
def test_the_offset_of_the_sun_is_found(tmp_path: Path, sun_minutes: float, offset: float) -> None:
    found = epw.read(_file(tmp_path / "year.epw", sun_minutes))
    assert found.attrs["sun_offset_min"] == offset
    assert found.attrs["sun_closure_error"] < 0.01


@pytest.mark.data
def test_uccle_has_its_known_year_and_its_sun_stands_at_the_end_of_the_hour(reference_data: Path) -> None:
    found = epw.read(reference_data / "weather" / "BEL_VLG_Uccle.064470_TMYx.2007-2021.epw.gz")
    # all figures from SOURCES.md of the weather folder
    assert found.attrs["sun_offset_min"] == 30.0
    assert found.attrs["sun_closure_error"] == pytest.approx(5.3, abs=0.05)
    air = found.air_temperature - 273.15
    assert (float(air.min()), float(air.max())) == pytest.approx((-4.8, 33.6))
    assert float(air.mean()) == pytest.approx(11.09, abs=0.01)
    for name, whole in (("global_horizontal", 1114), ("direct_normal", 1237), ("diffuse_horizontal", 470)):
        assert float(found[f"{name}_irradiance"].sum()) / 1000 == pytest.approx(whole, abs=0.6)
    assert float(found.rainfall_rate.sum()) * 3600 * 1000 == pytest.approx(782, abs=0.5)


@pytest.mark.data
def test_the_sun_of_denver_stands_in_the_middle_of_the_hour(reference_data: Path) -> None:
    found = epw.read(reference_data / "weather" / "USA_CO_Denver.Intl.AP.725650_TMY3.epw.gz")
    assert found.attrs["sun_offset_min"] == 0.0
    assert found.attrs["sun_closure_error"] == pytest.approx(1.1, abs=0.05)


def test_what_is_no_weather_year_is_named(tmp_path: Path) -> None:
    (tmp_path / "letter.epw").write_text("Dear all,\n")
    with pytest.raises(CityError, match=r"letter\.epw.*LOCATION"):
        epw.read(tmp_path / "letter.epw")
    with pytest.raises(CityError, match="leap year"):
        epw.read(tmp_path / "letter.epw", year=2020)
    with pytest.raises(CityError, match="100 hours"):
        epw.read(_file(tmp_path / "short.epw", hours=100))
    with pytest.raises(CityError, match="'warm' for air_temperature"):
        epw.read(_file(tmp_path / "words.epw", air="warm"))
    whole = _file(tmp_path / "year.epw.gz").read_bytes()
    (tmp_path / "cut.epw.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CityError, match="cut short"):
        epw.read(tmp_path / "cut.epw.gz")
