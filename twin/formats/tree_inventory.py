"""The inventory of trees as a file for other programs: CSV, GeoJSON or GeoPackage."""

from pathlib import Path

import geopandas as gpd
import pyogrio

from twin.city import CityError

_ROUND = {"co2_stored": 1, "co2_yearly": 2, "trunk_diameter": 3, "height": 2, "crown": 2}


def write(table: gpd.GeoDataFrame, path: str | Path, *, demo: bool = False) -> None:
    """Write an inventory; its kind is told by the ending of the path.

    Parameters
    ----------
    table : GeoDataFrame
        As `twin.trees.TreeInventory` holds it, Lambert 72.
    path : path
        ``.csv`` (with ``x``, ``y`` in Lambert 72 and ``longitude``, ``latitude``), ``.geojson`` (WGS84) or ``.gpkg``
        (Lambert 72).
    demo : bool
        Of an invented city: adds a column that says so.

    Raises
    ------
    CityError
        Another ending, or the file cannot be written.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in (".csv", ".geojson", ".gpkg"):
        raise CityError(
            f"{path}: {ending or 'no ending'} names no format of trees; end it with .csv, .geojson or .gpkg"
        )
    columns = [name for name in table.columns if name != table.geometry.name]
    digits = {name: places for name in columns for start, places in _ROUND.items() if name.startswith(start)}
    shown = table.round(digits).reset_index()
    if demo:
        shown["demo"] = "demo data, not the cadastre"
    degrees = shown.to_crs("EPSG:4326")
    fresh = path.with_name(f".{path.stem}.new{ending}")
    fresh.unlink(missing_ok=True)
    try:
        if ending == ".csv":
            places = {
                "x": shown.geometry.x.round(2),
                "y": shown.geometry.y.round(2),
                "longitude": degrees.geometry.x.round(7),
                "latitude": degrees.geometry.y.round(7),
            }
            shown.drop(columns=table.geometry.name).assign(**places).to_csv(fresh, index=False)
        elif ending == ".geojson":
            pyogrio.write_dataframe(degrees, fresh, driver="GeoJSON", RFC7946="YES")
        else:
            pyogrio.write_dataframe(shown, fresh, layer="trees", driver="GPKG")
        fresh.replace(path)
    except (OSError, pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise CityError(f"{path}: cannot be written ({error}); check space and rights") from error
    finally:
        fresh.unlink(missing_ok=True)
