"""One spelling for equal values, so that equal scenarios have equal digests on every machine."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

_HOUSE = Path(__file__).parents[1]
_WHOLE = 2**53
MODULES = (
    "access_layers",
    "allometry",
    "amenities",
    "building_archetypes",
    "building_facts",
    "building_uses",
    "bus_lines",
    "city",
    "drains",
    "energy_faces",
    "energy_factors",
    "energy_known",
    "energy_layers",
    "energy_measures",
    "energy_modules",
    "energy_networks",
    "energy_works",
    "energy_zones",
    "formats/epw",
    "formats/raster",
    "formats/weather_csv",
    "ground",
    "heat_days",
    "heat_layers",
    "land_covers",
    "layer_stacks",
    "layers",
    "map_matching",
    "mesh",
    "neighbourhoods",
    "network_pipes",
    "network_routes",
    "packing",
    "party_walls",
    "place",
    "rain_events",
    "rain_field",
    "rainfall",
    "rasterise",
    "renovation_standards",
    "roofs",
    "skylight",
    "solar_patches",
    "store",
    "street_access",
    "street_classes",
    "street_cuts",
    "street_directions",
    "street_graph",
    "street_reach",
    "street_works",
    "streets",
    "sunlight",
    "synthetic_year",
    "traffic_crossings",
    "traffic_layers",
    "traffic_signals",
    "travel_counts",
    "travel_day",
    "travel_demand",
    "travel_matrix",
    "travel_tables",
    "travel_zones",
    "tree_species",
    "water_layers",
    "weather",
    "weld",
    "works",
)
"""Modules of the twin on which results or their figures depend; what reads a city's files is in the city's digest."""
TABLES = (
    "amenity_categories",
    "building_archetypes",
    "building_uses",
    "building_weeks",
    "bus_headways",
    "component_lives",
    "damage_curves",
    "damage_values",
    "energy_factors",
    "energy_measures",
    "gate_volumes",
    "heat_days",
    "land_covers",
    "layer_stacks",
    "network_pipes",
    "rainfall_events",
    "rainfall_idf",
    "renovation_standards",
    "street_capacities",
    "travel_attractions",
    "travel_modes",
    "travel_profiles",
    "travel_purposes",
    "travel_rates",
    "travel_targets",
    "tree_allometry",
    "tree_species",
    "vulnerability_weights",
    "weather_normals",
)
"""Tables of our own on which results or their figures depend."""


def canonical(value: Any) -> Any:
    """Spell a JSON value in the one way: keys sorted, ``2.0`` and ``-0.0`` as the integers ``2`` and ``0``.

    Raises
    ------
    ValueError
        A number that is not finite, or something that is not JSON.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        if value != value or value in (float("inf"), float("-inf")):
            raise ValueError(f"{value} cannot be in a scenario; numbers are finite")
        return int(value) if isinstance(value, int) or (value == int(value) and abs(value) < _WHOLE) else value
    if isinstance(value, Mapping):
        return {str(key): canonical(value[key]) for key in sorted(value)}
    if isinstance(value, Sequence):
        return [canonical(one) for one in value]
    raise ValueError(f"{value!r} cannot be in a scenario; it holds texts, numbers, lists and mappings")


def canonical_json(value: Any) -> str:
    """Canonical JSON: sorted keys, no blanks, ASCII, shortest spelling of every number that reads back as the same."""
    return json.dumps(canonical(value), separators=(",", ":"), sort_keys=True, ensure_ascii=True, allow_nan=False)


def digest_of(value: Any) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical_json(value).encode("ascii")).hexdigest()


@cache
def code_digest(kernel_file: str) -> str:
    """Hash of what makes a kernel's results and their figures: its code, the way from a city to layers, edits, tables.

    Parameters
    ----------
    kernel_file : str
        File of the kernel's class.

    Returns
    -------
    str
        The same wherever the same version is installed; not of the libraries underneath.
    """
    files = [
        *Path(kernel_file).parent.glob("*.py"),
        *(_HOUSE / "twin" / f"{name}.py" for name in MODULES),
        *(_HOUSE / "assets" / f"{name}.csv" for name in TABLES),
        _HOUSE / "kernels" / "contract.py",
        _HOUSE / "kernels" / "crew.py",
        *(_HOUSE / "kernels" / "quantities").glob("*.py"),
        *(_HOUSE / "scenarios").glob("*.py"),
        *(_HOUSE / "scenarios" / "edits").glob("*.py"),
    ]
    found = hashlib.sha256(version("bxl-twin").encode())
    for file in sorted(files, key=lambda path: (path.parent.name, path.name)):
        found.update(file.name.encode())
        found.update(file.read_bytes().replace(b"\r\n", b"\n"))
    return found.hexdigest()
