"""bxl-twin reach: raw streets and places, a city, files in and out, the next place, and what is refused."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from rasterio.transform import Affine

from viewer.cli.reach import command

WEST, SOUTH = 149_000.0, 170_000.0
FLAT = 6.0 / 3.6 * np.exp(-0.175)
"""Tobler on the flat. [m s⁻¹]"""


def feature(kind, coordinates, **tags):
    return {"type": "Feature", "properties": tags, "geometry": {"type": kind, "coordinates": coordinates}}


def street(number, *corners, **tags):
    return feature(
        "LineString", [[WEST + x, SOUTH + y] for x, y in corners], highway="residential", osm_id=number, **tags
    )


def point(x, y, **tags):
    return feature("Point", [WEST + x, SOUTH + y], **tags)


def write(path, *features):
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path):
    """A street of 1,200 m, one of 400 m from its middle; a school at the west end, a pharmacy at the east end."""
    write(tmp_path / "streets.geojson", street("1", (0, 0), (600, 0), (1200, 0)), street("2", (600, 0), (600, 400)))
    write(
        tmp_path / "places.geojson", point(0, 10, amenity="school"), point(1200, -10, amenity="pharmacy"),
        point(600, 0, amenity="cafe"),
    )  # fmt: skip
    ring = [[-50, -50], [599, -50], [599, 450], [-50, 450], [-50, -50]]
    other = [[x + 649, y] for x, y in ring]
    write(
        tmp_path / "sectors.geojson",
        *(
            feature("Polygon", [[[WEST + x, SOUTH + y] for x, y in corners]], cd_sector=name,
                    tx_sector_descr_fr=name.upper(), tx_sector_descr_nl=name.upper(), population_2025=heads)
            for name, corners, heads in (("west", ring, 300), ("east", other, 500))
        ),
    )  # fmt: skip
    return tmp_path


@pytest.fixture
def call(capsys):
    def go(*words):
        with pytest.raises(SystemExit) as ended:
            command.main([*map(str, words)], prog_name="bxl-twin")
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, " ".join(said.err.split())

    return go


def test_raw_streets_and_places_tell_who_is_in_time(call, folder):
    code, out, err = call(
        folder / "streets.geojson", folder / "places.geojson", "--sectors", folder / "sectors.geojson", "--json",
        "--homes", folder / "homes.csv", "--nodes", folder / "nodes.geojson", "--out", folder / "sectors.csv",
        "--gaps", folder / "gaps.csv", "--balance", folder / "balance.csv",
    )  # fmt: skip
    assert code == 0, err
    told = json.loads(out)
    shares = {one["category"]: one["share"] for one in told["categories"]}
    # people stand in the middles of three links: 310, 910 and 810 m from the school; ten minutes are 839 m; the east
    # has 600 and 400 m of street for its 500 people, so that 200 of them live in the side street
    assert shares["youth"] == pytest.approx((300 + 200) / 800)
    assert shares["health"] == pytest.approx(500 / 800)
    assert shares["sport"] is None
    assert "sport" in told["unknown"]
    assert told["residents"] is True
    assert told["amenities"] == {"read": 3, "of no category": 1}
    assert told["gaps"][0] | {"people": 300.0, "sector": "east", "category": "youth"} == told["gaps"][0]
    assert told["streets"]["assumed width"] == 3
    homes = pd.read_csv(folder / "homes.csv", index_col="id")
    assert homes["youth"].tolist() == pytest.approx(np.array([310, 910, 810]) / FLAT / 60, abs=1e-3)
    assert homes["sport"].isna().all()
    nodes = gpd.read_file(folder / "nodes.geojson").to_crs("EPSG:31370")
    assert nodes.set_index(nodes.geometry.x.round()).loc[WEST + 1200, "health"] == pytest.approx(
        10 / FLAT / 60, abs=1e-3
    )
    assert set(pd.read_csv(folder / "gaps.csv")["category"]) == {"youth", "health"}
    assert len(pd.read_csv(folder / "balance.csv")) == 30
    assert pd.read_csv(folder / "sectors.csv")["health"].tolist() == [0.0, 1.0]
    assert "no place known" in err
    assert "by slope (Tobler)" in err


def test_the_next_place_is_searched_and_written(call, folder):
    code, out, err = call(
        folder / "streets.geojson", folder / "places.geojson", "--sectors", folder / "sectors.geojson", "--json",
        "--next", "youth", "--next-out", folder / "next.geojson",
    )  # fmt: skip
    assert code == 0, err
    found = json.loads(out)["next"]
    assert found["share_after"] == 1.0
    assert found["places"][0]["people"] == pytest.approx(300.0)
    assert found["at_least_of_best"] == 1.0
    assert gpd.read_file(folder / "next.geojson")["category"].tolist() == ["youth"]
    assert "newly in time" in err
    assert "Any crossing can take the place" in err


def test_a_slope_and_a_bicycle_change_the_times(call, folder):
    def minutes(*words):
        code, _, err = call(
            folder / "streets.geojson", folder / "places.geojson", "--homes", folder / "homes.csv", *words
        )
        assert code == 0, err
        return pd.read_csv(folder / "homes.csv", index_col="id")

    rows = np.tile(20 + 0.05 * (np.arange(140) * 10.0), (60, 1)).astype(np.float32)
    with rasterio.open(folder / "ground.tif", "w", driver="GTiff", width=140, height=60, count=1, dtype="float32",
                       crs="EPSG:31370", transform=Affine(10, 0, WEST - 100, 0, -10, SOUTH + 500)) as file:  # fmt: skip
        file.write(rows, 1)
    flat, hill = minutes(), minutes("--terrain", folder / "ground.tif")
    # down to the school in the west at 6 km/h (Tobler, 5 % down), up to the pharmacy in the east slower than flat
    assert hill["youth"].iloc[0] == pytest.approx((300 / (6 / 3.6) + 10 / FLAT) / 60, abs=1e-3)
    assert hill["health"].iloc[1] > 1.1 * flat["health"].iloc[1]
    ridden = minutes("--by", "bike")
    assert (ridden["health"] < 0.5 * flat["health"]).all()


def test_other_times_count(call, folder):
    words = (folder / "streets.geojson", folder / "places.geojson", "--json")
    told = json.loads(call(*words, "--minutes", "youth=20")[1])
    assert told["categories"][4]["share"] == 1.0
    assert told["categories"][4]["minutes"] == 20
    assert told["residents"] is False  # without sectors each metre of street counts as one


def test_the_demo_district_has_its_own_streets_places_and_homes(call):
    code, out, err = call("demo", "--json")
    assert code == 0, err
    told = json.loads(out)
    assert told["demo"] is True
    assert "demo data, not the cadastre" in err
    shares = {one["category"]: one["share"] for one in told["categories"]}
    assert shares["food_shops"] > 0.9
    assert told["residents"] is True
    assert "recycling" in told["unknown"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["{s}"], "streets alone have no places to reach"),
        (["none.geojson", "{p}"], "no such file"),
        (["{s}", "{s}"], "has no place of any of the fifteen categories"),
        (["{p}", "{p}"], "no way with a highway tag"),
        (["{s}", "{p}", "--minutes", "youth"], "write it as sport=15"),
        (["{s}", "{p}", "--minutes", "fun=5"], "no category 'fun'"),
        (["{s}", "{p}", "--next", "creche"], "no category 'creche'; expected one of green_space"),
        (["{s}", "{p}", "--next-out", "a.csv"], "no next place without --next"),
        (["{s}", "{p}", "--out", "a.txt"], "names no table"),
        (["{s}", "{p}", "--bounds", "1,2,3"], "not west,south,east,north"),
        (["{s}", "{p}", "--bounds", "5,0,1,9"], "holds nothing"),
        (["{s}", "{p}", "--bounds", "0,0,1,1"], "no street inside the bounds"),
        (["{s}", "{p}", "--by", "car"], "Invalid value"),
        (["{s}", "{p}", "--next", "sport", "--count", "0"], "Invalid value"),
    ],
)
def test_bad_words_are_refused(call, folder, words, expected):
    places = {"s": folder / "streets.geojson", "p": folder / "places.geojson"}
    code, out, err = call(*(word.format(**places) for word in words))
    assert (code, out) == (2, "")
    assert expected in err
