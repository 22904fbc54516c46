"""Roofs and heights: planes with tilt and azimuth, ridge, eaves, storeys."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from twin.city import GROUND, ROOF, City, Surfaces
from twin.faces import plan_areas, surface_areas, surface_heights, surface_vectors
from twin.mesh import copies_of

LIFT_HOUSE_SHARE = 0.1
"""A top part of the roof with less than this share of its area seen from above may be a lift house. [1]"""

LIFT_HOUSE_AREA = 40.0
"""... and it is no larger than this. [m2]"""

LIFT_HOUSE_HEIGHT = 6.0
"""... and stands no higher than this above the rest; what is higher is a tower and counts. [m]"""

LIFT_HOUSE_STEP = 1.0
"""... and there is a step of at least this much between it and the rest of the roof. [m]"""

STOREY = 3.2
"""Height of a storey where the source counts none: mean of 19th-20th century Brussels housing, floor to floor. [m]

Row houses have 3.5 to 4 m on the ground and first floor and 2.7 to 3 m above; offices 3.3 to 3.6 m. An assumption."""


def azimuth_and_tilt(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where a face looks.

    Parameters
    ----------
    vectors : (..., 3) float64
        Outward normals of any length.

    Returns
    -------
    azimuth : (...) float64
        Of the horizontal part, clockwise from grid north; NaN where the face is level within 0.1 degree. [degree]
    tilt : (...) float64
        0 looks up, 90 is vertical, 180 looks down. [degree]
    """
    flat = np.hypot(vectors[..., 0], vectors[..., 1])
    tilt = np.degrees(np.arctan2(flat, vectors[..., 2]))
    azimuth = np.degrees(np.arctan2(vectors[..., 0], vectors[..., 1])) % 360
    return np.where(np.minimum(tilt, 180 - tilt) < 0.1, np.nan, azimuth), tilt


def roof_planes(city: City) -> pd.DataFrame:
    """All roof faces that look up; one that repeats another counts once.

    Returns
    -------
    DataFrame
        One row per roof surface: ``surface`` (number in ``city.surfaces``), ``building`` (row of the table), ``tilt``,
        ``azimuth`` [degree], ``area``, ``plan_area`` [m2].
    """
    faces = city.surfaces
    vectors = surface_vectors(faces)
    single = copies_of(faces) == np.arange(len(faces))
    which = np.flatnonzero((faces.kind == ROOF) & (vectors[:, 2] > 0) & single)
    azimuth, tilt = azimuth_and_tilt(vectors[which])
    return pd.DataFrame(
        {
            "surface": which,
            "building": faces.building[which].astype(np.int64),
            "tilt": tilt,
            "azimuth": azimuth,
            "area": surface_areas(faces)[which],
            "plan_area": vectors[which, 2],
        }
    )


@dataclass(frozen=True, eq=False)
class Heights:
    """Heights of all buildings; see ``BUILDING_COLUMNS``. [m], [m2]"""

    ground_z: np.ndarray
    ridge_height: np.ndarray
    eaves_height: np.ndarray
    roof_area: np.ndarray
    storeys: np.ndarray
    lift_house: np.ndarray


def heights(faces: Surfaces, buildings: int, single: np.ndarray) -> Heights:
    """Measure every building.

    Ground is the lowest corner of the ground faces. The ridge is the highest roof corner, lift houses left out: a top
    part of the roof that stands apart by a step, small (`LIFT_HOUSE_SHARE`, `LIFT_HOUSE_AREA`) and low
    (`LIFT_HOUSE_HEIGHT`). The eaves are the lowest corner of each roof face, weighted by its area seen from above.

    Parameters
    ----------
    faces : Surfaces
        Wound right.
    buildings : int
    single : (surface,) bool
        False for surfaces that repeat another one; they are left out.

    Returns
    -------
    Heights
        ``storeys`` are counted from the eaves with `STOREY`, at least 1.
    """
    low, high = surface_heights(faces)
    plan = plan_areas(faces)
    areas = surface_areas(faces)
    ground = np.full(buildings, np.inf)
    lowest = np.full(buildings, np.inf)
    floor = faces.kind == GROUND
    np.minimum.at(ground, faces.building[floor], low[floor])
    np.minimum.at(lowest, faces.building, low)
    ground = np.where(np.isfinite(ground), ground, np.where(np.isfinite(lowest), lowest, np.nan))
    roofs = np.flatnonzero((faces.kind == ROOF) & single & (plan > 0))
    top, eaves = ground.copy(), ground.copy()
    lifted = np.zeros(buildings, bool)
    roofs = roofs[np.argsort(faces.building[roofs], kind="stable")]
    cuts = np.searchsorted(faces.building[roofs], np.arange(buildings + 1))
    for b in range(buildings):
        mine = roofs[cuts[b] : cuts[b + 1]]
        if mine.size:
            main = _without_lift_houses(low[mine], high[mine], plan[mine])
            lifted[b] = not main.all()
            top[b] = high[mine][main].max()
            eaves[b] = np.average(low[mine][main], weights=plan[mine][main])
    eaves_height = eaves - ground
    counted = np.nan_to_num(eaves_height, nan=0.0)
    roof = (faces.kind == ROOF) & single
    return Heights(
        ground,
        top - ground,
        eaves_height,
        np.bincount(faces.building[roof], areas[roof], buildings),
        np.maximum(np.rint(counted / STOREY), 1).astype(np.int64),
        lifted,
    )


def _without_lift_houses(low: np.ndarray, high: np.ndarray, plan: np.ndarray) -> np.ndarray:
    """Roof faces that are not part of a lift house: cut off small groups that stand above a gap in height."""
    order = np.argsort(-low, kind="stable")
    total = plan.sum()
    keep = np.ones(low.size, bool)
    below_high = np.maximum.accumulate(high[order][::-1])[::-1]  # highest corner of this face and all with lower feet
    area = 0.0
    for rank, face in enumerate(order[:-1].tolist()):
        area += plan[face]
        if area > min(LIFT_HOUSE_SHARE * total, LIFT_HOUSE_AREA):
            break
        rest = below_high[rank + 1]
        group = order[: rank + 1]
        if low[group].min() - rest >= LIFT_HOUSE_STEP and high[group].max() - rest <= LIFT_HOUSE_HEIGHT:
            keep[group] = False
    return keep
