"""sensor.community: particles and weather at the homes of people, every few minutes."""

import math
from typing import Any

from twin.sensors.feeds.counters import own_id
from twin.sensors.feeds.payloads import MICROGRAM, read_json, read_number, utc_time
from twin.sensors.model import Datastream, Gathering, Parsed, SensorError, Thing

FEED = "sensor_community"
URL = "https://data.sensor.community/airrohr/v1/filter/area=50.85,4.35,12"
"""Sensors within 12 km of the middle of Brussels, last five minutes. A list of rows."""

QUANTITIES = {
    "P1": ("particles_10", MICROGRAM, 0.0), "P2": ("particles_2_5", MICROGRAM, 0.0),
    "temperature": ("air_temperature", 1.0, 273.15), "humidity": ("relative_humidity", 0.01, 0.0),
    "pressure": ("air_pressure", 1.0, 0.0), "noise_LAeq": ("sound_level", 1.0, 0.0),
}  # fmt: skip
"""Quantity of each value that is read, with factor and offset to its unit. Temperature is in °C, pressure in Pa. Other
values (P0 and P4, numbers of particles, pressure brought to sea level) are counted and left."""


def parse(payload: bytes | str) -> Parsed:
    """Readings of a snapshot: GeoJSON, or the list of rows of the API.

    Parameters
    ----------
    payload : bytes or str
        Names of keys may be joined with "_" or ".", or be nested objects: all three are met. Times are UTC.

    Returns
    -------
    Parsed
        A thing for each sensor, which stays when its box gets another one; ``counts`` has "rows" and "rows again": a
        sensor that is in the snapshot several times has several times.

    Raises
    ------
    SensorError
        No JSON, or JSON of another kind.
    """
    found, known = Gathering(FEED), set[tuple[int, str]]()
    for number, row in enumerate(_rows(read_json(payload, FEED))):
        found.met("rows")
        try:
            _row(found, row, known)
        except _BadRowError as error:
            found.problem(error.place, error.words, f"row {number}: {row}")
    return found.parsed()


class _BadRowError(Exception):
    def __init__(self, place: str, words: str) -> None:
        super().__init__(place, words)
        self.place, self.words = place, words


def _rows(tree: Any) -> list[Any]:
    if isinstance(tree, dict) and isinstance(tree.get("features"), list):
        return tree["features"]
    if isinstance(tree, list):
        return tree
    raise SensorError(f"{FEED}: expected GeoJSON or a list of rows, got {str(tree)[:80]!r}")


def _row(found: Gathering, row: Any, known: set[tuple[int, str]]) -> None:
    if not isinstance(row, dict):
        raise _BadRowError("row", "is no object")
    said = row.get("properties", row)
    if not isinstance(said, dict):
        raise _BadRowError("properties", "is no object")
    flat = _flat(said)
    try:
        sensor = own_id(flat.get("sensor_id"))
    except ValueError:
        raise _BadRowError("sensor.id", "is missing") from None
    try:
        time = utc_time(flat.get("timestamp"))
    except ValueError:
        raise _BadRowError("timestamp", "is no time") from None
    values = said.get("sensordatavalues")
    if not isinstance(values, list):
        raise _BadRowError("sensordatavalues", "is missing")
    thing = _thing(found, flat, sensor, row)
    if not values:
        found.silent += 1
    if (time, sensor) in known:
        found.met("rows again")
    known.add((time, sensor))
    for one in values:
        _value(found, thing, time, one)


def _flat(said: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Names joined by "_", whatever joined them in the payload; later snapshots write "." where the first wrote "_"."""
    flat: dict[str, Any] = {}
    for name, value in said.items():
        whole = f"{before}{name}".replace(".", "_")
        if isinstance(value, dict):
            flat |= _flat(value, whole + "_")
        else:
            flat[whole] = value
    return flat


def _thing(found: Gathering, flat: dict[str, Any], sensor: str, row: dict[str, Any]) -> Thing:
    place = [math.nan, math.nan]
    try:
        place = [read_number(flat.get("location_longitude")), read_number(flat.get("location_latitude"))]
    except ValueError:
        found.problem("location", "is no place", row)
    known = math.isfinite(sum(place)) and abs(place[0]) <= 180 and abs(place[1]) <= 90
    kind = str(flat.get("sensor_sensor_type_name") or "")
    thing = Thing(
        f"{FEED}:{sensor}", f"sensor.community {sensor}", place[0] if known else None, place[1] if known else None,
        {"device": kind, "indoor": flat.get("location_indoor") in (1, "1", True),
         "exact": flat.get("location_exact_location") in (1, "1", True)},
    )  # fmt: skip
    found.thing(thing)
    return thing


def _value(found: Gathering, thing: Thing, time: int, one: Any) -> None:
    if not isinstance(one, dict) or "value_type" not in one:
        found.problem("sensordatavalues", "holds no value", one)
        return
    kind = str(one["value_type"])
    if kind not in QUANTITIES:
        found.met("values left")
        return
    quantity, factor, offset = QUANTITIES[kind]
    try:
        value = read_number(one.get("value"))
    except ValueError:
        found.problem(f"sensordatavalues.{kind}", "is no number", one)
        return
    stream = Datastream(f"{thing.id}/{quantity}", thing.id, quantity, sensor=str(thing.properties["device"]))
    found.reading(stream, time, value * factor + offset)
