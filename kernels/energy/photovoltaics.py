"""What photovoltaic modules make of light: heat of the cells, direct current, losses, alternating current."""

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

REFERENCE_IRRADIANCE = 1000.0
"""Of the standard test conditions, IEC 60904-3. [W m⁻²]"""

REFERENCE_TEMPERATURE = 298.15
"""Of the cells in the standard test conditions. [K]"""

MODULES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"standard": (0.15, -0.0047), "premium": (0.19, -0.0035), "thin_film": (0.10, -0.0020)}
)
"""Efficiency [1] and change of power with the temperature of the cells [K⁻¹] of three kinds of module.

Dobos (2014), PVWatts version 5 manual, NREL/TP-6A20-62641, table 2.
"""

LOSSES: Mapping[str, float] = MappingProxyType(
    {
        "soiling": 0.02, "shading": 0.03, "mismatch": 0.02, "wiring": 0.02, "connections": 0.005,
        "light_induced_degradation": 0.015, "nameplate": 0.01, "availability": 0.03,
    }
)  # fmt: skip
"""Losses of a plant, each of what the ones before it leave: Dobos (2014), table 6. [1]"""

FAIMAN = (25.0, 6.84)
"""Heat given off by a free-standing module without wind [W m⁻² K⁻¹] and by wind [W m⁻³ s K⁻¹].

Faiman (2008), Assessing the outdoor operating temperature of photovoltaic modules, doi:10.1002/pip.813.
"""

NOCT = 318.15
"""Nominal operating temperature of the cells, by 800 W m⁻², air of 20 °C and 1 m s⁻¹: 45 °C, IEC 61215. [K]"""

INVERTER = 0.96
"""Nominal efficiency of the inverter: Dobos (2014). [1]"""

INVERTER_REFERENCE = 0.9637
"""Efficiency at full power of the inverter to whose curve all are held: Dobos (2014), eq. 10. [1]"""

DC_TO_AC = 1.1
"""Power of the modules over that of their inverter: Dobos (2014), table 1. [1]"""

GLASS = 0.16
"""Angular loss coefficient of clean glass over silicon: Martin and Ruiz (2001). [1]"""


def losses(without: tuple[str, ...] = ()) -> float:
    """Share that is lost of the power of a plant, all of `LOSSES` together less the named. [1]

    Shading is for the caller to leave out where the mesh of the city casts it.
    """
    return 1.0 - math.prod(1.0 - part for name, part in LOSSES.items() if name not in without)


def cell_temperature(
    irradiance: NDArray, air_temperature: NDArray, wind_speed: NDArray | None = None, model: str = "faiman"
) -> NDArray:
    """Temperature of the cells.

    Parameters
    ----------
    irradiance : float64
        On the plane of the module. [W m⁻²]
    air_temperature : float64
        [K]
    wind_speed : float64, optional
        At the module; only the model of Faiman asks for it. [m s⁻¹]
    model : {"faiman", "noct"}
        Faiman (2008), `FAIMAN`; or Ross (1976), Interface design considerations for terrestrial solar cell modules,
        12th IEEE Photovoltaic Specialists Conference, 801-806, by `NOCT`.

    Returns
    -------
    float64
        [K]

    Raises
    ------
    ValueError
        A model of another name, or Faiman's without wind.
    """
    if model == "noct":
        return air_temperature + irradiance * (NOCT - 293.15) / 800.0
    if model != "faiman":
        raise ValueError(f"the temperature of cells is of 'faiman' or 'noct', got {model!r}")
    if wind_speed is None:
        raise ValueError("the temperature of cells by Faiman needs a wind speed; give one, or model='noct'")
    return air_temperature + irradiance / (FAIMAN[0] + FAIMAN[1] * wind_speed)


def direct_current(
    irradiance: NDArray, cell_temperature: NDArray, peak_power: float | NDArray, change_per_kelvin: float
) -> NDArray:
    """Power of modules before losses and inverter.

    Parameters
    ----------
    irradiance : float64
        That passes their glass. [W m⁻²]
    cell_temperature : float64
        [K]
    peak_power : float64
        In the standard test conditions. [W]
    change_per_kelvin : float
        Below 0, see `MODULES`. [K⁻¹]

    Returns
    -------
    float64
        [W]

    Notes
    -----
    Dobos (2014), NREL/TP-6A20-62641, eq. 8.
    """
    warmth = 1.0 + change_per_kelvin * (cell_temperature - REFERENCE_TEMPERATURE)
    return irradiance / REFERENCE_IRRADIANCE * peak_power * np.maximum(warmth, 0.0)


def alternating_current(direct: NDArray, inverter_power: float | NDArray, efficiency: float = INVERTER) -> NDArray:
    """Power behind the inverter.

    Parameters
    ----------
    direct : float64
        Direct current that comes in, losses taken off. [W]
    inverter_power : float64
        Alternating current that the inverter can give. [W]
    efficiency : float
        Nominal. [1]

    Returns
    -------
    float64
        Never above ``inverter_power``, 0 where the inverter would take more than comes in: the night is no load. [W]

    Notes
    -----
    Dobos (2014), NREL/TP-6A20-62641, eq. 9 to 11.
    """
    direct, most = np.broadcast_arrays(np.asarray(direct, float), np.asarray(inverter_power, float))
    running = (direct > 0) & (most > 0)
    load = np.divide(direct * efficiency, most, out=np.ones(direct.shape), where=running)
    curve = efficiency / INVERTER_REFERENCE * (-0.0162 * load - 0.0059 / load + 0.9858)
    return np.where(running, np.clip(curve * direct, 0.0, most), 0.0)


def passes_glass(incidence: NDArray, glass: float = GLASS) -> NDArray:
    """Part of a beam that passes the glass, of that of a beam straight on.

    Parameters
    ----------
    incidence : float64
        Cosine of the angle of incidence; 0 or less is behind the glass. [1]
    glass : float
        Angular loss coefficient. [1]

    Returns
    -------
    float64
        In 0 … 1. [1]

    Notes
    -----
    Martin and Ruiz (2001), Calculation of the PV modules angular losses under field conditions by means of an
    analytical model, doi:10.1016/S0927-0248(00)00408-6.
    """
    return -np.expm1(-np.maximum(incidence, 0.0) / glass) / -math.expm1(-1.0 / glass)


def diffuse_passes_glass(tilt: NDArray, glass: float = GLASS) -> tuple[NDArray, NDArray]:
    """Part of the light of an even sky, and of even ground, that passes the glass of a tilted module.

    Parameters
    ----------
    tilt : float64
        [rad]
    glass : float
        Angular loss coefficient. [1]

    Returns
    -------
    sky, ground : float64
        0 where a plane sees none of it. [1]

    Notes
    -----
    Martin and Ruiz (2001), eq. 4 and 5 with the second coefficient of their corrigendum (2013),
    doi:10.1016/j.solmat.2012.11.002.
    """
    tilt = np.asarray(tilt, float)
    second = 0.5 * glass - 0.154

    def passed(angle: NDArray) -> NDArray:
        # the even ground of a plane is the even sky of the same plane upside down
        seen = 1.0 + np.cos(angle)
        shape = np.sin(angle) + np.divide(np.pi - angle - np.sin(angle), seen, out=np.zeros(tilt.shape), where=seen > 0)
        passes: NDArray = -np.expm1(-(4.0 / (3.0 * np.pi) * shape + second * shape**2) / glass)
        return np.where(seen > 1e-9, passes, 0.0)

    return passed(tilt), passed(np.pi - tilt)
