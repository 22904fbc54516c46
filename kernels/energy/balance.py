"""The balance of a district over a year: is it positive, by which definition, and how sure is that."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from kernels.contract import LayerError
from kernels.energy.hub import KWH

TYPES = ("autonomous", "dynamic", "virtual", "pre_ped")
"""How strict the exchange is judged, after Lindholm, Rehman and Reda (2021), doi:10.3390/buildings11010019."""
BOUNDARIES = ("geographical", "functional", "virtual")
"""What counts: plants inside; also those tied to it by a network of its own; also those it owns elsewhere."""
FACTOR_SETS = ("f_el 2.5", "f_el 1.9", "hourly CO2")
_COVERAGE = 1.96
"""Half-width of a band over its standard uncertainty, for 95 %. [1]"""


@dataclass(frozen=True)
class Year:
    """One run of a district, hour by hour or finer; all series along (step,). [W]

    Attributes
    ----------
    dt : float
        [s]
    use : mapping of str to (step,) float
        What the district draws of each carrier at its meters, its own production not taken off: ``electricity``,
        ``gas``, …
    production : mapping of (str, str) to (step,) float
        By carrier and by the boundary that it first counts in: `BOUNDARIES`.
    contracted : mapping of str to (step,) float
        Production elsewhere that is bound to the district by contract but not its own: only a virtual district may
        count it.
    floor_area : float
        [m²]
    use_uncertainty, production_uncertainty : float
        Relative standard uncertainty of the year's sums. [1]
    """

    dt: float
    use: Mapping[str, np.ndarray]
    production: Mapping[tuple[str, str], np.ndarray]
    contracted: Mapping[str, np.ndarray]
    floor_area: float
    use_uncertainty: float
    production_uncertainty: float

    def __post_init__(self) -> None:
        steps = {
            np.asarray(one).shape for table in (self.use, self.production, self.contracted) for one in table.values()
        }
        if len(steps) != 1 or len(next(iter(steps))) != 1:
            raise LayerError(f"balance: all series must be of one length, got the shapes {sorted(steps)}")
        for words, table in (("use", self.use), ("production", self.production), ("contracted", self.contracted)):
            for key, values in table.items():
                if not (np.isfinite(values) & (np.asarray(values) >= 0.0)).all():
                    raise LayerError(f"balance: {words} of {key} must be finite and zero or more; fill gaps before")
        for carrier, boundary in self.production:
            if boundary not in BOUNDARIES:
                raise LayerError(f"balance: {carrier} at {boundary!r}; expected one of {', '.join(BOUNDARIES)}")
        for name in ("use_uncertainty", "production_uncertainty", "floor_area", "dt"):
            if not getattr(self, name) >= 0.0:
                raise LayerError(f"balance: {name} must be zero or more, got {getattr(self, name)}")

    @property
    def carriers(self) -> tuple[str, ...]:
        """All carriers that are used or made."""
        return tuple(dict.fromkeys([*self.use, *(carrier for carrier, _ in self.production), *self.contracted]))

    @property
    def steps(self) -> int:
        """Number of steps."""
        tables = (self.use, self.production, self.contracted)
        return len(next(iter(one for table in tables for one in table.values())))


@dataclass(frozen=True)
class Factors:
    """What a joule of each carrier counts for: primary energy, or CO2.

    Attributes
    ----------
    name, date, source : str
        Dated, as factors and prices change: never a constant of the programme.
    unit : str
        Of the weighted balance, for each joule: ``J`` or ``kg``.
    delivered, exported : mapping of str to float or (step,) float
        Of what is bought and of what is given away. [unit J⁻¹]
    uncertainty : float
        Relative standard uncertainty. [1]
    """

    name: str
    date: str
    source: str
    unit: str
    delivered: Mapping[str, np.ndarray | float]
    exported: Mapping[str, np.ndarray | float]
    uncertainty: float


@dataclass(frozen=True)
class Prices:
    """What a joule of each carrier costs and earns. [EUR J⁻¹]"""

    date: str
    source: str
    buy: Mapping[str, np.ndarray | float]
    sell: Mapping[str, np.ndarray | float]


@dataclass(frozen=True)
class Verdict:
    """One line of the table.

    Attributes
    ----------
    type, boundary, factors : str
    positive : {"yes", "no", "within the band"}
        The last where the balance is nearer to nil than it is sure.
    balance, low, high : float
        Weighted: given away less bought, context included, with its band of 95 %. [unit of the factors]
    unit : str
    shortfall : float
        What lacks to nil, 0 where nothing does. [unit]
    why : str
        In words, for people.
    """

    type: str
    boundary: str
    factors: str
    positive: str
    balance: float
    low: float
    high: float
    unit: str
    shortfall: float
    why: str


@dataclass(frozen=True)
class Exchange:
    """What crosses a boundary.

    Attributes
    ----------
    boundary : str
    bought, given : dict of str to float
        By carrier over the year. [J]
    self_consumption, self_sufficiency : float
        Of the electricity made, the share used in the same step; of that used, the share made in the same step. NaN
        where none is made or used. [1]
    peak_bought, peak_given : float
        Of electricity. [W]
    cost : float
        [EUR]
    carbon_dioxide : float
        [kg]
    """

    boundary: str
    bought: dict[str, float]
    given: dict[str, float]
    self_consumption: float
    self_sufficiency: float
    peak_bought: float
    peak_given: float
    cost: float
    carbon_dioxide: float


def exchange(year: Year, boundary: str, prices: Prices, carbon: Factors) -> Exchange:
    """What a district buys and gives away across a boundary, step by step.

    Parameters
    ----------
    year : Year
    boundary : str
        One of `BOUNDARIES`.
    prices : Prices
    carbon : Factors
        In ``kg``.

    Returns
    -------
    Exchange

    Raises
    ------
    LayerError
        A carrier without a price or a factor; factors that are not in kg.
    """
    if carbon.unit != "kg":
        raise LayerError(f"balance: {carbon.name} counts in {carbon.unit}, expected kg of CO2")
    bought, given, cost, emitted = {}, {}, 0.0, 0.0
    for carrier, (use, made) in _accounts(year, boundary, contracts=False).items():
        more, less = np.maximum(use - made, 0.0), np.maximum(made - use, 0.0)
        bought[carrier], given[carrier] = float(more.sum() * year.dt), float(less.sum() * year.dt)
        paid = _of(prices.buy, carrier, "price", more) - _of(prices.sell, carrier, "price", less)
        cost += paid * year.dt
        emitted += year.dt * (_of(carbon.delivered, carrier, carbon.name, more)
                              - _of(carbon.exported, carrier, carbon.name, less))  # fmt: skip
    use, made = _accounts(year, boundary, contracts=False).get("electricity", (np.zeros(1), np.zeros(1)))
    own = float(np.minimum(use, made).sum())
    return Exchange(
        boundary, bought, given,
        own / float(made.sum()) if made.any() else np.nan, own / float(use.sum()) if use.any() else np.nan,
        float(np.maximum(use - made, 0.0).max()), float(np.maximum(made - use, 0.0).max()), cost, emitted,
    )  # fmt: skip


def judge(
    year: Year,
    factors: Sequence[Factors],
    context: float = 0.0,
    certificates: Mapping[str, float] | None = None,
    smallest: float = 1.0,
) -> list[Verdict]:
    """Say by every definition whether a district is positive.

    Parameters
    ----------
    year : Year
    factors : sequence of Factors
        Usually those named in `FACTOR_SETS`.
    context : float
        Credit (or debit) for density, for each square metre of floor and year, in the unit of primary energy; does
        not count for CO2. An input that a city decides on, 0 where it has not. [J m⁻²]
    certificates : mapping of str to float
        Green energy bought with guarantees of origin, by carrier: a pre-PED may cover what lacks by it. [J]
    smallest : float
        Power below which nothing is bought, in a mean over the year. [W]

    Returns
    -------
    list of Verdict
        Types × boundaries × factors, in this order.

    Raises
    ------
    LayerError
        A carrier without a factor.

    Notes
    -----
    autonomous: nothing is bought in any step of the year, and the balance is not below nil. dynamic: what is given
    away counts at least as much as what is bought, over the year, both taken step by step. virtual: the same, with
    production under contract. pre_ped: what a dynamic one lacks is covered by certificates.

    The band is of first order (GUM, JCGM 100:2008): uses, productions and factors are independent of each other, and
    the uses among themselves are wholly correlated, as they come from one model; so are the productions.
    """
    lines = []
    for kind, boundary, one in product(TYPES, BOUNDARIES, factors):
        accounts = _accounts(year, boundary, contracts=kind == "virtual")
        balance, by_use, by_production, bought = 0.0, 0.0, 0.0, 0.0
        for carrier, (use, made) in accounts.items():
            more, less = np.maximum(use - made, 0.0), np.maximum(made - use, 0.0)
            weight_in = _weights(one.delivered, carrier, one.name, use.size)
            weight_out = _weights(one.exported, carrier, one.name, use.size)
            balance += float((weight_out * less - weight_in * more).sum()) * year.dt
            # what a percent more of use, or of production, would change
            marginal = np.where(use > made, weight_in, weight_out)
            by_use += float((marginal * use).sum()) * year.dt
            by_production += float((marginal * made).sum()) * year.dt
            bought += float(more.mean())
        doubt = np.sqrt(
            (by_use * year.use_uncertainty) ** 2
            + (by_production * year.production_uncertainty) ** 2
            + (balance * one.uncertainty) ** 2
        )
        if one.unit == "J":
            balance += context * year.floor_area
        covered = 0.0
        if kind == "pre_ped":
            covered = sum(
                amount * float(np.mean(_weights(one.delivered, carrier, one.name, year.steps)))
                for carrier, amount in (certificates or {}).items()
            )
            covered = min(covered, max(-balance, 0.0))  # certificates cover what lacks, they make no surplus
        total, half = balance + covered, _COVERAGE * float(doubt)
        positive, why = _decide(kind, total, half, bought, smallest, covered, one)
        lines.append(
            Verdict(
                kind, boundary, one.name, positive, total, total - half, total + half, one.unit, max(-total, 0.0), why
            )
        )
    return lines


def _decide(kind, total, half, bought, smallest, covered, factors) -> tuple[str, str]:
    words = _amount(total, factors.unit)
    if kind == "autonomous" and bought > smallest:
        return "no", f"it buys {bought * 8760 / 1e6:.1f} MWh a year"
    if total < -half:
        return "no", f"{_amount(-total, factors.unit)} lack"
    if total >= half:
        return "yes", f"{words} over" if covered == 0.0 else f"by certificates for {_amount(covered, factors.unit)}"
    if covered > 0.0 and total >= 0.0:
        return "within the band", f"by certificates for {_amount(covered, factors.unit)}, just enough"
    return "within the band", f"{words}, sure to {_amount(half, factors.unit)} only"


def _amount(value: float, unit: str) -> str:
    return f"{value / KWH / 1e3:.1f} MWh" if unit == "J" else f"{value / 1e3:.1f} t CO2"


def _accounts(year: Year, boundary: str, contracts: bool) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Use and production of each carrier inside a boundary. [W]"""
    if boundary not in BOUNDARIES:
        raise LayerError(f"balance: no boundary {boundary!r}; expected one of {', '.join(BOUNDARIES)}")
    inside = BOUNDARIES[: BOUNDARIES.index(boundary) + 1]
    return dict(_each(year, inside, contracts))


def _each(year: Year, inside: Sequence[str], contracts: bool) -> Iterator[tuple[str, tuple[np.ndarray, np.ndarray]]]:
    for carrier in year.carriers:
        made = np.zeros(year.steps)
        for place in inside:
            made = made + year.production.get((carrier, place), 0.0)
        if contracts:
            made = made + year.contracted.get(carrier, 0.0)
        yield carrier, (year.use.get(carrier, np.zeros(year.steps)) + np.zeros(year.steps), made)


def _weights(table: Mapping[str, np.ndarray | float], carrier: str, name: str, steps: int) -> np.ndarray:
    if carrier not in table:
        raise LayerError(f"balance: {name} says nothing of {carrier}; give it a value, 0 too")
    return np.broadcast_to(np.asarray(table[carrier], np.float64), (steps,))


def _of(table: Mapping[str, np.ndarray | float], carrier: str, name: str, power: np.ndarray) -> float:
    if not power.any():
        return 0.0
    return float((_weights(table, carrier, name, power.size) * power).sum())
