"""Counts of cameras that look at traffic (DAI) of Brussels Mobility: lanes, classes of vehicles, speed, occupancy.

Cameras count; no picture, plate or track is in the payload.
"""

import math
import re
from collections.abc import Iterator

from lxml import etree

from twin.sensors.feeds.counters import KILOMETRE_PER_HOUR, PERCENT, StreetClock, measure, own_id
from twin.sensors.feeds.payloads import read_text
from twin.sensors.model import Datastream, Gathering, Parsed, SensorError, Thing

FEED = "bm_dai"
ALL_LANES = "100"
"""This lane is the sum over the lanes of a camera, so it must not be added to them: seen in every recorded case."""
_CLASSES = {"#C1": "class1", "#C2": "class2", "#C3": "class3"}
_LANES = {"Speed": ("traffic_speed", KILOMETRE_PER_HOUR), "Occupancy": ("detector_occupancy", PERCENT)}


def parse(payload: bytes | str, received: int | None = None) -> Parsed:
    """Read the measures of cameras.

    Parameters
    ----------
    payload : bytes or str
        XML ``<CitiEvent><Measure><Type/><CameraId/><CameraName/><LaneId/><PeriodSec/><Time/><Value/></Measure>…``;
        ``Type`` is ``Speed`` (km/h), ``Occupancy`` (percent) or ``#C1`` to ``#C3`` (vehicles of a class); ``Time`` by
        the clock of Brussels.
    received : int or None
        When it came; see `StreetClock`. [ns, UTC]

    Returns
    -------
    Parsed
        One reading for each measure, and the sum of its classes for each lane (``…/vehicle_count/lane1``). -1 is NaN.
        Where no vehicle came there is no speed. A camera of which nothing but -1 came is silent.

    Raises
    ------
    SensorError
        No XML, a document type in it, or no measures and no ``CitiEvent``.

    Notes
    -----
    ``Time`` is taken as the end of the period: the recorded payload of 13:50 says 13:50:00, and nobody can have
    counted the minute that begins then. No document of the owner says so; it may be a minute off.
    """
    gathering, clock = Gathering(FEED), StreetClock(received)
    lanes: dict[tuple[str, str, int, float], dict[str, tuple[float, int]]] = {}
    speaks: dict[str, bool] = {}
    for element in _measures(payload, gathering):
        gathering.met("measures")
        fields = {child.tag: (child.text or "").strip() for child in element}
        try:
            camera, lane = own_id(fields.get("CameraId", "")), own_id(fields.get("LaneId", ""))
            period = measure(fields.get("PeriodSec"))
            if not 0.0 < period <= 3600.0:
                raise ValueError(f"{fields.get('PeriodSec')!r} is no period")
        except ValueError as error:
            gathering.problem("CameraId, LaneId, PeriodSec", "cannot be read", (str(error), fields))
            continue
        kind = fields.get("Type", "")
        if kind not in _CLASSES and kind not in _LANES:
            gathering.problem("Type", f"is none of {', '.join([*_LANES, *_CLASSES])}", fields)
            continue
        try:
            time, flag = clock.read(fields.get("Time"), f"{camera}/{lane}/{kind}")
        except ValueError as error:
            gathering.problem("Time", "cannot be read", (str(error), fields))
            continue
        try:
            value = measure(fields.get("Value"), _LANES[kind][1] if kind in _LANES else 1.0)
        except ValueError as error:
            gathering.problem("Value", "cannot be read", (str(error), fields))
            continue
        name = fields.get("CameraName") or camera
        gathering.thing(Thing(f"{FEED}:{camera}", name, properties={"device": own_id(name)}))
        gathering.met("missing values", int(math.isnan(value)))
        speaks[camera] = speaks.get(camera, False) or not math.isnan(value)
        kinds = lanes.setdefault((camera, lane, time, period), {})
        gathering.met("measures told twice", int(kind in kinds))
        kinds.setdefault(kind, (value, flag))
    if not gathering.counts.get("measures"):
        gathering.problem("Measure", "the payload holds no measure", read_text(payload, FEED))
    for (camera, lane, time, period), kinds in lanes.items():
        _lane(gathering, camera, lane, time, period, kinds)
    gathering.silent = sum(not one for one in speaks.values())
    return gathering.parsed()


def _lane(
    gathering: Gathering, camera: str, lane: str, time: int, period: float, kinds: dict[str, tuple[float, int]]
) -> None:
    """Note what one lane of a camera counted in one period."""
    thing = f"{FEED}:{camera}"
    tail = "all" if lane == ALL_LANES else f"lane{lane}"

    def note(quantity: str, end: str, value: float, flag: int) -> None:
        gathering.reading(Datastream(f"{thing}/{quantity}/{end}", thing, quantity, period, FEED), time, value, flag)

    classes = [kinds[kind] for kind in _CLASSES if kind in kinds]
    vehicles = sum(value for value, _ in classes) if classes else math.nan
    for kind, (value, flag) in kinds.items():
        if kind in _CLASSES:
            note("vehicle_count", f"{tail}/{_CLASSES[kind]}", value, flag)
        elif kind == "Speed" and vehicles == 0.0 and not math.isnan(value):
            gathering.met("speeds of no vehicle")
        else:
            note(_LANES[kind][0], tail, value, flag)
    if classes:
        gathering.met("lanes added up")
        note("vehicle_count", tail, vehicles, max(flag for _, flag in classes))


def _measures(payload: bytes | str, gathering: Gathering) -> Iterator[etree._Element]:
    """Measures of the payload. Where the XML is broken those that are whole are kept, for each stands alone.

    Raises
    ------
    SensorError
        No XML, or not this one.
    """
    text = read_text(payload, FEED)
    start = text.lstrip()[:80]
    if "<!DOCTYPE" in text[:100_000].upper():
        raise SensorError(f"{FEED}: the payload has a document type, which may hide an entity bomb; starts {start!r}")
    try:
        root = _element(text)
    except (etree.XMLSyntaxError, ValueError) as error:
        if "<CitiEvent" not in text[:2000]:
            raise SensorError(f"{FEED}: the payload is no XML ({error}); it starts with {start!r}") from error
        gathering.problem("xml", "is broken, whole measures are kept", (str(error), text[-200:]))
    else:
        if root.tag != "CitiEvent":
            raise SensorError(f"{FEED}: the payload is no CitiEvent; it starts with {start!r}")
        yield from root.iter("Measure")
        return
    for piece in re.findall("<Measure>.*?</Measure>", text, re.DOTALL):
        try:
            yield _element(piece)
        except (etree.XMLSyntaxError, ValueError) as error:
            gathering.problem("Measure", "is broken", (str(error), piece))


def _element(text: str) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True,
        encoding="utf-8",
    )  # fmt: skip
    return etree.fromstring(text.encode(), parser)
