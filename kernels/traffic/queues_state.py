"""What the queues of vehicles are made of: records of streets and trips that stay, and records that change."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from kernels.contract import LayerError

#: Where a vehicle is.
NOT_YET, WAITING, INSIDE, LEFT, ASIDE = range(5)
#: Buckets of the wheel in a second, and how many there are (a power of two).
BUCKETS_PER_SECOND, BUCKETS = 64, 16_384

#: What stays of a link, but for speed and headways, which change with the hour: nodes; where whoever came along it
#: stands, which is its end or, if turns are banned there, a copy of it; whether the fast overtake the slow; length [m],
#: speed [m s⁻¹]; least time between two cars that enter and leave [s]; time in which a gap travels back [s]; cars that
#: stand on it in a jam [1]; mode bits; weight at a merge [1]; signal (a cycle of 0 is none) [s]; its places in the
#: rings; its rows of closures.
LINK = np.dtype(
    [("tail", "i4"), ("head", "i4"), ("spot", "i4"), ("passing", "i4"), ("length", "f8"),
     ("speed", "f8"), ("headway_in", "f8"), ("headway_out", "f8"), ("lag", "f8"), ("storage", "f8"), ("allowed", "i8"),
     ("priority", "f8"), ("cycle", "f8"), ("offset", "f8"), ("green", "f8"), ("place", "i8"), ("last_place", "i8"),
     ("first_closure", "i8"), ("end_closure", "i8")]
)  # fmt: skip
CLOSURE = np.dtype([("modes", "i8"), ("begin", "f8"), ("until", "f8")])
MODE = np.dtype([("speed", "f8"), ("pce", "f8")])
#: What stays of a vehicle: where it begins; where its way stands in the tables (destination, half of the fleet, mode);
#: whether its legs are noted; whether it leaves a fixed way that is barred; time at which it sets out [s]; its legs, if
#: it has a fixed way, which others may share.
VEHICLE = np.dtype(
    [("origin", "i4"), ("column", "i4"), ("group", "i2"), ("kind", "i2"), ("mode", "i2"), ("noted", "i1"),
     ("strays", "i1"), ("departure", "f8"), ("first_leg", "i8"), ("end_leg", "i8")]
)  # fmt: skip

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
#: What changes of a vehicle: the node, or copy of one, where it stands; its link; legs driven of its fixed way, below
#: 0 once it has left that way; where it is; who follows in a list; times [s]; length of the links it drove to the end
#: of [m].
VEHICLE_STATE = np.dtype(
    [("at", "i4"), ("on", "i4"), ("leg", "i4"), ("state", "i4"), ("queue_next", "i4"), ("entered_at", "f8"),
     ("left_at", "f8"), ("driven", "f8")]
)  # fmt: skip
#: A link that a vehicle drove: when it entered and left [s].
NOTE = np.dtype([("vehicle", "i4"), ("link", "i4"), ("begin", "f8"), ("until", "f8")])


class StreetArrays(NamedTuple):
    """What stays of the streets: (link,), (row,), (mode,) records, and the time between two crossings of a node [s]."""

    link: np.ndarray
    closure: np.ndarray
    mode: np.ndarray
    node_gap: np.ndarray


class TripArrays(NamedTuple):
    """What stays of the vehicles, in the order in which they set out.

    Attributes
    ----------
    vehicle : (vehicle,) records
    leg : (leg,) int32
        Links of fixed ways.
    dwell : (some legs,) float64
        Time at stops on the first of them; the others have none. [s]
    """

    vehicle: np.ndarray
    leg: np.ndarray
    dwell: np.ndarray


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
    tally : (9,) int64
        See the indices of `kernels.traffic.queues_loop`.
    now : (1,) float64
        [s]
    scratch : (link, 2) int32
    note : (room,) records
        Links that noted vehicles drove, as many as the tally says.
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
    note: np.ndarray


def records(dtype: np.dtype, size: int, /, **values: object) -> np.ndarray:
    """So many records; fields that are not named are 0."""
    found = np.zeros(size, dtype)
    for name, value in values.items():
        found[name] = value
    return found


def empty_state(links: int, nodes: int, vehicles: int, places: int, modes: int, notes: int) -> QueueState:
    """Streets on which nothing has driven yet, with room for so many notes at a time."""
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
        node_open=np.full(nodes, never), entries=np.zeros((links, modes), np.int64), tally=np.zeros(9, np.int64),
        now=np.zeros(1), scratch=np.zeros((links, 2), np.int32), note=records(NOTE, notes),
    )  # fmt: skip


def plain_arrays(state: QueueState) -> dict[str, np.ndarray]:
    """Copies of all that changes as arrays of numbers, one for each field of a record: what a file can hold."""
    found = {}
    for name, values in state._asdict().items():
        fields = values.dtype.names
        found |= {f"{name}.{one}": values[one].copy() for one in fields} if fields else {name: values.copy()}
    return found


def put_back(state: QueueState, saved: Mapping[str, np.ndarray], but: tuple[str, ...] = ()) -> None:
    """Write what `plain_arrays` read, ``but`` for some parts.

    Raises
    ------
    LayerError
        Names what is missing, or was saved of other streets or trips.
    """
    for name, values in state._asdict().items():
        for one in () if name in but else values.dtype.names or ("",):
            key, into = (f"{name}.{one}", values[one]) if one else (name, values)
            if key not in saved or np.shape(saved[key]) != into.shape:
                came = f"shape {np.shape(saved[key])}" if key in saved else "nothing"
                raise LayerError(
                    f"the saved run has {came} for {key!r}, expected {into.shape}; go on with the streets and trips "
                    "that it was made of"
                )
            into[...] = saved[key]
