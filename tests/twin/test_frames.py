"""Coordinates find Lambert 72, or are refused with the reason."""

import numpy as np
import pytest

from twin.city import CityError
from twin.frames import GEOID, SHIFT, ellipsoidal_to_lambert, epsg_of, is_north_first, to_lambert

HERE = np.array([[148_500.0, 170_500.0, 20.0]])


def test_published_point_comes_to_its_lambert_72_coordinates():
    # EPSG guidance note 7-2 (2019), section on Lambert Conic Conformal (2SP Belgium): 50°40'46.461" N 5°48'26.533" E on
    # the datum of 1972 is E 251763.20 N 153034.13 in EPSG:31300, the older definition of the same frame (centimetres)
    point = np.array([[5 + 48 / 60 + 26.533 / 3600, 50 + 40 / 60 + 46.461 / 3600, 0.0]])
    found, _ = to_lambert(point, "EPSG:4313", path="drawn")
    np.testing.assert_allclose(found[0, :2], [251_763.20, 153_034.13], atol=0.05)


@pytest.mark.parametrize("crs", ["EPSG:31370", "EPSG:6190", "urn:ogc:def:crs:EPSG::31370", None])
def test_lambert_72_passes_unchanged(crs):
    found, _ = to_lambert(HERE, crs, path="drawn")
    np.testing.assert_array_equal(found, HERE)


def test_ellipsoidal_heights_go_down_by_the_geoid():
    degrees = np.array([[4.35, 50.845, 60.0]])
    solid, _ = to_lambert(degrees, "EPSG:4979", path="drawn")
    flat, _ = to_lambert(degrees, "EPSG:4326", path="drawn")
    assert solid[0, 2] == pytest.approx(60 - GEOID)
    np.testing.assert_allclose(solid[0, :2] - flat[0, :2], SHIFT, atol=1e-6)
    np.testing.assert_allclose(ellipsoidal_to_lambert(degrees, "EPSG:4979"), solid)


def test_swapped_axes_are_refused_even_where_they_stay_in_belgium():
    with pytest.raises(CityError, match="swapped, it lies in Brussels"):
        to_lambert(HERE[:, [1, 0, 2]], "EPSG:31370", path="drawn")
    kept, _ = to_lambert(HERE[:, [1, 0, 2]], "EPSG:31370", path="drawn", anywhere=True)
    np.testing.assert_array_equal(kept, HERE[:, [1, 0, 2]])


def test_other_belgian_towns_are_welcome():
    ghent = np.array([[105_000.0, 194_000.0, 5.0]])
    found, notes = to_lambert(ghent, "EPSG:31370", path="drawn")
    np.testing.assert_array_equal(found, ghent)
    assert notes == []


@pytest.mark.parametrize(
    ("text", "code", "north_first"),
    [
        ("urn:ogc:def:crs,crs:EPSG:6.12:25833,crs:EPSG:6.12:5783", "EPSG:25833", False),
        ("urn:ogc:def:crs:EPSG::4326", "EPSG:4326", True),
        ("http://www.opengis.net/def/crs/EPSG/0/3035", "EPSG:3035", True),
        ("EPSG:4326", "EPSG:4326", False),
        ("http://www.opengis.net/gml/srs/epsg.xml#31370", "EPSG:31370", False),
        ("local grid", None, False),
        (None, None, False),
    ],
)
def test_names_of_frames_are_understood(text, code, north_first):
    assert epsg_of(text) == code
    assert is_north_first(text) is north_first
