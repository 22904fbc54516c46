"""The tuple of feeds: what stands in it, and what was forgotten."""

import ast
import inspect
from pathlib import Path

import pytest

import twin.sensors.feeds as room
from kernels.quantities import QUANTITIES
from twin.sensors.feeds import FEED_BY_NAME, FEEDS, Payload
from twin.sensors.model import SensorError

BY_TABLE = {("opendatasoft", "parse")}
"""Reads any data set by a table of its columns: a way to ask, not a feed."""


def test_every_parser_of_a_feed_stands_in_the_tuple():
    written = {
        (path.stem, node.name)
        for path in Path(room.__file__).parent.glob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and (node.name == "parse" or node.name.startswith("parse_"))
    }
    known = {(one.parse.__module__.rsplit(".", 1)[1], one.parse.__name__) for one in FEEDS}
    assert written - BY_TABLE == known, "add the feed to twin/sensors/feeds/__init__.py"


@pytest.mark.parametrize("feed", FEEDS, ids=lambda one: one.name)
def test_a_feed_says_what_it_gives_and_on_what_terms(feed):
    assert set(feed.gives) <= set(QUANTITIES)
    assert feed.licence
    assert feed.period > 0
    assert feed.url == "" or feed.url.startswith("https://")
    parameters = inspect.signature(feed.parse).parameters
    assert {feed.body, *feed.wants} <= set(parameters)
    assert set(feed.wants.values()) <= set(Payload.__dataclass_fields__)
    needed = {name for name, one in parameters.items() if one.default is inspect.Parameter.empty}
    assert needed <= {feed.body, *feed.wants}


@pytest.mark.parametrize("feed", FEEDS, ids=lambda one: one.name)
def test_a_recording_under_the_name_of_a_feed_is_of_that_feed(feed):
    named = {"villo": "villo_status", "spiceco": "spiceco_S6"}.get(feed.name, feed.name)
    for name in (f"{named}_2026-02-20T1350.json.gz", f"{named}.csv"):
        assert next(one for one in FEEDS if one.recognises(name)) is feed


def test_names_are_told_apart():
    assert len(FEED_BY_NAME) == len(FEEDS)


def test_a_device_is_read_from_the_name_of_its_recording():
    found = FEED_BY_NAME["bm_bike_history"].recognises("bm_bike_history_CB02411_2021-12_2022-07.csv.gz")
    assert found["source"] == "CB02411"


def test_what_belongs_to_a_payload_must_be_there():
    with pytest.raises(SensorError, match="villo: cannot be read without"):
        FEED_BY_NAME["villo"].read(Payload('{"data": {"stations": []}}'))
