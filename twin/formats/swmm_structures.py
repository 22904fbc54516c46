"""Weirs, orifices, pumps and inlets of a SWMM 5 input file."""

import math

import numpy as np

from kernels.flood.sewer_words import (
    OUTFALL_FREE,
    PUMP_CONSTANT,
    PUMP_DEPTH,
    PUMP_IDEAL,
    PUMP_LIFT,
    PUMP_STEPS,
)
from twin.formats.swmm_sections import Row, SwmmText
from twin.formats.swmm_times import curve_kinds

_BAR_OPENING = 0.8
"""Assumed open part of a grate whose bars are not given. [1] Within the 0.34 to 0.9 of HEC-22, chart 9B."""
_PUMP_KINDS = {"PUMP2": PUMP_STEPS, "PUMP3": PUMP_LIFT, "PUMP4": PUMP_DEPTH, "PUMP5": PUMP_LIFT}

Table = dict[str, np.ndarray]


def _table(prefix: str, rows: list[dict[str, float]]) -> Table:
    return {f"{prefix}_{key}": np.array([row[key] for row in rows], float) for key in (rows[0] if rows else {})}


def _ends(row: Row, place: dict[str, int]) -> tuple[int, int]:
    ends = [place.get(row.text(k, "a node"), -1) for k in (1, 2)]
    if min(ends) < 0:
        raise row.wrong(f"runs to a node {row.words[1 + ends.index(-1)]!r} that is not in the file")
    return ends[0], ends[1]


def _sill(row: Row, word: int, start: int, invert: np.ndarray, text: SwmmText) -> float:
    """Height of a crest that is given as an offset or as an elevation. [m]"""
    given = row.number(word, "an offset", 0.0) * text.length
    if text.option("LINK_OFFSETS", "DEPTH").upper() == "ELEVATION":
        return given
    return float(invert[start]) + given


def _yes(row: Row, place: int) -> float:
    return float(place < len(row.words) and row.words[place].upper() == "YES")


def read_weirs(text: SwmmText, place: dict[str, int], invert: np.ndarray) -> tuple[Table, list[str]]:
    """Weirs, with the coefficients of the file brought to m^0.5 s⁻¹.

    A SIDEFLOW weir is taken as a transverse one; end contractions and roadway tables are not kept; both are counted.
    """
    m, sections = text.length, text.by_name("XSECTIONS")
    found: list[dict[str, float]] = []
    names: list[str] = []
    for name, row in text.by_name("WEIRS").items():
        kind = row.text(3, "TRANSVERSE, SIDEFLOW, V-NOTCH or TRAPEZOIDAL").upper()
        if kind == "ROADWAY":
            text.tally["roadway weirs left out"] += 1
            continue
        if name not in sections:
            raise row.wrong("has no section in [XSECTIONS]")
        size = sections[name]
        start, end = _ends(row, place)
        height, width = size.number(2, "a height") * m, size.number(3, "a length", 0.0) * m
        slope = size.number(4, "a side slope", 0.0)
        main = row.number(5, "a discharge coefficient") * math.sqrt(m)
        side = row.number(8, "a coefficient of the sides", 0.0) * math.sqrt(m)
        if kind == "V-NOTCH":
            slope, width, side = (slope or width / (2.0 * height)), 0.0, main
        elif kind == "TRAPEZOIDAL":
            side = side or main
        elif kind in ("TRANSVERSE", "SIDEFLOW"):
            slope, side = 0.0, 0.0
        else:
            raise row.wrong(f"expected TRANSVERSE, SIDEFLOW, V-NOTCH or TRAPEZOIDAL, got {kind!r}")
        if kind == "SIDEFLOW":
            text.tally["side weirs taken as transverse ones"] += 1
        if row.number(7, "end contractions", 0.0) > 0:
            text.tally["end contractions of weirs not kept"] += 1
        found.append(
            {
                "start": start, "end": end, "crest": _sill(row, 4, start, invert, text), "length": width,
                "height": height, "coefficient": main, "side_slope": slope, "side_coefficient": side,
                "gate": _yes(row, 6),
            }
        )  # fmt: skip
        names.append(name)
        text.tally["weirs taken"] += 1
    return _table("weir", found), names


def read_orifices(text: SwmmText, place: dict[str, int], invert: np.ndarray) -> tuple[Table, list[str]]:
    """Orifices in walls and floors, always open."""
    m, sections = text.length, text.by_name("XSECTIONS")
    found: list[dict[str, float]] = []
    names: list[str] = []
    for name, row in text.by_name("ORIFICES").items():
        kind = row.text(3, "SIDE or BOTTOM").upper()
        if kind not in ("SIDE", "BOTTOM"):
            raise row.wrong(f"expected SIDE or BOTTOM, got {kind!r}")
        if name not in sections:
            raise row.wrong("has no section in [XSECTIONS]")
        size = sections[name]
        start, end = _ends(row, place)
        height = size.number(2, "a height") * m
        circular = size.text(1, "CIRCULAR or RECT_CLOSED").upper() == "CIRCULAR"
        area = math.pi / 4.0 * height**2 if circular else height * size.number(3, "a width") * m
        found.append(
            {
                "start": start, "end": end, "invert": _sill(row, 4, start, invert, text),
                "height": height if kind == "SIDE" else 0.0, "area": area,
                "coefficient": row.number(5, "a discharge coefficient"), "gate": _yes(row, 6),
            }
        )  # fmt: skip
        names.append(name)
        text.tally["orifices taken"] += 1
    return _table("orifice", found), names


def read_pumps(
    text: SwmmText, place: dict[str, int], known: dict[str, list[tuple[float, float]]]
) -> tuple[Table, list[str], Table]:
    """Pumps, and the points of their curves.

    A curve by volume (PUMP1) is left out and counted: the pump then has the largest discharge of the curve.
    """
    kinds = curve_kinds(text)
    found: list[dict[str, float]] = []
    points: list[tuple[float, float, float]] = []
    names: list[str] = []
    for name, row in text.by_name("PUMPS").items():
        start, end = _ends(row, place)
        curve = row.words[3] if len(row.words) > 3 else "*"
        law, capacity = PUMP_IDEAL, 0.0
        if curve != "*":
            if curve not in known:
                raise row.wrong(f"its curve {curve!r} is not in [CURVES]")
            law = _PUMP_KINDS.get(kinds[curve], PUMP_CONSTANT)
            capacity = max(q for _, q in known[curve]) * text.flow
            if law == PUMP_CONSTANT:
                text.tally["pump curves by volume replaced by their largest discharge"] += 1
            else:
                points += [(float(len(found)), x * text.length, q * text.flow) for x, q in sorted(known[curve])]
        found.append(
            {
                "start": start, "end": end, "law": law, "on": row.number(5, "a start depth", 0.0) * text.length,
                "off": row.number(6, "a stop depth", 0.0) * text.length, "capacity": capacity,
                "running": float(len(row.words) < 5 or row.words[4].upper() != "OFF"),
            }
        )  # fmt: skip
        names.append(name)
        text.tally["pumps taken"] += 1
    columns = np.array(points, float).reshape(-1, 3).T
    return _table("pump", found), names, dict(zip(("curve_pump", "curve_head", "curve_flow"), columns, strict=True))


def read_inlets(text: SwmmText, place: dict[str, int], nodes: Table) -> tuple[Table, list[str]]:
    """Inlets in use, each at the place of the node that receives its water.

    Grates fall over three sides (the fourth is the kerb) and are open by `_BAR_OPENING`; a kerb opening falls over its
    length. Designs of a kind that is not known are left out and counted.
    """
    m = text.length
    designs: dict[str, tuple[float, float]] = {}
    for row in text.section("INLETS"):
        kind = row.text(1, "the kind of the inlet").upper()
        length, width = row.number(2, "a length", 0.0) * m, row.number(3, "a width or height", 0.0) * m
        edge, area = designs.get(row.name, (0.0, 0.0))
        if kind in ("GRATE", "DROP_GRATE"):
            around = 2.0 * (length + width) if kind == "DROP_GRATE" else length + 2.0 * width
            designs[row.name] = edge + around, area + _BAR_OPENING * length * width
        elif kind in ("CURB", "DROP_CURB"):
            sides = 4.0 if kind == "DROP_CURB" else 1.0
            designs[row.name] = edge + sides * length, area + sides * length * width
        elif kind == "SLOTTED":
            designs[row.name] = edge + length, area + length * width
        else:
            text.tally[f"inlet designs of kind {kind} left out"] += 1
    found: list[dict[str, float]] = []
    names: list[str] = []
    for row in text.section("INLET_USAGE"):
        design, node = row.text(1, "an inlet design"), row.text(2, "a node")
        if design not in designs:
            text.tally["inlets without a design left out"] += 1
            continue
        if node not in place:
            raise row.wrong(f"gives to a node {node!r} that is not in the file")
        n = place[node]
        if nodes["node_kind"][n] >= OUTFALL_FREE:
            text.tally["inlets at outfalls left out"] += 1
            continue
        count = max(row.number(3, "how many there are", 1.0), 1.0)
        edge, area = designs[design]
        found.append(
            {
                "node": n, "x": float(nodes["node_x"][n]), "y": float(nodes["node_y"][n]), "length": count * edge,
                "area": count * area, "blockage": min(row.number(4, "a clogged part in %", 0.0) / 100.0, 1.0),
            }
        )  # fmt: skip
        names.append(f"{row.name} {design} {node}")
        text.tally["inlets taken"] += 1
    return _table("inlet", found), names
