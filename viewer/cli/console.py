"""How commands speak: progress bars and messages on standard error, results on standard output."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from typer.core import TyperCommand
from typer.main import get_command

messages = Console(stderr=True, highlight=False)

EXIT_USER = 2
"""Exit code of a user's mistake: a wrong file, a wrong number, something missing."""
EXIT_FAILED = 1
"""Exit code of work that was well asked and went wrong."""


def as_command(function: Callable[..., Any]) -> TyperCommand:
    """Make one typer function the click command of its file."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(function)
    return cast(TyperCommand, get_command(app))


@contextmanager
def mistakes(*known: type[Exception]) -> Iterator[None]:
    """Turn the named errors into one clear line and exit code 2, without a traceback."""
    try:
        yield
    except known as error:
        messages.print(f"[bold red]error[/] {escape(str(error))}", soft_wrap=True, markup=True)
        raise typer.Exit(EXIT_USER) from error


def print_json(value: Any) -> None:
    """One JSON object on one line of standard output."""
    sys.stdout.write(json.dumps(value, allow_nan=False, ensure_ascii=False) + "\n")
    sys.stdout.flush()


@contextmanager
def progress(title: str) -> Iterator[Callable[[float, str], None]]:
    """Show a progress bar on standard error; the yielded function takes a fraction 0..1 and a word on what is done."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("[dim]{task.fields[step]}"),
    )
    with Progress(*columns, console=messages, transient=False) as bar:
        task = bar.add_task(title, total=1.0, step="")

        def tell(fraction: float, step: str = "") -> None:
            bar.update(task, completed=min(max(fraction, 0.0), 1.0), step=step)

        yield tell
        tell(1.0, "")
