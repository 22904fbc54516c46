"""The balance of a district: worked by hand, conserved, and honest when the answer is no or cannot be known."""

from dataclasses import replace

import numpy as np
import pytest

from kernels.contract import LayerError
from kernels.energy.balance import BOUNDARIES, Factors, Prices, Year, exchange, judge
from kernels.energy.hub import KWH

HOUR = 3600.0


def primary(factor, name="f_el", uncertainty=0.0):
    each = {"electricity": factor, "gas": 1.0}
    return Factors(name, "2026-01-01", "test", "J", each, each, uncertainty)


def carbon(hourly, uncertainty=0.0):
    each = {"electricity": np.asarray(hourly) / KWH, "gas": 0.2 / KWH}
    return Factors("hourly CO2", "2026-01-01", "test", "kg", each, each, uncertainty)


def year_of(use, made, gas=(0.0, 0.0), **more):
    """Two hours, in kW."""
    parts = {
        "use": {"electricity": np.array(use) * 1e3, "gas": np.array(gas) * 1e3},
        "production": {("electricity", "geographical"): np.array(made) * 1e3},
        "contracted": {}, "floor_area": 0.0, "use_uncertainty": 0.0, "production_uncertainty": 0.0,
    }  # fmt: skip
    return Year(HOUR, **parts | more)


def line(lines, kind, boundary="geographical", factors=None):
    return next(one for one in lines if (one.type, one.boundary) == (kind, boundary) and factors in (None, one.factors))


PRICES = Prices("2026-01-01", "test", {"electricity": 0.3 / KWH, "gas": 0.1 / KWH}, {"electricity": 0.05 / KWH})


def test_exchange_is_that_of_the_hand():
    # 3 of 10 kWh made are used, of 8 used: 5 bought in the second hour at 0.3, 7 given in the first at 0.05
    found = exchange(year_of([3, 5], [10, 0], gas=[2, 0]), "geographical", PRICES, carbon([0.1, 0.4]))
    assert found.self_consumption == pytest.approx(0.3)
    assert found.self_sufficiency == pytest.approx(3 / 8)
    assert (found.peak_bought, found.peak_given) == (5e3, 7e3)
    assert found.cost == pytest.approx(5 * 0.3 - 7 * 0.05 + 2 * 0.1)
    assert found.carbon_dioxide == pytest.approx(5 * 0.4 - 7 * 0.1 + 2 * 0.2)
    assert {key: value / KWH for key, value in found.bought.items()} == {"electricity": 5, "gas": 2}


def test_bought_less_given_is_used_less_made_at_every_boundary():
    chance = np.random.default_rng(0)
    made = {("electricity", place): chance.uniform(0, 5e3, 8760) for place in BOUNDARIES}
    year = year_of(chance.uniform(0, 9, 8760), [0], gas=np.zeros(8760), production=made)
    for count, boundary in enumerate(BOUNDARIES, 1):
        found = exchange(year, boundary, PRICES, carbon(np.full(8760, 0.2)))
        inside = sum(one.sum() for one in list(made.values())[:count])
        expected = (year.use["electricity"].sum() - inside) * HOUR
        assert found.bought["electricity"] - found.given["electricity"] == pytest.approx(expected, rel=1e-12)


def test_the_factor_of_electricity_can_turn_the_verdict():
    # 3 kWh of electricity more than bought, 6 of gas: 2.5 * 3 - 6 = +1.5, 1.9 * 3 - 6 = -0.3
    year = year_of([0, 4], [7, 0], gas=[3, 3])
    lines = judge(year, [primary(2.5, "f_el 2.5"), primary(1.9, "f_el 1.9"), carbon([0.1, 0.4])])
    dynamic = [line(lines, "dynamic", factors=name) for name in ("f_el 2.5", "f_el 1.9", "hourly CO2")]
    assert [one.positive for one in dynamic] == ["yes", "no", "no"]
    np.testing.assert_allclose([one.balance for one in dynamic[:2]], [1.5 * KWH, -0.3 * KWH])
    # in CO2: 7 * 0.1 given at noon, 4 * 0.4 bought at night, 6 * 0.2 of gas
    assert dynamic[2].balance == pytest.approx(0.7 - 1.6 - 1.2)
    assert dynamic[2].shortfall == pytest.approx(2.1)


def test_every_type_boundary_and_factor_has_its_line():
    lines = judge(year_of([1, 1], [1, 1]), [primary(2.5, "a"), primary(1.9, "b"), carbon([0.1, 0.1])])
    assert len(lines) == len({(one.type, one.boundary, one.factors) for one in lines}) == 36


def test_a_district_that_buys_at_night_is_not_autonomous():
    lines = judge(year_of([0, 4], [9, 0]), [primary(2.5)])
    assert (line(lines, "autonomous").positive, line(lines, "dynamic").positive) == ("no", "yes")
    assert "buys" in line(lines, "autonomous").why
    alone = judge(year_of([4, 4], [9, 5]), [primary(2.5)])
    assert line(alone, "autonomous").positive == "yes"


def test_plants_elsewhere_count_from_their_boundary_on_and_contracts_for_virtual_ones_only():
    made = {
        ("electricity", place): np.array([0.0, power]) for place, power in zip(BOUNDARIES, (1e3, 2e3, 4e3), strict=True)
    }
    year = year_of([0, 5], [0], production=made, contracted={"electricity": np.array([0.0, 3e3])})
    lines = judge(year, [primary(1.0)])
    dynamic = [line(lines, "dynamic", boundary).balance / KWH for boundary in BOUNDARIES]
    virtual = [line(lines, "virtual", boundary).balance / KWH for boundary in BOUNDARIES]
    np.testing.assert_allclose(dynamic, [-4, -2, 2])
    np.testing.assert_allclose(virtual, [-1, 1, 5])


def test_certificates_cover_what_lacks_and_no_more():
    year = year_of([0, 4], [1, 0])
    for amount, balance, positive in ((2.0, -1.0, "no"), (3.0, 0.0, "yes"), (50.0, 0.0, "yes")):
        found = line(judge(year, [primary(1.0)], certificates={"electricity": amount * KWH}), "pre_ped")
        assert found.balance == pytest.approx(balance * KWH)
        assert found.positive == positive


def test_context_counts_by_the_floor_for_energy_and_not_for_carbon():
    year = year_of([0, 4], [1, 0], floor_area=10.0)
    lines = judge(year, [primary(1.0), carbon([0.2, 0.2])], context=0.5 * KWH)
    assert line(lines, "dynamic", factors="f_el").balance == pytest.approx(2 * KWH)
    assert line(lines, "dynamic", factors="hourly CO2").balance == pytest.approx(-3 * 0.2)


def test_the_band_is_that_of_many_drawn_years():
    # first order against 20 000 draws, to the noise of their spread (0.5 %) and of kinks at nil
    chance = np.random.default_rng(5)
    use, made = chance.uniform(5, 6, 24), np.where(np.arange(24) % 2, 12.0, 0.0)
    year = year_of(use, made, gas=np.zeros(24), use_uncertainty=0.05, production_uncertainty=0.08)
    found = line(judge(year, [primary(2.5, uncertainty=0.1)]), "dynamic")
    drawn = []
    for a, b, c in zip(*(1 + chance.normal(size=(3, 20_000)) * [[0.05], [0.08], [0.1]]), strict=True):
        drawn.append(2.5 * c * (b * made - a * use).sum() * KWH)
    half = 1.96 * np.std(drawn)
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=0.02)


def test_what_cannot_be_known_is_said():
    year = year_of([0, 4], [4.1, 0], use_uncertainty=0.1, production_uncertainty=0.1)
    found = line(judge(year, [primary(2.5)]), "dynamic")
    assert found.positive == "within the band"
    assert found.low < 0 < found.high
    sure = replace(year, use_uncertainty=0.001, production_uncertainty=0.001)
    assert line(judge(sure, [primary(2.5)]), "dynamic").positive == "yes"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: year_of([0, 1], [1]), "one length"),
        (lambda: year_of([0, np.nan], [1, 1]), "use of electricity must be finite"),
        (lambda: year_of([0, 1], [0], production={("electricity", "moon"): np.zeros(2)}), "at 'moon'"),
        (lambda: year_of([0, 1], [1, 1], use_uncertainty=-1.0), "use_uncertainty"),
        (lambda: exchange(year_of([0, 1], [1, 1]), "moon", PRICES, carbon([0, 0])), "no boundary 'moon'"),
        (lambda: exchange(year_of([0, 1], [1, 1]), "virtual", PRICES, primary(1.0)), "expected kg"),
        (lambda: judge(year_of([0, 1], [1, 1]), [replace(primary(1.0), delivered={"gas": 1.0})]), "says nothing of"),
    ],
)
def test_what_means_nothing_is_refused(call, words):
    with pytest.raises(LayerError, match=words):
        call()
