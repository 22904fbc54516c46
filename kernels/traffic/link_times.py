"""What a run of vehicles took on each link, by the hour at which they entered it."""

from dataclasses import dataclass

import numpy as np

from kernels.traffic.queues_inputs import MODES, Streets
from kernels.traffic.queues_rules import StreetChanges


@dataclass(frozen=True)
class LinkTimes:
    """Travel times by interval of entry; nobody gains by entering later.

    Attributes
    ----------
    begin, interval : float
        [s]
    time : (kind, link, interval) float32
        [s]
    door : (link, interval) float32
        Wait to set out on a link. [s]
    """

    begin: float
    interval: float
    time: np.ndarray
    door: np.ndarray


class Meter:
    """Takes the legs of a run as they come, and adds them up.

    Time lost is added up rather than time, since a bicycle and a car lose the same behind the same queue. Sums are kept
    in single precision: a day of a Region in steps of ten minutes has 14 million of each.

    Parameters
    ----------
    streets : Streets
    changes : StreetChanges
        Checked.
    mode, departure : (vehicle,)
        Of the trips: place in `MODES`; when they set out [s].
    begin, interval : float
        [s]
    """

    def __init__(
        self, streets: Streets, changes: StreetChanges, mode: np.ndarray, departure: np.ndarray, begin: float,
        interval: float,
    ) -> None:  # fmt: skip
        self._length, self._speed = np.asarray(streets.length, np.float64), np.asarray(streets.speed, np.float64)
        self._changes, self._mode, self._departure = changes, mode, departure
        self._own = np.array([one.speed for one in MODES])
        self._begin, self._interval = begin, interval
        self._set_out = np.zeros(departure.size, bool)
        self._speeds, self._lost, self._entered, self._waited, self._begun = (
            np.zeros((0, self._length.size), np.float32) for _ in range(5)
        )
        last = float(departure.max(initial=begin))
        self._reach(self._step(np.array([last])))

    def take(self, legs: np.ndarray) -> None:
        """Add up links that were driven.

        Parameters
        ----------
        legs : (leg,) records
            As of `kernels.traffic.queues_state.NOTE`, each vehicle's in their order.
        """
        if not legs.size:
            return
        step, vehicle, link = self._step(legs["begin"]), legs["vehicle"], legs["link"]
        self._reach(step)
        free = self._length[link] / np.minimum(self._speeds[step, link], self._own[self._mode[vehicle]])
        np.add.at(self._lost, (step, link), (legs["until"] - legs["begin"] - free).astype(np.float32))
        np.add.at(self._entered, (step, link), np.float32(1.0))
        vehicle, first = np.unique(vehicle, return_index=True)
        new = first[~self._set_out[vehicle]]
        self._set_out[vehicle] = True
        departure = self._departure[legs["vehicle"][new]]
        cell = self._step(departure), legs["link"][new]
        np.add.at(self._waited, cell, (legs["begin"][new] - departure).astype(np.float32))
        np.add.at(self._begun, cell, np.float32(1.0))

    def times(self, modes: np.ndarray) -> LinkTimes:
        """Means for some modes; where nobody entered, those of an empty link behind the queue that was there before.

        Parameters
        ----------
        modes : (kind,) int
            Places in `MODES`.
        """
        lost, door = (
            np.divide(total, many, out=np.zeros_like(total), where=many > 0)
            for total, many in ((self._lost, self._entered), (self._waited, self._begun))
        )
        time = np.empty((modes.size, *lost.shape), np.float32)
        for row, mode in enumerate(modes.tolist()):
            np.add(self._length / np.minimum(self._speeds, self._own[mode]), lost, out=time[row])
        _keep_order(time, self._interval)
        _keep_order(door[None], self._interval)
        return LinkTimes(self._begin, self._interval, np.ascontiguousarray(time.swapaxes(1, 2)),
                         np.ascontiguousarray(door.T))  # fmt: skip

    def _step(self, time: np.ndarray) -> np.ndarray:
        return np.maximum((time - self._begin) // self._interval, 0).astype(np.int64)

    def _reach(self, step: np.ndarray) -> None:
        """Room for later intervals, with the speeds of their middles."""
        have, need = self._speeds.shape[0], int(step.max()) + 1
        if need <= have:
            return
        more = np.arange(have, need)
        if self._changes.link.size:
            middles = self._begin + (more + 0.5) * self._interval
            speeds = [self._changes.at(one, self._speed)[0].astype(np.float32) for one in middles.tolist()]
            self._speeds = np.concatenate((self._speeds, speeds))
        else:
            self._speeds = np.broadcast_to(self._speed, (need, self._speed.size))
        empty = np.zeros((more.size, self._length.size), np.float32)
        self._lost, self._entered, self._waited, self._begun = (
            np.concatenate((one, empty)) for one in (self._lost, self._entered, self._waited, self._begun)
        )


def _keep_order(values: np.ndarray, interval: float) -> None:
    """Let nobody gain by entering later: values fall by one interval from one to the next at most. In place.

    A queue that some entered stands for those who would have come after them, and shrinks no faster than time goes.
    """
    np.maximum(values[:, 0], 0.0, out=values[:, 0])
    for step in range(1, values.shape[1]):
        np.maximum(values[:, step], np.maximum(values[:, step - 1] - interval, 0.0), out=values[:, step])
