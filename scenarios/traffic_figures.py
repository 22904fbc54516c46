"""Key figures of traffic: how much is driven, how slowly, where it does not belong, and who has to hear it."""

from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import shapely
import xarray as xr

from kernels.traffic.queues_inputs import MODE_NAMES
from scenarios.indicator import Indicator, words
from scenarios.noise_exposure import NoiseExposure, streets_of_links
from scenarios.situation import Situation
from scenarios.traffic_totals import TrafficTotals
from twin.street_classes import street_classes

LOUD = (55, 65, 70)
"""Levels of noise that are counted: reports under Directive 2002/49/EC, annex VI, begin at 55 dB(A) Lden. [dB(A)]"""
BESIDE = 50.0
"""A street this near to a school is a street by a school: an assumption. [m]"""
SCHOOLS = frozenset({"school", "kindergarten"})
"""Amenities in front of which children cross."""
MOTORS = tuple(MODE_NAMES.index(name) for name in ("car", "van", "truck", "bus"))
"""Modes with an engine, by their place."""

NOW: tuple[Indicator, ...] = (
    Indicator("vehicles_on_street", "1", words("Véhicules en circulation", "Voertuigen onderweg",
              "Vehicles on the streets"), better="neutral"),
    Indicator("mean_speed", "km/h", words("Vitesse moyenne", "Gemiddelde snelheid", "Mean speed"), better="higher",
              digits=1),
    Indicator("queue_km", "km", words("Files, en tout", "Files, in totaal", "Queues, in all"), digits=2),
    Indicator("carbon_dioxide_rate", "kg/h", words("Émission de CO2", "Uitstoot van CO2", "Emission of CO2")),
    Indicator("noise_people_now_65", "1", words("Habitants à plus de 65 dB(A) de bruit routier",
              "Bewoners met meer dan 65 dB(A) wegverkeerslawaai", "Residents above 65 dB(A) of road noise")),
)  # fmt: skip
"""Figures of a moment: of the time since the output before."""

WHOLE: tuple[Indicator, ...] = (
    Indicator("vehicle_km", "km", words("Véhicules-kilomètres", "Voertuigkilometers", "Vehicle-kilometres"),
              better="neutral"),
    Indicator("vehicle_km_local", "km", words("Véhicules-kilomètres dans les rues locales",
              "Voertuigkilometers in lokale straten", "Vehicle-kilometres in local streets")),
    Indicator("cut_through", "%", words("Trafic de transit dans les rues locales",
              "Doorgaand verkeer in lokale straten", "Through traffic in local streets"), digits=1),
    Indicator("mean_speed", "km/h", words("Vitesse moyenne", "Gemiddelde snelheid", "Mean speed"), better="higher",
              digits=1),
    Indicator("vehicle_hours", "h", words("Heures passées à rouler", "Uren achter het stuur", "Vehicle hours"),
              digits=1),
    Indicator("delay_hours", "h", words("dont heures perdues", "waarvan verloren uren", "of which hours lost"),
              digits=1),
    Indicator("longest_queue_km", "km", words("Files, au pire moment", "Files, op het ergste moment",
              "Queues at the worst moment"), digits=2),
    Indicator("mean_trip_time", "min", words("Durée moyenne d'un trajet motorisé", "Gemiddelde duur van een autorit",
              "Mean time of a motor trip"), digits=1),
    Indicator("trips_unserved", "1", words("Déplacements impossibles", "Onmogelijke verplaatsingen",
              "Trips that no way serves")),
    Indicator("bicycle_km", "km", words("Kilomètres à vélo", "Fietskilometers", "Kilometres by bicycle"),
              better="higher"),
    Indicator("school_traffic", "1/h", words("Véhicules par heure dans une rue d'école, moyenne",
              "Voertuigen per uur in een schoolstraat, gemiddeld", "Vehicles an hour in a street by a school, mean")),
    Indicator("carbon_dioxide", "kg", words("CO2 des échappements", "CO2 uit uitlaten", "CO2 of exhausts")),
    Indicator("nitrogen_oxides", "kg", words("NOx des échappements", "NOx uit uitlaten", "NOx of exhausts"), digits=2),
)  # fmt: skip
"""Figures of a whole run; what it does not tell is left out."""

_HEARD = (
    ("Habitants au-dessus de {} dB(A), {}", "Bewoners boven {} dB(A), {}", "Residents above {} dB(A), {}"),
    ("Lden", "Lden", "Lden"),
    ("moyenne des heures calculées", "gemiddelde van de berekende uren", "mean of the hours computed"),
)


class TrafficFigures:
    """Computes the figures of traffic on one situation; frames given to `now` are added up for `whole`.

    Parameters
    ----------
    situation : Situation
    network : xarray.Dataset
        Of `twin.traffic_layers.traffic_layers`, with the demand where its trips are to be counted.
    start : datetime, optional
        Start of the run; without it no hour belongs to the evening or the night.
    """

    def __init__(self, situation: Situation, network: xr.Dataset, start: datetime | None = None) -> None:
        self.situation, self.network = situation, network
        self.totals = TrafficTotals(network, start)
        self.local = local_links(network)

    @cached_property
    def noise(self) -> NoiseExposure:
        """Who hears the streets."""
        return NoiseExposure(self.situation, self.network)

    def now(self, frame: xr.Dataset) -> list[dict[str, Any]]:
        """The figures of one output time.

        Parameters
        ----------
        frame : xarray.Dataset
            Along (link,), see `TrafficTotals.add`.
        """
        self.totals.add(frame)
        length = self.totals.length
        flow, time = (np.nan_to_num(frame[name].values.astype(float)) for name in ("traffic_flow", "travel_time"))
        values = {"mean_speed": _speed(float(flow @ length), float(flow @ time))}
        for key, name, factor in (("vehicles_on_street", "vehicles_on_street", 1.0),
                                  ("queue_km", "queue_length", 1e-3),
                                  ("carbon_dioxide_rate", "carbon_dioxide_emission", 1.0)):  # fmt: skip
            if name in frame:
                values[key] = factor * float(np.nansum(frame[name].values.astype(float)))
        if "road_noise_power" in frame:
            power = 10.0 ** (frame["road_noise_power"].values.astype(float) / 10.0)
            values["noise_people_now_65"] = self.noise.people_above(self.noise.levels(power), 65.0)
        return [one.of(values[one.key]) for one in NOW if one.key in values]

    def whole(self, summary: xr.Dataset, last: xr.Dataset) -> list[dict[str, Any]]:
        """The figures of a run.

        Parameters
        ----------
        summary : xarray.Dataset
            Along (link,): ``cut_through_share``; along (demand,): ``trip_time`` [s], ``trips_unserved``, where the run
            has them.
        last : xarray.Dataset
            The last frame; added if nobody gave it to `now`.
        """
        if "time" in last.coords:
            self.totals.add(last)
        return whole_figures(self.totals, summary, self.noise, self.local, self._by_schools())

    def _by_schools(self) -> np.ndarray:
        """Links within `BESIDE` of a school: (link,) bool."""
        city = self.situation.city
        row = streets_of_links(city, self.network)
        found = np.zeros(row.size, bool)
        schools = city.amenities.geometry.to_numpy()[city.amenities["category"].isin(SCHOOLS).to_numpy(bool)]
        if schools.size:
            near = shapely.STRtree(schools).query(city.links.geometry.to_numpy(), predicate="dwithin", distance=BESIDE)
            found[np.isin(row, near[0])] = True
        return found


def whole_figures(
    totals: TrafficTotals, summary: xr.Dataset, noise: NoiseExposure, local: np.ndarray, by_schools: np.ndarray
) -> list[dict[str, Any]]:
    """The figures of a whole run from its sums, see `TrafficFigures.whole`."""
    distance, hours = totals.distance, totals.driven / 3600.0
    values = {
        "vehicle_km": distance.sum() / 1e3,
        "vehicle_km_local": distance[local].sum() / 1e3,
        "mean_speed": _speed(float(distance.sum()), 3600.0 * float(hours.sum())),
        "vehicle_hours": hours.sum(),
        "delay_hours": totals.delay.sum() / 3600.0,
        "longest_queue_km": totals.longest_queue / 1e3,
        "bicycle_km": float(totals.bicycles @ totals.length) / 1e3,
        "carbon_dioxide": totals.carbon_dioxide.sum(),
        "nitrogen_oxides": totals.nitrogen_oxides.sum(),
    }
    if by_schools.any() and totals.seconds > 0.0:
        values["school_traffic"] = _by_street(totals, by_schools) * 3600.0 / totals.seconds
    if "cut_through_share" in summary:
        values["cut_through"] = 100.0 * cut_through_of(totals, summary)
    if "trip_time" in summary and "demand_trips" in totals.network:
        values |= trip_figures(totals.network, summary)
    found = [one.of(values[one.key]) for one in WHOLE if one.key in values]
    if sum(totals.heard.values()) > 0.0:
        levels = noise.of_run(totals)
        said = _HEARD[1] if totals.covers_a_day else _HEARD[2]
        for bound in LOUD:
            label = words(*(text.format(bound, how) for text, how in zip(_HEARD[0], said, strict=True)))
            found.append(Indicator(f"noise_people_{bound}", "1", label).of(noise.people_above(levels, bound)))
    return found


def local_links(network: xr.Dataset) -> np.ndarray:
    """Links of streets that are no main streets: (link,) bool."""
    main = [one.code for one in street_classes().values() if one.main]
    return ~np.isin(network["street_class"].values, main)


def cut_through_of(totals: TrafficTotals, summary: xr.Dataset) -> float:
    """Part of the distance driven in neighbourhoods by trips of others; NaN where nothing is driven there. [1]"""
    share = summary["cut_through_share"].values.astype(float)
    inside = np.isfinite(share)
    if "link_area" in totals.network:
        inside &= totals.network["link_area"].values >= 0
    driven = totals.distance[inside]
    return float(share[inside] @ driven / driven.sum()) if driven.sum() > 0 else np.nan


def trip_figures(network: xr.Dataset, summary: xr.Dataset) -> dict[str, float]:
    """Mean time of motor trips that arrive [min], and how many of all trips no way serves."""
    trips = network["demand_trips"].values.astype(float)
    time = summary["trip_time"].values.astype(float)
    lost = np.zeros(trips.size)
    if "trips_unserved" in summary:
        lost = np.nan_to_num(summary["trips_unserved"].values.astype(float))
    served = np.maximum(trips - lost, 0.0)
    counts = np.isin(network["demand_mode"].values, MOTORS) & np.isfinite(time) & (served > 0.0)
    whole = served[counts].sum()
    return {
        "mean_trip_time": float(served[counts] @ time[counts]) / whole / 60.0 if whole > 0.0 else np.nan,
        "trips_unserved": float(lost.sum()),
    }


def _speed(metres: float, seconds: float) -> float:
    """[km/h]; NaN where nothing moves."""
    return 3.6 * metres / seconds if seconds > 0.0 else np.nan


def _by_street(totals: TrafficTotals, links: np.ndarray) -> float:
    """Vehicles that passed, both directions together, mean over the streets of some links. [1]"""
    names = np.array([str(one).rstrip("<>") for one in totals.network["link"].values])[links]
    return float(totals.vehicles[links].sum()) / np.unique(names).size
