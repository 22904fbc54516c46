"""The City: frozen, with stable ids and a digest of all that can change a result."""

import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import shapely
from numpy.testing import assert_allclose

from twin.city import (
    BUILDING_COLUMNS,
    COVER_COLUMNS,
    LATER_COLUMNS,
    LINK_COLUMNS,
    NODE_COLUMNS,
    TREE_COLUMNS,
    City,
    CityError,
    Source,
    Terrain,
    as_table,
    complete,
)


def _buildings(heights: list[float]) -> object:
    n = len(heights)
    values = {name: [0.0] * n for name, kind in BUILDING_COLUMNS.items() if kind == "f8"}
    values |= {name: [""] * n for name, kind in BUILDING_COLUMNS.items() if kind == "str"}
    boxes = [shapely.box(10 * i, 0, 10 * i + 8, 8) for i in range(n)]
    return as_table(
        [f"b{i}" for i in range(n)], boxes, BUILDING_COLUMNS, **(values | {"storeys": [2] * n, "volume": heights})
    )


def _trees(height: float = 9.0) -> object:
    return as_table(
        ["t"], [shapely.Point(1, 2)], TREE_COLUMNS,
        height=[height], crown_diameter=[4.0], crown_base=[2.0], species=["Tilia"], assumed=[""],
    )  # fmt: skip


def _city() -> City:
    flat = Terrain(np.full((2, 2), 15, np.float32), 0.0, 0.0, 5.0)
    return City("row", (0.0, 0.0, 30.0, 10.0), buildings=_buildings([9.0, 10.0, 11.0]), terrain=flat, trees=_trees())


def test_the_same_input_twice_gives_the_same_digest() -> None:
    assert _city().digest == _city().digest


def test_the_digest_is_the_same_in_another_process() -> None:
    code = "from twin.city import City; print(City('x', (0, 0, 1, 1)).digest)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == City("y", (0.0, 0.0, 1.0, 1.0)).digest


def _moved(city: City) -> City:
    table = city.buildings.copy()
    table.loc["b1", "geometry"] = shapely.box(10, 0, 18.001, 8)
    return city.with_(buildings=table)


@pytest.mark.parametrize(
    ("part", "edit"),
    [
        ("buildings", lambda city: city.with_(buildings=city.buildings.assign(volume=[9.0, 10.0, 12.0]))),
        ("buildings", _moved),
        ("buildings", lambda city: city.with_(buildings=city.buildings.iloc[::-1])),
        ("buildings", lambda city: city.with_(buildings=city.buildings.rename(index={"b2": "b9"}))),
        ("trees", lambda city: city.with_(trees=_trees(9.5))),
        ("terrain", lambda city: city.with_(terrain=Terrain(city.terrain.elevation, 0.0, 0.5, 5.0))),
        (
            "land_cover",
            lambda c: c.with_(land_cover=as_table(["c"], [shapely.box(0, 0, 1, 1)], COVER_COLUMNS, cover=["lawn"])),
        ),
    ],
)
def test_an_edit_changes_the_digest_of_its_part_and_of_nothing_else(part: str, edit: Callable[[City], City]) -> None:
    before = _city()
    after = edit(before)
    assert after.digest != before.digest
    for one in (*City.TABLES, "surfaces", "terrain"):
        assert (after.part_digest(one) == before.part_digest(one)) == (one != part), one
    assert before.digest == _city().digest  # the old city did not move


def test_an_edit_shares_what_it_does_not_change() -> None:
    before = _city()
    after = before.with_(trees=_trees(3.0))
    assert after.buildings is before.buildings
    assert after.terrain is before.terrain


def test_an_edit_undone_has_the_digest_of_the_city_before() -> None:
    before = _city()
    assert before.with_(trees=_trees(3.0)).with_(trees=_trees()).digest == before.digest


def test_words_about_sources_and_names_do_not_change_the_digest() -> None:
    city = _city()
    assert city.with_(sources=(Source("trees", "somewhere"),), name="other").digest == city.digest


def test_that_a_city_is_invented_changes_the_digest() -> None:
    assert _city().with_(demo=True).digest != _city().digest


def test_later_columns_are_filled_in_and_count_only_when_they_say_something() -> None:
    # a table as it was before the columns came: the digest of an older city must stay
    older = _trees().drop(columns=sorted(LATER_COLUMNS.keys() & TREE_COLUMNS.keys()))
    city = _city()
    assert city.with_(trees=older).digest == city.digest
    assert complete(older, TREE_COLUMNS).equals(_trees())
    assert city.with_(trees=_trees().assign(trunk_diameter=0.4)).digest != city.digest
    assert city.with_(trees=_trees().assign(source="osm")).digest != city.digest


def _streets(**known: list[object]) -> City:
    links = as_table(
        ["l"], [shapely.LineString([(0, 0), (9, 0)])], LINK_COLUMNS,
        start=["a"], end=["b"], kind=["residential"], name_fr=[""], name_nl=[""], width=[6.0], lanes=[2], speed=[30.0],
        oneway=[False], assumed=[""], **known,
    )  # fmt: skip
    return City("street", (0.0, 0.0, 9.0, 9.0), links=links, nodes=as_table(["a"], [shapely.Point(0, 0)], {}))


def test_streets_of_which_nobody_knows_the_access_keep_the_digest_they_had() -> None:
    city = _streets()
    older = city.links.drop(columns=sorted(LATER_COLUMNS.keys() & LINK_COLUMNS.keys()))
    assert city.with_(links=older).digest == city.digest
    nodes = as_table(["a"], [shapely.Point(0, 0)], NODE_COLUMNS)
    assert city.with_(nodes=nodes).digest == city.digest
    assert _streets(forward=[63.0]).digest != city.digest
    assert city.with_(nodes=nodes.assign(signal=0.0)).digest != city.digest  # that there is none is known too


def test_forbidden_turns_are_a_part_of_the_city() -> None:
    city = _streets()
    turns = pd.DataFrame({"arriving": ["l"], "via": ["a"], "leaving": ["l"], "only": [False], "barred": [4]})
    banned = city.with_(turns=turns)
    assert banned.digest != city.digest
    assert banned.with_(turns=turns.assign(barred=[8])).digest != banned.digest
    assert banned.with_(turns=None).digest == city.digest


def test_a_table_with_double_ids_or_strange_columns_is_refused() -> None:
    with pytest.raises(CityError, match="'t' occurs twice"):
        as_table(["t", "t"], [shapely.Point(0, 0)] * 2, COVER_COLUMNS, cover=["lawn"] * 2)
    with pytest.raises(CityError, match="columns"):
        as_table(["t"], [shapely.Point(0, 0)], COVER_COLUMNS, colour=["green"])


def test_a_terrain_is_read_between_its_cells() -> None:
    terrain = Terrain(np.array([[0.0, 10.0], [20.0, 30.0]], np.float32), 100.0, 200.0, 10.0)
    x, y = np.array([105, 115, 110, 110, 90, 500]), np.array([205, 215, 205, 210, 205, 500])
    assert_allclose(terrain.sample(x, y), [0, 30, 5, 15, 0, 30])
    assert terrain.bounds == (100.0, 200.0, 120.0, 220.0)


_WEIGH = """
import gc, psutil, numpy as np, shapely
from twin.city import BUILDING_COLUMNS, City, as_table
def make(n):
    angle = np.linspace(0, 2 * np.pi, 25)[:-1]
    rings = np.stack([np.cos(angle), np.sin(angle)], -1)[None] * 9 + np.arange(n)[:, None, None] * 20.0
    values = {name: np.zeros(n) for name, kind in BUILDING_COLUMNS.items() if kind == "f8"}
    words = [name for name, kind in BUILDING_COLUMNS.items() if kind == "str"]
    values |= {name: ["%s of %d" % (name, i) for i in range(n)] for name in words}
    names = ["https://databrussels.be/id/building/%d" % i for i in range(n)]
    table = as_table(names, shapely.polygons(rings), BUILDING_COLUMNS, storeys=[3] * n, **values)
    return City("many", (0.0, 0.0, 1.0, 1.0), buildings=table)
make(100).digest
gc.collect()
before = psutil.Process().memory_info().rss
city = make(40_000)
gc.collect()
print((psutil.Process().memory_info().rss - before) / 40_000)
"""


def test_a_building_takes_less_than_4_kb_beside_its_mesh() -> None:
    found = subprocess.run([sys.executable, "-c", _WEIGH], capture_output=True, text=True, check=True)
    assert 500 < float(found.stdout) < 4000  # footprints of 24 corners, where the real ones have 10
