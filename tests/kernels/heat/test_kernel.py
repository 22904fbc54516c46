"""Whole days of the heat kernel: what edits do, and that neither threads, tiles nor interruptions change a result."""

import numpy as np
import pytest
import xarray as xr
from street_grid import clear_day, open_plane, plant, town

from kernels.contract import LayerError, collect, run
from kernels.heat.kernel import Heat
from kernels.heat.recorded import Recorded
from kernels.quantities import attrs

QUIET = Heat(wind="log", air=False, threads=2)
HOURS = [hour * 3600.0 for hour in range(1, 25)]
NOON, NIGHT = 13, 2
"""Entries of the frames at 14:00 and 3:00."""


def day(layers, kernel=QUIET):
    return collect(run(kernel, layers, clear_day(), HOURS))


def free_spot(layers, near):
    """A cell with room for a crown, near a place."""
    index, top = layers["building_index"].values, layers["canopy_top"].values
    rows, columns = np.indices(index.shape)
    order = np.argsort(np.hypot(rows - near[0], columns - near[1]), axis=None)
    for row, column in zip(*np.unravel_index(order, index.shape), strict=True):
        around = np.s_[max(row - 4, 0) : row + 5, max(column - 4, 0) : column + 5]
        if row > 4 and column > 4 and (index[around] < 0).all() and (top[around] == 0).all():
            return int(row), int(column)
    raise AssertionError("no room for a tree")


def with_tree(layers, row, column, tall=12.0):
    changed = layers.copy(deep=True)
    assert plant(changed["building_index"].values, changed["canopy_top"].values, changed["canopy_bottom"].values, row,
                 column, tall)  # fmt: skip
    return changed


@pytest.fixture(scope="module")
def before():
    layers = town(trees=40)
    return layers, day(layers)[0]


def test_a_tree_cools_by_day_and_warms_a_little_by_night(before, measured):
    layers, plain = before
    row, column = free_spot(layers, (60, 60))
    treed, _ = day(with_tree(layers, row, column))
    change = (treed["mean_radiant_temperature"] - plain["mean_radiant_temperature"]).values
    under = change[:, row, column]
    source = "specification: -15 to -30 K at noon, slightly up at night"
    measured(case="tree 12 m tall: Tmrt under its crown at 14:00, cooler by at least", source=source,
             ours=-under[NOON], bar=15.0, unit="K", at_least=True)  # fmt: skip
    measured(case="tree 12 m tall: Tmrt under its crown at 14:00, cooler by at most", source=source,
             ours=-under[NOON], bar=30.0, unit="K")  # fmt: skip
    measured(case="tree 12 m tall: Tmrt under its crown at 3:00, warmer by", source=source, ours=under[NIGHT], bar=0.0,
             unit="K", at_least=True)  # fmt: skip
    assert under[NIGHT] < 4


def test_light_ground_is_cooler_and_the_person_on_it_warmer(before):
    layers, plain = before
    light = layers.assign(albedo=(("y", "x"), np.full((120, 120), 0.2, np.float32), attrs("albedo")))
    square = np.s_[20:24, 30:110]  # the street between two rows of houses
    light["albedo"].values[square] = 0.6
    lit, _ = day(light)
    sunny = plain["shadow"].values[NOON][square] < 0.05
    surface = (lit["surface_temperature"] - plain["surface_temperature"]).values[NOON][square][sunny]
    radiant = (lit["mean_radiant_temperature"] - plain["mean_radiant_temperature"]).values[NOON][square][sunny]
    assert np.nanmean(surface) < -5
    assert np.nanmean(radiant) > 0.5


@pytest.mark.parametrize(("wetness", "cooler"), [(0.6, 8.0), (0.0, None)])
def test_soil_freed_of_its_paving_cools_if_it_is_wet(wetness, cooler):
    none = np.zeros((40, 40))
    paved = {"thermal_conductivity": none + 0.75, "volumetric_heat_capacity": none + 1.94e6, "surface_wetness": none}
    soil = {"thermal_conductivity": none + 0.92, "volumetric_heat_capacity": none + 2.26e6,
            "surface_wetness": none + wetness}  # fmt: skip
    first, second = (day(open_plane(**one))[0]["surface_temperature"].values[NOON][20, 20] for one in (paved, soil))
    if cooler is None:
        assert abs(second - first) < 3
    else:
        assert first - second > cooler


def test_a_cool_roof_changes_nothing_for_people_in_the_street(before):
    layers, plain = before
    roofs = layers["building_index"].values >= 0
    cool = layers.assign(albedo=(("y", "x"), np.where(roofs, 0.65, 0.2).astype(np.float32), attrs("albedo")))
    changed, _ = day(cool)
    apart = (changed["mean_radiant_temperature"] - plain["mean_radiant_temperature"]).values[NOON]
    assert np.nanmax(np.abs(apart)) < 0.3
    surface = (changed["surface_temperature"] - plain["surface_temperature"]).values[NOON]
    assert surface[roofs].mean() < -8


def test_one_tree_moved_is_a_whole_run_within_its_window(before, measured):
    layers, _ = before
    forcing = clear_day()
    row, column = free_spot(layers, (30, 90))
    here, there = with_tree(layers, row, column, 10.0), with_tree(layers, *free_spot(layers, (90, 30)), 10.0)
    recorded = Recorded(QUIET, here, forcing, HOURS)
    changed = recorded.changed(there)
    mine = recorded.fields["mean_radiant_temperature"].values.copy()
    mine[:, changed.rows, changed.columns] = changed.fields["mean_radiant_temperature"].values
    whole, _ = day(there)
    apart = np.nanmax(np.abs(mine - whole["mean_radiant_temperature"].values))
    measured(case="one tree moved, 24 h: Tmrt of the window against a whole run", source="invariant: a whole run",
             ours=apart, bar=1e-4, unit="K")  # fmt: skip
    recorded.accept(changed)
    back = recorded.changed(here)
    again = recorded.fields["mean_radiant_temperature"].values.copy()
    again[:, back.rows, back.columns] = back.fields["mean_radiant_temperature"].values
    first, _ = day(here)
    assert np.nanmax(np.abs(again - first["mean_radiant_temperature"].values)) <= 1e-4


def test_one_house_moved_is_a_whole_run_too(before):
    layers, _ = before
    changed = layers.copy(deep=True)
    gone = changed["building_index"].values == 5
    changed["building_index"].values[gone] = -1
    changed["building_height"].values[gone] = 0
    recorded = Recorded(QUIET, layers, clear_day(), HOURS)
    found = recorded.changed(changed)
    mine = recorded.fields["mean_radiant_temperature"].values.copy()
    mine[:, found.rows, found.columns] = found.fields["mean_radiant_temperature"].values
    whole, _ = day(changed)
    assert np.nanmax(np.abs(mine - whole["mean_radiant_temperature"].values)) <= 1e-4


def test_a_town_planted_tile_by_tile_is_the_town_planted_at_once(measured):
    planted = town(size=160, trees=80)
    bare = planted.assign(canopy_top=planted["canopy_top"] * 0, canopy_bottom=planted["canopy_bottom"] * 0)
    for name in ("canopy_top", "canopy_bottom"):
        bare[name].attrs = planted[name].attrs
    recorded = Recorded(QUIET, bare, clear_day(), HOURS)
    growing = bare.copy(deep=True)
    for rows in (slice(0, 80), slice(80, 160)):
        for columns in (slice(0, 80), slice(80, 160)):
            for name in ("canopy_top", "canopy_bottom"):
                growing[name].values[rows, columns] = planted[name].values[rows, columns]
            recorded.accept(recorded.changed(growing))
    whole, _ = day(planted)
    apart = np.abs(recorded.fields["mean_radiant_temperature"].values - whole["mean_radiant_temperature"].values)
    measured(case="80 trees planted tile by tile, four tiles: Tmrt against a whole run",
             ours=np.nanmax(apart), source="invariant: a whole run", bar=1e-4, unit="K")  # fmt: skip


def test_nothing_changed_is_nothing_to_compute(before):
    layers, _ = before
    recorded = Recorded(QUIET, layers, clear_day(), HOURS[:3])
    changed = recorded.changed(layers)
    assert changed.fields["utci"].size == 0


def test_threads_do_not_change_a_run():
    layers = town(size=90)
    results = [collect(run(Heat(threads=threads), layers, clear_day(every=7200.0), [7200.0 * k for k in range(1, 9)]))
               for threads in (1, 2)]  # fmt: skip
    xr.testing.assert_identical(results[0][0], results[1][0])
    xr.testing.assert_identical(results[0][1].summary, results[1][1].summary)


def test_a_run_taken_up_again_is_the_run_never_stopped():
    layers, forcing = town(size=60), clear_day(hours=16)
    whole, end = collect(run(Heat(), layers, forcing, HOURS[:16]))
    _, middle = collect(run(Heat(), layers, forcing, HOURS[:9]))
    rest, after = collect(run(Heat(), layers, forcing, HOURS[9:16], saved=middle.checkpoint))
    xr.testing.assert_identical(rest, whole.isel(time=slice(9, 16)))
    xr.testing.assert_identical(after.summary, end.summary)
    assert after.closure.ledger == end.closure.ledger


def test_the_weather_must_last_as_long_as_the_run():
    with pytest.raises(LayerError, match="weather ends"):
        collect(run(QUIET, open_plane(), clear_day(hours=2), [3600.0, 4 * 3600.0]))


@pytest.mark.parametrize(
    ("knobs", "words"),
    [({"sky": "cloudy"}, "sky"), ({"comfort": ("felt",)}, "comfort"), ({"threads": 0}, "threads"),
     ({"directions": 2}, "directions"), ({"wind": "cfd"}, "wind")],
)  # fmt: skip
def test_a_knob_that_does_not_exist_is_refused(knobs, words):
    with pytest.raises(LayerError, match=words):
        Heat(**knobs)


def test_pet_and_wbgt_come_where_asked_for():
    layers, forcing = town(size=50), clear_day(hours=14)
    frames, _ = collect(run(Heat(comfort=("utci", "pet", "wbgt"), wind="log", air=False), layers, forcing, [HOURS[12]]))
    open_ground = layers["building_index"].values < 0
    for name in ("pet", "wbgt"):
        values = frames[name].values[0]
        assert np.isfinite(values[open_ground]).all()
        assert np.isnan(values[~open_ground]).all()
        assert 290 < values[open_ground].mean() < 330
    assert "pet" not in collect(run(QUIET, layers, forcing, [HOURS[0]]))[0]


def test_hours_over_thresholds_are_those_of_the_frames(before):
    layers, plain = before
    _, outcome = day(layers)
    for threshold in (26, 32, 38, 46):
        counted = (plain["utci"] > threshold + 273.15).sum("time").values.astype(float)
        found = outcome.summary[f"hours_utci_above_{threshold}"].values
        there = np.isfinite(found)
        np.testing.assert_allclose(found[there], counted[there], atol=1e-4)
