"""The question "where would so many trees help most people?", put to a city and a heat day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from kernels.contract import Kernel
from kernels.quantities import LANGUAGES, Language
from scenarios.compare_heat import Affected, affected_by
from scenarios.edits import Tree
from scenarios.ground import ground_of_run
from scenarios.heat_exposure import AROUND, HeatExposure
from scenarios.hot_hours import hot_hours
from scenarios.plant_trees import Aim, Planted, Planting, Recorded, plant
from scenarios.planting_sites import PLANTABLE, Clearances, TreeSize, plantable, promising
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from scenarios.weather import weather_forcing
from twin.city import City
from twin.tree_species import transmissivity

Record = Callable[[Any, xr.Dataset, xr.Dataset, list[float]], Recorded]
"""Runs a kernel once and keeps what warm reruns need: `kernels.heat.recorded.Recorded` is one."""
PREFIX = "plant-"
"""Ids of the trees that are planted begin with this."""
POOL_PER_TREE, SMALLEST_POOL = 4, 60
"""Sites that are tried with the kernel, for each tree asked for and at least. [1]"""

ASSUMPTIONS: tuple[dict[Language, str], ...] = (
    {
        "fr": "Égouts, câbles, caves et autres réseaux sous les sites ne sont pas connus : chaque site est à vérifier.",
        "nl": "Riolen, kabels, kelders en leidingen onder de plaatsen zijn niet bekend: elke plaats is na te gaan.",
        "en": "Sewers, cables, cellars and other works under the sites are not known: each site is to be checked.",
    },
    {
        "fr": "Les arbres comptent à leur taille adulte et bien arrosés ; il leur faut des années pour y venir.",
        "nl": "De bomen tellen met hun volwassen maat en genoeg water; ze hebben jaren nodig om die te bereiken.",
        "en": "Trees count at their grown size and with enough water; they need years to get there.",
    },
    {
        "fr": f"Un habitant profite de la fraîcheur du sol ouvert à {AROUND:g} m au plus de son immeuble ; les "
        "passants et ceux qui travaillent là ne sont pas comptés.",
        "nl": f"Een bewoner heeft baat bij koelte op open grond tot {AROUND:g} m van zijn gebouw; voorbijgangers en "
        "wie er werkt, tellen niet mee.",
        "en": f"A resident benefits from cooler open ground within {AROUND:g} m of their building; passers-by and "
        "those who work there are not counted.",
    },
)


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes
    ----------
    trees : int
    size : TreeSize
        Its transmissivity is replaced by that of its species in the month of the run.
    aim : {"degrees", "hours"}
        See `scenarios.plant_trees.plant`.
    clear : Clearances
    grounds : tuple of str
        Land covers that may be planted.
    pool : int or None
        Sites that are tried; None takes `POOL_PER_TREE` for each tree, at least `SMALLEST_POOL`.
    """

    trees: int = 50
    size: TreeSize = field(default_factory=TreeSize)
    aim: Aim = "degrees"
    clear: Clearances = field(default_factory=Clearances)
    grounds: tuple[str, ...] = PLANTABLE
    pool: int | None = None


@dataclass(frozen=True)
class Answer:
    """Where the trees go, and whom they help.

    Attributes
    ----------
    planting : Planting
    scenario : Scenario
        With the trees as edits.
    affected : Affected
        In the hot hours, against the scenario without them.
    possible : int
        Cells in which a trunk could stand.
    tried : int
        Sites that were tried with the kernel.
    """

    planting: Planting
    scenario: Scenario
    affected: Affected
    possible: int
    tried: int


def best_trees(
    city: City,
    scenario: Scenario,
    question: Question,
    *,
    record: Record,
    table: Sequence[type[Kernel]] | None = None,
    before: Sequence[Planted] = (),
    on_progress: Callable[[float, str], None] | None = None,
    on_tree: Callable[[Planting], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Answer:
    """Search where trees help most people on a heat day.

    Parameters
    ----------
    city : City
    scenario : Scenario
        A heat day, without the trees; its other edits stay. It is computed to the end of its hot hours.
    question : Question
    record : callable
        See `Record`.
    table : sequence of kernel classes, optional
        Default: ``kernels.KERNELS``.
    before : sequence of Planted
        Trees of an earlier search that goes on.
    on_progress, on_tree, cancelled : callable, optional
        As for `scenarios.plant_trees.plant`.

    Raises
    ------
    ScenarioError
        The scenario is no heat day, or nobody is known to live there.
    scenarios.problem.Cancelled
    """
    tell = on_progress or (lambda fraction, words: None)
    tell(0.0, "layers")
    situation = scenario.situation(city)
    kernel = _heat_of(scenario, table)
    grid = scenario.grid(city)
    ground = ground_of_run(scenario, situation, grid, [kernel])
    times = scenario.period.times()
    hot = hot_hours(scenario.period.start, times)
    if not hot.any():
        raise ScenarioError("has no output time between 12 and 18 h in Brussels; let it cover the afternoon", "period")
    last = int(np.flatnonzero(hot)[-1]) + 1
    times, hot = times[:last], hot[:last]
    forcing = _weather_of(scenario, situation.city)
    on = HeatExposure(situation, ground)
    weights = on.weights()
    if not weights.any():
        raise ScenarioError("nobody is known to live near open ground here; a city with sectors and homes is needed")
    cells = plantable(on, ground, question.clear, question.grounds)
    if not cells.any():
        raise ScenarioError(f"there is no plantable ground of the kinds {', '.join(question.grounds)}", "grounds")
    tell(0.02, "heat day")
    recorded = record(kernel, ground, forcing, times)
    chosen = np.flatnonzero(hot)
    first = recorded.fields["utci"].values[chosen].astype(np.float32)
    size = _in_month(question.size, scenario.period.start.month)
    most = question.pool or max(POOL_PER_TREE * question.trees, SMALLEST_POOL)
    moments = np.array(times)[chosen]
    sun = [_at(forcing, name, moments) for name in ("solar_elevation_angle", "solar_azimuth_angle")]
    sites = promising(
        cells, first, weights, hot[chosen], _at(forcing, "air_temperature", moments), np.column_stack(sun),
        grid=grid, size=size, most=most,
    )  # fmt: skip
    planting = plant(
        recorded, ground, weights, sites, question.trees, hot, grid=grid, size=size, aim=question.aim,
        apart=question.clear.tree, before=before, on_tree=on_tree, cancelled=cancelled,
        on_progress=lambda part, words: tell(0.2 + 0.8 * part, words),
    )  # fmt: skip
    change = np.einsum("t,tyx->yx", hot[chosen], recorded.fields["utci"].values[chosen].astype(float) - first)
    return Answer(
        planting,
        with_trees(scenario, planting.trees, size),
        affected_by(on, change / hot.sum(), float(hot.sum())),
        int(cells.sum()),
        len(sites),
    )


def with_trees(scenario: Scenario, trees: Sequence[Planted], size: TreeSize) -> Scenario:
    """The scenario with trees planted, and told so in its name."""
    edits = [
        Tree(
            id=f"{PREFIX}{number:03d}", point=[tree.x, tree.y], species=size.species, height_m=size.height,
            crown_diameter_m=size.crown_diameter, crown_base_m=size.crown_base,
        )
        for number, tree in enumerate(trees, 1)
    ]  # fmt: skip
    more = {"fr": "arbres plantés", "nl": "bomen geplant", "en": "trees planted"}
    name = {key: f"{scenario.name[key]} – {len(trees)} {more[key]}" for key in LANGUAGES if key in scenario.name}
    return scenario.model_copy(update={"edits": [*scenario.edits, *edits], "name": name})


def without_trees(scenario: Scenario) -> tuple[Scenario, list[Planted]]:
    """A scenario of an earlier search, and its trees; their gains are not kept in a document and read as NaN."""
    trees = [one for one in scenario.edits if isinstance(one, Tree) and one.id.startswith(PREFIX)]
    others = [one for one in scenario.edits if one not in trees]
    return scenario.model_copy(update={"edits": others}), [Planted(one.point[0], one.point[1], np.nan) for one in trees]


def _heat_of(scenario: Scenario, table: Sequence[type[Kernel]] | None) -> Kernel:
    for one in scenario.chosen(table):
        if "utci" in one.gives:
            return one
    raise ScenarioError(
        f"runs {', '.join(scenario.kernels)}, and none of them knows what one feels; run heat", "kernels"
    )


def _weather_of(scenario: Scenario, city: City) -> xr.Dataset:
    weather = scenario.forcing.weather
    if weather is None:
        raise ScenarioError("has no weather; add such as {kind: heat_day}", "forcing.weather")
    found, _ = weather_forcing(weather, scenario.period.start, scenario.period.times(), city)
    return found


def _at(forcing: xr.Dataset, name: str, times: np.ndarray) -> np.ndarray:
    """A variable of the forcing at times. (time,) float64"""
    found: np.ndarray = np.interp(times, forcing["time"].values, forcing[name].values)
    return found


def _in_month(size: TreeSize, month: int) -> TreeSize:
    passes = float(np.asarray(transmissivity([size.species], month))[0])
    return TreeSize(size.height, size.crown_diameter, size.crown_base, passes, size.species)
