"""Networks of district heat in a year's run: trees of pipes, their plants, and what these draw and take."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from kernels.contract import LayerError
from kernels.crew import Crew
from kernels.energy.carriers import NETWORK_SOURCES
from kernels.energy.district_plants import Ground, Sewers, simple_source
from kernels.energy.district_trees import Tree
from kernels.energy.heat_network import DENSITY

SUMMER_AIR = 288.15
"""From this air temperature on the supply is that of summer: assumed, where heating begins. [K]"""
SUBSTATION_PRESSURE = 60e3
"""What a consumer's exchanger and valve take of the pump's pressure: assumed, usual are 50 to 100 kPa. [Pa]"""
PUMP_EFFICIENCY = 0.6
"""Of pump, motor and converter together: assumed. [1]"""
_OF_NETWORK = ("source", "source_capacity", "boiler_capacity", "boiler_efficiency", "winter_supply", "summer_supply",
               "consumer_return", "winter_air", "waste_heat")  # fmt: skip


@dataclass(frozen=True)
class NetworkState:
    """What a run of networks must remember.

    Attributes
    ----------
    hours : int
        That went before.
    ground_rate : (network, hours) float64
        Heat taken by length of boreholes; 0 for networks without any. [W m⁻¹]
    """

    hours: int
    ground_rate: np.ndarray

    def saved(self) -> dict[str, np.ndarray]:
        """As plain arrays."""
        return {"network_hours": np.array(self.hours), "network_ground_rate": self.ground_rate}

    @classmethod
    def restored(cls, saved: Mapping[str, np.ndarray]) -> "NetworkState":
        """What `saved` gave."""
        return cls(int(saved["network_hours"]), np.asarray(saved["network_ground_rate"], np.float64))


@dataclass(frozen=True)
class NetworkHours:
    """What networks did, hour by hour.

    Attributes
    ----------
    plant_heat, delivered, lost : (network, hour) float64
        Heat that leaves the plant, that consumers get, and that pipes lose. [W]
    source_heat, boiler_heat : (network, hour) float64
        Of the heat pump and of the boilers; they add up to ``plant_heat``. [W]
    source_electricity, pump_electricity : (network, hour) float64
        Of the heat pump and of the pumps of water, whose warmth is not counted. [W]
    ambient_heat : (network, hour) float64
        Taken from air, ground, sewer or waste. [W]
    fuel : (network, hour) float64
        [W]
    unserved : (network, hour) float64
        Asked for and not delivered. [W]
    supply_temperature, return_temperature, source_temperature : (network, hour) float64
        At the plant; the return is that of the soil in hours without flow, the source NaN where there is none. [K]
    mass_flow : (network, hour) float64
        [kg s⁻¹]
    served : (consumer, hour) float64
        [W]
    state : NetworkState
        To go on from.
    sewer_closure : float
        Of the ledger of sewers, see `kernels.energy.sewer_heat.SewerHeat.closure`. [1]
    """

    plant_heat: np.ndarray
    delivered: np.ndarray
    lost: np.ndarray
    source_heat: np.ndarray
    boiler_heat: np.ndarray
    source_electricity: np.ndarray
    pump_electricity: np.ndarray
    ambient_heat: np.ndarray
    fuel: np.ndarray
    unserved: np.ndarray
    supply_temperature: np.ndarray
    return_temperature: np.ndarray
    source_temperature: np.ndarray
    mass_flow: np.ndarray
    served: np.ndarray
    state: NetworkState
    sewer_closure: float = 0.0

    def closure(self) -> np.ndarray:
        """Largest error of any hour of the ledger of pipes or of that of the plant. (network,) [W]"""
        errors = (
            self.plant_heat - self.delivered - self.lost,
            self.plant_heat - self.source_heat - self.boiler_heat,
            self.source_heat - self.source_electricity - self.ambient_heat,
        )
        return np.max([np.abs(one).max(axis=1, initial=0.0) for one in errors], axis=0)


@dataclass(frozen=True)
class Networks:
    """All networks of heat of a run; make them by `of`.

    Attributes
    ----------
    trees : tuple of Tree
    plants : Mapping of str to (network,) float64
        The words ``network_*`` of their plants, without that beginning.
    ground : tuple of Ground or None
    sewers : Sewers or None
    consumer_building : (consumer,) int64
        Row of the building of each.
    air, soil : (time,) float64
        Of the whole run. [K]
    day_hour, month : (time,) int64
    """

    trees: tuple[Tree, ...]
    plants: Mapping[str, np.ndarray]
    ground: tuple[Ground | None, ...]
    sewers: Sewers | None
    consumer_building: np.ndarray
    air: np.ndarray
    soil: np.ndarray
    day_hour: np.ndarray
    month: np.ndarray

    @classmethod
    def of(cls, layers: xr.Dataset, forcing: xr.Dataset) -> "Networks | None":
        """The networks of some layers; None where there are none.

        Parameters
        ----------
        layers : Dataset
            The dims ``network``, ``network_pipe``, ``network_consumer``, ``network_borefield`` and ``network_sewer``.
        forcing : Dataset
            Of the whole run: ``air_temperature``, ``week_hour`` and ``local_month`` along ``time``.

        Raises
        ------
        LayerError
            Pipes that are no tree, unknown sources, ground or sewer heat without a field or a sewer, water that
            comes back warmer than it goes out.
        """
        if not layers.sizes.get("network"):
            return None
        plants = {name: layers[f"network_{name}"].values.astype(np.float64) for name in _OF_NETWORK}
        count, hours = layers.sizes["network"], forcing.sizes["time"]
        if not np.isin(plants["source"], np.arange(len(NETWORK_SOURCES))).all():
            raise LayerError(f"network_source must be one of 0 to {len(NETWORK_SOURCES) - 1}, got {plants['source']}")
        if (np.minimum(plants["winter_supply"], plants["summer_supply"]) <= plants["consumer_return"]).any():
            raise LayerError("heat network: water must go out warmer than it comes back, in winter and in summer")
        ground: list[Ground | None] = [None] * count
        fields = layers["borefield_network"].values if "borefield_network" in layers else np.zeros(0)
        sewers = Sewers.of(layers) if layers.sizes.get("network_sewer") else None
        for row in range(count):
            kind, own = NETWORK_SOURCES[int(plants["source"][row])], np.flatnonzero(fields == row)
            if kind == "ground":
                if not own.size:
                    raise LayerError(f"heat network {row} takes heat from the ground and has no borefield; add one")
                ground[row] = Ground.of(layers, own, hours)
            if kind == "sewer" and (sewers is None or row not in sewers.network):
                raise LayerError(f"heat network {row} takes heat from a sewer and has none; add one")
        month = forcing["local_month"].values.astype(np.int64)
        return cls(
            tuple(Tree.of(layers, row) for row in range(count)), plants, tuple(ground), sewers,
            layers["consumer_building"].values.astype(np.int64), forcing["air_temperature"].values.astype(np.float64),
            layers["network_soil_temperature"].values.astype(np.float64)[month],
            forcing["week_hour"].values.astype(np.int64) % 24, month,
        )  # fmt: skip

    def start(self) -> NetworkState:
        """The state before the first hour: ground that nobody has taken heat from."""
        return NetworkState(0, np.zeros((len(self.trees), 0)))

    def run(self, first_hour: int, demand: np.ndarray, state: NetworkState, threads: int | None = 1) -> NetworkHours:
        """Some hours of all networks; however a run is cut, its hours are the same.

        Parameters
        ----------
        first_hour : int
            Of the forcing.
        demand : (consumer, hour) float64
            In the order of ``consumer_building``. [W]
        state : NetworkState
            After the hours before; it is not changed.
        threads : int or None
            No result depends on it; None takes every processor.

        Raises
        ------
        LayerError
            Shapes that do not fit, a negative demand, gaps, a state of another hour.
        KernelError
            Flows that do not settle.

        Notes
        -----
        Supply slides between its temperatures of summer and winter with the air. The source gives what the plant needs
        up to its capacity and to what ground, sewer or waste allow; boilers give the rest. Where both are too
        small, all consumers get the same part of what they ask for.
        """
        asked = np.asarray(demand, np.float64)
        hours = asked.shape[1] if asked.ndim == 2 else 0
        if asked.shape != (self.consumer_building.size, hours) or first_hour + hours > self.air.size:
            raise LayerError(
                f"heat networks: demand has the shape {asked.shape} from hour {first_hour}, expected "
                f"({self.consumer_building.size}, hours) within the {self.air.size} hours of the forcing"
            )
        if not (np.isfinite(asked) & (asked >= 0.0)).all():
            raise LayerError("heat networks: demand must be finite and zero or more; fill gaps before")
        if state.hours != first_hour:
            raise LayerError(f"heat networks: the state is that after {state.hours} hours, not {first_hour}")
        block = slice(first_hour, first_hour + hours)
        soil, count = self.soil[block], len(self.trees)
        supply = np.array([self._supply(row, self.air[block]) for row in range(count)])
        served, crew = asked.copy(), Crew(threads)
        carried = np.array([
            tree.carry(served[tree.consumers].T, supply[row], float(self.plants["consumer_return"][row]), soil, crew)
            for row, tree in enumerate(self.trees)
        ])  # fmt: skip
        heat, electricity, met, rate, sewer_closure = self._sources(carried[:, 0], supply, block, state)
        for row, tree in enumerate(self.trees):
            limit = heat[row] + self.plants["boiler_capacity"][row]
            short = np.flatnonzero(carried[row, 0] > limit * (1.0 + 1e-12))
            if short.size:
                back = float(self.plants["consumer_return"][row])
                part, carried[row][:, short] = tree.throttled(
                    served[tree.consumers][:, short].T, supply[row, short], back, soil[short], limit[short], crew
                )
                served[np.ix_(tree.consumers, short)] *= part
        plant, delivered, lost, flow, returned, head = carried.transpose(1, 0, 2)
        # where a plant that cannot carry its losses stops, its source has nothing to give either
        part = np.where(heat > plant, plant / np.where(heat > 0.0, heat, 1.0), 1.0)
        heat, electricity = heat * part, electricity * part
        boiler = plant - heat
        whole = np.array([asked[tree.consumers].sum(axis=0) for tree in self.trees])
        pump = flow / DENSITY * np.where(flow > 0.0, head + SUBSTATION_PRESSURE, 0.0) / PUMP_EFFICIENCY
        return NetworkHours(
            plant, delivered, lost, heat, boiler, electricity, pump, heat - electricity,
            boiler / self.plants["boiler_efficiency"][:, None], np.maximum(whole - delivered, 0.0),
            supply, returned, met, flow, served, NetworkState(first_hour + hours, rate), sewer_closure,
        )  # fmt: skip

    def _supply(self, row: int, air: np.ndarray) -> np.ndarray:
        """Supply temperature by that of the air. (hour,) [K]"""
        cold, warm, winter, summer = (
            float(self.plants[name][row]) if name else SUMMER_AIR
            for name in ("winter_air", "", "winter_supply", "summer_supply")
        )
        return np.interp(air, [cold, warm], [winter, summer])

    def _sources(self, needed: np.ndarray, supply: np.ndarray, block: slice, state: NetworkState):
        """Heat, electricity [W] and temperature [K] of all sources, the ground's rates, and the sewers' closure."""
        wanted = np.minimum(needed, self.plants["source_capacity"][:, None])
        heat, electricity, met = np.zeros_like(needed), np.zeros_like(needed), np.full_like(needed, np.nan)
        rate = np.concatenate((state.ground_rate, np.zeros_like(needed)), axis=1)
        kinds = [NETWORK_SOURCES[int(code)] for code in self.plants["source"]]
        for row, kind in enumerate(kinds):
            field = self.ground[row]
            if field is not None:
                heat[row], electricity[row], met[row], rate[row] = field.give(
                    wanted[row], supply[row], state.ground_rate[row]
                )
            elif kind != "sewer":
                heat[row], electricity[row], met[row] = simple_source(
                    kind, wanted[row], supply[row], self.air[block], float(self.plants["waste_heat"][row])
                )
        if self.sewers is None:
            return heat, electricity, met, rate, 0.0
        rows = np.array([kind == "sewer" for kind in kinds])
        found = self.sewers.give(
            np.where(rows[:, None], wanted, 0.0), supply, self.soil[block], self.day_hour[block], self.month[block]
        )
        for values, given in zip((heat, electricity, met), found[:3], strict=True):
            values[rows] = given[rows]
        return heat, electricity, met, rate, found[3].closure()
