"""Results for other programs: NetCDF, cloud-optimised GeoTIFF, CSV."""

import csv
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import rasterio
from rasterio.transform import Affine

from kernels.quantities import LANGUAGES
from twin.city import CRS
from twin.result import Result, StoreError


def _whole(path: Path, write: Callable[[Path], None]) -> None:
    """Write beside the path and rename, so that a reader never sees half a file."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(fresh)
        os.replace(fresh, path)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink()
        raise StoreError(f"{path}: cannot be written ({error.strerror or error}); check space and rights") from error


def write_netcdf(result: Result, path: Path) -> None:
    """The whole result as NetCDF-3 with 64-bit offsets, CF-1.11.

    Raises
    ------
    StoreError
    """
    # names in alphabetical order, as Zarr lists them in the order of the file system
    found = result.dataset
    data = found[sorted(map(str, found.data_vars))].load()
    for name in (*data.data_vars, *data.coords):
        kept = data[name].encoding
        packing = {key: kept[key] for key in ("dtype", "scale_factor", "_FillValue") if key in kept}
        data[name].encoding = packing if "scale_factor" in packing else {"_FillValue": None}
    _whole(path, lambda fresh: data.to_netcdf(fresh, engine="scipy", format="NETCDF3_64BIT") and None)


def write_geotiff(result: Result, field: str, path: Path, index: int = -1) -> None:
    """One field as a cloud-optimised GeoTIFF in Lambert 72, north up.

    Parameters
    ----------
    result : Result
    field : str
    path : Path
    index : int
        Output time of a field through time.

    Raises
    ------
    StoreError
    """
    values = result.frame(field, index)[::-1]
    if values.ndim != 2:
        raise StoreError(f"{field} goes along {result.manifest['along'][field]}, not over the ground; export NetCDF")
    grid = result.manifest["grid"]
    size = grid["cell_size"]
    profile = {
        "driver": "COG",
        "height": values.shape[0],
        "width": values.shape[1],
        "count": 1,
        "dtype": "float32",
        "crs": CRS,
        "transform": Affine(size, 0.0, grid["west"], 0.0, -size, grid["south"] + grid["rows"] * size),
        "nodata": float("nan"),
        "compress": "deflate",
    }
    attributes = result.dataset[field].attrs
    demo = "demo data, not the cadastre" if result.manifest["city"]["demo"] else ""

    def write(fresh: Path) -> None:
        with rasterio.open(fresh, "w", **profile) as file:
            file.write(values, 1)
            file.update_tags(field=field, units=attributes.get("units", ""), digest=result.digest, comment=demo)

    _whole(path, write)


def write_csv(result: Result, path: Path) -> None:
    """The key figures as CSV: key, value, units, better, and the words in three languages.

    Raises
    ------
    StoreError
    """

    def write(fresh: Path) -> None:
        with fresh.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(["key", "value", "units", "better", *LANGUAGES])
            for one in result.indicators:
                words = [one["label"].get(language, "") for language in LANGUAGES]
                table.writerow([one["key"], one["value"], one["units"], one["better"], *words])

    _whole(path, write)
