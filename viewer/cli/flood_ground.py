"""The ground of ``bxl-twin flood``: bed, buildings, walls, roughness, first water, and what the ground keeps."""

from pathlib import Path

import numpy as np
import xarray as xr

from kernels.flood.ground_pass import LAWS
from kernels.quantities import attrs
from twin.land_covers import land_covers, parameter_table
from twin.rainfall import sewer_design_rate
from twin.water_layers import soil_layers
from viewer.cli.flood_inputs import read_buildings, read_walls
from viewer.cli.raw_files import InputError, Raster, number_or_raster, read_table

MM_H = 1 / 3.6e6
"""One millimetre in an hour. [m s⁻¹]"""
SOIL_WORDS: dict[str, tuple[str, float]] = {
    "conductivity_mm_h": ("saturated_hydraulic_conductivity", MM_H),
    "suction_mm": ("wetting_front_suction", 1e-3),
    "deficit": ("moisture_deficit", 1.0),
    "initial_mm_h": ("infiltration_initial", MM_H),
    "final_mm_h": ("infiltration_final", MM_H),
    "decay_per_h": ("infiltration_decay", 1 / 3600),
    "curve_number": ("curve_number", 1.0),
}
"""Parameter of ``--soil`` to the quantity it gives and its factor to SI."""


def read_layers(
    bed: Raster, buildings: Path | None, walls: Path | None, manning: str, initial_depth: str
) -> tuple[xr.Dataset, list[str]]:
    """Layers of the kernel, and what the user should know about them."""
    notes = []
    unknown = np.isnan(bed.values)
    if unknown.all():
        raise InputError("every cell of the terrain is without data; is it the right tile?")
    index = np.full(bed.grid.shape, -1, np.int32)
    if buildings is not None:
        index, lost = read_buildings(buildings, bed)
        if lost:
            notes.append(f"{lost} footprints are too small to cover the centre of a cell and are left out")
    index[unknown & (index < 0)] = -2
    if unknown.any():
        notes.append(f"{int(unknown.sum())} of {unknown.size} cells of the terrain are without data: holes")
    roughness = number_or_raster(manning, bed, "roughness")
    depth = number_or_raster(initial_depth, bed, "initial depth")
    ground = index == -1
    _refuse_gaps(roughness, ground, bed, "the roughness")
    dry = ground & np.isnan(depth)
    if dry.any():
        notes.append(f"the initial depth is without data in {int(dry.sum())} cells of open ground: taken as dry")
        depth = np.where(dry, 0.0, depth)
    dims = ("y", "x")
    fields: dict[str, tuple[tuple[str, ...], np.ndarray]] = {
        "ground_elevation": (dims, np.where(unknown, np.nanmin(bed.values), bed.values)),
        "building_index": (dims, index),
        "manning_roughness": (dims, np.where(ground, roughness, 0.0)),
        "water_depth": (dims, np.where(ground, depth, 0.0)),
    }
    if walls is not None:
        crest_x, crest_y = read_walls(walls, bed)
        fields |= {"wall_crest_x": (("y", "x_face"), crest_x), "wall_crest_y": (("y_face", "x"), crest_y)}
    return xr.Dataset({name: (*what, attrs(name)) for name, what in fields.items()}, coords=bed.coords()), notes


def with_soil(layers: xr.Dataset, text: str, bed: Raster) -> tuple[str, xr.Dataset, list[Path]]:
    """Law of ``--soil``, the layers with its parameters, and the files they came from.

    Parameters
    ----------
    layers : xarray.Dataset
    text : str
        ``LAW``, then ``name=number`` or ``name=raster`` in the units of `SOIL_WORDS`. ``cover=RASTER`` gives codes of
        land cover: their parameters are those of the city's own table, or of ``table=FILE.csv`` with the columns
        ``code`` and the parameters of the law. A parameter named beside them replaces theirs.
    bed : Raster

    Raises
    ------
    InputError
        Names the parameter, what was expected, what came and the remedy.
    """
    law, *rest = (part.strip() for part in text.split(","))
    if law not in LAWS:
        raise InputError(f"--soil must begin with one of {', '.join(LAWS)}, got {law!r}")
    wanted = {word: what for word, what in SOIL_WORDS.items() if what[0] in LAWS[law][1]}
    given = _pairs(rest, law, (*wanted, *(("cover", "table") if wanted else ())))
    files = [Path(value) for value in given.values() if Path(value).is_file()]
    cover, table = given.pop("cover", None), given.pop("table", None)
    if table is not None and cover is None:
        raise InputError(f"--soil {law}: table gives parameters by code, so cover=RASTER must say which code is where")
    found: dict[str, np.ndarray] = {}
    if cover is not None:
        codes = _codes(number_or_raster(cover, bed, "--soil cover"), layers, bed)
        found = _by_cover(law, codes, layers) if table is None else _by_table(Path(table), wanted, codes)
    for word, value in given.items():
        name, scale = wanted[word]
        found[name] = number_or_raster(value, bed, f"--soil {word}") * scale
    missing = [word for word, (name, _) in wanted.items() if name not in found]
    if missing:
        raise InputError(
            f"--soil {law} needs {', '.join(wanted)}, {', '.join(missing)} is missing; write for instance "
            f"--soil {law},{','.join(f'{word}=…' for word in wanted)}, or cover=RASTER"
        )
    return law, _on_ground(layers, found, bed, "--soil"), files


def with_storage(layers: xr.Dataset, depression_mm: str, bed: Raster) -> xr.Dataset:
    """The layers with what the small hollows of the ground hold, given in mm."""
    depth = number_or_raster(depression_mm, bed, "--depression-storage") * 1e-3
    return _on_ground(layers, {"depression_storage": depth}, bed, "--depression-storage")


def with_sink(layers: xr.Dataset, text: str, bed: Raster) -> tuple[xr.Dataset, str]:
    """The layers with an assumed sewer under every open cell, and the note that says so.

    ``text`` is a number or a raster in mm/h, or ``T=YEARS``: the hour of rain with that return period.
    """
    if text.startswith("T="):
        try:
            years = float(text[2:])
        except ValueError:
            raise InputError(f"--sink-capacity T=YEARS needs a number of years, got {text!r}") from None
        rate = np.full(bed.grid.shape, sewer_design_rate(years))
        words = f"{rate.flat[0] / MM_H:.3g} mm/h (the hour of {years:g} years)"
    else:
        rate = number_or_raster(text, bed, "--sink-capacity") * MM_H
        words = f"{text} mm/h" if not Path(text).is_file() else f"the mm/h of {text}"
    layers = _on_ground(layers, {"sink_capacity": rate}, bed, "--sink-capacity")
    return layers, f"assumption: an unknown sewer takes up to {words} from every open cell and gives nothing back"


def _pairs(parts: list[str], law: str, known: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in parts:
        word, equals, value = (one.strip() for one in part.partition("="))
        if not equals or not value:
            raise InputError(f"--soil {law}: expected name=value, got {part!r}")
        if word not in known:
            offered = ", ".join(known) if known else "nothing"
            raise InputError(f"--soil {law}: {word!r} is no parameter of this law; it takes {offered}")
        if word in found:
            raise InputError(f"--soil {law}: {word} is given twice; keep one")
        found[word] = value
    return found


def _codes(cover: np.ndarray, layers: xr.Dataset, bed: Raster) -> np.ndarray:
    ground = layers["building_index"].values == -1
    _refuse_gaps(cover, ground, bed, "--soil cover")
    odd = ground & (cover != np.round(cover))
    if odd.any():
        raise InputError(f"--soil cover holds {cover[odd][0]:g}, expected whole numbers: codes of land cover")
    return np.where(ground, cover, -1).astype(np.int64)


def _by_cover(law: str, codes: np.ndarray, layers: xr.Dataset) -> dict[str, np.ndarray]:
    """Parameters by the codes of the city's own land covers; holes get those of code 0 and never use them."""
    known = list(land_covers())
    if codes.max() >= len(known):
        raise InputError(
            f"--soil cover holds the code {codes.max()}, the land covers go from 0 ({known[0]}) to {len(known) - 1} "
            f"({known[-1]}); give your own with table=FILE.csv"
        )
    place = np.maximum(codes, 0)
    given = {name: (("y", "x"), values[place]) for name, values in parameter_table().items()}
    ground = xr.Dataset({"land_cover": (("y", "x"), place), **given}, coords=layers.coords)
    whole = soil_layers(ground, law)
    return {name: whole[name].values.astype(float) for name in LAWS[law][1]}


def _by_table(path: Path, wanted: dict[str, tuple[str, float]], codes: np.ndarray) -> dict[str, np.ndarray]:
    """Parameters by the codes of someone's own table."""
    table = read_table(path, ("code", *wanted))
    own = table["code"].to_numpy(float)
    if np.unique(own).size < own.size:
        raise InputError(f"{path}: a code stands there twice; keep one row for each")
    present, place = np.unique(codes, return_inverse=True)
    lost = [code for code in present.tolist() if code >= 0 and code not in own]
    if lost:
        raise InputError(f"{path}: has no row for the code {lost[0]} of the cover; add one")
    rows = [int(np.flatnonzero(own == code)[0]) if code >= 0 else 0 for code in present.tolist()]
    return {
        name: (table[word].to_numpy(float)[rows] * scale)[place].reshape(codes.shape)
        for word, (name, scale) in wanted.items()
    }


def _on_ground(layers: xr.Dataset, found: dict[str, np.ndarray], bed: Raster, option: str) -> xr.Dataset:
    """The layers with more of them: refused with gaps on open ground, 0 elsewhere."""
    ground = layers["building_index"].values == -1
    for name, values in found.items():
        _refuse_gaps(values, ground, bed, f"{option}: {name}")
        if (values[ground] < 0).any():
            raise InputError(f"{option}: {name} holds {values[ground].min():g}, expected 0 or more")
    return layers.assign(
        {name: (("y", "x"), np.where(ground, values, 0.0), attrs(name)) for name, values in found.items()}
    )


def _refuse_gaps(values: np.ndarray, ground: np.ndarray, bed: Raster, what: str) -> None:
    gaps = ground & np.isnan(values)
    if gaps.any():
        row, column = (int(i) for i in np.argwhere(gaps)[0])
        x, y = bed.coords()["x"][column], bed.coords()["y"][row]
        raise InputError(
            f"{what} is without data in {int(gaps.sum())} cells of open ground, first at {x:g}, {y:g}; fill it"
        )
