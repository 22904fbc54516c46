"""Codes of land cover that others use, as the covers of our own table."""

import numpy as np

from twin.city import CityError
from twin.land_covers import land_covers

UMEP = {
    1: "asphalt",
    2: "roof",
    3: "forest_floor",
    4: "forest_floor",
    5: "lawn",
    6: "bare_soil",
    7: "water",
}
"""Seven classes of UMEP's manual (paved, buildings, evergreen and deciduous trees, grass, bare soil, water).

Under trees counts what grows below them: their crowns come from the canopy rasters.
"""

WORLDCOVER = {
    10: "forest_floor",
    20: "shrub",
    30: "lawn",
    40: "lawn",
    50: "asphalt",
    60: "bare_soil",
    80: "water",
    90: "lawn",
    95: "forest_floor",
    100: "lawn",
}
"""Classes of ESA WorldCover 10 m v200, doi:10.5281/zenodo.7254221, without snow and ice (70).

Cropland, wetland and moss have no row of their own in our table and are taken as lawn, built-up ground as asphalt.
"""

SCHEMES = ("umep", "worldcover", "ours")
"""Names that `covers` knows; ``ours`` are the rows of ``assets/land_covers.csv`` from 0."""


def covers(codes: np.ndarray, scheme: str, default: str) -> tuple[np.ndarray, dict[str, int]]:
    """Our codes of land cover.

    Parameters
    ----------
    codes : (y, x) float64
        Codes of ``scheme``; NaN where nothing is known.
    scheme : str
        One of `SCHEMES`.
    default : str
        Key of our table for cells where nothing is known.

    Returns
    -------
    land_cover : (y, x) uint8
    counts : dict
        Cells of each key, most first, and under ``unknown`` how many took the default.

    Raises
    ------
    CityError
        An unknown scheme, or a code that it does not have.
    """
    table = land_covers()
    if scheme not in SCHEMES:
        raise CityError(f"land cover scheme {scheme!r} is none of {', '.join(SCHEMES)}")
    if default not in table:
        raise CityError(f"land cover {default!r} is none of {', '.join(table)}")
    known = np.isfinite(codes)
    if scheme == "worldcover":
        known &= codes != 0  # the product's own code for no data
    words = {"umep": UMEP, "worldcover": WORLDCOVER}.get(scheme) or {one.code: one.key for one in table.values()}
    found, number = np.unique(codes[known], return_counts=True)
    odd = [code for code in found.tolist() if code not in words]
    if odd:
        raise CityError(
            f"land cover code {odd[0]:g} is none of scheme {scheme!r}, which has {', '.join(map(str, words))}; "
            "reclassify it, or choose another scheme"
        )
    ours = np.full(codes.shape, table[default].code, np.uint8)
    ours[known] = np.array([table[words[int(code)]].code for code in found], np.uint8)[
        np.searchsorted(found, codes[known])
    ]
    counts: dict[str, int] = {}
    for code, cells in zip(found.tolist(), number.tolist(), strict=True):
        counts[words[int(code)]] = counts.get(words[int(code)], 0) + cells
    counts = dict(sorted(counts.items(), key=lambda pair: -pair[1]))
    unknown = int(codes.size - known.sum())
    return ours, counts | ({"unknown": unknown} if unknown else {})
