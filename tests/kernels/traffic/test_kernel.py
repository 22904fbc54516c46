"""The traffic kernel: hours in equilibrium, vehicles on their ways, closures by the hour, and what each link tells."""

import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_allclose
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from kernels.contract import LayerError, collect, run
from kernels.quantities import attrs
from kernels.traffic.demand import Demand
from kernels.traffic.equilibrium import assign
from kernels.traffic.fields import QUIET
from kernels.traffic.fleet import traffic_heat
from kernels.traffic.kernel import Traffic
from kernels.traffic.network import Network
from kernels.traffic.queues_inputs import MODE_NAMES, mode_bits

CAR, BUS, BIKE = (MODE_NAMES.index(one) for one in ("car", "bus", "bike"))
MOTOR = mode_bits("car+van+truck+bus")
HOUR = 3600.0
NAMES = ["a>", "b>", "c>", "d>"]
SQUARE = {
    "link_start_node": [0, 1, 0, 2],
    "link_end_node": [1, 3, 2, 3],
    "street_length": [500.0, 500.0, 600.0, 600.0],
    "free_speed": [10.0] * 4,
    "street_capacity": [800.0] * 4,
}


def layers(street=None, *, trips=((0, 3, CAR, 900.0, 0.0, HOUR),), **rows):
    """Streets with trips (start, end, mode, trips, begin, until), and rows of closures, turns, changes, buses."""
    columns = list(zip(*trips, strict=True)) or [[]] * 6
    demand = dict(zip(("start_node", "end_node", "mode", "trips", "begin", "until"), columns, strict=True))
    dims = {"closure": "closure", "turn": "turn", "change": "street_change", "service": "service",
            "service_leg": "service_leg", "crossing": "crossing"}  # fmt: skip
    found = {name: ("link", np.asarray(one)) for name, one in (SQUARE | (street or {})).items() if len(one) == 4}
    found |= {f"demand_{name}": ("demand", np.asarray(one)) for name, one in demand.items()}
    for kind, table in rows.items():
        found |= {f"{kind}_{name}": (dims[kind], np.asarray(one)) for name, one in table.items()}
    return xr.Dataset({name: (dim, one, attrs(name)) for name, (dim, one) in found.items()}, coords={"link": NAMES})


def drive(given, times=(HOUR,), **knobs):
    return collect(run(Traffic(**{"threads": 1, **knobs}), given, xr.Dataset(), list(times)))


def by_name(values) -> dict[str, float]:
    return dict(zip(NAMES, np.asarray(values).tolist(), strict=True))


def test_an_hour_in_equilibrium_is_that_of_the_assignment():
    frames, outcome = drive(layers(), model="equilibrium", gap=1e-10)
    network = Network.of(
        SQUARE["link_start_node"], SQUARE["link_end_node"], free_flow_time=np.array(SQUARE["street_length"]) / 10.0,
        capacity=800.0, node_id=np.arange(4),
    )  # fmt: skip
    known = assign(network, Demand([0], [3], [900.0]), gap=1e-10)
    assert_allclose(frames["traffic_flow"].values[0], known.flow, rtol=1e-6)
    assert_allclose(frames["travel_time"].values[0], known.time, rtol=1e-6)
    assert_allclose(outcome.summary["trip_time"].values, known.shortest, rtol=1e-6)
    assert_allclose(frames["traffic_saturation"].values[0], known.flow / 800.0, rtol=1e-6)
    # Little's law: vehicles on a link are its flow times its time
    assert_allclose(frames["vehicles_on_street"].values[0], known.flow / HOUR * known.time, rtol=1e-5)


def test_the_times_of_trips_are_those_of_an_independent_search():
    frames, outcome = drive(layers(), model="equilibrium", gap=1e-9)
    time = frames["travel_time"].values[0].astype(float)
    graph = csr_matrix((time, (SQUARE["link_start_node"], SQUARE["link_end_node"])), shape=(4, 4))
    assert outcome.summary["trip_time"].values[0] == pytest.approx(dijkstra(graph, indices=0)[3], rel=1e-5)


@pytest.mark.parametrize("model", ["equilibrium", "queues"])
def test_a_bollard_from_quarter_past_to_quarter_to_lets_no_car_in_and_bikes_pass(model, measured):
    trips = ((0, 3, CAR, 600.0, 0.0, HOUR), (0, 3, BIKE, 120.0, 0.0, HOUR))
    closed = {"link": [0], "modes": [MOTOR], "begin": [900.0], "until": [2700.0]}
    frames, _ = drive(layers(trips=trips, closure=closed), [900.0, 2700.0, 3600.0], model=model)
    flow, bikes = frames["traffic_flow"].values[:, 0], frames["bicycle_flow"].values[:, 0]
    measured(case=f"cars that enter while a bollard stands, {model}", source="property 9: zero entries",
             ours=float(flow[1]), bar=0.0, unit="h-1")  # fmt: skip
    assert flow[1] == 0.0
    assert flow[0] > 0
    assert flow[2] > 0
    assert bikes[1] > 0


def test_vehicles_are_whole_and_kept_at_every_output_time(measured):
    trips = ((0, 3, CAR, 1500.0, 0.0, 1800.0), (0, 3, MODE_NAMES.index("truck"), 37.0, 0.0, 1800.0))
    kernel = Traffic(threads=1)
    state = kernel.prepare(layers(trips=trips), xr.Dataset())
    for until in np.arange(1, 28) * 200.0:
        kernel.advance(state, float(until))
        closure = kernel.closure(state)
        assert all(value == int(value) for value in closure.ledger.values())
        assert closure.error == 0.0
    assert closure.ledger["vehicles_arrived"] == 1537
    measured(case="vehicles kept by the kernel", source="property 8", ours=closure.error, bar=0.0, unit="1")


def test_what_no_way_serves_stands_aside_in_queues_and_is_told_in_both_models():
    trips = ((0, 3, CAR, 40.0, 0.0, HOUR), (3, 0, CAR, 25.0, 0.0, HOUR))
    for model in ("equilibrium", "queues"):
        _, outcome = drive(layers(trips=trips), model=model)
        assert outcome.closure.ledger["vehicles_aside"] == pytest.approx(25.0)
        assert outcome.closure.error < 1e-12
        assert_allclose(outcome.summary["trips_unserved"].values, [0.0, 25.0])
        assert np.isnan(outcome.summary["trip_time"].values[1])


def test_queues_of_light_traffic_take_the_time_of_the_equilibrium():
    light = layers(trips=((0, 3, CAR, 60.0, 0.0, HOUR),))
    moving, steady = (drive(light, [HOUR, 2 * HOUR], model=one)[1] for one in ("queues", "equilibrium"))
    # 1,000 m at 10 m/s
    assert moving.summary["trip_time"].values[0] == pytest.approx(100.0, rel=0.01)
    assert steady.summary["trip_time"].values[0] == pytest.approx(100.0, rel=0.01)
    assert moving.summary["trip_distance"].values[0] == pytest.approx(1000.0)


def test_more_than_a_street_lets_pass_makes_a_queue_that_the_frames_show():
    one_way_in = {"street_capacity": [800.0, 400.0, 1.0, 1.0]}
    jam = layers(one_way_in, trips=((0, 3, CAR, 600.0, 0.0, HOUR),), closure={
        "link": [2], "modes": [MOTOR], "begin": [0.0], "until": [10 * HOUR]})  # fmt: skip
    frames, _ = drive(jam, [1800.0, HOUR], rounds=0)
    flow, queue = frames["traffic_flow"].values, frames["queue_length"].values
    assert by_name(flow[1])["b>"] == pytest.approx(400.0, rel=0.02)
    # 200 cars an hour more come than go: a> is full of a queue that moves at 400 an hour. Triangular diagram: kj 1/6.5
    # cars a metre, capacity 800 an hour, so w = q / (kj - q / u), and the queue has kj - 400/h / w cars a metre
    jam, most, out = 1 / 6.5, 800 / 3600, 400 / 3600
    wave = most / (jam - most / 10.0)
    standing = (500.0 * (jam - out / wave) - 50.0 * out) / jam
    assert queue[1, 0] == pytest.approx(standing, rel=0.05)
    assert queue[0, 0] > 0
    assert frames["traffic_speed"].values[1, 0] < 2.0


def test_a_speed_that_changes_by_the_hour_changes_the_time_of_its_slice():
    slow = {"link": [0, 1], "begin": [1800.0] * 2, "until": [HOUR] * 2, "speed": [2.5] * 2, "capacity": [1.0] * 2}
    few = ((0, 3, CAR, 10.0, 0.0, HOUR),)
    frames, _ = drive(layers(trips=few, change=slow), [1800.0, HOUR], model="equilibrium")
    assert frames["traffic_flow"].values[0, 0] == pytest.approx(10.0)
    assert frames["traffic_flow"].values[1, 0] == 0.0, "all go round"


def test_half_of_a_capacity_counts_twice_the_saturation():
    half = {"link": [0, 1, 2, 3], "begin": [0.0] * 4, "until": [HOUR] * 4, "speed": [np.nan] * 4,
            "capacity": [0.5] * 4}  # fmt: skip
    plain, halved = (drive(layers(**more), model="equilibrium")[0] for more in ({}, {"change": half}))
    assert halved["traffic_saturation"].values.sum() == pytest.approx(2 * plain["traffic_saturation"].values.sum())


@pytest.mark.parametrize("model", ["equilibrium", "queues"])
def test_a_banned_turn_is_made_by_no_car(model):
    ban = {"from_link": [0], "to_link": [1], "modes": [mode_bits("all")]}
    frames, outcome = drive(layers(turn=ban), [2 * HOUR], model=model)
    flow = by_name(frames["traffic_flow"].values[0])
    assert flow["a>"] == flow["b>"] == 0.0
    assert outcome.closure.ledger["vehicles_arrived"] == pytest.approx(900.0)


def test_a_red_light_costs_what_webster_has_for_a_street_without_traffic():
    lit = {"signal_cycle": [90.0, 0.0, 90.0, 0.0], "signal_green": [30.0, 0.0, 30.0, 0.0]}
    few = ((0, 3, CAR, 1.0, 0.0, HOUR),)
    _, outcome = drive(layers(lit, trips=few), model="equilibrium")
    # (90 - 30)² / (2 · 90) = 20 s, the first term of Webster (1958)
    assert outcome.summary["trip_time"].values[0] == pytest.approx(120.0, rel=1e-3)


def test_buses_run_their_line_and_serve_no_demand():
    line = {"service": {"departure": [60.0, 660.0]},
            "service_leg": {"run": [0, 0, 1, 1], "link": [2, 3, 2, 3], "dwell": [0.0, 20.0, 0.0, 20.0]}}  # fmt: skip
    frames, outcome = drive(layers(trips=((0, 3, CAR, 1.0, 0.0, HOUR),), **line), [HOUR])
    assert by_name(frames["traffic_flow"].values[0])["c>"] == 2.0
    assert outcome.closure.ledger["vehicles_arrived"] == 3
    steady, _ = drive(layers(trips=((0, 3, CAR, 1.0, 0.0, HOUR),), **line), [HOUR], model="equilibrium")
    assert by_name(steady["traffic_flow"].values[0])["c>"] == pytest.approx(2.0)


def test_traffic_through_a_neighbourhood_is_told_from_its_own():
    area = {"link_area": [-1, -1, 0, 0]}
    own = layers(area, trips=((0, 3, CAR, 900.0, 0.0, HOUR),))
    own = own.assign(node_area=("node", np.array([-1, -1, 0, -1]), attrs("node_area")))
    _, outcome = drive(own, model="equilibrium")
    share = by_name(outcome.summary["cut_through_share"].values)
    assert share["c>"] == share["d>"] == 1.0
    assert np.isnan(share["a>"])
    _, outcome = drive(own.assign(node_area=("node", np.array([0, -1, 0, -1]), attrs("node_area"))),
                       model="equilibrium")  # fmt: skip
    assert by_name(outcome.summary["cut_through_share"].values)["c>"] == 0.0


def test_heat_on_the_ground_is_that_of_the_fuel():
    crossing = {"link": [0, 0, 2], "row": [0, 0, 1], "column": [0, 1, 1], "length": [250.0, 250.0, 600.0]}
    given = layers(crossing=crossing).assign_coords(x=[50.0, 150.0], y=[50.0, 150.0])
    frames, outcome = drive(given, model="equilibrium")
    burnt = traffic_heat(frames["carbon_dioxide_emission"].values[0].astype(float))
    flux = outcome.summary["waste_heat_flux"].values * 100.0**2
    assert_allclose(flux, [[burnt[0] / 2, burnt[0] / 2], [0.0, burnt[2]]], rtol=1e-5)


def test_an_empty_street_is_quiet_and_as_fast_as_it_may_be():
    frames, _ = drive(layers(trips=((0, 3, CAR, 0.0, 0.0, HOUR),)), model="equilibrium")
    assert (frames["road_noise_power"].values == QUIET).all()
    assert (frames["traffic_speed"].values == 10.0).all()
    assert (frames["carbon_dioxide_emission"].values == 0.0).all()


@pytest.mark.parametrize("model", ["equilibrium", "queues"])
def test_any_number_of_threads_gives_the_same_bits(model):
    trips = ((0, 3, CAR, 900.0, 0.0, HOUR), (0, 3, BIKE, 90.0, 0.0, HOUR))
    one, two = (drive(layers(trips=trips), [900.0, HOUR], model=model, threads=count)[0] for count in (1, 2))
    xr.testing.assert_identical(one, two)


@pytest.mark.parametrize("model", ["equilibrium", "queues"])
def test_a_frame_is_the_mean_since_the_last_one_and_the_run_the_same_however_it_is_cut(model):
    coarse, a = drive(layers(), [HOUR], model=model)
    fine, b = drive(layers(), np.arange(1, 13) * 300.0, model=model)
    assert_allclose(fine["traffic_flow"].values.mean(axis=0), coarse["traffic_flow"].values[0], rtol=1e-5)
    assert a.closure.ledger == pytest.approx(b.closure.ledger)
    assert_allclose(a.summary["vehicles_passed"].values, b.summary["vehicles_passed"].values, rtol=1e-6)


def test_traced_vehicles_leave_a_link_before_they_enter_the_next():
    _, outcome = drive(layers(), [2 * HOUR], traced=50)
    legs = outcome.summary
    assert 40 <= legs.sizes["vehicle"] <= 50
    who, begin, until = (legs[f"vehicle_leg_{one}"].values for one in ("vehicle", "begin", "until"))
    assert (until > begin).all()
    follows = who[1:] == who[:-1]
    assert (begin[1:][follows] >= until[:-1][follows] - 1e-3).all()
    assert follows.sum() == legs.sizes["vehicle"], "each way has two links"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"free_speed": [10.0, 0.0, 10.0, 10.0]}, "free_speed of link b>"),
        ({"street_capacity": [800.0, 800.0, -5.0, 800.0]}, "street_capacity of link c>"),
        ({"street_length": [500.0, 500.0, 600.0, 0.0]}, "street_length of link d>"),
        ({"link_start_node": [-1, 1, 0, 2]}, "link_start_node of link a>"),
        ({"signal_cycle": [90.0, 0, 0, 0], "signal_green": [95.0, 0, 0, 0]}, "signal_green of link a>"),
    ],
)
def test_a_street_that_cannot_be_is_refused_by_name(change, words):
    with pytest.raises(LayerError, match=words):
        drive(layers(change))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ((0, 9, CAR, 5.0, 0.0, HOUR), "node 0 to 9.*0 to 3"),
        ((0, 3, CAR, -5.0, 0.0, HOUR), "below zero"),
        ((0, 3, 17, 5.0, 0.0, HOUR), "mode"),
        ((0, 3, CAR, 5.0, HOUR, HOUR), "not after its begin"),
    ],
)
def test_trips_that_cannot_be_are_refused_by_row(row, words):
    with pytest.raises(LayerError, match=words):
        drive(layers(trips=((0, 3, CAR, 1.0, 0.0, HOUR), row)))


def test_rows_that_lack_a_column_are_refused():
    with pytest.raises(LayerError, match="closure_modes"):
        drive(layers(closure={"link": [0], "begin": [0.0], "until": [9.0]}))


def test_knobs_out_of_range_are_refused():
    for knobs in ({"model": "guess"}, {"gap": 0.0}, {"rounds": -1}, {"threads": 0}, {"slice_s": 1.0}):
        with pytest.raises(LayerError, match="traffic"):
            Traffic(**knobs)
