"""From flows and times to what a frame of traffic says of each link: speed, saturation, exhaust, noise, heat."""

from dataclasses import dataclass

import numpy as np

from kernels.traffic.fleet import fleet_emission, traffic_heat
from kernels.traffic.inputs import Inputs
from kernels.traffic.noise import LOWEST_SPEED, a_weighted, line_power
from kernels.traffic.queues_inputs import MODE_NAMES, MODES

BIKE = MODE_NAMES.index("bike")
MOTOR = tuple(MODE_NAMES.index(one) for one in ("car", "van", "truck", "bus"))
NOISE_CATEGORY = {"car": "1", "van": "1", "truck": "3", "bus": "2"}
"""Of CNOSSOS-EU: vans are light vehicles; trucks are taken as heavy ones, the louder guess; buses as medium ones."""
QUIET = 30.0
"""Level of a street on which nothing drives, so that maps and means stay finite. [dB(A)/m]"""
FIELDS = (
    "traffic_flow",
    "bicycle_flow",
    "traffic_speed",
    "travel_time",
    "traffic_saturation",
    "vehicles_on_street",
    "queue_length",
    "carbon_dioxide_emission",
    "nitrogen_oxides_emission",
    "road_noise_power",
)


@dataclass(frozen=True)
class Means:
    """What an interval was like on each link.

    Attributes
    ----------
    flow : (mode, link) float64
        Vehicles. [s⁻¹]
    time : (link,) float64
        Of those that came through, mean of all motor vehicles; of an empty link where none did. [s]
    stop_share : (link,) float64
        Part of that time lost against the empty link, from 0 to less than 1. [1]
    vehicles : (link,) float64
        On it: the mean, or those at the end of the interval.
    queue : (link,) float64
        [m]
    capacity : (link,) float64
        Cars that its end lets go. [s⁻¹]
    """

    flow: np.ndarray
    time: np.ndarray
    stop_share: np.ndarray
    vehicles: np.ndarray
    queue: np.ndarray
    capacity: np.ndarray


def fields_of(inputs: Inputs, means: Means) -> dict[str, np.ndarray]:
    """All fields of a frame, each (link,) float32, in the units of their quantities."""
    hourly = means.flow * 3600.0
    motor = hourly[list(MOTOR)].sum(axis=0)
    pce = np.array([one.pce for one in MODES])
    speed = inputs.length / means.time
    share = np.minimum(means.stop_share, 0.99)
    found = {
        "traffic_flow": motor,
        "bicycle_flow": hourly[BIKE],
        "traffic_speed": speed,
        "travel_time": means.time,
        "traffic_saturation": (means.flow * pce[:, None]).sum(axis=0) / means.capacity,
        "vehicles_on_street": means.vehicles,
        "queue_length": means.queue,
        "carbon_dioxide_emission": emission(inputs, hourly, means.time, share, "carbon_dioxide"),
        "nitrogen_oxides_emission": emission(inputs, hourly, means.time, share, "nitrogen_oxides"),
        "road_noise_power": noise(hourly, speed * 3.6),
    }
    return {name: found[name].astype(np.float32) for name in FIELDS}


def emission(
    inputs: Inputs, hourly: np.ndarray, time: np.ndarray, stop_share: np.ndarray, pollutant: str
) -> np.ndarray:
    """What leaves the exhausts of each link. (link,) float64 [kg h⁻¹]"""
    entries = {MODE_NAMES[mode]: hourly[mode] for mode in MOTOR}
    return fleet_emission(pollutant, entries, time, inputs.length, stop_share, 3600.0)


def noise(hourly: np.ndarray, speed: np.ndarray) -> np.ndarray:
    """Sound power per metre; speed in km/h. (link,) float64 [dB(A) re 1 pW/m]"""
    flows: dict[str, np.ndarray] = {}
    for mode in MOTOR:
        category = NOISE_CATEGORY[MODE_NAMES[mode]]
        flows[category] = flows.get(category, 0.0) + hourly[mode]
    read = np.maximum(speed, LOWEST_SPEED)
    return np.maximum(a_weighted(line_power(flows, dict.fromkeys(flows, read))), QUIET)


def waste_heat(inputs: Inputs, carbon_dioxide: np.ndarray) -> np.ndarray:
    """Heat of fuel on the ground it is driven on. (y, x) float32 [W m⁻²]

    Parameters
    ----------
    inputs : Inputs
        With crossings and a grid.
    carbon_dioxide : (link,) float64
        [kg h⁻¹]
    """
    grid = inputs.grid
    assert grid is not None
    rows, columns = grid.sizes["y"], grid.sizes["x"]
    x = grid["x"].values
    size = float(x[1] - x[0]) if columns > 1 else float(grid["y"].values[1] - grid["y"].values[0])
    crossing = inputs.crossings
    link = crossing.link.astype(np.int64)
    watts = (traffic_heat(carbon_dioxide) / inputs.length)[link] * crossing.length
    place = crossing.row.astype(np.int64) * columns + crossing.column.astype(np.int64)
    whole = np.bincount(place, watts, minlength=rows * columns).reshape(rows, columns)
    return (whole / size**2).astype(np.float32)
