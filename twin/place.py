"""Where a city lies on the globe: what the sun and the clock need of it."""

from dataclasses import dataclass

import numpy as np
from pyproj import Proj, Transformer

from twin.city import CRS, City
from twin.ground import ground_of


@dataclass(frozen=True)
class Place:
    """A place on the globe.

    Attributes
    ----------
    latitude, longitude : float
        North and east positive, WGS84. [degree]
    altitude : float
        Above the sea. [m]
    grid_convergence : float
        Azimuth of grid north, from true north clockwise. [degree]
    """

    latitude: float
    longitude: float
    altitude: float
    grid_convergence: float = 0.0

    @property
    def solar_offset(self) -> float:
        """Mean solar time minus UTC. [s]"""
        return self.longitude * 240.0


def place_of(city: City) -> Place:
    """The middle of a city.

    Raises
    ------
    CityError
        The city has neither a terrain nor a building.
    """
    west, south, east, north = city.bounds
    x, y = (west + east) / 2, (south + north) / 2
    longitude, latitude = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True).transform(x, y)
    turned = Proj(CRS).get_factors(longitude, latitude).meridian_convergence
    altitude = ground_of(city)[0].sample(np.array([x]), np.array([y]))[0]
    return Place(float(latitude), float(longitude), float(altitude), float(turned))
