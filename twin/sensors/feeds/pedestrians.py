"""Counts of people on foot, in the plain table that any maker of counters can give.

As CSV, with these columns, or as JSON, a list of objects with these keys (or ``{"counts": [...]}``):

``counter``
    Its name.
``begin``, ``until``
    ISO 8601. Without an offset by the clock of Brussels.
``count``
    People who passed. Empty, or -1, where the counter did not count; 0 says that it did and nobody came.
``direction``, ``name``, ``longitude``, ``latitude``
    May be there: which way they went, what people call the place, and where it is (WGS84). [degree]

Other columns are not read: a counter counts, it does not tell who.
"""

from typing import Any

from twin.sensors.feeds.counters import StreetClock, mapping, measure, own_id, place_of, rows_of
from twin.sensors.feeds.payloads import read_json, read_text
from twin.sensors.model import SECOND, Datastream, Gathering, Parsed, SensorError, Thing

FEED = "pedestrians"
NEEDED = ("counter", "begin", "until", "count")
LONGEST = 86_400.0
"""A count over longer than so is taken for a mistake. [s]"""


def parse(payload: bytes | str, received: int | None = None) -> Parsed:
    """Read counts of people on foot.

    Parameters
    ----------
    payload : bytes or str
        CSV or JSON as the module tells.
    received : int or None
        When it came; see `StreetClock`. [ns, UTC]

    Returns
    -------
    Parsed
        Datastreams ``…/pedestrian_count/15min`` with the direction behind it where it is told.

    Raises
    ------
    SensorError
        Neither, or a column that is needed is not there.
    """
    rows: Any
    gathering = Gathering(FEED)
    if read_text(payload, FEED).lstrip()[:1] in ("{", "["):
        document = read_json(payload, FEED)
        rows = document.get("counts") if isinstance(document, dict) else document
        if not isinstance(rows, list):
            raise SensorError(f"{FEED}: the payload has no 'counts'; it starts with {str(document)[:80]!r}")
    else:
        rows = rows_of(payload, NEEDED, gathering)
    clock = StreetClock(received)
    speaks: dict[str, bool] = {}
    for row in rows:
        gathering.met("rows")
        try:
            name = own_id(mapping(row).get("counter"))
            speaks.setdefault(name, False)
        except ValueError as error:
            gathering.problem("counter", "is no name", (str(error), row))
            continue
        try:
            series = f"{name}/{row.get('direction') or ''}"
            begin, _ = clock.read(row.get("begin"), f"{series}/begin")
            end, flag = clock.read(row.get("until"), f"{series}/until")
            period = (end - begin) / SECOND
            if not 0.0 < period <= LONGEST:
                raise ValueError(f"it is {period:g} s after {row.get('begin')}")
        except ValueError as error:
            gathering.problem("begin, until", "cannot be read", (str(error), row))
            continue
        try:
            value = measure(row.get("count"))
        except ValueError as error:
            gathering.problem("count", "cannot be read", (str(error), row))
            continue
        thing = f"{FEED}:{name}"
        gathering.thing(_thing(gathering, thing, row))
        tail = f"{period / 60:g}min" + (f"/{own_id(row['direction'])}" if row.get("direction") else "")
        gathering.reading(
            Datastream(f"{thing}/pedestrian_count/{tail}", thing, "pedestrian_count", period, FEED), end, value, flag
        )
        speaks[name] = speaks[name] or value == value
    if not speaks:
        gathering.problem("rows", "the payload holds no count", "")
    gathering.silent = sum(not one for one in speaks.values())
    return gathering.parsed()


def _thing(gathering: Gathering, thing: str, row: Any) -> Thing:
    try:
        longitude, latitude, _ = place_of({"coordinates": [row.get("longitude"), row.get("latitude")]})
    except ValueError as error:
        gathering.problem("longitude, latitude", "is no place", (str(error), row))
        longitude = latitude = None
    return Thing(thing, str(row.get("name") or row.get("counter")), longitude, latitude)
