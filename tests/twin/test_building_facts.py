"""Facts of buildings: what a file may say, what a city then knows, and what it writes back."""

import numpy as np
import pandas as pd
import pytest

from twin import folder
from twin.building_facts import FACTS, fact_of, read_facts, with_facts, write_facts
from twin.cadastre import assemble
from twin.city import BUILDING_COLUMNS, LATER_COLUMNS, City, CityError
from twin.formats import cityjson


@pytest.fixture
def city(houses) -> City:
    """Two blocks; the first has another name in the file it came from."""
    made = assemble([cityjson.parse("drawn", houses.cityjson({"a": houses.block(), "b": houses.block(x=30)}))])
    table = made.table.assign(origin=["https://example.org/1", "b"])
    return City("drawn", tuple(made.table.total_bounds), surfaces=made.surfaces, buildings=table)


def test_every_fact_is_a_column_with_words_and_a_range():
    for name, fact in FACTS.items():
        assert fact.column == name
        assert name in BUILDING_COLUMNS
        assert name in LATER_COLUMNS
        assert all(fact.label[one] for one in ("fr", "nl", "en"))
        assert fact.is_number == (BUILDING_COLUMNS[name] == "f8")
        assert not fact.is_number or fact.low < fact.high


@pytest.mark.parametrize("text", [
    "id,year,owner,wall_u\na,1932,Région,0.4\n",
    "id;year;owner;wall_u\na;1932;Région;0,4\n",
    "# words\nid,year,owner,wall_u,wall_u_assumed\n\n a , 1932 ,Région,0.4,2.2\n",
    "id,year,owner,wall_u\nhttps://example.org/1,1932,Région,0.4\n",
])  # fmt: skip
def test_a_file_tells_a_city(city, tmp_path, text):
    path = tmp_path / "facts.csv"
    path.write_text(text, encoding="utf-8")
    read = read_facts(path, city)
    found = with_facts(city, read.table)
    assert found.buildings.loc["a", ["year", "owner", "wall_u"]].tolist() == [1932.0, "Région", 0.4]
    assert np.isnan(found.buildings.loc["b", "year"])
    assert found.buildings.loc["b", "owner"] == ""
    assert read.known == {"year": 1, "owner": 1, "wall_u": 1}
    assert read.unknown == ()


def test_a_file_with_a_mark_of_its_encoding_is_read(city, tmp_path):
    path = tmp_path / "facts.csv"
    path.write_text("id;year\nb;2001\n", encoding="utf-8-sig")
    assert read_facts(path, city).table.loc["b", "year"] == 2001


def test_an_empty_cell_says_nothing_and_keeps_what_was_known(city, tmp_path):
    path = tmp_path / "facts.csv"
    path.write_text("id,year,roof_u\na,1950,\nb,,0.3\n", encoding="utf-8")
    before = with_facts(city, pd.DataFrame({"year": [1900.0]}, index=pd.Index(["b"], dtype=object)))
    found = with_facts(before, read_facts(path, city).table)
    assert found.buildings["year"].tolist() == [1950, 1900]
    assert found.buildings["roof_u"].tolist() == pytest.approx([np.nan, 0.3], nan_ok=True)


def test_ids_that_the_city_lacks_are_told(city, tmp_path):
    path = tmp_path / "facts.csv"
    path.write_text("id,year\nnobody,1950\na,1960\n", encoding="utf-8")
    read = read_facts(path, city)
    assert read.unknown == ("nobody",)
    assert list(read.table.index) == ["a"]


@pytest.mark.parametrize(("text", "words"), [
    ("id,year\na,19x2\n", "line 2: year is '19x2', expected a number from 1000 to 2100"),
    ("id,wall_u\nb,0.3\na,25\n", "line 3: wall_u is '25', expected a number from 0.05 to 5.5 W m-2 K-1"),
    ("id,heat_source\na,fusion\n", "line 2: heat_source is 'fusion', expected one of gas_boiler"),
    ("id,heat_source\na,network\n", "line 2: heat_source is 'network'"),
    ("id,year\na,1950\n\na,1951\n", "line 4: building 'a' stands there twice"),
    ("id,year\nhttps://example.org/1,1950\na,1951\n", "line 3: building 'a' stands there twice"),
    ("id,age\na,3\n", "line 1: expected the columns id and some of year, owner"),
    ("year\n1950\n", "line 1: expected the columns id"),
    ("id,year\na,1950,3\n", "line 2: has 3 cells, the first line has 2"),
    ("", "is empty"),
])  # fmt: skip
def test_what_cannot_be_is_refused_with_its_line(city, tmp_path, text, words):
    path = tmp_path / "facts.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CityError, match=words):
        read_facts(path, city)


@pytest.mark.parametrize("value", [True, None, "nan", float("inf"), "", []])
def test_a_number_is_a_number(value):
    with pytest.raises(CityError, match="expected a number"):
        fact_of("year", value)


def test_no_other_fact_is_known():
    with pytest.raises(CityError, match="'colour' is no fact of a building"):
        fact_of("colour", "red")


def test_what_is_written_is_read_again(city, tmp_path):
    told = pd.DataFrame(
        {"year": [1931.0], "owner": ['Ville, "neuve"'], "wall_u": [0.45]}, index=pd.Index(["a"], dtype=object)
    )
    known = with_facts(city, told)
    assumed = pd.DataFrame({"wall_u": [2.2, 2.2]}, index=city.buildings.index)
    write_facts(known, tmp_path / "out.csv", assumed)
    again = with_facts(city, read_facts(tmp_path / "out.csv", city).table)
    assert again.digest == known.digest
    rows = [line for line in (tmp_path / "out.csv").read_text("utf-8").splitlines() if not line.startswith("#")]
    place = rows[0].split(",").index("wall_u_assumed")
    assert rows[2].split(",")[place] == "2.2"


def test_facts_change_the_digest_and_live_in_the_folder_and_none_change_nothing(city, tmp_path):
    known = with_facts(city, pd.DataFrame({"window_g": [0.5]}, index=pd.Index(["b"], dtype=object)))
    assert known.digest != city.digest
    folder.save(known, tmp_path / "city")
    assert folder.load(tmp_path / "city").buildings["window_g"].tolist() == pytest.approx([np.nan, 0.5], nan_ok=True)
    older = city.with_(buildings=city.buildings.drop(columns=list(FACTS)))
    assert older.digest == city.digest
    folder.save(older, tmp_path / "older")
    assert set(FACTS) <= set(folder.load(tmp_path / "older").buildings.columns)


@pytest.mark.parametrize(("words", "year"), [
    ({"yearOfConstruction": 1932}, 1932), ({"oorspronkelijkbouwjaar": "1987"}, 1987), ({"start_date": "1905-06"}, 1905),
    ({"bouwjaar": 2004.0}, 2004), ({"year_built": "unknown"}, np.nan), ({"yearOfConstruction": 0}, np.nan),
    ({"yearOfConstruction": 19320101}, np.nan), ({}, np.nan),
])  # fmt: skip
def test_the_year_that_a_file_of_buildings_tells_comes_with_it_and_goes_out_again(houses, words, year):
    made = assemble([cityjson.parse("drawn", houses.cityjson({"a": houses.block()}, a=words))])
    assert made.table["year"].tolist() == pytest.approx([year], nan_ok=True)
    city = City("drawn", tuple(made.table.total_bounds), surfaces=made.surfaces, buildings=made.table)
    written = cityjson.to_document(city)["CityObjects"]["a"]["attributes"]
    assert written.get("yearOfConstruction") == (None if np.isnan(year) else year)
