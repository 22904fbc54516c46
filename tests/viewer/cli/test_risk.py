"""bxl-twin risk: several return periods, one figure a year."""

import json
import zipfile

import pytest

from twin.folder import save
from viewer.cli.risk import command

DOCUMENT = """
scenario: 1
name: {en: Design storm}
cell_size_m: 4
period: {start: 2021-07-15T12:00:00Z, duration_s: 120, output_every_s: 60}
forcing: {rain: {kind: design, return_period_years: 10, duration_s: 3600}}
soil: {law: none}
sewers: {kind: none}
"""


@pytest.fixture
def call(tmp_path, city, capsys):
    save(city, tmp_path / "city")

    def go(*words, document=DOCUMENT):
        (tmp_path / "one.yaml").write_text(document, encoding="utf-8")
        paths = [str(tmp_path / "one.yaml"), "--city", str(tmp_path / "city"), "--store", str(tmp_path / "store")]
        with pytest.raises(SystemExit) as ended:
            command.main([*paths, *words], prog_name="bxl-twin")
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, " ".join(said.err.split())

    return go


def test_each_return_period_is_run_once_and_added_up(call, tmp_path):
    code, out, err = call("--years", "10", "--years", "2", "--packs", str(tmp_path / "packs"), "--json")
    assert code == 0, err
    said = json.loads(out)
    assert said["return_periods_years"] == [2, 10]
    assert len(set(said["results"])) == 2
    two, ten = (one["damage"] for one in said["damages_eur"])
    # trapezoid from 1/10 to 1/2, and 1/10 of the rarest beyond
    assert said["expected_annual_damage_eur"]["central"] == pytest.approx(0.4 * (two + ten) / 2 + 0.1 * ten)
    assert "euros of 2010" in err
    packs = sorted(path.name for path in (tmp_path / "packs").iterdir())
    assert packs == ["demo-floods-10-years.zip", "demo-floods-2-years.zip"]
    with zipfile.ZipFile(tmp_path / "packs" / packs[0]) as file:
        sheet = json.loads(file.read("demo-floods-10-years/sheet.json"))
    assert sheet["probability"]["class"] == "high"


@pytest.mark.parametrize(
    ("change", "years", "words"),
    [
        (("kind: design, return_period_years: 10", "kind: block, intensity_mm_h: 10"), "2", "kind: design"),
        (("sewers", "edits: [{edit: storm, intensity_mm_h: 1, duration_s: 60}]\nsewers"), "2", "leave the storm out"),
        (("name", "name"), "50", "outside the table"),
    ],
)
def test_what_has_no_return_period_is_said_before_anything_is_computed(call, tmp_path, change, years, words):
    code, _, err = call("--years", years, document=DOCUMENT.replace(*change))
    assert code == 2
    assert words in err
    assert not (tmp_path / "store").exists()
