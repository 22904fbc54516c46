"""The smallest basin: found by halving, on a runner whose answer is known and on the flood itself."""

from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pytest

from scenarios.edits import Basin
from scenarios.engine import simulate
from scenarios.problem import Cancelled, EditError, ScenarioError
from scenarios.scenario import Scenario
from scenarios.search import BuildingsTouched, DepthAt, smallest_basin
from twin.store import Store

PLACE = [[149_026, 172_030], [149_034, 172_030], [149_034, 172_038], [149_026, 172_038]]  # 64 m2, at most 640 m3
AWAY = DepthAt(149_050.5, 172_050.5, at_most=0.3)


@dataclass
class Pretended:
    """A result in which the depth is 1 m less a metre for every 400 m3 that the basin holds."""

    volume: float
    manifest: dict = field(default_factory=lambda: {"grid": {"west": 149_000, "south": 172_000, "cell_size": 2.0}})

    @property
    def digest(self):
        return f"{self.volume:g}"

    @property
    def indicators(self):
        return [{"key": "buildings_touched", "value": max(0, 7 - int(self.volume // 100))}]

    def frame(self, name):
        depth = np.full((30, 30), 9.0)
        depth[25, 25] = max(1.0 - self.volume / 400, 0.0)
        depth[5:10, 5:10] = np.nan
        return depth


def pretend(city, scenario):
    basins = [edit for edit in scenario.edits if isinstance(edit, Basin)]
    return Pretended(basins[0].volume_m3 if basins else 0.0)


@pytest.fixture
def scenario(document_of):
    return Scenario.read(document_of(kernels=["flood"]))


def test_the_search_ends_at_the_volume_that_reaches_the_depth(city, scenario):
    # 1 - v / 400 <= 0.3 from v = 280 on
    found = smallest_basin(city, scenario, PLACE, AWAY, run=pretend, tolerance_m3=0.5)
    assert 280.0 <= found.volume_m3 <= 280.0 + found.within_m3
    assert found.within_m3 <= 0.02 * found.volume_m3
    assert found.scenario.edits[-1].volume_m3 == found.volume_m3
    assert [trial.volume_m3 for trial in found.trials[:2]] == [0.0, pytest.approx(640.0)]
    assert min(trial.volume_m3 for trial in found.trials if trial.meets) == found.volume_m3
    for trial in found.trials:
        assert trial.value == pytest.approx(max(1.0 - trial.volume_m3 / 400, 0.0))
        assert trial.meets == (trial.value <= 0.3)
        assert trial.digest == f"{trial.volume_m3:g}"


def test_halving_takes_no_more_trials_than_the_logarithm_of_the_range(city, scenario):
    # from 640 m3 to steps of 2 % of 280 m3: 2 ends and at most log2(640 / 5.6) halvings
    found = smallest_basin(city, scenario, PLACE, AWAY, run=pretend, tolerance_m3=0.5)
    assert len(found.trials) <= 2 + np.ceil(np.log2(640 / 5.6))


def test_buildings_can_be_the_target(city, scenario):
    # 7 less one for each 100 m3: 5 from 200 m3 on
    found = smallest_basin(city, scenario, PLACE, BuildingsTouched(5), run=pretend, largest_m3=400, tolerance_m3=8)
    assert 200.0 <= found.volume_m3 <= 208.0


def test_no_basin_is_needed_where_the_target_is_met(city, scenario):
    found = smallest_basin(city, scenario, PLACE, BuildingsTouched(7), run=pretend)
    assert (found.volume_m3, found.scenario, len(found.trials)) == (0.0, scenario, 1)


def test_a_target_out_of_reach_is_said_with_both_ends_tried(city, scenario):
    found = smallest_basin(city, scenario, PLACE, AWAY, run=pretend, largest_m3=100)
    assert (found.volume_m3, found.scenario) == (None, None)
    assert [trial.volume_m3 for trial in found.trials] == [0.0, 100]


def test_progress_comes_with_every_trial_and_a_stop_is_heeded(city, scenario):
    told = []
    found = smallest_basin(city, scenario, PLACE, AWAY, run=pretend, on_trial=lambda *one: told.append(one))
    assert [trial for _, trial in told] == list(found.trials)
    assert [share for share, _ in told] == sorted(share for share, _ in told)
    assert told[-1][0] <= 1.0
    told.clear()
    stop = {"on_trial": lambda *one: told.append(one), "cancelled": lambda: len(told) == 3}
    with pytest.raises(Cancelled, match="after 3 trials"):
        smallest_basin(city, scenario, PLACE, AWAY, run=pretend, **stop)


def test_the_outlet_of_the_basin_can_be_chosen(city, scenario):
    like = Basin(id="any", polygon=PLACE, depth_m=1, outlet="slow_drain", drain_l_s=12)
    found = smallest_basin(city, scenario, PLACE, AWAY, run=pretend, outlet=like)
    assert (found.scenario.edits[-1].outlet, found.scenario.edits[-1].drain_l_s) == ("slow_drain", 12)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"target": DepthAt(149_030, 172_034, 0.3)}, "in the basin itself"),
        ({"target": DepthAt(149_015, 172_015, 0.3)}, "lies in a building"),
        ({"target": DepthAt(149_090, 172_015, 0.3)}, "outside the grid"),
        ({"tolerance_m3": 0}, "tolerance"),
        ({"largest_m3": -1}, "above 0"),
    ],
)
def test_a_search_that_means_nothing_is_refused(city, scenario, changes, words):
    asked = {"target": AWAY, "run": pretend} | changes
    with pytest.raises(ScenarioError, match=words):
        smallest_basin(city, scenario, PLACE, asked.pop("target"), **asked)


def test_a_basin_that_cannot_be_dug_is_refused_before_the_first_run(city, scenario):
    on_a_house = [[149_012, 172_012], [149_018, 172_012], [149_018, 172_018], [149_012, 172_018]]
    with pytest.raises(EditError, match="house-a"):
        smallest_basin(city, scenario, on_a_house, AWAY, run=pytest.fail)
    with pytest.raises(EditError, match="at most 10 m"):
        smallest_basin(city, scenario, PLACE, AWAY, run=pytest.fail, largest_m3=1000)


def test_a_basin_across_the_slope_keeps_the_ground_below_it_drier(city, document_of, tmp_path):
    # a trench from side to side above the place: what it holds does not arrive there
    document = document_of(
        kernels=["flood"],
        period={"start": "2021-07-15T12:00:00Z", "duration_s": 1200, "output_every_s": 1200},
        forcing={"rain": {"kind": "block", "intensity_mm_h": 100, "duration_s": 600}},
        soil={"law": "none"}, sewers={"kind": "none"},
    )  # fmt: skip
    trench = [[149_051, 172_001], [149_055, 172_001], [149_055, 172_059], [149_051, 172_059]]
    run = partial(simulate, store=Store(tmp_path))
    scenario = Scenario.read(document)
    place = DepthAt(149_057, 172_045, at_most=1.0)
    before = place.value(run(city, scenario))
    target = DepthAt(place.x, place.y, at_most=0.6 * before)
    found = smallest_basin(city, scenario, trench, target, run=run, largest_m3=200, tolerance_m3=10)
    assert 0 < found.volume_m3 < 200
    assert target.value(run(city, found.scenario)) <= target.at_most
    fail = [trial for trial in found.trials if not trial.meets]
    assert max(trial.volume_m3 for trial in fail) >= found.volume_m3 - 10
