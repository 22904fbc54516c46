"""A building of anyone's as a JSON document: zones, layers, windows, gains and set points."""

import json
import math
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kernels.energy.thermal import Surface, Window, Zone
from kernels.energy.thermal_layers import Layer
from twin.city import CityError

ZERO = 273.15
"""[K]"""

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Part = Annotated[float, Field(ge=0, le=1)]
Schedule = Finite | Annotated[list[Finite], Field(min_length=1, max_length=8784)]
Points = Finite | None | Annotated[list[Finite | None], Field(min_length=1, max_length=8784)]


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class LayerWords(_Words):
    """One layer of a construction."""

    thickness_m: Positive
    conductivity_w_mk: Positive
    density_kg_m3: NotNegative
    specific_heat_j_kgk: NotNegative


class SurfaceWords(_Words):
    """A wall, roof or floor; its construction is named."""

    name: str = ""
    construction: str
    area_m2: Positive
    tilt_deg: Annotated[float, Field(ge=0, le=180, description="0 looks up, 90 is a wall, 180 a floor")]
    azimuth_deg: Annotated[float, Field(ge=0, le=360, description="of the outward normal, from north clockwise")] = 0.0
    outside: Literal["outdoor", "ground", "adiabatic"] = "outdoor"
    solar_absorptance: Part = 0.6
    emittance: Part = 0.9
    sky_view: Part | None = None


class WindowWords(_Words):
    """A window."""

    name: str = ""
    area_m2: Positive
    tilt_deg: Annotated[float, Field(ge=0, le=180)] = 90.0
    azimuth_deg: Annotated[float, Field(ge=0, le=360)]
    u_value_w_m2k: Positive
    g_value: Part
    sky_view: Part | None = None


class ZoneWords(_Words):
    """A zone. A schedule is a number, 24 of them (a day in local standard time) or one for every hour of the year."""

    name: str
    floor_area_m2: Positive
    volume_m3: Positive
    surfaces: Annotated[list[SurfaceWords], Field(min_length=1)]
    windows: list[WindowWords] = []
    infiltration_ach: Schedule = 0.0
    gains_w: Schedule = 0.0
    heating_setpoint_c: Points = None
    cooling_setpoint_c: Points = None
    ground_temperature_c: Finite | Annotated[list[Finite], Field(min_length=12, max_length=12)] = 10.0
    air_heat_capacity_j_k: Positive | None = None
    gains_convective_share: Part = 0.4
    sun_convective_share: Part = 0.1
    plant_convective_share: Part = 0.4
    control: Literal["operative", "air"] = "operative"
    heating_limit_w: NotNegative | None = None
    cooling_limit_w: NotNegative | None = None


class BuildingWords(_Words):
    """The document of ``bxl-twin building``."""

    name: str = ""
    source: str = ""
    constructions: dict[str, Annotated[list[LayerWords], Field(min_length=1, description="from inside to outside")]]
    zones: Annotated[list[ZoneWords], Field(min_length=1)]


def read(path: str | Path) -> tuple[Zone, ...]:
    """Read a building.

    Parameters
    ----------
    path : path
        ``.json``.

    Returns
    -------
    tuple of Zone
        In the order of the file.

    Raises
    ------
    CityError
        No JSON, or not the document; the place in it is named.
    """
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CityError(f"{path}: cannot be read as JSON ({error}); is it a building file?") from error
    try:
        words = BuildingWords.model_validate_json(json.dumps(document))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the document"
        raise CityError(
            f"{path}: {where}: {first['msg']}; `bxl-twin building --schema` prints what a building file holds"
        ) from error
    layers = {
        name: tuple(
            Layer(one.thickness_m, one.conductivity_w_mk, one.density_kg_m3, one.specific_heat_j_kgk) for one in given
        )
        for name, given in words.constructions.items()
    }
    names = [zone.name for zone in words.zones]
    if len(set(names)) < len(names):
        raise CityError(f"{path}: zones need names of their own, got {names}")
    return tuple(_zone(path, zone, layers) for zone in words.zones)


def _zone(path: str | Path, words: ZoneWords, layers: dict[str, tuple[Layer, ...]]) -> Zone:
    for surface in words.surfaces:
        if surface.construction not in layers:
            raise CityError(
                f"{path}: zone {words.name!r} names the construction {surface.construction!r}; there are "
                f"{sorted(layers)}"
            )
    return Zone(
        surfaces=tuple(
            Surface(
                layers[one.construction],
                one.area_m2,
                math.radians(one.tilt_deg),
                math.radians(one.azimuth_deg),
                one.outside,
                one.solar_absorptance,
                one.emittance,
                one.sky_view,
            )
            for one in words.surfaces
        ),
        windows=tuple(
            Window(
                one.area_m2,
                math.radians(one.tilt_deg),
                math.radians(one.azimuth_deg),
                one.u_value_w_m2k,
                one.g_value,
                one.sky_view,
            )
            for one in words.windows
        ),
        floor_area=words.floor_area_m2,
        volume=words.volume_m3,
        air_change=np.asarray(words.infiltration_ach, float),
        gains=np.asarray(words.gains_w, float),
        heat_to=_points(words.heating_setpoint_c, -math.inf),
        cool_to=_points(words.cooling_setpoint_c, math.inf),
        ground=np.asarray(words.ground_temperature_c, float) + ZERO,
        air_capacity=words.air_heat_capacity_j_k,
        gains_to_air=words.gains_convective_share,
        sun_to_air=words.sun_convective_share,
        plant_to_air=words.plant_convective_share,
        control=words.control,
        heat_limit=math.inf if words.heating_limit_w is None else words.heating_limit_w,
        cool_limit=math.inf if words.cooling_limit_w is None else words.cooling_limit_w,
        name=words.name,
    )


def _points(given: Any, none: float) -> np.ndarray:
    """Set points of °C in kelvin; null holds nothing."""
    values = given if isinstance(given, list) else [given]
    return np.array([none if one is None else one + ZERO for one in values], float)


def schema() -> dict[str, Any]:
    """The JSON schema of the document."""
    return BuildingWords.model_json_schema()
