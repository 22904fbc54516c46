"""The city as a GeoPackage: footprints with attributes, faces with their place in space; and back."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from twin.city import CRS, GROUND, KINDS, ROOF, WALL, City, CityError
from twin.faces import surface_areas
from twin.formats.part import BuildingsPart, Face, PartBuilder

_KIND = {"ground": GROUND, "wall": WALL, "roof": ROOF}


def layers(path: str | Path) -> list[str]:
    """Names of the layers of a GeoPackage.

    Raises
    ------
    CityError
        Not a GeoPackage.
    """
    try:
        return [str(name) for name, _ in pyogrio.list_layers(path)]
    except (pyogrio.errors.DataSourceError, ValueError) as error:
        raise CityError(f"{path}: is not a GeoPackage ({error}); download it again") from error


def read(path: str | Path) -> BuildingsPart:
    """Read a GeoPackage that `write` made: the faces of ``building_surfaces`` with the words of ``buildings``.

    Raises
    ------
    CityError
        A layer or a column is missing.
    """
    try:
        table = gpd.read_file(path, layer="buildings")
        faces = gpd.read_file(path, layer="building_surfaces")
        rings = [_rings(shape) for shape in faces.geometry]
        kinds = [_KIND[kind] for kind in faces["kind"]]
        owners = faces["building"].tolist()
        records = table.set_index("id")[["use", "name", "storeys", "origin"]].to_dict("index")
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, KeyError, ValueError) as error:
        raise CityError(f"{path}: is not a GeoPackage this program wrote ({error}); export it again") from error
    grouped: dict[str, list[Face]] = {str(name): [] for name in records}
    for owner, kind, polygon in zip(owners, kinds, rings, strict=True):
        grouped.setdefault(str(owner), []).append((kind, polygon))
    builder = PartBuilder()
    for name, found in grouped.items():
        builder.add(name, found, records.get(name, {}))
    crs = None if faces.crs is None else faces.crs.to_string()
    return builder.finish(str(path), crs, objects=len(grouped), title=Path(path).stem)


def _rings(shape: shapely.Polygon) -> list[list[tuple[float, ...]]]:
    return [[tuple(corner) for corner in ring.coords[:-1]] for ring in (shape.exterior, *shape.interiors)]


def write(city: City, path: str | Path) -> None:
    """Write every table of the city that has rows, and the faces of the buildings as polygons with heights.

    A demo city says so in a layer ``about``, with the sources.

    Raises
    ------
    CityError
        The file cannot be written.
    """
    path = Path(path)
    fresh = path.with_name(f".{path.stem}.new.gpkg")
    fresh.unlink(missing_ok=True)
    try:
        for name in City.TABLES:
            table = getattr(city, name)
            if len(table):
                _write(table.reset_index(), fresh, name)
        _write(_faces(city), fresh, "building_surfaces")
        _write(_about(city), fresh, "about")
        fresh.replace(path)
    except (OSError, pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise CityError(f"{path}: cannot be written ({error})") from error
    finally:
        fresh.unlink(missing_ok=True)


def _write(table: gpd.GeoDataFrame, path: Path, layer: str) -> None:
    pyogrio.write_dataframe(table, path, layer=layer, driver="GPKG", append=path.exists())


def _faces(city: City) -> gpd.GeoDataFrame:
    faces = city.surfaces
    shapes = []
    for s in range(len(faces)):
        rings = [
            faces.vertices[faces.ring_vertices[faces.ring_offsets[r] : faces.ring_offsets[r + 1]]]
            for r in range(faces.surface_rings[s], faces.surface_rings[s + 1])
        ]
        shapes.append(shapely.Polygon(rings[0], rings[1:]))
    words = {
        "building": city.buildings.index.to_numpy()[faces.building],
        "kind": np.array(KINDS, dtype=object)[faces.kind],
        "area": surface_areas(faces),
    }
    return gpd.GeoDataFrame(words, geometry=shapes, crs=CRS)


def _about(city: City) -> gpd.GeoDataFrame:
    west, south, east, north = city.bounds
    rows = [("city", f"{city.name} (demo data, not the cadastre)" if city.demo else city.name)]
    rows += [("digest", city.digest), ("crs", f"{CRS}, heights TAW (EPSG:5710)")]
    rows += [
        (one.part, " | ".join(filter(None, (one.title, one.licence, one.vintage, one.url)))) for one in city.sources
    ]
    box = shapely.box(west, south, east, north)
    return gpd.GeoDataFrame(
        {"key": [k for k, _ in rows], "value": [v for _, v in rows]}, geometry=[box] * len(rows), crs=CRS
    )
