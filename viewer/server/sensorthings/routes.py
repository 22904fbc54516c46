"""The routes of SensorThings: one address for all entities, and the options of a question."""

import asyncio
import json
import threading
from collections.abc import Callable, Collection
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from twin.sensors.model import Readings, SensorError
from twin.sensors.privacy import PrivacyError, admit
from twin.sensors.store import Ack, SensorStoreError, Store, StoreFull
from viewer.server.limits import Limits, json_body, parse_json
from viewer.server.problems import Problem, documented
from viewer.server.sensorthings import addresses, arrays, changing, creating
from viewer.server.sensorthings.answers import Answer, checked, plain
from viewer.server.sensorthings.functions import ValueMismatch
from viewer.server.sensorthings.grammar import OPTIONS, GrammarError, Query, parse
from viewer.server.sensorthings.kinds import KINDS, OBSERVATIONS, Entity, Kind
from viewer.server.sensorthings.shelf import Shelf

PREFIX = "/api/sensorthings/v1.1"
_REQ = "http://www.opengis.net/spec/iot_sensing/1.1/req/"

CONFORMANCE = tuple(
    _REQ + name
    for name in (
        *(f"datamodel/{kind}/{part}"
          for kind in ("thing", "location", "historical-location", "datastream", "sensor", "observed-property",
                       "observation", "feature-of-interest")
          for part in ("properties", "relations")),
        "datamodel/entity-control-information/common-control-information",
        "resource-path/resource-path-to-entities",
        *(f"request-data/{name}"
          for name in ("order", "expand", "select", "status-code", "query-status-code", "orderby", "top", "skip",
                       "count", "filter", "built-in-filter-operations", "built-in-query-functions", "pagination")),
        *(f"create-update-delete/{name}"
          for name in ("create-entity", "link-to-existing-entities", "deep-insert", "deep-insert-status-code",
                       "historical-location-auto-creation")),
        "data-array/data-array",
    )
)  # fmt: skip
"""Requirements of OGC 18-088, each with a test of its own. Observations cannot be changed or deleted here, so
update-entity and delete-entity are not among them, though the other kinds can."""

JSON, JSON_PATCH = "application/json", "application/json-patch+json"
T = TypeVar("T")


def sensorthings(
    store: Store,
    *,
    limits: Limits | None = None,
    append: Callable[[Readings], Ack] | None = None,
    open_feeds: Collection[str] = (),
) -> APIRouter:
    """Routes over a store of readings.

    Parameters
    ----------
    store : Store
        One that may write, else every POST is refused.
    limits : Limits, optional
    append : callable, optional
        Keeps readings that come in, where they are to be looked at first; without, the store does.
    open_feeds : collection of str
        Feeds whose small counts may be told, see `twin.sensors.privacy.published`.

    Returns
    -------
    APIRouter
    """
    router = APIRouter(prefix=PREFIX, tags=["sensorthings"], responses=documented(400, 404, 405, 409, 422, 503))
    bounds = limits or Limits()
    keep = append or store.append
    writing = threading.Lock()

    def shelf() -> Shelf:
        return Shelf(store, open_feeds)

    @router.get("", include_in_schema=False)
    @router.get("/")
    async def root(request: Request) -> dict[str, Any]:
        """List the entity sets, and what of the standard is served."""
        here = _root(request)
        return {
            "value": [{"name": name, "url": f"{here}/{name}"} for name in KINDS],
            "serverSettings": {"conformance": list(CONFORMANCE)},
        }

    @router.post("/CreateObservations")
    async def create_observations(request: Request) -> Response:
        """Take many observations as data arrays; the answer has an address or ``error`` for each row."""
        document = await _body(request, bounds)

        def make() -> list[str]:
            with writing:
                ids = arrays.create(creating.Draft(shelf(), keep), document)
            here = _root(request)
            return [f"{here}/{addresses.written(OBSERVATIONS, key)}" if key else "error" for key in ids]

        return JSONResponse(await _done(make), 201)

    @router.get("/{path:path}")
    async def read(request: Request, path: str) -> Response:
        """Answer with an entity, a collection, a property or its bare value."""
        query, options = _query(request)
        return await _done(lambda: _read(shelf(), _root(request), path, query, options))

    @router.post("/{path:path}", status_code=201)
    async def create(request: Request, path: str) -> Response:
        """Make an entity, with all that is sent inside of it."""
        document = await _body(request, bounds)

        def make() -> Response:
            with writing:
                kind, key = _create(creating.Draft(shelf(), keep), path, document)
            # what is made is read anew: the answer is what the store now says
            now = shelf()
            answer = Answer(now, _root(request))
            entity = addresses.read(addresses.plainly(kind, key), now).entity
            assert entity is not None
            return JSONResponse(answer.entity(entity, Query()), 201, headers={"Location": answer.link(entity)})

        return await _done(make)

    @router.patch("/{path:path}")
    @router.put("/{path:path}")
    async def update(request: Request, path: str) -> Response:
        """Change what the body names of an entity, by a JSON Patch too; or, by PUT, all of it."""
        small = request.headers.get("content-type", "").split(";")[0].strip().lower() == JSON_PATCH
        document = await _body(request, bounds, JSON_PATCH if small and request.method == "PATCH" else JSON)

        def make() -> Response:
            with writing:
                before = shelf()
                draft = creating.Draft(before, keep)
                entity = _entity(addresses.read(path, before))
                asked = changing.patched(entity, document) if small else document
                changing.update(draft, entity, asked, request.method == "PUT")
                draft.keep()
            now = shelf()
            found = addresses.read(path, now).entity
            assert found is not None
            return JSONResponse(Answer(now, _root(request)).entity(found, Query()))

        return await _done(make)

    @router.delete("/{path:path}")
    async def delete(path: str) -> Response:
        """Take an entity away, with what cannot be without it."""

        def make() -> Response:
            with writing:
                draft = creating.Draft(before := shelf(), keep)
                readings = changing.delete(draft, _entity(addresses.read(path, before)))
                draft.keep()
                if readings:
                    changing.forget(draft)
            return Response(status_code=200)

        return await _done(make)

    return router


def _create(draft: creating.Draft, path: str, document: Any) -> tuple[Kind, str]:
    target = addresses.read(path, draft.shelf)
    if target.entity is not None or target.form:
        raise Problem(405, "method-not-allowed", f"{path[:200]}: a POST goes to a collection, such as Things")
    key = draft.create(target.kind, document, target.parent)
    if draft.keep().differing:
        for row in draft.rows:
            if creating.differs(draft.shelf, row):
                raise creating.conflict(row)
    return target.kind, key


def _entity(target: addresses.Target) -> Entity:
    if target.entity is None or target.property or target.form:
        raise Problem(405, "method-not-allowed", "only an entity can be changed or deleted, such as Things('id')")
    return target.entity


def _read(shelf: Shelf, root: str, path: str, query: Query, options: dict[str, str]) -> Response:
    target = addresses.read(path, shelf)
    answer = Answer(shelf, root)
    if target.property:
        value: Any = target.entity.value(target.property[0]) if target.entity is not None else None
        for name in target.property[1:]:
            if not isinstance(value, dict) or name not in value:
                raise Problem(404, "not-found", f"{path[:200]}: {target.property[0]} has no {name[:80]!r}")
            value = value[name]
        if value is None:
            return Response(status_code=204)
        if target.form == "$value":
            words = plain(value)
            return PlainTextResponse(words if isinstance(words, str) else json.dumps(words, ensure_ascii=False))
        return JSONResponse({target.property[-1]: plain(value)})
    checked(query, target.kind)
    if query.array and target.kind is not OBSERVATIONS:
        raise GrammarError("$resultFormat: only Observations are told as dataArray")
    if target.entity is None:
        return JSONResponse(answer.collection(target, query, f"{root}/{quote(path, safe=_SAFE)}", options))
    told = {"where": "$filter", "order": "$orderby", "top": "$top", "skip": "$skip", "count": "$count"}
    for option in told.values():
        if option in options:
            raise GrammarError(
                f"{option}: {target.kind.one} {target.entity.id!r} is one entity; ask it of a collection"
            )
    if target.form == "$ref":
        return JSONResponse({"@iot.selfLink": answer.link(target.entity)})
    return JSONResponse(answer.entity(target.entity, query))


_SAFE = "/$'()"


def _root(request: Request) -> str:
    return str(request.base_url).rstrip("/") + PREFIX


def _query(request: Request) -> tuple[Query, dict[str, str]]:
    """The options of a request, read, and as they came."""
    given = parse_qsl(request.url.query, keep_blank_values=True)
    words = {name: value for name, value in given if name.startswith("$")}
    if len(words) < sum(name.startswith("$") for name, _ in given):
        raise Problem(400, "bad-query", "an option is there twice; join conditions by 'and'")
    unknown = sorted(words.keys() - OPTIONS.keys())
    if unknown:
        raise Problem(501, "not-implemented", f"no option {unknown[0][:60]!r}; there are {', '.join(OPTIONS)}")
    try:
        return Query(**{OPTIONS[name]: parse(name, value) for name, value in words.items()}), words
    except GrammarError as error:
        raise Problem(400, "bad-query", str(error)) from error


async def _body(request: Request, limits: Limits, kind: str = JSON) -> Any:
    if kind == JSON:
        document = await json_body(request, limits)
    else:
        try:
            document = parse_json(await request.body(), limits.json_depth)
        except ValueError as error:
            raise Problem(400, "bad-json", f"the body: {error}") from error
    try:
        admit("sensorthings", document)
    except PrivacyError as error:
        raise Problem(422, "personal", str(error)) from error
    return document


async def _done(make: Callable[[], T]) -> T:
    """Do it beside the loop, for the store blocks, and say its errors in the server's words."""
    try:
        return await asyncio.to_thread(make)
    except (GrammarError, ValueMismatch) as error:
        raise Problem(400, "bad-query", str(error)) from error
    except SensorError as error:
        raise Problem(422, "bad-entity", str(error)) from error
    except StoreFull as error:
        raise Problem(507, "full", str(error)) from error
    except SensorStoreError as error:
        raise Problem(503, "store", str(error)) from error
