"""Every physical quantity of the twin, named once: unit, words in three languages, palette and range."""

from dataclasses import dataclass, field
from typing import Literal

Language = Literal["fr", "nl", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "nl", "en")


@dataclass(frozen=True)
class Quantity:
    """One physical quantity, as kernels, sensors, files and pages call it.

    Attributes
    ----------
    name : str
        The one name, also the variable name in every Dataset.
    units : str
        UDUNITS spelling, as CF-1.11 asks.
    label : dict
        Words for people, by language.
    standard_name : str or None
        CF standard name (table v92), where one exists.
    palette : str or None
        Colour scale of the pages, see ``assets/palettes.json``.
    range : tuple of float or None
        Usual span of the legend. [units]
    scale : {"linear", "log"}
        Spacing of the legend and of the 8-bit frames.
    step : float or None
        Packing step of stored results; None stores the floats themselves. [units]
    """

    name: str
    units: str
    label: dict[Language, str] = field(compare=False)
    standard_name: str | None = None
    palette: str | None = None
    range: tuple[float, float] | None = None
    scale: Literal["linear", "log"] = "linear"
    step: float | None = None

    def attrs(self) -> dict[str, str]:
        """CF attributes of a variable that carries this quantity."""
        found = {"units": self.units, "long_name": self.label["en"]}
        return found | ({"standard_name": self.standard_name} if self.standard_name else {})


def _q(name: str, units: str, fr: str, nl: str, en: str, **rest: object) -> Quantity:
    return Quantity(name, units, {"fr": fr, "nl": nl, "en": en}, **rest)  # type: ignore[arg-type]


# fmt: off
_ALL = (
    # ground and buildings (what the city is)
    _q(
        "ground_elevation",
        "m",
        "Altitude du sol",
        "Maaiveldhoogte",
        "Ground elevation",
        standard_name="ground_level_altitude",
        palette="terrain",
        range=(10.0, 60.0),
        step=0.001,
    ),
    _q(
        "building_height",
        "m",
        "Hauteur des bâtiments",
        "Gebouwhoogte",
        "Building height",
        palette="viridis",
        range=(0.0, 40.0),
        step=0.01,
    ),
    _q("building_index", "1", "Numéro du bâtiment", "Gebouwnummer", "Building index"),
    _q("building_fraction", "1", "Part bâtie", "Bebouwde fractie", "Built fraction", range=(0.0, 1.0)),
    _q(
        "canopy_top",
        "m",
        "Sommet de la couronne",
        "Top van de kruin",
        "Canopy top",
        palette="viridis",
        range=(0.0, 30.0),
        step=0.01,
    ),
    _q("canopy_bottom", "m", "Base de la couronne", "Onderkant van de kruin", "Canopy bottom", step=0.01),
    _q("land_cover", "1", "Occupation du sol", "Bodembedekking", "Land cover"),
    _q(
        "manning_roughness",
        "s m-1/3",
        "Rugosité de Manning",
        "Manning-ruwheid",
        "Manning roughness",
        palette="viridis",
        range=(0.01, 0.1),
    ),
    _q(
        "wall_crest_x",
        "m",
        "Crête de mur, faces est-ouest",
        "Muurkruin, vlakken oost-west",
        "Wall crest elevation, faces between west and east",
    ),
    _q(
        "wall_crest_y",
        "m",
        "Crête de mur, faces sud-nord",
        "Muurkruin, vlakken zuid-noord",
        "Wall crest elevation, faces between south and north",
    ),
    _q("albedo", "1", "Albédo", "Albedo", "Albedo", standard_name="surface_albedo", range=(0.0, 1.0)),
    _q("emissivity", "1", "Émissivité", "Emissiviteit", "Emissivity", range=(0.0, 1.0)),
    _q("thermal_conductivity", "W m-1 K-1", "Conductivité thermique", "Warmtegeleiding", "Thermal conductivity"),
    _q(
        "volumetric_heat_capacity",
        "J m-3 K-1",
        "Capacité thermique volumique",
        "Volumetrische warmtecapaciteit",
        "Volumetric heat capacity",
    ),
    _q(
        "saturated_hydraulic_conductivity",
        "m s-1",
        "Conductivité hydraulique à saturation",
        "Verzadigde doorlatendheid",
        "Saturated hydraulic conductivity",
    ),
    _q(
        "wetting_front_suction",
        "m",
        "Succion du front d'humectation",
        "Zuigspanning aan het bevochtigingsfront",
        "Wetting front suction head",
    ),
    _q("moisture_deficit", "1", "Déficit d'humidité du sol", "Vochttekort van de bodem", "Soil moisture deficit"),
    _q("depression_storage", "m", "Stockage de surface", "Oppervlakteberging", "Depression storage"),
    # rain and water
    _q(
        "rainfall_rate",
        "m s-1",
        "Intensité de pluie",
        "Neerslagintensiteit",
        "Rainfall rate",
        standard_name="rainfall_rate",
        palette="water",
        range=(0.0, 3e-5),
    ),
    _q(
        "river_discharge",
        "m3 s-1",
        "Débit entrant",
        "Instromend debiet",
        "Inflow discharge",
        standard_name="water_volume_transport_in_river_channel",
    ),
    _q("boundary_level", "m", "Niveau d'eau imposé au bord", "Opgelegd waterpeil aan de rand", "Water level at a side"),
    _q(
        "water_depth",
        "m",
        "Hauteur d'eau",
        "Waterdiepte",
        "Water depth",
        palette="water",
        range=(0.05, 2.0),
        scale="log",
        step=0.001,
    ),
    _q(
        "water_level",
        "m",
        "Niveau d'eau",
        "Waterpeil",
        "Water level",
        standard_name="water_surface_height_above_reference_datum",
        step=0.001,
    ),
    _q(
        "water_velocity_x",
        "m s-1",
        "Vitesse vers l'est",
        "Snelheid naar het oosten",
        "Eastward water velocity",
        step=0.001,
    ),
    _q(
        "water_velocity_y",
        "m s-1",
        "Vitesse vers le nord",
        "Snelheid naar het noorden",
        "Northward water velocity",
        step=0.001,
    ),
    _q(
        "water_speed",
        "m s-1",
        "Vitesse de l'eau",
        "Stroomsnelheid",
        "Water speed",
        palette="viridis",
        range=(0.0, 2.0),
        step=0.001,
    ),
    _q(
        "max_water_depth",
        "m",
        "Hauteur d'eau maximale",
        "Maximale waterdiepte",
        "Maximum water depth",
        palette="water",
        range=(0.05, 2.0),
        scale="log",
        step=0.001,
    ),
    _q(
        "max_water_speed",
        "m s-1",
        "Vitesse maximale",
        "Maximale stroomsnelheid",
        "Maximum water speed",
        palette="viridis",
        range=(0.0, 2.0),
        step=0.001,
    ),
    _q(
        "max_unit_discharge",
        "m2 s-1",
        "Débit unitaire maximal",
        "Maximaal eenheidsdebiet",
        "Maximum depth times velocity",
        palette="viridis",
        range=(0.0, 2.0),
        step=0.001,
    ),
    _q(
        "max_hazard_rating",
        "1",
        "Danger maximal pour les personnes",
        "Maximaal gevaar voor personen",
        "Maximum flood hazard rating",
        palette="viridis",
        range=(0.0, 2.5),
        step=0.001,
    ),
    _q(
        "arrival_time",
        "s",
        "Heure d'arrivée de l'eau",
        "Aankomsttijd van het water",
        "Arrival time of the water",
        palette="viridis",
        range=(0.0, 7200.0),
        step=1.0,
    ),
    _q("volume_rain", "m3", "Volume de pluie", "Neerslagvolume", "Rain volume"),
    _q("volume_inflow", "m3", "Volume entré par débit", "Ingestroomd volume", "Volume of point inflow"),
    _q("volume_boundary_in", "m3", "Volume entré par le bord", "Volume in via de rand", "Volume in over the boundary"),
    _q(
        "volume_boundary_out",
        "m3",
        "Volume sorti par le bord",
        "Volume uit via de rand",
        "Volume out over the boundary",
    ),
    _q("volume_stored", "m3", "Volume en surface", "Volume aan de oppervlakte", "Volume on the ground"),
    _q("volume_initial", "m3", "Volume initial", "Beginvolume", "Initial volume"),
    _q("mass_error", "1", "Erreur de bilan", "Balansfout", "Relative mass error"),
    # weather
    _q("air_temperature", "K", "Température de l'air", "Luchttemperatuur", "Air temperature",
       standard_name="air_temperature", palette="heat", range=(268.15, 313.15), step=0.01),
    _q("dew_point_temperature", "K", "Point de rosée", "Dauwpunt", "Dew point",
       standard_name="dew_point_temperature", step=0.01),
    _q("relative_humidity", "1", "Humidité relative", "Relatieve vochtigheid", "Relative humidity",
       standard_name="relative_humidity", range=(0.0, 1.0)),
    _q("air_pressure", "Pa", "Pression de l'air", "Luchtdruk", "Air pressure",
       standard_name="air_pressure"),
    _q("wind_speed", "m s-1", "Vitesse du vent", "Windsnelheid", "Wind speed",
       standard_name="wind_speed", palette="viridis", range=(0.0, 10.0), step=0.01),
    _q("wind_from_direction", "degree", "Provenance du vent", "Windrichting", "Wind direction (from)",
       standard_name="wind_from_direction", range=(0.0, 360.0)),
    _q("global_horizontal_irradiance", "W m-2", "Rayonnement global horizontal",
       "Globale horizontale straling", "Global horizontal irradiance",
       standard_name="surface_downwelling_shortwave_flux_in_air", palette="heat", range=(0.0, 1000.0)),
    _q("direct_normal_irradiance", "W m-2", "Rayonnement direct normal",
       "Directe normale straling", "Direct normal irradiance",
       standard_name="direct_downwelling_shortwave_flux_in_air", range=(0.0, 1000.0)),
    _q("diffuse_horizontal_irradiance", "W m-2", "Rayonnement diffus horizontal",
       "Diffuse horizontale straling", "Diffuse horizontal irradiance",
       standard_name="surface_diffuse_downwelling_shortwave_flux_in_air", range=(0.0, 600.0)),
    _q("downwelling_longwave_irradiance", "W m-2", "Rayonnement infrarouge du ciel",
       "Langgolvige straling van de hemel", "Downwelling longwave irradiance",
       standard_name="surface_downwelling_longwave_flux_in_air", range=(150.0, 450.0)),
    _q("cloud_fraction", "1", "Nébulosité", "Bewolking", "Cloud fraction",
       standard_name="cloud_area_fraction", range=(0.0, 1.0)),
)

QUANTITIES: dict[str, Quantity] = {quantity.name: quantity for quantity in _ALL}


def attrs(name: str) -> dict[str, str]:
    """CF attributes of one quantity; a name that is not in the table is a KeyError with the remedy."""
    if name not in QUANTITIES:
        raise KeyError(f"{name!r} is not a quantity of the twin; add its words to kernels/quantities.py")
    return QUANTITIES[name].attrs()
