"""The linear programme of a hub over some of its steps: its matrix, and HiGHS that solves it."""

from dataclasses import dataclass, replace

import highspy
import numpy as np
from scipy import sparse

from kernels.contract import KernelError
from kernels.energy.hub import KWH, UNSERVED_COST, Hub, Store

_KW = 1e3
"""Programmes count in kW, kWh and EUR, where HiGHS's absolute tolerances mean something. [W]"""
_TOLERANCE = 1e-9
_BOTH = 1e-6
"""Power on both sides of a pair above which a step counts as doing both. [kW]"""

COLUMNS = (
    "grid_import", "grid_export", "curtailed", "battery_charge", "battery_discharge", "battery_energy",
    "heat_pump_power", "boiler_heat", "store_charge", "store_discharge", "store_energy", "vehicle_power",
    "vehicle_energy", "unserved_electricity", "unserved_heat",
)  # fmt: skip
PAIRS = (
    ("battery_charge", "battery_discharge"), ("store_charge", "store_discharge"), ("grid_import", "grid_export"),
)  # fmt: skip
"""Of these a step may do one only: one meter and one converter have one direction at a time."""


class _Quiet(highspy.Highs):
    """HiGHS without its banner, which would stand in the output of a command."""

    def enableCallbacks(self):  # noqa: N802 (the name is HiGHS's; what it does first prints the banner)
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()


@dataclass(frozen=True)
class Levels:
    """What is stored between two steps. [J]"""

    battery: float
    heat_store: float
    vehicles: float = 0.0


@dataclass(frozen=True)
class Programme:
    """``min cost x`` with ``matrix x = right`` and ``lower <= x <= upper``, in kW, kWh and EUR.

    Attributes
    ----------
    steps : int
        Columns of each of `COLUMNS`, one block after the other.
    cost, lower, upper : (column,) float64
    matrix : sparse (row, column)
    right : (row,) float64
    """

    steps: int
    cost: np.ndarray
    matrix: sparse.csc_array
    right: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    def block(self, name: str) -> slice:
        """Columns of one name."""
        place = COLUMNS.index(name)
        return slice(place * self.steps, (place + 1) * self.steps)


@dataclass(frozen=True)
class Optimum:
    """What HiGHS found.

    Attributes
    ----------
    value : float
        [EUR]
    columns : (column,) float64
    row_dual, column_dual : (row,), (column,) float64
        Of the last programme that was linear.
    bound : float
        Value of the programme in which a step may do both sides of a pair; never above ``value``. [EUR]
    chosen : int
        Directions that had to be chosen by branching.
    """

    value: float
    columns: np.ndarray
    row_dual: np.ndarray
    column_dual: np.ndarray
    bound: float
    chosen: int = 0


def build(hub: Hub, first: int, last: int, begin: Levels, end: Levels | None) -> Programme:
    """The programme of the steps from ``first`` up to ``last``.

    Parameters
    ----------
    hub : Hub
    first, last : int
    begin : Levels
        What is stored before ``first``.
    end : Levels or None
        Least that must be stored after the last step; vehicles are held by their own curves.

    Returns
    -------
    Programme
    """
    span, steps, hours = slice(first, last), last - first, hub.dt / 3600.0
    load, sun = hub.electricity_demand[span] / _KW, hub.photovoltaic_ac_power[span] / _KW
    pump, cop = hub.heat_pump_power[span] / _KW, hub.heat_pump_cop[span]
    plug, heat = hub.vehicle_power / _KW, hub.heat_demand[span] / _KW
    battery, tank = hub.battery, hub.heat_store
    least = np.zeros((len(COLUMNS), steps))
    most = np.zeros((len(COLUMNS), steps))
    cost = np.zeros((len(COLUMNS), steps))

    def column(name: str, upper, price=0.0) -> None:
        most[COLUMNS.index(name)] = upper
        cost[COLUMNS.index(name)] = price

    # behind one meter nothing can flow that nothing behind it takes or gives: no limit is infinite
    takes = load + pump + plug + battery.charge_power / _KW
    gives = sun + battery.discharge_power / _KW
    column("grid_import", np.minimum(takes, hub.import_limit / _KW), hub.buy_price[span] * KWH * hours)
    column("grid_export", np.minimum(gives, hub.export_limit / _KW), -hub.sell_price[span] * KWH * hours)
    column("curtailed", sun)
    for store, name in ((battery, "battery"), (tank, "store")):
        column(f"{name}_charge", store.charge_power / _KW, store.wear * KWH * hours)
        column(f"{name}_discharge", store.discharge_power / _KW, store.wear * KWH * hours)
        column(f"{name}_energy", store.capacity / KWH)
    column("heat_pump_power", pump)
    column("boiler_heat", hub.boiler_power / _KW, hub.fuel_price[span] * KWH * hours / hub.boiler_efficiency)
    column("vehicle_power", plug)
    column("vehicle_energy", hub.vehicle_earliest()[span] / KWH)
    least[COLUMNS.index("vehicle_energy")] = hub.vehicle_latest()[span] / KWH
    column("unserved_electricity", load + plug, UNSERVED_COST * KWH * hours)
    column("unserved_heat", heat, UNSERVED_COST * KWH * hours)
    if end is not None:
        least[COLUMNS.index("battery_energy"), -1] = end.battery / KWH
        least[COLUMNS.index("store_energy"), -1] = end.heat_store / KWH

    return Programme(
        steps=steps,
        cost=cost.ravel(),
        matrix=_matrix(steps, hours, cop, battery.kept(hub.dt), tank.kept(hub.dt), battery, tank),
        right=np.concatenate((
            load - sun, heat, _first(steps, begin.battery / KWH * battery.kept(hub.dt)),
            _first(steps, begin.heat_store / KWH * tank.kept(hub.dt)), _first(steps, begin.vehicles / KWH),
        )),
        lower=least.ravel(),
        upper=np.maximum(most, least).ravel(),
    )  # fmt: skip


def _first(steps: int, value: float) -> np.ndarray:
    return np.concatenate(([value], np.zeros(steps - 1)))


def _matrix(
    steps: int, hours: float, cop: np.ndarray, kept_battery: float, kept_tank: float, battery: Store, tank: Store
) -> sparse.csc_array:
    """Five rows a step: electricity, heat, battery, store of heat, vehicles."""
    entries = [
        (0, "grid_import", 1.0), (0, "grid_export", -1.0), (0, "curtailed", -1.0), (0, "battery_charge", -1.0),
        (0, "battery_discharge", 1.0), (0, "heat_pump_power", -1.0), (0, "vehicle_power", -1.0),
        (0, "unserved_electricity", 1.0),
        (1, "heat_pump_power", cop), (1, "boiler_heat", 1.0), (1, "store_charge", -1.0), (1, "store_discharge", 1.0),
        (1, "unserved_heat", 1.0),
        (2, "battery_energy", 1.0), (2, "battery_charge", -hours * battery.charge_efficiency),
        (2, "battery_discharge", hours / battery.discharge_efficiency),
        (3, "store_energy", 1.0), (3, "store_charge", -hours * tank.charge_efficiency),
        (3, "store_discharge", hours / tank.discharge_efficiency),
        (4, "vehicle_energy", 1.0), (4, "vehicle_power", -hours),
    ]  # fmt: skip
    at = np.arange(steps)
    row, column, value = [], [], []
    for group, name, factor in entries:
        row.append(group * steps + at)
        column.append(COLUMNS.index(name) * steps + at)
        value.append(np.broadcast_to(factor, steps))
    for group, name, kept in (
        (2, "battery_energy", kept_battery), (3, "store_energy", kept_tank), (4, "vehicle_energy", 1.0),
    ):  # fmt: skip
        row.append(group * steps + at[1:])
        column.append(COLUMNS.index(name) * steps + at[:-1])
        value.append(np.full(steps - 1, -kept))
    shape = (5 * steps, len(COLUMNS) * steps)
    parts = np.concatenate(value), (np.concatenate(row), np.concatenate(column))
    return sparse.csc_array(sparse.coo_array(parts, shape=shape))


def solve(programme: Programme) -> Optimum:
    """Find the optimum in which no step does both sides of a pair.

    Parameters
    ----------
    programme : Programme

    Returns
    -------
    Optimum

    Raises
    ------
    KernelError
        There is no schedule at all, or HiGHS gave up.

    Notes
    -----
    The linear programme comes first. Where it does both sides of a pair in some steps (as burning energy in losses
    costs nothing, or is paid for by a negative price), each of these is held to its net direction: when the value
    does not change, that is an optimum. Otherwise the directions of these steps become binary, and so on until no
    step does both; the value is then exact too, as a programme with fewer binaries is a lower bound of the full one.
    """
    relaxed = _run(programme)
    bound, found = relaxed.value, relaxed
    held = programme
    for _ in range(programme.steps):
        both = _both(held, found.columns)
        if not both:
            break
        held = _hold(held, found.columns, both)
        found = _run(held, must=False)
        if found is None or found.value > bound + _TOLERANCE * max(1.0, abs(bound)):
            return _branch(programme, relaxed)
    return replace(found, bound=bound)


def _both(programme: Programme, columns: np.ndarray) -> list[tuple[int, int]]:
    """Column pairs that both run."""
    found = []
    for one, other in PAIRS:
        a, b = programme.block(one), programme.block(other)
        for step in np.flatnonzero((columns[a] > _BOTH) & (columns[b] > _BOTH)).tolist():
            found.append((a.start + step, b.start + step))
    return found


def _hold(programme: Programme, columns: np.ndarray, pairs: list[tuple[int, int]]) -> Programme:
    """The programme in which the smaller side of each pair is nil."""
    upper = programme.upper.copy()
    for one, other in pairs:
        upper[other if columns[one] >= columns[other] else one] = 0.0
    return replace(programme, upper=upper)


def _branch(programme: Programme, relaxed: Optimum) -> Optimum:
    """The optimum by branching on directions, made binary as they are found to matter."""
    pairs: dict[tuple[int, int], None] = dict.fromkeys(_both(programme, relaxed.columns))
    count = programme.cost.size
    while True:
        chosen = list(pairs)
        rows = len(chosen)
        at = np.arange(rows)
        one, other = np.array(chosen).T
        # one <= most z, other <= most (1 - z)
        extra = sparse.coo_array(
            (
                np.concatenate((np.ones(2 * rows), -programme.upper[one], programme.upper[other])),
                (
                    np.concatenate((at, rows + at, at, rows + at)),
                    np.concatenate((one, other, count + at, count + at)),
                ),
            ),
            shape=(2 * rows, count + rows),
        )
        wide = sparse.hstack((programme.matrix, sparse.csc_array((programme.right.size, rows))))
        mixed = Programme(
            steps=programme.steps,
            cost=np.concatenate((programme.cost, np.zeros(rows))),
            matrix=sparse.csc_array(sparse.vstack((wide, extra))),
            right=np.concatenate((programme.right, np.zeros(rows), programme.upper[other])),
            lower=np.concatenate((programme.lower, np.zeros(rows))),
            upper=np.concatenate((programme.upper, np.ones(rows))),
        )
        directions = _run(mixed, binaries=rows).columns[count:] > 0.5
        upper = programme.upper.copy()
        upper[np.where(directions, other, one)] = 0.0
        fixed = replace(programme, upper=upper)
        found = _run(fixed)
        both = _both(fixed, found.columns)
        if not both:
            return replace(found, bound=relaxed.value, chosen=rows)
        pairs |= dict.fromkeys(both)


def _run(programme: Programme, binaries: int = 0, must: bool = True) -> Optimum | None:
    """Hand one programme to HiGHS; its last ``binaries`` columns are 0 or 1, and rows beyond the five are at most."""
    model = highspy.HighsLp()
    matrix, columns = programme.matrix, programme.cost.size
    model.num_col_, model.num_row_ = columns, programme.right.size
    model.col_cost_, model.col_lower_, model.col_upper_ = programme.cost, programme.lower, programme.upper
    floor = programme.right.copy()
    floor[5 * programme.steps :] = -highspy.kHighsInf
    model.row_lower_, model.row_upper_ = floor, programme.right
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = matrix.indptr.astype(np.int32)
    model.a_matrix_.index_ = matrix.indices.astype(np.int32)
    model.a_matrix_.value_ = matrix.data
    if binaries:
        kinds = [highspy.HighsVarType.kContinuous] * (columns - binaries)
        model.integrality_ = kinds + [highspy.HighsVarType.kInteger] * binaries
    solver = _Quiet()
    for option, value in (
        ("threads", 1), ("primal_feasibility_tolerance", _TOLERANCE),
        ("dual_feasibility_tolerance", _TOLERANCE), ("mip_feasibility_tolerance", _TOLERANCE),
        ("mip_rel_gap", _TOLERANCE), ("mip_abs_gap", _TOLERANCE),
    ):  # fmt: skip
        solver.setOptionValue(option, value)
    solver.passModel(model)
    solver.run()
    status = solver.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        if not must:
            return None
        words = solver.modelStatusToString(status)
        raise KernelError(
            f"dispatch: no schedule meets the limits (HiGHS: {words}): a store cannot end with what it began with; "
            "give it time or power, or end_as_begun=False"
        )
    found = solver.getSolution()
    value = float(solver.getInfo().objective_function_value)
    return Optimum(value, np.array(found.col_value), np.array(found.row_dual), np.array(found.col_dual), value)
