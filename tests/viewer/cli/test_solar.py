"""bxl-twin solar: planes by CSV against pvlib's own year, files out, horizons, and what is refused."""

import json

import numpy as np
import pandas as pd
import pvlib
import pytest

from viewer.cli.solar import command

LATITUDE, LONGITUDE = 50.8, 4.36


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A year of clear days in Brussels whose sun stands in the middle of the hour, and four surfaces."""
    home = tmp_path_factory.mktemp("solar")
    local = pd.date_range("2019-01-01", periods=8760, freq="h")
    when = (local - pd.Timedelta(hours=1) + pd.Timedelta(minutes=30)).tz_localize("UTC")
    sun = pvlib.solarposition.get_solarposition(when, LATITUDE, LONGITUDE, 20.0)
    height = np.maximum(np.cos(np.radians(sun["zenith"].to_numpy())), 0)
    direct, diffuse = np.where(height > 0, 600.0, 0), 150 * height
    lines = [f"LOCATION,Essai,BRU,BEL,Test,000000,{LATITUDE},{LONGITUDE},1,20.0"] + ["FILLER"] * 7
    for i, moment in enumerate(local):
        row = ["0"] * 35
        row[:5] = [str(moment.year), str(moment.month), str(moment.day), str(moment.hour + 1), "0"]
        row[6], row[7], row[8], row[9], row[12] = "20.0", "10", "50", "101325", "9999"
        row[13] = f"{direct[i] * height[i] + diffuse[i]:.3f}"
        row[14], row[15], row[21] = f"{direct[i]:.3f}", f"{diffuse[i]:.3f}", "3.0"
        lines.append(",".join(row))
    (home / "year.epw").write_text("\n".join(lines))
    (home / "surfaces.csv").write_text(
        "surface,tilt_deg,azimuth_deg,area_m2,peak_kw,horizon_deg\n"
        "roof,35,180,50,10,\neast,90,90,100,,\nyard,0,0,1,,90 90 90 90\nflat,0,0,1,,\n"
    )
    return home


@pytest.fixture
def call(capsys, folder):
    def go(name, *words):
        with pytest.raises(SystemExit) as ended:
            command.main([str(folder / name), "--weather", str(folder / "year.epw"), *map(str, words)],
                         prog_name="bxl-twin")  # fmt: skip
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, " ".join(said.err.split())

    return go


def test_a_roof_gives_what_pvlibs_plant_gives_and_files_hold_the_hours(call, folder):
    code, out, err = call(
        "surfaces.csv", "--json", "--out", folder / "hours.csv", "--yearly", folder / "sums.csv", "--threads", "2"
    )
    assert code == 0, err
    told = json.loads(out)
    assert told["sun_offset_min"] == 0.0
    roof, east, yard, flat = told["surfaces"]
    hours = pd.read_csv(folder / "hours.csv", parse_dates=["begin_utc"])
    assert len(hours) == 4 * 8760
    assert str(hours["begin_utc"][0]) == "2018-12-31 23:00:00"
    year = pd.read_csv(folder / "year.epw", skiprows=8, header=None)
    when = pd.DatetimeIndex(hours["begin_utc"][:8760]).tz_localize("UTC") + pd.Timedelta(minutes=30)
    sun = pvlib.solarposition.get_solarposition(when, LATITUDE, LONGITUDE, 20.0)
    theirs = pvlib.irradiance.get_total_irradiance(
        35, 180, sun["apparent_zenith"].to_numpy(), sun["azimuth"].to_numpy(), year[14].to_numpy(float),
        year[13].to_numpy(float), year[15].to_numpy(float), albedo=0.2, model="perez",
        dni_extra=pvlib.irradiance.get_extra_radiation(when.day_of_year.to_numpy()),
        airmass=pvlib.atmosphere.get_relative_airmass(sun["apparent_zenith"].to_numpy()),
    )["poa_global"]  # fmt: skip
    assert roof["irradiation_kwh_m2"] == pytest.approx(np.nansum(theirs) / 1000, rel=0.005)
    sums = hours.groupby("surface")[["plane_of_array_w_m2", "dc_w", "ac_w"]].sum() / 1000
    assert sums.loc["roof", "plane_of_array_w_m2"] == pytest.approx(roof["irradiation_kwh_m2"], rel=1e-6)
    assert sums.loc["roof", "dc_w"] == pytest.approx(roof["dc_kwh"], rel=1e-6)
    assert sums.loc["roof", "ac_w"] == pytest.approx(roof["ac_kwh"], rel=1e-6)
    assert roof["ac_kwh_kwp"] == pytest.approx(roof["ac_kwh"] / 10)
    assert 0.9 < roof["ac_kwh"] / roof["dc_kwh"] < 0.97
    assert east["dc_kwh"] == east["ac_kwh"] == 0.0
    assert yard["irradiation_kwh_m2"] == 0.0  # a horizon of 90 degrees all round, and level: no ground to see either
    assert flat["irradiation_kwh_m2"] == pytest.approx(year[13].sum() / 1000, rel=0.01)
    assert pd.read_csv(folder / "sums.csv")["ac_kwh"].sum() == pytest.approx(told["ac_kwh"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("surface,tilt_deg\na,1\n", "expected rows with the columns"),
        ("surface,tilt_deg,azimuth_deg\n", "in 0 rows"),
        ("surface,tilt_deg,azimuth_deg\na,200,0\n", "tilt_deg in row 1 is '200', expected 0 … 180"),
        ("surface,tilt_deg,azimuth_deg\na,,0\n", "tilt_deg in row 1 is ''"),
        ("surface,tilt_deg,azimuth_deg\na,1,0\na,2,0\n", "'a' stands there twice"),
        ("surface,tilt_deg,azimuth_deg,horizon_deg\na,1,0,5 north\n", "horizon_deg in row 1 is '5 north'"),
        ("surface,tilt_deg,azimuth_deg,area_m2\na,1,0,-3\n", "area_m2 in row 1 is '-3'"),
    ],
)
def test_what_cannot_be_read_is_named_in_one_line(call, folder, text, said):
    (folder / "wrong.csv").write_text(text)
    code, out, err = call("wrong.csv")
    assert (code, out) == (2, "")
    assert said in err


def test_a_file_that_is_not_there_or_cannot_be_written_is_refused(call, folder):
    assert "no such file" in call("nothing.csv")[2]
    assert "expected a .csv" in call("surfaces.csv", "--out", folder / "hours.txt")[2]
    assert "no such file" in call("surfaces.csv", "--weather", folder / "none.epw")[2]
