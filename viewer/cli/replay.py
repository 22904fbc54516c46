"""``bxl-twin replay``: recorded or made-up sensors into a store, at any speed."""

import math
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from scenarios.problem import ScenarioError
from twin.city import CityError
from twin.sensors.ingest import Ingest
from twin.sensors.model import SECOND, SensorError
from twin.sensors.recordings import Arrival, Recordings, read_recordings, shifted
from twin.sensors.replay import LONGEST_GAP_S, Played, Replay, ReplayClock
from twin.sensors.sqlite import SqliteStore
from twin.sensors.store import SensorStoreError
from twin.sensors.synthetic import demo_arrivals, demo_sensors
from twin.street_works import BRUSSELS
from viewer.cli.console import as_command, messages, mistakes, print_json, progress
from viewer.cli.run import DEMO, read_city

SYNTHETIC = "synthetic"
ENDLESS = 36_500 * 86_400 * SECOND
"""[ns]"""


def replay(
    source: Annotated[str, typer.Argument(help="Recorded file, folder of them, or the word synthetic.")],
    store: Annotated[Path, typer.Option(help="Folder of the readings; made where it does not exist.")] = Path(
        "var/sensors"
    ),
    city: Annotated[str, typer.Option(help="City folder, or the word demo: where made-up sensors stand.")] = DEMO,
    speed: Annotated[float, typer.Option(help="So many times as fast as the clock; inf waits for nothing.")] = 60.0,
    now: Annotated[
        bool, typer.Option("--now", help="Move times so that the newest of each feed is of now; they are labelled.")
    ] = False,
    loop: Annotated[bool, typer.Option("--loop", help="Begin anew after the end; Ctrl-C ends it.")] = False,
    gap: Annotated[float, typer.Option(min=0.0, help="Silences longer than so are jumped over. [s]")] = LONGEST_GAP_S,
    begin: Annotated[str | None, typer.Option(help="Begin of made-up readings: 2026-11-27, or with an hour.")] = None,
    hours: Annotated[float, typer.Option(min=0.1, max=87_600.0, help="Length of made-up readings. [h]")] = 24.0,
    seed: Annotated[int, typer.Option(min=0, help="Another makes other sensors and readings.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object: what was played, and health.")] = False,
) -> None:
    """Play sensors into a store of readings: recorded payloads, or made-up ones of a city, which are labelled so."""
    known = (SensorError, SensorStoreError, CityError, ScenarioError, OSError)
    with mistakes(*known), progress("replay") as tell:
        if not speed > 0.0:
            raise SensorError(f"--speed is above 0, got {speed:g}; 60 plays an hour in a minute, inf waits for nothing")
        if loop and source != SYNTHETIC and not now:
            raise SensorError("--loop plays the same again, which a store keeps once; add --now, so that times go on")
        if loop and math.isinf(speed):
            raise SensorError("--loop without a limit of speed fills the disk; give --speed a number, such as 60")
        step_s = 60.0 if math.isinf(speed) else max(1.0, speed)
        recordings = Recordings(())
        arrivals: Iterable[Arrival]
        if source == SYNTHETIC:
            start = _moment(begin) if begin else time.time_ns() - round(hours * 3600.0) * SECOND
            sensors = demo_sensors(read_city(city), seed)
            end = start + round(hours * 3600.0) * SECOND
            # made-up sensors need not repeat themselves: a loop of them is time that goes on
            arrivals = demo_arrivals(sensors, start, start + ENDLESS if loop else end, step_s)
            total, first, again = math.ceil((end - start) / SECOND / step_s), start, False
        else:
            recordings = read_recordings(Path(source), step_s=step_s, on_progress=lambda part, name: tell(0.0, name))
            found = shifted(recordings.arrivals, time.time_ns()) if now else list(recordings.arrivals)
            arrivals, total, first, again = found, len(found), found[0].time, loop
        clock = ReplayClock(first, speed)
        with SqliteStore(store) as opened:
            ingest = Ingest(opened)
            played = Replay(arrivals, ingest, clock, gap)
            try:
                played.run(loop=again, total=total, on_progress=tell)
            except KeyboardInterrupt:
                messages.print("[yellow]stopped; what was played is kept[/]")
            health = ingest.health(clock.now())
    _show(played.played, health, recordings, demo=source == SYNTHETIC)
    if json:
        print_json({
            "arrivals": played.played.arrivals, "rows": played.played.rows, "stored": played.played.stored,
            "failures": played.played.failures, "passes": played.played.passes, "jumped_s": played.played.jumped_s,
            "read": recordings.read, "beside": list(recordings.beside), "unread": recordings.unread,
            "demo": source == SYNTHETIC, "shifted": now, "health": health,
        })  # fmt: skip


def _moment(stamp: str) -> int:
    """Time of a day, which begins at midnight of Brussels, or of ISO 8601. [ns, UTC]"""
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError as error:
        raise SensorError(f"{stamp!r} is no day; write it as 2026-11-27 or 2026-11-27T08:00") from error
    whole = moment if moment.tzinfo else moment.replace(tzinfo=BRUSSELS)
    return (whole.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1) * SECOND


def _show(played: Played, health: dict, recordings: Recordings, *, demo: bool) -> None:  # type: ignore[type-arg]
    if demo:
        messages.print("[bold]demo data: made up by a program, not measured[/]")
    table = Table(box=None, pad_edge=False)
    columns = ("rows", "stored", "duplicates", "late", "missing", "silent")
    table.add_column("feed", no_wrap=True)
    for name in columns:
        table.add_column(name, justify="right")
    for name, one in health["feeds"].items():
        if one["payloads"]:
            table.add_row(escape(name), *(f"{one[column]:,}" for column in columns))
    messages.print(table)
    for name, one in health["feeds"].items():
        if one["failures"]:
            words = escape(str(one["last_failure"]))
            messages.print(f"[red]{escape(name)}: told nothing {one['failures']} times: {words}[/]", soft_wrap=True)
        for problem in one["problems"]:
            words = f"{problem['field']} {problem['words']}: {problem['sample']}"
            messages.print(f"[yellow]{escape(name)}: {problem['rows']} x {escape(words)}[/]", soft_wrap=True)
    for name, words in recordings.unread.items():
        messages.print(f"[yellow]not read: {escape(name)}: {escape(words)}[/]", soft_wrap=True)
    if played.jumped_s:
        messages.print(f"[dim]silences of {played.jumped_s / 3600.0:,.0f} h were jumped over[/]")


command = as_command(replay)
