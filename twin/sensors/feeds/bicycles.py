"""Bicycle counters of Brussels Mobility: where they stand, the last hour, a day by quarters of an hour, and history.

``https://data.mobility.brussels/bike/api/counts/?request=devices``, ``live``, ``history`` and the daily summary, CC0.

Live stamps are of the clock of Brussels. Summary and history are in UTC, which no field says. The recorded day of
February runs from 23:00 to 23:00: the day of Brussels in UTC. The recorded history of July stops after 88 of 96
quarters, at 22:00: midnight of Brussels in UTC. And its morning peak is an hour earlier by these stamps in summer than
in winter, which people who keep the clock on the wall do not do.
"""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from twin.sensors.feeds.counters import (
    KILOMETRE_PER_HOUR,
    StreetClock,
    mapping,
    measure,
    names_of,
    own_id,
    place_of,
    rows_of,
    wall_time,
)  # fmt: skip
from twin.sensors.feeds.payloads import features_of, nanoseconds, read_json, read_text
from twin.sensors.model import SECOND, Datastream, Gathering, Parsed, Readings, SensorError, Thing

FEED = "bm_bike"
QUARTER = 900.0
"""[s]"""
_SLOTS = 96
_LIVE = (("hour", "hourCount", "hour_cnt"), ("day", "dayCount", "day_cnt"), ("year", "yearCount", "year_cnt"))
_HISTORY = ("Date", "Time gap", "Count", "Average speed")


def parse_devices(payload: bytes | str) -> Parsed:
    """Read where counters stand.

    Parameters
    ----------
    payload : bytes or str
        GeoJSON; ``properties`` with ``name`` (``device_name`` before 2026), ``streetName`` and ``tracks``. Some
        geometries lack their ``type``, one has its coordinates in swapped order; both are counted.

    Returns
    -------
    Parsed
        Things alone; ``properties["tracks"]`` tells the direction of each track in the languages of the feed.

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
            name = words.get("name") or words.get("device_name")
            thing = f"{FEED}:{own_id(name)}"
        except ValueError as error:
            gathering.problem("properties.name", "is no name", (str(error), feature))
            continue
        geometry, longitude, latitude = feature.get("geometry"), None, None
        if isinstance(geometry, dict) and "type" not in geometry:
            gathering.met("geometries without type")
        try:
            longitude, latitude, swapped = place_of(geometry)
            gathering.met("places in swapped order", int(swapped))
        except ValueError as error:
            gathering.problem("geometry", "is no place", (str(error), feature))
        told = names_of(words.get("streetName"))
        told = told or {one: str(words[f"road_{one}"]) for one in ("fr", "nl", "en") if words.get(f"road_{one}")}
        rows = words.get("tracks")
        tracks = {
            _track(row.get("identifier")): names_of(row.get("descriptions"))
            for row in (rows if isinstance(rows, list) else [])
            if isinstance(row, dict)
        }
        properties = {"device": name, "names": told, "tracks": tracks}
        gathering.thing(Thing(thing, told.get("fr") or str(name), longitude, latitude, properties))
    return gathering.parsed()


def parse_live(payload: bytes | str, received: int | None = None) -> Parsed:
    """Read how many came since the hour, the day and the year began.

    Parameters
    ----------
    payload : bytes or str
        JSON, of today ``[{device, timestamp, tracks: [{track, hourCount, …}], hourCount, dayCount, yearCount}, …]``, or
        of before ``{"data": {device: {hour_cnt, day_cnt, year_cnt, cnt_time}}}``.
    received : int or None
        When it came; see `StreetClock`. [ns, UTC]

    Returns
    -------
    Parsed
        Datastreams ``…/bicycle_count/hour_so_far`` and so on, with period 0: they count up and fall back to zero, so
        they are no counts of a period; ``properties["running"]`` says since when. Counters long gone still stand in the
        payload with the time of their last count, which their reading keeps.

    Raises
    ------
    SensorError
        No JSON, or neither of both.
    """
    document = read_json(payload, FEED)
    data = document.get("data") if isinstance(document, dict) else None
    if isinstance(data, dict):
        rows = [{**row, "device": name} if isinstance(row, dict) else {"device": name} for name, row in data.items()]
    elif isinstance(document, list):
        rows = document
    else:
        raise SensorError(f"{FEED}: the live payload holds no counters; it starts with {str(document)[:80]!r}")
    gathering, clock = Gathering(FEED), StreetClock(received)
    if not rows:
        gathering.problem("data", "holds no counter", document)
    for row in rows:
        gathering.met("devices")
        try:
            name = mapping(row).get("device")
            thing = f"{FEED}:{own_id(name)}"
        except ValueError as error:
            gathering.problem("device", "is no name", (str(error), row))
            continue
        gathering.thing(Thing(thing, str(name), properties={"device": name}))
        stamp = row.get("timestamp", row.get("cnt_time"))
        if stamp in (None, "-"):
            gathering.silent += 1
            continue
        try:
            time, flag = clock.read(stamp, thing)
        except ValueError as error:
            gathering.problem("timestamp", "cannot be read", (str(error), row))
            continue
        tracks = row.get("tracks")
        for part in [row, *(tracks if isinstance(tracks, list) else [])]:
            _running(gathering, thing, part, time, flag)
    return gathering.parsed()


def _running(gathering: Gathering, thing: str, part: Any, time: int, flag: int) -> None:
    """Note the running counts of a counter or of one of its tracks."""
    if not isinstance(part, dict):
        gathering.problem("tracks", "is no track", part)
        return
    track = f"{_track(part['track'])}/" if "track" in part else ""
    for since, now, before in _LIVE:
        field = now if now in part else before
        try:
            value = measure(part.get(field))
        except ValueError as error:
            gathering.problem(field, "cannot be read", (str(error), part))
            continue
        tail = f"{track}{since}_so_far"
        stream = Datastream(f"{thing}/bicycle_count/{tail}", thing, "bicycle_count", 0.0, FEED,
                            properties={"running": since})  # fmt: skip
        gathering.reading(stream, time, value, flag)


def parse_summary(payload: bytes | str) -> Parsed:
    """Read a day by quarters of an hour.

    Parameters
    ----------
    payload : bytes or str
        JSON ``[{device, data: [{track, detections: [{start, end, count, averageSpeed}, …]}]}, …]``, days first in dates
        (``14/02/2026 23:00:00``), in UTC.

    Returns
    -------
    Parsed
        ``counts["tracks cut short"]`` are those with fewer than 96 quarters; what is not there has no reading. The
        speed of bicycles is a ``traffic_speed`` with ``properties["mode"]`` ``bike``. ``averageTemperature`` (of
        the air, the street or the box) and ``classesCount``, which no document explains, are not read.

    Raises
    ------
    SensorError
        No JSON, or no list.
    """
    document = read_json(payload, FEED)
    if not isinstance(document, list):
        raise SensorError(f"{FEED}: the summary is no list; it starts with {str(document)[:80]!r}")
    gathering, times = Gathering(FEED), dict[object, int]()
    if not document:
        gathering.problem("device", "the summary holds no counter", document)
    for row in document:
        gathering.met("devices")
        try:
            name = mapping(row).get("device")
            thing = f"{FEED}:{own_id(name)}"
            tracks = row.get("data")
            if not isinstance(tracks, list):
                raise ValueError(f"{tracks!r} is no list of tracks")
        except ValueError as error:
            gathering.problem("device, data", "cannot be read", (str(error), row))
            continue
        gathering.thing(Thing(thing, str(name), properties={"device": name}))
        before = gathering.counts.get("slots", 0)
        for track in tracks:
            slots = track.get("detections") if isinstance(track, dict) else None
            if not isinstance(slots, list):
                gathering.problem("data.detections", "is no list", track)
                continue
            streams = _streams(thing, f"{_track(track.get('track'))}/")
            for slot in slots:
                _slot(gathering, streams, times, slot)
            gathering.met("tracks cut short", int(len(slots) < _SLOTS))
        gathering.silent += gathering.counts.get("slots", 0) == before
    return gathering.parsed()


def _slot(gathering: Gathering, streams: tuple[Datastream, Datastream], times: dict[object, int], slot: Any) -> None:
    """Note a quarter of an hour of a track."""
    gathering.met("slots")
    if not isinstance(slot, dict):
        gathering.problem("data.detections", "is no slot", slot)
        return
    try:
        for stamp in (slot.get("start"), slot.get("end")):
            if stamp not in times:
                times[stamp] = nanoseconds(wall_time(stamp).replace(tzinfo=UTC))
        end = times[slot["end"]]
        if end - times[slot["start"]] != QUARTER * SECOND:
            raise ValueError("it is no quarter of an hour")
    except (ValueError, TypeError) as error:
        gathering.problem("data.detections.end", "cannot be read", (str(error), slot))
        return
    for stream, field, unit in zip(streams, ("count", "averageSpeed"), (1.0, KILOMETRE_PER_HOUR), strict=True):
        if field == "averageSpeed" and field not in slot:
            continue  # nobody came
        try:
            gathering.reading(stream, end, measure(slot.get(field), unit))
        except ValueError as error:
            gathering.problem(f"data.detections.{field}", "cannot be read", (str(error), slot))


def parse_history(payload: bytes | str, device: str = "") -> Parsed:
    """Read days of the past of one counter, by quarters of an hour.

    Parameters
    ----------
    payload : bytes or str
        CSV ``Date,Time gap,Count,Average speed`` (``2021-12-15,1,3,16``), or JSON ``{"feature", "data": [{count_date,
        time_gap, count, average_speed}, …]}``; gap 1 is 00:00 to 00:15, in UTC.
    device : str
        Its name, where the payload does not say it.

    Returns
    -------
    Parsed
        ``counts["days cut short"]`` are those with fewer than 96 quarters; what is not there has no reading. -1 is NaN.

    Raises
    ------
    SensorError
        Neither CSV with these columns nor JSON; or no name.
    """
    rows: Any
    fields: tuple[str, ...]
    gathering, days = Gathering(FEED), Counter[object]()
    if read_text(payload, FEED).lstrip()[:1] in ("{", "["):
        document = read_json(payload, FEED)
        rows = document.get("data") if isinstance(document, dict) else None
        if not isinstance(rows, list):
            raise SensorError(f"{FEED}: the history has no 'data'; it starts with {str(document)[:80]!r}")
        device = device or str(document.get("feature") or "")
        fields = ("count_date", "time_gap", "count", "average_speed")
    else:
        rows, fields = rows_of(payload, _HISTORY, gathering), _HISTORY
    if not device:
        raise SensorError(f"{FEED}: a history in CSV does not say of which counter; give its name")
    thing = f"{FEED}:{own_id(device)}"
    # two columns, not a tuple for each reading, and each text read once: years of quarters are a million readings
    columns: tuple[tuple[list[int], list[float]], ...] = (([], []), ([], []))
    midnights, gaps = dict[object, int](), dict[object, int]()
    day, gap, *cells = fields
    units = (1.0, KILOMETRE_PER_HOUR)
    for row in rows:
        if not isinstance(row, dict):
            gathering.problem("data", "is no quarter of an hour", row)
            continue
        date, slot = row.get(day), row.get(gap)
        try:
            if date not in midnights:
                midnights[date] = nanoseconds(_date(date))
            if slot not in gaps:
                gaps[slot] = _gap(slot)
        except (ValueError, TypeError, OverflowError) as error:
            gathering.problem(f"{day}, {gap}", "cannot be read", (str(error), row))
            continue
        days[date] += 1
        end = midnights[date] + gaps[slot]
        for (times, values), cell, unit in zip(columns, cells, units, strict=True):
            try:
                values.append(measure(row.get(cell), unit))
                times.append(end)
            except ValueError as error:
                gathering.problem(cell, "cannot be read", (str(error), row))
    gathering.thing(Thing(thing, device, properties={"device": device}))
    gathering.met("slots", sum(days.values()))
    gathering.met("days", len(days))
    gathering.met("days cut short", sum(slots < _SLOTS for slots in days.values()))
    if not days:
        gathering.silent = 1
        gathering.problem("data", "the history holds no quarter of an hour", device)
    parts = []
    for stream, (times, values) in zip(_streams(thing, ""), columns, strict=True):
        gathering.stream(stream)
        parts.append(Readings.of([stream.id] * len(times), times, values))
    return replace(gathering.parsed(), readings=Readings.joined(parts))


def _gap(number: Any) -> int:
    """End of a quarter of an hour after midnight. [ns]"""
    slot = float(number)
    if slot not in range(1, _SLOTS + 1):
        raise ValueError(f"gap {number!r} is none of 1 to {_SLOTS}")
    return int(slot) * int(QUARTER) * SECOND


def _date(text: object) -> datetime:
    day = wall_time(text)
    if day.tzinfo is not None or day - day.replace(hour=0, minute=0, second=0, microsecond=0) != timedelta(0):
        raise ValueError(f"{text!r} is no date")
    return day.replace(tzinfo=UTC)


def _streams(thing: str, track: str) -> tuple[Datastream, Datastream]:
    return (
        Datastream(f"{thing}/bicycle_count/{track}15min", thing, "bicycle_count", QUARTER, FEED),
        Datastream(f"{thing}/traffic_speed/{track}15min", thing, "traffic_speed", QUARTER, FEED,
                   properties={"mode": "bike"}),
    )  # fmt: skip


def _track(name: object) -> str:
    """``Track 1.1`` of some counters is ``Track1.1`` of others."""
    return "".join(str(name).split()).replace("/", "-")
