"""The register of remarkable trees of heritage.brussels: girth, crown and species of some hundred protected trees."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from twin.city import CityError
from twin.formats.features import Bounds, Tally, count, to_lambert
from twin.formats.packed import read_json
from twin.formats.tree_records import THICKEST, WIDEST, TreeRecord, as_trees, metres


def is_register(document: Any) -> bool:
    """Whether a JSON document is a register: a list named ``entries`` and no GeoJSON."""
    return isinstance(document, dict) and isinstance(document.get("entries"), list)


def read_trees(path: str | Path, *, bounds: Bounds | None = None, tally: Tally | None = None) -> gpd.GeoDataFrame:
    """Read the register: JSON with ``entries`` of ``register_id``, ``species``, ``girth_cm``, ``crown_m`` and place.

    Parameters
    ----------
    path : path
    bounds : tuple, optional
        West, south, east, north: trees outside are left out. [m]
    tally : dict, optional

    Returns
    -------
    GeoDataFrame
        Columns of ``TREE_COLUMNS``, ids ``tree_heritage_`` and the number of the register.

    Raises
    ------
    CityError
        Not a register, or an entry without a place.
    """
    document = read_json(path)
    if not is_register(document):
        raise CityError(f"{path}: is no register of remarkable trees (no list named entries); name the right file")
    entries = document["entries"]
    count(tally, "read", len(entries))
    records = [_record(path, number, one) for number, one in enumerate(entries)]
    return as_trees(records, bounds=bounds, tally=tally)


def _record(path: str | Path, number: int, one: Any) -> TreeRecord:
    try:
        x, y = to_lambert(np.array([[float(one["longitude"]), float(one["latitude"])]]))[0]
        girth = metres(f"{one.get('girth_cm') or ''} cm", np.pi * THICKEST)
        return TreeRecord(
            shapely.Point(x, y),
            "heritage",
            f"heritage_{one['register_id']}",
            species=str(one.get("species") or one.get("name") or ""),
            crown_diameter=metres(str(one.get("crown_m") or ""), WIDEST),
            trunk_diameter=None if girth is None else girth / np.pi,
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CityError(f"{path}: entry {number} of the register is not a tree with a place ({error!r})") from error
