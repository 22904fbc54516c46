"""Groups of a district's buildings under packages of measures: each run by the kernel alone, and put together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import shapely
import xarray as xr
from numpy.typing import NDArray

from kernels.contract import Kernel, run
from scenarios.district_hours import HOUR, DistrictHours, hours_of
from scenarios.energy_balance import tags_of, use_doubt
from scenarios.energy_figures import TOLD
from scenarios.energy_weather import energy_forcing
from scenarios.exposure import sector_of
from scenarios.measure_packages import Package, cost_of, edits_of, improved, sizes_of
from scenarios.problem import Cancelled, ScenarioError
from scenarios.scenario import Scenario
from scenarios.situation import Situation
from scenarios.tariffs import TariffCourses, tariff_courses
from twin.building_archetypes import archetypes
from twin.city import City
from twin.energy_known import known_of
from twin.energy_layers import energy_layers
from twin.energy_measures import measures

NETWORKED = "network"
"""Key of the group of all buildings on heat networks, which are computed together."""
_MEANS = ("roof_u", "wall_u", "floor_u", "window_u", "infiltration", "heat_recovery")
OnProgress = Callable[[float, str], None]


@dataclass(frozen=True, eq=False)
class Part:
    """A group under a package.

    Attributes
    ----------
    kept : dict of str to (hour,) float32
        Series of the group alone; in 32 bits, for a search keeps hundreds.
    sizes : dict of str to float
        How much of each measure, in its units.
    once, yearly : float
        What the measures cost once [EUR], and with interest and upkeep [EUR a⁻¹].
    bill : float
        Energy at the meters of the group. [EUR]
    """

    kept: dict[str, NDArray[np.float32]]
    sizes: dict[str, float]
    once: float
    yearly: float
    bill: float

    @property
    def hours(self) -> DistrictHours:
        """Hours of the group alone."""
        return DistrictHours({name: one.astype(np.float64) for name, one in self.kept.items()})


@dataclass(frozen=True, eq=False)
class Group:
    """Buildings that get one package.

    Attributes
    ----------
    key, name : str
    rows : (building,) int64
        In the table of the edited city.
    floor_area : float
        Heated. [m²]
    means : dict of str to float
        Of what a renovation changes, by floor area.
    """

    key: str
    name: str
    rows: NDArray[np.int64]
    floor_area: float
    means: dict[str, float]


class DistrictParts:
    """Runs of groups under packages, each made when it is first asked for.

    Buildings shade each other but exchange nothing, so the hours of a district are the sums of those of its groups;
    networks tie their consumers, which are one group of their own. So a district of any mixture is exact without a run
    of its own.

    Parameters
    ----------
    city : City
        As imported.
    scenario : Scenario
        With the kernel energy and a weather; its edits stay.
    by : {"period", "sector"}
        What makes a group.
    sectors : sequence of str, optional
        Ids of the statistical sectors that are the district; all where not given.
    rate : float
        Of interest. [1]
    cancelled : callable
    """

    def __init__(
        self,
        city: City,
        scenario: Scenario,
        by: Literal["period", "sector"] = "period",
        sectors: Sequence[str] | None = None,
        rate: float = 0.025,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self.scenario, self.rate, self.cancelled = scenario, rate, cancelled
        self.situation: Situation = scenario.situation(city)
        self.kernel = _kernel_of(scenario)
        weather = scenario.forcing.weather
        if weather is None:
            raise ScenarioError("a search needs a weather; add such as {kind: synthetic_year}", "forcing.weather")
        period = scenario.period
        self.forcing, self.told = energy_forcing(
            weather, period.start, period.duration_s, self.situation.city, scenario.forcing.tariffs
        )
        self.courses: TariffCourses = tariff_courses(scenario.forcing.tariffs, period.start, self.forcing.sizes["time"])
        self.base = self._layers([])
        self.groups = self._grouped(by, sectors)
        self.runs = 0
        self._parts: dict[tuple[str, Package], Part] = {}
        self._columns: dict[tuple[str, str, str], xr.Dataset] = {}
        self._suns: dict[tuple[str, float], xr.Dataset] = {}

    @cached_property
    def doubt(self) -> float:
        """Relative standard uncertainty of the use. [1]"""
        return use_doubt(tags_of(self.base.attrs.get(TOLD, "{}")))

    @property
    def floor_area(self) -> float:
        """Heated, of the district. [m²]"""
        return sum(one.floor_area for one in self.groups)

    def part(self, group: Group, package: Package) -> Part:
        """The hours and the costs of a group under a package.

        Raises
        ------
        Cancelled
        """
        key = (group.key, package)
        if key not in self._parts:
            if self.cancelled():
                raise Cancelled("stopped on request")
            self._parts[key] = self._run(group, package)
        return self._parts[key]

    def document(self, chosen: dict[str, Package]) -> Scenario:
        """The scenario with the edits of some packages, by group."""
        whole = self.scenario.canonical()
        for group in self.groups:
            whole["edits"] += self._edits(group, chosen[group.key])
        return Scenario.read(whole)

    def better(self, group: Group, renovation: str) -> dict[str, float]:
        """Values that a renovation of a group sets; empty where it makes nothing better."""
        return improved(renovation, group.means)

    def _edits(self, group: Group, package: Package) -> list[dict[str, Any]]:
        names = self.situation.city.buildings.index[group.rows]
        heated = self.base["heated_floor_area"].values[group.rows] > 0
        return edits_of(
            group.key, package, sorted(map(str, names[heated])), sorted(map(str, names)),
            self.better(group, package.renovation), self._plant(group),
        )  # fmt: skip

    def _plant(self, group: Group) -> tuple[float, float]:
        """The street nearest to the middle of a group's floors. [m]"""
        city = self.situation.city
        area = self.base["heated_floor_area"].values[group.rows]
        middle = shapely.centroid(city.buildings.geometry.to_numpy()[group.rows])
        place = shapely.Point(float(shapely.get_x(middle) @ area / area.sum()),
                              float(shapely.get_y(middle) @ area / area.sum()))  # fmt: skip
        if city.links.empty:
            return place.x, place.y
        streets = city.links.geometry.to_numpy()
        nearest = streets[shapely.STRtree(streets).nearest(place)]
        found = nearest.interpolate(nearest.project(place))
        return round(found.x, 1), round(found.y, 1)

    def _layers(self, edits: list[dict[str, Any]]) -> xr.Dataset:
        """Layers of the whole city under the document's edits and some more."""
        if not edits:
            situation = self.situation
        else:
            more = Scenario.read({**self.scenario.canonical(), "edits": edits}).edits
            situation = _applied(self.situation, more)
        return energy_layers(situation.city, situation.energy_works, self.forcing)

    def _run(self, group: Group, package: Package) -> Part:
        layers = part_of(self._under(group, package), group.rows)
        frames = run(self.kernel, layers, self.forcing, [self.forcing.sizes["time"] * HOUR])
        try:
            while True:
                next(frames)
        except StopIteration as end:
            summary: xr.Dataset = end.value.summary
        self.runs += 1
        hours = hours_of(summary)
        before = part_of(self.base, group.rows)["photovoltaic_peak_power"].values
        better = self.better(group, package.renovation)
        sizes = sizes_of(package, better, layers, summary["peak_heating_power"].values.astype(float), before)
        once, yearly = cost_of(sizes, measures(), self.rate)
        at_meters = self.courses.buy @ hours["bought"] - self.courses.sell @ hours["given"]
        bill = float(at_meters + self.courses.fuel @ hours.fuel) * HOUR
        kept = {name: one.astype(np.float32) for name, one in hours.series.items()}
        return Part(kept, sizes, once, yearly, bill)

    def _under(self, group: Group, package: Package) -> xr.Dataset:
        """Layers of the city where every group has a package: envelope and heat of one run of edits, sun of another.

        Modules and batteries change neither walls nor heating, nor these them: so each is laid once. A network is laid
        for one group at a time.
        """
        alone = group.key if package.supply == "network" else ""
        shell = (package.renovation, package.supply, alone)
        if shell not in self._columns:
            warm = Package(package.renovation, package.supply)
            self._columns[shell] = self._layers(self._edits(group, warm) if alone else self._edits_of_all(warm))
        sun = (package.sun, package.battery)
        if sun not in self._suns:
            found = self._layers(self._edits_of_all(Package("none", "keep", package.sun, package.battery)))
            self._suns[sun] = found[["photovoltaic_peak_power", "battery_capacity", "battery_power"]]
        return self._columns[shell].assign(self._suns[sun].data_vars)

    def _edits_of_all(self, package: Package) -> list[dict[str, Any]]:
        return [edit for group in self.groups for edit in self._edits(group, package)]

    def _grouped(self, by: str, sectors: Sequence[str] | None) -> list[Group]:
        city = self.situation.city
        sector = sector_of(city)
        chosen = np.ones(len(city.buildings), bool)
        if sectors is not None:
            known = {str(name): number for number, name in enumerate(city.sectors.index)}
            if strange := [one for one in sectors if one not in known]:
                raise ScenarioError(f"there is no sector {strange[0]!r}; there are {', '.join(sorted(known)[:10])}…")
            chosen = np.isin(sector, [known[one] for one in sectors])
        known_all = known_of(city, self.situation.energy_works)
        if by == "period":
            place, names = known_all.period, [one.period for one in archetypes()]
            keys = [f"period{number}" for number in range(len(names))]
        else:
            place, keys = sector, [str(name) for name in city.sectors.index]
            names = [str(one) for one in city.sectors["name_fr"]]
        area = self.base["heated_floor_area"].values.astype(float)
        networked = self.base["heat_network"].values >= 0
        if (networked & ~chosen).any() and (networked & chosen).any():
            raise ScenarioError("a heat network reaches beyond the district; take in all sectors that it serves")
        parts = [(key, name, chosen & ~networked & (place == number)) for number, (key, name) in
                 enumerate(zip(keys, names, strict=True))]  # fmt: skip
        parts.append((NETWORKED, NETWORKED, chosen & networked))
        found = []
        for key, name, which in parts:
            rows = np.flatnonzero(which)
            heated = float(area[rows].sum())
            if heated > 0.0:
                means = {one: float(known_all.values[one][rows] @ area[rows] / heated) for one in _MEANS}
                found.append(Group(key, name, rows, heated, means))
        if not found:
            raise ScenarioError("the district has no building that is heated; choose other sectors")
        return found


def part_of(layers: xr.Dataset, rows: NDArray[np.int64]) -> xr.Dataset:
    """Some buildings of the layers with their faces, patches and networks, whose other consumers must be among them."""
    place = np.full(layers.sizes["building"], -1, np.int64)
    place[rows] = np.arange(rows.size)
    found = layers.isel(building=rows)
    for one in ("face", "patch"):
        owner = place[layers[f"{one}_building"].values]
        found = found.isel({one: np.flatnonzero(owner >= 0)})
        found[f"{one}_building"] = found[f"{one}_building"].copy(data=owner[owner >= 0])
    if "consumer_building" in found:
        if (found["heat_network"].values < 0).all():
            return found.drop_vars([name for name, one in found.data_vars.items() if _of_network(one)])
        found["consumer_building"] = found["consumer_building"].copy(data=place[layers["consumer_building"].values])
    return found


def together(parts: Sequence[Part]) -> DistrictHours:
    """The hours of a district of such parts."""
    return DistrictHours(
        {name: np.sum([one.kept[name] for one in parts], axis=0, dtype=float) for name in parts[0].kept}
    )


def _of_network(one: xr.DataArray) -> bool:
    return not set(one.dims) & {"building", "face", "patch", "use"}


def _applied(situation: Situation, edits: Sequence[Any]) -> Situation:
    for edit in edits:
        situation = edit.apply(situation)
    return situation


def _kernel_of(scenario: Scenario) -> Kernel:
    found = [one for one in scenario.chosen() if "heating_need" in one.gives]
    if not found:
        raise ScenarioError("a search for a positive district needs the kernel energy", "kernels")
    return found[0]
