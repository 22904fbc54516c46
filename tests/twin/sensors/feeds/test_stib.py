"""Vehicles of the STIB-MIVB: JSON inside JSON, stops joined by a letter, metres along the shape of a line."""

import gzip
import json
import time

import numpy as np
import pyproj
import pytest
import shapely

from twin.city import CityError
from twin.formats.features import to_lambert
from twin.sensors.feeds.stib import parse, vehicles
from twin.sensors.feeds.stib_network import network, read_shapes, read_stops
from twin.sensors.model import SECOND, SensorError

NOON = 1_731_000_000 * SECOND
CORNER = shapely.LineString([(148_000, 170_000), (149_000, 170_000), (149_000, 171_000)])
"""A line with a corner: from 0100 east to the corner, then north."""
PLACES = {
    "0100": (148_000, 170_000), "0200F": (149_000, 171_000), "0300": (149_000, 170_200), "0400C": (150_000, 172_000),
    "0400H": (150_100, 172_000), "0500": (149_000, 171_900),
}  # fmt: skip
_DEGREES = pyproj.Transformer.from_crs("EPSG:31370", "EPSG:4326", always_xy=True)


def stops(places=PLACES):
    rows = []
    for name, (x, y) in places.items():
        longitude, latitude = _DEGREES.transform(x, y)
        place = json.dumps({"latitude": latitude, "longitude": longitude})
        rows.append(
            {"id": name, "gpscoordinates": place, "name": json.dumps({"fr": f"Arrêt {name}", "nl": f"Halte {name}"})}
        )
    return json.dumps(rows)


def lines(**ways):
    """Lines by name, each way a text of stops."""
    return json.dumps([
        {"lineid": name.split("_")[1], "direction": name.split("_")[0], "destination": json.dumps({"fr": "Bout"}),
         "points": json.dumps([{"id": one, "order": number} for number, one in enumerate(points.split())][::-1])}
        for name, points in ways.items()
    ])  # fmt: skip


def snapshot(**by_line):
    return json.dumps([
        {"lineid": line.removeprefix("l"), "vehiclepositions": json.dumps([
            {"pointId": point, "directionId": towards, "distanceFromPoint": after} for point, towards, after in rows
        ])}
        for line, rows in by_line.items()
    ])  # fmt: skip


@pytest.fixture(scope="module")
def corner():
    return network(stops(), lines(City_7="0100 0200F", Suburb_7="0200F 0100", City_8="0300 0400H"), {
        "7": [CORNER, shapely.reverse(CORNER)],
    })  # fmt: skip


@pytest.fixture(scope="module")
def recorded(reference_data):
    folder = reference_data / "transit"
    read = [gzip.decompress((folder / f"stib_{name}_production_2024-11.json.gz").read_bytes())
            for name in ("stop_details", "stops_by_line")]  # fmt: skip
    payload = (folder / "stib_vehicle_position_rt_2024-11.json").read_bytes()
    return payload, network(*read, read_shapes(folder / "stib_network_2109_shapefiles.zip"))


def test_the_recorded_snapshot_gives_its_lines_and_vehicles(recorded):
    """Expected: 76 lines, 506 vehicles, 98 joined by a letter, 0-1692 m, 2,513 stops, 156 ways (SOURCES.md)."""
    payload, streets = recorded
    said = parse(payload, NOON, streets)
    assert (said.counts["lines"], said.counts["vehicles"], said.counts["joined by a letter"]) == (76, 506, 98)
    assert (streets.counts["stops"], streets.counts["directions"]) == (2_513, 156)
    assert "stops that are not known" not in said.counts
    assert (said.problems, streets.problems) == ((), ())
    count = np.array([name.endswith("/vehicle_count") for name in said.readings.datastream], bool)
    assert (count.sum(), said.readings.value[count].sum()) == (76, 506)
    after = said.readings.value[~count]
    assert (after.size, after.min(), after.max()) == (506, 0, 1_692)
    assert len(set(said.readings.datastream)) == len(said.readings)


def test_recorded_vehicles_lie_between_two_stops_of_their_line(recorded):
    """Expected: metres after a stop are fewer than those to the next one, which no other part of this code asks for."""
    payload, streets = recorded
    met = vehicles(payload, streets)
    assert len(met) == 506
    placed = [one for one in met if one.how in ("shape", "stops")]
    assert len(placed) > 0.9 * len(met)
    assert sum(one.beyond for one in placed) < 0.02 * len(placed)
    assert all(4.25 < one.longitude < 4.52 and 50.76 < one.latitude < 50.93 for one in met)


def test_metres_are_counted_along_the_shape_of_the_line(corner):
    """Expected: 1,500 m from 0100 along 1 km east and then north is 500 m north of the corner."""
    assert (corner.counts["directions with a shape"], corner.counts["directions on straight lines"]) == (2, 1)
    there, back = vehicles(snapshot(l7=[("0100", "0200", 1_500), ("0200F", "0100", 1_500)]), corner)
    for one, place in ((there, (149_000, 170_500)), (back, (148_500, 170_000))):
        np.testing.assert_allclose(to_lambert(np.array([[one.longitude, one.latitude]]))[0], place, atol=0.1)
        assert (one.how, one.beyond) == ("shape", False)


def test_a_stop_is_joined_by_a_letter_and_by_its_line_where_two_letters_fit(corner):
    one, two, three, four = vehicles(snapshot(l7=[("0200", "0100", 0)], l8=[("0400", "0400", 0), ("9999", "0400", 3)],
                                              l9=[("0400", "0100", 0)]), corner)  # fmt: skip
    assert (one.stop.id, one.lettered) == ("0200F", True)
    assert (two.stop.id, two.lettered) == ("0400H", True)
    assert (three.stop, three.longitude, three.how) == (None, None, "")
    assert (four.stop.id, four.how) == ("0400C", "stop")


def test_without_a_shape_metres_are_counted_straight_to_the_next_stop_and_no_farther(corner):
    """Expected: 500 m on the way from (149000, 170200) to (150100, 172000), 2,109.5 m long."""
    near, far = vehicles(snapshot(l8=[("0300", "0400", 500), ("0300", "0400", 9_000)]), corner)
    for one, share in ((near, 500 / np.hypot(1_100, 1_800)), (far, 1.0)):
        place = 149_000 + share * 1_100, 170_200 + share * 1_800
        np.testing.assert_allclose(to_lambert(np.array([[one.longitude, one.latitude]]))[0], place, atol=0.1)
    assert (near.how, near.beyond, far.beyond) == ("stops", False, True)


def test_a_way_is_known_by_the_name_of_its_end_for_ends_have_several_platforms():
    places = PLACES | {"0201": (149_000, 171_000)}
    text = stops(places).replace("Arrêt 0201", "Arrêt 0200F")
    streets = network(text, lines(City_7="0500 0100 0200F", Suburb_7="0200F 0100 0500"))
    (one,) = vehicles(snapshot(l7=[("0100", "0201", 100)]), streets)
    place = to_lambert(np.array([[one.longitude, one.latitude]]))[0]
    np.testing.assert_allclose(place, [148_000 + 100 / np.sqrt(2), 170_000 + 100 / np.sqrt(2)], atol=0.1)


def test_two_vehicles_past_one_stop_are_two_datastreams_and_no_vehicle_has_a_name():
    said = parse(snapshot(l7=[("0100", "0200", 5), ("0100", "0200", 90)]), NOON)
    assert said.readings.datastream.tolist() == [
        "stib:line/7/route_distance/0100/0200", "stib:line/7/route_distance/0100/0200/2", "stib:line/7/vehicle_count",
    ]  # fmt: skip
    assert said.readings.value.tolist() == [5, 90, 2]
    assert set(said.readings.time) == {NOON}


def test_a_line_without_vehicles_is_silent_and_an_outage_is_not_zero():
    said = parse(snapshot(l7=[("0100", "0200", 5)], l8=[]), NOON)
    assert said.silent == 1
    assert [thing.id for thing in said.things] == ["stib:line/7"]
    assert len(parse("[]", NOON).readings) == 0
    assert len(parse('{"total_count": 0, "results": []}', NOON).readings) == 0
    for payload in ("Service unavailable", '{"error_code": 503}', '{"lines": 1}'):
        with pytest.raises(SensorError, match="stib: "):
            parse(payload, NOON)


def test_a_bad_row_costs_itself_alone(corner):
    rows = json.loads(
        snapshot(l7=[("0100", "0200", 5), ("0100", "0200", -1), ("0100", "0200", "far"), (None, "0200", 1)])
    )
    whole = [{"pointId": "0300", "directionId": "0400", "distanceFromPoint": 2}]
    rows += [{"lineid": "8", "vehiclepositions": "[{"}, {"lineid": "9"}, 4, {"lineid": "10", "vehiclepositions": "{}"},
             {"lineid": "11", "vehiclepositions": whole}]  # fmt: skip
    said = parse(json.dumps(rows), NOON, corner)
    assert {(p.field, p.rows) for p in said.problems} == {
        ("vehiclepositions", 3), ("vehiclepositions[]", 2), ("distanceFromPoint", 1), ("vehiclepositions", 1),
    }  # fmt: skip
    assert said.counts["vehicles"] == 2


def test_stops_and_lines_that_cannot_be_read_are_told():
    rows = json.loads(stops())
    rows += [{"id": "1"}, {"id": "2", "gpscoordinates": "{}", "name": "{}"}, 3,
             {"id": "4", "gpscoordinates": '{"latitude": 500, "longitude": 4}', "name": "{}"}]  # fmt: skip
    known, problems = read_stops(json.dumps(rows))
    assert len(known) == len(PLACES)
    assert [(p.field, p.rows) for p in problems] == [("stops", 4)]
    assert known["0100"].name == "Arrêt 0100"
    made = network(stops(), json.dumps([*json.loads(lines(City_1="0100 77")), {"lineid": "2"}]))
    assert {(p.field, p.rows) for p in made.problems} == {("points", 1), ("stops by line", 1)}
    assert made.counts["stops that are not known"] == 1
    with pytest.raises(CityError, match="zip of shapefiles"):
        read_shapes("no-such.zip")


def test_ten_megabytes_are_read_in_two_seconds():
    rows = [(f"{number % 9_000}", "0200", number % 700) for number in range(1_000)]
    payload = snapshot(**{f"l{line}": rows for line in range(130)})
    assert len(payload) > 9.5e6
    begin = time.process_time()
    said = parse(payload, NOON)
    assert time.process_time() - begin < 2.0
    assert said.counts["vehicles"] == 130_000
