"""Quantities that only sensors tell: what is counted, filled, free, in the air, or on a meter."""

from kernels.quantities.quantity import Quantity
from kernels.quantities.quantity import quantity as _q

# fmt: off
SENSORS: tuple[Quantity, ...] = (
    # on streets
    _q("vehicle_count", "1", "Véhicules comptés", "Getelde voertuigen", "Vehicles counted",
       palette="viridis", range=(0.0, 200.0)),
    _q("bicycle_count", "1", "Vélos comptés", "Getelde fietsen", "Bicycles counted", palette="viridis",
       range=(0.0, 100.0)),
    _q("pedestrian_count", "1", "Piétons comptés", "Getelde voetgangers", "People on foot counted",
       palette="viridis", range=(0.0, 500.0)),
    _q("detector_occupancy", "1", "Taux d'occupation du détecteur", "Bezettingsgraad van de detector",
       "Occupancy of the detector", palette="heat", range=(0.0, 1.0)),
    _q("free_places", "1", "Places libres", "Vrije plaatsen", "Places that are free", palette="viridis",
       range=(0.0, 200.0)),
    _q("bicycles_available", "1", "Vélos disponibles", "Beschikbare fietsen", "Bicycles at hand", palette="viridis",
       range=(0.0, 30.0)),
    _q("route_distance", "m", "Distance depuis l'arrêt", "Afstand vanaf de halte", "Way from the stop"),
    # in the air
    _q("nitrogen_dioxide", "kg m-3", "Dioxyde d'azote dans l'air", "Stikstofdioxide in de lucht",
       "Nitrogen dioxide in the air", palette="heat", range=(0.0, 1e-7)),
    _q("ozone", "kg m-3", "Ozone dans l'air", "Ozon in de lucht", "Ozone in the air", palette="heat",
       range=(0.0, 2.4e-7)),
    _q("particles_10", "kg m-3", "Particules PM10 dans l'air", "Fijn stof PM10 in de lucht",
       "Particles PM10 in the air", palette="heat", range=(0.0, 1e-7)),
    _q("particles_2_5", "kg m-3", "Particules PM2,5 dans l'air", "Fijn stof PM2,5 in de lucht",
       "Particles PM2.5 in the air", palette="heat", range=(0.0, 5e-8)),
    _q("black_carbon", "kg m-3", "Noir de carbone dans l'air", "Zwarte koolstof in de lucht",
       "Black carbon in the air", palette="heat", range=(0.0, 5e-9)),
    _q("sound_level", "dB", "Niveau sonore mesuré", "Gemeten geluidsniveau", "Level of sound measured",
       palette="heat", range=(40.0, 80.0)),
    # water, waste and meters
    _q("rain_depth", "m", "Pluie tombée", "Gevallen regen", "Rain that fell", palette="viridis", range=(0.0, 0.02)),
    _q("bin_fill", "1", "Remplissage de la poubelle", "Vulling van de afvalbak", "Fill of the bin", palette="heat",
       range=(0.0, 1.0)),
    _q("metered_electricity", "J", "Électricité au compteur", "Elektriciteit aan de meter",
       "Electricity at the meter"),
    _q("metered_gas", "J", "Gaz au compteur", "Gas aan de meter", "Gas at the meter"),
    _q("metered_heat", "J", "Chaleur au compteur", "Warmte aan de meter", "Heat at the meter"),
    _q("metered_water", "m3", "Eau au compteur", "Water aan de meter", "Water at the meter"),
    _q("light_power", "W", "Puissance de l'éclairage public", "Vermogen van de straatverlichting",
       "Power of street lighting"),
)
"""Every quantity of sensors that no kernel has, in the order of their feeds."""
