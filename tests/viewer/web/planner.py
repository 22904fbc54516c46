"""Driving the planner page as a person would, with the system's Chromium drawing by software."""

import contextlib
import io
import itertools
import json
import math
import shutil
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise RuntimeError("the browser tests need Chromium: make system")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


class Planner:
    """One page; keeps what it complained of and whom it asked."""

    def __init__(self, browser: Browser, server: str, *, size: tuple[int, int] = (1100, 720), library: Any = None):
        self.server = server
        self.page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        self.page.set_default_timeout(60_000)
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        self.bytes = 0
        self.page.on("console", lambda said: said.type == "error" and self.complaints.append(said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))
        self.page.on("requestfinished", self._weigh)
        if library is not None:
            self.page.route("**/api/library", lambda route: route.fulfill(json=library))

    def _weigh(self, request: Any) -> None:
        with contextlib.suppress(Exception):  # a page that closes forgets its requests
            self.bytes += int(request.response().headers.get("content-length", 0))

    def open(self, link: str = "") -> None:
        # The same page with another text after # is not loaded anew by itself.
        self.page.goto("about:blank")
        self.page.goto(f"{self.server}/{link}")
        self.until("!!window.bxl && bxl.ready", 90)
        self.rest()

    def close(self) -> None:
        self.page.close()

    def ask(self, script: str) -> Any:
        return self.page.evaluate(script)

    def until(self, what: str | Callable[[], Any], seconds: float = 60) -> Any:
        """Wait for a script, or a function, to say something true."""
        check = (lambda: self.ask(what)) if isinstance(what, str) else what
        deadline = time.monotonic() + seconds
        while not (said := check()):
            if time.monotonic() > deadline:
                problem = self.ask("window.bxl && bxl.session.problem && JSON.stringify(bxl.session.problem)")
                raise AssertionError(f"not within {seconds} s: {what}; the page says {problem}, {self.complaints}")
            self.page.wait_for_timeout(80)
        return said

    def rest(self) -> None:
        """Wait until no picture is drawn any more."""
        drawn, since = None, time.monotonic()
        deadline = since + 60
        while time.monotonic() - since < 1.2 and time.monotonic() < deadline:
            now = self.ask("bxl.report().drawn.frames")
            if now != drawn:
                drawn, since = now, time.monotonic()
            self.page.wait_for_timeout(100)

    def report(self) -> dict[str, Any]:
        return self.ask("bxl.report()")

    def picture(self) -> np.ndarray:
        """The map between the panels, (row, column, 3)."""
        width, height = self.page.viewport_size["width"], self.page.viewport_size["height"]
        clip = {"x": 350, "y": 80, "width": width - 370, "height": height - 320}
        shot = self.page.screenshot(clip=clip)
        return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).astype(int)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def draw(self, tool: str, points: list[tuple[float, float]]) -> None:
        """Draw on the map, in the local frame: click every corner, then Enter."""
        before = self.ask("bxl.view.edits.length")
        self.page.locator(f"[data-tool={tool}]").click()
        for number, (x, y) in enumerate(points, 1):
            self.page.mouse.click(*self.ask(f"bxl.project({x}, {y})"))
            self.until(f"bxl.session.draft.length === {number}")
            self.page.wait_for_timeout(350)  # two quick clicks are a double click
        self.press("Enter")
        self.until(f"bxl.view.edits.length === {before + 1}")

    def free_line(self, scenario: dict[str, Any]) -> list[tuple[float, float]]:
        """A line along a street near the middle that the server accepts as a wall."""
        east, north = self.page.request.get(f"{self.server}/api/city").json()["origin"]
        streets = self.page.request.get(f"{self.server}/api/city/streets.json").json()["lines"]
        pieces = [pair for street in streets for pair in itertools.pairwise(street["points"])]
        pieces = [(p, q) for p, q in pieces if 60 < math.dist(p, q) < 200]
        for p, q in sorted(pieces, key=lambda pair: math.hypot(*pair[0])):
            line = [tuple(round(p[i] + (q[i] - p[i]) * share, 1) for i in range(2)) for share in (0.25, 0.75)]
            wall = {"edit": "wall", "id": "w", "line": [(x + east, y + north) for x, y in line], "height_m": 1}
            checked = self.page.request.post(f"{self.server}/api/scenarios/check", data=scenario | {"edits": [wall]})
            if checked.ok:
                return line
        raise AssertionError(f"no street of the demo district takes a wall: {checked.text()}")

    def run(self) -> None:
        self.page.locator("[data-run]").click()

    def view(self) -> dict[str, Any]:
        return json.loads(self.ask("JSON.stringify(bxl.view)"))


def changed(one: np.ndarray, other: np.ndarray, by: int = 12) -> float:
    """Share of the points of two pictures that differ by more than ``by`` of 255."""
    return float((np.abs(one - other).max(axis=2) > by).mean())
