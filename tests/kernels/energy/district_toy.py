"""Networks of heat drawn by hand for tests: a single pipe, a tree of fifty, and a year without weather records."""

import numpy as np
import xarray as xr

from kernels.energy.carriers import NETWORK_SOURCES

HOURS = 8760
_HOUR = np.arange(HOURS)


def forcing(hours=HOURS):
    """A year of cosines: coldest on 21 January, 3 K by day and night."""
    hour = _HOUR[:hours]
    air = 284.0 - 8.0 * np.cos(2 * np.pi * (hour / 24 - 20) / 365) + 3.0 * np.sin(2 * np.pi * (hour - 8) / 24)
    return xr.Dataset({
        "air_temperature": ("time", air), "week_hour": ("time", hour % 168),
        "local_month": ("time", np.minimum(hour // 730, 11)),
    })  # fmt: skip


def layers(
    above, length, diameter, consumer_pipe, source="gas", network=None, consumer_network=None, sewers=(), **plant
):
    """Layers of one network, or of several where ``network`` names that of each pipe; ``sewers`` as rows of network,
    collector and flow."""
    pipes, consumers = len(above), len(consumer_pipe)
    of = np.zeros(pipes, int) if network is None else np.asarray(network)
    count = int(of.max()) + 1
    usual = {
        "source": NETWORK_SOURCES.index(source), "source_capacity": np.inf, "boiler_capacity": np.inf,
        "boiler_efficiency": 0.92, "winter_supply": 338.15, "summer_supply": 328.15, "consumer_return": 313.15,
        "winter_air": 265.15, "waste_heat": 0.0,
    }  # fmt: skip
    found = {f"network_{name}": ("network", np.full(count, value, float)) for name, value in (usual | plant).items()}
    pipe = {
        "network": of, "above": np.asarray(above), "length": np.broadcast_to(np.asarray(length, float), pipes),
        "diameter": np.broadcast_to(np.asarray(diameter, float), pipes), "transmittance": np.full(pipes, 0.2),
    }  # fmt: skip
    whose = np.zeros(consumers, int) if consumer_network is None else np.asarray(consumer_network)
    consumer = {"network": whose, "pipe": np.asarray(consumer_pipe), "building": np.arange(consumers)}
    field = {
        "network": 0, "boreholes": 60, "depth": 150.0, "spacing": 7.0, "ground_temperature": 286.0, "conductivity": 2.0,
        "diffusivity": 1e-6, "resistance": 0.1,
    }  # fmt: skip
    month = np.arange(12)
    found |= {f"pipe_{name}": ("network_pipe", values) for name, values in pipe.items()}
    found |= {f"consumer_{name}": ("network_consumer", values) for name, values in consumer.items()}
    found |= {f"borefield_{name}": ("network_borefield", [value]) for name, value in field.items()}
    found["network_soil_temperature"] = ("month", 284.0 - 5.0 * np.cos(2 * np.pi * (month - 1.5) / 12))
    found["sewer_inflow_temperature"] = ("month", 288.15 - 4.0 * np.cos(2 * np.pi * (month - 1) / 12))
    found["sewer_flow_pattern"] = ("day_hour", 1.0 - 0.5 * np.cos(2 * np.pi * (np.arange(24) - 4) / 24))
    if sewers:
        rows = np.array(sewers, float)
        for name, values in (("network", rows[:, 0]), ("collector", rows[:, 1]), ("flow", rows[:, 2])):
            found[f"sewer_{name}"] = ("network_sewer", values)
        found["sewer_conductance"] = ("network_sewer", np.zeros(len(rows)))
    return xr.Dataset(found)


def single(source="gas", length=500.0, **more):
    """One pipe from the plant to one consumer."""
    return layers([-1], length, 0.1, [0], source, **more)


def tree(source="gas", consumers=50, **more):
    """A bent main with fifty consumers, each behind a pipe of its own."""
    chance = np.random.default_rng(4)
    above = [-1, *(int(chance.integers(max(0, one - 5), one)) for one in range(1, consumers)), *range(consumers)]
    length = np.concatenate((np.full(consumers, 40.0), np.full(consumers, 12.0)))
    diameter = np.concatenate((np.full(consumers, 0.1), np.full(consumers, 0.03)))
    return layers(above, length, diameter, np.arange(consumers, 2 * consumers), source, **more)


def demand(consumers=50, hours=HOURS):
    """Heat by the air, and hot water in three hours of ten."""
    chance = np.random.default_rng(1)
    air = forcing(hours)["air_temperature"].values
    warmth = np.clip(288.15 - air, 0.0, None) * 350.0 * chance.uniform(0.5, 1.5, (consumers, 1))
    drawn = np.where(chance.uniform(size=(consumers, hours)) < 0.3, chance.uniform(0, 3e3, (consumers, hours)), 0.0)
    return warmth + drawn
