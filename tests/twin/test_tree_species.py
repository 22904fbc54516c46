"""The species table: every name leads to one row, and the sun that passes a crown follows the months."""

import json
from pathlib import Path

import numpy as np
import pytest

from kernels.quantities import LANGUAGES
from twin.city import CityError
from twin.demo.plan import ASSETS
from twin.formats.packed import read_json
from twin.tree_species import BROADLEAF, CONIFER, SOURCES, find_species, plain, species_of, transmissivity, tree_species


def _name(text: str) -> str:
    found = find_species(text)
    assert found is not None, text
    return found.name


def test_the_table_holds_the_trees_of_brussels_with_words_in_three_languages():
    table = tree_species()
    assert len(table) >= 40
    genera = {name.split()[0] for name in table}
    asked = "Tilia Platanus Acer Aesculus Robinia Quercus Fraxinus Carpinus Prunus Sorbus Ginkgo Fagus Betula Populus"
    assert genera >= {*asked.split(), "Salix", "Pinus", "Taxus"}
    for one in table.values():
        assert set(one.label) == set(LANGUAGES)
        assert all(one.label.values()), one.name


def test_every_figure_of_the_table_is_possible_and_names_its_source():
    for one in tree_species().values():
        assert 0 < one.transmissivity_leaf <= one.transmissivity_bare < 1, one.name
        assert 250 < one.wood_density < 900, one.name
        assert 2 < one.crown_diameter <= 20, one.name
        assert 3 < one.height < 35, one.name
        assert 0.1 < one.trunk_diameter < 1.6, one.name
        assert one.evergreen == (one.transmissivity_leaf == one.transmissivity_bare), one.name
        for what, words in one.sources.items():
            assert "assumed" in words or any(words.startswith(work) for work in SOURCES) or "between" in words, what


def test_transmissivities_stay_within_what_konarska_measured_but_for_the_open_crowns():
    open_crowns = {"Gleditsia triacanthos", "Gymnocladus dioicus"}
    for one in tree_species().values():
        if one.name not in open_crowns:  # Konarska et al. 2014: 1.3 to 5.3 % in leaf, 40.2 to 51.9 % leafless
            assert 0.013 <= one.transmissivity_leaf <= 0.053
            assert one.evergreen or 0.402 <= one.transmissivity_bare <= 0.519


def test_the_order_that_was_measured_in_szeged_is_kept():
    # Takács et al. 2016: shading capacity falls from T. cordata over A. hippocastanum to S. japonica
    leaf = transmissivity(["Tilia cordata", "Aesculus hippocastanum", "Sophora japonica"], 7)
    assert leaf[0] <= leaf[1] < leaf[2]


def test_an_unknown_tree_passes_3_percent_in_leaf_and_half_when_bare():
    # the defaults of the heat specification
    assert transmissivity(["", "what is this"], 7).tolist() == [0.03, 0.03]
    assert transmissivity(["", "what is this"], 1).tolist() == [0.5, 0.5]


def test_a_yew_shades_as_much_in_january_as_in_july():
    assert transmissivity(["Taxus baccata"], 1) == transmissivity(["Taxus baccata"], 7)


def test_a_chestnut_is_in_leaf_before_a_catalpa():
    april = transmissivity(["Aesculus hippocastanum", "Catalpa bignonioides"], 4)
    assert april[0] < 0.1 < april[1]


def test_months_are_one_to_twelve():
    with pytest.raises(CityError, match="month 13"):
        transmissivity(["Tilia"], 13)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tilia × europaea", "Tilia x europaea"),
        ("Tilia x vulgaris", "Tilia x europaea"),
        ("tilia", "Tilia"),
        ("Acer rubrum 'Red Sunset'", "Acer rubrum"),
        ("Acer griseum", "Acer"),
        ("Fagus sylvatica f. purpurea", "Fagus sylvatica"),
        ("Quercus robur 'Fastigiata Koster'", "Quercus robur 'Fastigiata'"),
        ("Platanus x acerifolia", "Platanus x hispanica"),
        ("Hêtre pourpre", "Fagus sylvatica"),
        ("ZOMEREIK", "Quercus robur"),
        ("London plane", "Platanus x hispanica"),
        ("Érable sycomore", "Acer pseudoplatanus"),
        ("young silver birch", "Betula pendula"),
        ("needleleaved", CONIFER),
        ("broadleaved", BROADLEAF),
    ],
)
def test_a_name_finds_its_row(text, expected):
    assert _name(text) == expected


def test_a_name_without_meaning_finds_nothing():
    assert find_species("") is None
    assert find_species("x 12 'f.'") is None
    assert find_species("lamp post") is None
    assert [one.name for one in species_of(["lamp post"])] == [BROADLEAF]


def test_a_plain_name_has_no_accents_ranks_or_cultivar_marks():
    assert plain("Populus × canadensis 'Marilandica' L.") == "populus canadensis marilandica l"


def test_the_demo_plants_species_of_the_table():
    kinds = json.loads((ASSETS / "species.json").read_text(encoding="utf-8"))
    for one in (kind for group in kinds.values() for kind in group):
        assert find_species(one["species"]) is not None, one


@pytest.mark.data
def test_the_registers_of_brussels_are_known_by_name(reference_data: Path, measured):
    register = read_json(reference_data / "city" / "remarkable_trees_heritage_2026.json.gz")
    map_ = read_json(reference_data / "city" / "osm_trees_centre.geojson.gz")
    species = [one["species"] for one in register["entries"]]
    named = [one["properties"]["species"] for one in map_["features"] if one["properties"].get("species")]
    known = np.array([find_species(name) is not None for name in species])
    measured(case="remarkable trees whose species the table knows", source="heritage.brussels 2026, 582 trees",
             ours=100 * known.mean(), bar=99.0, unit="%", at_least=True)  # fmt: skip
    measured(case="OSM trees with a species the table knows", source="OpenStreetMap 2026, centre",
             ours=100 * np.mean([find_species(name) is not None for name in named]), bar=99.0, unit="%",
             at_least=True)  # fmt: skip
    # the French and Dutch names of the register must lead to the genus of its scientific name
    same = [
        (found := find_species(one[language])) is not None and found.name.split()[0] == _genus(one["species"])
        for one, is_known in zip(register["entries"], known, strict=True)
        if is_known
        for language in ("name", "name_nl")
    ]
    measured(case="French and Dutch names of remarkable trees that lead to their genus",
             source="heritage.brussels 2026, 582 trees", ours=100 * np.mean(same), bar=97.0, unit="%",
             at_least=True)  # fmt: skip


def _genus(species: str) -> str:
    found = find_species(species)
    return found.name.split()[0] if found else ""
