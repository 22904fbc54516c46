"""Heat outdoors and energy indoors in one run: buildings warm the air of their district, and live in that air."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
import xarray as xr

from kernels.contract import Kernel, Outcome, run
from kernels.quantities import attrs
from scenarios.problem import ScenarioError
from twin.city import City
from twin.rasterise import Grid

Drive = Callable[[Kernel, xr.Dataset, xr.Dataset, list[float]], Generator[xr.Dataset, None, Outcome]]
"""Runs a kernel on layers and forcing to output times; `kernels.contract.run`, or what stands for it."""

HOUR = 3600.0
_AIR, _FLUX, _OF_BUILDINGS = "air_temperature", "waste_heat_flux", "building_heat_flux"


def couples(kernels: Sequence[Kernel]) -> bool:
    """Whether one of the kernels makes the air that buildings of another live in and warm."""
    return _outdoors(kernels) is not None and _indoors(kernels) is not None


def _outdoors(kernels: Sequence[Kernel]) -> Kernel | None:
    """The kernel whose air is warmed; none where its air is that of the weather."""
    for one in kernels:
        if _AIR in one.gives and any(need.name == _FLUX for need in one.layers) and getattr(one, "air", True):
            return one
    return None


def _indoors(kernels: Sequence[Kernel]) -> Kernel | None:
    return next((one for one in kernels if "waste_heat_power" in one.gives), None)


class Exchange:
    """Drives the kernels of one run; where heat and energy are both among them, each hears of the other.

    Energy is cheap and the air of a district is dear, so energy runs twice and heat once:

    1. energy runs on the air of the weather and says what heat each building gives to the air, as a mean of the run;
    2. heat runs with that heat on the roofs, beside what traffic gives to the streets;
    3. energy runs again, for the store, in the weather's air warmed by what the open ground of the district is warmer
       at output times, straight between them.

    Heat of buildings is that of `kernels.energy.kernel.Energy`: what is consumed and stays, but for what walls pass of
    the heat of rooms, for the kernel of heat has warm walls of its own.

    Parameters
    ----------
    drive : callable
        Runs a kernel.
    kernels : sequence of Kernel
        In their order.
    city : City
        After the edits.
    grid : Grid
    hours : Dataset or None
        What drives energy.
    times : sequence of float
        Output times. [s]

    Raises
    ------
    ScenarioError
        Both are run and outputs are more than an hour apart: the day's course of the air would be lost.
    """

    def __init__(
        self,
        drive: Drive,
        kernels: Sequence[Kernel],
        city: City,
        grid: Grid,
        hours: xr.Dataset | None,
        times: Sequence[float],
    ) -> None:
        self._drive, self._city, self._grid, self._hours = drive, city, grid, hours
        both = couples(kernels)
        self._heat, self._energy = (_outdoors(kernels), _indoors(kernels)) if both else (None, None)
        self._power = np.zeros(0)
        self._excess: list[tuple[float, float]] = []
        self._told: dict[str, Any] = {}
        longest = float(np.diff(times, prepend=0.0).max())
        if both and longest > HOUR * (1 + 1e-9):
            raise ScenarioError(
                f"is {longest:g} s; heat and energy in one run hear of each other by the hour: set it to 3600, or run "
                "them apart",
                "period.output_every_s",
            )

    def __call__(
        self, kernel: Kernel, layers: xr.Dataset, forcing: xr.Dataset, times: list[float]
    ) -> Generator[xr.Dataset, None, Outcome]:
        """Run one kernel, as `kernels.contract.run`."""
        if kernel is self._heat:
            return self._run_heat(kernel, layers, forcing, times)
        if kernel is self._energy:
            return self._run_energy(kernel, layers, forcing, times)
        return self._drive(kernel, layers, forcing, times)

    def told(self) -> dict[str, Any]:
        """What went to and fro, for the manifest of a run; empty where nothing did."""
        return {"coupling": self._told} if self._told else {}

    def _run_heat(
        self, kernel: Kernel, layers: xr.Dataset, forcing: xr.Dataset, times: list[float]
    ) -> Generator[xr.Dataset, None, Outcome]:
        assert self._energy is not None
        assert self._hours is not None
        first = _silent(self._energy, layers, self._hours, times[-1])
        power = first.summary["waste_heat_power"]
        self._power = power.values.astype(np.float64)
        rows = self._city.buildings.index.get_indexer(power["building"].values)
        flux = laid_on_roofs(self._power, rows, layers["building_index"].values, self._city, self._grid)
        streets = layers[_FLUX].values.astype(np.float64) if _FLUX in layers else 0.0
        given = layers.assign({_FLUX: (("y", "x"), (streets + flux).astype(np.float32), attrs(_FLUX))})
        frames = self._drive(kernel, given, forcing, times)
        clock, air = forcing["time"].values.astype(float), forcing[_AIR].values.astype(float)
        try:
            while True:
                frame = next(frames)
                now = float(frame["time"])
                mean = float(np.nanmean(frame[_AIR].values, dtype=np.float64))
                self._excess.append((now, mean - float(np.interp(now, clock, air))))
                yield frame
        except StopIteration as end:
            outcome: Outcome = end.value
        finally:
            frames.close()
        excess = np.array(self._excess)[:, 1]
        self._told = {
            "waste_heat_mw": float(self._power.sum()) / 1e6,
            "buildings": int(self._power.size),
            "mean_air_excess_k": float(excess.mean()),
            "lowest_air_excess_k": float(excess.min()),
            "highest_air_excess_k": float(excess.max()),
        }
        laid = (("y", "x"), flux.astype(np.float32), attrs(_OF_BUILDINGS))
        remarks = {"waste heat of buildings, MW": self._told["waste_heat_mw"]}
        return _with(replace(outcome, summary=outcome.summary.assign({_OF_BUILDINGS: laid})), remarks)

    def _run_energy(
        self, kernel: Kernel, layers: xr.Dataset, forcing: xr.Dataset, times: list[float]
    ) -> Generator[xr.Dataset, None, Outcome]:
        """Energy in the district's own air; before the first output it is as much warmer as there."""
        moments, excess = np.array(self._excess).T
        # the hours' air is that of their middle
        warmer = np.interp(forcing["time"].values + 0.5 * HOUR, moments, excess)
        air = forcing[_AIR]
        warmed = forcing.assign({_AIR: (air.dims, air.values + warmer, air.attrs)})
        outcome = yield from self._drive(kernel, layers, warmed, times)
        then = float(outcome.summary["waste_heat_power"].values.astype(np.float64).sum()) / 1e6
        self._told |= {"waste_heat_in_that_air_mw": then}
        remarks = {
            "air of the district over that of the weather, mean, K": float(warmer.mean()),
            "runs of energy": 2,
            "waste heat handed to the air, MW": self._told["waste_heat_mw"],
            "waste heat in the district's own air, MW": then,
        }
        return _with(outcome, remarks)


def laid_on_roofs(
    power: np.ndarray, rows: np.ndarray, building_index: np.ndarray, city: City, grid: Grid
) -> np.ndarray:
    """Spread the heat of buildings evenly over their cells.

    Parameters
    ----------
    power : (building,) float64
        [W]
    rows : (building,) int64
        Place of each in ``city.buildings``.
    building_index : (y, x) int32
        Place in ``city.buildings`` of what stands on each cell, below 0 in the open.
    city : City
    grid : Grid

    Returns
    -------
    (y, x) float64
        The sum over all cells times their area is the sum of ``power``: a building too small for a cell of its own, or
        that is cut away at the edge, gives to the cell of a point that is its own. [W m⁻²]
    """
    watts = np.zeros(len(city.buildings))
    np.add.at(watts, rows, power)
    built = building_index >= 0
    cells = np.bincount(building_index[built], minlength=watts.size)
    found = np.zeros(grid.shape)
    found[built] = (watts / np.maximum(cells, 1))[building_index[built]]
    lost = np.flatnonzero((cells == 0) & (watts != 0))
    if lost.size:
        points = shapely.point_on_surface(city.buildings.geometry.to_numpy()[lost])
        place = np.floor(grid.units(shapely.get_coordinates(points))).astype(np.int64)
        column, row = np.clip(place, 0, [grid.columns - 1, grid.rows - 1]).T
        np.add.at(found, (row, column), watts[lost])
    area: float = grid.cell_size**2
    return found / area


def _silent(kernel: Kernel, layers: xr.Dataset, forcing: xr.Dataset, end: float) -> Outcome:
    """A run of which only the end is kept."""
    frames = run(kernel, layers, forcing, [end])
    try:
        while True:
            next(frames)
    except StopIteration as ended:
        outcome: Outcome = ended.value
    return outcome


def _with(outcome: Outcome, remarks: dict[str, Any]) -> Outcome:
    closure = outcome.closure
    return replace(outcome, closure=replace(closure, remarks={**closure.remarks, **remarks}))
