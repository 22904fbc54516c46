"""What traffic leaves in the air, beside steady values of HBEFA 4 and sums worked by hand."""

import numpy as np
import pytest

from kernels.contract import LayerError
from kernels.traffic.emissions import CURVES, POLLUTANTS, link_emission, steady_rate

SOURCE = "HBEFA 4.2, petrol car Euro 6 at steady speed (SUMO 1.28, independent program)"


@pytest.mark.parametrize(
    ("pollutant", "kilometres_an_hour", "grams"),
    [("carbon_dioxide", 30, 196.2), ("carbon_dioxide", 50, 140.2), ("nitrogen_oxides", 30, 0.0600),
     ("nitrogen_oxides", 50, 0.0402)],
)  # fmt: skip
def test_a_petrol_car_emits_as_the_handbook_says(pollutant, kilometres_an_hour, grams, measured):
    speed = kilometres_an_hour / 3.6
    ours = float(steady_rate("car_petrol", pollutant, speed)) / speed * 1e6
    measured(case=f"{pollutant} at {kilometres_an_hour} km/h, relative error", source=SOURCE,
             ours=abs(ours / grams - 1), bar=0.001, unit="1")  # fmt: skip


def test_no_curve_is_ever_negative():
    speed = np.linspace(0.0, 40.0, 81)
    for vehicle in CURVES:
        for pollutant in POLLUTANTS:
            assert (steady_rate(vehicle, pollutant, speed) >= 0.0).all(), (vehicle, pollutant)


def test_a_car_that_never_stops_emits_along_the_street_at_its_speed():
    # 10 cars, 1 km at 30 km/h: 196.2 g/km each
    kilos = link_emission("car_petrol", "carbon_dioxide", np.array([10.0]), np.array([120.0]), np.array([1000.0]), 0.0)
    assert kilos[0] == pytest.approx(1.962, rel=1e-3)


def test_a_minute_at_a_red_light_costs_a_minute_of_idling():
    through, waiting = (
        link_emission("car_petrol", "carbon_dioxide", np.ones(1), np.array([time]), np.array([1000.0]), share)[0]
        for time, share in ((120.0, 0.0), (180.0, 1 / 3))
    )
    assert waiting - through == pytest.approx(60 * 1415e-6)  # f0 of the curve: 1,415 mg/s


def test_an_electric_car_leaves_only_tyres_and_brakes():
    left = {name: float(steady_rate("car_electric", name, 10.0)) for name in POLLUTANTS}
    assert {name for name, rate in left.items() if rate > 0} == {"particulate_matter"}


def test_an_empty_street_is_clean_whatever_its_time():
    assert link_emission("bus", "nitrogen_oxides", np.zeros(1), np.array([np.nan]), np.ones(1), 0.0)[0] == 0.0


def test_what_cannot_be_is_refused_by_name():
    with pytest.raises(LayerError, match="steam"):
        steady_rate("steam", "carbon_dioxide", 1.0)
    with pytest.raises(LayerError, match="soot"):
        steady_rate("bus", "soot", 1.0)
    with pytest.raises(LayerError, match="link 1"):
        link_emission("bus", "carbon_dioxide", np.ones(2), np.array([9.0, 0.0]), np.ones(2), 0.0)
