"""bxl-twin green: shares told by sector and as a whole, files, edits, and what is refused."""

import json

import geopandas as gpd
import pytest
import shapely

from twin.city import COVER_COLUMNS, as_table
from twin.folder import save
from viewer.cli.green import command


@pytest.fixture
def call(tmp_path, city, capsys):
    lawn = as_table(["park"], [shapely.box(149_000, 172_030, 149_060, 172_040)], COVER_COLUMNS, cover=["lawn"])
    save(city.with_(land_cover=lawn), tmp_path / "city")

    def go(*words):
        with pytest.raises(SystemExit) as ended:
            command.main([str(tmp_path / "city"), *map(str, words)], prog_name="bxl-twin")
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, " ".join(said.err.split())

    return go


def test_shares_of_residents_are_told_with_what_is_assumed(call):
    code, out, err = call("--json", "--smallest", 0.04)
    assert code == 0, err
    found = json.loads(out)
    # one tree in the whole quarter, a strip of lawn of 600 m2 less the houses that stand on it
    assert found["whole"] == {"three": 0.0, "thirty": 0.0, "three_hundred": 1.0, "all": 0.0}
    assert found["sectors"][0]["name_fr"] == "Quartier"
    assert "as the crow flies" in err
    assert json.loads(call("--json")[1])["whole"]["three_hundred"] == 0.0  # smaller than a hectare


def test_planted_trees_count(call, tmp_path):
    trees = ", ".join(
        f"{{edit: tree, id: t{x}, point: [{149_000 + x}, 172020], height_m: 12, crown_diameter_m: 10}}"
        for x in (2, 18, 22, 38, 42)
    )
    document = (
        "scenario: 1\nname: {en: Trees}\nperiod: {start: 2019-07-25T10:00:00Z, duration_s: 60, output_every_s: 60}\n"
    )
    (tmp_path / "trees.yaml").write_text(document + f"edits: [{trees}]\n", encoding="utf-8")
    code, out, err = call("--scenario", tmp_path / "trees.yaml", "--json")
    assert code == 0, err
    assert json.loads(out)["whole"]["three"] > 0.5


def test_sectors_and_homes_are_written(call, tmp_path):
    code, _, err = call("--out", tmp_path / "sectors.gpkg", "--homes", tmp_path / "homes.geojson")
    assert code == 0, err
    assert gpd.read_file(tmp_path / "sectors.gpkg")["canopy_share"].between(0, 1).all()
    homes = gpd.read_file(tmp_path / "homes.geojson")
    assert len(homes) == 6
    assert homes["residents"].sum() == pytest.approx(120)
    assert homes["green_distance"].isna().all()  # there is no green space of a hectare; endless is not a number


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--out", "a.txt"], "names no table"),
        (["--homes", "nowhere/a.csv"], "there is no folder"),
        (["--smallest", "0"], "Invalid value"),
        (["--scenario", "none.yaml"], "cannot be read"),
    ],
)
def test_bad_words_are_refused(call, words, expected):
    code, out, err = call(*words)
    assert (code, out) == (2, "")
    assert expected in err
