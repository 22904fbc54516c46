"""Energy signatures: the very least squares, known parameters found again, intervals that hold what they promise."""

import numpy as np
import pytest
from scipy.optimize import minimize

from kernels.contract import LayerError
from kernels.energy.signature import MODELS, agreement, energy_expected, expected, fit, savings

DAY = 86400.0


def year(seed=0, days=365):
    """Daily temperatures of a made-up temperate year. [K]"""
    rng = np.random.default_rng(seed)
    return 283.5 + 8.0 * np.sin(2 * np.pi * (np.arange(days) - 110) / 365) + rng.normal(0, 3.0, days)


def signature(T, base, below, cold, above, hot):
    return base + below * np.maximum(cold - T, 0) + above * np.maximum(T - hot, 0)


TRUE = {
    "3p_heating": (900.0, 120.0, 288.0, 0.0, 330.0),
    "3p_cooling": (700.0, 0.0, 200.0, 90.0, 286.0),
    "4p": (800.0, 150.0, 286.0, 40.0, 286.0),
    "5p": (600.0, 130.0, 283.0, 80.0, 289.0),
}


@pytest.mark.parametrize("model", TRUE)
def test_a_signature_without_noise_is_found_again_to_the_last_digits(model):
    T = year()
    found = fit(T, signature(T, *TRUE[model])[None])
    assert MODELS[found.model[0]] == model
    np.testing.assert_allclose(expected(found, T)[0], signature(T, *TRUE[model]), rtol=1e-9)
    assert found.cv_rmse[0] < 1e-6
    assert abs(found.nmbe[0]) < 1e-9


def test_a_flat_meter_is_a_mean_and_a_steady_slope_a_line():
    T = year()
    rng = np.random.default_rng(3)
    flat, slope = 500 + rng.normal(0, 20, 365), 5000 - 10 * T + rng.normal(0, 5, 365)
    assert [MODELS[k] for k in fit(T, np.stack([flat, slope])).model] == ["mean", "line"]


@pytest.mark.parametrize("model", ["3p_heating", "3p_cooling", "4p", "5p"])
def test_a_search_from_many_starts_finds_the_same_least_squares(model, measured):
    """SciPy's Nelder-Mead over the change points, slopes by lstsq at each: an independent way to the least squares."""
    worst = 0.0
    for seed in range(4):
        rng = np.random.default_rng(seed)
        T = rng.choice(year(seed), 40, replace=False)
        power = signature(T, *TRUE[model]) + rng.normal(0, 150, T.size)
        ours = fit(T, power[None], model=model)
        low, high = np.sort(T)[[2, -3]]  # three readings on either side

        def left(change, T=T, power=power, low=low, high=high):
            cold, hot = (change[0], change[-1])
            if not (low <= cold <= high and low <= hot <= high and cold <= hot):
                return 1e12
            columns = [np.ones(T.size)]
            if model != "3p_cooling":
                columns.append(np.maximum(cold - T, 0))
            if model != "3p_heating":
                columns.append(np.maximum(T - hot, 0))
            if model == "5p" and ((cold <= T) & (hot >= T)).sum() < 3:
                return 1e12
            solved, *_ = np.linalg.lstsq(np.stack(columns, 1), power, rcond=None)
            if (model != "4p" and (solved[1:] <= 0).any()) or (model == "4p" and solved[1] + solved[2] <= 0):
                return 1e12
            return ((np.stack(columns, 1) @ solved - power) ** 2).sum()

        starts = np.linspace(low, high, 8 if model == "5p" else 12)[1:-1]
        pairs = [(a, b) for a in starts for b in starts if a < b] if model == "5p" else [(a,) for a in starts]
        search = {"method": "Nelder-Mead", "options": {"xatol": 1e-9, "fatol": 1e-6, "maxiter": 200}}
        best = min(minimize(left, pair, **search).fun for pair in pairs)
        assert best < 1e12
        worst = max(worst, abs(ours.rss[0, ours.model[0]] / best - 1.0))
    measured(case=f"least squares of {model} signatures, 40 noisy days", source="SciPy Nelder-Mead from many starts",
             ours=worst, bar=1e-6, unit="1")  # fmt: skip


def test_ninety_of_a_hundred_intervals_hold_the_true_saving(measured):
    """Closed truth: the meter goes on unchanged, so that the true saving of the second year is 0."""
    rng = np.random.default_rng(8)
    meters, before, after = 600, year(1), year(2)
    truth = TRUE["3p_heating"]
    first = signature(before, *truth) + rng.normal(0, 150, (meters, 365))
    second = signature(after, *truth) + rng.normal(0, 150, (meters, 365))
    found = fit(before, first, model="3p_heating")
    saved = savings(found, after, second, DAY, confidence=0.9)
    share = (np.abs(saved.value) <= saved.half_width).mean()
    measured(case="90 % intervals of savings that hold the truth, 600 meters", source="closed truth: nothing changed",
             ours=abs(share - 0.9), bar=0.03, unit="1, off 0.90")  # fmt: skip
    error = found.standard_errors[:, 2].mean()
    spread = found.parameters[:, 2].std()
    measured(case="standard error of the change point", source="its spread over 600 meters",
             ours=abs(error / spread - 1), bar=0.1, unit="1")  # fmt: skip


def test_correlated_noise_widens_the_interval_as_much_as_it_must(measured):
    rng = np.random.default_rng(9)
    meters, before, after = 400, year(1), year(2)
    noise = rng.normal(0, 100, (meters, 730))
    for day in range(1, 730):
        noise[:, day] += 0.6 * noise[:, day - 1]
    truth = TRUE["3p_heating"]
    found = fit(before, signature(before, *truth) + noise[:, :365], model="3p_heating")
    saved = savings(found, after, signature(after, *truth) + noise[:, 365:], DAY)
    share = (np.abs(saved.value) <= saved.half_width).mean()
    measured(case="90 % intervals with residuals correlated 0.6", source="closed truth: nothing changed",
             ours=abs(share - 0.9), bar=0.05, unit="1, off 0.90")  # fmt: skip


def test_the_interval_of_a_mean_model_is_that_of_the_text_book():
    """Closed form: t · s · √(m (1 + m/n)) for the sum of m new readings against a mean of n."""
    from scipy.stats import t

    rng = np.random.default_rng(2)
    first, second = rng.normal(500, 30, (1, 60)), rng.normal(500, 30, (1, 25))
    T = np.full(60, 283.0)
    found = fit(T, first, model="mean")
    found = type(found)(**{**vars(found), "correlation": np.zeros(1)})
    half = savings(found, T[:25], second, 1.0, confidence=0.95).half_width[0]
    assert half == pytest.approx(t.ppf(0.975, 59) * first.std(ddof=1) * np.sqrt(25 * (1 + 25 / 60)), rel=1e-9)


def test_a_known_saving_of_a_fifth_is_told():
    rng = np.random.default_rng(4)
    T, truth = year(1), TRUE["3p_heating"]
    found = fit(T, (signature(T, *truth) + rng.normal(0, 50, 365))[None])
    after = year(5)
    saved = savings(found, after, 0.8 * signature(after, *truth)[None], DAY)
    assert abs(saved.value[0] - 0.2 * signature(after, *truth).sum() * DAY) <= saved.half_width[0]
    assert saved.half_width[0] < 0.1 * saved.value[0]


def test_weather_corrected_use_of_two_years_of_the_same_house_is_the_same():
    truth, normal = TRUE["3p_heating"], year(0)
    use = []
    for seed, colder in ((1, -2.0), (2, 2.0)):
        T = year(seed) + colder
        use.append(energy_expected(fit(T, signature(T, *truth)[None]), normal, DAY).value[0])
    np.testing.assert_allclose(use, signature(normal, *truth).sum() * DAY, rtol=1e-9)


def test_gaps_are_left_out_and_counted_and_an_empty_meter_gets_no_signature():
    T = year()
    power = np.stack([signature(T, *TRUE["3p_heating"]), np.full(365, np.nan)])
    power[0, 20:90] = np.nan
    found = fit(T, power)
    assert found.readings.tolist() == [295, 0]
    assert found.model.tolist() == [MODELS.index("3p_heating"), -1]
    assert np.isnan(found.parameters[1]).all()
    assert savings(found, T, power, DAY).steps.tolist() == [295, 0]


def test_cv_and_nmbe_are_those_of_the_guideline_by_hand():
    # errors 1, -2, 3 over a mean of 10, p = 1: sqrt(14 / 2) / 10 and 2 / (2 * 10)
    cv, nmbe = agreement(np.array([[11.0, 7.0, 12.0]]), np.array([[10.0, 9.0, 9.0]]), 1)
    assert cv[0] == pytest.approx(np.sqrt(7.0) / 10)
    assert nmbe[0] == pytest.approx(0.1)


def test_one_or_two_threads_and_any_order_of_meters_give_the_same_bits():
    rng = np.random.default_rng(6)
    T = year()
    power = signature(T, *TRUE["5p"]) + rng.normal(0, 100, (12, 365))
    one, two = fit(T, power, threads=1), fit(T, power[::-1], threads=2)
    np.testing.assert_array_equal(one.parameters, two.parameters[::-1])


def test_what_does_not_fit_is_named():
    with pytest.raises(LayerError, match=r"\(meter, time\)"):
        fit(np.zeros(3), np.zeros(3))
    with pytest.raises(LayerError, match="air temperature"):
        fit(np.zeros(4), np.zeros((2, 3)))
    with pytest.raises(LayerError, match="there is no signature '6p'"):
        fit(np.zeros(3), np.zeros((2, 3)), model="6p")
