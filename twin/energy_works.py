"""What edits do to the energy of a city: renovations, sources of heat, modules, stores, networks, vehicles, facts."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cached_property

Value = float | int | str | None


@dataclass(frozen=True)
class Renovation:
    """Buildings that are insulated or sealed; None leaves a value as it is.

    Attributes
    ----------
    id : str
    buildings : tuple of str
        Sorted.
    roof_u, wall_u, floor_u, window_u : float or None
        [W m⁻² K⁻¹]
    window_g : float or None
        [1]
    infiltration : float or None
        [h⁻¹]
    heat_recovery : float or None
        Of the fresh air. [1]
    """

    id: str
    buildings: tuple[str, ...]
    roof_u: float | None = None
    wall_u: float | None = None
    floor_u: float | None = None
    window_u: float | None = None
    window_g: float | None = None
    infiltration: float | None = None
    heat_recovery: float | None = None


@dataclass(frozen=True)
class Modules:
    """Photovoltaic modules on the roofs or facades of buildings.

    Attributes
    ----------
    id : str
    buildings : tuple of str
        Sorted.
    on : {"roofs", "facades"}
    share : float
        Of the area that is fit. [1]
    least_irradiation : float
        Patches that get less in a year carry none. [J m⁻²]
    module : str
        Key of `kernels.energy.photovoltaics.MODULES`.
    power_per_area : float
        Peak power by module area. [W m⁻²]
    """

    id: str
    buildings: tuple[str, ...]
    on: str = "roofs"
    share: float = 0.6
    least_irradiation: float = 2.34e9
    module: str = "premium"
    power_per_area: float = 200.0


@dataclass(frozen=True)
class HeatSupply:
    """Buildings with another source of heat, or with cooling.

    Attributes
    ----------
    id : str
    buildings : tuple of str
        Sorted.
    source : str or None
        Of `kernels.energy.carriers.HEAT_SOURCES`; None leaves it. Not "network": see `Network`.
    emitter : str or None
        Of `kernels.energy.carriers.EMITTERS`.
    cover : float
        Share of the design load that a heat pump gives; a resistance, or the boiler that was there, gives the rest. [1]
    cooled : float or None
        Share that is cooled actively. [1]
    """

    id: str
    buildings: tuple[str, ...]
    source: str | None = None
    emitter: str | None = None
    cover: float = 1.0
    cooled: float | None = None


@dataclass(frozen=True)
class Network:
    """A network of heat (or of heat and cold) along streets, with a plant.

    Attributes
    ----------
    id : str
    buildings : tuple of str
        Connected, sorted.
    plant : (float, float)
        Where the plant stands, Lambert 72. [m]
    source : {"gas", "air", "ground", "sewer", "waste"}
        What the plant takes its heat from; ground and sewer heat need a `Borefield` or `SewerSource` of this network.
    cover : float
        Share of the peak that the source gives; a gas boiler gives the rest. [1]
    supply, back : float
        Temperatures of the water out and back, in winter. [K]
    waste_heat : float
        Power of a source "waste", such as a data centre. [W]
    """

    id: str
    buildings: tuple[str, ...]
    plant: tuple[float, float]
    source: str = "gas"
    cover: float = 0.6
    supply: float = 338.15
    back: float = 313.15
    waste_heat: float = 0.0


@dataclass(frozen=True)
class Borefield:
    """Borehole heat exchangers that feed a network.

    Attributes
    ----------
    id, network : str
    place : (float, float)
        Its middle, Lambert 72. [m]
    boreholes : int
    depth, spacing : float
        [m]
    """

    id: str
    network: str
    place: tuple[float, float]
    boreholes: int = 60
    depth: float = 150.0
    spacing: float = 7.0


@dataclass(frozen=True)
class SewerSource:
    """Heat that a network takes from a sewer; all sources of one sewer share one ledger of temperature.

    Attributes
    ----------
    id, network, sewer : str
        ``sewer`` names the collector.
    place : (float, float)
        Lambert 72. [m]
    flow : float
        Mean dry-weather flow of the collector there. [m³ s⁻¹]
    """

    id: str
    network: str
    sewer: str
    place: tuple[float, float]
    flow: float = 0.2


@dataclass(frozen=True)
class Battery:
    """Batteries behind the meters of buildings.

    Attributes
    ----------
    id : str
    buildings : tuple of str
        Sorted.
    per_building : float
        [J]
    per_peak : float
        More, by peak power of modules. [J W⁻¹]
    hours : float
        Time to fill or empty it at its full power. [h]
    """

    id: str
    buildings: tuple[str, ...]
    per_building: float = 0.0
    per_peak: float = 3600.0
    hours: float = 2.0


@dataclass(frozen=True)
class ThermalStore:
    """Tanks of warm water in buildings.

    Attributes
    ----------
    id : str
    buildings : tuple of str
        Sorted.
    per_area : float
        Heat by heated floor area. [J m⁻²]
    """

    id: str
    buildings: tuple[str, ...]
    per_area: float = 5.0e4


@dataclass(frozen=True)
class Vehicles:
    """Electric vehicles of residents.

    Attributes
    ----------
    id : str
    buildings : tuple of str
        Where they charge, sorted.
    share : float
        Of the cars of its dwellings. [1]
    delay : float
        How long charging may wait; 0 charges on arrival. [s]
    """

    id: str
    buildings: tuple[str, ...]
    share: float
    delay: float = 0.0


@dataclass(frozen=True)
class SetPoints:
    """Set points of heating and cooling moved by so much.

    Attributes
    ----------
    id : str
    buildings : tuple of str
        Sorted.
    heating, cooling : float
        [K]
    """

    id: str
    buildings: tuple[str, ...]
    heating: float = 0.0
    cooling: float = 0.0


@dataclass(frozen=True)
class Facts:
    """What is known of one building, in place of its archetype.

    Attributes
    ----------
    id : str
        Of the edit.
    building : str
    values : tuple of (str, value)
        Column of `twin.building_facts.FACTS` and its value, sorted.
    """

    id: str
    building: str
    values: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, eq=False)
class EnergyWorks:
    """All that edits do to energy; in each list a later one holds where two touch a building."""

    renovations: tuple[Renovation, ...] = ()
    modules: tuple[Modules, ...] = ()
    supplies: tuple[HeatSupply, ...] = ()
    networks: tuple[Network, ...] = ()
    borefields: tuple[Borefield, ...] = ()
    sewers: tuple[SewerSource, ...] = ()
    batteries: tuple[Battery, ...] = ()
    stores: tuple[ThermalStore, ...] = ()
    vehicles: tuple[Vehicles, ...] = ()
    set_points: tuple[SetPoints, ...] = ()
    facts: tuple[Facts, ...] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, one.name) for one in fields(self))

    @cached_property
    def digest(self) -> str:
        """Hash of all works."""
        return _hash(repr((one.name, getattr(self, one.name))) for one in fields(self) if getattr(self, one.name))


NO_WORKS = EnergyWorks()


def _hash(parts: Iterable[str]) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(part.encode())
        found.update(b"\0")
    return found.hexdigest()
