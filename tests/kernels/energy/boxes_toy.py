"""A small district by hand: boxes with four walls and a flat roof, no two alike, and a year of made-up weather."""

import numpy as np
import xarray as xr

from kernels.energy.carriers import HEAT_SOURCES
from kernels.energy.district_inputs import WEEKS
from kernels.quantities import attrs

USES = 2
SIDES = np.radians([0.0, 90.0, 180.0, 270.0])


def layers(count: int = 20, seed: int = 0, sources: tuple[str, ...] = HEAT_SOURCES[:6]) -> xr.Dataset:
    """Boxes with modules on every second roof, batteries on every third, all sources of heat in turn."""
    draw = np.random.default_rng(seed)
    floor, storeys = draw.uniform(60, 400, count), draw.integers(1, 6, count)
    side, number = np.sqrt(floor), np.arange(count)
    height = 3.0 * storeys
    source = np.array([HEAT_SOURCES.index(sources[i % len(sources)]) for i in number])
    boils = source < HEAT_SOURCES.index("resistance")
    peak = np.where(number % 2 == 0, 100.0 * floor, 0.0)
    one = {
        "heated_floor_area": floor * storeys, "heated_volume": floor * height, "ground_floor_area": floor,
        "party_wall_area": side * height * (number % 3), "inner_area": 2 * floor * storeys,
        "roof_u_value": draw.uniform(0.2, 2, count), "wall_u_value": draw.uniform(0.2, 2, count),
        "floor_u_value": draw.uniform(0.2, 0.5, count), "window_u_value": draw.uniform(1, 5, count),
        "window_g_value": draw.uniform(0.4, 0.8, count), "roof_heat_capacity": np.full(count, 1e4),
        "wall_heat_capacity": np.full(count, 8e4), "floor_heat_capacity": np.full(count, 9e4),
        "party_heat_capacity": np.full(count, 8e4), "inner_heat_capacity": np.full(count, 6e4),
        "infiltration_rate": draw.uniform(0.1, 0.4, count), "heat_recovery": np.where(number % 4 == 0, 0.8, 0.0),
        "building_use": number % USES, "dwellings": np.maximum(storeys, 1),
        "building_seed": draw.permutation(count) * 7919 + 1,
        "heat_set_point_change": np.zeros(count), "cool_set_point_change": np.zeros(count),
        "cooled_share": np.where(number % 2 == 1, 1.0, 0.0), "heat_source": source, "heat_emitter": number % 2,
        "boiler_efficiency": np.where(boils, 0.9, 0.0), "heat_pump_capacity": np.full(count, 40.0) * floor * storeys,
        "heat_network": np.full(count, -1), "battery_capacity": np.where(number % 3 == 0, 3600.0 * peak, 0.0),
        "battery_power": np.where(number % 3 == 0, 0.5 * peak, 0.0),
        "heat_store_capacity": np.where(number % 5 == 4, 1e8, 0.0), "electric_vehicles": 0.3 * storeys,
        "charging_delay": np.where(number % 2 == 0, 21_600.0, 0.0),
    }  # fmt: skip
    found = {name: ("building", values) for name, values in one.items()}
    months = 283.15 - 2 * np.cos(2 * np.pi * (np.arange(12) - 2) / 12)
    found["ground_temperature"] = (("building", "month"), np.tile(months, (count, 1)))
    hour = np.arange(168) % 24
    day = (hour >= 7) & (hour < 22)
    weeks = {
        "occupied_gains": np.where(day, 4.0, 2.0), "appliance_power": np.where(day, 4.0, 1.5),
        "hot_water_heat": np.where((hour == 7) | (hour == 20), 15.0, 1.0),
        "heat_set_point": np.where(day, 293.15, 290.15),
        "cool_set_point": np.full(168, 299.15), "fresh_air_change": np.where(day, 0.5, 0.2),
        "vehicle_charging": np.where(hour >= 18, 600.0, 50.0),
    }  # fmt: skip
    assert tuple(weeks) == WEEKS
    found |= {name: (("use", "week_hour"), np.stack([values, 0.8 * values if "set" not in name else values]))
              for name, values in weeks.items()}  # fmt: skip
    wall = np.repeat(side * height, 4)
    building = np.concatenate([np.repeat(number, 4), number])
    order = np.argsort(building, kind="stable")
    east = np.concatenate([np.tile(np.sin(SIDES), count), np.zeros(count)])[order]
    north = np.concatenate([np.tile(np.cos(SIDES), count), np.zeros(count)])[order]
    up = np.concatenate([np.zeros(4 * count), np.ones(count)])[order]
    horizon = draw.integers(0, 80, (5 * count, 36)).astype(np.uint8)
    found |= {
        "face_building": ("face", building[order]), "face_area": ("face", np.concatenate([wall, floor])[order]),
        "face_window_area": ("face", np.concatenate([0.2 * wall, np.zeros(count)])[order]),
        "face_kind": ("face", np.concatenate([np.ones(4 * count), np.zeros(count)])[order]),
        "face_east": ("face", east), "face_north": ("face", north), "face_up": ("face", up),
        "face_horizon": (("face", "horizon_sector"), horizon),
        "patch_building": ("patch", number), "patch_area": ("patch", floor), "patch_east": ("patch", np.zeros(count)),
        "patch_north": ("patch", np.zeros(count)), "patch_up": ("patch", np.ones(count)),
        "photovoltaic_peak_power": ("patch", peak), "patch_horizon": (("patch", "horizon_sector"), horizon[:count]),
    }  # fmt: skip
    names = [f"B{i:03}" for i in number]
    return xr.Dataset({name: (*one, attrs(name)) for name, one in found.items()}, coords={"building": names})


def forcing(hours: int = 8760) -> xr.Dataset:
    """A year whose air and sun follow sines; prices change by the hour and are negative at some noons."""
    hour = np.arange(hours)
    day, clock = hour // 24, hour % 24
    air = 284.15 - 10 * np.cos(2 * np.pi * day / 365) + 6 * np.sin(2 * np.pi * (clock - 9) / 24)
    declination = -23.4 * np.cos(2 * np.pi * (day + 10) / 365)
    angle, place = np.radians(15.0 * (clock + 0.5 - 12.0)), np.radians(50.85)
    tilt = np.radians(declination)
    up = np.sin(place) * np.sin(tilt) + np.cos(place) * np.cos(tilt) * np.cos(angle)
    elevation = np.arcsin(up)
    azimuth = np.arctan2(
        -np.sin(angle) * np.cos(tilt), np.cos(place) * np.sin(tilt) - np.sin(place) * np.cos(tilt) * np.cos(angle)
    )
    cloudy = np.random.default_rng(3).uniform(0.2, 1.0, hours)
    direct = np.where(up > 0, 700.0 * cloudy * np.sqrt(np.maximum(up, 0)), 0.0)
    diffuse = np.where(up > 0, 150.0 * np.maximum(up, 0) ** 0.5, 0.0)
    found = {
        "air_temperature": air, "wind_speed": np.full(hours, 3.0),
        "global_horizontal_irradiance": direct * np.maximum(up, 0) + diffuse, "diffuse_horizontal_irradiance": diffuse,
        "direct_normal_irradiance": direct, "solar_elevation_angle": np.degrees(elevation),
        "solar_azimuth_angle": np.degrees(azimuth) % 360, "week_hour": hour % 168, "local_month": day * 12 // 366 % 12,
        "buy_price": np.full(hours, 0.33 / 3.6e6), "fuel_price": np.full(hours, 0.10 / 3.6e6),
        "sell_price": np.where((clock == 13) & (day % 10 == 0), -0.02, 0.05) / 3.6e6,
    }  # fmt: skip
    return xr.Dataset(
        {name: ("time", values, attrs(name)) for name, values in found.items()},
        coords={"time": ("time", 3600.0 * hour, {"units": "s"})},
    )
