"""Factors and prices: dated, sourced, and replaced by a city's own."""

import numpy as np
import pytest

from kernels.energy.balance import FACTOR_SETS, Year, exchange, judge
from kernels.energy.hub import KWH
from twin.city import CityError
from twin.energy_factors import TABLE, read_factors, read_prices

HEAD = "set,carrier,delivered,exported,units,uncertainty,date,source\n"


def test_factors_are_those_of_the_directives_and_carry_date_and_source():
    found = read_factors()
    assert tuple(one.name for one in found) == FACTOR_SETS
    # directive 2012/27/EU annex IV, delegated regulation 2023/807, IPCC 2006: 56.1 kg/GJ
    assert found[0].delivered["electricity"] == 2.5
    assert found[1].delivered["electricity"] == 1.9
    assert found[2].delivered["gas"] == pytest.approx(56.1e-9, rel=1e-3)
    assert all(one.date and one.source for one in found)


def test_a_run_is_judged_by_all_sets_with_a_series_of_carbon():
    hourly = np.array([0.1, 0.4]) / KWH
    factors, prices = read_factors(hourly_carbon=hourly), read_prices()
    assert "the series given" in factors[2].source
    power = {"electricity": np.array([0.0, 4e3]), "gas": np.zeros(2)}
    year = Year(3600.0, power, {("electricity", "geographical"): np.array([9e3, 0.0])}, {}, 0.0, 0.0, 0.0)
    lines = judge(year, factors)
    assert len(lines) == 36
    carbon = [one for one in lines if one.factors == "hourly CO2" and one.type == "dynamic"]
    assert carbon[0].balance == pytest.approx(9 * 0.1 - 4 * 0.4)
    assert [one.positive for one in lines if one.type == "dynamic"][:3] == ["yes", "yes", "no"]
    assert exchange(year, "geographical", prices, factors[2]).cost == pytest.approx(4 * 0.33 - 9 * 0.05)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD, "no row of the set 'f_el 2.5'"),
        (HEAD + "f_el 2.5,electricity,2.5,2.5,1,0.1,,x\n", "line 2: no date"),
        (HEAD + "f_el 2.5,electricity,2.5,2.5,cal,0.1,2026-01-01,x\n", "units 'cal'"),
        (HEAD + "f_el 2.5,electricity,two,2.5,1,0.1,2026-01-01,x\n", "delivered is 'two'"),
        (HEAD + "f_el 2.5,electricity,2.5,2.5,EUR kWh-1,0.1,2026-01-01,x\n", "in mixed units or in EUR"),
    ],
)
def test_a_table_that_says_too_little_is_refused(tmp_path, text, words):
    path = tmp_path / "factors.csv"
    path.write_text(text)
    with pytest.raises(CityError, match=words):
        read_factors(path)


def test_prices_must_be_there(tmp_path):
    path = tmp_path / "factors.csv"
    path.write_text(
        "".join(line for line in TABLE.read_text().splitlines(keepends=True) if not line.startswith("price"))
    )
    with pytest.raises(CityError, match="rows of the set 'price'"):
        read_prices(path)
