"""A bad line: the socket is cut again and again, and the last state is the same."""

import copy

import pytest
from planner import Planner

pytestmark = pytest.mark.browser

CUTS = 30
SMALL = (720, 520)


def test_many_cuts_end_in_the_same_state(browser, server, small_storm):
    storm = copy.deepcopy(small_storm)
    # A storm of its own, on finer cells: it has to be computed, long enough to be cut.
    storm[0]["scenario"]["cell_size_m"] = 5
    storm[0]["scenario"]["period"] |= {"duration_s": 600, "output_every_s": 10}
    page = Planner(browser, server, size=SMALL, library=storm)
    try:
        page.open()
        page.run()
        page.until("bxl.session.a.frames >= 1 || bxl.session.a.result")
        for _ in range(CUTS):
            page.ask("bxl.cut()")
            page.until("bxl.session.link === 'open' || bxl.session.a.result", 30)
            page.page.wait_for_timeout(40)
        page.until("bxl.session.a.result !== null && bxl.report().hash.a !== null", 120)
        after_cuts = page.report()
        assert after_cuts["received"] >= 3
    finally:
        page.close()
    calm = Planner(browser, server, size=SMALL, library=storm)
    try:
        calm.open()
        calm.run()
        calm.until("bxl.session.a.result !== null", 15)
        assert calm.report()["received"] == 0, "the same scenario answers at once: nothing is computed twice"
        calm.page.locator("bxl-timeline button").click()  # it replays from the start; stop, and go to the end
        calm.page.locator("bxl-timeline input").focus()
        calm.until("bxl.session.playing === false")
        last = calm.ask("bxl.session.a.result.times.length - 1")
        for _ in range(last + 1):
            calm.press("ArrowRight")
        calm.until(lambda: calm.report()["hash"]["a"] == after_cuts["hash"]["a"])
    finally:
        calm.close()
