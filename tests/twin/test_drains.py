"""Sewers of a city: frozen, in its digest and folder, on the cells of a run, and edited."""

import dataclasses
import json

import numpy as np
import pytest
import shapely
import xarray as xr

from kernels.flood.sewer import Sewer
from kernels.flood.sewer_words import JUNCTION, OUTFALL_FREE
from kernels.quantities import attrs
from twin import drains, folder
from twin.city import BUILDING_COLUMNS, City, CityError, as_table
from twin.formats import swmm
from twin.imports import import_city

NETWORK = """
[OPTIONS]
FLOW_UNITS CMS
[JUNCTIONS]
M1 8 2
M2 7.9 2
M3 7.8 2
FAR 7 2
[OUTFALLS]
OUT 6.5 FREE
[CONDUITS]
A M1 M2 20 0.013
B M2 M3 20 0.013
C M3 FAR 300 0.013
D FAR OUT 50 0.013
[XSECTIONS]
A CIRCULAR 0.5
B CIRCULAR 0.5
C CIRCULAR 0.5
D CIRCULAR 0.5
[COORDINATES]
M1 149005 170005
M2 149025 170005
M3 149045 170005
FAR 149345 170005
OUT 149395 170005
"""
BOUNDS = (149000.0, 170000.0, 149060.0, 170030.0)


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "sewer.inp"
    file.write_text(NETWORK, "utf-8")
    return file


@pytest.fixture
def city(path):
    house = shapely.box(149020, 170000, 149030, 170008)
    table = as_table(
        ["b"], [house], BUILDING_COLUMNS, ground_z=[10.0], ridge_height=[9.0], eaves_height=[7.0], roof_area=[80.0],
        volume=[700.0], storeys=[2], use=["residential"], name=[""], quality=[""], origin=[""],
    )  # fmt: skip
    return City("Rue d'essai", BOUNDS, buildings=table, drains=drains.read_drains(path, BOUNDS)[0])


def _ground(city):
    x, y = np.arange(149001.0, 149060.0, 2.0), np.arange(170001.0, 170030.0, 2.0)
    inside = shapely.contains_xy(city.buildings.geometry.iloc[0], *np.meshgrid(x, y))
    fields = {"ground_elevation": np.full(inside.shape, 10.0), "building_index": np.where(inside, 0, -1)}
    return xr.Dataset({n: (("y", "x"), v, attrs(n)) for n, v in fields.items()}, coords={"x": x, "y": y})


def test_inlets_are_assumed_at_junctions_where_the_file_has_none(path):
    network, tally = drains.read_drains(path, BOUNDS)
    assert network.attrs["inlets"] == "assumed"
    assert network["inlet"].values.tolist() == ["M1", "M2", "M3", "FAR"]
    assert tally["taken"] == 5
    assert tally["nodes in the city"] == 3
    assert tally["inlets assumed, one set at each junction"] == 4


def test_a_network_of_another_place_is_refused(path):
    with pytest.raises(CityError, match="same place"):
        drains.read_drains(path, (150000.0, 171000.0, 150100.0, 171100.0))


def test_the_sewers_of_a_city_are_frozen_and_count_in_its_digest(city):
    with pytest.raises(ValueError, match="read-only"):
        city.drains["node_invert"].values[0] = 0.0
    without = dataclasses.replace(city, drains=None)
    lower = city.drains.assign(node_invert=city.drains["node_invert"] - 0.1)
    other = city.with_(drains=drains.frozen(lower))
    assert len({city.digest, without.digest, other.digest}) == 3
    assert other.part_digest("buildings") == city.part_digest("buildings")
    assert city.with_(drains=drains.frozen(city.drains)).digest == city.digest


def test_a_city_folder_keeps_the_sewers(city, tmp_path):
    folder.save(city, tmp_path / "city")
    again = folder.load(tmp_path / "city")
    assert again.digest == city.digest
    xr.testing.assert_identical(again.drains, city.drains)
    assert folder.read_manifest(tmp_path / "city")["drains"]["conduit"] == 4
    folder.save(city.with_(drains=None), tmp_path / "city")
    assert folder.load(tmp_path / "city").drains is None


def test_inlets_go_to_open_cells_and_roofs_to_their_node(city):
    ground = _ground(city)
    found = drains.drain_layers(city, ground)
    # M2 lies under the house, FAR outside the grid
    assert found["inlet"].values.tolist() == ["M1", "M2", "M3"]
    assert found.attrs["inlets_moved"] == 1
    assert found.attrs["inlets_left_out"] == 1
    moved = found.sel(inlet="M2")
    house = city.buildings.geometry.iloc[0]
    assert not house.contains(shapely.Point(float(moved.inlet_x), float(moved.inlet_y)))
    assert house.distance(shapely.Point(float(moved.inlet_x), float(moved.inlet_y))) <= 2.0
    assert found["downpipe_node"].values.tolist() == [1]
    assert found.attrs["roofs_to_drains"] == 1
    # M2's and M3's rims are 9.9 m and 9.8 m under ground of 10 m
    assert found.attrs["rims_off_ground"] == 0
    layers = ground.assign(found.data_vars)
    assert Sewer.from_layers(layers, ground["building_index"].values >= 0, 2.0) is not None


def test_a_city_without_sewers_says_how_to_get_them(city):
    with pytest.raises(CityError, match="--drains"):
        drains.drain_layers(city.with_(drains=None), _ground(city))


def test_inlets_within_a_polygon_are_blocked_and_cleared(city):
    around = shapely.box(149000, 170000, 149030, 170010)
    blocked = drains.with_blockage(city.drains, around, 0.8)
    assert blocked["inlet_blockage"].values.tolist() == [0.8, 0.8, 0.0, 0.0]
    assert city.drains["inlet_blockage"].values.tolist() == [0.0] * 4
    cleared = drains.with_blockage(blocked, around, 0.0)
    np.testing.assert_array_equal(cleared["inlet_blockage"], 0.0)
    with pytest.raises(CityError, match="0 to 1"):
        drains.with_blockage(city.drains, around, 2.0)


def test_a_basin_beside_a_node_takes_the_peak_and_gives_it_back(city):
    with_basin = drains.with_basin(
        city.drains, 149040.0, 170010.0, area=50.0, depth=3.0, weir_length=2.0, weir_crest=8.0, pump=0.02
    )
    assert with_basin["node"].values.tolist()[-1] == "basin"
    flows = {}
    for name, network in (("without", city.drains), ("with", with_basin)):
        surge = {"series_node": [0, 0, 0], "series_time": [0.0, 300.0, 600.0], "series_inflow": [0.0, 0.4, 0.0]}
        network = network.assign({k: (("series_point",), np.array(v, float), attrs(k)) for k, v in surge.items()})
        sewer = Sewer.from_layers(
            _ground(city).assign(drains.drain_layers(city.with_(drains=network), _ground(city)).data_vars),
            _ground(city)["building_index"].values >= 0,
            2.0,
        )
        dry = np.zeros(sewer.rows.size)
        outflow = []
        for k in range(1800):
            sewer.advance(float(k), k + 1.0, dry)
            outflow.append(float(sewer.observe()["conduit_flow"][2]))
        flows[name] = max(outflow)
        assert abs(sewer.held() - sewer.came() + sewer.gone() + dry.sum()) <= 1e-12 * sewer.came()
        if name == "with":
            assert sewer.accounts()["volume_pumped"] > 5.0
    assert flows["with"] < flows["without"]
    with pytest.raises(CityError, match="name already"):
        drains.with_basin(with_basin, 149040.0, 170010.0, area=50.0, depth=3.0, weir_length=2.0)
    with pytest.raises(CityError, match="area"):
        drains.with_basin(city.drains, 149040.0, 170010.0, area=0.0, depth=3.0, weir_length=2.0)


def test_basins_lie_beside_junctions_and_never_beside_each_other(city):
    sizes = {"area": 50.0, "depth": 3.0, "weir_length": 2.0}
    # the second stands nearer to the first than to any manhole; M2 at 149025 is next to both
    one, other = ({"x": 149033.0, "y": 170020.0, "name": "one"}, {"x": 149033.0, "y": 170021.0, "name": "other"})
    both = drains.with_basin(drains.with_basin(city.drains, **one, **sizes), **other, **sizes)
    turned = drains.with_basin(drains.with_basin(city.drains, **other, **sizes), **one, **sizes)
    for network in (both, turned):
        kinds = network["node_kind"].values[network["weir_start"].values.astype(int)]
        assert kinds.tolist() == [JUNCTION, JUNCTION]
        assert len(set(network["weir_start"].values)) == 1
    outfalls = city.drains.assign(node_kind=city.drains["node_kind"].copy(data=np.full(5, float(OUTFALL_FREE))))
    with pytest.raises(CityError, match="no junction"):
        drains.with_basin(outfalls, 149040.0, 170010.0, **sizes)


def test_the_reader_and_the_city_hold_the_same_network(path, city):
    read, _ = swmm.read(path)
    xr.testing.assert_identical(read.drop_attrs(), city.drains.drop_dims("inlet").drop_attrs())


def test_an_import_brings_the_sewers_with_what_was_counted_and_assumed(houses, tmp_path):
    buildings, network = tmp_path / "a.city.json", tmp_path / "sewer.inp"
    buildings.write_text(json.dumps(houses.cityjson({"a": houses.block()})), "utf-8")
    network.write_text(NETWORK.replace("1490", "1485").replace("170005", "170505"), "utf-8")
    city, report = import_city(buildings, drains=network, bounds=(148480.0, 170480.0, 148560.0, 170540.0))
    assert city.drains.sizes["node"] == 5
    assert report.layers["drains"]["conduits taken"] == 4
    assert any("two gullies" in note for note in report.notes)
    assert [source.part for source in city.sources] == ["buildings", "drains"]
