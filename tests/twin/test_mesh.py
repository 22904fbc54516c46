"""Shells made right: volumes, winding, repair, against houses drawn by hand."""

from pathlib import Path

import numpy as np
import pytest
import trimesh

from twin.cadastre import Cadastre, assemble
from twin.city import GROUND, ROOF, WALL
from twin.faces import plan_areas, surface_areas, triangle_vectors
from twin.formats import cityjson

GABLE_VOLUME = 10 * 8 * 6 + 10 * 8 * 3 / 2
SLOPE = np.hypot(4, 3)


def _made(document: dict) -> Cadastre:
    return assemble([cityjson.parse("drawn", document)])


def _flags(cadastre: Cadastre, name: str) -> set[str]:
    return set(cadastre.table.loc[name, "quality"].split())


def test_gable_house_has_the_areas_and_volume_of_the_drawing(houses):
    made = _made(houses.cityjson({"a": houses.gable()}))
    areas, kind = surface_areas(made.surfaces), made.surfaces.kind
    assert made.table.loc["a", "volume"] == pytest.approx(GABLE_VOLUME, rel=1e-9)
    assert areas[kind == ROOF].sum() == pytest.approx(2 * 10 * SLOPE, rel=1e-9)
    assert areas[kind == GROUND].sum() == pytest.approx(80, rel=1e-9)
    assert areas[kind == WALL].sum() == pytest.approx(2 * 60 + 2 * (48 + 12), rel=1e-9)
    assert made.table.loc["a"].geometry.area == pytest.approx(80, rel=1e-9)
    assert _flags(made, "a") == set()


def test_inside_out_house_is_turned_and_says_so(houses):
    right = _made(houses.cityjson({"a": houses.gable()}))
    turned = _made(houses.cityjson({"a": houses.inside_out(houses.gable())}))
    assert turned.table.loc["a", "volume"] == pytest.approx(GABLE_VOLUME, rel=1e-9)
    assert turned.inside_out == ["a"]
    assert _flags(turned, "a") == {"flipped"}
    np.testing.assert_allclose(plan_areas(turned.surfaces), plan_areas(right.surfaces), atol=1e-9)


def test_open_house_is_turned_by_its_roofs_not_by_its_volume(houses):
    faces = [face for face in houses.gable() if face[0] == ROOF]
    made = _made(houses.cityjson({"a": houses.inside_out(faces)}))
    assert (plan_areas(made.surfaces) > 0).all()
    assert np.isnan(made.table.loc["a", "volume"])
    assert {"open_shell", "flipped", "no_ground"} <= _flags(made, "a")


def test_underside_of_a_roof_keeps_looking_down(houses):
    # a slab of roof on a core: the overhang has a face of type roof that truly looks down
    core = [face for face in houses.block(high=26) if face[0] != ROOF]
    slab = houses.block(x=-2, y=-2, width=14, depth=12, low=26, high=27)
    outer = slab[0][1][0]
    hole = [p for _, rings in houses.block(high=26) if _ == ROOF for p in rings[0]]
    underside = (ROOF, [outer, hole])
    made = _made(houses.cityjson({"a": [*core, underside, *slab[1:]]}))
    plan = plan_areas(made.surfaces)
    assert made.table.loc["a", "volume"] == pytest.approx(80 * 6 + 14 * 12, rel=1e-9)
    assert plan[(made.surfaces.kind == ROOF) & (plan < 0)].sum() == pytest.approx(-(14 * 12 - 80), rel=1e-9)
    assert "flipped" not in _flags(made, "a")


def test_one_face_wound_wrong_follows_its_neighbours(houses):
    faces = houses.gable()
    faces[5] = (ROOF, [faces[5][1][0][::-1]])
    made = _made(houses.cityjson({"a": faces}))
    assert made.table.loc["a", "volume"] == pytest.approx(GABLE_VOLUME, rel=1e-9)
    assert {"mixed_winding", "flipped"} == _flags(made, "a")


def test_cavity_stays_a_cavity(houses):
    inner = houses.inside_out(houses.block(x=2, y=2, width=4, depth=4, low=22, high=24))
    made = _made(houses.cityjson({"a": [*houses.block(), *inner]}))
    assert made.table.loc["a", "volume"] == pytest.approx(10 * 8 * 6 - 4 * 4 * 2, rel=1e-9)


def test_corner_on_the_neighbour_edge_is_set_and_closes_the_shell(houses):
    faces = houses.block()
    kind, rings = faces[2]
    a, b, c, d = rings[0]
    middle_low = ((a[0] + b[0]) / 2, a[1], a[2])
    middle_high = (middle_low[0], a[1], c[2])
    faces[2:3] = [(kind, [[a, middle_low, middle_high, d]]), (kind, [[middle_low, b, c, middle_high]])]
    made = _made(houses.cityjson({"a": faces}))
    assert {"open_shell", "repaired"} == _flags(made, "a")
    assert made.table.loc["a", "volume"] == pytest.approx(480, rel=1e-9)
    assert "2 corners set" in made.repaired["a"]


def test_large_hole_is_flagged_and_left(houses):
    made = _made(houses.cityjson({"a": [face for face in houses.block() if face[0] != GROUND]}))
    assert {"open_shell", "no_ground"} == _flags(made, "a")
    assert made.repaired == {}
    assert len(made.surfaces) == 5


def test_house_given_twice_over_is_flagged_and_counted_once(houses):
    made = _made(houses.cityjson({"a": [*houses.gable(), *houses.gable()]}))
    assert "doubled_faces" in _flags(made, "a")
    assert made.table.loc["a", "roof_area"] == pytest.approx(20 * SLOPE, rel=1e-9)
    assert made.table.loc["a", "volume"] == pytest.approx(GABLE_VOLUME, rel=1e-9)
    assert made.measures["doubled_roof_area_m2"] == pytest.approx(20 * SLOPE, rel=1e-9)


def test_polygons_with_holes_are_triangulated_over_their_area_only(houses):
    ring = houses.block(width=10, depth=10)[1][1][0]
    hole = houses.block(x=3, y=3, width=4, depth=4)[1][1][0]
    made = _made(houses.cityjson({"a": [(ROOF, [ring, hole])]}))
    assert surface_areas(made.surfaces).sum() == pytest.approx(100 - 16, rel=1e-9)
    assert (triangle_vectors(made.surfaces)[:, 2] >= 0).all()


@pytest.mark.data
def test_closed_shells_of_the_real_zone_have_the_volume_trimesh_gives(reference_data: Path):
    made = assemble([cityjson.read(reference_data / "buildings" / "urbis3d_148170_lod2.city.json.gz")])
    faces, table = made.surfaces, made.table
    owner = faces.building[faces.triangle_surface]
    clean = np.flatnonzero((table["quality"] == "").to_numpy())[::10]
    assert len(clean) > 300
    tight = 0
    for row in clean:
        mesh = trimesh.Trimesh(
            faces.vertices - faces.vertices.mean(axis=0), faces.triangles[owner == row], process=False
        )
        if mesh.is_watertight:
            tight += 1
            assert mesh.volume == pytest.approx(table["volume"].iloc[row], rel=1e-6)
    # slivers thinner than the millimetre of the source lose a corner when they are cut into triangles
    assert tight >= 0.98 * len(clean)


def test_building_of_upright_faces_stands_on_their_trace(houses):
    walls = [face for face in houses.block() if face[0] == WALL][:1]
    made = _made(houses.cityjson({"a": walls, "b": houses.gable(x=30)}))
    assert made.table.loc["a"].geometry.area == pytest.approx(10 * 0.1, rel=0.02)
    assert {"open_shell", "no_ground", "no_roof"} <= _flags(made, "a")


def test_building_that_collapses_is_refused_and_the_rest_kept(houses):
    point = houses.gable()[0][1][0][0]
    made = _made(houses.cityjson({"a": [(ROOF, [[point, point, point]])], "b": houses.gable(x=30)}))
    assert list(made.table.index) == ["b"]
    assert [(one.id, one.reason) for one in made.refused] == [("a", "all its faces collapse to lines or points")]
