"""What drives a run: kinds of rain, rivers and levels, and that none changes another."""

import hashlib

import numpy as np
import pytest
import xarray as xr

from kernels.flood.kernel import Flood
from kernels.quantities import attrs
from scenarios.attached import FOLDER
from scenarios.forcing import Forcing, as_forcing, forcing_of, mean_rain_depth, rain_depth
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario, json_schema
from twin.rasterise import Grid

GRID = Grid(149_000.0, 172_000.0, 30, 30, 2.0)

CELL = {
    "kind": "moving_cell", "peak_mm_h": 60, "radius_m": 40, "start": [149_000, 172_030], "speed_m_s": 0.5,
    "direction_deg": 90, "duration_s": 120, "step_s": 30,
}  # fmt: skip


def read(**forcing) -> Forcing:
    return Forcing.model_validate(forcing)


@pytest.fixture
def inputs(tmp_path, monkeypatch):
    folder = tmp_path / "inputs"
    folder.mkdir()
    monkeypatch.setenv(FOLDER, str(folder))
    return folder


def write_idf(folder, name="idf.csv", first=8):
    (folder / name).write_text(f"# unit: mm\nduration_min,10\n10,{first}\n60,20\n1440,60\n", encoding="utf-8")


def write_field(folder, name="rain.csv", rate=10):
    text = f"time_s,x,y,rate\n0,149010,172030,{rate}\n0,149050,172030,20\n60,149010,172030,0\n60,149050,172030,0\n"
    (folder / name).write_text(text, encoding="utf-8")
    return hashlib.sha256(text.encode()).hexdigest()


def test_documents_from_before_read_as_ever():
    one = read(rain={"kind": "block", "intensity_mm_h": 36, "duration_s": 20})
    assert one.rain.steps() == ((0.0, 36.0), (20.0, 0.0))
    assert one.identity() == {}
    xr.testing.assert_identical(forcing_of(one, one.rain.steps(), GRID), as_forcing(one.rain.steps()))
    assert not forcing_of(read(), (), GRID)


def test_the_sourced_design_storm_of_two_years_has_the_hour_of_the_figures():
    steps = read(rain={"kind": "design", "return_period_years": 2, "duration_s": 6 * 3600}).rain.steps()
    assert max(rate for _, rate in steps) == pytest.approx(15.9)
    # six hours, by the straight line between 15.9 mm in 1 h and 40.8 mm in 24 h on log-log axes
    depth = 15.9 * 6 ** (np.log(40.8 / 15.9) / np.log(24))
    assert rain_depth(steps, 86400) == pytest.approx(depth)


def test_the_climate_factor_and_the_start_of_a_design_storm_are_its_own():
    plain = {"kind": "design", "return_period_years": 10, "duration_s": 3600, "idf": "sourced"}
    steps = read(rain=plain | {"climate_factor": 1.2, "start_s": 600}).rain.steps()
    assert steps == ((600.0, pytest.approx(30.0)), (4200.0, 0.0))


def test_a_table_of_the_user_is_found_by_its_name_in_the_folder_of_inputs(inputs):
    write_idf(inputs)
    rain = {"kind": "design", "return_period_years": 10, "duration_s": 3600, "idf": {"file": "idf.csv"}}
    steps = read(rain=rain).rain.steps()
    assert max(rate for _, rate in steps) == pytest.approx(8 * 6)
    assert rain_depth(steps, 3600) == pytest.approx(20)


def test_the_digest_depends_on_the_table_and_not_on_its_name(city, bucket, document_of, inputs):
    def digest(name):
        rain = {"kind": "design", "return_period_years": 10, "duration_s": 3600, "idf": {"file": name}}
        return Scenario.read(document_of(forcing={"rain": rain})).digest(city, [bucket])

    write_idf(inputs, "one.csv")
    write_idf(inputs, "same.csv")
    write_idf(inputs, "other.csv", first=9)
    assert digest("one.csv") == digest("same.csv") != digest("other.csv")


def test_a_design_storm_reads_back_from_its_one_spelling(document_of):
    rain = {"kind": "design", "return_period_years": 10, "duration_s": 3600}
    for idf in ("sourced", {"file": "idf.csv"}):
        one = Scenario.read(document_of(forcing={"rain": rain | {"idf": idf}}))
        assert one.canonical()["forcing"]["rain"]["idf"] == idf
        assert Scenario.read(one.canonical()).canonical() == one.canonical()


@pytest.mark.parametrize(
    ("rain", "place", "words"),
    [
        ({"kind": "design", "return_period_years": 2, "duration_s": 1800}, "forcing.rain", "extrapolated|whole number"),
        ({"kind": "design", "return_period_years": 50, "duration_s": 3600}, "forcing.rain", "outside the table"),
        ({"kind": "design", "return_period_years": 2, "duration_s": 3600, "idf": {"file": "none.csv"}},
         "forcing.rain.idf.file", "there is no file"),
    ],
)  # fmt: skip
def test_a_design_storm_that_cannot_be_made_is_named_by_its_place(city, document_of, inputs, rain, place, words):
    with pytest.raises(ScenarioError, match=words) as caught:
        Scenario.read(document_of(forcing={"rain": rain})).situation(city)
    assert caught.value.place == place


@pytest.mark.parametrize(
    ("forcing", "pointer", "words"),
    [
        ({"rain": {"kind": "event", "event": "ark"}}, "/forcing/rain/event", "uccle_2021_07_15"),
        ({"rain": {"kind": "design", "return_period_years": 2, "duration_s": 60, "idf": "mine"}},
         "/forcing/rain/idf", "sourced"),
        ({"rain": {"kind": "design", "return_period_years": 2, "duration_s": 60, "idf": {"sha256": "0" * 64}}},
         "/forcing/rain/idf", "of no file"),
        ({"rain": {"kind": "field", "file": "../x.nc", "sha256": "0" * 64}}, "/forcing/rain/file", "relative"),
        ({"rain": {"kind": "field", "file": "/x.nc", "sha256": "0" * 64}}, "/forcing/rain/file", "relative"),
        ({"rain": {"kind": "field", "file": "x.nc"}}, "/forcing/rain/sha256", "required"),
        ({"rain": {"kind": "hail"}}, "/forcing/rain", "hail"),
        ({"rivers": [{"x": 1, "y": 1, "time_s": [0, 1], "discharge_m3_s": [1]}]}, "/forcing/rivers[0]", "as many"),
        ({"rivers": [{"x": 1, "y": 1, "time_s": [0], "discharge_m3_s": [-1]}]},
         "/forcing/rivers/0/discharge_m3_s/0", "0"),
        ({"stages": [{"side": "up", "time_s": [0], "level_m": [1]}]}, "/forcing/stages/0/side", "west"),
        ({"stages": [{"side": "west", "time_s": [0], "level_m": [1]}] * 2}, "/forcing", "one level"),
        ({"stages": [{"side": "west", "time_s": [1, 0], "level_m": [1, 2]}]}, "/forcing/stages/0", "increase"),
    ],
)  # fmt: skip
def test_a_wrong_forcing_is_refused_with_its_place(document_of, forcing, pointer, words):
    with pytest.raises(ScenarioError, match=words) as caught:
        Scenario.read(document_of(forcing=forcing))
    assert caught.value.pointer == pointer.replace("[", "/").replace("]", "")


def test_the_day_of_july_2021_brings_its_total():
    # GHCN-Daily, Uccle: 58.9 mm on 15 July 2021
    steps = read(rain={"kind": "event", "event": "uccle_2021_07_15"}).rain.steps()
    assert rain_depth(steps, 86400) == pytest.approx(58.9)
    assert rain_depth(steps, 10 * 86400) == pytest.approx(58.9)


def test_a_field_is_known_by_its_bytes_not_by_its_name(city, bucket, document_of, inputs):
    def digest(name, sha256):
        rain = {"kind": "field", "file": name, "sha256": sha256}
        return Scenario.read(document_of(forcing={"rain": rain})).digest(city, [bucket])

    first = write_field(inputs)
    other = write_field(inputs, "other.csv", rate=11)
    assert digest("rain.csv", first) == digest("elsewhere.csv", first) != digest("other.csv", other)
    rain = read(rain={"kind": "field", "file": "other.csv", "sha256": first})
    with pytest.raises(ScenarioError, match="the document means") as caught:
        forcing_of(rain, (), GRID)
    assert caught.value.place == "forcing.rain.file"


def test_a_field_falls_on_the_cells_unless_an_edit_replaces_the_rain(inputs):
    rain = read(rain={"kind": "field", "file": "rain.csv", "sha256": write_field(inputs), "interpolation": "nearest"})
    found = forcing_of(rain, (), GRID)
    assert found["rainfall_rate"].dims == ("time", "y", "x")
    # half of the cells have 10 mm/h, half 20 mm/h, for a minute
    assert mean_rain_depth(found, 3600) == pytest.approx(15 / 60, rel=1e-6)
    stormed = forcing_of(rain, ((0.0, 36.0), (20.0, 0.0)), GRID, stormed=True)
    assert stormed["rainfall_rate"].dims == ("time",)
    assert rain.identity(stormed=True) == {}
    assert not forcing_of(rain, (), GRID, stormed=True)


def test_a_moving_cell_is_told_apart_by_everything_it_has(city, bucket, document_of):
    digests = {
        Scenario.read(document_of(forcing={"rain": CELL | change})).digest(city, [bucket])
        for change in ({}, {"peak_mm_h": 61}, {"direction_deg": 91}, {"step_s": 20})
    }
    assert len(digests) == 4


def test_rivers_and_levels_change_the_digest(city, bucket, document_of):
    river = {"x": 149_003, "y": 172_003, "time_s": [0, 60], "discharge_m3_s": [0, 1]}
    level = {"side": "west", "time_s": [0], "level_m": [21]}
    found = {
        Scenario.read(document_of(forcing=forcing)).digest(city, [bucket])
        for forcing in ({}, {"rivers": [river]}, {"rivers": [river | {"x": 149_005}]}, {"stages": [level]})
    }
    assert len(found) == 4


def test_on_one_axis_of_time_nothing_changes_another():
    # a block of rain, a hydrograph that jumps at both ends, a constant inflow, a level that rises
    forcing = read(
        rain={"kind": "block", "intensity_mm_h": 36, "duration_s": 50},
        rivers=[
            {"x": 149_001, "y": 172_002, "time_s": [10, 30], "discharge_m3_s": [2, 4]},
            {"x": 149_003, "y": 172_004, "time_s": [0], "discharge_m3_s": [5]},
        ],
        stages=[{"side": "east", "time_s": [0, 100], "level_m": [20, 21]}],
    )
    found = forcing_of(forcing, forcing.rain.steps(), GRID)
    times = found["time"].values
    assert (np.diff(times) > 0).all()

    def linear(name, number, at):
        return np.interp(at, times, found[name].values[:, number])

    assert linear("river_discharge", 0, 9.999) == 0
    assert linear("river_discharge", 0, 10) == 2
    assert linear("river_discharge", 0, 17) == pytest.approx(2.7)
    assert linear("river_discharge", 0, 30) == 4
    assert linear("river_discharge", 0, 30.001) == 0
    assert linear("river_discharge", 1, 5000) == 5
    assert linear("boundary_level", 0, 25) == pytest.approx(20.25)
    assert linear("boundary_level", 0, 1e6) == 21
    entry = np.searchsorted(times, [0, 49.9, 50, 1e5], side="right") - 1
    np.testing.assert_allclose(found["rainfall_rate"].values[entry] * 3.6e6, [36, 36, 0, 0])
    assert found["inflow_x"].values.tolist() == [149_001, 149_003]
    assert found["inflow_y"].values.tolist() == [172_002, 172_004]
    assert found["side"].values.tolist() == ["east"]
    for name in ("rainfall_rate", "river_discharge", "boundary_level"):
        assert found[name].attrs["units"] == attrs(name)["units"]


def test_a_river_outside_the_run_is_named_by_its_place():
    forcing = read(rivers=[{"x": 149_061, "y": 172_030, "time_s": [0], "discharge_m3_s": [1]}])
    with pytest.raises(ScenarioError, match="outside the run") as caught:
        forcing_of(forcing, (), GRID)
    assert caught.value.pointer == "/forcing/rivers/0"


def test_the_schema_lets_a_page_ask_for_the_sourced_table():
    schema = json_schema()["$defs"]["Design"]["properties"]["idf"]
    assert {"const": "sourced"} in schema["anyOf"]


@pytest.fixture
def flat():
    """The flat ground of `GRID`, without a building."""
    return xr.Dataset(
        {"ground_elevation": (("y", "x"), np.zeros((30, 30)), attrs("ground_elevation"))},
        coords={"x": GRID.x, "y": GRID.y},
    )


def ledger_after(seconds, ground, forcing):
    kernel = Flood(boundary="closed", threads=1, precision="f64")
    steps = forcing.rain.steps() if forcing.rain else ()
    state = kernel.prepare(ground, forcing_of(forcing, steps, GRID))
    kernel.advance(state, seconds)
    closure = kernel.closure(state)
    assert closure.error < 1e-12
    return closure.ledger


def test_the_flood_takes_in_what_the_document_pours(flat):
    # a triangle of 20 s that peaks at 1 m3/s is 10 m3; a block of 36 mm/h for 20 s on 3600 m2 is 0.72 m3
    forcing = read(
        rain={"kind": "block", "intensity_mm_h": 36, "duration_s": 20},
        rivers=[{"x": 149_030, "y": 172_030, "time_s": [0, 10, 20], "discharge_m3_s": [0, 1, 0]}],
    )
    found = ledger_after(30.0, flat, forcing)
    assert found["volume_inflow"] == pytest.approx(10.0, rel=1e-12)
    assert found["volume_rain"] == pytest.approx(0.72, rel=1e-12)


def test_a_moving_cell_beside_a_river_brings_its_own_volume(flat):
    river = {"x": 149_030, "y": 172_030, "time_s": [7, 13], "discharge_m3_s": [1, 1]}
    forcing = read(rain=CELL, rivers=[river])
    # the sum of its cells, step by step, in float32; six seconds of 1 m3/s
    rate = forcing.rain.field(GRID)
    volume = float(rate.values[:-1].sum(axis=(1, 2), dtype=float) @ np.diff(rate["time"].values)) * 4.0
    found = ledger_after(130.0, flat, forcing)
    assert found["volume_rain"] == pytest.approx(volume, rel=1e-6)
    assert found["volume_inflow"] == pytest.approx(6.0, rel=1e-9)


def test_a_level_at_a_side_lets_water_in(flat):
    found = ledger_after(10.0, flat, read(stages=[{"side": "west", "time_s": [0], "level_m": [0.5]}]))
    assert found["volume_boundary_in"] > 0
