"""SWMM input files: what is read, in SI; what is not, counted; and runs beside SWMM's own engine."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from kernels.flood.sewer import Sewer
from kernels.flood.sewer_words import (
    CIRCULAR,
    EGG,
    OUTFALL_LEVEL,
    PUMP_LIFT,
    PUMP_STEPS,
    RECTANGULAR,
    STORAGE,
    TRAPEZOIDAL,
)
from kernels.quantities import attrs
from twin.city import CityError
from twin.formats import swmm

BRANCHES = """
[OPTIONS]
FLOW_UNITS CMS
LINK_OFFSETS DEPTH
START_DATE 05/01/2020
START_TIME 00:00:00
[JUNCTIONS]
A1 102.0 4 0 50 0
A2 101.7 4 0 50 0
A3 101.4 4 0 50 0
A4 101.1 4 0 50 0
B1 102.0 4 0 50 0
B2 101.6 4 0 50 0
C1 100.8 4 0 50 0
C2 100.5 4 0 50 0
[OUTFALLS]
O1 100.2 FREE NO
O2 99.5 FREE NO
[STORAGE]
S1 99.0 5 0 FUNCTIONAL 0 0 400 0 0
[CONDUITS]
PA1 A1 A2 100 0.013 0 0 0 0
PA2 A2 A3 100 0.013 0 0 0 0
PA3 A3 A4 100 0.013 0 0 0 0
PA4 A4 C1 100 0.013 0 0 0 0
PB1 B1 B2 100 0.013 0 0 0 0
PB2 B2 A4 100 0.013 0 0.2 0 0
PC1 C1 C2 100 0.013 0 0 0 0
PC2 C2 O1 100 0.013 0 0 0 0
[XSECTIONS]
PA1 CIRCULAR 0.6 0 0 0 1
PA2 CIRCULAR 0.6 0 0 0 1
PA3 CIRCULAR 0.7 0 0 0 1
PA4 EGG 1.2 0 0 0 1
PB1 RECT_CLOSED 0.6 0.8 0 0 1
PB2 CIRCULAR 0.6 0 0 0 1
PC1 CIRCULAR 0.5 0 0 0 1
PC2 CIRCULAR 0.6 0 0 0 1
W1 RECT_OPEN 2.0 1.5 0 0
G1 CIRCULAR 0.15 0 0 0
[WEIRS]
W1 C1 S1 TRANSVERSE 0.35 1.7 NO 0 0
[ORIFICES]
G1 S1 O2 SIDE 0.5 0.6 NO 0
[PUMPS]
P1 S1 C2 CUR ON 0.3 0.1
[CURVES]
CUR PUMP4 0 0.02
CUR 5 0.02
[TIMESERIES]
T1 0:00 0.05
T1 0:20 0.05
T1 0:40 0.45
T1 1:00 0.05
T1 3:00 0.05
T2 0:00 0.02
T2 0:25 0.02
T2 0:45 0.40
T2 1:05 0.02
T2 3:00 0.02
[INFLOWS]
A1 FLOW T1 FLOW 1.0 1.0 0
B1 FLOW T2 FLOW 1.0 1.0 0
[COORDINATES]
A1 149000 170000
A2 149100 170000
A3 149200 170000
A4 149300 170000
B1 149300 170200
B2 149300 170100
C1 149400 170000
C2 149500 170000
O1 149600 170000
O2 149400 169900
S1 149400 169950
"""

PUMPING = """
[OPTIONS]
FLOW_UNITS LPS
START_DATE 05/01/2020
START_TIME 00:00:00
[JUNCTIONS]
J1 20.0 3 0 100 0
[STORAGE]
S1 15 5 1.0 FUNCTIONAL 0 0 50 0 0
S2 17.5 4 0 TABULAR TC 0 0
[OUTFALLS]
O1 14.0 FREE NO
[CONDUITS]
K1 J1 O1 60 0.013 0 0 0 0
[XSECTIONS]
K1 CIRCULAR 0.5 0 0 0 1
V1 TRIANGULAR 1.0 2.0 1 1
G1 RECT_CLOSED 0.3 0.4 0 0
[PUMPS]
P2 S1 S2 STEPS ON 1.2 0.4
P3 S2 J1 LIFT ON 1.0 0.3
[WEIRS]
V1 S2 S1 V-NOTCH 1.5 1.38 NO 0 0
[ORIFICES]
G1 J1 S1 SIDE 0.2 0.65 NO 0
[CURVES]
TC STORAGE 0 10
TC 2 40
TC 4 40
STEPS PUMP2 1.0 20
STEPS 2.0 60
STEPS 4.0 120
LIFT PUMP3 0 80
LIFT 3 10
[TIMESERIES]
T1 0:00 0
T1 0:15 150
T1 0:45 150
T1 1:00 0
T1 2:00 0
[INFLOWS]
S1 FLOW T1 FLOW 1.0 1.0 0
[COORDINATES]
J1 149000 170000
S1 149100 170000
S2 149100 170100
O1 149200 170000
"""

# Largest discharge [m³ s⁻¹], when [min] and volume [m³] of each link by SWMM 5.2.4 (swmm-toolkit 0.17.0), dynamic wave,
# partial inertial damping, steps of 0.5 s, MIN_SURFAREA 1.131 m²; BRANCHES over 3 h with the slot, PUMPING over 2 h
BRANCHES_PEAKS = {
    "PA1": (0.4428, 40, 1018.7), "PA2": (0.4367, 41, 1011.9), "PA3": (0.4203, 41, 1007.0), "PA4": (0.7406, 46, 1661.1),
    "PB1": (0.3923, 45, 670.9), "PB2": (0.3784, 47, 668.0), "PC1": (0.2770, 47, 1130.0), "PC2": (0.2968, 48, 1289.2),
    "W1": (0.4639, 47, 523.6), "G1": (0.0362, 61, 157.4), "P1": (0.0200, None, 168.0),
}  # fmt: skip
PUMPING_PEAKS = {
    "K1": (0.0684, 53, 398.8), "P2": (0.1200, None, 668.4), "P3": (0.0684, 53, 400.4), "V1": (0.0791, None, 251.3),
    "G1": (0.0, None, 0.0),
}  # fmt: skip
PUMPING_DEPTHS = {"J1": 0.0812, "S1": 4.5829, "S2": 2.0843}


def _read(tmp_path: Path, text: str):
    path = tmp_path / "network.inp"
    path.write_text(text, "utf-8")
    return swmm.read(path)


def _run(network: xr.Dataset, minutes: int) -> tuple[dict[str, np.ndarray], np.ndarray, Sewer]:
    """Discharges by link and depths by node at every minute, beside a street that is far away."""
    z = np.full((2, 2), 1000.0)
    ground = xr.Dataset({"ground_elevation": (("y", "x"), z, attrs("ground_elevation"))}, {"x": [0, 1], "y": [0, 1]})
    sewer = Sewer.from_layers(xr.merge([ground, network]), np.zeros((2, 2), bool), 1.0)
    assert sewer is not None
    frames = []
    for k in range(60 * minutes):
        sewer.advance(float(k), k + 1.0, np.zeros(sewer.rows.size))
        if k % 60 == 59:
            frames.append(sewer.observe())
    flows = {}
    for dim in ("conduit", "weir", "orifice", "pump"):
        if dim in network.coords:
            values = np.array([frame[f"{dim}_flow"].values for frame in frames])
            flows |= {str(name): values[:, k] for k, name in enumerate(network[dim].values)}
    return flows, np.array([frame.node_depth.values for frame in frames]), sewer


def _note(measured, case, flows, wanted, bars):
    """Hold the worst link's peak and volume to their bars."""
    for part, (what, bar) in enumerate(zip(("peak", "volume"), bars, strict=True)):
        found = {name: flows[name].max() if part == 0 else flows[name].sum() * 60 for name in wanted}
        worst = max(
            abs(found[name]) if truth[2 * part] == 0 else abs(found[name] / truth[2 * part] - 1)
            for name, truth in wanted.items()
        )
        measured(
            case=f"{case}: {what} of the worst link, relative", source="SWMM 5.2.4, dynamic wave", ours=worst, bar=bar
        )


@pytest.mark.slow
def test_two_branches_an_overflow_and_a_basin_run_as_in_swmm(tmp_path, measured):
    network, _ = _read(tmp_path, BRANCHES)
    flows, _, sewer = _run(network, 180)
    for name, (_, when, _) in BRANCHES_PEAKS.items():
        assert when is None or abs(int(flows[name].argmax()) + 1 - when) <= 1, name
    _note(measured, "Two branches with an overflow and a basin", flows, BRANCHES_PEAKS, (0.04, 0.06))
    assert abs(sewer.held() - sewer.came() + sewer.gone()) <= 1e-12 * sewer.came()


@pytest.mark.slow
def test_pumps_a_notch_and_basins_run_as_in_swmm(tmp_path, measured):
    network, _ = _read(tmp_path, PUMPING)
    flows, depths, _ = _run(network, 120)
    for name, (_, when, _) in PUMPING_PEAKS.items():
        assert when is None or abs(int(flows[name].argmax()) + 1 - when) <= 1, name
    _note(measured, "Pumps, a notch and basins", flows, PUMPING_PEAKS, (0.02, 0.005))
    for name, depth in PUMPING_DEPTHS.items():
        place = network["node"].values.tolist().index(name)
        assert depths[:, place].max() == pytest.approx(depth, rel=2e-3), name


def test_a_network_is_read_with_its_shapes_structures_and_series(tmp_path):
    network, tally = _read(tmp_path, BRANCHES)
    assert network.sizes == {"node": 11, "conduit": 8, "weir": 1, "orifice": 1, "pump": 1, "curve_point": 2,
                             "series_point": 14, "storage_point": 1}  # fmt: skip
    at = network.sel(conduit="PB2")
    assert float(at.conduit_end_invert - network.node_invert.sel(node="A4")) == pytest.approx(0.2)
    shapes = dict(zip(network["conduit"].values.tolist(), network["conduit_shape"].values.tolist(), strict=True))
    assert (shapes["PA1"], shapes["PA4"], shapes["PB1"]) == (CIRCULAR, EGG, RECTANGULAR)
    basin = network.sel(node="S1")
    assert (float(basin.node_kind), float(basin.node_area), float(basin.node_rim)) == (STORAGE, 400.0, 104.0)
    assert float(network.weir_crest[0]) == pytest.approx(100.8 + 0.35)
    assert float(network.orifice_area[0]) == pytest.approx(np.pi / 4 * 0.15**2)
    inflow = network.where(network.series_node == 0, drop=True)
    whole = np.trapezoid(inflow.series_inflow, inflow.series_time)
    # 0.05 m³/s for 3 h and a triangle of 0.4 m³/s over 40 min
    assert whole == pytest.approx(0.05 * 10800 + 0.5 * 0.4 * 2400, rel=1e-4)
    assert tally["junctions taken"] == 8
    assert tally["conduits taken"] == 8
    for name, variable in network.data_vars.items():
        assert variable.attrs["units"] == attrs(str(name))["units"]


def test_pump_curves_keep_their_laws(tmp_path):
    network, _ = _read(tmp_path, PUMPING)
    assert network["pump_law"].values.tolist() == [PUMP_STEPS, PUMP_LIFT]
    assert network["curve_flow"].values.tolist() == pytest.approx([0.02, 0.06, 0.12, 0.08, 0.01])
    assert network["storage_area"].values.tolist() == [50.0, 10.0, 40.0, 40.0]


US = """
[OPTIONS]
FLOW_UNITS CFS
LINK_OFFSETS ELEVATION
START_DATE 05/01/2020
START_TIME 06:00
[JUNCTIONS]
J1 100 10 2 5 1000
J2 98 0
[OUTFALLS]
O1 90 FIXED 95 YES
[CONDUITS]
C1 J1 J2 328.083989501 0.015 101 * 1
C2 J2 O1 100 0.015 98 90
[XSECTIONS]
C1 TRAPEZOIDAL 4 2 1 2 2
C2 ARCH 3 4 0 0
W TRAPEZOIDAL 1 10 1 0
[LOSSES]
C1 0.5 1.0 0.1 YES
[WEIRS]
W J1 J2 TRAPEZOIDAL 105 3.33 NO 0 2.5
[DWF]
J1 FLOW 10 "day"
[INFLOWS]
J2 FLOW T FLOW 1.0 2.0 0.5
[TIMESERIES]
T 05/01/2020 7:00 1 8:00 0
[INLETS]
G GRATE 3 2 P_BAR-50
[INLET_USAGE]
C1 G J1 2 25
[COORDINATES]
J1 149000 170000
J2 149100 170000
O1 149200 170000
[SUBCATCHMENTS]
S1 R J1 1 50 100 0.5 0
S2 R J1 1 50 100 0.5 0
[CONTROLS]
RULE R1
"""


def test_feet_become_metres_and_what_is_not_read_is_counted(tmp_path):
    network, tally = _read(tmp_path, US)
    foot = 0.3048
    first, pipe = network.sel(node="J1"), network.sel(conduit="C1")
    assert float(first.node_rim) == pytest.approx(110 * foot)
    assert float(first.node_surcharge_depth) == pytest.approx(5 * foot)
    assert float(first.node_ponded_area) == pytest.approx(1000 * foot**2)
    assert float(first.node_inflow) == pytest.approx(10 * foot**3)
    assert float(pipe.conduit_length) == pytest.approx(100.0)
    assert float(pipe.conduit_start_invert) == pytest.approx(101 * foot)
    assert float(pipe.conduit_end_invert) == pytest.approx(98 * foot)
    assert (float(pipe.conduit_shape), float(pipe.conduit_side_slope)) == (TRAPEZOIDAL, 1.5)
    assert float(pipe.conduit_barrels) == 2
    assert float(pipe.conduit_loss) == pytest.approx(1.6)
    assert float(pipe.conduit_gate) == 1.0
    # 3.33 ft^0.5/s is the 1.84 m^0.5/s of the metric books
    assert float(network.weir_coefficient[0]) == pytest.approx(1.84, abs=0.002)
    out = network.sel(node="O1")
    assert (float(out.node_kind), float(out.node_gate)) == (OUTFALL_LEVEL, 1.0)
    assert float(out.node_level) == pytest.approx(95 * foot)
    # a node without a depth reaches to the highest crown: C1 is 4 ft high there
    assert float(network.node_rim.sel(node="J2")) == pytest.approx(102 * foot)
    # two grates of 3 ft by 2 ft, a quarter clogged: edges 3 + 2*2 ft, open by 0.8
    assert float(network.inlet_length[0]) == pytest.approx(14 * foot)
    assert float(network.inlet_area[0]) == pytest.approx(2 * 0.8 * 6 * foot**2)
    assert float(network.inlet_blockage[0]) == 0.25
    # an hour after the start the series begins at 2 * 1 ft³/s
    series = network.where(network.series_inflow > 0, drop=True)
    assert float(series.series_time[0]) == 3600.0
    assert float(series.series_inflow[0]) == pytest.approx(2 * foot**3)
    assert tally["lines of [SUBCATCHMENTS] not read"] == 2
    assert tally["lines of [CONTROLS] not read"] == 1
    assert tally["conduits of section ARCH replaced by a rectangle"] == 1
    assert tally["dry-weather patterns not kept, the mean holds"] == 1


@pytest.mark.parametrize(
    ("was", "becomes", "words"),
    [
        ("C1 J1 J2 328", "C1 J1 J9 328", r"line 13: \[CONDUITS\] C1: runs to a node 'J9'"),
        ("J1 100 10", "J1 hundred 10", r"line 8: \[JUNCTIONS\] J1: expected an invert elevation, a number, as word 2"),
        ("J1 149000 170000", "", r"\[JUNCTIONS\] J1: has no place in \[COORDINATES\]"),
        ("C1 TRAPEZOIDAL 4 2 1 2 2", "", r"\[CONDUITS\] C1: has no section"),
        ("FLOW_UNITS CFS", "FLOW_UNITS BUCKETS", "BUCKETS"),
        ("J2 FLOW T", "J2 FLOW TT", "time series 'TT'"),
        ("J2 98 0", "J1 98 0", r"is there twice, first in line 8"),
        ("O1 90 FIXED", "O1 90 SOMEHOW", "expected FREE, NORMAL"),
    ],
)
def test_a_file_with_a_mistake_is_refused_by_line_and_object(tmp_path, was, becomes, words):
    assert was in US
    with pytest.raises(CityError, match=words):
        _read(tmp_path, US.replace(was, becomes, 1))


def test_what_is_no_swmm_file_is_refused(tmp_path):
    with pytest.raises(CityError, match=r"expected a \[SECTION\] first"):
        _read(tmp_path, "hello\n")
    with pytest.raises(CityError, match="neither"):
        _read(tmp_path, "[OPTIONS]\nFLOW_UNITS CMS\n")
