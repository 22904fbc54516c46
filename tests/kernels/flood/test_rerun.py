"""A warm rerun after an edit: equal to the cold one within 0.1 mm, computing only what the edit reaches."""

import numpy as np
import pytest
import xarray as xr

from kernels.contract import LayerError, run
from kernels.flood.kernel import Flood
from kernels.flood.recording import Recording, record
from kernels.flood.rerun import rerun
from kernels.quantities import attrs

SIZE, CELL = 320, 2.0
TIMES = [60.0, 240.0, 480.0]
SOIL = {
    "saturated_hydraulic_conductivity": 1.8e-6, "wetting_front_suction": 0.1668, "moisture_deficit": 0.243,
    "depression_storage": 0.002, "sink_capacity": 10 / 3.6e6,
}  # fmt: skip


def _drain(frames):
    found = []
    while True:
        try:
            found.append(next(frames))
        except StopIteration as end:
            return found, end.value


@pytest.fixture(scope="module")
def town(make_layers):
    """Hills of 640 m with 169 buildings, soil, hollows and an assumed sewer."""
    x = (np.arange(SIZE) + 0.5) * CELL
    X, Y = np.meshgrid(x, x)
    bed = 20 + 4 * np.sin(X / 150) * np.cos(Y / 170) + 0.01 * X + 0.05 * np.sin(X / 9) * np.sin(Y / 11)
    building = np.full(bed.shape, -1, np.int32)
    for number in range(169):
        row, column = 5 + 24 * (number // 13), 5 + 24 * (number % 13)
        building[row : row + 12, column : column + 10] = number
    soil = {name: np.full(bed.shape, value) for name, value in SOIL.items()}
    return make_layers(bed, CELL, building_index=building, **soil)


@pytest.fixture(scope="module")
def storm(make_forcing):
    return make_forcing(rain=([0.0, 300.0], [150 / 3.6e6, 0.0]))


def _kernel(scheme, **more):
    # a step that no water of either run shortens, so that both have the same steps: a difference of steps alone
    # moves the result by some 0.1 mm, whatever is computed
    return Flood(scheme=scheme, soil="green_ampt", max_step=0.5, threads=1, **more)


def _with_wall(layers):
    crest = np.full((SIZE, SIZE + 1), np.nan)
    crest[240:256, 243] = layers["ground_elevation"].values[240:256, 243] + 1.0
    return layers.assign(wall_crest_x=(("y", "x_face"), crest, attrs("wall_crest_x")))


def _with_lawn_and_house(layers):
    """A new house, and around it ground that drinks more."""
    index = layers["building_index"].values.copy()
    conductivity = layers["saturated_hydraulic_conductivity"].values.copy()
    conductivity[118:140, 210:236] = 3e-5
    index[122:128, 212:216] = 999
    return layers.assign(
        building_index=(("y", "x"), index, attrs("building_index")),
        saturated_hydraulic_conductivity=(("y", "x"), conductivity, attrs("saturated_hydraulic_conductivity")),
    )


@pytest.fixture(scope="module")
def recorded(town, storm, tmp_path_factory):
    """Recordings by scheme, each made once."""
    made = {}

    def of(scheme):
        if scheme not in made:
            folder = tmp_path_factory.mktemp("recording") / scheme
            made[scheme] = (folder, *_drain(record(_kernel(scheme), town, storm, TIMES, folder)))
        return made[scheme]

    return of


@pytest.mark.parametrize("scheme", ["fv1", "fv2"])
@pytest.mark.parametrize("edit", [_with_wall, _with_lawn_and_house])
def test_a_warm_rerun_equals_the_cold_one_within_a_tenth_of_a_millimetre(town, storm, recorded, measured, scheme, edit):
    folder, base, _ = recorded(scheme)
    layers = edit(town)
    cold, cold_end = _drain(run(_kernel(scheme), layers, storm, Recording(folder).times[1:]))
    cold = [frame for frame in cold if float(frame.time) in TIMES]
    warm, warm_end = _drain(rerun(_kernel(scheme), layers, storm, TIMES, folder))
    felt = max(float(abs(one.water_depth - two.water_depth).max()) for one, two in zip(base, cold, strict=True))
    assert felt > 2e-3, "the edit changes too little to prove anything"
    apart = max(float(abs(one.water_depth - two.water_depth).max()) for one, two in zip(warm, cold, strict=True))
    for one, two in zip(warm, cold, strict=True):
        np.testing.assert_array_equal(np.isnan(one.water_depth), np.isnan(two.water_depth))
    deepest = abs(warm_end.summary["max_water_depth"] - cold_end.summary["max_water_depth"])
    measured(
        case=f"Warm rerun {edit.__name__.strip('_').replace('_', ' ')}, {scheme}: depth anywhere, at any time",
        source="the cold run of the same layers", ours=max(apart, float(deepest.max())), bar=1e-4, unit="m",
    )  # fmt: skip
    assert warm_end.closure.remarks["computed_share"] <= 0.35
    late = abs(warm_end.summary["duration_10"] - cold_end.summary["duration_10"])
    assert float(late.max()) <= 20.0


def test_without_an_edit_nothing_is_computed_and_the_recording_comes_back(town, storm, recorded):
    folder, base, end = recorded("fv1")
    warm, warm_end = _drain(rerun(_kernel("fv1"), town, storm, TIMES, folder))
    assert warm_end.closure.remarks["computed_share"] == 0.0
    for one, two in zip(warm, base, strict=True):
        xr.testing.assert_identical(one, two)
    xr.testing.assert_identical(warm_end.summary, end.summary)


def test_a_recording_is_the_plain_run_with_more_landings(town, storm, recorded):
    folder, base, end = recorded("fv1")
    plain, plain_end = _drain(run(_kernel("fv1"), town, storm, Recording(folder).times[1:]))
    plain = [frame for frame in plain if float(frame.time) in TIMES]
    for one, two in zip(base, plain, strict=True):
        xr.testing.assert_identical(one, two)
    assert end.closure.ledger == plain_end.closure.ledger


def test_what_is_not_the_recording_is_refused_with_the_remedy(town, storm, make_forcing, recorded, tmp_path):
    folder, _, _ = recorded("fv1")

    def refused(match, kernel=None, layers=town, forcing=storm, times=TIMES, where=folder):
        with pytest.raises(LayerError, match=match):
            next(rerun(kernel or _kernel("fv1"), layers, forcing, times, where))

    refused("another rain", forcing=make_forcing(rain=([0.0, 300.0], [50 / 3.6e6, 0.0])))
    refused("same knobs", kernel=_kernel("fv1", manning=0.05))
    refused("no snapshot at 61", times=[61.0])
    refused("has a grid of", layers=town.isel(x=slice(0, 300)))
    refused("run it whole", kernel=Flood(scheme="inertia"))
    refused("no finished recording", where=tmp_path / "nowhere")
    with pytest.raises(LayerError, match="run it whole"):
        next(record(Flood(scheme="inertia"), town, storm, TIMES, tmp_path / "r"))


def test_a_recording_that_was_cut_off_is_none(town, storm, tmp_path):
    frames = record(_kernel("fv1"), town, storm, TIMES, tmp_path / "r")
    next(frames)
    frames.close()
    with pytest.raises(LayerError, match="no finished recording"):
        Recording(tmp_path / "r")
