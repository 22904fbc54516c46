"""Key figures: the table, values as files, and trends against closed forms."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from kernels.quantities import LANGUAGES, QUANTITIES
from twin.city import CityError
from twin.demo.figures import YEARS, demo_values
from twin.key_figures import (
    DOMAINS,
    STATES,
    FigureValue,
    KeyFigure,
    key_figures,
    read_values,
    trend,
    write_values,
)

SHARE = KeyFigure("share", "climate", dict.fromkeys(LANGUAGES, "x"), "1", "higher", 0.5, 2030, "by hand")
HEAD = "key,domain,fr,nl,en,units,better,target,target_year,source\n"
ROW = "a,climate,x,x,x,1,higher,0.5,2030,law"


def values(*pairs, key="share"):
    return [FigureValue(key, year + 0.5, value) for year, value in pairs]


def test_every_domain_has_figures_and_its_words():
    assert len(DOMAINS) == 7
    assert {one.domain for one in key_figures().values()} == set(DOMAINS)
    for words in (*DOMAINS.values(), *STATES.values()):
        assert set(words) == set(LANGUAGES)


def test_figures_that_are_quantities_have_their_unit():
    for key in set(key_figures()) & set(QUANTITIES):
        assert key_figures()[key].units == QUANTITIES[key].units


def test_published_targets():
    # 20 and 10 µg/m³: Directive (EU) 2024/2881, annex I
    assert key_figures()["nitrogen_dioxide"].target == pytest.approx(20e-9)
    assert key_figures()["particles_2_5"].target == pytest.approx(10e-9)


def test_a_straight_line_goes_on():
    told = trend(SHARE, values((2020, 0.20), (2021, 0.22), (2022, 0.24), (2024, 0.28)))
    assert told.slope == pytest.approx(0.02)
    assert told.expected == pytest.approx(0.40)
    assert told.needed == pytest.approx((0.5 - 0.28) / 6)
    assert told.change == pytest.approx(0.04)
    assert (told.last, told.year, told.state) == (0.28, 2024.5, "behind")


def test_one_odd_year_does_not_turn_the_trend():
    straight = [(2015 + i, 0.1 + 0.03 * i) for i in range(9)]
    odd = [(year, value - 0.5 if year == 2019 else value) for year, value in straight]
    assert trend(SHARE, values(*odd)).slope == pytest.approx(0.03, abs=0.002)
    # a line of least squares would be turned: by hand with numpy
    assert trend(SHARE, values(*straight)).slope == pytest.approx(np.polyfit(*zip(*straight, strict=True), 1)[0])


@pytest.mark.parametrize(
    ("figure", "pairs", "state"),
    [
        ({}, [(2020, 0.2), (2022, 0.3), (2024, 0.4)], "on_track"),
        ({}, [(2020, 0.2), (2022, 0.6)], "reached"),
        ({}, [(2020, 0.4), (2022, 0.3), (2024, 0.2)], "away"),
        ({"better": "lower", "target": 0.1}, [(2020, 0.4), (2022, 0.3), (2024, 0.2)], "on_track"),
        ({"better": "lower", "target": 0.1}, [(2020, 0.2), (2022, 0.3), (2024, 0.4)], "away"),
        ({}, [(2020, 0.2), (2022, 0.3)], "open"),
        ({}, [(2029, 0.2), (2030, 0.3)], "missed"),
        ({"target_year": None}, [(2020, 0.2), (2022, 0.3), (2024, 0.4)], "open"),
        ({"target": None, "target_year": None}, [(2020, 0.2)], "none"),
        ({}, [], "unknown"),
    ],
)
def test_what_is_said_of_a_figure(figure, pairs, state):
    assert trend(replace(SHARE, **figure), values(*pairs)).state == state


def test_no_value_is_no_zero():
    told = trend(SHARE, values((2024, 0.2), key="other"))
    assert np.isnan(told.last)


def test_values_are_read_as_written(tmp_path):
    told = (
        FigureValue("car_share", 2024.5, 0.3, "survey"),
        FigureValue("car_share", 2025 + 31 / 365, 0.25, "a, \"quoted\" source", demo=True),
    )  # fmt: skip
    write_values(tmp_path / "values.csv", told)
    assert read_values(tmp_path / "values.csv") == told
    assert "2025-02-01" in (tmp_path / "values.csv").read_text()


def test_the_demo_tells_every_figure_and_says_that_it_is_one(tmp_path):
    told = demo_values(date(2026, 11, 27))
    assert {one.key for one in told} == set(key_figures())
    assert len(told) == YEARS * len(key_figures())
    assert all(one.demo and "demo" in one.source for one in told)
    assert {one.year for one in told} == {2018.5 + number for number in range(8)}
    write_values(tmp_path / "values.csv", told)
    assert read_values(tmp_path / "values.csv") == told
    # a page of them shows more than one state
    assert len({trend(one, told).state for one in key_figures().values()}) >= 3


def test_an_empty_value_is_left_out(tmp_path):
    (tmp_path / "v.csv").write_text("key,date,value,source\ncar_share,2024,,x\ncar_share,2025,0.2,x\n")
    assert [one.year for one in read_values(tmp_path / "v.csv")] == [2025.5]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("cars,2024,0.2,x", "line 2, key: 'cars'"),
        ("car_share,24,0.2,x", "line 2, date: '24'"),
        ('car_share,2024,"0,2",x', "line 2, value: '0,2'"),
        ("car_share,2024,0.2,x\ncar_share,2024,0.3,x", "line 3, date"),
    ],
)
def test_a_value_that_cannot_be_is_told_by_line_and_field(tmp_path, row, words):
    (tmp_path / "v.csv").write_text(f"key,date,value,source\n{row}\n")
    with pytest.raises(CityError, match=words):
        read_values(tmp_path / "v.csv")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (ROW.replace("climate", "weather"), "line 2, domain"),
        (ROW.replace("higher", "more"), "line 2, better"),
        (ROW.replace("0.5", "half"), "line 2, target: 'half'"),
        (ROW.replace("0.5", ""), "line 2, target_year"),
        (ROW.replace("law", ""), "line 2, source"),
        (f"{ROW}\n{ROW}", "line 3, key"),
    ],
)
def test_a_figure_that_cannot_be_is_told_by_line_and_field(tmp_path, row, words):
    (tmp_path / "f.csv").write_text(f"{HEAD}{row}\n")
    with pytest.raises(CityError, match=words):
        key_figures(tmp_path / "f.csv")
