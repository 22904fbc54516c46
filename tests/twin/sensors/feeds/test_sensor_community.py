"""sensor.community is read, however its keys are joined."""

import gzip
import json

import numpy as np
import pytest

from kernels.quantities import QUANTITIES
from twin.sensors.feeds import sensor_community
from twin.sensors.feeds.sensor_community import parse
from twin.sensors.model import SECOND, SensorError

SNAPSHOTS = {"12-01-26": 382, "12-07-15": 388, "12-41-13": 392}
"""Nodes of each: SOURCES.md."""


def node(joint="_", **changed):
    flat = {
        f"location{joint}longitude": "4.350", f"location{joint}latitude": "50.850", f"location{joint}indoor": 0,
        f"location{joint}exact_location": 1, f"sensor{joint}id": 12, f"sensor{joint}sensor_type{joint}name": "SDS011",
        "timestamp": "2025-03-28 11:00:00",
        "sensordatavalues": [{"value": "12.50", "value_type": "P1"}, {"value": "7.00", "value_type": "P2"}],
    }  # fmt: skip
    return flat | changed


def features(*nodes):
    return json.dumps({"type": "FeatureCollection", "features": [{"type": "Feature", "properties": n} for n in nodes]})


@pytest.mark.parametrize(("snapshot", "nodes"), SNAPSHOTS.items())
def test_a_recorded_snapshot_gives_its_nodes(reference_data, snapshot, nodes):
    """Expected: nodes and the units of values of SOURCES.md; pressure near the standard atmosphere of 101,325 Pa."""
    file = reference_data / "sensors" / f"sensor_community_brussels_2025-03-28_{snapshot}.geojson.gz"
    said = parse(gzip.decompress(file.read_bytes()))
    assert said.counts["rows"] == nodes
    assert said.problems == ()
    assert said.silent == 0
    assert all(4.1 < thing.longitude < 4.7 and 50.7 < thing.latitude < 51.0 for thing in said.things)
    by = {quantity: said.readings.value[[name.endswith("/" + quantity) for name in said.readings.datastream]]
          for quantity in ("particles_10", "air_temperature", "air_pressure")}  # fmt: skip
    assert np.median(by["particles_10"]) < 1e-7
    assert 280 < np.median(by["air_temperature"]) < 295
    np.testing.assert_allclose(by["air_pressure"], 101_325, rtol=0.05)


def test_keys_joined_by_a_dot_an_underscore_or_nested_say_the_same():
    nested = {
        "sensor": {"id": 12, "sensor_type": {"name": "SDS011"}}, "timestamp": "2025-03-28 11:00:00",
        "location": {"longitude": "4.350", "latitude": "50.850", "indoor": 0, "exact_location": 1},
        "sensordatavalues": node()["sensordatavalues"],
    }  # fmt: skip
    said = [parse(features(node("_"))), parse(features(node("."))), parse(json.dumps([nested]))]
    for one in said:
        assert one.things == said[0].things
        assert one.datastreams == said[0].datastreams
        np.testing.assert_allclose(one.readings.value, [12.5e-9, 7e-9])
        assert set(one.readings.time) == {1743159600 * SECOND}
    assert said[0].things[0].id == "sensor_community:12"


def test_values_are_strings_and_come_out_in_the_unit_of_their_quantity():
    """Expected: 0 °C is 273.15 K (BIPM)."""
    values = [{"value": "0.00", "value_type": "temperature"}, {"value": "50.00", "value_type": "humidity"},
              {"value": 99_000, "value_type": "pressure"}, {"value": "1", "value_type": "N10"}]  # fmt: skip
    said = parse(features(node(sensordatavalues=values)))
    assert [name.split("/")[1] for name in said.readings.datastream] == [
        "air_temperature", "relative_humidity", "air_pressure",
    ]  # fmt: skip
    np.testing.assert_allclose(said.readings.value, [273.15, 0.5, 99_000])
    assert said.counts["values left"] == 1
    assert all(name in QUANTITIES for name, _, _ in sensor_community.QUANTITIES.values())


def test_a_bad_row_costs_itself_alone():
    lost = node(timestamp="yesterday")
    odd = node(sensordatavalues=[{"value": "wet", "value_type": "P1"}, {"value": "3", "value_type": "P2"}, 7])
    nowhere = node("_", location_longitude="?", sensor_id=13)
    payload = features(lost, odd, nowhere, {"timestamp": "x"})
    said = parse(payload.replace('"features": [', '"features": [5, '))
    assert {(p.field, p.rows) for p in said.problems} == {
        ("row", 1), ("timestamp", 1), ("sensordatavalues.P1", 1), ("sensordatavalues", 1), ("location", 1),
        ("sensor.id", 1),
    }  # fmt: skip
    assert all(p.feed == "sensor_community" and p.sample for p in said.problems)
    np.testing.assert_allclose(said.readings.value, [3e-9, 12.5e-9, 7e-9])
    assert (said.things[1].longitude, said.things[1].latitude) == (None, None)


def test_missing_is_nan_silence_is_counted_and_an_outage_is_told():
    said = parse(features(node(sensordatavalues=[{"value": None, "value_type": "P1"}]), node(sensordatavalues=[])))
    assert np.isnan(said.readings.value).tolist() == [True]
    assert said.silent == 1
    assert len(parse("[]").readings) == 0
    with pytest.raises(SensorError, match="sensor_community: expected GeoJSON"):
        parse('{"detail": "down"}')
