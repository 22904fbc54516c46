"""What a run of traffic adds up: vehicles and CO2 by link, what became of each row of the demand, the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kernels.contract import LayerError
from kernels.traffic.cut_through import LoadedWays, cut_through
from kernels.traffic.fields import MOTOR, Means, emission
from kernels.traffic.hours import Slice
from kernels.traffic.inputs import Inputs
from kernels.traffic.queues_inputs import MODES


@dataclass
class Tally:
    """Sums over the run.

    Attributes
    ----------
    passed : (link,) float64
        Motor vehicles. [1]
    carbon_dioxide : (link,) float64
        [kg]
    """

    passed: np.ndarray
    carbon_dioxide: np.ndarray

    @classmethod
    def none(cls, inputs: Inputs) -> "Tally":
        """Nothing yet."""
        return cls(np.zeros(inputs.links), np.zeros(inputs.links))

    @classmethod
    def restored(cls, inputs: Inputs, saved: Mapping[str, np.ndarray]) -> "Tally":
        """As `saved` gave it.

        Raises
        ------
        LayerError
            It is of other streets.
        """
        found = cls(np.array(saved["passed"]), np.array(saved["carbon_dioxide"]))
        if found.passed.shape != (inputs.links,):
            raise LayerError(
                f"traffic: the checkpoint is of {found.passed.size} links, these streets have {inputs.links}; go on "
                "with the streets it was made with"
            )
        return found

    def saved(self) -> dict[str, np.ndarray]:
        """As arrays."""
        return {"passed": self.passed.copy(), "carbon_dioxide": self.carbon_dioxide.copy()}

    def add(self, inputs: Inputs, means: Means, span: float) -> None:
        """Add an interval of so many seconds."""
        self.passed += means.flow[list(MOTOR)].sum(axis=0) * span
        share = np.minimum(means.stop_share, 0.99)
        self.carbon_dioxide += (
            emission(inputs, means.flow * 3600.0, means.time, share, "carbon_dioxide") * span / 3600.0
        )


def _elapsed(one: Slice, time: float) -> float:
    """Part of a slice that is over. [1]"""
    return float(np.clip((time - one.begin) / (one.until - one.begin), 0.0, 1.0))


def through_share(inputs: Inputs, slices: list[Slice], time: float) -> np.ndarray:
    """Share of the flow of each link of a neighbourhood that neither begins nor ends there. (link,) float64 [1]

    NaN on links of no neighbourhood, and where nothing drives.
    """
    through, total = np.zeros(inputs.links), np.zeros(inputs.links)
    for one in slices:
        share = _elapsed(one, time)
        if share > 0.0:
            found = cut_through(motor_ways(one, inputs.links), inputs.link_area, inputs.node_area)
            through += share * found.through
            total += share * found.flow
    inside = (inputs.link_area >= 0) & (total > 1e-9)
    return np.where(inside, through / np.where(inside, total, 1.0), np.nan)


def motor_ways(one: Slice, links: int) -> LoadedWays:
    """The paths of motor vehicles of a slice, without the turns that an equilibrium knows as links."""
    paths, rows = one.found.paths, one.found.rows
    of_path = paths.rows()
    kind = rows.kind[of_path]
    path_of_place = np.repeat(np.arange(paths.flow.size), np.diff(paths.begin))
    kept = np.isin(kind, MOTOR)
    places = kept[path_of_place] & (paths.link < links)
    sizes = np.bincount(path_of_place[places], minlength=paths.flow.size)[kept]
    begin = np.concatenate(([0], np.cumsum(sizes)))
    of_kept = of_path[kept]
    flow = paths.flow[kept] / np.array([mode.pce for mode in MODES])[kind[kept]]
    return LoadedWays.of(
        begin, paths.link[places], flow, rows.origin[of_kept], rows.destination[of_kept], links, kind[kept]
    )


def rows_of_slices(inputs: Inputs, slices: list[Slice], time: float) -> dict[str, np.ndarray]:
    """Mean duration [s] and length [m] of the trips of each row of the demand, NaN where none was made; unserved ones.

    Returns
    -------
    dict of (demand,) float64
    """
    size = inputs.demand.size
    made, seconds, metres, unserved = (np.zeros(size) for _ in range(4))
    for one in slices:
        share = _elapsed(one, time)
        if share <= 0.0:
            continue
        trips = one.trips * share
        lasts, reaches = one.seconds_and_metres(inputs)
        on = one.place >= 0
        here = one.row[on]
        made[here] += trips[on]
        seconds[here] += trips[on] * lasts[one.place[on]]
        metres[here] += trips[on] * reaches[one.place[on]]
        made[one.row[one.place == -2]] += trips[one.place == -2]
        unserved[one.row[one.place == -1]] += trips[one.place == -1]
    with np.errstate(invalid="ignore"):
        return {
            "trip_time": np.where(made > 0, seconds / made, np.nan),
            "trip_distance": np.where(made > 0, metres / made, np.nan),
            "trips_unserved": unserved,
        }


def ledger_of_slices(slices: list[Slice], time: float) -> dict[str, float]:
    """Vehicles so far: in an equilibrium trips end in the slice in which they begin."""
    out = arrived = aside = 0.0
    for one in slices:
        share = _elapsed(one, time)
        out += share * float(one.trips.sum())
        aside += share * float(one.trips[one.place == -1].sum())
        pce = np.array([mode.pce for mode in MODES])
        on_paths = np.bincount(one.found.paths.rows(), one.found.paths.flow, minlength=one.found.rows.trips.size)
        arrived += share * float((on_paths / pce[one.found.rows.kind]).sum() + one.trips[one.place == -2].sum())
    return {
        "vehicles_set_out": out,
        "vehicles_waiting": 0.0,
        "vehicles_inside": 0.0,
        "vehicles_arrived": arrived,
        "vehicles_aside": aside,
    }
