"""A year of tree crews: the law on nesting is kept, every tree has its turn, young ones are watered."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
import shapely

from twin.city import City, CityError
from twin.demo import demo_city
from twin.formats import icalendar
from twin.formats.icalendar import Event
from twin.formats.tree_records import TreeRecord, as_trees
from twin.tree_species import find_species, tree_species
from twin.tree_upkeep import NESTING, TASKS, Upkeep, pruning_month, street_cycle, upkeep, upkeep_events, write_upkeep
from twin.trees import TreeInventory, tree_inventory

YEARS = range(2020, 2080)


def _inventory(*trees: TreeRecord) -> TreeInventory:
    return tree_inventory(City("trees", (0.0, 0.0, 1.0, 1.0), trees=as_trees(trees)))


def _tree(number: int, species: str = "Tilia cordata", source: str = "list", **known: float) -> TreeRecord:
    return TreeRecord(shapely.Point(9 * number, 0), source, str(number), species=species, **known)


@pytest.fixture(scope="module")
def district() -> TreeInventory:
    return tree_inventory(demo_city(size=400))


def _forbidden(year: int, month: int) -> bool:
    """Whether any day of a month lies in the nesting season of the ordinance of 1 March 2012, art. 68."""
    (m, d), (n, e) = NESTING
    first, after = date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)
    return first <= date(year, n, e) and after > date(year, m, d)


def test_the_law_forbids_april_to_the_middle_of_august():
    assert [month for month in range(1, 13) if _forbidden(2026, month)] == [4, 5, 6, 7, 8]


def test_no_species_is_pruned_in_the_nesting_season():
    assert not [one.name for one in tree_species().values() if _forbidden(2026, pruning_month(one))]


def test_nothing_is_pruned_in_the_nesting_season_of_any_year(district):
    for year in (2026, 2027, 2031):
        pruned = [one for one in upkeep(district, year) if one.task.endswith("pruning")]
        assert pruned
        assert not [one for one in pruned if _forbidden(year, one.month)]


def test_trees_that_bleed_are_not_pruned_when_the_sap_rises():
    for name in ("Acer platanoides", "Betula pendula", "Juglans regia", "Carpinus betulus"):
        species = find_species(name)
        assert species is not None
        assert pruning_month(species) in (9, 10)


@pytest.mark.parametrize(
    ("task", "cycle", "trunk"),
    [("formative_pruning", 3, 0.1), ("maintenance_pruning", 12, 0.4), ("inspection", 3, 0.4)],
)
def test_every_tree_has_its_turn_once_a_cycle(task, cycle, trunk):
    found = _inventory(*(_tree(i, trunk_diameter=trunk) for i in range(30)))
    turns = {year: [one.tree for one in upkeep(found, year) if one.task == task] for year in range(2026, 2026 + cycle)}
    assert sorted(name for names in turns.values() for name in names) == sorted(found.table.index)
    assert max(map(len, turns.values())) < 30  # and not all in one year


def test_a_street_is_pruned_in_one_go(district):
    for year in (2026, 2030):
        jobs = upkeep(district, year)
        for street in {one.street for one in jobs if one.task == "maintenance_pruning" and one.street}:
            adult = district.table[(district.table["street"] == street) & (district.table["trunk_diameter"] >= 0.15)]
            species = {name: find_species(name) for name in adult["species"]}
            cycles = {street_cycle(one) for one in species.values() if one is not None}
            pruned = [one for one in jobs if one.street == street and one.task == "maintenance_pruning"]
            assert len(pruned) == len(adult) or len(cycles) > 1


def test_a_young_tree_is_watered_for_three_summers_after_the_winter_of_its_planting():
    found = _inventory(_tree(0, planted=2024.0), _tree(1))
    watered = {year: sorted({one.month for one in upkeep(found, year) if one.task == "watering"}) for year in YEARS}
    assert [year for year, months in watered.items() if months] == [2024, 2025, 2026, 2027]
    assert watered[2025] == [5, 6, 7, 8, 9]
    assert {one.tree for one in upkeep(found, 2025) if one.task == "watering"} == {"tree_0"}
    assert [year for year in YEARS if any(one.task == "stakes" for one in upkeep(found, year))] == [2027]


def test_a_tree_of_the_future_needs_nothing():
    assert upkeep(_inventory(_tree(0, planted=2030.0)), 2026) == []


def test_old_and_weak_trees_are_looked_at_every_year():
    found = _inventory(_tree(0, trunk_diameter=0.9), _tree(1, "Populus nigra", trunk_diameter=0.3))
    for year in range(2026, 2030):
        assert {one.tree for one in upkeep(found, year) if one.task == "inspection"} == {"tree_0", "tree_1"}


def test_pruning_a_remarkable_tree_minds_its_protection():
    found = _inventory(_tree(0, source="heritage", trunk_diameter=0.9))
    notes = {one.task: one.note for year in YEARS for one in upkeep(found, year)}
    assert "permit" in notes["maintenance_pruning"]
    assert notes["inspection"] == ""


def test_the_same_year_gives_the_same_jobs(district):
    assert upkeep(district, 2026) == upkeep(district, 2026)
    assert upkeep(district, 2026) != upkeep(district, 2027)
    with pytest.raises(CityError, match="year 26 "):
        upkeep(district, 26)


def _read(path: Path) -> list[dict[str, str]]:
    """The events of a calendar, unfolded by the rules of RFC 5545 section 3.1."""
    raw = path.read_bytes()
    assert raw.endswith(b"\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 75
    lines = raw.decode().replace("\r\n ", "").split("\r\n")
    assert (lines[0], lines[1], lines[-2]) == ("BEGIN:VCALENDAR", "VERSION:2.0", "END:VCALENDAR")
    events: list[dict[str, str]] = []
    for line in lines:
        if line == "BEGIN:VEVENT":
            events.append({})
        elif events and ":" in line:
            key, _, value = line.partition(":")
            events[-1][key] = value
    return events


def test_a_calendar_holds_every_job_and_the_nesting_season(district, tmp_path: Path):
    jobs = upkeep(district, 2026)
    icalendar.write(tmp_path / "a.ics", upkeep_events(jobs, 2026), "Démo; quartier, nord")
    events = _read(tmp_path / "a.ics")
    law = next(one for one in events if one["UID"] == "nesting-2026@bxl-twin")
    assert (law["DTSTART;VALUE=DATE"], law["DTEND;VALUE=DATE"]) == ("20260401", "20260816")  # the 15th counts
    named = [
        name
        for one in events
        if "DESCRIPTION" in one
        for name in one["DESCRIPTION"].split("\\n")[-1].replace("\\,", ",").split(", ")
    ]
    assert sorted(named) == sorted(one.tree for one in jobs)
    assert len({one["UID"] for one in events}) == len(events)
    december = [one for one in events if one["DTSTART;VALUE=DATE"].endswith("1201")]
    assert all(one["DTEND;VALUE=DATE"] == "20270101" for one in december)
    before = (tmp_path / "a.ics").read_bytes()
    icalendar.write(tmp_path / "a.ics", upkeep_events(jobs, 2026), "Démo; quartier, nord")
    assert (tmp_path / "a.ics").read_bytes() == before


def test_a_calendar_speaks_three_languages_and_escapes(tmp_path: Path):
    job = Upkeep("t;1", "Rue, Haute", "", "watering", 2026, 12, 2, 0.3, "")
    titles = [upkeep_events([job], 2026, language)[1].title for language in ("fr", "nl", "en")]
    assert titles == [
        "Arroser: Rue, Haute (1 arbres, 0.3 h)", "Water geven: Rue, Haute (1 bomen, 0.3 u)",
        "Water: Rue, Haute (1 trees, 0.3 h)",
    ]  # fmt: skip
    icalendar.write(tmp_path / "a.ics", upkeep_events([job], 2026), "x")
    event = _read(tmp_path / "a.ics")[1]
    assert event["LOCATION"] == "Rue\\, Haute"
    assert event["DESCRIPTION"].endswith("t\\;1")
    assert event["DTEND;VALUE=DATE"] == "20270101"


def test_an_event_that_ends_before_it_begins_is_refused(tmp_path: Path):
    day = date(2026, 1, 1)
    with pytest.raises(CityError, match="event 'a' begins on 2026-01-01"):
        icalendar.write(tmp_path / "a.ics", [Event("a", day, day, "x")], "x")
    with pytest.raises(CityError, match="cannot be written"):
        icalendar.write(tmp_path / "no" / "a.ics", [Event("a", day, day + timedelta(days=1), "x")], "x")


def test_jobs_are_written_line_by_line_with_their_cost_where_a_price_is_given(district, tmp_path: Path):
    jobs = upkeep(district, 2026)
    write_upkeep(jobs, tmp_path / "a.csv", rate=60.0)
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(jobs)
    assert {row["task"] for row in rows} <= set(TASKS)
    assert all(float(row["cost"]) == pytest.approx(60 * float(row["hours"])) for row in rows)
    write_upkeep(jobs, tmp_path / "b.csv")
    assert "cost" not in (tmp_path / "b.csv").read_text("utf-8").splitlines()[0]
