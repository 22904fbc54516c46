"""Engine A, the fast one: zones through the year by the five resistances and one capacity of ISO 13790."""

from collections.abc import Sequence

import numpy as np

from kernels.contract import LayerError
from kernels.energy.thermal import (
    CONVECTIVE_OUT,
    GLASS_EMITTANCE,
    RADIATIVE_OUT,
    Climate,
    Surface,
    Zone,
    check,
    place_of,
    plane_places,
    sky_view,
    way_out,
)
from kernels.energy.thermal_lanes import MASS_TO_FACE
from kernels.energy.thermal_layers import effective_capacity, resistance
from kernels.energy.thermal_rc_loops import Shells, run_shells
from kernels.energy.thermal_year import START, WARM_UP, Demand, rooms_of, through_the_year

FACE_TO_AIR = 3.45
"""Between inner faces and air: ISO 13790:2008, 7.2.2.2. [W m⁻² K⁻¹]"""

INSIDE = {"up": 0.10, "level": 0.13, "down": 0.17}
"""Surface resistance indoors by the way heat flows out: ISO 6946:2017, table 7. [m² K W⁻¹]"""

OUTSIDE = 0.04
"""Surface resistance outdoors: ISO 6946:2017, table 7. [m² K W⁻¹]"""

OPERATIVE_AIR = 0.3
"""Weight of the air in the operative temperature, the rest of the faces: ISO 13790:2008, eq. C.12. [1]"""


def run(
    zones: Sequence[Zone],
    climate: Climate,
    *,
    steps: int = 1,
    warm_up: int = WARM_UP,
    start: float = START,
    hourly: bool = False,
    threads: int | None = None,
) -> Demand:
    """Heating and cooling that zones need, and the temperatures they float at where nothing holds them.

    Parameters
    ----------
    zones, climate, steps, warm_up, start, hourly, threads
        See `kernels.energy.thermal_nodes.run`.

    Raises
    ------
    LayerError
        A zone is not what the engine can run, has no mass, or loses more through its walls than its mass passes on.

    Notes
    -----
    ISO 13790:2008, 12.2 and annex C. The effective mass is that of the layers over a day (EN ISO 13786), never of a
    class; its area is (Σ A κ)² / Σ A κ² and the inner faces are counted, not estimated from the floor.
    """
    check(zones)
    return through_the_year(
        run_shells,
        shells_of(zones, climate),
        rooms_of(zones, OPERATIVE_AIR),
        climate,
        steps=steps,
        warm_up=warm_up,
        start=start,
        hourly=hourly,
        threads=threads,
    )


def transmittance(surface: Surface) -> float:
    """U value with the standard surface resistances, 0 of an adiabatic surface: ISO 6946:2017. [W m⁻² K⁻¹]"""
    if surface.outside == "adiabatic":
        return 0.0
    outside = OUTSIDE if surface.outside == "outdoor" else 0.0
    return 1 / (INSIDE[way_out(surface.tilt)] + resistance(surface.layers) + outside)


def shells_of(zones: Sequence[Zone], climate: Climate) -> Shells:
    """Pack the walls and windows of zones as resistances and capacities.

    Raises
    ------
    LayerError
        See `run`.
    """
    places = plane_places(climate.planes)
    known: dict[tuple, float] = {}
    count, planes = len(zones), len(climate.planes)
    one = {name: np.zeros(count) for name in Shells._fields if name not in ("wall_sun", "glass_sun")}
    wall_sun, glass_sun = np.zeros((count, planes)), np.zeros((count, planes))
    for z, zone in enumerate(zones):
        square, through, ground = 0.0, 0.0, 0.0
        for surface in zone.surfaces:
            if surface.layers not in known:
                known[surface.layers] = effective_capacity(surface.layers)
            kept, loss = known[surface.layers], surface.area * transmittance(surface)
            one["mass"][z] += surface.area * kept
            square += surface.area * kept**2
            one["whole"][z] += surface.area
            through += loss
            if surface.outside == "ground":
                ground += loss
            elif surface.outside == "outdoor":
                outer = CONVECTIVE_OUT + RADIATIVE_OUT * surface.emittance / 0.9
                wall_sun[z, place_of(surface, places, zone.name)] += loss * surface.absorptance / outer
                one["wall_sky"][z] += loss * surface.emittance * sky_view(surface) / outer
        for window in zone.windows:
            loss = window.area * window.u_value
            one["whole"][z] += window.area
            one["glass_loss"][z] += loss
            one["glass_sky"][z] += loss * GLASS_EMITTANCE * sky_view(window) / (CONVECTIVE_OUT + RADIATIVE_OUT)
            glass_sun[z, place_of(window, places, zone.name)] += window.area * window.g_value
        if square == 0.0:
            raise LayerError(f"zone {zone.name!r} has no layer with mass; run it with the engine iso52016")
        one["mass_area"][z] = one["mass"][z] ** 2 / square
        one["to_face"][z] = MASS_TO_FACE * one["mass_area"][z]
        one["to_air"][z] = FACE_TO_AIR * one["whole"][z]
        if through >= one["to_face"][z]:
            raise LayerError(
                f"zone {zone.name!r} loses {through:.3g} W/K through its walls, more than the {one['to_face'][z]:.3g} "
                "W/K its effective mass passes on; run it with the engine iso52016"
            )
        one["to_mass"][z] = 1 / (1 / through - 1 / one["to_face"][z]) if through > 0 else 0.0
        one["ground_share"][z] = ground / through if through > 0 else 0.0
        wall_sun[z] /= max(through, 1e-300)
        one["wall_sky"][z] /= max(through - ground, 1e-300)
        one["glass_sky"][z] /= max(one["glass_loss"][z], 1e-300)
    return Shells(**one, wall_sun=wall_sun, glass_sun=glass_sun)
