"""Counts of detectors at traffic lights (TLC) of Brussels Mobility: one lane each, minute by minute."""

import math
from datetime import timedelta
from typing import Any

from twin.sensors.feeds.counters import KILOMETRE_PER_HOUR, PERCENT, StreetClock, mapping, measure, own_id, wall_time
from twin.sensors.feeds.payloads import read_json
from twin.sensors.model import Datastream, Gathering, Parsed, SensorError, Thing
from twin.sensors.quality import Flag

FEED = "bm_tlc"
_FIELDS = (
    ("volume", "vehicle_count", 1.0),
    ("occupancy", "detector_occupancy", PERCENT),
    ("speed", "traffic_speed", KILOMETRE_PER_HOUR),
)


def parse(payload: bytes | str, received: int | None = None) -> Parsed:
    """Read counts of detectors.

    Parameters
    ----------
    payload : bytes or str
        JSON ``{"counts": [{detector, from_timestamp, to_timestamp, volume, occupancy, speed, validity}, …]}``; times by
        the clock of Brussels, occupancy in percent, speed in km/h.
    received : int or None
        When it came; see `StreetClock`. [ns, UTC]

    Returns
    -------
    Parsed
        A detector ``ARL_103_2`` is lane 2 of the device ``ARL_103``. A record whose ``validity`` is not 1 has the flag
        ``NOT_VALID``; its zeros are NaN, for a detector that is down also counts 0. Where no vehicle came there is no
        speed. A detector without one valid record is silent.

    Raises
    ------
    SensorError
        No JSON, or no ``counts`` in it.
    """
    document = read_json(payload, FEED)
    records = document.get("counts") if isinstance(document, dict) else None
    if not isinstance(records, list):
        raise SensorError(f"{FEED}: the payload has no 'counts'; it starts with {str(document)[:80]!r}")
    gathering, clock = Gathering(FEED), StreetClock(received)
    if not records:
        gathering.problem("counts", "holds no record", document)
    streams: dict[tuple[str, float], list[Datastream]] = {}
    speaks: dict[str, bool] = {}
    for record in records:
        gathering.met("records")
        try:
            fields = mapping(record)
            name = own_id(fields.get("detector"))
        except ValueError as error:
            gathering.problem("detector", "is no name", (str(error), record))
            continue
        try:
            length = _length(fields)
            end, flag = clock.read(fields.get("to_timestamp"), name)
        except ValueError as error:
            gathering.problem("to_timestamp", "cannot be read", (str(error), record))
            continue
        if (name, length) not in streams:
            gathering.thing(_thing(name))
            streams[name, length] = _streams(name, length)
        valid = fields.get("validity") == 1
        speaks[name] = speaks.get(name, False) or valid
        if not valid:
            gathering.met("records not valid")
            flag |= Flag.NOT_VALID
        _record(gathering, streams[name, length], record, end, int(flag), valid)
    gathering.met("detectors", len(speaks))
    gathering.silent = sum(not one for one in speaks.values())
    return gathering.parsed()


def _record(
    gathering: Gathering, streams: list[Datastream], record: dict[str, Any], end: int, flag: int, valid: bool
) -> None:
    volume = math.nan
    for stream, (field, _, unit) in zip(streams, _FIELDS, strict=True):
        try:
            value = measure(record.get(field), unit)
        except ValueError as error:
            gathering.problem(field, "cannot be read", (str(error), record))
            continue
        if field == "volume":
            volume = value
        if field == "speed" and volume == 0.0:
            gathering.met("speeds of no vehicle")
            continue
        gathering.reading(stream, end, math.nan if value == 0.0 and not valid else value, flag)


def _length(fields: Any) -> float:
    """Length of a record. [s]

    Raises
    ------
    ValueError
        It does not end after it begins.
    """
    length = (wall_time(fields.get("to_timestamp")) - wall_time(fields.get("from_timestamp"))) / timedelta(seconds=1)
    # in the night when the clock is put back or forward, the wall shows an hour less or more than went by
    length += 3600.0 if length <= 0.0 else -3600.0 if length > 3600.0 else 0.0
    if not 0.0 < length <= 3600.0:
        raise ValueError(f"it is {length:g} s after {fields.get('from_timestamp')}")
    return length


def _thing(name: str) -> Thing:
    device, _, lane = name.rpartition("_")
    known = {"device": device, "lane": int(lane)} if device and lane.isdigit() else {"device": name}
    return Thing(f"{FEED}:{name}", name, properties=known)


def _streams(name: str, length: float) -> list[Datastream]:
    thing = f"{FEED}:{name}"
    tail = f"{length / 60:g}min"
    return [Datastream(f"{thing}/{quantity}/{tail}", thing, quantity, length, FEED) for _, quantity, _ in _FIELDS]
