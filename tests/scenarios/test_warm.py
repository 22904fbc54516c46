"""Warm runs of variants: as whole ones within 0.1 mm, whole where they cannot be warm, and gone when they end."""

import numpy as np
import pytest

from scenarios import warm as module
from scenarios.engine import simulate
from scenarios.scenario import Scenario
from scenarios.warm import WarmRuns
from twin.store import Store

BASIN = {
    "edit": "basin", "id": "b", "volume_m3": 20,
    "polygon": [[149_026, 172_030], [149_034, 172_030], [149_034, 172_038], [149_026, 172_038]],
}  # fmt: skip


@pytest.fixture
def variants(document_of):
    whole = document_of(
        kernels=["flood"],
        options={"flood": {"max_step": 0.5}},
        period={"start": "2021-07-15T12:00:00Z", "duration_s": 120, "output_every_s": 60},
        forcing={"rain": {"kind": "block", "intensity_mm_h": 900, "duration_s": 60}},
        soil={"law": "none"},
        sewers={"kind": "none"},
    )
    return Scenario.read(whole), Scenario.read(whole | {"edits": [BASIN]})


def test_variants_run_warm_as_they_would_whole(city, variants, tmp_path):
    with WarmRuns() as run:
        warm = [run(city, one) for one in variants]
        assert run.whole is None
        assert warm[1].manifest["closure"]["flood"]["remarks"]["warm_rerun"] is True
        assert "warm_rerun" not in warm[0].manifest["closure"]["flood"]["remarks"]
        deepest = [one.frame("max_water_depth").copy() for one in warm]
        folder = run._folder
    assert not folder.exists()
    whole = [simulate(city, one, store=Store(tmp_path)) for one in variants]
    for one, two in zip(deepest, whole, strict=True):
        # results are kept to the millimetre, so both may round apart
        np.testing.assert_allclose(one, two.frame("max_water_depth"), atol=1.1e-3)
    assert np.nanmax(np.abs(deepest[0] - deepest[1])) > 0.01


def test_what_cannot_be_warm_is_run_whole_and_says_why(city, variants, monkeypatch):
    fast = variants[0].model_copy(update={"options": {"flood": {"scheme": "inertia"}}})
    with WarmRuns() as run:
        run(city, fast)
        assert "local inertia" in run.whole
    monkeypatch.setattr(module, "ROOM", 0.0)
    with WarmRuns() as run:
        run(city, variants[0])
        assert "a recording would take" in run.whole
        assert "warm_rerun" not in run(city, variants[1]).manifest["closure"]["flood"]["remarks"]
