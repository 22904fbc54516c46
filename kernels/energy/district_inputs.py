"""What the kernel of a district reads, checked and packed: buildings as lanes, their faces, patches, weeks, weather."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kernels.contract import LayerError, Need
from kernels.energy.carriers import HEAT_SOURCES
from kernels.energy.district_weather import Weather
from kernels.energy.horizons import sky_seen
from kernels.energy.solar_year import Patches
from kernels.energy.thermal import CONVECTIVE_OUT, GLASS_EMITTANCE, RADIATIVE_OUT
from kernels.energy.thermal_lanes import AIR_HEAT, FIXED, MASS_TO_FACE
from kernels.energy.thermal_rc import FACE_TO_AIR, OPERATIVE_AIR

ABSORPTANCE, EMITTANCE = 0.6, 0.9
"""Of walls and roofs, for sun and long waves: assumed, those of ASHRAE 140's walls. [1]"""

GAINS_TO_AIR, SUN_TO_AIR, PLANT_TO_AIR = 0.4, 0.1, 0.4
"""Convective shares of gains, sun through windows, heating and cooling: ISO 52016-1:2017, tables B.11 and B.12. [1]"""

BUILDING = (
    "heated_floor_area", "heated_volume", "ground_floor_area", "party_wall_area", "inner_area", "roof_u_value",
    "wall_u_value", "floor_u_value", "window_u_value", "window_g_value", "roof_heat_capacity", "wall_heat_capacity",
    "floor_heat_capacity", "party_heat_capacity", "inner_heat_capacity", "infiltration_rate", "heat_recovery",
    "building_use", "dwellings", "building_seed", "heat_set_point_change", "cool_set_point_change", "cooled_share",
    "heat_source", "heat_emitter", "boiler_efficiency", "heat_pump_capacity", "heat_network", "battery_capacity",
    "battery_power", "heat_store_capacity", "electric_vehicles", "charging_delay",
)  # fmt: skip
WEEKS = (
    "occupied_gains", "appliance_power", "hot_water_heat", "heat_set_point", "cool_set_point", "fresh_air_change",
    "vehicle_charging",
)  # fmt: skip
FACE = ("face_building", "face_area", "face_window_area", "face_kind", "face_east", "face_north", "face_up")
PATCH = ("patch_building", "patch_area", "patch_east", "patch_north", "patch_up", "photovoltaic_peak_power")

REST = 64
"""Groups that patches without modules are shared out to: threads take groups. [1]"""

LAYERS: tuple[Need, ...] = (
    *(Need(one, ("building",), finite=one != "heat_pump_capacity") for one in BUILDING),
    Need("ground_temperature", ("building", "month")),
    *(Need(one, ("use", "week_hour")) for one in WEEKS),
    *(Need(one, ("face",)) for one in FACE),
    Need("face_horizon", ("face", "horizon_sector")),
    *(Need(one, ("patch",)) for one in PATCH),
    Need("patch_horizon", ("patch", "horizon_sector")),
)
"""Layers of the kernel; those of networks, which may be absent, are `kernels.energy.district_networks`'s."""


@dataclass(frozen=True, eq=False)
class Inputs:
    """Buildings in an order of their own, so that the order in which they came changes no bit.

    Attributes
    ----------
    names : xarray.DataArray
        The coordinate ``building``, as it came.
    order : (building,) int64
        Row of each building of this order in the layers.
    fixed : (15, building) float64
        See `kernels.energy.thermal_lanes.FIXED`, with the mass in J/K.
    ground_share, wall_sky : (building,) float64
        See `kernels.energy.thermal_rc_loops.Shells`.
    heated : (building,) bool
        Whether it is a zone at all.
    ground : (building, 12) float64
        [K]
    columns : dict of (building,) float64
        Every layer of `BUILDING`.
    weeks : (7, use, 168) float64
        In the order of `WEEKS`.
    first_face : (building + 1,) int64
        Faces of each building.
    normals : (face, 3) float64
    horizon : (face, sector) uint8
    seen : (face, 3) float64
        Parts of even sky, band and ground. [1]
    limited : int
        Shells that lose more than their mass passes on, and are read at that limit.
    warms, passes : (face,) float64
        Rise outside the mass by light [K W⁻¹ m²], window area times g [m²].
    patches : Patches
        In an order of their own; groups are the buildings with modules, then `REST` more.
    patch_order : (patch,) int64
        Row of each in the layers, which have ``all_patches``.
    peak : (patch,) float64
        Installed, or 1 W where none is but could be. [W]
    installed : (building,) float64
        [W]
    module_rows : (group,) int64
        Buildings with modules: the first groups of ``patches``.
    seed : (building,) int64
    consumer_rows : (consumer,) int64
        Building, in this order, of each consumer of the networks.
    weather : Weather
    """

    names: xr.DataArray
    order: NDArray
    fixed: NDArray
    ground_share: NDArray
    wall_sky: NDArray
    heated: NDArray
    ground: NDArray
    columns: dict[str, NDArray]
    weeks: NDArray
    first_face: NDArray
    normals: NDArray
    horizon: NDArray
    seen: NDArray
    limited: int
    warms: NDArray
    passes: NDArray
    patches: Patches
    patch_order: NDArray
    all_patches: int
    peak: NDArray
    installed: NDArray
    module_rows: NDArray
    seed: NDArray
    consumer_rows: NDArray
    weather: Weather

    @property
    def count(self) -> int:
        """How many buildings."""
        return self.order.size

    @classmethod
    def of(cls, layers: xr.Dataset, forcing: xr.Dataset) -> "Inputs":
        """Pack layers and forcing that `kernels.contract.check_layers` let pass.

        Raises
        ------
        LayerError
            Names the layer, the building, what was expected and the remedy.
        """
        order = np.argsort(layers["building_seed"].values, kind="stable")
        columns = {name: layers[name].values.astype(np.float64)[order] for name in BUILDING}
        names = layers["building"]
        _refuse(columns, names.values[order], layers.sizes["use"])
        heated = columns["heated_floor_area"] > 0
        place = np.empty(order.size, np.int64)
        place[order] = np.arange(order.size)
        face = _sorted(layers, "face", place)
        first, normals = face["first"], face["normals"]
        sky = sky_seen(face["horizon"], normals)
        up = normals[:, 2]
        seen = np.stack(
            [0.5 * (1 + up) * sky.even, np.hypot(normals[:, 0], normals[:, 1]) * sky.band, 0.5 * (1 - up)], axis=1
        )
        shell = _shell(columns, layers["ground_temperature"].values[order], face, seen, heated)
        patch = _sorted(layers, "patch", place)
        rows, groups, peak, module_rows = _with_and_without(patch)
        consumers = np.zeros(0, np.int64)
        if "consumer_building" in layers:
            consumers = layers["consumer_building"].values.astype(np.int64)
        installed = np.bincount(patch["building"], patch["peak"], order.size)
        return cls(
            names=names,
            order=order,
            heated=heated,
            columns=columns,
            weeks=np.ascontiguousarray(np.stack([layers[name].values.astype(np.float64) for name in WEEKS])),
            first_face=first,
            normals=normals,
            horizon=face["horizon"],
            seen=seen,
            patches=Patches.of(
                patch["normals"][rows], patch["area"][rows], patch["horizon"][rows], groups, module_rows.size + REST
            ),
            patch_order=patch["order"][rows],
            all_patches=patch["area"].size,
            peak=peak,
            installed=installed,
            module_rows=module_rows,
            seed=layers["building_seed"].values.astype(np.int64)[order],
            consumer_rows=place[consumers],
            weather=Weather.of(forcing),
            **shell,
        )


def _refuse(columns: dict[str, NDArray], names: NDArray, uses: int) -> None:
    """Refuse what no building has."""
    heated = columns["heated_floor_area"] > 0
    parts = ("heat_recovery", "cooled_share", "window_g_value")
    checks = {name: (columns[name] >= 0, "0 or more") for name in BUILDING if not name.endswith(("_change", "_seed"))}
    checks["heat_network"] = columns["heat_network"] >= -1, "-1 or the place of a network"
    checks |= {name: (columns[name] <= 1, "a part in 0 … 1") for name in parts}
    checks["heated_volume"] = (columns["heated_volume"] > 0) | ~heated, "above 0 where a floor is heated"
    checks["building_use"] = columns["building_use"] < uses, f"below {uses}"
    checks["heat_source"] = columns["heat_source"] < len(HEAT_SOURCES), f"below {len(HEAT_SOURCES)}"
    boils = columns["heat_source"] < HEAT_SOURCES.index("resistance")
    checks["boiler_efficiency"] = (columns["boiler_efficiency"] > 0) | ~boils, "above 0 where a boiler burns"
    for name, (fits, wanted) in checks.items():
        if not fits.all():
            bad = int(np.argmin(fits))
            raise LayerError(
                f"energy: {name} of building {str(names[bad])!r} must be {wanted}, got {columns[name][bad]:g}; mend "
                "the layers"
            )


def _sorted(layers: xr.Dataset, kind: str, place: NDArray) -> dict[str, NDArray]:
    """Faces or patches in the order of the buildings; within one as they came."""
    building = layers[f"{kind}_building"].values.astype(np.int64)
    if building.size and not ((building >= 0) & (building < place.size)).all():
        raise LayerError(f"energy: {kind}_building names a building beyond 0 … {place.size - 1}")
    mine = place[building]
    order = np.argsort(mine, kind="stable")
    found = {
        "order": order,
        "building": mine[order],
        "first": np.searchsorted(mine[order], np.arange(place.size + 1)).astype(np.int64),
        "area": layers[f"{kind}_area"].values.astype(np.float64)[order],
        "normals": np.ascontiguousarray(
            np.stack([layers[f"{kind}_{way}"].values for way in ("east", "north", "up")], axis=1, dtype=np.float64)[
                order
            ]
        ),
        "horizon": np.ascontiguousarray(layers[f"{kind}_horizon"].values.astype(np.uint8)[order]),
    }
    if kind == "face":
        found["window"] = layers["face_window_area"].values.astype(np.float64)[order]
        found["roof"] = layers["face_kind"].values[order] == 0
    else:
        found["peak"] = layers["photovoltaic_peak_power"].values.astype(np.float64)[order]
    return found


def _with_and_without(patch: dict[str, NDArray]) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Patches with modules first, in the group of their building; then other roofs, in groups nobody adds up.

    Of roofs without modules a watt is asked all the same, so that people see what it would yield; walls without any
    are left out, for they are many and light on them is known by the faces. Last: the building of each group.
    """
    has, roof = patch["peak"] > 0, patch["normals"][:, 2] > 0.05
    with_, without = np.flatnonzero(has), np.flatnonzero(~has & roof)
    module_rows, groups = np.unique(patch["building"][with_], return_inverse=True)
    rest = module_rows.size + np.arange(without.size) * REST // max(without.size, 1)
    peak = np.concatenate([patch["peak"][with_], np.ones(without.size)])
    return np.concatenate([with_, without]), np.concatenate([groups, rest]), peak, module_rows


def _shell(
    columns: dict[str, NDArray], ground: NDArray, face: dict[str, NDArray], seen: NDArray, heated: NDArray
) -> dict[str, Any]:
    """Five resistances and one capacity of every building, as `kernels.energy.thermal_rc.shells_of` has it."""
    count, building, roof = heated.size, face["building"], face["roof"]
    wall = np.maximum(face["area"] - face["window"], 0.0)

    def total(values: NDArray) -> NDArray:
        return np.bincount(building, values, count)

    u_value = np.where(roof, columns["roof_u_value"][building], columns["wall_u_value"][building])
    kept = np.where(roof, columns["roof_heat_capacity"][building], columns["wall_heat_capacity"][building])
    loss = wall * u_value
    inner = [
        (columns["party_wall_area"], columns["party_heat_capacity"]),
        (columns["inner_area"], columns["inner_heat_capacity"]),
    ]
    floor, floor_kept = columns["ground_floor_area"], columns["floor_heat_capacity"]
    mass = total(wall * kept) + floor * floor_kept + sum(area * one for area, one in inner)
    square = total(wall * kept**2) + floor * floor_kept**2 + sum(area * one**2 for area, one in inner)
    whole = total(face["area"]) + floor + sum(area for area, _ in inner)
    to_ground = floor * columns["floor_u_value"]
    through = total(loss) + to_ground
    usable = heated & (square > 0) & (whole > 0)
    if (heated & ~usable).any():
        raise LayerError(
            f"energy: {int((heated & ~usable).sum())} heated buildings have no wall, roof or floor with mass"
        )
    safe = np.where(usable & (through > 0), through, 1.0)
    mass_area = np.where(usable, mass**2 / np.where(usable, square, 1.0), 1.0)
    whole, mass = np.where(usable, whole, 1.0), np.where(usable, mass, 1.0)
    to_face = MASS_TO_FACE * mass_area
    # a shell that loses more than its mass passes on is read at that limit
    between = np.minimum(through, 0.99 * to_face)
    to_mass = np.where(usable & (through > 0), 1 / (1 / np.where(between > 0, between, 1.0) - 1 / to_face), 0.0)
    panes = total(face["window"])
    glass_loss = panes * columns["window_u_value"]
    outer = CONVECTIVE_OUT + RADIATIVE_OUT * EMITTANCE / 0.9
    view = seen[:, 0]
    glass_sky = total(face["window"] * view) / np.where(panes > 0, panes, 1.0)
    fixed = np.zeros((len(FIXED), count))
    rows = {
        "to_mass": to_mass,
        "to_face": to_face,
        "glass_loss": np.where(usable, glass_loss, 0.0),
        "to_air": FACE_TO_AIR * whole,
        "mass_rate": mass,
        "mass_share": mass_area / whole,
        "gains_lost": np.where(usable, glass_loss, 0.0) / (MASS_TO_FACE * whole),
        "plant_to_air": PLANT_TO_AIR,
        "air_share": OPERATIVE_AIR,
        "air_heat": AIR_HEAT * columns["heated_volume"] / 3600.0,
        "gains_to_air": GAINS_TO_AIR,
        "sun_to_air": SUN_TO_AIR,
        "heat_limit": np.inf,
        "glass_sky": glass_sky * GLASS_EMITTANCE / (CONVECTIVE_OUT + RADIATIVE_OUT),
        "cooled_share": np.where(columns["cooled_share"] > 0, columns["cooled_share"], 1.0),
    }
    for place, name in enumerate(FIXED):
        fixed[place] = rows[name]
    return {
        "fixed": fixed,
        "ground_share": np.where(usable, to_ground / safe, 0.0),
        "wall_sky": total(loss * EMITTANCE * view / outer) / np.where(total(loss) > 0, total(loss), 1.0),
        "ground": np.ascontiguousarray(ground.astype(np.float64)),
        "warms": loss * ABSORPTANCE / outer / safe[building],
        "limited": int((usable & (through > between)).sum()),
        "passes": face["window"] * columns["window_g_value"][building],
    }
