"""The demo district resembles what was measured on a real square kilometre, and keeps the City's promises.

Measured: UrbIS 3D LOD2, zone 148170 (Bourse, Grand-Place), 3,608 buildings.
"""

import csv
import heapq
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
import scipy.sparse.csgraph
import shapely

from twin.city import CRS, GROUND, ROOF, City, CityError
from twin.demo import demo_city

ROOT = Path(__file__).parents[3]


def test_the_same_seed_gives_the_same_district_in_another_process(district: City) -> None:
    code = "from twin.demo import demo_city; print(demo_city().digest)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PYTHONHASHSEED": "7", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == district.digest


def test_another_seed_gives_another_district() -> None:
    assert demo_city(seed=1, size=200.0).digest != demo_city(seed=2, size=200.0).digest


def test_a_smaller_window_holds_the_same_buildings(district: City) -> None:
    part = demo_city(size=400.0)
    assert 200 < len(part.buildings) < len(district.buildings)
    same = district.buildings.loc[part.buildings.index]
    assert shapely.equals_exact(same.geometry.to_numpy(), part.buildings.geometry.to_numpy()).all()
    np.testing.assert_array_equal(same["ridge_height"], part.buildings["ridge_height"])
    assert part.terrain is not None
    assert part.terrain.bounds == part.bounds == (148800.0, 171800.0, 149200.0, 172200.0)
    assert shapely.box(*part.bounds).contains(shapely.union_all(part.trees.geometry.to_numpy()))


@pytest.mark.parametrize("size", [20.0, 1200.0, 333.0, float("nan")])
def test_a_window_that_cannot_be_cut_is_refused(size: float) -> None:
    with pytest.raises(CityError, match="cut to 100 to 1000 m"):
        demo_city(size=size)


def test_footprints_are_those_of_the_measured_cell(district: City) -> None:
    area = district.buildings.geometry.area.to_numpy()
    assert 1800 < area.size < 3608
    assert np.median(area) == pytest.approx(84.0, rel=0.15)
    assert np.percentile(area, 99) == pytest.approx(1351.0, rel=0.20)


def test_heights_are_those_of_the_measured_cell(district: City) -> None:
    height = district.buildings["ridge_height"].to_numpy()
    assert np.median(height) == pytest.approx(18.4, rel=0.10)
    low, high = np.percentile(height, [5, 95])
    assert 6.5 < low < 9.5
    assert 22.0 < high < 30.0
    assert 85.0 < height.max() < 110.0


def test_a_building_has_about_sixteen_faces(district: City) -> None:
    assert 14 <= np.median(np.bincount(district.surfaces.building)) <= 18


def test_the_ground_rises_from_the_canal_to_the_eastern_hill(district: City) -> None:
    assert district.terrain is not None
    z = district.terrain.elevation
    assert z.shape == (500, 500)
    assert 13.0 <= z.min() < 14.0
    assert 46.0 < z.max() <= 49.5
    middle = z[100:400]
    assert middle[:, 100:250].mean() < 17.0
    assert middle[:, 480:].mean() > 40.0


def test_every_shell_is_closed_and_turned_outwards(district: City) -> None:
    """Every edge is walked once in each direction; the volume by the divergence theorem is positive."""
    surfaces = district.surfaces
    corner = surfaces.ring_vertices
    following = np.roll(corner, -1)
    following[surfaces.ring_offsets[1:] - 1] = corner[surfaces.ring_offsets[:-1]]
    edges = corner.astype(np.int64) * len(surfaces.vertices) + following
    back = following.astype(np.int64) * len(surfaces.vertices) + corner
    assert np.unique(edges).size == edges.size
    np.testing.assert_array_equal(np.sort(edges), np.sort(back))
    assert (district.buildings["volume"] > 0).all()


def test_the_triangles_fill_the_faces_without_cracks(district: City) -> None:
    surfaces = district.surfaces
    a, b, c = surfaces.triangles.astype(np.int64).T
    count = len(surfaces.vertices)
    edges = np.concatenate([a * count + b, b * count + c, c * count + a])
    back = np.concatenate([b * count + a, c * count + b, a * count + c])
    assert np.unique(edges).size == edges.size
    np.testing.assert_array_equal(np.sort(edges), np.sort(back))
    assert (np.diff(surfaces.triangle_surface) >= 0).all()
    assert np.unique(surfaces.triangle_surface).size == len(surfaces)


def test_faces_are_flat(district: City) -> None:
    """Corners of a face stay within 5 mm of the plane through it; coordinates are whole millimetres."""
    surfaces = district.surfaces
    worst = 0.0
    for surface in range(0, len(surfaces), 7):
        first, last = surfaces.surface_rings[surface : surface + 2]
        points = surfaces.vertices[surfaces.ring_vertices[surfaces.ring_offsets[first] : surfaces.ring_offsets[last]]]
        points = points - points.mean(axis=0)
        normal = np.linalg.svd(points)[2][-1]
        worst = max(worst, float(np.abs(points @ normal).max()))
    assert worst < 0.005


def test_roofs_look_up_and_floors_look_down(district: City) -> None:
    surfaces = district.surfaces
    a, b, c = (surfaces.vertices[surfaces.triangles[:, i]] for i in range(3))
    up = np.cross(b - a, c - a)[:, 2]
    kind = surfaces.kind[surfaces.triangle_surface]
    assert (up[kind == ROOF] > 0).all()
    assert (up[kind == GROUND] < 0).all()


def test_volume_roof_and_footprint_agree_with_the_faces(district: City) -> None:
    """In plan, the ground face, the roofs and the footprint of a building cover the same area."""
    surfaces = district.surfaces
    a, b, c = (surfaces.vertices[surfaces.triangles[:, i]] - surfaces.vertices.mean(axis=0) for i in range(3))
    flat = np.abs(np.cross(b - a, c - a)[:, 2]) / 2
    owner = surfaces.building[surfaces.triangle_surface]
    kind = surfaces.kind[surfaces.triangle_surface]
    area = district.buildings.geometry.area.to_numpy()
    for one in (GROUND, ROOF):
        found = np.bincount(owner[kind == one], flat[kind == one], area.size)
        np.testing.assert_allclose(found, area, rtol=2e-4, atol=0.02)
    table = district.buildings
    assert (table["roof_area"].to_numpy() > area * 0.999).all()
    assert (table["volume"] < area * (table["ridge_height"] + 20.0)).all()
    assert (table["volume"] > area * 2.0).all()
    assert (table["eaves_height"] > 0).all()


def test_buildings_stand_on_the_lowest_ground_below_them(district: City) -> None:
    assert district.terrain is not None
    ground = district.buildings["ground_z"].to_numpy()
    corners, owner = shapely.get_coordinates(district.buildings.geometry.to_numpy(), return_index=True)
    level = district.terrain.sample(corners[:, 0], corners[:, 1])
    lowest = np.full(ground.size, np.inf)
    np.minimum.at(lowest, owner, level)
    assert (ground <= lowest + 1e-3).all()
    assert np.median(lowest - ground) < 0.01


def test_buildings_do_not_overlap(district: City) -> None:
    plans = district.buildings.geometry.to_numpy()
    assert shapely.is_valid(plans).all()
    whole = shapely.area(plans).sum()
    assert whole - shapely.union_all(plans).area < 0.001 * whole


def test_neighbours_share_their_party_walls(district: City) -> None:
    """Closed rows: most houses have common corners, to the millimetre, with two or more neighbours."""
    plans = district.buildings.geometry.to_numpy()
    corners, owner = shapely.get_coordinates(plans, return_index=True)
    _, place = np.unique(np.round(corners * 1000).astype(np.int64), axis=0, return_inverse=True)
    incidence = scipy.sparse.csr_matrix((np.ones(owner.size), (owner, place.ravel())))
    shared = (incidence @ incidence.T).tolil()
    shared.setdiag(0)
    neighbours = np.diff(shared.tocsr().indptr)
    assert (neighbours >= 2).mean() > 0.85


def test_streets_are_free_of_buildings(district: City) -> None:
    axes = district.links.geometry.buffer(1.5, cap_style="flat").to_numpy()
    tree = shapely.STRtree(district.buildings.geometry.to_numpy())
    axis, building = tree.query(axes, predicate="intersects")
    touched = list(zip(district.links.index[axis], district.buildings.index[building], strict=True))
    assert touched == []


def test_the_street_graph_is_connected_and_its_links_end_at_their_nodes(district: City) -> None:
    nodes, links = district.nodes, district.links
    place = {name: number for number, name in enumerate(nodes.index)}
    start, end = links["start"].map(place).to_numpy(), links["end"].map(place).to_numpy()
    points = shapely.get_coordinates(nodes.geometry.to_numpy())
    for ends, part in ((start, 0), (end, -1)):
        found = shapely.get_coordinates(shapely.get_point(links.geometry.to_numpy(), part))
        np.testing.assert_allclose(found, points[ends], atol=1e-6)
    graph = scipy.sparse.coo_matrix((np.ones(len(links)), (start, end)), shape=(len(nodes), len(nodes)))
    count, label = scipy.sparse.csgraph.connected_components(graph, directed=False)
    assert np.bincount(label).max() > 0.97 * len(nodes), f"{count} pieces"
    assert links["kind"].isin(["primary", "secondary", "tertiary", "residential", "living_street"]).all()
    assert links["speed"].isin([20.0, 30.0, 50.0]).all()
    assert links["lanes"].between(1, 4).all()
    assert links["oneway"].any()
    assert not links["oneway"].all()


def test_every_street_and_sector_has_a_french_and_a_dutch_name(district: City) -> None:
    for table in (district.links, district.sectors):
        assert (table["name_fr"].str.len() > 3).all()
        assert (table["name_nl"].str.len() > 3).all()
    assert (district.links["name_fr"] != district.links["name_nl"]).all()
    named = district.buildings["name"][district.buildings["name"] != ""]
    assert named.str.contains(" / ").all()
    assert {"transport", "worship", "office"} <= set(district.buildings.loc[named.index, "use"])


def test_ids_are_unique_and_everything_is_in_lambert_72(district: City) -> None:
    for part in City.TABLES:
        table = getattr(district, part)
        assert table.index.is_unique, part
        assert table.crs == CRS, part
        if part not in ("walls",):
            west, south, east, north = table.total_bounds
            assert 148499.9 <= west < east <= 149500.1, part
            assert 171499.9 <= south < north <= 172500.1, part


def test_every_land_cover_is_in_the_table_of_covers(district: City) -> None:
    with (ROOT / "assets" / "land_covers.csv").open(encoding="utf-8") as lines:
        known = {row["key"] for row in csv.DictReader(lines)}
    used = set(district.land_cover["cover"])
    assert used <= known
    assert {"water", "lawn", "rail_ballast", "cobblestone", "asphalt", "courtyard", "paving", "gravel"} <= used
    assert shapely.is_valid(district.land_cover.geometry.to_numpy()).all()


def test_people_live_in_sectors_that_tile_the_district(district: City) -> None:
    assert 12_000 < district.sectors["population"].sum() < 18_000
    shapes = district.sectors.geometry.to_numpy()
    assert shapely.area(shapes).sum() == pytest.approx(1e6, rel=1e-4)
    assert shapely.union_all(shapes).area == pytest.approx(1e6, rel=1e-4)


def test_daily_life_is_within_reach(district: City) -> None:
    wanted = ("childcare", "school", "pharmacy", "bakery", "doctors", "park", "sports_centre", "library")
    wanted += ("supermarket", "post_office")
    assert set(wanted) <= set(district.amenities["category"])
    assert (district.amenities["name"] != "").all()


def test_trees_stand_in_the_open(district: City) -> None:
    assert len(district.trees) > 1500
    tree = shapely.STRtree(district.buildings.geometry.to_numpy())
    assert tree.query(district.trees.geometry.to_numpy(), predicate="intersects").size == 0
    assert (district.trees["crown_base"] < district.trees["height"]).all()
    assert (district.trees["crown_diameter"] > 1.0).all()


def test_carriageways_lie_below_their_pavements(district: City) -> None:
    """A kerb of 12 cm, seen across the boulevard where the ground is otherwise flat."""
    assert district.terrain is not None
    asphalt = district.land_cover.loc["carriageways"].geometry
    x, y = np.meshgrid(148501.0 + 2 * np.arange(500), 171501.0 + 2 * np.arange(500))
    lane = shapely.contains_xy(asphalt, x, y)
    z = district.terrain.elevation
    step = np.diff(z.astype(float), axis=1)
    down = step[~lane[:, :-1] & lane[:, 1:]]
    up = step[lane[:, :-1] & ~lane[:, 1:]]
    assert (np.median(up) - np.median(down)) / 2 == pytest.approx(0.12, abs=0.03)


def filled(z: np.ndarray) -> np.ndarray:
    """Level to which each cell fills before it spills over the edge (Barnes et al. 2014, priority flood)."""
    rows, columns = z.shape
    level = np.full(z.shape, np.inf)
    heap = [
        (float(z[r, c]), r, c)
        for r in range(rows)
        for c in range(columns)
        if r in (0, rows - 1) or c in (0, columns - 1)
    ]
    for height, r, c in heap:
        level[r, c] = height
    heapq.heapify(heap)
    while heap:
        height, r, c = heapq.heappop(heap)
        for i, j in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
            if 0 <= i < rows and 0 <= j < columns and level[i, j] == np.inf:
                level[i, j] = max(height, float(z[i, j]))
                heapq.heappush(heap, (level[i, j], i, j))
    return level


def test_gardens_are_level_behind_the_houses(district: City) -> None:
    """On the hill too, so that rain on a garden stays a thin film instead of a lake in its lowest corner."""
    assert district.terrain is not None
    gardens = district.land_cover[district.land_cover.index.str.endswith("-garden")].geometry.buffer(-3.0)
    x, y = np.meshgrid(148501.0 + 2 * np.arange(500), 171501.0 + 2 * np.arange(500))
    falls = []
    for garden in gardens:
        inside = shapely.contains_xy(garden, x, y)
        if inside.any():
            falls.append(np.ptp(district.terrain.elevation[inside]))
    assert len(falls) > 20
    assert max(falls) < 0.02


def test_a_cloudburst_finds_low_spots(district: City) -> None:
    """Hollows of the boulevard, streets and underpass hold water before they spill, outside canal and pond."""
    assert district.terrain is not None
    z = district.terrain.elevation.astype(float)
    depth = filled(z) - z
    x, y = np.meshgrid(148501.0 + 2 * np.arange(500), 171501.0 + 2 * np.arange(500))
    water = shapely.union_all(district.land_cover.geometry[district.land_cover["cover"] == "water"].to_numpy())
    depth[shapely.contains_xy(water.buffer(3.0), x, y)] = 0.0
    assert depth.sum() * 4.0 > 3_000.0
    assert (depth > 0.3).sum() * 4.0 > 4_000.0
    underpass = district.land_cover.loc["underpass"].geometry
    assert depth[shapely.contains_xy(underpass, x, y)].max() > 0.5


def test_it_never_passes_for_the_cadastre(district: City) -> None:
    assert district.demo is True
    (source,) = district.sources
    assert source.part == "all"
    assert "not the cadastre" in source.title
    assert source.licence == "CC0-1.0"
    assert (district.buildings["quality"] == "").all()


@pytest.mark.parametrize("seed", [7, 2026])
def test_other_seeds_build_too(seed: int) -> None:
    part = demo_city(seed=seed, size=400.0)
    assert len(part.buildings) > 150
    assert (part.buildings["volume"] > 0).all()
    assert all(a < b for a, b in pairwise(part.surfaces.ring_offsets))
