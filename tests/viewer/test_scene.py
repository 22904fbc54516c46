"""Pictures of rows of houses drawn by hand: what stands where, what is written, and that light falls as it should."""

import numpy as np
import pytest
from shapely import MultiPoint, box

from kernels.quantities import QUANTITIES
from twin.city import City
from viewer.scene import Raster, Still, draw, letters
from viewer.still.camera import VIEWS, looking
from viewer.still.field import Field, Scale, palettes
from viewer.still.light import DRAFT
from viewer.still.model import HOUSE, PAPER, Model, model_of
from viewer.still.sheet import Caption, Ramp

SIZE = (480, 360)


@pytest.fixture(scope="module")
def model(city: City) -> Model:
    return model_of(city)


def _corners(model: Model) -> np.ndarray:
    west, south, east, north = model.bounds
    return np.array([(x, y, z) for x in (west, east) for y in (south, north) for z in (model.low, model.high)])


def _depths(city: City, depth: float) -> Field:
    """The same depth of water all over the city."""
    west, south, east, north = city.bounds
    quantity = QUANTITIES["max_water_depth"]
    assert quantity.range is not None
    scale = Scale(palettes()["water"], *quantity.range, log=True, fades=True)
    cells = np.full((round(north - south), round(east - west)), depth)
    return Field(quantity, cells, west, south, 1.0, scale)


@pytest.fixture(scope="module")
def dry(model: Model) -> Still:
    return draw(model, Caption("Rows"), view="top", size=SIZE, quality=DRAFT)


@pytest.fixture(scope="module")
def wet(model: Model, city: City) -> Still:
    caption = Caption("Rijen", "Stortbui", ("drawn by hand, CC0-1.0",), demo=True, language="nl")
    return draw(model, caption, field=_depths(city, 1.0), view="top", size=SIZE, quality=DRAFT)


def _at(still: Still, model: Model, x: float, y: float, z: float) -> np.ndarray:
    """Colour at a place in Lambert 72. 0 to 1"""
    e, n = model.origin
    column, row = still.camera.pixels(np.array([x - e, y - n, z])).astype(int)
    return still.image[row, column] / 255


def _place(city: City, house: int) -> tuple[float, float]:
    middle = city.buildings.geometry.iloc[house].centroid
    return middle.x, middle.y


@pytest.mark.parametrize("view", VIEWS)
def test_every_house_shows_its_own_faces_where_the_camera_says(view: str, model: Model, city: City) -> None:
    camera = looking(view, _corners(model), SIZE, (20, 20, 460, 340))
    raster = Raster(model, SIZE)
    try:
        faces = raster.faces(camera)
    finally:
        raster.close()
    e, n = model.origin
    for house in range(len(city.buildings)):
        x, y = _place(city, house)
        # one metre beside the ridge of 29 m, on the western slope: 8 m wide, from 6 to 9 m high
        column, row = camera.pixels(np.array([x - 1 - e, y - n, 29 - 0.75])).astype(int)
        seen = faces[row, column]
        assert model.part[seen] == HOUSE
        corners = model.points[model.triangles[seen]] + np.array([e, n, 0])
        assert np.all(np.abs(corners[:, :2] - (x, y)) < (4.01, 5.01)), f"house {house} is not where it should be"


def test_depth_in_parallel_light_is_the_distance_to_the_roofs(model: Model) -> None:
    camera = looking("top", _corners(model), SIZE, (20, 20, 460, 340))
    raster = Raster(model, SIZE)
    try:
        depth = raster.depth(camera)
    finally:
        raster.close()
    ridge = camera.eye[2] - 29.0  # houses of 9 m on ground of 20 m
    assert depth.min() == pytest.approx(ridge, abs=0.05)
    assert np.isinf(depth[0, 0])


def test_roofs_are_white_and_the_table_is_the_colour_of_the_page(dry: Still, model: Model, city: City) -> None:
    x, y = _place(city, 0)
    roof = _at(dry, model, x - 2, y, 27.5)  # the sun of the afternoon stands in the west
    assert roof.min() > 0.75
    assert np.ptp(roof) < 0.12
    paper = np.array([int(PAPER[at : at + 2], 16) for at in (1, 3, 5)])
    assert np.abs(dry.image[2, 2].astype(int) - paper).max() <= 1


def test_houses_throw_shadows_away_from_the_afternoon_sun(dry: Still, model: Model, city: City) -> None:
    x, y = _place(city, 0)
    east, west = _at(dry, model, x + 6, y, 19.9), _at(dry, model, x - 6, y, 19.9)
    assert east.mean() < 0.85 * west.mean()


def test_water_lies_on_the_ground_and_not_on_the_roofs(dry: Still, wet: Still, model: Model, city: City) -> None:
    x, y = _place(city, 0)
    street = _at(wet, model, x + 10, y, 19.9)
    assert street[2] > street[0] + 0.25  # blue
    moved = np.array([_at(wet, model, x - 2, y, 27.5), _at(dry, model, x - 2, y, 27.5)])
    assert np.abs(np.diff(moved, axis=0)).max() < 0.03


def test_a_film_of_water_is_not_drawn(model: Model, city: City, dry: Still) -> None:
    thin = draw(model, Caption("Rows"), field=_depths(city, 0.005), view="top", size=SIZE, quality=DRAFT)
    x, y = _place(city, 2)
    street = x, y - 9.5, 19.8  # asphalt in the sun
    assert np.abs(_at(thin, model, *street) - _at(dry, model, *street)).max() < 0.03


def test_a_drawn_field_has_a_legend_with_title_unit_and_at_most_five_numbers(wet: Still, dry: Still) -> None:
    assert "Maximale waterdiepte (m)" in wet.sheet.texts
    assert [one for one in ("0,05", "0,2", "0,5", "1", "2") if one not in wet.sheet.texts] == []
    assert any(isinstance(item, Ramp) for item in wet.sheet.items)
    assert not any(isinstance(item, Ramp) for item in dry.sheet.items)


def test_the_demo_label_is_there_if_and_only_if_the_data_is_for_demonstration(wet: Still, dry: Still) -> None:
    assert "demogegevens, niet het kadaster" in wet.sheet.texts
    assert not [words for words in dry.sheet.texts if "demo" in words]


def test_words_lie_within_the_picture_and_clear_of_each_other_and_of_the_model(wet: Still, model: Model) -> None:
    texts = [box(*item.box) for item in wet.sheet.items if hasattr(item, "ink")]
    outline = MultiPoint(wet.camera.pixels(_corners(model))).convex_hull
    for number, one in enumerate(texts):
        assert box(0, 0, *SIZE).contains(one)
        assert not one.intersects(outline)
        assert not any(one.intersection(other).area > 1 for other in texts[:number])


def test_letters_of_one_size_share_one_height_and_accents_are_ink() -> None:
    low, tall = letters("acen", 20.0, False), letters("ÉÀj(|", 20.0, False)
    assert low.shape[0] == tall.shape[0]
    assert letters("é", 40.0, False).sum() > letters("e", 40.0, False).sum()


def test_a_picture_is_written_whole_with_its_words_in_the_file(wet: Still, tmp_path) -> None:
    target = tmp_path / "wet.png"
    wet.save(target)
    data = target.read_bytes()
    assert data.startswith(b"\x89PNG")
    assert b"demogegevens" in data
    assert [one.name for one in tmp_path.iterdir()] == ["wet.png"]
