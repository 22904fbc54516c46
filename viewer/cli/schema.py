"""``bxl-twin schema``: the JSON schema of the scenario document, for editors and other programs."""

from scenarios.scenario import json_schema
from viewer.cli.console import as_command, print_json


def schema() -> None:
    """Print the JSON schema (draft 2020-12) of the scenario document."""
    print_json(json_schema())


command = as_command(schema)
