"""The words of a sewer: kinds, shapes and laws by their numbers, its tables, their defaults, what layers hold."""

import numpy as np

from kernels.contract import Need

JUNCTION, STORAGE, OUTFALL_FREE, OUTFALL_NORMAL, OUTFALL_LEVEL = range(5)
NODE_KINDS = ("junction", "storage", "outfall_free", "outfall_normal", "outfall_level")
"""Names of the values of ``node_kind``, in their order."""
CIRCULAR, RECTANGULAR, RECTANGULAR_OPEN, TRAPEZOIDAL, EGG = range(5)
SHAPES = ("circular", "rectangular_closed", "rectangular_open", "trapezoidal", "egg")
"""Names of the values of ``conduit_shape``, in their order."""
PUMP_CONSTANT, PUMP_STEPS, PUMP_DEPTH, PUMP_LIFT, PUMP_IDEAL = range(5)
PUMP_LAWS = ("constant", "steps_of_depth", "by_depth", "by_lift", "ideal")
"""Names of the values of ``pump_law``, in their order."""
MANHOLE_AREA = 1.131
"""Plan area of a junction of which none is given: a shaft of 1,200 mm. [m²] EN 1917 (2002), nominal sizes."""
POND_AREA = 500.0
"""Assumed area that water above the rim stands on where a node has no ground cell above it. [m²]"""

# name: default where the network does not say (None: it must)
_NODES: dict[str, float | None] = {
    "node_x": None, "node_y": None, "node_kind": None, "node_invert": None, "node_rim": None,
    "node_area": MANHOLE_AREA, "node_surcharge_depth": 0.0, "node_ponded_area": 0.0, "node_initial_depth": 0.0,
    "node_inflow": 0.0, "node_level": np.nan, "node_gate": 0.0,
}  # fmt: skip
_CONDUITS: dict[str, float | None] = {
    "conduit_start": None, "conduit_end": None, "conduit_length": None, "conduit_shape": None,
    "conduit_height": None, "conduit_width": None, "conduit_roughness": None, "conduit_start_invert": None,
    "conduit_end_invert": None, "conduit_side_slope": 0.0, "conduit_barrels": 1.0, "conduit_loss": 0.0,
    "conduit_gate": 0.0, "conduit_initial_flow": 0.0,
}  # fmt: skip
_WEIRS: dict[str, float | None] = {
    "weir_start": None, "weir_end": None, "weir_crest": None, "weir_length": None, "weir_coefficient": None,
    "weir_height": np.inf, "weir_side_slope": 0.0, "weir_side_coefficient": 0.0, "weir_gate": 0.0,
}  # fmt: skip
_ORIFICES: dict[str, float | None] = {
    "orifice_start": None, "orifice_end": None, "orifice_invert": None, "orifice_height": None,
    "orifice_area": None, "orifice_coefficient": None, "orifice_gate": 0.0,
}  # fmt: skip
_PUMPS: dict[str, float | None] = {
    "pump_start": None, "pump_end": None, "pump_law": None, "pump_on": 0.0, "pump_off": 0.0, "pump_capacity": 0.0,
    "pump_running": 0.0,
}  # fmt: skip
_INLETS: dict[str, float | None] = {
    "inlet_node": None, "inlet_x": None, "inlet_y": None, "inlet_length": None, "inlet_area": None,
    "inlet_blockage": 0.0,
}  # fmt: skip
_POINTS: dict[str, dict[str, float | None]] = {
    "storage_point": dict.fromkeys(("storage_node", "storage_depth", "storage_area")),
    "series_point": dict.fromkeys(("series_node", "series_time", "series_inflow")),
    "level_point": dict.fromkeys(("level_node", "level_time", "level_elevation")),
    "curve_point": dict.fromkeys(("curve_pump", "curve_head", "curve_flow")),
}
TABLES: dict[str, dict[str, float | None]] = {
    "node": _NODES, "conduit": _CONDUITS, "weir": _WEIRS, "orifice": _ORIFICES, "pump": _PUMPS, "inlet": _INLETS,
    **_POINTS,
}  # fmt: skip
"""Dimension of a network to its variables and what they are where not given; None must be given."""
_MAY_BE_INFINITE = "node_surcharge_depth"
NEEDS: tuple[Need, ...] = tuple(
    Need(
        name,
        (dim,),
        optional=True,
        finite=name != _MAY_BE_INFINITE and (default is None or bool(np.isfinite(default))),
    )
    for dim, table in TABLES.items()
    for name, default in table.items()
)
"""What a sewer reads from the layers of a flood."""
