"""Flags of readings: each fault drawn by hand, and the stations of Ixelles with theirs."""

import csv
import gzip
import time as stopwatch

import numpy as np
import pytest

from kernels.quantities import LANGUAGES, QUANTITIES
from twin.sensors.feeds.payloads import WallClock
from twin.sensors.limits import MISTAKEN, limits, limits_of
from twin.sensors.model import SECOND, Datastream, Readings, SensorError
from twin.sensors.quality import FLAG_WORDS, REMARKS, Flag, checked, history_s, tally, usable

NOW = 1_750_000_000 * SECOND
MINUTE = 60 * SECOND


def stream(quantity="air_temperature", period=0.0, thing="t:1"):
    return Datastream(f"{thing}/{quantity}", thing, quantity, period)


def flags(values, quantity="air_temperature", every=600, times=None, period=0.0, **rest):
    one = stream(quantity, period)
    when = NOW + every * SECOND * np.arange(len(values)) if times is None else np.asarray(times)
    found = checked(Readings.of([one.id] * len(values), when, values), {one.id: one}, **rest)
    np.testing.assert_array_equal(found.value, np.asarray(values, float))  # never touched
    np.testing.assert_array_equal(found.time, when)
    return [Flag(int(flag)) for flag in found.flag]


def test_flags_fit_their_column_and_have_words_in_three_languages():
    assert sum(Flag) < 2**16
    assert set(FLAG_WORDS) == set(Flag)
    assert all(words[language] for words in FLAG_WORDS.values() for language in LANGUAGES)


def test_every_limit_names_a_quantity_its_unit_and_its_source():
    for name, one in limits().items():
        assert name in QUANTITIES
        assert one.source
        assert (one.lowest is None) or (one.highest is None) or one.lowest < one.highest
        assert (one.neighbour is None) == (one.radius_m is None)
        assert (one.rate is None) or one.step is not None
        if QUANTITIES[name].range and one.highest is not None and not one.highest_per_s:
            assert one.highest >= QUANTITIES[name].range[1] * 0.99 or name == "particles_10"
    # 0 °C is 273.15 K; 212 °F is the boiling point, 373.15 K; a knot is 1,852 m in an hour
    factor, offset = MISTAKEN["fahrenheit"]
    assert 212.0 * factor + offset == pytest.approx(373.15)
    assert MISTAKEN["knot"][0] == pytest.approx(1852 / 3600)


def test_a_table_with_a_word_that_is_no_quantity_is_told(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("quantity,lowest,units,rising,source\nair_temprature,1,,,x\n", encoding="utf-8")
    with pytest.raises(SensorError, match="air_temprature"):
        limits(path)


def test_good_readings_have_no_flag():
    course = 290.0 + 5.0 * np.sin(np.linspace(0.0, 6.0, 144))
    assert not any(flags(course))


def test_what_cannot_be_is_out_of_range_and_what_nobody_knows_is_missing():
    found = flags([290.0, np.nan, 290.1, 326.35, np.inf, 290.2])  # 53.2 °C
    assert found == [0, Flag.MISSING, 0, Flag.OUT_OF_RANGE, Flag.OUT_OF_RANGE, 0]


def test_a_highest_count_grows_with_its_period():
    # 3 a second and 20: 200 in a minute
    assert flags([199.0, 201.0], "vehicle_count", period=60.0) == [0, Flag.OUT_OF_RANGE]
    assert flags([2368.0], "vehicle_count", period=3600.0) == [0]


def test_an_outlier_is_too_fast_and_the_way_back_is_not():
    assert flags([293.3, 293.2, 280.0, 280.0, 292.1, 291.9]) == [0, 0, Flag.RATE, Flag.RATE, 0, 0]


def test_a_new_level_is_believed_once_there_was_time_for_it():
    # 15 K need (15 - 3) / 0.00833 s = 1,441 s; readings come every 600 s
    assert flags([290.0, 305.0, 305.1, 305.0, 305.2]) == [0, Flag.RATE, Flag.RATE, 0, 0]


def test_what_does_not_change_is_stuck_from_when_its_patience_ends():
    found = flags([290.0] * 40, every=600)  # 6 h are 36 steps
    assert found == [0] * 37 + [Flag.STUCK] * 3
    assert not any(flags([0.0] * 200, "detector_occupancy"))  # an empty street rests
    assert not any(flags([1.0] * 200, "relative_humidity"))  # so does fog
    assert not any(flags([290.0, 290.0, 290.0], every=86_400 // 2))  # too few to know


def test_a_stuck_device_is_not_saved_by_its_gaps():
    values = np.where(np.arange(60) % 2 == 0, 290.0, np.nan)
    assert flags(values)[-2] == Flag.STUCK


def test_a_reading_in_another_unit_is_told_and_the_next_good_one_is_good():
    celsius = flags([290.0, 290.2, 17.1, 17.3, 290.6])  # 17.1 °C = 290.25 K
    assert celsius == [0, 0, Flag.UNIT | Flag.OUT_OF_RANGE, Flag.UNIT | Flag.OUT_OF_RANGE, 0]
    percent = flags([0.55, 0.56, 57.0, 0.58], "relative_humidity")
    assert percent == [0, 0, Flag.UNIT | Flag.OUT_OF_RANGE, 0]
    hectopascal = flags([101_300.0, 1013.0, 101_320.0], "air_pressure")
    assert hectopascal == [0, Flag.UNIT | Flag.OUT_OF_RANGE, 0]
    centimetre = flags([0.40, 0.41, 1.2, 42.0, 0.43], "water_depth", every=10)
    assert [Flag.UNIT in one for one in centimetre] == [False, False, False, True, False]
    assert Flag.RATE in centimetre[2]


def test_a_unit_that_changes_within_the_range_is_told_by_its_factor():
    # 8.1 m can be, but not 10 s after 0.081 m; 8.1 cm is what was there
    found = flags([0.08, 0.081, 8.1, 8.2, 8.1, 0.082], "water_depth", every=10)
    assert found == [0, 0, Flag.UNIT, Flag.UNIT, Flag.UNIT, 0]


def test_a_counter_never_falls_and_a_new_meter_is_told_once():
    kwh = 3.6e6
    rising = [1000 * kwh, 1001 * kwh, 1000.5 * kwh, 1002 * kwh]
    assert flags(rising, "metered_electricity", every=900) == [0, 0, Flag.RATE, 0]
    new = [9000 * kwh, 9001 * kwh, 0.0, 1 * kwh, 2 * kwh]
    assert flags(new, "metered_electricity", every=900) == [0, 0, Flag.RATE, 0, 0]
    # 1,001 kWh sent as 1001 J: the counter goes on if read in kWh
    unit = flags([1000 * kwh, 1001.0, 1002.0, 1003 * kwh], "metered_electricity", every=900)
    assert unit == [0, Flag.UNIT, Flag.UNIT, 0]
    # use of a quarter of an hour goes up and down
    assert not any(flags([kwh, 0.0, 5 * kwh, kwh], "metered_electricity", every=900, period=900.0))


def test_the_same_again_is_a_duplicate_and_another_value_a_conflict():
    times = NOW + MINUTE * np.array([0, 10, 10, 10, 20])
    found = flags([290.0, 290.1, 290.1, 290.4, 290.2], times=times)
    assert found == [0, 0, Flag.DUPLICATE, Flag.CONFLICT, 0]
    assert flags([np.nan, np.nan], times=[NOW, NOW])[1] == Flag.MISSING | Flag.DUPLICATE


def test_what_comes_late_is_told_and_judged_by_its_time():
    times = NOW + MINUTE * np.array([0, 20, 10, 30])
    assert flags([290.0, 290.2, 290.1, 290.3], times=times) == [0, 0, Flag.OUT_OF_ORDER, 0]
    assert usable(np.array([Flag.OUT_OF_ORDER, Flag.RATE, 0], np.uint16)).tolist() == [True, False, True]


def test_a_payload_that_has_the_newest_first_is_late_only_against_what_was_known():
    one = stream()
    newest_first = Readings.of([one.id] * 3, NOW + MINUTE * np.array([30, 20, 5]), [290.3, 290.2, 290.05])
    known = Readings.of([one.id], [NOW + 10 * MINUTE], [290.1])
    found = checked(newest_first, {one.id: one}, before=known, ordered=False)
    assert found.flag.tolist() == [0, 0, Flag.OUT_OF_ORDER]
    assert checked(newest_first, {one.id: one}, ordered=False).flag.tolist() == [0, 0, 0]


def test_old_readings_are_stale_and_those_ahead_have_a_wrong_clock():
    hour = 60 * MINUTE
    # air temperature is stale after 90 min; a clock of the wall taken for UTC is an hour ahead in winter
    times = NOW + np.array([-3 * hour, -hour, MINUTE, hour])
    assert flags([290.0, 290.1, 290.2, 290.3], times=times, received=NOW) == [Flag.STALE, 0, 0, Flag.CLOCK]
    # counts of a day are told once a day: not stale for three of them
    assert flags([5.0], "vehicle_count", times=[NOW - 48 * hour], period=86_400.0, received=NOW) == [0]


def test_what_the_device_says_stays_and_judges_nobody():
    one = stream()
    given = Readings.of([one.id] * 3, NOW + MINUTE * np.arange(3), [290.0, 250.0, 290.1], [0, Flag.NOT_VALID, 0])
    assert checked(given, {one.id: one}).flag.tolist() == [0, Flag.NOT_VALID, 0]


def test_a_reading_of_no_datastream_is_refused():
    with pytest.raises(SensorError, match="nobody/knows"):
        checked(Readings.of(["nobody/knows"], [NOW], [1.0]), {})


def test_nothing_is_checked_in_nothing():
    assert len(checked(Readings.none(), {})) == 0


@pytest.mark.parametrize("seed", range(8))
def test_batches_have_the_flags_of_the_whole(seed):
    random = np.random.default_rng(seed)
    streams, parts = {}, []
    for number, quantity in enumerate(("air_temperature", "water_depth", "metered_water", "relative_humidity")):
        one = stream(quantity, thing=f"t:{number}")
        streams[one.id] = one
        times = NOW + 600 * SECOND * np.arange(150)
        base = {"air_temperature": 290.0, "water_depth": 0.2, "metered_water": 50.0, "relative_humidity": 0.6}[quantity]
        values = base + np.cumsum(random.normal(0.0, 0.002, 150)) + (quantity == "metered_water") * np.arange(150)
        odd = random.random(150)
        values[odd < 0.05] *= 100.0
        values[odd > 0.97] = np.nan
        values[60:100] = values[60]
        times[120:] += 3 * 3600 * SECOND
        late = random.permutation(150) if seed % 2 else np.arange(150)
        parts.append((times[late], values[late], one.id))
    times, values = (np.concatenate([one[k] for one in parts]) for k in (0, 1))
    names = [one[2] for one in parts for _ in range(150)]
    order = np.argsort(times, kind="stable")  # in order of time, as batches are when nothing comes late
    whole = Readings.of([names[k] for k in order], times[order], values[order])
    expected = checked(whole, streams)
    got, done = [], Readings.none()
    for begin in range(0, len(whole), 37):
        cut = slice(begin, begin + 37)
        batch = Readings(whole.datastream[cut], whole.time[cut], whole.value[cut], whole.flag[cut])
        recent = done.time >= batch.time.min() - int(history_s(streams) * SECOND)
        before = Readings(*(getattr(done, name)[recent] for name in ("datastream", "time", "value", "flag")))
        new = checked(batch, streams, before=before)
        got.append(new.flag)
        done = Readings.joined((done, new))
    np.testing.assert_array_equal(np.concatenate(got), expected.flag)
    assert {"rate", "stuck", "missing"} <= set(tally(expected.flag))


def test_many_readings_are_checked_in_a_moment():
    streams = {one.id: one for one in (stream(thing=f"t:{k}") for k in range(2000))}
    names = np.repeat(list(streams), 50)
    random = np.random.default_rng(1)
    values = 290.0 + random.normal(0.0, 0.5, names.size)
    values[random.random(names.size) < 0.01] = 17.0
    readings = Readings.of(names, np.tile(NOW + 600 * SECOND * np.arange(50), 2000), values)
    begun = stopwatch.process_time()
    checked(readings, streams, received=NOW)
    assert stopwatch.process_time() - begun < 5.0  # 0.5 s alone; 100,000 readings are some 10 MB of payload


def ixelles(reference_data, station, quantity, column, read):
    path = reference_data / "sensors" / f"ixelles_spiceco_{station}_2023-08.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    one = stream(quantity, thing=f"spiceco:{station}")
    clock = WallClock()
    when = [clock.read(row["timestamp"]) for row in rows]
    values = read(np.array([float(row[column]) for row in rows]))
    return one, Readings.of([one.id] * len(rows), when, values)


def test_the_zeros_of_s3_and_the_heat_of_s6_are_told(reference_data):
    # SOURCES.md: S3 has 0.0 °C, S6 reaches 53.2 °C and O3 > 200
    one, readings = ixelles(reference_data, "S3", "air_temperature", "temperature", lambda t: t + 273.15)
    found = checked(readings, {one.id: one})
    assert len(found) == 2901
    zeros = found.value == 273.15
    assert zeros.sum() > 0
    np.testing.assert_array_equal(usable(found.flag), ~zeros)
    one, readings = ixelles(reference_data, "S6", "air_temperature", "temperature", lambda t: t + 273.15)
    found = checked(readings, {one.id: one})
    assert len(found) == 3998
    assert not usable(found.flag[found.value > 318.15]).any()
    assert usable(found.flag[found.value < 305.0]).mean() > 0.98
    one, readings = ixelles(reference_data, "S6", "ozone", "o3", lambda o: o * 1e-9)
    found = checked(readings, {one.id: one})
    assert (found.flag[found.value > 4e-7] & Flag.OUT_OF_RANGE).all()
    assert found.value.max() == pytest.approx(6.25e-7)


def test_a_remark_is_no_fault():
    assert usable(np.array([int(REMARKS)], np.uint16)).all()
    assert limits_of(stream("building_height")).span(0.0) == (-np.inf, np.inf)
