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
        palette="viridis", range=(0.0, 20.0), step=0.01,
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
    # what a network of streets is, along (link): one direction of a street, or one of its strips
    _q("link_start_node", "1", "Nœud de début", "Beginknoop", "Node where the link begins"),
    _q("link_end_node", "1", "Nœud de fin", "Eindknoop", "Node where the link ends"),
    _q("free_speed", "m s-1", "Vitesse à vide", "Snelheid zonder verkeer", "Speed without traffic"),
    _q("allowed_modes", "1", "Modes admis", "Toegelaten vervoerswijzen", "Modes let in, as bits"),
    _q("street_class", "1", "Classe de la rue", "Klasse van de straat", "Class of the street"),
    _q("street_gradient", "1", "Pente de la rue", "Helling van de straat", "Slope of the street along the link"),
    _q("cycle_lane", "1", "Piste cyclable à côté", "Fietsstrook ernaast", "Cycle lane beside the cars"),
    _q("signal_cycle", "s", "Cycle du feu", "Cyclus van het verkeerslicht", "Cycle of the signal at the end"),
    _q("signal_green", "s", "Durée du vert", "Groentijd", "Green time of the signal at the end"),
    _q("signal_offset", "s", "Décalage du vert", "Begin van het groen", "Start of green in the cycle"),
    _q("node_x", "m", "Abscisse du nœud", "Oostelijke ligging van de knoop", "Easting of the node"),
    _q("node_y", "m", "Ordonnée du nœud", "Noordelijke ligging van de knoop", "Northing of the node"),
    _q("node_capacity", "s-1", "Capacité du carrefour", "Capaciteit van het kruispunt", "Capacity of the crossing"),
    _q("node_area", "1", "Quartier du nœud", "Buurt van de knoop", "Neighbourhood of the node"),
    _q("link_area", "1", "Quartier de la rue", "Buurt van de straat", "Neighbourhood of the link"),
    _q("turn_from_link", "1", "Tournant : rue d'arrivée", "Afslag: aankomst", "Turn: arriving link"),
    _q("turn_to_link", "1", "Tournant : rue de départ", "Afslag: vertrek", "Turn: leaving link"),
    _q("turn_modes", "1", "Tournant : modes exclus", "Afslag: uitgesloten vervoer", "Turn: barred modes, as bits"),
    # who may not enter when, along (closure), and what changes when, along (street_change)
    _q("closure_link", "1", "Fermeture : rue", "Afsluiting: straat", "Closure: link"),
    _q("closure_modes", "1", "Fermeture : modes", "Afsluiting: vervoer", "Closure: barred modes, as bits"),
    _q("closure_begin", "s", "Fermeture : début", "Afsluiting: begin", "Closure: begin"),
    _q("closure_until", "s", "Fermeture : fin", "Afsluiting: einde", "Closure: end"),
    _q("change_link", "1", "Changement : rue", "Wijziging: straat", "Change: link"),
    _q("change_begin", "s", "Changement : début", "Wijziging: begin", "Change: begin"),
    _q("change_until", "s", "Changement : fin", "Wijziging: einde", "Change: end"),
    _q("change_speed", "m s-1", "Changement : vitesse à vide", "Wijziging: snelheid", "Change: speed without traffic"),
    _q("change_capacity", "1", "Changement : part de capacité", "Wijziging: capaciteit", "Change: part of capacity"),
    # who goes where, along (demand): trips between two nodes that set out evenly from begin to until
    _q("demand_start_node", "1", "Demande : origine", "Vraag: vertrek", "Demand: node of departure"),
    _q("demand_end_node", "1", "Demande : destination", "Vraag: bestemming", "Demand: node of arrival"),
    _q("demand_mode", "1", "Demande : mode", "Vraag: vervoerswijze", "Demand: mode, its place among the modes"),
    _q("demand_trips", "1", "Demande : déplacements", "Vraag: verplaatsingen", "Demand: trips"),
    _q("demand_begin", "s", "Demande : premier départ", "Vraag: eerste vertrek", "Demand: first departure"),
    _q("demand_until", "s", "Demande : dernier départ", "Vraag: laatste vertrek", "Demand: last departure"),
    _q("demand_zone_from", "1", "Demande : zone d'origine", "Vraag: zone van vertrek", "Demand: zone of departure"),
    _q("demand_zone_to", "1", "Demande : zone d'arrivée", "Vraag: zone van aankomst", "Demand: zone of arrival"),
    # zones of travel, along (zone): sectors, then gates where the edge of the area cuts streets
    _q("zone_residents", "1", "Habitants de la zone", "Inwoners van de zone", "Residents of the zone"),
    _q("zone_jobs", "1", "Emplois de la zone", "Banen van de zone", "Jobs of the zone"),
    # vehicles that run along a fixed way, along (service), and its pieces in their order, along (service_leg)
    _q("service_departure", "s", "Départ du bus", "Vertrek van de bus", "Departure of the bus"),
    _q("service_line", "1", "Ligne", "Lijn", "Line"),
    _q("service_leg_run", "1", "Course de l'étape", "Rit van het traject", "Run that the leg is part of"),
    _q("service_leg_link", "1", "Rue de l'étape", "Straat van het traject", "Link of the leg"),
    _q("service_leg_dwell", "s", "Arrêt sur l'étape", "Halte op het traject", "Time at stops on the leg"),
    # where links cross the cells of the ground, along (crossing)
    _q("crossing_link", "1", "Rue sur la maille", "Straat op de cel", "Link on the cell"),
    _q("crossing_row", "1", "Ligne de la maille", "Rij van de cel", "Row of the cell"),
    _q("crossing_column", "1", "Colonne de la maille", "Kolom van de cel", "Column of the cell"),
    _q("crossing_length", "m", "Longueur sur la maille", "Lengte op de cel", "Length of the link on the cell"),
    # what a run gives, along (link)
    _q(
        "bicycle_flow", "h-1", "Débit de vélos", "Fietsintensiteit", "Flow of bicycles",
        palette="viridis", range=(0.0, 500.0), step=1.0,
    ),
    _q(
        "carbon_dioxide_emission", "kg h-1", "Émission de CO2", "Uitstoot van CO2", "Emission of CO2",
        palette="viridis", range=(0.0, 100.0),
    ),
    _q(
        "nitrogen_oxides_emission", "kg h-1", "Émission de NOx", "Uitstoot van NOx", "Emission of nitrogen oxides",
        palette="viridis", range=(0.0, 0.2),
    ),
    _q(
        "road_noise_power", "dB", "Puissance sonore de la rue, dB(A) par mètre",
        "Geluidsvermogen van de straat, dB(A) per meter", "Sound power of the street, dB(A) per metre",
        palette="viridis", range=(50.0, 90.0), step=0.1,
    ),
    _q("vehicles_passed", "1", "Véhicules passés", "Voertuigen gepasseerd", "Vehicles that passed", palette="viridis",
       step=1.0),
    _q(
        "cut_through_share", "1", "Part du trafic de transit", "Aandeel doorgaand verkeer",
        "Share of traffic that neither begins nor ends in the neighbourhood", palette="viridis", range=(0.0, 1.0),
    ),
    _q("trip_time", "s", "Durée d'un déplacement", "Duur van een verplaatsing", "Duration of a trip"),
    _q("trip_distance", "m", "Longueur d'un déplacement", "Lengte van een verplaatsing", "Length of a trip"),
    _q("trips_unserved", "1", "Déplacements impossibles", "Onmogelijke verplaatsingen", "Trips that no way serves"),
    # a sample of vehicles and their ways, along (vehicle) and (vehicle_leg)
    _q("vehicle_mode", "1", "Mode du véhicule", "Vervoerswijze van het voertuig", "Mode of the vehicle"),
    _q("vehicle_leg_vehicle", "1", "Véhicule de l'étape", "Voertuig van het traject", "Vehicle of the leg"),
    _q("vehicle_leg_link", "1", "Rue de l'étape", "Straat van het traject", "Link of the leg"),
    _q("vehicle_leg_begin", "s", "Entrée dans la rue", "Binnenkomst in de straat", "Entry into the link"),
    _q("vehicle_leg_until", "s", "Sortie de la rue", "Vertrek uit de straat", "Exit from the link"),
    # the ledger of vehicles
    _q("vehicles_set_out", "1", "Véhicules partis", "Vertrokken voertuigen", "Vehicles whose time has come"),
    _q("vehicles_arrived", "1", "Véhicules arrivés", "Aangekomen voertuigen", "Vehicles that arrived"),
    _q("vehicles_inside", "1", "Véhicules en route", "Voertuigen onderweg", "Vehicles on the streets"),
    _q("vehicles_aside", "1", "Véhicules sans chemin", "Voertuigen zonder weg", "Vehicles whom no way leads on"),
)
