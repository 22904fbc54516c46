"""The server: one city, its pages, its jobs and its streams."""

import contextlib
from collections.abc import AsyncIterator, Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from twin.city import City
from twin.folder import load
from twin.store import Store
from viewer.server import (
    catalogue,
    energy,
    energy_stock,
    health,
    jobroutes,
    monitoring,
    network,
    pages,
    places,
    problems,
    reach,
    results,
    stream,
    street_changes,
)
from viewer.server import city as city_routes
from viewer.server import work as work_room
from viewer.server.desk import Desk
from viewer.server.jobs import SIMULATE, Jobs
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
    work: str = SIMULATE,
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
    work : str
        ``module:function`` that computes a scenario in a child process.

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
    work_room.prepare(whole)
    store = Store(state / "results")
    jobs = Jobs(whole, state, limits, store.has, work)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await jobs.start()
        try:
            yield
        finally:
            await jobs.stop()

    app = FastAPI(
        title="bxl-twin",
        version=version("bxl-twin"),
        summary="The digital twin of Brussels",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        responses=problems.documented(400, 403, 413, 421, 422, 429, 500),
    )
    problems.install(app)
    app.add_middleware(Gate, limits=limits, hosts=hosts)
    published = publish(whole, state / "cities", on_progress=on_progress)
    app.state.desk = Desk(whole, published, limits, store, jobs)
    rooms = (
        health,
        city_routes,
        catalogue,
        jobroutes,
        results,
        network,
        street_changes,
        places,
        reach,
        monitoring,
        energy,
        energy_stock,
        stream,
        pages,
    )
    for room in rooms:
        app.include_router(room.router)
    _describe_scenarios(app)
    return app


def _describe_scenarios(app: FastAPI) -> None:
    """Put the scenario document's schema into the OpenAPI description."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        found = plain()
        parts = jobroutes.schema()
        schemas = found.setdefault("components", {}).setdefault("schemas", {})
        schemas |= parts.pop("$defs", {})
        schemas["Scenario"] = parts
        return found

    app.openapi = openapi  # type: ignore[method-assign]
