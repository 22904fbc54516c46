"""bxl-twin basin: the search told to people and to programs, and what it refuses."""

import json

import pytest

from twin.folder import save
from viewer.cli import basin as module
from viewer.cli.basin import command
from viewer.cli.drawn import corners_of

DOCUMENT = """
scenario: 1
name: {en: Cloudburst}
cell_size_m: 2
period: {start: 2021-07-15T12:00:00Z, duration_s: 120, output_every_s: 60}
kernels: [flood]
forcing: {rain: {kind: block, intensity_mm_h: 200, duration_s: 120}}
soil: {law: none}
sewers: {kind: none}
"""
PLACE = "149018,172018 149024,172018 149024,172022 149018,172022"
BESIDE = "149021,172016.5"


@pytest.fixture
def call(tmp_path, city, capsys):
    save(city, tmp_path / "city")
    (tmp_path / "one.yaml").write_text(DOCUMENT, encoding="utf-8")

    def go(*words):
        paths = [str(tmp_path / "one.yaml"), "--city", str(tmp_path / "city"), "--store", str(tmp_path / "store")]
        with pytest.raises(SystemExit) as ended:
            command.main([*paths, *map(str, words)], prog_name="bxl-twin")
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, " ".join(said.err.split())

    return go


def without_basin(call):
    """Depth beside the place without any basin, from a target that is met at once."""
    code, out, err = call("--polygon", PLACE, "--depth-at", BESIDE, "--target", 5, "--json")
    assert code == 0, err
    assert "no basin is needed" in err
    found = json.loads(out)
    assert (found["volume_m3"], len(found["trials"]), found["edit"]) == (0.0, 1, None)
    return found["trials"][0]["value"]


def test_the_search_lists_every_trial_and_ends_at_the_smallest_that_meets(call):
    deepest = without_basin(call)
    assert deepest > 0
    words = ["--polygon", PLACE, "--depth-at", BESIDE, "--largest", 40, "--tolerance", 10]
    code, out, err = call(*words, "--target", 0.97 * deepest, "--json")
    assert code == 0, err
    found = json.loads(out)
    volumes = [one["volume_m3"] for one in found["trials"]]
    assert volumes[:2] == [0.0, 40.0]
    for one in found["trials"]:
        assert one["meets"] == (one["value"] <= 0.97 * deepest)
        assert one["digest"][:12] in err
    assert found["volume_m3"] == min(one["volume_m3"] for one in found["trials"] if one["meets"])
    assert found["edit"]["volume_m3"] == found["volume_m3"]
    assert found["edit"]["polygon"][0] == [149018.0, 172018.0]
    assert "reach the target" in err
    # the trials were warm; a whole run says the same within 0.1 mm and is kept
    last = next(one for one in found["trials"] if one["volume_m3"] == found["volume_m3"])
    assert found["confirmed"]["value"] == pytest.approx(last["value"], abs=1e-4)
    assert "confirmed by a whole run" in err
    assert "run whole" not in err


def test_whole_trials_find_what_warm_ones_find(call):
    deepest = without_basin(call)
    words = ["--polygon", PLACE, "--depth-at", BESIDE, "--largest", 40, "--tolerance", 10, "--target", 0.97 * deepest]
    warm, whole = (json.loads(call(*words, "--json", *more)[1]) for more in ([], ["--whole"]))
    assert [one["volume_m3"] for one in warm["trials"]] == [one["volume_m3"] for one in whole["trials"]]
    for one, two in zip(warm["trials"], whole["trials"], strict=True):
        assert one["value"] == pytest.approx(two["value"], abs=1e-4)
    assert whole["confirmed"] is None


def test_what_no_basin_can_do_is_said(call):
    code, out, err = call("--polygon", PLACE, "--depth-at", "149057,172030", "--target", 0, "--largest", 5, "--json")
    assert code == 0, err
    assert json.loads(out)["volume_m3"] is None
    assert "the largest tried holds 5 m³" in err


def test_buildings_are_a_target_and_a_geojson_in_degrees_a_place(call, tmp_path):
    """The corners in degrees are the place of `PLACE` by pyproj's own transformation of EPSG:31370."""
    from pyproj import Transformer

    to_degrees = Transformer.from_crs(31370, 4326, always_xy=True)
    corners = [to_degrees.transform(*map(float, one.split(","))) for one in PLACE.split()]
    ring = [*corners, corners[0]]
    shape = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    path = tmp_path / "place.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [shape]}), encoding="utf-8")
    assert corners_of(str(path))[1] == pytest.approx([149024, 172018], abs=1e-3)
    code, out, err = call("--polygon", path, "--buildings", 50, "--json")
    assert code == 0, err
    assert json.loads(out)["target"] == {"kind": "buildings_touched", "at_most": 50}


def test_a_stop_lists_the_trials_that_ended(call, monkeypatch):
    runs = []

    def stopped(*words, **more):
        runs.append(words)
        if len(runs) == 2:
            raise KeyboardInterrupt
        return simulate(*words, **more)

    simulate = module.simulate
    monkeypatch.setattr(module, "simulate", stopped)
    code, _, err = call("--polygon", PLACE, "--depth-at", BESIDE, "--target", 0, "--largest", 40, "--whole")
    assert code == 1
    assert "stopped after 1 trials; their results are kept" in err
    assert "missed" in err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--polygon", PLACE], "give one target"),
        (["--polygon", PLACE, "--depth-at", BESIDE, "--buildings", "3"], "give one target"),
        (["--polygon", PLACE, "--depth-at", BESIDE], "--target must be a depth"),
        (["--polygon", PLACE, "--depth-at", "here", "--target", "0.1"], "--depth-at must hold X,Y in Lambert 72"),
        (["--polygon", "1,2 3,4", "--buildings", "3"], "three or more corners"),
        (["--polygon", "none.geojson", "--buildings", "3"], "No such file"),
        (["--polygon", PLACE, "--depth-at", "149020,172020", "--target", "0.1"], "lies in the basin itself"),
        (["--polygon", PLACE, "--buildings", "3", "--largest", "-1"], "expected a volume above 0"),
    ],
)
def test_bad_words_are_refused(call, words, expected):
    code, out, err = call(*words)
    assert (code, out) == (2, "")
    assert expected in err


def test_a_file_of_two_polygons_is_refused(call, tmp_path):
    square = [[0, 0], [1, 0], [1, 1], [0, 0]]
    shapes = {"type": "MultiPolygon", "coordinates": [[square], [[[9 + x, y] for x, y in square]]]}
    (tmp_path / "two.geojson").write_text(json.dumps(shapes), encoding="utf-8")
    code, _, err = call("--polygon", tmp_path / "two.geojson", "--buildings", 3)
    assert code == 2
    assert "expected one polygon without holes, got Polygon, Polygon" in err
