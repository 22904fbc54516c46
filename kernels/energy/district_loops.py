"""The loops of a district: eight buildings at a time from light to meter, through a piece of the hours."""

from typing import NamedTuple

import numpy as np
from numba import njit

from kernels.energy.draws import fill_hours, fill_week, shift_of, shift_week
from kernels.energy.face_light import PIECE, light_faces
from kernels.energy.storage import rule_step
from kernels.energy.thermal_lanes import LANES, SLOPES, march_lanes

DELAY = 24
"""Hours that charging may wait at most. [h]"""
DT = 3600.0
BYPASS_FROM = 288.15
"""Outdoors above this, ventilation no longer recovers heat: assumed, 15 °C, where heating ends. [K]"""
SHADED_FROM, SHADE = 293.15, 0.5
"""Outdoors above this [K] people let blinds down, which pass so much of the sun [1]: assumed, 20 °C and inner blinds of
a light colour."""
AIRED_FROM = 297.15
"""Where nothing cools, windows are opened from this indoor temperature on: assumed, 24 °C. [K]"""
AIRING = 2.0
"""Air changes of windows opened wide, at most: assumed; airing from one side reaches 1 to 3 (EN 16798-7). [h⁻¹]"""

SERIES = (
    "heating", "cooling", "hot_water", "appliances", "heat_pumps", "resistance", "chillers", "vehicles", "photovoltaic",
    "battery", "battery_energy", "heat_stored", "gas", "ambient_heat", "network_heat", "bought", "given", "curtailed",
    "unserved", "vehicles_asked", "oil", "wood",
)  # fmt: skip
"""Rows of a district's hours that buildings add to. [W], [J] What vehicles asked for they may get later; oil and wood
are parts of what "gas" counts, which is all that boilers burn."""

FRAME = (
    "heating_power", "cooling_power", "hot_water_power", "electricity_power", "gas_power", "network_heat_power",
    "photovoltaic_ac_power", "indoor_air_temperature", "grid_bought", "grid_given", "unserved_energy", "stayed",
)  # fmt: skip
"""Rows of what is added up for each building between two frames; the last is what came in by meters and
from the ground and neither went back, nor drove off, nor went down the drain: in the end it warms the air outdoors."""

BOILERS, RESISTANCE, AIR_PUMP, GROUND_PUMP, NETWORK = 3, 3, 4, 5, 6
"""Codes of `kernels.energy.carriers.HEAT_SOURCES`: those below ``BOILERS`` burn."""
OIL, WOOD = 1, 2
"""Codes of boilers for something else than gas."""


class Buildings(NamedTuple):
    """Buildings of `kernels.energy.district_inputs.Inputs`, as the loops read them."""

    fixed: np.ndarray
    ground_share: np.ndarray
    wall_sky: np.ndarray
    heated: np.ndarray
    ground: np.ndarray
    area: np.ndarray
    infiltration: np.ndarray
    recovery: np.ndarray
    room: np.ndarray
    use: np.ndarray
    dwellings: np.ndarray
    seed: np.ndarray
    cooled: np.ndarray
    heat_change: np.ndarray
    cool_change: np.ndarray
    source: np.ndarray
    emitter: np.ndarray
    efficiency: np.ndarray
    pump: np.ndarray
    consumer: np.ndarray
    batteries: np.ndarray
    tanks: np.ndarray
    vehicles: np.ndarray
    plugs: np.ndarray
    wait: np.ndarray
    first_face: np.ndarray
    normals: np.ndarray
    horizon: np.ndarray
    seen: np.ndarray
    warms: np.ndarray
    passes: np.ndarray
    modules: np.ndarray


class Hours(NamedTuple):
    """A piece of the hours, see `kernels.energy.district_weather.Weather`."""

    first: int
    weather: np.ndarray
    week_hour: np.ndarray
    month: np.ndarray
    day: np.ndarray
    light: np.ndarray
    sector: np.ndarray
    height: np.ndarray
    performance: np.ndarray
    hot_water: np.ndarray
    chilling: np.ndarray
    prices: np.ndarray


class Kept(NamedTuple):
    """What goes on from piece to piece, by building: mass [K], stores [J], vehicles [J], sums of the run."""

    core: np.ndarray
    held: np.ndarray
    warm: np.ndarray
    had: np.ndarray
    asked: np.ndarray
    sums: np.ndarray
    frame: np.ndarray
    peaks: np.ndarray


@njit(nogil=True, cache=True)
def _drive(buildings, weeks, hours, b, lane, mean, draws, quantiles, glass, diffuse, light, shone, work, week, driven):
    """Write what drives a building in some hours into its lane, and what it draws into the rows of ``work``."""
    count = hours.week_hour.size
    outside, shone_in, gains = work[0, :count], work[1, :count], work[2, :count]
    use, seed, dwellings = buildings.use[b], buildings.seed[b], buildings.dwellings[b]
    fill_week(
        weeks[0, use], weeks[1, use], weeks[2, use], weeks[6, use], seed, dwellings, buildings.area[b],
        buildings.vehicles[b], mean, draws,
    )  # fmt: skip
    fill_hours(
        hours.week_hour, hours.first, mean, draws, quantiles, gains, work[3, :count], work[4, :count], work[5, :count]
    )
    shift = shift_of(seed, dwellings)
    shift_week(weeks[3, use], shift, week[0])
    shift_week(weeks[4, use], shift, week[1])
    shift_week(weeks[5, use], shift, week[2])
    share, sky = buildings.ground_share[b], buildings.wall_sky[b]
    for i in range(count):
        outside[i] = (1.0 - share) * (hours.weather[i, 0] - sky * hours.weather[i, 1])
        outside[i] += share * buildings.ground[b, hours.month[i]]
        shone_in[i] = 0.0
    light_faces(
        buildings.first_face[b], buildings.first_face[b + 1], buildings.normals, buildings.seen, buildings.warms,
        buildings.passes, buildings.horizon, hours.sector, hours.height, light, glass, diffuse, shone,
    )  # fmt: skip
    for i in range(hours.day.size):
        at = np.uintp(hours.day[i])
        outside[at] += shone[i]
        shone_in[at] = shone[PIECE + i]
    leaks, room, kept = buildings.infiltration[b], buildings.room[b], 1.0 - buildings.recovery[b]
    heated = buildings.heated[b] and buildings.source[b] <= NETWORK
    cooled, airing = buildings.cooled[b] > 0.0, AIRING * buildings.fixed[9, b]
    for i in range(count):
        at = np.uintp(hours.week_hour[i])
        sun = shone_in[i] if hours.weather[i, 0] <= SHADED_FROM else SHADE * shone_in[i]
        driven[i, 0, lane], driven[i, 1, lane], driven[i, 2, lane] = outside[i], sun, gains[i]
        warm = hours.weather[i, 0] > BYPASS_FROM
        driven[i, 3, lane] = leaks + room * week[2, at] * (1.0 if warm else kept)
        driven[i, 4, lane] = week[0, at] + buildings.heat_change[b] if heated else -np.inf
        if cooled:
            driven[i, 5, lane], driven[i, 6, lane] = week[1, at] + buildings.cool_change[b], np.inf
        else:
            # who has no cooling opens the windows: cooler air from outdoors takes heat away up to a limit
            driven[i, 5, lane] = AIRED_FROM
            driven[i, 6, lane] = airing * max(AIRED_FROM - hours.weather[i, 0], 0.0)


@njit(nogil=True, cache=True)
def _serve(buildings, hours, b, lane, out, work, direct, kept, asked, district):
    """Meet what a building asks for in some hours: source of heat, chiller, modules, stores, vehicles, meter."""
    source, efficiency = buildings.source[b], buildings.efficiency[b]
    pumped = source in (AIR_PUMP, GROUND_PUMP)
    kind = source - AIR_PUMP if pumped else 0
    column = 3 * kind + buildings.emitter[b]
    battery, tank, wait = buildings.batteries[b], buildings.tanks[b], buildings.wait[b]
    plugs, consumer = buildings.plugs[b], buildings.consumer[b]
    stores = battery[0] > 0.0 or (pumped and tank[0] > 0.0) or (wait > 0 and plugs > 0.0)
    held, warm, had = kept.held[b], kept.warm[b], kept.had[b]
    frame, peaks = kept.frame[b], kept.peaks[b]
    limits, by_efficiency = np.array([np.inf, np.inf]), 1.0 / max(efficiency, 1e-9)
    modules, cooled = buildings.modules[b], buildings.cooled[b] > 0.0
    f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    most_bought, most_sold, hot = 0.0, 0.0, 0.0
    for t in range(hours.week_hour.size):
        heat, cool, water = out[t, 0, lane], out[t, 1, lane], work[4, t]
        appliances, charging = work[3, t], work[5, t]
        sun = direct[modules, t] if modules >= 0 else 0.0
        chiller = 0.0
        if cooled:
            chiller = cool / hours.chilling[t]
        else:
            cool = 0.0
        gas, pump, resistance, ambient, network = 0.0, 0.0, 0.0, 0.0, 0.0
        wanted, cop, most, lost = heat + water, 1.0, 0.0, 0.0
        if source < BOILERS:
            gas = wanted * by_efficiency
        elif source == RESISTANCE:
            resistance = wanted
        elif pumped:
            if wanted > 0.0:
                cop = wanted / (heat / hours.performance[column, t] + water / hours.hot_water[kind, t])
            else:
                cop = hours.hot_water[kind, t]
            most = min(buildings.pump[b], 1e12) / cop
            if not stores:
                pump = min(wanted, buildings.pump[b]) / cop
        elif source == NETWORK:
            network = wanted
        else:
            # nothing warms it: its water stays cold
            water, wanted = 0.0, 0.0
        vehicles, charge, sold, bought, curtailed = charging, 0.0, 0.0, 0.0, 0.0
        if pumped and not stores:
            rest = max(wanted - pump * cop, 0.0)
            if efficiency > 0.0:
                gas = rest * by_efficiency
            else:
                resistance = rest
        if stores:
            # energy that vehicles asked for so far, and what of it can wait no longer
            begun = kept.asked[b, DELAY] + charging * DT
            late = kept.asked[b, DELAY + 1 - wait] if wait > 0 else begun
            for i in range(DELAY):
                kept.asked[b, i] = kept.asked[b, i + 1]
            kept.asked[b, DELAY] = begun
            must = min(max((late - had) / DT, 0.0), plugs)
            may = max(min((begun - had) / DT, plugs), must)
            boiler = 1e12 if efficiency > 0.0 else 0.0
            if not pumped:
                wanted = 0.0
            elif efficiency <= 0.0:
                resistance = max(wanted - buildings.pump[b], 0.0)
                wanted -= resistance
            done = rule_step(
                DT, appliances + chiller + resistance, sun, hours.prices[0, t], hours.prices[1, t], wanted, cop, most,
                hours.prices[2, t], must, may, boiler, max(efficiency, 1e-9), battery, tank, limits, held * battery[5],
                warm * tank[5],
            )  # fmt: skip
            bought, sold, curtailed, charge = done[0], done[1], done[2], done[4] - done[3]
            held, warm, pump, vehicles, lost = done[5], done[10], done[6], done[11], done[13]
            had += vehicles * DT
            if pumped:
                gas = done[7] * by_efficiency
        else:
            net = sun - appliances - chiller - resistance - pump - vehicles
            if net > 0.0:
                sold = net if hours.prices[1, t] >= 0.0 else 0.0
                curtailed = net - sold
            else:
                bought = -net
        if pumped:
            ambient = max(pump * cop - pump, 0.0)
        if consumer >= 0:
            asked[consumer, t] = network
            district[14, t] += network
        # rows that a building never touches are left out: a store to memory costs more than a choice
        district[0, t] += heat
        district[2, t] += water
        district[3, t] += appliances
        district[15, t] += bought
        if cooled:
            district[1, t] += cool
            district[6, t] += chiller
        if plugs > 0.0:
            district[7, t] += vehicles
            district[19, t] += charging
        if pumped:
            district[4, t] += pump
            district[13, t] += ambient
        if source == RESISTANCE or pumped:
            district[5, t] += resistance
        if gas > 0.0:
            district[12, t] += gas
            if source == OIL:
                district[20, t] += gas
            elif source == WOOD:
                district[21, t] += gas
        if modules >= 0:
            district[8, t] += sun
            district[16, t] += sold
            district[17, t] += curtailed
        if stores:
            district[9, t] += charge
            district[10, t] += held
            district[11, t] += warm
            district[18, t] += lost
        used = appliances + chiller + resistance + pump + vehicles
        stayed = bought - sold + gas + network - vehicles - water
        stayed += ambient if source == GROUND_PUMP else 0.0
        f0, f1, f2, f3, f4 = f0 + heat, f1 + cool, f2 + water, f3 + used, f4 + gas
        f5, f6, f7, f8, f9 = f5 + network, f6 + sun, f7 + out[t, 2, lane], f8 + bought, f9 + sold
        f10, f11 = f10 + lost, f11 + stayed
        most_bought, most_sold = max(most_bought, bought), max(most_sold, sold)
        if out[t, 3, lane] > 299.15:
            hot += DT
    peaks[0], peaks[1], peaks[2] = max(peaks[0], most_bought), max(peaks[1], most_sold), peaks[2] + hot
    kept.held[b], kept.warm[b], kept.had[b] = held, warm, had
    for row, value in enumerate((f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11)):
        frame[row] += value


@njit(nogil=True, cache=True)
def run_blocks(
    first, last, per_slice, buildings, weeks, hours, kept, quantiles, glass, diffuse, direct, counted, asked, district
):
    """Take some slices of the buildings through a piece of the hours.

    Parameters
    ----------
    first, last, per_slice : int
        Slices to take, and blocks of eight buildings in each: a slice adds up alone, whoever takes it.
    buildings : Buildings
    weeks : (7, use, 168) float64
        See `kernels.energy.district_inputs.WEEKS`.
    hours : Hours
        At most `PIECE` of them.
    kept : Kept
        Moved on.
    quantiles : (row * 1024,) float32
        Of `kernels.energy.draws.quantile_rows`.
    glass : (9,) float64
        Of `kernels.energy.face_light.slanting`.
    diffuse : float
        The same of an even sky. [1]
    direct : (row, hour) float64
        Alternating current of the modules, by ``buildings.modules``. [W]
    counted : bool
        Whether sums are kept: not while buildings warm up.
    asked : (consumer, hour) float64
        Written: what networks shall give. [W]
    district : (slice, 22, hour) float64
        Added to, see `SERIES`.
    """
    count = buildings.use.size
    pieces = hours.week_hour.size
    fixed, slopes = np.empty((15, LANES)), np.empty((SLOPES, LANES))
    driven, out = np.empty((pieces, 7, LANES)), np.empty((pieces, 4, LANES))
    core, flow, sums = np.empty(LANES), np.empty(LANES), np.empty((11, LANES))
    work, week = np.empty((LANES, 6, pieces)), np.empty((3, 168))
    mean, draws = np.zeros((5, 168)), np.zeros((3, 2, 168), np.uint64)
    # the loops write into the last row of the light
    light, shone = hours.light.copy(), np.empty(2 * PIECE)
    for part in range(first, last):
        begin, end = part * per_slice * LANES, min((part + 1) * per_slice * LANES, count)
        for block in range(begin, end, LANES):
            for lane in range(LANES):
                b = min(block + lane, end - 1)  # lanes beyond the last building repeat it
                fixed[:, lane] = buildings.fixed[:, b]
                fixed[4, lane] /= DT
                core[lane] = kept.core[b]
                sums[:, lane] = kept.sums[b]
                _drive(
                    buildings,
                    weeks,
                    hours,
                    b,
                    lane,
                    mean,
                    draws,
                    quantiles,
                    glass,
                    diffuse,
                    light,
                    shone,
                    work[lane],
                    week,
                    driven,
                )
            flow[:] = -1.0
            march_lanes(pieces, 1, fixed, driven, hours.weather, flow, slopes, core, sums, out)
            for lane in range(min(LANES, end - block)):
                b = block + lane
                kept.core[b] = core[lane]
                if counted:
                    kept.sums[b] = sums[:, lane]
                    _serve(buildings, hours, b, lane, out, work[lane], direct, kept, asked, district[part])
