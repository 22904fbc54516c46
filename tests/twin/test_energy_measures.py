"""Costs of measures: a table of the city's own is held to the columns of ours."""

import pytest

from twin.city import CityError
from twin.energy_measures import TABLE, measures


def test_a_table_of_costs_of_a_city_is_held_to_its_columns(tmp_path):
    text = TABLE.read_text(encoding="utf-8")
    own = tmp_path / "own.csv"
    own.write_text(text.replace("roof,m2,180", "roof,m2,150"), encoding="utf-8")
    assert measures(own)["roof"].cost == 150
    wrongs = {
        "zero or more": text.replace("m2,180", "m2,-1"),
        "numbers": text.replace("m2,180", "m2,many"),
        "has no": "\n".join(text.splitlines()[:3]) + "\n",
    }
    for number, (words, wrong) in enumerate(wrongs.items()):
        broken = tmp_path / f"broken{number}.csv"
        broken.write_text(wrong, encoding="utf-8")
        with pytest.raises(CityError, match=words):
            measures(broken)
