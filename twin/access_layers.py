"""A city as the kernel of access reads it: streets cut where homes and places stand, and who lives where."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import geopandas as gpd
import numpy as np
import xarray as xr

from kernels.access.kernel import NOWHERE
from kernels.quantities import attrs
from kernels.quantities.access import CATEGORIES
from kernels.traffic.queues_inputs import mode_bits
from twin.amenities import categories, places_of
from twin.city import City, CityError
from twin.street_access import BIT
from twin.street_cuts import Cuts
from twin.street_directions import Row, directions_of, worked
from twin.street_graph import StreetGraph, graph_of
from twin.street_reach import StreetTimes
from twin.street_works import StreetWorks

Hours = Mapping[str, Sequence[tuple[float, float]]]
"""Begin and until of each time that a place is open, by its id; places that are not named are always open. [s]"""
FOR_EVER = 1e9
"""Until when a street is barred that is so at all hours. [s]"""


def access_layers(
    city: City, homes: gpd.GeoDataFrame, *, mode: str = "walk", minutes: Mapping[str, float] | None = None,
    opening: Hours | None = None, works: StreetWorks | None = None, start: datetime | None = None,
    duration_s: float = 0.0,
) -> xr.Dataset:  # fmt: skip
    """What `kernels.access.kernel.Access` reads of a city.

    Parameters
    ----------
    city : City
    homes : GeoDataFrame
        Index ``id``; points; ``people``. `scenarios.ten_minutes.homes_in` and `homes_along` make them.
    mode : str
        ``walk`` or ``bike``.
    minutes : mapping, optional
        Other times than the table's, by category. [min]
    opening : mapping, optional
        When places are open, since the run's start. [s]
    works : StreetWorks, optional
        What edits do to streets: who goes on foot or by bicycle may be barred, always or at hours, and one-way streets
        bind bicycles. A bridge is in the city already.
    start : datetime, optional
        Of the run, with its zone; works need it.
    duration_s : float
        Of the run. [s]

    Raises
    ------
    CityError
        No streets, an unknown category, place or street, hours that run backwards, or works without a start.
    """
    graph, rows = graph_of(city), list[Row]()
    if works:
        if start is None:
            raise CityError("edits of streets hold by the clock; give the start of the run")
        graph, rows = _under(graph, works, mode, start, duration_s)
    streets = StreetTimes.of(graph, mode, city.terrain)
    return layers_of(streets, places_of(city), homes, minutes=minutes, opening=opening, shut=rows)


def _under(
    graph: StreetGraph, works: StreetWorks, mode: str, start: datetime, duration_s: float
) -> tuple[StreetGraph, list[Row]]:
    """The streets with all that works let a mode into, and what bars it when: things stay where they stand."""
    links, own, bits = graph.links, BIT[mode], mode_bits("foot" if mode == "walk" else mode)
    before = directions_of(graph)[0]
    after, rows, _ = worked(before, works, links.index, links.length.to_numpy(), start, duration_s)
    now, then = (after.modes & bits) != 0, (before.modes & bits) != 0
    sides = {
        name: np.where(now[:, side] & ~then[:, side], links[name] | own, links[name])
        for side, name in enumerate(("forward", "backward"))
    }
    barred = [Row(int(street), int(side), 0.0, FOR_EVER, bits) for street, side in np.argwhere(then & ~now)]
    return replace(graph, links=links.assign(**sides)), barred + [row for row in rows if row.modes & bits]


def layers_of(
    streets: StreetTimes, places: gpd.GeoDataFrame, homes: gpd.GeoDataFrame, *,
    minutes: Mapping[str, float] | None = None, opening: Hours | None = None, shut: Sequence[Row] = (),
) -> xr.Dataset:  # fmt: skip
    """The same of streets, places and homes, wherever they are from.

    Each street is cut where a home or a place stands beside it, so that one way of counting, node to node, holds also
    for two doors of one street. Nodes of the street graph keep their numbers; cuts come behind.

    Returns
    -------
    Dataset
        Along ``foot_link``, ``place`` (one entrance of a place: its id), ``home``, ``category``, ``opening`` and
        ``shut``; attrs ``assumed`` and ``lost`` count what was assumed and what stands on no street.
    """
    asked = _asked(minutes or {})
    stand = streets.spots(homes.geometry.to_numpy())
    sites = streets.spots(places.geometry.to_numpy())
    cuts = Cuts.of(streets, stand, sites)
    entrance, node, delay = cuts.entrances(sites)
    home_node, home_delay = np.full(len(homes), NOWHERE, np.int32), np.zeros(len(homes))
    home_node[stand.thing] = cuts.node[cuts.row(stand.link, stand.low)]
    home_delay[stand.thing] = stand.off
    kind = np.array([CATEGORIES.index(one) for one in places["category"]], np.int32)
    tail, head, seconds = cuts.arcs()
    given = {
        "access_start_node": ("foot_link", tail.astype(np.int32)),
        "access_end_node": ("foot_link", head.astype(np.int32)), "access_time": ("foot_link", seconds),
        "place_node": ("place", node), "place_delay": ("place", delay),
        "place_category": ("place", kind[entrance]), "home_node": ("home", home_node),
        "home_delay": ("home", home_delay), "home_people": ("home", homes["people"].to_numpy(float)),
        "access_time_asked": ("category", 60.0 * np.array(list(asked.values()))),
    }  # fmt: skip
    names = places.index.to_numpy(object)[entrance]
    if opening:
        given |= _opened(opening, names)
    if shut:
        given |= _shut(shut, cuts)
    return xr.Dataset(
        {name: (dim, values, attrs(name)) for name, (dim, values) in given.items()},
        coords={"place": names, "home": homes.index.to_numpy(object), "category": list(asked)},
        attrs={
            "mode": streets.mode,
            "assumed": dict(streets.counts),
            "lost": {"places": sites.lost, "homes": stand.lost},
        },
    )


def _asked(minutes: Mapping[str, float]) -> dict[str, float]:
    asked = {key: one.minutes for key, one in categories().items()}
    for key, value in minutes.items():
        if key not in asked:
            raise CityError(f"there is no category {key!r}; expected one of {', '.join(asked)}")
        if not value > 0:
            raise CityError(f"{key}: {value:g} minutes, expected more than 0")
        asked[key] = float(value)
    return asked


def _opened(opening: Hours, names: np.ndarray) -> dict[str, tuple[str, np.ndarray]]:
    """Rows of opening for every entrance of the places named."""
    rows = []
    known = set(names)
    for name, hours in opening.items():
        if name not in known:
            raise CityError(f"opening hours name the place {name!r}, which stands on no street here; leave it out")
        for begin, until in hours:
            if not until > begin:
                raise CityError(f"{name}: open from {begin:g} to {until:g} s; expected later than the begin")
            rows += [(int(entrance), begin, until) for entrance in np.flatnonzero(names == name)]
    columns = np.array(rows, float).reshape(-1, 3)
    return {
        "opening_place": ("opening", columns[:, 0].astype(np.int32)),
        "opening_begin": ("opening", columns[:, 1]),
        "opening_until": ("opening", columns[:, 2]),
    }


def _shut(shut: Sequence[Row], cuts: Cuts) -> dict[str, tuple[str, np.ndarray]]:
    """Rows of every piece of a street that is barred at hours."""
    link = cuts.link[cuts.pieces()[0]]
    rows = [
        (piece + row.side * link.size, row.begin, row.until)
        for row in shut
        for piece in np.flatnonzero(link == row.street).tolist()
    ]
    columns = np.array(rows, float).reshape(-1, 3)
    return {
        "shut_arc": ("shut", columns[:, 0].astype(np.int32)),
        "shut_begin": ("shut", columns[:, 1]),
        "shut_until": ("shut", columns[:, 2]),
    }
