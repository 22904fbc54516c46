"""Streets, trips and closures as CSV for simulate-traffic, and its results as tables."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kernels.contract import LayerError
from kernels.traffic.queues import Queues
from kernels.traffic.queues_inputs import MODE_NAMES, Closures, Streets, Trips, mode_bits
from viewer.cli.raw_files import InputError

_KMH = 1 / 3.6
_STATES = ("not set out", "waiting", "inside", "arrived", "no way")


@dataclass(frozen=True)
class ReadStreets:
    """Streets with the names of their links and nodes in the file."""

    streets: Streets
    links: np.ndarray
    nodes: np.ndarray


@dataclass(frozen=True)
class ReadTrips:
    """Trips with their names in the file."""

    trips: Trips
    names: np.ndarray


def read_streets(path: Path) -> ReadStreets:
    """Read LINKS.csv.

    Raises
    ------
    InputError
        A file or a column that cannot be read.
    LayerError
        Streets that cannot be; the text names the link.
    """
    table = _read(
        path,
        ("link", "from", "to", "length_m", "speed_kmh", "capacity_veh_h", "jam_density_veh_km"),
        ("exit_capacity_veh_h", "allowed", "priority", "cycle_s", "offset_s", "green_s", "passing"),
        words=("link", "from", "to", "allowed"),
    )
    names = table["link"].to_numpy(str)
    _refuse_doubles(path, "link", names)
    nodes, ends = np.unique(np.concatenate([table["from"], table["to"]]).astype(str), return_inverse=True)

    def optional(column: str, factor: float = 1.0) -> np.ndarray | None:
        return table[column].to_numpy(float) * factor if column in table else None

    allowed = None
    if "allowed" in table:
        allowed = np.array([_bits(path, row, word) for row, word in enumerate(table["allowed"])])
    passing = optional("passing")
    return ReadStreets(
        Streets(
            ends[: names.size], ends[names.size :], table["length_m"].to_numpy(float),
            table["speed_kmh"].to_numpy(float) * _KMH, table["capacity_veh_h"].to_numpy(float) / 3600,
            table["jam_density_veh_km"].to_numpy(float) / 1000,
            exit_capacity=optional("exit_capacity_veh_h", 1 / 3600), allowed=allowed, priority=optional("priority"),
            cycle=optional("cycle_s"), offset=optional("offset_s"), green=optional("green_s"),
            passing=None if passing is None else passing != 0, names=names,
        ),
        names, nodes,
    )  # fmt: skip


def read_vehicles(path: Path, read: ReadStreets) -> ReadTrips:
    """Read TRIPS.csv.

    Raises
    ------
    InputError
        A file or a column that cannot be read; nodes, links or modes that are not there.
    """
    table = _read(
        path, ("from", "to", "departure_s"), ("trip", "mode", "via", "dwell_s"),
        words=("from", "to", "trip", "mode", "via", "dwell_s"),
    )  # fmt: skip
    names = table["trip"].to_numpy(str) if "trip" in table else np.arange(1, len(table) + 1).astype(str)
    origin, destination = (_places(path, end, table[end], read.nodes, "node") for end in ("from", "to"))
    mode = None
    if "mode" in table:
        mode = _places(path, "mode", table["mode"], np.array(MODE_NAMES), "mode")
    routes = {}
    if "via" in table:
        for row in np.flatnonzero(table["via"].str.strip() != ""):
            way = _places(path, "via", pd.Series(table["via"][row].split()), read.links, "link")
            dwell = np.zeros(way.size)
            given = table["dwell_s"][row].split() if "dwell_s" in table else []
            if given:
                dwell = pd.to_numeric(pd.Series(given), errors="coerce").to_numpy(float)
                if dwell.size != way.size or not (dwell >= 0).all():
                    raise InputError(f"{path}: dwell_s in row {row + 1} must be {way.size} times of 0 or more")
            routes[int(row)] = (way, dwell)
    return ReadTrips(Trips(origin, destination, table["departure_s"].to_numpy(float), mode, routes), names)


def read_closures(path: Path, read: ReadStreets) -> Closures:
    """Read CLOSURES.csv.

    Raises
    ------
    InputError
        A file or a column that cannot be read; links or modes that are not there.
    """
    table = _read(path, ("link", "modes", "from_s", "until_s"), (), words=("link", "modes"))
    modes = np.array([_bits(path, row, word) for row, word in enumerate(table["modes"])])
    link = _places(path, "link", table["link"], read.links, "link")
    return Closures(link, modes, table["from_s"].to_numpy(float), table["until_s"].to_numpy(float))


def interval_table(found: list[tuple[float, float, Any, np.ndarray]], read: ReadStreets) -> pd.DataFrame:
    """One row by interval and link."""
    parts = []
    for begin, end, seen, inside in found:
        columns = {"begin_s": begin, "end_s": end, "link": read.links}
        columns |= {f"entered_{name}": seen.entries[:, mode] for mode, name in enumerate(MODE_NAMES)}
        columns |= {"travel_time_s": seen.travel_time, "stop_share": seen.stop_share, "inside": inside}
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def trip_table(queues: Queues, vehicles: ReadTrips) -> pd.DataFrame:
    """One row by trip; no arrival where there is none."""
    state, _, _ = queues.where()
    size = vehicles.names.size
    mode = np.zeros(size, int) if vehicles.trips.mode is None else np.asarray(vehicles.trips.mode)
    return pd.DataFrame({
        "trip": vehicles.names, "mode": np.array(MODE_NAMES)[mode], "departure_s": vehicles.trips.departure,
        "arrival_s": queues.left_at(), "state": np.array(_STATES)[state],
    })  # fmt: skip


def _read(path: Path, needed: tuple[str, ...], optional: tuple[str, ...], words: tuple[str, ...]) -> pd.DataFrame:
    """A CSV with these columns; all but the words finite numbers, and no word that is needed empty."""
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    try:
        table = pd.read_csv(path, skipinitialspace=True, comment="#", dtype=str, keep_default_na=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a CSV that can be read ({error})") from error
    table.columns = pd.Index([str(column).strip() for column in table.columns])
    missing = [name for name in needed if name not in table]
    unknown = [str(name) for name in table.columns if name not in needed + optional]
    if missing or unknown:
        raise InputError(
            f"{path}: expected the columns {','.join(needed)}"
            + (f" and perhaps {','.join(optional)}" if optional else "")
            + (f"; missing {','.join(missing)}" if missing else "")
            + (f"; unknown {','.join(unknown)}" if unknown else "")
        )
    if table.empty:
        raise InputError(f"{path}: has no row")
    for column in table.columns:
        if column in words:
            table[column] = table[column].str.strip()
            empty = table[column] == ""
            if column in needed and empty.any():
                raise InputError(f"{path}: {column} in row {int(np.flatnonzero(empty)[0]) + 1} is empty")
            continue
        numbers = pd.to_numeric(table[column], errors="coerce").to_numpy(float)
        if not np.isfinite(numbers).all():
            row = int(np.flatnonzero(~np.isfinite(numbers))[0])
            raise InputError(f"{path}: {column} in row {row + 1} is {table[column][row]!r}, expected a number")
        table[column] = numbers
    return table


def _places(path: Path, column: str, words: pd.Series, known: np.ndarray, what: str) -> np.ndarray:
    found = pd.Index(known).get_indexer(pd.Index(words.astype(str)))
    if (found < 0).any():
        lost = sorted(set(words[found < 0].astype(str)))
        raise InputError(
            f"{path}: {column} names {what} {', '.join(lost[:5])}{' …' if len(lost) > 5 else ''}, which "
            + (
                f"is none of {', '.join(MODE_NAMES)}"
                if what == "mode"
                else "no link has"
                if what == "node"
                else "is none"
            )
        )
    return found


def _bits(path: Path, row: int, word: str) -> int:
    try:
        return mode_bits(word)
    except LayerError as error:
        raise InputError(f"{path}: row {row + 1}: {error}") from error


def _refuse_doubles(path: Path, column: str, names: np.ndarray) -> None:
    seen, count = np.unique(names, return_counts=True)
    if (count > 1).any():
        raise InputError(f"{path}: {column} {', '.join(seen[count > 1][:5])} stands there more than once")
