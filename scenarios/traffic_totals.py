"""What a run of traffic adds up to on each link: vehicles, hours, queues, exhaust and sound energy by time of day."""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import xarray as xr

from kernels.traffic.noise_spread import PERIODS
from scenarios.hot_hours import local_time
from twin.street_classes import street_classes

FIRST_HOURS = {"day": 7, "evening": 19, "night": 23}
"""Hours of the clock at which the parts of Lden begin: Directive 2002/49/EC, annex I, 1."""


@dataclass
class TrafficTotals:
    """Sums over the frames of a run, which are means over the time since the one before.

    Attributes
    ----------
    network : Dataset
        Of `twin.traffic_layers.traffic_layers`.
    start : datetime or None
        Of the run; without it the time of day is not known.
    seconds : float
        Added so far. [s]
    vehicles, bicycles : (link,) float64
        That passed. [1]
    driven : (link,) float64
        Time that motor vehicles took in all. [s]
    travel_time : (link,) float64
        Summed over time, see `mean_time`. [s²]
    queue : (link,) float64
        Summed over time. [m s]
    longest_queue : float
        Of all links together, in the worst frame. [m]
    carbon_dioxide, nitrogen_oxides : (link,) float64
        [kg]
    sound : dict
        Energy of ``day``, ``evening`` and ``night``: (link,) float64, times seconds. [pW m⁻¹ s]
    heard : dict
        Seconds of each. [s]
    """

    network: xr.Dataset
    start: datetime | None = None
    seconds: float = 0.0
    longest_queue: float = 0.0
    sound: dict[str, np.ndarray] = field(default_factory=dict)
    heard: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PERIODS, 0.0))

    def __post_init__(self) -> None:
        links = self.network.sizes["link"]
        self.length = self.network["street_length"].values.astype(float)
        self.free_time = self.length / self.network["free_speed"].values.astype(float)
        self.vehicles, self.bicycles, self.driven = np.zeros(links), np.zeros(links), np.zeros(links)
        self.travel_time, self.queue = np.zeros(links), np.zeros(links)
        self.carbon_dioxide, self.nitrogen_oxides = np.zeros(links), np.zeros(links)
        self.sound = {name: np.zeros(links) for name in PERIODS}

    @classmethod
    def of(cls, run: xr.Dataset, network: xr.Dataset, start: datetime | None = None) -> "TrafficTotals":
        """Add up all frames of a run that was kept.

        Parameters
        ----------
        run : Dataset
            Fields along (time, link) in the order of the links of ``network``.
        """
        found = cls(network, start)
        for number in range(run.sizes["time"]):
            found.add(run.isel(time=number))
        return found

    def add(self, frame: xr.Dataset) -> None:
        """Add one frame; one that is not later than the last adds nothing.

        Parameters
        ----------
        frame : Dataset
            Along (link,): `traffic_flow` [h-1], `travel_time` [s], and what else the run has; coordinate ``time`` [s].
        """
        until = float(frame["time"])
        step = until - self.seconds
        if step <= 0.0:
            return
        flow, time = _of(frame, "traffic_flow") / 3600.0, _of(frame, "travel_time")
        self.vehicles += flow * step
        self.driven += flow * step * time
        self.travel_time += np.where(time > 0.0, time, self.free_time) * step
        self.bicycles += _of(frame, "bicycle_flow") * (step / 3600.0)
        queue = _of(frame, "queue_length")
        self.queue += queue * step
        self.longest_queue = max(self.longest_queue, float(queue.sum()))
        self.carbon_dioxide += _of(frame, "carbon_dioxide_emission") * (step / 3600.0)
        self.nitrogen_oxides += _of(frame, "nitrogen_oxides_emission") * (step / 3600.0)
        if "road_noise_power" in frame:
            power = 10.0 ** (frame["road_noise_power"].values.astype(float) / 10.0)
            period = period_of(self.start, until - step / 2.0)
            self.sound[period] += np.nan_to_num(power) * step
            self.heard[period] += step
        self.seconds = until

    @property
    def distance(self) -> np.ndarray:
        """Driven by motor vehicles: (link,) float64. [m]"""
        return self.vehicles * self.length

    @property
    def delay(self) -> np.ndarray:
        """Time that motor vehicles took above that of empty streets, none below: (link,) float64. [s]"""
        return np.maximum(self.driven - self.vehicles * self.free_time, 0.0)

    @property
    def mean_time(self) -> np.ndarray:
        """Travel time, mean over the run: (link,) float64. [s]"""
        return self.travel_time / self.seconds if self.seconds > 0.0 else self.free_time.copy()

    @property
    def mean_power(self) -> np.ndarray:
        """Sound power of each link, mean of the energy over the run: (link,) float64. [pW m⁻¹]"""
        whole = sum(self.heard.values())
        total = np.sum(list(self.sound.values()), axis=0)
        return np.divide(total, whole, out=np.zeros(total.size), where=whole > 0.0)

    @property
    def covers_a_day(self) -> bool:
        """Whether all hours of day, evening and night were heard, so that there is an Lden."""
        return all(self.heard[name] >= 3600.0 * hours - 1.0 for name, (hours, _) in PERIODS.items())

    def by_class(self, values: np.ndarray) -> dict[str, float]:
        """Sum of (link,) values over the classes of streets that the network has, in their order."""
        code = self.network["street_class"].values.astype(int)
        return {key: float(values[code == one.code].sum()) for key, one in street_classes().items()
                if (code == one.code).any()}  # fmt: skip


def period_of(start: datetime | None, seconds: float) -> str:
    """``day``, ``evening`` or ``night`` by the clock of Brussels; day where it is not known."""
    if start is None:
        return "day"
    hour = local_time(start, seconds).hour
    if hour >= FIRST_HOURS["night"] or hour < FIRST_HOURS["day"]:
        return "night"
    return "evening" if hour >= FIRST_HOURS["evening"] else "day"


def _of(frame: xr.Dataset, name: str) -> np.ndarray:
    """A field with nothing where it is missing: (link,) float64."""
    if name not in frame:
        return np.zeros(frame.sizes["link"])
    return np.nan_to_num(frame[name].values.astype(float))
