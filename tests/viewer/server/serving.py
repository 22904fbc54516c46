"""A server in a process of its own, for tests that kill, stall or flood it.

``python serving.py STATE PORT DEED [LIMITS_JSON]`` serves the hand-drawn city; DEED is ``engine`` or one of deeds.py.
"""

import importlib.util
import json
import sys
from pathlib import Path

from viewer.server.app import create_app
from viewer.server.jobs import SIMULATE
from viewer.server.limits import Limits
from viewer.server.run import listen, serve

HERE = Path(__file__).parent


def drawn_city():
    spec = importlib.util.spec_from_file_location("drawn", HERE.parent / "conftest.py")
    drawn = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(drawn)
    return drawn.make_city()


if __name__ == "__main__":
    state, port, deed, *more = sys.argv[1:]
    limits = Limits(**json.loads(more[0])) if more else Limits()
    app = create_app(drawn_city(), state, limits=limits, work=SIMULATE if deed == "engine" else f"deeds:{deed}")
    serve(app, listen("127.0.0.1", int(port)), on_ready=lambda address: print(address, flush=True))
