"""Packages of measures for a group of buildings: the edits that make them, and what they cost a year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kernels.energy.carriers import FUELS, HEAT_SOURCES
from kernels.energy.hub import KWH
from kernels.quantities import LANGUAGES
from scenarios.energy_words import Words
from scenarios.indicator import words
from twin.energy_measures import Measure
from twin.renovation_standards import renovation_standards

FACADE = 0.2
"""Patches whose normal leans less than this are facades. [1]"""
FACADE_LIGHT = 450.0
"""Facades that get less in a year carry no modules. [kWh m⁻²]"""
PREFIX = "district-"
"""Ids of the edits of a search begin with it."""
RENOVATIONS: Mapping[str, Words] = {
    "none": words("sans rénovation", "zonder renovatie", "no renovation"),
    "light": words("toits et fenêtres", "daken en ramen", "roofs and windows"),
    "deep": words("rénovation complète", "volledige renovatie", "deep renovation"),
    "passive": words("rénovation passive", "passieve renovatie", "passive renovation"),
}
SUPPLIES: Mapping[str, Words] = {
    "keep": words("chauffage gardé", "verwarming behouden", "heating as it is"),
    "air_heat_pump": words("pompe à chaleur sur air", "lucht-warmtepomp", "air heat pump"),
    "ground_heat_pump": words("pompe à chaleur géothermique", "bodem-warmtepomp", "ground heat pump"),
    "network": words("réseau de chaleur à pompe à chaleur sur air", "warmtenet met lucht-warmtepomp",
                     "heat network with an air heat pump"),
}  # fmt: skip
NETWORK = {"source": "air", "cover": 0.6, "supply_c": 60.0, "back_c": 35.0}
"""The network that a group of its own gets."""
SUNS: Mapping[str, Words] = {
    "none": words("sans modules", "zonder panelen", "no modules"),
    "some": words("modules sur 30 % des toits", "panelen op 30 % van de daken", "modules on 30% of roofs"),
    "roofs": words("modules sur 60 % des toits", "panelen op 60 % van de daken", "modules on 60% of roofs"),
    "all": words("modules sur 60 % des toits et 30 % des façades", "panelen op 60 % van de daken en 30 % van de gevels",
                 "modules on 60% of roofs and 30% of facades"),
}  # fmt: skip
_ROOFS, _FACADES = {"none": 0.0, "some": 0.3, "roofs": 0.6, "all": 0.6}, {"all": 0.3}


@dataclass(frozen=True, order=True)
class Package:
    """What is done to a group of buildings.

    Attributes
    ----------
    renovation, supply, sun : str
        Of `RENOVATIONS`, `SUPPLIES` and `SUNS`.
    battery : float
        By peak power of modules. [kWh kWp⁻¹]
    """

    renovation: str = "none"
    supply: str = "keep"
    sun: str = "none"
    battery: float = 0.0

    @property
    def words(self) -> Words:
        """In words, what is done."""
        chosen = ((self.renovation, "none", RENOVATIONS), (self.supply, "keep", SUPPLIES), (self.sun, "none", SUNS))
        named = [table[key] for key, plain, table in chosen if key != plain]
        if self.battery:
            size = f"{self.battery:g} kWh/kWp"
            named.append(words(f"batteries de {size}", f"batterijen van {size}", f"batteries of {size}"))
        if not named:
            return words("rien", "niets", "nothing")
        return words(*(", ".join(one[language] for one in named) for language in LANGUAGES))


NOTHING = Package()


def packages_of(
    renovations: Sequence[str], supplies: Sequence[str], suns: Sequence[str], batteries: Sequence[float]
) -> list[Package]:
    """All packages of some options, nothing first; a battery goes with modules only."""
    found = [
        Package(renovation, supply, sun, battery)
        for renovation, supply, sun, battery in product(renovations, supplies, suns, batteries)
        if battery == 0.0 or sun != "none"
    ]
    return list(dict.fromkeys([NOTHING, *found]))


def edits_of(
    group: str,
    package: Package,
    heated: Sequence[str],
    buildings: Sequence[str],
    better: Mapping[str, float],
    plant: Sequence[float],
) -> list[dict[str, Any]]:
    """The edits of a package, as a document holds them.

    Parameters
    ----------
    group : str
        Key of the group, for ids.
    package : Package
    heated : sequence of str
        Its buildings that are zones.
    buildings : sequence of str
        All of them, annexes too.
    better : mapping
        Values of the renovation, see `improved`; empty where nothing gets better.
    plant : sequence of float
        Where the plant of a network would stand, Lambert 72. [m]
    """
    found: list[dict[str, Any]] = []

    def add(edit: str, what: str, chosen: Sequence[str], **values: Any) -> None:
        if chosen:
            found.append({"edit": edit, "id": f"{PREFIX}{group}-{what}", "buildings": list(chosen), **values})

    if better:
        add("renovate", "renovation", heated, **better)
    if package.supply == "network":
        add("heat_network", "network", heated, plant=list(plant), **NETWORK)
    elif package.supply != "keep":
        add("heat_supply", "supply", heated, source=package.supply)
    if _ROOFS[package.sun]:
        add("solar_modules", "roofs", buildings, on="roofs", share=_ROOFS[package.sun])
    if package.sun in _FACADES:
        add("solar_modules", "facades", buildings, on="facades", share=_FACADES[package.sun],
            least_irradiation_kwh_m2=FACADE_LIGHT)  # fmt: skip
    if package.battery:
        add("battery", "battery", buildings, kwh_per_kwp=package.battery)
    return found


def improved(renovation: str, now: Mapping[str, float]) -> dict[str, float]:
    """Values of a standard that are better than those of a group in the mean; no part is made worse.

    Parameters
    ----------
    renovation : str
    now : mapping
        Means of the group: ``roof_u``, ``wall_u``, ``floor_u``, ``window_u``, ``infiltration``, ``heat_recovery``.
    """
    if renovation == "none":
        return {}
    wanted = renovation_standards()[renovation].values
    found = {
        name: value for name, value in wanted.items()
        if name in now and (value > now[name] if name == "heat_recovery" else value < 0.98 * now[name])
    }  # fmt: skip
    if "window_u" in found and "window_g" in wanted:
        found["window_g"] = wanted["window_g"]
    return found


def sizes_of(
    package: Package,
    better: Mapping[str, float],
    layers: xr.Dataset,
    peak_power: NDArray[np.float64],
    before: NDArray[np.float64],
) -> dict[str, float]:
    """How much of each measure of `twin.energy_measures` a package takes, in its units.

    Parameters
    ----------
    package : Package
    better : mapping
        Values of the renovation.
    layers : xarray.Dataset
        Of the group, under the package.
    peak_power : (building,) float
        Highest heating power in the run. [W]
    before : (patch,) float
        Peak power of modules that were there. [W]
    """
    heated = layers["heated_floor_area"].values > 0
    mine = heated[layers["face_building"].values]
    area, glass = layers["face_area"].values[mine], layers["face_window_area"].values[mine]
    wall = layers["face_kind"].values[mine] == 1
    found = dict.fromkeys(("roof", "wall", "floor", "window", "ventilation"), 0.0)
    if "roof_u" in better:
        found["roof"] = float((area - glass)[~wall].sum())
    if "wall_u" in better:
        found["wall"] = float((area - glass)[wall].sum())
    if "floor_u" in better:
        found["floor"] = float(layers["ground_floor_area"].values[heated].sum())
    if "window_u" in better:
        found["window"] = float(glass.sum())
    if "heat_recovery" in better:
        found["ventilation"] = float(layers["heated_floor_area"].values[heated].sum())
    source, networked = layers["heat_source"].values, layers["heat_network"].values >= 0
    burns = heated & ~networked & np.isin(source, [HEAT_SOURCES.index(one) for one in FUELS])
    found["gas_boiler"] = float(peak_power[burns].sum()) / 1e3
    if package.supply == "network":
        found["network_pipe"] = float(layers["pipe_length"].values.sum())
        found["network_plant"] = float(layers["network_source_capacity"].values.sum()) / 1e3
        found["gas_boiler"] += float(layers["network_boiler_capacity"].values.sum()) / 1e3
    elif package.supply != "keep":
        pumps = heated & ~networked & (source == HEAT_SOURCES.index(package.supply))
        found[package.supply] = float(layers["heat_pump_capacity"].values[pumps].sum()) / 1e3
    added = np.maximum(layers["photovoltaic_peak_power"].values - before, 0.0) / 1e3
    facade = np.abs(layers["patch_up"].values) < FACADE
    found["roof_modules"], found["facade_modules"] = float(added[~facade].sum()), float(added[facade].sum())
    if package.battery:
        found["battery"] = float(layers["battery_capacity"].values.sum()) / KWH
    return {name: value for name, value in found.items() if value > 0.0}


def cost_of(sizes: Mapping[str, float], table: Mapping[str, Measure], rate: float) -> tuple[float, float]:
    """What measures cost once [EUR], and each year with interest and upkeep [EUR a⁻¹]."""
    once = sum(amount * table[name].cost for name, amount in sizes.items())
    return once, sum(amount * table[name].yearly(rate) for name, amount in sizes.items())
