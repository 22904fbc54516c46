"""Air of IRCELINE: cells, stations and means of a year, wherever their coordinates stand."""

import gzip
import json
from datetime import UTC, datetime

import numpy as np
import pytest

from twin.sensors.feeds.irceline import parse, parse_daily, parse_stations
from twin.sensors.model import SECOND, SensorError

LAMBERT_MIDDLE = [[[146_498, 168_498], [146_498, 172_498], [150_498, 172_498], [150_498, 168_498], [146_498, 168_498]]]
"""A cell of 4 km whose middle, E 148,498 N 170,498, is that of the zone of UrbIS in SOURCES.md."""


def cell(layer="no2_hmean", ring=None, kind="Polygon", **said):
    said = {"id": 7, "timestamp": "2024-06-15T15:00:00Z", "value": 4, "network": "Brussels"} | said
    geometry = {"type": kind, "coordinates": ring or LAMBERT_MIDDLE}
    said = {name: value for name, value in said.items() if value != "-"}
    return {"type": "Feature", "id": f"{layer}.fid-1", "geometry": geometry, "properties": said}


def collection(*features, **more):
    return json.dumps({"type": "FeatureCollection", "features": features} | more)


def utc(*parts):
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * SECOND


@pytest.mark.parametrize(("name", "rows"), [("irceline_rio_wfs", 6), ("irceline_rio_wfs_for_belaqi", 8)])
def test_recorded_hours_of_cells_are_read(reference_data, name, rows):
    """Expected: rows counted in the files by hand; the cell is E 184,000 N 130,000, in Wallonia (SOURCES.md)."""
    said = parse((reference_data / "sensors" / f"{name}.json").read_bytes())
    assert (len(said.readings), said.problems) == (rows, ())
    assert said.counts["rows"] == rows
    (thing,) = said.things
    assert (thing.longitude, thing.latitude) == pytest.approx((4.85, 50.48), abs=0.02)
    assert (said.readings.value > 0).all()
    assert said.readings.value.max() < 1e-7


def test_a_recorded_day_that_is_not_over_gives_no_reading(reference_data):
    """Expected: of 6 means of 14 and 15 June, made on 15 June at 19:30 UTC, 3 are of a day that is not over."""
    said = parse((reference_data / "sensors" / "irceline_rio_wfs_dmean.json").read_bytes())
    assert len(said.readings) == 3
    assert said.counts["days that are not over"] == 3
    assert set(said.readings.time) == {utc(2024, 6, 15)}
    assert {one.period for one in said.datastreams} == {86400.0}


def test_the_recorded_payload_with_errors_keeps_its_good_rows(reference_data):
    """Expected: one row misses ``properties`` (SOURCES.md); one has no time and one a broken one."""
    said = parse((reference_data / "sensors" / "irceline_rio_wfs_with_errors.json").read_bytes())
    assert {(p.field, p.words, p.rows) for p in said.problems} == {
        ("properties", "is missing", 1), ("properties.timestamp", "is missing", 1),
        ("properties.timestamp", "is no time", 1),
    }  # fmt: skip
    np.testing.assert_allclose(said.readings.value, [1e-9, 74e-9, 71e-9])


def test_recorded_means_of_a_year_give_the_stations_of_brussels(reference_data):
    """Expected: 16 stations, µg/m³ (SOURCES.md); the stations stand in or beside the Region."""
    said = parse((reference_data / "sensors" / "irceline_no2_annual_mean_stations_2023.geojson").read_bytes())
    assert (len(said.things), len(said.readings), said.problems) == (16, 16, ())
    assert set(said.readings.time) == {utc(2024, 1, 1)}
    assert all(4.2 < one.longitude < 4.5 and 50.7 < one.latitude < 51.0 for one in said.things)
    assert "irceline:41B001" in {one.id for one in said.things}
    assert 5e-9 < said.readings.value.min() < said.readings.value.max() < 50e-9


def test_recorded_daily_means_of_belgium_are_read(reference_data):
    """Expected: 18,778 rows of PM and NO2 from 1 March 2020 on (SOURCES.md); a day ends at the next midnight."""
    file = reference_data / "sensors" / "air_quality_tunnels_daily_2020.csv.gz"
    said = parse_daily(gzip.decompress(file.read_bytes()))
    assert (said.counts["rows"], len(said.readings), said.problems) == (18_778, 3 * 18_778, ())
    assert said.readings.time.min() == utc(2020, 3, 2)
    assert 1e-9 < np.median(said.readings.value) < 40e-9


def test_a_bad_day_costs_itself_alone():
    rows = "2020-03-01T00:00:00Z,B1,12,9\nsoon,B1,1,1\n2020-03-02,B1,x,1\n2020-03-03,B1,,1\n"
    said = parse_daily("time,station,no2,tunnel\n" + rows)
    np.testing.assert_allclose(said.readings.value, [12e-9, np.nan])
    assert {(p.field, p.rows) for p in said.problems} == {("time, station", 1), ("no2", 1)}
    assert said.datastreams[0].id == "irceline:B1/nitrogen_dioxide/dmean"


def test_coordinates_are_met_in_either_order():
    """Expected: the zone E 147,968-149,028 N 169,964-171,032 is 4.3399-4.3550° E, 50.8401-50.8497° N (SOURCES.md)."""
    swapped = [[[y, x] for x, y in ring] for ring in LAMBERT_MIDDLE]
    rings = [LAMBERT_MIDDLE, swapped, [4.34745, 50.8449], [50.8449, 4.34745, "NaN"]]
    for number, ring in enumerate(rings):
        said = parse(collection(cell(ring=ring)))
        (thing,) = said.things
        assert (thing.longitude, thing.latitude) == pytest.approx((4.34745, 50.8449), abs=2e-4)
        assert said.counts["coordinates swapped"] == number % 2
    there = parse(collection(cell(ring=[170_000, 150_000], network="Wallonia")))
    assert there.counts["coordinates swapped"] == 0
    assert there.things[0].latitude < 50.7
    nowhere = parse(collection(cell(ring=[2.35, 48.85])))
    assert [p.words for p in nowhere.problems] == ["is not in Belgium"]
    assert nowhere.things[0].longitude is None
    assert len(nowhere.readings) == 1


def test_missing_is_nan():
    said = parse(collection(cell(value=-9999), cell("o3_hmean", value=None), cell("pm25_hmean", value="-9999")))
    assert np.isnan(said.readings.value).all()
    assert said.counts["missing values"] == 3


def test_a_bad_row_costs_itself_alone():
    said = parse(collection(
        cell(value="much"), cell("radon_hmean"), cell(id=None), 3, cell(), cell("bc_dmean", date="soon", timestamp="-"),
    ))  # fmt: skip
    assert {(p.field, p.rows) for p in said.problems} == {
        ("properties.value", 1), ("id", 1), ("properties.id", 1), ("properties", 1), ("properties.date", 1),
    }  # fmt: skip
    assert len(said.readings) == 1
    with pytest.raises(SensorError, match="irceline: expected a feature collection"):
        parse("{}")


def series(label="41R001 - Molenbeek", phenomenon="Nitrogen dioxide", coordinates=(50.85, 4.334, "NaN"), **more):
    return {"id": "6522", "uom": "µg/m³", "station": {
        "geometry": {"coordinates": list(coordinates)}, "properties": {"label": label, "id": 1}},
        "lastValue": {"timestamp": 1718463600000, "value": 31.5}, "parameters": {"phenomenon": {"label": phenomenon}},
    } | more  # fmt: skip


def test_series_of_stations_come_with_latitude_first():
    said = parse_stations(json.dumps([
        series(), series(phenomenon="Ozone", lastValue=None), series(phenomenon="Benzene"), series(uom="mg/m³"),
        series("41B004 - Sainte-Catherine", lastValue={"timestamp": 1718463600000, "value": -9999}), {}, 5,
    ]))  # fmt: skip
    np.testing.assert_allclose(said.readings.value, [31.5e-9, np.nan])
    assert set(said.readings.time) == {utc(2024, 6, 15, 15)}
    assert next((t.id, t.longitude, t.latitude) for t in said.things) == ("irceline:41R001", 4.334, 50.85)
    assert (said.silent, said.counts["series left"], said.counts["missing values"]) == (1, 1, 1)
    assert {p.field for p in said.problems} == {"uom", "series"}
    assert sum(p.rows for p in said.problems) == 3
    with pytest.raises(SensorError, match="irceline: expected a list of series"):
        parse_stations('{"a": 1}')
