"""The front door, ``bxl-twin``: each command is one file, loaded only when it is called."""

import sys
from importlib import import_module
from importlib.metadata import version
from typing import Any

import typer
from typer.core import TyperGroup

# command -> (module, one line of help); the module holds the command object under the name ``command``
COMMANDS: dict[str, tuple[str, str]] = {
    "import": ("viewer.cli.importing", "Read a 3D cadastre, terrain, trees and streets into a city folder."),
    "demo": ("viewer.cli.demo", "Build the embedded demo district and serve it."),
    "fetch": ("viewer.cli.fetch", "Download open data of the Region (UrbIS), resumable, with licence and checksum."),
    "serve": ("viewer.cli.serve", "Serve a city folder to the browser."),
    "run": ("viewer.cli.run", "Run a scenario document offline."),
    "risk": ("viewer.cli.risk", "Run a scenario for several return periods: expected annual damage, Directive packs."),
    "basin": ("viewer.cli.basin", "Search the smallest storm basin with which a scenario meets a target."),
    "heat-islands": ("viewer.cli.heat_islands", "Rank streets or sectors of a heat day by who suffers there."),
    "green": ("viewer.cli.green", "Count who lives by the 3-30-300 rule: trees in sight, canopy, green nearby."),
    "plant": ("viewer.cli.plant", "Search where so many trees would help most people on a heat day."),
    "picture": ("viewer.cli.picture", "Draw a still picture of a city or of a result."),
    "flood": ("viewer.cli.flood", "Run the flood kernel on anyone's raw terrain, without any city."),
    "trees": ("viewer.cli.trees", "Take stock of the trees: sizes, CO2 held, sums by street, upkeep of the year."),
    "facts": ("viewer.cli.facts", "Tell a city what is known of its buildings, or list what is known and assumed."),
    "heat": ("viewer.cli.heat", "Run the heat kernel on anyone's rasters and weather, without any city."),
    "assign": ("viewer.cli.assign", "Find the static traffic equilibrium of anyone's network and trips in TNTP."),
    "simulate-traffic": ("viewer.cli.simulate_traffic", "Send vehicles one by one through anyone's streets, by CSV."),
    "reach": ("viewer.cli.reach", "Count who reaches the places of daily life on foot or by bicycle in time."),
    "pedestrians": ("viewer.cli.pedestrians", "Estimate how many people walk in every street at an hour."),
    "compare-traffic": ("viewer.cli.compare_traffic", "Say who gains and who loses by the streets of a scenario."),
    "filters": ("viewer.cli.filters", "Propose where to close a neighbourhood to through traffic."),
    "building": ("viewer.cli.building", "Work out what anyone's building needs in a year, by layers and weather."),
    "district": ("viewer.cli.district", "Judge a positive energy district, or search what would make it one."),
    "dispatch": ("viewer.cli.dispatch", "Find the cheapest schedule of anyone's energy hub, by CSV."),
    "solar": ("viewer.cli.solar", "Sum up the sun of a year on anyone's planes, and what photovoltaics make of it."),
    "monitor": ("viewer.cli.monitor", "Watch anyone's meters: energy signatures, savings, alarms, leaks."),
    "heritage": ("viewer.cli.heritage", "Follow an owner's buildings over years, by budget and strategy."),
    "replay": ("viewer.cli.replay", "Play recorded or made-up sensors into a store of readings, at any speed."),
    "export": ("viewer.cli.export", "Write a city as CityJSON, GeoPackage or 3D Tiles."),
    "schema": ("viewer.cli.schema", "Print the JSON schema of the scenario document."),
    "warmup": ("viewer.cli.warmup", "Compile every kernel once, so that the first run is quick."),
}


class _Lazy(TyperGroup):
    """A command group that imports a command's file when the command is called, not before."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All names, in the order of a user's work."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, name: str) -> Any:
        """Import the one file that holds the command."""
        if name not in COMMANDS:
            return None
        command = import_module(COMMANDS[name][0]).command
        command.name = name
        return command

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """List the commands without importing any."""
        formatter.write_usage("bxl-twin", "COMMAND [ARGS]…")
        formatter.write_paragraph()
        formatter.write_text("Digital twin of Brussels: flood, heat, traffic and energy on the 3D cadastre.")
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])
        formatter.write_paragraph()
        formatter.write_text("bxl-twin COMMAND --help says more of each; --version prints the version.")


_app = typer.Typer(
    cls=_Lazy,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(version("bxl-twin") + "\n")
        raise typer.Exit


@_app.callback(invoke_without_command=False)
def _front_door(
    version: bool = typer.Option(False, "--version", is_eager=True, callback=_print_version, help="Print the version."),
) -> None:
    """Digital twin of Brussels: flood, heat, traffic and energy on the 3D cadastre."""


def main() -> None:
    """Run the command line."""
    typer.main.get_command(_app)()


if __name__ == "__main__":
    main()
