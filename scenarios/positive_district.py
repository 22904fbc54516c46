"""The cheapest set of measures that makes a district positive, and choices that none beats in cost, CO2 and peak."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from kernels.energy.balance import FACTOR_SETS, Factors, judge
from kernels.energy.hub import KWH
from scenarios.district_hours import FUELS, HOUR
from scenarios.district_parts import NETWORKED, DistrictParts, Part, together
from scenarios.energy_balance import factors_of, table_of, year_of
from scenarios.indicator import comma, words
from scenarios.measure_packages import NOTHING, RENOVATIONS, SUNS, SUPPLIES, Package, packages_of
from scenarios.pareto import evolve, front_of
from scenarios.problem import Cancelled, ScenarioError
from scenarios.scenario import Scenario
from twin.city import City
from twin.energy_measures import measures

OnProgress = Callable[[float, str], None]
YEAR = 8760.0
"""[h]"""
SHOWN = 40
"""Choices of the front that an answer holds, spread over its costs."""
ASSUMPTIONS = (
    words(
        "Les coûts des mesures sont supposés (assets/energy_measures.csv) ; ils comptent en annuités avec l'entretien, "
        "sans primes.",
        "De kosten van de maatregelen zijn aangenomen (assets/energy_measures.csv); ze tellen als annuïteiten met "
        "onderhoud, zonder premies.",
        "Costs of measures are assumed (assets/energy_measures.csv); they count as annuities with upkeep, without "
        "grants.",
    ),
    words(
        "Un groupe de bâtiments reçoit une même formule ; les heures du quartier sont la somme exacte de celles de ses "
        "groupes, toutes calculées par le noyau.",
        "Een groep gebouwen krijgt één pakket; de uren van de wijk zijn de exacte som van die van haar groepen, alle "
        "door de kern berekend.",
        "A group of buildings gets one package; hours of the district are the exact sum of those of its groups, all "
        "computed by the kernel.",
    ),
    words(
        "La recherche croise et modifie des choix (NSGA-II), puis améliore le meilleur groupe par groupe : rien ne "
        "prouve qu'il n'y en a pas de moins cher.",
        "De zoektocht kruist en wijzigt keuzes (NSGA-II) en verbetert dan de beste groep per groep: niets bewijst dat "
        "er geen goedkopere is.",
        "The search crosses and changes choices (NSGA-II), then betters the best group by group: nothing proves that "
        "none is cheaper.",
    ),
)
"""What a reader of an answer must know."""


@dataclass(frozen=True)
class Question:
    """What is searched.

    Attributes
    ----------
    renovations, supplies, suns : tuple of str
        Options, of `scenarios.measure_packages`.
    batteries : tuple of float
        By peak power of modules. [kWh kWp⁻¹]
    factors : str
        Set by which the district is to be positive, of `kernels.energy.balance.FACTOR_SETS`; the balance is that of a
        dynamic district within its geographical boundary.
    context : float
        Credit by floor area. [kWh m⁻² a⁻¹]
    by : {"period", "sector"}
        Buildings that get one package.
    sectors : tuple of str or None
        The district; None is the whole city.
    rate : float
        Of interest. [1]
    generations, population, seed : int
    """

    renovations: tuple[str, ...] = ("none", "deep", "passive")
    supplies: tuple[str, ...] = ("keep", "air_heat_pump", "ground_heat_pump")
    suns: tuple[str, ...] = ("none", "some", "roofs", "all")
    batteries: tuple[float, ...] = (0.0, 1.0)
    factors: str = "f_el 1.9"
    context: float = 0.0
    by: Literal["period", "sector"] = "period"
    sectors: tuple[str, ...] | None = None
    rate: float = 0.025
    generations: int = 60
    population: int = 80
    seed: int = 0

    def __post_init__(self) -> None:
        for name, table in (("renovations", RENOVATIONS), ("supplies", SUPPLIES), ("suns", SUNS)):
            if strange := [one for one in getattr(self, name) if one not in table]:
                raise ScenarioError(f"has {strange[0]!r}; there are {', '.join(table)}", name)
        if self.factors not in FACTOR_SETS:
            raise ScenarioError(f"is {self.factors!r}; there are {', '.join(FACTOR_SETS)}", "factors")
        if self.generations < 0 or self.population < 2:
            raise ScenarioError("takes 0 generations or more of 2 or more", "generations")


@dataclass(frozen=True, eq=False)
class Choice:
    """One package for each group, and what comes of it.

    Attributes
    ----------
    packages : dict of str to Package
        By group.
    once, cost : float
        Measures [EUR]; measures and energy in a year [EUR a⁻¹].
    carbon_dioxide : float
        [kg]
    peak : float
        Highest import. [W]
    balance : float
        By the question's factors, context included. [J, or kg]
    """

    packages: dict[str, Package]
    once: float
    cost: float
    carbon_dioxide: float
    peak: float
    balance: float


@dataclass(frozen=True, eq=False)
class Answer:
    """What the search found.

    Attributes
    ----------
    cheapest : Choice or None
        The cheapest that is positive; None where none of the options makes the district so.
    nearest : Choice
        The one with the highest balance of all options: where even it is below nil, none is positive.
    now : Choice
        Nothing done.
    front : list of Choice
        None beats another in yearly cost, CO2 and peak at once; by cost.
    proven : bool
        Whether ``nearest`` is proven to have the highest balance of all options, so that a "none" is one.
    scenario : Scenario
        The document with the edits of ``cheapest``, else of ``nearest``.
    table : dict
        Its verdicts, see `scenarios.energy_balance.table_of`.
    floor_area : float
        [m²]
    runs, judged : int
        Runs of the kernel, and choices that were put together from them.
    """

    cheapest: Choice | None
    nearest: Choice
    now: Choice
    front: list[Choice]
    proven: bool
    scenario: Scenario
    table: dict[str, Any]
    floor_area: float
    runs: int
    judged: int


def search(
    city: City,
    scenario: Scenario,
    question: Question,
    on_progress: OnProgress = lambda share, text: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Answer:
    """Search the cheapest set of measures with which a district gives at least as much as it takes.

    Parameters
    ----------
    city : City
        As imported.
    scenario : Scenario
        With the kernel energy, a weather and a period, usually a year; its edits stay.
    question : Question
    on_progress : callable
        Told a share and words.
    cancelled : callable
        Asked before every run and generation.

    Raises
    ------
    ScenarioError
        The document has no energy or no weather, or a sector is not there.
    Cancelled
    """
    on_progress(0.0, "layers")
    parts = DistrictParts(city, scenario, question.by, question.sectors, question.rate, cancelled)
    options = [_options(parts, number, question) for number in range(len(parts.groups))]
    whole = sum(map(len, options))
    table: list[list[Part]] = []
    for group, packages in zip(parts.groups, options, strict=True):
        row = []
        for package in packages:
            on_progress(0.9 * parts.runs / whole, f"{group.name}: {package.words['en']}")
            row.append(parts.part(group, package))
        table.append(row)
    judged = _Judged(parts, options, table, question)

    def generation(number: int) -> None:
        if cancelled():
            raise Cancelled("stopped on request")
        on_progress(0.9 + 0.1 * number / max(question.generations, 1), f"generation {number + 1}")

    best_balance = np.array([int(np.argmax(balances)) for balances in judged.alone])
    first = [np.zeros(len(options), np.int64), best_balance, *judged.uniform()]
    known = evolve(
        [len(one) for one in options], judged, first, question.generations, question.population, question.seed,
        generation,
    )  # fmt: skip
    allowed = [key for key, (_, lacks) in known.items() if lacks <= 0.0]
    cheapest = None
    if allowed:
        start = min(allowed, key=lambda key: (known[key][0][0], key))
        cheapest = judged.bettered(np.array(start))
    nearest = max([*map(np.array, known)], key=lambda one: judged.choice(one).balance)
    keys = list(known)
    front = [keys[row] for row in front_of(np.array([known[key][0] for key in keys]))]
    shown = [front[int(row)] for row in np.unique(np.linspace(0, len(front) - 1, min(SHOWN, len(front))).round())]
    chosen = nearest if cheapest is None else cheapest
    on_progress(1.0, "done")
    return Answer(
        cheapest=None if cheapest is None else judged.choice(cheapest),
        nearest=judged.choice(nearest),
        now=judged.choice(np.zeros(len(options), np.int64)),
        front=[judged.choice(np.array(one)) for one in shown],
        proven=judged.separable,
        scenario=parts.document(judged.packages(chosen)),
        table=judged.verdicts(chosen),
        floor_area=parts.floor_area,
        runs=parts.runs,
        judged=len(known),
    )


def _options(parts: DistrictParts, number: int, question: Question) -> list[Package]:
    """Packages of a group: a renovation that makes nothing better, and another source of networks, are left out."""
    group = parts.groups[number]
    renovations = [one for one in question.renovations if one == "none" or parts.better(group, one)]
    supplies = ["keep"] if group.key == NETWORKED else question.supplies
    if any(one.key == NETWORKED for one in parts.groups):
        supplies = [one for one in supplies if one != "network"]  # the document's own networks are not laid again
    return packages_of(renovations, supplies, question.suns, question.batteries)


class _Judged:
    """Choices put together from the parts: objectives (cost, CO2, peak), and what each lacks to be positive."""

    def __init__(
        self, parts: DistrictParts, options: Sequence[list[Package]], table: Sequence[list[Part]], question: Question
    ) -> None:
        self.parts, self.options, self.table, self.question = parts, options, table, question
        sets = factors_of(parts.courses.carbon)
        self.factors: Factors = sets[FACTOR_SETS.index(question.factors)]
        self.carbon: Factors = sets[FACTOR_SETS.index("hourly CO2")]
        count = parts.forcing.sizes["time"]
        self.credit = question.context * KWH * parts.floor_area if self.factors.unit == "J" else 0.0
        self.scale = YEAR / count
        # what crosses the edge and what is burnt is all that the objectives read of a group
        self.net = [np.array([one.hours.net for one in row]) for row in table]
        self.fuel = [np.array([[*map(np.sum, one.hours.fuels.values())] for one in row]) * HOUR for row in table]
        self.money = [np.array([one.yearly + one.bill * self.scale for one in row]) for row in table]
        self.alone = [
            np.array([self._weighed(net, fuel, self.factors) for net, fuel in zip(nets, fuels, strict=True)])
            for nets, fuels in zip(self.net, self.fuel, strict=True)
        ]

    @property
    def separable(self) -> bool:
        """Whether the balance is the sum of those of the groups: what is given counts as much as what is bought."""
        same = np.asarray(self.factors.delivered["electricity"]) == np.asarray(self.factors.exported["electricity"])
        return bool(np.all(same))

    def __call__(self, choice: NDArray[np.int64]) -> tuple[NDArray[np.float64], float]:
        net = np.sum([self.net[group][one] for group, one in enumerate(choice)], axis=0)
        fuel = np.sum([self.fuel[group][one] for group, one in enumerate(choice)], axis=0)
        cost = float(sum(self.money[group][one] for group, one in enumerate(choice)))
        lacks = -(self._weighed(net, fuel, self.factors) + self.credit)
        carbon = -self._weighed(net, fuel, self.carbon) * self.scale
        return np.array([cost, carbon, float(np.maximum(net, 0.0).max())]), lacks

    def uniform(self) -> list[NDArray[np.int64]]:
        """Choices that do the same everywhere, as far as each group has it."""
        every = list(dict.fromkeys(package for row in self.options for package in row))
        return [np.array([row.index(one) if one in row else 0 for row in self.options]) for one in every]

    def bettered(self, choice: NDArray[np.int64]) -> NDArray[np.int64]:
        """The cheapest allowed choice that changing one or two groups at a time leads to."""
        best, cost = choice.copy(), self(choice)[0][0]
        moving = True
        while moving:
            moving = False
            for group, other in [(a, b) for a in range(len(best)) for b in range(a, len(best))]:
                for one in range(len(self.options[group])):
                    for two in range(len(self.options[other])) if other != group else [one]:
                        trial = best.copy()
                        trial[group], trial[other] = one, two
                        # money is a sum: only what is cheaper is put together
                        if self._money(trial) < cost - 1e-9 and self(trial)[1] <= 0.0:
                            best, cost, moving = trial, self._money(trial), True
        return best

    def packages(self, choice: NDArray[np.int64]) -> dict[str, Package]:
        """Package of each group by its key."""
        return {group.key: row[one] for group, row, one in zip(self.parts.groups, self.options, choice, strict=True)}

    def choice(self, choice: NDArray[np.int64]) -> Choice:
        """A choice with its figures."""
        (cost, carbon, peak), lacks = self(choice)
        once = sum(self.table[group][one].once for group, one in enumerate(choice))
        return Choice(self.packages(choice), once, float(cost), float(carbon), float(peak), -lacks)

    def verdicts(self, choice: NDArray[np.int64]) -> dict[str, Any]:
        """The table of a choice."""
        hours = together([self.table[group][one] for group, one in enumerate(choice)])
        year = year_of(hours, self.parts.floor_area, self.parts.doubt)
        found = table_of(year, self.parts.courses, self.question.context)
        lines = judge(year, [self.factors], self.question.context * KWH)
        told = next(one for one in lines if (one.type, one.boundary) == ("dynamic", "geographical"))
        assert abs(told.balance + self(choice)[1]) <= 1e-6 * max(abs(told.balance), 1e6), "two ways to one balance"
        return found

    def _money(self, choice: NDArray[np.int64]) -> float:
        return float(sum(self.money[group][one] for group, one in enumerate(choice)))

    def _weighed(self, net: NDArray[np.float64], fuel: NDArray[np.float64], factors: Factors) -> float:
        """Given away less bought and burnt, by `FUELS`, weighted. [J or kg]"""
        into, out = factors.delivered["electricity"], factors.exported["electricity"]
        electric = float((out * np.maximum(-net, 0.0) - into * np.maximum(net, 0.0)).sum()) * HOUR
        return electric - float(sum(one * factors.delivered[name] for name, one in zip(FUELS, fuel, strict=True)))


def as_json(answer: Answer, question: Question) -> dict[str, Any]:
    """An answer as plain JSON, numbers in EUR, t, kW and MWh."""

    def told(one: Choice) -> dict[str, Any]:
        by_energy = question.factors != "hourly CO2"
        return {
            "groups": {
                key: {"renovation": each.renovation, "supply": each.supply, "sun": each.sun,
                      "battery_kwh_kwp": each.battery, "words": dict(each.words)}
                for key, each in one.packages.items()
            },
            "investment_eur": round(one.once, 0),
            "cost_eur_a": round(one.cost, 0),
            "carbon_dioxide_t_a": round(one.carbon_dioxide / 1e3, 2),
            "peak_kw": round(one.peak / 1e3, 1),
            "balance": round(one.balance / KWH / 1e3 if by_energy else one.balance / 1e3, 3),
            "unit": "MWh" if by_energy else "t",
        }  # fmt: skip

    return {
        "positive": answer.cheapest is not None,
        "cheapest": None if answer.cheapest is None else told(answer.cheapest),
        "nearest": told(answer.nearest),
        "now": told(answer.now),
        "front": [told(one) for one in answer.front],
        "proven": answer.proven,
        "factors": question.factors,
        "floor_area_m2": round(answer.floor_area, 1),
        "runs": answer.runs,
        "judged": answer.judged,
        "why": dict(why_of(answer, question)),
        "costs": [{"measure": one.name, "unit": one.unit, "eur": one.cost, "life_a": one.life, "date": one.date,
                   "source": one.source} for one in measures().values()],
        "assumptions": [dict(one) for one in ASSUMPTIONS],
    }  # fmt: skip


def why_of(answer: Answer, question: Question) -> dict[Any, str]:
    """The answer in a sentence."""
    scale, unit = (KWH * 1e3, "MWh") if question.factors != "hourly CO2" else (1e3, "t CO2")
    if answer.cheapest is not None:
        more = f"{answer.cheapest.cost - answer.now.cost:+,.0f}".replace(",", " ")
        return words(
            f"Positif, pour {more} EUR par an par rapport à ne rien faire.",
            f"Positief, voor {more} EUR per jaar tegenover niets doen.",
            f"Positive, for {more} EUR a year against doing nothing.",
        )
    lacks = f"{-answer.nearest.balance / scale:.1f}"
    sure = ("", "", "") if answer.proven else (" trouvée", " gevonden", " found")
    return words(
        "Aucune de ces mesures ne rend le quartier positif : "
        f"il manque encore {comma(lacks)} {unit} à la meilleure{sure[0]}.",
        f"Geen van deze maatregelen maakt de wijk positief: de beste{sure[1]} komt nog {comma(lacks)} {unit} tekort.",
        f"None of these measures makes the district positive: the best{sure[2]} still lacks {lacks} {unit}.",
    )


__all__ = ["ASSUMPTIONS", "NOTHING", "Answer", "Choice", "Question", "as_json", "search", "why_of"]
