"""The loops of the energy signature: the very least squares of every change-point model, meter by meter."""

import numpy as np
from numba import njit

MEAN, LINE, HEATING, COOLING, FOUR, FIVE = range(6)
"""Models: a mean, a line, 3P heating, 3P cooling, 4P and 5P."""

LEAST = 3
"""Readings that every piece of a model rests on, at least; a line through two says nothing of its error."""


@njit(nogil=True, cache=True)
def _sums(x, y):
    """Running sums of a sorted series, one longer than it: x, y, x², xy, y²."""
    n = x.size
    sums = np.zeros((5, n + 1))
    for k in range(n):
        sums[0, k + 1] = sums[0, k] + x[k]
        sums[1, k + 1] = sums[1, k] + y[k]
        sums[2, k + 1] = sums[2, k] + x[k] * x[k]
        sums[3, k + 1] = sums[3, k] + x[k] * y[k]
        sums[4, k + 1] = sums[4, k] + y[k] * y[k]
    return sums


@njit(nogil=True, cache=True)
def _line(sums, i, j):
    """Line through readings i up to j: its value at x = 0, its slope, the squares it leaves."""
    n = j - i
    sx, sy = sums[0, j] - sums[0, i], sums[1, j] - sums[1, i]
    sxx = sums[2, j] - sums[2, i] - sx * sx / n
    sxy = sums[3, j] - sums[3, i] - sx * sy / n
    syy = sums[4, j] - sums[4, i] - sy * sy / n
    if sxx <= 1e-12 * max(sums[2, j], 1e-300):
        return sy / n, 0.0, max(syy, 0.0)
    slope = sxy / sxx
    return (sy - slope * sx) / n, slope, max(syy - slope * sxy, 0.0)


@njit(nogil=True, cache=True)
def _level(sums, i, j):
    """Mean of readings i up to j and the squares it leaves."""
    n, sy = j - i, sums[1, j] - sums[1, i]
    return sy / n, max(sums[4, j] - sums[4, i] - sy * sy / n, 0.0)


@njit(nogil=True, cache=True)
def _hinges(sums, first, last, cold, hot, split_cold, split_hot):
    """Least squares with the change points given: base, slope below ``cold``, slope above ``hot``, squares left.

    Readings ``first`` up to ``split_cold`` lie below ``cold``, ``split_hot`` up to ``last`` above ``hot``; the two
    never act together, so that the normal equations are two by two.
    """
    n = last - first
    many = split_cold - first
    sx, sy = sums[0, split_cold] - sums[0, first], sums[1, split_cold] - sums[1, first]
    h1 = many * cold - sx
    h11 = many * cold * cold - 2.0 * cold * sx + sums[2, split_cold] - sums[2, first]
    h1y = cold * sy - (sums[3, split_cold] - sums[3, first])
    many = last - split_hot
    sx, sy = sums[0, last] - sums[0, split_hot], sums[1, last] - sums[1, split_hot]
    h2 = sx - many * hot
    h22 = sums[2, last] - sums[2, split_hot] - 2.0 * hot * sx + many * hot * hot
    h2y = sums[3, last] - sums[3, split_hot] - hot * sy
    y = sums[1, last] - sums[1, first]
    syy = sums[4, last] - sums[4, first] - y * y / n
    a11, a12, a22 = h11 - h1 * h1 / n, -h1 * h2 / n, h22 - h2 * h2 / n
    b1, b2 = h1y - h1 * y / n, h2y - h2 * y / n
    if split_hot == last:
        slope_cold, slope_hot = (b1 / a11 if a11 > 0.0 else 0.0), 0.0
    elif split_cold == first:
        slope_cold, slope_hot = 0.0, (b2 / a22 if a22 > 0.0 else 0.0)
    else:
        det = a11 * a22 - a12 * a12
        if det <= 1e-12 * a11 * a22:
            return y / n, 0.0, 0.0, max(syy, 0.0)
        slope_cold, slope_hot = (b1 * a22 - b2 * a12) / det, (b2 * a11 - b1 * a12) / det
    base = (y - slope_cold * h1 - slope_hot * h2) / n
    return base, slope_cold, slope_hot, max(syy - slope_cold * b1 - slope_hot * b2, 0.0)


@njit(nogil=True, cache=True)
def _keep(rss, found, model, squares, base, slope_cold, cold, slope_hot, hot):
    if squares < rss[model]:
        rss[model] = squares
        found[model, 0], found[model, 1], found[model, 2] = base, slope_cold, cold
        found[model, 3], found[model, 4] = slope_hot, hot


@njit(nogil=True, cache=True)
def _one_change(x, sums, rss, found):
    """3P heating, 3P cooling and 4P: every place the change point can have."""
    n = x.size
    for i in range(LEAST, n - LEAST + 1):
        before, after = x[i - 1], x[i]
        if before == after:
            continue
        a, b, left = _line(sums, 0, i)
        c, d, right = _line(sums, i, n)
        low, low_left = _level(sums, 0, i)
        high, high_left = _level(sums, i, n)
        if b < 0.0 and before <= (high - a) / b <= after:
            _keep(rss, found, HEATING, left + high_left, high, -b, (high - a) / b, 0.0, x[n - 1])
        if d > 0.0 and before <= (low - c) / d <= after:
            _keep(rss, found, COOLING, low_left + right, low, 0.0, x[0], d, (low - c) / d)
        if d > b:
            join = (a - c) / (d - b)
            if before <= join <= after:
                _keep(rss, found, FOUR, left + right, a + b * join, -b, join, d, join)
        base, cold, hot, squares = _hinges(sums, 0, n, after, 0.0, i, n)
        if cold > 0.0:
            _keep(rss, found, HEATING, squares, base, cold, after, 0.0, x[n - 1])
        base, cold, hot, squares = _hinges(sums, 0, n, 0.0, before, 0, i)
        if hot > 0.0:
            _keep(rss, found, COOLING, squares, base, 0.0, x[0], hot, before)
        base, cold, hot, squares = _hinges(sums, 0, n, after, after, i, i)
        if cold + hot > 0.0:
            _keep(rss, found, FOUR, squares, base, cold, after, hot, after)


@njit(nogil=True, cache=True)
def _two_changes(x, sums, rss, found):
    """5P: every pair of places; a pair whose three free pieces already leave more than the best is passed over."""
    n = x.size
    for i in range(LEAST, n - 2 * LEAST + 1):
        if x[i - 1] == x[i]:
            continue
        a, b, left = _line(sums, 0, i)
        if left >= rss[FIVE]:
            continue
        for j in range(i + LEAST, n - LEAST + 1):
            if x[j - 1] == x[j]:
                continue
            level, middle = _level(sums, i, j)
            if left + middle >= rss[FIVE]:
                break
            c, d, right = _line(sums, j, n)
            if left + middle + right >= rss[FIVE]:
                continue
            if b < 0.0 and d > 0.0:
                cold, hot = (level - a) / b, (level - c) / d
                if x[i - 1] <= cold <= x[i] and x[j - 1] <= hot <= x[j]:
                    _keep(rss, found, FIVE, left + middle + right, level, -b, cold, d, hot)
                    continue  # nothing between these four readings can leave less
            base, below, above, squares = _hinges(sums, 0, j, x[i], 0.0, i, j)
            if below > 0.0 and d > 0.0 and x[j - 1] <= (base - c) / d <= x[j]:
                _keep(rss, found, FIVE, squares + right, base, below, x[i], d, (base - c) / d)
            base, below, above, squares = _hinges(sums, i, n, 0.0, x[j - 1], i, j)
            if above > 0.0 and b < 0.0 and x[i - 1] <= (base - a) / b <= x[i]:
                _keep(rss, found, FIVE, left + squares, base, -b, (base - a) / b, above, x[j - 1])
            base, below, above, squares = _hinges(sums, 0, n, x[i], x[j - 1], i, j)
            if below > 0.0 and above > 0.0:
                _keep(rss, found, FIVE, squares, base, below, x[i], above, x[j - 1])


@njit(nogil=True, cache=True)
def fit_models(temperature, power, first, last, rss, found):
    """Fit the six models to the meters ``first`` up to ``last``.

    Parameters
    ----------
    temperature, power : (meter, time) float64
        Air temperature [K] and mean power [W] of each step; a step where either is NaN is left out.
    first, last : int
        Meters of this piece of work.
    rss : (meter, 6) float64
        Filled: squares that each model leaves; infinite where there is no such model. [W²]
    found : (meter, 6, 5) float64
        Filled: base [W], slope below [W K⁻¹], its change point [K], slope above [W K⁻¹], its change point [K].

    Notes
    -----
    Between two neighbouring temperatures the readings on each side of a change point stay the same, so the least
    squares lie either where the free pieces meet by themselves or at a reading: Hudson (1966),
    doi:10.1080/01621459.1966.10482198. All places are tried by running sums, so the minimum is the very one, not that
    of a grid as in Kissock, Haberl and Claridge (2003), ASHRAE Transactions 109(2), whose models these are.
    """
    for meter in range(first, last):
        rss[meter] = np.inf
        found[meter] = np.nan
        known = np.isfinite(temperature[meter]) & np.isfinite(power[meter])
        x, y = temperature[meter][known], power[meter][known]
        n = x.size
        if n == 0:
            continue
        order = np.argsort(x, kind="mergesort")
        x, y = x[order], y[order]
        middle, mean = np.mean(x), np.mean(y)
        x, y = x - middle, y - mean  # running sums lose no digits to the far zero of kelvin
        sums = _sums(x, y)
        best, ours = rss[meter], found[meter]
        level, squares = _level(sums, 0, n)
        _keep(best, ours, MEAN, squares, level, 0.0, x[0], 0.0, x[n - 1])
        if n >= LEAST and x[n - 1] > x[0]:
            base, slope, squares = _line(sums, 0, n)
            _keep(best, ours, LINE, squares, base, -slope, 0.0, slope, 0.0)
        if n >= 2 * LEAST:
            _one_change(x, sums, best, ours)
        if n >= 3 * LEAST:
            _two_changes(x, sums, best, ours)
        ours[:, 0] += mean
        ours[:, 2] += middle
        ours[:, 4] += middle
