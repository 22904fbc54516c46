"""What leaves the exhaust of traffic on each link: steady curves in the form of HBEFA 4, and engines that idle."""

import numpy as np
from numpy.typing import NDArray

from kernels.contract import LayerError

#: Steady emission of a warm engine on the level, ``f0 + f1 v + f2 v² + f3 v³`` with v in m/s. [mg s⁻¹]
#: The values are ours: the cubic through what the HBEFA 4.2 model of SUMO 1.28 prints for steady speeds of
#: 0 to 36 m/s (run as a program, not read), to 1e-5 of the largest. Particles count tyres and brakes too.
CURVES: dict[str, dict[str, tuple[float, float, float, float]]] = {
    "car_petrol": {  # PC petrol Euro-6ab
        "carbon_dioxide": (1415.0, 19.65, 0.0, 0.09666),
        "nitrogen_oxides": (0.4354, 0.007053, 0.0, 9.367e-06),
        "particulate_matter": (0.01255, 0.02592, 0.0001215, 5.536e-07),
        "carbon_monoxide": (0.0, 0.0, 0.0, 0.001408),
        "hydrocarbons": (0.02848, 0.0, 0.0, 1.024e-05),
    },
    "car_diesel": {  # PC diesel Euro-6ab
        "carbon_dioxide": (1260.0, 48.17, 0.0, 0.09099),
        "nitrogen_oxides": (3.561, 0.0, 0.0, 0.0005544),
        "particulate_matter": (0.005706, 0.02593, 0.0001213, 8.152e-07),
        "carbon_monoxide": (0.9962, 0.0, 0.0, 3.406e-05),
        "hydrocarbons": (0.1659, 0.004137, 0.0, 8.975e-06),
    },
    "car_electric": {  # PC BEV
        "carbon_dioxide": (0.0, 0.0, 0.0, 0.0),
        "nitrogen_oxides": (0.0, 0.0, 0.0, 0.0),
        "particulate_matter": (0.0, 0.02593, 0.0001213, 0.0),
        "carbon_monoxide": (0.0, 0.0, 0.0, 0.0),
        "hydrocarbons": (0.0, 0.0, 0.0, 0.0),
    },
    "van_diesel": {  # LCV diesel N1-III Euro-6ab
        "carbon_dioxide": (1949.0, 34.07, 0.0, 0.2332),
        "nitrogen_oxides": (3.352, 0.0, 0.0, 0.0006798),
        "particulate_matter": (0.01009, 0.02578, 0.000144, 1.316e-06),
        "carbon_monoxide": (2.952, 0.0, 0.0, 0.0),
        "hydrocarbons": (0.01523, 0.0, 0.0, 7.089e-07),
    },
    "truck": {  # rigid truck of 14 to 20 t, Euro-VI D-E
        "carbon_dioxide": (193.4, 707.7, 0.0, 0.0),
        "nitrogen_oxides": (1.692, 0.04764, 0.0, 0.0),
        "particulate_matter": (1.441, 0.00188, 0.0, 0.000126),
        "carbon_monoxide": (0.9441, 0.0, 0.0, 2.066e-05),
        "hydrocarbons": (0.2976, 0.005032, 8.333e-05, 0.0),
    },
    "bus": {  # standard urban bus of 15 to 18 t, Euro-VI D-E
        "carbon_dioxide": (2471.0, 665.1, 0.0, 0.0),
        "nitrogen_oxides": (1.96, 0.0, 0.0, 0.0001055),
        "particulate_matter": (1.466, 0.004514, 1.042e-05, 0.0001199),
        "carbon_monoxide": (0.6469, 0.0, 0.0, 0.0),
        "hydrocarbons": (0.2044, 0.0, 0.0, 7.896e-05),
    },
}
POLLUTANTS = ("carbon_dioxide", "nitrogen_oxides", "particulate_matter", "carbon_monoxide", "hydrocarbons")
#: Fastest speed to which the curves were fitted; faster ones are read there. [m s⁻¹]
FASTEST = 36.0


def steady_rate(vehicle: str, pollutant: str, speed: NDArray | float) -> NDArray:
    """Emission of one vehicle at steady speed, on the level, engine warm.

    Parameters
    ----------
    vehicle, pollutant : str
        A key of `CURVES`, one of `POLLUTANTS`.
    speed : (…) float
        [m s⁻¹]

    Returns
    -------
    (…) float64
        [kg s⁻¹]

    Raises
    ------
    LayerError
        An unknown vehicle or pollutant, a negative speed.
    """
    if vehicle not in CURVES:
        raise LayerError(f"no emission curves for {vehicle!r}; expected one of {', '.join(CURVES)}")
    if pollutant not in POLLUTANTS:
        raise LayerError(f"no curve for {pollutant!r}; expected one of {', '.join(POLLUTANTS)}")
    driven = np.asarray(speed, np.float64)
    if (driven < 0.0).any():
        raise LayerError(f"speed must be 0 or more, got {driven.min():g} m/s")
    v = np.minimum(driven, FASTEST)
    f0, f1, f2, f3 = CURVES[vehicle][pollutant]
    return (f0 + v * (f1 + v * (f2 + v * f3))) * 1e-6


def link_emission(
    vehicle: str, pollutant: str, entries: NDArray, travel_time: NDArray, length: NDArray, stop_share: NDArray | float
) -> NDArray:
    """What all vehicles of a kind leave on each link in an interval.

    Parameters
    ----------
    vehicle, pollutant : str
        A key of `CURVES`, one of `POLLUTANTS`.
    entries : (link,) float
        Vehicles that drove the link in the interval.
    travel_time : (link,) float
        Their mean time on it, queues included; not read where nothing drives. [s]
    length : (link,) float
        [m]
    stop_share : (link,) float
        Share of that time for which they stand: there the engine idles, and the rest is driven steadily. [1]

    Returns
    -------
    (link,) float64
        [kg]

    Raises
    ------
    LayerError
        Times of nil, or shares outside 0 to 1 (1 itself excluded: the link is driven), where something drives.
    """
    driven, time = np.asarray(entries, np.float64) > 0.0, np.asarray(travel_time, np.float64)
    share = np.broadcast_to(np.asarray(stop_share, np.float64), driven.shape)
    wrong = driven & ~((time > 0.0) & (share >= 0.0) & (share < 1.0))
    if wrong.any():
        one = int(np.flatnonzero(wrong)[0])
        raise LayerError(
            f"link {one}: travel time {time[one]:g} s and stop share {share[one]:g}; expected more than 0 s and 0 … < 1"
        )
    moving = np.where(driven, time * (1.0 - share), 1.0)
    standing = np.where(driven, time * share, 0.0)
    speed = np.where(driven, np.asarray(length, np.float64) / moving, 0.0)
    each = moving * steady_rate(vehicle, pollutant, speed) + standing * steady_rate(vehicle, pollutant, 0.0)
    return np.where(driven, entries * each, 0.0)
