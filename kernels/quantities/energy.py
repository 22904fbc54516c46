"""Quantities of energy: what buildings need, make, store and trade."""

from kernels.quantities.quantity import Quantity
from kernels.quantities.quantity import quantity as _q

# fmt: off
ENERGY: tuple[Quantity, ...] = (
    # demand of a building or a zone
    _q("heating_power", "W", "Puissance de chauffage utile", "Nuttig verwarmingsvermogen", "Useful heating power",
       palette="heat", range=(0.0, 20_000.0)),
    _q("cooling_power", "W", "Puissance de refroidissement utile", "Nuttig koelvermogen", "Useful cooling power",
       palette="viridis", range=(0.0, 20_000.0)),
    _q("heating_need", "J", "Besoin de chaleur de l'année", "Jaarlijkse warmtebehoefte", "Yearly need of heat"),
    _q("cooling_need", "J", "Besoin de froid de l'année", "Jaarlijkse koudebehoefte", "Yearly need of cold"),
    _q("operative_temperature", "K", "Température opérative intérieure", "Operatieve binnentemperatuur",
       "Operative temperature indoors", palette="heat", range=(283.15, 313.15), step=0.01),
    _q("indoor_air_temperature", "K", "Température de l'air intérieur", "Luchttemperatuur binnen",
       "Air temperature indoors", palette="heat", range=(283.15, 313.15), step=0.01),
    # light on roofs and facades, and what modules make of it
    _q("plane_of_array_irradiance", "W m-2", "Éclairement du plan", "Bestralingssterkte op het vlak",
       "Plane-of-array irradiance", palette="heat", range=(0.0, 1000.0)),
    _q("solar_irradiation", "J m-2", "Irradiation solaire du plan", "Zonnestraling op het vlak",
       "Solar irradiation of the plane", palette="heat", range=(0.0, 4.5e9)),
    _q("solar_power", "W", "Puissance solaire reçue", "Ontvangen zonnevermogen", "Solar power received"),
    _q("cell_temperature", "K", "Température des cellules photovoltaïques", "Temperatuur van de zonnecellen",
       "Temperature of photovoltaic cells", palette="heat", range=(263.15, 343.15), step=0.01),
    _q("photovoltaic_dc_power", "W", "Puissance photovoltaïque continue", "Fotovoltaïsch gelijkstroomvermogen",
       "Photovoltaic power, direct current"),
    _q("photovoltaic_ac_power", "W", "Puissance photovoltaïque alternative", "Fotovoltaïsch wisselstroomvermogen",
       "Photovoltaic power, alternating current"),
    # what meters tell, and the condition of what the city owns
    _q("night_load", "W", "Puissance appelée la nuit", "Nachtverbruik", "Load of the night"),
    _q("energy_saved", "J", "Énergie économisée", "Bespaarde energie", "Energy saved against what was expected"),
    _q("water_night_flow", "m3 s-1", "Débit d'eau minimal de nuit", "Minimaal nachtdebiet van water",
       "Least water flow of the night"),
    _q("leak_flow", "m3 s-1", "Débit de fuite", "Lekdebiet", "Flow of the leak"),
    _q("component_condition", "1", "État du composant, de 1 à 6", "Conditiescore, van 1 tot 6",
       "Condition of the component, 1 to 6", range=(1.0, 6.0)),
    _q("works_backlog", "EUR", "Travaux en retard", "Achterstallig onderhoud", "Backlog of works"),
)
"""Every quantity of energy, in the order of a district's balance."""
