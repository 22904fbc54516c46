"""Networks and trips in the TNTP format of the test problems for traffic assignment."""

import re
from pathlib import Path

import numpy as np

from kernels.contract import LayerError
from kernels.traffic.demand import Demand
from kernels.traffic.network import Network
from twin.city import CityError
from twin.formats.packed import read_bytes

COLUMNS = ("init_node", "term_node", "capacity", "length", "free_flow_time", "b", "power", "speed", "toll", "link_type")
"""Columns of a network, in their order; speed and link_type are not used."""
_NEEDED = 7
_TRIPS = re.compile(r"(\S+)\s*:\s*([^;:\s]+)\s*(?:;|$)")


def read_network(path: str | Path) -> Network:
    """Read a ``_net.tntp`` file.

    Parameters
    ----------
    path : path
        ``.gz`` too. Units are those of the file: its time, its length, its flow; nodes below ``FIRST THRU NODE`` are
        centroids, where trips only begin and end.

    Returns
    -------
    Network
        With all nodes from 1 to ``NUMBER OF NODES`` (and any beyond that a link names).

    Raises
    ------
    CityError
        Names the line, what was expected and what came.

    Notes
    -----
    Transportation Networks for Research Core Team, github.com/bstabler/TransportationNetworks, "Dataset descriptions".
    """
    path = Path(path)
    said, body = _parts(path)
    rows, numbers = [], []
    for number, text in body:
        words = text.split(";")[0].split()
        if not words:
            continue
        if len(words) < _NEEDED:
            raise CityError(
                f"{path.name}, line {number}: a link of {len(words)} numbers, expected at least {_NEEDED}: "
                f"{' '.join(COLUMNS)}"
            )
        rows.append([_number(word, path, number, float) for word in words[: len(COLUMNS) - 1]])
        numbers.append(number)
    if not rows:
        raise CityError(f"{path.name}: has no link; is it a _net.tntp file?")
    table = np.array([row + [0.0] * (len(COLUMNS) - 1 - len(row)) for row in rows])
    links = said.get("NUMBER OF LINKS")
    if links is not None and links != len(table):
        raise CityError(f"{path.name}: tells of {links} links but has {len(table)}; it may be cut short")
    ends = table[:, :2]
    if (ends != np.round(ends)).any() or (ends < 1).any():
        row = int(np.flatnonzero(((ends != np.round(ends)) | (ends < 1)).any(axis=1))[0])
        raise CityError(f"{path.name}, line {numbers[row]}: nodes {ends[row]}, expected whole numbers from 1")
    ends = ends.astype(np.int64)
    nodes = said.get("NUMBER OF NODES", int(ends.max()))
    if ends.max() > nodes:
        row = int(np.argmax(ends.max(axis=1)))
        raise CityError(
            f"{path.name}, line {numbers[row]}: node {ends.max()}, but <NUMBER OF NODES> is {nodes}; mend one of them"
        )
    try:
        return Network.of(
            ends[:, 0], ends[:, 1], capacity=table[:, 2], length=table[:, 3], free_flow_time=table[:, 4],
            delay_factor=table[:, 5], delay_power=table[:, 6], toll=table[:, 8], node_id=np.arange(1, nodes + 1),
            not_passable=np.arange(1, min(said.get("FIRST THRU NODE", 1), nodes + 1)),
        )  # fmt: skip
    except LayerError as error:
        raise CityError(f"{path.name}: {error}") from error


def read_trips(path: str | Path) -> Demand:
    """Read a ``_trips.tntp`` file.

    Parameters
    ----------
    path : path
        ``.gz`` too.

    Returns
    -------
    Demand
        One class; zones are the nodes of the same number. Trips of 0 are left out.

    Raises
    ------
    CityError
        Names the line, what was expected and what came.
    """
    path = Path(path)
    said, body = _parts(path)
    origins, destinations, trips = [], [], []
    origin = None
    zones = said.get("NUMBER OF ZONES")
    for number, line in body:
        text = line.strip()
        if text.upper().startswith("ORIGIN"):
            origin = _zone(text[len("origin") :].strip(), zones, path, number)
            continue
        if not text:
            continue
        found = _TRIPS.findall(text)
        if origin is None or not found or _TRIPS.sub("", text).strip(" ;\t"):
            raise CityError(f"{path.name}, line {number}: {text[:40]!r}, expected 'Origin 1' or '2 : 100.0; 3 : 50.0;'")
        for zone, value in found:
            count = _number(value, path, number, float)
            destination = _zone(zone, zones, path, number)
            if count < 0 or not np.isfinite(count):
                raise CityError(
                    f"{path.name}, line {number}: {value} trips from {origin} to {destination}, expected 0 or more"
                )
            if count > 0:
                origins.append(origin)
                destinations.append(destination)
                trips.append(count)
    if origin is None:
        raise CityError(f"{path.name}: has no origin; is it a _trips.tntp file?")
    return Demand(np.array(origins, np.int64), np.array(destinations, np.int64), np.array(trips, float))


def _parts(path: Path) -> tuple[dict[str, int], list[tuple[int, str]]]:
    """Whole numbers of the metadata, and the other lines without comments, numbered."""
    try:
        text = read_bytes(path).decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise CityError(f"{path}: cannot be read ({error})") from error
    said: dict[str, int] = {}
    body = []
    for number, line in enumerate(text.splitlines(), start=1):
        plain = line.strip()
        if plain.startswith("<"):
            name, _, rest = plain[1:].partition(">")
            value = rest.split()
            if name.strip().upper() in ("NUMBER OF ZONES", "NUMBER OF NODES", "FIRST THRU NODE", "NUMBER OF LINKS"):
                said[name.strip().upper()] = int(_number(value[0] if value else "", path, number, int))
        elif not plain.startswith("~"):
            body.append((number, line.split("~")[0]))
    return said, body


def _number(word: str, path: Path, line: int, kind: type) -> float | int:
    try:
        return kind(word)
    except ValueError:
        raise CityError(f"{path.name}, line {line}: {word!r}, expected a number") from None


def _zone(word: str, zones: int | None, path: Path, line: int) -> int:
    number = int(_number(word, path, line, int))
    if number < 1 or (zones is not None and number > zones):
        raise CityError(f"{path.name}, line {line}: zone {number}, expected 1 to {zones or 'the number of zones'}")
    return number
