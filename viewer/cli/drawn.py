"""Points and polygons as the command line takes them: typed, or drawn in a GeoJSON file."""

from pathlib import Path

import numpy as np
import shapely

from scenarios.problem import ScenarioError
from twin.frames import to_lambert


def point_of(text: str, option: str) -> list[float]:
    """A point ``X,Y`` in Lambert 72. [m]

    Raises
    ------
    ScenarioError
        Names the option.
    """
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        raise ScenarioError(f"{option} must hold X,Y in Lambert 72, got {text!r}", option) from None
    return [x, y]


def corners_of(text: str) -> list[list[float]]:
    """Corners of the polygon of ``--polygon`` in Lambert 72, not closed. [m]

    Parameters
    ----------
    text : str
        Corners ``X,Y X,Y X,Y``, or a GeoJSON file with one polygon, in metres or degrees.

    Raises
    ------
    ScenarioError
        Fewer than three corners, or not one polygon without holes.
    """
    path = Path(text)
    if path.suffix.lower() not in (".geojson", ".json"):
        corners = [point_of(one, "--polygon") for one in text.replace(";", " ").split()]
        if len(corners) < 3:
            raise ScenarioError(
                f"--polygon must be a GeoJSON file or three or more corners 'X,Y X,Y X,Y', got {text!r}", "--polygon"
            )
        return corners
    try:
        shape = shapely.from_geojson(path.read_text(encoding="utf-8"))
    except (shapely.GEOSException, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: not a GeoJSON that can be read ({error})", "--polygon") from error
    parts = [one for part in shapely.get_parts(shape) for one in shapely.get_parts(part)]
    if len(parts) != 1 or parts[0].geom_type != "Polygon" or shapely.get_num_interior_rings(parts[0]):
        kinds = ", ".join(part.geom_type for part in parts) or "nothing"
        raise ScenarioError(f"{path}: expected one polygon without holes, got {kinds}", "--polygon")
    ring = shapely.get_coordinates(parts[0].exterior)[:-1]
    if (np.abs(ring) <= (180, 90)).all():
        # a GeoJSON in degrees is WGS 84 (RFC 7946)
        ring, _ = to_lambert(np.column_stack([ring, np.zeros(len(ring))]), "EPSG:4326", path=str(path))
    return [[float(x), float(y)] for x, y in ring[:, :2]]
