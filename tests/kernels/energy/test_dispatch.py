"""The cheapest schedule of a hub: against closed forms, other formulations, and its own proof of optimality."""

from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

from kernels.contract import KernelError, LayerError
from kernels.energy.dispatch import dispatch
from kernels.energy.dispatch_lp import Levels, build, solve
from kernels.energy.hub import KWH, Hub, Store

HOUR = 3600.0


def in_kwh(*prices):
    return np.array(prices, float) / KWH


def hub_of(days, negative=False, seed=6):
    """A street with roofs, heat pump, boiler, battery, tank and vehicles; prices of a day-ahead shape."""
    chance, hour = np.random.default_rng(seed), np.arange(24 * days)
    price = 0.25 + 0.1 * np.sin(hour / 24 * 4 * np.pi) + chance.uniform(0, 0.05, hour.size)
    if negative:
        price[chance.uniform(size=hour.size) < 0.06] = -0.1
    return Hub(
        dt=HOUR,
        electricity_demand=100e3 + 40e3 * np.sin(hour / 24 * 2 * np.pi) + chance.uniform(0, 20e3, hour.size),
        photovoltaic_ac_power=np.clip(np.sin((hour % 24 - 6) / 12 * np.pi), 0, None) * 300e3,
        buy_price=price / KWH,
        sell_price=0.05 / KWH,
        heat_demand=chance.uniform(20e3, 90e3, hour.size),
        heat_pump_cop=3 + 0.5 * np.sin(hour / 24 * 2 * np.pi),
        heat_pump_power=25e3,
        boiler_power=200e3,
        boiler_efficiency=0.95,
        fuel_price=0.09 / KWH,
        battery=Store(200 * KWH, 80e3, 80e3, 0.95, 0.95, begin=20 * KWH),
        heat_store=Store(100 * KWH, 50e3, 50e3, loss_rate=1e-6),
        vehicle_demand=np.where((hour % 24 > 17) & (hour % 24 < 22), 30e3, 0.0),
        vehicle_power=60e3,
        vehicle_delay=8 * HOUR,
        export_limit=50e3,
    )


def battery_alone(load, buy, sell, eta=0.9, capacity=3.0, power=2.0, sun=0.0, export=np.inf):
    """A battery behind a meter, in kW and kWh."""
    return Hub(
        HOUR, np.array(load, float) * 1e3, np.broadcast_to(sun, len(load)) * 1e3, in_kwh(*buy), in_kwh(*sell),
        battery=Store(capacity * KWH, power * 1e3, power * 1e3, eta, eta), export_limit=export * 1e3,
    )  # fmt: skip


def by_other_formulation(hub, held=None):
    """Cost of a hub with a battery alone, energies eliminated: imports, exports, charge, discharge, curtailment.

    The rows are sums from the first step, solved by the interior point method of SciPy; ``held`` forbids (steps,)
    charge or discharge, and the import or export.
    """
    steps, battery, one = hub.steps, hub.battery, np.eye(hub.steps)
    sums, nil = np.tril(np.ones((steps, steps))), np.zeros((steps, steps))
    cost = np.concatenate((hub.buy_price * KWH, -hub.sell_price * KWH, np.zeros(3 * steps)))
    balance = np.hstack((one, -one, -one, one, -one))
    right = (hub.electricity_demand - hub.photovoltaic_ac_power) / 1e3
    energy = np.hstack((nil, nil, battery.charge_efficiency * sums, -sums / battery.discharge_efficiency, nil))
    room = np.full(steps, battery.capacity / KWH - battery.begin / KWH)
    least = np.full(steps, battery.begin / KWH)
    least[-1] = 0.0
    most = [None] * steps + [hub.export_limit / 1e3 if np.isfinite(hub.export_limit) else None] * steps
    most += [battery.charge_power / 1e3] * steps + [battery.discharge_power / 1e3] * steps
    most += (hub.photovoltaic_ac_power / 1e3).tolist()
    for step, (charges, imports) in enumerate(held or ()):
        most[(3 if charges else 2) * steps + step] = 0.0
        most[(1 if imports else 0) * steps + step] = 0.0
    found = linprog(
        cost, np.vstack((energy, -energy)), np.concatenate((room, least)), balance, right,
        list(zip([0.0] * 5 * steps, most, strict=True)), method="highs-ipm",
    )  # fmt: skip
    return found.fun if found.status == 0 else np.inf


def test_a_battery_gains_the_spread_less_its_losses():
    # buy 2 kWh at 0.10, of which 0.81 come back instead of buying at 0.40: closed form
    hub = battery_alone([0, 5], [0.1, 0.4], [0.0, 0.0])
    found = dispatch(hub)
    assert found.objective == pytest.approx(2 * 0.1 + (5 - 2 * 0.81) * 0.4, rel=1e-9)
    np.testing.assert_allclose(found.schedule.battery_charge, [2e3, 0], atol=1e-6)


def test_optimum_equals_that_of_another_formulation_and_method(measured):
    worst = 0.0
    for seed in range(4):
        chance = np.random.default_rng(seed)
        hub = battery_alone(
            chance.uniform(0, 6, 72), chance.uniform(0.1, 0.5, 72), chance.uniform(0, 0.1, 72),
            sun=chance.uniform(0, 8, 72), export=3.0,
        )  # fmt: skip
        ours, theirs = dispatch(hub).objective, by_other_formulation(hub)
        worst = max(worst, abs(ours - theirs) / abs(theirs))
    measured(
        case="Dispatch of a battery behind a meter, 72 h", source="SciPy linprog, interior point, other formulation",
        ours=worst, bar=1e-6, unit="of the cost",
    )  # fmt: skip


def test_optimum_is_proved_by_its_own_prices(measured):
    # strong duality: feasible x and y with c - A'y of the right sign at the bounds and equal values are optimal,
    # whoever found them (Dantzig 1963)
    programme = build(hub_of(7), 0, 168, Levels(20 * KWH, 0.0), Levels(20 * KWH, 0.0))
    found = solve(programme)
    x, y = found.columns, found.row_dual
    assert np.abs(programme.matrix @ x - programme.right).max() < 1e-7
    assert (x >= programme.lower - 1e-7).all()
    assert (x <= programme.upper + 1e-7).all()
    reduced = programme.cost - programme.matrix.T @ y
    dual = programme.right @ y + np.where(reduced > 0, programme.lower, programme.upper) @ reduced
    measured(
        case="Dispatch of a hub of all parts, 7 days: gap to its dual", source="strong duality, computed here",
        ours=abs(programme.cost @ x - dual) / abs(dual), bar=1e-6, unit="of the cost",
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(2))
def test_negative_prices_never_burn_energy_by_charging_and_discharging_at_once(seed):
    # every choice of directions of 4 steps is tried by another solver: 256 programmes
    chance = np.random.default_rng(seed)
    buy = np.array([-0.2, 0.3, -0.1, 0.2])
    hub = battery_alone(
        chance.uniform(0, 2, 4), buy, np.minimum(buy, 0.05), eta=0.8, sun=chance.uniform(0, 1, 4), export=1.0
    )
    found = dispatch(hub)
    best = min(by_other_formulation(hub, held) for held in product(product((0, 1), (0, 1)), repeat=4))
    assert found.objective == pytest.approx(best, abs=1e-7)
    s = found.schedule
    assert np.minimum(s.battery_charge, s.battery_discharge).max() < 1e-3
    assert np.minimum(s.grid_import, s.grid_export).max() < 1e-3


def test_no_hour_of_a_month_charges_and_discharges_and_every_balance_closes(measured):
    hub = hub_of(28, negative=True)
    found = dispatch(hub)
    s = found.schedule
    assert found.chosen > 0, "the case must hold prices that make burning pay"
    for one, other in ((s.battery_charge, s.battery_discharge), (s.store_charge, s.store_discharge),
                       (s.grid_import, s.grid_export)):  # fmt: skip
        assert np.minimum(one, other).max() < 1e-2
    assert s.unserved_electricity.sum() + s.unserved_heat.sum() < 1e-3
    measured(
        case="Dispatch over 28 days: largest error of a balance", source="sum of all powers at each node",
        ours=max(s.closures(hub).values()) * HOUR / KWH, bar=1e-6, unit="kWh/h",
    )  # fmt: skip


def test_rolling_windows_cost_hardly_more_than_the_whole_at_once(measured):
    hub = hub_of(42)
    rolling, whole = dispatch(hub), dispatch(hub, window=42 * 86_400, overlap=0)
    assert (rolling.windows, whole.windows) == (4, 1)
    assert rolling.objective >= whole.objective * (1 - 1e-9)
    measured(
        case="Dispatch in windows of 14 days, 2 of overlap, against 42 days at once", source="the whole at once",
        ours=rolling.objective / whole.objective - 1, bar=1e-3, unit="of the cost",
    )  # fmt: skip


def test_vehicles_wait_for_the_cheapest_hour_that_they_may_wait_for():
    price = np.full(12, 0.3)
    price[[5, 9]] = 0.1, 0.01  # the cheapest comes too late for a delay of 4 hours
    hub = Hub(
        HOUR, np.zeros(12), np.zeros(12), price / KWH, np.zeros(12), vehicle_demand=np.eye(12)[2] * 7e3,
        vehicle_power=7e3, vehicle_delay=4 * HOUR,
    )  # fmt: skip
    np.testing.assert_allclose(dispatch(hub).schedule.vehicle_power, np.eye(12)[5] * 7e3, atol=1e-6)


def test_heat_comes_from_the_cheaper_of_heat_pump_and_boiler():
    # 0.30 / 3 = 0.10 a kWh from the pump, 0.09 / 0.9 = 0.10 is where the boiler takes over: just below and above
    price = np.array([0.29, 0.31]) / KWH
    hub = Hub(
        HOUR, np.zeros(2), np.zeros(2), price, np.zeros(2), heat_demand=3e3, heat_pump_cop=3.0, heat_pump_power=2e3,
        boiler_power=9e3, boiler_efficiency=0.9, fuel_price=0.09 / KWH,
    )  # fmt: skip
    found = dispatch(hub).schedule
    np.testing.assert_allclose(found.heat_pump_power, [1e3, 0], atol=1e-6)
    np.testing.assert_allclose(found.boiler_heat, [0, 3e3], atol=1e-6)


def test_export_stops_at_the_cap_and_a_negative_price_curtails():
    hub = Hub(HOUR, np.zeros(2), np.full(2, 10e3), in_kwh(0.3, 0.3), in_kwh(0.05, -0.05), export_limit=4e3)
    found = dispatch(hub).schedule
    np.testing.assert_allclose(found.grid_export, [4e3, 0], atol=1e-6)
    np.testing.assert_allclose(found.curtailed, [6e3, 10e3], atol=1e-6)


def test_what_cannot_be_served_is_told():
    hub = Hub(HOUR, np.full(3, 5e3), np.zeros(3), np.zeros(3), np.zeros(3), heat_demand=2e3, import_limit=4e3)
    found = dispatch(hub)
    np.testing.assert_allclose(found.schedule.unserved_electricity, 1e3, atol=1e-6)
    np.testing.assert_allclose(found.schedule.unserved_heat, 2e3, atol=1e-6)
    assert found.schedule.cost(hub) == pytest.approx(0.0, abs=1e-9)
    assert found.objective == pytest.approx(3 * 3 * 10.0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"electricity_demand": np.array([1.0, np.nan])}, "electricity_demand is not a number at step 1"),
        ({"photovoltaic_ac_power": np.array([-1.0, 0.0])}, "photovoltaic_ac_power must be zero or more"),
        ({"buy_price": np.zeros(3)}, "buy_price has the shape"),
        ({"vehicle_demand": 5e3}, "give at least the peak"),
        ({"boiler_efficiency": 0.0}, "boiler_efficiency must lie above 0"),
        ({"dt": 0.0}, "needs steps of a length"),
    ],
)
def test_a_hub_that_means_nothing_is_refused(change, words):
    plain = {"dt": HOUR, "electricity_demand": np.ones(2), "photovoltaic_ac_power": 0.0, "buy_price": 0.0}
    with pytest.raises(LayerError, match=words):
        Hub(**plain | {"sell_price": 0.0} | change)


def test_stores_and_windows_that_mean_nothing_are_refused():
    with pytest.raises(LayerError, match="begins with"):
        Store(1.0, 1.0, 1.0, begin=2.0)
    with pytest.raises(LayerError, match="discharge_efficiency must lie above 0"):
        Store(1.0, 1.0, 1.0, discharge_efficiency=0.0)
    with pytest.raises(LayerError, match="cannot overlap"):
        dispatch(battery_alone([1], [0.1], [0.0]), window=HOUR, overlap=HOUR)
    leaky = Hub(
        HOUR, np.zeros(2), 0.0, 0.0, 0.0, import_limit=0.0, battery=Store(KWH, 1e3, 1e3, loss_rate=1e-3, begin=KWH)
    )
    with pytest.raises(KernelError, match="cannot end with what it began with"):
        dispatch(leaky)
