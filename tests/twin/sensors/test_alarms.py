"""Alarms: threshold, way back, how long, silence, and a watch that is put down and taken up."""

import csv
from dataclasses import replace

import numpy as np
import pytest

from kernels.quantities import LANGUAGES
from twin.sensors.alarms import TABLE, Alarm, Watch, alarms
from twin.sensors.model import SECOND, Datastream, Readings, SensorError
from twin.sensors.quality import Flag

START = 1_750_000_000 * SECOND
WORDS = {"fr": "Poubelle pleine", "nl": "Afvalbak vol", "en": "Bin full"}
FULL = Alarm("full", "bin_fill", "above", 0.8, 0.5, WORDS, silent_s=7200.0)
STREAM = Datastream("bin:1/bin_fill", "bin:1", "bin_fill")


def readings(values, every=600, flags=None, first=0):
    times = START + SECOND * every * (first + np.arange(len(values)))
    return Readings.of([STREAM.id] * len(values), times, values, flags)


def told(alarm, values, every=600, flags=None, stream=STREAM):
    watch = Watch((alarm,))
    return [(one.what, round((one.time - START) / SECOND / every)) for one in
            watch.advance(readings(values, every, flags), {stream.id: stream})]  # fmt: skip


def test_it_begins_at_the_threshold_and_ends_at_the_way_back():
    assert told(FULL, [0.7, 0.8, 0.75, 0.6, 0.81, 0.5, 0.7]) == [("raised", 1), ("over", 5)]


def test_between_the_two_nothing_begins():
    assert told(FULL, [0.6, 0.7, 0.79]) == []


def test_without_a_way_back_it_ends_when_it_leaves_the_threshold():
    bare = replace(FULL, clears=0.8)
    assert told(bare, [0.8, 0.8, 0.799]) == [("raised", 0), ("over", 2)]


def test_below_is_the_mirror_of_above():
    few = replace(FULL, side="below", threshold=0.2, clears=0.5)
    assert told(few, [0.3, 0.2, 0.4, 0.5]) == [("raised", 1), ("over", 3)]


def test_it_must_last():
    slow = replace(FULL, lasts_s=1200.0)
    assert told(slow, [0.9, 0.9, 0.7, 0.9, 0.9, 0.9, 0.9]) == [("raised", 5)]


def test_a_reading_of_a_period_was_alarming_since_its_beginning():
    hourly = Datastream(STREAM.id, "bin:1", "bin_fill", period=3600.0)
    hour = replace(FULL, lasts_s=3600.0)
    watch = Watch((hour,))
    (one,) = watch.advance(readings([0.9], 3600), {hourly.id: hourly})
    assert (one.what, one.time - one.since) == ("raised", 3600 * SECOND)


def test_it_tells_the_worst_since_it_began():
    watch = Watch((FULL,))
    events = watch.advance(readings([0.85, 0.97, 0.9, 0.4]), {STREAM.id: STREAM})
    assert [(one.value, one.worst) for one in events] == [(0.85, 0.85), (0.4, 0.97)]


def test_what_is_not_usable_neither_raises_nor_ends():
    flags = [0, int(Flag.OUT_OF_RANGE), int(Flag.STALE), int(Flag.MISSING), 0]
    assert told(FULL, [0.1, 0.9, 0.9, np.nan, 0.9], flags=flags) == [("raised", 2)]
    assert told(FULL, [0.9, 0.0, np.nan], flags=[0, int(Flag.STUCK), 0]) == [("raised", 0)]


def test_an_outage_is_neither_over_nor_on():
    watch = Watch((FULL,))
    watch.advance(readings([0.9]), {STREAM.id: STREAM})
    assert watch.silence(START + 7200 * SECOND) == []
    (one,) = watch.silence(START + 7201 * SECOND)
    assert (one.what, one.time) == ("silent", START + 7200 * SECOND)
    assert watch.silence(START + 9000 * SECOND) == []  # told once
    assert [state for *_, state, _ in watch.on()] == ["silent"]
    # it comes back and is still full: told again; then emptied
    assert [one.what for one in watch.advance(readings([0.9, 0.1], first=20), {STREAM.id: STREAM})] == [
        "raised",
        "over",
    ]


def test_a_break_is_told_by_the_next_reading_if_nobody_asked():
    watch = Watch((FULL,))
    watch.advance(readings([0.9]), {STREAM.id: STREAM})
    assert [one.what for one in watch.advance(readings([0.2], first=20), {STREAM.id: STREAM})] == ["silent", "over"]
    # what had not lasted long enough before the break does not count after it
    assert told(replace(FULL, lasts_s=9000.0), [0.9, 0.9], every=8000) == []


def test_what_comes_late_or_twice_is_not_heard():
    watch = Watch((FULL,))
    watch.advance(readings([0.2, 0.3]), {STREAM.id: STREAM})
    assert watch.advance(readings([0.9, 0.9]), {STREAM.id: STREAM}) == []
    assert watch.ignored == {"faulty": 0, "late": 2}


@pytest.mark.parametrize("seed", range(10))
def test_a_watch_taken_up_anywhere_tells_what_it_would_have_told(seed):
    random = np.random.default_rng(seed)
    values = np.clip(np.cumsum(random.normal(0.0, 0.2, 200)) % 1.2, 0.0, 1.0)
    every = [
        FULL,
        replace(FULL, id="slow", lasts_s=1800.0),
        replace(FULL, id="few", side="below", threshold=0.1, clears=0.3),
    ]
    streams = {STREAM.id: STREAM}
    whole = readings(values)
    expected = Watch(tuple(every)).advance(whole, streams)
    assert len(expected) > 10
    watch, found, begin = Watch(tuple(every)), [], 0
    while begin < 200:
        end = begin + int(random.integers(1, 40))
        found += watch.advance(
            Readings.of(whole.datastream[begin:end], whole.time[begin:end], values[begin:end]), streams
        )
        watch, begin = Watch.resumed(every, watch.kept()), end
    assert found == expected


def test_an_alarm_that_is_no_more_is_forgotten():
    watch = Watch((FULL,))
    watch.advance(readings([0.9]), {STREAM.id: STREAM})
    assert Watch.resumed([replace(FULL, id="other")], watch.kept()).on() == []


@pytest.mark.parametrize(
    "kept", ["", "{}", '{"format": 99, "ignored": {}, "cases": []}', '{"format": 1, "cases": [[1]]}']
)
def test_what_was_not_kept_cannot_be_taken_up(kept):
    with pytest.raises(SensorError, match="begin anew"):
        Watch.resumed([FULL], kept)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"quantity": "bin_full"}, "no quantity"),
        ({"clears": 0.9}, "other side"),
        ({"threshold": float("nan")}, "other side"),
        ({"side": "beside"}, "above or below"),
        ({"words": {"fr": "x", "en": "y"}}, "words in nl"),
    ],
)
def test_an_alarm_that_cannot_be_says_why(change, match):
    with pytest.raises(SensorError, match=match):
        replace(FULL, **change)


def test_two_alarms_of_one_id_are_refused():
    with pytest.raises(SensorError, match="one id"):
        Watch((FULL, FULL))


def test_an_alarm_of_some_datastreams_leaves_the_others():
    mine = replace(FULL, datastreams=("bin:2/bin_fill",))
    assert told(mine, [0.9]) == []
    assert told(replace(FULL, period=900.0), [0.9]) == []


def test_those_that_come_with_the_project_are_alarms_with_sources_and_words():
    found = {one.id: one for one in alarms()}
    with TABLE.open(encoding="utf-8") as file:
        assert len(found) == len(list(csv.DictReader(line for line in file if not line.startswith("#"))))
    # Directive 2008/50/EC, annex XII: 180 and 240 µg/m³ of ozone, of an hour
    assert found["ozone_information"].threshold == pytest.approx(180e-9)
    assert found["ozone_alert"].threshold == pytest.approx(240e-9)
    assert all(one.source for one in found.values())
    (event,) = Watch((found["ozone_alert"],)).advance(
        Readings.of(["o"], [START], [2.5e-7]), {"o": Datastream("o", "o", "ozone", 3600.0)}
    )
    assert len({event.words(found["ozone_alert"], one) for one in LANGUAGES}) == 3


def test_nothing_is_heard_in_nothing():
    assert Watch((FULL,)).advance(Readings.none(), {}) == []
