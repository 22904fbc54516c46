"""bxl-twin dispatch: the cheapest schedule of anyone's energy hub, from a CSV of its hours, without any city."""

import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer

from kernels.contract import KernelError, LayerError
from kernels.energy.dispatch import dispatch as find_schedule
from kernels.energy.hub import KWH, Hub, Schedule, Store
from kernels.energy.storage import follow_rules
from viewer.cli.console import as_command, messages, mistakes, print_json
from viewer.cli.raw_files import InputError

_ASKED = ("demand_kw", "buy_eur_kwh")
# column -> (what stands for it in the hub, its unit in SI, what it is where the file has none)
_COLUMNS: dict[str, tuple[str, float, float]] = {
    "demand_kw": ("electricity_demand", 1e3, 0.0),
    "pv_kw": ("photovoltaic_ac_power", 1e3, 0.0),
    "buy_eur_kwh": ("buy_price", 1 / KWH, 0.0),
    "sell_eur_kwh": ("sell_price", 1 / KWH, 0.0),
    "heat_kw": ("heat_demand", 1e3, 0.0),
    "cop": ("heat_pump_cop", 1.0, 3.0),
    "fuel_eur_kwh": ("fuel_price", 1 / KWH, 0.0),
    "ev_kw": ("vehicle_demand", 1e3, 0.0),
}


def dispatch(
    hub: Annotated[
        Path, typer.Argument(metavar="HUB.csv", help="A row a step: demand_kw, buy_eur_kwh, and more (docs).")
    ],
    step: Annotated[float, typer.Option(help="Length of a row. [s]")] = 3600.0,
    battery: Annotated[float, typer.Option(help="Capacity. [kWh]")] = 0.0,
    battery_power: Annotated[float, typer.Option(help="Charge and discharge. [kW]")] = 0.0,
    battery_efficiency: Annotated[float, typer.Option(help="One way. [1]")] = 0.95,
    battery_begin: Annotated[float, typer.Option(help="Held before the first row, and after the last. [kWh]")] = 0.0,
    battery_wear: Annotated[float, typer.Option(help="Cost of each kWh in or out. [EUR/kWh]")] = 0.0,
    heat_pump: Annotated[float, typer.Option(help="Most electricity of the heat pump. [kW]")] = 0.0,
    boiler: Annotated[float, typer.Option(help="Most heat of the boiler. [kW]")] = 0.0,
    boiler_efficiency: Annotated[float, typer.Option(help="Heat over fuel. [1]")] = 0.92,
    heat_store: Annotated[float, typer.Option(help="Capacity of the tank. [kWh]")] = 0.0,
    heat_store_power: Annotated[float, typer.Option(help="In and out. [kW]")] = 0.0,
    heat_store_loss: Annotated[float, typer.Option(help="Share lost in an hour. [1]")] = 0.0,
    ev_power: Annotated[
        float | None, typer.Option(help="Most that all vehicles draw; the peak of ev_kw else. [kW]")
    ] = None,
    ev_delay: Annotated[float, typer.Option(help="How long charging may wait. [h]")] = 0.0,
    import_limit: Annotated[float | None, typer.Option(help="At the meter. [kW]")] = None,
    export_limit: Annotated[float | None, typer.Option(help="At the meter. [kW]")] = None,
    window: Annotated[float, typer.Option(help="Days that one programme looks ahead.")] = 14.0,
    overlap: Annotated[float, typer.Option(help="Days of it that the next one decides again.")] = 2.0,
    rules: Annotated[bool, typer.Option("--rules", help="Follow simple rules instead, as without a forecast.")] = False,
    schedule: Annotated[Path | None, typer.Option(metavar="OUT.csv", help="Write what runs when.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as one JSON object.")] = False,
) -> None:
    """Find the cheapest schedule of battery, heat pump, boiler, tank and vehicles behind one meter.

    Prices may be negative; no step charges and discharges, or buys and sells. What cannot be served is told and counts
    10 EUR/kWh in the objective, not in the cost.
    """
    with mistakes(InputError, LayerError, KernelError, OSError):
        table = read_hub(hub)
        series = {
            name: table[column].to_numpy(np.float64) * unit if column in table else nothing * unit
            for column, (name, unit, nothing) in _COLUMNS.items()
        }
        asked = float(np.max(series["vehicle_demand"]))
        owned = Hub(
            dt=step,
            **series,  # type: ignore[arg-type]
            heat_pump_power=heat_pump * 1e3,
            boiler_power=boiler * 1e3,
            boiler_efficiency=boiler_efficiency,
            battery=Store(
                battery * KWH, battery_power * 1e3, battery_power * 1e3, battery_efficiency, battery_efficiency,
                begin=battery_begin * KWH, wear=battery_wear / KWH,
            ),
            heat_store=Store(
                heat_store * KWH, heat_store_power * 1e3, heat_store_power * 1e3, loss_rate=_rate(heat_store_loss)
            ),
            vehicle_power=asked if ev_power is None else ev_power * 1e3,
            vehicle_delay=ev_delay * 3600.0,
            import_limit=np.inf if import_limit is None else import_limit * 1e3,
            export_limit=np.inf if export_limit is None else export_limit * 1e3,
        )  # fmt: skip
        how: dict[str, Any] = {"method": "rules"}
        began = time.perf_counter()
        if rules:
            found = follow_rules([owned])[0]
        else:
            best = find_schedule(owned, window * 86_400.0, overlap * 86_400.0)
            found = best.schedule
            how = {"method": "linear programme", "windows": best.windows, "directions_chosen": best.chosen}
        spent = time.perf_counter() - began
        if schedule is not None:
            _table(found).to_csv(schedule, index_label="step", float_format="%.9g")
    figures = how | _figures(owned, found) | {"seconds": spent}
    if as_json:
        print_json(figures)
    else:
        for words, value in figures.items():
            typer.echo(f"{words:<28} {value:.6f}" if isinstance(value, float) else f"{words:<28} {value}")
    lacking = figures["unserved_electricity_kwh"] + figures["unserved_heat_kwh"]
    if lacking > 1e-6:
        messages.print(
            f"[bold yellow]{lacking:g} kWh cannot be served[/]; give the meter, heat pump or boiler more power"
        )


def read_hub(path: Path) -> pd.DataFrame:
    """Read HUB.csv.

    Raises
    ------
    InputError
        A file, a column or a number that cannot be read.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    try:
        table = pd.read_csv(path)
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a table that can be read ({error}); give CSV with a line of names") from error
    missing = [name for name in _ASKED if name not in table]
    if missing:
        raise InputError(f"{path}: has no column {', '.join(missing)}; known are {', '.join(_COLUMNS)}")
    if table.empty:
        raise InputError(f"{path}: has no row, expected one for each step")
    for name in _COLUMNS:
        if name not in table:
            continue
        numbers = pd.to_numeric(table[name], errors="coerce")
        if numbers.isna().any():
            row = int(np.flatnonzero(numbers.isna())[0])
            raise InputError(f"{path}: {name} of row {row + 1} is {table[name].iloc[row]!r}, expected a number")
        table[name] = numbers
    return table


def _rate(share: float) -> float:
    """Rate of loss of a share lost in an hour. [s⁻¹]"""
    if not 0.0 <= share < 1.0:
        raise InputError(f"--heat-store-loss must be zero or more and below 1, got {share:g}")
    return float(-np.log1p(-share) / 3600.0)


def compile_everything() -> None:
    """Follow rules for one step; compiles the loop, or loads what an earlier run compiled."""
    follow_rules([Hub(3600.0, np.ones(1), np.zeros(1), np.zeros(1), np.zeros(1))])


def _figures(hub: Hub, found: Schedule) -> dict[str, Any]:
    hours = hub.dt / 3.6e6
    names = ("grid_import", "grid_export", "curtailed", "heat_pump_power", "boiler_heat", "battery_charge",
             "battery_discharge", "vehicle_power", "unserved_electricity", "unserved_heat")  # fmt: skip
    sums = {f"{name.removesuffix('_power')}_kwh": float(getattr(found, name).sum() * hours) for name in names}
    made, given = float(hub.photovoltaic_ac_power.sum()), float((found.grid_export + found.curtailed).sum())
    return {
        "steps": hub.steps,
        "steps_of_negative_price": int(((hub.buy_price < 0.0) | (hub.sell_price < 0.0)).sum()),
        "objective_eur": found.objective(hub),
        "cost_eur": found.cost(hub),
        **sums,
        "peak_import_kw": float(found.grid_import.max() / 1e3),
        "peak_export_kw": float(found.grid_export.max() / 1e3),
        "self_consumption": None if made == 0.0 else 1.0 - given / made,
        "closure_kwh_per_h": max(found.closures(hub).values()) / 1e3,
    }


def _table(found: Schedule) -> pd.DataFrame:
    columns = {}
    for name in Schedule.__dataclass_fields__:
        energy = name.endswith("_energy")
        columns[f"{name.removesuffix('_power')}_{'kwh' if energy else 'kw'}"] = getattr(found, name) / (
            KWH if energy else 1e3
        )
    return pd.DataFrame(columns)


command = as_command(dispatch)
