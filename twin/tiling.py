"""The Region cell by cell: many files to many city folders, in parallel, at the memory of a few cells."""

import json
import multiprocessing
import resource
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from itertools import combinations
from pathlib import Path
from typing import Any

import dask
import geopandas as gpd
import numpy as np
from dask.callbacks import Callback
from scipy.spatial import KDTree

from twin import folder
from twin.city import CityError
from twin.imports import import_city
from twin.selection import keep_buildings
from twin.sources import file_checksum

INDEX = "region.json"
FORMAT = 1

SAME_PLACE = 0.5
"""Two footprints of neighbouring cells with centres closer than this ... [m]"""
SAME_SIZE = 0.01
"""... and areas within this part of each other are one building. [1]"""

CELLS_PER_PROCESS = 16
"""A worker is replaced after so many cells, so that what libraries keep does not add up. [1]"""

Progress = Callable[[float, str], None]


def import_region(
    cells: Mapping[str, Mapping[str, str | Path]],
    out: str | Path,
    *,
    workers: int | None = None,
    on_progress: Progress | None = None,
) -> dict[str, Any]:
    """Import each cell on its own into ``out/<cell>``, then count every building on a cell edge once.

    Cells run in worker processes under dask and only their counts come back, so memory does not grow with their number.
    A cell that is there already, from the same files, is not imported again: a run that was stopped goes on. A cell
    that cannot be imported is listed with its reason and does not stop the others.

    Parameters
    ----------
    cells : mapping
        For each cell, by name, the files of `twin.imports.import_city`: ``buildings`` and any of ``terrain``,
        ``trees``, ``streets``, ...
    out : path
    workers : int, optional
        Processes; the number of cores where not given.
    on_progress : callable, optional
        Takes a fraction 0..1 and words.

    Returns
    -------
    dict
        As written to ``out/region.json``: the cells with digest, bounds, counts, seconds and the peak memory of their
        worker [byte], those that failed with their reason, and the number of buildings.
    """
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    tell = on_progress or (lambda fraction, words: None)
    tasks = [
        dask.delayed(_import_cell, pure=False)(name, {part: str(path) for part, path in files.items()}, str(out / name))
        for name, files in sorted(cells.items())
    ]
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])  # libraries are loaded once, not once per worker
    with (
        ProcessPoolExecutor(workers, mp_context=context, max_tasks_per_child=CELLS_PER_PROCESS) as pool,
        _Told(tell, len(tasks)),
    ):
        done = list(dask.compute(*tasks, scheduler="processes", pool=pool, chunksize=1))
    good = [one for one in done if "error" not in one]
    dropped = _count_once(out, good)
    index = {
        "bxl_twin_region": FORMAT,
        "cells": good,
        "failed": [one for one in done if "error" in one],
        "buildings": sum(one["counts"]["buildings"] for one in good),
        "on_two_cells": dropped,
    }
    fresh = out / (INDEX + ".new")
    fresh.write_text(json.dumps(index, indent=1, ensure_ascii=False, allow_nan=False), "utf-8")
    fresh.replace(out / INDEX)
    return index


class _Told(Callback):  # type: ignore[misc]
    """Counts finished tasks for the progress bar."""

    def __init__(self, tell: Progress, tasks: int) -> None:
        self._tell, self._tasks, self._done = tell, tasks, 0

        def after(key: Any, result: Any, dsk: Any, state: Any, worker: Any) -> None:
            self._done += 1
            self._tell(min(self._done / self._tasks, 1.0), f"{self._done} of {self._tasks} cells")

        super().__init__(posttask=after)


def _import_cell(name: str, files: Mapping[str, str], place: str) -> dict[str, Any]:
    """Import one cell and save it; what comes back is small."""
    start = time.perf_counter()
    inputs: dict[str, str] = {}
    try:
        inputs = {part: file_checksum(Path(path)) for part, path in files.items()}
        known = _known(Path(place), inputs)
        if known is None:
            others: dict[str, Any] = {part: path for part, path in files.items() if part != "buildings"}
            city, report = import_city(files["buildings"], name=name, **others)
            folder.save(city, place, report={"inputs": inputs, "import": report.as_dict()})
            known = folder.read_manifest(place)
    except (CityError, OSError) as error:
        return {"name": name, "error": str(error), "inputs": inputs}
    return {
        "name": name,
        "digest": known["digest"],
        "bounds": known["bounds"],
        "counts": known["counts"],
        "seconds": round(time.perf_counter() - start, 3),
        "peak_memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def _known(place: Path, inputs: Mapping[str, str]) -> dict[str, Any] | None:
    try:
        manifest = folder.read_manifest(place)
    except CityError:
        return None
    return manifest if manifest["report"].get("inputs") == dict(inputs) else None


def _count_once(out: Path, cells: list[dict[str, Any]]) -> int:
    """Leave a building that two cells hold in the first of them by name; how many were taken out."""
    dropped = 0
    for one, other in combinations(cells, 2):
        west, south = np.maximum(one["bounds"][:2], other["bounds"][:2])
        east, north = np.minimum(one["bounds"][2:], other["bounds"][2:])
        if west >= east or south >= north:
            continue
        first, second = (_in_box(out / cell["name"], (west, south, east, north)) for cell in (one, other))
        twice = _twins(first, second)
        if not twice:
            continue
        city = folder.load(out / other["name"])
        kept = ~city.buildings.index.isin(twice)
        report = folder.read_manifest(out / other["name"])["report"]
        city = keep_buildings(city, kept)
        folder.save(city, out / other["name"], report=report | {"counted_in": {one["name"]: sorted(twice)}})
        other["counts"]["buildings"] = int(kept.sum())
        other["digest"] = city.digest
        dropped += len(twice)
    return dropped


def _in_box(place: Path, box: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    table = folder.read_table(place, "buildings")
    bounds = table.geometry.bounds
    west, south, east, north = box
    near = (bounds.minx < east) & (bounds.maxx > west) & (bounds.miny < north) & (bounds.maxy > south)
    return table[near]


def _twins(first: gpd.GeoDataFrame, second: gpd.GeoDataFrame) -> set[str]:
    """Ids of the second table that are buildings of the first: by id, or by place and size."""
    found = set(first.index) & set(second.index)
    if len(first) and len(second):
        mine, theirs = first.geometry.centroid, second.geometry.centroid
        apart, near = KDTree(np.column_stack([mine.x, mine.y])).query(np.column_stack([theirs.x, theirs.y]))
        size, other = second.geometry.area.to_numpy(), first.geometry.area.to_numpy()[near]
        same = (apart < SAME_PLACE) & (np.abs(size - other) <= SAME_SIZE * np.maximum(size, other))
        found |= set(second.index[same])
    return found
