"""Counters on streets: where they stand, what they count and when, from a table, on the links of a network."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import shapely
import xarray as xr

from kernels.contract import LayerError
from kernels.traffic.counted import Counter
from kernels.traffic.queues_inputs import mode_bits
from twin.city import City, CityError
from twin.formats.features import already_lambert, to_lambert
from twin.street_works import BRUSSELS

NEAR = 60.0
"""A counter farther than this from a street that it could count on is refused. [m]"""
MOTOR = "car+van+truck"
"""What counts as motor traffic; buses run by their lines."""
WANT = ("counter", "x", "y", "begin", "until", "count")
"""Columns of a table of counts that must be there. ``x`` and ``y`` are degrees or Lambert 72; ``begin`` and ``until``
hours of the clock of Brussels, ``08:00``, on the day of the run, or whole ISO times. ``modes`` (``motor``, ``bike`` or
names with ``+``; motor where absent), ``bearing`` (degrees from north of the direction that is counted; both where
absent) and ``held`` (``1``: not fitted to, only looked at) may be."""


@dataclass(frozen=True)
class CountRow:
    """One row of a table of counts.

    Attributes
    ----------
    id : str
    x, y : float
        Lambert 72. [m]
    begin, until : datetime
        UTC.
    count : float
        Vehicles. [1]
    modes : int
        Bits.
    bearing : float or None
        Of the direction that is counted, from north. [degree]
    held : bool
    """

    id: str
    x: float
    y: float
    begin: datetime
    until: datetime
    count: float
    modes: int
    bearing: float | None = None
    held: bool = False


def read_counts(path: str | Path, start: datetime) -> list[CountRow]:
    """Read a table of counts; see `WANT`.

    Parameters
    ----------
    path : path
        CSV.
    start : datetime
        Of the run, with its zone: hours without a date are of its day.

    Raises
    ------
    CityError
        Names the file, the line, what was expected and what came.
    """
    path = Path(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        lacking = [name for name in WANT if name not in (rows.fieldnames or ())]
        if lacking:
            raise CityError(f"{path}: has no column {lacking[0]!r}; a table of counts wants {', '.join(WANT)}")
        found = [_row(path, rows.line_num, row, start) for row in rows]
    if not found:
        raise CityError(f"{path}: holds no count; give one row for each counter and hour")
    return found


def counters_of(
    rows: Sequence[CountRow], city: City, network: xr.Dataset, start: datetime, duration_s: float
) -> tuple[list[Counter], dict[str, float]]:
    """Put counts on links.

    Parameters
    ----------
    rows : sequence of CountRow
    city : City
    network : Dataset
        Of `twin.traffic_layers.traffic_layers`.
    start, duration_s
        Of the run: counts outside it are left out, those that it cuts too.

    Returns
    -------
    counters : list of Counter
    told : dict
        In words.

    Raises
    ------
    CityError
        A counter far from every street that it could count on.

    Notes
    -----
    A counter stands on the nearest street that lets its modes pass; without a bearing it adds both directions up.
    """
    begin = start.astimezone(UTC)
    street = {str(name): place for place, name in enumerate(city.links.index)}
    row_of = np.array([street.get(str(name), -1) for name in network["street"].values])
    lines = city.links.geometry.to_numpy()
    modes = network["allowed_modes"].values
    tail, head = network["link_start_node"].values, network["link_end_node"].values
    heading = np.degrees(
        np.arctan2(network["node_x"].values[head] - network["node_x"].values[tail],
                   network["node_y"].values[head] - network["node_y"].values[tail])
    )  # fmt: skip
    tree = shapely.STRtree(lines)
    found, told = [], {"counts read": float(len(rows))}
    for row in rows:
        first, last = ((one - begin).total_seconds() for one in (row.begin, row.until))
        if first < 0 or last > duration_s:
            told["counts outside the run"] = told.get("counts outside the run", 0.0) + 1
            continue
        point = shapely.Point(row.x, row.y)
        near = tree.query(point, predicate="dwithin", distance=NEAR)
        links = np.flatnonzero(np.isin(row_of, near) & ((modes & row.modes) != 0))
        if row.bearing is not None and links.size:
            turned = np.abs((heading[links] - row.bearing + 180.0) % 360.0 - 180.0)
            links = links[turned < 90.0]
        if not links.size:
            raise CityError(
                f"counter {row.id!r} at {row.x:.0f}, {row.y:.0f} is farther than {NEAR:g} m from any street that lets "
                "pass what it counts; mend its place or take it out"
            )
        distance = shapely.distance(lines[row_of[links]], point)
        nearest = row_of[links[int(np.argmin(distance))]]
        own = links[row_of[links] == nearest]
        found.append(Counter(row.id, tuple(own.tolist()), row.modes, first, last, row.count, row.held))
    return found, told


def _row(path: Path, line: int, row: dict[str, str], start: datetime) -> CountRow:
    def number(name: str) -> float:
        text = (row[name] or "").strip()
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise CityError(f"{path}: line {line}: {name} is {text!r}, expected a number")
        return value

    x, y, count = number("x"), number("y"), number("count")
    if count < 0:
        raise CityError(f"{path}: line {line}: count is {count:g}, expected zero or more; leave out what failed")
    if not already_lambert(f"{path}: line {line}", np.array([shapely.Point(x, y)])):
        x, y = to_lambert(np.array([[x, y]]))[0].tolist()
    begin, until = (_time(path, line, row[name], start) for name in ("begin", "until"))
    if until <= begin:
        until += timedelta(days=1)
    words = (row.get("modes") or "motor").strip()
    try:
        modes = mode_bits(MOTOR if words == "motor" else words)
    except LayerError as error:
        raise CityError(f"{path}: line {line}: {error}") from error
    return CountRow(
        row["counter"].strip() or f"line {line}", x, y, begin, until, count, modes,
        number("bearing") if (row.get("bearing") or "").strip() else None, (row.get("held") or "").strip() == "1",
    )  # fmt: skip


def _time(path: Path, line: int, text: str, start: datetime) -> datetime:
    text = (text or "").strip()
    try:
        if len(text) <= 5:
            hours, minutes = (int(one) for one in text.split(":"))
            day = start.astimezone(BRUSSELS).replace(hour=0, minute=0, second=0, microsecond=0)
            local = (day + timedelta(days=hours // 24)).replace(hour=hours % 24, minute=minutes)
        else:
            local = datetime.fromisoformat(text)
            local = local if local.tzinfo else local.replace(tzinfo=BRUSSELS)
    except ValueError as error:
        raise CityError(f"{path}: line {line}: {text!r} is no time; expected 08:00, or 2026-03-10T08:00") from error
    return local.astimezone(UTC)
