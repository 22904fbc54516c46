"""Quantities of access: streets as times on foot or by bicycle, places and homes along them, and who walks there."""

from kernels.quantities.quantity import Quantity
from kernels.quantities.quantity import quantity as _q

# fmt: off
_WORDS = (
    ("green_space", "un espace vert", "groene ruimte", "a green space"),
    ("public_space", "un espace public", "openbare ruimte", "a public space"),
    ("recycling", "une bulle à verre ou un compost", "een glasbol of compost", "a glass bank or compost"),
    ("early_childhood", "un lieu de la petite enfance", "een plek voor jonge kinderen", "a place for small children"),
    ("youth", "un lieu de la jeunesse", "een plek voor de jeugd", "a place for the young"),
    ("elderly", "un lieu pour seniors", "een plek voor senioren", "a place for the elderly"),
    ("culture", "un lieu de culture", "een plek van cultuur", "a place of culture"),
    ("sport", "un lieu de sport", "een plek om te sporten", "a place for sport"),
    ("social", "un service social", "een sociale dienst", "a social service"),
    ("health", "un lieu de santé", "een plek van gezondheidszorg", "a place of health care"),
    ("food_shops", "un commerce alimentaire", "een voedingswinkel", "a food shop"),
    ("other_shops", "un autre commerce", "een andere winkel", "another shop"),
    ("public_transport", "un arrêt de transports publics", "een halte van het openbaar vervoer",
     "a stop of public transport"),
    ("shared_cars", "une voiture partagée", "een deelauto", "a shared car"),
    ("bikes", "un vélo partagé ou un box", "een deelfiets of een box", "a shared bicycle or a box"),
)
CATEGORIES: tuple[str, ...] = tuple(key for key, *_ in _WORDS)
"""The fifteen categories of the ten-minute city, in the order of ``assets/amenity_categories.csv``; the place of each
is its code."""


def access_time(category: str) -> str:
    """Name of the quantity that holds the time to the nearest place of a category."""
    return f"access_time_{category}"


ACCESS: tuple[Quantity, ...] = (
    # streets as arcs, along (foot_link): one way each
    _q("access_start_node", "1", "Arc : nœud de début", "Boog: beginknoop", "Arc: node where it begins"),
    _q("access_end_node", "1", "Arc : nœud de fin", "Boog: eindknoop", "Arc: node where it ends"),
    _q("access_time", "s", "Temps le long de l'arc", "Tijd langs de boog", "Time along the arc"),
    # arcs that nobody may enter for some time, along (shut)
    _q("shut_arc", "1", "Arc fermé", "Gesloten boog", "Shut arc"),
    _q("shut_begin", "s", "Arc fermé : début", "Gesloten boog: begin", "Shut arc: begin"),
    _q("shut_until", "s", "Arc fermé : fin", "Gesloten boog: einde", "Shut arc: end"),
    # entrances of places, along (place), and when some of them are open, along (opening)
    _q("place_node", "1", "Nœud du lieu", "Knoop van de plek", "Node of the place"),
    _q("place_category", "1", "Catégorie du lieu", "Categorie van de plek", "Category of the place"),
    _q("place_delay", "s", "De la rue au lieu", "Van de straat tot de plek", "From the street to the place"),
    _q("opening_place", "1", "Ouverture : lieu", "Opening: plek", "Opening: place"),
    _q("opening_begin", "s", "Ouverture : début", "Opening: begin", "Opening: begin"),
    _q("opening_until", "s", "Ouverture : fin", "Opening: einde", "Opening: end"),
    # where people live, along (home)
    _q("home_node", "1", "Nœud du logement", "Knoop van de woning", "Node of the home"),
    _q("home_delay", "s", "Du logement à la rue", "Van de woning tot de straat", "From the home to the street"),
    _q("home_people", "1", "Habitants du logement", "Bewoners van de woning", "People of the home"),
    # along (category)
    _q("access_time_asked", "s", "Temps demandé", "Gevraagde tijd", "Time asked for"),
    # what a run gives
    *(
        _q(access_time(key), "s", f"Temps jusqu'à {fr}", f"Tijd tot {nl}", f"Time to {en}", palette="viridis",
           range=(0.0, 1800.0))
        for key, fr, nl, en in _WORDS
    ),
    _q(
        "categories_in_reach", "1", "Catégories à portée", "Categorieën binnen bereik", "Categories in reach",
        palette="viridis", range=(0.0, 15.0),
    ),
    _q(
        "fewest_categories_in_reach", "1", "Catégories à portée, au pire moment",
        "Categorieën binnen bereik, op het slechtste moment", "Categories in reach at the worst moment",
        palette="viridis", range=(0.0, 15.0),
    ),
    _q("people_in_reach", "1", "Habitants à portée, au pire moment", "Bewoners binnen bereik, op het slechtste moment",
       "People in reach at the worst moment"),
    # the ledger: each person counts once for every category
    _q("people_counted", "1", "Habitants × catégories", "Bewoners × categorieën", "People × categories"),
    _q("people_reached", "1", "Habitants × catégories à portée", "Bewoners × categorieën binnen bereik",
       "People × categories in reach"),
    _q("people_not_reached", "1", "Habitants × catégories hors de portée", "Bewoners × categorieën buiten bereik",
       "People × categories out of reach"),
    # who walks in a street, along (link)
    _q("footway_width", "m", "Largeur pour piétons", "Breedte voor voetgangers", "Width to walk on"),
    _q("pedestrian_flow", "h-1", "Débit de piétons", "Voetgangersintensiteit", "Flow of pedestrians",
       palette="viridis", range=(0.0, 3000.0)),
    _q("pedestrian_density", "m-2", "Densité de piétons", "Dichtheid van voetgangers", "Density of pedestrians",
       palette="viridis", range=(0.0, 1.0)),
    _q("pedestrian_speed", "m s-1", "Vitesse des piétons", "Snelheid van voetgangers", "Speed of pedestrians",
       palette="viridis", range=(0.0, 1.4)),
)
