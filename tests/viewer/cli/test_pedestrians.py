"""bxl-twin pedestrians: a city in, streets out, counters, and what is refused."""

import json

import numpy as np
import pandas as pd
import pytest

from viewer.cli.pedestrians import command


@pytest.fixture
def call(capsys):
    def go(*words):
        with pytest.raises(SystemExit) as ended:
            command.main([*map(str, words)], prog_name="bxl-twin")
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, " ".join(said.err.split())

    return go


def test_the_demo_tells_who_walks_where_and_counters_change_it(call, tmp_path):
    code, out, err = call("demo", "--hour", 16, "--json", "--out", tmp_path / "streets.csv")
    assert code == 0, err
    told = json.loads(out)
    table = pd.read_csv(tmp_path / "streets.csv", index_col="id")
    assert told["demo"] is True
    assert "demo data, not the cadastre" in err
    assert told["streets"] == len(table) == sum(told["levels"].values())
    assert told["busiest"][0]["busiest_flow"] == pytest.approx(table["busiest_flow"].max(), abs=1e-3)
    groups = [name for name in table.columns if "_to_" in name]
    np.testing.assert_allclose(table[groups].sum(axis=1), table["pedestrian_flow"])
    np.testing.assert_allclose(table["along"] + table["against"], table["pedestrian_flow"])
    # everyone walks about once a day, and about a twelfth of the walks of a day begin from four to five
    walks = sum(one["people"] for one in told["groups"].values()) + told["nowhere_to_go"]
    assert 0.05 * told["residents"] < walks < 0.25 * told["residents"]
    busiest = told["busiest"][0]["id"]
    (tmp_path / "counts.csv").write_text(f"link,count\n{busiest},{2 * table.loc[busiest, 'pedestrian_flow']:.0f}\n")
    code, out, err = call("demo", "--hour", 16, "--json", "--counts", tmp_path / "counts.csv")
    assert code == 0, err
    (fit,) = json.loads(out)["counts"]
    assert fit["link"] == busiest
    assert fit["geh_after"] < 0.5 * fit["geh_before"]
    assert f"counter {busiest}" in err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("link,people\na,1\n", "expected the columns link,count; got link,people"),
        ("link,count\na,many\n", "count in row 1 is 'many'"),
        ("link,count\na,-3\n", "expected 0 or more"),
        ("link,count\na,3\na,4\n", "link 'a' stands there twice"),
        ("link,count\nnowhere,3\n", "counters name the links nowhere"),
        ("", "not a CSV that can be read"),
    ],
)
def test_counters_that_cannot_be_read_are_refused(call, tmp_path, text, words):
    (tmp_path / "counts.csv").write_text(text)
    code, out, err = call("demo", "--counts", tmp_path / "counts.csv")
    assert (code, out) == (2, "")
    assert words in err


def test_files_that_are_not_there_are_refused(call, tmp_path):
    code, _, err = call("demo", "--counts", tmp_path / "none.csv")
    assert code == 2
    assert "no such file" in err
    code, _, err = call("demo", "--out", tmp_path / "streets.xlsx")
    assert code == 2
    assert "ending" in err
