"""Results on disk: whole or not at all, packed within half a step, the same bytes every time."""

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import twin.store
from kernels.quantities import QUANTITIES, attrs
from twin.packing import NARROW, WIDE, PackingError, dtype_of, missing, pack
from twin.result import StoreError
from twin.store import Store

DIGEST = "ab" * 32
SHAPE = (5, 7)
TIMES = [10.0, 20.0, 30.0]


def field(name: str, values) -> xr.Dataset:
    coords = {"y": 172_000.5 + np.arange(SHAPE[0]), "x": 149_000.5 + np.arange(SHAPE[1])}
    return xr.Dataset({name: (("y", "x"), np.asarray(values), attrs(name))}, coords=coords)


def depth(value: float) -> xr.Dataset:
    values = value + 0.01 * np.arange(35.0).reshape(SHAPE)
    values[2, 3] = np.nan
    return field("water_depth", values.astype(np.float32))


def write(store: Store, digest: str = DIGEST, values=(0.0, 0.5, 1.0), summary: xr.Dataset | None = None):
    with store.writer(digest, depth(0), TIMES, start="2021-07-15T12:00:00Z", about={"title": "test"}) as writer:
        for value in values:
            writer.append(depth(value))
        return writer.finish({"indicators": [], "grid": {}}, summary)


def test_what_goes_along_nodes_is_kept_beside_the_grid(tmp_path):
    names, heads = np.array(["M 1", "M2", "OUT"]), np.array([10.1234, 40.0, -1.0])

    def at_nodes(name: str, values) -> xr.Dataset:
        return xr.Dataset({name: (("node",), np.asarray(values, float), attrs(name))}, coords={"node": names})

    store = Store(tmp_path)
    with store.writer(DIGEST, depth(0), TIMES, start="2021-07-15T12:00:00Z", about={}) as writer:
        # the last one needs the wide type
        for value in (0.0, 0.5, 100.0):
            writer.append(xr.merge([depth(value), at_nodes("node_head", heads + value)]))
        summary = xr.merge(
            [field("max_water_depth", depth(1.0)["water_depth"].values), at_nodes("max_node_head", heads)]
        )
        found = writer.finish({"indicators": [], "grid": {}}, summary)
    np.testing.assert_allclose(found.frame("node_head", 2), heads + 100.0, atol=5.1e-4)
    np.testing.assert_allclose(found.frame("node_head", 0), heads, atol=5.1e-4)
    np.testing.assert_allclose(found.frame("max_node_head"), heads, atol=5.1e-4)
    assert found.dataset["node"].values.tolist() == [0, 1, 2]
    assert found.dataset["node"].attrs["flag_meanings"] == "M_1 M2 OUT"
    assert found.manifest["fields"] == ["water_depth"]
    assert found.manifest["summary"] == ["max_water_depth"]
    assert found.manifest["along"] == {"node_head": "node", "max_node_head": "node"}
    found.verify()


def test_a_result_reads_back_within_half_a_step(tmp_path):
    store = Store(tmp_path)
    assert not store.has(DIGEST)
    write(store, summary=field("max_water_depth", depth(1.0)["water_depth"].values))
    found = store.open(DIGEST)
    step = QUANTITIES["water_depth"].step
    for index, value in enumerate((0.0, 0.5, 1.0)):
        np.testing.assert_allclose(found.frame("water_depth", index), depth(value)["water_depth"], atol=step / 2 + 1e-7)
    np.testing.assert_allclose(found.frame("max_water_depth"), depth(1.0)["water_depth"], atol=step / 2 + 1e-7)
    assert np.isnan(found.frame("water_depth", 0)[2, 3])
    assert found.times == TIMES
    assert store.digests() == [DIGEST]
    found.verify()


def test_coordinates_are_exact_and_carry_no_fill_value(tmp_path):
    write(Store(tmp_path))
    group = zarr.open_group(tmp_path / DIGEST / "data.zarr", mode="r")
    for name in ("time", "x", "y"):
        assert "_FillValue" not in group[name].attrs
    np.testing.assert_array_equal(group["x"][:], depth(0)["x"].values)
    packed = group["water_depth"]
    assert packed.dtype == np.int16
    assert packed.metadata.zarr_format == 3
    assert packed.attrs["scale_factor"] == QUANTITIES["water_depth"].step
    assert packed.shards == (1, *SHAPE)


def test_a_plain_reader_sees_times_units_and_gaps(tmp_path):
    write(Store(tmp_path))
    with xr.open_zarr(tmp_path / DIGEST / "data.zarr", consolidated=False, chunks=None) as data:
        assert data["time"].values[0] == np.datetime64("2021-07-15T12:00:10")
        assert data["water_depth"].attrs["units"] == "m"
        assert int(data["water_depth"].isnull().sum()) == 3
        assert data["water_depth"].attrs["grid_mapping"] == "crs"
        assert data["crs"].attrs["grid_mapping_name"] == "lambert_conformal_conic"


def test_series_at_a_point(tmp_path):
    write(Store(tmp_path))
    found = Store(tmp_path).open(DIGEST)
    times, values = found.series("water_depth", 149_001.9, 172_001.1)
    assert times == TIMES
    # row 1, column 1 is entry 8 of the hand-made pattern
    np.testing.assert_allclose(values, [0.08, 0.58, 1.08], atol=5.1e-4)
    for x, y in ((148_999.9, 172_001.0), (149_007.1, 172_001.0), (149_001.0, 172_005.1)):
        with pytest.raises(StoreError, match="outside the grid"):
            found.series("water_depth", x, y)


def test_two_stores_hold_the_same_bytes(tmp_path):
    folders = [write(Store(tmp_path / name)).folder / "data.zarr" for name in ("one", "two")]
    contents = [{p.relative_to(f): p.read_bytes() for p in sorted(f.rglob("*")) if p.is_file()} for f in folders]
    assert contents[0] == contents[1]
    manifests = [json.loads((f.parent / "manifest.json").read_text()) for f in folders]
    assert manifests[0]["data_sha256"] == manifests[1]["data_sha256"]


def test_numbers_too_large_for_16_bits_get_more_never_wrap(tmp_path):
    store = Store(tmp_path)
    write(store, values=(0.0, 1.0, 50.0))  # 50 m at 1 mm is beyond 32,767 steps
    found = store.open(DIGEST)
    for index, value in enumerate((0.0, 1.0, 50.0)):
        np.testing.assert_allclose(found.frame("water_depth", index), depth(value)["water_depth"], atol=6e-4)
    assert zarr.open_group(found.folder / "data.zarr", mode="r")["water_depth"].dtype == np.int32
    assert not list((found.folder / "data.zarr").glob("*_wide"))
    found.verify()


def test_what_no_type_can_hold_is_refused_and_nothing_stays(tmp_path):
    store = Store(tmp_path)
    for bad, words in ((3e6, "more than"), (np.inf, "infinite")):
        with pytest.raises(StoreError, match=words), store.writer(DIGEST, depth(0), TIMES, start="x") as writer:
            writer.append(field("water_depth", np.full(SHAPE, bad)))
        assert [one.name for one in tmp_path.iterdir()] == [".lock"]


@settings(deadline=None)
@given(arrays(np.float64, 20, elements=st.floats(-32.767, 32.767) | st.just(np.nan)))
def test_packing_is_exact_to_half_a_step(values):
    dtype = dtype_of("water_velocity_x", values)
    stored = pack("water_velocity_x", values, dtype)
    assert dtype == NARROW
    assert ((stored == missing(dtype)) == np.isnan(values)).all()
    known = ~np.isnan(values)
    assert (np.abs(stored[known] * 0.001 - values[known]) <= 0.0005 * (1 + 1e-9)).all()


def test_the_narrow_type_ends_where_its_last_step_does():
    assert dtype_of("water_depth", np.array([32.767])) == NARROW
    assert dtype_of("water_depth", np.array([32.768])) == WIDE
    assert dtype_of("water_depth", np.array([-32.768])) == WIDE  # that number means "missing" in 16 bits
    with pytest.raises(PackingError, match="reaches"):
        dtype_of("water_depth", np.array([2_147_484.0]))


def test_a_run_that_does_not_finish_leaves_nothing(tmp_path):
    store = Store(tmp_path)
    with pytest.raises(StoreError, match="2 of 3 frames"):
        write(store, values=(0.0, 1.0))
    with store.writer(DIGEST, depth(0), TIMES, start="x") as writer:
        writer.append(depth(0))
    assert not store.has(DIGEST)
    assert [one.name for one in tmp_path.iterdir()] == [".lock"]


def test_frames_that_are_not_as_announced_are_refused(tmp_path):
    with Store(tmp_path).writer(DIGEST, depth(0), TIMES, start="x") as writer:
        writer.append(depth(0))
        with pytest.raises(StoreError, match="same fields"):
            writer.append(field("water_speed", np.zeros(SHAPE)))
        with pytest.raises(StoreError, match="goes along"):
            writer.append(depth(0).isel(x=slice(3)))


def test_the_same_digest_finished_twice_is_one_result(tmp_path):
    store = Store(tmp_path)
    with store.writer(DIGEST, depth(0), TIMES, start="2021-07-15T12:00:00Z", about={"title": "test"}) as slow:
        for value in (0.0, 0.5, 1.0):
            slow.append(depth(value))
        first = write(store)
        late = slow.finish({"indicators": [], "grid": {}})
    assert late.manifest == first.manifest
    assert sorted(one.name for one in tmp_path.iterdir()) == [".lock", DIGEST]


_WRITER = """
import sys, time
sys.path.insert(0, {here!r})
from test_store import DIGEST, TIMES, Store, depth
writer = Store({root!r}).writer(DIGEST, depth(0), TIMES, start="x")
writer.append(depth(0))
print("writing", flush=True)
time.sleep(60)
"""


def test_what_a_killed_run_left_is_removed_and_a_living_one_is_not(tmp_path):
    code = _WRITER.format(here=str(Path(__file__).parent), root=str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "writing\n"
        Store(tmp_path)
        assert len(list(tmp_path.glob(".unfinished-*"))) == 1
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    Store(tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == [".lock"]


def test_a_full_disk_is_said_clearly_and_nothing_half_good_stays(tmp_path, monkeypatch):
    store = Store(tmp_path)
    real = twin.store.pack

    def full(name, values, dtype):
        if np.nanmax(values) > 0.8:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(name, values, dtype)

    monkeypatch.setattr(twin.store, "pack", full)
    with pytest.raises(StoreError, match="the disk is full; nothing of this run was kept") as caught:
        write(store)
    assert caught.value.__cause__.errno == errno.ENOSPC
    assert [one.name for one in tmp_path.iterdir()] == [".lock"]


_BOUNDED = """
import resource, sys
sys.path.insert(0, {here!r})
from test_store import *
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
rng = np.random.default_rng(1)
store = Store({root!r})
big = xr.Dataset({{"water_depth": (("y", "x"), rng.random((700, 700)).astype("f4"), attrs("water_depth"))}},
                 coords={{"y": np.arange(700.0), "x": np.arange(700.0)}})
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    with store.writer(DIGEST, big, TIMES, start="x") as writer:
        writer.append(big)
except StoreError as error:
    print(error)
"""


def test_a_real_refusal_of_the_file_system_is_caught_at_the_writing_itself(tmp_path):
    # a file-size limit makes write() fail as a full disk does, below every library
    code = _BOUNDED.format(here=str(Path(__file__).parent), root=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "the disk is full; nothing of this run was kept" in done.stdout
    assert [one.name for one in tmp_path.iterdir()] == [".lock"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        Store(tmp_path / "file" / "store")


@pytest.mark.parametrize("digest", ["", "..", "../../etc", "AB" * 32, "ab" * 31])
def test_only_a_digest_names_a_result(tmp_path, digest):
    with pytest.raises(StoreError, match="is no digest"):
        Store(tmp_path).open(digest)


def test_what_is_not_there_is_said(tmp_path):
    store = Store(tmp_path)
    with pytest.raises(StoreError, match="run the scenario first"):
        store.open(DIGEST)
    found = write(store)
    with pytest.raises(StoreError, match=r"there are \['water_depth'\]"):
        found.frame("noise")
    with pytest.raises(StoreError, match="3 output times"):
        found.frame("water_depth", 3)
    store.discard(DIGEST)
    assert not store.has(DIGEST)
    store.discard(DIGEST)


def test_a_changed_byte_is_noticed(tmp_path):
    found = write(Store(tmp_path))
    shard = found.folder / "data.zarr" / "water_depth" / "c" / "1" / "0" / "0"
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 1
    shard.write_bytes(content)
    with pytest.raises(StoreError, match="not what was written"):
        found.verify()


def test_a_damaged_manifest_is_said(tmp_path):
    found = write(Store(tmp_path))
    (found.folder / "manifest.json").write_text("{")
    with pytest.raises(StoreError, match="cannot be read"):
        _ = Store(tmp_path).open(DIGEST).manifest
    (found.folder / "manifest.json").write_text('{"bxl_twin_result": 99}')
    with pytest.raises(StoreError, match="layout 99"):
        _ = Store(tmp_path).open(DIGEST).manifest
