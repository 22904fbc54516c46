"""``bxl-twin serve``: a city folder in the browser."""

import os
import socket
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from twin.city import City, CityError
from twin.folder import load
from viewer.cli.console import as_command, messages, mistakes, progress
from viewer.server.app import StateError, create_app
from viewer.server.pages import BUILD, are_built
from viewer.server.run import ServeError, listen, serve
from viewer.server.worker import HEAT_VARIABLE

Host = Annotated[str, typer.Option(help="Address to listen on; only this machine (127.0.0.1) without a login.")]
Port = Annotated[int, typer.Option(help="Port to listen on; 0 takes any free one.")]
Open = Annotated[bool, typer.Option("--open", help="Open the page in the browser.")]


def open_door(city: City, state: Path, listening: socket.socket, *, open_page: bool) -> None:
    """Make the pages' files of a city with a progress bar, then serve until Ctrl-C."""
    with progress("pages' files") as tell:
        app = create_app(city, state, on_progress=tell)

    def on_ready(address: str) -> None:
        if not are_built():
            messages.print(f"[yellow]the web pages are not built[/]: run  make pages  (or {BUILD}) and reload")
        messages.print(f"open [bold]{address}[/]   (Ctrl-C stops the server)", soft_wrap=True)
        if open_page:
            webbrowser.open(address)

    os.environ[HEAT_VARIABLE] = "1"
    serve(app, listening, on_ready=on_ready)


def serve_city(
    city: Annotated[Path, typer.Argument(help="City folder, as bxl-twin import writes it.")],
    host: Host = "127.0.0.1",
    port: Port = 8000,
    state: Annotated[
        Path | None, typer.Option(help="Folder for jobs and results; default: var beside the city folder.")
    ] = None,
    open_page: Open = False,
) -> None:
    """Serve a city folder to the browser."""
    with mistakes(CityError, ServeError, StateError):
        listening = listen(host, port)
        with progress("city"):
            whole = load(city)
        open_door(whole, state or city.absolute().parent / "var", listening, open_page=open_page)


command = as_command(serve_city)
