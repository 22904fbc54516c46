"""Streets small enough to draw by hand, trips on them, and the count of every vehicle."""

import numpy as np

from kernels.traffic.queues_inputs import Streets, Trips
from kernels.traffic.queues_state import INSIDE, LEFT

# a link of 1 km: 20 m/s when free, 0.2 cars on a metre when jammed, waves of 5 m/s, so 0.8 cars a second at most
LENGTH, SPEED, JAM, CAPACITY = 1000.0, 20.0, 0.2, 0.8
THEORY = "kinematic waves, Lighthill and Whitham (1955) with a triangular diagram, by hand"


def streets(tail, head, **more):
    n = len(tail)
    each = {"length": LENGTH, "speed": SPEED, "capacity": CAPACITY, "jam_density": JAM} | {
        name: more.pop(name) for name in ("length", "speed", "capacity", "jam_density") if name in more
    }
    return Streets(
        np.array(tail), np.array(head), **{name: np.broadcast_to(np.asarray(v, float), n) for name, v in each.items()},
        **{name: np.asarray(value) for name, value in more.items()},
    )  # fmt: skip


def stream(rate, duration, origin, destination, first=0.0):
    departure = first + np.arange(round(rate * duration)) / rate
    return np.full(departure.size, origin), np.full(departure.size, destination), departure


def trips(*streams, mode=None):
    origin, destination, departure = (np.concatenate(part) for part in zip(*streams, strict=True))
    return Trips(origin, destination, departure, mode)


def grid(size, **more):
    """A city of square blocks, both ways."""
    at = np.arange(size * size).reshape(size, size)
    pairs = [(at[:, :-1], at[:, 1:]), (at[:, 1:], at[:, :-1]), (at[:-1], at[1:]), (at[1:], at[:-1])]
    tail, head = (np.concatenate([pair[side].ravel() for pair in pairs]) for side in (0, 1))
    return streets(tail, head, **more)


def errands(size, many, seed=1, duration=1800.0, modes=(0,)):
    random = np.random.default_rng(seed)
    origin, destination = random.integers(0, size * size, (2, many))
    return Trips(origin, destination, random.uniform(0, duration, many), random.choice(modes, many))


def check_census(queues):
    """Whole vehicles, each somewhere: the tally and a count of every vehicle agree."""
    now = queues.census()
    assert now.set_out == now.waiting + now.inside + now.left
    state, on, _ = queues.where()
    assert (state == INSIDE).sum() == now.inside == queues.on_links().sum()
    assert (state == LEFT).sum() == now.left == np.isfinite(queues.left_at()).sum()
    np.testing.assert_array_equal(np.bincount(on[on >= 0], minlength=queues.streets.links), queues.on_links())
    return now
