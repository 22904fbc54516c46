"""A bad line: the socket is cut again and again, and the last state is the same."""

import copy

import pytest
from planner import Planner

pytestmark = pytest.mark.browser

CUTS = 30


def test_many_cuts_end_in_the_same_state(browser, server, small_storm):
    storm = copy.deepcopy(small_storm)
    # A storm of its own, on finer cells: it has to be computed, long enough to be cut.
    storm[0]["scenario"]["cell_size_m"] = 5
    storm[0]["scenario"]["period"] |= {"duration_s": 600, "output_every_s": 10}
    page = Planner(browser, server, library=storm)
    try:
        page.open()
        page.run()
        page.until("bxl.session.a.frames >= 1 || bxl.session.a.result")
        for _ in range(CUTS):
            page.ask("bxl.cut()")
            page.until("bxl.session.link === 'open' || bxl.session.a.result", 30)
            page.page.wait_for_timeout(40)
        page.until("bxl.session.a.result !== null", 120)
        page.until("bxl.report().hash.a !== null")
        after_cuts = page.report()["hash"]["a"]
        digest = page.view()["runs"]["a"]
        assert page.report()["received"] >= 3
    finally:
        page.close()
    calm = Planner(browser, server, library=storm)
    try:
        calm.open(f"#a={digest}")
        calm.until("bxl.session.a.result !== null && bxl.report().hash.a !== null")
        assert calm.report()["hash"]["a"] == after_cuts
    finally:
        calm.close()


def test_the_same_scenario_answers_at_once(browser, server, small_storm):
    page = Planner(browser, server, library=small_storm)
    try:
        page.open()
        page.run()
        page.until("bxl.session.a.result !== null", 120)
        page.page.reload()
        page.open()
        page.run()
        page.until("bxl.session.a.result !== null", 15)
        assert page.report()["received"] == 0, "nothing is computed twice"
    finally:
        page.close()
