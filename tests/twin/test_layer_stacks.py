"""The table of layer stacks: complete, in three languages, sourced, and fit for the flood kernel."""

import csv

import numpy as np
import pytest
import xarray as xr

from kernels.flood.layer_stacks_units import StackUnits
from kernels.quantities import LANGUAGES, QUANTITIES
from twin.layer_stacks import _TABLE, SOURCES, layer_stacks, stack_table


def test_every_kind_has_words_figures_and_sources():
    for one in layer_stacks().values():
        assert all(one.label[language] for language in LANGUAGES), one.key
        assert one.where in ("ground", "roof")
        assert set(one.sources) == {"pavement", "soil", "storage", "drain"}
        for layer, words in one.sources.items():
            known = any(name in words for name in SOURCES) or words in ("none", "sealed")
            assert known, f"{one.key} {layer}: {words!r} names no work of SOURCES"
    with _TABLE.open(encoding="utf-8", newline="") as file:
        assert not [row["key"] for row in csv.DictReader(file) if None in row or None in row.values()]


def test_the_table_speaks_the_kernels_words():
    table = stack_table()
    assert table["stack"].values.tolist() == list(layer_stacks())
    for name in table.data_vars:
        assert table[name].attrs["units"] == QUANTITIES[str(name)].units
        assert table[name].dims == ("stack",)


@pytest.mark.parametrize("where", ["ground", "roof"])
def test_every_kind_can_be_built_where_it_belongs(where):
    which = np.array([one.code for one in layer_stacks().values() if one.where == where])
    units = StackUnits(which, np.ones(which.size), stack_table(), on_roofs=where == "roof")
    units.sink(60.0)
    assert (units.capacity > 0).all()


def _outflow_of_a_cloudburst(key: str) -> xr.Dataset:
    """60 mm in an hour on 1 m² and 5 hours more; what does not go in runs off."""
    one = layer_stacks()[key]
    units = StackUnits(np.array([one.code]), np.ones(1), stack_table(), on_roofs=one.where == "roof")
    out, standing = np.zeros(6 * 3600), 0.0
    for second in range(out.size):
        units.sink(1.0)
        standing += 0.06 / 3600 if second < 3600 else 0.0
        drunk = np.minimum(units.capacity, standing)
        units.absorb(drunk)
        standing -= float(drunk[0])
        spilled = max(standing - units.surface_storage[0], 0.0)
        standing -= spilled
        out[second] = spilled + units.drained[0]
    return xr.Dataset({"out": ("time", out), "held": units.gained().sum() + standing, "seeped": units.seeped.sum()})


@pytest.mark.parametrize("key", ["green_roof_extensive", "green_roof_intensive"])
def test_a_ready_green_roof_holds_what_fits_below_its_field_capacity(key):
    """By hand: (field capacity less start) times thickness never leaves; the peak is below the rain."""
    p = layer_stacks()[key].parameters
    room = (p["stack_soil_field_capacity"] - p["stack_soil_moisture"]) * p["stack_soil_thickness"]
    found = _outflow_of_a_cloudburst(key)
    assert float(found.out.sum()) <= 0.06 - room + 1e-12
    assert float(found.out.max()) < 0.06 / 3600
    assert float(found.out.sum() + found.held) == pytest.approx(0.06, rel=1e-12)


def test_ready_permeable_paving_takes_a_cloudburst_that_its_gravel_can_hold():
    """By hand: 60 mm fit into 0.3 m of gravel with 30 % voids, and the permeability passes 60 mm/h."""
    found = _outflow_of_a_cloudburst("permeable_paving")
    assert float(found.out[:3600].sum()) == pytest.approx(0.0, abs=1e-9)
