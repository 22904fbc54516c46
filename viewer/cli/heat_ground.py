"""The ground of ``bxl-twin heat``: terrain, buildings, crowns and land cover from anyone's rasters."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr
from scipy import ndimage

from kernels.quantities import attrs
from twin.formats.land_cover_schemes import covers
from twin.land_covers import land_covers, parameter_table
from viewer.cli.raw_files import InputError, Raster, read_aligned, read_raster

TRUNK_SHARE = 0.25
"""Height of the trunk over the height of the tree where no raster tells it. [1]"""
TALLEST_TREE = 80.0
"""A canopy above this is taken for elevations instead of heights above ground. [m]"""
_MATERIAL = ("albedo", "emissivity", "thermal_conductivity", "volumetric_heat_capacity", "surface_wetness")


@dataclass(frozen=True)
class Ground:
    """What the rasters say.

    Attributes
    ----------
    layers : xarray.Dataset
        As the heat kernel reads them.
    like : Raster
        The surface model, whose grid is that of all.
    files : list of Path
    notes : list of str
        What was assumed, and what the user should know.
    """

    layers: xr.Dataset
    like: Raster
    files: list[Path]
    notes: list[str]


def read_ground(
    dsm: Path,
    dem: str | None,
    cdsm: Path | None = None,
    tdsm: Path | None = None,
    land_cover: Path | None = None,
    scheme: str | None = None,
    *,
    least_building: float = 2.0,
    transmissivity: float = 0.03,
    wall_albedo: float | None = None,
    cover: str = "asphalt",
) -> Ground:
    """Read and check the rasters, and make the layers of them.

    Parameters
    ----------
    dsm : path
        Ground and buildings, without trees. [m]
    dem : path or number, as text
        Bare ground; a number for flat ground. [m]
    cdsm, tdsm : path, optional
        Top of the crowns and of the trunk zone below them, above ground, 0 where there is no tree. [m]
    land_cover, scheme
        Codes and what they mean, see `twin.formats.land_cover_schemes`; both or none.
    least_building : float
        The surface stands at least so far above the ground where there is a building. [m]
    transmissivity : float
        Part of the sun that passes a crown. [1]
    wall_albedo : float, optional
        Of all walls; the kernel's own where not given. [1]
    cover : str
        Key of the land cover of open ground where no raster tells it.

    Raises
    ------
    InputError, CityError
        Names the file, what was expected and the remedy.
    """
    if dem is None:
        raise InputError(
            f"{dsm}: a surface model alone does not tell ground from roofs; give the bare ground too, --dem DEM.tif, "
            "or a number for flat ground (--dem 0)"
        )
    surface = read_raster(dsm)
    files, notes = [dsm], []
    if _is_number(dem):
        base = np.full(surface.grid.shape, float(dem))
    else:
        base = read_aligned(Path(dem), surface, "bare ground (--dem)").values
        files.append(Path(dem))
    outside = ~(np.isfinite(surface.values) & np.isfinite(base))
    if outside.all():
        raise InputError(f"{dsm}: no cell has data both in the surface and in the ground; is it the right tile?")
    if outside.any():
        notes.append(f"{int(outside.sum())} of {outside.size} cells have no data in --dsm or --dem: outside, no result")
    base = np.where(outside, base[~outside].min(), base)
    height = np.where(outside, 0.0, surface.values - base)
    if (height < -2.0).mean() > 0.01:
        raise InputError(
            f"{dsm}: lies more than 2 m below the ground of --dem in {100 * (height < -2.0).mean():.1f} % of its "
            "cells; are the two files swapped, or in different height systems?"
        )
    index, count = _buildings(height >= least_building, outside)
    notes.append(
        f"buildings: {count}, cells where the surface stands {least_building:g} m or more above the ground; bridges "
        "and trees in --dsm would count too"
    )
    fields: dict[str, np.ndarray] = {
        "ground_elevation": base,
        "building_index": index,
        "building_height": np.where(index >= 0, height, 0.0).astype(np.float32),
        "roof_elevation": np.where(index >= 0, surface.values, np.nan),
    }
    crowns, more, read = _crowns(surface, cdsm, tdsm, outside, transmissivity)
    fields |= crowns
    notes += more
    files += read
    material, more, read = _materials(surface, land_cover, scheme, index, cover)
    fields |= material
    notes += more
    files += read
    if wall_albedo is not None:
        fields["wall_albedo"] = np.full(surface.grid.shape, wall_albedo, np.float32)
    layers = xr.Dataset(
        {name: (("y", "x"), values, attrs(name)) for name, values in fields.items()}, coords=surface.coords()
    )
    return Ground(layers, surface, files, notes)


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def _buildings(built: np.ndarray, outside: np.ndarray) -> tuple[np.ndarray, int]:
    """Number of the building of each cell, -1 on open ground, -2 outside; cells that share a side are one building."""
    labels, count = ndimage.label(built & ~outside)
    index = labels.astype(np.int32) - 1
    index[outside] = -2
    return index, int(count)


def _crowns(
    like: Raster, cdsm: Path | None, tdsm: Path | None, outside: np.ndarray, transmissivity: float
) -> tuple[dict[str, np.ndarray], list[str], list[Path]]:
    """Layers of the crowns, notes, and files read."""
    if cdsm is None:
        if tdsm is not None:
            raise InputError(f"{tdsm}: a trunk zone without crowns says nothing; give --cdsm too")
        return {}, ["no --cdsm: no trees"], []
    top = _above_ground(cdsm, like, "canopy (--cdsm)", outside)
    files, notes = [cdsm], []
    if tdsm is None:
        bottom = TRUNK_SHARE * top
        notes.append(f"no --tdsm: trunks are taken as {100 * TRUNK_SHARE:g} % of the height of their tree")
    else:
        bottom = np.where(top > 0, _above_ground(tdsm, like, "trunk zone (--tdsm)", outside), 0.0)
        files.append(tdsm)
        high = (bottom >= top) & (top > 0)
        if high.any():
            notes.append(
                f"the trunk zone reaches the top of the crown in {int(high.sum())} cells: taken as "
                f"{100 * TRUNK_SHARE:g} % of the height there"
            )
            bottom = np.where(high, TRUNK_SHARE * top, bottom)
    notes.append(f"crowns let {100 * transmissivity:g} % of the sun through (--transmissivity)")
    crown = top > 0
    fields = {
        "canopy_top": top,
        "canopy_bottom": bottom,
        "canopy_transmissivity": np.where(crown, transmissivity, 1.0),
    }
    return {name: values.astype(np.float32) for name, values in fields.items()}, notes, files


def _above_ground(path: Path, like: Raster, what: str, outside: np.ndarray) -> np.ndarray:
    """Heights above ground, 0 where the file has no data. [m]"""
    values = read_aligned(path, like, what).values
    values = np.where(outside | np.isnan(values), 0.0, values)
    if values.min() < 0 or values.max() > TALLEST_TREE:
        odd = values.min() if values.min() < 0 else values.max()
        raise InputError(
            f"{path}: the {what} has a height of {odd:g} m; expected heights above ground from 0 (no tree) to "
            f"{TALLEST_TREE:g} m. If it holds elevations, take the ground off (gdal_calc.py --calc=A-B)"
        )
    return values


def _materials(
    like: Raster, path: Path | None, scheme: str | None, index: np.ndarray, cover: str
) -> tuple[dict[str, np.ndarray], list[str], list[Path]]:
    """Layers of what the ground and roofs are made of, notes, and files read."""
    table = land_covers()
    if (path is None) != (scheme is None):
        raise InputError("--land-cover and --land-cover-scheme belong together: umep, worldcover or ours")
    if cover not in table:
        raise InputError(f"--ground {cover}: is none of {', '.join(table)}")
    label = table[cover].label["en"]
    notes, files = [], []
    if path is None or scheme is None:
        codes = np.full(index.shape, table[cover].code, np.uint8)
        notes.append(f"no --land-cover: all open ground is taken as {label} (--ground)")
    else:
        codes, counts = covers(read_aligned(path, like, "land cover").values, scheme, cover)
        files.append(path)
        parts = ", ".join(
            f"{key} {100 * cells / codes.size:.0f} %" for key, cells in counts.items() if key != "unknown"
        )
        notes.append(f"land cover {scheme}: {parts}")
        if "unknown" in counts:
            notes.append(f"{counts['unknown']} cells without a land cover are taken as {label}")
        stray = (codes == table["roof"].code) & (index < 0)
        if stray.any():
            notes.append(
                f"{int(stray.sum())} cells of the land cover are buildings where the surface shows none: taken as "
                f"{label}"
            )
            codes[stray] = table[cover].code
    codes[index >= 0] = table["roof"].code
    notes.append("roofs are taken as tiles (assets/land_covers.csv)")
    figures = parameter_table()
    return {name: figures[name][codes] for name in _MATERIAL if name in figures}, notes, files
