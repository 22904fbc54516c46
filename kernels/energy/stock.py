"""A stock of buildings over years: how its components age, what a budget mends, and what that does to energy."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numba import njit

from kernels.contract import LayerError

CLASSES = 6
"""Classes of condition, 1 as new to 6 very poor, as NEN 2767-1 counts them."""

STRATEGIES = ("worst_first", "cost_benefit", "energy")
"""Orders in which works are paid."""


@dataclass(frozen=True)
class Stock:
    """Components of buildings, all (component,).

    Attributes
    ----------
    identity : int
        Any number of its own for each, which its luck hangs on: another order of components changes nothing.
    condition : int
        Class, 1 to 6.
    life : float64
        From new to class 6 with upkeep every year. [year]
    cost : float64
        Of renewal, prices of the first year. [EUR]
    importance : float64
        Weight of its condition beside its cost. [1]
    energy, energy_renewed : float64
        Used in a year because of it, now and after renewal, each in class 1. [J]
    carbon : float64
        CO2 of its energy. [kg J⁻¹]
    """

    identity: np.ndarray
    condition: np.ndarray
    life: np.ndarray
    cost: np.ndarray
    importance: np.ndarray
    energy: np.ndarray
    energy_renewed: np.ndarray
    carbon: np.ndarray

    def __post_init__(self) -> None:
        many = np.shape(self.identity)
        for name, values in vars(self).items():
            if np.ndim(values) != 1 or np.shape(values) != many:
                raise LayerError(f"{name} of a stock must be {many} as its identity, got {np.shape(values)}")
            if not np.isfinite(values).all():
                raise LayerError(f"{name} of a stock is not known for {int((~np.isfinite(values)).sum())} components")
        if np.unique(self.identity).size != many[0]:
            raise LayerError("two components of the stock have the same identity; number them")
        if many[0] and not ((self.condition >= 1) & (self.condition <= CLASSES)).all():
            raise LayerError(
                f"condition is a class of 1 to {CLASSES}, got {self.condition.min()} to {self.condition.max()}"
            )
        for name in ("life", "cost"):
            if not (getattr(self, name) > 0.0).all():
                raise LayerError(f"{name} of a component must be above 0, got {getattr(self, name).min():g}")
        for name in ("importance", "energy", "energy_renewed", "carbon"):
            if not (getattr(self, name) >= 0.0).all():
                raise LayerError(f"{name} of a component must be 0 or more, got {getattr(self, name).min():g}")


@dataclass(frozen=True)
class Rules:
    """How works are done; what is assumed here no standard says, so that every number can be replaced.

    Attributes
    ----------
    upkeep_every : int
        Years from one upkeep to the next; 0 is never.
    upkeep_share : float
        Of the cost of renewal, for each year that upkeep stands for: low end of the 2 to 4 % of National Research
        Council (1990), Committing to the Cost of Ownership, doi:10.17226/9807.
    neglect : float
        Rise of the speed of ageing with each year since the last upkeep; assumed. [year⁻¹]
    most_neglect : float
        The speed is never more than this times that with upkeep; assumed.
    repair_from, renew_from : int
        Class from which a component is repaired, and from which it is renewed; assumed.
    repair_gain : int
        Classes that a repair makes better; assumed.
    repair_share : float
        Cost of a repair over that of renewal; assumed.
    energy_rise : float
        Energy more with each class below the first; assumed.
    price_rise : float
        Of all costs, in a year, above that of the budget; 0 counts in constant prices.
    carry : bool
        What is left of a year's budget goes to the next; else it is given back.
    """

    upkeep_every: int = 1
    upkeep_share: float = 0.02
    neglect: float = 0.1
    most_neglect: float = 2.0
    repair_from: int = 4
    renew_from: int = 5
    repair_gain: int = 2
    repair_share: float = 0.3
    energy_rise: float = 0.02
    price_rise: float = 0.0
    carry: bool = True

    def __post_init__(self) -> None:
        if not 2 <= self.repair_from <= self.renew_from <= CLASSES:
            raise LayerError(
                f"repair_from and renew_from must rise from 2 to {CLASSES}, got {self.repair_from}, {self.renew_from}"
            )
        if self.upkeep_every < 0 or self.repair_gain < 1 or self.most_neglect < 1.0:
            raise LayerError("upkeep_every must be 0 or more, repair_gain and most_neglect 1 or more")
        for name in ("upkeep_share", "neglect", "repair_share", "energy_rise"):
            if not getattr(self, name) >= 0.0:
                raise LayerError(f"{name} must be 0 or more, got {getattr(self, name)}")


@dataclass(frozen=True)
class Plan:
    """What a strategy comes to, year by year; the state of a year is that after its works.

    Attributes
    ----------
    strategy : str
    classes : (year, 6) int
        Components in each class.
    condition : (year,) float64
        Mean class, by cost.
    poor : (year,) float64
        Share in class 5 or 6, by cost.
    backlog : (year,) float64
        Cost of the works that were due and not paid. [EUR]
    budget, upkeep, repairs, renewals, left : (year,) float64
        Money that came, was spent and was left at the end of the year. [EUR]
    upkeep_missed : (year,) int
        Components whose upkeep was due and not paid.
    repaired, renewed : (year,) int
        Components.
    energy, carbon : (year,) float64
        Of the year [J], [kg].
    last : (component,) int
        Class of each component after the works of the last year.
    """

    strategy: str
    classes: np.ndarray
    condition: np.ndarray
    poor: np.ndarray
    backlog: np.ndarray
    budget: np.ndarray
    upkeep: np.ndarray
    repairs: np.ndarray
    renewals: np.ndarray
    left: np.ndarray
    upkeep_missed: np.ndarray
    repaired: np.ndarray
    renewed: np.ndarray
    energy: np.ndarray
    carbon: np.ndarray
    last: np.ndarray

    def present_value(self, discount: float) -> float:
        """All that is spent, each year's by the rate from the first on. [EUR]"""
        spent = self.upkeep + self.repairs + self.renewals
        return float((spent / (1.0 + discount) ** np.arange(spent.size)).sum())


def yearly_chances(life: np.ndarray) -> np.ndarray:
    """Chance that a component leaves its class in a year.

    Parameters
    ----------
    life : (component,) float64
        From new to class 6. [year]

    Returns
    -------
    (component, 6) float64
        0 in class 6.

    Notes
    -----
    Every class takes half of the life that is left, as on the theoretical curve of ageing of NEN 2767-1, thus L/2ᶜ
    years in class c; a Markov chain with that mean stay (Madanat, Mishalani and Wan Ibrahim 1995,
    doi:10.1061/(ASCE)1076-0342(1995)1:2(120)) leaves it with 2ᶜ/L, at most one class a year.
    """
    chances = np.minimum(2.0 ** np.arange(1, CLASSES + 1) / np.asarray(life, float)[:, None], 1.0)
    chances[:, -1] = 0.0
    return chances


def plan(stock: Stock, rules: Rules, budget: np.ndarray, strategy: str, *, seed: int = 0) -> Plan:
    """Follow a stock through years of works by one strategy.

    Parameters
    ----------
    stock : Stock
    rules : Rules
    budget : (year,) float64
        Money that comes at the start of each year; infinite pays for all. [EUR]
    strategy : str
        "worst_first": poorest class first, then the dearer; "cost_benefit": classes gained, by cost and importance,
        over the price; "energy": energy saved over the price, also of renewals not due yet, then as worst first.
    seed : int
        The same luck for every strategy: a component that ages in one would have aged in another.

    Raises
    ------
    LayerError
        A strategy that does not exist, or a budget that is negative or not known.

    Notes
    -----
    In a year: money comes; upkeep due is paid, poorest first, of what need not be renewed; works are paid in the
    strategy's order, passing over what is too dear for what is left; energy is used; components age.
    """
    budget = np.asarray(budget, float)
    if strategy not in STRATEGIES:
        raise LayerError(f"there is no strategy {strategy!r}; expected one of {', '.join(STRATEGIES)}")
    if budget.ndim != 1 or not (budget >= 0.0).all():
        raise LayerError("budget must be money of 0 or more for each year, (year,)")
    years, many = budget.size, stock.identity.size
    names = ("condition", "poor", "backlog", "upkeep", "repairs", "renewals", "left", "energy", "carbon")
    told = {name: np.zeros(years) for name in names}
    counts = {name: np.zeros(years, np.int64) for name in ("upkeep_missed", "repaired", "renewed")}
    classes = np.zeros((years, CLASSES), np.int64)
    condition, energy = stock.condition.astype(np.int64), stock.energy.astype(float)
    chances, since, rows = yearly_chances(stock.life), np.zeros(many), np.arange(many)
    weight = stock.cost / max(float(stock.cost.sum()), 1e-300)
    last, money = condition, 0.0
    for year in range(years):
        money = budget[year] + (money if rules.carry else 0.0)
        cost = stock.cost * (1.0 + rules.price_rise) ** year
        since = since + 1.0
        if rules.upkeep_every:
            due = _turn(stock.identity, year, rules.upkeep_every) & (condition < rules.renew_from)
            price = cost * rules.upkeep_share * rules.upkeep_every
            paid, spent = _pay(np.lexsort((stock.identity, -condition)), np.where(due, price, -1.0), money)
            since[paid] = 0.0
            told["upkeep"][year], counts["upkeep_missed"][year] = spent, int((due & ~paid).sum())
            money = money - spent
        renewing = condition >= rules.renew_from
        repairing = (condition >= rules.repair_from) & ~renewing
        saved = np.maximum(_used(energy, condition, rules) - stock.energy_renewed, 0.0)
        if strategy == "energy":
            renewing |= saved > 0.0
            repairing &= ~renewing
        due = renewing | repairing
        price = np.where(renewing, cost, cost * rules.repair_share)
        better = np.where(renewing, 1, np.maximum(condition - rules.repair_gain, 1))
        order = _order(strategy, stock, condition, condition - better, np.where(renewing, saved, 0.0), price)
        paid, _ = _pay(order, np.where(due, price, -1.0), money)
        fresh, mended = paid & renewing, paid & repairing
        told["repairs"][year], told["renewals"][year] = price[mended].sum(), price[fresh].sum()
        counts["repaired"][year], counts["renewed"][year] = int(mended.sum()), int(fresh.sum())
        money = money - told["repairs"][year] - told["renewals"][year]
        condition = np.where(paid, better, condition)
        energy, since = np.where(fresh, stock.energy_renewed, energy), np.where(fresh, 0.0, since)
        late = condition >= rules.repair_from
        told["backlog"][year] = np.where(condition >= rules.renew_from, cost, cost * rules.repair_share)[late].sum()
        told["left"][year] = money
        told["condition"][year] = (weight * condition).sum()
        told["poor"][year] = weight[condition >= CLASSES - 1].sum()
        used = _used(energy, condition, rules)
        told["energy"][year], told["carbon"][year] = used.sum(), (used * stock.carbon).sum()
        classes[year] = np.bincount(condition, minlength=CLASSES + 1)[1:]
        last = condition
        speed = np.minimum(1.0 + rules.neglect * since, rules.most_neglect)
        luck = _luck(stock.identity, year, seed)
        condition = condition + (luck < np.minimum(chances[rows, condition - 1] * speed, 1.0))
    return Plan(strategy=strategy, classes=classes, budget=budget, last=last, **told, **counts)


def compare(
    stock: Stock, rules: Rules, budget: np.ndarray, strategies: tuple[str, ...] = STRATEGIES, *, seed: int = 0
) -> Mapping[str, Plan]:
    """The plans of several strategies with the same luck."""
    return {one: plan(stock, rules, budget, one, seed=seed) for one in strategies}


def _used(energy: np.ndarray, condition: np.ndarray, rules: Rules) -> np.ndarray:
    return energy * (1.0 + rules.energy_rise * (condition - 1))


def _order(
    strategy: str, stock: Stock, condition: np.ndarray, gained: np.ndarray, saved: np.ndarray, price: np.ndarray
) -> np.ndarray:
    """Components, first to be paid first; equals by identity."""
    ties = (stock.identity, -stock.cost, -condition)
    if strategy == "worst_first":
        return np.lexsort(ties)
    if strategy == "cost_benefit":
        return np.lexsort((*ties, -gained * stock.cost * stock.importance / np.maximum(price, 1e-300)))
    return np.lexsort((*ties, -saved / np.maximum(price, 1e-300)))


def _turn(identity: np.ndarray, year: int, every: int) -> np.ndarray:
    """Whose upkeep falls in this year: spread over the years by identity, so that every year costs much the same."""
    return (identity + year) % every == 0


@njit(nogil=True, cache=True)
def _pay(order, price, money):
    """Pay in order what can be paid; a price below 0 is not asked for."""
    paid, spent = np.zeros(price.size, np.bool_), 0.0
    for one in order:
        if price[one] >= 0.0 and spent + price[one] <= money:
            paid[one] = True
            spent += price[one]
    return paid, spent


def _luck(identity: np.ndarray, year: int, seed: int) -> np.ndarray:
    """Uniform numbers of 0 to 1 that hang on identity, year and seed alone.

    The mixing of Steele, Lea and Flood (2014), doi:10.1145/2660193.2660195, after each word: components whose words
    were put together before it would share their luck.
    """
    with np.errstate(over="ignore"):
        state = np.zeros(identity.size, np.uint64)
        for word in (np.asarray(identity).astype(np.int64), np.int64(year), np.int64(seed)):
            state = (state ^ word.astype(np.uint64)) + np.uint64(0x9E3779B97F4A7C15)
            state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            state ^= state >> np.uint64(31)
    return (state >> np.uint64(11)) * 2.0**-53
