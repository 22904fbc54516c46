"""Streets from any file we can read: OpenStreetMap extracts, and CSV of nodes and links."""

from pathlib import Path
from typing import Any

from twin.formats.features import Bounds, Tally, count
from twin.formats.osm_streets import read_street_graph
from twin.formats.packed import shown_name
from twin.formats.street_csv import read_street_csv
from twin.street_graph import StreetGraph, tables_of


def read_street_file(path: str | Path, *, bounds: Bounds | None = None) -> StreetGraph:
    """Read the street graph of a file, told by its name.

    Parameters
    ----------
    path : path
        ``.csv`` of links with its nodes beside it, see `twin.formats.street_csv`; else see
        `twin.formats.osm_streets`.
    bounds : tuple, optional
        West, south, east, north; links that touch it are kept whole. [m]

    Raises
    ------
    CityError
        See the readers.
    """
    if shown_name(path).endswith(".csv"):
        return read_street_csv(path, bounds=bounds)
    return read_street_graph(path, bounds=bounds)


def read_streets(path: str | Path, *, bounds: Bounds | None = None, tally: Tally | None = None) -> dict[str, Any]:
    """The parts of a City that streets make: ``nodes``, ``links`` and, where the map has any, ``turns``.

    Parameters
    ----------
    path, bounds
        See `read_street_file`.
    tally : dict, optional
        Counts what was read, left out and assumed.
    """
    graph = read_street_file(path, bounds=bounds)
    for words, number in graph.counts.items():
        count(tally, words, number)
    return tables_of(graph)
