"""What the vehicles of a city leave and warm together: exhaust of a mixed fleet on each link, and its heat."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kernels.contract import LayerError
from kernels.traffic.emissions import CURVES, link_emission

#: Heat of burning that goes with the carbon dioxide of petrol and diesel: 69.3 and 74.1 kg of it for a gigajoule, IPCC
#: Guidelines for National Greenhouse Gas Inventories 2006, vol. 2, table 1.4. Their mean is at most 3.4 % off, whatever
#: the fuels' shares. [J kg⁻¹]
HEAT_OF_PETROL, HEAT_OF_DIESEL = 1e9 / 69.3, 1e9 / 74.1
HEAT_PER_CARBON_DIOXIDE = (HEAT_OF_PETROL + HEAT_OF_DIESEL) / 2.0
_HOUR = 3600.0


@dataclass(frozen=True)
class Part:
    """A part of the vehicles of one mode.

    Attributes
    ----------
    mode : str
        Of `kernels.traffic.queues_inputs.MODE_NAMES`.
    curve : str
        Of `kernels.traffic.emissions.CURVES`.
    euro : str
        Class of emission, empty where it has no exhaust.
    share : float
        Of what this mode drives; those of a mode add up to 1. [1]
    nitrogen_oxides : float
        Factor on the curve, for a class that is not the curve's. [1]
    """

    mode: str
    curve: str
    euro: str
    share: float
    nitrogen_oxides: float


#: What drives in Brussels, as parts of each kind of vehicle. Shares are assumed: cars lie between the Belgian stock
#: of 1 August 2020 (Statbel: petrol 48.3 %, diesel 47.8 %, hybrid 2.6 %, electric 0.4 %) and what Brussels registered
#: new in 2024 (IBSA: diesel 5 %, electric a third, hybrid 38 %); hybrids count as petrol. Below Euro 5 the low
#: emission zone lets no diesel in. Curves are those of Euro 6ab; ``nitrogen_oxides`` scales their exhaust to the
#: class by the ratio of factors in the EMEP/EEA guidebook 2019, 1.A.3.b.i-iv, table 3-17 (medium diesel car: Euro 5
#: 0.55, Euro 6 to 2016 0.45, from 2020 0.17 g/km; petrol 0.061 in all). Vans of Euro 5 count as Euro 6ab, electric
#: buses as diesel.
FLEET: tuple[Part, ...] = (
    Part("car", "car_petrol", "5 and 6", 0.63, 1.0),
    Part("car", "car_diesel", "5", 0.09, 0.55 / 0.45),
    Part("car", "car_diesel", "6ab", 0.10, 1.0),
    Part("car", "car_diesel", "6d", 0.10, 0.17 / 0.45),
    Part("car", "car_electric", "", 0.08, 1.0),
    Part("van", "van_diesel", "5 and 6", 0.95, 1.0),
    Part("van", "car_electric", "", 0.05, 1.0),
    Part("truck", "truck", "VI", 1.0, 1.0),
    Part("bus", "bus", "VI", 1.0, 1.0),
)


def check(parts: tuple[Part, ...]) -> None:
    """Refuse a fleet that does not add up.

    Raises
    ------
    LayerError
        A curve that is not there, or shares of a mode that do not add up to 1.
    """
    for one in parts:
        if one.curve not in CURVES:
            raise LayerError(f"the fleet names the curve {one.curve!r}; expected one of {', '.join(CURVES)}")
    for mode in {one.mode for one in parts}:
        total = sum(one.share for one in parts if one.mode == mode)
        if abs(total - 1.0) > 1e-9:
            raise LayerError(f"shares of the mode {mode} in the fleet add up to {total:g}; expected 1")


def fleet_emission(
    pollutant: str,
    entries: Mapping[str, NDArray],
    travel_time: NDArray | Mapping[str, NDArray],
    length: NDArray,
    stop_share: NDArray | float,
    interval: float,
    parts: tuple[Part, ...] = FLEET,
) -> NDArray:
    """What all motor vehicles leave on each link, an hour.

    Parameters
    ----------
    pollutant : str
        Of `kernels.traffic.emissions.POLLUTANTS`.
    entries : mapping of mode to (link,) float
        Vehicles that drove each link in the interval; modes without an engine are left out. [1]
    travel_time : (link,) float, or mapping of mode to it
        Mean time on the link, queues included; not read where nothing drives. [s]
    length : (link,) float
        [m]
    stop_share : (link,) float
        Share of that time for which they stand. [1]
    interval : float
        [s]
    parts : tuple of Part, optional
        Another fleet than that of Brussels.

    Returns
    -------
    (link,) float64
        [kg h⁻¹]

    Raises
    ------
    LayerError
        An interval that is not more than 0, and as `kernels.traffic.emissions.link_emission`.
    """
    if not interval > 0.0:
        raise LayerError(f"the interval is {interval:g} s, expected more than 0")
    size = np.asarray(length).size
    total = np.zeros(size)
    for (mode, curve), share in _weights(pollutant, parts).items():
        if mode in entries:
            time = travel_time[mode] if isinstance(travel_time, Mapping) else travel_time
            total += link_emission(curve, pollutant, share * np.asarray(entries[mode]), time, length, stop_share)
    return total * (_HOUR / interval)


def _weights(pollutant: str, parts: tuple[Part, ...]) -> dict[tuple[str, str], float]:
    """What a vehicle of a mode counts on each curve: emission is linear in vehicles. [1]"""
    found: dict[tuple[str, str], float] = {}
    for one in parts:
        factor = one.nitrogen_oxides if pollutant == "nitrogen_oxides" else 1.0
        found[one.mode, one.curve] = found.get((one.mode, one.curve), 0.0) + one.share * factor
    return found


def traffic_heat(carbon_dioxide: NDArray) -> NDArray:
    """Heat that engines give off to the street: all that they burn ends as warmth, in the exhaust, brakes and air.

    Parameters
    ----------
    carbon_dioxide : (link,) float
        [kg h⁻¹]

    Returns
    -------
    (link,) float64
        [W]

    Notes
    -----
    Sailor and Lu (2004), doi:10.1016/j.atmosenv.2004.01.034, take the heat of vehicles from the fuel they burn in the
    same way. That of electric vehicles, about a quarter of a petrol car's, is not counted.
    """
    return np.asarray(carbon_dioxide, np.float64) * (HEAT_PER_CARBON_DIOXIDE / _HOUR)
