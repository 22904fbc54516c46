"""A hot day on the page: started, read in words, asked at a point, planted against, compared, and who suffers."""

import json
import re
from pathlib import Path

import pytest
from planner import Planner, changed

pytestmark = pytest.mark.browser

AFTERNOON_S = 18_000
"""13:00 UTC, 15:00 in Brussels: five hours after the small day begins."""


@pytest.fixture(scope="module")
def small_heat():
    """A hot day coarse and short enough for a browser test: 10 to 18 o'clock on cells of 10 m."""
    return json.loads((Path(__file__).parent / "small_heat.json").read_text())


@pytest.fixture(scope="module")
def planner(browser, server, small_heat):
    """A page on which the small hot day has run as A; tests leave it as they found it."""
    page = Planner(browser, server, library=small_heat)
    page.open()
    page.page.locator("[data-start=small-heat]").click()
    page.until("bxl.session.a.result !== null || bxl.session.problem", 180)
    page.until("bxl.report().hash.a !== null")
    page.rest()
    yield page
    page.close()


def _seek(planner, time_s):
    slider = planner.page.locator("bxl-timeline input")
    slider.evaluate(f"one => {{ one.value = {time_s}; one.dispatchEvent(new Event('input')); }}")
    planner.until(f"bxl.view.time === {time_s}")
    planner.rest()


def _open_spot(planner):
    """A point of open ground where a click meets the ground: found by asking the server."""
    digest = planner.view()["runs"]["a"]
    size = planner.page.viewport_size
    for x in range(-200, 201, 20):
        for y in range(-160, 161, 20):
            column, row = planner.ask(f"bxl.project({x}, {y})")
            across, up = column / size["width"] * 2 - 1, 1 - row / size["height"] * 2
            if not (380 < column < 760 and 90 < row < 400) or planner.ask(f"bxl.pick({across}, {up}).id"):
                continue
            said = planner.page.request.get(f"{planner.server}/api/results/{digest}/point?x={x}&y={y}").json()
            if said["series"]["utci"]["values"][4] is not None:
                return (x, y), (column, row), said
    raise AssertionError("no open ground is seen")


def test_a_hot_day_is_told_in_the_words_of_the_assessment_scale(planner):
    """Words and edges of the UTCI assessment scale: Błażejczyk and others (2013), doi:10.7163/GPol.2013.1."""
    assert planner.ask("bxl.session.problem") is None
    legend = planner.page.locator("bxl-legend section").inner_text()
    for words, span in (
        ("stress extrême", "> 46"),
        ("très fort stress", "38 – 46"),
        ("fort stress", "32 – 38"),
        ("stress modéré", "26 – 32"),
        ("pas de stress", "< 26"),
    ):
        assert words in legend
        assert span in legend
    assert "°C" in planner.page.locator("bxl-legend [data-field] option:checked").inner_text()
    assert planner.complaints == []


def test_it_is_first_shown_when_the_air_was_warmest(planner):
    weather = planner.ask("bxl.session.a.result.manifest.weather")
    air = weather["course"]["air_temperature"]["values"]
    warmest = weather["time_s"][air.index(max(air))]
    times = planner.ask("bxl.session.a.times")
    assert planner.view()["time"] == min(times, key=lambda time: abs(time - warmest))
    assert planner.page.locator("bxl-timeline .warmest").inner_text() == f"{max(air) - 273.15:.1f} °C".replace(".", ",")


def test_the_sun_of_the_model_follows_the_hours(planner):
    _seek(planner, AFTERNOON_S)
    assert planner.page.locator("bxl-timeline output strong").inner_text() == "15:00"
    planner.page.locator("[data-layer=water]").uncheck()  # the city alone, under its sun
    planner.rest()
    afternoon = planner.picture()
    _seek(planner, 28_800)
    assert planner.page.locator("bxl-timeline output strong").inner_text() == "18:00"
    assert changed(afternoon, planner.picture()) > 0.05
    planner.page.locator("[data-layer=water]").check()
    _seek(planner, AFTERNOON_S)


def test_fields_come_in_groups_and_each_changes_the_map(planner):
    chooser = planner.page.locator("bxl-legend [data-field]")
    groups = chooser.locator("optgroup").evaluate_all("all => all.map((one) => one.label)")
    assert groups == ["Ce que ressent un corps", "Heures de stress", "Ombre et ciel", "Sol, air et vent"]
    felt = planner.picture()
    legends = set()
    for field in ("shadow", "hours_utci_above_38", "air_temperature", "sky_view_factor"):
        chooser.select_option(field)
        planner.until(f"location.hash.includes('f={field}')")
        planner.rest()
        assert changed(felt, planner.picture()) > 0.02, field
        ticks = planner.page.locator("bxl-legend .ticks span").all_inner_texts()
        assert 2 <= len(ticks) <= 5
        legends.add(tuple(ticks))
    assert len(legends) >= 3
    chooser.select_option("utci")
    planner.rest()
    assert changed(felt, planner.picture()) < 0.002


def test_a_point_tells_its_hours_and_the_parts_of_its_radiation(planner, tmp_path):
    _, (column, row), said = _open_spot(planner)
    planner.page.mouse.click(column, row)
    planner.until("bxl.session.probe && bxl.session.probe.found.a")
    probe = planner.page.locator("bxl-heat-probe")
    index = planner.ask("bxl.session.a.times").index(AFTERNOON_S)
    planner.until(lambda: probe.locator("[data-part]").count() == 4)
    for name in ("direct", "sky", "walls", "ground"):
        shown = int(re.sub(r"\D", "", probe.locator(f"[data-part=absorbed_{name}]").inner_text().split("W")[0]))
        assert shown == pytest.approx(said["series"][f"absorbed_{name}"]["values"][index], abs=0.6)
    felt = float(probe.locator(".felt strong").inner_text().split()[0].replace(",", "."))
    assert felt == pytest.approx(said["series"]["utci"]["values"][index] - 273.15, abs=0.06)
    assert "stress" in probe.locator(".stress").inner_text()
    assert probe.locator("svg.chart").count() == 2
    probe.locator("[data-table]").click()
    assert probe.locator(".scroll tbody tr").count() == planner.ask("bxl.session.a.times.length")
    with planner.page.expect_download() as saved:
        probe.locator("[data-csv]").click()
    saved.value.save_as(tmp_path / "points.csv")
    lines = (tmp_path / "points.csv").read_text().splitlines()
    assert "utci_c" in lines[0]
    assert "absorbed_direct_w_m2" in lines[0]
    assert len(lines) == 1 + planner.ask("bxl.session.a.times.length")
    planner.press("Escape")
    planner.until("bxl.session.probe === null")


def test_who_suffers_is_ranked_by_sector_with_open_weights_and_by_street(planner):
    before = planner.picture()
    planner.page.locator("[data-places]").click()
    panel = planner.page.locator("bxl-places aside")
    planner.until(lambda: panel.locator("ol [data-id]").count() > 3, 90)
    planner.rest()
    assert changed(before, planner.picture()) > 0.05
    scores = [int(text) for text in panel.locator("ol b").all_inner_texts() if text.isdigit()]
    assert scores == sorted(scores, reverse=True)
    panel.locator("summary").click()
    weight = panel.locator("[data-weight=hazard]")
    weight.evaluate("one => { one.value = 3; one.dispatchEvent(new Event('change')); }")
    planner.until("bxl.view.weights.hazard === 3 && location.hash.includes('g=hazard')")
    planner.until("bxl.session.places.sectors.parts.find((one) => one.key === 'hazard').weight === 3")
    panel.locator("[data-mode=streets]").click()
    planner.until(lambda: "habitants" in panel.inner_text())
    camera = planner.view()["camera"]
    panel.locator("ol [data-id]").first.click()
    planner.until(f"Math.abs(bxl.view.camera.distance - {camera['distance']}) > 100")
    planner.press("Escape")
    planner.until("bxl.view.places === null")
    planner.page.locator("bxl-topbar button").nth(3).click()  # the whole city again
    planner.until(f"Math.abs(bxl.view.camera.distance - {camera['distance']}) < 1")
    planner.rest()


def test_a_tree_is_planted_with_one_click_and_felled_with_another(planner):
    distance = planner.view()["camera"]["distance"]
    planner.page.locator("canvas").first.focus()
    for _ in range(10):  # near enough to see a tree
        planner.press("+")
    planner.until(f"bxl.view.camera.distance < {distance / 4}")
    planner.rest()
    bare = planner.picture()
    (x, y), (column, row), _ = _open_spot(planner)
    planner.page.locator("[data-tool=tree]").click()
    planner.page.mouse.click(column, row)
    planner.until("bxl.view.edits.length === 1")
    tree = planner.view()["edits"][0]
    assert (tree["edit"], tree["values"]["species"]) == ("tree", "Tilia cordata")
    assert tree["points"][0] == pytest.approx([x, y], abs=3)
    assert planner.ask("bxl.session.tool") == "tree", "one plants more than one"
    planner.page.locator("[data-finish]").click()
    planner.rest()
    assert changed(bare, planner.picture(), by=6) > 0.0002
    planner.page.locator("[data-tool=remove_tree]").click()
    # From 400 m the middle of a crown six metres up stands some fifteen points over its foot.
    planner.page.mouse.click(column, row - 15)
    planner.until("bxl.view.edits.length === 0")
    planner.page.locator("[data-finish]").click()
    planner.page.locator("canvas").first.focus()
    planner.press("Home")
    planner.until(f"Math.abs(bxl.view.camera.distance - {distance}) < 1")
    planner.rest()


def test_b_minus_a_is_a_map_with_signs_and_says_whom_it_helps(planner):
    (x, y), _, _ = _open_spot(planner)
    planner.draw("albedo", [(x - 40, y - 40), (x + 40, y - 40), (x + 40, y + 40), (x - 40, y + 40)])
    planner.run()
    planner.until("(bxl.session.a.result && bxl.session.b.result) || bxl.session.problem", 180)
    assert planner.ask("bxl.session.problem") is None
    _seek(planner, AFTERNOON_S)
    planner.page.locator("[data-difference]").click()
    planner.until("bxl.view.difference && bxl.view.swipe === null && bxl.session.span?.difference")
    planner.rest()
    ticks = planner.page.locator("bxl-legend .ticks span").all_inner_texts()
    assert len(ticks) == 5
    assert ticks[0].startswith(("-", "−"))
    assert ticks[-1].startswith("+")
    assert ticks[2] == "0"
    assert "(K)" in planner.page.locator("bxl-legend [data-field] option:checked").inner_text()
    planner.page.locator("[data-places]").click()
    panel = planner.page.locator("bxl-places .affected")
    planner.until(lambda: panel.count() == 1, 90)
    assert "Avec B" in panel.inner_text()
    planner.press("Escape")
    planner.until("bxl.view.places === null")


def test_the_accounts_of_energy_stand_in_the_dialog(planner):
    planner.page.locator("bxl-topbar button").last.click()
    table = planner.page.locator("bxl-ledger table")
    planner.until(lambda: table.count() == 1)
    for account in ("energy_shortwave_in", "energy_longwave_out", "energy_sensible", "energy_latent"):
        assert table.locator(f"[data-account={account}]").count() == 1
    assert "TJ" in table.inner_text()
    planner.press("Escape")
    planner.until("bxl.session.dialog === null")
    assert planner.complaints == []
