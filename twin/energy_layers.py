"""From a City and what edits do to its energy to the layers of a kernel: buildings, faces, weeks, modules, networks."""

import hashlib
import json
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from kernels.energy.carriers import EMITTERS, HEAT_SOURCES
from kernels.energy.thermal_lanes import AIR_HEAT
from kernels.quantities import attrs
from twin.building_uses import USES, weeks
from twin.city import City
from twin.energy_faces import WALL_FACE, city_patches
from twin.energy_known import EDITED, RENOVATED, TAGS, Known, known_of, rows_of
from twin.energy_modules import peak_power
from twin.energy_networks import network_layers, network_rows
from twin.energy_works import EnergyWorks
from twin.energy_zones import Sizes, Zones, inner_capacity, made_of, on_the_ground, party_capacity, sizes_of, zones_of
from twin.synthetic_year import normals

DESIGN_AIR = 265.15
"""Outside air for which heating is laid out in Brussels: -8 °C, NBN B 62-003:1986. [K]"""

BOILER_EFFICIENCY = (0.80, 0.80, 0.82, 0.87, 0.93, 0.96)
"""Over a year, on the lower heating value, by period of `twin.building_archetypes`: assumed, as boilers are changed
more often than houses. [1]"""

NEW_BOILER = 0.96
"""Of a boiler that an edit puts in: assumed, condensing. [1]"""

COOLED = {"office": 0.5, "retail": 0.5, "hotel": 0.5, "hospital_care": 0.3}
"""Share of floor that is cooled actively, by use; 0 of all others: assumed. [1]"""

WATER_HOURS = 8.0
"""A heat pump is larger than rooms ask for by what makes the hot water of a day in so long: assumed. [h]"""

CARS = 0.5
"""Private cars of a household of the Region: assumed, as about half of its households have none. [1]"""

WARMED_UP = 11.0
"""Heat beyond the losses that warms up what cooled at night, in design loads of networks: assumed, as EN 12831:2003,
annex D, tells for 2 K in two hours, which is `twin.building_uses.WARM_UP`. [W m⁻²]"""

MONTH = 600
"""Hours from which on the weather of a run tells the mean of a month; else the normals of Uccle do."""

TOLD = "told_energy"
"""Attribute of the layers: JSON of ``tags`` (group to shares of floor area by who says so) and ``told`` (counts)."""


def energy_layers(city: City, works: EnergyWorks, weather: xr.Dataset, like: City | None = None) -> xr.Dataset:
    """All that the kernel of a district's energy reads.

    Parameters
    ----------
    city : City
        With the edits.
    works : EnergyWorks
    weather : xarray.Dataset
        The forcing of the run: hours with air, light, the sun's place from grid north, ``local_month``.
    like : City, optional
        Before the edits: saves time and changes nothing, see `twin.energy_faces.city_patches`.

    Returns
    -------
    xarray.Dataset
        Along ``(building)``, ``(building, month)``, ``(use, week_hour)``, ``(face)``, ``(patch)`` and the dimensions of
        `twin.energy_networks.network_layers`; attribute `TOLD`.

    Raises
    ------
    twin.city.CityError
        Works that do not fit the city, or a weather with gaps.
    """
    known = known_of(city, works)
    patches = city_patches(city, like)
    zones = zones_of(city, known)
    air = _monthly_air(weather)
    peak = peak_power(city, known.ids, patches, works.modules, weather)
    columns, ground = _buildings(known, zones, works, air)
    columns["heat_network"] = network_rows(list(known.ids), works)
    columns["heat_source"] = np.where(
        columns["heat_network"] >= 0, HEAT_SOURCES.index("network"), columns["heat_source"]
    )
    columns |= _stores(known.ids, zones, works, np.bincount(patches.building, peak, known.count).astype(float))
    columns |= _vehicles(known.ids, zones, works)
    load = columns.pop("design_load")
    faces = zones.faces
    data: dict[str, tuple[tuple[str, ...], NDArray[Any]]] = {
        **{name: (("building",), values) for name, values in columns.items()},
        "ground_temperature": (("building", "month"), ground),
        "face_building": (("face",), faces.building),
        "face_area": (("face",), faces.area),
        "face_window_area": (("face",), zones.window_area),
        "face_kind": (("face",), faces.kind.astype(np.int64)),
        **_ways("face", faces.normals),
        "face_horizon": (("face", "horizon_sector"), faces.horizon),
        "patch_building": (("patch",), patches.building),
        "patch_area": (("patch",), patches.area),
        **_ways("patch", patches.normals),
        "patch_horizon": (("patch", "horizon_sector"), patches.horizon),
        "photovoltaic_peak_power": (("patch",), peak),
    }
    found = xr.Dataset(
        {name: (dims, values, attrs(name)) for name, (dims, values) in data.items()},
        coords={"building": np.array(known.ids, dtype=np.str_)},
    ).assign(weeks().data_vars)
    load += WARMED_UP * zones.sizes.floor_area
    water = weeks()["hot_water_heat"].values.max(axis=1)[zones.sizes.use] * zones.sizes.floor_area
    warmth, draws = (dict(zip(known.ids, one.tolist(), strict=True)) for one in (load, water))
    networks = network_layers(city, works, warmth, air, draws)
    tags = _tags(known, zones.sizes, works)
    shares = {
        group: {TAGS[tag]: _share(zones.sizes.floor_area, values == tag) for tag in range(len(TAGS))}
        for group, values in tags.items()
    }
    told = zones.told | {
        "year of construction unknown": int((np.isnan(known.values["year"]) & zones.sizes.heated).sum()),
        "facts that cannot be": known.out_of_range,
        "with a meter of heat": int((np.isfinite(known.values["metered_heat"]) & zones.sizes.heated).sum()),
        "with a meter of electricity": int(
            (np.isfinite(known.values["metered_electricity"]) & zones.sizes.heated).sum()
        ),
    }
    words = {TOLD: json.dumps({"tags": shares, "told": told})}
    return found.assign(networks.data_vars).assign_attrs(networks.attrs | words)


def energy_tags(city: City, works: EnergyWorks) -> pd.DataFrame:
    """Who says what of each building: one row each, a column for each group of inputs, values of `TAGS`.

    Groups: shape, floor_area, use, year, roof_u, wall_u, floor_u, window_u, window_g, window_share, infiltration,
    heat_recovery, dwellings, heat_source.
    """
    known = known_of(city, works)
    words = np.array(TAGS, dtype=object)
    found = _tags(known, sizes_of(known), works)
    return pd.DataFrame({group: words[values] for group, values in found.items()}, index=known.ids)


def assumed_facts(city: City) -> pd.DataFrame:
    """What the kernel works with where nobody knows: one row per building, columns of `twin.building_facts.FACTS`."""
    works = EnergyWorks()
    known = known_of(city, works)
    sizes = sizes_of(known)
    return pd.DataFrame(
        {
            "energy_use": np.array(USES, dtype=object)[sizes.use],
            "floor_area": np.round(sizes.floor_area, 1),
            "dwellings": sizes.dwellings,
            **{name: known.values[name] for name in RENOVATED},
            "window_share": sizes.window_share,
            "heat_source": np.array(HEAT_SOURCES, dtype=object)[_sources(known, works)[0]],
        },
        index=known.ids,
    )


def _tags(known: Known, sizes: Sizes, works: EnergyWorks) -> dict[str, NDArray[np.int8]]:
    source = _sources(known, works)[1]
    source[network_rows(list(known.ids), works) >= 0] = EDITED
    named = ("year", *RENOVATED)
    order = ("shape", "floor_area", "use", *named, "window_share", "dwellings", "heat_source")
    whole = {name: known.tags[name] for name in named} | sizes.tags | {"heat_source": source}
    return {name: whole[name] for name in order}


def _share(area: NDArray[np.float64], which: NDArray[np.bool_]) -> float:
    whole = float(area.sum())
    return round(float(area[which].sum()) / whole, 6) if whole > 0 else 0.0


def _ways(what: str, normals: NDArray[np.float64]) -> dict[str, tuple[tuple[str, ...], NDArray[Any]]]:
    return {f"{what}_{way}": ((what,), normals[:, place]) for place, way in enumerate(("east", "north", "up"))}


def seeds_of(ids: pd.Index) -> NDArray[np.int64]:
    """A number of each building that depends on its id alone: (building,) 0 or more."""
    raw = b"".join(hashlib.blake2b(str(one).encode(), digest_size=8).digest() for one in ids)
    found: NDArray[np.int64] = (np.frombuffer(raw, "<u8") >> np.uint64(1)).astype(np.int64)
    return found


def _monthly_air(weather: xr.Dataset) -> NDArray[np.float64]:
    """Mean of the air by month: of the weather where it tells all months, else the normals of Uccle. (12,) [K]"""
    month = weather["local_month"].values.astype(np.int64)
    hours = np.bincount(month, minlength=12)
    if (hours < MONTH).any():
        return normals().mean
    return np.bincount(month, weather["air_temperature"].values, 12) / hours


def _buildings(
    known: Known, zones: Zones, works: EnergyWorks, air: NDArray[np.float64]
) -> tuple[dict[str, NDArray[Any]], NDArray[np.float64]]:
    """Layers along (building), and the temperature below floors by month."""
    values = known.values
    floor_u, ground = on_the_ground(zones, known, air)
    source, _, new, emitter, cover, cooled = _supplies(known, zones, works)
    load = _design_load(known, zones, floor_u)
    pump = np.isin(source, [HEAT_SOURCES.index(one) for one in ("air_heat_pump", "ground_heat_pump")])
    warmer, cooler = np.zeros(known.count), np.zeros(known.count)
    for one in works.set_points:
        rows = rows_of(known.ids, one.buildings)
        warmer[rows], cooler[rows] = one.heating, one.cooling
    efficiency = np.where(new & ~pump, NEW_BOILER, np.array(BOILER_EFFICIENCY)[known.period])
    efficiency[pump & (cover >= 1)] = 0.0  # the boiler is gone: a resistance gives what the pump does not
    found = {
        "heated_floor_area": zones.sizes.floor_area,
        "heated_volume": zones.sizes.volume,
        "ground_floor_area": zones.sizes.footprint,
        "party_wall_area": zones.party_area,
        "inner_area": zones.inner_area,
        "roof_u_value": values["roof_u"],
        "wall_u_value": values["wall_u"],
        "floor_u_value": floor_u,
        "window_u_value": values["window_u"],
        "window_g_value": values["window_g"],
        "roof_heat_capacity": made_of("roof", values["roof_u"])[0],
        "wall_heat_capacity": made_of("wall", values["wall_u"])[0],
        "floor_heat_capacity": made_of("floor", values["floor_u"])[0],
        "party_heat_capacity": np.full(known.count, party_capacity()),
        "inner_heat_capacity": inner_capacity(zones, known.period),
        "infiltration_rate": values["infiltration"],
        "heat_recovery": values["heat_recovery"],
        "building_use": zones.sizes.use,
        "dwellings": zones.sizes.dwellings,
        "building_seed": seeds_of(known.ids),
        "heat_set_point_change": warmer,
        "cool_set_point_change": cooler,
        "cooled_share": cooled,
        "heat_source": np.where(zones.sizes.heated, source, HEAT_SOURCES.index("none")),
        "heat_emitter": emitter,
        "boiler_efficiency": efficiency,
        "heat_pump_capacity": np.where(pump, cover * load + _hot_water(zones), np.inf),
        "design_load": load,
    }
    return found, ground


def _sources(known: Known, works: EnergyWorks) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """Source of heat of each building by facts and supplies, and who says so; a boiler for gas where nobody does."""
    said = known.words["heat_source"]
    found = np.full(known.count, HEAT_SOURCES.index("gas_boiler"))
    for place, name in enumerate(HEAT_SOURCES):
        found[said == name] = place
    tags = known.tags["heat_source"].copy()
    for one in works.supplies:
        if one.source is not None:
            rows = rows_of(known.ids, one.buildings)
            found[rows], tags[rows] = HEAT_SOURCES.index(one.source), EDITED
    return found, tags


def _supplies(
    known: Known, zones: Zones, works: EnergyWorks
) -> tuple[
    NDArray[np.int64], NDArray[np.int8], NDArray[np.bool_], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]
]:
    """Source, who says so, whether an edit put it in, emitter, share of the design load, share that is cooled."""
    source, tags = _sources(known, works)
    new = tags == EDITED
    emitter = np.full(known.count, EMITTERS.index("radiator"))
    cover = np.ones(known.count)
    cooled = np.where(zones.sizes.heated, np.array([COOLED.get(one, 0.0) for one in USES])[zones.sizes.use], 0.0)
    for one in works.supplies:
        rows = rows_of(known.ids, one.buildings)
        if one.source is not None:
            cover[rows] = one.cover
        if one.emitter is not None:
            emitter[rows] = EMITTERS.index(one.emitter)
        if one.cooled is not None:
            cooled[rows] = one.cooled
    return source, tags, new, emitter, cover, cooled


def _design_load(known: Known, zones: Zones, floor_u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Heat lost by `DESIGN_AIR` without sun and people, fresh air at its mean of the week: (building,) [W]."""
    values, faces = known.values, zones.faces
    wall = faces.kind == WALL_FACE
    opaque = np.where(wall, values["wall_u"][faces.building], values["roof_u"][faces.building])
    through = (faces.area - zones.window_area) * opaque + zones.window_area * values["window_u"][faces.building]
    week = weeks()
    fresh = week["fresh_air_change"].values.mean(axis=1)[zones.sizes.use] * (1 - values["heat_recovery"])
    air = AIR_HEAT * zones.sizes.volume * (values["infiltration"] + fresh) / 3600.0
    conductance = np.bincount(faces.building, through, known.count) + zones.sizes.footprint * floor_u + air
    indoors = week["heat_set_point"].values.max(axis=1)[zones.sizes.use]
    found: NDArray[np.float64] = conductance * (indoors - DESIGN_AIR)
    return found


def _hot_water(zones: Zones) -> NDArray[np.float64]:
    """Heat that makes a mean day's hot water in `WATER_HOURS`: (building,) [W]."""
    mean = weeks()["hot_water_heat"].values.mean(axis=1)[zones.sizes.use]
    found: NDArray[np.float64] = mean * zones.sizes.floor_area * 24.0 / WATER_HOURS
    return found


def _stores(
    ids: pd.Index, zones: Zones, works: EnergyWorks, peak: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """Batteries and tanks."""
    battery, power, store = np.zeros(len(ids)), np.zeros(len(ids)), np.zeros(len(ids))
    for one in works.batteries:
        rows = rows_of(ids, one.buildings)
        battery[rows] = one.per_building + one.per_peak * peak[rows]
        power[rows] = battery[rows] / (one.hours * 3600.0)
    for tank in works.stores:
        rows = rows_of(ids, tank.buildings)
        store[rows] = tank.per_area * zones.sizes.floor_area[rows]
    return {"battery_capacity": battery, "battery_power": power, "heat_store_capacity": store}


def _vehicles(ids: pd.Index, zones: Zones, works: EnergyWorks) -> dict[str, NDArray[np.float64]]:
    cars, delay = np.zeros(len(ids)), np.zeros(len(ids))
    for one in works.vehicles:
        rows = rows_of(ids, one.buildings)
        cars[rows], delay[rows] = one.share * CARS * zones.sizes.dwellings[rows], one.delay
    return {"electric_vehicles": cars, "charging_delay": delay}
