"""The ten-minute city: who reaches the places of daily life in time, where most people lack what, and where next."""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kernels.access.reach import Nearest, Seeds, in_reach, nearest, repaired
from kernels.quantities import Language
from scenarios.exposure import homes_of, residents, sector_of
from scenarios.problem import ScenarioError
from twin.amenities import categories
from twin.city import CRS, City, empty_table
from twin.street_reach import Spots, StreetTimes

LONGEST = 30.0
"""Beyond this nobody is told how far a place is. [min]"""
_LIVED = ("residential", "living_street", "tertiary", "secondary", "primary", "unclassified", "pedestrian")
"""Kinds of street along which people live, where no building is known."""

ASSUMPTIONS: tuple[dict[Language, str], ...] = (
    {
        "fr": "À pied selon la pente (Tobler), à vélo à effort constant ; sans attente aux feux ni aux traversées. "
        "Chaque lieu d'une catégorie vaut l'autre : ni places libres, ni horaires, ni prix.",
        "nl": "Te voet volgens de helling (Tobler), met de fiets bij gelijke inspanning; zonder wachten aan lichten en "
        "oversteken. Elke plek van een categorie telt even zwaar: geen vrije plaatsen, openingsuren of prijzen.",
        "en": "On foot by slope (Tobler), by bicycle at an even effort; without waiting at lights and crossings. Any "
        "place of a category is as good as another: no vacancies, opening hours or prices.",
    },
    {
        "fr": "Tous les habitants comptent pour chaque catégorie : l'âge n'est pas connu. Ils sont répartis dans leur "
        "secteur selon le volume des logements, ou le long des rues sans bâtiments connus.",
        "nl": "Alle inwoners tellen voor elke categorie: leeftijd is niet bekend. Ze zijn binnen hun sector verdeeld "
        "naar het volume van de woningen, of langs de straten als geen gebouwen bekend zijn.",
        "en": "All residents count for every category: ages are not known. They are spread over their sector by the "
        "volume of homes, or along the streets where no buildings are known.",
    },
    {
        "fr": "Ce qui manque dans les fichiers ou se trouve au-delà de leur bord ne compte pas : près du bord, les "
        "temps peuvent être trop longs.",
        "nl": "Wat in de bestanden ontbreekt of buiten hun rand ligt, telt niet: dicht bij de rand kunnen de tijden te "
        "lang zijn.",
        "en": "What the files lack, or what lies beyond their edge, does not count: near it times may be too long.",
    },
)


@dataclass(frozen=True, eq=False)
class Homes:
    """Where people live.

    Attributes
    ----------
    table : GeoDataFrame
        Index ``id``; points; ``people`` and ``sector`` (id, empty for none).
    sectors : GeoDataFrame
        Index ``id``; ``name_fr``, ``name_nl``, ``population``; areas.
    counted : bool
        Whether people are residents; else each metre of street counts as one.
    """

    table: gpd.GeoDataFrame
    sectors: gpd.GeoDataFrame
    counted: bool


def homes_in(city: City) -> Homes | None:
    """Homes of a City's buildings; None where it has none or no sectors with residents."""
    people = residents(city)
    lived = np.flatnonzero(homes_of(city))
    if people is None or not lived.size or not people[lived].sum() > 0:
        return None
    table = gpd.GeoDataFrame(
        {
            "people": people[lived],
            "sector": np.append(city.sectors.index.to_numpy(object), "")[sector_of(city)[lived]],
        },
        index=city.buildings.index[lived],
        geometry=shapely.point_on_surface(city.buildings.geometry.to_numpy()[lived]),
        crs=CRS,
    )
    return Homes(table, city.sectors, counted=True)


def homes_along(streets: StreetTimes, sectors: gpd.GeoDataFrame | None = None) -> Homes:
    """People spread evenly along the streets of their sector; without sectors each metre of street counts as one.

    Raises
    ------
    ScenarioError
        No street along which people live.
    """
    links = streets.streets.links
    lived = links[links["kind"].isin(_LIVED) & ~links["below"]]
    if lived.empty:
        raise ScenarioError(f"there is no street along which people live; expected one of {', '.join(_LIVED)}")
    metres = lived.length.to_numpy()
    middles = shapely.line_interpolate_point(lived.geometry.to_numpy(), 0.5, normalized=True)
    people, names = metres, np.full(len(lived), "", object)
    known = sectors is not None and len(sectors) > 0
    if known:
        assert sectors is not None
        row = np.full(len(lived), -1)
        tree = shapely.STRtree(middles)
        for number, shape in enumerate(sectors.geometry):
            inside = tree.query(shape, predicate="intersects")
            row[inside[row[inside] < 0]] = number
        here = row >= 0
        if not here.any():
            raise ScenarioError("no street lies in any of the sectors; give streets and sectors of the same place")
        whole = np.bincount(row[here], metres[here], minlength=len(sectors))
        heads = np.nan_to_num(sectors["population"].to_numpy(float))
        people = np.where(here, heads[row] * metres / np.maximum(whole[row], 1e-9), 0.0)
        names = np.append(sectors.index.to_numpy(object), "")[row]
    table = gpd.GeoDataFrame({"people": people, "sector": names}, index=lived.index, geometry=middles, crs=CRS)
    empty = empty_table({"name_fr": "str", "name_nl": "str", "population": "f8"})
    return Homes(table, sectors if known and sectors is not None else empty, counted=known)


@dataclass(frozen=True, eq=False)
class TenMinutes:
    """How a city meets the fifteen times.

    Attributes
    ----------
    seconds : (category, home) float64
        To the nearest place, in the order of `twin.amenities.categories`; infinite beyond `LONGEST`. [s]
    place : (category, home) int64
        Row of the places table, -1 for none.
    minutes : dict
        Time asked for, by category. [min]
    sectors : GeoDataFrame
        Names, ``population``, and the share of it that reaches each category in time; ``all``: how many categories a
        resident reaches in time on average. NaN where nobody lives, and for a category of which no place is known.
    whole : dict
        The same shares of everybody.
    gaps : DataFrame
        Worst first: ``sector``, ``name_fr``, ``name_nl``, ``category``, ``people`` who do not reach it in time, their
        ``share``, and the ``median_minutes`` of all who live there (infinite beyond `LONGEST`).
    balance : DataFrame
        Offer against demand: ``sector``, ``category``, ``places`` in the sector, ``per_1000`` residents, and
        ``sharing``, how many people on average share the place nearest to a resident (NaN where none is near).
    homes : Homes
    unknown : tuple of str
        Categories of which the places have none: that says something of the data, not of the city.
    counts : dict
        What could not be put on the streets.
    """

    seconds: np.ndarray
    place: np.ndarray
    minutes: dict[str, float]
    sectors: gpd.GeoDataFrame
    whole: dict[str, float]
    gaps: pd.DataFrame
    balance: pd.DataFrame
    homes: Homes
    unknown: tuple[str, ...]
    counts: dict[str, int]
    streets: StreetTimes
    places: gpd.GeoDataFrame
    search: Nearest
    spots: Spots


def ten_minutes(
    streets: StreetTimes, places: gpd.GeoDataFrame, homes: Homes, *, minutes: Mapping[str, float] | None = None,
    before: TenMinutes | None = None, threads: int | None = None,
) -> TenMinutes:  # fmt: skip
    """Search from all places of each of the fifteen categories, and count who reaches them in time.

    Parameters
    ----------
    streets : StreetTimes
    places : GeoDataFrame
        Of `twin.amenities.read_places` or `places_of`.
    homes : Homes
    minutes : mapping, optional
        Other times than the table's, by category. [min]
    before : TenMinutes, optional
        Of the same city before an edit, with nodes in the same rows and new ones behind: only what the edit reaches is
        searched again. The result is the same.
    threads : int, optional

    Raises
    ------
    ScenarioError
        A category that is not there, or a time that is not between 0 and `LONGEST`.
    """
    wanted = {key: one.minutes for key, one in categories().items()}
    for key, value in (minutes or {}).items():
        if key not in wanted:
            raise ScenarioError(f"there is no category {key!r}; expected one of {', '.join(wanted)}")
        if not 0 < value <= LONGEST:
            raise ScenarioError(f"{key}: {value:g} minutes, expected more than 0 and at most {LONGEST:g}")
        wanted[key] = float(value)
    kind = places["category"].to_numpy()
    shapes = places.geometry.to_numpy()
    by_category, seeds, lost = [], [], 0
    for key in wanted:
        rows = np.flatnonzero(kind == key)
        spots = streets.spots(shapes[rows])
        lost += spots.lost
        spots = Spots(rows[spots.thing], spots.link, spots.low, spots.high, spots.off, len(places))
        by_category.append(spots)
        seeds.append(streets.seeds(spots))
    stand = streets.spots(homes.table.geometry.to_numpy())
    found = _search(streets, seeds, before, threads)
    seconds, place = streets.from_homes(stand, found, by_category, seeds)
    beyond = seconds > 60.0 * LONGEST
    seconds[beyond], place[beyond] = np.inf, -1
    counts = {"places": len(places), "places off the streets": lost, "homes": stand.things,
              "homes off the streets": stand.lost, **streets.counts}  # fmt: skip
    unknown = tuple(key for key in wanted if not (kind == key).any())
    sectors, whole, gaps = _figures(seconds, wanted, homes, unknown)
    return TenMinutes(
        seconds, place, wanted, sectors, whole, gaps, _balance(seconds, place, wanted, homes, places), homes, unknown,
        counts, streets, places, found, stand,
    )  # fmt: skip


def _search(streets: StreetTimes, seeds: list[Seeds], before: TenMinutes | None, threads: int | None) -> Nearest:
    limit = 60.0 * LONGEST
    if before is None:
        return nearest(streets.towards, seeds, limit, threads)
    kept = before.streets.streets.nodes.index
    if not kept.equals(streets.streets.nodes.index[: len(kept)]):
        raise ScenarioError("the streets before the edit have other nodes; search anew, without before")
    return repaired(streets.towards, seeds, before.search, limit, threads)


def _in_time(seconds: np.ndarray, minutes: Mapping[str, float]) -> np.ndarray:
    return seconds <= 60.0 * np.array(list(minutes.values()))[:, None]


def _rows(homes: Homes) -> np.ndarray:
    """Row of the sectors table of each home; those of none come last."""
    found = homes.sectors.index.get_indexer(homes.table["sector"])
    return np.where(found < 0, len(homes.sectors), found)


def _figures(
    seconds: np.ndarray, minutes: dict[str, float], homes: Homes, unknown: tuple[str, ...]
) -> tuple[gpd.GeoDataFrame, dict[str, float], pd.DataFrame]:
    people, row = homes.table["people"].to_numpy(float), _rows(homes)
    size, everyone = len(homes.sectors), float(people.sum())
    reached = _in_time(seconds, minutes)
    lives = np.bincount(row, people, minlength=size + 1)[:size]
    table = homes.sectors[["name_fr", "name_nl", "population", "geometry"]].copy()
    whole: dict[str, float] = {}
    gaps = []
    for number, key in enumerate(minutes):
        if key in unknown:
            table[key], whole[key] = np.nan, np.nan
            continue
        served = np.bincount(row, people * reached[number], minlength=size + 1)[:size]
        table[key] = np.divide(served, lives, out=np.full(size, np.nan), where=lives > 0)
        whole[key] = float((people * reached[number]).sum() / everyone) if everyone else np.nan
        lacking = lives - served
        for sector in np.flatnonzero(lacking > 0.5):
            here = row == sector
            gaps.append((
                homes.sectors.index[sector], table["name_fr"].iloc[sector], table["name_nl"].iloc[sector], key,
                float(lacking[sector]), float(lacking[sector] / lives[sector]),
                _median(seconds[number][here], people[here]) / 60.0,
            ))  # fmt: skip
    keys = [key for key in minutes if key not in unknown]
    table["all"] = table[keys].sum(axis=1).where(lives > 0) if size else np.zeros(0)
    whole["all"] = float(sum(whole[key] for key in keys))
    columns = ["sector", "name_fr", "name_nl", "category", "people", "share", "median_minutes"]
    ranked = pd.DataFrame(gaps, columns=columns).sort_values(
        ["people", "sector", "category"], ascending=[False, True, True], ignore_index=True
    )
    return table, whole, ranked


def _median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values)
    behind = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(behind, behind[-1] / 2)])


def _balance(
    seconds: np.ndarray, place: np.ndarray, minutes: dict[str, float], homes: Homes, places: gpd.GeoDataFrame
) -> pd.DataFrame:
    people, row = homes.table["people"].to_numpy(float), _rows(homes)
    size = len(homes.sectors)
    lives = np.bincount(row, people, minlength=size + 1)[:size]
    middles = shapely.point_on_surface(places.geometry.to_numpy())
    inside = shapely.STRtree(middles).query(homes.sectors.geometry.to_numpy(), predicate="intersects")
    found = []
    for number, key in enumerate(minutes):
        here = (places["category"] == key).to_numpy()[inside[1]] if inside.size else np.zeros(0, bool)
        count = np.bincount(inside[0][here], minlength=size)[:size] if size else np.zeros(0)
        use = _in_time(seconds, minutes)[number] & (place[number] >= 0)
        load = np.bincount(place[number][use], people[use], minlength=max(len(places), 1))
        shared = np.zeros(people.size)
        shared[use] = load[place[number][use]]
        served = np.bincount(row[use], people[use], minlength=size + 1)[:size]
        mean = np.bincount(row, people * shared, minlength=size + 1)[:size]
        found.append(pd.DataFrame({
            "sector": homes.sectors.index.to_numpy(object), "category": key, "places": count,
            "per_1000": np.divide(1000.0 * count, lives, out=np.full(size, np.nan), where=lives > 0),
            "sharing": np.divide(mean, served, out=np.full(size, np.nan), where=served > 0),
        }))  # fmt: skip
    return pd.concat(found, ignore_index=True)


def nodes_of_people(found: TenMinutes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The end of its link that each home is nearer to, the walk there, and whether it is on the streets.

    Returns
    -------
    node : (home,) int64
    seconds : (home,) float64
        [s]
    known : (home,) bool
    """
    streets, stand = found.streets, found.spots
    start, end = streets.streets.ends()
    out = np.stack([
        np.where(stand.low > 0, stand.low * streets.backward[stand.link], 0.0),
        np.where(stand.high < 1, (1 - stand.high) * streets.forward[stand.link], 0.0),
    ])  # fmt: skip
    first = out[0] <= out[1]
    node, seconds = np.zeros(stand.things, np.int64), np.full(stand.things, np.inf)
    node[stand.thing] = np.where(first, start[stand.link], end[stand.link])
    seconds[stand.thing] = out.min(axis=0) + stand.off
    return node, seconds, np.isfinite(seconds)


def reach_of(found: TenMinutes, nodes: np.ndarray, minutes: float) -> np.ndarray:
    """People within a time of nodes of the street graph, (node,) float64; from the nearer end of their street."""
    node, _, known = nodes_of_people(found)
    people = found.homes.table["people"].to_numpy(float)
    weight = np.bincount(node[known], people[known], minlength=found.streets.towards.nodes)
    return in_reach(found.streets.towards, nodes, 60.0 * minutes, weight).total
