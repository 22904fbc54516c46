"""The hours that drive a district: air, sky, light, prices and the clock, and how well heat pumps do in them."""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kernels.contract import LayerError, Need
from kernels.energy.carriers import EMITTERS
from kernels.energy.heat_pumps import cop, eer, flow_temperature
from kernels.energy.plane_of_array import Skylight, skylight
from kernels.energy.thermal import RADIATIVE_OUT, SKY_DROP
from kernels.energy.thermal_climate import STEFAN_BOLTZMANN

HOUR = 3600.0
GROUND_BRINE = 283.15
"""Ground round the probes of one building's heat pump: assumed the same all year. [K]"""
CHILLED = 280.15
"""Water of a building's chiller: assumed, 7 °C as EN 14511 rates chillers at. [K]"""
REJECTS = 10.0
"""A chiller gives its heat to air so much warmer than outdoors: assumed. [K]"""
_HOT_WATER = "hot_water"

_NEEDED = (
    "air_temperature", "wind_speed", "global_horizontal_irradiance", "diffuse_horizontal_irradiance",
    "direct_normal_irradiance", "solar_elevation_angle", "solar_azimuth_angle", "week_hour", "local_month",
    "buy_price", "sell_price", "fuel_price",
)  # fmt: skip
FORCING: tuple[Need, ...] = (
    *(Need(one, ("time",)) for one in _NEEDED),
    Need("downwelling_longwave_irradiance", ("time",), optional=True),
)


@dataclass(frozen=True, eq=False)
class Weather:
    """All along (hour,) unless said.

    Attributes
    ----------
    air, sky_loss, wind : float64
        [K], [W m⁻²], [m s⁻¹]
    light : Skylight
    week_hour, month : int64
    performance : (6, hour) float64
        COP for rooms by kind (air, ground) and emitter (radiator, floor, air). [1]
    hot_water : (2, hour) float64
        COP for hot water by kind. [1]
    chilling : float64
        Heat taken over electricity of chillers. [1]
    prices : (3, hour) float64
        Buying, selling, fuel. [EUR J⁻¹]
    """

    air: NDArray
    sky_loss: NDArray
    wind: NDArray
    light: Skylight
    week_hour: NDArray
    month: NDArray
    performance: NDArray
    hot_water: NDArray
    chilling: NDArray
    prices: NDArray

    @property
    def hours(self) -> int:
        """How many."""
        return self.air.size

    @classmethod
    def of(cls, forcing: xr.Dataset) -> "Weather":
        """Read the forcing.

        Raises
        ------
        LayerError
            Times that are not every hour from 0 on, or values that cannot be.
        """
        times = forcing["time"].values.astype(np.float64)
        if times.size == 0 or not np.array_equal(times, HOUR * np.arange(times.size)):
            raise LayerError(
                "energy: the forcing must have an entry at every hour, 0, 3600 … s; lay it on hours before"
            )
        air = forcing["air_temperature"].values.astype(np.float64)
        if not ((air > 203.15) & (air < 333.15)).all():
            raise LayerError(f"energy: air_temperature must be in kelvin, got {air.min():g} to {air.max():g}")
        for name, last in (("week_hour", 167), ("local_month", 11)):
            clock = forcing[name].values
            if not ((clock >= 0) & (clock <= last)).all():
                raise LayerError(f"energy: {name} must be in 0 … {last}, got {clock.min():g} to {clock.max():g}")
        loss = np.full(air.size, SKY_DROP * RADIATIVE_OUT / 0.9)
        if "downwelling_longwave_irradiance" in forcing:
            loss = STEFAN_BOLTZMANN * air**4 - forcing["downwelling_longwave_irradiance"].values
        elevation, azimuth = (
            np.radians(forcing[f"solar_{one}_angle"].values.astype(np.float64)) for one in ("elevation", "azimuth")
        )
        light = skylight(
            *(forcing[f"{one}_irradiance"].values.astype(np.float64)
              for one in ("global_horizontal", "diffuse_horizontal", "direct_normal")),
            elevation, azimuth,
        )  # fmt: skip
        sources = {"air": air, "ground": np.full(air.size, GROUND_BRINE)}
        sinks = [flow_temperature("radiator" if one == "radiator" else "floor", air) for one in EMITTERS]
        return cls(
            air=air,
            sky_loss=loss,
            wind=forcing["wind_speed"].values.astype(np.float64),
            light=light,
            week_hour=forcing["week_hour"].values.astype(np.int64),
            month=forcing["local_month"].values.astype(np.int64),
            performance=np.stack([cop(kind, source, sink) for kind, source in sources.items() for sink in sinks]),
            hot_water=np.stack(
                [cop(kind, source, flow_temperature(_HOT_WATER, air)) for kind, source in sources.items()]
            ),
            chilling=eer("air", air + REJECTS, np.full(air.size, CHILLED)),
            prices=np.stack(
                [forcing[one].values.astype(np.float64) for one in ("buy_price", "sell_price", "fuel_price")]
            ),
        )
