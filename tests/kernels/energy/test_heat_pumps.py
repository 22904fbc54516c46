"""Heat pumps, their backup and the same machine turned round."""

import numpy as np
import pytest

from kernels.contract import LayerError
from kernels.energy.heat_pumps import COP_CURVES, cop, eer, flow_temperature, supply

ZERO = 273.15


@pytest.mark.parametrize(
    ("kind", "source", "sink", "printed"),
    [
        # by hand from the equations printed in Ruhnau et al. (2019), doi:10.1038/s41597-019-0199-y, times 0.85
        ("air", 0.0, 40.0, 0.85 * (6.08 - 3.6 + 0.8)),
        ("ground", 10.0, 35.0, 0.85 * (10.29 - 6.3 + 1.08)),
        ("water", 10.0, 45.0, 0.85 * (9.97 - 8.0 + 1.92)),
    ],
)
def test_cop_is_that_of_the_paper(kind, source, sink, printed):
    assert cop(kind, ZERO + source, ZERO + sink) == pytest.approx(printed, rel=1e-12)


@pytest.mark.parametrize("kind", COP_CURVES)
def test_more_lift_never_helps(kind):
    found = cop(kind, 263.15, 263.15 + np.linspace(0, 200, 401))
    assert (np.diff(found) <= 0).all()
    assert found.min() >= 1.0
    # no machine beats Carnot, which for 15 K to 30 °C is 20
    assert found.max() < 303.15 / 15


def test_cooling_takes_what_heating_gives_less_the_electricity():
    # the same lift both ways: air at 5 °C to water at 35 °C
    assert eer("air", ZERO + 35, ZERO + 5) == pytest.approx(cop("air", ZERO + 5, ZERO + 35) - 1)
    assert eer("ground", ZERO + 12, ZERO + 7) > eer("air", ZERO + 35, ZERO + 7)


def test_flow_follows_the_weather():
    np.testing.assert_allclose(flow_temperature("radiator", ZERO + np.array([-10.0, 10.0])), [ZERO + 50, ZERO + 30])
    np.testing.assert_allclose(flow_temperature("floor", ZERO + np.array([-10.0, 10.0])), [ZERO + 35, ZERO + 25])


def test_backup_fills_what_the_capacity_leaves_and_energy_closes():
    chance = np.random.default_rng(1)
    demand, outdoor = chance.uniform(0, 10e3, (5, 400)), chance.uniform(263, 290, 400)
    found = supply(demand, cop("air", outdoor, flow_temperature("radiator", outdoor)), 6e3, outdoor, backup_power=3e3)
    assert (found.heat_pump_heat <= 6e3).all()
    assert (found.backup_heat <= 3e3).all()
    assert (found.backup_heat[found.heat_pump_heat < 6e3] == 0).all()
    total = found.electricity + found.ambient_heat + found.backup_heat + found.unserved
    np.testing.assert_allclose(total, demand, rtol=1e-13)
    np.testing.assert_allclose(found.unserved, np.maximum(demand - 9e3, 0), atol=1e-9)
    np.testing.assert_allclose(found.fuel * 0.92, found.backup_heat, rtol=1e-13)


def test_an_alternative_plant_changes_over_at_its_bivalence_point():
    outdoor = ZERO + np.array([-5.0, 5.0])
    found = supply(np.full(2, 8e3), 3.0, 6e3, outdoor, bivalence=ZERO, alternative=True)
    np.testing.assert_allclose(found.heat_pump_heat, [0, 6e3])
    np.testing.assert_allclose(found.backup_heat, [8e3, 0])
    np.testing.assert_allclose(found.unserved, [0, 2e3])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: cop("magma", 280.0, 300.0), "no heat pump called 'magma'"),
        (lambda: flow_temperature("stove", 280.0), "no emitter called 'stove'"),
        (lambda: supply([-1.0], 3.0, 1.0, [280.0]), "demand must be 0 or more"),
        (lambda: supply([np.nan, 1.0], 3.0, 1.0, [280.0, 280.0]), "demand must be 0 or more"),
        (lambda: supply([1.0], 0.5, 1.0, [280.0]), "performance must be 1 or more"),
        (lambda: supply([1.0], 3.0, 1.0, [280.0], backup_efficiency=2.0), "backup_efficiency"),
    ],
)
def test_what_means_nothing_is_refused(call, words):
    with pytest.raises(LayerError, match=words):
        call()
