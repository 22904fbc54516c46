"""The courses of a stock of buildings as one picture: four small charts, a line for each of what is compared."""

from html import escape

import numpy as np
import pandas as pd

CHARTS = (
    ("condition", "Condition, 1 new to 6 very poor", 1.0),
    ("backlog_eur", "Backlog, M€", 1e-6),
    ("energy_mwh", "Energy, GWh a year", 1e-3),
    ("co2_t", "CO2, t a year", 1.0),
)
"""Column, title and factor of each chart."""

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#f0e442")
"""Told apart by everybody: Okabe and Ito (2008), Color universal design."""

DASHES = ("", "6 3", "2 3")
"""When colours are used up, lines are dashed."""

_WIDE, _HIGH, _LEFT, _TOP, _GAP = 340, 170, 64, 70, 84


def picture(table: pd.DataFrame, title: str) -> str:
    """Draw the courses.

    Parameters
    ----------
    table : DataFrame
        Columns ``scenario``, ``year`` and those of `CHARTS`.
    title : str

    Returns
    -------
    str
        SVG.
    """
    names = list(dict.fromkeys(table["scenario"]))
    legend = _TOP + 2 * (_HIGH + _GAP) - 20
    width, height = _LEFT + 2 * (_WIDE + _GAP), legend + 20 * len(names) + 16
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="system-ui, sans-serif" font-size="12" fill="#222">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="32" font-size="18" font-weight="600">{escape(title)}</text>',
    ]
    for number, (column, words, factor) in enumerate(CHARTS):
        left = _LEFT + (number % 2) * (_WIDE + _GAP)
        top = _TOP + (number // 2) * (_HIGH + _GAP)
        drawn += _chart(table, names, column, words, factor, left, top)
    for number, name in enumerate(names):
        y = legend + 20 * number
        drawn.append(f'<line x1="{_LEFT}" x2="{_LEFT + 28}" y1="{y - 4}" y2="{y - 4}" {_stroke(number)}/>')
        drawn.append(f'<text x="{_LEFT + 36}" y="{y}">{escape(name)}</text>')
    return "\n".join([*drawn, "</svg>", ""])


def _chart(
    table: pd.DataFrame, names: list[str], column: str, words: str, factor: float, left: int, top: int
) -> list[str]:
    values = table[column].to_numpy(float) * factor
    low, high, ticks = _scale(values, least=1.0 if column == "condition" else 0.0)
    years = table["year"].to_numpy(float)
    first, last = years.min(), years.max()

    def across(year: float) -> float:
        return left + _WIDE * (year - first) / max(last - first, 1.0)

    def down(value: float) -> float:
        return top + _HIGH * (1.0 - (value - low) / (high - low))

    drawn = [f'<text x="{left}" y="{top - 14}" font-weight="600">{escape(words)}</text>']
    for tick in ticks:
        y = down(tick)
        drawn.append(f'<line x1="{left}" x2="{left + _WIDE}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        drawn.append(f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#555">{tick:,.10g}</text>')
    for year in sorted({first, last, *np.arange(np.ceil(first / 10) * 10, last + 1, 10)}):
        if year in (first, last) or min(year - first, last - year) >= 4:
            spot = f'x="{across(year):.1f}" y="{top + _HIGH + 18}"'
            drawn.append(f'<text {spot} text-anchor="middle" fill="#555">{year:.0f}</text>')
    for number, name in enumerate(names):
        mine = (table["scenario"] == name).to_numpy()
        points = " ".join(f"{across(x):.1f},{down(y):.1f}" for x, y in zip(years[mine], values[mine], strict=True))
        drawn.append(f'<polyline points="{points}" fill="none" {_stroke(number)}/>')
    return drawn


def _scale(values: np.ndarray, *, least: float) -> tuple[float, float, list[float]]:
    """Ends and some five round ticks; the axis begins where nothing is, so that no change looks larger than it is."""
    high = max(float(values.max()), least + 1e-9)
    rough = (high - least) / 4.0
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(one * power for one in (1.0, 2.0, 2.5, 5.0, 10.0) if one * power >= rough)
    top = least + step * np.ceil((high - least) / step - 1e-9)
    return least, top, [round(float(one), 10) for one in np.arange(least, top + 0.5 * step, step)]


def _stroke(number: int) -> str:
    dash = DASHES[number // len(COLOURS) % len(DASHES)]
    return f'stroke="{COLOURS[number % len(COLOURS)]}" stroke-width="2"' + (
        f' stroke-dasharray="{dash}"' if dash else ""
    )
