import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from twin.sensors.sqlite import SqliteStore
from viewer.server.problems import Problem
from viewer.server.sensorthings import addresses
from viewer.server.sensorthings.evaluate import check, holds
from viewer.server.sensorthings.functions import FUNCTIONS, ValueMismatch
from viewer.server.sensorthings.grammar import Call, GrammarError, Literal, Path, parse
from viewer.server.sensorthings.kinds import KINDS, THINGS
from viewer.server.sensorthings.shelf import Shelf

STEPS = ["Things", "Observations", "('", "')", "(1)", "/", "a@1", "$ref", "$value", "name", "count:A",
         "count:A/vehicle_count@0", "@", "Datastreams", ".."]  # fmt: skip
MARKS = ["(", ")", ",", "/", "'", "''", "$", ";", "=", "-", ".", "%", "\x00", "é", "9", "1e400", "0", "null", "true",
         "'a'", "name", "id", "@iot.id", "properties/floor", "Datastreams/name", "Locations/location", "Thing", "eq",
         "and", "or", "not", "gt", "add", "sub", "mul", "div", "mod", "2026-11-27", "12:00", "2026-11-27T12:00:00Z",
         "duration'P1D'", "geography'POINT (1 2)'", "geography'", *(f"{name}(" for name in FUNCTIONS)]  # fmt: skip


@pytest.fixture(scope="module")
def shelf(new_store, tmp_path_factory):
    store: SqliteStore = new_store(tmp_path_factory.mktemp("store"))
    with store:
        yield Shelf(store)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=some.lists(some.sampled_from(MARKS), max_size=12), gap=some.sampled_from(["", " "]))
def test_whatever_a_filter_says_it_is_answered_or_refused_in_words(shelf, words, gap):
    with contextlib.suppress(GrammarError, ValueMismatch):
        node = parse("$filter", gap.join(words))
        check(node, THINGS, "$filter")
        for one in shelf.all(THINGS):
            assert holds(node, one, shelf) in (True, False)


VALUES = ["1", "-2.5", "1e308", "1e400", "'a'", "'1'", "null", "true", "name", "id", "properties", "properties/floor",
          "Datastreams/name", "Datastreams/phenomenonTime", "Locations/location", "2026-11-27", "0001-01-01",
          "12:00:00", "9999-12-31T23:59:59-14:00", "duration'-P999999D'", "geography'POINT (1 2)'",
          "geography'POINT EMPTY'",
          "geography'POLYGON ((0 0,1 1,0 1,1 0,0 0))'"]  # fmt: skip
BETWEEN = ["eq", "ne", "gt", "ge", "lt", "le", "add", "sub", "mul", "div", "mod", "and", "or"]


def larger(inner):
    calls = [some.tuples(*[inner] * one.most).map(lambda given, name=name: f"{name}({','.join(given)})")
             for name, one in FUNCTIONS.items()]  # fmt: skip
    between = some.tuples(inner, some.sampled_from(BETWEEN), inner).map(lambda three: f"({' '.join(three)})")
    return some.one_of(between, inner.map(lambda one: f"not ({one})"), *calls)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.recursive(some.sampled_from(VALUES), larger, max_leaves=6))
def test_a_filter_that_can_be_read_is_answered_or_refused_in_words(shelf, words):
    node = parse("$filter", words)
    with contextlib.suppress(GrammarError, ValueMismatch):
        check(node, THINGS, "$filter")
        for one in shelf.all(THINGS):
            assert holds(node, one, shelf) in (True, False)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(some.sampled_from(STEPS), max_size=8))
def test_whatever_an_address_says_it_leads_somewhere_or_is_not_found(shelf, parts):
    try:
        found = addresses.read("".join(parts) or "x", shelf).kind.name
    except Problem as error:
        found = error.status
    assert found in (404, *KINDS)


@settings(max_examples=100, deadline=None)
@given(some.text(max_size=30))
def test_a_text_in_quotes_is_read_as_it_was(words):
    quoted = words.replace("'", "''")
    assert parse("$filter", f"'{quoted}'") == Literal(words)


def test_operators_bind_by_their_strength():
    # OData 4.01, 5.1.1.17: multiplication before addition before comparison before and before or
    total = Call("add", (Literal(1.0), Call("mul", (Literal(2.0), Literal(3.0)))))
    both = Call("and", (Path(("b",)), Call("gt", (total, Literal(4.0)))))
    assert parse("$filter", "a or b and 1 add 2 mul 3 gt 4") == Call("or", (Path(("a",)), both))
    assert parse("$filter", "8 sub 4 sub 2") == Call("sub", (Call("sub", (Literal(8.0), Literal(4.0))), Literal(2.0)))


@pytest.mark.parametrize("word", ["add", "eq", "mul"])
def test_a_chain_that_would_be_too_deep_is_refused(word):
    with pytest.raises(GrammarError, match="more than 96 operators"):
        parse("$filter", f" {word} ".join("1" * 500))
