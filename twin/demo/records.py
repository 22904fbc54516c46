"""When the buildings of the demo district were put up, and whose they are: drawn, in the manner of the real quarter."""

from collections.abc import Sequence

import numpy as np

from twin.demo.roofs import Draft

UNKNOWN = 0.08
"""Share of buildings whose year nobody wrote down, as in any cadastre. [1]"""

TALL, TOWER = 7, 15
"""Storeys from which a building is post-war, and from which it is a tower."""

CITY, TRANSPORT, PRIVATE = "Ville de Bruxelles", "STIB", "privé"

PUBLIC_HOMES = 0.3
"""Share of tall residential buildings that belong to the city. [1]"""

_PERIODS: dict[str, tuple[tuple[float, int, int], ...]] = {
    "row": ((0.72, 1880, 1914), (0.16, 1919, 1939), (0.06, 1948, 1970), (0.03, 1971, 1990), (0.03, 2000, 2020)),
    "tall": ((0.45, 1958, 1970), (0.35, 1971, 1985), (0.20, 2005, 2020)),
    "tower": ((0.55, 1972, 1985), (0.30, 1992, 2005), (0.15, 2006, 2018)),
    "office": ((0.15, 1925, 1939), (0.40, 1962, 1979), (0.30, 1986, 2003), (0.15, 2006, 2019)),
    "education": ((0.55, 1885, 1914), (0.25, 1950, 1970), (0.20, 1998, 2016)),
    "worship": ((1.0, 1845, 1905),),
    "transport": ((0.6, 1936, 1956), (0.4, 1978, 1996)),
}
"""Share, first and last year of the times in which buildings of a kind were put up."""


def years_and_owners(drafts: Sequence[Draft], seed: int) -> tuple[list[float], list[str]]:
    """Draw a year of construction and an owner for every building.

    Parameters
    ----------
    drafts : sequence of Draft
        With their ids, on which alone a draw depends: a smaller window holds the same years.
    seed : int

    Returns
    -------
    years : list of float
        NaN where unknown.
    owners : list of str
    """
    years, owners = [], []
    for draft in drafts:
        rng = np.random.default_rng([seed, 29, int(draft.id[2:5]), int(draft.id[5:])])
        shares, firsts, lasts = zip(*_PERIODS[_kind(draft)], strict=True)
        period = int(np.searchsorted(np.cumsum(shares), rng.random(), side="right").clip(max=len(shares) - 1))
        year = float(rng.integers(firsts[period], lasts[period] + 1))
        years.append(year if rng.random() >= UNKNOWN else float("nan"))
        owners.append(_owner(draft, rng.random()))
    return years, owners


def _kind(draft: Draft) -> str:
    if draft.use in ("education", "worship", "transport"):
        return draft.use
    if draft.storeys >= TOWER:
        return "tower"
    if draft.use == "office":
        return "office"
    return "tall" if draft.storeys >= TALL else "row"


def _owner(draft: Draft, drawn: float) -> str:
    if draft.use in ("education", "worship") or (draft.use == "residential" and draft.storeys >= TALL):
        return CITY if draft.use != "residential" or drawn < PUBLIC_HOMES else PRIVATE
    return TRANSPORT if draft.use == "transport" else PRIVATE
