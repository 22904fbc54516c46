"""The loop of the queues: an event wheel on which heads of links leave, entries open, and rings of full links turn."""

import math

from numba import njit

from kernels.traffic.queues_links import (
    depart,
    drop,
    enter,
    green_from,
    head_vehicle,
    next_link,
    room,
    schedule,
)

# Constants of a loop live in its own file: Numba's cache on disk does not see those of others.
_WAITING, _LEFT, _ASIDE = 1, 3, 4
_PER_SECOND, _BUCKETS = 64, 16_384
_ARRIVED, _NO_WAY = -2, -1
#: Indices of the tally: the bucket of now; vehicles that set out, wait, are inside, left, stand aside; vehicles moved
#: by turning rings; the last of those aside, plus 1; notes of links driven.
BUCKET, SET_OUT, WAIT, IN, OUT, BESIDE, TURNED, ASIDE_HEAD, NOTES = range(9)
_SAME = 1e-9  # two times nearer than this are one [s]
_AFTER_HEADS = 1e-7  # an entry opens after all heads of the same moment have come, so that shares are fair [s]


@njit(nogil=True, cache=True, error_model="numpy", _nrt=False)
def _line_up(net, st, vehicle, link, time):
    """Let a vehicle wait where it stands to set out on a link."""
    links = net.link.size
    st.vehicle[vehicle].state, st.vehicle[vehicle].queue_next = _WAITING, -1
    st.tally[WAIT] += 1
    last = st.link[link].queue_tail
    st.link[link].queue_tail = vehicle
    if last < 0:
        st.link[link].queue_head = vehicle
        schedule(st.event, st.bucket, st.tally, links + link, time)
    else:
        st.vehicle[last].queue_next = vehicle


@njit(nogil=True, cache=True, error_model="numpy", _nrt=False)
def _step_aside(st, vehicle):
    """A vehicle whom no way leads on leaves the street free and waits where it is; it is counted, never lost."""
    st.vehicle[vehicle].state = _ASIDE
    st.tally[BESIDE] += 1
    st.vehicle[vehicle].queue_next = st.tally[ASIDE_HEAD] - 1  # the list keeps 1 more, so that 0 is empty
    st.tally[ASIDE_HEAD] = vehicle + 1


@njit(nogil=True, cache=True, error_model="numpy", _nrt=False, inline="always")
def _pass(net, trips, st, who, link, time):
    """Drive over the node, and charge the merge for it."""
    start = st.link[link].virtual
    if st.who[who].finish_at == link:
        start = max(start, st.who[who].finish)
    vehicle = depart(net, trips, st, who, time)
    st.link[link].virtual, st.who[who].finish_at = start, link
    st.who[who].finish = start + net.mode[trips.vehicle[vehicle].mode].pce / net.link[who % net.link.size].priority
    enter(net, trips, st, vehicle, link, time)


@njit(nogil=True, cache=True, error_model="numpy", _nrt=False, inline="always")
def _spot(net, st, who, vehicle):
    """Where the head of a link, or of those who set out, stands."""
    return net.link[who].spot if who < net.link.size else st.vehicle[vehicle].at


@njit(nogil=True, cache=True, error_model="numpy", _nrt=False)
def _leave_line(st, who):
    """Take a head out of those who wait at an entry."""
    link, before = st.who[who].waits_for, -1
    one = st.link[link].wait_head
    while one != who:
        before, one = one, st.who[one].wait_next
    after = st.who[who].wait_next
    if before < 0:
        st.link[link].wait_head = after
    else:
        st.who[before].wait_next = after
    if after < 0:
        st.link[link].wait_tail = before
    st.who[who].waits_for = -1


@njit(nogil=True, cache=True, error_model="numpy", _nrt=False)
def _ring_of(net, trips, st, link):
    """How many full links wait for each other in a ring through this one; 0 for none."""
    links, one, many = net.link.size, link, 0
    while many <= links:
        into = st.who[one].waits_for
        if into < 0:
            return 0
        vehicle = head_vehicle(net, st, one)
        size = net.mode[trips.vehicle[vehicle].mode].pce
        if not st.link[into].blocked and not math.isinf(room(net, st, into, size)):
            return 0
        many += 1
        if into == link:
            return many
        one = into
    return 0


@njit(nogil=True, cache=True, error_model="numpy", _nrt=False)
def _wait_for_gap(net, trips, st, link, time, patience):
    """A full link opens when one leaves it; if it stands in a ring, the ring turns after a while."""
    if _ring_of(net, trips, st, link) > 0:
        schedule(st.event, st.bucket, st.tally, 3 * net.link.size + link, time + patience)


@njit(nogil=True, cache=True, error_model="numpy", _nrt=False)
def _head(net, trips, tables, st, who, time, patience):
    """The first of a link, or of those who set out, tries to go."""
    links = net.link.size
    vehicle = head_vehicle(net, st, who)
    if vehicle < 0 or st.who[who].waits_for >= 0:
        return
    spot = st.vehicle[vehicle].at
    if who < links:
        spot, node = net.link[who].spot, net.link[who].head
        begin = net.link[who].place
        ready = st.ring[begin + (st.link[who].gone & net.link[who].last_place)].ready
        free = green_from(net, who, max(max(ready, st.link[who].out_open), max(time, st.node_open[node])))
        if free > time + _SAME:
            schedule(st.event, st.bucket, st.tally, who, free)
            return
    link = next_link(net, trips, tables, st, vehicle, spot, time)
    if link == _ARRIVED:
        depart(net, trips, st, who, time)
        st.vehicle[vehicle].state, st.vehicle[vehicle].left_at = _LEFT, time
        st.tally[OUT] += 1
        return
    if link == _NO_WAY:
        depart(net, trips, st, who, time)
        _step_aside(st, vehicle)
        return
    if who >= links and link != who - links:
        depart(net, trips, st, who, time)
        _line_up(net, st, vehicle, link, time)
        return
    opens = room(net, st, link, net.mode[trips.vehicle[vehicle].mode].pce)
    if st.link[link].wait_head < 0 and opens <= time + _SAME:
        _pass(net, trips, st, who, link, time)
        return
    start = st.link[link].virtual
    st.who[who].key = max(start, st.who[who].finish) if st.who[who].finish_at == link else start
    st.who[who].waits_for, st.who[who].wait_next = link, -1
    if st.link[link].wait_head < 0:
        st.link[link].wait_head = who
    else:
        st.who[st.link[link].wait_tail].wait_next = who
    st.link[link].wait_tail = who
    if math.isinf(opens):
        _wait_for_gap(net, trips, st, link, time, patience)
    else:
        schedule(st.event, st.bucket, st.tally, 2 * links + link, max(opens, time))


@njit(nogil=True, cache=True, error_model="numpy", _nrt=False)
def _entry(net, trips, tables, st, link, time, patience):
    """An entry opens: whoever has had least of its share goes first."""
    links = net.link.size
    while st.link[link].wait_head >= 0:
        who = st.link[link].wait_head
        other = st.who[who].wait_next
        while other >= 0:
            if st.who[other].key < st.who[who].key - _SAME:
                who = other
            other = st.who[other].wait_next
        vehicle = head_vehicle(net, st, who)
        node = net.link[link].tail
        if next_link(net, trips, tables, st, vehicle, _spot(net, st, who, vehicle), time) != link:
            _leave_line(st, who)
            schedule(st.event, st.bucket, st.tally, who, time)
            continue
        if who < links:
            free = green_from(net, who, max(time, st.node_open[node]))
            if free > time + _SAME:
                _leave_line(st, who)
                schedule(st.event, st.bucket, st.tally, who, free)
                continue
        opens = room(net, st, link, net.mode[trips.vehicle[vehicle].mode].pce)
        if math.isinf(opens):
            st.link[link].blocked = 1  # for a bike behind a truck too: gaps would never add up to a truck
            _wait_for_gap(net, trips, st, link, time, patience)
            return
        if opens > time + _SAME:
            schedule(st.event, st.bucket, st.tally, 2 * links + link, opens)
            return
        _leave_line(st, who)
        _pass(net, trips, st, who, link, time)


@njit(nogil=True, cache=True, error_model="numpy", _nrt=False)
def _turn(net, trips, st, link, time):
    """Every head of a ring of full links goes on by one link, at once: nobody jumps, no link holds more."""
    many, one = _ring_of(net, trips, st, link), link
    for place in range(many):
        st.scratch[place, 0], st.scratch[place, 1] = one, st.who[one].waits_for
        one = st.who[one].waits_for
    for place in range(many):
        _leave_line(st, st.scratch[place, 0])
    for place in range(many):
        st.scratch[place, 0] = depart(net, trips, st, st.scratch[place, 0], time)
    for place in range(many):
        vehicle, into = st.scratch[place, 0], st.scratch[place, 1]
        room(net, st, into, net.mode[trips.vehicle[vehicle].mode].pce)
        enter(net, trips, st, vehicle, into, time)
    st.tally[TURNED] += many


@njit(nogil=True, cache=True, error_model="numpy", _nrt=False)
def _place(net, trips, tables, st, vehicle, time):
    """Send a vehicle on its way from where it stands, or aside."""
    link = next_link(net, trips, tables, st, vehicle, st.vehicle[vehicle].at, time)
    if link == _ARRIVED:
        st.vehicle[vehicle].state, st.vehicle[vehicle].left_at = _LEFT, time
        st.tally[OUT] += 1
    elif link == _NO_WAY:
        _step_aside(st, vehicle)
    else:
        _line_up(net, st, vehicle, link, time)


@njit(nogil=True, cache=True, error_model="numpy", _nrt=False)
def _set_out(net, trips, tables, st, time):
    """Those whose time has come set out."""
    one = st.tally[SET_OUT]
    while one < trips.vehicle.size and trips.vehicle[one].departure <= time + _SAME:
        st.vehicle[one].at = trips.vehicle[one].origin
        _place(net, trips, tables, st, one, time)
        one += 1
    st.tally[SET_OUT] = one
    if one < trips.vehicle.size:
        schedule(st.event, st.bucket, st.tally, 4 * net.link.size, trips.vehicle[one].departure)


@njit(nogil=True, cache=True, error_model="numpy", _nrt=False)
def reconsider(net, trips, tables, st, time):
    """After the tables or the closures changed: who waits at an entry or stands aside looks for a way again.

    Parameters
    ----------
    net, trips, st
        See `kernels.traffic.queues_state`.
    tables : (group, mode, destination, spot) int32
        The next link, -1 where no way leads on, -2 at the destination.
    time : float
        [s]
    """
    links = net.link.size
    if not st.event[4 * links].pending and st.tally[SET_OUT] < trips.vehicle.size:
        schedule(st.event, st.bucket, st.tally, 4 * links, max(time, trips.vehicle[st.tally[SET_OUT]].departure))
    for who in range(2 * links):
        if st.who[who].waits_for >= 0:
            vehicle = head_vehicle(net, st, who)
            link = st.who[who].waits_for
            if next_link(net, trips, tables, st, vehicle, _spot(net, st, who, vehicle), time) != link:
                _leave_line(st, who)
                schedule(st.event, st.bucket, st.tally, who, time)
    # the list of those aside has the last first: turned round, so that the first comes first
    turned = -1
    one = st.tally[ASIDE_HEAD] - 1
    while one >= 0:
        after = st.vehicle[one].queue_next
        st.vehicle[one].queue_next = turned
        turned, one = one, after
    st.tally[ASIDE_HEAD], st.tally[BESIDE] = 0, 0
    while turned >= 0:
        after = st.vehicle[turned].queue_next
        _place(net, trips, tables, st, turned, time)
        turned = after


@njit(nogil=True, cache=True, error_model="numpy", _nrt=False)
def advance(net, trips, tables, st, until, patience):
    """Process every event before a time, in the order of time.

    Parameters
    ----------
    net, trips, st
        See `kernels.traffic.queues_state`.
    tables : (group, mode, destination, spot) int32
        The next link, -1 where no way leads on, -2 at the destination.
    until : float
        [s]
    patience : float
        After so long a ring of full links turns by one vehicle each. [s]

    Returns
    -------
    bool
        Whether all is done; if not, there is no room for notes: take them away and call again.
    """
    links = net.link.size
    full = st.note.size - links - 2  # one event can move as many vehicles as a ring has links
    last = math.floor(until * _PER_SECOND)
    while True:
        bucket = st.tally[BUCKET]
        slot = bucket & (_BUCKETS - 1)
        end = (bucket + 1) / _PER_SECOND
        while True:
            first, soonest = -1, math.inf
            event = st.bucket[slot].head
            while event >= 0:
                time = st.event[event].when
                if time < end:
                    key = time + _AFTER_HEADS if 2 * links <= event < 3 * links else time
                    if key < soonest:
                        first, soonest = event, key
                event = st.event[event].after
            if first < 0 or st.event[first].when >= until:
                break
            if st.tally[NOTES] > full:
                return False
            time = st.event[first].when
            drop(st.event, st.bucket, first)
            if first < 2 * links:
                _head(net, trips, tables, st, first, time, patience)
            elif first < 3 * links:
                _entry(net, trips, tables, st, first - 2 * links, time, patience)
            elif first < 4 * links:
                _turn(net, trips, st, first - 3 * links, time)
            else:
                _set_out(net, trips, tables, st, time)
        if bucket >= last:
            break
        st.tally[BUCKET] = bucket + 1
        event = st.bucket[slot].head
        while event >= 0:  # those whose time lies beyond one turn of the wheel
            after = st.event[event].after
            time = st.event[event].when
            drop(st.event, st.bucket, event)
            schedule(st.event, st.bucket, st.tally, event, time)
            event = after
    st.now[0] = until
    return True


@njit(nogil=True, cache=True, error_model="numpy", _nrt=False)
def standing_time(net, st, time, out):
    """How long the first on each link has been on it; 0 on an empty one. [s]"""
    for link in range(net.link.size):
        vehicle = head_vehicle(net, st, link)
        out[link] = time - st.vehicle[vehicle].entered_at if vehicle >= 0 else 0.0
