"""A district of two buildings drawn by hand: its hours, and a stored result of them."""

from pathlib import Path

import numpy as np
import xarray as xr

from kernels.quantities import attrs
from scenarios.district_hours import ELECTRIC_USES, NAMES
from tests.scenarios.conftest import make_city
from twin.result import Result
from twin.store import Store

KWH = 3.6e6
START = "2018-12-31T23:00:00Z"


def series(hours: int, **kilowatts: object) -> dict[str, np.ndarray]:
    """Every series of a district, nil where not given. [W]; what is bought and given closes the electric node."""
    found = {name.removeprefix("district_"): np.zeros(hours) for name in NAMES}
    found |= {name: np.broadcast_to(np.asarray(one, float) * 1e3, hours).copy() for name, one in kilowatts.items()}
    if "bought" not in kilowatts and "given" not in kilowatts:
        drawn = sum(found[name] for name in ELECTRIC_USES)
        net = drawn - found["photovoltaic"] + found["curtailed"] - found["battery"]
        found["bought"], found["given"] = np.maximum(net, 0.0), np.maximum(-net, 0.0)
    return found


def summary(hours: int, area: tuple[float, float] = (100.0, 300.0), **kilowatts: object) -> xr.Dataset:
    """The summary of a run, with buildings that share heat, power and sun by their floor area."""
    found = series(hours, **kilowatts)
    share = np.array(area) / sum(area)
    joules = {name: one.sum() * 3600.0 for name, one in found.items()}
    heat = joules["heating"] * share
    electricity = sum(joules[name] for name in ELECTRIC_USES) * share
    whole = {
        "heating_need": heat, "cooling_need": joules["cooling"] * share, "hot_water_need": joules["hot_water"] * share,
        "electricity_used": electricity, "gas_used": joules["gas"] * share,
        "network_heat_used": joules["network_heat"] * share, "photovoltaic_energy": joules["photovoltaic"] * share,
        "grid_bought": joules["bought"] * share, "grid_given": joules["given"] * share,
        "unserved_energy": joules["unserved"] * share, "envelope_closure": np.full(2, 1e-12),
        "final_energy_per_area": (electricity + joules["gas"] * share) / np.array(area),
        "heating_need_per_area": heat / np.array(area),
    }  # fmt: skip
    fields = {name: ("building", one, attrs(name)) for name, one in whole.items()}
    fields |= {f"district_{name}": ("hour", one, attrs(f"district_{name}")) for name, one in found.items()}
    return xr.Dataset(fields, coords={"building": ["house-a", "house-b"]})


def layers(area: tuple[float, float] = (100.0, 300.0), peak: float = 2000.0) -> xr.Dataset:
    """What figures read of the layers: floor areas, and one patch with modules on each building. [m²], [W]"""
    told = '{"tags": {"walls": {"archetype": 0.75, "measured": 0.25}}, "told": {}}'
    return xr.Dataset(
        {
            "heated_floor_area": ("building", np.array(area)),
            "photovoltaic_peak_power": ("patch", np.full(2, peak / 2)),
            "patch_building": ("patch", np.arange(2)),
        },
        coords={"building": ["house-a", "house-b"]},
        attrs={"told_energy": told},
    )


def stored(folder: Path, number: int, whole: xr.Dataset, **scenario: object) -> Result:
    """The result of such a run, as the store keeps it."""
    hours = whole.sizes["hour"]
    document = {
        "scenario": 1, "name": {"en": "toy"}, "kernels": ["energy"],
        "period": {"start": START, "duration_s": hours * 3600, "output_every_s": hours * 3600}, **scenario,
    }  # fmt: skip
    city = make_city()
    grid = xr.Dataset(coords={"x": np.arange(3.0), "y": np.arange(3.0)})
    digest = f"{number:064x}"
    frame = xr.Dataset(
        {"heating_power": ("building", whole["heating_need"].values / hours / 3600.0)},
        coords={"building": whole["building"], "time": hours * 3600.0},
    )
    area = whole["heating_need"] / whole["heating_need_per_area"]
    manifest = {
        "digest": digest, "scenario": document, "city": {"digest": city.digest, "name": city.name, "demo": True},
        "indicators": [{"key": "heated_floor_area", "value": float(np.nan_to_num(area, nan=200.0).sum())}],
        "energy": {"tags": {"walls": {"archetype": 0.75, "measured": 0.25}}},
    }  # fmt: skip
    with Store(folder).writer(digest, grid, [hours * 3600.0], start=START) as writer:
        writer.append(frame, "energy")
        return writer.finish(manifest, whole)
