"""Dry tiles are left out of a step, and no bit of the result knows it; the step says which cell held it short."""

import numpy as np
import pytest
import xarray as xr

from kernels.flood.kernel import Flood
from kernels.flood.tiles import TILE_COLUMNS, TILE_ROWS, Tiles


def _valley(make_layers):
    """A dry valley of 240 by 320 m that falls to the east, with a pond and two houses."""
    x, y = (np.arange(160) + 0.5) * 2.0, (np.arange(120) + 0.5) * 2.0
    X, Y = np.meshgrid(x, y)
    bed = 20 - 0.02 * X + 0.001 * (Y - 120) ** 2
    building = np.full(bed.shape, -1, np.int32)
    building[55:63, 50:58], building[20:30, 100:110] = 0, 1
    depth = np.where((X > 250) & (abs(Y - 120) < 20) & (building < 0), 0.3, 0.0)
    return make_layers(bed, 2.0, building_index=building, water_depth=depth)


@pytest.mark.parametrize("scheme", ["fv1", "fv2", "inertia"])
@pytest.mark.parametrize("precision", ["f32", "f64"])
def test_leaving_dry_tiles_out_changes_no_bit(make_layers, make_forcing, monkeypatch, scheme, precision):
    """A river comes, stops, and a shower falls at the end: tiles wake, rest and wake again."""
    times = [0.0, 60.0, 120.0, 150.0]
    forcing = make_forcing(
        inflow=(times, [[3.0], [3.0], [0.0], [0.0]], [5.0], [121.0]), rain=(times, [0.0, 0.0, 0.0, 1e-5])
    )
    kernel = Flood(scheme=scheme, precision=precision, threads=2)
    layers = _valley(make_layers)
    visited = []
    due = Tiles.due

    def counted(self, tops):
        strips = due(self, tops)
        visited.append(int(((strips[:, 2] - strips[:, 1]) * (strips[:, 4] - strips[:, 3])).sum()))
        return strips

    monkeypatch.setattr(Tiles, "due", counted)
    state = kernel.prepare(layers, forcing)
    for until in (40.0, 100.0, 170.0):
        kernel.advance(state, until)
    monkeypatch.setattr(Tiles, "due", lambda self, tops: self._all)
    whole = kernel.prepare(layers, forcing)
    for until in (40.0, 100.0, 170.0):
        kernel.advance(whole, until)
    xr.testing.assert_identical(kernel.observe(state), kernel.observe(whole))
    xr.testing.assert_identical(kernel.summarise(state), kernel.summarise(whole))
    assert kernel.closure(state).ledger == kernel.closure(whole).ledger
    assert state.steps == whole.steps
    assert np.mean(visited[5 : len(visited) // 2]) < 0.6 * layers.ground_elevation.size
    assert visited[-1] == layers.ground_elevation.size


def test_strips_cover_the_chosen_tiles_and_no_others():
    rng = np.random.default_rng(3)
    tiles = Tiles(5 * TILE_ROWS + 3, 4 * TILE_COLUMNS + 7)
    for _ in range(50):
        chosen = rng.random(tiles.shape) < 0.5
        found = np.zeros((5 * TILE_ROWS + 3, 4 * TILE_COLUMNS + 7), int)
        for _, top, bottom, left, right in tiles._strips(chosen).tolist():
            found[top - 1 : bottom - 1, left - 1 : right - 1] += 1
        rows, columns = np.indices(found.shape)
        np.testing.assert_array_equal(found, chosen[rows // TILE_ROWS, columns // TILE_COLUMNS].astype(int))


@pytest.mark.parametrize("scheme", ["fv2", "inertia"])
def test_the_shortest_step_names_the_cell_that_made_it(make_layers, scheme):
    """Still water, deepest in one cell: its wave √(g h) is the fastest, and the first step the shortest."""
    depth = np.full((40, 60), 0.5)
    depth[23, 41] = 2.0
    kernel = Flood(scheme=scheme, precision="f64", boundary="closed")
    state = kernel.prepare(make_layers(2.0 - depth, 2.0, water_depth=depth), xr.Dataset())
    kernel.advance(state, 5.0)
    remarks = kernel.closure(state).remarks
    courant = {"fv2": 0.40, "inertia": 0.70}[scheme]
    assert remarks["shortest_step_s"] == pytest.approx(courant * 2.0 / np.sqrt(9.81 * 2.0), rel=1e-6)
    assert (remarks["shortest_step_x"], remarks["shortest_step_y"]) == (41.5 * 2.0, 23.5 * 2.0)
    assert remarks["shortest_step_at_s"] == 0.0
    assert remarks["scheme"] == scheme
