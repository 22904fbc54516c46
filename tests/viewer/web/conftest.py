"""The demo district on a real server, and the system's Chromium looking at it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from viewer.server.pages import are_built

sys.path.insert(0, str(Path(__file__).parent))
from planner import Planner, chromium


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """Address of a server of the demo district, in a process of its own."""
    assert are_built(), "the pages are not built: make pages"
    state = tmp_path_factory.mktemp("state")
    log = state / "server.log"
    command = [str(Path(sys.executable).with_name("bxl-twin")), "demo", "--port", "0", "--state", str(state)]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, env=os.environ | {"COLUMNS": "200", "NO_COLOR": "1"}
        )
    try:
        deadline = time.monotonic() + 180
        while not (found := re.search(r"http://[\w.:\[\]]+", log.read_text())):
            assert process.poll() is None, f"the server ended: {log.read_text()}"
            assert time.monotonic() < deadline, f"the server is not up after 180 s: {log.read_text()}"
            time.sleep(0.2)
        yield found[0].rstrip("/")
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def browser():
    with chromium() as one:
        yield one


@pytest.fixture(scope="module")
def planner(browser, server):
    """One planner page, opened once for all tests of a file; tests leave it as they found it."""
    page = Planner(browser, server)
    page.open()
    yield page
    page.close()


@pytest.fixture(scope="session")
def small_storm():
    """A scenario coarse and short enough for a browser test: a cloudburst on cells of 10 m."""
    return json.loads((Path(__file__).parent / "small_storm.json").read_text())
