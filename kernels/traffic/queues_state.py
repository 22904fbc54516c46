"""What the queues of vehicles are made of: records of streets and trips that stay, and records that change."""

from typing import NamedTuple

import numpy as np

#: Where a vehicle is.
NOT_YET, WAITING, INSIDE, LEFT, ASIDE = range(5)
#: Buckets of the wheel in a second, and how many there are (a power of two).
BUCKETS_PER_SECOND, BUCKETS = 64, 16_384

#: What stays of a link: nodes; length [m], speed [m s⁻¹]; least time between two cars that enter and leave [s]; time
#: in which a gap travels back [s]; cars that stand on it in a jam [1]; mode bits; weight at a merge [1]; signal (a
#: cycle of 0 is none) [s]; whether the fast overtake the slow; its places in the rings; its rows of closures.
LINK = np.dtype(
    [("tail", "i4"), ("head", "i4"), ("length", "f8"), ("speed", "f8"), ("headway_in", "f8"), ("headway_out", "f8"),
     ("lag", "f8"), ("storage", "f8"), ("allowed", "i8"), ("priority", "f8"), ("cycle", "f8"), ("offset", "f8"),
     ("green", "f8"), ("passing", "i8"), ("place", "i8"), ("last_place", "i8"), ("first_closure", "i8"),
     ("end_closure", "i8")]
)  # fmt: skip
CLOSURE = np.dtype([("modes", "i8"), ("begin", "f8"), ("until", "f8")])
MODE = np.dtype([("speed", "f8"), ("pce", "f8")])
#: What stays of a vehicle: nodes; where its way stands in the tables (half of the fleet, mode, destination); time at
#: which it sets out [s]; its legs, if it drives a fixed way.
VEHICLE = np.dtype(
    [("origin", "i4"), ("destination", "i4"), ("group", "i4"), ("kind", "i4"), ("column", "i4"), ("mode", "i4"),
     ("departure", "f8"), ("first_leg", "i8"), ("end_leg", "i8")]
)  # fmt: skip
LEG = np.dtype([("link", "i4"), ("dwell", "f8")])

#: What changes of a link: vehicles that ever came, left, and left so long ago that their gap is known at the entry;
#: cars counted against the storage [1]; when the last gap came, the next may enter and leave [s]; heads that wait at
#: its entry; the share at the merge; who waits to set out on it; whether whoever is next has no room; vehicles that
#: came to its end, their time and what it would have been on an empty link [s].
LINK_STATE = np.dtype(
    [("entered", "i8"), ("gone", "i8"), ("cleared", "i8"), ("used", "f8"), ("space", "f8"), ("in_open", "f8"),
     ("out_open", "f8"), ("wait_head", "i4"), ("wait_tail", "i4"), ("virtual", "f8"), ("queue_head", "i4"),
     ("queue_tail", "i4"), ("blocked", "i8"), ("driven", "i8"), ("time_spent", "f8"), ("time_free", "f8")]
)  # fmt: skip
#: Of a head, of a link or of those who set out on it: the link at whose entry it waits (-1 none), who stands behind
#: it there, and its share by start-time fair queueing, Goyal et al. (1997), doi:10.1109/90.649569.
WHO = np.dtype([("waits_for", "i4"), ("wait_next", "i4"), ("key", "f8"), ("finish", "f8"), ("finish_at", "i4")])
#: A place in the ring of a link: who is there, when they can be at the end [s]; when the last one left [s], of what
#: size.
RING = np.dtype([("vehicle", "i4"), ("ready", "f8"), ("gone", "f8"), ("pce", "f8")])
BUCKET = np.dtype([("head", "i4"), ("tail", "i4")])
EVENT = np.dtype([("when", "f8"), ("after", "i4"), ("before", "i4"), ("slot", "i4"), ("pending", "i4")])
#: What changes of a vehicle: the node where it stands, its link, legs driven, where it is, who follows in a list;
#: times [s].
VEHICLE_STATE = np.dtype(
    [("at", "i4"), ("on", "i4"), ("leg", "i4"), ("state", "i4"), ("queue_next", "i4"), ("entered_at", "f8"),
     ("left_at", "f8")]
)  # fmt: skip


class StreetArrays(NamedTuple):
    """What stays of the streets: (link,), (row,), (mode,) records, and the time between two crossings of a node [s]."""

    link: np.ndarray
    closure: np.ndarray
    mode: np.ndarray
    node_gap: np.ndarray


class TripArrays(NamedTuple):
    """What stays of the vehicles, in the order in which they set out: (vehicle,) and (leg,) records."""

    vehicle: np.ndarray
    leg: np.ndarray


class QueueState(NamedTuple):
    """What changes; a copy of these arrays is a checkpoint.

    Attributes
    ----------
    link, who, ring, bucket, event, vehicle : (link,), (2 link,), (place,), (bucket,), (4 link + 1,), (vehicle,) records
        Events are a head of a link or of those who set out (2 link), an entry that opens (link), a ring of links that
        turns (link), the next to set out (1).
    node_open : (node,) float64
        When a node may be crossed again. [s]
    entries : (link, mode) int64
        Vehicles that ever entered.
    tally : (8,) int64
        See the indices of `kernels.traffic.queues_loop`.
    now : (1,) float64
        [s]
    scratch : (link, 2) int32
    """

    link: np.ndarray
    who: np.ndarray
    ring: np.ndarray
    bucket: np.ndarray
    event: np.ndarray
    vehicle: np.ndarray
    node_open: np.ndarray
    entries: np.ndarray
    tally: np.ndarray
    now: np.ndarray
    scratch: np.ndarray


def records(dtype: np.dtype, size: int, /, **values: object) -> np.ndarray:
    """So many records; fields that are not named are 0."""
    found = np.zeros(size, dtype)
    for name, value in values.items():
        found[name] = value
    return found


def empty_state(links: int, nodes: int, vehicles: int, places: int, modes: int) -> QueueState:
    """Streets on which nothing has driven yet."""
    none, never = -1, -np.inf
    return QueueState(
        link=records(
            LINK_STATE, links, space=never, in_open=never, out_open=never, wait_head=none, wait_tail=none,
            queue_head=none, queue_tail=none,
        ),
        who=records(WHO, 2 * links, waits_for=none, wait_next=none, finish_at=none),
        ring=records(RING, places, vehicle=none),
        bucket=records(BUCKET, BUCKETS, head=none, tail=none),
        event=records(EVENT, 4 * links + 1, after=none, before=none, slot=none),
        vehicle=records(VEHICLE_STATE, vehicles, at=none, on=none, queue_next=none, entered_at=np.nan, left_at=np.nan),
        node_open=np.full(nodes, never), entries=np.zeros((links, modes), np.int64), tally=np.zeros(8, np.int64),
        now=np.zeros(1), scratch=np.zeros((links, 2), np.int32),
    )  # fmt: skip
