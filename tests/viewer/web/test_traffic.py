"""Rush hour on the page: started, read street by street, a street closed by the hour, A against B; and reach."""

import json
import re
from pathlib import Path

import pytest
from planner import Planner, changed

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def planner(browser, server):
    """A page on which half an hour of traffic has run as A; tests leave it as they found it, but for the last."""
    library = json.loads((Path(__file__).parent / "small_rush.json").read_text())
    page = Planner(browser, server, library=library)
    page.open()
    page.page.locator("[data-start=small-rush]").click()
    page.until("bxl.session.a.result !== null || bxl.session.problem", 240)
    page.until("bxl.report().hash.a !== null")
    page.rest()
    yield page
    page.close()


def _said(planner, side, street):
    digest = planner.view()["runs"][side]
    return planner.page.request.get(f"{planner.server}/api/results/{digest}/street/{street}").json()


def _number(words):
    return int(re.sub(r"\D", "", words))


@pytest.fixture(scope="module")
def busy(planner):
    """The busiest street in the middle of the map whose middle a click meets: its id, and where to click."""
    size = planner.page.viewport_size
    digest = planner.view()["runs"]["a"]
    streets = planner.page.request.get(f"{planner.server}/api/city/streets.json").json()["lines"]
    found = []
    for street in streets:
        (ax, ay), (bx, by) = street["points"][0], street["points"][-1]
        column, row = planner.ask(f"bxl.project({(ax + bx) / 2}, {(ay + by) / 2})")
        across, up = column / size["width"] * 2 - 1, 1 - row / size["height"] * 2
        if not (380 < column < 760 and 90 < row < 400) or planner.ask(f"bxl.pick({across}, {up}).id"):
            continue
        answer = planner.page.request.get(f"{planner.server}/api/results/{digest}/street/{street['id']}")
        if not answer.ok:
            continue  # nobody drives there
        flow = sum(one["series"]["traffic_flow"]["values"][-1] for one in answer.json()["directions"])
        found.append((flow, street["id"], (column, row)))
    assert found, "no street is seen"
    flow, street, place = max(found)
    assert flow > 0, "no street that is seen has any traffic"
    return street, place


def test_traffic_is_drawn_along_streets_and_its_legend_says_in_what(planner):
    assert planner.ask("bxl.session.problem") is None
    legend = planner.page.locator("bxl-legend section")
    assert "véh/h" in legend.inner_text()
    driven = planner.picture()
    planner.page.locator("[data-layer=water]").uncheck()
    planner.rest()
    assert changed(driven, planner.picture()) > 0.01
    planner.page.locator("[data-layer=water]").check()
    planner.rest()
    planner.page.locator("bxl-legend [data-field]").select_option("traffic_speed")
    planner.until("location.hash.includes('f=traffic_speed')")
    planner.rest()
    assert "km/h" in legend.inner_text()
    assert changed(driven, planner.picture()) > 0.005
    planner.page.locator("bxl-legend [data-field]").select_option("traffic_flow")
    planner.rest()
    assert planner.complaints == []


def test_the_timeline_tells_the_hours_of_brussels(planner):
    """07:00 UTC in winter is 08:00 in Brussels."""
    slider = planner.page.locator("bxl-timeline input")
    slider.evaluate("one => { one.value = 1200; one.dispatchEvent(new Event('input')); }")
    planner.until("bxl.view.time === 1200")
    assert planner.page.locator("bxl-timeline output strong").inner_text() == "08:20"
    assert planner.page.locator("bxl-timeline .volume").count() == 3


def test_vehicles_move_while_time_plays(planner):
    planner.until("bxl.view.time === 1200")
    planner.page.locator("bxl-timeline .play").click()
    planner.until("bxl.view.time > 1210")
    one = planner.picture()
    planner.until("bxl.view.time > 1240")
    assert changed(one, planner.picture()) > 0, "nothing moves"
    planner.page.locator("bxl-timeline .play").click()
    planner.rest()


def test_a_street_tells_what_it_carries_at_the_moment_that_is_shown(planner, busy):
    street, place = busy
    slider = planner.page.locator("bxl-timeline input")
    slider.evaluate("one => { one.value = 1800; one.dispatchEvent(new Event('input')); }")
    planner.rest()
    planner.page.mouse.click(*place)
    planner.until("bxl.session.street && bxl.session.street.found.a")
    assert planner.view()["street"] == street
    said = _said(planner, "a", street)
    for one in said["directions"]:
        row = planner.page.locator(f"bxl-street tr[data-link='{one['link']}']")
        assert _number(row.locator("[data-flow]").inner_text()) == round(one["series"]["traffic_flow"]["values"][-1])
        speed = one["series"]["traffic_speed"]["values"][-1]
        if speed is not None and one["series"]["traffic_flow"]["values"][-1] > 0:
            assert _number(row.locator("[data-speed]").inner_text()) == pytest.approx(3.6 * speed, abs=0.51)


def test_what_one_reaches_from_a_point_is_told_as_rings_and_as_fifteen_kinds(planner):
    planner.press("Escape")
    planner.until("bxl.view.street === null")
    size = planner.page.viewport_size
    for x in range(-200, 201, 25):
        for y in range(-160, 161, 25):
            column, row = planner.ask(f"bxl.project({x}, {y})")
            across, up = column / size["width"] * 2 - 1, 1 - row / size["height"] * 2
            if not (380 < column < 700 and 90 < row < 400) or planner.ask(f"bxl.pick({across}, {up}).id"):
                continue
            planner.page.mouse.click(column, row)
            planner.page.wait_for_timeout(150)
            if planner.ask("bxl.session.probe !== null"):
                break
        if planner.ask("bxl.session.probe !== null"):
            break
    planner.page.locator("[data-reach]").click()
    planner.until("bxl.session.reach && bxl.session.reach.places", 120)
    areas = planner.ask("bxl.session.reach.bands.bands.map((one) => one.area)")
    assert areas == sorted(areas)
    assert len(areas) == 3
    assert planner.page.locator("bxl-reach svg [data-kind]").count() == 15
    planner.page.locator("bxl-reach [data-table]").click()
    assert planner.page.locator("bxl-reach tbody tr").count() == 15
    planner.press("Escape")
    planner.until("bxl.session.reach === null")


def test_a_street_that_is_closed_to_motors_lets_none_in_and_its_traffic_goes_elsewhere(planner, busy):
    street, place = busy
    planner.press("Escape")
    planner.page.mouse.click(*place)
    planner.until("bxl.session.street !== null")
    planner.page.locator("[data-deed=close_street]").click()
    works = planner.page.locator("bxl-street-works")
    works.locator("[data-mode=bus]").check()
    works.locator("[data-hours='00:00-24:00']").click()
    works.locator("[data-apply]").click()
    planner.until("bxl.view.edits.length === 1")
    assert planner.view()["edits"][0]["values"]["modes"] == "car+van+truck+bus"
    planner.run()
    planner.until("bxl.session.b.result !== null || bxl.session.problem", 240)
    assert planner.ask("bxl.session.problem") is None
    before, after = (_said(planner, side, street) for side in "ab")
    assert sum(one["whole"]["vehicles_passed"]["value"] for one in before["directions"]) > 0
    for one in after["directions"]:
        assert set(one["series"]["traffic_flow"]["values"]) == {0.0}
    planner.until("bxl.session.street.found.b !== null")
    shown = planner.page.locator(f"bxl-street tr[data-link='{street}>'][data-side=b] [data-flow]")
    assert _number(shown.inner_text()) == 0
    planner.rest()
    planner.page.locator("[data-difference]").click()
    planner.until("bxl.session.span && bxl.session.span.difference")
    planner.rest()
    assert planner.ask("bxl.session.span.field") == "traffic_flow"
    ticks = planner.page.locator("bxl-legend .ticks span").all_inner_texts()
    assert ticks[-1].startswith("+")
    assert planner.complaints == []


def test_who_gains_and_who_loses_is_told_by_sector_and_by_street(planner, busy):
    """The panel shows what the server says, to the last figure, and the map is coloured by it."""
    planner.press("Escape")
    planner.until("bxl.view.street === null")
    if planner.view()["difference"]:
        planner.page.locator("[data-difference]").click()
    planner.rest()
    bare = planner.picture()
    planner.page.locator("[data-gains]").click()
    planner.until("bxl.session.compared !== null || bxl.session.problem", 120)
    assert planner.ask("bxl.session.problem") is None
    planner.rest()
    runs = planner.view()["runs"]
    said = planner.page.request.get(f"{planner.server}/api/results/{runs['a']}/traffic/{runs['b']}").json()
    closed, _ = busy
    lost = next(one for one in said["streets"] if one["id"] == closed)
    assert lost["a"] > 0
    assert lost["b"] == 0
    panel = planner.page.locator("bxl-gains")
    known = [one for one in said["sectors"] if one["verdict"] != "unknown"]
    assert known
    assert panel.locator("[data-sectors] tbody tr").count() == min(len(known), 16)
    for verdict, key in (("worse", "gain"), ("better", "lose")):
        names = panel.locator(f"[data-moved={verdict}] button").all_inner_texts()
        assert len(names) == min(8, len(said["figures"]["streets"][key]))
    assert any(closed in one["ids"] for one in said["figures"]["streets"]["lose"])
    driven = panel.locator("[data-key='gains.driven'] td").all_inner_texts()
    assert _number(driven[0]) == round(said["figures"]["vehicle_km"]["a"])
    assert changed(bare, planner.picture()) > 0.02
    planner.page.locator("[data-gains]").click()
    planner.until("bxl.view.places === null")
    assert planner.complaints == []


def test_a_drawn_quarter_gets_its_filters_and_nobody_drives_through(planner):
    """The quay's blocks of the demo district: five filters are the fewest that part their sides, as the ready
    scenario ``rush_hour_neighbourhood`` has them."""
    east, north = planner.page.request.get(f"{planner.server}/api/city").json()["origin"]
    corners = [(148630, 171640), (149020, 171640), (149020, 171896), (148630, 171896)]
    planner.page.locator("bxl-scenarios [data-edit] button").click()
    planner.until("bxl.view.edits.length === 0")
    planner.draw("low_traffic_neighbourhood", [(x - east, y - north) for x, y in corners])
    (edit,) = planner.view()["edits"]
    assert set(edit["buildings"]) == {
        "L-r5c1-0072-0082", "L-r5c2-0075-0083", "L-r5c3-0078-0080", "L-r5x01-0081-0074", "L-r5x21-0080-0084",
    }  # fmt: skip
    assert "5 filtres" in planner.page.locator("bxl-scenarios [data-edit]").inner_text()
    document = json.loads((Path(__file__).parent / "small_rush.json").read_text())[0]["scenario"]
    drawn = {
        "edit": edit["edit"], "id": edit["id"], "filters": edit["buildings"],
        "polygon": [[x + east, y + north] for x, y in edit["points"]],
    }  # fmt: skip
    checked = planner.page.request.post(f"{planner.server}/api/scenarios/check", data=document | {"edits": [drawn]})
    assert checked.ok, checked.text()
    assert planner.complaints == []


def test_fewer_cars_are_one_slider_and_all_of_them_are_no_change(planner):
    slider = planner.page.locator("bxl-tools [data-cars]")
    pull = "(one, to) => { one.value = to;"
    pull += " ['input', 'change'].forEach((each) => one.dispatchEvent(new Event(each))); }"
    slider.evaluate(pull, 0.75)
    planner.until("bxl.view.edits.some(({ edit }) => edit === 'travel_demand')")
    assert planner.view()["edits"][-1]["values"] == {"factor": 0.75}
    slider.evaluate(pull, 0.6)
    planner.until("bxl.view.edits.some(({ values }) => values.factor === 0.6)")
    assert sum(one["edit"] == "travel_demand" for one in planner.view()["edits"]) == 1
    slider.evaluate(pull, 1)
    planner.until("!bxl.view.edits.some(({ edit }) => edit === 'travel_demand')")


def test_a_school_street_is_made_where_one_clicks_a_street(planner, busy):
    before = len(planner.view()["edits"])
    street, _ = busy
    lines = planner.page.request.get(f"{planner.server}/api/city/streets.json").json()["lines"]
    points = next(one["points"] for one in lines if one["id"] == street)
    planner.page.locator("[data-tool=school_street]").click()
    planner.rest()
    # the map has moved up since the street was looked for: figures of B stand below it now
    middle = [(points[0][axis] + points[-1][axis]) / 2 for axis in (0, 1)]
    planner.page.mouse.click(*planner.ask(f"bxl.project({middle[0]}, {middle[1]})"))
    planner.until("bxl.session.chosen.length === 1")
    planner.page.locator("bxl-street-works [data-apply]").click()
    planner.until(f"bxl.view.edits.length === {before + 1}")
    made = planner.view()["edits"][-1]
    assert (made["edit"], made["buildings"]) == ("school_street", [street])
    assert planner.complaints == []
