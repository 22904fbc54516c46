"""Rain as statistics: IDF tables given as data, and the composite design storm made of them."""

import csv
import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import xarray as xr

from kernels.quantities import attrs

_ASSETS = Path(__file__).parents[1] / "assets"

MAX_STEPS = 20_000
"""Steps that one storm may have."""
CLIMATE_FACTORS = (1.0, 1.2, 1.4)
"""Factors on intensity that are offered: today, and two assumptions for the end of the century. [1]"""
SEWER_PERIODS = (2.0, 100.0)
"""Return periods for which the line of `sewer_design_rate` is drawn. [a]"""
CONCAVE_WITHIN = 0.02
"""A table whose depths bend the wrong way by more than this has no composite storm. [1]"""

_MM = 1e-3
_UNITS_OF_TIME = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


class RainError(ValueError):
    """Rain that cannot be read or made; the text names the file or figure, what was expected and the remedy."""


@dataclass(frozen=True, eq=False)
class IDF:
    """Depths of rain by duration and return period.

    Attributes
    ----------
    durations : (duration,) float64
        Increasing. [s]
    periods : (period,) float64
        Return periods, increasing. [a]
    depths : (duration, period) float64
        NaN where the table says nothing. [m]
    source, licence : str
        Where the figures are from.
    """

    durations: np.ndarray
    periods: np.ndarray
    depths: np.ndarray
    source: str = ""
    licence: str = ""

    def __post_init__(self) -> None:
        if self.depths.shape != (self.durations.size, self.periods.size) or not self.depths.size:
            raise RainError(
                f"an IDF table of {self.durations.size} durations and {self.periods.size} return periods needs as many "
                f"depths, got {self.depths.shape}"
            )
        for words, axis in (("durations", self.durations), ("return periods", self.periods)):
            if not np.isfinite(axis).all() or (axis <= 0).any() or (np.diff(axis) <= 0).any():
                raise RainError(f"the {words} of an IDF table must be positive and increase, got {axis.tolist()}")
        if np.isinf(self.depths).any() or (self.depths <= 0).any():
            raise RainError("an IDF table holds a depth that is not positive; leave the entry out")
        for number, period in enumerate(self.periods):
            known = self.depths[~np.isnan(self.depths[:, number]), number]
            if not known.size:
                raise RainError(f"the IDF table has no depth at all for {period:g} years; leave the column out")
            if (np.diff(known) < 0).any():
                raise RainError(f"the IDF table has less rain in a longer time for {period:g} years; check its figures")

    @classmethod
    def read(cls, path: str | Path) -> "IDF":
        """Read a table from a CSV, in either of two forms.

        Long: columns ``duration_s``, ``return_period_years``, ``depth_mm``, and if wanted ``source``, ``licence``.
        Wide, as weather services print it: first column ``duration_min`` (or ``_s``, ``_h``, ``_d``), then one column
        per return period in years; a line ``# unit: mm`` or ``# unit: mm/h`` above it says what the cells are. Lines
        ``# source: …`` and ``# licence: …`` are kept.

        Raises
        ------
        RainError
        """
        try:
            text = Path(path).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise RainError(f"{path}: cannot be read ({error}); give a CSV in UTF-8") from error
        return cls.parse(text, str(path))

    @classmethod
    def parse(cls, text: str, name: str = "IDF table") -> "IDF":
        """Read a table from the text of a CSV; see `read`."""
        words = _remarks(text)
        rows = rows_of(text)
        if len(rows) < 2:
            raise RainError(f"{name}: has no row of figures; see docs/rainfall.md for the two forms")
        head = [cell.strip() for cell in rows[0]]
        body = [dict(zip(head, (cell.strip() for cell in row), strict=False)) for row in rows[1:]]
        if "depth_mm" in head:
            entries = _long(name, head, body)
            said = sorted({row.get("source", "") for row in body} - {""})
            words.setdefault("source", "; ".join(said))
            words.setdefault("licence", "; ".join(sorted({row.get("licence", "") for row in body} - {""})))
        else:
            entries = _wide(name, head, body, words.get("unit", ""))
        durations = np.array(sorted({duration for duration, _ in entries}))
        periods = np.array(sorted({period for _, period in entries}))
        depths = np.full((durations.size, periods.size), np.nan)
        for (duration, period), depth in entries.items():
            depths[np.searchsorted(durations, duration), np.searchsorted(periods, period)] = depth * _MM
        return cls(durations, periods, depths, words.get("source", ""), words.get("licence", ""))

    def durations_of(self, return_period_years: float) -> np.ndarray:
        """Durations between which `depth` answers for a return period. [s]"""
        return self._column(return_period_years)[0]

    def depth(self, duration_s: float | np.ndarray, return_period_years: float) -> np.ndarray:
        """Depth of rain.

        Parameters
        ----------
        duration_s : float or (n,) float
            [s]
        return_period_years : float
            [a]

        Returns
        -------
        ndarray
            Straight lines between the given durations with both axes logarithmic; between return periods, straight
            lines over the Gumbel variate -ln(-ln(1 - 1/T)). [m]

        Raises
        ------
        RainError
            Outside the table: nothing is extrapolated.
        """
        durations, depths = self._column(return_period_years)
        wanted = np.asarray(duration_s, float)
        slack = 1 + 1e-9
        if not (wanted * slack >= durations[0]).all() or not (wanted <= durations[-1] * slack).all():
            raise RainError(
                f"for {return_period_years:g} years the table reaches from {durations[0]:g} to {durations[-1]:g} s, "
                f"asked for {float(wanted.min()):g} to {float(wanted.max()):g} s; nothing is extrapolated: take a "
                "table that reaches further, or other durations"
            )
        if durations.size == 1:
            return np.full(wanted.shape, depths[0])
        return np.exp(np.interp(np.log(wanted), np.log(durations), np.log(depths)))

    def _column(self, period: float) -> tuple[np.ndarray, np.ndarray]:
        """Durations with a known depth, and the depths, for a return period."""
        same = np.flatnonzero(np.isclose(self.periods, period, rtol=1e-9, atol=0))
        if same.size:
            known = ~np.isnan(self.depths[:, same[0]])
            return self.durations[known], self.depths[known, same[0]]
        after = int(np.searchsorted(self.periods, period))
        if not 0 < after < self.periods.size or self.periods[after - 1] <= 1:
            raise RainError(
                f"{period:g} years is outside the table, which has {', '.join(f'{one:g}' for one in self.periods)} "
                "years; nothing is extrapolated"
            )
        known = ~np.isnan(self.depths[:, after - 1 : after + 1]).any(axis=1)
        if not known.any():
            raise RainError(f"the table has no duration with both return periods around {period:g} years")
        low, high = (gumbel_variate(one) for one in self.periods[after - 1 : after + 1])
        share = (gumbel_variate(period) - low) / (high - low)
        first, second = self.depths[known, after - 1], self.depths[known, after]
        return self.durations[known], first + share * (second - first)


def _remarks(text: str) -> dict[str, str]:
    """Words after ``# key:`` at the head of a CSV."""
    found = {}
    for line in text.splitlines():
        key, colon, value = line.lstrip("# \t").partition(":")
        if line.startswith("#") and colon and key.strip().lower() in ("unit", "source", "licence"):
            found[key.strip().lower()] = value.strip()
    return found


def rows_of(text: str) -> list[list[str]]:
    """Rows of a CSV whose remarks are lines with ``#``."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return list(csv.reader(io.StringIO("\n".join(lines))))


def _number(name: str, row: int, column: str, text: str | None) -> float:
    try:
        found = float(text or "")
    except ValueError:
        found = np.nan
    if not np.isfinite(found):
        raise RainError(f"{name}: {column} in row {row} is {text!r}, expected a number")
    return found


def _long(name: str, head: list[str], body: list[dict[str, str]]) -> dict[tuple[float, float], float]:
    wanted = ("duration_s", "return_period_years", "depth_mm")
    missing = [column for column in wanted if column not in head]
    if missing:
        raise RainError(f"{name}: has no column {missing[0]}; expected {', '.join(wanted)}")
    found: dict[tuple[float, float], float] = {}
    for number, row in enumerate(body, 1):
        duration, period, depth = (_number(name, number, column, row.get(column)) for column in wanted)
        if (duration, period) in found:
            raise RainError(f"{name}: {duration:g} s and {period:g} years stand there twice; keep one")
        found[duration, period] = depth
    return found


def _wide(name: str, head: list[str], body: list[dict[str, str]], unit: str) -> dict[tuple[float, float], float]:
    first, _, scale = head[0].partition("_")
    if first != "duration" or scale not in _UNITS_OF_TIME:
        raise RainError(f"{name}: its first column is {head[0]!r}, expected duration_s, duration_min, duration_h, …")
    if unit not in ("mm", "mm/h"):
        raise RainError(f"{name}: does not say what its cells are; add a line '# unit: mm' or '# unit: mm/h'")
    found: dict[tuple[float, float], float] = {}
    for number, row in enumerate(body, 1):
        duration = _number(name, number, head[0], row.get(head[0])) * _UNITS_OF_TIME[scale]
        for column in head[1:]:
            if row.get(column, "") == "":
                continue
            period = _number(name, 0, "the return period", column)
            depth = _number(name, number, column, row[column])
            if (duration, period) in found:
                raise RainError(f"{name}: {duration:g} s and {period:g} years stand there twice; keep one")
            found[duration, period] = depth if unit == "mm" else depth * duration / 3600.0
    return found


@cache
def sourced() -> IDF:
    """The few figures that this project ships with a source: two years at 1 h and 24 h, ten years at 1 h."""
    return IDF.read(_ASSETS / "rainfall_idf.csv")


def gumbel_variate(return_period_years: float) -> float:
    """Reduced variate -ln(-ln(1 - 1/T)) of the yearly maximum (Gumbel 1941, doi:10.1214/aoms/1177731747). [1]"""
    if not return_period_years > 1:
        raise RainError(f"a yearly maximum has a return period of more than one year, got {return_period_years:g}")
    return float(-np.log(-np.log1p(-1.0 / return_period_years)))


def sewer_design_rate(return_period_years: float) -> float:
    """Rain that an unknown sewer is assumed to have been built for: the hour with a return period.

    Assumption: a Gumbel line through the two figures of `sourced` for one hour, two and ten years; no register of the
    Region's sewers says what each was built for.

    Returns
    -------
    float
        [m s⁻¹]

    Raises
    ------
    RainError
        Outside `SEWER_PERIODS`.
    """
    low, high = SEWER_PERIODS
    if not low <= return_period_years <= high:
        raise RainError(f"a sewer's return period lies between {low:g} and {high:g} years, got {return_period_years:g}")
    table = sourced()
    two, ten = (float(table.depth(3600.0, period)) for period in (2.0, 10.0))
    share = (gumbel_variate(return_period_years) - gumbel_variate(2)) / (gumbel_variate(10) - gumbel_variate(2))
    return (two + share * (ten - two)) / 3600.0


def composite_storm(
    idf: IDF,
    return_period_years: float,
    dt: float,
    duration_s: float,
    peak: float = 0.5,
    climate_factor: float = 1.0,
) -> xr.DataArray:
    """Design storm whose highest rain over every duration is that of an IDF table, all nested in one another.

    Parameters
    ----------
    idf : IDF
    return_period_years : float
        [a]
    dt : float
        Length of a step; the table must reach down to it. [s]
    duration_s : float
        Of the storm, a whole number of steps. [s]
    peak : float
        Where the highest step stands, from 0 (first) to 1 (last). [1]
    climate_factor : float
        On every depth. [1]

    Returns
    -------
    (time,) DataArray
        ``rainfall_rate`` from time 0; the last entry is 0 and ends the storm. [m s⁻¹]

    Raises
    ------
    RainError
        The table does not reach, or its depths bend upwards over duration so that no such storm exists.

    Notes
    -----
    Alternating blocks (Chow, Maidment and Mays 1988, Applied Hydrology, section 14.4); in Belgium the composite storm
    of Vaes and Berlamont. Where rounded or interpolated depths bend upwards by no more than `CONCAVE_WITHIN`, their
    concave hull is taken: nowhere less rain than the table, and at most that much more.
    """
    count = duration_s / dt if dt > 0 else np.inf
    steps = round(count) if np.isfinite(count) else 0
    if not 1 <= steps <= MAX_STEPS or abs(count - steps) > 1e-9 * count:
        raise RainError(
            f"a storm of {duration_s:g} s has {count:g} steps of {dt:g} s, expected a whole number up to {MAX_STEPS:,}"
        )
    if not 0 <= peak <= 1:
        raise RainError(f"the peak stands at {peak:g} of the storm, expected 0 to 1")
    if not (np.isfinite(climate_factor) and climate_factor > 0):
        raise RainError(f"the climate factor is {climate_factor:g}, expected a positive number such as 1.2 or 1.4")
    ends = dt * np.arange(1, steps + 1)
    depths = idf.depth(ends, return_period_years) * climate_factor
    hull = _concave(np.append(0.0, ends), np.append(0.0, depths))[1:]
    worst = int(np.argmax(hull / depths))
    if hull[worst] > (1 + CONCAVE_WITHIN) * depths[worst]:
        raise RainError(
            f"the depths for {return_period_years:g} years bend upwards around {ends[worst]:g} s, so no storm has all "
            "of them as its highest; check the table there, or take a shorter storm"
        )
    rates = np.zeros(steps + 1)
    rates[_nested(steps, peak)] = np.diff(hull, prepend=0.0) / dt
    return xr.DataArray(
        rates,
        dims="time",
        coords={"time": ("time", dt * np.arange(steps + 1), {"units": "s"})},
        name="rainfall_rate",
        attrs=attrs("rainfall_rate"),
    )


def _concave(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The least concave curve that is nowhere below the points (upper convex hull)."""
    kept: list[int] = []
    for new in range(x.size):
        while len(kept) > 1:
            a, b = kept[-2:]
            bend = (y[b] - y[a]) * (x[new] - x[a]) - (y[new] - y[a]) * (x[b] - x[a])
            if bend >= 0:
                break
            kept.pop()
        kept.append(new)
    return np.interp(x, x[kept], y[kept])


def _nested(steps: int, peak: float) -> np.ndarray:
    """Place of the k-th highest block: the k highest always stand side by side, the highest at ``peak``."""
    first = round(peak * (steps - 1))
    places, left, right = [first], first - 1, first + 1
    while len(places) < steps:
        wants_left = (first - left) * (steps - 1 - first) <= (right - first) * first if right < steps else True
        if left >= 0 and wants_left:
            places.append(left)
            left -= 1
        else:
            places.append(right)
            right += 1
    return np.array(places)
