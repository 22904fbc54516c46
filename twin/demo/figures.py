"""Values of the key figures for the demo district, made up: each on its own way to its target, or not."""

from datetime import date

import numpy as np

from twin.key_figures import FigureValue, KeyFigure, key_figures

SOURCE = "bxl-twin demo, made by a program"
YEARS = 8
"""So many whole years before today are told."""
NOISE = 0.02
"""Of a year, as part of the value. [1]"""


def demo_values(today: date, seed: int = 1000) -> tuple[FigureValue, ...]:
    """Values of every key figure for the last years, all with ``demo`` true.

    Parameters
    ----------
    today : date
        The year before it is the last that is told.
    seed : int

    Returns
    -------
    tuple of FigureValue
        In the order of `twin.key_figures.read_values`.
    """
    rng = np.random.default_rng([seed, 37])
    found = []
    for figure in key_figures().values():
        first, last = _course(figure, rng)
        for number in range(YEARS):
            value = first + (last - first) * number / (YEARS - 1)
            value *= 1 + NOISE * float(rng.standard_normal())
            if figure.units == "1":
                value = min(max(value, 0.0), 1.5)
            found.append(FigureValue(figure.key, today.year - YEARS + number + 0.5, value, SOURCE, demo=True))
    return tuple(sorted(found, key=lambda one: (one.key, one.year)))


def _course(figure: KeyFigure, rng: np.random.Generator) -> tuple[float, float]:
    """First and last value: the way to the target is gone by a tenth backwards up to all of it."""
    aim = 0.3 if figure.target is None else figure.target
    first = aim * float(rng.uniform(0.4, 0.7) if figure.better == "higher" else rng.uniform(1.4, 2.0))
    return first, first + (aim - first) * float(rng.uniform(-0.1, 1.0))
