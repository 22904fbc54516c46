"""SWMM 5 input files (.inp): the drain network as a Dataset, and what of the file was not taken."""

from collections import Counter
from pathlib import Path

import numpy as np
import xarray as xr

from kernels.flood.sewer_words import (
    CIRCULAR,
    EGG,
    JUNCTION,
    MANHOLE_AREA,
    OUTFALL_FREE,
    OUTFALL_LEVEL,
    OUTFALL_NORMAL,
    RECTANGULAR,
    RECTANGULAR_OPEN,
    STORAGE,
    TRAPEZOIDAL,
)
from kernels.quantities import attrs
from twin.city import CityError
from twin.formats.swmm_sections import Row, SwmmText, read_text
from twin.formats.swmm_structures import read_inlets, read_orifices, read_pumps, read_weirs
from twin.formats.swmm_times import Times, curves, read_series

_READ = frozenset(
    (
        "TITLE", "OPTIONS", "JUNCTIONS", "OUTFALLS", "STORAGE", "DIVIDERS", "CONDUITS", "XSECTIONS", "LOSSES", "WEIRS",
        "ORIFICES", "PUMPS", "CURVES", "TIMESERIES", "INFLOWS", "DWF", "COORDINATES", "INLETS", "INLET_USAGE",
    )
)  # fmt: skip
# they say how a file is drawn or what a run writes
_SILENT = frozenset(
    ("REPORT", "MAP", "TAGS", "SYMBOLS", "LABELS", "BACKDROP", "VERTICES", "POLYGONS", "PROFILES")
)  # fmt: skip
_FLAGS = {"YES": 1.0, "NO": 0.0}
_DROPPED_SHAPES = frozenset(("IRREGULAR", "STREET", "DUMMY"))


def read(path: str | Path) -> tuple[xr.Dataset, dict[str, int]]:
    """Read the drain network of a SWMM 5 input file.

    Parameters
    ----------
    path : path
        ``.inp``, packed too.

    Returns
    -------
    network : xarray.Dataset
        The tables of `kernels.flood.sewer_words.TABLES` along ``node``, ``conduit``, ``weir``, ``orifice``, ``pump``,
        ``inlet`` and the points of curves and series, in SI units; the names of the file are the coordinates. Times
        are seconds from the start of the file's simulation.
    tally : dict
        Objects taken, replaced and left out, in words.

    Raises
    ------
    CityError
        Names file, line and object, what was expected and what came.

    Notes
    -----
    The format: Rossman and Simon (2022), Storm Water Management Model User's Manual 5.2, EPA/600/R-22/030, appendix D.
    Runoff (subcatchments, rain gauges, aquifers) is the grid's business and is only counted. A closed section that the
    sewer does not know becomes a rectangle of the same height and width; channels of surveyed sections and street
    sections are left out and counted, as the grid carries them.
    """
    text = read_text(path)
    times = Times(text)
    known = curves(text)
    tables: dict[str, dict[str, np.ndarray]] = {}
    nodes, names, points = _nodes(text, known, times)
    place = {name: number for number, name in enumerate(names)}
    conduits, conduit_names = _conduits(text, place, nodes)
    tables["node"], tables["conduit"] = nodes, conduits
    _rims(text, nodes, conduits)
    labels: dict[str, list[str]] = {"node": names, "conduit": conduit_names}
    tables["weir"], labels["weir"] = read_weirs(text, place, nodes["node_invert"])
    tables["orifice"], labels["orifice"] = read_orifices(text, place, nodes["node_invert"])
    tables["pump"], labels["pump"], tables["curve_point"] = read_pumps(text, place, known)
    tables["inlet"], labels["inlet"] = read_inlets(text, place, nodes)
    nodes["node_inflow"], tables["series_point"] = _inflows(text, place, nodes["node_kind"], times)
    tables |= points
    for section, rows in text.rows.items():
        if section not in _READ | _SILENT and rows:
            text.tally[f"lines of [{section}] not read"] += len(rows)
    found = {
        name: ((dim,), values, attrs(name))
        for dim, table in tables.items()
        if table and next(iter(table.values())).size
        for name, values in table.items()
    }
    used = {dims[0] for dims, *_ in found.values()}
    coordinates = {dim: (dim, np.array(ids, dtype=str)) for dim, ids in labels.items() if dim in used}
    return xr.Dataset(found, coords=coordinates), _sorted(text.tally)


def _sorted(tally: Counter[str]) -> dict[str, int]:
    return {words: number for words, number in sorted(tally.items()) if number}


def _flag(row: Row, place: int) -> float:
    return _FLAGS.get(row.words[place].upper(), 0.0) if place < len(row.words) else 0.0


def _nodes(
    text: SwmmText, known: dict[str, list[tuple[float, float]]], times: Times
) -> tuple[dict[str, np.ndarray], list[str], dict[str, dict[str, np.ndarray]]]:
    """All nodes, their names, and the points of storage curves and outfall levels."""
    m = text.length
    rows: dict[str, Row] = {}
    for section in ("JUNCTIONS", "DIVIDERS", "STORAGE", "OUTFALLS"):
        for name, row in text.by_name(section).items():
            if name in rows:
                raise row.wrong(f"is a node of [{rows[name].section}] already (line {rows[name].line})")
            rows[name] = row
    where = text.by_name("COORDINATES")
    table = {
        name: np.zeros(len(rows))
        for name in (
            "node_x", "node_y", "node_kind", "node_invert", "node_rim", "node_surcharge_depth", "node_ponded_area",
            "node_initial_depth", "node_inflow", "node_gate",
        )
    }  # fmt: skip
    table["node_area"], table["node_level"] = np.full(len(rows), MANHOLE_AREA), np.full(len(rows), np.nan)
    storage: list[tuple[float, float, float]] = []
    levels: list[tuple[float, float, float]] = []
    for n, (name, row) in enumerate(rows.items()):
        if name not in where:
            raise row.wrong("has no place in [COORDINATES]; a node without one cannot meet the street")
        table["node_x"][n] = where[name].number(1, "an easting")
        table["node_y"][n] = where[name].number(2, "a northing")
        table["node_invert"][n] = row.number(1, "an invert elevation") * m
        table["node_rim"][n] = np.nan
        text.tally[f"{row.section.lower()} taken"] += 1
        if row.section == "OUTFALLS":
            _outfall(row, n, table, levels, m, known, times)
            continue
        depth = (
            row.number(2, "a depth", 0.0 if row.section == "JUNCTIONS" else None) if row.section != "DIVIDERS" else 0.0
        )
        if depth > 0:
            table["node_rim"][n] = table["node_invert"][n] + depth * m
        if row.section == "STORAGE":
            table["node_kind"][n] = STORAGE
            table["node_initial_depth"][n] = row.number(3, "an initial depth", 0.0) * m
            points = _storage_curve(row, known, depth * m, m)
            table["node_area"][n] = max(area for _, area in points)
            storage += [(float(n), *point) for point in points]
        elif row.section == "JUNCTIONS":
            table["node_kind"][n] = JUNCTION
            table["node_initial_depth"][n] = row.number(3, "an initial depth", 0.0) * m
            table["node_surcharge_depth"][n] = row.number(4, "a surcharge depth", 0.0) * m
            table["node_ponded_area"][n] = row.number(5, "a ponded area", 0.0) * m * m
    return table, list(rows), {
        "storage_point": _columns(storage, "storage_node", "storage_depth", "storage_area"),
        "level_point": _columns(levels, "level_node", "level_time", "level_elevation"),
    }  # fmt: skip


def _columns(rows: list[tuple[float, float, float]], *names: str) -> dict[str, np.ndarray]:
    return dict(zip(names, np.array(rows, float).reshape(-1, 3).T, strict=True))


def _outfall(
    row: Row,
    n: int,
    table: dict[str, np.ndarray],
    levels: list[tuple[float, float, float]],
    m: float,
    known: dict[str, list[tuple[float, float]]],
    times: Times,
) -> None:
    kind = row.text(2, "FREE, NORMAL, FIXED, TIDAL or TIMESERIES").upper()
    kinds = {"FREE": OUTFALL_FREE, "NORMAL": OUTFALL_NORMAL}
    table["node_rim"][n] = table["node_invert"][n]
    if kind in kinds:
        table["node_kind"][n] = kinds[kind]
        return
    table["node_kind"][n] = OUTFALL_LEVEL
    table["node_gate"][n] = _flag(row, 4)
    if kind == "FIXED":
        table["node_level"][n] = row.number(3, "a stage") * m
    elif kind == "TIMESERIES":
        levels += [(float(n), t, z * m) for t, z in times.series(row, row.text(3, "a time series"))]
    elif kind == "TIDAL":
        levels += [(float(n), t, z * m) for t, z in times.tide(row, known, row.text(3, "a tidal curve"))]
    else:
        raise row.wrong(f"expected FREE, NORMAL, FIXED, TIDAL or TIMESERIES, got {kind!r}")


def _storage_curve(
    row: Row, known: dict[str, list[tuple[float, float]]], depth: float, m: float
) -> list[tuple[float, float]]:
    """Depth [m] and area [m²] points of a basin."""
    kind = row.text(4, "TABULAR, FUNCTIONAL, CYLINDRICAL or another shape").upper()
    if kind == "TABULAR":
        name = row.text(5, "a storage curve")
        if name not in known:
            raise row.wrong(f"its storage curve {name!r} is not in [CURVES]")
        points = [(d * m, a * m * m) for d, a in known[name]]
        if points[0][0] > 0:
            points.insert(0, (0.0, points[0][1]))
        return points
    heights = np.linspace(0.0, max(depth, 1.0), 33)
    if kind == "FUNCTIONAL":
        factor, power, base = (row.number(k, "a coefficient", 0.0) for k in (5, 6, 7))
        areas = (base + factor * (heights / m) ** power) * m * m
        if power == 0:
            heights, areas = heights[:1], areas[:1]
        elif power == 1:
            heights, areas = heights[[0, -1]], areas[[0, -1]]
    elif kind == "CYLINDRICAL":
        heights = heights[:1]
        areas = np.array([np.pi / 4.0 * row.number(5, "a length") * row.number(6, "a width") * m * m])
    else:
        raise row.wrong(f"a basin of shape {kind!r} is not read; give it as TABULAR")
    return list(zip(heights.tolist(), areas.tolist(), strict=True))


def _conduits(
    text: SwmmText, place: dict[str, int], nodes: dict[str, np.ndarray]
) -> tuple[dict[str, np.ndarray], list[str]]:
    """All conduits the sewer can carry."""
    sections, losses = text.by_name("XSECTIONS"), text.by_name("LOSSES")
    absolute = text.option("LINK_OFFSETS", "DEPTH").upper() == "ELEVATION"
    m = text.length
    names: list[str] = []
    found: list[dict[str, float]] = []
    for name, row in text.by_name("CONDUITS").items():
        if name not in sections:
            raise row.wrong("has no section in [XSECTIONS]")
        size = _section(sections[name], m, text)
        if size is None:
            continue
        ends = [place.get(row.text(k, "a node"), -1) for k in (1, 2)]
        if min(ends) < 0:
            raise row.wrong(f"runs to a node {row.words[1 + ends.index(-1)]!r} that is not in the file")
        inverts = []
        for end, k in zip(ends, (5, 6), strict=True):
            bottom = float(nodes["node_invert"][end])
            given = row.number(k, "an offset", np.nan)
            at = bottom if np.isnan(given) else given * m if absolute else bottom + given * m
            inverts.append(max(at, bottom))
        loss = losses.get(name)
        found.append(
            {
                "start": ends[0], "end": ends[1], "length": row.number(3, "a length") * m,
                "roughness": size.pop("roughness", row.number(4, "Manning's n")), "start_invert": inverts[0],
                "end_invert": inverts[1], "initial_flow": row.number(7, "an initial flow", 0.0) * text.flow,
                "loss": sum(loss.number(k, "a loss coefficient", 0.0) for k in (1, 2, 3)) if loss else 0.0,
                "gate": _flag(loss, 4) if loss else 0.0, **size,
            }
        )  # fmt: skip
        names.append(name)
        text.tally["conduits taken"] += 1
        if row.number(8, "a largest flow", 0.0) > 0:
            text.tally["conduits whose largest flow is not kept"] += 1
    keys = found[0] if found else {}
    return {f"conduit_{key}": np.array([one[key] for one in found], float) for key in keys}, names


def _section(row: Row, m: float, text: SwmmText) -> dict[str, float] | None:
    """Shape and size of a conduit; None where it is left out."""
    shape = row.text(1, "a shape").upper()
    if shape in _DROPPED_SHAPES:
        text.tally[f"conduits of section {shape} left out"] += 1
        return None
    height = row.number(2, "a height") * m
    one, two, three = (row.number(k, "a size", 0.0) for k in (3, 4, 5))
    found: dict[str, float] = {
        "height": height, "width": one * m, "side_slope": 0.0, "barrels": max(row.number(6, "barrels", 1.0), 1.0),
    }  # fmt: skip
    if shape in ("CIRCULAR", "FORCE_MAIN"):
        found |= {"shape": CIRCULAR, "width": height}
        if shape == "FORCE_MAIN":
            found["roughness"] = _force_main(row, height, one, text)
    elif shape == "EGG":
        found |= {"shape": EGG, "width": height * 2.0 / 3.0}
    elif shape in ("RECT_CLOSED", "RECT_OPEN"):
        found["shape"] = RECTANGULAR if shape == "RECT_CLOSED" else RECTANGULAR_OPEN
    elif shape == "TRAPEZOIDAL":
        found |= {"shape": TRAPEZOIDAL, "side_slope": 0.5 * (two + three)}
    elif shape == "TRIANGULAR":
        found |= {"shape": TRAPEZOIDAL, "width": 0.0, "side_slope": one * m / (2.0 * height)}
    else:
        text.tally[f"conduits of section {shape} replaced by a rectangle"] += 1
        found |= {"shape": RECTANGULAR, "width": one * m if one > 0 else height}
    return found


def _force_main(row: Row, diameter: float, coefficient: float, text: SwmmText) -> float:
    """Manning's n that loses as much as a force main's own law when it is full.

    Hazen-Williams in SI: v = 0.849 C R^0.63 S^0.54 (Chow 1959, section 8-3); equal to Manning at a slope of 0.001,
    where the exponents meet in practice. Darcy-Weisbach (a roughness height) keeps the n of [CONDUITS].
    """
    if text.option("FORCE_MAIN_EQUATION", "H-W").upper() != "H-W" or coefficient <= 0:
        raise row.wrong("a force main after Darcy-Weisbach is not read; give it as CIRCULAR with Manning's n")
    text.tally["force mains given Manning's n"] += 1
    radius, slope = diameter / 4.0, 1e-3
    return float(radius ** (2 / 3) * slope**0.5 / (0.849 * coefficient * radius**0.63 * slope**0.54))


def _rims(text: SwmmText, nodes: dict[str, np.ndarray], conduits: dict[str, np.ndarray]) -> None:
    """A node without a depth reaches to the highest crown that meets it, as the format has it."""
    unknown = np.isnan(nodes["node_rim"])
    text.tally["nodes whose rim is the highest crown that meets them"] = int(unknown.sum())
    crown = nodes["node_invert"].copy()
    if conduits:
        for end, invert in (("conduit_start", "conduit_start_invert"), ("conduit_end", "conduit_end_invert")):
            np.maximum.at(crown, conduits[end].astype(int), conduits[invert] + conduits["conduit_height"])
    nodes["node_rim"] = np.where(unknown, crown, nodes["node_rim"])


def _inflows(
    text: SwmmText, place: dict[str, int], kind: np.ndarray, times: Times
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Constant inflow of each node [m³ s⁻¹] and the points of those that vary."""
    constant = np.zeros(len(place))
    varying: dict[int, list[list[tuple[float, float]]]] = {}

    def node_of(row: Row) -> int | None:
        if row.name not in place:
            raise row.wrong("is no node of the file")
        if kind[place[row.name]] >= OUTFALL_FREE:
            text.tally["inflows at outfalls left out"] += 1
            return None
        return place[row.name]

    for section in ("INFLOWS", "DWF"):
        for row in text.section(section):
            if row.text(1, "FLOW or a pollutant").strip('"').upper() != "FLOW":
                text.tally[f"pollutants of [{section}] left out"] += 1
                continue
            n = node_of(row)
            if n is None:
                continue
            if section == "DWF":
                constant[n] += row.number(2, "a mean flow") * text.flow
                text.tally["dry-weather inflows taken"] += 1
                if any(word.strip('"') for word in row.words[3:]):
                    text.tally["dry-weather patterns not kept, the mean holds"] += 1
                continue
            text.tally["inflows taken"] += 1
            constant[n] += row.number(6, "a baseline", 0.0) * text.flow
            name = row.text(2, "a time series").strip('"')
            if name:
                scale = row.number(5, "a scale factor", 1.0) * text.flow
                varying.setdefault(n, []).append([(t, q * scale) for t, q in times.series(row, name)])
    points = read_series(varying)
    if any(q < 0 for _, _, q in points):
        raise CityError(f"{text.path}: an inflow of [INFLOWS] is negative; a node gives water by a pump, not by inflow")
    return constant, _columns(points, "series_node", "series_time", "series_inflow")
