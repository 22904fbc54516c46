"""Works that stand beside the city's tables: dug ground, layer stacks, roofs, sills, blocked inlets, sails, paint."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True, eq=False)
class GroundWork:
    """One patch of ground that is built for water.

    Attributes
    ----------
    id : str
        Also the id of its row in the city's land cover.
    shape : Polygon
        Lambert 72. [m]
    stack : str
        Key of the layer stack laid there; empty where there is none, also where other ground was laid over one.
    lowered : float
        The ground follows its slope this much lower. [m]
    holds : float
        The ground is dug to a level floor so deep that this volume stands on it before it spills. [m³]
    drains : float
        Most that its own pipe takes from it. [m³ s⁻¹]
    irrigated : bool
        What grows there is watered, so that it evaporates as well on a hot day as on any other.
    """

    id: str
    shape: BaseGeometry
    stack: str = ""
    lowered: float = 0.0
    holds: float = 0.0
    drains: float = 0.0
    irrigated: bool = False

    @property
    def is_dug(self) -> bool:
        """Whether the ground is lower than it was; no gully of the street drains such a place."""
        return self.lowered > 0 or self.holds > 0


@dataclass(frozen=True, eq=False)
class Sail:
    """A cloth stretched over a place.

    Attributes
    ----------
    id : str
    shape : Polygon
        Lambert 72. [m]
    height : float
        Above the ground. [m]
    transmissivity : float
        Part of the sun that passes. [1]
    """

    id: str
    shape: BaseGeometry
    height: float
    transmissivity: float


@dataclass(frozen=True, eq=False)
class Works:
    """All works of a city, frozen.

    Attributes
    ----------
    ground : tuple of GroundWork
        Later ones lie on top.
    green_roofs : tuple of (building id, key of a layer stack)
        Sorted, a building once.
    sills : tuple of (building id, height)
        Raised thresholds, above the ground beside the building; sorted, a building once. [m]
    blocked : tuple of (polygon, part)
        Part of their capacity that the inlets in it have lost, 0..1; later ones lie on top. [1]
    sails : tuple of Sail
        None covers another.
    painted : tuple of (polygon, albedo)
        Open ground whose albedo an edit says, whatever lies there; later ones lie on top. [1]
    cool_roofs : tuple of (building id, albedo)
        Sorted, a building once, and none that is green. [1]
    """

    ground: tuple[GroundWork, ...] = ()
    green_roofs: tuple[tuple[str, str], ...] = ()
    sills: tuple[tuple[str, float], ...] = ()
    blocked: tuple[tuple[BaseGeometry, float], ...] = ()
    sails: tuple[Sail, ...] = ()
    painted: tuple[tuple[BaseGeometry, float], ...] = ()
    cool_roofs: tuple[tuple[str, float], ...] = ()

    def __bool__(self) -> bool:
        for_water = self.ground or self.green_roofs or self.sills or self.blocked
        return bool(for_water or self.sails or self.painted or self.cool_roofs)

    def sills_of(self, buildings: Iterable[str], usual: float) -> np.ndarray:
        """Height that water beside each building must pass to enter.

        Parameters
        ----------
        buildings : iterable of str
            Ids, in the order of the city's table.
        usual : float
            Where no threshold was raised. [m]

        Returns
        -------
        (building,) float64
            Never below ``usual``. [m]
        """
        raised = dict(self.sills)
        return np.array([max(usual, raised.get(name, usual)) for name in buildings], float)

    @cached_property
    def digest(self) -> str:
        """Hash of everything here that can change a result."""
        found = hashlib.sha256()
        for one in self.ground:
            numbers = tuple(map(float, (one.lowered, one.holds, one.drains)))
            found.update(repr(("ground", one.id, one.stack, numbers)).encode())
            found.update(b"irrigated" if one.irrigated else b"")
            found.update(shapely.to_wkb(one.shape))
        found.update(repr((self.green_roofs, tuple((name, float(height)) for name, height in self.sills))).encode())
        for shape, part in self.blocked:
            found.update(repr(("blocked", float(part))).encode())
            found.update(shapely.to_wkb(shape))
        for sail in self.sails:
            found.update(repr(("sail", sail.id, float(sail.height), float(sail.transmissivity))).encode())
            found.update(shapely.to_wkb(sail.shape))
        for shape, albedo in self.painted:
            found.update(repr(("painted", float(albedo))).encode())
            found.update(shapely.to_wkb(shape))
        if self.cool_roofs:
            found.update(repr(("cool", tuple((name, float(albedo)) for name, albedo in self.cool_roofs))).encode())
        return found.hexdigest()
