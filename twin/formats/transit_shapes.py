"""Lines of public transport as a zip of two shapefiles, lines and stops, in the layout of the STIB-MIVB."""

import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from twin.city import BUS_LINE_COLUMNS, CityError, as_table
from twin.formats.features import Bounds, Tally, count

_LINES = ("LIGNE", "VARIANTE")
_STOPS = ("Code_Ligne", "Variante", "succession")
WAY, ROOM = 2.0, 500.0
"""The next stop is looked for along the line within the first times its distance [1] and the second [m], assumed."""


def read_bus_lines(path: str | Path, *, bounds: Bounds | None = None, tally: Tally | None = None) -> gpd.GeoDataFrame:
    """Read the lines of buses, one row for each direction.

    Parameters
    ----------
    path : path
        Zip with ``*LINES.shp`` (``LIGNE`` as ``012b``: three digits and the letter of the mode, ``VARIANTE`` 1 or 2 for
        the direction) and ``*STOPS.shp`` (``Code_Ligne``, ``Variante``, ``succession``), Lambert 72.
    bounds : tuple, optional
        West, south, east, north: lines that do not touch it are left out, others are kept whole. [m]
    tally : dict, optional
        Counts what was read and left out.

    Returns
    -------
    GeoDataFrame
        Columns of ``BUS_LINE_COLUMNS``; trams and metros are counted and left out.

    Raises
    ------
    CityError
        Not such a file.
    """
    lines, stops = (_layer(Path(path), name, columns) for name, columns in (("LINES", _LINES), ("STOPS", _STOPS)))
    count(tally, "read", len(lines))
    is_bus = lines["LIGNE"].str.endswith("b")
    count(tally, "not a bus", int((~is_bus).sum()))
    lines = lines[is_bus]
    if bounds is not None:
        near = lines.intersects(shapely.box(*bounds))
        count(tally, "outside", int((~near).sum()))
        lines = lines[near]
    shapes = shapely.force_2d(lines.geometry.to_numpy())
    places = {
        key: shapely.force_2d(found.sort_values("succession").geometry.to_numpy())
        for key, found in stops.groupby(["Code_Ligne", "Variante"])
    }
    known = [
        _along(shape, places.get((code, variant), np.zeros(0, object)))
        for shape, code, variant in zip(shapes, lines["LIGNE"], lines["VARIANTE"], strict=True)
    ]
    count(tally, "without stops", sum(not one for one in known))
    ids = [f"{code}_{variant}" for code, variant in zip(lines["LIGNE"], lines["VARIANTE"], strict=True)]
    return as_table(
        ids, shapes, BUS_LINE_COLUMNS, line=[code[:-1].lstrip("0") for code in lines["LIGNE"]],
        stops=[" ".join(f"{place:.1f}" for place in one) for one in known],
    )  # fmt: skip


def _layer(path: Path, ending: str, columns: tuple[str, ...]) -> gpd.GeoDataFrame:
    """One of the two tables."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.upper().endswith(f"{ending}.SHP")]
        if len(names) != 1:
            raise CityError(f"{path}: expected one *{ending}.shp in the zip, found {len(names)}")
        table = gpd.read_file(f"/vsizip/{path.absolute()}/{names[0]}", engine="pyogrio")
    except (OSError, zipfile.BadZipFile, pyogrio.errors.DataSourceError) as error:
        raise CityError(f"{path}: is no zip of shapefiles ({error}); give the one of lines and stops") from error
    lacking = [name for name in columns if name not in table.columns]
    if lacking:
        raise CityError(f"{path}: {names[0]} lacks the columns {', '.join(lacking)}; expected {', '.join(columns)}")
    return table


def _along(line: shapely.LineString, stops: np.ndarray) -> list[float]:
    """Places of stops along a line, in their order, each behind the one before. [m]"""
    corners = shapely.get_coordinates(line)
    start, step = corners[:-1], np.diff(corners, axis=0)
    length = np.hypot(*step.T)
    begin = np.concatenate([[0.0], np.cumsum(length)])
    found: list[float] = []
    here = corners[0]
    last = 0.0
    for number, stop in enumerate(shapely.get_coordinates(stops)):
        # a line may pass a place twice: the next time is meant, and the last stop is the end
        ahead = np.inf if number == len(stops) - 1 else last + WAY * float(np.hypot(*(stop - here))) + ROOM
        part = np.clip(np.sum((stop - start) * step, axis=1) / np.maximum(length, 1e-9) ** 2, 0.0, 1.0)
        off = np.hypot(*(start + part[:, None] * step - stop).T)
        place = begin[:-1] + part * length
        off[(place < last) | (place > ahead)] = np.inf
        if np.isfinite(off).any():
            last = float(place[int(np.argmin(off))])
        found.append(last)
        here = stop
    return found
