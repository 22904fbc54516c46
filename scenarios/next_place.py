"""Where should the next crèche go: a location search over the nodes of the streets, for any of the fifteen."""

from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from kernels.access.reach import in_reach
from kernels.quantities import Language
from scenarios.problem import ScenarioError
from scenarios.ten_minutes import TenMinutes, nodes_of_people, ten_minutes
from twin.city import CRS

Aim = Literal["covered", "nearest"]
"""``covered``: most people newly in time (maximal covering, Church and ReVelle 1974, doi:10.1007/BF01942293);
``nearest``: least time of all people, none counted above twice the time asked for (p-median, Hakimi 1964,
doi:10.1287/opre.12.3.450)."""

SPACING = 50.0
"""Of the nodes that are tried, at the start; it grows where there are more than `MOST`. [m]"""
MOST = 4000
"""Nodes that are tried."""
ROUNDS = 20
"""Of exchanges, at most."""
STARTS = 8
"""First places that are tried, the best one by one: an exchange alone may stop short of the best pair."""

ASSUMPTIONS: tuple[dict[Language, str], ...] = (
    {
        "fr": "Tout carrefour peut accueillir le lieu : ni terrain, ni prix, ni permis ne sont connus.",
        "nl": "Elk kruispunt kan de plek krijgen: grond, prijs en vergunning zijn niet bekend.",
        "en": "Any crossing can take the place: ground, price and permit are not known.",
    },
)


@dataclass(frozen=True, eq=False)
class NextPlaces:
    """Where places should go, and what they would do.

    Attributes
    ----------
    table : GeoDataFrame
        Points, in the order in which they were best taken one by one: ``node``, ``category``, ``people`` newly in time
        and ``hours_saved`` per walk of everybody there, as each is added to those before it.
    share_before, share_after : float
        Of everybody in time. [1]
    mean_before, mean_after : float
        Mean time to the nearest, none counted above twice the time asked for. [min]
    at_least : float
        What was found is at least this part of the best that any choice among the tried nodes could do. [1]
    tried : int
        Nodes.
    spacing : float
        Of them. [m]
    after : TenMinutes
        The city with the places.
    """

    table: gpd.GeoDataFrame
    share_before: float
    share_after: float
    mean_before: float
    mean_after: float
    at_least: float
    tried: int
    spacing: float
    after: TenMinutes


def next_places(
    found: TenMinutes, category: str, count: int = 1, *, aim: Aim = "covered", spacing: float = SPACING,
    most: int = MOST, threads: int | None = None,
) -> NextPlaces:  # fmt: skip
    """Search where so many new places of a category would help most people.

    From each of the `STARTS` best first nodes others are taken one by one, each where it helps most, and then exchanged
    one for one as long as that helps (Teitz and Bart 1968, doi:10.1287/opre.16.5.955). What each does is then searched
    anew along the streets.

    Parameters
    ----------
    found : TenMinutes
        The city as it is.
    category : str
    count : int
        How many places.
    aim : str
    spacing, most : float, int
        Of the nodes that are tried. [m]
    threads : int, optional

    Raises
    ------
    ScenarioError
        A category or an aim that is not there, a count below 1, or nobody whom a place could help.
    """
    if category not in found.minutes:
        raise ScenarioError(f"there is no category {category!r}; expected one of {', '.join(found.minutes)}")
    if aim not in ("covered", "nearest"):
        raise ScenarioError(f"the aim is {aim!r}, expected covered or nearest")
    if count < 1:
        raise ScenarioError(f"{count} places were asked for, expected at least 1")
    problem = _Problem.of(found, category, aim, spacing, most, threads)
    if not problem.gain.size:
        raise ScenarioError(f"{category}: everybody who lives on the streets reaches one in time; nothing to search")
    chosen = problem.searched(count)
    at_least = problem.at_least(chosen, count)
    return _told(found, category, problem, chosen, at_least, threads)


@dataclass(frozen=True, eq=False)
class _Problem:
    """Pairs of a node that is tried and a home in reach of it.

    Attributes
    ----------
    nodes : (candidate,) int64
    candidate, home : (pair,) int64
    seconds : (pair,) float64
    people, now : (home,) float64
        Heads, and the time they have now, at most ``worst``. [s]
    asked, worst : float
        [s]
    """

    nodes: np.ndarray
    candidate: np.ndarray
    home: np.ndarray
    seconds: np.ndarray
    people: np.ndarray
    now: np.ndarray
    asked: float
    worst: float
    aim: Aim
    spacing: float

    @classmethod
    def of(
        cls, found: TenMinutes, category: str, aim: Aim, spacing: float, most: int, threads: int | None
    ) -> "_Problem":
        number = list(found.minutes).index(category)
        asked = 60.0 * found.minutes[category]
        worst = 2 * asked if aim == "nearest" else asked
        node, out, known = nodes_of_people(found)
        people = found.homes.table["people"].to_numpy(float)
        now = found.seconds[number]
        helped = known & (people > 0) & (now > (asked if aim == "covered" else 0.0)) & (out <= worst)
        homes = np.flatnonzero(helped)
        # homes at one node come together
        homes = homes[np.argsort(node[homes], kind="stable")]
        at = np.searchsorted(node[homes], np.arange(found.streets.towards.nodes + 1))
        nodes, spacing = _thinned(found, spacing, most)
        pairs = in_reach(found.streets.towards, nodes, worst, pairs=True, threads=threads)
        candidate = np.repeat(np.arange(nodes.size), np.diff(pairs.offsets))
        many = at[pairs.node + 1] - at[pairs.node]
        first = np.repeat(at[pairs.node] - (np.cumsum(many) - many), many)
        home = first + np.arange(first.size)
        seconds = np.repeat(pairs.seconds, many) + out[homes][home]
        use = seconds <= worst
        return cls(
            nodes, np.repeat(candidate, many)[use], home[use], seconds[use], people[homes],
            np.minimum(now[homes], worst + 1.0 if aim == "covered" else worst), asked, worst, aim, spacing,
        )  # fmt: skip

    def worth(self, before: np.ndarray, after: np.ndarray, people: np.ndarray) -> np.ndarray:
        """What it is worth to come from one time to another: people, or seconds of people."""
        if self.aim == "covered":
            return people * ((after <= self.asked) & (before > self.asked))
        return people * np.maximum(before - after, 0.0)

    @property
    def gain(self) -> np.ndarray:
        """Pairs that help at all."""
        return np.flatnonzero(self.worth(self.now[self.home], self.seconds, self.people[self.home]) > 0)

    def gains(self, now: np.ndarray) -> np.ndarray:
        """Of one more place at each candidate, where homes have these times."""
        worth = self.worth(now[self.home], self.seconds, self.people[self.home])
        return np.bincount(self.candidate, worth, minlength=self.nodes.size)

    def times(self, chosen: list[int]) -> np.ndarray:
        """Of homes with places at the chosen."""
        now = self.now.copy()
        for one in chosen:  # pairs come candidate by candidate, each home once
            begin, end = np.searchsorted(self.candidate, [one, one + 1])
            home = self.home[begin:end]
            now[home] = np.minimum(now[home], self.seconds[begin:end])
        return now

    def total(self, chosen: list[int]) -> float:
        """What the chosen are worth together."""
        return float(self.worth(self.now, self.times(chosen), self.people).sum())

    def searched(self, count: int) -> list[int]:
        """The best of what is found from several first places."""
        alone = self.gains(self.now)
        firsts = [int(one) for one in np.argsort(-alone, kind="stable")[:STARTS] if alone[one] > 0]
        found = [self.exchanged(self.greedy(count, one)) for one in (firsts if count > 1 else firsts[:1])]
        return max(found, key=self.total)

    def greedy(self, count: int, first: int) -> list[int]:
        """From a first place one by one where it helps most, until nothing does."""
        chosen = [first]
        for _ in range(count - 1):
            gains = self.gains(self.times(chosen))
            best = int(np.argmax(gains))
            if gains[best] <= 0:
                break
            chosen.append(best)
        return chosen

    def exchanged(self, chosen: list[int]) -> list[int]:
        """Each exchanged for a better one, as long as there is any; then in the order of what they add."""
        worth = self.total(chosen)
        for _ in range(ROUNDS):
            before = worth
            for place in range(len(chosen)):
                others = chosen[:place] + chosen[place + 1 :]
                gains = self.gains(self.times(others))
                best = int(np.argmax(gains))
                now = self.total([*others, best])
                if now > worth * (1 + 1e-12):
                    chosen, worth = [*others, best], now
            if worth <= before * (1 + 1e-12):
                break
        ordered: list[int] = []
        while len(ordered) < len(chosen):
            gains = self.gains(self.times(ordered))
            ordered.append(max((one for one in chosen if one not in ordered), key=lambda one: gains[one]))
        return ordered

    def at_least(self, chosen: list[int], count: int) -> float:
        """Part of the best possible: any other choice adds at most the largest gains that are left.

        Both aims have diminishing returns (Nemhauser, Wolsey and Fisher 1978, doi:10.1007/BF01588971), so that for
        every set S at hand the best is worth no more than S and the ``count`` largest gains beside S.
        """
        worth = self.total(chosen)
        most = min(
            self.total(some) + float(np.sort(self.gains(self.times(some)))[-count:].sum())
            for some in (chosen[:size] for size in range(len(chosen) + 1))
        )
        return min(worth / most, 1.0) if most > 0 else 1.0


def _thinned(found: TenMinutes, spacing: float, most: int) -> tuple[np.ndarray, float]:
    """Nodes on which people walk, one per square of a grid: the nearest to its middle."""
    streets = found.streets
    arcs = streets.streets.arcs(streets.mode)
    used = np.unique(np.concatenate([arcs.tail, arcs.head]))
    islands = streets.streets.islands(streets.mode)
    used = used[islands[used] >= islands.max() / 2]
    points = streets.streets.nodes.geometry.to_numpy()[used]
    xy = np.array([(point.x, point.y) for point in points]).reshape(-1, 2)
    while True:
        cell = np.floor(xy / spacing).astype(np.int64)
        away = np.hypot(*(xy - (cell + 0.5) * spacing).T)
        table = pd.DataFrame({"x": cell[:, 0], "y": cell[:, 1], "away": away})
        kept = table.sort_values(["away"], kind="stable").drop_duplicates(["x", "y"]).index.to_numpy()
        if kept.size <= most:
            return np.sort(used[kept]), spacing
        spacing *= 1.25


def _told(
    found: TenMinutes, category: str, problem: _Problem, chosen: list[int], at_least: float, threads: int | None
) -> NextPlaces:
    """Add the places one by one and search each time along the streets."""
    number = list(found.minutes).index(category)
    asked = 60.0 * found.minutes[category]
    people = found.homes.table["people"].to_numpy(float)
    nodes = found.streets.streets.nodes

    def served(one: TenMinutes) -> float:
        return float(people[one.seconds[number] <= asked].sum())

    def spent(one: TenMinutes) -> float:
        return float((people * np.minimum(one.seconds[number], 2 * asked)).sum())

    now, rows = found, []
    for row in chosen:
        name = nodes.index[problem.nodes[row]]
        place = gpd.GeoDataFrame(
            {"category": [category], "name": [""], "capacity": [np.nan]},
            index=pd.Index([f"new_{category}_{name}"], name="id"), geometry=[nodes.geometry[name]], crs=CRS,
        )  # fmt: skip
        places = gpd.GeoDataFrame(pd.concat([now.places, place]), crs=CRS)
        after = ten_minutes(now.streets, places, found.homes, minutes=found.minutes, before=now, threads=threads)
        rows.append({
            "node": name, "category": category, "people": served(after) - served(now),
            "hours_saved": (spent(now) - spent(after)) / 3600.0, "geometry": nodes.geometry[name],
        })  # fmt: skip
        now = after
    table = gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)
    table.index = pd.Index([f"new_{number + 1}" for number in range(len(rows))], name="id")
    everyone = float(people.sum())
    return NextPlaces(
        table, served(found) / everyone, served(now) / everyone, spent(found) / everyone / 60.0,
        spent(now) / everyone / 60.0, at_least, problem.nodes.size, problem.spacing, now,
    )  # fmt: skip
