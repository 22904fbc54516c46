"""Faces of buildings: what is laid together keeps its area and its sky, and horizons come back from disk."""

import numpy as np
import pytest

from kernels.energy.horizons import STEPS
from kernels.energy.solar_year import Patches, solar_year
from twin import energy_faces
from twin.cadastre import assemble
from twin.city import City
from twin.demo import demo_city
from twin.energy_faces import ROOF_FACE, WALL_FACE, CityPatches, city_patches, faces_of
from twin.formats import cityjson, epw
from twin.place import place_of
from twin.skylight import skylight_of
from twin.synthetic_year import synthetic_year


def _city(document: dict) -> City:
    made = assemble([cityjson.parse("drawn", document)])
    return City("drawn", tuple(made.table.total_bounds), surfaces=made.surfaces, buildings=made.table)


def _patches(**columns) -> CityPatches:
    count = len(columns["area"])
    given = {"building": [0] * count, "surface": range(count), "kind": [ROOF_FACE] * count,
             "points": np.zeros((count, 3)), "normals": [(0.0, 0.0, 1.0)] * count,
             "party": [0.0]} | columns  # fmt: skip
    return CityPatches(**{name: np.array(given[name]) for name in CityPatches._fields})


def test_a_gable_house_has_two_slopes_and_four_walls(houses):
    """Slopes of 10 x 5 m, walls of 10 x 6 m, gables of 8 x 6 m and a triangle of 8 x 3 / 2 m."""
    faces = faces_of(city_patches(_city(houses.cityjson({"a": houses.gable()}))))
    assert faces.kind.tolist() == [ROOF_FACE] * 2 + [WALL_FACE] * 4
    assert faces.area.tolist() == pytest.approx([50, 50, 60, 60, 60, 60])
    north = {round(float(one[1]), 6) for one in faces.normals[:2]}
    assert north == {0.6, -0.6}
    assert {tuple(np.rint(one)) for one in faces.normals[2:]} == {(0, 1, 0), (1, 0, 0), (0, -1, 0), (-1, 0, 0)}
    np.testing.assert_allclose(np.linalg.norm(faces.normals, axis=1), 1)


def test_a_wall_of_a_neighbour_is_told_and_no_face(houses):
    city = _city(houses.cityjson({"low": houses.block(high=26), "high": houses.block(x=10, high=32)}))
    patches = city_patches(city)
    faces = faces_of(patches)
    assert patches.party.tolist() == pytest.approx([48, 48])
    walls = np.bincount(faces.building, faces.area * (faces.kind == WALL_FACE))
    assert walls.tolist() == pytest.approx([2 * 60 + 48, 2 * 120 + 96 + 48])


@pytest.mark.parametrize("kind", [ROOF_FACE, WALL_FACE])
def test_a_face_keeps_the_even_sky_of_its_patches(kind):
    """Hidden light is sin² h on the level, and h + sin h cos h before a wall (Lambert's law, integrated)."""
    angles, area = np.radians([10.0, 60.0]), np.array([3.0, 1.0])
    normal = (0.0, 0.0, 1.0) if kind == ROOF_FACE else (0.0, 1.0, 0.0)
    horizon = np.rint(angles / (np.pi / 2) * STEPS)[:, None].repeat(36, axis=1).astype(np.uint8)
    faces = faces_of(_patches(area=area, horizon=horizon, kind=[kind] * 2, normals=[normal] * 2))
    assert faces.area.tolist() == [4.0]

    def hidden(angle):
        return np.sin(angle) ** 2 if kind == ROOF_FACE else angle + np.sin(angle) * np.cos(angle)

    found = faces.horizon[0] / STEPS * np.pi / 2
    np.testing.assert_allclose(hidden(found), (area * hidden(angles)).sum() / area.sum(), atol=0.01)


def test_equal_patches_make_the_same_horizon():
    horizon = np.arange(36, dtype=np.uint8)[None].repeat(3, axis=0)
    assert faces_of(_patches(area=[1.0, 2.0, 0.5], horizon=horizon)).horizon.tolist() == [list(range(36))]


def test_a_city_like_another_looks_round_again_only_where_it_sees_the_change(houses, monkeypatch):
    """A tower comes, a house goes: patches are those of the city looked at anew, and few sectors are."""
    plain = {str(n): houses.block(x=30 * n, high=26 + n) for n in range(6)}
    before = _city(houses.cityjson(plain))
    after = _city(
        houses.cityjson({**{k: v for k, v in plain.items() if k != "1"}, "tower": houses.block(x=200, high=60)})
    )
    monkeypatch.setattr(energy_faces, "MUCH", 1.0)
    monkeypatch.setattr(energy_faces, "remembered", lambda key, make: make())
    anew = city_patches(after)
    looked: list[int] = []
    whole = energy_faces.horizons.horizons
    monkeypatch.setattr(
        energy_faces.horizons, "horizons", lambda points, tree: looked.append(len(points)) or whole(points, tree)
    )
    again = energy_faces._looked_round(after, (city_patches(before), energy_faces._standing(before.surfaces)))
    for one, other in zip(anew, again, strict=True):
        np.testing.assert_array_equal(one, other)
    assert looked[-1] == (anew.building == after.buildings.index.get_loc("tower")).sum()
    for one, other in zip(anew, city_patches(after, before), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_city_without_houses_has_no_face():
    faces = faces_of(city_patches(City("empty", (0.0, 0.0, 1.0, 1.0))))
    assert faces.area.size == 0
    assert faces.horizon.shape == (0, 36)


def _years(city: City, light) -> tuple[np.ndarray, np.ndarray, float]:
    """Light of a year on faces over that on patches by direction, the share of each direction, and of all."""
    patches = city_patches(city)
    faces = faces_of(patches)
    sums = []
    for one in (patches, faces):
        year = solar_year(Patches.of(one.normals, one.area, one.horizon, one.building, len(city.buildings)), light,
                          hourly=False)  # fmt: skip
        east, north, up = one.normals.T
        octant = np.rint(np.arctan2(east, north) / (2 * np.pi) * 8).astype(int) % 8
        way = np.where(one.kind == WALL_FACE, 9 + octant, np.where(up > np.cos(np.radians(10)), 0, 1 + octant))
        sums.append(np.bincount(way, year.irradiation * one.area, 17))
    there = sums[0] > 0
    return sums[1][there] / sums[0][there], sums[0][there] / sums[0].sum(), sums[1].sum() / sums[0].sum()


@pytest.mark.slow
def test_faces_of_the_demo_district_get_the_light_of_its_patches():
    city = demo_city(size=300.0)
    place = place_of(city)
    year = synthetic_year(place).assign_attrs(
        latitude=place.latitude, longitude=place.longitude, altitude=place.altitude
    )
    by_way, share, whole = _years(city, skylight_of(year, grid_convergence=place.grid_convergence))
    assert whole == pytest.approx(1, abs=0.03)
    assert np.abs(by_way[share > 0.01] - 1).max() < 0.05


@pytest.mark.slow
@pytest.mark.data
def test_faces_of_the_real_cell_get_the_light_of_its_patches(reference_data, measured, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = assemble([cityjson.read(reference_data / "buildings" / "urbis3d_148170_lod2.city.json.gz")])
    city = City("cell", tuple(made.table.total_bounds), surfaces=made.surfaces, buildings=made.table)
    year = epw.read(reference_data / "weather" / "BEL_VLG_Uccle.064470_TMYx.2007-2021.epw.gz")
    by_way, _, whole = _years(city, skylight_of(year, grid_convergence=place_of(city).grid_convergence))
    source = "UrbIS 3D, cell 148170, 134,296 patches in 28,799 faces, typical year of Uccle"
    measured(case="Light of a year on faces against patches, all", source=source, ours=100 * abs(whole - 1), bar=3.0,
             unit="%")  # fmt: skip
    measured(case="Light of a year on faces against patches, worst direction", source=source,
             ours=100 * np.abs(by_way - 1).max(), bar=5.0, unit="%")  # fmt: skip


class TestOnDisk:
    """Horizons of a large city are kept."""

    @pytest.fixture
    def city(self, houses, tmp_path, monkeypatch) -> City:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        monkeypatch.setattr(energy_faces, "DEAR", 1)
        monkeypatch.setattr(energy_faces, "remembered", lambda key, make: make())
        return _city(houses.cityjson({"a": houses.block(), "b": houses.block(x=20, high=40)}))

    def test_they_come_back_the_same_without_looking_round(self, city, tmp_path, monkeypatch):
        first = city_patches(city)
        monkeypatch.setattr(energy_faces, "_looked_round", None)
        for one, other in zip(first, city_patches(city), strict=True):
            np.testing.assert_array_equal(one, other)
            assert one.dtype == other.dtype
        assert [one.suffix for one in (tmp_path / "bxl-twin" / "horizons").iterdir()] == [".npz"]

    def test_a_file_cut_short_is_made_again(self, city, tmp_path):
        first = city_patches(city)
        (file,) = (tmp_path / "bxl-twin" / "horizons").iterdir()
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2])
        np.testing.assert_array_equal(city_patches(city).horizon, first.horizon)
        assert len(file.read_bytes()) == len(whole)

    def test_another_city_has_another_file_and_the_oldest_goes(self, city, houses, tmp_path, monkeypatch):
        city_patches(city)
        monkeypatch.setattr(energy_faces, "ROOM", 1)
        city_patches(_city(houses.cityjson({"a": houses.block(high=50)})))
        assert not list((tmp_path / "bxl-twin" / "horizons").iterdir())

    def test_a_folder_that_cannot_be_written_does_no_harm(self, city, tmp_path, monkeypatch):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
        (tmp_path / "file").write_text("not a folder")
        assert city_patches(city).area.sum() > 0
