"""An energy hub: what a building or a district asks for and owns, step by step, and the ledger of a schedule."""

from dataclasses import dataclass, fields

import numpy as np

from kernels.contract import LayerError

KWH = 3.6e6
"""One kilowatt-hour. [J]"""
UNSERVED_COST = 10.0 / KWH
"""What energy that nobody could deliver counts for, so that a shortage is told instead of having no answer: assumed,
10 EUR/kWh, above the highest price that the European day-ahead market allows (4 EUR/kWh since May 2022). [EUR J⁻¹]"""


@dataclass(frozen=True)
class Store:
    """A battery or a tank of warm water.

    Attributes
    ----------
    capacity : float
        [J]
    charge_power, discharge_power : float
        Measured at the bus, not inside. [W]
    charge_efficiency, discharge_efficiency : float
        Above 0, at most 1. [1]
    loss_rate : float
        Share of what it holds that is lost in a second. [s⁻¹]
    begin : float
        What it holds before the first step. [J]
    wear : float
        Cost of each joule charged or discharged. [EUR J⁻¹]
    """

    capacity: float
    charge_power: float
    discharge_power: float
    charge_efficiency: float = 1.0
    discharge_efficiency: float = 1.0
    loss_rate: float = 0.0
    begin: float = 0.0
    wear: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (np.isfinite(value) and value >= 0.0):
                raise LayerError(f"store: {field.name} must be a finite number, zero or more, got {value}")
        for name in ("charge_efficiency", "discharge_efficiency"):
            if not 0.0 < getattr(self, name) <= 1.0:
                raise LayerError(f"store: {name} must lie above 0 and at most at 1, got {getattr(self, name)}")
        if self.begin > self.capacity:
            raise LayerError(f"store: begins with {self.begin:g} J, its capacity is {self.capacity:g} J")

    def kept(self, dt: float) -> float:
        """Share of what it holds that is left after a step. [1]"""
        return float(np.exp(-self.loss_rate * dt))


NO_STORE = Store(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Hub:
    """What is asked for and owned behind one meter; all series along (step,).

    Attributes
    ----------
    dt : float
        Length of a step. [s]
    electricity_demand, photovoltaic_ac_power : (step,) float64
        Without heat pump and vehicles. [W]
    buy_price, sell_price : (step,) float64
        May be negative. [EUR J⁻¹]
    heat_demand : (step,) float64
        [W]
    heat_pump_cop : (step,) float64
    heat_pump_power : (step,) float64
        Most electricity that the heat pump draws; 0 where there is none. [W]
    boiler_power : float
        Most heat that the boiler gives. [W]
    boiler_efficiency : float
        [1]
    fuel_price : (step,) float64
        [EUR J⁻¹]
    battery, heat_store : Store
    vehicle_demand : (step,) float64
        What the vehicles would draw if each charged when it arrives. [W]
    vehicle_power : float
        Most that they draw together. [W]
    vehicle_delay : float
        How long each joule of that may wait. [s]
    import_limit, export_limit : float
        At the meter. [W]

    Notes
    -----
    A series may be given as one number. Flexible vehicles are the area between two curves of energy charged since the
    first step: what was asked for ``vehicle_delay`` ago must be in, what was not yet asked for cannot be.
    """

    dt: float
    electricity_demand: np.ndarray
    photovoltaic_ac_power: np.ndarray
    buy_price: np.ndarray
    sell_price: np.ndarray
    heat_demand: np.ndarray | float = 0.0
    heat_pump_cop: np.ndarray | float = 1.0
    heat_pump_power: np.ndarray | float = 0.0
    boiler_power: float = 0.0
    boiler_efficiency: float = 1.0
    fuel_price: np.ndarray | float = 0.0
    battery: Store = NO_STORE
    heat_store: Store = NO_STORE
    vehicle_demand: np.ndarray | float = 0.0
    vehicle_power: float = 0.0
    vehicle_delay: float = 0.0
    import_limit: float = np.inf
    export_limit: float = np.inf

    def __post_init__(self) -> None:
        steps = np.asarray(self.electricity_demand).size
        if steps == 0 or not self.dt > 0.0:
            raise LayerError(f"hub: needs steps of a length, got {steps} steps of {self.dt} s")
        for name in _SERIES:
            values = np.asarray(getattr(self, name), np.float64)
            if values.ndim == 0:
                values = np.full(steps, float(values))
            if values.shape != (steps,):
                raise LayerError(f"hub: {name} has the shape {values.shape}, expected ({steps},) or one number")
            if not np.isfinite(values).all():
                gone = int(np.flatnonzero(~np.isfinite(values))[0])
                raise LayerError(f"hub: {name} is not a number at step {gone}; fill the gap before")
            if name not in _PRICES and values.min() < 0.0:
                raise LayerError(f"hub: {name} must be zero or more, got {values.min():g} at step {values.argmin()}")
            object.__setattr__(self, name, np.ascontiguousarray(values))
        for name in ("boiler_power", "vehicle_power", "vehicle_delay", "import_limit", "export_limit"):
            if not getattr(self, name) >= 0.0:
                raise LayerError(f"hub: {name} must be zero or more, got {getattr(self, name)}")
        if not 0.0 < self.boiler_efficiency <= 1.2:
            raise LayerError(
                f"hub: boiler_efficiency must lie above 0 and at most at 1.2, got {self.boiler_efficiency}"
            )
        if self.vehicle_power < self.vehicle_demand.max() * (1 - 1e-12):
            raise LayerError(
                f"hub: the vehicles ask for up to {self.vehicle_demand.max():g} W, vehicle_power is "
                f"{self.vehicle_power:g} W; give at least the peak of their demand"
            )

    @property
    def steps(self) -> int:
        """Number of steps."""
        return self.electricity_demand.size

    def vehicle_latest(self) -> np.ndarray:
        """Energy that vehicles must have had by the end of each step. (step,) [J]"""
        asked = self.vehicle_earliest()
        wait = int(self.vehicle_delay // self.dt)
        late = np.zeros_like(asked) if wait else asked.copy()
        if 0 < wait < self.steps:
            late[wait:] = asked[: self.steps - wait]
        late[-1] = asked[-1]  # nobody leaves the series with an empty battery
        # what must be in by the last steps cannot come at more than the power of all plugs
        room = self.vehicle_power * self.dt * np.arange(self.steps - 1, -1, -1.0)
        return np.maximum(late, np.minimum(asked[-1] - room, asked))

    def vehicle_earliest(self) -> np.ndarray:
        """Energy that vehicles can have had by the end of each step. (step,) [J]"""
        return np.cumsum(self.vehicle_demand) * self.dt


_PRICES = ("buy_price", "sell_price", "fuel_price")
_SERIES = (
    "electricity_demand", "photovoltaic_ac_power", "buy_price", "sell_price", "heat_demand", "heat_pump_cop",
    "heat_pump_power", "fuel_price", "vehicle_demand",
)  # fmt: skip


@dataclass(frozen=True)
class Schedule:
    """What every part of a hub does, each along (step,); powers [W], energies at the end of a step [J]."""

    grid_import: np.ndarray
    grid_export: np.ndarray
    curtailed: np.ndarray
    battery_charge: np.ndarray
    battery_discharge: np.ndarray
    battery_energy: np.ndarray
    heat_pump_power: np.ndarray
    boiler_heat: np.ndarray
    store_charge: np.ndarray
    store_discharge: np.ndarray
    store_energy: np.ndarray
    vehicle_power: np.ndarray
    unserved_electricity: np.ndarray
    unserved_heat: np.ndarray

    def cost(self, hub: Hub) -> float:
        """What the schedule costs, without what was not served. [EUR]"""
        wear = hub.battery.wear * (self.battery_charge + self.battery_discharge)
        wear = wear + hub.heat_store.wear * (self.store_charge + self.store_discharge)
        each = self.grid_import * hub.buy_price - self.grid_export * hub.sell_price
        each = each + self.boiler_heat / hub.boiler_efficiency * hub.fuel_price + wear
        return float(each.sum() * hub.dt)

    def objective(self, hub: Hub) -> float:
        """Cost with what was not served at `UNSERVED_COST`, as the search sees it. [EUR]"""
        unserved = float((self.unserved_electricity + self.unserved_heat).sum())
        return self.cost(hub) + unserved * hub.dt * UNSERVED_COST

    def closures(self, hub: Hub) -> dict[str, float]:
        """Largest error of each balance in any step, as a power. [W]

        Returns
        -------
        dict of str to float
            ``electricity``, ``heat``, ``battery``, ``heat_store``, ``vehicles``.
        """
        electricity = (
            self.grid_import - self.grid_export + hub.photovoltaic_ac_power - self.curtailed + self.unserved_electricity
            + self.battery_discharge - self.battery_charge - self.heat_pump_power - self.vehicle_power
            - hub.electricity_demand
        )  # fmt: skip
        heat = (
            self.heat_pump_power * hub.heat_pump_cop + self.boiler_heat + self.unserved_heat
            + self.store_discharge - self.store_charge - hub.heat_demand
        )  # fmt: skip
        battery = _store_error(hub.battery, hub.dt, self.battery_charge, self.battery_discharge, self.battery_energy)
        store = _store_error(hub.heat_store, hub.dt, self.store_charge, self.store_discharge, self.store_energy)
        had = np.cumsum(self.vehicle_power) * hub.dt
        outside = np.maximum(hub.vehicle_latest() - had, had - hub.vehicle_earliest())
        return {
            "electricity": float(np.abs(electricity).max()),
            "heat": float(np.abs(heat).max()),
            "battery": float(np.abs(battery).max()),
            "heat_store": float(np.abs(store).max()),
            "vehicles": float(max(outside.max(), 0.0) / hub.dt),
        }


def _store_error(store: Store, dt: float, charge: np.ndarray, discharge: np.ndarray, energy: np.ndarray) -> np.ndarray:
    before = np.concatenate(([store.begin], energy[:-1]))
    gained = store.charge_efficiency * charge - discharge / store.discharge_efficiency
    return (energy - before * store.kept(dt)) / dt - gained
