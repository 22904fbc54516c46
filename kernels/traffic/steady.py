"""Traffic in equilibrium: each slice of the day is steady, and a frame is the mean over the slices it spans."""

import numpy as np

from kernels.traffic.fields import MOTOR, Means
from kernels.traffic.hours import Slice
from kernels.traffic.inputs import Inputs


class Steady:
    """The means of intervals of a day whose slices are in equilibrium.

    Parameters
    ----------
    inputs : Inputs
    slices : list of Slice
    """

    def __init__(self, inputs: Inputs, slices: list[Slice]) -> None:
        self._inputs, self._slices = inputs, slices

    def between(self, first: float, last: float) -> Means:
        """What an interval is like; what lies outside of all slices is empty. [s]"""
        inputs = self._inputs
        empty = inputs.length / inputs.speed
        flow = np.zeros((self._slices[0].flow.shape[0] if self._slices else 1 + max(MOTOR) + 2, inputs.links))
        spent, free = np.zeros(inputs.links), np.zeros(inputs.links)
        capacity, covered = np.zeros(inputs.links), 0.0
        for one in self._slices:
            share = max(min(last, one.until) - max(first, one.begin), 0.0) / (last - first)
            if share <= 0.0:
                continue
            motor = one.flow[list(MOTOR)].sum(axis=0) * share
            flow += share * one.flow
            spent += motor * one.time
            free += motor * one.free
            capacity += share * one.capacity
            covered += share
        capacity += (1.0 - covered) * inputs.capacity
        motor = flow[list(MOTOR)].sum(axis=0)
        driven = motor > 0.0
        weight = np.where(driven, motor, 1.0)
        time = np.where(driven, spent / weight, empty)
        stopped = np.where(driven, 1.0 - empty / np.maximum(time, empty), 0.0)
        return Means(flow, time, stopped, spent, np.zeros(inputs.links), capacity)
