"""The document: one digest for one meaning, and a clear word on what is wrong with it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.canonical import canonical_json, digest_of
from scenarios.edits import EDITS
from scenarios.problem import EditError, ScenarioError
from scenarios.reading import parse
from scenarios.scenario import Period, Scenario, json_schema

PLAIN = """
scenario: 1
name: {en: Test}
cell_size_m: 2
period: {start: 2021-07-15T12:00:00Z, duration_s: 40, output_every_s: 10}
kernels: [bucket]
forcing: {rain: {kind: block, intensity_mm_h: 36, duration_s: 20}}
"""


def spelled(text: str, value: str) -> str:
    return text.replace("cell_size_m: 2", f"cell_size_m: {value}")


@pytest.mark.parametrize("spelling", ["2.0", "2e0", "20E-1", "+2", "2.", "0.2e+1"])
def test_float_spelling_does_not_change_the_digest(city, bucket, spelling):
    one = Scenario.read(parse(PLAIN.encode())).digest(city, [bucket])
    assert Scenario.read(parse(spelled(PLAIN, spelling).encode())).digest(city, [bucket]) == one


def test_minus_zero_is_zero(city, bucket, document_of):
    rain = {"kind": "block", "intensity_mm_h": 36, "duration_s": 20, "start_s": 0.0}
    found = {
        Scenario.read(document_of(forcing={"rain": rain | {"start_s": zero}})).digest(city, [bucket])
        for zero in (0, 0.0, -0.0)
    }
    assert len(found) == 1


def reversed_keys(value):
    if isinstance(value, dict):
        return {key: reversed_keys(value[key]) for key in reversed(value)}
    return [reversed_keys(one) for one in value] if isinstance(value, list) else value


def test_key_order_and_format_do_not_change_the_digest(city, bucket, document_of):
    plain = document_of(
        edits=[{"edit": "wall", "id": "w", "line": [[149001, 172001], [149009, 172001]], "height_m": 1}]
    )
    texts = [json.dumps(plain), json.dumps(reversed_keys(plain), indent=3), yaml.safe_dump(plain)]
    assert len({Scenario.read(parse(text.encode())).digest(city, [bucket]) for text in texts}) == 1


def test_reading_the_canonical_document_again_changes_nothing(city, bucket, document_of):
    one = Scenario.read(
        document_of(period={"start": "2021-07-15T14:00:00+02:00", "duration_s": 40, "output_every_s": 10})
    )
    again = Scenario.model_validate(one.canonical())
    assert one.canonical()["period"]["start"] == "2021-07-15T12:00:00Z"
    assert again.canonical() == one.canonical()
    assert again.digest(city, [bucket]) == one.digest(city, [bucket])


def test_the_digest_is_the_same_in_another_process_with_another_hash_seed(city, bucket, document_of):
    code = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from conftest import Bucket, document, make_city
from scenarios.scenario import Scenario
print(Scenario.read(document()).digest(make_city(), [Bucket]))
"""
    found = {Scenario.read(document_of()).digest(city, [bucket])}
    for seed in ("1", "4242"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "LC_ALL": "C", "TZ": "Asia/Kathmandu"}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True,
            cwd=Path(__file__).parents[2],
        )  # fmt: skip
        found.add(done.stdout.strip())
    assert len(found) == 1


def test_canonical_json_is_sorted_plain_and_shortest():
    value = {"b": [2.0, -0.0, 0.1, 1e-7, 1e22, True, None], "a": "é"}
    assert canonical_json(value) == '{"a":"\\u00e9","b":[2,0,0.1,1e-07,1e+22,true,null]}'
    # sha256 of the line above, by sha256sum
    assert digest_of(value) == "67c8cfdd949194d5a46cf655c1019d5a086101d272185766f4c29d28147eb8ee"


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@settings(deadline=None)
@given(json_values)
def test_canonical_json_reads_back_as_the_same_values(value):
    text = canonical_json(value)
    assert json.loads(text) == value
    assert canonical_json(json.loads(text)) == text


def test_words_and_the_choice_of_indicators_do_not_change_the_digest(city, bucket, document_of):
    plain = Scenario.read(document_of()).digest(city, [bucket])
    other = document_of(name={"fr": "Essai"}, description={"nl": "Proef"}, indicators=["max_depth"])
    assert Scenario.read(other).digest(city, [bucket]) == plain


def test_naming_its_city_and_defaults_does_not_change_the_digest(city, bucket, document_of):
    plain = Scenario.read(document_of()).digest(city, [bucket])
    spelled_out = document_of(
        city=city.digest, options={"bucket": {"catch": 1}}, seed=0, edits=[], window=None,
        soil={"law": "green_ampt", "moisture": 0.5}, sewers={"kind": "sink", "return_period_years": 10},
    )  # fmt: skip
    assert Scenario.read(spelled_out).digest(city, [bucket]) == plain


@pytest.mark.parametrize(
    "change",
    [
        {"cell_size_m": 4},
        {"window": [149000, 172000, 149030, 172030]},
        {"period": {"start": "2021-07-15T12:00:01Z", "duration_s": 40, "output_every_s": 10}},
        {"period": {"start": "2021-07-15T12:00:00Z", "duration_s": 41, "output_every_s": 10}},
        {"period": {"start": "2021-07-15T12:00:00Z", "duration_s": 40, "output_every_s": 20}},
        {"forcing": {"rain": {"kind": "block", "intensity_mm_h": 36.000001, "duration_s": 20}}},
        {"forcing": {"rain": None}},
        {"options": {"bucket": {"catch": 0.5}}},
        {"edits": [{"edit": "remove_wall", "id": "old-1"}]},
        {"edits": [{"edit": "storm", "intensity_mm_h": 60, "duration_s": 20}]},
        {"seed": 1},
        {"soil": {"law": "none"}},
        {"soil": {"law": "green_ampt", "moisture": 0.8}},
        {"sewers": {"kind": "none"}},
        {"sewers": {"kind": "sink", "return_period_years": 20}},
        {"edits": [{"edit": "green_roof", "id": "g", "buildings": ["house-a"]}]},
        {"edits": [{"edit": "raised_threshold", "id": "t", "buildings": ["house-a"], "height_m": 0.5}]},
    ],
    ids=lambda one: next(iter(one)),
)
def test_everything_a_result_depends_on_changes_the_digest(city, bucket, document_of, change):
    plain = Scenario.read(document_of()).digest(city, [bucket])
    assert Scenario.read(document_of(**change)).digest(city, [bucket]) != plain


def test_equal_rain_in_other_words_has_the_same_digest(city, bucket, document_of):
    same = {"kind": "hyetograph", "time_s": [0, 10, 20], "intensity_mm_h": [36, 36, 0]}
    plain = Scenario.read(document_of()).digest(city, [bucket])
    assert Scenario.read(document_of(forcing={"rain": same})).digest(city, [bucket]) == plain


def test_an_edit_that_is_undone_in_the_document_leaves_the_digest(city, bucket, document_of):
    edits = [{"edit": "remove_building", "id": "house-a"}, {"edit": "restore", "part": "buildings", "id": "house-a"}]
    plain = Scenario.read(document_of()).digest(city, [bucket])
    assert Scenario.read(document_of(edits=edits)).digest(city, [bucket]) == plain


def test_a_scenario_of_another_city_is_refused_with_both_named(city, document_of):
    scenario = Scenario.read(document_of(city="0" * 64))
    with pytest.raises(ScenarioError, match=r"000000000000.*Two houses") as caught:
        scenario.situation(city)
    assert caught.value.pointer == "/city"


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({"scenario": 2}, "/scenario", "1"),
        ({"name": {}}, "/name", "at least one of fr, nl, en"),
        ({"name": {"de": "Sturm"}}, "/name/de", "fr"),
        ({"cell_size_m": -1}, "/cell_size_m", "0.25"),
        ({"cell_size_m": "2"}, "/cell_size_m", "number"),
        ({"cell_size_m": float("nan")}, "/cell_size_m", "finite"),
        ({"cell_size_m": True}, "/cell_size_m", "number"),
        ({"colour": "red"}, "/colour", "Extra"),
        ({"period": {"start": "noon", "duration_s": 1, "output_every_s": 1}}, "/period/start", "2021-07-15T12:00:00Z"),
        ({"period": {"start": 5, "duration_s": 1, "output_every_s": 1}}, "/period/start", "zone"),
        ({"period": {"start": "2021-07-15T12:00:00", "duration_s": 1, "output_every_s": 1}}, "/period/start", "zone"),
        ({"period": {"start": "2021-07-15T12:00:00Z", "duration_s": 1e6, "output_every_s": 1}}, "/period", "5000"),
        ({"forcing": {"rain": {"kind": "block", "intensity_mm_h": -1, "duration_s": 1}}},
         "/forcing/rain/intensity_mm_h", "0"),
        ({"forcing": {"rain": {"kind": "hyetograph", "time_s": [0, 0], "intensity_mm_h": [1, 2]}}},
         "/forcing/rain", "increase"),
        ({"forcing": {"rain": {"kind": "hyetograph", "time_s": [0], "intensity_mm_h": [1, 2]}}},
         "/forcing/rain", "as many"),
        ({"edits": [{"edit": "wall", "id": "w", "line": [[0, 0], [1, float("inf")]], "height_m": 1}]},
         "/edits/0/line/1/1", "finite"),
        ({"edits": [{"edit": "wall", "id": "w", "line": [[0, 0], [1]], "height_m": 1}]}, "/edits/0/line/1", "2 items"),
        ({"edits": [{"edit": "wall", "id": "w", "line": [[0, 0], [1, 1]], "height_m": -1}]},
         "/edits/0/height_m", "0.05"),
        ({"edits": [{"edit": "wall", "id": "w", "line": [[0, 0], [1, 1]], "height_m": 1e9}]},
         "/edits/0/height_m", "20"),
        ({"edits": [{"edit": "add_building", "id": "w", "polygon": [], "height_m": 9000}]},
         "/edits/0/height_m", "400"),
        ({"soil": {"law": "sponge"}}, "/soil/law", "green_ampt"),
        ({"soil": {"law": "horton", "moisture": 0.2}}, "/soil", "does not read moisture"),
        ({"sewers": {"kind": "sink", "return_period_years": 7}}, "/sewers/return_period_years", "5, 10, 20"),
        ({"sewers": {"kind": "tank"}}, "/sewers", "network"),
        ({"edits": [{"edit": "basin", "id": "b", "polygon": [], "depth_m": 1, "volume_m3": 1}]},
         "/edits/0", "either depth_m or volume_m3"),
        ({"edits": [{"edit": "swale", "id": "s", "line": [[0, 0], [1, 1]]}]}, "/edits/0", "a line with width_m"),
        ({"edits": [{"edit": "green_roof", "id": "g"}]}, "/edits/0", "either buildings or where"),
        ({"edits": [{"edit": "block_drain", "id": "x", "polygon": [], "blocked": 1.5}]}, "/edits/0/blocked", "1"),
        ({"edits": [{"edit": "dig", "id": "w"}]}, "/edits/0", "dig"),
        ({"edits": "none"}, "/edits", "list"),
    ],
)  # fmt: skip
def test_a_wrong_document_is_refused_with_its_place(document_of, change, pointer, words):
    with pytest.raises(ScenarioError) as caught:
        Scenario.read(document_of(**change))
    assert caught.value.pointer == pointer
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"kernels": ["heat"]}, "kernels[0]"),
        ({"kernels": ["bucket", "bucket"]}, "kernels[1]"),
        ({"options": {"heat": {}}}, "options.heat"),
        ({"options": {"bucket": {"colour": 1}}}, "options.bucket.colour"),
        ({"options": {"bucket": {"catch": "half"}}}, "options.bucket.catch"),
    ],
)
def test_kernels_and_knobs_that_do_not_exist_are_refused(city, bucket, document_of, change, place):
    with pytest.raises(ScenarioError) as caught:
        Scenario.read(document_of(**change)).digest(city, [bucket])
    assert caught.value.place == place


@pytest.mark.parametrize(
    ("window", "cell", "words"),
    [
        ([149000, 172000, 149000, 172060], 2, "empty"),
        ([148000, 172000, 149030, 172060], 2, "not inside the city"),
    ],
)
def test_a_window_outside_the_city_is_refused(city, document_of, window, cell, words):
    with pytest.raises(ScenarioError, match=words) as caught:
        Scenario.read(document_of(window=window, cell_size_m=cell)).situation(city)
    assert caught.value.place == "window"


def test_an_edit_that_does_not_fit_is_named_by_its_place(city, document_of):
    edits = [
        {"edit": "remove_wall", "id": "old-1"},
        {"edit": "wall", "id": "w", "line": [[0, 0], [1, 1]], "height_m": 1},
    ]
    with pytest.raises(EditError) as caught:
        Scenario.read(document_of(edits=edits)).situation(city)
    assert caught.value.pointer == "/edits/1/line/0"


def test_words_that_look_like_something_else_stay_words():
    text = PLAIN.replace("{en: Test}", "{en: 'no', nl: no, fr: 12:30}")
    assert Scenario.read(parse(text.encode())).name == {"en": "no", "nl": "no", "fr": "12:30"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &x [1]\nb: *x", "line 1: anchors"),
        ("a: [*x]", "line 1: anchors"),
        ("a: 1\na: 2", "'a' stands there twice"),
        ('{"a": 1, "a": 2}', "'a' stands there twice"),
        ('{"a": NaN}', "NaN"),
        ("a: !!python/object:os.system x", "neither JSON nor plain YAML"),
        ("a: 1\n---\nb: 2", "neither JSON nor plain YAML"),
        ("{" * 100_000, "neither|deep"),
        ('{"a":' * 100_000, "neither|deep"),
        ("[" * 5_000, "deep"),
        ("\x00", "neither JSON nor plain YAML"),
        ("1: one", "is no text"),
        ("a: " + "x" * 2_000_001, "bytes"),
    ],
)
def test_text_that_is_not_plain_is_refused(text, words):
    with pytest.raises(ScenarioError, match=words):
        parse(text.encode())


def test_bytes_that_are_no_text_are_refused():
    for text in (b"{\xff}", b"\xff\xfe\xfa"):
        with pytest.raises(ScenarioError, match="neither JSON nor plain YAML"):
            parse(text)


@pytest.mark.parametrize("value", [None, [], "text", 5, {}, {"scenario": 1}])
def test_something_else_than_a_document_is_refused(value):
    with pytest.raises(ScenarioError):
        Scenario.read(value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ScenarioError, match=r"none\.yaml: cannot be read"):
        Scenario.load(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("duration", "every", "times"),
    [(60, 20, [20, 40, 60]), (50, 20, [20, 40, 50]), (5, 20, [5]), (0.3, 0.1, [0.1, 0.2, 0.3])],
)
def test_output_times_end_with_the_period(duration, every, times):
    period = Period(start="2021-07-15T12:00:00Z", duration_s=duration, output_every_s=every)
    assert period.times() == pytest.approx(times)
    assert period.times() == sorted(set(period.times()))


def test_the_schema_names_every_edit_and_takes_no_unknown_words():
    schema = json_schema()
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == {"scenario", "name", "period"}
    names = {edit.model_fields["edit"].default for edit in EDITS}
    assert set(schema["properties"]["edits"]["items"]["discriminator"]["mapping"]) == names
    assert len(names) == len(EDITS)
