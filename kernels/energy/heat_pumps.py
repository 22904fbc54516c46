"""Heat pumps, boilers and chillers: what a demand for heat or cold draws from grid, fuel and surroundings."""

from dataclasses import dataclass

import numpy as np

from kernels.contract import LayerError

#: COP as ``c0 + c1 lift + c2 lift²`` of heat pumps as tested, lift in kelvin.
#: Ruhnau, Hirth and Praktiknjo (2019), doi:10.1038/s41597-019-0199-y, fitted to manufacturers' data.
COP_CURVES: dict[str, tuple[float, float, float]] = {
    "air": (6.08, -0.09, 0.0005),
    "ground": (10.29, -0.21, 0.0012),
    "water": (9.97, -0.20, 0.0012),
}
CORRECTION = 0.85
"""COP in the field over COP as tested: part load, cycling, controls. Ruhnau et al. (2019), as above. [1]"""
SMALLEST_LIFT = 15.0
"""Smaller lifts are read there: assumed, as the data of the curves begin about here. [K]"""
BRINE_APPROACH = 5.0
"""Fall from the ground, or from water behind a heat exchanger, to the brine. Ruhnau et al. (2019). [K]"""
#: Water that leaves the heat pump, ``a + b outdoor`` in °C. Ruhnau et al. (2019).
FLOW_CURVES: dict[str, tuple[float, float]] = {
    "radiator": (40.0, -1.0),
    "floor": (30.0, -0.5),
    "hot_water": (50.0, 0.0),
}
BOILER_EFFICIENCY: dict[str, float] = {"condensing": 0.92, "atmospheric": 0.80, "resistance": 1.0}
"""Heat over fuel by its upper heating value, over a year: assumed; Ecodesign (EU 813/2013) asks for 0.86 of new gas
boilers up to 70 kW, which a condensing one surpasses. [1]"""
ZERO_CELSIUS = 273.15


@dataclass(frozen=True)
class HeatSupply:
    """Where the heat of a demand comes from, each in the shape of the demand. [W]

    Attributes
    ----------
    heat_pump_heat, backup_heat : ndarray
        Add up to the demand less ``unserved``.
    electricity : ndarray
        Drawn by the heat pump.
    ambient_heat : ndarray
        Taken from air, ground or water.
    fuel : ndarray
        Drawn by the backup, electricity where that is a resistance.
    unserved : ndarray
    """

    heat_pump_heat: np.ndarray
    backup_heat: np.ndarray
    electricity: np.ndarray
    ambient_heat: np.ndarray
    fuel: np.ndarray
    unserved: np.ndarray


def flow_temperature(emitter: str, outdoor: np.ndarray) -> np.ndarray:
    """Temperature of the water that a heat pump makes for an emitter.

    Parameters
    ----------
    emitter : str
        A key of `FLOW_CURVES`.
    outdoor : (…) float
        Air temperature. [K]

    Returns
    -------
    (…) float64
        [K]

    Raises
    ------
    LayerError
        An unknown emitter.
    """
    start, slope = _named(FLOW_CURVES, emitter, "emitter")
    return ZERO_CELSIUS + start + slope * (np.asarray(outdoor, np.float64) - ZERO_CELSIUS)


def cop(kind: str, source: np.ndarray, sink: np.ndarray) -> np.ndarray:
    """Heat given over electricity drawn, in the field.

    Parameters
    ----------
    kind : str
        A key of `COP_CURVES`.
    source, sink : (…) float
        Temperature of the air, ground or water that heat is taken from, and of the water that leaves; the brine of
        ground and water is `BRINE_APPROACH` colder. [K]

    Returns
    -------
    (…) float64
        At least 1, as a heat pump's own electricity becomes heat.

    Raises
    ------
    LayerError
        An unknown kind.

    Notes
    -----
    The quadratics turn up again beyond lifts of about 85 K (ground, water) and 90 K (air): larger lifts are read at
    that bottom.
    """
    c0, c1, c2 = _named(COP_CURVES, kind, "heat pump")
    brine = np.asarray(source, np.float64) - (0.0 if kind == "air" else BRINE_APPROACH)
    lift = np.clip(np.asarray(sink, np.float64) - brine, SMALLEST_LIFT, -c1 / (2 * c2))
    return np.maximum(CORRECTION * (c0 + c1 * lift + c2 * lift**2), 1.0)


def eer(kind: str, sink: np.ndarray, cold: np.ndarray) -> np.ndarray:
    """Heat taken from the cold side over electricity drawn, for the same machine turned round.

    Parameters
    ----------
    kind : str
        A key of `COP_CURVES`.
    sink, cold : (…) float
        Temperature of what the heat is given to, and of the chilled water. [K]

    Returns
    -------
    (…) float64
        ``cop - 1`` at the same lift, by the balance of energy around the machine; at least 0.001.

    Raises
    ------
    LayerError
        An unknown kind.
    """
    brine = np.asarray(cold, np.float64) + (0.0 if kind == "air" else BRINE_APPROACH)
    # what leaves a brine circuit is warmer than the ground by the same approach
    warm = np.asarray(sink, np.float64) + (0.0 if kind == "air" else BRINE_APPROACH)
    return np.maximum(cop(kind, brine, warm) - 1.0, 1e-3)


def supply(
    demand: np.ndarray,
    performance: np.ndarray,
    capacity: float | np.ndarray,
    outdoor: np.ndarray,
    backup_power: float | np.ndarray = np.inf,
    backup_efficiency: float = BOILER_EFFICIENCY["condensing"],
    bivalence: float = -np.inf,
    alternative: bool = False,
) -> HeatSupply:
    """Share a demand for heat between a heat pump and its backup.

    Parameters
    ----------
    demand : (…, step) float
        [W]
    performance : (…, step) float
        See `cop`.
    capacity : (…, step) float
        Most heat that the heat pump gives. [W]
    outdoor : (step,) float
        Air temperature. [K]
    backup_power : (…, step) float
        Most heat that the backup gives. [W]
    backup_efficiency : float
        [1]
    bivalence : float
        Outdoor temperature above which the backup stays off, whatever it leaves unserved. Below, it joins in. [K]
    alternative : bool
        Whether below that temperature the backup works alone (old radiators ask for water too hot for the pump).

    Returns
    -------
    HeatSupply

    Raises
    ------
    LayerError
        A negative demand, capacity or power, a performance below 1, an efficiency outside (0, 1.2].

    Notes
    -----
    ``bivalence`` of minus infinity is read as "at any temperature": a parallel plant whose backup fills what the
    capacity leaves. The words are those of EN 15450:2007, annex on bivalent operation.
    """
    wanted, outside = np.asarray(demand, np.float64), np.asarray(outdoor, np.float64)
    good = np.broadcast_to(np.asarray(performance, np.float64), wanted.shape)
    for name, values, least in (
        ("demand", wanted, 0.0), ("performance", good, 1.0), ("capacity", np.asarray(capacity), 0.0),
        ("backup_power", np.asarray(backup_power), 0.0),
    ):  # fmt: skip
        if not (values >= least).all():
            raise LayerError(f"heat supply: {name} must be {least:g} or more, got {np.nanmin(values):g} or a gap")
    if not 0.0 < backup_efficiency <= 1.2:
        raise LayerError(f"heat supply: backup_efficiency must lie above 0 and at most at 1.2, got {backup_efficiency}")
    below = np.ones_like(outside, bool) if bivalence == -np.inf else outside < bivalence
    given = np.minimum(wanted, np.where(below & alternative, 0.0, capacity))
    rest = np.minimum(wanted - given, np.where(below, backup_power, 0.0))
    drawn = given / good
    return HeatSupply(given, rest, drawn, given - drawn, rest / backup_efficiency, wanted - given - rest)


def _named(table: dict, key: str, what: str):
    if key not in table:
        raise LayerError(f"no {what} called {key!r}; expected one of {', '.join(table)}")
    return table[key]
