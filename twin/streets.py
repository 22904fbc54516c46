"""Kinds of streets: what each is taken for where a map does not say more, and which lie below the ground."""

import re

# kind: lanes of both directions together, width of one lane [m], speed [km/h]
# Speeds: 30 km/h is the Region's default since 1 January 2021 (Ville 30), 50 on the main axes, 20 in residential zones
# (Code de la route art. 22bis); lane widths are usual city values.
DEFAULTS: dict[str, tuple[int, float, float]] = {
    "motorway": (4, 3.5, 120.0),
    "motorway_link": (1, 4.0, 70.0),
    "trunk": (4, 3.25, 50.0),
    "trunk_link": (1, 4.0, 50.0),
    "primary": (4, 3.25, 50.0),
    "primary_link": (1, 4.0, 50.0),
    "secondary": (2, 3.5, 50.0),
    "secondary_link": (1, 4.0, 50.0),
    "tertiary": (2, 3.5, 30.0),
    "tertiary_link": (1, 4.0, 30.0),
    "unclassified": (2, 3.0, 30.0),
    "residential": (2, 3.0, 30.0),
    "living_street": (1, 5.0, 20.0),
    "busway": (2, 3.25, 50.0),
    "service": (1, 3.5, 20.0),
    "pedestrian": (1, 6.0, 5.0),
    "track": (1, 3.0, 20.0),
    "cycleway": (1, 2.0, 20.0),
    "bridleway": (1, 2.0, 10.0),
    "path": (1, 2.0, 5.0),
    "footway": (1, 2.0, 5.0),
    "steps": (1, 2.0, 5.0),
}
"""Kinds of street that make links, with what is assumed where a way does not say."""

FOOT = frozenset({"pedestrian", "footway", "path", "steps", "cycleway", "bridleway"})
"""Kinds closed to cars."""

BELOW = "_tunnel"
"""Ending of the kind of a link that runs below the ground: traffic uses it, the ground does not show it."""


def is_below(tags: dict[str, str]) -> bool:
    """Whether a thing of the map lies under the ground and is not seen from above."""
    layer = re.match(r"-?\d+", tags.get("layer", ""))
    buried = layer is not None and int(layer[0]) < 0
    return tags.get("tunnel", "no") not in ("no", "building_passage") or tags.get("location") == "underground" or buried
