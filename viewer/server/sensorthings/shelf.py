"""The store of readings as entities of SensorThings: what it holds, and what leads where.

What the store has no place for stands in the ``properties`` of its things and datastreams under one key, `HIDDEN`,
which no client sees: descriptions, where a thing has been, what was deleted. Sensors, locations, features and observed
properties that a client has made are things of the feed `OWN`, which are no Things here.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Any

from kernels.quantities import QUANTITIES, Quantity
from twin.sensors.model import SECOND, Datastream, Thing
from twin.sensors.store import Store
from viewer.server.sensorthings.kinds import (
    DATASTREAMS,
    FEATURES,
    HISTORICAL,
    KINDS,
    LOCATIONS,
    OBSERVATIONS,
    PROPERTIES,
    SENSORS,
    THINGS,
    Entity,
    Kind,
)
from viewer.server.sensorthings.times import FINAL, FIRST, Instant, Span

HIDDEN = "@sensorthings"
OWN = "sensorthings"
GEOJSON = "application/geo+json"
MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
UCUM = "https://ucum.org/ucum#"
CF = "https://vocab.nerc.ac.uk/standard_name/"


def hidden(one: Thing | Datastream) -> Mapping[str, Any]:
    """What stands beside the properties of a client."""
    found = one.properties.get(HIDDEN)
    return found if isinstance(found, dict) else {}


def shown(one: Thing | Datastream) -> dict[str, Any]:
    """Properties as a client sees them."""
    return {name: value for name, value in one.properties.items() if name != HIDDEN}


def record_id(kind: Kind, key: str) -> str:
    """Id in the store of an entity that a client has made and that is no Thing."""
    return f"{OWN}:{kind.name}/{key}"


def sensor_of(stream: Datastream) -> str:
    """Id of the Sensor of a datastream: what its feed calls it, or the feed itself."""
    return stream.sensor or stream.thing.split(":", 1)[0]


def unit(quantity: Quantity) -> dict[str, str]:
    """``unitOfMeasurement`` of a quantity."""
    symbol = quantity.units
    name = "unity" if symbol == "1" else symbol
    return {"name": name, "symbol": symbol, "definition": UCUM + symbol.replace(" ", ".")}


def definition(quantity: Quantity) -> str:
    """URI of a quantity: its CF standard name, or its name among those of the twin."""
    return CF + quantity.standard_name if quantity.standard_name else f"urn:bxl-twin:quantity:{quantity.name}"


class Shelf:
    """All entities but the Observations, as they are at one moment.

    Parameters
    ----------
    store : Store
    open_feeds : collection of str
        Feeds whose small counts may be told, see `twin.sensors.privacy.published`.
    """

    def __init__(self, store: Store, open_feeds: Collection[str] = ()) -> None:
        self.store, self.open_feeds = store, open_feeds
        self.looked_at = 0
        """Rows that filters of this request have looked at, those of its expansions too."""
        # by their ids: pages are to follow each other whatever is written meanwhile
        everything = sorted(store.things(), key=lambda one: one.id)
        self.records: dict[str, dict[str, Thing]] = {name: {} for name in KINDS}
        self.things: dict[str, Thing] = {}
        for one in everything:
            if hidden(one).get("deleted"):
                continue
            kind = hidden(one).get("record")
            if kind in self.records:
                self.records[kind][hidden(one)["id"]] = one
            else:
                self.things[one.id] = one
        self.streams = {
            one.id: one
            for one in sorted(store.datastreams(), key=lambda one: one.id)
            if one.thing in self.things and not hidden(one).get("deleted")
        }

    @cached_property
    def streams_of_thing(self) -> dict[str, list[str]]:
        """Datastreams by thing."""
        return _grouped((one.thing, one.id) for one in self.streams.values())

    @cached_property
    def streams_of_sensor(self) -> dict[str, list[str]]:
        """Datastreams by sensor."""
        return _grouped((sensor_of(one), one.id) for one in self.streams.values())

    @cached_property
    def streams_of_quantity(self) -> dict[str, list[str]]:
        """Datastreams by observed property."""
        return _grouped((one.quantity, one.id) for one in self.streams.values())

    @cached_property
    def things_at(self) -> dict[str, list[str]]:
        """Things by location."""
        return _grouped((place, one.id) for one in self.things.values() if (place := self.place(one)) is not None)

    def place(self, one: Thing) -> str | None:
        """Id of the Location of a thing: the one it was linked to, else its own where it has coordinates."""
        linked = hidden(one).get("location")
        if linked is not None and linked in self.records["Locations"]:
            return str(linked)
        return one.id if one.longitude is not None and one.latitude is not None else None

    def ids(self, kind: Kind) -> list[str]:
        """Ids of a kind, in a steady order."""
        if kind is THINGS:
            return list(self.things)
        if kind is DATASTREAMS:
            return list(self.streams)
        if kind is LOCATIONS:
            return list(dict.fromkeys([*self.things_at, *self.records["Locations"]]))
        if kind is SENSORS:
            return list(dict.fromkeys([*self.streams_of_sensor, *self.records["Sensors"]]))
        if kind is PROPERTIES:
            return [*QUANTITIES, *self.records["ObservedProperties"]]
        if kind is HISTORICAL:
            return [key for one in self.things.values() for key in self._past(one)]
        return list(dict.fromkeys([*self.streams_of_thing, *self.records["FeaturesOfInterest"]]))

    def all(self, kind: Kind) -> list[Entity]:
        """Every entity of a kind."""
        return [self._entity(kind, key) for key in self.ids(kind)]

    def one(self, kind: Kind, key: str) -> Entity | None:
        """An entity, or None."""
        if kind is HISTORICAL:
            thing, _, _ = key.rpartition("@")
            known = thing in self.things and key in self._past(self.things[thing])
        elif kind is FEATURES:
            known = key in self.things or key in self.records[kind.name]
        elif kind is PROPERTIES:
            known = key in QUANTITIES or key in self.records[kind.name]
        else:
            among: dict[str, Collection[str]] = {
                "Things": self.things.keys(), "Datastreams": self.streams.keys(), "Locations": self.things_at.keys(),
                "Sensors": self.streams_of_sensor.keys(),
            }  # fmt: skip
            known = key in among[kind.name] or key in self.records[kind.name]
        return self._entity(kind, key) if known else None

    def related(self, entity: Entity, name: str) -> list[Entity]:
        """Where a relation leads; Observations are asked from the store by `streams_behind`."""
        kind = KINDS[entity.kind.relations[name].kind]
        return [self._entity(kind, key) for key in self._ways(entity, name)]

    def streams_behind(self, entity: Entity) -> list[Datastream]:
        """Datastreams whose readings are the Observations of a datastream or a feature."""
        keys = [entity.id] if entity.kind is DATASTREAMS else self.streams_of_thing.get(entity.id, [])
        return [self.streams[key] for key in keys]

    def _ways(self, entity: Entity, name: str) -> list[str]:
        key, kind = entity.id, entity.kind
        if name == "Datastreams":
            by = {"Things": self.streams_of_thing, "Sensors": self.streams_of_sensor,
                  "ObservedProperties": self.streams_of_quantity}[kind.name]  # fmt: skip
            return by.get(key, [])
        if kind is OBSERVATIONS:
            stream = self.streams[key.rpartition("@")[0]]
            return [{"Datastream": stream.id, "FeatureOfInterest": stream.thing}[name]]
        if kind is DATASTREAMS:
            stream = self.streams[key]
            return [{"Thing": stream.thing, "Sensor": sensor_of(stream), "ObservedProperty": stream.quantity}[name]]
        if kind is THINGS:
            place = self.place(self.things[key])
            return list(self._past(self.things[key])) if name == "HistoricalLocations" else [place] if place else []
        if kind is LOCATIONS:
            if name == "Things":
                return self.things_at.get(key, [])
            return [past for one in self.things.values() for past, place in self._past(one).items() if place == key]
        # what is left is a HistoricalLocation
        thing = key.rpartition("@")[0]
        if name == "Thing":
            return [thing]
        place = self._past(self.things[thing])[key]
        return [place] if self.one(LOCATIONS, place) else []

    def _past(self, one: Thing) -> dict[str, str]:
        """Locations a thing has had, by the id of its HistoricalLocation."""
        return {f"{one.id}@{time}": place for time, place in hidden(one).get("past", [])}

    def _entity(self, kind: Kind, key: str) -> Entity:
        record = self.records[kind.name].get(key)
        if record is not None:
            return Entity(kind, key, lambda: dict(hidden(record)["entity"]))
        making = {"Things": self._thing, "Locations": self._location, "HistoricalLocations": self._historical,
                  "Datastreams": self._datastream, "Sensors": self._sensor, "ObservedProperties": self._property,
                  "FeaturesOfInterest": self._feature}[kind.name]  # fmt: skip
        return Entity(kind, key, lambda: making(key))

    def _thing(self, key: str) -> dict[str, Any]:
        one = self.things[key]
        return {"name": one.name, "description": hidden(one).get("description", one.name), "properties": shown(one)}

    def _location(self, key: str) -> dict[str, Any]:
        one = self.things[key]
        return {"name": one.name, "description": one.name, "encodingType": GEOJSON, "location": point(one)}

    def _feature(self, key: str) -> dict[str, Any]:
        one = self.things[key]
        where = point(one) or {"type": "Feature", "geometry": None, "properties": {}}
        return {"name": one.name, "description": one.name, "encodingType": GEOJSON, "feature": where}

    def _historical(self, key: str) -> dict[str, Any]:
        return {"time": Instant(int(key.rpartition("@")[2]))}

    def _sensor(self, key: str) -> dict[str, Any]:
        return {"name": key, "description": key, "encodingType": "text/plain", "metadata": key}

    def _property(self, key: str) -> dict[str, Any]:
        quantity = QUANTITIES[key]
        return {
            "name": quantity.name, "definition": definition(quantity), "description": quantity.label["en"],
            "properties": {"units": quantity.units, "description_fr": quantity.label["fr"],
                           "description_nl": quantity.label["nl"]},
        }  # fmt: skip

    def _datastream(self, key: str) -> dict[str, Any]:
        stream = self.streams[key]
        thing, quantity, beside = self.things[stream.thing], QUANTITIES[stream.quantity], hidden(stream)
        words = quantity.label["en"]
        return {
            "name": beside.get("name", f"{words}, {thing.name}"),
            "description": beside.get("description", words),
            "observationType": MEASUREMENT,
            "unitOfMeasurement": beside.get("unit", unit(quantity)),
            "observedArea": point(thing),
            "phenomenonTime": lambda: self._told(stream),
            "resultTime": lambda: self._told(stream),
            "properties": shown(stream) | {"period_s": stream.period, "retention_days": stream.retention_days},
        }

    def _told(self, stream: Datastream) -> Span | None:
        first, last = self.store.window(stream.id, FIRST, FINAL, limit=1), self.store.last([stream.id])
        if not len(first) or not len(last):
            return None
        return Span(int(first.time[0]) - round(stream.period * SECOND), int(last.time[0]))


def point(one: Thing) -> dict[str, Any] | None:
    """GeoJSON of where a thing is."""
    if one.longitude is None or one.latitude is None:
        return None
    return {"type": "Point", "coordinates": [one.longitude, one.latitude]}


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return dict(found)
