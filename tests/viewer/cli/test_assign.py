"""bxl-twin assign: what it prints, what it writes, what it begins from again, and what it refuses."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from viewer.cli import _app

# two roads from 1 to 2: 10 + x, and 15 (1 + x / 10) by way of node 3
NET = """<NUMBER OF ZONES> 2
<NUMBER OF NODES> 4
<FIRST THRU NODE> 1
<NUMBER OF LINKS> 4
<END OF METADATA>
~ init term capacity length fft b power speed toll type ;
1 2 10 5 10 1 1 0 3 1 ;
1 3 10 1 15 1 1 0 0 1 ;
3 2 10 1 0 1 1 0 0 1 ;
4 1 10 1 1 0 0 0 0 1 ;
"""
TRIPS = "<NUMBER OF ZONES> 4\n<END OF METADATA>\nOrigin 1\n 2 : 12.0; 1 : 2.0;\n"


@pytest.fixture
def files(tmp_path):
    net, trips = tmp_path / "net.tntp", tmp_path / "trips.tntp"
    net.write_text(NET)
    trips.write_text(TRIPS)
    return net, trips


def assign(files, *words, code=0):
    result = CliRunner().invoke(_app, ["assign", *map(str, files), *map(str, words)])
    assert result.exit_code == code, result.output
    return result


def figures(files, *words, code=0):
    return json.loads(assign(files, *words, "--json", code=code).stdout)


def flows_of(path):
    return pd.read_csv(path)


def test_flows_and_figures_follow_the_closed_form(files, tmp_path):
    # 10 (1 + x / 10) = 15 (1 + (12 - x) / 10): x = 9.2
    out = tmp_path / "flows.csv"
    found = figures(files, "--gap", 1e-12, "--flows", out)
    table = flows_of(out)
    assert list(table.columns) == ["from", "to", "flow", "cost"]
    assert table[["from", "to"]].values.tolist() == [[1, 2], [1, 3], [3, 2], [4, 1]]
    np.testing.assert_allclose(table["flow"], [9.2, 2.8, 2.8, 0], atol=1e-9)
    np.testing.assert_allclose(table["cost"], [19.2, 19.2, 0, 1], atol=1e-9)
    assert found["tstt"] == pytest.approx(12 * 19.2)
    assert found["objective"] == pytest.approx(92 + 9.2**2 / 2 + 42 + 1.5 * 2.8**2 / 2)
    assert found["converged"]
    assert found["relative_gap"] <= 1e-12
    assert (found["trips"], found["trips_within_zones"], found["unserved_trips"]) == (12, 2, 0)
    assert found["seconds"] < 1


def test_words_for_people_name_the_same_figures(files):
    said = assign(files).stdout
    for words in ("objective", "TSTT", "relative gap", "iterations", "seconds"):
        assert f"\n{words}" in f"\n{said}"


def test_tolls_and_length_are_weighed_as_time(files, tmp_path):
    # 10 + x + 2 * 3 + 0.5 * 5 = 15 + 1.5 (12 - x) + 0.5 * 2: x = 6.2 + 0.8 = (16 + 18 - 18.5) / 2.5
    out = tmp_path / "flows.csv"
    found = figures(files, "--gap", 1e-12, "--toll-weight", 2, "--distance-weight", 0.5, "--flows", out)
    table = flows_of(out)
    np.testing.assert_allclose(table["flow"][:2], [6.2, 5.8], atol=1e-9)
    np.testing.assert_allclose(table["cost"][0], 24.7, atol=1e-9)
    assert found["tstt"] == pytest.approx(12 * 24.7)
    assert found["total_time"] == pytest.approx(12 * 24.7 - 6.2 * 8.5 - 5.8 * 1.0)


@pytest.mark.parametrize("word", ["1-2", "1,2", "1"])
def test_a_link_is_closed_by_its_ends_or_its_row(files, tmp_path, word):
    out = tmp_path / "flows.csv"
    found = figures(files, "--close", word, "--flows", out)
    assert found["closed_links"] == 1
    assert flows_of(out)["flow"].tolist() == [0, 12, 12, 0]


def test_trips_that_a_closure_cuts_off_are_told(files):
    found = figures(files, "--close", "1-2", "--close", "3-2")
    assert found["unserved_trips"] == 12
    assert found["unserved"] == [{"from": 1, "to": 2, "trips": 12.0}]
    assert "12 trips have no path" in assign(files, "--close", "1-2", "--close", "3-2").stderr


def test_a_state_is_begun_from_again(files, tmp_path):
    state = tmp_path / "state.npz"
    figures(files, "--gap", 1e-12, "--save-state", state)
    again = figures(files, "--gap", 1e-11, "--warm-start", state)
    assert (again["iterations"], again["warm_start"]) == (0, True)
    more = figures(files, "--gap", 1e-12, "--warm-start", state, "--scale-demand", 2)
    cold = figures(files, "--gap", 1e-12, "--scale-demand", 2)
    assert more["objective"] == pytest.approx(cold["objective"], rel=1e-9)
    assert more["trips"] == 24


def test_a_gap_that_is_not_reached_is_said_and_fails(files):
    files[0].write_text(NET.replace("1 2 10 5 10 1 1", "1 2 10 5 10 1 4"))  # no straight line, so no exact step
    found = figures(files, "--gap", 1e-15, "--iterations", 1, code=1)
    assert not found["converged"]
    assert "was not reached" in assign(files, "--gap", 1e-15, "--iterations", 1, code=1).stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--gap", 0], "--gap must lie between 0 and 1"),
        (["--scale-demand", -1], "--scale-demand must be zero or more, got -1"),
        (["--toll-weight", "nan"], "--toll-weight must be zero or more"),
        (["--close", "2-1"], "--close 2-1: no such link"),
        (["--close", "5"], "a row from 1 to 4"),
        (["--warm-start", "no.npz"], "no such file"),
    ],
)
def test_what_means_nothing_is_refused(files, words, said):
    result = assign(files, *words, code=2)
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_files_that_cannot_be_read_are_refused_by_name(files, tmp_path):
    net, trips = files
    assert "gone.tntp" in assign((net, tmp_path / "gone.tntp"), code=2).stderr
    (tmp_path / "state.npz").write_text("no")
    assert "not a state" in assign(files, "--warm-start", tmp_path / "state.npz", code=2).stderr
    trips.write_text(TRIPS.replace("2 : 12.0", "9 : 12.0").replace("ZONES> 4", "ZONES> 9"))
    assert "ends at node 9" in assign(files, code=2).stderr


def test_anaheim_from_the_command_line(reference_data, tmp_path):
    folder = reference_data / "tntp"
    found = figures((folder / "Anaheim_net.tntp", folder / "Anaheim_trips.tntp"), "--gap", 1e-10, "--threads", 2)
    # objective of the published solution, bstabler/TransportationNetworks
    assert found["objective"] == pytest.approx(1_286_032.17109603, rel=1e-9)
