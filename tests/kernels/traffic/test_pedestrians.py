"""How fast a crowd walks, beside Weidmann's figures."""

import numpy as np
import pytest

from kernels.contract import LayerError
from kernels.traffic.pedestrians import (
    CRITICAL_DENSITY,
    GREATEST_FLOW,
    density_of_flow,
    foot_streets,
    specific_flow,
    walking_speed,
)
from kernels.traffic.queues import Queues
from kernels.traffic.queues_inputs import MODE_NAMES, Streets, Trips

SOURCE = "Weidmann (1993), doi:10.3929/ethz-a-000687810"


def test_one_person_on_a_square_metre_walks_as_weidmann_found(measured):
    measured(case="Weidmann at 1 person/m², off 1.058 m/s by", source=SOURCE, ours=abs(walking_speed(1.0) - 1.058),
             bar=0.001, unit="m/s")  # fmt: skip


def test_most_people_pass_at_one_and_three_quarters_on_a_square_metre(measured):
    measured(case="greatest flow of people, off 1.225 /m/s by", source=SOURCE, ours=abs(GREATEST_FLOW - 1.225),
             bar=0.001, unit="/m/s")  # fmt: skip
    assert abs(CRITICAL_DENSITY - 1.75) < 0.01
    crowd = np.linspace(0.01, 5.4, 2000)
    assert specific_flow(crowd).max() <= GREATEST_FLOW


def test_a_jam_stands_and_an_empty_street_is_free():
    assert walking_speed(5.4) == 0.0
    assert walking_speed(9.0) == 0.0
    assert walking_speed(0.0) == pytest.approx(1.34)


def test_the_density_of_a_flow_carries_that_flow():
    flow = np.array([0.1, 0.6, 1.2])
    np.testing.assert_allclose(specific_flow(density_of_flow(flow)), flow, rtol=1e-9)
    assert np.isnan(density_of_flow(1.3))


def test_a_pavement_carries_by_its_width():
    capacity, jam = foot_streets(np.array([1.0, 3.0]))
    assert capacity[1] == pytest.approx(3 * GREATEST_FLOW)
    assert jam[0] == pytest.approx(5.4)


def test_what_cannot_be_is_refused():
    with pytest.raises(LayerError, match="0 or more"):
        walking_speed(-1.0)
    with pytest.raises(LayerError, match="pavement 1"):
        foot_streets(np.array([1.0, 0.0]))


def test_the_queues_carry_a_crowd_through_a_pavement_as_wide_as_it_is():
    # 3 people a second want through 2 m of pavement: as many come out as Weidmann lets pass
    capacity, jam = foot_streets(np.array([2.0]))
    pavement = Streets(np.zeros(1, int), np.ones(1, int), np.full(1, 100.0), np.full(1, 1.34), capacity, jam)
    n = 6000
    crowd = Trips(np.zeros(n, int), np.ones(n, int), np.arange(n) / 3.0, np.full(n, MODE_NAMES.index("foot")))
    queues = Queues(pavement, crowd)
    queues.advance(500.0)
    before = queues.census().left
    queues.advance(1500.0)
    assert (queues.census().left - before) / 1000 == pytest.approx(2 * GREATEST_FLOW, abs=0.002)
    assert queues.left_at()[0] == pytest.approx(100 / 1.34)
