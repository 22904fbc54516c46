"""Meters of anyone: water, rain, buildings, bins, panels and lamps in one table."""

import json
import time
from datetime import UTC, datetime

import numpy as np
import pytest

from kernels.quantities import QUANTITIES
from twin.sensors.feeds.meters import KINDS, UNITS, parse
from twin.sensors.model import SECOND, SensorError
from twin.sensors.quality import Flag

HEAD = "time,id,quantity,value,unit,period_s"
NOON = "2024-07-01T12:00:00Z"


def utc(*parts):
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * SECOND


def row(**changed):
    return {"time": NOON, "id": "a", "quantity": "water_depth", "value": 0.5, "unit": "m"} | changed


@pytest.mark.parametrize(
    ("kind", "value", "unit", "quantity", "want"),
    [
        ("electricity", 1, "kWh", "metered_electricity", 3.6e6),
        ("heat", 2, "MWh", "metered_heat", 7.2e9),
        ("gas", 1, "GJ", "metered_gas", 1e9),
        ("water", 250, "l", "metered_water", 0.25),
        ("water", 1, "m³", "metered_water", 1.0),
        ("rain", 2.5, "mm", "rain_depth", 0.0025),
        ("level", 17.2, "m TAW", "water_level", 17.2),
        ("depth", 45, "cm", "water_depth", 0.45),
        ("bin", 80, "%", "bin_fill", 0.8),
        ("photovoltaic", 3.2, "kW", "photovoltaic_ac_power", 3200.0),
        ("light", 90, "W", "light_power", 90.0),
        ("air_temperature", 0, "°C", "air_temperature", 273.15),
        ("rainfall_rate", 36, "mm/h", "rainfall_rate", 1e-5),
        ("river_discharge", 1500, "l/s", "river_discharge", 1.5),
        ("nitrogen_dioxide", 40, "µg/m³", "nitrogen_dioxide", 40e-9),
        ("sound_level", 61, "dB(A)", "sound_level", 61.0),
        ("air_pressure", 1013.25, "hPa", "air_pressure", 101_325.0),
    ],
)  # fmt: skip
def test_every_kind_comes_out_in_the_unit_of_its_quantity(kind, value, unit, quantity, want):
    """Expected: definitions of the units (BIPM, the SI brochure, and the hour of 3600 s)."""
    said = parse(json.dumps([row(quantity=kind, value=value, unit=unit, period_s=300)]))
    assert said.problems == ()
    assert [(one.id, one.quantity, one.period) for one in said.datastreams] == [
        (f"meters:a/{quantity}/300s", quantity, 300.0)
    ]
    np.testing.assert_allclose(said.readings.value, [want])
    assert said.readings.time.tolist() == [utc(2024, 7, 1, 12)]


def test_kinds_are_quantities_with_units():
    assert all(name in QUANTITIES and QUANTITIES[name].units in UNITS for name in KINDS.values())


def test_a_table_and_both_forms_of_json_say_the_same():
    rows = [
        row(building="b7", name="Senne", longitude=4.35, latitude=50.85),
        row(time="2024-07-01T14:05:00", value=0.6),
    ]
    head = "time,id,quantity,value,unit,building,name,longitude,latitude"
    table = "\n".join([head, f"{NOON},a,water_depth,0.5,m,b7,Senne,4.35,50.85",
                       "2024-07-01T14:05:00,a,water_depth,0.6,m,,,,"])  # fmt: skip
    for payload in (
        json.dumps(rows),
        json.dumps({"readings": rows}),
        table.encode(),
        "\ufeff" + table.replace(",", ";"),
    ):
        said = parse(payload, "senne")
        (thing,) = said.things
        assert (thing.id, thing.name, thing.longitude, thing.latitude) == ("senne:a", "Senne", 4.35, 50.85)
        assert thing.properties == {"building": "b7"}
        assert said.readings.value.tolist() == [0.5, 0.6]
        assert said.readings.time.tolist() == [utc(2024, 7, 1, 12), utc(2024, 7, 1, 12, 5)]


def test_the_tables_of_counters_of_buildings_are_met_and_use_is_not_guessed():
    head = "time,meter,kind,reading,unit,value"
    said = parse(f"{head}\n{NOON},E1,electricity,counter,kWh,12\n{NOON},E2,electricity,use,kWh,1\n")
    assert said.readings.datastream.tolist() == ["meters:E1/metered_electricity"]
    assert said.readings.value.tolist() == [12 * 3.6e6]
    assert [(p.field, p.rows) for p in said.problems] == [("reading", 1)]


def test_missing_is_nan_not_valid_is_flagged_and_zero_is_zero():
    said = parse(json.dumps([row(value=None), row(value="-9999", id="b"), row(value=0, id="c", valid=0)]))
    np.testing.assert_array_equal(said.readings.value, [np.nan, np.nan, 0.0])
    assert said.readings.flag.tolist() == [0, 0, Flag.NOT_VALID]
    assert said.counts == {"rows": 3, "missing values": 2, "not valid": 1}


def test_both_changes_of_the_clock_are_met():
    """Expected: 31 March and 27 October 2024 at 01:00 UTC (Directive 2000/84/EC)."""
    stamps = ["2024-03-31T02:30", "2024-10-27T01:30", "2024-10-27T02:30", "2024-10-27T02:30", "2024-10-27T03:30"]
    said = parse(json.dumps([row(time=one, value=number) for number, one in enumerate(stamps)]))
    assert said.readings.time.tolist() == [
        utc(2024, 10, 26, 23, 30), utc(2024, 10, 27, 0, 30), utc(2024, 10, 27, 1, 30), utc(2024, 10, 27, 2, 30),
    ]  # fmt: skip
    assert said.readings.flag.tolist() == [0, Flag.CLOCK, Flag.CLOCK, 0]
    assert said.counts["in the hour that comes twice"] == 2
    assert [p.field for p in said.problems] == ["time"]


def test_a_bad_row_costs_itself_alone():
    bad = [row(id=None), row(quantity="wetness"), row(unit="furlong"), row(quantity="gas", unit="m3"),
           row(time="-"), row(value="high"), row(quantity="rain_depth", unit="mm"), row(period_s="long"), 3,
           row(id=["a"])]  # fmt: skip
    said = parse(json.dumps([row(), *bad, row(value=0.7), row(id="z", longitude="west")]))
    assert {(p.field, p.rows) for p in said.problems} == {
        ("id", 1), ("quantity", 1), ("unit", 1), ("time", 1), ("value", 1), ("period_s", 1), ("row", 2),
        ("longitude, latitude", 1),
    }  # fmt: skip
    assert any("'m3' is none of metered_gas; expected J, MJ" in p.words for p in said.problems)
    assert all(p.feed == "meters" and p.sample for p in said.problems)
    assert said.readings.value.tolist() == [0.5, 0.7, 0.5]


def test_a_payload_of_another_kind_is_told():
    for payload in ("<html>busy</html>", '{"detail": "busy"}', "", b"\xff\xfe"):
        with pytest.raises(SensorError, match="bins"):
            parse(payload, "bins")
    assert len(parse(HEAD).readings) == len(parse("[]").readings) == 0


def test_ten_megabytes_are_read_in_two_seconds():
    rows = (
        f"2024-07-{n // 500 % 28 + 1:02d}T12:00:00,bin-{n % 500:03d},bin_fill,{n % 100},%,900" for n in range(220_000)
    )
    payload = HEAD + "\n" + "\n".join(rows)
    assert len(payload) > 9.5e6
    begin = time.process_time()
    said = parse(payload)
    assert time.process_time() - begin < 2.0
    assert len(said.readings) == 220_000
