"""Measured against simulated: pairs by place and time, their figures, and what has no pair."""

from datetime import UTC, datetime

import numpy as np
import pytest
import xarray as xr

from kernels.energy.signature import agreement
from kernels.quantities import LANGUAGES, QUANTITIES
from twin.formats.features import to_lambert
from twin.sensors.against import FIGURE_WORDS, MEANS, SAME, SUMMED, compare
from twin.sensors.model import SECOND, Datastream, Readings, SensorError, Thing
from twin.sensors.quality import Flag

START = datetime(2026, 3, 10, 7, tzinfo=UTC)
ORIGIN = int(START.timestamp()) * SECOND


def streets(flow, times, names=("s1>", "s1<", "s2>"), field="traffic_flow"):
    """A result along links; ``flow`` is (time, link)."""
    return xr.Dataset({field: (("time", "link"), np.asarray(flow, float))},
                      coords={"time": np.asarray(times, float), "link": list(names)})  # fmt: skip


def ground(course, times, field="air_temperature", nodata=()):
    """2 x 2 cells of 10 m, the same course in all, from the Grand-Place on to the north and east."""
    x0, y0 = np.floor(to_lambert(np.array([[4.3525, 50.8467]]))[0])
    values = np.repeat(np.asarray(course, float)[:, None, None], 2, axis=1).repeat(2, axis=2)
    for cell in nodata:
        values[:, cell[0], cell[1]] = np.nan
    return xr.Dataset(
        {field: (("time", "y", "x"), values)},
        coords={"time": np.asarray(times, float), "y": [y0, y0 + 10.0], "x": [x0, x0 + 10.0]},
    )


def readings(seconds, values, name="t/q", flags=None):
    return Readings.of([name] * len(values), [ORIGIN + round(one * SECOND) for one in seconds], values, flags)


COUNTS = Datastream("t/q", "t", "vehicle_count", period=300.0)
AT_S1 = Thing("t", "t", properties={"link": "s1>"})
AIR = Datastream("t/q", "t", "air_temperature")
SQUARE = Thing("t", "t", 4.3525, 50.8467)


def test_counts_are_held_against_flows_of_their_period():
    # 50 vehicles in 5 minutes are 600 an hour; a frame is the mean since the one before
    result = streets([[600.0, 0.0, 0.0], [1200.0, 0.0, 0.0]], [300.0, 600.0])
    found = compare(readings([300.0, 600.0], [50.0, 90.0]), COUNTS, AT_S1, result, start=START)
    assert (found.quantity, found.units) == ("traffic_flow", "h-1")
    np.testing.assert_allclose(found.measured, [600.0, 1080.0])
    np.testing.assert_allclose(found.simulated, [600.0, 1200.0])
    assert found.bias == pytest.approx(60.0)
    assert found.rmse == pytest.approx(np.sqrt(120.0**2 / 2))
    assert found.gaps == {}


def test_a_period_over_two_frames_is_their_mean_by_time():
    # from 200 s to 500 s: 100 s at 600 and 200 s at 1,200
    result = streets([[600.0, 0.0, 0.0], [1200.0, 0.0, 0.0]], [300.0, 600.0])
    found = compare(readings([500.0], [1.0]), COUNTS, AT_S1, result, start=START)
    assert found.simulated[0] == pytest.approx((100 * 600 + 200 * 1200) / 300)


def test_a_frame_at_the_start_is_the_mean_of_nothing():
    result = streets([[9e9, 0.0, 0.0], [600.0, 0.0, 0.0]], [0.0, 600.0])
    assert compare(readings([300.0], [1.0]), COUNTS, AT_S1, result, start=START).simulated[0] == pytest.approx(600.0)


def test_a_street_without_a_direction_is_both_and_flows_add_up():
    result = streets([[600.0, 300.0, 7.0]], [600.0])
    both = Thing("t", "t", properties={"link": "s1"})
    assert compare(readings([300.0], [1.0]), COUNTS, both, result, start=START).simulated[0] == pytest.approx(900.0)
    two = Thing("t", "t", properties={"link": ["s1>", "s2>"]})
    assert compare(readings([300.0], [1.0]), COUNTS, two, result, start=START).simulated[0] == pytest.approx(607.0)
    speed = Datastream("t/q", "t", "traffic_speed", period=300.0)
    slow = streets([[10.0, 6.0, 0.0]], [600.0], field="traffic_speed")
    assert compare(readings([300.0], [7.0]), speed, both, slow, start=START).simulated[0] == pytest.approx(8.0)


def test_names_of_a_stored_result_stand_in_the_attributes_of_their_numbers():
    result = streets([[600.0, 300.0, 7.0]], [600.0], names=(0, 1, 2))
    result["link"].attrs["flag_meanings"] = "s1> s_1< s2>"
    result.attrs["time_origin"] = "2026-03-10T07:00:00Z"
    thing = Thing("t", "t", properties={"link": "s 1<"})
    assert compare(readings([300.0], [1.0]), COUNTS, thing, result).simulated[0] == pytest.approx(300.0)


def test_a_moment_lies_on_the_line_between_outputs():
    result = ground([290.0, 296.0], [0.0, 3600.0])
    found = compare(readings([0.0, 600.0, 3600.0], [290.0, 292.0, 296.0]), AIR, SQUARE, result, start=START)
    np.testing.assert_allclose(found.simulated, [290.0, 291.0, 296.0])


def test_a_mean_of_a_field_of_moments_is_the_area_under_it():
    # from 600 s to 1,800 s of a line from 290 K at 0 to 296 K at 3,600 s: its middle, 292 K
    mean = Datastream("t/q", "t", "air_temperature", period=1200.0)
    result = ground([290.0, 296.0, 290.0], [0.0, 3600.0, 7200.0])
    found = compare(readings([1800.0, 4200.0], [0.0, 0.0]), mean, SQUARE, result, start=START)
    # 3,000 s to 4,200 s: up from 295 to 296 in 600 s and down again: 295.5
    np.testing.assert_allclose(found.simulated, [292.0, 295.5])


def test_nobody_knows_what_was_between_outputs_far_apart():
    result = ground([290.0, 296.0], [0.0, 7200.0])
    found = compare(readings([0.0, 3600.0, 7200.0], [290.0, 290.0, 290.0]), AIR, SQUARE, result, start=START)
    assert (found.pairs, found.gaps) == (2, {"not_simulated": 1})


def test_a_building_by_its_id_and_a_meter_by_its_period():
    # 1.8 MJ in a quarter of an hour are 2 kW
    stream = Datastream("t/q", "t", "metered_electricity", period=900.0)
    result = xr.Dataset({"electricity_power": (("time", "building"), [[2500.0, 9.0]])},
                        coords={"time": [3600.0], "building": ["b1", "b2"]})  # fmt: skip
    thing = Thing("t", "t", properties={"building": "b1"})
    found = compare(readings([900.0], [1.8e6]), stream, thing, result, start=START)
    assert (found.measured[0], found.simulated[0], found.units) == (pytest.approx(2000.0), pytest.approx(2500.0), "W")


def test_a_station_is_found_by_its_own_id():
    result = xr.Dataset({"air_temperature": (("time", "station"), [[290.0, 280.0], [290.0, 280.0]])},
                        coords={"time": [0.0, 600.0], "station": ["other", "t"]})  # fmt: skip
    assert compare(readings([300.0], [281.0]), AIR, Thing("t", "t"), result, start=START).bias == pytest.approx(-1.0)


def test_what_has_no_pair_is_counted_and_never_zero():
    result = streets([[600.0, 0.0, 0.0]] * 12, 300.0 * np.arange(1, 13))
    seconds = [0.0, 300.0, 600.0, 900.0, 900.0, 1200.0, 3900.0]
    values = [50.0, np.nan, 50.0, 50.0, 50.0, 9.0, 50.0]
    flags = [0, int(Flag.MISSING), 0, 0, int(Flag.DUPLICATE), int(Flag.STUCK), 0]
    found = compare(readings(seconds, values, flags=flags), COUNTS, AT_S1, result, start=START)
    assert found.pairs == 2
    assert found.bias == 0.0
    # 12 periods of the run; four of them have a reading of some kind
    assert found.gaps == {"outside": 2, "missing": 1, "faulty": 1, "twice": 1, "absent": 8}


def test_a_cell_under_a_building_is_no_pair():
    result = ground([290.0, 290.0], [0.0, 600.0], nodata=[(0, 0)])
    found = compare(readings([300.0], [290.0]), AIR, SQUARE, result, start=START)
    assert (found.pairs, found.gaps) == (0, {"not_simulated": 1})
    assert np.isnan(list(found.figures().values())[1:]).all()


def test_figures_are_those_of_the_formulas():
    random = np.random.default_rng(5)
    measured = 290.0 + random.normal(0.0, 3.0, 50)
    course = measured + random.normal(1.0, 1.0, 50)
    seconds = 600.0 * np.arange(50)
    found = compare(readings(seconds, measured), AIR, SQUARE, ground(course, seconds), start=START)
    cv, nmbe = agreement(measured[None], course[None])
    assert found.pairs == 50
    assert found.cv == pytest.approx(float(cv[0]))
    assert found.bias == pytest.approx(-float(nmbe[0]) * measured.mean())  # NMBE is measured less expected
    assert found.correlation == pytest.approx(np.corrcoef(measured, course)[0, 1])
    assert found.rmse == pytest.approx(np.sqrt(np.mean((course - measured) ** 2)))
    assert set(found.figures()) == set(FIGURE_WORDS)


def test_a_course_that_does_not_change_correlates_with_nothing():
    result = streets([[600.0, 0.0, 0.0]] * 3, [300.0, 600.0, 900.0])
    found = compare(readings([300.0, 600.0, 900.0], [50.0, 40.0, 60.0]), COUNTS, AT_S1, result, start=START)
    assert np.isnan(found.correlation)
    assert found.cv == pytest.approx(np.sqrt(2 * 120.0**2 / 3) / 600.0)


@pytest.mark.parametrize(
    ("stream", "thing", "change", "match"),
    [
        (COUNTS, Thing("t", "t"), {}, "does not say which link"),
        (COUNTS, Thing("t", "t", properties={"link": "s9"}), {}, "no link 's9'"),
        (COUNTS, AT_S1, {"name": "air_temperature"}, "not told by"),
        (COUNTS, AT_S1, {"start": datetime(2026, 3, 10)}, "no zone"),
        (COUNTS, AT_S1, {"start": None}, "when it starts"),
        (Datastream("t/q", "t", "vehicle_count"), AT_S1, {}, "a counter"),
        (AIR, AT_S1, {}, "no 'air_temperature'"),
    ],
)
def test_what_cannot_be_compared_says_why(stream, thing, change, match):
    result = streets([[600.0, 0.0, 0.0]], [300.0])
    with pytest.raises(SensorError, match=match):
        compare(readings([300.0], [1.0]), stream, thing, result, **({"start": START} | change))


def test_a_place_off_the_ground_or_none_is_told():
    result = ground([290.0, 290.0], [0.0, 600.0])
    with pytest.raises(SensorError, match="outside the ground"):
        compare(readings([0.0], [1.0]), AIR, Thing("t", "t", 4.40, 50.80), result, start=START)
    with pytest.raises(SensorError, match="no place"):
        compare(readings([0.0], [1.0]), AIR, Thing("t", "t"), result, start=START)


def test_nothing_measured_is_no_pair():
    result = streets([[600.0, 0.0, 0.0]], [600.0])
    found = compare(Readings.none(), COUNTS, AT_S1, result, start=START)
    assert (found.pairs, found.gaps) == (0, {"absent": 2})


def test_all_names_are_quantities_and_all_words_are_there():
    assert {*SAME, *(one for one, _ in SAME.values()), *MEANS, *SUMMED} <= set(QUANTITIES)
    assert all(words[one] for words in FIGURE_WORDS.values() for one in LANGUAGES)
