"""Anyone's meters as a table: water and rain, meters of buildings, bins, panels, lamps; CSV or JSON, one row a reading.

Columns, in any order, others are not read:

===============  ======================================================================================================
``time``         ISO 8601, of the clock of Brussels where it bears no zone; end of what was measured
``id``           of the device
``quantity``     a name of `kernels.quantities`, or one of `KINDS`
``value``        a number; empty, null, -9999: nothing is known
``unit``         one of `UNITS` for the unit of the quantity
``period_s``     may be absent; a reading holds for so long before its time: needed for what falls or flows in a time
``valid``        may be absent; 0 where the owner says that it is not to be used
``name``, ``longitude``, ``latitude``, ``building``, ``link``
                 may be absent; of the device, from its first row
===============  ======================================================================================================

``meter``, ``kind`` and ``reading`` of the tables of `twin.formats.meters_csv` are met too, for counters.
"""

import math
from collections.abc import Iterator
from typing import Any

from kernels.quantities import QUANTITIES
from twin.sensors.feeds.counters import own_id
from twin.sensors.feeds.payloads import MICROGRAM, WallClock, read_json, read_number, read_rows, read_text
from twin.sensors.model import Datastream, Gathering, Parsed, SensorError, Thing
from twin.sensors.quality import Flag

KINDS = {
    "electricity": "metered_electricity", "gas": "metered_gas", "heat": "metered_heat", "water": "metered_water",
    "rain": "rain_depth", "level": "water_level", "depth": "water_depth", "bin": "bin_fill",
    "photovoltaic": "photovoltaic_ac_power", "light": "light_power",
}  # fmt: skip
"""Short words for quantities."""

_HOUR = 3600.0
UNITS: dict[str, dict[str, tuple[float, float]]] = {
    "1": {"1": (1.0, 0.0), "%": (0.01, 0.0)},
    "m": {"m": (1.0, 0.0), "m TAW": (1.0, 0.0), "cm": (0.01, 0.0), "mm": (0.001, 0.0)},
    "m s-1": {"m/s": (1.0, 0.0), "km/h": (1 / 3.6, 0.0), "mm/h": (0.001 / _HOUR, 0.0)},
    "m3": {"m3": (1.0, 0.0), "L": (0.001, 0.0)},
    "m3 s-1": {"m3/s": (1.0, 0.0), "m3/h": (1 / _HOUR, 0.0), "L/s": (0.001, 0.0)},
    "J": {"J": (1.0, 0.0), "MJ": (1e6, 0.0), "GJ": (1e9, 0.0), "Wh": (_HOUR, 0.0), "kWh": (1e3 * _HOUR, 0.0),
          "MWh": (1e6 * _HOUR, 0.0)},
    "W": {"W": (1.0, 0.0), "kW": (1e3, 0.0), "MW": (1e6, 0.0)},
    "W m-2": {"W/m2": (1.0, 0.0)},
    "K": {"K": (1.0, 0.0), "C": (1.0, 273.15)},
    "Pa": {"Pa": (1.0, 0.0), "hPa": (100.0, 0.0)},
    "kg m-3": {"kg/m3": (1.0, 0.0), "ug/m3": (MICROGRAM, 0.0)},
    "degree": {"degree": (1.0, 0.0)},
    "dB": {"dB": (1.0, 0.0)},
}  # fmt: skip
"""Factor and offset to the unit of a quantity, by spelling: ``m³``, ``°C`` and ``µg`` are met as ``m3``, ``C`` and
``ug``, ``l`` and ``dB(A)`` as ``L`` and ``dB``. Cubic metres of gas hold no fixed energy."""

_SPELLINGS = str.maketrans({"³": "3", "²": "2", "°": "", "µ": "u", "μ": "u", "l": "L"})
OVER_A_TIME = ("rain_depth", "vehicle_count", "bicycle_count", "pedestrian_count", "photovoltaic_energy")
"""What means nothing without the time in which it fell or passed."""


def parse(payload: bytes | str, feed: str = "meters") -> Parsed:
    """Readings of a table.

    Parameters
    ----------
    payload : bytes or str
        CSV with a head, a list of JSON, or ``{"readings": [...]}``; columns as above.
    feed : str
        First part of the ids.

    Returns
    -------
    Parsed
        ``counts``: "rows", "missing values", "not valid", "in the hour that comes twice".

    Raises
    ------
    SensorError
        No such table.
    """
    found, clock = Gathering(feed), WallClock()
    known: dict[tuple[Any, ...], tuple[Datastream, float, float]] = {}
    for row in _rows(payload, feed):
        found.met("rows")
        try:
            key = tuple([row.get(name) for name in _KEYS])
            if key not in known:
                known[key] = _stream(found, row)
        except _BadRowError as error:
            found.problem(error.place, error.words, row)
            continue
        except (AttributeError, TypeError):
            found.problem("row", "is no object of plain cells", row)
            continue
        _reading(found, row, known[key], clock)
    if clock.twice:
        found.met("in the hour that comes twice", clock.twice)
    return found.parsed()


_KEYS = ("id", "meter", "quantity", "kind", "unit", "period_s", "reading")


class _BadRowError(Exception):
    def __init__(self, place: str, words: str) -> None:
        super().__init__(place, words)
        self.place, self.words = place, words


def _rows(payload: bytes | str, feed: str) -> Iterator[Any]:
    text = read_text(payload, feed)
    if text.lstrip().startswith(("{", "[")):
        tree = read_json(text, feed)
        rows = tree.get("readings") if isinstance(tree, dict) else tree
        if not isinstance(rows, list):
            raise SensorError(f"{feed}: expected a list of readings, got {str(tree)[:80]!r}")
        yield from rows
    else:
        yield from read_rows(text, feed, ("time", "value", "unit"))


def _stream(found: Gathering, row: dict[str, Any]) -> tuple[Datastream, float, float]:
    """The datastream of a row, and factor and offset to the unit of its quantity."""
    try:
        own = own_id(row.get("id") or row.get("meter"))
    except ValueError:
        raise _BadRowError("id", "is missing") from None
    word = str(row.get("quantity") or row.get("kind") or "")
    quantity = KINDS.get(word, word)
    if quantity not in QUANTITIES:
        raise _BadRowError("quantity", f"{word!r} is not known")
    if row.get("reading") not in (None, "", "counter"):
        raise _BadRowError("reading", f"{row['reading']!r} is not met; send what counters show")
    units = UNITS.get(QUANTITIES[quantity].units, {})
    unit = str(row.get("unit") if row.get("unit") is not None else "").strip().removesuffix("(A)")
    unit = unit if unit in units else unit.translate(_SPELLINGS)
    if unit not in units:
        raise _BadRowError("unit", f"{row.get('unit')!r} is none of {quantity}; expected {', '.join(units)}")
    try:
        period = read_number(row.get("period_s"))
    except ValueError:
        raise _BadRowError("period_s", "is no number") from None
    period = 0.0 if math.isnan(period) else period
    if period < 0 or (period == 0 and quantity in OVER_A_TIME):
        raise _BadRowError("period_s", f"is needed, above zero, for {quantity}")
    thing = _thing(found, row, own)
    name = f"{thing.id}/{quantity}" + (f"/{period:g}s" if period else "")
    return Datastream(name, thing.id, quantity, period, found.feed), *units[unit]


def _thing(found: Gathering, row: dict[str, Any], own: str) -> Thing:
    longitude = latitude = math.nan
    try:
        longitude, latitude = read_number(row.get("longitude")), read_number(row.get("latitude"))
    except ValueError:
        found.problem("longitude, latitude", "are no place", row)
    placed = abs(longitude) <= 180 and abs(latitude) <= 90
    properties = {name: row[name] for name in ("building", "link") if row.get(name) not in (None, "")}
    thing = Thing(f"{found.feed}:{own}", str(row.get("name") or own), longitude if placed else None,
                  latitude if placed else None, properties)  # fmt: skip
    found.thing(thing)
    return thing


def _reading(found: Gathering, row: dict[str, Any], stream: tuple[Datastream, float, float], clock: WallClock) -> None:
    one, factor, offset = stream
    before = clock.twice
    try:
        time = clock.read(str(row.get("time")), one.id)
    except ValueError:
        found.problem("time", "is no time", row)
        return
    try:
        value = read_number(row.get("value"))
    except ValueError:
        found.problem("value", "is no number", row)
        return
    flag = int(Flag.CLOCK) if clock.twice > before else 0
    if str(row.get("valid", "")).lower() in ("0", "false"):
        found.met("not valid")
        flag |= int(Flag.NOT_VALID)
    if math.isnan(value):
        found.met("missing values")
    found.reading(one, time, value * factor + offset, flag)
