"""Buses of the network of traffic: lines on their links, with departures by headway and time at stops."""

import csv
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np

from twin.map_matching import Way, matched
from twin.street_works import Clock

_TABLE = Path(__file__).parents[1] / "assets" / "bus_headways.csv"
DWELL = 20.0
"""Time at a stop, assumed: TCRP 165, Transit Capacity and Quality of Service Manual (2013), chapter 6, gives 15 s where
little and 30 s where much is going on. [s]"""
SHORTEST = 200.0
"""A line that follows the network for less than this only crosses it. [m]"""
GOLDEN = 0.618033988749895
"""Lines set out at other moments of their headway: the fractional parts of its multiples spread evenly. [1]"""
_DAYS = {"weekday": (0, 1, 2, 3, 4), "saturday": (5,), "sunday": (6,)}


@dataclass(frozen=True, eq=False)
class Services:
    """Runs of buses and their legs.

    Attributes
    ----------
    departure : (service,) float64
        Since the start of the run. [s]
    line : (service,) str
    leg_run : (leg,) int32
        Service of each leg, in order.
    leg_link : (leg,) int32
    leg_dwell : (leg,) float64
        [s]
    counts : dict
        In words.
    """

    departure: np.ndarray
    line: np.ndarray
    leg_run: np.ndarray
    leg_link: np.ndarray
    leg_dwell: np.ndarray
    counts: dict[str, float]


@cache
def headways() -> tuple[tuple[Clock, float], ...]:
    """Hours of days and the time between two buses of a line [s], of ``assets/bus_headways.csv``."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(
            (
                Clock(((float(row["begin"]) * 3600.0, float(row["until"]) * 3600.0),), _DAYS[row["day"]]),
                float(row["headway"]),
            )
            for row in csv.DictReader(file)
        )


def departures(start: datetime, duration_s: float, part: float) -> np.ndarray:
    """Moments at which buses of one line set out during a run.

    Parameters
    ----------
    start : datetime
        Of the run, with its zone.
    duration_s : float
    part : float
        Of the headway by which the first bus of a window is late, from 0 to below 1. [1]

    Returns
    -------
    (service,) float64
        Since the start, from 0 on, in order. [s]
    """
    found = []
    for clock, headway in headways():
        for begin, until in clock.windows(start, duration_s):
            moments = np.arange(begin + part * headway, min(until, duration_s), headway)
            found.append(moments[moments >= 0.0])
    return np.sort(np.concatenate(found)) if found else np.zeros(0)


def services(
    lines: gpd.GeoDataFrame, shapes: np.ndarray, tail: np.ndarray, head: np.ndarray, open_to: np.ndarray,
    *, start: datetime, duration_s: float,
) -> Services:  # fmt: skip
    """Put lines on links and let buses set out.

    Parameters
    ----------
    lines : GeoDataFrame
        Columns of ``twin.city.BUS_LINE_COLUMNS``.
    shapes : (link,) array of LineString
        In the direction of the links.
    tail, head : (link,) int
        Nodes.
    open_to : (link,) bool
        Links that let buses in.
    start : datetime
    duration_s : float
    """
    departure, names, runs, links, dwells = [], [], [], [], []
    followed = whole = 0.0
    stops_in = number = 0
    for place, (line, shape, stops) in enumerate(zip(lines["line"], lines.geometry, lines["stops"], strict=True)):
        at = np.array([float(one) for one in stops.split()])
        moments = departures(start, duration_s, (place * GOLDEN) % 1.0)
        whole += shape.length
        for way in matched(shape, shapes, tail, head, open_to):
            if way.until - way.begin < SHORTEST:
                continue
            followed += way.until - way.begin
            here = at[(at >= way.begin) & (at <= way.until)]
            stops_in += here.size
            dwell = dwell_on(way, here)
            for moment in moments:
                departure.append(moment)
                names.append(line)
                runs.append(np.full(way.links.size, number, np.int32))
                links.append(way.links.astype(np.int32))
                dwells.append(dwell)
                number += 1
    counts = {
        "bus lines, one way each": float(len(lines)), "km of bus lines": whole / 1000.0,
        "km of bus lines that follow links": followed / 1000.0, "stops on them": float(stops_in),
        "bus runs with assumed headways": float(number),
    }  # fmt: skip
    empty = np.zeros(0, np.int32)
    return Services(
        np.array(departure, float), np.array(names, np.str_),
        np.concatenate([empty, *runs]), np.concatenate([empty, *links]),
        np.concatenate([np.zeros(0), *dwells]), counts,
    )  # fmt: skip


def dwell_on(way: Way, stops: np.ndarray) -> np.ndarray:
    """Time at stops on each link of a way: a stop is on the last link that begins before it. (leg,) [s]"""
    leg = np.maximum(np.searchsorted(way.place, stops, side="right") - 1, 0)
    return DWELL * np.bincount(leg, minlength=way.links.size)
