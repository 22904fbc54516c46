"""One link of the queues: its ring of vehicles, its gaps, its signal, and its place on the event wheel."""

import math

from numba import njit

# Constants of a loop live in its own file: Numba's cache on disk does not see those of others.
_INSIDE = 2
_PER_SECOND, _BUCKETS = 64, 16_384
_BUCKET, _WAIT, _IN, _NOTES = 0, 2, 3, 8
_ARRIVED, _NO_WAY = -2, -1
_STRAYED = -(1 << 30)  # legs of a vehicle that has left its fixed way: it never counts up to 0 again
_SAME = 1e-9  # two times nearer than this are one [s]
_ROOM = 1e-6  # sums of 0.2 cars do not meet whole numbers [1]


@njit(nogil=True, cache=True, error_model="numpy", _nrt=False)
def schedule(events, buckets, tally, event, time):
    """Put an event on the wheel; if it is there already, the earlier time holds."""
    if events[event].pending:
        if events[event].when <= time:
            return
        drop(events, buckets, event)
    now = tally[_BUCKET]
    bucket = min(max(math.floor(time * _PER_SECOND), now), now + _BUCKETS - 1)
    slot = bucket & (_BUCKETS - 1)
    last = buckets[slot].tail
    events[event].when, events[event].slot, events[event].pending = time, slot, True
    events[event].before, events[event].after = last, -1
    if last < 0:
        buckets[slot].head = event
    else:
        events[last].after = event
    buckets[slot].tail = event


@njit(nogil=True, cache=True, error_model="numpy", _nrt=False)
def drop(events, buckets, event):
    """Take an event off the wheel."""
    slot, before, after = events[event].slot, events[event].before, events[event].after
    if before < 0:
        buckets[slot].head = after
    else:
        events[before].after = after
    if after < 0:
        buckets[slot].tail = before
    else:
        events[after].before = before
    events[event].pending = False


@njit(nogil=True, cache=True, error_model="numpy", _nrt=False, inline="always")
def barred(net, link, mode, time):
    """Whether a mode may not enter a link now."""
    if not (net.link[link].allowed >> mode) & 1:
        return True
    for row in range(net.link[link].first_closure, net.link[link].end_closure):
        if (net.closure[row].modes >> mode) & 1 and net.closure[row].begin <= time < net.closure[row].until:
            return True
    return False


@njit(nogil=True, cache=True, error_model="numpy", _nrt=False, inline="always")
def next_link(net, trips, tables, st, vehicle, spot, time):
    """The link a vehicle takes from where it stands, or that it has arrived, or that no way leads on now.

    Who may stray and finds the fixed way barred leaves it for good, and goes by the tables.
    """
    begin, end = trips.vehicle[vehicle].first_leg, trips.vehicle[vehicle].end_leg
    mode = trips.vehicle[vehicle].mode
    if end > begin and st.vehicle[vehicle].leg >= 0:
        leg = begin + st.vehicle[vehicle].leg
        if leg >= end:
            return _ARRIVED
        link = trips.leg[leg]
        if not barred(net, link, mode, time):
            return link
        if not trips.vehicle[vehicle].strays:
            return _NO_WAY
        st.vehicle[vehicle].leg = _STRAYED
    link = tables[trips.vehicle[vehicle].group, trips.vehicle[vehicle].kind, trips.vehicle[vehicle].column, spot]
    if link >= 0 and barred(net, link, mode, time):
        return _NO_WAY
    return link


@njit(nogil=True, cache=True, error_model="numpy", _nrt=False, inline="always")
def green_from(net, link, time):
    """The first moment from a time on at which the signal lets a vehicle go.

    The first one goes half a headway into the green, as a vehicle stands for the fluid half a headway on either side.
    """
    cycle = net.link[link].cycle
    if cycle <= 0.0:
        return time
    phase = (time - net.link[link].offset) % cycle
    start = 0.5 * min(net.link[link].headway_out, net.link[link].green)  # a slowed end must not miss every green
    if phase < start - _SAME:
        return time + start - phase
    if phase < net.link[link].green - _SAME:
        return time
    return time + cycle - phase + start


@njit(nogil=True, cache=True, error_model="numpy", _nrt=False, inline="always")
def room(net, st, link, pce):
    """When a vehicle may enter: its headway, and the gap that came back from the exit; infinite while none is known.

    Newell (2002), doi:10.1016/S0191-2615(00)00044-8: the vehicle whose place it takes left ``lag`` seconds ago.
    """
    begin = net.link[link].place
    last_place = net.link[link].last_place
    while st.link[link].used + pce > net.link[link].storage + _ROOM:
        if st.link[link].cleared == st.link[link].gone:
            return math.inf
        spot = begin + (st.link[link].cleared & last_place)
        before = begin + ((st.link[link].cleared - 1) & last_place)
        size = st.ring[spot].pce
        st.link[link].used -= size
        # where only a part of that vehicle's room is needed, it comes a part of its headway sooner
        spare = min(max(net.link[link].storage - st.link[link].used - pce, 0.0), size)
        gap = size * net.link[link].headway_out
        if st.link[link].cleared > 0:
            gap = min(gap, st.ring[spot].gone - st.ring[before].gone)
        st.link[link].space = st.ring[spot].gone - spare / size * gap + net.link[link].lag
        st.link[link].cleared += 1
    return max(st.link[link].in_open, st.link[link].space)


@njit(nogil=True, cache=True, error_model="numpy", _nrt=False, inline="always")
def head_vehicle(net, st, who):
    """Who stands first on a link or among those who set out on it; -1 for nobody."""
    links = net.link.size
    if who >= links:
        return st.link[who - links].queue_head
    if st.link[who].entered == st.link[who].gone:
        return -1
    begin = net.link[who].place
    return st.ring[begin + (st.link[who].gone & net.link[who].last_place)].vehicle


@njit(nogil=True, cache=True, error_model="numpy", _nrt=False, inline="always")
def enter(net, trips, st, vehicle, link, time):
    """Put a vehicle on a link."""
    mode = trips.vehicle[vehicle].mode
    pce = net.mode[mode].pce
    begin = net.link[link].place
    last_place = net.link[link].last_place
    ready = time + net.link[link].length / min(net.link[link].speed, net.mode[mode].speed)
    leg = trips.vehicle[vehicle].first_leg + st.vehicle[vehicle].leg
    if st.vehicle[vehicle].leg >= 0 and leg < min(trips.vehicle[vehicle].end_leg, trips.dwell.size):
        ready += trips.dwell[leg]
    st.vehicle[vehicle].leg += 1
    turn = st.link[link].entered
    if net.link[link].passing:
        while turn > st.link[link].gone:
            ahead = begin + ((turn - 1) & last_place)
            if st.ring[ahead].ready <= ready:
                break
            st.ring[begin + (turn & last_place)].vehicle = st.ring[ahead].vehicle
            st.ring[begin + (turn & last_place)].ready = st.ring[ahead].ready
            turn -= 1
    st.ring[begin + (turn & last_place)].vehicle = vehicle
    st.ring[begin + (turn & last_place)].ready = ready
    st.link[link].entered += 1
    st.link[link].used += pce
    st.link[link].in_open = time + pce * net.link[link].headway_in
    st.vehicle[vehicle].entered_at, st.vehicle[vehicle].on, st.vehicle[vehicle].state = time, link, _INSIDE
    st.entries[link, mode] += 1
    st.tally[_IN] += 1
    if turn == st.link[link].gone:
        schedule(st.event, st.bucket, st.tally, link, max(ready, st.link[link].out_open))


@njit(nogil=True, cache=True, error_model="numpy", _nrt=False)
def depart(net, trips, st, who, time):
    """Take the first vehicle off a link or out of those who set out, and call the next."""
    links = net.link.size
    vehicle = head_vehicle(net, st, who)
    if who >= links:
        st.tally[_WAIT] -= 1
        st.link[who - links].queue_head = st.vehicle[vehicle].queue_next
        if st.link[who - links].queue_head < 0:
            st.link[who - links].queue_tail = -1
        else:
            schedule(st.event, st.bucket, st.tally, who, time)
        return vehicle
    mode = trips.vehicle[vehicle].mode
    pce = net.mode[mode].pce
    begin = net.link[who].place
    last_place = net.link[who].last_place
    spot = begin + (st.link[who].gone & last_place)
    st.ring[spot].gone, st.ring[spot].pce = time, pce
    st.link[who].gone += 1
    st.link[who].blocked = 0
    st.tally[_IN] -= 1
    st.link[who].out_open = time + pce * net.link[who].headway_out
    st.node_open[net.link[who].head] = time + net.node_gap[net.link[who].head]
    st.link[who].driven += 1
    st.link[who].time_spent += time - st.vehicle[vehicle].entered_at
    st.link[who].time_free += net.link[who].length / min(net.link[who].speed, net.mode[mode].speed)
    st.vehicle[vehicle].on, st.vehicle[vehicle].at = -1, net.link[who].spot
    st.vehicle[vehicle].driven += net.link[who].length
    if trips.vehicle[vehicle].noted:
        note = st.tally[_NOTES]
        st.note[note].vehicle, st.note[note].link = vehicle, who
        st.note[note].begin, st.note[note].until = st.vehicle[vehicle].entered_at, time
        st.tally[_NOTES] = note + 1
    if st.link[who].wait_head >= 0:
        schedule(st.event, st.bucket, st.tally, 2 * links + who, time)
    if st.link[who].entered > st.link[who].gone:
        schedule(
            st.event,
            st.bucket,
            st.tally,
            who,
            max(st.ring[begin + (st.link[who].gone & last_place)].ready, st.link[who].out_open),
        )
    return vehicle


@njit(nogil=True, cache=True, error_model="numpy", _nrt=False)
def reshape(net, st, link, speed, headway_in, headway_out, time):
    """Give a link another speed and other headways from a moment on.

    Parameters
    ----------
    net, st
        See `kernels.traffic.queues_state`; those on the link come to its end when they would have.
    link : int
    speed : float
        [m s⁻¹]
    headway_in, headway_out : float
        [s]
    time : float
        [s]

    Notes
    -----
    What of a running headway is left is stretched with it, as the fluid would be: a bottleneck that halves in the
    middle of a headway lets the next one go when the rest has passed at half the rate. The speed at which a gap
    travels back is that of drivers (Newell 2002) and stays, so that the order of gaps holds.
    """
    links = net.link.size
    if st.link[link].in_open > time:
        st.link[link].in_open = time + (st.link[link].in_open - time) * headway_in / net.link[link].headway_in
    if st.link[link].out_open > time:
        st.link[link].out_open = time + (st.link[link].out_open - time) * headway_out / net.link[link].headway_out
    net.link[link].speed = speed
    net.link[link].headway_in, net.link[link].headway_out = headway_in, headway_out
    if st.link[link].wait_head >= 0:  # what opens sooner is looked at now; what opens later is when its time comes
        schedule(st.event, st.bucket, st.tally, 2 * links + link, time)
    if st.link[link].entered > st.link[link].gone:
        schedule(st.event, st.bucket, st.tally, link, time)
