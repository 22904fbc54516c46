"""The real square kilometre under a real storm and a cloudburst: the books close, and every account is open."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from real_storms import STORMS, real_city, real_storm

from scenarios.engine import simulate
from twin.store import Store

pytestmark = [pytest.mark.data, pytest.mark.slow]


@pytest.fixture(scope="module")
def city(reference_data):
    return real_city(reference_data)


@pytest.mark.parametrize("storm", STORMS)
@pytest.mark.parametrize(("precision", "bar"), [("f64", 1e-12), ("f32", 1e-6)])
def test_the_books_of_the_real_square_kilometre_close(city, measured, tmp_path, storm, precision, bar):
    """At 8 m, so that a day takes seconds; `make bench` runs it at 2 m."""
    result = simulate(city, real_storm(storm, 8.0, precision=precision), store=Store(tmp_path))
    closure = result.manifest["closure"]["flood"]
    ledger = closure["ledger"]
    measured(
        case=f"The real square kilometre at 8 m, {storm}, {precision}: volume", source="the ledger",
        ours=closure["error"], bar=bar,
    )  # fmt: skip
    for account in (
        "volume_rain", "volume_roofs_rain", "volume_infiltrated", "volume_depression", "volume_sink",
        "volume_layers_held", "volume_layers_infiltrated", "volume_roofs_held", "volume_stored", "volume_boundary_out",
    ):  # fmt: skip
        assert ledger[account] > 0, f"{account} is idle: {ledger}"
    # rain on the whole grid by hand, roofs with a way of their own included
    grid = result.manifest["grid"]
    area = grid["rows"] * grid["columns"] * grid["cell_size"] ** 2
    fallen = {"58.9 mm in a day, Uccle, 15 July 2021": 0.0589, "25 mm in an hour": 0.025}[storm]
    rain = ledger["volume_rain"] + ledger["volume_roofs_rain"]
    assert rain <= fallen * area * (1 + 1e-6)
    assert rain > 0.8 * fallen * 1e6
