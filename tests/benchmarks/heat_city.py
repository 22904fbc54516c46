"""A city of our own that speeds of the heat are measured on: perimeter blocks with yards, streets, a park, trees."""

import numpy as np
import xarray as xr

from kernels.heat.sun import sun_position
from kernels.quantities import attrs

CELL = 2.0
BLOCK = 35
"""From one street to the next. [cell]"""
STREET = 7
"""Width of a street between façades. [cell]"""
DEPTH = 6
"""Depth of the houses around a yard. [cell]"""
LATITUDE, LONGITUDE = 50.8477, 4.3572


def rasters(rows: int, columns: int | None = None) -> dict[str, np.ndarray]:
    """Ground, surface, crowns and what is built, south row first, drawn by a fixed seed. [m]"""
    columns = columns or rows
    rng = np.random.default_rng(4)
    y, x = np.mgrid[0:rows, 0:columns]
    ground = 40 + 6 * np.sin(x / 180) * np.cos(y / 230)
    number = np.full(ground.shape, -1, np.int32)
    height = np.zeros(ground.shape)
    crown = np.zeros(ground.shape)
    found = 0
    for south in range(STREET // 2, rows, BLOCK):
        for west in range(STREET // 2, columns, BLOCK):
            north, east = min(south + BLOCK - STREET, rows), min(west + BLOCK - STREET, columns)
            if rng.random() < 0.12:  # a park
                for row, column in rng.integers((south, west), (max(south + 1, north), max(west + 1, east)), (14, 2)):
                    _plant(crown, row, column, rng.uniform(8, 16))
                continue
            inside = np.s_[south + DEPTH : north - DEPTH, west + DEPTH : east - DEPTH]
            block = np.zeros(ground.shape, bool)
            block[south:north, west:east] = True
            block[inside] = False
            height[block] = rng.uniform(9, 24)
            number[block] = found
            found += 1
            _plant(crown, (south + north) // 2, (west + east) // 2, rng.uniform(6, 10))
    for row in range(1, rows, BLOCK):  # a tree every 12 m along every other street
        if (row // BLOCK) % 2:
            for column in range(3, columns, 6):
                _plant(crown, row, column, rng.uniform(6, 12))
    crown[number >= 0] = 0.0
    return {"ground": ground, "surface": ground + height, "number": number, "height": height, "crown": crown}


def _plant(crown: np.ndarray, row: int, column: int, height: float) -> None:
    place = np.s_[max(row - 2, 0) : row + 3, max(column - 2, 0) : column + 3]
    crown[place] = np.maximum(crown[place], height)


def city(rows: int, columns: int | None = None) -> xr.Dataset:
    """Layers of the heat kernel."""
    drawn = rasters(rows, columns)
    number, crown = drawn["number"], drawn["crown"]
    built, green = number >= 0, (crown > 0) & (number < 0)

    def of(roof: float, street: float, lawn: float) -> np.ndarray:
        return np.where(built, roof, np.where(green, lawn, street)).astype(np.float32)

    fields = {
        "ground_elevation": drawn["ground"],
        "building_index": number,
        "building_height": drawn["height"].astype(np.float32),
        "roof_elevation": np.where(built, drawn["surface"], np.nan),
        "canopy_top": crown.astype(np.float32),
        "canopy_bottom": (crown / 4).astype(np.float32),
        "canopy_transmissivity": np.where(crown > 0, 0.03, 1.0).astype(np.float32),
        "albedo": of(0.18, 0.12, 0.20),
        "emissivity": of(0.90, 0.95, 0.95),
        "thermal_conductivity": of(0.84, 0.75, 0.92),
        "volumetric_heat_capacity": of(1.77e6, 1.94e6, 2.26e6),
        "surface_wetness": of(0.0, 0.0, 0.6),
    }
    shape = number.shape
    coords = {"x": (np.arange(shape[1]) + 0.5) * CELL, "y": (np.arange(shape[0]) + 0.5) * CELL}
    return xr.Dataset({name: (("y", "x"), one, attrs(name)) for name, one in fields.items()}, coords=coords)


def hot_day(hours: np.ndarray) -> xr.Dataset:
    """A clear 25 July over Brussels, by the hour [UTC] from midnight."""
    when = np.datetime64("2019-07-25T00:00", "s") + (hours * 3600).astype("timedelta64[s]")
    high, azimuth = sun_position(when, LATITUDE, LONGITUDE)
    sine = np.maximum(np.sin(high), 0.0)
    direct = np.where(sine > 0.05, 900 * np.exp(-0.12 / np.maximum(sine, 0.05)), 0.0)
    diffuse = 110 * np.sqrt(sine)
    course = {
        "air_temperature": 303.15 + 7 * np.sin((hours - 9) / 24 * 2 * np.pi),
        "relative_humidity": np.full(hours.size, 0.3),
        "wind_speed": np.full(hours.size, 2.5),
        "wind_from_direction": np.full(hours.size, 135.0),
        "global_horizontal_irradiance": direct * sine + diffuse,
        "diffuse_horizontal_irradiance": diffuse,
        "direct_normal_irradiance": direct,
        "downwelling_longwave_irradiance": np.full(hours.size, 370.0),
        "solar_elevation_angle": np.degrees(high),
        "solar_azimuth_angle": np.degrees(azimuth),
    }
    fields = {name: ("time", one, attrs(name)) for name, one in course.items()}
    return xr.Dataset(fields, coords={"time": ("time", (hours - hours[0]) * 3600.0, {"units": "s"})})
