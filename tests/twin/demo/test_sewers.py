"""Sewers of the demo district: they fall to their outfalls, grow downstream, and carry the rain they are built for."""

import numpy as np
import xarray as xr

from kernels.flood.sewer import Sewer
from kernels.flood.sewer_words import JUNCTION, OUTFALL_FREE
from kernels.quantities import attrs
from twin.city import City
from twin.demo.sewers import COVER, DESIGN_RATE, LEAST_SLOPE, RUNOFF


def _drains(city: City) -> xr.Dataset:
    assert city.drains is not None
    return city.drains


def test_every_manhole_runs_down_to_an_outfall(district: City) -> None:
    net = _drains(district)
    start, end = net["conduit_start"].values.astype(int), net["conduit_end"].values.astype(int)
    slope = (net["conduit_start_invert"] - net["conduit_end_invert"]) / net["conduit_length"]
    assert float(slope.min()) >= LEAST_SLOPE - 1e-9
    # one pipe leaves each manhole, so following it must end at an outfall
    assert np.unique(start).size == start.size == int((net["node_kind"] == JUNCTION).sum())
    after = dict(zip(start.tolist(), end.tolist(), strict=True))
    for node in start.tolist():
        steps = 0
        while node in after:
            node, steps = after[node], steps + 1
            assert steps <= start.size
        assert net["node_kind"].values[node] == OUTFALL_FREE


def test_pipes_lie_deep_enough_and_grow_downstream(district: City) -> None:
    net = _drains(district)
    junctions = net["node_kind"].values == JUNCTION
    assert float((net["node_rim"] - net["node_invert"]).values[junctions].min()) >= COVER - 1e-9
    size = dict(zip(net["conduit_start"].values.tolist(), net["conduit_height"].values.tolist(), strict=True))
    for end, height in zip(net["conduit_end"].values.tolist(), net["conduit_height"].values.tolist(), strict=True):
        assert end not in size or size[end] >= height


def test_the_pipes_carry_the_rain_they_are_built_for(district: City) -> None:
    net = _drains(district)
    west, south, east, north = district.bounds
    junctions = net["node_kind"].values == JUNCTION
    each = (east - west) * (north - south) / junctions.sum() * RUNOFF * DESIGN_RATE
    net = net.assign(node_inflow=(("node",), np.where(junctions, each, 0.0), attrs("node_inflow")))
    z = np.full((2, 2), 1000.0)
    far = xr.Dataset(
        {"ground_elevation": (("y", "x"), z, attrs("ground_elevation"))}, {"x": [0.0, 1.0], "y": [0.0, 1.0]}
    )
    sewer = Sewer.from_layers(xr.merge([far, net.drop_dims("inlet")]), np.zeros((2, 2), bool), 1.0)
    assert sewer is not None
    for k in range(3600):
        sewer.advance(float(k), k + 1.0, np.zeros(sewer.rows.size))
    seen = sewer.observe()
    # after an hour what comes in goes out, and no manhole stands to its rim
    outflow = float(seen["conduit_flow"][-1])
    assert abs(outflow - each * junctions.sum()) <= 0.01 * outflow
    assert (seen["node_head"].values < net["node_rim"].values)[junctions].all()
    assert abs(sewer.held() - sewer.came() + sewer.gone()) <= 1e-12 * sewer.came()
