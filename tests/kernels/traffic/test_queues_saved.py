"""A run that is saved and gone on with, beside the run that never stopped."""

import numpy as np
import pytest
from small_streets import errands, grid, streets, trips

from kernels.contract import LayerError
from kernels.traffic.queues import Queues
from kernels.traffic.queues_inputs import MODE_NAMES, Closures, Trips
from kernels.traffic.queues_rules import StreetChanges, TurnBans

MODES = tuple(MODE_NAMES.index(name) for name in ("car", "truck", "bike"))


def crowded(**more):
    """A city with all there is: closures, bans, changes, signals, three modes and traces."""
    net = grid(5, length=150.0, cycle=np.full(80, 60.0), offset=np.full(80, 5.0), green=np.full(80, 30.0))
    random = np.random.default_rng(2)
    begin = random.uniform(0, 900, 20)
    closed = Closures(random.choice(80, 20, replace=False), np.full(20, 3), begin, begin + 400)
    pairs = np.argwhere(net.head[:, None] == net.tail[None, :])
    bans = TurnBans(*pairs[random.choice(len(pairs), 25, replace=False)].T, np.full(25, 1))
    start = random.uniform(0, 900, 15)
    changes = StreetChanges(random.integers(0, 80, 15), start, start + 300, np.full(15, 8.0), np.full(15, 0.5))
    return Queues(net, errands(5, 4000, modes=MODES), closed, bans=bans, changes=changes, refresh=120.0,
                  traced=np.arange(4000) % 3 == 0, **more)  # fmt: skip


def everything(queues):
    read = queues.read()
    return [queues.left_at(), queues.driven(), *queues.where(), queues.legs(), read.entries, read.driven,
            read.travel_time, read.stop_share, queues.on_links(), np.array(str(queues.census()))]  # fmt: skip


@pytest.mark.parametrize("moment", [0.0, 437.3, 480.0, 1100.0, 2500.0])
def test_a_saved_run_goes_on_bit_for_bit(moment, tmp_path):
    through = crowded()
    through.advance(moment)
    through.read()
    np.savez(tmp_path / "saved.npz", **through.saved())
    through.advance(3000.0)
    with np.load(tmp_path / "saved.npz") as saved:
        again = crowded(saved=dict(saved))
    assert again.now == moment
    again.advance(3000.0)
    for one, other in zip(everything(through), everything(again), strict=True):
        assert one.tobytes() == other.tobytes()


def test_what_was_saved_while_streets_were_slowed_goes_on_slowed():
    changes = StreetChanges(np.array([0]), np.array([100.0]), np.array([900.0]), np.array([5.0]), np.array([0.5]))
    demand = Trips(np.zeros(400, int), np.ones(400, int), np.arange(400) * 2.0)
    through = Queues(streets([0], [1]), demand, changes=changes)
    through.advance(300.0)
    again = Queues(streets([0], [1]), demand, changes=changes, saved=through.saved())
    for queues in (through, again):
        queues.run(5000.0)
    assert again.left_at().tobytes() == through.left_at().tobytes()


def test_what_is_saved_is_a_copy():
    queues = crowded()
    queues.advance(200.0)
    saved = queues.saved()
    before = {name: values.tobytes() for name, values in saved.items()}
    queues.advance(600.0)
    assert {name: values.tobytes() for name, values in saved.items()} == before


def test_what_was_saved_of_other_trips_is_refused():
    queues = Queues(streets([0], [1]), trips((np.zeros(3, int), np.ones(3, int), np.arange(3.0))))
    with pytest.raises(LayerError, match=r"'vehicle.at', expected \(2,\)"):
        Queues(streets([0], [1]), trips((np.zeros(2, int), np.ones(2, int), np.arange(2.0))), saved=queues.saved())
