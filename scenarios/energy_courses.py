"""Courses of a district for charts: flows from source to use, hours, months and sorted loads, as plain JSON."""

from typing import Any

import numpy as np

from kernels.energy.hub import KWH
from kernels.quantities import QUANTITIES, Language
from scenarios.district_hours import HOUR, DistrictHours, hours_of_result, start_of
from scenarios.indicator import words
from scenarios.tariffs import local_middles
from twin.result import Result

POINTS = 400
"""Points of a sorted curve; between them it is straight."""
MOST_DAYS = 31
"""Days that one answer of hours holds."""
CHART = (
    "appliances", "heat_pumps", "resistance", "chillers", "vehicles", "plant_electricity", "photovoltaic", "battery",
    "curtailed", "bought", "given", "unserved", "gas", "plant_gas", "network_heat", "heating", "hot_water", "cooling",
)  # fmt: skip
"""Series of a chart, in its order, without their prefix; those that are nil all through are left out."""

_NODES: dict[str, tuple[int, dict[Language, str]]] = {
    "grid": (0, words("Réseau électrique", "Elektriciteitsnet", "Electricity grid")),
    "sun": (0, words("Soleil", "Zon", "Sun")),
    "fuel": (0, words("Combustible", "Brandstof", "Fuel")),
    "ambient": (0, words("Chaleur ambiante", "Omgevingswarmte", "Ambient heat")),
    "electricity": (1, words("Électricité", "Elektriciteit", "Electricity")),
    "battery": (2, words("Batteries", "Batterijen", "Batteries")),
    "heat_pumps": (2, words("Pompes à chaleur", "Warmtepompen", "Heat pumps")),
    "boilers": (2, words("Chaudières", "Ketels", "Boilers")),
    "network": (2, words("Réseaux de chaleur", "Warmtenetten", "Heat networks")),
    "heat": (3, words("Chaleur", "Warmte", "Heat")),
    "heating": (4, words("Chauffage", "Verwarming", "Heating")),
    "hot_water": (4, words("Eau chaude", "Warm water", "Hot water")),
    "appliances": (4, words("Appareils et éclairage", "Toestellen en verlichting", "Appliances and light")),
    "cooling": (4, words("Froid", "Koeling", "Cooling")),
    "vehicles": (4, words("Véhicules", "Voertuigen", "Vehicles")),
    "export": (4, words("Injection au réseau", "Injectie op het net", "Given to the grid")),
    "curtailed": (4, words("Production écrêtée", "Afgetopte productie", "Cut off")),
    "losses": (4, words("Pertes", "Verliezen", "Losses")),
}


def sankey(result: Result) -> dict[str, Any]:
    """Flows of a run from its sources to its uses; see `flows_of`."""
    return flows_of(hours_of_result(result))


def flows_of(hours: DistrictHours) -> dict[str, Any]:
    """Flows from sources to uses, every node of which closes.

    Returns
    -------
    dict
        ``nodes``: key, label, column, ``through`` [kWh]; ``links``: source, target, value [kWh]; ``battery``: charged
        and discharged [kWh]; ``neighbours_kwh``, what buildings give each other; ``imbalance_kwh``, what the books of
        the run leave open.

    Notes
    -----
    What one building has over serves its neighbours before it leaves the district. Batteries are one link of what they
    keep and lose, so that no flow runs in a circle. Losses of heat are those of flues, of stores and of what they still
    hold at the end. Cooling is its electricity.
    """
    total = {name: float(one.sum()) * HOUR / KWH for name, one in hours.series.items() if name[-6:] != "energy"}
    kept = float(hours["battery"].sum()) * HOUR / KWH  # above nil a battery gave more than it took
    shared = max(total["bought"] - float(np.maximum(hours.net, 0.0).sum()) * HOUR / KWH, 0.0)
    plants = total["plant_electricity"] + total["plant_gas"]
    tapped = min(max(total["network_heat"] + total["network_loss"] - plants, 0.0), total["ambient_heat"])
    pumps = total["heat_pumps"] + total["ambient_heat"] - tapped
    network = plants + tapped
    heat = pumps + total["gas"] + total["resistance"] + total["network_heat"]
    warmed = total["heating"] - total["unserved"]  # networks that lack power leave rooms cold
    flows = [
        ("grid", "electricity", total["bought"] - shared),
        ("sun", "electricity", total["photovoltaic"] - total["curtailed"]),
        ("sun", "curtailed", total["curtailed"]),
        ("battery", "electricity", kept),
        ("electricity", "battery", -kept),
        ("battery", "losses", -kept),
        *(("electricity", name, total[name]) for name in ("appliances", "heat_pumps", "vehicles")),
        ("electricity", "heat", total["resistance"]),
        ("electricity", "cooling", total["chillers"]),
        ("electricity", "network", total["plant_electricity"]),
        ("electricity", "export", total["given"] - shared),
        ("fuel", "boilers", total["gas"]),
        ("fuel", "network", total["plant_gas"]),
        ("ambient", "heat_pumps", total["ambient_heat"] - tapped),
        ("ambient", "network", tapped),
        ("heat_pumps", "heat", pumps),
        ("boilers", "heat", total["gas"]),
        ("network", "heat", total["network_heat"]),
        ("network", "losses", network - total["network_heat"]),
        ("heat", "heating", warmed),
        ("heat", "hot_water", total["hot_water"]),
        ("heat", "losses", heat - warmed - total["hot_water"]),
    ]
    shown = [(a, b, round(value, 3)) for a, b, value in flows if value > 5e-4]
    overdrawn = sum(-value for _, b, value in flows if b == "losses" and value < 0.0) - max(kept, 0.0)
    through = {
        key: max(sum(value for a, _, value in shown if a == key), sum(value for _, b, value in shown if b == key))
        for key in _NODES
    }
    nodes = [
        {"key": key, "label": dict(label), "column": column, "through": round(through[key], 3)}
        for key, (column, label) in _NODES.items()
        if through[key] > 0.0
    ]
    battery = hours["battery"] * HOUR / KWH
    return {
        "nodes": nodes,
        "links": [{"source": a, "target": b, "value": value} for a, b, value in shown],
        "battery": {
            "charged_kwh": round(float(np.maximum(-battery, 0.0).sum()), 3),
            "discharged_kwh": round(float(np.maximum(battery, 0.0).sum()), 3),
        },
        "neighbours_kwh": round(shared, 3),
        "imbalance_kwh": round(float(np.abs(hours.imbalance).sum()) * HOUR / KWH + max(overdrawn, 0.0), 6),
    }


def load_duration(result: Result) -> dict[str, Any]:
    """Sorted loads of a run; see `sorted_loads`."""
    return sorted_loads(hours_of_result(result))


def sorted_loads(hours: DistrictHours) -> dict[str, Any]:
    """Import, export and heat, from the highest hour to the lowest, thinned to `POINTS`. [kW]"""
    net = hours.net
    courses = {
        "import_kw": np.maximum(net, 0.0),
        "export_kw": np.maximum(-net, 0.0),
        "heat_kw": hours["heating"] + hours["hot_water"],
    }
    # the highest hours matter most: they are all there, the others by their rank
    at = np.unique(
        np.concatenate([np.arange(min(24, net.size)), np.linspace(0, net.size - 1, POINTS - 24).astype(int)])
    )
    return {
        "hours": (at + 1).tolist(),
        **{name: np.round(np.sort(one)[::-1][at] / 1e3, 3).tolist() for name, one in courses.items()},
    }


def hourly(result: Result, first_day: int = 0, days: int = 7) -> dict[str, Any]:
    """The hours of some days, mean powers. [kW]

    Parameters
    ----------
    result : Result
    first_day : int
        From the start of the period.
    days : int
        At most `MOST_DAYS`.
    """
    hours = hours_of_result(result)
    first = min(max(first_day, 0) * 24, max(hours.count - 1, 0))
    last = min(first + 24 * min(max(days, 1), MOST_DAYS), hours.count)
    return {
        "start": start_of(result).isoformat().replace("+00:00", "Z"),
        "hours": hours.count,
        "time_s": [int(number * HOUR) for number in range(first, last)],
        "series": _series(hours, "kW", lambda one: one[first:last] / 1e3),
    }


def monthly(result: Result) -> dict[str, Any]:
    """Sums of the months of the clock of Brussels. [MWh]"""
    hours = hours_of_result(result)
    names = [f"{one.year}-{one.month:02d}" for one in local_middles(start_of(result), hours.count)]
    months = list(dict.fromkeys(names))
    number = {name: place for place, name in enumerate(months)}
    row = np.array([number[name] for name in names])
    return {
        "months": months,
        "series": _series(hours, "MWh", lambda one: np.bincount(row, one, len(months)) * HOUR / KWH / 1e3),
    }


def _series(hours: DistrictHours, units: str, made: Any) -> list[dict[str, Any]]:
    return [
        {
            "key": name,
            "label": dict(QUANTITIES[f"district_{name}"].label),
            "units": units,
            "values": np.round(made(hours[name]), 3).tolist(),
        }
        for name in CHART
        if hours[name].any()
    ]
