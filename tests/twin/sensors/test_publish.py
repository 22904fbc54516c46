"""Open data: the catalogue holds what DCAT-AP asks for, and no file tells of few people or without a licence."""

import csv
import hashlib
import json
from urllib.parse import urlsplit

import numpy as np
import pyarrow.parquet
import pytest

from kernels.quantities import LANGUAGES
from twin.sensors.dcat import CATALOGUE, CONTEXT, Publisher, Terms
from twin.sensors.model import SECOND, Datastream, Readings, SensorError, Thing
from twin.sensors.publish import publish
from twin.sensors.quality import Flag
from twin.sensors.sqlite import SqliteStore
from twin.sensors.store import SensorStoreError

WORDS = {"fr": "Piétons", "nl": "Voetgangers", "en": "People on foot"}
CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
PUBLISHER = Publisher("Ville", "https://data.example/open/", "data@example.org", WORDS, WORDS)
TERMS = Terms("walk", WORDS, WORDS, CC0, attribution="Ville / Stad", theme="TRAN")
NOW = 1_772_000_000 * SECOND
HOUR = 3600 * SECOND


@pytest.fixture
def store(tmp_path):
    with SqliteStore(tmp_path / "store") as made:
        made.put_things([
            Thing("walk:1", "Rue Neuve", 4.3561, 50.8528, {"street": "Rue Neuve"}),
            Thing("walk:2", "Rue Haute", 4.3480, 50.8400),
            Thing("walk:3", "", None, None),
            Thing("walk:4", "Somebody", 4.35, 50.85, {"mac": "aa:bb:cc:dd:ee:ff"}),
            Thing("other:1", "Other", 4.35, 50.85),
        ])  # fmt: skip
        streams = [Datastream(f"walk:{i}/pedestrian_count", f"walk:{i}", "pedestrian_count", 3600.0) for i in (1, 2, 4)]
        made.put_datastreams([*streams, Datastream("other:1/ozone", "other:1", "ozone")])
        made.append(Readings.of(
            ["walk:1/pedestrian_count"] * 3 + ["walk:2/pedestrian_count"] * 2 + ["walk:4/pedestrian_count"],
            [NOW - 2 * HOUR, NOW - HOUR, NOW, NOW - HOUR, NOW, NOW], [0.0, 3.0, 25.0, 7.0, np.nan, 100.0],
            [0, 0, int(Flag.STALE), 0, int(Flag.MISSING), 0],
        ))  # fmt: skip
        yield made


@pytest.fixture
def done(store, tmp_path):
    folder = tmp_path / "open"
    return publish(store, folder, PUBLISHER, [TERMS], start=NOW - 3 * HOUR, end=NOW + 1, now=NOW + 60 * SECOND)


@pytest.fixture
def told(done):
    return json.loads(done.files[-1].read_text(encoding="utf-8"))


MANDATORY = {
    "dcat:Catalog": ("dct:title", "dct:description", "dct:publisher", "dcat:dataset"),
    "dcat:Dataset": ("dct:title", "dct:description"),
    "dcat:Distribution": ("dcat:accessURL",),
    "foaf:Agent": ("foaf:name",),
    "spdx:Checksum": ("spdx:algorithm", "spdx:checksumValue"),
    "vcard:Organization": (),
    "foaf:Document": (),
    "dct:PeriodOfTime": (),
    "dct:Location": (),
    "dct:LicenseDocument": (),
    "dct:RightsStatement": (),
}
"""Mandatory properties of DCAT-AP 2.1.1 and 3.0, by the chapters of each class and by the ``sh:minCount`` of the
shapes that SEMIC publishes with 2.1.1; ``dcat:dataset`` is so in the text of 2.1.1 only."""
ONCE = ("dct:publisher", "dct:license", "dct:format", "dcat:mediaType", "dcat:byteSize", "dct:accessRights",
        "dct:modified", "spdx:checksum", "foaf:homepage")  # fmt: skip
"""At most one, by the same."""


def nodes(document):
    if isinstance(document, dict):
        if "@type" in document and "@value" not in document:
            yield document
        for key, value in document.items():
            if key != "@context":
                yield from nodes(value)
    elif isinstance(document, list):
        for one in document:
            yield from nodes(one)


def test_the_catalogue_holds_all_that_dcat_ap_makes_mandatory(told):
    found = list(nodes(told))
    assert {one["@type"] for one in found} == set(MANDATORY)
    for one in found:
        for name in MANDATORY[one["@type"]]:
            assert one.get(name), f"{one['@type']} lacks {name}"
        for name in ONCE:
            assert not isinstance(one.get(name), list), f"{one['@type']} has {name} more than once"


def test_every_name_is_of_a_known_vocabulary(told):
    for one in nodes(told):
        for key in one:
            assert key.startswith("@") or key.split(":")[0] in CONTEXT, key


def test_ranges_are_those_of_dcat_ap(told):
    for one in nodes(told):
        for name in ("dct:title", "dct:description"):
            for text in one.get(name, []) if isinstance(one.get(name), list) else []:
                assert set(text) == {"@language", "@value"}
        for name in ("dcat:accessURL", "dcat:downloadURL", "dct:license", "dcat:theme", "dct:accessRights"):
            if name in one:
                assert urlsplit(one[name]["@id"]).scheme in ("http", "https")
    for each in told["dct:title"], told["dcat:dataset"][0]["dct:title"]:
        assert [text["@language"] for text in each] == list(LANGUAGES)
    (one,) = told["dcat:dataset"]
    assert one["dcat:theme"]["@id"] == "http://publications.europa.eu/resource/authority/data-theme/TRAN"


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
def test_it_is_json_ld(done):
    rdflib = pytest.importorskip("rdflib", reason="RDFLIB ABSENT: the catalogue is not read as a graph")
    graph = rdflib.Graph().parse(done.files[-1], format="json-ld")
    dcat, dct = rdflib.Namespace(CONTEXT["dcat"]), rdflib.Namespace(CONTEXT["dct"])
    (dataset,) = graph.objects(None, dcat.dataset)
    assert {one.language for one in graph.objects(dataset, dct.title)} == set(LANGUAGES)
    assert len(list(graph.subjects(rdflib.RDF.type, dcat.Distribution))) == 3
    assert set(graph.objects(None, dct.license)) == {rdflib.URIRef(CC0)}


def test_the_catalogue_is_the_last_file(done):
    assert done.files[-1].name == CATALOGUE


def test_every_file_is_there_as_the_catalogue_says(done, told):
    for one in told["dcat:dataset"][0]["dcat:distribution"]:
        address = one["dcat:downloadURL"]["@id"]
        assert address.startswith("https://data.example/open/walk/")
        content = (done.files[-1].parent / address.removeprefix("https://data.example/open/")).read_bytes()
        assert int(one["dcat:byteSize"]["@value"]) == len(content)
        assert one["spdx:checksum"]["spdx:checksumValue"]["@value"] == hashlib.sha256(content).hexdigest()


def test_few_people_are_hidden_and_nobody_is_a_true_zero(done):
    rows = list(csv.DictReader(done.files[1].open(encoding="utf-8")))
    assert [row["value"] for row in rows] == ["0.0", "", "25.0", "7.0", ""]
    table = pyarrow.parquet.read_table(done.files[2])
    assert table["value"].to_pylist() == [0.0, None, 25.0, 7.0, None]
    assert (done.rows, done.hidden) == (5, 1)


def test_the_catalogue_says_that_counts_are_hidden_where_they_are(store, tmp_path):
    other = Terms("other", WORDS, WORDS, CC0)
    for open_feeds, said in (((), [False, True]), (("walk",), [False, False])):
        done = publish(store, tmp_path / "open", PUBLISHER, [TERMS, other], start=0, end=NOW + 1, now=NOW,
                       open_feeds=open_feeds)  # fmt: skip
        sets = json.loads(done.files[-1].read_text(encoding="utf-8"))["dcat:dataset"]
        assert ["left empty" in one["dct:description"][2]["@value"] for one in sets] == said
        assert done.hidden == (0 if open_feeds else 1)


def test_newest_values_come_with_age_unit_and_flags(done):
    document = json.loads(done.files[0].read_text(encoding="utf-8"))
    first, second, third = document["features"]
    assert first["geometry"] == {"type": "Point", "coordinates": [4.3561, 50.8528]}
    (reading,) = first["properties"]["readings"]
    assert (reading["value"], reading["units"], reading["age_s"], reading["flags"]) == (25.0, "1", 60.0, ["stale"])
    assert reading["time"] == "2026-02-25T06:13:20Z"
    assert first["properties"]["pedestrian_count"] == 25.0
    # a sensor that says that it knows nothing is null, not zero; what has no place has no geometry
    assert second["properties"]["readings"][0]["value"] is None
    assert third["geometry"] is None


def test_what_tells_of_people_or_has_no_licence_is_not_written(done):
    assert done.withheld == ("other",)
    assert list(done.left_out) == ["walk:4"]
    for file in done.files:
        assert b"aa:bb:cc" not in file.read_bytes()
        assert b"walk:4" not in file.read_bytes()
    assert not (done.files[-1].parent / "other").exists()


def test_demo_data_say_so(store, tmp_path):
    terms = Terms("walk", WORDS, WORDS, CC0, demo=True)
    done = publish(store, tmp_path / "open", PUBLISHER, [terms], start=0, end=1, now=NOW)
    (one,) = json.loads(done.files[-1].read_text(encoding="utf-8"))["dcat:dataset"]
    assert [text["@value"].split(",")[0] for text in one["dct:description"]] == [
        "Données de démonstration", "Demogegevens", "Demo data",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"licence": "unclear"}, "not given away"),
        ({"title": {"fr": "Piétons"}}, "nl, en"),
        ({"theme": "CITY"}, "theme"),
        ({"feed": "../walk"}, "name of a feed"),
    ],
)
def test_terms_that_cannot_be_are_refused(wrong, words):
    usual = {"feed": "walk", "title": WORDS, "description": WORDS, "licence": CC0}
    with pytest.raises(SensorError, match=words):
        Terms(**usual | wrong)


def test_a_publisher_without_a_contact_is_refused():
    with pytest.raises(SensorError, match="contact"):
        Publisher("Ville", "https://data.example", "", WORDS, WORDS)


def test_a_store_without_terms_gives_nothing_away(store, tmp_path):
    with pytest.raises(SensorError, match="no feed"):
        publish(store, tmp_path / "open", PUBLISHER, [], start=0, end=1, now=NOW)
    assert not (tmp_path / "open").exists()


def test_a_folder_that_cannot_be_written_is_told(store, tmp_path):
    (tmp_path / "open").write_text("a file")
    with pytest.raises(SensorStoreError, match="open"):
        publish(store, tmp_path / "open", PUBLISHER, [TERMS], start=0, end=1, now=NOW)
