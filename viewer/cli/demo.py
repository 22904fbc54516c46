"""``bxl-twin demo``: the embedded demo district in the browser, without any download."""

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

import twin.demo
from twin.city import City, CityError
from twin.demo import demo_city
from twin.demo.meters import FILES, write_demo_meters
from twin.folder import load, save
from viewer.cli.console import as_command, messages, mistakes, progress
from viewer.cli.serve import Host, Open, Port, open_door
from viewer.server.app import StateError, create_app
from viewer.server.monitoring import FOLDER
from viewer.server.run import ServeError, listen

_RECIPE = (Path(twin.demo.__file__).parent, Path(__file__).parents[2] / "assets" / "demo")


def _key(seed: int) -> str:
    """Version, seed and a hash of the recipe: a demo district made by older code is made anew."""
    recipe = hashlib.sha256()
    for folder in _RECIPE:
        for file in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"):
            recipe.update(file.read_bytes())
    return f"{version('bxl-twin')}-{seed}-{recipe.hexdigest()[:8]}"


def _district(state: Path, seed: int) -> City:
    """The demo district from the state folder, or built and kept there."""
    folder = state / f"district-{_key(seed)}"
    if folder.exists():
        try:
            return load(folder)
        except CityError as error:
            messages.print(f"[yellow]building the demo district again[/]: {error}", soft_wrap=True)
    with progress("demo district") as tell:
        tell(0.1, "streets, houses, trees")
        city = demo_city(seed)
        tell(0.9, "saving")
        save(city, folder)
    return city


def _meters(state: Path, city: City, seed: int) -> None:
    """Made-up meters for the page of monitoring, once for each recipe; what somebody else put there stays."""
    folder = state / FOLDER
    stamp = folder / ".demo"
    strange = folder.is_dir() and any(path.name not in FILES for path in folder.glob("*.csv"))
    if strange or (stamp.is_file() and stamp.read_text(encoding="utf-8") == _key(seed)):
        return
    write_demo_meters(city, folder, seed)
    stamp.write_text(_key(seed), encoding="utf-8")


def demo(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    state: Annotated[Path, typer.Option(help="Folder for the district, jobs and results.")] = Path("var/demo"),
    seed: Annotated[int, typer.Option(help="Another seed builds another district.")] = 1000,
    build_only: Annotated[bool, typer.Option("--build-only", help="Build everything, do not serve.")] = False,
    open_page: Open = False,
) -> None:
    """Build the embedded demo district (once) and serve it."""
    with mistakes(CityError, ServeError, StateError):
        listening = None if build_only else listen(host, port)
        city = _district(state, seed)
        _meters(state, city, seed)
        if listening is None:
            with progress("pages' files") as tell:
                create_app(city, state, on_progress=tell)
            messages.print(f"built: {len(city.buildings)} buildings, {len(city.trees)} trees in {state}")
            return
        open_door(city, state, listening, open_page=open_page)


command = as_command(demo)
