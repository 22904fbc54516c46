"""Quantities of sewers: nodes, conduits, weirs, orifices, pumps, inlets and their ledger."""

from kernels.quantities.quantity import Quantity
from kernels.quantities.quantity import quantity as _q

# fmt: off
DRAINS: tuple[Quantity, ...] = (
    _q("node_x", "m", "Abscisse du nœud", "Oostelijke ligging van de knoop", "Easting of the node"),
    _q("node_y", "m", "Ordonnée du nœud", "Noordelijke ligging van de knoop", "Northing of the node"),
    _q("node_kind", "1", "Genre de nœud", "Soort knoop", "Kind of node"),
    _q("node_invert", "m", "Radier du nœud", "Bodempeil van de knoop", "Invert of the node"),
    _q("node_rim", "m", "Niveau du tampon", "Dekselpeil", "Rim of the node"),
    _q("node_area", "m2", "Surface en plan du nœud", "Grondvlak van de knoop", "Plan area of the node"),
    _q(
        "node_surcharge_depth", "m", "Charge retenue par le tampon", "Opstuwing die het deksel houdt",
        "Head above the rim that the cover holds",
    ),
    _q(
        "node_ponded_area", "m2", "Surface inondable au nœud", "Overstroombaar vlak bij de knoop",
        "Area that water above the rim may stand on",
    ),
    _q("node_initial_depth", "m", "Hauteur initiale au nœud", "Begindiepte in de knoop", "Depth in the node at time 0"),
    _q("node_inflow", "m3 s-1", "Débit de temps sec", "Droogweerafvoer", "Dry-weather inflow of the node"),
    _q("node_level", "m", "Niveau imposé à l'exutoire", "Opgelegd peil aan de uitlaat", "Water level at the outfall"),
    _q("node_gate", "1", "Clapet de l'exutoire", "Terugslagklep van de uitlaat", "Flap gate of the outfall"),
    _q("node_head", "m", "Charge au nœud", "Stijghoogte in de knoop", "Head in the node", step=0.001),
    _q(
        "node_depth", "m", "Hauteur d'eau au nœud", "Waterdiepte in de knoop",
        "Water depth in the node", palette="water", range=(0.0, 4.0), step=0.001,
    ),
    _q("node_volume", "m3", "Volume au nœud", "Volume in de knoop", "Volume in the node"),
    _q(
        "node_spilled", "m3", "Volume débordé au nœud", "Overgelopen volume van de knoop",
        "Volume spilled from the node", palette="water", range=(0.0, 500.0),
    ),
    _q(
        "max_node_head", "m", "Charge maximale au nœud", "Hoogste stijghoogte in de knoop",
        "Maximum head in the node", step=0.001,
    ),
    _q(
        "max_node_depth", "m", "Hauteur maximale au nœud", "Grootste waterdiepte in de knoop",
        "Maximum depth in the node", palette="water", range=(0.0, 4.0), step=0.001,
    ),
    _q("storage_node", "1", "Bassin du point de courbe", "Bekken van het krommepunt", "Basin of the curve point"),
    _q("storage_depth", "m", "Profondeur du point de courbe", "Diepte van het krommepunt", "Depth of the curve point"),
    _q(
        "storage_area", "m2", "Surface du bassin à cette profondeur", "Oppervlakte van het bekken op die diepte",
        "Area of the basin at that depth",
    ),
    _q("series_node", "1", "Nœud de la série d'apport", "Knoop van de instroomreeks", "Node of the inflow series"),
    _q("series_time", "s", "Temps de la série d'apport", "Tijd van de instroomreeks", "Time of the inflow series"),
    _q("series_inflow", "m3 s-1", "Apport de la série", "Instroom van de reeks", "Inflow of the series"),
    _q("level_node", "1", "Exutoire de la série de niveaux", "Uitlaat van de peilreeks", "Outfall of the level series"),
    _q("level_time", "s", "Temps de la série de niveaux", "Tijd van de peilreeks", "Time of the level series"),
    _q("level_elevation", "m", "Niveau de la série", "Peil van de reeks", "Water level of the series"),
    _q(
        "conduit_start", "1", "Nœud amont de la conduite", "Beginknoop van de leiding",
        "Node at the start of the conduit",
    ),
    _q("conduit_end", "1", "Nœud aval de la conduite", "Eindknoop van de leiding", "Node at the end of the conduit"),
    _q("conduit_length", "m", "Longueur de la conduite", "Lengte van de leiding", "Length of the conduit"),
    _q("conduit_shape", "1", "Forme de la conduite", "Vorm van de leiding", "Shape of the conduit"),
    _q(
        "conduit_height", "m", "Hauteur intérieure de la conduite", "Binnenhoogte van de leiding",
        "Inner height of the conduit",
    ),
    _q(
        "conduit_width", "m", "Largeur intérieure de la conduite", "Binnenbreedte van de leiding",
        "Inner width of the conduit",
    ),
    _q("conduit_side_slope", "1", "Fruit des berges", "Taludhelling", "Side slope, horizontal per vertical"),
    _q(
        "conduit_roughness", "s m-1/3", "Rugosité de la conduite", "Ruwheid van de leiding",
        "Manning roughness of the conduit",
    ),
    _q(
        "conduit_start_invert", "m", "Radier amont de la conduite", "Bodempeil aan het begin",
        "Invert at the start of the conduit",
    ),
    _q(
        "conduit_end_invert", "m", "Radier aval de la conduite", "Bodempeil aan het einde",
        "Invert at the end of the conduit",
    ),
    _q("conduit_barrels", "1", "Nombre de tuyaux parallèles", "Aantal buizen naast elkaar", "Barrels side by side"),
    _q("conduit_loss", "1", "Pertes singulières", "Plaatselijke verliezen", "Sum of the local loss coefficients"),
    _q("conduit_gate", "1", "Clapet de la conduite", "Terugslagklep van de leiding", "Flap gate of the conduit"),
    _q(
        "conduit_initial_flow", "m3 s-1", "Débit initial de la conduite", "Begindebiet van de leiding",
        "Discharge in the conduit at time 0",
    ),
    _q(
        "conduit_flow", "m3 s-1", "Débit dans la conduite", "Debiet in de leiding",
        "Discharge in the conduit", palette="viridis", range=(0.0, 5.0),
    ),
    _q(
        "conduit_velocity", "m s-1", "Vitesse dans la conduite", "Snelheid in de leiding",
        "Velocity in the conduit", palette="viridis", range=(0.0, 3.0),
    ),
    _q(
        "conduit_filling", "1", "Remplissage de la conduite", "Vulling van de leiding",
        "Filling of the conduit", palette="water", range=(0.0, 1.0), step=0.001,
    ),
    _q(
        "max_conduit_flow", "m3 s-1", "Débit maximal dans la conduite", "Grootste debiet in de leiding",
        "Maximum discharge in the conduit", palette="viridis", range=(0.0, 5.0),
    ),
    _q(
        "max_conduit_filling", "1", "Remplissage maximal de la conduite", "Grootste vulling van de leiding",
        "Maximum filling of the conduit", palette="water", range=(0.0, 1.0), step=0.001,
    ),
    _q("weir_start", "1", "Nœud amont du déversoir", "Beginknoop van de overlaat", "Node before the weir"),
    _q("weir_end", "1", "Nœud aval du déversoir", "Eindknoop van de overlaat", "Node behind the weir"),
    _q("weir_crest", "m", "Crête du déversoir", "Kruin van de overlaat", "Crest of the weir"),
    _q("weir_length", "m", "Longueur du déversoir", "Lengte van de overlaat", "Length of the weir"),
    _q(
        "weir_height", "m", "Hauteur d'ouverture du déversoir", "Hoogte van de overlaatopening",
        "Height of the weir's opening",
    ),
    _q(
        "weir_coefficient", "m0.5 s-1", "Coefficient du déversoir", "Coëfficiënt van de overlaat",
        "Weir coefficient C in C L h^1.5",
    ),
    _q(
        "weir_side_slope", "1", "Fruit des côtés du déversoir", "Zijhelling van de overlaat",
        "Side slope of the weir, horizontal per vertical",
    ),
    _q(
        "weir_side_coefficient", "m0.5 s-1", "Coefficient des côtés du déversoir",
        "Coëfficiënt van de zijden van de overlaat",
        "Coefficient C in C S h^2.5 of the weir's sides",
    ),
    _q("weir_gate", "1", "Clapet du déversoir", "Terugslagklep van de overlaat", "Flap gate of the weir"),
    _q("weir_flow", "m3 s-1", "Débit du déversoir", "Debiet van de overlaat", "Discharge over the weir"),
    _q("orifice_start", "1", "Nœud amont de l'orifice", "Beginknoop van de doorlaat", "Node before the orifice"),
    _q("orifice_end", "1", "Nœud aval de l'orifice", "Eindknoop van de doorlaat", "Node behind the orifice"),
    _q("orifice_invert", "m", "Seuil de l'orifice", "Onderkant van de doorlaat", "Lowest edge of the orifice"),
    _q("orifice_height", "m", "Hauteur de l'orifice", "Hoogte van de doorlaat", "Height of the orifice, 0 in a floor"),
    _q("orifice_area", "m2", "Section de l'orifice", "Doorsnede van de doorlaat", "Open area of the orifice"),
    _q(
        "orifice_coefficient", "1", "Coefficient de l'orifice", "Coëfficiënt van de doorlaat",
        "Discharge coefficient of the orifice",
    ),
    _q("orifice_gate", "1", "Clapet de l'orifice", "Terugslagklep van de doorlaat", "Flap gate of the orifice"),
    _q("orifice_flow", "m3 s-1", "Débit de l'orifice", "Debiet van de doorlaat", "Discharge through the orifice"),
    _q("pump_start", "1", "Nœud aspiré par la pompe", "Knoop waaruit de pomp zuigt", "Node the pump draws from"),
    _q("pump_end", "1", "Nœud où refoule la pompe", "Knoop waarin de pomp perst", "Node the pump delivers to"),
    _q("pump_law", "1", "Loi de la pompe", "Wet van de pomp", "Law of the pump"),
    _q(
        "pump_on", "m", "Hauteur d'enclenchement de la pompe", "Inschakeldiepte van de pomp",
        "Depth that starts the pump",
    ),
    _q("pump_off", "m", "Hauteur d'arrêt de la pompe", "Uitschakeldiepte van de pomp", "Depth that stops the pump"),
    _q("pump_capacity", "m3 s-1", "Capacité de la pompe", "Vermogen van de pomp", "Capacity of the pump"),
    _q("pump_running", "1", "Pompe en marche au début", "Pomp in bedrijf bij aanvang", "Pump runs at time 0"),
    _q("pump_flow", "m3 s-1", "Débit de la pompe", "Debiet van de pomp", "Discharge of the pump"),
    _q("curve_pump", "1", "Pompe du point de courbe", "Pomp van het krommepunt", "Pump of the curve point"),
    _q(
        "curve_head", "m", "Hauteur du point de courbe", "Hoogte van het krommepunt",
        "Depth or lift of the curve point",
    ),
    _q("curve_flow", "m3 s-1", "Débit du point de courbe", "Debiet van het krommepunt", "Discharge of the curve point"),
    _q("inlet_node", "1", "Nœud de l'avaloir", "Knoop van de straatkolk", "Node of the inlet"),
    _q("inlet_x", "m", "Abscisse de l'avaloir", "Oostelijke ligging van de straatkolk", "Easting of the inlet"),
    _q("inlet_y", "m", "Ordonnée de l'avaloir", "Noordelijke ligging van de straatkolk", "Northing of the inlet"),
    _q(
        "inlet_length", "m", "Longueur déversante de l'avaloir", "Overstortlengte van de straatkolk",
        "Length of the inlet's edge",
    ),
    _q(
        "inlet_area", "m2", "Section ouverte de l'avaloir", "Open doorsnede van de straatkolk",
        "Open area of the inlet",
    ),
    _q(
        "inlet_blockage", "1", "Obstruction de l'avaloir", "Verstopping van de straatkolk",
        "Blocked part of the inlet", palette="viridis", range=(0.0, 1.0),
    ),
    _q(
        "sink_capacity", "m s-1", "Capacité supposée de l'égout", "Veronderstelde capaciteit van de riool",
        "Assumed capacity of the sewer under the cell", palette="viridis", range=(0.0, 2e-5),
    ),
    _q(
        "volume_sink", "m3", "Volume pris par l'égout supposé", "Volume naar de veronderstelde riool",
        "Volume taken by the assumed sewer",
    ),
    _q(
        "volume_inlets", "m3", "Volume entré par les avaloirs", "Volume via de straatkolken",
        "Volume from the ground into the sewer",
    ),
    _q(
        "volume_surcharge", "m3", "Volume débordé de l'égout", "Volume uit de riool op straat",
        "Volume from the sewer onto the ground",
    ),
    _q("volume_drains_held", "m3", "Volume dans l'égout", "Volume in de riool", "Volume in the sewer"),
    _q(
        "volume_drains_inflow", "m3", "Volume de temps sec et d'apports", "Volume droogweerafvoer en instroom",
        "Volume of sewage and inflows",
    ),
    _q(
        "volume_drains_initial", "m3", "Volume initial dans l'égout", "Beginvolume in de riool",
        "Volume in the sewer at time 0",
    ),
    _q(
        "volume_outfall", "m3", "Volume sorti par les exutoires", "Volume uit de uitlaten",
        "Volume out of the outfalls",
    ),
    _q(
        "volume_outfall_back", "m3", "Volume rentré par les exutoires", "Volume terug door de uitlaten",
        "Volume back in at the outfalls",
    ),
    _q("volume_pumped", "m3", "Volume pompé", "Verpompt volume", "Volume pumped"),
)
