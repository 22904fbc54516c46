"""What a picture is of: a city, a result, or both, found from the paths that a user names."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import xarray as xr

from kernels.quantities import Language
from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from twin.city import City, Terrain
from twin.demo import demo_city
from twin.folder import MANIFEST, load, read_manifest
from twin.ground import filled
from twin.result import MANIFEST as RESULT
from twin.result import Result, StoreError
from viewer.still.field import Field, PictureError, choose
from viewer.still.model import Model, model_of, model_of_ground
from viewer.still.sheet import WORDS, Caption

DEMO = "demo"
"""The word that stands for the demo district in the place of a city folder."""


@dataclass(frozen=True)
class Subject:
    """What is drawn.

    Attributes
    ----------
    name : str
        For the title where there is no city.
    city : City or None
    field : Field or None
    ground : Terrain or None
        Ground of a result without city.
    manifest : mapping
        Of the result; empty where it has none.
    """

    name: str
    city: City | None
    field: Field | None
    ground: Terrain | None
    manifest: Mapping[str, Any]


def open_subject(path: Path, city: Path | None, field: str | None, time: float | None) -> Subject:
    """Read what a user names.

    Parameters
    ----------
    path : Path
        City folder, result folder, Zarr, or the word demo.
    city : Path or None
        City folder of a result, or the word demo.
    field : str or None
    time : float or None
        [s]

    Raises
    ------
    PictureError
        There is nothing of that kind there, or it does not fit together.
    twin.city.CityError
        The city folder is damaged.
    """
    if _is_city(path):
        for name, value in (("--field", field), ("--time", time), ("--city", city)):
            if value is not None:
                raise PictureError(f"{name} {value}: {path} is a city; name a result to draw a field of it")
        whole = _city(path)
        return Subject(whole.name, whole, None, None, {})
    if not path.exists():
        raise PictureError(f"{path}: there is nothing; name a city folder, a result, a Zarr, or the word {DEMO}")
    dataset, manifest = _result(path)
    with dataset:
        shown = choose(dataset, field, time)
        ground = _ground(dataset, shown) if city is None else None
    if city is None:
        near = _beside(path, manifest)
        if near is None:
            return Subject(manifest.get("city", {}).get("name", path.stem), None, shown, ground, manifest)
        return Subject(near.name, _edited(near, manifest), shown, None, manifest)
    if not _is_city(city):
        raise PictureError(f"--city {city}: is no city folder (no {MANIFEST} in it)")
    whole = _city(city)
    expected = manifest.get("city", {}).get("digest")
    if expected and expected != whole.digest:
        raise PictureError(f"--city {city}: is {whole.name} ({whole.digest[:12]}), the result is of {expected[:12]}")
    if not shapely.box(*whole.bounds).intersects(shapely.box(*shown.bounds)):
        raise PictureError(
            f"--city {city}: lies at {whole.bounds}, the result at {shown.bounds}; name the result's city"
        )
    return Subject(whole.name, _edited(whole, manifest), shown, None, manifest)


def _is_city(path: Path) -> bool:
    return str(path) == DEMO or (path / MANIFEST).is_file()


def _city(path: Path) -> City:
    return demo_city() if str(path) == DEMO else load(path)


def _result(path: Path) -> tuple[xr.Dataset, Mapping[str, Any]]:
    """Fields and manifest of a result folder or of a bare Zarr."""
    try:
        if (path / RESULT).is_file():
            result = Result(path)
            return result.dataset, result.manifest
        return xr.open_dataset(path, engine="zarr", chunks=None, consolidated=False, decode_times=False), {}
    except (OSError, ValueError, KeyError, StoreError) as error:
        raise PictureError(
            f"{path}: is neither a city folder (no {MANIFEST} in it) nor a result that can be read: {error}"
        ) from error


def _beside(path: Path, manifest: Mapping[str, Any]) -> City | None:
    """The city that a result was made from: a folder near the result, or the demo district."""
    made = manifest.get("city", {})
    if not made.get("digest"):
        return None
    for above in list(path.absolute().parents)[:4]:
        for known in sorted(above.glob(f"*/{MANIFEST}")):
            if read_manifest(known.parent).get("digest") == made["digest"]:
                return load(known.parent)
    if made.get("demo") and (district := demo_city()).digest == made["digest"]:
        return district
    return None


def _edited(city: City, manifest: Mapping[str, Any]) -> City:
    """The city as the scenario of a result has it: with its walls, houses and gardens."""
    scenario = manifest.get("scenario")
    if not scenario:
        return city
    try:
        return Scenario.read(scenario).situation(city).city
    except ScenarioError as error:
        raise PictureError(f"the scenario in the result's manifest does not fit {city.name}: {error}") from error


def _ground(dataset: xr.Dataset, shown: Field) -> Terrain:
    """The result's own ground, or a level one where it has none."""
    if "ground_elevation" in dataset and set(dataset["ground_elevation"].dims) == {"y", "x"}:
        heights = choose(dataset, "ground_elevation")
        if np.isfinite(heights.values).any():
            return filled(Terrain(heights.values.astype(np.float32), heights.west, heights.south, heights.cell_size))
    return Terrain(np.zeros(shown.values.shape, np.float32), shown.west, shown.south, shown.cell_size)


def model_of_subject(subject: Subject) -> Model:
    """The maquette of a subject: the city within the field's grid, or the result's own ground."""
    if subject.city is None:
        assert subject.ground is not None
        return model_of_ground(subject.ground)
    window = None
    if subject.field is not None:
        inner = np.array([subject.field.bounds, subject.city.bounds])
        window = (*inner[:, :2].max(axis=0).tolist(), *inner[:, 2:].min(axis=0).tolist())
    return model_of(subject.city, window)


def caption_of(subject: Subject, language: Language, title: str | None = None) -> Caption:
    """The words of a subject's picture."""
    parts = []
    if subject.field is not None:
        parts.append(subject.field.quantity.label[language])
    scenario = subject.manifest.get("scenario", {}).get("name", {})
    if isinstance(scenario, Mapping) and scenario:
        parts.append(str(scenario.get(language) or next(iter(scenario.values()))))
    if subject.field is not None and subject.field.time is not None:
        parts.append(WORDS[language]["after"].format(minutes=round(subject.field.time / 60)))
    if subject.city is not None:
        told = [(one.title, one.vintage, one.licence) for one in subject.city.sources]
        sources = tuple(dict.fromkeys(", ".join(filter(None, words)) for words in told))
        demo = subject.city.demo
    else:
        made = subject.manifest.get("city", {})
        sources = tuple(str(one.get("title", "")) for one in made.get("sources", ()))
        demo = bool(made.get("demo", False))
    return Caption(title or subject.name, "  ·  ".join(parts), sources, demo, language)
