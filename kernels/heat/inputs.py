"""From layers to the arrays of the heat kernel, with what is assumed where a layer is absent."""

from dataclasses import dataclass, fields, replace

import numpy as np
import xarray as xr

from kernels.contract import LayerError
from kernels.heat.lines import Window

OPEN, OUTSIDE = -1, -2
"""Values of ``building_index`` that are no building."""

ASSUMED = {
    "albedo": 0.20,
    "emissivity": 0.94,
    "thermal_conductivity": 1.0,
    "volumetric_heat_capacity": 2.0e6,
    "surface_wetness": 0.0,
    "wall_albedo": 0.25,
    "canopy_transmissivity": 0.03,
}
"""Where a layer is absent: dry ground between asphalt and paving, light brick and render, crowns in leaf (Oke 1987,
Boundary Layer Climates, tables 2.1 and 7.3; Konarska et al. 2014, doi:10.1007/s00704-013-1000-3)."""


@dataclass(frozen=True, eq=False)
class Inputs:
    """All that is fixed during a run, on the cells.

    Attributes
    ----------
    ground, roof : (y, x) float32
        [m]
    building, outside : (y, x) bool
    crown_top, crown_bottom : (y, x) float32 or None
        Above ground. [m]
    transmissivity, albedo, emissivity, conductivity, capacity, wetness : (y, x) float32
        SI.
    wall_albedo : float
        [1]
    waste_heat : (y, x) float32 or None
        [W m⁻²]
    cell_size : float
        [m]
    assumed : tuple of str
        Layers that were absent.
    """

    ground: np.ndarray
    roof: np.ndarray
    building: np.ndarray
    outside: np.ndarray
    crown_top: np.ndarray | None
    crown_bottom: np.ndarray | None
    transmissivity: np.ndarray
    albedo: np.ndarray
    emissivity: np.ndarray
    conductivity: np.ndarray
    capacity: np.ndarray
    wetness: np.ndarray
    wall_albedo: float
    waste_heat: np.ndarray | None
    cell_size: float
    assumed: tuple[str, ...]

    @classmethod
    def of(cls, layers: xr.Dataset) -> "Inputs":
        """Read checked layers.

        Raises
        ------
        LayerError
            Cells that are not square, a share outside 0 to 1, a crown whose bottom is above its top.
        """
        elevation = layers["ground_elevation"]
        size = _cell_size(elevation)
        ground = elevation.values.astype(np.float32, copy=False)
        index = layers["building_index"].values
        building, outside = index >= 0, index == OUTSIDE
        roof = ground + layers["building_height"].values
        if "roof_elevation" in layers:
            exact = layers["roof_elevation"].values
            roof = np.where(np.isfinite(exact), exact, roof)
        roof = np.where(building, np.maximum(roof, ground), ground).astype(np.float32)
        assumed = [name for name in ASSUMED if name not in layers]

        def layer(name: str) -> np.ndarray:
            if name not in layers:
                return np.broadcast_to(np.float32(ASSUMED[name]), ground.shape)
            return layers[name].values.astype(np.float32, copy=False)

        def share(name: str) -> np.ndarray:
            found = layer(name)
            if found.min() < 0 or found.max() > 1:
                raise LayerError(f"heat: {name} must lie in 0 to 1, got {found.min():g} to {found.max():g}")
            return found

        top = layers["canopy_top"].values.astype(np.float32, copy=False) if "canopy_top" in layers else None
        bottom = None
        if top is not None:
            bottom = (
                layers["canopy_bottom"].values.astype(np.float32, copy=False)
                if "canopy_bottom" in layers
                else 0.25 * top
            )
            if ((bottom > top) & (top > 0)).any():
                raise LayerError("heat: canopy_bottom lies above canopy_top somewhere; both are heights above ground")
        else:
            assumed = [name for name in assumed if name != "canopy_transmissivity"]
        return cls(
            ground,
            roof,
            building,
            outside,
            top,
            bottom,
            share("canopy_transmissivity"),
            share("albedo"),
            share("emissivity"),
            layer("thermal_conductivity"),
            layer("volumetric_heat_capacity"),
            share("surface_wetness"),
            float(share("wall_albedo").mean()),
            layers["waste_heat_flux"].values.astype(np.float32, copy=False) if "waste_heat_flux" in layers else None,
            size,
            tuple(assumed),
        )

    def slim(self) -> "Inputs":
        """The same without what a run has read once it is set up."""
        kept = ("waste_heat", "wall_albedo", "cell_size", "assumed")
        gone = [one.name for one in fields(self) if one.name not in kept]
        return replace(self, **dict.fromkeys(gone, np.zeros((0, 0), np.float32)))

    def owned(self) -> "Inputs":
        """The same with arrays of its own, so that layers may change behind it."""
        arrays = {one.name: getattr(self, one.name) for one in fields(self)}
        return replace(self, **{name: one.copy() for name, one in arrays.items() if isinstance(one, np.ndarray)})

    def differs(self, other: "Inputs") -> Window | None:
        """The window around all cells that differ from another run's; None where none does."""
        apart = np.zeros(self.ground.shape, bool)
        for name in ("ground", "roof", "building", "outside", "crown_top", "crown_bottom", "transmissivity", "albedo",
                     "emissivity", "conductivity", "capacity", "wetness"):  # fmt: skip
            mine, its = getattr(self, name), getattr(other, name)
            if mine is not None and its is not None:
                apart |= mine != its
            elif mine is not None or its is not None:
                apart |= (mine if mine is not None else its) > 0
        rows, columns = np.flatnonzero(apart.any(axis=1)), np.flatnonzero(apart.any(axis=0))
        if not rows.size:
            return None
        return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def _cell_size(elevation: xr.DataArray) -> float:
    found = []
    for axis in ("x", "y"):
        steps = np.diff(elevation[axis].values)
        if steps.size and (steps <= 0).any():
            raise LayerError(f"heat: {axis} must ascend; try layers.sortby({axis!r})")
        if steps.size:
            found.append((float(steps.min()), float(steps.max())))
    if not found or max(high for _, high in found) - min(low for low, _ in found) > 1e-3 * found[0][0]:
        raise LayerError(f"heat: cells must be squares of one size, got steps {found}; resample the layers")
    return found[0][0]
