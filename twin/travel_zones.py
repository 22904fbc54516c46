"""Zones of travel: sectors with their residents and jobs, and gates where the edge of the area cuts streets."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
import xarray as xr
from scipy.spatial import cKDTree

from kernels.traffic.pairing import Places
from kernels.traffic.queues_inputs import MODE_NAMES
from twin.amenities import places_of
from twin.city import CRS, City, CityError
from twin.traffic_layers import reachable
from twin.travel_tables import attractions, gate_volumes, purposes, rates

EDGE = 20.0
"""A street that ends nearer to the edge of the area is cut by it. [m]"""
HULL = 0.05
"""Ratio of the hull around the crossings of an area that is no box (`shapely.concave_hull`). [1]"""
REACHED = 60.0
"""What lies nearer to a street is within the area of the streets. [m]"""
STEP = 20.0
"""Between the points by which that is found. [m]"""
WHOLE = 0.5
"""A sector of which at least this part is so counts as a whole: gardens and parks lie farther from streets. [1]"""
CELL = 500.0
"""Side of the zones of a city without sectors. [m]"""
MAIN = ("motorway", "primary", "secondary", "tertiary")
"""Classes of streets that go on where they end at the edge of the area, and where they end in nothing."""
KNOWN_USES = ("office", "retail", "education")
"""Uses of buildings of which at least one must be known for jobs to be counted by floors."""


@dataclass(frozen=True, eq=False)
class Gates:
    """Nodes where streets go on beyond the area.

    Attributes
    ----------
    node : (gate,) int64
    vehicles_in, vehicles_out : (gate,) float64
        Motor vehicles that enter and leave on a working day, as the class of the street says. [d⁻¹]
    bicycles_in, bicycles_out : (gate,) float64
        [d⁻¹]
    least_through : (gate,) float64
        [1]
    """

    node: np.ndarray
    vehicles_in: np.ndarray
    vehicles_out: np.ndarray
    bicycles_in: np.ndarray
    bicycles_out: np.ndarray
    least_through: np.ndarray

    def weights(self, mode: str, way: str) -> np.ndarray:
        """What passes with a mode, ``in`` or ``out``. (gate,) float64 [d⁻¹]"""
        return np.asarray(getattr(self, f"{'bicycles' if mode in ('bike', 'foot') else 'vehicles'}_{way}"))


@dataclass(frozen=True, eq=False)
class Zones:
    """Sectors first, then gates.

    Attributes
    ----------
    id : (zone,) str
        Of the sector, or ``gate:`` and the id of the node.
    sectors : int
        How many of them are sectors.
    residents, jobs : (sector,) float64
        [1]
    visits : dict of (sector,) float64
        What draws visitors, by purpose, only to be compared with each other. [1]
    gates : Gates
    places : dict of Places
        Nodes where trips begin and end, by ``car`` and ``bike``: of all zones, by residents' homes.
    work_places : dict of Places
        The same by jobs and visits.
    told : dict
        What was assumed, in words.
    """

    id: np.ndarray
    sectors: int
    residents: np.ndarray
    jobs: np.ndarray
    visits: dict[str, np.ndarray]
    gates: Gates
    places: dict[str, Places]
    work_places: dict[str, Places]
    told: dict[str, float]

    def __len__(self) -> int:
        return self.id.size


def zones_of(city: City, network: xr.Dataset) -> Zones:
    """Who lives, works and visits where, and where streets lead on.

    Parameters
    ----------
    city : City
    network : Dataset
        Of `twin.traffic_layers.traffic_layers`.

    Returns
    -------
    Zones

    Raises
    ------
    CityError
        No street on which cars go round.
    """
    told: dict[str, float] = {}
    nodes = np.column_stack((network["node_x"].values, network["node_y"].values))
    round_car = reachable(network, "car")
    if not round_car.any():
        raise CityError(f"{city.name}: no street lets cars go round, so that no trip can be made; mend the streets")
    sectors = _sectors(city, network, nodes, told)
    spots = _Spots(city, sectors, told)
    gates = _gates(city, network, nodes)
    told["gates"] = gates.node.size
    home = spots.homes
    residents = _residents(sectors, spots, told)
    jobs = _jobs(spots, residents, told)
    floor = {one: spots.by_zone(values) for one, values in spots.visits.items()}
    visits = {
        one: np.where(values.sum() > 0, values, residents) + 1e-3 * residents + 1e-9 for one, values in floor.items()
    }
    drawn = spots.jobs + sum(values / max(values.sum(), 1.0) * spots.jobs.sum() for values in spots.visits.values())
    places, work_places = {}, {}
    for mode in ("car", "bike"):
        own = reachable(network, mode)
        own = own.copy() if own.any() else round_car.copy()
        own[gates.node] = False  # nobody lives in a gate
        street = _street_weights(network, nodes, own, sectors)
        places[mode] = _places(spots, home, own, nodes, sectors, street, gates)
        work_places[mode] = _places(spots, drawn, own, nodes, sectors, street, gates)
    names = [str(one) for one in sectors.index] + [f"gate:{network['node'].values[one]}" for one in gates.node]
    return Zones(
        np.array(names, dtype=np.str_), len(sectors), residents, jobs, visits, gates, places, work_places, told
    )


def _sectors(city: City, network: xr.Dataset, nodes: np.ndarray, told: dict[str, float]) -> gpd.GeoDataFrame:
    """Sectors where there are streets, each with the ``part`` of it that lies in the area; or cells."""
    if len(city.sectors):
        shapes = city.sectors.geometry.to_numpy()
        inside = shapely.intersection(shapes, shapely.box(*city.bounds))
        ends = [nodes[network[end].values] for end in ("link_start_node", "link_end_node")]
        part = _reached(inside, *ends)
        part = np.where(part >= WHOLE, 1.0, part) * shapely.area(inside) / np.maximum(shapely.area(shapes), 1e-9)
        part[part > 0.999] = 1.0
        found = city.sectors[part > 0][["population", "geometry"]].assign(part=part[part > 0])
        if (part <= 0).any():
            told["sectors without streets, left out"] = int((part <= 0).sum())
        if len(found):
            return found
    west, south, east, north = city.bounds if len(city.buildings) else (*nodes.min(axis=0), *nodes.max(axis=0))
    cells = [
        shapely.box(x, y, min(x + CELL, east), min(y + CELL, north))
        for y in np.arange(south, max(north, south + 1.0), CELL)
        for x in np.arange(west, max(east, west + 1.0), CELL)
    ]
    told["assumed zones, no sectors"] = len(cells)
    return gpd.GeoDataFrame(
        {"population": np.full(len(cells), np.nan), "part": np.ones(len(cells))},
        index=[f"cell:{n}" for n in range(len(cells))], geometry=cells, crs=CRS,
    )  # fmt: skip


def _reached(shapes: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Which part of each shape lies near straight streets, by points on a grid. (shape,) float64 [1]"""
    length = np.hypot(*(end - start).T)
    count = np.ceil(length / STEP).astype(np.int64) + 1
    link = np.repeat(np.arange(length.size), count)
    along = (np.arange(link.size) - np.repeat(np.cumsum(count) - count, count)) / np.maximum(count - 1, 1)[link]
    streets = cKDTree(start[link] + (end - start)[link] * along[:, None])
    some = np.flatnonzero(~shapely.is_empty(shapes))
    own, spots = [some], [shapely.get_coordinates(shapely.point_on_surface(shapes[some]))]
    for number in some.tolist():
        west, south, east, north = shapely.bounds(shapes[number])
        x, y = np.meshgrid(np.arange(west, east, STEP) + STEP / 2, np.arange(south, north, STEP) + STEP / 2)
        within = shapely.contains_xy(shapes[number], x.ravel(), y.ravel())
        spots.append(np.column_stack((x.ravel()[within], y.ravel()[within])))
        own.append(np.full(int(within.sum()), number))
    shape, xy = np.concatenate(own), np.concatenate(spots)
    near = np.isfinite(streets.query(xy, distance_upper_bound=REACHED)[0])
    whole = np.bincount(shape, minlength=shapes.size)
    return np.bincount(shape[near], minlength=shapes.size) / np.maximum(whole, 1)


class _Spots:
    """Buildings and places as points with floors of dwellings, jobs and visits, each in a sector or in none (-1)."""

    def __init__(self, city: City, sectors: gpd.GeoDataFrame, told: dict[str, float]) -> None:
        houses = city.buildings
        points = shapely.get_coordinates(shapely.point_on_surface(houses.geometry.to_numpy()))
        use, storeys = houses["use"].to_numpy(object), np.maximum(houses["storeys"].to_numpy(float), 1.0)
        ground = houses.geometry.area.to_numpy()
        floor = ground * storeys
        self.homes = np.where(use == "residential", floor, 0.0)
        if len(houses) and not self.homes.any():
            self.homes = floor.copy()
            told["assumed dwellings in all buildings"] = len(houses)
        known = attractions()
        self.jobs = np.zeros(len(houses))
        self.visits = {one: np.zeros(len(houses)) for one in purposes() if one != "work"}
        for key in np.unique(use).tolist():
            row = known.get(("use", str(key)), known["use", "other"])
            own = use == key
            counted = ground * np.minimum(storeys, row.floors or np.inf) / 1000.0
            self.jobs[own] += row.jobs * counted[own]
            for one, values in self.visits.items():
                values[own] += row.visits.get(one, 0.0) * counted[own]
        self.uses_known = bool(np.isin(use, KNOWN_USES).any())
        amenities = places_of(city)
        told["places that draw visitors"] = len(amenities)
        if len(amenities):
            rows = [known.get(("category", str(key))) for key in amenities["category"]]
            spots = shapely.get_coordinates(shapely.point_on_surface(amenities.geometry.to_numpy()))
            points = np.concatenate((points, spots))
            self.homes = np.concatenate((self.homes, np.zeros(len(rows))))
            self.jobs = np.concatenate((self.jobs, [0.0 if row is None else row.jobs for row in rows]))
            for one in self.visits:
                more = [0.0 if row is None else row.visits.get(one, 0.0) for row in rows]
                self.visits[one] = np.concatenate((self.visits[one], more))
        self.xy = points
        self.zone = _sector_at(points, sectors)
        self.size = len(sectors)

    def by_zone(self, values: np.ndarray) -> np.ndarray:
        """Sum in each sector. (sector,) float64"""
        own = self.zone >= 0
        return np.bincount(self.zone[own], values[own], minlength=self.size)


def _sector_at(points: np.ndarray, sectors: gpd.GeoDataFrame) -> np.ndarray:
    """Sector in which each point lies, -1 for none. (point,) int64"""
    found = np.full(len(points), -1)
    if len(points):
        tree = shapely.STRtree(sectors.geometry.to_numpy())
        point, sector = tree.query(shapely.points(points), predicate="intersects")
        found[point[::-1]] = sector[::-1]  # on a border the first
    return found


def _residents(sectors: gpd.GeoDataFrame, spots: _Spots, told: dict[str, float]) -> np.ndarray:
    """Residents of each sector, of those cut by the edge only the part inside. (sector,) [1]"""
    population, part = sectors["population"].to_numpy(float), sectors["part"].to_numpy()
    known = np.isfinite(population)
    found = np.where(known, population * part, 0.0)
    if (~known).any():
        floor = spots.by_zone(spots.homes)
        if floor.sum() > 0:
            told["assumed residents, by floors of dwellings"] = float((~known).sum())
            found[~known] = floor[~known] / rates()["floor_per_resident"]
        else:
            told["assumed residents, by area"] = float((~known).sum())
            found[~known] = (rates()["residents_density"] * 1e-6 * sectors.geometry.area.to_numpy())[~known]
    cut = int((known & (part < 1.0)).sum())
    if cut:
        told["sectors cut by the edge, residents by area"] = cut
    told["residents"] = float(found.sum())
    return found


def _jobs(spots: _Spots, residents: np.ndarray, told: dict[str, float]) -> np.ndarray:
    """Jobs of each sector, by floors and places; else as many for each resident as in the Region. (sector,) [1]"""
    jobs = spots.by_zone(spots.jobs)
    if not spots.uses_known:
        whole = rates()["jobs_per_resident"] * residents.sum()
        spread = residents / max(residents.sum(), 1e-9)
        if jobs.sum() > 0:
            spread = 0.5 * spread + 0.5 * jobs / jobs.sum()
        jobs = whole * spread
        told["assumed jobs, by residents as in the Region"] = float(jobs.sum())
    else:
        told["assumed jobs, by floors"] = float(jobs.sum())
    return jobs


def _gates(city: City, network: xr.Dataset, nodes: np.ndarray) -> Gates:
    """Ends of streets at the edge of the area, where main streets end there or in nothing."""
    tail, head = network["link_start_node"].values, network["link_end_node"].values
    modes, lanes = network["allowed_modes"].values, network["street_lanes"].values
    keys = network["street_class"].attrs["flag_meanings"].split()
    classes = np.array([keys[int(code)] for code in network["street_class"].values], object)
    volume = gate_volumes()
    pairs = np.unique(np.sort(np.column_stack((tail, head)), axis=1), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    dead_end = np.bincount(pairs.ravel(), minlength=len(nodes)) == 1
    near = _at_edge(city, nodes, tail, head)
    main = np.isin(classes, MAIN)
    of_main = np.zeros(len(nodes), bool)
    of_main[tail[main]] = of_main[head[main]] = True
    joined = np.zeros((len(nodes),), np.int64)
    ends = np.unique(np.sort(np.column_stack((tail[main], head[main])), axis=1), axis=0)
    np.add.at(joined, ends[ends[:, 0] != ends[:, 1]].ravel(), 1)
    node = np.flatnonzero((dead_end & (near[0] | of_main)) | (near[1] & (joined == 1)))
    row = np.full(len(nodes), -1)
    row[node] = np.arange(node.size)
    car, bike = ((modes >> MODE_NAMES.index(one) & 1).astype(bool) for one in ("car", "bike"))
    per_lane = np.array([volume[key].vehicles_per_lane for key in classes]) * np.maximum(lanes, 1.0) * car
    bicycles = np.array([volume[key].bicycles for key in classes]) * bike
    least = np.array([volume[key].least_through for key in classes])

    def at(end: np.ndarray, values: np.ndarray) -> np.ndarray:
        own = row[end] >= 0
        return np.bincount(row[end[own]], values[own], minlength=node.size)

    through = np.zeros(node.size)
    for end in (tail, head):
        own = row[end] >= 0
        np.maximum.at(through, row[end[own]], least[own])
    found = Gates(node, at(tail, per_lane), at(head, per_lane), at(tail, bicycles), at(head, bicycles), through)
    some = found.vehicles_in + found.vehicles_out + found.bicycles_in + found.bicycles_out > 0
    return Gates(*(getattr(found, name)[some] for name in Gates.__dataclass_fields__))


def _at_edge(city: City, nodes: np.ndarray, tail: np.ndarray, head: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which nodes lie at the edge of the box of the area, and which at that of the hull of crossings. (node,) bool"""
    west, south, east, north = city.bounds
    x, y = nodes.T
    box = np.minimum.reduce([x - west, east - x, y - south, north - y]) < EDGE
    used = np.union1d(tail, head)
    hull = shapely.concave_hull(shapely.MultiPoint(nodes[used]), ratio=HULL)
    return box, shapely.distance(shapely.points(nodes), shapely.boundary(hull)) < EDGE


def _street_weights(
    network: xr.Dataset, nodes: np.ndarray, own: np.ndarray, sectors: gpd.GeoDataFrame
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where homes are not known: sector, node and length of streets at the node, a tenth where they are main ones."""
    keys = network["street_class"].attrs["flag_meanings"].split()
    main = np.isin([keys[int(code)] for code in network["street_class"].values], ("motorway", "primary", "secondary"))
    length = network["street_length"].values * np.where(main, 0.1, 1.0)
    weight = np.zeros(len(nodes))
    for end in ("link_start_node", "link_end_node"):
        weight += np.bincount(network[end].values, length, minlength=len(nodes))
    node = np.flatnonzero(own)
    zone = _sector_at(nodes[node], sectors)
    alone = np.setdiff1d(np.arange(len(sectors)), zone)
    if alone.size:  # a sector without a node of its own takes the nearest
        centre = shapely.get_coordinates(shapely.point_on_surface(sectors.geometry.to_numpy()[alone]))
        nearest = node[cKDTree(nodes[node]).query(centre)[1]]
        zone, node = np.concatenate((zone, alone)), np.concatenate((node, nearest))
    inside = zone >= 0
    return zone[inside], node[inside], np.maximum(weight[node[inside]], 1.0)


def _places(
    spots: _Spots, weight: np.ndarray, own: np.ndarray, nodes: np.ndarray, sectors: gpd.GeoDataFrame,
    street: tuple[np.ndarray, np.ndarray, np.ndarray], gates: Gates,
) -> Places:  # fmt: skip
    """Nodes of all zones: nearest to buildings and places, along streets where a sector has none, and the gates."""
    node = np.flatnonzero(own)
    inside = (spots.zone >= 0) & (weight > 0)
    zone, near, amount = np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    if inside.any():
        zone, amount = spots.zone[inside], weight[inside]
        near = node[cKDTree(nodes[node]).query(spots.xy[inside])[1]]
    empty = ~np.isin(street[0], zone)
    size = len(sectors)
    return Places.of(
        size + gates.node.size,
        np.concatenate((zone, street[0][empty], size + np.arange(gates.node.size))),
        np.concatenate((near, street[1][empty], gates.node)),
        np.concatenate((amount, street[2][empty], np.ones(gates.node.size))),
    )
