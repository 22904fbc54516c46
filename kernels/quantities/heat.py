"""Quantities of heat: sun and shade, radiation, surfaces, comfort."""

from kernels.quantities.quantity import Quantity
from kernels.quantities.quantity import quantity as _q

# fmt: off
_CELSIUS_0 = 273.15


def _hours(threshold: int, fr: str, nl: str, en: str) -> Quantity:
    """Time with a UTCI above a threshold of its stress categories."""
    return _q(f"hours_utci_above_{threshold}", "h", f"Heures au-dessus de {threshold} °C UTCI ({fr})",
              f"Uren boven {threshold} °C UTCI ({nl})", f"Hours above {threshold} °C UTCI ({en})",
              palette="heat", range=(0.0, 12.0), step=0.01)


def _flux(name: str, fr: str, nl: str, en: str) -> Quantity:
    return _q(name, "W m-2", fr, nl, en, palette="heat", range=(0.0, 800.0), step=0.1)


_SIDES = (
    ("down", "vers le bas", "neerwaarts", "downward"), ("up", "vers le haut", "opwaarts", "upward"),
    ("north", "du nord", "uit het noorden", "from the north"), ("east", "de l'est", "uit het oosten", "from the east"),
    ("south", "du sud", "uit het zuiden", "from the south"), ("west", "de l'ouest", "uit het westen", "from the west"),
)
_COMFORT = (_CELSIUS_0 + 14, _CELSIUS_0 + 46)

HEAT = (
    _q("solar_elevation_angle", "degree", "Hauteur du soleil", "Zonshoogte", "Solar elevation",
       standard_name="solar_elevation_angle", range=(-10.0, 65.0)),
    _q("solar_azimuth_angle", "degree", "Azimut du soleil, depuis le nord du quadrillage par l'est",
       "Azimut van de zon, vanaf het noorden van het raster langs het oosten",
       "Solar azimuth, from grid north through east", standard_name="solar_azimuth_angle", range=(0.0, 360.0)),
    _q("roof_elevation", "m", "Altitude du toit", "Hoogte van het dak", "Roof elevation"),
    _q("canopy_transmissivity", "1", "Part du soleil qui traverse la couronne",
       "Deel van de zon dat door de kruin dringt", "Share of the sun that passes the crown", range=(0.0, 1.0)),
    _q("surface_wetness", "1", "Part de l'évaporation potentielle", "Deel van de potentiële verdamping",
       "Share of potential evaporation", range=(0.0, 1.0)),
    _q("wall_albedo", "1", "Albédo des façades", "Albedo van de gevels", "Albedo of walls", range=(0.0, 1.0)),
    _q("sky_view_factor", "1", "Facteur de vue du ciel", "Hemelzichtfactor", "Sky view factor",
       palette="viridis", range=(0.0, 1.0), step=0.0001),
    _q("building_sky_view_factor", "1", "Facteur de vue du ciel, bâtiments seuls", "Hemelzichtfactor, enkel gebouwen",
       "Sky view factor, buildings alone", palette="viridis", range=(0.0, 1.0), step=0.0001),
    _q("shadow", "1", "Ombre (part du soleil direct retenue)", "Schaduw (deel van de directe zon tegengehouden)",
       "Shade (share of the direct beam kept out)", palette="shade", range=(0.0, 1.0), step=0.005),
    _q("sunshine_duration", "h", "Heures de soleil", "Uren zon", "Hours of sun",
       palette="heat", range=(0.0, 16.0), step=0.01),
    _q("surface_temperature", "K", "Température du sol et des toits", "Temperatuur van bodem en daken",
       "Temperature of ground and roofs", standard_name="surface_temperature", palette="heat",
       range=(283.15, 333.15), step=0.01),
    _q("max_surface_temperature", "K", "Température du sol la plus haute", "Hoogste bodemtemperatuur",
       "Highest surface temperature", palette="heat", range=(283.15, 333.15), step=0.01),
    _q("mean_radiant_temperature", "K", "Température radiante moyenne", "Gemiddelde stralingstemperatuur",
       "Mean radiant temperature", palette="heat", range=(283.15, 348.15), step=0.01),
    _q("max_mean_radiant_temperature", "K", "Température radiante la plus haute", "Hoogste stralingstemperatuur",
       "Highest mean radiant temperature", palette="heat", range=(283.15, 348.15), step=0.01),
    _q("utci", "K", "Température ressentie (UTCI)", "Gevoelstemperatuur (UTCI)", "Felt temperature (UTCI)",
       palette="heat", range=_COMFORT, step=0.01),
    _q("max_utci", "K", "Température ressentie la plus haute (UTCI)", "Hoogste gevoelstemperatuur (UTCI)",
       "Highest felt temperature (UTCI)", palette="heat", range=_COMFORT, step=0.01),
    _q("pet", "K", "Température physiologique équivalente (PET)", "Fysiologisch equivalente temperatuur (PET)",
       "Physiological equivalent temperature (PET)", palette="heat", range=_COMFORT, step=0.01),
    _q("wbgt", "K", "Température au thermomètre-globe mouillé (WBGT)", "Natteboltemperatuur (WBGT)",
       "Wet-bulb globe temperature (WBGT)", palette="heat", range=(283.15, 308.15), step=0.01),
    _q("min_air_temperature", "K", "Température de l'air la plus basse", "Laagste luchttemperatuur",
       "Lowest air temperature", palette="heat", range=(278.15, 303.15), step=0.01),
    _q("max_air_temperature", "K", "Température de l'air la plus haute", "Hoogste luchttemperatuur",
       "Highest air temperature", palette="heat", range=(288.15, 313.15), step=0.01),
    _q("pedestrian_wind_speed", "m s-1", "Vent à hauteur de piéton (1,1 m)", "Wind op voetgangershoogte (1,1 m)",
       "Wind at pedestrian height (1.1 m)", palette="viridis", range=(0.0, 5.0), step=0.01),
    _q("sensible_heat_flux", "W m-2", "Chaleur sensible vers l'air", "Voelbare warmte naar de lucht",
       "Sensible heat to the air", standard_name="surface_upward_sensible_heat_flux", palette="heat",
       range=(0.0, 400.0), step=0.1),
    _q("waste_heat_flux", "W m-2", "Chaleur rejetée (trafic, bâtiments)", "Afvalwarmte (verkeer, gebouwen)",
       "Waste heat (traffic, buildings)", palette="heat", range=(0.0, 100.0), step=0.1),
    _q("building_heat_flux", "W m-2", "Chaleur rejetée par les bâtiments", "Afvalwarmte van gebouwen",
       "Waste heat of buildings", palette="heat", range=(0.0, 100.0)),
    _flux("absorbed_direct", "Soleil direct absorbé par le corps", "Directe zon opgenomen door het lichaam",
          "Direct sun absorbed by the body"),
    _flux("absorbed_sky", "Rayonnement du ciel absorbé par le corps", "Hemelstraling opgenomen door het lichaam",
          "Radiation of the sky absorbed by the body"),
    _flux("absorbed_walls", "Rayonnement des façades et arbres absorbé par le corps",
          "Straling van gevels en bomen opgenomen door het lichaam",
          "Radiation of walls and trees absorbed by the body"),
    _flux("absorbed_ground", "Rayonnement du sol absorbé par le corps", "Bodemstraling opgenomen door het lichaam",
          "Radiation of the ground absorbed by the body"),
    *(_flux(f"shortwave_flux_{side}", f"Rayonnement solaire {fr}", f"Kortgolvige straling {nl}",
            f"Short-wave radiation {en}") for side, fr, nl, en in _SIDES),
    *(_flux(f"longwave_flux_{side}", f"Rayonnement infrarouge {fr}", f"Langgolvige straling {nl}",
            f"Long-wave radiation {en}") for side, fr, nl, en in _SIDES),
    _hours(26, "stress modéré", "matige stress", "moderate stress"),
    _hours(32, "fort stress", "sterke stress", "strong stress"),
    _hours(38, "très fort stress", "zeer sterke stress", "very strong stress"),
    _hours(46, "stress extrême", "extreme stress", "extreme stress"),
    _q("energy_shortwave_in", "J", "Énergie solaire reçue", "Ontvangen zonne-energie", "Short-wave energy received"),
    _q("energy_shortwave_absorbed", "J", "Énergie solaire absorbée", "Opgenomen zonne-energie",
       "Short-wave energy absorbed"),
    _q("energy_shortwave_reflected", "J", "Énergie solaire rendue au ciel",
       "Naar de hemel teruggekaatste zonne-energie",
       "Short-wave energy sent back to the sky"),
    _q("energy_longwave_in", "J", "Énergie infrarouge reçue du ciel", "Langgolvige energie van de hemel",
       "Long-wave energy from the sky"),
    _q("energy_longwave_out", "J", "Énergie infrarouge rendue au ciel", "Langgolvige energie naar de hemel",
       "Long-wave energy to the sky"),
    _q("energy_sensible", "J", "Chaleur donnée à l'air", "Warmte aan de lucht", "Heat given to the air"),
    _q("energy_latent", "J", "Chaleur d'évaporation", "Verdampingswarmte", "Heat of evaporation"),
    _q("energy_stored", "J", "Chaleur stockée dans le sol et les toits", "Warmte opgeslagen in bodem en daken",
       "Heat stored in ground and roofs"),
)
