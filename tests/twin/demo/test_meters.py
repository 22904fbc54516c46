"""Made-up meters of the demo district: labelled, the same every time, and only the two faults put in are found."""

import numpy as np
import pytest

from twin.city import CityError
from twin.demo.meters import HEATING_FAULT, LEAK, write_demo_meters
from twin.formats import meters_csv
from twin.monitoring import watch_energy, watch_water
from twin.monitoring_sites import places_of, read_sites, reference_end, sites_of


@pytest.fixture(scope="module")
def written(district, tmp_path_factory):
    folder = tmp_path_factory.mktemp("meters")
    return folder, write_demo_meters(district, folder)


def test_the_two_faults_are_found_and_rank_first(district, written):
    """Expected: the buildings and days that the faults were put into."""
    folder, put_in = written
    meters = [one for path in sorted(folder.glob("demo-*.csv")) for one in meters_csv.read(path)]
    energy = [one for one in meters if one.kind != "water"]
    places = places_of([one.name for one in meters], district, read_sites(folder / "sites.csv"))
    watched, _ = watch_energy(
        energy, meters_csv.read_temperatures(folder / "air.csv"), since=reference_end(energy),
        areas={name: place.area for name, place in places.items()},
    )  # fmt: skip
    sites = sites_of(watched, watch_water([one for one in meters if one.kind == "water"]), places)
    assert all(one.building in district.buildings.index for one in sites)
    assert sites[0].building == put_in.wasting
    assert sites[0].state == "alarm"
    assert abs(np.datetime64(sites[0].since) - (np.datetime64("2024-01-01") + HEATING_FAULT)) <= np.timedelta64(7, "D")
    lost = {one.building: one.water_lost for one in sites if one.water_lost > 0.0}
    assert list(lost) == [put_in.leaking]
    leak = next(one for one in sites if one.building == put_in.leaking)
    told = np.datetime64(leak.water[0].alarms[-1]) - (np.datetime64("2024-01-01") + LEAK)
    assert np.timedelta64(0, "D") <= told <= np.timedelta64(3, "D")


def test_it_is_the_same_every_time_and_says_that_it_is_made_up(district, written, tmp_path):
    folder, _ = written
    write_demo_meters(district, tmp_path)
    for path in folder.glob("*.csv"):
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()
        text = path.read_text(encoding="utf-8")
        assert "not measured" in text.splitlines()[0] or "(démo)" in text.splitlines()[1]


def test_made_up_meters_do_not_stand_on_measured_buildings(district, tmp_path):
    with pytest.raises(CityError, match="no demo district"):
        write_demo_meters(district.with_(demo=False), tmp_path)
