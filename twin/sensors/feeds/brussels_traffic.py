"""Counts of vehicles of Brussels Mobility: where devices stand, and what they counted in the last minutes.

``https://data.mobility.brussels/traffic/api/counts/?request=devices`` and ``?request=live``, CC0. Times are of the
clock of Brussels without saying so; speeds are km/h and not calibrated to judge limits; occupancy is in percent.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from twin.sensors.feeds.counters import (
    KILOMETRE_PER_HOUR,
    PERCENT,
    StreetClock,
    mapping,
    measure,
    own_id,
    place_of,
    wall_time,
)  # fmt: skip
from twin.sensors.feeds.payloads import features_of, read_json
from twin.sensors.model import SECOND, Datastream, Gathering, Parsed, SensorError, Thing

FEED = "bm_traffic"
STALE = 900.0
"""A device whose newest count ended longer than so before the request is called stale in ``counts``. [s]"""
_PERIODS = {"1m": ("1min", 60), "5m": ("5min", 300), "15m": ("15min", 900), "60m": ("60min", 3600)}
_FIELDS = (
    ("count", "vehicle_count", 1.0),
    ("speed", "traffic_speed", KILOMETRE_PER_HOUR),
    ("occupancy", "detector_occupancy", PERCENT),
)


def parse(payload: bytes | str, received: int | None = None) -> Parsed:
    """Read live counts.

    Parameters
    ----------
    payload : bytes or str
        JSON ``{"requestDate", "data": {device: {"results": {"1m": {"t1": {count, speed, occupancy, start_time,
        end_time}, "t2": …}, "5m", "15m", "60m"}}}}``.
    received : int or None
        When it came; see `StreetClock`. [ns, UTC]

    Returns
    -------
    Parsed
        A reading has the ``end_time`` of its window, never the time of the request: a device that stopped in the night
        gives a reading of the night. A device all of whose windows are null is silent. Where no vehicle came there is
        no speed, whatever the field says (0, or the speed of the last one).

    Raises
    ------
    SensorError
        No JSON, or no ``data`` in it.
    """
    document = read_json(payload, FEED)
    devices = document.get("data") if isinstance(document, dict) else None
    if not isinstance(devices, dict):
        raise SensorError(f"{FEED}: the payload has no 'data' with devices; it starts with {str(document)[:80]!r}")
    gathering, clock = Gathering(FEED), StreetClock(received)
    if not devices:
        gathering.problem("data", "holds no device", document)
    try:
        asked: int | None = clock.read(document.get("requestDate"))[0]
    except ValueError as error:
        asked = None
        gathering.problem("requestDate", "is no time of Brussels", (str(error), document.get("requestDate")))
    for name, device in devices.items():
        gathering.met("devices")
        try:
            results = mapping(mapping(device).get("results"))
            thing = f"{FEED}:{own_id(name)}"
        except ValueError as error:
            gathering.problem("results", "has no windows", (str(error), {name: device}))
            continue
        gathering.thing(Thing(thing, name, properties={"device": name}))
        newest = _device(gathering, clock, thing, name, results)
        if newest is None:
            gathering.silent += 1
        elif asked is not None and newest < asked - STALE * SECOND:
            gathering.met("stale devices")
    return gathering.parsed()


def _device(gathering: Gathering, clock: StreetClock, thing: str, name: str, results: Mapping[str, Any]) -> int | None:
    """Note the windows of a device; the end of the newest that says something. [ns, UTC]"""
    newest: int | None = None
    for length, windows in results.items():
        if length not in _PERIODS or not isinstance(windows, dict):
            gathering.problem("results", f"is none of {', '.join(_PERIODS)}", {name: {length: windows}})
            continue
        tail, period = _PERIODS[length]
        streams = [
            Datastream(f"{thing}/{quantity}/{tail}", thing, quantity, float(period), FEED) for _, quantity, _ in _FIELDS
        ]
        # with singleValue=true the window stands where else t1 and t2 do; t2 is the older one and goes first
        labels = {"": windows} if "end_time" in windows else windows
        for label in sorted(labels, reverse=True):
            place = f"results.{length}.{label}".rstrip(".")
            gathering.met("windows")
            end = _window(gathering, clock, streams, place, name, labels[label])
            if end is not None and (newest is None or end > newest):
                newest = end
    return newest


def _window(
    gathering: Gathering, clock: StreetClock, streams: list[Datastream], place: str, name: str, window: Any
) -> int | None:
    """Note one window; its end, or None where it says nothing. [ns, UTC]"""
    try:
        fields = mapping(window)
        if fields.get("end_time") in (None, "-") and all(fields.get(field) is None for field, _, _ in _FIELDS):
            gathering.met("empty windows")
            return None
        end, flag = clock.read(fields.get("end_time"), streams[0].id)
        if fields.get("start_time") is not None:
            _check_length(fields, streams[0].period)
    except ValueError as error:
        gathering.problem(f"{place}.end_time", "cannot be read", (str(error), {name: window}))
        return None
    told = False
    count = math.nan
    for stream, (field, _, unit) in zip(streams, _FIELDS, strict=True):
        try:
            value = measure(fields.get(field), unit)
        except ValueError as error:
            gathering.problem(f"{place}.{field}", "cannot be read", (str(error), {name: window}))
            continue
        if field == "count":
            count = value
        if field == "speed" and count == 0.0:
            gathering.met("speeds of no vehicle")
            continue
        gathering.reading(stream, end, value, flag)
        told = told or not math.isnan(value)
    return end if told else None


def _check_length(fields: Mapping[str, Any], period: float) -> None:
    """Refuse a window that is not as long as its name says; on a day with a change of clock an hour more or less is.

    Raises
    ------
    ValueError
        It is not.
    """
    length = (wall_time(fields["end_time"]) - wall_time(fields["start_time"])) / timedelta(seconds=1)
    if length not in (period, period - 3600.0, period + 3600.0):
        raise ValueError(f"the window from {fields['start_time']} is not {period:g} s long")


def parse_devices(payload: bytes | str) -> Parsed:
    """Read where devices stand.

    Parameters
    ----------
    payload : bytes or str
        GeoJSON; ``properties`` with ``traverse_name``, ``descr_fr``, ``descr_nl``, ``descr_en``, ``number_of_lanes``,
        ``orientation`` [degree from north], ``detectors``.

    Returns
    -------
    Parsed
        Things alone.

    Raises
    ------
    SensorError
        No JSON, or no features in it.
    """
    features = features_of(read_json(payload, FEED), FEED)
    gathering = Gathering(FEED)
    for feature in features:
        gathering.met("devices")
        try:
            words = mapping(mapping(feature).get("properties"))
            name = words.get("traverse_name")
            thing = f"{FEED}:{own_id(name)}"
        except ValueError as error:
            gathering.problem("properties.traverse_name", "is no name", (str(error), feature))
            continue
        longitude = latitude = None
        try:
            longitude, latitude, swapped = place_of(feature.get("geometry"))
            gathering.met("places in swapped order", int(swapped))
        except ValueError as error:
            gathering.problem("geometry", "is no place", (str(error), feature))
        told = {
            language: words[f"descr_{language}"] for language in ("fr", "nl", "en") if words.get(f"descr_{language}")
        }
        properties = {"device": name, "names": told} | {
            ours: words[theirs]
            for ours, theirs in (
                ("lanes", "number_of_lanes"),
                ("orientation", "orientation"),
                ("detectors", "detectors"),
            )
            if words.get(theirs) is not None
        }
        gathering.thing(Thing(thing, str(told.get("fr") or name), longitude, latitude, properties))
    return gathering.parsed()


def placed(parsed: Parsed, devices: Parsed) -> Parsed:
    """Give things the place of the device that they name in ``properties["device"]``.

    Counts, traffic lights and cameras come without coordinates; they share the names of devices.

    Parameters
    ----------
    parsed : Parsed
        Of this feed, `twin.sensors.feeds.traffic_lights` or `twin.sensors.feeds.cameras`.
    devices : Parsed
        Of `parse_devices`.

    Returns
    -------
    Parsed
        ``counts["things without place"]`` tells how many are left.
    """
    known = {str(one.properties.get("device")): one for one in devices.things if one.longitude is not None}
    things = []
    for thing in parsed.things:
        device = known.get(str(thing.properties.get("device")))
        if thing.longitude is None and device is not None:
            told = {key: device.properties[key] for key in ("names", "orientation") if key in device.properties}
            properties = {**told, **thing.properties}
            thing = replace(thing, longitude=device.longitude, latitude=device.latitude, properties=properties)
        things.append(thing)
    without = sum(thing.longitude is None for thing in things)
    return replace(parsed, things=tuple(things), counts={**parsed.counts, "things without place": without})
