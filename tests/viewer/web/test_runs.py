"""The main job: draw a wall, run the storm, watch the water, compare A with B, share the link."""

import pytest
from planner import Planner, changed

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def planner(browser, server, small_storm):
    page = Planner(browser, server, library=small_storm)
    page.open()
    yield page
    page.close()


def _cell(planner, side, key):
    return planner.page.locator(f"bxl-dock tr[data-side={side}] td[data-key={key}]").inner_text()


def test_a_wall_and_a_storm_become_moving_water_and_figures(planner, small_storm):
    dry = planner.picture()
    planner.draw("wall", planner.free_line(small_storm[0]["scenario"]))
    assert planner.view()["edits"][0]["edit"] == "wall"
    planner.run()
    planner.until("bxl.session.a.frames >= 2 || bxl.session.a.result")
    first = planner.report()["hash"]["a"]
    planner.until("bxl.session.a.result !== null && bxl.session.b.result !== null", 120)
    report = planner.report()
    assert report["received"] >= 10, "frames came over the stream while it computed"
    assert report["hash"]["a"] != first
    planner.rest()
    assert changed(dry, planner.picture()) > 0.005, "there is water on the picture"
    for side in "ab":
        assert any(digit in _cell(planner, side, "flooded_area") for digit in "123456789")
    assert planner.complaints == []


def test_time_goes_back_and_forth_over_the_frames(planner):
    latest = planner.report()["hash"]
    slider = planner.page.locator("bxl-timeline input")
    slider.focus()
    planner.press("ArrowLeft")
    planner.until("bxl.view.time !== null")
    for side in "ab":  # both sides follow the slider, each when its frame has come
        planner.until(lambda side=side: planner.report()["hash"][side] != latest[side])
    planner.press("ArrowRight")
    planner.until(lambda: planner.report()["hash"] == latest)


def test_the_handle_shows_a_on_its_left_and_b_on_its_right(planner):
    assert planner.view()["swipe"] == 0.5, "two runs are shown side by side at once"
    planner.rest()
    drawn = planner.report()["drawn"]
    assert drawn["calls"] <= 300
    assert drawn["triangles"] <= 1_500_000
    handle = planner.page.locator("bxl-swipe [role=slider]")
    handle.focus()
    for _ in range(3):
        planner.press("PageDown")
    planner.until("Math.abs(bxl.view.swipe - 0.2) < 1e-6")
    planner.rest()
    mostly_b = planner.picture()
    box = handle.bounding_box()
    planner.page.mouse.move(box["x"] + box["width"] / 2, 200)
    planner.page.mouse.down()
    planner.page.mouse.move(1000, 200, steps=4)
    planner.page.mouse.up()
    planner.until("bxl.view.swipe > 0.88")
    planner.rest()
    # The wall is drawn in B alone, so moving the handle over it changes the picture.
    assert changed(mostly_b, planner.picture()) > 0.0005


def test_a_link_restores_the_whole_view(planner, browser, server, small_storm):
    planner.page.locator("[data-layer=trees]").uncheck()
    planner.page.locator("bxl-topbar button[lang=nl]").click()
    planner.until("document.documentElement.lang === 'nl'")
    planner.until(lambda: "Lagen" in planner.page.locator("bxl-layers section").inner_text())
    planner.until("location.hash.includes('l=nl') && location.hash.includes('x=trees')")
    link, view, hashes = planner.ask("location.hash"), planner.view(), planner.report()["hash"]
    other = Planner(browser, server, library=small_storm)
    try:
        other.open(link)
        other.until("bxl.session.a.result !== null && bxl.session.b.result !== null")
        other.until(lambda: other.report()["hash"] == hashes)
        again = other.view()
        for key, value in view["camera"].items():
            assert again["camera"][key] == pytest.approx(value, abs=0.06), key
        assert {**again, "camera": None} == {**view, "camera": None}
        assert other.complaints == []
    finally:
        other.close()


def test_escape_goes_one_step_back_at_a_time(planner):
    planner.page.locator("[data-tool=wall]").click()
    planner.page.mouse.click(560, 300)
    planner.until("bxl.session.draft.length === 1")
    planner.press("Escape")
    planner.until("bxl.session.draft.length === 0 && bxl.session.tool === 'wall'")
    planner.press("Escape")
    planner.until("bxl.session.tool === null && bxl.view.swipe !== null")
    planner.press("Escape")
    planner.until("bxl.view.swipe === null")


def test_undo_takes_the_wall_away_and_redo_brings_it_back(planner):
    planner.page.locator("canvas").first.focus()
    planner.press("Control+z")
    planner.until("bxl.view.edits.length === 0")
    planner.press("Control+Shift+z")
    planner.until("bxl.view.edits.length === 1")


def test_a_wall_can_be_drawn_by_keys_alone(planner):
    planner.page.locator("[data-tool=wall]").focus()
    planner.press("Enter")
    planner.until("bxl.session.tool === 'wall'")
    planner.press("Space")
    planner.until("bxl.session.draft.length === 1")
    planner.press("ArrowRight")
    planner.press("Space")
    planner.until("bxl.session.draft.length === 2")
    planner.press("Enter")
    planner.until("bxl.view.edits.length === 2")
