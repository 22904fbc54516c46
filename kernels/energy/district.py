"""A district through its hours, piece by piece: what buildings draw, make and keep, and the sums of all."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from kernels.crew import Crew
from kernels.energy.district_inputs import Inputs
from kernels.energy.district_loops import DELAY, DT, FRAME, NETWORK, SERIES, Buildings, Hours, Kept, run_blocks
from kernels.energy.district_networks import Networks, NetworkState
from kernels.energy.draws import quantile_rows
from kernels.energy.face_light import PIECE, lay_light, slanting
from kernels.energy.glazing import DIFFUSE_GAIN
from kernels.energy.horizons import sun_among
from kernels.energy.photovoltaics import MODULES, alternating_current, losses
from kernels.energy.plane_of_array import Skylight
from kernels.energy.solar_year import solar_year
from kernels.energy.thermal_lanes import LANES, SUMS
from kernels.energy.thermal_year import START

SLICES = 32
"""Parts that add up their buildings alone, so that sums do not depend on the threads. [1]"""
SLOWEST_CHARGE = 7400.0
"""Of one vehicle at home: a plug of 32 A. [W]"""
DIRECT_PER_INVERTER = 1.1
"""Peak power of modules over that of their inverter: Dobos (2014), PVWatts version 5 manual. [1]"""
MODULE = "premium"
"""Kind of module of every roof, see `kernels.energy.photovoltaics.MODULES`."""
CHARGE, DISCHARGE = 0.95, 0.95
"""Efficiencies of batteries: assumed, 90 % there and back. [1]"""
TANK_LOSS = 1 / (3.0 * 86_400)
"""Share of its heat that a tank loses in a second: assumed, a third in a day. [s⁻¹]"""
TANK_HOURS = 2.0
"""Time to fill or empty a tank at its full power: assumed. [h]"""

STOREY = 3.0
"""Height of the room whose air ``fresh_air_change`` renews, so that a hall is aired for its people. [m]"""

HELD = 400_000_000
"""Hours of modules that are held at once, about. [byte]"""

PLANT = ("network_loss", "plant_electricity", "plant_gas")
"""Rows of a district's hours that networks add behind `SERIES`. [W]"""
ROWS = (*SERIES, *PLANT)


@dataclass(eq=False)
class District:
    """A run between two moments.

    Attributes
    ----------
    hour : int
        Hours done.
    kept : Kept
    state : NetworkState or None
    series : (25, hour) float64
        Of all hours so far, see `ROWS`. [W], [J]
    irradiation, yielded : (patch,) float64
        So far, in the order of ``inputs.patches``. [J m⁻²], [J]
    first_core : (building,) float64
        Of the mass at the start. [K]
    frame_hours : int
        In the frame that is being added up.
    network_error : float
        Largest error of a network's ledger in any hour. [W]
    """

    inputs: Inputs
    networks: Networks | None
    kept: Kept
    state: NetworkState | None
    series: NDArray
    irradiation: NDArray
    yielded: NDArray
    first_core: NDArray
    hour: int = 0
    frame_hours: int = 0
    network_error: float = 0.0

    @classmethod
    def begin(cls, inputs: Inputs, networks: Networks | None) -> "District":
        """Everything as warm as a room, stores empty."""
        count = inputs.count
        kept = Kept(
            np.full(count, START), np.zeros(count), np.zeros(count), np.zeros(count), np.zeros((count, DELAY + 1)),
            _no_sums(count), np.zeros((count, len(FRAME))), np.zeros((count, 3)),
        )  # fmt: skip
        patches = inputs.patches.area.size
        return cls(
            inputs, networks, kept, networks.start() if networks else None,
            np.zeros((len(ROWS), inputs.weather.hours)), np.zeros(patches), np.zeros(patches), kept.core.copy(),
        )  # fmt: skip

    def warm_up(self, hours: int, threads: int | None) -> None:
        """Run hours before the first, from the end of the weather, as often round as it takes."""
        size = self.inputs.weather.hours
        buildings, left = buildings_of(self.inputs), hours
        while left > 0:
            first = (-left) % size
            count = min(self._at_once, left, size - first)
            self._piece(buildings, first, count, threads, counted=False)
            left -= count
        self.first_core = self.kept.core.copy()
        self.kept.asked[:], self.kept.had[:] = 0.0, 0.0

    def go_on(self, until: int, threads: int | None) -> None:
        """Run hours up to ``until``; the frame begins anew."""
        buildings = buildings_of(self.inputs)
        self.kept.frame[:] = 0.0
        self.frame_hours = until - self.hour
        while self.hour < until:
            count = min(self._at_once, until - self.hour)
            self._piece(buildings, self.hour, count, threads, counted=True)
            self.hour += count

    @property
    def _at_once(self) -> int:
        """Hours of a piece: fewer where many roofs have modules, whose hours are held at once. [1]"""
        return int(np.clip(HELD // (24 * max(self.inputs.module_rows.size, 1)) // 24 * 24, 24, PIECE))

    def _piece(self, buildings: Buildings, first: int, count: int, threads: int | None, counted: bool) -> None:
        inputs, weather = self.inputs, self.inputs.weather
        piece = slice(first, first + count)
        size = inputs.count
        direct = np.zeros((0, count))
        if counted:
            sunny = _lit(weather.light, piece)
            year = solar_year(
                inputs.patches, sunny, weather.air[piece], weather.wind[piece], inputs.peak, MODULES[MODULE][1],
                losses(), threads=threads,
            )  # fmt: skip
            self.irradiation += year.irradiation
            self.yielded += year.yield_
            power = inputs.installed[inputs.module_rows, None] / DIRECT_PER_INVERTER
            direct = alternating_current(year.direct[: inputs.module_rows.size], power)
        blocks = -(-size // LANES)
        per_slice = max(1, -(-blocks // SLICES))
        slices = -(-blocks // per_slice)
        consumers = self.networks.consumer_building.size if self.networks else 0
        asked = np.zeros((consumers, count))
        district = np.zeros((slices, len(SERIES), count))
        hours = _hours(inputs, piece)

        def work(one: int, last: int) -> None:
            run_blocks(
                one, last, per_slice, buildings, inputs.weeks, hours, self.kept, _quantiles(), slanting(), DIFFUSE_GAIN,
                direct, counted, asked, district,
            )  # fmt: skip

        Crew(threads).share_out(slices, work, small=size < 2 * LANES)
        if not counted:
            return
        for one in district:
            self.series[: len(SERIES), piece] += one
        if self.networks is not None:
            self._supply(first, piece, asked, threads)

    def _supply(self, first: int, piece: slice, asked: NDArray, threads: int | None) -> None:
        """Let the networks give what buildings asked for, and their plants buy what they need."""
        found = self.networks.run(first, asked, self.state, threads=threads)
        self.state = found.state
        plant = found.source_electricity + found.pump_electricity
        rows = {name: self.series[ROWS.index(name), piece] for name in ROWS}
        rows["network_loss"] += (found.lost + found.pump_electricity + found.fuel - found.boiler_heat).sum(axis=0)
        rows["plant_electricity"] += plant.sum(axis=0)
        rows["plant_gas"] += found.fuel.sum(axis=0)
        rows["ambient_heat"] += found.ambient_heat.sum(axis=0)
        rows["bought"] += plant.sum(axis=0)
        lacking = found.unserved.sum(axis=0)
        rows["network_heat"] -= lacking
        rows["unserved"] += lacking
        self.network_error = max(self.network_error, float(found.closure().max(initial=0.0)))


def buildings_of(inputs: Inputs) -> Buildings:
    """What the loops read of buildings."""
    one, whole = inputs.columns, np.int64
    count = inputs.count
    networked = one["heat_network"] >= 0
    consumer = np.full(count, -1, whole)
    consumer[inputs.consumer_rows] = np.arange(inputs.consumer_rows.size)
    none = np.zeros(count)
    modules = np.full(count, -1, whole)
    modules[inputs.module_rows] = np.arange(inputs.module_rows.size)

    def stores(capacity: NDArray, power: NDArray, charge: float, discharge: float, loss: float) -> NDArray:
        kept = np.full(count, np.exp(-loss * DT))
        return np.stack([capacity, power, power, none + charge, none + discharge, kept, none], axis=1)

    room = STOREY * one["heated_floor_area"] / np.maximum(one["heated_volume"], 1.0)
    source = np.where(networked, NETWORK, one["heat_source"]).astype(whole)
    return Buildings(
        fixed=inputs.fixed,
        ground_share=inputs.ground_share,
        wall_sky=inputs.wall_sky,
        heated=inputs.heated,
        ground=inputs.ground,
        area=one["heated_floor_area"],
        infiltration=one["infiltration_rate"],
        recovery=one["heat_recovery"],
        room=room,
        use=one["building_use"].astype(whole),
        dwellings=one["dwellings"],
        seed=inputs.seed,
        cooled=one["cooled_share"],
        heat_change=one["heat_set_point_change"],
        cool_change=one["cool_set_point_change"],
        source=source,
        emitter=one["heat_emitter"].astype(whole),
        efficiency=one["boiler_efficiency"],
        pump=one["heat_pump_capacity"],
        consumer=consumer,
        batteries=stores(one["battery_capacity"], one["battery_power"], CHARGE, DISCHARGE, 0.0),
        tanks=stores(one["heat_store_capacity"], one["heat_store_capacity"] / (TANK_HOURS * DT), 1.0, 1.0, TANK_LOSS),
        vehicles=one["electric_vehicles"],
        plugs=one["electric_vehicles"] * SLOWEST_CHARGE,
        wait=np.minimum(one["charging_delay"] // DT, DELAY).astype(whole),
        first_face=inputs.first_face,
        normals=inputs.normals,
        horizon=inputs.horizon,
        seen=inputs.seen,
        warms=inputs.warms,
        passes=inputs.passes,
        modules=modules,
    )


def _hours(inputs: Inputs, piece: slice) -> Hours:
    weather = inputs.weather
    parts = weather.light.parts()[piece]
    day = np.flatnonzero((parts[:, 3:] != 0).any(axis=1))
    bright = np.ascontiguousarray(parts[day])
    sector, height = sun_among(*bright[:, :3].T, azimuths=inputs.horizon.shape[1])
    return Hours(
        piece.start,
        np.stack([weather.air[piece], weather.sky_loss[piece]], axis=1),
        weather.week_hour[piece],
        weather.month[piece],
        day,
        lay_light(bright),
        sector,
        np.where(bright[:, 2] > 0, height, -1.0),
        np.ascontiguousarray(weather.performance[:, piece]),
        np.ascontiguousarray(weather.hot_water[:, piece]),
        weather.chilling[piece],
        np.ascontiguousarray(weather.prices[:, piece]),
    )


def _lit(light: Skylight, piece: slice) -> Skylight:
    return Skylight(*light.parts()[piece].T)


def _no_sums(count: int) -> NDArray:
    sums = np.zeros((count, len(SUMS)))
    sums[:, SUMS.index("lowest")], sums[:, SUMS.index("highest")] = np.inf, -np.inf
    return sums


@cache
def _quantiles() -> NDArray:
    return np.ascontiguousarray(quantile_rows().reshape(-1))
