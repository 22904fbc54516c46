"""What edits do to a hot day on the demo district: the signs and sizes that the specification of heat asks for."""

import numpy as np
import pytest

from scenarios.engine import simulate
from scenarios.scenario import Scenario
from twin.demo import demo_city
from twin.store import Store

# a cobbled square without a tree, and the houses around it
WINDOW = [149_060, 171_840, 149_240, 171_980]
SQUARE = [[149_122, 171_890], [149_182, 171_890], [149_182, 171_922], [149_122, 171_922]]
TREE = {"edit": "tree", "id": "lime", "point": [149_151, 171_906], "species": "Tilia cordata", "height_m": 12,
        "crown_diameter_m": 10}  # fmt: skip
EDITS = {
    "as it is": [],
    "tree": [TREE],
    "sail": [{"edit": "shade_sail", "id": "s", "polygon": SQUARE}],
    "light": [{"edit": "albedo", "id": "a", "polygon": SQUARE, "albedo": 0.6}],
    "dry": [{"edit": "depave", "id": "d", "polygon": SQUARE, "cover": "bare_soil"}],
    "wet": [{"edit": "depave", "id": "d", "polygon": SQUARE, "irrigated": True}],
    "white": [{"edit": "cool_roof", "id": "c", "where": {"smallest_roof_m2": 60, "flat_only": False}}],
}
NOON, NIGHT = 12, 23
"""Frames at 12:00 and 23:00 UTC."""
SPEC = "specification of the heat kernel, property 14"


@pytest.fixture(scope="module")
def fields(tmp_path_factory):
    """Radiant and surface temperature at noon and at night under each edit, on cells of 2 m. [K]"""
    district, store = demo_city(), Store(tmp_path_factory.mktemp("signs"))
    found = {}
    for key, edits in EDITS.items():
        one = Scenario.read({
            "scenario": 1, "name": {"en": key}, "cell_size_m": 2.0, "window": WINDOW, "kernels": ["heat"],
            "period": {"start": "2019-07-24T23:00:00Z", "duration_s": 86400, "output_every_s": 3600},
            "forcing": {"weather": {"kind": "heat_day"}}, "edits": edits,
        })  # fmt: skip
        result = simulate(district, one, store=store)
        for name in ("mean_radiant_temperature", "surface_temperature"):
            for moment in (NOON, NIGHT):
                found[key, name, moment] = result.frame(name, moment)
    return found


def change(fields, key: str, name: str, moment: int, where) -> np.ndarray:
    x = WINDOW[0] + 2 * np.arange(90) + 1
    y = WINDOW[1] + 2 * np.arange(70) + 1
    inside = where(x[None, :], y[:, None])
    difference = fields[key, name, moment] - fields["as it is", name, moment]
    assert difference.shape == (70, 90)
    return difference[inside & np.isfinite(difference)]


def in_square(x, y, rim: float = 4.0):
    (west, south), (east, north) = SQUARE[0], SQUARE[2]
    return (x > west + rim) & (x < east - rim) & (y > south + rim) & (y < north - rim)


def under_crown(x, y):
    return np.hypot(x - TREE["point"][0], y - TREE["point"][1]) < 3


def anywhere(x, y):
    return (x > 0) & (y > 0)


def test_a_tree_cools_by_day_under_its_crown_and_holds_warmth_by_night(fields, measured):
    # the sun at noon stands 59 degrees high: of a 12 m tree the shade begins under its own crown
    noon = change(fields, "tree", "mean_radiant_temperature", NOON, under_crown)
    night = change(fields, "tree", "mean_radiant_temperature", NIGHT, under_crown)
    at_least = {"unit": "K", "source": SPEC, "at_least": True}
    measured(
        case="A tree at noon: radiant temperature under its crown falls by", ours=-noon.mean(), bar=15.0, **at_least
    )
    measured(case="The same, at most", source=SPEC, ours=-noon.mean(), bar=30.0, unit="K")
    measured(
        case="A tree at 23:00: radiant temperature under its crown rises by", ours=night.mean(), bar=0.0, **at_least
    )
    assert night.max() < 5


def test_a_sail_cools_like_a_tree(fields):
    noon = change(fields, "sail", "mean_radiant_temperature", NOON, in_square)
    assert -35 < noon.mean() < -10


def test_light_ground_is_cooler_and_whoever_stands_on_it_in_the_sun_is_hotter(fields):
    ground = change(fields, "light", "surface_temperature", NOON, in_square)
    person = change(fields, "light", "mean_radiant_temperature", NOON, in_square)
    assert ground.mean() < -5
    assert person.mean() > 0


def test_wet_freed_soil_is_cooler_and_dry_soil_is_about_as_hot_as_the_stones(fields, measured):
    wet, dry = (change(fields, key, "surface_temperature", NOON, in_square).mean() for key in ("wet", "dry"))
    source = SPEC
    measured(case="Watered lawn for cobbles at noon: surface falls by", source=source, ours=-wet, bar=10, unit="K",
             at_least=True)  # fmt: skip
    measured(
        case="Dry bare soil for cobbles at noon: surface changes by", source=source, ours=abs(dry), bar=3, unit="K"
    )


def test_white_roofs_are_cooler_and_the_street_does_not_feel_them(fields, measured):
    roofs = change(fields, "white", "surface_temperature", NOON, anywhere)
    street = change(fields, "white", "mean_radiant_temperature", NOON, anywhere)
    assert roofs.min() < -8
    measured(case="White roofs at noon: radiant temperature of the street, mean change", source=SPEC,
             ours=abs(street.mean()), bar=0.5, unit="K")  # fmt: skip
