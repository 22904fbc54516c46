"""The engine: one way from a document to a result, never twice, never half."""

import errno
import json
import os
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import xarray as xr

import twin.store
from kernels.contract import Closure, LayerError, Need
from kernels.quantities import attrs
from scenarios.engine import _closure, simulate
from scenarios.problem import Cancelled, EditError, ScenarioError
from scenarios.scenario import Scenario
from twin.result import StoreError
from twin.store import Store


@pytest.fixture
def run(city, bucket, tmp_path):
    def go(document, *, store="store", **rest):
        rest = {"table": [bucket]} | rest
        return simulate(city, Scenario.read(document), store=Store(tmp_path / store), **rest)

    return go


def files(result) -> dict[str, bytes]:
    data = result.folder / "data.zarr"
    return {str(p.relative_to(data)): p.read_bytes() for p in sorted(data.rglob("*")) if p.is_file()}


def test_rain_in_a_bucket_stands_as_high_as_it_fell(run, document_of):
    # 36 mm/h is 0.01 mm/s: after 10 s 0.1 mm, after 20 s and later 0.2 mm, stored in steps of 1 mm; so pour 100 times
    found = run(document_of(options={"bucket": {"catch": 100}}))
    np.testing.assert_allclose([np.nanmax(found.frame("water_depth", i)) for i in range(4)], [0.01, 0.02, 0.02, 0.02])
    assert found.times == [10, 20, 30, 40]
    # each house covers 25 cells of 2 m, 5 by 5
    assert int(np.isnan(found.frame("max_water_depth")).sum()) == 50


def test_frames_and_progress_come_as_the_run_goes(run, document_of):
    frames, told = [], []
    run(document_of(), on_frame=lambda *one: frames.append(one), on_progress=lambda *one: told.append(one))
    assert [(name, float(frame["time"])) for name, frame in frames] == [("bucket", t) for t in (10, 20, 30, 40)]
    assert {one["key"] for one in frames[0][1].attrs["indicators"]} >= {"flooded_area", "buildings_touched"}
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert (0.25, "bucket 10 s") in told


def test_the_same_scenario_is_never_run_twice(run, bucket, document_of):
    first = run(document_of())
    again = run(document_of(name={"fr": "Autres mots"}), on_frame=pytest.fail)
    assert again.digest == first.digest
    assert bucket.prepared == ["bucket"]
    run(document_of(seed=1))
    assert bucket.prepared == ["bucket"] * 2


def test_two_runs_into_two_stores_give_the_same_bytes(run, document_of):
    edits = [{"edit": "wall", "id": "w", "line": [[149001, 172001], [149009, 172001]], "height_m": 1}]
    one, other = (run(document_of(edits=edits), store=name) for name in ("one", "other"))
    assert files(one) == files(other)
    assert one.manifest["data_sha256"] == other.manifest["data_sha256"]


def test_the_real_flood_gives_the_same_bytes_on_one_thread_and_on_two(run, document_of):
    found = [
        run(document_of(kernels=["flood"], options={"flood": {"threads": count}}), store=str(count), table=None)
        for count in (1, 2)
    ]
    assert found[0].digest == found[1].digest
    assert files(found[0]) == files(found[1])


def test_the_flood_runs_on_a_drawn_city_and_closes(run, document_of):
    period = {"start": "2021-07-15T12:00:00Z", "duration_s": 120, "output_every_s": 60}
    rain = {"rain": {"kind": "block", "intensity_mm_h": 60, "duration_s": 120}}
    found = run(document_of(kernels=["flood"], period=period, forcing=rain), table=None)
    closure = found.manifest["closure"]["flood"]
    assert closure["error"] < 1e-6
    # 60 mm/h on 60 m by 60 m for two minutes: 7.2 m3, roofs included
    assert closure["ledger"]["volume_rain"] == pytest.approx(7.2, rel=1e-9)
    assert set(found.manifest["fields"]) == {"water_depth", "water_velocity_x", "water_velocity_y"}
    found.verify()


def test_a_wall_drawn_across_the_slope_holds_the_water_back(run, document_of):
    # the plane falls to the east: beside a wall from side to side, at x = 149030, water stands on its western face
    period = {"start": "2021-07-15T12:00:00Z", "duration_s": 300, "output_every_s": 300}
    rain = {"rain": {"kind": "block", "intensity_mm_h": 100, "duration_s": 300}}
    sealed = {"soil": {"law": "none"}, "sewers": {"kind": "none"}}
    plain = {"kernels": ["flood"], "period": period, "forcing": rain, **sealed}
    wall = [{"edit": "wall", "id": "w", "line": [[149030, 172000], [149030, 172060]], "height_m": 0.5}]
    without, with_wall = (run(document_of(**plain, edits=edits), table=None) for edits in ([], wall))
    west_of_it, east_of_it = {"x": 149_029, "y": 172_045}, {"x": 149_031, "y": 172_045}
    assert with_wall.series("water_depth", **west_of_it)[1][-1] > 3 * without.series("water_depth", **west_of_it)[1][-1]
    assert with_wall.series("water_depth", **east_of_it)[1][-1] < without.series("water_depth", **east_of_it)[1][-1]


def test_the_manifest_says_what_went_in(run, city, document_of):
    edits = [{"edit": "storm", "intensity_mm_h": 72, "duration_s": 30}]
    manifest = run(document_of(edits=edits)).manifest
    assert manifest["city"]["digest"] == city.digest
    assert manifest["city"]["demo"] is True
    assert manifest["city"]["sources"][0]["licence"] == "CC0-1.0"
    assert manifest["scenario"]["edits"][0]["edit"] == "storm"
    assert manifest["rain"] == {"steps_s_mm_h": [[0, 72], [30, 0]], "total_mm": 0.6}  # 72 mm/h for 30 s
    assert manifest["kernels"][0]["knobs"] == {"catch": 1.0, "fails_at": 1e9}
    assert {"bxl-twin", "numpy", "numba", "python"} <= set(manifest["versions"])
    assert manifest["closure"]["bucket"]["kind"] == "mass"


def test_the_manifest_says_how_the_result_was_made(run, document_of):
    closure = run(document_of(kernels=["flood"], soil={"law": "horton"}), table=None).manifest["closure"]["flood"]
    remarks = closure["remarks"]
    assert remarks["scheme"] == "fv2"
    assert remarks["soil"] == "horton"
    assert remarks["steps"] >= 1
    assert 149_000 < remarks["shortest_step_x"] < 149_060
    assert 172_000 < remarks["shortest_step_y"] < 172_060
    screened = document_of(kernels=["flood"], options={"flood": {"scheme": "inertia"}})
    found = run(screened, table=None).manifest["closure"]["flood"]["remarks"]
    assert found["scheme"] == "inertia"
    assert isinstance(found["screening_exceeded"], bool)
    assert 0 <= found["fast_share"] <= 1


def test_remarks_become_plain_json_whatever_a_kernel_writes():
    remarks = {"a": np.float32(0.5), "b": np.int64(3), "c": np.bool_(True), "d": np.nan, "e": "words", "f": (1, 2)}
    found = _closure(Closure("mass", 0.0, {}, remarks))["remarks"]
    assert found == {"a": 0.5, "b": 3, "c": True, "d": None, "e": "words", "f": "(1, 2)"}
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize("after", [0, 2])
def test_a_cancelled_run_leaves_nothing(run, document_of, tmp_path, after):
    frames = []
    with pytest.raises(Cancelled):
        run(document_of(), on_frame=lambda *one: frames.append(one), cancelled=lambda: len(frames) >= after)
    assert len(frames) == after
    assert Store(tmp_path / "store").digests() == []
    assert [one.name for one in (tmp_path / "store").iterdir()] == [".lock"]


def test_a_kernel_that_fails_leaves_nothing(run, document_of, tmp_path):
    with pytest.raises(OSError, match="has a hole"):
        run(document_of(options={"bucket": {"fails_at": 30}}))
    assert [one.name for one in (tmp_path / "store").iterdir()] == [".lock"]


def test_a_full_disk_during_a_run_is_said_and_the_next_run_goes_well(run, document_of, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(twin.store, "pack", full)
        with pytest.raises(StoreError, match="the disk is full"):
            run(document_of())
    assert [one.name for one in (tmp_path / "store").iterdir()] == [".lock"]
    run(document_of()).verify()


def test_a_document_that_does_not_fit_is_refused_before_anything_is_computed(run, bucket, document_of):
    with pytest.raises(ScenarioError):
        run(document_of(city="0" * 64))
    with pytest.raises(EditError):
        run(document_of(edits=[{"edit": "remove_wall", "id": "none"}]))
    with pytest.raises(LayerError, match="max_water_depth"):
        run(document_of(kernels=["reader"]), table=[Reader])
    assert bucket.prepared == []


@dataclass(frozen=True)
class Reader:
    """Reads what the bucket leaves."""

    name: ClassVar[str] = "reader"
    layers: ClassVar[tuple[Need, ...]] = (Need("max_water_depth", ("y", "x"), finite=False),)
    forcing: ClassVar[tuple[Need, ...]] = ()
    gives: ClassVar[tuple[str, ...]] = ("water_speed", "max_water_speed")

    def prepare(self, layers, forcing):
        return {"seen": layers["max_water_depth"], "time": 0.0}

    def advance(self, state, until):
        state["time"] = until

    def _twice(self, state, name):
        return xr.Dataset({name: (("y", "x"), 2 * state["seen"].values, attrs(name))}, coords=state["seen"].coords)

    def observe(self, state):
        return self._twice(state, "water_speed").assign_coords(time=state["time"])

    def summarise(self, state):
        return self._twice(state, "max_water_speed")

    def closure(self, state):
        return Closure("mass", 0.0)

    def checkpoint(self, state):
        return {}

    def restore(self, layers, forcing, saved):
        return self.prepare(layers, forcing)


def test_kernels_run_in_the_order_of_what_they_read(run, bucket, document_of):
    document = document_of(kernels=["reader", "bucket"], options={"bucket": {"catch": 100}})
    found = run(document, table=[Reader, bucket])
    assert [one["name"] for one in found.manifest["kernels"]] == ["bucket", "reader"]
    assert np.nanmax(found.frame("max_water_speed")) == pytest.approx(0.04)
    assert np.nanmax(found.frame("water_speed", 0)) == pytest.approx(0.04)


def test_kernels_that_wait_for_each_other_are_refused(run, document_of):
    class One(Reader):
        name = "one"
        gives = ("max_water_depth",)
        layers = (Need("water_speed", ("y", "x")),)

    class Other(Reader):
        name = "other"

    with pytest.raises(ScenarioError, match="wait for each other"):
        run(document_of(kernels=["one", "other"]), table=[One, Other])
