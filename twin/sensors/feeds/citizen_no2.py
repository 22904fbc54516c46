"""Nitrogen dioxide by tubes at the windows of citizens: one mean of some weeks at each place."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from twin.sensors.feeds.counters import own_id
from twin.sensors.feeds.payloads import MICROGRAM, features_of, nanoseconds, read_json, read_number
from twin.sensors.model import SECOND, Datastream, Gathering, Parsed, Thing
from twin.street_works import BRUSSELS


@dataclass(frozen=True)
class Campaign:
    """When and by what name tubes hung.

    Attributes
    ----------
    feed : str
    begin, until : datetime
        With zone.
    id : str
        Property that tells places apart.
    """

    feed: str
    begin: datetime
    until: datetime
    id: str


CURIEUZENAIR = Campaign(
    "curieuzenair", datetime(2021, 9, 25, tzinfo=BRUSSELS), datetime(2021, 10, 23, tzinfo=BRUSSELS), "cnId"
)
"""CurieuzenAir hung on 25 September and was collected on 23 October 2021 (curieuzenair.brussels/en/register)."""


def parse(payload: bytes | str, campaign: Campaign = CURIEUZENAIR) -> Parsed:
    """Means at places, from GeoJSON with the property ``no2`` in µg/m³.

    Parameters
    ----------
    payload : bytes or str
    campaign : Campaign
        The file does not say when its tubes hung.

    Raises
    ------
    SensorError
        No feature collection.
    """
    found = Gathering(campaign.feed)
    features = features_of(read_json(payload, campaign.feed), campaign.feed)
    time = nanoseconds(campaign.until)
    period = (time - nanoseconds(campaign.begin)) / SECOND
    for feature in features:
        found.met("rows")
        try:
            _feature(found, feature, campaign.id, time, period)
        except (KeyError, TypeError, ValueError, AttributeError):
            found.problem("features", "cannot be read", feature)
    return found.parsed()


def _feature(found: Gathering, feature: dict[str, Any], key: str, time: int, period: float) -> None:
    said = feature["properties"]
    own, value = own_id(said[key]), read_number(said["no2"])
    longitude, latitude = (read_number(one) for one in feature["geometry"]["coordinates"][:2])
    if not (abs(longitude) <= 180 and abs(latitude) <= 90):
        raise ValueError("no place")
    properties = {"floor": said["floor"]} if "floor" in said else {}
    thing = Thing(f"{found.feed}:{own}", str(said[key]), longitude, latitude, properties)
    found.thing(thing)
    stream = Datastream(f"{thing.id}/nitrogen_dioxide", thing.id, "nitrogen_dioxide", period, "diffusion tube")
    found.reading(stream, time, value * MICROGRAM)
