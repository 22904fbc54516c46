"""bxl-twin flood with soil, hollows, sewers, an assumed sewer, walls of a level, other rain, and a run that goes on."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import rasterio
import xarray as xr
from rasterio.transform import Affine
from typer.testing import CliRunner

from kernels.quantities import QUANTITIES
from viewer.cli import _app
from viewer.cli.flood_run import compile_everything

WEST, SOUTH, CELL, ROWS, COLUMNS = 148_000.0, 170_000.0, 2.0, 30, 40
AREA = ROWS * COLUMNS * CELL**2
SEWER = """[OPTIONS]
FLOW_UNITS CMS
[JUNCTIONS]
A 9.0 2.5 0 0 0
B 8.8 2.5 0 0 0
[OUTFALLS]
O 8.5 FREE NO
[CONDUITS]
P1 A B 30 0.013 0 0 0 0
P2 B O 30 0.013 0 0 0 0
[XSECTIONS]
P1 CIRCULAR 0.3 0 0 0 1
P2 CIRCULAR 0.3 0 0 0 1
[COORDINATES]
A 148011 170031
B 148041 170031
O 148101 170031
"""


def write_raster(path, south_up):
    place = Affine(CELL, 0, WEST, 0, -CELL, SOUTH + south_up.shape[0] * CELL)
    with rasterio.open(
        path, "w", driver="GTiff", height=south_up.shape[0], width=south_up.shape[1], count=1, dtype="float64",
        crs="EPSG:31370", transform=place, nodata=-9999.0,
    ) as file:  # fmt: skip
        file.write(np.where(np.isnan(south_up), -9999.0, south_up)[::-1], 1)
    return path


def lines(path, *rows):
    path.write_text("\n".join(rows) + "\n", "utf-8")
    return path


@pytest.fixture
def folder(tmp_path):
    """A flat plain, a dish, a storm of 36 mm/h, a sewer under the dish."""
    write_raster(tmp_path / "flat.tif", np.full((ROWS, COLUMNS), 12.0))
    rows, columns = np.mgrid[0:ROWS, 0:COLUMNS]
    write_raster(tmp_path / "dish.tif", 11.5 + 0.002 * ((rows - 15) ** 2 + (columns - 15) ** 2))
    lines(tmp_path / "rain.csv", "time_s,intensity_mm_h", "0,36")
    lines(tmp_path / "net.inp", SEWER)
    return tmp_path


def flood(folder, *words, terrain="flat.tif", duration=60, json_too=True):
    arguments = ["--terrain", folder / terrain, "--duration", duration, "--out", folder / "out.zarr", "--threads", 1]
    words = ("flood", *arguments, *words, *(["--json"] if json_too else []))
    return CliRunner().invoke(_app, [str(word) for word in words])


def figures(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout.strip().splitlines()[-1])


def refusal(result):
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    return " ".join(result.stderr.split())


def table(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("precision", "bar"), [("f32", 1e-6), ("f64", 1e-12)])
@pytest.mark.parametrize("scheme", ["fv2", "fv1", "inertia"])
def test_the_balance_closes_with_soil_hollows_sewer_and_assumed_sewer_at_once(folder, precision, bar, scheme):
    words = ["--rain", folder / "rain.csv", "--soil", "green_ampt,conductivity_mm_h=1,suction_mm=50,deficit=0.05",
             "--depression-storage", 1.5, "--drains", folder / "net.inp", "--sink-capacity", 4,
             "--scheme", scheme, "--precision", precision]  # fmt: skip
    found = figures(flood(folder, *words, terrain="dish.tif", duration=600))
    volume = found["ledger_m3"]
    assert found["mass_error"] <= bar
    for name in ("volume_infiltrated", "volume_depression", "volume_sink", "volume_inlets", "volume_outfall"):
        assert volume[name] > 0, name
    assert set(volume) <= set(QUANTITIES)
    assert found["volume_rain_m3"] == pytest.approx(0.006 * AREA, rel=1e-12)
    # the balance, added up here
    there = found["volume_out_m3"] + found["volume_stored_m3"] + found["volume_held_m3"]
    assert there == pytest.approx(found["volume_initial_m3"] + found["volume_in_m3"], rel=max(bar, 1e-12))


def test_the_object_tells_how_the_result_was_made(folder):
    found = figures(flood(folder, "--rain", folder / "rain.csv", "--soil", "constant,conductivity_mm_h=3"))
    assert found["soil"] == "constant"
    assert found["shortest_step_s"] > 0
    assert WEST < found["shortest_step_x"] < WEST + COLUMNS * CELL
    result = xr.open_dataset(folder / "out.zarr", engine="zarr")
    assert {"duration_10", "duration_25", "duration_50", "max_unit_discharge"} <= set(result)
    assert result.attrs["ledger_m3"] == found["ledger_m3"]
    assert result.attrs["remarks"]["soil"] == "constant"


def test_people_see_every_account_in_words(folder):
    result = flood(folder, "--rain", folder / "rain.csv", "--sink-capacity", 4, "--soil",
                   "constant,conductivity_mm_h=3", json_too=False)  # fmt: skip
    assert result.exit_code == 0, result.output
    for words in ("infiltrated volume", "assumed sewer", "shortest step", "error of the balance"):
        assert words in result.stderr
    assert "assumption: an unknown sewer" in result.stderr


def test_everything_can_be_compiled_beforehand():
    compile_everything("f32")


@pytest.mark.parametrize(
    ("law", "mm"),
    [
        ("constant,conductivity_mm_h=18", 18.0),
        # Green-Ampt without suction takes in what it conducts
        ("green_ampt,conductivity_mm_h=18,suction_mm=0,deficit=0.3", 18.0),
        # Horton (1941): f = fc + (f0 - fc) exp(-k t), all of it below the 36 mm/h that fall: over an hour,
        # 10 + 20 (1 - exp(-2)) / 2
        ("horton,initial_mm_h=30,final_mm_h=10,decay_per_h=2", 10 + 10 * (1 - np.exp(-2))),
        # NEH part 630 chapter 10: P = 36 mm, S = 25400 / 80 - 254 = 63.5 mm, Q = (P - 0.2 S)² / (P + 0.8 S)
        ("scs_cn,curve_number=80", 36 - (36 - 12.7) ** 2 / (36 + 50.8)),
    ],
)
def test_soils_take_what_their_law_says_in_the_units_of_people(folder, law, mm):
    """One hour of 36 mm/h on a plain: volumes against the closed form, within the span of an exchange."""
    found = figures(flood(folder, "--rain", folder / "rain.csv", "--soil", law, "--scheme", "fv1", duration=3600))
    assert found["ledger_m3"]["volume_infiltrated"] == pytest.approx(mm / 1000 * AREA, rel=2e-3)


def test_a_raster_and_a_cover_give_soil_cell_by_cell(folder):
    """Half the plain conducts 18 mm/h, half nothing; by raster, and by codes with a table of one's own."""
    _, columns = np.mgrid[0:ROWS, 0:COLUMNS]
    rate = write_raster(folder / "rate.tif", np.where(columns < 20, 18.0, 0.0))
    by_raster = figures(flood(folder, "--rain", folder / "rain.csv", "--soil", f"constant,conductivity_mm_h={rate}"))
    cover = write_raster(folder / "cover.tif", np.where(columns < 20, 7.0, 3.0))
    own = lines(folder / "own.csv", "code,conductivity_mm_h", "3,0", "7,18")
    soil = f"constant,cover={cover},table={own}"
    by_code = figures(flood(folder, "--rain", folder / "rain.csv", "--soil", soil))
    expected = 18 / 3.6e6 * 60 * AREA / 2
    assert by_raster["ledger_m3"]["volume_infiltrated"] == pytest.approx(expected, rel=1e-5)
    assert by_code["ledger_m3"]["volume_infiltrated"] == pytest.approx(expected, rel=1e-5)
    inputs = xr.open_dataset(folder / "out.zarr", engine="zarr").attrs["inputs"]
    assert {str(cover), str(own)} <= set(inputs)


def test_a_cover_without_a_table_takes_the_twins_own_soils(folder):
    """Code 5 is lawn on silt loam: 6.5 mm/h (Rawls 1983); asphalt, code 1, is sealed."""
    _, columns = np.mgrid[0:ROWS, 0:COLUMNS]
    cover = write_raster(folder / "cover.tif", np.where(columns < 10, 5.0, 1.0))
    found = figures(flood(folder, "--rain", folder / "rain.csv", "--soil", f"constant,cover={cover}"))
    assert found["ledger_m3"]["volume_infiltrated"] == pytest.approx(6.5 / 3.6e6 * 60 * AREA / 4, rel=5e-3)


def test_hollows_hold_their_depth_and_the_assumed_sewer_its_rate(folder):
    """0.6 mm fall in a minute: hollows of 0.2 mm fill up; what is left loses 12 mm/h where it stands."""
    found = figures(flood(folder, "--rain", folder / "rain.csv", "--depression-storage", 0.2))
    assert found["ledger_m3"]["volume_depression"] == pytest.approx(0.0002 * AREA, rel=1e-5)
    found = figures(flood(folder, "--rain", folder / "rain.csv", "--sink-capacity", 12))
    assert found["ledger_m3"]["volume_sink"] == pytest.approx(12 / 3.6e6 * 60 * AREA, rel=1e-3)
    # the floor of the on-plot rule, 25 mm in the hour of ten years, is what T=10 stands for
    ten = figures(flood(folder, "--rain", folder / "rain.csv", "--sink-capacity", "T=10"))
    assert ten["ledger_m3"]["volume_sink"] == pytest.approx(25 / 3.6e6 * 60 * AREA, rel=1e-3)


def test_a_sewer_leaves_tables_of_its_nodes_and_conduits(folder):
    words = ["--rain", folder / "rain.csv", "--drains", folder / "net.inp"]
    result = flood(folder, *words, terrain="dish.tif", duration=600)
    found = figures(result)
    assert "junctions taken: 2" in result.stderr
    assert "has no inlets; each of the 2 junctions gets two gullies" in " ".join(result.stderr.split())
    assert (found["drains"]["nodes"], found["drains"]["conduits"], found["drains"]["inlets"]) == (3, 2, 2)
    assert found["drains"]["inlets_assumed"]
    nodes, conduits = table(folder / "out.nodes.csv"), table(folder / "out.conduits.csv")
    assert [row["node"] for row in nodes] == ["A", "B", "O"]
    assert [(row["conduit"], row["from"], row["to"]) for row in conduits] == [("P1", "A", "B"), ("P2", "B", "O")]
    assert float(conduits[1]["max_flow_m3_s"]) > 0
    series = table(folder / "out.nodes.series.csv")
    assert len(series) == 3 * 11
    assert float(nodes[0]["max_head_m"]) >= max(float(row["head_m"]) for row in series if row["node"] == "A")
    assert set(table(folder / "out.conduits.series.csv")[0]) == {
        "time_s", "conduit", "flow_m3_s", "velocity_m_s", "filling",
    }  # fmt: skip
    assert [str(folder / f"out.{one}.csv") for one in ("nodes", "conduits")] == found["tables"][:2]


def test_blocked_inlets_let_nothing_in(folder):
    words = ["--rain", folder / "rain.csv", "--drains", folder / "net.inp"]
    clear, half, none = (
        figures(flood(folder, *words, "--blocked", part, terrain="dish.tif", duration=600))["ledger_m3"][
            "volume_inlets"
        ]
        for part in (0, 0.9, 1)
    )
    assert clear > half > none == 0.0


def test_roofs_drain_to_the_sewer_if_asked(folder):
    square = [[148012, 170012], [148022, 170012], [148022, 170022], [148012, 170022], [148012, 170012]]
    house = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [square]}}
    (folder / "house.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [house]}))
    words = ["--rain", folder / "rain.csv", "--drains", folder / "net.inp", "--buildings", folder / "house.geojson"]
    kept = figures(flood(folder, *words, terrain="dish.tif"))
    led = figures(flood(folder, *words, "--downpipes", 40, terrain="dish.tif"))
    assert "volume_roofs_to_drains" not in kept["ledger_m3"]
    assert led["drains"]["roofs_to_drains"] == 1
    assert led["ledger_m3"]["volume_roofs_to_drains"] == pytest.approx(100 * 0.0006, rel=1e-6)
    assert led["volume_in_m3"] == pytest.approx(kept["volume_in_m3"], rel=1e-9)


def test_a_mistake_in_a_network_names_its_line(folder):
    lines(folder / "bad.inp", SEWER.replace("P2 B O 30", "P2 B X 30"))
    text = refusal(flood(folder, "--drains", folder / "bad.inp"))
    assert "bad.inp, line 10: [CONDUITS] P2" in text
    assert "'X' that is not in the file" in text
    assert not (folder / "out.zarr").exists()


def test_a_network_of_another_place_is_refused(folder):
    lines(folder / "far.inp", re.sub(r"148(\d\d\d) ", r"151\1 ", SEWER))
    assert "the terrain at x 148000 to 148080" in refusal(flood(folder, "--drains", folder / "far.inp"))


def test_a_network_of_another_datum_is_said(folder):
    high = SEWER.replace("A 9.0", "A 29.0").replace("B 8.8", "B 28.8").replace("O 8.5", "O 28.5")
    lines(folder / "high.inp", high)
    result = flood(folder, "--drains", folder / "high.inp")
    assert figures(result)["drains"]["inverts_above_ground"] == 2
    assert "above the same datum?" in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--soil", "clay"], "must begin with one of none, constant, green_ampt, horton, scs_cn, got 'clay'"),
        (["--soil", "green_ampt,conductivity_mm_h=5"], "suction_mm, deficit is missing"),
        (["--soil", "constant,suction_mm=5"], "'suction_mm' is no parameter of this law; it takes conductivity_mm_h"),
        (["--soil", "constant,5"], "expected name=value, got '5'"),
        (["--soil", "constant,conductivity_mm_h=-5"], "--soil conductivity_mm_h must be a number of 0 or more"),
        (["--soil", "none,conductivity_mm_h=5"], "it takes nothing"),
        (["--soil", "constant,table=x.csv"], "so cover=RASTER must say which code is where"),
        (["--sink-capacity", "T=1000"], "between 2 and 100 years"),
        (["--sink-capacity", "T=ten"], "needs a number of years"),
        (["--depression-storage", "-1"], "--depression-storage must be a number of 0 or more"),
        (["--drains", "none.inp"], "no such file; give a SWMM 5 .inp"),
        (["--blocked", "0.5"], "give one with --drains"),
        (["--blocked", "2"], "0 (clear) to 1 (blocked), got 2"),
        (["--rain", "design:T=10"], "duration_s: Field required"),
        (["--rain", "design:T=10,duration=3600,colour=1"], "'colour' is none of T, duration"),
        (["--rain", "design:T=ten,duration=3600"], "T must be a number, got 'ten'"),
        (["--rain", "design:T=50,duration=3600"], "50 years is outside the table"),
        (["--rain", "event:noah"], "there are uccle_2021_07_15"),
        (["--rain", "none.nc"], "no such file"),
        (["--checkpoint-every", "0"], "positive number of seconds"),
        (["--resume"], "only a run with --checkpoint-every that was stopped leaves one"),
    ],
)
def test_bad_words_are_refused_with_the_remedy(folder, words, expected):
    assert expected in refusal(flood(folder, *words))
    assert not (folder / "out.zarr").exists()


def test_a_design_storm_and_an_event_fall_as_their_figures_say(folder):
    """The sourced ten-year hour has 25 mm (0.4166… in a minute); 58.9 mm of 15 July 2021 are spread over the day."""
    storm = figures(flood(folder, "--rain", "design:T=10,duration=3600,climate=1.2"))
    assert storm["volume_rain_m3"] == pytest.approx(1.2 * 0.025 / 60 * AREA, rel=1e-9)
    event = flood(folder, "--rain", "event:uccle_2021_07_15")
    assert figures(event)["volume_rain_m3"] == pytest.approx(0.0589 / 1440 * AREA, rel=1e-9)
    assert "spread evenly over their time (assumption)" in " ".join(event.stderr.split())


def test_a_field_of_rain_falls_where_it_is_and_beside_an_inflow(folder):
    """72 mm/h in the west half for 30 s, nothing after; the inflow has times of its own."""
    x = WEST + CELL * (np.arange(COLUMNS) + 0.5)
    y = SOUTH + CELL * (np.arange(ROWS) + 0.5)
    rate = np.zeros((2, ROWS, COLUMNS))
    rate[0, :, : COLUMNS // 2] = 72.0
    field = xr.DataArray(rate, dims=("time", "y", "x"), coords={"time": [0.0, 30.0], "y": y, "x": x})
    field.assign_attrs(units="mm h-1").to_dataset(name="rainfall_rate").to_netcdf(folder / "r.nc", engine="scipy")
    river = lines(folder / "q.csv", "time_s,discharge_m3_s", "5,0.5", "15,0.5")
    found = figures(flood(folder, "--rain", folder / "r.nc", "--inflow", f"{WEST + 61},{SOUTH + 31},{river}"))
    assert found["volume_rain_m3"] == pytest.approx(0.0006 * AREA / 2, rel=1e-6)
    assert found["volume_inflow_m3"] == pytest.approx(5.0, rel=1e-6)
    depth = xr.open_zarr(folder / "out.zarr").max_water_depth
    assert float(depth[:, 5].min()) > 0
    assert str(folder / "r.nc") in xr.open_dataset(folder / "out.zarr", engine="zarr").attrs["inputs"]


def test_a_geotiff_of_rain_needs_the_length_of_its_steps(folder):
    """36 mm/h for 30 s, then 72 mm/h for 30 s, in cells that reach beyond the terrain."""
    bands = np.stack([np.full((3, 3), 36.0), np.full((3, 3), 72.0)])
    place = Affine(100, 0, WEST - 100, 0, -100, SOUTH + 200)
    path = folder / "radar.tif"
    with rasterio.open(
        path, "w", driver="GTiff", height=3, width=3, count=2, dtype="float64", crs="EPSG:31370", transform=place
    ) as file:
        file.write(bands)
    found = figures(flood(folder, "--rain", f"{path},step_s=30"))
    assert found["volume_rain_m3"] == pytest.approx(0.0009 * AREA, rel=1e-6)
    assert "give step_s" in refusal(flood(folder, "--rain", path))
    assert "'steps' is none of step_s" in refusal(flood(folder, "--rain", f"{path},steps=30"))


def test_gauges_of_rain_are_a_field_too(folder):
    rain = lines(folder / "g.csv", "time_s,x,y,rate", f"0,{WEST},{SOUTH},36", f"60,{WEST},{SOUTH},36")
    found = figures(flood(folder, "--rain", rain))
    assert found["volume_rain_m3"] == pytest.approx(0.0006 * AREA, rel=1e-6)


def test_screening_says_so_and_where_it_was_too_fast(folder):
    """A slope of one in five makes thin fast water everywhere: beyond Froude 0.8; still water is not."""
    _, columns = np.mgrid[0:ROWS, 0:COLUMNS]
    write_raster(folder / "steep.tif", 50 - 0.4 * columns)
    words = ["--scheme", "inertia", "--initial-depth", 0.05, "--manning", 0.015]
    fast = flood(folder, *words, "--boundary", "open", terrain="steep.tif")
    found = figures(fast)
    assert found["screening_exceeded"]
    assert "reached a Froude number of 0.8" in " ".join(fast.stderr.split())
    still = flood(folder, *words)
    assert not figures(still)["screening_exceeded"]
    assert "is for screening" in still.stderr
    assert "Froude" not in still.stderr


def test_a_wall_in_pieces_with_a_crest_of_its_own_holds_up_to_it(folder):
    """0.5 m of water on ground at 12 m: a crest at 12.6 m holds it, at 12.2 m lets some over, at 11 m is none."""
    _, columns = np.mgrid[0:ROWS, 0:COLUMNS]
    depth = write_raster(folder / "depth.tif", np.where(columns < 20, 0.5, 0.0))
    pieces = [[[WEST + 40, SOUTH], [WEST + 40, SOUTH + 30]], [[WEST + 40, SOUTH + 30], [WEST + 40, SOUTH + 60]]]

    def behind(**properties):
        wall = {"type": "Feature", "properties": properties,
                "geometry": {"type": "MultiLineString", "coordinates": pieces}}  # fmt: skip
        (folder / "wall.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [wall]}))
        figures(flood(folder, "--initial-depth", depth, "--walls", folder / "wall.geojson"))
        return float(xr.open_zarr(folder / "out.zarr").max_water_depth.sel(x=WEST + 51, y=SOUTH + 31))

    assert behind(crest_m=12.6) == 0.0
    assert 0.01 < behind(crest_m=12.2) < behind(crest_m=11.0)
    assert behind(height_m=0.6) == 0.0


def _hears_ctrl_c():
    """A process started in the background of a shell ignores Ctrl-C, and so would its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_run_goes_on_to_the_very_same_result(folder, how, request):
    """Stopped once its first checkpoint is there; frames, tables and figures equal the uninterrupted run's."""
    gauges = lines(folder / "points.csv", "name,x,y", f"deep,{WEST + 31},{SOUTH + 31}")
    words = ["--terrain", folder / "dish.tif", "--rain", folder / "rain.csv", "--drains", folder / "net.inp",
             "--soil", "green_ampt,conductivity_mm_h=5,suction_mm=110,deficit=0.2", "--duration", 4000,
             "--output-every", 50, "--gauges", gauges, "--threads", 1, "--json", "--checkpoint-every", 200]  # fmt: skip
    whole = CliRunner().invoke(_app, [str(word) for word in ("flood", *words, "--out", folder / "whole.zarr")])
    assert not (folder / "whole.checkpoint.npz").exists()
    words = [str(word) for word in (*words, "--out", folder / "out.zarr")]
    run = subprocess.Popen(
        [sys.executable, "-c", "from viewer.cli import main; main()", "flood", *words],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=os.getcwd(), preexec_fn=_hears_ctrl_c,
    )  # fmt: skip
    request.addfinalizer(run.kill)
    kept, waited = folder / "out.checkpoint.npz", time.monotonic() + 120
    while not kept.exists():
        assert run.poll() is None, run.stderr.read().decode()
        assert time.monotonic() < waited
        time.sleep(0.01)
    run.send_signal(how)
    said = " ".join(run.communicate(timeout=60)[1].decode().split())
    assert run.returncode == (1 if how == signal.SIGINT else -how), said
    assert ("--resume goes on from it" in said) == (how == signal.SIGINT)
    assert not (folder / "out.zarr").exists()
    other = CliRunner().invoke(_app, ["flood", *words, "--resume", "--scheme", "fv1"])
    assert "scheme was 'fv2' and is 'fv1'" in refusal(other)
    found = figures(CliRunner().invoke(_app, ["flood", *words, "--resume"]))
    assert found["resumed_at_s"] >= 200
    assert found["ledger_m3"] == figures(whole)["ledger_m3"]
    xr.testing.assert_identical(
        xr.open_zarr(folder / "out.zarr").load().drop_attrs(), xr.open_zarr(folder / "whole.zarr").load().drop_attrs()
    )
    for kind in ("gauges", "nodes", "nodes.series", "conduits.series"):
        assert (folder / f"out.{kind}.csv").read_bytes() == (folder / f"whole.{kind}.csv").read_bytes(), kind
    assert not kept.exists()
    assert not list(folder.glob(".out*"))


def test_a_run_stopped_without_checkpoints_keeps_nothing_and_says_how_to(folder, request):
    words = ["--terrain", folder / "flat.tif", "--duration", 1e7, "--output-every", 100, "--out", folder / "out.zarr",
             "--initial-depth", 0.1]  # fmt: skip
    run = subprocess.Popen(
        [sys.executable, "-c", "from viewer.cli import main; main()", "flood", *map(str, words)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=os.getcwd(), preexec_fn=_hears_ctrl_c,
    )  # fmt: skip
    request.addfinalizer(run.kill)
    waited = time.monotonic() + 120
    while not list(folder.glob(".out.zarr.*/water_depth")):
        assert run.poll() is None
        assert time.monotonic() < waited
        time.sleep(0.05)
    run.send_signal(signal.SIGINT)
    said = " ".join(run.communicate(timeout=60)[1].decode().split())
    assert run.returncode == 1, said
    assert "nothing of this run is kept; --checkpoint-every keeps where a run stood" in said
    assert not list(folder.glob(".out*"))
