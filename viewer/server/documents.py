"""Scenario documents that come over the web: read, checked against this city, and hashed."""

from dataclasses import dataclass
from typing import Any

from scenarios.problem import ScenarioError
from scenarios.scenario import Scenario
from twin.city import City, CityError
from viewer.server.problems import Problem


@dataclass(frozen=True)
class Read:
    """A scenario that can be run here.

    Attributes
    ----------
    document : dict
        Canonical.
    digest : str
        Of the result it will have.
    cells : int
    name : dict
        By language.
    rain : list of (float, float)
        Time [s] and intensity [mm/h] from which on each holds; empty where no rain falls evenly over the city.
    """

    document: dict[str, Any]
    digest: str
    cells: int
    name: dict[str, str]
    rain: list[tuple[float, float]]


def read_scenario(value: Any, city: City) -> Read:
    """Check a document against a city.

    Raises
    ------
    Problem
        422 with a JSON pointer to the wrong place; 409 where it was written for another city, naming both.
    """
    try:
        scenario = Scenario.read(value)
        if scenario.city is not None and scenario.city != city.digest:
            raise Problem(
                409,
                "other-city",
                f"the scenario is for the city {scenario.city}, this server has {city.name} ({city.digest}); open it "
                "with its own city, or leave `city` out to try it here",
                pointer="/city",
                expected=city.digest,
                got=scenario.city,
            )
        digest = scenario.digest(city)
        grid = scenario.grid(city)
    except ScenarioError as error:
        raise Problem(422, "bad-scenario", str(error), pointer=error.pointer) from error
    except CityError as error:
        raise Problem(422, "bad-scenario", str(error), pointer="") from error
    return Read(
        scenario.canonical(),
        digest,
        grid.rows * grid.columns,
        {str(key): words for key, words in scenario.name.items()},
        list(scenario.forcing.rain.steps()) if scenario.forcing.rain is not None else [],
    )
