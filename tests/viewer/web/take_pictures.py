"""Take the pictures of README and docs from the running page: a cloudburst, a hot day, a district's year.

``.venv/bin/python tests/viewer/web/take_pictures.py --out docs/images``
"""

import argparse
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from planner import Planner, chromium

SIZE = (1600, 1000)
CLOSER = {"x": 60, "y": -30, "z": 16, "distance": 1150, "azimuth": 218, "tilt": 55}
"""A view of the boulevard at the low point of the valley: metres of the local frame, degrees."""
ASKED = (100, -95)
"""A point of the square by the boulevard, asked on the hot day: metres of the local frame."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=Path("docs/images"), help="folder for the pictures")
    options.add_argument("--state", type=Path, help="state folder of the demo server; kept, so a second time is quick")
    options.add_argument("--seconds", type=float, default=900, help="how long the run may take")
    said = options.parse_args()
    said.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as spare:
        state = said.state or Path(spare) / "state"
        command = [str(Path(sys.executable).with_name("bxl-twin")), "demo", "--port", "0", "--state", str(state)]
        log = Path(spare) / "server.log"
        with log.open("wb") as out:
            server = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        try:
            _take(_address(server, log), said.out, said.seconds)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


def _address(server: subprocess.Popen, log: Path) -> str:
    deadline = time.monotonic() + 300
    while not (found := re.search(r"http://[\w.:\[\]]+", log.read_text())):
        if server.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"the demo server is not up: {log.read_text()}")
        time.sleep(0.3)
    return found[0]


def _take(address: str, out: Path, seconds: float) -> None:
    with chromium() as browser:
        page = Planner(browser, address, size=SIZE)
        camera = "_".join(str(CLOSER[key]) for key in ("x", "y", "z", "distance", "azimuth", "tilt"))
        page.open(f"#l=en&c={camera}")
        page.page.locator("[data-start=cloudburst]").click()
        page.until("bxl.session.a.result !== null", seconds)
        page.until("bxl.report().hash.a !== null")
        page.rest()
        page.page.screenshot(path=out / "demo-flood.png")
        page.close()
        page = Planner(browser, address, size=SIZE)
        page.open(f"#l=en&c={camera}")
        page.page.locator("[data-start=heat_day]").click()
        page.until("bxl.session.a.result !== null", seconds)
        page.until("bxl.report().hash.a !== null && bxl.view.time !== null")
        page.page.mouse.click(*page.ask(f"bxl.project({ASKED[0]}, {ASKED[1]})"))
        page.until("bxl.session.probe && bxl.session.probe.found.a")
        page.rest()
        page.page.screenshot(path=out / "demo-heat.png")
        page.close()
        page = Planner(browser, address, size=SIZE)
        page.open(f"#l=en&c={camera}")
        page.page.locator("[data-start=district_today]").click()
        page.until("bxl.session.energy?.runs.a && bxl.session.energy.runs.b", seconds)
        page.page.locator("[data-balance]").click()
        page.until("bxl.view.balance !== null")
        page.rest()
        page.page.screenshot(path=out / "demo-energy.png")
        page.close()
    print(*(out / f"demo-{one}.png" for one in ("flood", "heat", "energy")))


if __name__ == "__main__":
    main()
