"""Files drawn by hand that the tests of ``bxl-twin heat`` hand in: a yard, a house, a tree, a summer day."""

import numpy as np
import rasterio
from rasterio.transform import Affine

WEST, SOUTH, CELL, ROWS, COLUMNS = 148_000.0, 170_000.0, 2.0, 30, 40
LATITUDE, LONGITUDE = 50.8477, 4.3572
HEAD = "time,air_temperature_c,relative_humidity_pct,wind_speed_m_s,global_w_m2"


def write_raster(path, south_up, crs="EPSG:31370", nodata=-9999.0, cell=CELL, west=WEST, top=None):
    """Write an array whose row 0 is the south, as files have it: north first."""
    values = np.where(np.isnan(south_up), nodata, south_up)[::-1]
    place = Affine(cell, 0, west, 0, -cell, SOUTH + values.shape[0] * cell if top is None else top)
    with rasterio.open(
        path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1, dtype="float64", crs=crs,
        transform=place, nodata=nodata,
    ) as file:  # fmt: skip
        file.write(values, 1)
    return path


def write_yard(folder, ground=20.0, house=10.0, tree=8.0):
    """A flat yard with a house in rows 12 to 17, columns 10 to 15, and a crown in rows 20 to 23, columns 26 to 29."""
    base = np.full((ROWS, COLUMNS), ground)
    surface, crown = base.copy(), np.zeros_like(base)
    surface[12:18, 10:16] += house
    crown[20:24, 26:30] = tree
    write_raster(folder / "dem.tif", base)
    write_raster(folder / "dsm.tif", surface)
    write_raster(folder / "cdsm.tif", crown)
    return folder


def write_day(path, hours=range(24), head=HEAD, extra="", date="2019-07-25"):
    """A clear summer day by the hour: 25 to 35 °C, sun from 5 to 20 hours local standard time."""
    rows = [head]
    for hour in hours:
        warm = 30 + 5 * np.sin((hour - 9) / 24 * 2 * np.pi)
        sun = max(0.0, 850 * np.sin((hour - 4.7) / 15.3 * np.pi))
        rows.append(f"{date}T{hour:02d}:00,{warm:.3f},35,2,{sun:.2f}{extra}")
    path.write_text("\n".join(rows) + "\n", "utf-8")
    return path
