"""What the server accepts: sizes, rates, hosts, origins, and JSON of a sane shape."""

import asyncio
import json
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from viewer.server.problems import Problem

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True)
class Limits:
    """Numbers that bound what one user can ask of the server.

    Attributes
    ----------
    body_bytes : int
        Largest request body. [byte]
    json_depth : int
        Deepest nesting of a JSON body or message.
    requests_per_s : float
        Steady rate of requests under ``/api`` of one client. [1/s]
    burst : int
        Requests that may come at once before the rate counts.
    request_s : float
        A request must be read and its answer begun within this time; what then streams may take longer. [s]
    queued_per_user, running_per_user : int
        Jobs of one user that wait, and that run at the same time.
    queued, running : int
        Jobs that wait, and that run, in all.
    sockets : int
        Open websockets in all.
    message_bytes : int
        Largest control message of a websocket. [byte]
    job_wall_s, job_cpu_s : float
        Longest run of one job, by the clock and in processor time. [s]
    job_memory : int or None
        Address space of one job; None: nine tenths of the machine's memory. [byte]
    heartbeat_s : float
        A job that says nothing for this long is given up. [s]
    start_s : float
        A job's process must speak within this time, else it is started afresh. [s]
    tries : int
        Starts of one job, counting those that a stopped server cut off.
    """

    body_bytes: int = 10_000_000
    json_depth: int = 64
    requests_per_s: float = 20.0
    burst: int = 120
    request_s: float = 30.0
    queued_per_user: int = 8
    running_per_user: int = 2
    queued: int = 64
    running: int = 2
    sockets: int = 64
    message_bytes: int = 65_536
    job_wall_s: float = 3600.0
    job_cpu_s: float = 4 * 3600.0
    job_memory: int | None = None
    heartbeat_s: float = 30.0
    start_s: float = 60.0
    tries: int = 3


class _Bucket:
    """Token buckets by client; the least recently seen are forgotten."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic, remembered: int = 4096):
        self.rate, self.burst, self.clock, self.remembered = rate, burst, clock, remembered
        self.known: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, client: str) -> float:
        """Take a token: 0, or how long to wait for the next one. [s]"""
        now = self.clock()
        tokens, last = self.known.pop(client, (float(self.burst), now))
        tokens = min(tokens + (now - last) * self.rate, float(self.burst))
        allowed = tokens >= 1
        self.known[client] = (tokens - 1 if allowed else tokens, now)
        if len(self.known) > self.remembered:
            self.known.popitem(last=False)
        return 0.0 if allowed else (1 - tokens) / self.rate


class Gate:
    """ASGI middleware in front of everything: host, origin, rate, body size, and headers of every answer.

    Parameters
    ----------
    app : ASGIApp
    limits : Limits
    hosts : frozenset of str
        Names this server answers to (a page of another name must not reach a local server: DNS rebinding).
    """

    def __init__(self, app: ASGIApp, *, limits: Limits, hosts: frozenset[str] = LOOPBACK) -> None:
        self.app = app
        self.limits = limits
        self.hosts = hosts
        self.bucket = _Bucket(limits.requests_per_s, limits.burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        problem = self._refused(scope, headers)
        if scope["type"] == "websocket":
            if problem is None:
                await self.app(scope, receive, send)
            else:
                await receive()
                await send({"type": "websocket.close", "code": 1008, "reason": problem.kind})
            return

        clock = asyncio.timeout(self.limits.request_s)
        waiting = False

        async def dressed(message: Message) -> None:
            nonlocal waiting
            if message["type"] == "http.response.start":
                if waiting:
                    waiting = False
                    clock.reschedule(None)
                present = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *((name, value) for name, value in _HEADERS if name not in present),
                ]
            await send(message)

        if problem is not None:
            await problem.send(dressed)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self.limits.body_bytes:
                raise self._too_large(read)
            return message

        try:
            async with clock:
                waiting = True
                try:
                    await self.app(scope, counted, dressed)
                finally:
                    waiting = False
        except TimeoutError:
            if not clock.expired():
                raise
            words = f"the request was not done within {self.limits.request_s:g} s; send it faster, or ask for less"
            await Problem(408, "too-slow", words).send(dressed)

    def _too_large(self, size: int) -> Problem:
        limit = self.limits.body_bytes
        return Problem(413, "too-large", f"the body may have {limit} bytes, this one has {size} or more; send less")

    def _refused(self, scope: Scope, headers: Headers) -> Problem | None:
        host = _host_name(headers.get("host", ""))
        if host not in self.hosts:
            known = ", ".join(sorted(self.hosts))
            return Problem(
                421, "wrong-host", f"this server answers to {known}, not to {host!r}; use one of those names"
            )
        origin = headers.get("origin")
        writes = scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD", "OPTIONS")
        if origin is not None and writes and urlsplit(origin).netloc != headers.get("host"):
            return Problem(403, "foreign-origin", f"a page of {origin!r} may not steer this server; open its own page")
        if scope["type"] != "http" or not scope["path"].startswith("/api/") or scope["path"] == "/api/health":
            return None
        length = headers.get("content-length", "0")
        if not length.isdigit():
            return Problem(400, "bad-length", f"Content-Length must be a number, got {length!r}")
        if int(length) > self.limits.body_bytes:
            return self._too_large(int(length))
        client = scope["client"][0] if scope.get("client") else "local"
        wait = self.bucket.wait_s(client)
        if wait > 0:
            rate = self.limits.requests_per_s
            detail = f"{rate:g} requests a second are allowed; wait and ask again"
            return Problem(429, "too-many-requests", detail, headers={"Retry-After": str(max(1, round(wait)))})
        return None


def _host_name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


_CSP = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self' blob:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = (
    (b"content-security-policy", _CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


def parse_json(text: bytes | str, depth: int) -> Any:
    """Read JSON that may come from anyone.

    Parameters
    ----------
    text : bytes or str
        UTF-8.
    depth : int
        Deepest nesting allowed.

    Returns
    -------
    Any
        What the text says.

    Raises
    ------
    ValueError
        Not UTF-8, not JSON, nested too deep, or with NaN or Infinity; the text says which.
    """
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(f"expected UTF-8, byte {error.start} is not") from error
    bare = np.frombuffer(_STRINGS.sub(b"", text.encode()), np.uint8)
    steps = np.isin(bare, _OPENING).astype(np.int8) - np.isin(bare, _CLOSING)
    if np.cumsum(steps, dtype=np.int64).max(initial=0) > depth:
        raise ValueError(f"nested deeper than {depth} levels; flatten it")
    try:
        value = json.loads(text, parse_constant=_no_constant)
        if "\\ud" in text.lower():
            json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from error
    except UnicodeEncodeError as error:
        raise ValueError("half a surrogate pair in a text; write the whole character") from error
    return value


_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_OPENING, _CLOSING = np.frombuffer(b"[{", np.uint8), np.frombuffer(b"]}", np.uint8)


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is not a number of JSON; leave the value out or use null")


async def json_body(request: Request, limits: Limits) -> Any:
    """The JSON body of a request.

    Raises
    ------
    Problem
        415 for another media type, 413 for too many bytes, 400 for what is not sane JSON.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem(415, "not-json", f"send Content-Type: application/json, got {kind or 'none'!r}")
    body = await request.body()
    try:
        return parse_json(body, limits.json_depth)
    except ValueError as error:
        raise Problem(400, "bad-json", f"the body: {error}") from error
