"""The built web pages, and what to say while they are not built."""

from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from viewer.server.problems import Problem, documented

DIST = Path(__file__).parents[1] / "web" / "dist"
BUILD = "python viewer/web/build_hook.py"

router = APIRouter(tags=["pages"], include_in_schema=False)

_MISSING = f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>bxl-twin: pages not built</title>
<h1>The web pages are not built yet</h1>
<p>The server runs and answers under <code>/api</code>, but the folder <code>viewer/web/dist</code> is missing.
Build the pages with <code>make pages</code> (or <code>{BUILD}</code>) and reload.</p></html>
"""


def are_built() -> bool:
    """Whether there is a page to show."""
    return (DIST / "index.html").is_file()


@router.get("/")
def planner() -> Response:
    """Show the planner page."""
    if not are_built():
        return Response(_MISSING, status_code=503, media_type="text/html; charset=utf-8")
    return FileResponse(DIST / "index.html", headers={"Cache-Control": "no-cache"})


@router.get("/{path:path}", responses=documented(404))
def asset(path: str, request: Request) -> Response:
    """Send a file of the built pages."""
    root = DIST.resolve()
    try:
        file = (root / path).resolve()
        found = file.is_relative_to(root) and file.is_file()
    except (OSError, ValueError):  # a name that no file system takes
        found = False
    if not found:
        raise Problem(404, "not-found", f"there is nothing at {request.url.path!r}")
    kept = "public, max-age=31536000, immutable" if path.startswith("assets/") else "no-cache"
    return FileResponse(file, headers={"Cache-Control": kept})
