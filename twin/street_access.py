"""Who may use a street: permissions of each mode by kind of street, tags of OSM and barriers."""

from collections.abc import Mapping

MODES = ("walk", "bike", "car", "van", "truck", "bus")
"""Modes of travel; the place of each is its bit in a permission."""

BIT = {mode: 1 << place for place, mode in enumerate(MODES)}
WALK, BIKE, CAR, VAN, TRUCK, BUS = (BIT[mode] for mode in MODES)
MOTOR = CAR | VAN | TRUCK | BUS
ALL = WALK | BIKE | MOTOR

_MAIN = frozenset({"motorway", "motorway_link", "trunk", "trunk_link"})
_LARGE = _MAIN | {"primary", "primary_link", "secondary", "secondary_link"}

# Belgian law: motorways are barred to all but motors (art. 21), footpaths are for pedestrians, a pedestrian street lets
# cyclists in only where a sign says so (art. 22sexies), a bus lane of its own is for buses. A path is taken as open to
# both. Where a cycle track has no pavement beside it, pedestrians may use it.
_BY_KIND = {
    "motorway": MOTOR,
    "motorway_link": MOTOR,
    "trunk": MOTOR,
    "trunk_link": MOTOR,
    "busway": BUS,
    "pedestrian": WALK,
    "footway": WALK,
    "steps": WALK,
    "path": WALK | BIKE,
    "bridleway": WALK,
    "cycleway": WALK | BIKE,
    "track": ALL & ~BUS,
}

_TAGS = (
    ("access", ALL),
    ("foot", WALK),
    ("vehicle", ALL & ~WALK),
    ("bicycle", BIKE),
    ("motor_vehicle", MOTOR),
    ("motorcar", CAR),
    ("goods", VAN),
    ("hgv", TRUCK),
    ("psv", BUS),
    ("bus", BUS),
)
"""From the widest to the narrowest: what is said of fewer counts more."""

_NO = frozenset({"no", "private", "use_sidepath", "dismount", "military", "forestry", "agricultural"})
_YES = frozenset({"yes", "designated", "permissive", "official", "destination", "delivery", "customers", "permit",
                  "residents", "public", "discouraged", "unknown"})  # fmt: skip
_TRUE = frozenset({"yes", "true", "1"})

_BARRIERS = {
    "bollard": MOTOR,
    "block": MOTOR,
    "cycle_barrier": MOTOR,
    "chain": MOTOR,
    "jersey_barrier": MOTOR,
    "planter": MOTOR,
    "kissing_gate": MOTOR | BIKE,
    "turnstile": MOTOR | BIKE,
    "stile": MOTOR | BIKE,
    "bus_trap": CAR | VAN,
    "sump_buster": CAR | VAN,
}
"""Modes that a barrier stops where its tags do not say; gates, lift gates and all others stop nobody unless tagged."""


def by_kind(kind: str, *, below: bool = False) -> int:
    """Modes a kind of street lets in where nothing more is known; nobody walks or rides through a tunnel of main roads.

    Parameters
    ----------
    kind : str
        OSM highway value.
    below : bool
        In a tunnel.
    """
    allowed = _BY_KIND.get(kind, ALL)
    return allowed & MOTOR if below and kind in _LARGE else allowed


def permissions(tags: Mapping[str, str], *, below: bool = False) -> tuple[int, int, bool]:
    """Modes that a way lets in along its line and against it, and whether its kind alone said so.

    Parameters
    ----------
    tags : mapping
        Of OSM, with ``highway``.
    below : bool
        In a tunnel.

    Returns
    -------
    forward, backward : int
        Sums of `BIT`. Pedestrians go both ways in a one-way street.
    assumed : bool
        No tag of access spoke.
    """
    kind = tags["highway"]
    allowed = by_kind(kind, below=below)
    if below and tags.get("sidewalk", "no") not in ("no", "none"):
        allowed |= WALK & _BY_KIND.get(kind, ALL)
    allowed, said = _narrowed(allowed, tags)
    forward = backward = allowed
    oneway = tags.get("oneway", "")
    if oneway == "-1":
        forward &= WALK
    elif oneway in _TRUE or (oneway == "" and (kind == "motorway" or tags.get("junction") == "roundabout")):
        backward &= WALK
    if forward != backward:
        contra = BIKE * _against(tags, "bicycle", "cycleway") | BUS * _against(tags, "bus", "busway")
        forward, backward = forward | allowed & contra, backward | allowed & contra
    return forward, backward, not said


def _against(tags: Mapping[str, str], mode: str, lane: str) -> bool:
    said = tags.get(f"oneway:{mode}", tags.get("oneway:psv", "") if mode == "bus" else "")
    return said == "no" or any(
        text.startswith("opposite") for key, text in tags.items() if key == lane or key.startswith(f"{lane}:")
    )


def barred(tags: Mapping[str, str]) -> int:
    """Modes that a barrier at a node stops, as a sum of `BIT`; 0 where the node has no barrier."""
    barrier = tags.get("barrier", "")
    if not barrier:
        return 0
    return ALL & ~_narrowed(ALL & ~_BARRIERS.get(barrier, 0), tags)[0]


def _narrowed(allowed: int, tags: Mapping[str, str]) -> tuple[int, bool]:
    said = False
    for key, modes in _TAGS:
        value = tags.get(key, "")
        if value in _NO:
            allowed &= ~modes
            said = True
        elif value in _YES:
            # access=yes does not open a footway to lorries
            allowed |= modes if key != "access" else 0
            said = True
    return allowed, said
