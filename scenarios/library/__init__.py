"""Ready scenarios: documents that run as they are."""

from pathlib import Path

from shapely import box

from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from twin.city import City

READY = (
    "cloudburst",
    "cloudburst_wall",
    "cloudburst_depaving",
    "cloudburst_sponge",
    "cloudburst_blocked_drains",
    "cloudburst_green_roofs",
    "heat_day",
    "heat_day_trees",
    "heat_day_cool_roofs",
    "heat_day_depave_shade",
    "rush_hour",
    "rush_hour_bridge",
    "rush_hour_school_streets",
    "rush_hour_neighbourhood",
    "rush_hour_30",
    "rush_hour_fewer_cars",
    "district_today",
    "district_positive_2030",
    "district_network",
)
"""Keys, in the order in which people see them; each is a file beside this one."""

BRUSSELS = (
    "brussels_before",
    "brussels_pentagon",
    "brussels_before_30",
    "brussels_tunnels",
    "brussels_fewer_cars",
    "brussels_school_streets",
)
"""Keys of those drawn for the streets of the City of Brussels, offered only where these are."""

_PENTAGON = (147_800.0, 169_180.0, 150_060.0, 172_000.0)
"""Box around the small ring: west, south, east, north. [m]"""


def ready() -> dict[str, Scenario]:
    """All ready scenarios by key."""
    return {key: Scenario.load(Path(__file__).parent / f"{key}.yaml") for key in (*READY, *BRUSSELS)}


def ready_for(city: City) -> dict[str, Scenario]:
    """The ready scenarios whose edits find their place in a city.

    Those that name no place suit every city; the others are drawn for one and are left out elsewhere.
    """
    west, south, east, north = city.bounds
    real = not city.demo and box(west, south, east, north).contains(box(*_PENTAGON))
    return {key: one for key, one in ready().items() if (real or key not in BRUSSELS) and _suits(key, one, city)}


def _suits(key: str, scenario: Scenario, city: City) -> bool:
    # edits drawn for the demo district could also lie inside a real city's bounds, by chance and without meaning
    drawn = any(getattr(edit, name, None) is not None for edit in scenario.edits for name in _PLACES)
    if (drawn and not city.demo and key not in BRUSSELS) or ("traffic" in scenario.kernels and not len(city.links)):
        return False
    if "energy" in scenario.kernels and not len(city.buildings):
        return False
    try:
        scenario.situation(city)
    except ScenarioError:
        return False
    return True


_PLACES = ("polygon", "line", "point", "plant", "buildings", "streets", "school")
"""Fields of edits that name a place in one city."""
