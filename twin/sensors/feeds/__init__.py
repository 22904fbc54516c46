"""Feeds: one file each, with a pure ``parse(payload, …) -> Parsed``, and the tuple of all of them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from twin.sensors.feeds import (
    bicycles,
    brussels_traffic,
    cameras,
    citizen_no2,
    gbfs,
    irceline,
    meters,
    parking,
    pedestrians,
    sensor_community,
    spiceco,
    stib,
    stib_network,
    telraam,
    traffic_lights,
)
from twin.sensors.model import Parsed, SensorError

MINUTE, QUARTER, HOUR, DAY = 60.0, 900.0, 3600.0, 86_400.0
"""[s]"""
_MOBILITY = "https://data.mobility.brussels"
_AIR = ("nitrogen_dioxide", "ozone", "particles_10", "particles_2_5", "black_carbon")
_TRAFFIC = ("vehicle_count", "traffic_speed", "detector_occupancy")
_BICYCLES = ("bicycle_count", "traffic_speed")


@dataclass(frozen=True)
class Payload:
    """What came, and what the payload itself does not say.

    Attributes
    ----------
    body : bytes or str
    received : int or None
        When it came; None where nobody knows. [ns, UTC]
    source : str
        The device or station, where the payload is of one and does not name it.
    beside : object
        What belongs to it and came before: stations of shared bicycles, the network of the STIB-MIVB.
    """

    body: bytes | str
    received: int | None = None
    source: str = ""
    beside: Any = None


@dataclass(frozen=True)
class Feed:
    """A feed as the twin knows it.

    Attributes
    ----------
    name : str
        Its own, as `/health` tells it.
    parse : callable
        Of the file of the feed.
    gives : tuple of str
        Quantities; none where it tells only of things.
    licence : str
        As its owner states it.
    url : str
        Where it is asked for; ``{source}`` stands for a device. Empty where it comes as files or by push alone.
    period : float
        It tells something new so often. [s]
    wants : mapping of str to str
        Which part of `Payload` each further parameter of ``parse`` takes.
    body : str
        The parameter that takes the payload.
    recorded : str
        Pattern of the names of recorded files, with a group ``source`` where they tell it; the feed's own name where
        it is empty.
    history : bool
        Whether a payload is of days gone by, so that a replay lives through its rows and nothing in it is late.
    companions : tuple of str
        Patterns of the recorded files that make `Payload.beside`.
    join : callable, optional
        Makes it of their contents.
    needs : bool
        Whether it cannot be read without `Payload.beside`.
    """

    name: str
    parse: Callable[..., Parsed]
    gives: tuple[str, ...]
    licence: str
    url: str
    period: float
    wants: Mapping[str, str] = field(default_factory=dict)
    body: str = "payload"
    recorded: str = ""
    history: bool = False
    companions: tuple[str, ...] = ()
    join: Callable[[Sequence[bytes]], Any] | None = None
    needs: bool = False

    def read(self, payload: Payload) -> Parsed:
        """Parse a payload.

        Raises
        ------
        SensorError
            It cannot be read at all, or what belongs to it is not there.
        """
        if self.needs and payload.beside is None:
            raise SensorError(f"{self.name}: cannot be read without {self.companions[0]!r}; give it too")
        further = {parameter: getattr(payload, part) for parameter, part in self.wants.items()}
        return self.parse(**{self.body: payload.body}, **further)

    def recognises(self, file: str) -> re.Match[str] | None:
        """Whether a file of that name is a recording of this feed."""
        return re.match(self.recorded or re.escape(self.name) + r"(?![a-z])", file)


def _first(contents: Sequence[bytes]) -> bytes:
    return contents[0]


def _network(contents: Sequence[bytes]) -> stib_network.Network:
    return stib_network.network(contents[0], contents[1])


_CLOCK = {"received": "received"}
_OPEN = "CC0-1.0, Brussels Mobility"

FEEDS: tuple[Feed, ...] = (
    # streets
    Feed("bm_traffic_devices", brussels_traffic.parse_devices, (), _OPEN,
         f"{_MOBILITY}/traffic/api/counts/?request=devices", DAY),
    Feed("bm_traffic", brussels_traffic.parse, _TRAFFIC, _OPEN, f"{_MOBILITY}/traffic/api/counts/?request=live", MINUTE,
         _CLOCK, recorded=r"bm_traffic(_counts_live)?(?!_devices|[a-z])"),
    Feed("bm_tlc", traffic_lights.parse, _TRAFFIC, "not stated, Brussels Mobility", "", MINUTE, _CLOCK),
    Feed("bm_dai", cameras.parse, _TRAFFIC, "not stated, Brussels Mobility", "", MINUTE, _CLOCK),
    Feed("bm_bike_devices", bicycles.parse_devices, (), _OPEN, f"{_MOBILITY}/bike/api/counts/?request=devices", DAY),
    Feed("bm_bike_live", bicycles.parse_live, ("bicycle_count",), _OPEN, f"{_MOBILITY}/bike/api/counts/?request=live",
         QUARTER, _CLOCK),
    Feed("bm_bike_summary", bicycles.parse_summary, _BICYCLES, "not stated, Brussels Mobility", "", DAY, history=True),
    Feed("bm_bike_history", bicycles.parse_history, _BICYCLES, _OPEN,
         f"{_MOBILITY}/bike/api/counts/?request=history&featureID={{source}}", DAY, {"device": "source"},
         recorded=r"bm_bike_history(_(?P<source>[A-Z][A-Za-z0-9]*))?(?![a-z])", history=True),
    Feed("telraam_segments", telraam.parse_segments, (), "CC BY 4.0, Telraam",
         "https://telraam-api.net/v1/segments/all", DAY),
    Feed("telraam", telraam.parse, ("vehicle_count", "bicycle_count", "pedestrian_count"), "CC BY 4.0, Telraam",
         "https://telraam-api.net/v1/reports/traffic", HOUR, recorded=r"telraam(?!_segments|[a-z])"),
    Feed("pedestrians", pedestrians.parse, ("pedestrian_count",), "of whoever counts", "", QUARTER, _CLOCK),
    Feed("stib", stib.parse, ("route_distance", "vehicle_count"), "terms not stated, STIB-MIVB", stib.URL, 20.0,
         {"time": "received", "network": "beside"}, recorded=r"stib(_vehicle_position\w*)?(?!_?[a-z])",
         companions=(r"stib_stop_details", r"stib_stops_by_line"), join=_network),
    Feed("villo", gbfs.parse, ("bicycles_available", "free_places"), "of the operator",
         f"{gbfs.VILLO}/station_status.json", MINUTE, {"information": "beside"}, body="status",
         recorded=r"(villo|gbfs)_(station_)?status", companions=(r"(villo|gbfs)_(station_)?information",), join=_first,
         needs=True),
    Feed("parking", parking.parse, ("free_places",), "of whoever publishes it", "", 300.0),
    # air
    Feed("sensor_community", sensor_community.parse,
         tuple(dict.fromkeys(one[0] for one in sensor_community.QUANTITIES.values())),
         "Open Database License 1.0, sensor.community", sensor_community.URL, 300.0),
    Feed("irceline_stations", irceline.parse_stations, _AIR, "CC BY 4.0, IRCELINE", irceline.STATIONS_URL, HOUR),
    Feed("irceline_daily", irceline.parse_daily, ("nitrogen_dioxide", "particles_10", "particles_2_5"),
         "CC BY 4.0, IRCELINE", "", DAY, recorded=r"irceline_daily|air_quality_tunnels_daily", history=True),
    Feed("irceline", irceline.parse, _AIR, "CC BY 4.0, IRCELINE", irceline.URL, HOUR,
         recorded=r"irceline(?!_stations|_daily)"),
    Feed("spiceco", spiceco.parse, tuple(one[0] for one in spiceco.QUANTITIES.values()), "BSD-3-Clause, ULB and VUB",
         "", 600.0, {"station": "source"}, recorded=r"(ixelles_)?spiceco_(?P<source>[A-Z]\d+)", history=True),
    Feed("curieuzenair", citizen_no2.parse, ("nitrogen_dioxide",), "not stated, CurieuzenAir", "", DAY, history=True),
    # water, waste and energy
    Feed("meters", meters.parse, tuple(dict.fromkeys(meters.KINDS.values())), "of whoever measures", "", QUARTER),
)  # fmt: skip
"""Every feed. Portals of Opendatasoft are one more way to ask, not a feed: a data set is one by its own table."""

FEED_BY_NAME: Mapping[str, Feed] = {one.name: one for one in FEEDS}
