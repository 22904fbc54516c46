"""Buildings as zones: how much is heated, of what mass, and through what it loses heat, from the 3D mesh."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kernels.energy.ground import ground
from kernels.energy.horizons import AZIMUTHS
from kernels.energy.thermal_layers import Layer, effective_capacity
from twin.building_archetypes import Part, layers_of
from twin.building_uses import USES, heated, use_of
from twin.city import City
from twin.energy_faces import ROOF_FACE, WALL_FACE, Faces, city_patches, faces_of
from twin.energy_known import ASSUMED, MEASURED, Known
from twin.layers import remembered
from twin.roofs import STOREY

LOWEST, HIGHEST = 2.6, 4.0
"""Between these the height of a storey follows from eaves and storeys; beyond, storeys are not those: assumed. [m]"""

HALLS = ("culture_worship", "sport")
"""Uses with one floor in all their volume: assumed."""

STORE_STOREY = 6.0
"""Height of a storey where goods or trains stand: assumed. [m]"""

SLABS = 0.04
"""Floor area of a volume V in storeys of h is (1/h - 0.04 m⁻¹) V: walls and slabs take the rest. [m⁻¹]

Energieeinsparverordnung 2009, annex 1, 1.3.3; of a German ordinance, assumed to hold here."""

AIR_LOW, AIR_HIGH = 0.76, 0.80
"""Air in a volume measured outside, of up to three storeys and of more: DIN V 4108-6:2003, 6.2. [1]"""

SMALLEST = 30.0
"""Buildings of less volume are sheds, lift houses and the like, and not heated: assumed. [m³]"""

DWELLING_AREA = 90.0
"""Heated floor area of a dwelling where nobody counts them: assumed. [m²]"""

WINDOW_SHARE = {
    "dwelling_house": 0.20, "dwelling_flats": 0.22, "office": 0.35, "retail": 0.30, "restaurant": 0.30, "hotel": 0.25,
    "school": 0.25, "university": 0.30, "hospital_care": 0.25, "sport": 0.15, "culture_worship": 0.15,
    "industry_storage": 0.10,
}  # fmt: skip
"""Windows in the free facade by use: assumed. [1]"""

PARTITIONS = 0.75
"""Inner walls by floor area: assumed. [m² m⁻²]"""

_BRICK, _CONCRETE, _SCREED = (0.8, 1600.0, 840.0), (1.7, 2300.0, 1000.0), (1.3, 2000.0, 1000.0)
_WOOD = (0.13, 500.0, 1600.0)
PARTY_WALL = (Layer(0.28, *_BRICK),)
"""Two leaves of brick, half of which belong to each side: assumed."""
INNER_WALL = (Layer(0.09, *_BRICK),)
INNER_FLOORS = ((Layer(0.022, *_WOOD),), (Layer(0.05, *_SCREED), Layer(0.15, *_CONCRETE)))
"""Boards on joists before 1946, screed on concrete since: assumed."""


@dataclass(frozen=True, eq=False)
class Sizes:
    """How much of each building is heated, along (building,) in the order of the table; 0 for what is not.

    Attributes
    ----------
    use : int64
        Place in `twin.building_uses.USES`.
    floor_area, volume, footprint : float64
        Heated floor [m²], air [m³], floor on the ground [m²].
    height : float64
        Of the eaves, of the ridge where nobody knows them. [m]
    dwellings, window_share : float64
        Homes; windows in the free facade. [1]
    tags : dict of (building,) int8
        Of shape, floor_area, use, dwellings, window_share.
    told : dict of int
        Buildings that were no plain zones, by what was done.
    """

    use: NDArray[np.int64]
    floor_area: NDArray[np.float64]
    volume: NDArray[np.float64]
    footprint: NDArray[np.float64]
    height: NDArray[np.float64]
    dwellings: NDArray[np.float64]
    window_share: NDArray[np.float64]
    tags: dict[str, NDArray[np.int8]]
    told: dict[str, int]

    @property
    def heated(self) -> NDArray[np.bool_]:
        """Whether a building is a zone at all."""
        return self.floor_area > 0


@dataclass(frozen=True, eq=False)
class Zones:
    """Along (building,) unless said, in the order of the table; all 0 for what is not heated.

    Attributes
    ----------
    sizes : Sizes
    party_area, inner_area : float64
        Walls against neighbours, inner faces. [m²]
    perimeter : float64
        Of the footprint along the open air. [m]
    faces : Faces
        Of heated buildings.
    window_area : (face,) float64
        [m²]
    told : dict of int
        As `Sizes.told`, and what was done about missing faces.
    """

    sizes: Sizes
    party_area: NDArray[np.float64]
    inner_area: NDArray[np.float64]
    perimeter: NDArray[np.float64]
    faces: Faces
    window_area: NDArray[np.float64]
    told: dict[str, int]


def sizes_of(known: Known) -> Sizes:
    """Measure what is heated, without looking at faces.

    Notes
    -----
    An open shell has no volume: it takes footprint times eaves. What has no volume at all, annexes and what is smaller
    than `SMALLEST` are not heated.
    """
    table = known.table
    footprint = table.geometry.area.to_numpy(float)
    eaves, ridge = (np.nan_to_num(table[name].to_numpy(float)) for name in ("eaves_height", "ridge_height"))
    high = np.where(eaves > 0, eaves, np.maximum(ridge, 0.0))
    measured = np.nan_to_num(table["volume"].to_numpy(float))
    lacks = ~(measured > 0)
    gross = np.where(lacks, footprint * high, measured)
    storeys = np.maximum(table["storeys"].to_numpy(float), 1.0)
    said = known.words["energy_use"]
    stated = np.where(said != "", said, table["use"].to_numpy(object))
    use, unsure = use_of(stated, storeys, gross / STOREY)
    floor_area = _floor_area(gross, footprint, high, storeys, use)
    told_area = known.values["floor_area"]
    floor_area = np.where(np.isfinite(told_area), told_area, floor_area)
    annex, small, none = ~heated(stated), gross < SMALLEST, ~((gross > 0) & (footprint > 0) & (floor_area > 0))
    warm = ~(annex | small | none)
    homes, share = known.values["dwellings"], known.values["window_share"]
    counted = np.where(use < 2, np.maximum(np.rint(floor_area / DWELLING_AREA), 1.0), 0.0)
    return Sizes(
        use=use,
        floor_area=np.where(warm, floor_area, 0.0),
        volume=np.where(warm, gross * np.where(storeys <= 3, AIR_LOW, AIR_HIGH), 0.0),
        footprint=np.where(warm, footprint, 0.0),
        height=high,
        dwellings=np.where(warm, np.where(np.isfinite(homes), homes, counted), 0.0),
        window_share=np.where(np.isfinite(share), share, np.array([WINDOW_SHARE[one] for one in USES])[use]),
        tags={
            "shape": _tag(~lacks),
            "use": _tag(~unsure),
            **{name: known.tags[name] for name in ("floor_area", "dwellings", "window_share")},
        },
        told={
            "buildings": known.count,
            "heated": int(warm.sum()),
            "volume from footprint and eaves": int((lacks & warm).sum()),
            "not heated: annexes": int(annex.sum()),
            "not heated: smaller than 30 m3": int((small & ~annex & ~none).sum()),
            "not heated: without volume": int((none & ~annex).sum()),
        },
    )


def zones_of(city: City, known: Known) -> Zones:
    """Measure all buildings and what they lose heat through.

    Parameters
    ----------
    city : City
    known : Known
        `twin.energy_known.known_of` the city.

    Returns
    -------
    Zones

    Notes
    -----
    A zone whose mesh shows no roof gets a level one as large as its footprint; one without any wall gets four that look
    north, east, south and west, as long as its outline; both lie in the open.
    """
    sizes = sizes_of(known)
    warm, outline = sizes.heated, known.table.geometry.length.to_numpy(float)
    patches = city_patches(city)
    whole = remembered(("energy_faces", city.part_digest("surfaces"), known.count), lambda: _columns(faces_of(patches)))
    party = np.where(warm, patches.party, 0.0)
    faces, bare, blind = _completed(Faces(*whole), warm, sizes.footprint, outline, sizes.height, party)
    wall = faces.kind == WALL_FACE
    free = np.bincount(faces.building, faces.area * wall, known.count)
    walls = free + party
    area = sizes.floor_area
    return Zones(
        sizes=sizes,
        party_area=party,
        inner_area=2 * np.maximum(area - np.minimum(sizes.footprint, area), 0.0) + 2 * PARTITIONS * area,
        perimeter=np.where(warm, outline, 0.0) * free / np.where(walls > 0, walls, 1.0),
        faces=faces,
        window_area=np.where(wall, faces.area * sizes.window_share[faces.building], 0.0),
        told=sizes.told | {"level roof in place of a missing one": bare, "four walls in place of missing ones": blind},
    )


def _tag(measured: NDArray[np.bool_]) -> NDArray[np.int8]:
    return np.where(measured, MEASURED, ASSUMED).astype(np.int8)


def _floor_area(
    gross: NDArray[np.float64], footprint: NDArray[np.float64], high: NDArray[np.float64],
    storeys: NDArray[np.float64], use: NDArray[np.int64],
) -> NDArray[np.float64]:  # fmt: skip
    """Floor that a volume holds, without walls. [m²]"""
    storey = np.where(high > 0, np.clip(high / storeys, LOWEST, HIGHEST), STOREY)
    storey = np.where(use == USES.index("industry_storage"), np.maximum(np.minimum(high, STORE_STOREY), LOWEST), storey)
    hall = np.isin(use, [USES.index(one) for one in HALLS])
    floors = np.where(hall, np.minimum(footprint, gross / storey), gross / storey)
    found: NDArray[np.float64] = floors * (1 - SLABS * storey)
    return found


def _columns(faces: Faces) -> tuple[np.ndarray, ...]:
    return faces.building, faces.kind, faces.area, faces.normals, faces.horizon


def _completed(
    faces: Faces, warm: NDArray[np.bool_], footprint: NDArray[np.float64], outline: NDArray[np.float64],
    high: NDArray[np.float64], party: NDArray[np.float64],
) -> tuple[Faces, int, int]:  # fmt: skip
    """Faces of zones, with roofs and walls for those that lack them; how many lacked a roof, and walls."""
    count = warm.size
    kept = warm[faces.building]
    roofs = np.bincount(faces.building[faces.kind == ROOF_FACE], minlength=count) > 0
    walls = (np.bincount(faces.building[faces.kind == WALL_FACE], minlength=count) > 0) | (party > 0)
    bare, blind = np.flatnonzero(warm & ~roofs), np.flatnonzero(warm & ~walls)
    compass = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [-1.0, 0.0, 0.0]])
    building = np.concatenate([faces.building[kept], bare, np.repeat(blind, 4)])
    kind = np.concatenate([faces.kind[kept], np.full(bare.size, ROOF_FACE), np.full(4 * blind.size, WALL_FACE)])
    area = np.concatenate([faces.area[kept], footprint[bare], np.repeat(outline[blind] * high[blind] / 4, 4)])
    normals = np.concatenate([
        faces.normals[kept], np.tile([0.0, 0.0, 1.0], (bare.size, 1)), np.tile(compass, (blind.size, 1)),
    ])  # fmt: skip
    open_sky = np.zeros((bare.size + 4 * blind.size, AZIMUTHS), np.uint8)
    horizon = np.concatenate([faces.horizon[kept], open_sky])
    order = np.argsort(building, kind="stable")
    found = Faces(building[order], kind[order].astype(np.int8), area[order], normals[order], horizon[order])
    return found, bare.size, blind.size


@lru_cache(maxsize=4096)
def _capacity(part: Part, u_value: float) -> tuple[float, float]:
    """Effective capacity [J m⁻² K⁻¹] and thickness [m] of a part with a U value."""
    layers = layers_of(part, u_value)
    return effective_capacity(layers), sum(one.thickness for one in layers)


def made_of(part: Part, u_values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Effective capacity over a day [J m⁻² K⁻¹] and thickness [m] of a part of every building.

    Parameters
    ----------
    part : {"roof", "wall", "floor"}
    u_values : (building,) float64
        [W m⁻² K⁻¹]
    """
    return _by_value(u_values, lambda value: _capacity(part, value))


def _by_value(
    values: NDArray[np.float64], make: Callable[[float], tuple[float, float]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    different, place = np.unique(values, return_inverse=True)
    found = np.array([make(float(one)) for one in different]).reshape(-1, 2)
    return found[place, 0], found[place, 1]


def party_capacity() -> float:
    """Effective capacity of a party wall, for each side. [J m⁻² K⁻¹]"""
    return effective_capacity(PARTY_WALL)


def inner_capacity(zones: Zones, period: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean effective capacity of the faces of inner floors and walls: (building,) [J m⁻² K⁻¹]."""
    sides = [0.5 * (effective_capacity(one) + effective_capacity(one[::-1])) for one in INNER_FLOORS]
    floors = np.where(period == 0, sides[0], sides[1])
    walls = 2 * PARTITIONS * zones.sizes.floor_area
    whole = np.where(zones.inner_area > 0, zones.inner_area, 1.0)
    found: NDArray[np.float64] = floors + (effective_capacity(INNER_WALL) - floors) * walls / whole
    return found


def on_the_ground(
    zones: Zones, known: Known, monthly_air: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """U value of floors with the ground below, and the temperature they feel: see `kernels.energy.ground.ground`.

    Parameters
    ----------
    zones : Zones
    known : Known
    monthly_air : (12,) float64
        [K]

    Returns
    -------
    u_value : (building,) float64
        [W m⁻² K⁻¹]
    temperature : (building, 12) float64
        [K]
    """
    _, thickness = made_of("wall", known.values["wall_u"])
    resistance = np.maximum(1 / known.values["floor_u"] - 0.17, 0.0)  # less the surface indoors, ISO 6946:2017
    return ground(zones.sizes.footprint, zones.perimeter, thickness, resistance, monthly_air)
