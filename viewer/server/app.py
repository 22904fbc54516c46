"""The server: one city, its pages, its jobs and its streams."""

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI

from twin.city import City
from twin.folder import load
from viewer.server import catalogue, pages, problems
from viewer.server import city as city_routes
from viewer.server.desk import Desk
from viewer.server.limits import LOOPBACK, Gate, Limits
from viewer.server.published import publish


class StateError(ValueError):
    """The folder for jobs and results cannot be used; the text says why, and the remedy."""


def create_app(
    city: City | Path | str,
    state: Path | str,
    *,
    limits: Limits | None = None,
    hosts: frozenset[str] = LOOPBACK,
    on_progress: Callable[[float, str], None] | None = None,
) -> FastAPI:
    """Make the app of one city.

    Parameters
    ----------
    city : City or path
        A city, or the folder of one.
    state : path
        Folder for jobs, results and files made from the city; is made.
    limits : Limits, optional
    hosts : frozenset of str
        Names the server answers to.
    on_progress : callable, optional
        Is told a fraction 0..1 and a word while files are made from the city.

    Returns
    -------
    FastAPI

    Raises
    ------
    StateError
        The state folder cannot be written.
    twin.city.CityError
        There is no sound city in the folder.
    """
    limits = limits or Limits()
    state = Path(state)
    try:
        state.mkdir(parents=True, exist_ok=True)
        (state / ".writable").touch()
    except OSError as error:
        raise StateError(f"{state}: cannot keep jobs and results there ({error}); name another --state") from error
    whole = city if isinstance(city, City) else load(city)
    app = FastAPI(
        title="bxl-twin",
        version=version("bxl-twin"),
        summary="The digital twin of Brussels",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        responses=problems.documented(400, 403, 413, 421, 422, 429, 500),
    )
    problems.install(app)
    app.add_middleware(Gate, limits=limits, hosts=hosts)
    app.state.desk = Desk(whole, publish(whole, state / "cities", on_progress=on_progress), limits)
    app.include_router(city_routes.router)
    app.include_router(catalogue.router)
    app.include_router(pages.router)
    return app
