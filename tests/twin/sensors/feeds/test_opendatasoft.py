"""Portals of Opendatasoft: every row comes once, within what a page may ask."""

import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.sensors.feeds.opendatasoft import Column, Table, first_url, pages, parse, records, urls
from twin.sensors.model import SECOND, SensorError
from twin.sensors.quality import Flag

PORTAL = "https://opendata.example"
LEVELS = Table("levels", "code", "measured_at", {"cm": Column("water_depth", 0.01)}, name="label")


@given(st.integers(0, 10_000), st.integers(1, 100))
def test_pages_give_every_row_once_and_stay_within_reach(total, limit):
    """Expected: limit <= 100 and offset + limit <= 10,000 (Explore API v2.1)."""
    asked = pages(total, limit)
    assert [row for offset, many in asked for row in range(offset, offset + many)] == list(range(total))
    assert all(1 <= many <= 100 and offset + many <= 10_000 for offset, many in asked)


def test_what_is_out_of_reach_is_exported():
    assert len(urls(PORTAL, "d", 10_000)) == 100
    assert urls(PORTAL, "d", 10_001) == (f"{PORTAL}/api/explore/v2.1/catalog/datasets/d/exports/json",)
    (one,) = urls(PORTAL + "/", "a b", 99_999, where="n > 1", order_by="n")
    assert "/datasets/a%20b/exports/json?" in one
    assert parse_qs(urlsplit(one).query) == {"where": ["n > 1"], "order_by": ["n"]}
    assert parse_qs(urlsplit(first_url(PORTAL, "d")).query) == {"limit": ["100"], "offset": ["0"]}
    assert pages(10_001) == ()
    for total, limit in ((5, 101), (5, 0), (-1, 10)):
        with pytest.raises(SensorError, match="1 to 100 rows"):
            pages(total, limit)


def test_a_page_an_export_and_the_older_interface_hold_the_same_rows():
    rows = [{"code": "a"}, {"code": "b"}]
    assert records(json.dumps({"total_count": 300, "results": rows}), "x") == (300, rows)
    assert records(json.dumps(rows), "x") == (2, rows)
    assert records(json.dumps({"nhits": 9, "records": [{"fields": row} for row in rows]}), "x") == (9, rows)
    with pytest.raises(SensorError, match=r"x: the portal tells an error: .*InvalidRESTParameterError"):
        records('{"error_code": "InvalidRESTParameterError", "message": "limit > 100"}', "x")
    with pytest.raises(SensorError, match="x: expected a page"):
        records('{"rows": 1}', "x")


def test_rows_become_readings_in_the_unit_of_their_quantity():
    """Expected: 12 cm are 0.12 m; 12:00+02:00 is 10:00 UTC, and so is 12:00 on the wall in summer."""
    row = {"code": "S1", "label": "Senne", "measured_at": "2024-07-01T12:00:00+02:00", "cm": 12,
           "geo_point_2d": {"lon": 4.35, "lat": 50.85}}  # fmt: skip
    rows = [
        row, row | {"code": "S2", "measured_at": "2024-07-01T12:00:00", "geo_point_2d": [50.86, 4.36]},
        row | {"code": "S3", "geo_point_2d": {"type": "Feature", "geometry": {"coordinates": [4.37, 50.87]}}},
        row | {"code": "S4", "geo_point_2d": None, "cm": 0, "label": None},
    ]  # fmt: skip
    said = parse(json.dumps({"total_count": 4, "results": rows}), LEVELS)
    np.testing.assert_allclose(said.readings.value, [0.12, 0.12, 0.12, 0.0])
    assert set(said.readings.time) == {int(datetime(2024, 7, 1, 10, tzinfo=UTC).timestamp()) * SECOND}
    assert [(t.longitude, t.latitude) for t in said.things] == [
        (4.35, 50.85),
        (4.36, 50.86),
        (4.37, 50.87),
        (None,) * 2,
    ]
    assert [t.name for t in said.things] == ["Senne", "Senne", "Senne", "S4"]
    assert said.datastreams[0].id == "levels:S1/water_depth"
    assert said.problems == ()


def test_a_bad_row_costs_itself_alone_and_silence_is_not_zero():
    good = {"code": "S1", "measured_at": "2024-07-01T12:00:00Z", "cm": 1}
    rows = [good, {"measured_at": "x"}, 7, good | {"measured_at": "-"}, good | {"cm": "deep"}, good | {"cm": None},
            good | {"geo_point_2d": "here"}, good | {"measured_at": "2024-03-31T02:30:00"}]  # fmt: skip
    said = parse(json.dumps(rows), LEVELS)
    assert {(p.field, p.rows) for p in said.problems} == {
        ("code", 2), ("measured_at", 2), ("cm", 1), ("geo_point_2d", 1),
    }  # fmt: skip
    assert said.readings.value.tolist() == [0.01, 0.01]
    assert (said.silent, said.counts) == (1, {"total": 8, "rows": 8})


def test_a_time_in_the_hour_that_comes_twice_is_flagged():
    said = parse(json.dumps([{"code": "S1", "measured_at": "2024-10-27T02:30:00", "cm": 1}]), LEVELS)
    assert said.readings.flag.tolist() == [Flag.CLOCK]


def test_a_column_is_of_a_quantity_that_is_known():
    with pytest.raises(SensorError, match="is no quantity"):
        Column("wetness")
