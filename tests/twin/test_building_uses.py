"""Weeks of the twelve uses: what the table says comes back, and a district of dwellings peaks as districts do."""

import numpy as np
import pytest

from kernels.energy.draws import empty_week, fill_hours, fill_week, quantile_rows
from kernels.quantities import LANGUAGES, QUANTITIES
from twin.building_uses import SOURCES, USES, VEHICLE_YEAR, WORDS, heated, use_of, uses, weeks

YEAR = 8.76
"""kWh in a year of a watt."""


def test_the_table_has_the_uses_in_the_order_of_their_codes():
    assert tuple(one.key for one in uses()) == USES
    assert len(USES) == 12
    for one in uses():
        assert set(one.label) == set(LANGUAGES)
        assert all(one.label.values())


def test_each_row_says_where_it_is_from_and_what_is_assumed():
    columns = {
        "person_area_m2", "person_heat_w", "electricity_kwh_m2", "idle_share", "warming_share", "hot_water_kwh_m2",
        "person_air_m3_h", "least_air_m3_h_m2", "heat_set_point_c", "heat_setback_c", "cool_set_point_c",
        "cool_setback_c", "heated_from", "heated_until",
    }  # fmt: skip
    for one in uses():
        assert one.source
        assert set(one.source.split(" and ")) <= set(SOURCES), one.key
        assert one.assumed
        assert set(one.assumed) <= columns, one.key


def test_weeks_have_the_words_units_and_hours_of_the_kernel():
    found = weeks()
    assert set(found.data_vars) == set(WORDS)
    assert dict(found.sizes) == {"use": 12, "week_hour": 168}
    for word in WORDS:
        assert found[word].attrs["units"] == QUANTITIES[word].units
        assert np.isfinite(found[word]).all()
        assert (found[word] >= 0).all()
    assert (found["heat_set_point"] < found["cool_set_point"] - 1).all()


def test_years_of_electricity_hot_water_and_charging_are_those_of_the_table():
    found = weeks().mean("week_hour")
    for place, one in enumerate(uses()):
        assert float(found["appliance_power"][place]) * YEAR == pytest.approx(one.electricity, rel=1e-12)
        assert float(found["hot_water_heat"][place]) * YEAR == pytest.approx(one.hot_water, rel=1e-12)
        assert float(found["vehicle_charging"][place]) * YEAR == pytest.approx(VEHICLE_YEAR, rel=1e-12)


def test_a_dwelling_gains_what_tabula_takes():
    # Loga and Diefenbach (2013), TABULA calculation method: 3 W/m2, air for use 0.4 h-1 of a room of 2.5 m
    found = weeks().mean("week_hour").sel(use=["dwelling_house", "dwelling_flats"])
    np.testing.assert_allclose(found["occupied_gains"], 3.0, atol=1.0)
    np.testing.assert_allclose(found["fresh_air_change"] * 3.0, 0.4 * 2.5, rtol=1e-12)


def test_offices_rest_on_sunday_and_warm_up_before_monday():
    office = weeks().sel(use="office")
    assert float(office["appliance_power"][156]) < 0.5 * float(office["appliance_power"][10])
    assert float(office["heat_set_point"][156]) == pytest.approx(289.15)
    assert np.diff(office["heat_set_point"][3:8]).tolist() == pytest.approx([4 / 3, 4 / 3, 4 / 3, 0.0])
    assert float(office["fresh_air_change"][156]) < 0.1 * float(office["fresh_air_change"][10])


def test_what_a_city_says_finds_its_use():
    given = ["residential", "residential", "residential", "office", "retail", "education", "education", "worship"]
    given += ["transport", "annex", "other", "", "hotel"]
    storeys = [3, 6, np.nan, 3, 1, 2, 9, 1, 1, 1, 3, 8, 5]
    area = [200, 200, 900, 500, 300, 900, 30_000, 800, 400, 20, 150, 3000, 2000]
    code, assumed = use_of(given, storeys, area)
    assert [USES[one] for one in code] == [
        "dwelling_house", "dwelling_flats", "dwelling_flats", "office", "retail", "school", "university",
        "culture_worship", "industry_storage", "industry_storage", "dwelling_house", "dwelling_flats", "hotel",
    ]  # fmt: skip
    assert assumed.tolist() == [False] * 10 + [True, True, False]
    assert heated(given).tolist() == [True] * 9 + [False] + [True] * 3


def test_peaks_of_dwellings_fall_together_as_velander_says():
    # Velander (1935), P = k1 W + k2 sqrt(W) with k1 = 0.0003, k2 = 0.05 (kW, kWh) for households that do not heat with
    # electricity, as Nordic network companies use it; ours lack the darker evenings of winter, hence a wide band
    house = weeks().sel(use="dwelling_house")
    rows = [
        house[one].to_numpy() for one in ("occupied_gains", "appliance_power", "hot_water_heat", "vehicle_charging")
    ]
    clock, count = (np.arange(8760) + 72) % 168, 500
    power = np.empty((count, clock.size))
    rest = np.empty((3, clock.size))
    for seed in range(count):
        mean, draws = empty_week()
        fill_week(*rows, seed, 1.0, 100.0, 0.0, mean, draws)
        fill_hours(clock, 0, mean, draws, quantile_rows(), rest[0], power[seed], rest[1], rest[2])
    year = 2800.0
    alone = power.max(axis=1).mean()
    assert alone == pytest.approx(1000 * (0.0003 * year + 0.05 * np.sqrt(year)), rel=0.2)
    for some in (10, 100, 500):
        groups = power[: count // some * some].reshape(-1, some, clock.size).sum(axis=1)
        together = groups.max(axis=1).mean() / some / alone
        velander = (0.0003 * year + 0.05 * np.sqrt(year / some)) / (0.0003 * year + 0.05 * np.sqrt(year))
        assert together == pytest.approx(velander, abs=0.15), some
    assert groups.max() / count < 0.3 * alone
