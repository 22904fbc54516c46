"""Quantities of traffic: streets, flows, times, queues, noise and exhaust."""

from kernels.quantities.quantity import Quantity
from kernels.quantities.quantity import quantity as _q

# fmt: off
TRAFFIC: tuple[Quantity, ...] = (
    _q("street_length", "m", "Longueur de la rue", "Lengte van de straat", "Length of the street"),
    _q("street_lanes", "1", "Voies de circulation", "Rijstroken", "Lanes"),
    _q(
        "street_capacity", "h-1", "Capacité de la rue", "Capaciteit van de straat", "Capacity of the street",
        range=(0.0, 4000.0),
    ),
    _q("free_flow_time", "s", "Temps à vide", "Reistijd zonder verkeer", "Travel time without traffic"),
    _q("toll", "EUR", "Péage", "Tol", "Toll"),
    _q(
        "traffic_flow", "h-1", "Débit de véhicules", "Verkeersintensiteit", "Traffic flow",
        palette="viridis", range=(0.0, 2000.0), step=1.0,
    ),
    _q("travel_time", "s", "Temps de parcours", "Reistijd", "Travel time", palette="viridis", range=(0.0, 600.0)),
    _q(
        "traffic_speed", "m s-1", "Vitesse des véhicules", "Snelheid van het verkeer", "Speed of traffic",
        palette="viridis", range=(0.0, 20.0),
    ),
    _q(
        "traffic_saturation", "1", "Débit sur capacité", "Intensiteit over capaciteit", "Flow over capacity",
        palette="viridis", range=(0.0, 1.5),
    ),
    _q("vehicles_on_street", "1", "Véhicules dans la rue", "Voertuigen in de straat", "Vehicles on the street"),
    _q("vehicles_waiting", "1", "Véhicules en attente", "Wachtende voertuigen", "Vehicles waiting to enter"),
    _q("queue_length", "m", "Longueur de file", "Filelengte", "Length of the queue", range=(0.0, 300.0)),
    _q("vehicle_delay", "s", "Retard", "Vertraging", "Delay", palette="viridis", range=(0.0, 300.0)),
    _q("trips", "1", "Déplacements", "Verplaatsingen", "Trips"),
)
