"""From edits to ledgers: what soil, works and sewers take in a whole run, against what they could take at most."""

import pytest

from scenarios.engine import simulate
from scenarios.scenario import Scenario
from twin.rainfall import sewer_design_rate
from twin.store import Store

DRY = {"soil": {"law": "none"}, "sewers": {"kind": "none"}}
ALL = [[149_000, 172_000], [149_060, 172_000], [149_060, 172_060], [149_000, 172_060]]


@pytest.fixture
def run(tmp_path, document_of):
    def go(city, **changes):
        # 60 mm/h for ten minutes on 60 m by 60 m: 36 m3, of which 2 m3 on the two roofs
        document = document_of(
            kernels=["flood"],
            period={"start": "2021-07-15T12:00:00Z", "duration_s": 900, "output_every_s": 900},
            forcing={"rain": {"kind": "block", "intensity_mm_h": 60, "duration_s": 600}},
            **(DRY | changes),
        )
        result = simulate(city, Scenario.read(document), store=Store(tmp_path))
        closure = result.manifest["closure"]["flood"]
        assert closure["error"] < 1e-6
        assert closure["ledger"]["volume_rain"] + closure["ledger"].get("volume_roofs_rain", 0) == pytest.approx(36.0)
        return closure["ledger"]

    return go


def test_dry_soil_takes_more_than_wet_soil_and_none_takes_nothing(city, run):
    taken = [
        run(city, soil={"law": "green_ampt", "moisture": moisture})["volume_infiltrated"]
        for moisture in (0.2, 0.5, 0.9)
    ]
    assert taken == sorted(taken, reverse=True)
    assert 0 < taken[-1] < taken[0] < 36
    assert run(city).get("volume_infiltrated", 0.0) == 0.0


@pytest.mark.parametrize("law", ["horton", "scs_cn", "constant"])
def test_every_law_that_a_document_offers_takes_water(city, run, law):
    assert 0 < run(city, soil={"law": law})["volume_infiltrated"] < 36


def test_an_assumed_sewer_takes_at_most_its_rate_and_nothing_where_it_is_blocked(city, run):
    sink = {"sewers": {"kind": "sink", "return_period_years": 20}}
    taken = run(city, **sink)["volume_sink"]
    assert 0 < taken <= sewer_design_rate(20) * 3600 * 900
    half, none = (
        run(city, **sink, edits=[{"edit": "block_drain", "id": "x", "polygon": ALL, "blocked": part}])
        for part in (0.5, 1.0)
    )
    assert half["volume_sink"] < taken
    assert none.get("volume_sink", 0.0) == 0.0


def test_the_pipe_of_a_basin_takes_at_most_its_flow(city, run):
    basin = {"edit": "basin", "id": "b", "depth_m": 1, "outlet": "slow_drain", "drain_l_s": 2,
             "polygon": [[149_050, 172_001], [149_056, 172_001], [149_056, 172_059], [149_050, 172_059]]}  # fmt: skip
    taken = run(city, edits=[basin])["volume_sink"]
    assert 0.5 < taken <= 0.002 * 900


def test_works_drink_into_their_own_ledger(city, run):
    swale = {"edit": "swale", "id": "s", "line": [[149_030, 172_001], [149_030, 172_059]], "width_m": 4}
    found = run(city, edits=[swale])
    assert found["volume_layers_held"] + found["volume_layers_infiltrated"] > 0.5
    assert "volume_layers_held" not in run(city)


def test_green_roofs_keep_their_rain(city, run):
    # 2 m3 fall on two roofs of 100 m2: 10 mm, less than ten centimetres of substrate can hold
    found = run(city, edits=[{"edit": "green_roof", "id": "g", "buildings": ["house-a", "house-b"]}])
    assert found["volume_roofs_rain"] == pytest.approx(2.0, rel=1e-6)
    assert found["volume_roofs_held"] > 1.0


def test_a_network_takes_water_through_inlets_and_downpipes(sewered, run):
    found = run(sewered, sewers={"kind": "network"})
    assert found["volume_roofs_to_drains"] == pytest.approx(2.0, rel=0.05)
    assert found["volume_inlets"] > 0
    blocked = run(sewered, sewers={"kind": "network"}, edits=[{"edit": "block_drain", "id": "x", "polygon": ALL}])
    assert blocked["volume_inlets"] == 0
