"""Made-up water meters after published statistics of use, with leaks put in."""

import numpy as np

# Blokker, Vreeburg and van Dijk (2010), doi:10.1061/(ASCE)WR.1943-5452.0000002: uses per person and day, and litres
# of one (flow times duration): WC, shower, bathroom tap, kitchen tap, washing machine, dishwasher.
DAILY_USES = np.array([[6.0, 7.5], [0.7, 72.0], [4.1, 1.3], [12.7, 1.9], [0.3, 50.0], [0.3, 14.0]])
# McKenzie (1999), SANFLOW user guide, WRC TT 109/99: of the people 6 % are up in an hour of the night and use a cistern
# of 10 L; a small non-domestic user takes 50 L/h.
UP_AT_NIGHT, CISTERN, NON_DOMESTIC = 0.06, 10.0, 50.0
# Assumed: share of a day's use by hour, with the peaks of morning and evening.
HOURS = np.array([.5, 0, 0, 0, 0, 1, 4, 8, 8, 6, 5, 5, 5, 5, 4, 4, 5, 7, 8, 8, 6, 5, 4, 1.5])  # fmt: skip
DAYS = 365


def meters(seed):
    """Use of 90 buildings over a year: 45 of dwellings, 30 of day use, 15 that never sleep. (meter, hour) [L]"""
    rng = np.random.default_rng(seed)
    hour = np.arange(DAYS * 24) % 24
    share = (HOURS / HOURS.sum())[hour]
    asleep = (hour < 5) | (hour == 23)
    weekend = (np.arange(DAYS * 24) // 24) % 7 >= 5
    found = np.zeros((90, DAYS * 24))
    for number, row in enumerate(found):
        people = int(rng.integers(4, 41) if number < 45 else rng.integers(20, 300))
        if number < 75:
            there = np.ones(row.size)
            if number >= 45:  # offices and schools: a third of the use at home, nobody at weekends and at night
                there = np.where(weekend, 0.03, 0.33)
            if rng.random() < 0.5:  # two weeks away
                first = int(rng.integers(0, DAYS - 14)) * 24
                there[first : first + 14 * 24] *= 0.2
            for often, litres in DAILY_USES:
                many = rng.poisson(people * often * share * there)
                row += litres * many * rng.uniform(0.8, 1.2, row.size)
            up = UP_AT_NIGHT * people * asleep if number < 45 else 0.002 * people * asleep
            row += CISTERN * rng.poisson(up)
        else:  # a small bar, a guard, a home for a few: flushes all night through
            row += CISTERN * rng.poisson(NON_DOMESTIC / CISTERN * np.where(asleep, 0.3, 1.5))
        for night in np.flatnonzero(rng.random(DAYS) < 0.01):  # a pool filled, a softener rinsed, a floor washed
            begin = night * 24 + int(rng.integers(0, 4))
            row[begin : begin + int(rng.integers(1, 5))] += rng.uniform(100, 600)
    return np.floor(found), rng


def with_leaks(use, rng):
    """The same meters with one leak each from some hour on, a third of them of 50 L/h, else up to 500."""
    leak = np.where(np.arange(90) % 3 == 0, 50.0, np.exp(rng.uniform(np.log(50), np.log(500), 90)))
    begin = rng.integers(60 * 24, (DAYS - 20) * 24, 90)
    leaky = use.copy()
    for row, litres, first in zip(leaky, leak, begin, strict=True):
        row[first:] += litres
    return leaky, leak, begin


def with_gaps(use, rng):
    """One hour in fifty lost, and a week of one meter in ten."""
    seen = np.where(rng.random(use.shape) < 0.02, np.nan, use)
    for row in seen[::10]:
        first = int(rng.integers(0, DAYS - 7)) * 24
        row[first : first + 7 * 24] = np.nan
    return seen
