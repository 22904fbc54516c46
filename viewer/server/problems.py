"""Errors of the server in one shape: RFC 9457 problem details."""

import json
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import Send

MEDIA_TYPE = "application/problem+json"
_TITLES = {
    400: "The request cannot be read",
    403: "Not allowed from here",
    404: "There is nothing here",
    405: "This address does not do that",
    406: "This form is not on offer",
    409: "This does not fit what is here",
    413: "The request is too large",
    415: "The request is in another format than expected",
    421: "This server has another name",
    422: "The request cannot be done as asked",
    429: "Too many requests",
    500: "The server made a mistake",
    503: "The server cannot take this now",
    507: "The disk is full",
}


class Problem(Exception):
    """A request that ends with an error.

    Parameters
    ----------
    status : int
        HTTP status.
    kind : str
        Short name of the error, the end of its ``type``.
    detail : str
        The thing, what was expected, what came, the remedy.
    headers : dict, optional
        Further response headers.
    **more
        Further members of the object, such as ``pointer``.
    """

    def __init__(self, status: int, kind: str, detail: str, *, headers: dict[str, str] | None = None, **more: Any):
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.headers = headers or {}
        self.more = more

    def body(self) -> dict[str, Any]:
        """The problem object."""
        return {
            "type": f"urn:bxl-twin:problem:{self.kind}",
            "title": _TITLES.get(self.status, "The request failed"),
            "status": self.status,
            "detail": self.detail,
            **self.more,
        }

    def response(self) -> JSONResponse:
        """The answer to send."""
        return JSONResponse(self.body(), self.status, headers=self.headers, media_type=MEDIA_TYPE)

    async def send(self, send: Send) -> None:
        """Answer from within a middleware."""
        content = json.dumps(self.body(), ensure_ascii=False).encode()
        headers = {"content-type": MEDIA_TYPE, "content-length": str(len(content)), **self.headers}
        raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": raw})
        await send({"type": "http.response.body", "body": content})


_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "pointer": {"type": "string", "description": "JSON pointer to the wrong place in the body"},
    },
}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI entries of the errors a route can answer with."""
    return {
        status: {"description": _TITLES[status], "content": {MEDIA_TYPE: {"schema": _SCHEMA}}} for status in statuses
    }


def install(app: FastAPI) -> None:
    """Make every error of the app a problem object."""

    @app.exception_handler(Problem)
    async def _known(_: Request, error: Problem) -> JSONResponse:
        return error.response()

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        place = "/".join(str(part) for part in first["loc"])
        return Problem(422, "invalid", f"{place}: {first['msg']}", pointer=f"/{place}").response()

    @app.exception_handler(HTTPException)
    async def _plain(_: Request, error: HTTPException) -> JSONResponse:
        kind = {404: "not-found", 405: "method-not-allowed"}.get(error.status_code, "refused")
        return Problem(error.status_code, kind, str(error.detail), headers=dict(error.headers or {})).response()

    @app.exception_handler(Exception)
    async def _unknown(_: Request, error: Exception) -> JSONResponse:
        return Problem(500, "internal", f"{type(error).__name__}; the server's log has the details").response()
