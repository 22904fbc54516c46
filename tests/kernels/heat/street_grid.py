"""A small town of our own for heat tests: blocks, streets, trees, and a clear summer day with the sun of NREL's SPA."""

import numpy as np
import xarray as xr

from kernels.heat.sun import sun_position
from kernels.quantities import attrs

LATITUDE, LONGITUDE = 50.85, 4.35
FREEZING = 273.15


def layers_of(cell=2.0, **given):
    """A Dataset of layers from arrays by name."""
    rows, columns = given["ground_elevation"].shape
    coords = {"y": (np.arange(rows) + 0.5) * cell, "x": (np.arange(columns) + 0.5) * cell}
    return xr.Dataset({name: (("y", "x"), values, attrs(name)) for name, values in given.items()}, coords=coords)


def open_plane(rows=40, columns=40, cell=2.0, **more):
    """Level ground without anything on it."""
    none = np.zeros((rows, columns))
    given = {
        "ground_elevation": none,
        "building_index": np.full((rows, columns), -1, np.int32),
        "building_height": none,
    }
    return layers_of(cell, **(given | more))


def town(size=120, cell=2.0, trees=60, seed=0):
    """Blocks of 8 to 20 m between streets, with trees 12 m tall in them."""
    rng = np.random.default_rng(seed)
    index, height = np.full((size, size), -1, np.int32), np.zeros((size, size))
    number = 0
    for row in range(6, size - 18, 24):
        for column in range(8, size - 22, 30):
            index[row : row + 14, column : column + 20] = number
            height[row : row + 14, column : column + 20] = rng.uniform(8, 20)
            number += 1
    top, bottom = np.zeros((size, size), np.float32), np.zeros((size, size), np.float32)
    for _ in range(trees):
        row, column = rng.integers(4, size - 4, 2)
        plant(index, top, bottom, row, column)
    return layers_of(
        cell,
        ground_elevation=np.zeros((size, size)),
        building_index=index,
        building_height=height,
        canopy_top=top,
        canopy_bottom=bottom,
    )


def plant(index, top, bottom, row, column, tall=12.0):
    """A crown of five by five cells, where there is room."""
    crown = np.s_[row - 2 : row + 3, column - 2 : column + 3]
    if (index[crown] < 0).all():
        top[crown], bottom[crown] = tall, 3.0
        return True
    return False


def clear_day(hours=24, every=3600.0, start="2019-07-24T22:00:00", wind=2.5, warmest=38.0, coldest=22.0):
    """A cloudless day from local midnight on, the sun over Brussels."""
    times = np.arange(0, hours * 3600 + 1, every)
    elevation, azimuth = sun_position(np.datetime64(start) + times.astype("timedelta64[s]"), LATITUDE, LONGITUDE)
    sine = np.maximum(np.sin(elevation), 0.0)
    light = np.where(sine > 0, 1098 * sine * np.exp(-0.057 / np.maximum(sine, 1e-3)), 0.0)  # Haurwitz 1945
    diffuse = 0.15 * light
    direct = np.where(sine > 0.02, (light - diffuse) / np.maximum(sine, 0.02), 0.0)
    diffuse = light - direct * sine
    middle, swing = (warmest + coldest) / 2, (warmest - coldest) / 2
    air = FREEZING + middle + swing * np.cos((times / 3600 - 17) / 12 * np.pi)
    return forcing_of(
        times,
        air_temperature=air,
        relative_humidity=0.35,
        wind_speed=wind,
        wind_from_direction=80.0,
        global_horizontal_irradiance=light,
        diffuse_horizontal_irradiance=diffuse,
        direct_normal_irradiance=direct,
        downwelling_longwave_irradiance=0.8 * 5.670374e-8 * air**4,
        solar_elevation_angle=np.degrees(elevation),
        solar_azimuth_angle=np.degrees(azimuth),
    )


def forcing_of(times, **given):
    """A forcing from numbers or series by name."""
    times = np.asarray(times, float)
    series = {
        name: ("time", np.broadcast_to(values, times.shape).copy(), attrs(name)) for name, values in given.items()
    }
    return xr.Dataset(series, coords={"time": times})
