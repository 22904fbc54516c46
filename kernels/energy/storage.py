"""A hub by rules, step by step: sun first, then stores, then the grid, as a controller does without a forecast."""

from collections.abc import Sequence

import numpy as np
from numba import njit

from kernels.contract import LayerError
from kernels.crew import Crew
from kernels.energy.hub import Hub, Schedule, Store

OUTPUTS = (
    "grid_import", "grid_export", "curtailed", "battery_charge", "battery_discharge", "battery_energy",
    "heat_pump_power", "boiler_heat", "store_charge", "store_discharge", "store_energy", "vehicle_power",
    "unserved_electricity", "unserved_heat",
)  # fmt: skip
_SERIES = (
    "electricity_demand", "photovoltaic_ac_power", "buy_price", "sell_price", "heat_demand", "heat_pump_cop",
    "heat_pump_power", "fuel_price",
)  # fmt: skip


def follow_rules(hubs: Sequence[Hub], threads: int | None = 1) -> list[Schedule]:
    """Run hubs by rules, one schedule each.

    Parameters
    ----------
    hubs : sequence of Hub
        All of the same steps.
    threads : int or None
        No result depends on it.

    Returns
    -------
    list of Schedule

    Raises
    ------
    LayerError
        Hubs of different lengths or steps.

    Notes
    -----
    In every step: 1. vehicles take what can wait no longer, and beyond that only sun that nothing else asks for;
    2. the heat pump covers heat if a kilowatt-hour of it costs no more than one of the boiler, whose turn is the rest,
    after the store of heat; the pump fills what the boiler cannot; sun that is left over drives the pump into the
    store; 3. the battery takes what sun is left, and gives before the grid does; 4. the rest is sold up to the limit
    if selling costs nothing, or curtailed; what lacks is bought up to the limit, the rest is unserved.
    """
    if not hubs:
        return []
    steps, dt = hubs[0].steps, hubs[0].dt
    for place, hub in enumerate(hubs):
        if (hub.steps, hub.dt) != (steps, dt):
            raise LayerError(
                f"hub {place} has {hub.steps} steps of {hub.dt} s, expected {steps} of {dt} s as the first"
            )
    series = np.stack([[getattr(hub, name) for name in _SERIES] for hub in hubs])
    curves = np.stack([[hub.vehicle_earliest(), hub.vehicle_latest()] for hub in hubs])
    batteries = np.array([_numbers(hub.battery, dt) for hub in hubs])
    tanks = np.array([_numbers(hub.heat_store, dt) for hub in hubs])
    limits = np.array([
        (hub.boiler_power, hub.boiler_efficiency, hub.vehicle_power, hub.import_limit, hub.export_limit)
        for hub in hubs
    ])  # fmt: skip
    out = np.zeros((len(hubs), len(OUTPUTS), steps))

    def work(first: int, last: int) -> None:
        march_rules(first, last, dt, series, curves, batteries, tanks, limits, out)

    Crew(threads).share_out(len(hubs), work, small=len(hubs) < 4)
    return [Schedule(**dict(zip(OUTPUTS, table, strict=True))) for table in out]


def _numbers(store: Store, dt: float) -> tuple[float, ...]:
    return (store.capacity, store.charge_power, store.discharge_power, store.charge_efficiency,
            store.discharge_efficiency, store.kept(dt), store.begin)  # fmt: skip


@njit(nogil=True, cache=True, inline="always")
def rule_step(
    dt,
    load,
    sun,
    buy,
    sell,
    heat,
    cop,
    pump_most,
    fuel,
    must,
    may,
    boiler,
    efficiency,
    battery,
    tank,
    limits,
    held,
    warm,
):
    """One step of the rules of `follow_rules`.

    Parameters
    ----------
    dt : float
        [s]
    load, sun, heat, pump_most : float
        Demand for electricity, production, demand for heat, most electricity of the heat pump. [W]
    buy, sell, fuel : float
        Prices. [EUR J⁻¹]
    cop, efficiency : float
        Of heat pump and boiler. [1]
    must, may : float
        Least and most that vehicles take. [W]
    boiler : float
        Most heat of the boiler. [W]
    battery, tank : (7,) float64
        See `march_rules`.
    limits : (2,) float64
        Import and export. [W]
    held, warm : float
        In the battery and in the tank, what they lost in this step taken off. [J]

    Returns
    -------
    tuple of float
        In the order of `OUTPUTS`.
    """
    # heat: pump and boiler in the order of their price, the pump's on sun of its own costing what selling earns
    spare = max(sun - load - must, 0.0)
    pump_heat = pump_most * cop
    price = sell if spare > 0.0 else buy
    given = 0.0
    if price <= fuel / efficiency * cop or boiler <= 0.0:
        from_pump = min(heat, pump_heat)
        given = min(heat - from_pump, tank[2], warm * tank[4] / dt)
        from_boiler = min(heat - from_pump - given, boiler)
    else:
        given = min(heat, tank[2], warm * tank[4] / dt)
        from_boiler = min(heat - given, boiler)
        from_pump = min(heat - given - from_boiler, pump_heat)
    lacking = max(heat - from_pump - given - from_boiler, 0.0)
    warm -= given * dt / tank[4]
    net = sun - load - must - from_pump / cop
    stored = 0.0
    if net > 0.0 and given <= 0.0:
        room = max(tank[0] - warm, 0.0) / (tank[3] * dt)
        stored = min(net * cop, pump_heat - from_pump, tank[1], room)
        stored = max(stored, 0.0)
        warm += stored * dt * tank[3]
        net -= stored / cop
    extra = min(max(net, 0.0), may - must)
    net -= extra
    charge, discharge = 0.0, 0.0
    if net > 0.0:
        charge = min(net, battery[1], max(battery[0] - held, 0.0) / (battery[3] * dt))
    else:
        discharge = min(-net, battery[2], held * battery[4] / dt)
    held += (charge * battery[3] - discharge / battery[4]) * dt
    net += discharge - charge
    sold = min(max(net, 0.0), limits[1]) if sell >= 0.0 else 0.0
    bought = min(max(-net, 0.0), limits[0])
    return (
        bought, sold, max(net, 0.0) - sold, charge, discharge, held, (from_pump + stored) / cop, from_boiler,
        stored, given, warm, must + extra, max(-net, 0.0) - bought, lacking,
    )  # fmt: skip


@njit(nogil=True, cache=True)
def march_rules(first, last, dt, series, curves, batteries, tanks, limits, out):
    """Take some hubs through all steps.

    Parameters
    ----------
    first, last : int
        Hubs to take.
    dt : float
        [s]
    series : (hub, 8, step) float64
        Demand, sun [W], buy, sell [EUR J⁻¹], heat demand [W], COP, most power of the heat pump [W], fuel [EUR J⁻¹].
    curves : (hub, 2, step) float64
        Earliest and latest energy of the vehicles. [J]
    batteries, tanks : (hub, 7) float64
        Capacity [J], charge, discharge [W], their efficiencies, share kept in a step, begin [J].
    limits : (hub, 5) float64
        Boiler [W], its efficiency, vehicles, import, export [W].
    out : (hub, 14, step) float64
        Written, see `OUTPUTS`.
    """
    for hub in range(first, last):
        boiler, boiler_efficiency, plugs = limits[hub, 0], limits[hub, 1], limits[hub, 2]
        battery, tank = batteries[hub], tanks[hub]
        held, warm, had = battery[6], tank[6], 0.0
        for step in range(series.shape[2]):
            load, sun, buy, sell, heat, cop, pump_most, fuel = series[hub, :, step]
            must = min(max((curves[hub, 1, step] - had) / dt, 0.0), plugs)
            may = max(min((curves[hub, 0, step] - had) / dt, plugs), must)
            done = rule_step(
                dt, load, sun, buy, sell, heat, cop, pump_most, fuel, must, may, boiler, boiler_efficiency, battery,
                tank, limits[hub, 3:], held * battery[5], warm * tank[5],
            )  # fmt: skip
            held, warm = done[5], done[10]
            had += done[11] * dt
            for which in range(14):
                out[hub, which, step] = done[which]
