"""A heated zone as people describe it (layers, windows, gains, set points) and as the demand engines read it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kernels.contract import LayerError
from kernels.energy.thermal_layers import Layer

RADIATIVE_OUT = 4.14
"""Surface coefficient of long waves outside, of a surface of emittance 0.9: ISO 13789:2017, table 8. [W m⁻² K⁻¹]"""

CONVECTIVE_OUT = 20.0
"""Surface coefficient of the wind outside: ISO 13789:2017, table 8. [W m⁻² K⁻¹]"""

RADIATIVE_IN = 5.13
"""Surface coefficient of long waves indoors: ISO 13789:2017, table 8. [W m⁻² K⁻¹]"""

CONVECTIVE_IN = {"up": 5.0, "level": 2.5, "down": 0.7}
"""Surface coefficients of air indoors by the way heat flows out: ISO 13789:2017, table 8. [W m⁻² K⁻¹]"""

LARGEST_U = 1 / (1 / (CONVECTIVE_IN["level"] + RADIATIVE_IN) + 1 / (CONVECTIVE_OUT + RADIATIVE_OUT))
"""Of a window that resists nothing but at its surfaces. [W m⁻² K⁻¹]"""

GLASS_EMITTANCE = 0.837
"""Of uncoated glass, outside: EN 673:2011, annex A. [1]"""

GROUND_CONTACT = 1e3
"""Between the outer face of a floor and the ground whose temperature is given: next to none. [W m⁻² K⁻¹]"""

FURNISHED = 10_000.0
"""Heat capacity of air and furniture by floor area: ISO 52016-1:2017, table B.17. [J m⁻² K⁻¹]"""

SKY_DROP = 11.0
"""Sky below air where no long-wave radiation was measured, moderate climates: ISO 52016-1:2017, table B.19. [K]"""

OUTSIDES = ("outdoor", "ground", "adiabatic")
"""What may lie behind a surface; the place of each is its code."""


@dataclass(frozen=True)
class Surface:
    """A wall, roof or floor of a zone.

    Attributes
    ----------
    layers : tuple of Layer
        From inside to outside.
    area : float
        [m²]
    tilt, azimuth : float
        Of the outward normal: 0 looks up, π/2 is a wall, π a floor; from north clockwise. [rad]
    outside : {"outdoor", "ground", "adiabatic"}
        ``"ground"``: the zone's ground temperature lies at the outer face; soil is a layer. ``"adiabatic"``: as much
        warmth behind it as before it, such as a party wall.
    absorptance, emittance : float
        Of the outer face, for sun and long waves. [1]
    sky_view : float, optional
        Share of the sky in what the outer face sees; that of an open plain where not given. [1]
    """

    layers: tuple[Layer, ...]
    area: float
    tilt: float
    azimuth: float = 0.0
    outside: str = "outdoor"
    absorptance: float = 0.6
    emittance: float = 0.9
    sky_view: float | None = None


@dataclass(frozen=True)
class Window:
    """A window of a zone.

    Attributes
    ----------
    area, tilt, azimuth, sky_view
        See `Surface`.
    u_value : float
        With the standard surface resistances. [W m⁻² K⁻¹]
    g_value : float
        Total solar energy transmittance at normal incidence. [1]
    """

    area: float
    tilt: float
    azimuth: float
    u_value: float
    g_value: float
    sky_view: float | None = None


@dataclass(frozen=True)
class Zone:
    """One zone: rooms of one air temperature.

    Attributes
    ----------
    surfaces, windows : tuple
        All that encloses it.
    floor_area, volume : float
        [m²], [m³]
    air_change, gains : float or (period,) float64
        Outdoor air [h⁻¹] and heat of people and things [W], by hour, repeated: 24 values are one day in local
        standard time.
    heat_to, cool_to : float or (period,) float64
        Set points, -inf and inf for none. [K]
    ground : float or (12,) float64
        By month. [K]
    air_capacity : float, optional
        Of air and furniture; `FURNISHED` by floor area where not given. [J K⁻¹]
    gains_to_air, sun_to_air, plant_to_air : float
        Convective shares of gains, sun through windows, and heating and cooling; the rest falls evenly on the inner
        faces. ISO 52016-1:2017, tables B.11 and B.12. [1]
    control : {"operative", "air"}
        Temperature that the set points are of.
    heat_limit, cool_limit : float
        Greatest powers. [W]
    name : str
    """

    surfaces: tuple[Surface, ...]
    windows: tuple[Window, ...]
    floor_area: float
    volume: float
    air_change: ArrayLike = 0.0
    gains: ArrayLike = 0.0
    heat_to: ArrayLike = -np.inf
    cool_to: ArrayLike = np.inf
    ground: ArrayLike = 283.15
    air_capacity: float | None = None
    gains_to_air: float = 0.4
    sun_to_air: float = 0.1
    plant_to_air: float = 0.4
    control: str = "operative"
    heat_limit: float = np.inf
    cool_limit: float = np.inf
    name: str = field(default="zone")


@dataclass(frozen=True, eq=False)
class Climate:
    """What drives the zones, hour by hour.

    Attributes
    ----------
    air : (hour,) float64
        Outdoor air. [K]
    sky_loss : (hour,) float64
        Long waves of a black body as warm as the air, less those of the sky. [W m⁻²]
    planes : (plane, 2) float64
        Tilt and azimuth of the planes the light is given for. [rad]
    light : (plane, hour) float64
        Irradiance. [W m⁻²]
    through : (plane, hour) float64
        The same weighted by what clear double glass lets in at its angle, of normal incidence. [W m⁻²]
    month : (hour,) int64
        0 … 11.
    """

    air: NDArray
    sky_loss: NDArray
    planes: NDArray
    light: NDArray
    through: NDArray
    month: NDArray


def planes_of(zones: Sequence[Zone]) -> NDArray:
    """Every tilt and azimuth that the outdoor surfaces and windows of zones have, once: (plane, 2) [rad]."""
    seen = {
        _plane(one) for zone in zones for one in (*(s for s in zone.surfaces if s.outside == "outdoor"), *zone.windows)
    }
    return np.array(sorted(seen), float).reshape(-1, 2)


def _plane(one: Surface | Window) -> tuple[float, float]:
    return round(one.tilt, 9), round(one.azimuth % (2 * np.pi), 9)


def plane_places(planes: NDArray) -> dict[tuple[float, float], int]:
    """Place of each tilt and azimuth in a climate, rounded as `planes_of` rounds."""
    return {(round(float(tilt), 9), round(float(azimuth), 9)): place for place, (tilt, azimuth) in enumerate(planes)}


def place_of(one: Surface | Window, places: dict[tuple[float, float], int], zone: str) -> int:
    """Place of the plane of a surface or window; a plane the climate has not is a LayerError."""
    found = places.get(_plane(one))
    if found is None:
        tilt, azimuth = np.degrees(_plane(one))
        raise LayerError(
            f"zone {zone!r}: the climate has no light for tilt {tilt:g}° and azimuth {azimuth:g}°; make it with "
            "planes_of(zones)"
        )
    return found


def sky_view(one: Surface | Window) -> float:
    """Share of the sky in what an outer face sees. [1]"""
    return 0.5 * (1 + np.cos(one.tilt)) if one.sky_view is None else one.sky_view


def way_out(tilt: float) -> str:
    """Which way heat leaves through a face of this tilt [rad]: level within 30° of upright (ISO 6946:2017, 6.8)."""
    return "up" if tilt < np.pi / 3 else "down" if tilt > 2 * np.pi / 3 else "level"


def check(zones: Sequence[Zone]) -> None:
    """Refuse what no engine can run.

    Raises
    ------
    LayerError
        Names the zone, what was expected, what came and the remedy.
    """
    if not zones:
        raise LayerError("the demand engines need at least one zone, got none")
    for zone in zones:
        where = f"zone {zone.name!r}"
        if not zone.surfaces:
            raise LayerError(f"{where} has no wall, roof or floor; give at least one surface, adiabatic if need be")
        for what, value in (("floor area", zone.floor_area), ("volume", zone.volume)):
            if not 0 < value < np.inf:
                raise LayerError(f"{where}: the {what} must be above 0, got {value}; is its shell open?")
        for one in (*zone.surfaces, *zone.windows):
            if not 0 < one.area < np.inf:
                raise LayerError(f"{where}: the area of a surface or window must be above 0, got {one.area} m2")
        for surface in zone.surfaces:
            if surface.outside not in OUTSIDES:
                raise LayerError(f"{where}: behind a surface lies one of {OUTSIDES}, got {surface.outside!r}")
        for window in zone.windows:
            if not 0 < window.u_value < LARGEST_U:
                raise LayerError(
                    f"{where}: the U value of a window must be above 0 and below {LARGEST_U:.1f} W/m2K, where "
                    f"glass would resist nothing at all, got {window.u_value}"
                )
            if not 0 <= window.g_value <= 1:
                raise LayerError(f"{where}: the g value of a window is a part in 0 … 1, got {window.g_value}")
        for what in ("gains_to_air", "sun_to_air", "plant_to_air"):
            if not 0 <= getattr(zone, what) <= 1:
                raise LayerError(f"{where}: {what} is a part in 0 … 1, got {getattr(zone, what)}")
        if zone.control not in ("operative", "air"):
            raise LayerError(f"{where}: the set points are of 'operative' or 'air', got {zone.control!r}")
        if not (np.asarray(zone.air_change) >= 0).all() or not np.isfinite(zone.gains).all():
            raise LayerError(f"{where}: air changes must be 0 or more and gains finite at every hour")
        low, high = np.broadcast_arrays(*periodic([zone.heat_to, zone.cool_to]))
        if not (low <= high).all():
            raise LayerError(f"{where}: heats to more than it cools to at hour {int(np.argmax(~(low <= high)))}")


def periodic(values: Sequence[ArrayLike]) -> list[NDArray]:
    """Lay series of 1, 24 or any number of hours on one common period: (period,) float64 each."""
    series = [np.atleast_1d(np.asarray(one, float)) for one in values]
    longest = int(np.lcm.reduce([one.size for one in series]))
    if longest > 1_000_000:
        raise LayerError(f"schedules of {sorted({one.size for one in series})} hours have no common period; use 24")
    return [np.tile(one, longest // one.size) for one in series]
