"""The eight kinds of entities of SensorThings 1.1: their properties, and which lead to which."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Relation:
    """Way to other entities.

    Attributes
    ----------
    name : str
    kind : str
        Name of the set that it leads to.
    many : bool
    """

    name: str
    kind: str
    many: bool


@dataclass(frozen=True)
class Kind:
    """One entity set.

    Attributes
    ----------
    name, one : str
        Such as ``Things`` and ``Thing``.
    properties : tuple of str
    needs : tuple of str
        Properties without which none can be made.
    relations : mapping of str to Relation
    """

    name: str
    one: str
    properties: tuple[str, ...]
    needs: tuple[str, ...]
    relations: Mapping[str, Relation]


def _kind(name: str, one: str, properties: str, needs: str, *relations: str) -> Kind:
    ways = [Relation(way, way if way in _MANY else _MANY_OF[way], way in _MANY) for way in relations]
    return Kind(name, one, tuple(properties.split()), tuple(needs.split()), {way.name: way for way in ways})


_MANY_OF = {
    "Thing": "Things",
    "Location": "Locations",
    "HistoricalLocation": "HistoricalLocations",
    "Datastream": "Datastreams",
    "Sensor": "Sensors",
    "ObservedProperty": "ObservedProperties",
    "Observation": "Observations",
    "FeatureOfInterest": "FeaturesOfInterest",
}
_MANY = frozenset(_MANY_OF.values())

THINGS = _kind("Things", "Thing", "name description properties", "name description",
               "Locations", "HistoricalLocations", "Datastreams")  # fmt: skip
LOCATIONS = _kind("Locations", "Location", "name description encodingType location properties",
                  "name description encodingType location", "Things", "HistoricalLocations")  # fmt: skip
HISTORICAL = _kind("HistoricalLocations", "HistoricalLocation", "time", "time", "Thing", "Locations")
DATASTREAMS = _kind(
    "Datastreams", "Datastream",
    "name description observationType unitOfMeasurement observedArea phenomenonTime resultTime properties",
    "name description observationType unitOfMeasurement", "Thing", "Sensor", "ObservedProperty", "Observations",
)  # fmt: skip
SENSORS = _kind("Sensors", "Sensor", "name description encodingType metadata properties",
                "name description encodingType metadata", "Datastreams")  # fmt: skip
PROPERTIES = _kind("ObservedProperties", "ObservedProperty", "name definition description properties",
                   "name definition description", "Datastreams")  # fmt: skip
OBSERVATIONS = _kind("Observations", "Observation", "phenomenonTime resultTime result resultQuality parameters",
                     "result", "Datastream", "FeatureOfInterest")  # fmt: skip
FEATURES = _kind("FeaturesOfInterest", "FeatureOfInterest", "name description encodingType feature properties",
                 "name description encodingType feature", "Observations")  # fmt: skip

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (THINGS, LOCATIONS, HISTORICAL, DATASTREAMS, SENSORS, PROPERTIES, OBSERVATIONS, FEATURES)
}
"""By the name of the set; properties and relations are those of tables 2 to 16 of OGC 18-088."""


@dataclass(frozen=True, eq=False)
class Entity:
    """One entity, with its properties made when they are asked for.

    Attributes
    ----------
    kind : Kind
    id : str
    make : callable
        Gives the properties, in the order of the kind; a property that is itself a callable is made when it is read.
    """

    kind: Kind
    id: str
    make: Callable[[], dict[str, Any]] = field(repr=False)

    @cached_property
    def _values(self) -> dict[str, Any]:
        return self.make()

    def value(self, name: str) -> Any:
        """A property; None where it has none."""
        found = self._values.get(name)
        if callable(found):
            found = self._values[name] = found()
        return found
