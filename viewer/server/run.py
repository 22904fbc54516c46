"""Running the server: the socket it listens on, and how it starts and stops."""

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn
from fastapi import FastAPI

from viewer.server.children import end_warm_process
from viewer.server.limits import LOOPBACK

SEND_BUFFER = 262_144
"""Bytes the system may hold back for one slow client before the server skips frames for it. [byte]"""
SHUTDOWN_S = 3
_PING_S = 20.0


class ServeError(ValueError):
    """The server cannot listen where it was asked to; the text says why, and the remedy."""


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket.

    Parameters
    ----------
    host : str
        A loopback name or address; anything else is refused, as there is no login yet.
    port : int
        0 takes any free one.

    Raises
    ------
    ServeError
        Not a loopback address, or the port is taken.
    """
    if host not in LOOPBACK:
        raise ServeError(
            f"--host {host}: without a login the server only listens on this machine (127.0.0.1); to reach it from "
            "another one, forward the port: ssh -L 8000:127.0.0.1:8000 THIS_MACHINE"
        )
    if not 0 <= port <= 65_535:
        raise ServeError(f"--port {port}: a port is a number from 0 to 65535")
    family = socket.AF_INET6 if host == "::1" else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    try:
        listening.bind((host, port))
        listening.listen(256)
    except OSError as error:
        listening.close()
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            why = "is taken by another program" if error.errno == errno.EADDRINUSE else "needs more rights"
            raise ServeError(f"port {port} {why}; choose another one with --port, or 0 for any free one") from error
        raise ServeError(f"cannot listen on {host}:{port}: {error}") from error
    return listening


def address_of(listening: socket.socket) -> str:
    """The address to open in a browser."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


class _Server(uvicorn.Server):
    """Stops on a signal and then returns, so that the process ends in order and with 0."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Ask the server to stop; asked twice by Ctrl-C, it does not wait for anyone."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def serve(app: FastAPI, listening: socket.socket, *, on_ready: Callable[[str], None] | None = None) -> None:
    """Serve until the process is told to stop.

    Parameters
    ----------
    app : FastAPI
        From `viewer.server.app.create_app`.
    listening : socket.socket
        From `listen`.
    on_ready : callable, optional
        Is told the address once the server answers.
    """
    config = uvicorn.Config(
        app,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=app.state.desk.limits.message_bytes,
        ws_ping_interval=_PING_S,
        ws_ping_timeout=_PING_S,
        timeout_graceful_shutdown=SHUTDOWN_S,
        log_level="warning",
        access_log=False,
        server_header=False,
    )
    server = _Server(config)

    async def run() -> None:
        serving = asyncio.ensure_future(server.serve(sockets=[listening]))
        while not server.started and not serving.done():
            await asyncio.sleep(0.02)
        if on_ready is not None and server.started:
            on_ready(address_of(listening))
        await serving

    with contextlib.closing(listening):
        try:
            asyncio.run(run())
        finally:
            end_warm_process()
