"""One network of district heat as a tree of pipes: what it carries, and what is left when its plant is too small."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from kernels.contract import KernelError, LayerError
from kernels.crew import Crew
from kernels.energy.district_network_loops import march_tree
from kernels.energy.heat_network import HeatNetwork
from kernels.energy.heat_network_temperatures import SPECIFIC_HEAT


@dataclass(frozen=True)
class Tree:
    """The pipes and consumers of one network, see `march_tree`.

    Attributes
    ----------
    above : (pipe,) int64
    conductance, resistance : (pipe,) float64
    consumer_pipe : (consumer,) int64
    consumers : (consumer,) int64
        Their rows among those of all networks.
    """

    above: np.ndarray
    conductance: np.ndarray
    resistance: np.ndarray
    consumer_pipe: np.ndarray
    consumers: np.ndarray

    @classmethod
    def of(cls, layers: xr.Dataset, network: int) -> "Tree":
        """The pipes of one network.

        Raises
        ------
        LayerError
            Pipes that do not stand after the one that feeds them, or consumers at pipes of another network.
        """
        rows = np.flatnonzero(layers["pipe_network"].values == network)
        consumers = np.flatnonzero(layers["consumer_network"].values == network)
        place = np.full(layers.sizes["network_pipe"] + 1, -2)
        place[rows], place[-1] = np.arange(rows.size), -1
        above = place[layers["pipe_above"].values[rows].astype(np.int64)]
        at = place[layers["consumer_pipe"].values[consumers].astype(np.int64)]
        if rows.size == 0 or (above >= np.arange(rows.size)).any() or (above < -1).any() or (at < 0).any():
            raise LayerError(
                f"heat network {network}: every pipe must stand after the one that feeds it, and its consumers at its "
                "own pipes"
            )
        length, diameter, loss = (
            layers[f"pipe_{name}"].values[rows].astype(np.float64) for name in ("length", "diameter", "transmittance")
        )
        pipes = HeatNetwork(above + 1, np.arange(rows.size) + 1, length, diameter, loss, np.array([0]))
        return cls(above, length * pipes.transmittance, pipes.resistance(), at, consumers)

    def carry(
        self, demand: np.ndarray, supply: np.ndarray, back: float, soil: np.ndarray, crew: Crew | None = None
    ) -> np.ndarray:
        """Plant, delivered and lost heat [W], flow [kg s⁻¹], return [K] and pressure [Pa], in rows by hour.

        Parameters
        ----------
        demand : (hour, consumer) float64
            Of this network. [W]
        supply, soil : (hour,) float64
            [K]
        back : float
            [K]
        crew : Crew or None
            Shares out the hours.
        """
        found, stuck = np.zeros((6, supply.size)), [-1]
        asked, warm, ground = (np.ascontiguousarray(one) for one in (demand, supply, soil))

        def work(first: int, last: int) -> None:
            hours = slice(first, last)
            hour = march_tree(
                SPECIFIC_HEAT, self.above, self.conductance, self.resistance, self.consumer_pipe, asked[hours],
                warm[hours], back, ground[hours], *found[:, hours],
            )  # fmt: skip
            if hour >= 0:
                stuck.append(first + hour)

        (crew or Crew(1)).share_out(supply.size, work, small=asked.size < 50_000)
        if max(stuck) >= 0:
            raise KernelError(
                f"heat network: flows did not settle in hour {max(stuck)} of the block; look for pipes far too long or "
                "thin"
            )
        return found

    def throttled(self, demand, supply, back, soil, limit, crew=None) -> tuple[np.ndarray, np.ndarray]:
        """Part of their demand that consumers get so that the plant gives ``limit``, and what `carry` gives then.

        Parameters as in `carry`, and ``limit`` : (hour,) float64 [W]; (hour,) float64 and (6, hour) float64 come back.
        The plant's heat grows with the part, almost straight: secants, kept between a side below and one above. A limit
        that does not even cover what pipes lose leaves nothing to anybody.
        """
        part, best = np.zeros(limit.size), self.carry(np.zeros_like(demand), supply, back, soil, crew)
        low, high = np.full(limit.size, 1e-9), np.ones(limit.size)
        begins, whole = (self.carry(demand * one[:, None], supply, back, soil, crew) for one in (low, high))
        tried, error = np.ones(limit.size), whole[0] - limit
        # the first guess: pipes lose as much as with all the demand
        ahead = np.clip((limit - whole[2]) / whole[1], low, high)
        open_ = np.flatnonzero(begins[0] <= limit)
        for _ in range(60):
            if not open_.size:
                break
            found = self.carry(demand[open_] * ahead[open_, None], supply[open_], back, soil[open_], crew)
            best[:, open_], part[open_] = found, ahead[open_]
            now, last = found[0] - limit[open_], error[open_]
            under = now <= 0.0
            low[open_[under]], high[open_[~under]] = ahead[open_[under]], ahead[open_[~under]]
            rise = np.where(now == last, 1.0, now - last)
            after = ahead[open_] - now * (ahead[open_] - tried[open_]) / rise
            outside = (after <= low[open_]) | (after >= high[open_])
            tried[open_], error[open_] = ahead[open_], now
            ahead[open_] = np.where(outside, 0.5 * (low[open_] + high[open_]), after)
            # an hour leaves as soon as it is done, so that no other has a say in how far it is driven
            open_ = open_[np.abs(now) > 1e-9 * limit[open_]]
        return part, best
