"""Where plants of district heat take their heat from: air, boreholes, sewers, waste heat, and boilers for the rest."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from kernels.contract import LayerError
from kernels.energy.boreholes import BoreField, stepped_response
from kernels.energy.district_network_loops import march_ground
from kernels.energy.heat_pumps import COP_CURVES, CORRECTION, SMALLEST_LIFT, cop
from kernels.energy.sewer_heat import WATER_HEAT, SewerHeat, SewerTree, share_heat

COLDEST_BRINE = 270.15
"""The heat pump gives less before its brine falls below this: assumed, -3 °C keeps the ground round the pipes from
freezing through. [K]"""
WASTE_TEMPERATURE = 303.15
"""Of waste heat as it is handed over: assumed, cooling water of a data centre. [K]"""
PASSES = 3
"""Rounds in which the COP on sewer water and what is taken from it are made to agree."""
HOUR = 3600.0


@dataclass(frozen=True)
class Ground:
    """All borefields of one network as one, each metre of which takes the same.

    Attributes
    ----------
    response : (hour,) float64
        Fall of the walls after 1, 2, ... hours for each W/m. [m K W⁻¹]
    resistance, undisturbed, length : float
        Walls to brine [m K W⁻¹], ground before anything is taken [K], of all boreholes [m].
    """

    response: np.ndarray
    resistance: float
    undisturbed: float
    length: float

    @classmethod
    def of(cls, layers: xr.Dataset, rows: np.ndarray, hours: int) -> "Ground":
        """The borefields at some rows of ``network_borefield``, for a run of so many hours.

        Parameters
        ----------
        layers : Dataset
        rows : (field,) int64
        hours : int
        """
        parts, lengths = [], []
        for row in rows.tolist():
            one = {
                name: float(layers[f"borefield_{name}"].values[row])
                for name in ("boreholes", "depth", "spacing", "ground_temperature", "conductivity", "diffusivity",
                             "resistance")
            }  # fmt: skip
            x, y = _square(int(one.pop("boreholes")), one.pop("spacing"))
            field = BoreField(x, y, **one)
            parts.append((stepped_response(field, HOUR, hours), field.resistance, field.ground_temperature))
            lengths.append(field.x.size * field.depth)
        share = np.array(lengths) / sum(lengths)
        response, resistance, undisturbed = (
            sum(weight * part[at] for weight, part in zip(share, parts, strict=True)) for at in range(3)
        )
        return cls(np.ascontiguousarray(response), float(resistance), float(undisturbed), float(sum(lengths)))

    def give(
        self, wanted: np.ndarray, sink: np.ndarray, before: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Heat given, electricity drawn [W], brine [K], and the rates [W m⁻¹] of all hours so far.

        Parameters
        ----------
        wanted, sink : (hour,) float64
            Heat that the pump is asked for [W], and the water that it makes [K].
        before : (hours before,) float64
            Rates of the hours that went before. [W m⁻¹]
        """
        first = before.size
        if first + wanted.size > self.response.size:
            raise LayerError(
                f"boreholes: hour {first + wanted.size} lies beyond the {self.response.size} of the forcing"
            )
        rate = np.concatenate((before, np.zeros(wanted.size)))
        heat, electricity, brine = np.zeros((3, wanted.size))
        march_ground(
            first, rate, self.response, self.resistance, self.undisturbed, self.length, COLDEST_BRINE,
            np.array(COP_CURVES["ground"]), CORRECTION, SMALLEST_LIFT,
            np.ascontiguousarray(wanted), np.ascontiguousarray(sink), heat, electricity, brine,
        )  # fmt: skip
        return heat, electricity, brine, rate


@dataclass(frozen=True)
class Sewers:
    """All sources in sewers, those of one collector down the stream: one ledger for all networks.

    Attributes
    ----------
    tree : SewerTree
        A node for each source.
    network : (source,) int64
    inflow : (source,) float64
        Mean flow that enters at its node. [m³ s⁻¹]
    share : (source,) float64
        Of what its network asks for. [1]
    pattern : (24,) float64
        Flow of an hour over the mean. [1]
    temperature : (12,) float64
        Of the water that enters. [K]
    """

    tree: SewerTree
    network: np.ndarray
    inflow: np.ndarray
    share: np.ndarray
    pattern: np.ndarray
    temperature: np.ndarray

    @classmethod
    def of(cls, layers: xr.Dataset) -> "Sewers":
        """The sources of ``network_sewer``.

        Raises
        ------
        LayerError
            The flow of a collector falls down the stream.
        """
        network = layers["sewer_network"].values.astype(np.int64)
        collector = layers["sewer_collector"].values.astype(np.int64)
        flow = layers["sewer_flow"].values.astype(np.float64)
        below, inflow, last = np.full(network.size, -1), flow.copy(), {}
        for row, one in enumerate(collector.tolist()):
            if one in last:
                below[last[one]] = row
                inflow[row] -= flow[last[one]]
            last[one] = row
        if (inflow < 0.0).any():
            row = int(np.argmin(inflow))
            raise LayerError(
                f"sewers: source {row} has {flow[row]:g} m³/s, less than the one above it in its collector; list the "
                "sources of a collector down the stream"
            )
        share = flow / np.bincount(network, flow)[network]
        tree = SewerTree(below, layers["sewer_conductance"].values)
        return cls(
            tree, network, inflow, share, layers["sewer_flow_pattern"].values.astype(np.float64),
            layers["sewer_inflow_temperature"].values.astype(np.float64),
        )  # fmt: skip

    def give(
        self, wanted: np.ndarray, sink: np.ndarray, soil: np.ndarray, day_hour: np.ndarray, month: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, SewerHeat]:
        """Heat given, electricity drawn [W], water that the networks' pumps meet [K], and the ledger.

        Parameters
        ----------
        wanted, sink : (network, hour) float64
            Heat asked for [W], and the water that is made of it [K].
        soil : (hour,) float64
            [K]
        day_hour, month : (hour,) int64
            0 to 23 and 0 to 11 of the clock on the wall.

        Notes
        -----
        The COP follows the water that reaches a source, after all above it. What those take follows their own COP: the
        ledger is drawn up `PASSES` times, first as if nobody took anything; what is given is that of the last one.
        """
        inflow = self.pattern[day_hour][:, None] * self.inflow
        warm = np.repeat(self.temperature[month][:, None], self.network.size, axis=1)
        ask = (wanted[self.network] * self.share[:, None]).T
        made = sink[self.network].T
        takers = np.arange(self.network.size)
        ledger = share_heat(self.tree, inflow, warm, soil, takers, np.zeros_like(ask))
        for _ in range(PASSES):
            met = _met(ledger, soil)
            good = cop("water", met, made)
            ledger = share_heat(self.tree, inflow, warm, soil, takers, ask * (1.0 - 1.0 / good))
        heat = np.minimum(np.where(good > 1.0, ledger.taken / np.maximum(1.0 - 1.0 / good, 1e-12), 0.0), ask)
        sums = np.zeros((3, *wanted.shape))
        for at, values in enumerate((heat, heat / good, met * self.share)):
            np.add.at(sums[at], self.network, values.T)
        return sums[0], sums[1], sums[2], ledger


def simple_source(
    kind: str, wanted: np.ndarray, sink: np.ndarray, air: np.ndarray, waste_heat: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Heat given, electricity drawn [W] and temperature of a source [K] that remembers nothing: air, waste or none.

    Parameters
    ----------
    kind : {"gas", "air", "waste"}
    wanted, sink : (hour,) float64
        Heat that the pump is asked for [W], and the water that it makes [K].
    air : (hour,) float64
        [K]
    waste_heat : float
        Handed over at most. [W]
    """
    if kind == "gas":
        return np.zeros_like(wanted), np.zeros_like(wanted), np.full_like(wanted, np.nan)
    met = air if kind == "air" else np.full_like(air, WASTE_TEMPERATURE)
    good = cop("air" if kind == "air" else "water", met, sink)
    most = np.inf
    if kind == "waste":
        most = np.where(good > 1.0, waste_heat / np.maximum(1.0 - 1.0 / good, 1e-12), 0.0)
    heat = np.minimum(wanted, most)
    return heat, heat / good, met


def _met(ledger: SewerHeat, soil: np.ndarray) -> np.ndarray:
    """Temperature of the water before each source; of the soil where none flows. (hour, source) [K]"""
    wet = ledger.flow > 0.0
    fall = np.where(wet, ledger.taken / np.where(wet, ledger.flow * WATER_HEAT, 1.0), 0.0)
    return np.where(wet, ledger.temperature + fall, soil[:, None])


def _square(count: int, spacing: float) -> tuple[np.ndarray, np.ndarray]:
    """So many places on a grid, as near to a square as rows allow. [m]"""
    if count < 1:
        raise LayerError(f"boreholes: a field has at least one, got {count}")
    side = int(np.ceil(np.sqrt(count)))
    place = np.arange(count)
    return spacing * (place % side).astype(float), spacing * (place // side).astype(float)
