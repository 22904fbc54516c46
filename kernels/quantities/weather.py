"""Quantities of the weather."""

from kernels.quantities.quantity import quantity as _q

# fmt: off
WEATHER = (
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
