"""Meters of a made-up town through the whole way: signature, saving, alarm, night and leak as they were put in."""

import numpy as np
import pytest

from kernels.energy.water import LITRE_PER_HOUR
from twin.city import CityError
from twin.formats.meters_csv import Meter, offsets_of
from twin.monitoring import watch_energy, watch_water

START = np.datetime64("2023-01-01", "s").astype(float) - 3600.0  # midnight in Brussels
UTC = START + 3600.0 * np.arange(365 * 24)
LOCAL = UTC + offsets_of(UTC)
DAY = ((LOCAL - LOCAL[0]) // 86400).astype(int)
RNG = np.random.default_rng(1)
OUTDOOR = (
    283.15 - 8 * np.cos(2 * np.pi * (np.arange(UTC.size) / 24 - 20) / 365)
    + np.repeat(RNG.normal(0, 2.5, 365), 24) + 3 * np.sin(2 * np.pi * (LOCAL / 3600 - 9) / 24)
)  # fmt: skip
DAILY = np.bincount(DAY, OUTDOOR) / np.bincount(DAY)


def heating(base, slope, change, noise=150.0):
    """Mean power of every hour [W]: the same all day, by the day's mean temperature."""
    days = base + slope * np.maximum(change - DAILY, 0) + RNG.normal(0, noise, DAILY.size)
    return days[DAY]


def counted(name, power, kind="heat"):
    """A counter in J that is read at the end of every hour, from 0 at the start."""
    return Meter(name, kind, "counter", np.append(UTC, UTC[-1] + 3600), np.append(0.0, np.cumsum(power * 3600.0)))


def test_the_heat_loss_that_was_put_in_comes_out_of_the_meter():
    ((found,), order) = watch_energy([counted("school", heating(2000, 900, 288.15))], (UTC, OUTDOOR))
    assert order == [0]
    assert found.model == "3p_heating"
    assert abs(found.parameters[1] - 900) < 3 * found.errors[1]
    assert abs(found.parameters[2] - 288.15) < 3 * found.errors[2]
    assert found.errors[1] < 20
    assert found.within_limits
    assert found.days == 365
    assert found.counts["gaps"] == 0


def test_daily_meters_on_the_wall_clock_give_the_same_signature_as_hourly_ones():
    power = heating(2000, 900, 288.15)
    midnight = np.flatnonzero(np.concatenate([[True], np.diff(DAY) > 0]))
    use = np.bincount(DAY, power) * 3600.0
    by_day = Meter("a", "heat", "use", UTC[midnight], use)
    ends = np.append(UTC[midnight], UTC[-1] + 3600)
    counter = Meter("b", "heat", "counter", ends, np.append(0.0, np.cumsum(use)))
    found, _ = watch_energy([counted("c", power), by_day, counter], (UTC, OUTDOOR))
    assert [one.days for one in found] == [365, 365, 365]
    for one in found[1:]:  # days of 23 and 25 hours differ by a twenty-fourth in a daily reading
        np.testing.assert_allclose(one.parameters[1:3], found[0].parameters[1:3], rtol=2e-3)
        assert np.isnan(one.night_load)


def test_a_measure_in_spring_saves_what_it_was_made_to_save():
    power = heating(2000, 900, 288.15)
    after = DAY >= 270
    less = np.where(after, 0.8 * power, power)
    ((found,), _) = watch_energy([counted("a", less)], (UTC, OUTDOOR), since="2023-09-28")
    true = 0.2 * power[after].sum() * 3600.0
    assert abs(found.saving - true) <= 1.5 * found.saving_half_width
    assert found.saving_half_width < 0.3 * true
    assert any(sign < 0 and day > "2023-09-28" for day, _, sign in found.alarms)


def test_a_valve_that_stays_open_raises_an_alarm_soon_and_ranks_first():
    quiet, open_ = heating(2000, 900, 288.15), heating(2000, 900, 288.15)
    open_[DAY >= 300] += 600.0
    found, order = watch_energy(
        [counted("quiet", quiet), counted("open", open_)], (UTC, OUTDOOR), since="2023-10-01",
        areas={"quiet": 1000.0, "open": 1000.0},
    )  # fmt: skip
    assert [found[k].name for k in order] == ["open", "quiet"]
    day, since, sign = next(one for one in found[1].alarms if one[0] >= "2023-10-27")
    assert sign == 1
    assert "2023-10-20" <= since <= "2023-10-30"
    assert day <= "2023-11-05"
    assert found[1].excess / (600.0 * 365.25 * 86400) == pytest.approx(1.0, abs=0.5)


def test_a_leak_of_eighty_litres_an_hour_is_told_on_the_third_night():
    use = np.where((LOCAL // 3600 % 24 >= 7) & (LOCAL // 3600 % 24 < 22), RNG.poisson(120, UTC.size), 0) * 1e-3
    begin = np.flatnonzero(DAY == 200)[12]
    leaky = use.copy()
    leaky[begin:] += 80e-3
    meters = [Meter("dry", "water", "use", UTC, use), Meter("wet", "water", "use", UTC, leaky)]
    dry, wet = watch_water(meters)
    assert dry.alarms == []
    assert dry.never_still == 0.0
    assert wet.alarms == ["2023-07-23"]  # day 200 is 20 July: the nights of 21, 22 and 23
    assert wet.leaking
    assert wet.leak_flow == pytest.approx(80 * LITRE_PER_HOUR)
    assert wet.never_still == pytest.approx(80 * LITRE_PER_HOUR)
    assert wet.lost == pytest.approx(80e-3 * 24 * (365 - 203))


def test_gaps_and_an_exchanged_meter_are_counted_and_leave_the_rest():
    meter = counted("a", heating(2000, 900, 288.15))
    value = meter.value.copy()
    value[3000:3100] = np.nan
    value[5000:] -= value[4999]
    ((found,), _) = watch_energy([Meter("a", "heat", "counter", meter.utc, value)], (UTC, OUTDOOR))
    assert found.counts["gaps"] == 1
    assert found.counts["resets"] == 1
    assert abs(found.parameters[1] - 900) < 4 * found.errors[1]
    assert 358 <= found.days <= 362


def test_what_cannot_be_watched_is_named():
    odd = Meter("odd", "heat", "use", START + 7000.0 * np.arange(10), np.ones(10))
    with pytest.raises(CityError, match="meter odd: has a reading every 7000 s"):
        watch_energy([odd], (UTC, OUTDOOR))
    with pytest.raises(CityError, match="no day has both"):
        watch_energy([counted("a", heating(1, 1, 280))], (UTC + 1e9, OUTDOOR))
    with pytest.raises(CityError, match="is no day"):
        watch_energy([counted("a", heating(1, 1, 280))], (UTC, OUTDOOR), since="spring")
    assert watch_energy([], (UTC, OUTDOOR)) == ([], [])
