"""Tubes at windows: one mean a place."""

import gzip
import json
from datetime import UTC, datetime

import numpy as np
import pytest

from twin.sensors.feeds.citizen_no2 import CURIEUZENAIR, Campaign, parse
from twin.sensors.model import SECOND, SensorError

EXPAIR = Campaign("expair", datetime(2018, 1, 1, tzinfo=UTC), datetime(2018, 2, 1, tzinfo=UTC), "site")
"""SOURCES.md does not say when; a month of our own choosing."""


def tube(number, value, place=(4.35, 50.85)):
    return {"properties": {"cnId": number, "no2": value, "floor": 2}, "geometry": {"coordinates": place}}


def test_recorded_campaigns_give_their_places(reference_data):
    """Expected: 2,484 and 24 points (SOURCES.md)."""
    folder = reference_data / "sensors"
    for said, places in (
        (parse(gzip.decompress((folder / "curieuzenair_no2_2021.geojson.gz").read_bytes())), 2_484),
        (parse((folder / "expair_no2.geojson").read_bytes(), EXPAIR), 24),
    ):
        assert len(said.things) == len(said.readings) == said.counts["rows"] == places
        assert said.problems == ()
        assert 5e-9 < said.readings.value.min() < said.readings.value.max() < 120e-9


def test_a_mean_holds_for_the_four_weeks_before_it_was_collected():
    """Expected: 25 September to 23 October 2021 are 28 days; midnight in summer is 22:00 UTC."""
    said = parse(json.dumps({"features": [tube(1, 30.5), tube(2, None)]}))
    np.testing.assert_allclose(said.readings.value, [30.5e-9, np.nan])
    assert said.readings.time[0] == int(datetime(2021, 10, 22, 22, tzinfo=UTC).timestamp()) * SECOND
    assert said.datastreams[0].period == 28 * 86_400
    assert (said.things[0].id, said.things[0].longitude) == (f"{CURIEUZENAIR.feed}:1", 4.35)


def test_a_bad_row_costs_itself_alone():
    rows = [tube(1, 30), tube(None, 30), tube(2, "high"), tube(3, 1, (4.35,)), tube(4, 1, (500, 50)), {}, 7]
    said = parse(json.dumps({"features": rows}))
    assert [(p.field, p.rows) for p in said.problems] == [("features", 6)]
    assert len(said.readings) == 1
    with pytest.raises(SensorError, match="curieuzenair: expected"):
        parse("[]")
