"""How many meters a minute get a signature, an hourly model or a judgement of their nights, and a stock its years."""

import time

import numpy as np
import pytest

from kernels.energy.hourly import fit_hourly
from kernels.energy.signature import fit
from kernels.energy.stock import Rules, Stock, plan
from kernels.energy.water import LITRE_PER_HOUR, find_leaks

pytestmark = pytest.mark.bench


def told(what, many, work):
    began = time.process_time()
    work()
    busy = time.process_time() - began
    print(f"\n{what}: {60 * many / busy:,.0f} a minute of one processor ({busy:.2f} s for {many:,})")


def test_signatures_of_a_year_of_days():
    rng = np.random.default_rng(0)
    T = 283.5 + 8 * np.sin(2 * np.pi * np.arange(365) / 365) + rng.normal(0, 3, 365)
    power = 600 + 130 * np.maximum(283 - T, 0) + 80 * np.maximum(T - 289, 0) + rng.normal(0, 150, (1000, 365))
    fit(T, power[:2])
    told("signatures, all six models, 365 days", 1000, lambda: fit(T, power))


def test_hourly_models_of_a_year():
    rng = np.random.default_rng(0)
    T, hours = 283 + rng.normal(0, 6, 8760), np.arange(8760) % 168
    power = 2000 + 50 * np.maximum(288 - T, 0) + rng.normal(0, 100, (200, 8760))
    fit_hourly(T, hours, power[:2])
    told("hourly models, 8,760 hours", 200, lambda: fit_hourly(T, hours, power))


def test_nights_of_a_year():
    nights = np.random.default_rng(0).normal(20, 5, (2000, 365)) * LITRE_PER_HOUR
    find_leaks(nights[:2])
    told("water meters, 365 nights", 2000, lambda: find_leaks(nights))


def test_a_stock_of_ten_thousand_components_over_thirty_years():
    rng = np.random.default_rng(0)
    many = 10_000
    energy = rng.uniform(0, 1e11, many)
    stock = Stock(
        np.arange(many), rng.integers(1, 7, many), rng.uniform(15, 60, many), rng.uniform(1e3, 1e5, many),
        np.ones(many), energy, 0.6 * energy, np.full(many, 6e-8),
    )  # fmt: skip
    plan(stock, Rules(), np.full(2, 1e7), "energy")
    told("plans of 10,000 components over 30 years", 1, lambda: plan(stock, Rules(), np.full(30, 1e7), "energy"))
