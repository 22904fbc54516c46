"""Patches of houses drawn by hand, whose areas are known from the drawing, and what stands before them."""

import numpy as np
import pytest

from kernels.energy.horizons import horizons, sky_seen
from twin.cadastre import assemble
from twin.city import ROOF, WALL, City, CityError
from twin.demo import demo_city
from twin.faces import surface_areas
from twin.formats import cityjson
from twin.party_walls import party_walls
from twin.roofs import roof_planes
from twin.solar_patches import BEFORE, city_tree, patch_horizons, solar_patches

STEP = 90.0 / 255.0
"""[degree]"""


def _city(document: dict) -> City:
    made = assemble([cityjson.parse("drawn", document)])
    return City("drawn", tuple(made.table.total_bounds), surfaces=made.surfaces, buildings=made.table)


def test_a_block_becomes_its_roof_and_four_walls(houses):
    """10 x 8 m and 6 m high: a roof of 80 m² in two patches, walls of 60 and 48 m², no ground."""
    found = solar_patches(_city(houses.cityjson({"a": houses.block()})))
    sums = found.table.groupby("kind")["area"].sum()
    assert sums[ROOF] == pytest.approx(80)
    assert sums[WALL] == pytest.approx(2 * 60 + 2 * 48)
    assert len(found) == 2 + 2 * 2 + 2 * 1
    wide = found.table[found.table["kind"] == WALL].groupby("azimuth")["area"].sum()
    assert wide.to_dict() == pytest.approx({0.0: 60, 90.0: 48, 180.0: 60, 270.0: 48})
    assert found.table.loc[found.table["kind"] == ROOF, "azimuth"].isna().all()


def test_patches_lie_before_their_faces_and_are_no_larger_than_asked(houses):
    city = _city(houses.cityjson({"a": houses.gable()}))
    found = solar_patches(city, largest=2.0)
    assert found.table["area"].max() <= 4.0 + 1e-9
    first = city.surfaces.ring_vertices[city.surfaces.ring_offsets[city.surfaces.surface_rings[:-1]]]
    off = found.points - city.surfaces.vertices[first[found.table["surface"]]]
    np.testing.assert_allclose((off * found.normals).sum(axis=1), BEFORE, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(found.normals, axis=1), 1.0)


def test_a_gable_roof_keeps_its_area_and_slope(houses):
    """Two slopes of 10 m by 5 m (4 m across, 3 m up), 36.87 degrees, to north and south."""
    found = solar_patches(_city(houses.cityjson({"a": houses.gable()})), facades=False)
    assert found.table.groupby("azimuth")["area"].sum().to_dict() == pytest.approx({0.0: 50, 180.0: 50})
    np.testing.assert_allclose(found.table["tilt"], np.degrees(np.arctan2(3, 4)))


def test_walls_that_neighbours_share_are_left_out(houses):
    """A low block against a high one: 8 x 6 m of wall of each are gone, 8 x 6 m of the high one stand free above."""
    city = _city(houses.cityjson({"low": houses.block(high=26), "high": houses.block(x=10, high=32)}))
    found = solar_patches(city)
    assert found.party == pytest.approx(2 * 48)
    walls = found.table[found.table["kind"] == WALL]
    low, high = (walls[walls["building"] == row] for row in (0, 1))
    assert low["area"].sum() == pytest.approx(2 * 60 + 48)
    assert high["area"].sum() == pytest.approx(2 * 120 + 96 + 48)
    west = high["azimuth"] == 270.0
    assert (found.points[high.index[west], 2] > 26).all()


def test_a_patch_sees_the_house_across_the_street(houses):
    """A block 30 m high stands 10 m east: from the middle of the east wall, 3 m up, it rises 27 m over 10 m."""
    near = {"a": houses.block(depth=200, high=26), "b": houses.block(x=20, depth=200, high=50)}
    city = _city(houses.cityjson(near))
    found = solar_patches(city)
    horizon = patch_horizons(found, city_tree(city), threads=1)
    east = (found.table["building"] == 0) & (found.table["azimuth"] == 90.0)
    middle = np.flatnonzero(east & (np.abs(found.points[:, 1] - 170_600.0) < 5))[0]
    known = np.degrees(np.arctan2(50 - found.points[middle, 2], 10 - BEFORE))
    assert horizon[middle, 9] * STEP == pytest.approx(known, abs=0.5)
    high = (found.table["building"] == 1) & (found.table["kind"] == ROOF)
    assert (horizon[high.to_numpy()] == 0).all()
    seen = sky_seen(horizon, found.normals)
    assert (seen.even[high.to_numpy()] == 1).all()
    assert seen.even[middle] < 0.6


@pytest.mark.slow
def test_the_demo_district_keeps_every_square_metre():
    """Roofs as `roof_planes` has them and walls less the party walls, whichever way they are cut."""
    city = demo_city()
    shared = party_walls(city)
    found = solar_patches(city, walls=shared)
    roof = found.table.loc[found.table["kind"] == ROOF, "area"].sum()
    # faces and slivers below a hundredth of a square metre are left out
    assert roof == pytest.approx(roof_planes(city)["area"].sum(), rel=1e-4)
    wall = city.surfaces.kind == WALL
    free = surface_areas(city.surfaces)[wall].sum() - shared.shared.sum()
    assert found.table["area"].sum() - roof == pytest.approx(free, rel=1e-3)
    assert found.table["building"].is_monotonic_increasing
    assert found.table["area"].max() <= 64 * 1.05


def test_a_bent_roof_does_not_lie_on_its_own_patches(houses):
    """One corner of a flat roof is a metre higher: cut into triangles it stands up to half a metre off its plane."""
    faces = houses.block(width=8)
    low, high = [(*corner[:2], 26.0) for corner in faces[1][1][0]], 27.0
    up = {low[2]: (*low[2][:2], high)}
    bent = [(kind, [[up.get(tuple(corner), corner) for corner in ring] for ring in rings]) for kind, rings in faces]
    city = _city(houses.cityjson({"a": bent}))
    found = solar_patches(city, largest=2.0, facades=False)
    assert found.bent == pytest.approx(found.table["area"].sum())
    horizon = patch_horizons(found, city_tree(city), threads=1)
    # a facet may rise before its neighbour, by no more than its own slope of 1 in 8 and the fold's
    assert horizon.max() * STEP < 20
    assert (sky_seen(horizon, found.normals).even > 0.95).all()
    assert solar_patches(_city(houses.cityjson({"a": houses.block()}))).bent == 0.0


def test_a_city_without_houses_has_no_patches():
    empty = City("empty", (0.0, 0.0, 1.0, 1.0))
    assert len(solar_patches(empty)) == 0
    assert patch_horizons(solar_patches(empty), city_tree(empty)).shape == (0, 36)


def test_a_size_that_is_none_is_refused(houses):
    with pytest.raises(CityError, match="between"):
        solar_patches(_city(houses.cityjson({"a": houses.block()})), largest=0.0)


@pytest.mark.slow
@pytest.mark.data
def test_on_the_real_cell_hardly_any_roof_is_buried_and_all_area_is_kept(reference_data, measured):
    """UrbIS draws no roof below another: what sees no sky at all is a fault of ours or of the mesh."""
    made = assemble([cityjson.read(reference_data / "buildings" / "urbis3d_148170_lod2.city.json.gz")])
    city = City("cell", tuple(made.table.total_bounds), surfaces=made.surfaces, buildings=made.table)
    found = solar_patches(city, facades=False)
    known = roof_planes(city)["area"].sum()
    assert found.table["area"].sum() + found.slivers == pytest.approx(known, rel=1e-4)
    some = np.arange(0, len(found), 7)
    horizon = horizons(found.points[some], city_tree(city))
    area = found.table["area"].to_numpy()[some]
    buried = 100 * area[(horizon == 255).all(axis=1)].sum() / area.sum()
    measured(case="Roof of the real cell that sees no sky", source="UrbIS 3D, cell 148170", ours=buried, bar=0.2,
             unit="%")  # fmt: skip
