"""Which of many choices are worth a look: none better in everything, found by generations of crossed choices."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Judge = Callable[[NDArray[np.int64]], tuple[NDArray[np.float64], float]]
"""Objectives of a choice, all to be small, and what it lacks to be allowed (0 or less: allowed)."""


def front_of(objectives: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rows that no other row beats in all objectives: of equal rows the first; sorted by the first objective."""
    order = np.lexsort(objectives.T[::-1])
    kept: list[int] = []
    for row in order:
        mine = objectives[row]
        if not any((objectives[one] <= mine).all() for one in kept):
            kept.append(int(row))
    return np.array(kept, np.int64)


def crowding(objectives: NDArray[np.float64]) -> NDArray[np.float64]:
    """How alone each row stands among its neighbours in every objective; the ends stand alone. (row,) [1]"""
    count, width = objectives.shape
    found = np.zeros(count)
    for column in range(width):
        order = np.argsort(objectives[:, column], kind="stable")
        values = objectives[order, column]
        span = values[-1] - values[0]
        found[order[[0, -1]]] = np.inf
        if span > 0.0 and count > 2:
            found[order[1:-1]] += (values[2:] - values[:-2]) / span
    return found


def ranked(objectives: NDArray[np.float64], lacks: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rows from the best to the worst.

    Notes
    -----
    Allowed ones first, by fronts and within a front the loneliest first; then the others by what they lack. K. Deb,
    A. Pratap, S. Agarwal, T. Meyarivan (2002), A fast and elitist multiobjective genetic algorithm: NSGA-II, IEEE
    Transactions on Evolutionary Computation 6, 182-197, doi:10.1109/4235.996017, sections III and VI.
    """
    left = list(np.flatnonzero(lacks <= 0.0))
    found: list[int] = []
    while left:
        here = [left[row] for row in front_of(objectives[left])]
        alone = crowding(objectives[here])
        found += [here[row] for row in np.lexsort((np.arange(len(here)), -alone))]
        gone = set(here)
        left = [row for row in left if row not in gone]
    others = np.flatnonzero(lacks > 0.0)
    found += others[np.argsort(lacks[others], kind="stable")].tolist()
    return np.array(found, np.int64)


def evolve(
    sizes: Sequence[int],
    judge: Judge,
    first: Sequence[NDArray[np.int64]],
    generations: int,
    population: int,
    seed: int,
    on_generation: Callable[[int], None] = lambda number: None,
) -> dict[tuple[int, ...], tuple[NDArray[np.float64], float]]:
    """All choices that were judged while generations of them were crossed and changed.

    Parameters
    ----------
    sizes : sequence of int
        Of each place, how many choices it has.
    judge : callable
    first : sequence of arrays
        Choices to begin with; the rest of the population is drawn.
    generations, population, seed : int
    on_generation : callable
        Told the number of each; what it raises ends the search.

    Returns
    -------
    dict
        By choice.
    """
    lots = np.random.Generator(np.random.PCG64(seed))
    known: dict[tuple[int, ...], tuple[NDArray[np.float64], float]] = {}

    def look(choice: NDArray[np.int64]) -> tuple[int, ...]:
        key = tuple(int(one) for one in choice)
        if key not in known:
            known[key] = judge(choice)
        return key

    drawn = [np.array([lots.integers(size) for size in sizes]) for _ in range(max(population - len(first), 0))]
    living = list(dict.fromkeys(look(one) for one in [*first, *drawn]))
    for number in range(generations):
        on_generation(number)
        young = []
        for _ in range(population):
            # a tournament of two by rank, as living ones are sorted
            one, other = (living[min(lots.integers(len(living), size=2))] for _ in range(2))
            mixed = np.where(lots.random(len(sizes)) < 0.5, one, other)
            changed = lots.random(len(sizes)) < 1.0 / len(sizes)
            mixed[changed] = [lots.integers(size) for size, new in zip(sizes, changed, strict=True) if new]
            young.append(look(mixed))
        everyone = list(dict.fromkeys([*living, *young]))
        objectives = np.array([known[key][0] for key in everyone])
        lacks = np.array([known[key][1] for key in everyone])
        living = [everyone[row] for row in ranked(objectives, lacks)[:population]]
    return known
