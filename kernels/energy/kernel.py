"""The energy kernel, Dataset side: reads buildings, roofs, networks and weather; gives needs, meters, the district."""

import math
import operator
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import xarray as xr

from kernels.contract import Closure, LayerError, Need, check_layers
from kernels.energy.district import ROWS, District
from kernels.energy.district_inputs import LAYERS, Inputs
from kernels.energy.district_loops import DT, FRAME, Kept
from kernels.energy.district_networks import Networks, NetworkState
from kernels.energy.district_weather import FORCING
from kernels.energy.thermal_lanes import SUMS
from kernels.energy.thermal_year import WARM_UP
from kernels.quantities import attrs

_FRAMES = FRAME[:8]
_BUILDINGS = (
    "heating_need", "cooling_need", "hot_water_need", "electricity_used", "gas_used", "network_heat_used",
    "photovoltaic_energy", "grid_bought", "grid_given", "unserved_energy", "peak_heating_power", "peak_cooling_power",
    "peak_grid_power", "heating_need_per_area", "final_energy_per_area", "envelope_closure", "overheated_time",
    "waste_heat_power",
)  # fmt: skip
_PATCHES = ("solar_irradiation", "specific_yield")
_DISTRICT = tuple(f"district_{name}" for name in ROWS)


@dataclass(eq=False)
class EnergyState:
    """A run between two output times; the kernel's own business."""

    district: District
    totals: np.ndarray
    time: float = 0.0

    @property
    def inputs(self) -> Inputs:
        """What it runs on."""
        return self.district.inputs


@dataclass(frozen=True)
class Energy:
    """The energy of a district hour by hour: what each building needs, what meets it, what roofs make, what is traded.

    Attributes
    ----------
    warm_up : int
        Hours run before the first, from the end of the weather, so that walls are as warm as they would be. [h]
    threads : int or None
        None takes every processor; no result depends on it.

    Notes
    -----
    Needs by the simple hourly method of ISO 13790:2008 with the effective mass of the layers, see
    `kernels.energy.thermal_lanes`; light of Perez et al. (1990) behind the horizon of every face; stores and vehicles
    by the rules of `kernels.energy.storage`. Where nothing cools, people air from 24 °C on, by two changes at most;
    with more than 20 °C outdoors they let down blinds, with more than 15 °C no heat is recovered. Between two buildings
    no heat flows: party walls only keep it. A frame is the mean over the last advance. Outputs fall on whole hours.

    ``waste_heat_power`` is what people's energy adds to the heat outdoors, as a mean of the run: all that came in by
    meters (and from the ground) and did not leave by meters, by car or down the drain. What is consumed becomes heat
    outdoors but for what is stored: Liu, Luo and Grimmond (2022), doi:10.5194/acp-22-4721-2022. What chillers take out
    came from there or is consumed, so their electricity is all they add; a module turns light into current that its
    roof would have kept. A kernel of the air outdoors has walls that are warm from within, so heat of rooms that walls
    pass is left to it; so an air heat pump may cool the air. Heat of people, and of plants of networks, is not in it.
    """

    warm_up: int = WARM_UP
    threads: int | None = None

    name: ClassVar[str] = "energy"
    layers: ClassVar[tuple[Need, ...]] = LAYERS
    forcing: ClassVar[tuple[Need, ...]] = FORCING
    gives: ClassVar[tuple[str, ...]] = (*_FRAMES, *(one for one in _BUILDINGS), *_PATCHES, *_DISTRICT)

    def __post_init__(self) -> None:
        if operator.index(self.warm_up) < 0:
            raise LayerError(f"energy: warm_up must be 0 hours or more, got {self.warm_up!r}")
        if self.threads is not None and operator.index(self.threads) < 1:
            raise LayerError(f"energy: threads must be 1 or more, or None for all, got {self.threads!r}")

    def prepare(self, layers: xr.Dataset, forcing: xr.Dataset) -> EnergyState:
        """Pack the buildings and let them warm up.

        Raises
        ------
        LayerError
            Names the layer, the building, what was expected and the remedy.
        """
        state = self._packed(layers, forcing)
        state.district.warm_up(self.warm_up, self.threads)
        return state

    def _packed(self, layers: xr.Dataset, forcing: xr.Dataset) -> EnergyState:
        check_layers(self, layers, forcing)
        inputs = Inputs.of(layers, forcing)
        district = District.begin(inputs, Networks.of(layers, forcing))
        return EnergyState(district, np.zeros_like(district.kept.frame))

    def advance(self, state: EnergyState, until: float) -> None:
        """Advance in place and land exactly on ``until`` [s], a whole hour."""
        if not math.isfinite(until) or until < state.time:
            raise LayerError(f"energy: cannot advance to {until!r} s from {state.time:g} s; time only goes on")
        hour = round(until / DT)
        if hour * DT != until:
            raise LayerError(f"energy: outputs fall on whole hours, got {until:g} s; take a multiple of 3600 s")
        if hour > state.inputs.weather.hours:
            raise LayerError(f"energy: the weather ends after {state.inputs.weather.hours} h, asked for {hour} h")
        if until == state.time:
            return
        state.district.go_on(hour, self.threads)
        state.totals += state.district.kept.frame
        state.time = until

    def observe(self, state: EnergyState) -> xr.Dataset:
        """Fields of the buildings, means over the last advance."""
        if state.district.frame_hours == 0:
            raise LayerError("energy: there is nothing to observe at the start; advance to the first time")
        means = state.district.kept.frame / state.district.frame_hours
        means[~state.inputs.heated, FRAME.index("indoor_air_temperature")] = np.nan
        found = {name: means[:, FRAME.index(name)] for name in _FRAMES}
        return _by_building(state, found).assign_coords(time=state.time)

    def summarise(self, state: EnergyState) -> xr.Dataset:
        """Sums of the run by building and by patch, and every hour of the district."""
        inputs, district = state.inputs, state.district
        joules = {name: state.totals[:, FRAME.index(name)] * DT for name in FRAME}
        area = np.where(inputs.heated, inputs.columns["heated_floor_area"], np.nan)
        final = joules["electricity_power"] + joules["gas_power"] + joules["network_heat_power"]
        cooled = inputs.columns["cooled_share"] > 0
        found = {
            "heating_need": joules["heating_power"],
            "cooling_need": joules["cooling_power"],
            "hot_water_need": joules["hot_water_power"],
            "electricity_used": joules["electricity_power"],
            "gas_used": joules["gas_power"],
            "network_heat_used": joules["network_heat_power"],
            "photovoltaic_energy": joules["photovoltaic_ac_power"],
            "grid_bought": joules["grid_bought"],
            "grid_given": joules["grid_given"],
            "unserved_energy": joules["unserved_energy"],
            "peak_heating_power": district.kept.sums[:, SUMS.index("heating_peak")],
            "peak_cooling_power": district.kept.sums[:, SUMS.index("cooling_peak")] * cooled,
            "peak_grid_power": district.kept.peaks[:, 0],
            "heating_need_per_area": joules["heating_power"] / area,
            "final_energy_per_area": final / area,
            "envelope_closure": _envelope_closure(state),
            "overheated_time": np.where(inputs.heated, district.kept.peaks[:, 2], np.nan),
            "waste_heat_power": _waste_heat(state),
        }
        return xr.merge([_by_building(state, found), _by_patch(state), _by_hour(state)])

    def closure(self, state: EnergyState) -> Closure:
        """The ledgers of walls, of the electric node of all meters, and of networks."""
        district = state.district
        rows = dict(zip(ROWS, district.series[:, : district.hour], strict=True))
        came = rows["bought"] + rows["photovoltaic"] + rows["battery"]
        went = rows["given"] + rows["curtailed"] + rows["plant_electricity"]
        for name in ("appliances", "heat_pumps", "resistance", "chillers", "vehicles"):
            went = went + rows[name]
        node = float(np.abs(came - went).max(initial=0.0))
        walls = float(np.nanmax(_envelope_closure(state), initial=0.0))
        kept = district.kept
        ledger = {f"district_{name}": float(values.sum()) / max(district.hour, 1) for name, values in rows.items()}
        return Closure(
            "energy",
            walls,
            ledger,
            {
                "largest error of the electric node, W": node,
                "largest error of a network, W": district.network_error,
                "charging that vehicles still wait for, kWh": float((kept.asked[:, -1] - kept.had).sum()) / 3.6e6
                if kept.had.any() else 0.0,
                "buildings that are no zone": int((~state.inputs.heated).sum()),
                "shells read at the limit of their mass": state.inputs.limited,
            },
        )  # fmt: skip

    def checkpoint(self, state: EnergyState) -> dict[str, np.ndarray]:
        """Everything needed to go on."""
        district = state.district
        saved = {name: values.copy() for name, values in district.kept._asdict().items()}
        saved |= {
            "time": np.array(state.time),
            "totals": state.totals.copy(),
            "series": district.series.copy(),
            "irradiation": district.irradiation.copy(),
            "yielded": district.yielded.copy(),
            "first_core": district.first_core.copy(),
            "hours": np.array([district.hour, district.frame_hours]),
            "network_error": np.array(district.network_error),
        }
        return saved | (district.state.saved() if district.state is not None else {})

    def restore(self, layers: xr.Dataset, forcing: xr.Dataset, saved: Mapping[str, np.ndarray]) -> EnergyState:
        """The state that ``checkpoint`` saw."""
        state = self._packed(layers, forcing)
        district = state.district
        kept = Kept(**{name: np.array(saved[name]) for name in Kept._fields})
        state.district = replace(
            district,
            kept=kept,
            state=NetworkState.restored(saved) if district.networks is not None else None,
            series=np.array(saved["series"]),
            irradiation=np.array(saved["irradiation"]),
            yielded=np.array(saved["yielded"]),
            first_core=np.array(saved["first_core"]),
            hour=int(saved["hours"][0]),
            frame_hours=int(saved["hours"][1]),
            network_error=float(saved["network_error"]),
        )
        state.totals, state.time = np.array(saved["totals"]), float(saved["time"])
        return state


def _envelope_closure(state: EnergyState) -> np.ndarray:
    """What each building's ledger of heat does not close by, of all that went through; NaN of no zone. (building,)"""
    district, inputs = state.district, state.inputs
    sums = district.kept.sums[:, :6]
    stored = inputs.fixed[4] / DT * (district.kept.core - district.first_core)
    gap = sums[:, 0] - sums[:, 1] + sums[:, 2:].sum(axis=1) - stored
    through = np.abs(sums).sum(axis=1) + np.abs(stored)
    return np.where(inputs.heated, np.abs(gap) / np.maximum(through, 1e-300), np.nan)


def _waste_heat(state: EnergyState) -> np.ndarray:
    """Mean heat that people's energy adds outdoors, but for what walls pass of the heat of rooms. (building,) [W]"""
    district = state.district
    sums, hours = district.kept.sums, max(district.hour, 1)
    stayed, heating = (state.totals[:, FRAME.index(name)] for name in ("stayed", "heating_power"))
    by_walls = np.minimum(heating, np.maximum(-sums[:, SUMS.index("envelope")], 0.0))
    return np.where(state.inputs.heated, (stayed - by_walls) / hours, 0.0)


def _by_building(state: EnergyState, found: Mapping[str, np.ndarray]) -> xr.Dataset:
    """Lay fields on the buildings in the order in which they came."""
    order = state.inputs.order
    laid = {}
    for name, values in found.items():
        row = np.empty(order.size, np.float32)
        row[order] = values
        laid[name] = (("building",), row, attrs(name))
    return xr.Dataset(laid, coords={"building": state.inputs.names})


def _by_patch(state: EnergyState) -> xr.Dataset:
    """Sun on roofs and on what carries modules, and the yield of each; NaN of other walls."""
    inputs, district = state.inputs, state.district
    laid = {}
    for name, one in zip(_PATCHES, (district.irradiation, district.yielded / inputs.peak), strict=True):
        row = np.full(inputs.all_patches, np.nan, np.float32)
        row[inputs.patch_order] = one
        laid[name] = (("patch",), row, attrs(name))
    return xr.Dataset(laid)


def _by_hour(state: EnergyState) -> xr.Dataset:
    hours = state.district.hour
    series = state.district.series[:, :hours].copy()
    found = {
        f"district_{name}": (("hour",), row, attrs(f"district_{name}")) for name, row in zip(ROWS, series, strict=True)
    }
    clock = {"units": "s", "long_name": "Begin of the hour since the start of the period"}
    return xr.Dataset(found, coords={"hour": ("hour", DT * np.arange(hours), clock)})
