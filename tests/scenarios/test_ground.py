"""From a document to layers, and to the statements that are true of a run."""

import numpy as np
import pytest

from kernels.quantities import LANGUAGES
from scenarios.assumptions import assumptions
from scenarios.engine import simulate
from scenarios.ground import COUNTED, ground_of_run
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from twin.rainfall import sewer_design_rate
from twin.store import Store

WET = {"start": "2021-07-15T12:00:00Z", "duration_s": 600, "output_every_s": 300}
RAIN = {"rain": {"kind": "block", "intensity_mm_h": 60, "duration_s": 300}}


def ground(city, document):
    scenario = Scenario.read(document)
    return ground_of_run(scenario, scenario.situation(city), scenario.grid(city))


def test_a_document_that_says_nothing_gets_green_ampt_and_sewers_for_ten_years(city, document_of):
    found = ground(city, document_of())
    assert (found["wetting_front_suction"].values > 0).any()
    # the street is 11 m wide with its sidewalks, and the half-sealed courtyards lie in the same shed
    assert float(found["sink_capacity"].max()) > 0.5 * sewer_design_rate(10)


def test_more_years_make_larger_sewers_and_none_make_none(city, document_of):
    taken = [
        float(ground(city, document_of(sewers={"kind": "sink", "return_period_years": years}))["sink_capacity"].sum())
        for years in (5, 10, 20)
    ]
    assert taken == sorted(set(taken))
    assert "sink_capacity" not in ground(city, document_of(sewers={"kind": "none"}))


def test_the_laws_get_the_layers_they_read(city, document_of):
    assert "curve_number" in ground(city, document_of(soil={"law": "scs_cn"}))
    assert "infiltration_decay" in ground(city, document_of(soil={"law": "horton"}))
    assert "curve_number" not in ground(city, document_of())


def test_a_network_that_is_not_there_is_refused_with_the_remedy(city, document_of):
    with pytest.raises(ScenarioError, match="no drain network") as caught:
        ground(city, document_of(sewers={"kind": "network"}))
    assert caught.value.pointer == "/sewers/kind"


def test_a_network_comes_with_its_inlets_and_downpipes(sewered, document_of):
    found = ground(sewered, document_of(sewers={"kind": "network"}))
    assert found["inlet_blockage"].values.tolist() == [0, 0, 0]
    assert found["downpipe_node"].values.tolist() == [0, 2]  # the nearest manhole of each house
    assert "sink_capacity" not in found
    assert "node_rim" not in ground(sewered, document_of())


def test_edits_block_and_clear_the_inlets_of_a_network(sewered, document_of):
    west = [[149_000, 172_000], [149_035, 172_000], [149_035, 172_010], [149_000, 172_010]]
    one = [[149_005, 172_000], [149_015, 172_000], [149_015, 172_010], [149_005, 172_010]]
    edits = [
        {"edit": "block_drain", "id": "a", "polygon": west, "blocked": 0.6},
        {"edit": "clear_drain", "id": "b", "polygon": one},
    ]
    found = ground(sewered, document_of(sewers={"kind": "network"}, edits=edits))
    assert found["inlet_blockage"].values.tolist() == [0, 0.6, 0]


def test_edits_reach_the_layers(city, document_of):
    edits = [
        {"edit": "basin", "id": "b", "depth_m": 1,
         "polygon": [[149_026, 172_030], [149_034, 172_030], [149_034, 172_038], [149_026, 172_038]]},
        {"edit": "green_roof", "id": "g", "buildings": ["house-b"]},
        {"edit": "permeable_paving", "id": "p",
         "polygon": [[149_026, 172_040], [149_034, 172_040], [149_034, 172_048], [149_026, 172_048]]},
    ]  # fmt: skip
    before, after = ground(city, document_of()), ground(city, document_of(edits=edits))
    lower = (before["ground_elevation"] - after["ground_elevation"]).values
    assert (lower > 0.9).sum() == 16
    assert (after["layer_stack"].values >= 0).sum() == 16
    assert after["roof_stack"].values[0] == -1
    assert after["roof_stack"].values[1] >= 0


def test_the_statements_are_those_of_what_was_on(city, bucket, document_of):
    def said(kernels, **changes):
        scenario = Scenario.read(document_of(**changes))
        return " ".join(one["en"] for one in assumptions(scenario, scenario.situation(city), kernels))

    chosen = Scenario.read(document_of(kernels=["flood"])).chosen()
    assert "Soil takes none" in said([bucket()])
    assert "Sewers take none" in said([bucket()])
    assert "Green and Ampt" in said(chosen)
    assert "50% of its pores" in said(chosen)
    assert "Horton" in said(chosen, soil={"law": "horton"})
    assert "once in 5 years" in said(chosen, sewers={"kind": "sink", "return_period_years": 5})
    assert "by statistical sector" in said(chosen)
    assert "Soil takes none" in said(chosen, soil={"law": "none"})
    assert "Sewers take none" in said(chosen, sewers={"kind": "none"})
    sill = [{"edit": "raised_threshold", "id": "t", "buildings": ["house-a"], "height_m": 0.5}]
    assert "threshold an edit raised" in said(chosen, edits=sill)
    assert "threshold an edit raised" not in said(chosen)
    assert "known threshold" not in said(chosen)
    known = city.with_(buildings=city.buildings.assign(threshold=[0.5, np.nan]))
    scenario = Scenario.read(document_of(kernels=["flood"]))
    found = assumptions(scenario, scenario.situation(known), chosen)
    assert any("known threshold" in one["en"] for one in found)


BLOCK = {"kind": "block", "intensity_mm_h": 36, "duration_s": 20}
CELL = {"kind": "moving_cell", "peak_mm_h": 60, "radius_m": 50, "start": [149_030, 172_030], "speed_m_s": 1,
        "direction_deg": 90, "duration_s": 60}  # fmt: skip
EVENT = {"kind": "event", "event": "uccle_2021_07_15", "climate_factor": 1.2}
STORM = {"edit": "storm", "intensity_mm_h": 72, "duration_s": 30}


@pytest.mark.parametrize(
    ("rain", "edits", "here", "not_here"),
    [
        (BLOCK, [], ["chosen freely"], ["synthetic", "evenly"]),
        (CELL, [], ["synthetic"], ["chosen freely"]),
        (EVENT, [], ["spread evenly", "multiplied by 1.2"], ["synthetic", "chosen freely"]),
        (EVENT, [STORM], ["chosen freely"], ["spread evenly", "multiplied"]),
    ],
)
def test_the_rain_is_said_to_be_what_it_is(city, document_of, rain, edits, here, not_here):
    scenario = Scenario.read(document_of(kernels=["flood"], forcing={"rain": rain}, edits=edits))
    found = " ".join(one["en"] for one in assumptions(scenario, scenario.situation(city), scenario.chosen()))
    assert all(words in found for words in here)
    assert not any(words in found for words in not_here)


def test_what_was_done_to_the_inlets_of_a_network_is_said_and_counted(sewered, document_of):
    scenario = Scenario.read(document_of(kernels=["flood"], sewers={"kind": "network"}))
    situation = scenario.situation(sewered)
    ground = ground_of_run(scenario, situation, scenario.grid(sewered))
    # drawn by hand: no roof is further than 50 m from a manhole, each rim is its invert + 3 m, within 50 cm of 20 m
    assert [int(ground.attrs[name]) for name in COUNTED] == [2, 0, 0, 0]
    found = " ".join(one["en"] for one in assumptions(scenario, situation, scenario.chosen(), ground))
    assert "two are assumed at each manhole" in found
    assert "(2 / 2)" in found
    assert "Inlets moved" not in found
    counted = ground.assign_attrs(inlets_moved=3, inlets_left_out=1, rims_off_ground=2)
    found = " ".join(one["en"] for one in assumptions(scenario, situation, scenario.chosen(), counted))
    assert "nearest open cell: 3; left out, beyond the cells of the run: 1" in found
    assert "off the ground: 2" in found
    imported = situation.base.drains.assign_attrs(inlets="file")
    known = scenario.situation(sewered.with_(drains=imported))
    found = " ".join(one["en"] for one in assumptions(scenario, known, scenario.chosen(), ground))
    assert "through its inlets" in found


@pytest.mark.parametrize("law", ["none", "constant", "green_ampt", "horton", "scs_cn"])
@pytest.mark.parametrize("kind", ["none", "sink", "network"])
def test_every_statement_is_there_in_three_languages_and_only_once(sewered, document_of, law, kind):
    dug = {"edit": "swale", "id": "s", "line": [[149_005, 172_040], [149_055, 172_040]], "width_m": 4}
    sill = {"edit": "raised_threshold", "id": "t", "buildings": ["house-a"], "height_m": 0.5}
    scenario = Scenario.read(
        document_of(kernels=["flood"], soil={"law": law}, sewers={"kind": kind}, edits=[dug, sill])
    )
    situation = scenario.situation(sewered)
    found = assumptions(scenario, situation, scenario.chosen())
    for language in LANGUAGES:
        said = [one[language] for one in found]
        assert all(said)
        assert len(set(said)) == len(said)
        assert all(one.endswith(".") for one in said)
    assert any("euros of 2010" in one["en"] for one in found)
    assert any("counts as no flood" in one["en"] for one in found)


def test_a_knob_that_the_document_says_elsewhere_is_refused_among_the_options(document_of):
    scenario = Scenario.read(document_of(kernels=["flood"], options={"flood": {"soil": "none"}}))
    with pytest.raises(ScenarioError) as caught:
        scenario.chosen()
    assert caught.value.place == "options.flood.soil"


def test_a_basin_in_the_path_of_the_water_holds_some_of_it(city, document_of, tmp_path):
    # the plane falls to the east; a basin of 100 m3 near the low side must end up deeper than the plain ever was
    basin = {"edit": "basin", "id": "b", "volume_m3": 100,
             "polygon": [[149_036, 172_030], [149_056, 172_030], [149_056, 172_040], [149_036, 172_040]]}  # fmt: skip
    plain = {"kernels": ["flood"], "period": WET, "forcing": RAIN, "soil": {"law": "none"}, "sewers": {"kind": "none"}}
    without, with_basin = (
        simulate(city, Scenario.read(document_of(**plain, edits=edits)), store=Store(tmp_path))
        for edits in ([], [basin])
    )
    held = np.nansum(with_basin.frame("water_depth")[15:20, 18:28])
    assert held > 5 * np.nansum(without.frame("water_depth")[15:20, 18:28])
    for found in (without, with_basin):
        assert found.manifest["closure"]["flood"]["error"] < 1e-6
        assert "Soil takes none of the rain." in [one["en"] for one in found.manifest["assumptions"]]
