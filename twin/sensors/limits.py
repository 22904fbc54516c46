"""What a reading can be, by quantity, and the units it may be sent in by mistake: ``assets/sensor_limits.csv``."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kernels.quantities import QUANTITIES
from twin.rainfall import rows_of
from twin.sensors.model import Datastream, SensorError

TABLE = Path(__file__).parents[2] / "assets" / "sensor_limits.csv"

MISTAKEN: Mapping[str, tuple[float, float]] = {
    "celsius": (1.0, 273.15),
    "fahrenheit": (5.0 / 9.0, 459.67 * 5.0 / 9.0),
    "percent": (0.01, 0.0),
    "hectopascal": (100.0, 0.0),
    "km_h": (1.0 / 3.6, 0.0),
    "knot": (1852.0 / 3600.0, 0.0),
    "centimetre": (0.01, 0.0),
    "millimetre": (0.001, 0.0),
    "kilowatt_hour": (3.6e6, 0.0),
    "watt_hour": (3600.0, 0.0),
    "litre": (0.001, 0.0),
}
"""Factor and offset that bring a value in such a unit into that of its quantity: value * factor + offset."""

PERIODS_UNTIL_STALE = 3.0
"""A reading may be so many of its periods old; assumed. [1]"""


@dataclass(frozen=True)
class Limits:
    """Limits of one quantity; None where there is none.

    Attributes
    ----------
    quantity : str
    lowest, highest : float or None
        [unit of the quantity]
    highest_per_s : float or None
        Added to the highest for each second of a reading's period, and alone the highest where there is none.
        [unit s⁻¹]
    step, rate : float or None
        From one reading to the next [unit], and for each second between [unit s⁻¹].
    stuck_s, stale_s : float or None
        [s]
    rests_at : float or None
        Where it may stay for ever. [unit]
    neighbour, radius_m : float or None
        [unit], [m]
    rising : bool
        Whether a counter of it never falls.
    units : tuple of str
        Of `MISTAKEN`.
    source : str
    """

    quantity: str
    lowest: float | None = None
    highest: float | None = None
    highest_per_s: float | None = None
    step: float | None = None
    rate: float | None = None
    stuck_s: float | None = None
    rests_at: float | None = None
    stale_s: float | None = None
    neighbour: float | None = None
    radius_m: float | None = None
    rising: bool = False
    units: tuple[str, ...] = ()
    source: str = ""

    def span(self, period: float) -> tuple[float, float]:
        """Lowest and highest of a reading that holds for so long [s]; infinite where there is no limit."""
        low = float("-inf") if self.lowest is None else self.lowest
        high = float("inf") if self.highest is None else self.highest
        if self.highest_per_s is not None and period > 0.0:
            high = (self.highest or 0.0) + self.highest_per_s * period
        return low, high

    def stale_after(self, period: float) -> float:
        """Age from which a reading that holds for so long [s] is stale; infinite where there is no limit. [s]"""
        return float("inf") if self.stale_s is None else max(self.stale_s, PERIODS_UNTIL_STALE * period)


@cache
def limits(path: Path = TABLE) -> Mapping[str, Limits]:
    """Limits by quantity.

    Raises
    ------
    SensorError
        A row that names no quantity or unit, or holds what is no number.
    """
    header, *rows = rows_of(path.read_text(encoding="utf-8"))
    found: dict[str, Limits] = {}
    for values in rows:
        row = dict(zip(header, values, strict=True))
        name = row.pop("quantity")
        if name not in QUANTITIES or name in found:
            raise SensorError(f"{path.name}: {name!r} is no quantity, or there twice; see kernels/quantities")
        units = tuple(row.pop("units").split())
        odd = [unit for unit in units if unit not in MISTAKEN]
        if odd:
            raise SensorError(f"{path.name}: {name}: no unit {odd[0]!r}; expected of {', '.join(MISTAKEN)}")
        source, rising = row.pop("source"), row.pop("rising") == "yes"
        try:
            numbers = {column: float(text) for column, text in row.items() if text.strip()}
        except ValueError as error:
            raise SensorError(f"{path.name}: {name}: {error}; expected a number or nothing") from error
        found[name] = Limits(name, rising=rising, units=units, source=source, **numbers)
    return found


def limits_of(stream: Datastream, table: Mapping[str, Limits] | None = None) -> Limits:
    """Limits of a datastream's quantity; without any where the table has none."""
    return (limits() if table is None else table).get(stream.quantity, Limits(stream.quantity))
