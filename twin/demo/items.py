"""What the demo district tells of its places, made up: events, vacant buildings, works, projects and decisions."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from kernels.quantities import Language
from twin.city import City, CityError
from twin.city_layers import Item, moment

SOURCE = "bxl-twin demo, made by a program"
LICENCE = "CC0-1.0"
VACANT = 0.012
"""Share of buildings other than annexes that stand empty. [1]"""

_Words = Mapping[Language, str]
_PROJECTS: tuple[tuple[str, str, str, str, int, float, _Words, _Words], ...] = (
    # key, domain, status, scenario, starts in so many days, budget [EUR]
    ("sponge", "environment", "decided", "cloudburst_sponge", 120, 1.8e6,
     {"fr": "Rues éponges", "nl": "Sponsstraten", "en": "Sponge streets"},
     {"fr": "L’eau de pluie reste dans la rue et s’infiltre, au lieu de remplir les égouts.",
      "nl": "Regenwater blijft in de straat en sijpelt in de grond, in plaats van de riolen te vullen.",
      "en": "Rain stays in the street and seeps away instead of filling the sewers."}),
    ("trees", "environment", "under_way", "heat_day_trees", -60, 4.2e5,
     {"fr": "Des arbres contre la chaleur", "nl": "Bomen tegen de hitte", "en": "Trees against the heat"},
     {"fr": "De nouveaux arbres donnent de l’ombre là où l’on marche et attend.",
      "nl": "Nieuwe bomen geven schaduw waar mensen lopen en wachten.",
      "en": "New trees give shade where people walk and wait."}),
    ("school_streets", "mobility", "decided", "rush_hour_school_streets", 45, 9.0e4,
     {"fr": "Rues scolaires", "nl": "Schoolstraten", "en": "School streets"},
     {"fr": "La rue de l’école se ferme aux moteurs quand les enfants arrivent et partent.",
      "nl": "De schoolstraat gaat dicht voor motorvoertuigen als de kinderen komen en gaan.",
      "en": "The street of the school closes to motors when children come and go."}),
    ("thirty", "mobility", "study", "rush_hour_30", 300, 2.5e5,
     {"fr": "30 km/h partout", "nl": "Overal 30 km/u", "en": "30 km/h everywhere"},
     {"fr": "Une seule vitesse dans tout le quartier.", "nl": "Eén snelheid in de hele wijk.",
      "en": "One speed in the whole district."}),
    ("positive", "climate", "study", "district_positive_2030", 400, 2.4e7,
     {"fr": "Quartier à énergie positive", "nl": "Energiepositieve wijk", "en": "Positive-energy district"},
     {"fr": "Isoler, chauffer ensemble et produire sur les toits plus qu’on ne consomme.",
      "nl": "Isoleren, samen verwarmen en op de daken meer opwekken dan er verbruikt wordt.",
      "en": "Insulate, heat together and make more on the roofs than is used."}),
)  # fmt: skip
_EVENTS: tuple[tuple[str, int, int, str, _Words], ...] = (
    # key, begins in so many days, hour, domain
    ("market", 2, 8, "economy", {"fr": "Marché du quartier", "nl": "Buurtmarkt", "en": "Market of the district"}),
    ("party", 16, 14, "society", {"fr": "Fête de rue", "nl": "Straatfeest", "en": "Street party"}),
    ("assembly", 9, 19, "governance",
     {"fr": "Assemblée de quartier", "nl": "Wijkvergadering", "en": "Assembly of the district"}),
)  # fmt: skip


def demo_items(city: City, today: date, seed: int = 1000) -> tuple[Item, ...]:
    """Items of the demo district.

    Parameters
    ----------
    city : City
        As `twin.demo.build.demo_city` makes it; in a small window there are fewer.
    today : date
        Dates lie around it.
    seed : int

    Returns
    -------
    tuple of Item
        All with ``demo`` true; the same city, day and seed give the same.

    Raises
    ------
    CityError
        The city is not made by a program: nothing made up belongs on a real one.
    """
    if not city.demo:
        raise CityError(f"{city.name}: is a real city; made-up items belong to the demo district alone")
    rng = np.random.default_rng([seed, 31])
    return (*_vacant(city, today, rng), *_works(city, today, rng), *_events(city, today, rng), *_projects(city, today))


def _item(
    today: date, key: str, kind: str, status: str, title: _Words, place: BaseGeometry,
    days: tuple[int | None, int | None], *, text: _Words | None = None, domain: str = "",
    budget: float = float("nan"), scenario: str = "", building: str = "", decision: str = "",
) -> Item:  # fmt: skip
    first, last = days
    return Item(
        id=f"DEMO-{kind}-{key}", kind=kind, status=status, title=MappingProxyType(dict(title)), place=place,
        source=SOURCE, text=MappingProxyType(dict(text or {})), domain=domain, budget=budget,
        starts=None if first is None else moment((today + timedelta(days=first)).isoformat()),
        ends=None if last is None else moment((today + timedelta(days=last)).isoformat(), last=True),
        scenario=scenario, building=building, decision=decision, licence=LICENCE, demo=True,
    )  # fmt: skip


def _street(city: City, place: BaseGeometry) -> _Words:
    """Names of the street nearest to a place."""
    if not len(city.links):
        return {"fr": city.name, "nl": city.name, "en": city.name}
    row = int(np.argmin(shapely.distance(city.links.geometry.to_numpy(), place)))
    french, dutch = (str(city.links[f"name_{language}"].iloc[row]) for language in ("fr", "nl"))
    return {"fr": french, "nl": dutch, "en": french}


def _titled(words: _Words, street: _Words) -> _Words:
    return {language: f"{words[language]}, {street[language]}" for language in words}


def _vacant(city: City, today: date, rng: np.random.Generator) -> list[Item]:
    whole = city.buildings[(city.buildings["use"] != "annex").to_numpy()]
    words: _Words = {"fr": "Bâtiment inoccupé", "nl": "Leegstaand gebouw", "en": "Vacant building"}
    if not len(whole):
        return []
    chosen = rng.choice(len(whole), max(1, round(VACANT * len(whole))), replace=False)
    found = []
    for row in sorted(int(one) for one in chosen):
        name, place = str(whole.index[row]), whole.geometry.iloc[row]
        status = ("vacant", "for_use", "meanwhile")[int(rng.integers(3))]
        since = -int(rng.integers(60, 1500))
        title = _titled(words, _street(city, place))
        found.append(_item(today, name, "vacant", status, title, place, (since, None), domain="housing", building=name))
    return found


def _works(city: City, today: date, rng: np.random.Generator) -> list[Item]:
    words: _Words = {"fr": "Renouvellement des égouts", "nl": "Vernieuwing van de riolering", "en": "New sewers"}
    found = []
    for row in rng.choice(len(city.links), min(len(city.links), 3), replace=False):
        name, place = str(city.links.index[row]), city.links.geometry.iloc[int(row)]
        first = int(rng.integers(-40, 60))
        days, status = (first, first + int(rng.integers(20, 120))), "under_way" if first <= 0 else "planned"
        if days[1] < 0:
            status = "done"
        budget = round(float(place.length) * 1500.0, -3)
        title = _titled(words, _street(city, place))
        found.append(_item(today, name, "works", status, title, place, days, domain="environment", budget=budget))
    return found


def _events(city: City, today: date, rng: np.random.Generator) -> list[Item]:
    places = city.amenities.geometry.to_numpy()
    if not len(places):
        return []
    found = []
    for key, ahead, hour, domain, words in _EVENTS:
        place = places[int(rng.integers(len(places)))]
        one = _item(today, key, "event", "planned", _titled(words, _street(city, place)), place, (ahead, ahead),
                    domain=domain)  # fmt: skip
        day = (today + timedelta(days=ahead)).isoformat()
        starts, ends = (moment(f"{day}T{at:02d}:00") for at in (hour, hour + 4))
        found.append(replace(one, starts=starts, ends=ends))
    return found


def _projects(city: City, today: date) -> list[Item]:
    """Projects with the decision that each rests on; they are of the whole district."""
    west, south, east, north = city.bounds
    place = shapely.box(west, south, east, north).buffer(-0.02 * (east - west))
    found = []
    for key, domain, status, scenario, ahead, budget, title, text in _PROJECTS:
        settled = status in ("decided", "under_way", "done")
        voted = "adopted" if settled else "submitted"
        said: _Words = {"fr": f"Décision : {title['fr']}", "nl": f"Beslissing: {title['nl']}",
                        "en": f"Decision: {title['en']}"}  # fmt: skip
        day = min(ahead, 0) - 30 if settled else 20
        found.append(
            _item(today, key, "decision", voted, said, place.centroid, (day, day), domain=domain, scenario=scenario)
        )
        found.append(_item(today, key, "project", status, title, place, (ahead, ahead + 365), text=text, domain=domain,
                           budget=budget, scenario=scenario, decision=found[-1].id))  # fmt: skip
    return found
