"""A main street, a short cut through a quiet neighbourhood, three houses and a fire station, all drawn by hand."""

from datetime import UTC, datetime

import numpy as np
import shapely
import xarray as xr

from kernels.quantities import attrs
from kernels.traffic.queues_inputs import MODE_NAMES, mode_bits
from scenarios.shells import extruded, joined
from twin.city import (
    AMENITY_COLUMNS,
    BUILDING_COLUMNS,
    LINK_COLUMNS,
    SECTOR_COLUMNS,
    City,
    Source,
    Terrain,
    as_table,
)
from twin.street_classes import street_classes

WEST, SOUTH = 149_000.0, 172_000.0
PLACES = {"a": (0, 100), "b": (200, 100), "c": (400, 100), "e": (200, 200), "f": (400, 200)}
STREETS = {"ab": ("secondary", "Chaussée"), "bc": ("secondary", "Chaussée"), "be": ("residential", "Rue du Lac"),
           "ef": ("residential", "Rue du Lac"), "fc": ("residential", "Rue du Puits")}  # fmt: skip
LENGTHS = {"ab": 200.0, "bc": 200.0, "be": 100.0, "ef": 200.0, "fc": 100.0}
LINKS = [f"{street}{way}" for street in STREETS for way in "><"]
"""Along and against each: ab>, ab<, bc>, …"""
HOUSES = {"on-main": (140, 110, 160, 130), "in-lane": (290, 210, 310, 230), "across": (290, 170, 310, 190)}
SPEED = {"secondary": 12.5, "residential": 8.0}
START = datetime(2024, 3, 12, 6, tzinfo=UTC)
"""A Tuesday, 7 o'clock in Brussels."""
HOME, FIRE = "in-lane", "fire_station"
MOTOR = mode_bits("car+van+truck+bus+bike+foot")
_SLOW = mode_bits("bike+foot")


def at(name: str) -> tuple[float, float]:
    """Where a node is."""
    return WEST + PLACES[name][0], SOUTH + PLACES[name][1]


def make_city(houses=None, **parts) -> City:
    """400 m by 300 m, flat; 20 residents in the sector of the main street, 40 in that of the lane."""
    houses = HOUSES if houses is None else houses
    shapes = [shapely.box(WEST + w, SOUTH + s, WEST + e, SOUTH + n) for w, s, e, n in houses.values()]
    size = len(shapes)
    links = {
        "start": [name[0] for name in STREETS], "end": [name[1] for name in STREETS],
        "kind": [kind for kind, _ in STREETS.values()], "name_fr": [name for _, name in STREETS.values()],
        "name_nl": [name for _, name in STREETS.values()], "width": [8.0] * 5, "lanes": [2] * 5,
        "speed": [SPEED[kind] * 3.6 for kind, _ in STREETS.values()], "oneway": [False] * 5, "assumed": [""] * 5,
    }  # fmt: skip
    city = City(
        name="A short cut",
        bounds=(WEST, SOUTH, WEST + 400, SOUTH + 300),
        surfaces=joined([extruded(shape, 20.0, 29.0) for shape in shapes], list(range(size))),
        buildings=as_table(
            list(houses), shapes, BUILDING_COLUMNS, ground_z=[20.0] * size, ridge_height=[9.0] * size,
            eaves_height=[9.0] * size, roof_area=[400.0] * size, volume=[3600.0] * size, storeys=[3] * size,
            use=["residential"] * size, name=[""] * size, quality=[""] * size, origin=[""] * size,
        ),
        terrain=Terrain(np.full((30, 40), 20.0, np.float32), WEST, SOUTH, 10.0),
        nodes=as_table(list(PLACES), shapely.points([at(name) for name in PLACES]), {}),
        links=as_table(
            list(STREETS), [shapely.LineString([at(name[0]), at(name[1])]) for name in STREETS], LINK_COLUMNS,
            **links,
        ),
        amenities=as_table(
            ["station", "school"],
            [shapely.Point(WEST + 0, SOUTH + 105), shapely.Point(WEST + 250, SOUTH + 220)],
            AMENITY_COLUMNS, category=[FIRE, "school"], name=["Caserne", "École"],
        ),
        sectors=as_table(
            ["main", "lane"],
            [shapely.box(WEST, SOUTH + low, WEST + 400, SOUTH + low + 150) for low in (0, 150)],
            SECTOR_COLUMNS, name_fr=["Chaussée", "Lac"], name_nl=["Steenweg", "Meer"], population=[20.0, 40.0],
        ),
        sources=(Source("buildings", "drawn by hand", "CC0-1.0"),),
        demo=True,
    )  # fmt: skip
    return city.with_(**parts) if parts else city


def network(demand=(), services=(), closed=(), barred=()) -> xr.Dataset:
    """The layers of the streets.

    Parameters
    ----------
    demand : sequence of (from, to, mode, trips)
        All set out in the first hour.
    services : sequence of (line, departure, links, dwells)
    closed : sequence of (link, modes, begin, until)
        At some hours.
    barred : sequence of link
        Where motors may never go.
    """
    nodes, number = list(PLACES), {name: place for place, name in enumerate(PLACES)}
    ways = [(name[:2], name[2] == ">") for name in LINKS]
    kinds = [STREETS[street][0] for street, _ in ways]
    columns = {
        "link_start_node": [number[street[0 if along else 1]] for street, along in ways],
        "link_end_node": [number[street[1 if along else 0]] for street, along in ways],
        "street_length": [LENGTHS[street] for street, _ in ways],
        "free_speed": [SPEED[kind] for kind in kinds],
        "street_capacity": [1400.0 if kind == "secondary" else 700.0 for kind in kinds],
        "street_lanes": [1.0] * len(ways),
        "allowed_modes": [_SLOW if name in barred else MOTOR for name in LINKS],
        "street_class": [street_classes()[kind].code for kind in kinds],
        "link_area": [-1 if kind == "secondary" else 0 for kind in kinds],
        "node_x": [at(name)[0] for name in nodes],
        "node_y": [at(name)[1] for name in nodes],
        "node_area": [0 if name in "ef" else -1 for name in nodes],
        "closure_link": [LINKS.index(link) for link, *_ in closed],
        "closure_modes": [mode_bits(modes) for _, modes, *_ in closed],
        "closure_begin": [begin for *_, begin, _ in closed],
        "closure_until": [until for *_, until in closed],
        "demand_start_node": [number[one[0]] for one in demand],
        "demand_end_node": [number[one[1]] for one in demand],
        "demand_mode": [MODE_NAMES.index(one[2]) for one in demand],
        "demand_trips": [float(one[3]) for one in demand],
        "demand_begin": [0.0] * len(demand),
        "demand_until": [3600.0] * len(demand),
        "service_departure": [one[1] for one in services],
        "service_line": [one[0] for one in services],
        "service_leg_run": [run for run, one in enumerate(services) for _ in one[2]],
        "service_leg_link": [LINKS.index(link) for one in services for link in one[2]],
        "service_leg_dwell": [float(dwell) for one in services for dwell in one[3]],
    }  # fmt: skip
    along = ("service_leg", "link", "street", "free", "allowed", "node", "closure", "demand", "service")
    dims = {"street": "link", "free": "link", "allowed": "link"}
    found = {}
    for name, values in columns.items():
        dim = next(one for one in along if name.startswith(one))
        dim = dims.get(dim, dim)
        if name in ("link_start_node", "link_end_node", "link_area"):
            dim = "link"
        if len(values) or dim in ("link", "node"):
            found[name] = ((dim,), np.asarray(values), attrs(name))
    return xr.Dataset(found, coords={"link": LINKS, "node": nodes})


def run(layers: xr.Dataset, flows, times=None, *, every=3600.0, hours=1, trip_time=None, unserved=None, share=None,
        noise=None, queue=None) -> xr.Dataset:  # fmt: skip
    """What a kernel leaves: the same in every hour.

    Parameters
    ----------
    flows : mapping of link to float
        Motor vehicles. [h-1]
    times : mapping of link to float
        Travel times that are not those of empty streets. [s]
    """
    size = len(LINKS)

    def along(given, usual) -> np.ndarray:
        values = np.array(np.broadcast_to(np.asarray(usual, float), (size,)))
        for link, value in (given or {}).items():
            values[LINKS.index(link)] = value
        return values

    flow = along(flows, 0.0)
    time = along(times, layers["street_length"].values / layers["free_speed"].values)
    distance = flow * layers["street_length"].values / 1000.0
    fields = {
        "traffic_flow": flow, "travel_time": time, "bicycle_flow": np.full(size, 10.0),
        "traffic_speed": layers["street_length"].values / time, "vehicles_on_street": flow * time / 3600.0,
        "queue_length": along(queue, 0.0), "carbon_dioxide_emission": 0.2 * distance,
        "nitrogen_oxides_emission": 0.0004 * distance, "road_noise_power": along(noise, 30.0),
    }  # fmt: skip
    moments = every * (1 + np.arange(hours))
    found = {name: (("time", "link"), np.tile(values.astype(np.float32), (hours, 1)), attrs(name))
             for name, values in fields.items()}  # fmt: skip
    found["vehicles_passed"] = (("link",), flow * every * hours / 3600.0, attrs("vehicles_passed"))
    found["cut_through_share"] = (("link",), along(share, np.nan), attrs("cut_through_share"))
    rows = layers.sizes.get("demand", 0)
    if rows:
        found["trip_time"] = (("demand",), np.asarray(trip_time, float), attrs("trip_time"))
        lost = np.zeros(rows) if unserved is None else np.asarray(unserved, float)
        found["trips_unserved"] = (("demand",), lost, attrs("trips_unserved"))
    return xr.Dataset(found, coords={"link": LINKS, "time": moments})
