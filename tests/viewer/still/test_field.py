"""Fields and their legends: colours, round numbers, the grid's place, and what is not drawn."""

import numpy as np
import pytest
import xarray as xr

from kernels.quantities import QUANTITIES
from viewer.still.field import PictureError, Scale, choose, number, palettes


def _grid(values: np.ndarray, cell: float = 2.0, **coords: np.ndarray) -> xr.Dataset:
    rows, columns = values.shape[-2:]
    places = {"x": 100 + cell * (np.arange(columns) + 0.5), "y": 200 + cell * (np.arange(rows) + 0.5)} | coords
    return xr.Dataset({"water_depth": (("time", "y", "x")[-values.ndim :], values)}, coords=places)


def test_every_palette_that_a_quantity_names_is_there_and_reads_as_colours() -> None:
    known = palettes()
    assert {one.palette for one in QUANTITIES.values() if one.palette} <= set(known)
    assert {"water", "viridis", "cividis", "inferno", "terrain", "brbg"} <= set(known)
    for stops in known.values():
        assert len(stops) >= 5
        assert stops.min() >= 0
        assert stops.max() <= 1


@pytest.mark.parametrize("name", ["viridis", "cividis", "inferno"])
def test_published_palettes_grow_lighter_from_end_to_end(name: str) -> None:
    # made so by their authors: lightness rises evenly (doi:10.1371/journal.pone.0199239 for cividis)
    stops = palettes()[name]
    light = np.where(stops <= 0.04045, stops / 12.92, ((stops + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]
    assert np.all(np.diff(light) > 0)


def test_water_has_the_ends_of_the_look() -> None:
    # shallow #dbeafe at 5 cm, deep #1e40af at 2 m
    scale = Scale(palettes()["water"], 0.05, 2.0, log=True, fades=True)
    ends = np.rint(scale.colors(np.array([0.05, 2.0, 9.0])) * 255)
    assert ends.tolist() == [[0xDB, 0xEA, 0xFE], [0x1E, 0x40, 0xAF], [0x1E, 0x40, 0xAF]]


def test_shallow_water_fades_and_dry_ground_is_left_alone() -> None:
    scale = Scale(palettes()["water"], 0.05, 2.0, log=True, fades=True)
    cover = scale.cover(np.array([np.nan, 0.0, 0.009, 0.02, 0.049, 0.05, 2.0]))
    assert cover[:3].tolist() == [0, 0, 0]
    assert np.all(np.diff(cover[2:]) > 0)
    assert cover[-1] < 1


def test_still_water_shows_no_speed_but_water_that_is_there_at_once_shows_its_arrival() -> None:
    grid = _grid(np.array([[0.0, 2.0], [np.nan, 0.01]]))
    speed = choose(grid.rename(water_depth="max_water_speed")).scale
    assert speed.cover(np.array([0.0, np.nan, 0.01])).tolist() == [0, 0, 0]
    assert speed.cover(np.array([1.0])) == pytest.approx(0.9)
    arrival = choose(grid.rename(water_depth="arrival_time")).scale
    assert arrival.cover(np.array([0.0, np.nan])).tolist() == [0.9, 0]


@pytest.mark.parametrize(
    ("low", "high", "log", "expected"),
    [
        (0.05, 2.0, True, [0.05, 0.2, 0.5, 1, 2]),
        (0.001, 10.0, True, None),
        (0.0, 2.0, False, [0, 0.5, 1, 1.5, 2]),
        (0.0, 2.5, False, [0, 1, 2]),
        (268.15, 313.15, False, [280, 300]),
        (-0.3, 0.4, False, [-0.2, 0, 0.2, 0.4]),
    ],
)
def test_a_legend_has_at_most_five_round_numbers(low: float, high: float, log: bool, expected) -> None:
    ticks = Scale(palettes()["viridis"], low, high, log=log).ticks()
    assert 2 <= len(ticks) <= 5
    assert low * 0.999 <= ticks[0] or low < 0
    assert ticks[-1] <= high * 1.001
    if expected is not None:
        np.testing.assert_allclose(ticks, expected, atol=1e-12)


def test_temperatures_are_round_in_degrees_celsius() -> None:
    """The legend of UTCI spans 14 to 46 °C, its quantity's range; 0 °C is 273.15 K."""
    grid = _grid(np.full((3, 3), 300.0)).rename(water_depth="utci")
    found = choose(grid, "utci")
    units, factor, shift = found.units()
    assert (units, factor, shift) == ("°C", 1.0, -273.15)
    np.testing.assert_allclose([tick + shift for tick in found.scale.ticks(shift)], [20, 30, 40], atol=1e-9)


def test_a_field_stands_where_its_cell_centres_say_whatever_their_order() -> None:
    values = np.arange(12.0).reshape(3, 4)
    found = choose(_grid(values))
    assert found.bounds == (100, 200, 108, 206)
    flipped = choose(_grid(values).isel(y=slice(None, None, -1)))
    np.testing.assert_array_equal(flipped.values, found.values)
    assert found.sample(np.array([103.0]), np.array([203.0])) == pytest.approx(5.0)


def test_a_cell_without_value_hides_nothing_and_spoils_no_neighbour() -> None:
    values = np.full((3, 3), 0.4)
    values[1, 1] = np.nan
    found = choose(_grid(values))
    x = np.array([103.0, 101.9, 99.0])
    np.testing.assert_array_equal(found.sample(x, np.full(3, 203.0)), [np.nan, 0.4, np.nan])


def test_the_nearest_output_is_taken_and_the_last_by_default() -> None:
    series = _grid(np.stack([np.full((2, 2), float(k)) for k in range(3)]), time=np.array([0.0, 60.0, 120.0]))
    assert choose(series).time == 120
    near = choose(series, "water_depth", 50.0)
    assert (near.time, near.values[0, 0]) == (60.0, 1.0)


def test_grids_that_cannot_be_drawn_are_refused() -> None:
    with pytest.raises(PictureError, match="square cells"):
        choose(_grid(np.zeros((3, 3)), x=np.array([0.0, 2.0, 5.0])))
    with pytest.raises(PictureError, match="at least 2 by 2"):
        choose(_grid(np.zeros((1, 3))))
    with pytest.raises(PictureError, match="no field over the ground"):
        choose(xr.Dataset({"a": (("station",), [1.0])}))


def test_numbers_are_written_as_the_country_does() -> None:
    assert number(1234.5, "fr") == "1\N{NO-BREAK SPACE}234,5"
    assert number(1234.5, "nl") == "1.234,5"
    assert number(1234.5, "en") == "1,234.5"
    assert number(2.0, "fr") == "2"
