"""Networks of heat, and what feeds them: boreholes and sewers."""

import math
from typing import Annotated, Literal, Self

import shapely
from pydantic import Field, model_validator
from shapely.geometry import Polygon

from scenarios.edits.chosen_buildings import OnBuildings, refuse_doubled
from scenarios.edits.edit import Edit, Name, Point, Points, point_of, polygon_of, refuse_taken
from scenarios.edits.energy_buildings import with_works
from scenarios.edits.energy_removal import RemoveGeothermalField, RemoveHeatNetwork, RemoveSewerHeat
from scenarios.edits.room import OVERLAP, refuse_on_boreholes, refuse_on_buildings
from scenarios.problem import EditError
from scenarios.situation import Added, Situation
from twin.energy_works import Borefield, Network, SewerSource

ZERO_CELSIUS = 273.15
"""[K]"""
SPREAD = 5.0
"""Water comes back colder than it goes out by at least this. [K]"""

Source = Literal["gas", "air", "ground", "sewer", "waste"]
"""What a plant takes its heat from."""


class HeatNetwork(OnBuildings):
    """Heat buildings from a plant through pipes along the streets, whatever else they had.

    Attributes
    ----------
    id : str
    buildings : list of str or None
        Ids, of buildings in no other network.
    where : AnyRoof or None
        Instead of ``buildings``: all that are so now and in no network.
    plant : point
        Inside the city, in a building or outside.
    source : {"gas", "air", "ground", "sewer", "waste"}
        Ground and sewer heat want a ``geothermal_field`` or ``sewer_heat`` of this network.
    cover : float
        Share of the peak that the source gives, a gas boiler gives the rest: 0.05 to 1.
    supply_c, back_c : float
        Of the water out and back in winter: 30 to 120 °C and 10 to 90 °C, 5 K apart at least.
    waste_heat_kw : float or None
        Power of a source ``waste``, such as a data centre: above 0 to 100,000.
    """

    edit: Literal["heat_network"] = "heat_network"
    plant: Point
    source: Source = "gas"
    cover: Annotated[float, Field(ge=0.05, le=1)] = 0.6
    supply_c: Annotated[float, Field(ge=30, le=120)] = 65.0
    back_c: Annotated[float, Field(ge=10, le=90)] = 40.0
    waste_heat_kw: Annotated[float, Field(gt=0, le=100_000)] | None = None

    @model_validator(mode="after")
    def _has_sense(self) -> Self:
        if self.supply_c - self.back_c < SPREAD:
            raise ValueError(f"water comes back at {self.back_c:g} °C, expected at most {self.supply_c - SPREAD:g}")
        if (self.source == "waste") != (self.waste_heat_kw is not None):
            raise ValueError("a source waste has waste_heat_kw, and no other has; give both or none of them")
        return self

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("heat_networks", self.id, situation)
        chosen = self._unconnected(situation)
        plant = _plant(self.plant, situation)
        work = Network(
            self.id,
            tuple(chosen),
            plant,
            self.source,
            self.cover,
            self.supply_c + ZERO_CELSIUS,
            self.back_c + ZERO_CELSIUS,
            (self.waste_heat_kw or 0.0) * 1000.0,
        )
        return with_works(self, "heat_networks", chosen, [work], situation)

    def _unconnected(self, situation: Situation) -> list[str]:
        chosen = self.chosen(situation)
        if self.where is None:
            refuse_doubled(self.buildings or [], "heat_networks", situation)
            return chosen
        taken = {name for one in situation.added_to("heat_networks") for name in one.columns["buildings"]}
        left = [name for name in chosen if name not in taken]
        if not left:
            raise EditError("all buildings that are so are in a heat network already; widen it", "where")
        return left

    def inverse(self, before: Situation) -> RemoveHeatNetwork:
        """See `Edit.inverse`."""
        return RemoveHeatNetwork(id=self.id)


class GeothermalField(Edit):
    """Drill boreholes that give their heat to a network.

    Attributes
    ----------
    id, network : str
        A heat network whose source is ``ground``.
    polygon : list of points or None
        Inside the city, on ground without buildings, water and other boreholes.
    point : point or None
        Instead: the middle of a square that holds them.
    boreholes : int or None
        1 to 2,000; with a polygon, as many as it holds where not said.
    depth_m, spacing_m : float
        20 to 400; 3 to 20.
    """

    edit: Literal["geothermal_field"] = "geothermal_field"
    id: Name
    network: Name
    polygon: Points | None = None
    point: Point | None = None
    boreholes: Annotated[int, Field(ge=1, le=2000)] | None = None
    depth_m: Annotated[float, Field(ge=20, le=400)] = 150.0
    spacing_m: Annotated[float, Field(ge=3, le=20)] = 7.0

    @model_validator(mode="after")
    def _lies_somewhere(self) -> Self:
        if (self.polygon is None) == (self.point is None):
            raise ValueError("a geothermal field has a polygon or a point; give one of them")
        if self.point is not None and self.boreholes is None:
            raise ValueError("how many boreholes stand around the point is not said; give boreholes")
        return self

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("geothermal_fields", self.id, situation)
        _refuse_other_source(self.network, "ground", situation)
        ground, place = self._ground(situation), "polygon" if self.point is None else "point"
        holds = max(1, int(ground.area / self.spacing_m**2 + 1e-9))
        count = min(holds, 2000) if self.boreholes is None else self.boreholes
        if count > holds:
            raise EditError(
                f"holds {holds} boreholes at {self.spacing_m:g} m from each other, not {count}; draw it larger or "
                "drill fewer",
                "polygon",
            )
        refuse_on_buildings(ground, situation.city.buildings, place)
        refuse_on_boreholes(ground, situation, place)
        _refuse_in_water(ground, situation, place)
        work = Borefield(
            self.id, self.network, (ground.centroid.x, ground.centroid.y), count, self.depth_m, self.spacing_m
        )
        columns = {"works": (work,), "sets": frozenset()}
        return situation.with_added("geothermal_fields", Added(self.id, ground, columns, self))

    def _ground(self, situation: Situation) -> Polygon:
        if self.point is None:
            return polygon_of(self.polygon or [], situation, self.spacing_m**2)
        x, y = self.point
        half = 0.5 * math.ceil(math.sqrt(self.boreholes or 1)) * self.spacing_m
        square = shapely.box(x - half, y - half, x + half, y + half)
        try:
            return polygon_of([list(corner) for corner in square.exterior.coords], situation, self.spacing_m**2)
        except EditError as error:
            raise EditError(f"the boreholes take {2 * half:g} m by {2 * half:g} m: {error.words}", "point") from error

    def inverse(self, before: Situation) -> RemoveGeothermalField:
        """See `Edit.inverse`."""
        return RemoveGeothermalField(id=self.id)


class SewerHeat(Edit):
    """Let a network take heat from a sewer; all that take from one sewer share what it carries.

    Attributes
    ----------
    id, network : str
        A heat network whose source is ``sewer``.
    sewer : str
        Name of the collector.
    point : point
        Where it is taken, inside the city.
    flow_l_s : float
        Mean flow of the collector there in dry weather: 1 to 20,000.
    """

    edit: Literal["sewer_heat"] = "sewer_heat"
    id: Name
    network: Name
    sewer: Name
    point: Point
    flow_l_s: Annotated[float, Field(ge=1, le=20_000)] = 200.0

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        refuse_taken("sewer_sources", self.id, situation)
        _refuse_other_source(self.network, "sewer", situation)
        place = point_of(self.point, situation)
        work = SewerSource(self.id, self.network, self.sewer, place, self.flow_l_s / 1000.0)
        columns = {"works": (work,), "sets": frozenset()}
        return situation.with_added("sewer_sources", Added(self.id, shapely.Point(place), columns, self))

    def inverse(self, before: Situation) -> RemoveSewerHeat:
        """See `Edit.inverse`."""
        return RemoveSewerHeat(id=self.id)


def _plant(point: Point, situation: Situation) -> tuple[float, float]:
    try:
        return point_of(point, situation)
    except EditError as error:
        raise EditError(error.words, "plant") from error


def _refuse_other_source(network: str, source: str, situation: Situation) -> None:
    """Refuse a network that is not there, or that takes its heat from something else."""
    for one in situation.added_to("heat_networks"):
        if one.id == network:
            (work,) = one.columns["works"]
            if work.source == source:
                return
            raise EditError(
                f"{network!r} takes its heat from {work.source!r}; build it with the source {source!r}", "network"
            )
    raise EditError(f"{network!r} is none of the heat networks; build it with an edit before this one", "network")


def _refuse_in_water(ground: Polygon, situation: Situation, place: str) -> None:
    covers = situation.city.land_cover
    open_water = shapely.Polygon()
    for row in sorted(covers.sindex.query(ground, predicate="intersects").tolist()):
        shape = shapely.intersection(covers.geometry.iloc[row], ground)
        if covers["cover"].iloc[row] == "water":
            open_water = shapely.union(open_water, shape)
        else:
            open_water = shapely.difference(open_water, shape)  # what is laid later lies on top
    if open_water.area > OVERLAP:
        raise EditError(f"lies on {open_water.area:.1f} m² of water; draw beside it", place)
