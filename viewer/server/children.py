"""Child processes from the server's side: where they are forked from, one from start to end, why it is gone."""

import asyncio
import logging
import multiprocessing
import os
import pickle
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from twin.city import City
from viewer.server.channel import Channel
from viewer.server.jobtable import CANCELLED, FAILED, RUNNING, Job
from viewer.server.limits import Limits
from viewer.server.worker import CITY_VARIABLE, ONE_THREAD, Order, attend

Ending = tuple[str, str | None]
"""State of the jobs of a run, and the reason if it is not done."""

_log = logging.getLogger("bxl_twin.jobs")
_starting = threading.Lock()


def keep_pickle(city: City, folder: Path) -> Path:
    """Write a city for the children to read; returns the file."""
    path = folder / f"{city.digest[:32]}.pickle"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(dir=folder, suffix=".new")
        with os.fdopen(handle, "wb") as file:
            pickle.dump(city, file, protocol=pickle.HIGHEST_PROTOCOL)
        os.replace(fresh, path)
    return path


def warm_up(city: Path) -> None:
    """Start the process that children are forked from; ``city`` is the pickle it reads."""
    with _starting:
        changed = {**ONE_THREAD, CITY_VARIABLE: str(city)}
        before = {name: os.environ.get(name) for name in changed}
        os.environ.update(changed)
        try:
            forkserver.set_forkserver_preload(["viewer.cli", "viewer.server.warm"])
            forkserver.ensure_running()
        except (OSError, RuntimeError) as error:
            _log.warning("no warm process (%s); jobs start cold", error)
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value


def end_warm_process() -> None:
    """Kill the process that children are forked from; else a server that ends waits until it has warmed up."""
    known: Any = forkserver._forkserver  # type: ignore[attr-defined]
    if known._forkserver_pid is not None:
        with suppress(ProcessLookupError):
            os.kill(known._forkserver_pid, signal.SIGKILL)


@dataclass(eq=False)
class Run:
    """One child process, for all jobs of one digest.

    Attributes
    ----------
    digest : str
    jobs : dict of str to Job
        Those that wait for its result.
    channels : dict of str to Channel
        Frames by field.
    state : str
        running, then one of the ends.
    ended : asyncio.Event
    """

    order: Order
    jobs: dict[str, Job]
    channels: dict[str, Channel] = field(default_factory=dict)
    state: str = RUNNING
    stopping: bool = False
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    process: Any = None
    line: Connection | None = None

    @property
    def digest(self) -> str:
        """Of the scenario."""
        return self.order.digest

    def signal(self, number: int) -> None:
        """Send the child a signal, if there is one."""
        with suppress(OSError, AttributeError, ValueError):
            if self.process.exitcode is None:
                os.kill(self.process.pid, number)


def follow(run: Run, method: str, limits: Limits, hear: Callable[[Run, bytes], Ending | None]) -> Ending | None:
    """One child from start to end.

    Parameters
    ----------
    run : Run
    method : str
        Start method of ``multiprocessing``.
    limits : Limits
    hear : callable
        Takes in each message; its answer, if any, is the end.

    Returns
    -------
    tuple or None
        State and reason; None if the child never spoke.
    """
    context: Any = multiprocessing.get_context(method)
    ours, theirs = context.Pipe()
    process = context.Process(target=attend, args=(theirs, run.order), daemon=True)
    try:
        with _starting:
            process.start()
    except (OSError, EOFError, RuntimeError) as error:
        _log.warning("run %s: %s", run.digest[:12], error)
        return None
    finally:
        theirs.close()
    run.process, run.line = process, ours
    if run.stopping:
        run.signal(signal.SIGKILL)
    began = time.monotonic()
    heard: float | None = None
    ending: Ending | None = None
    while ending is None:
        now = time.monotonic()
        if heard is None and now > began + limits.start_s:
            process.kill()
            break
        if heard is not None and now > heard + limits.heartbeat_s:
            ending = FAILED, f"its process gave no sign of life for {limits.heartbeat_s:g} s"
        elif heard is not None and now > began + limits.job_wall_s:
            ending = (
                FAILED,
                f"it ran longer than {limits.job_wall_s:g} s; use larger cells or a shorter period",
            )
        else:
            try:
                if ours.poll(0.25):
                    ending = hear(run, ours.recv_bytes())
                    began, heard = (began if heard else time.monotonic()), time.monotonic()
            except (EOFError, OSError):
                break
    if ending is not None and ending[0] == FAILED and process.exitcode is None:
        process.join(0.5)
        process.kill()
    process.join(5)
    code = process.exitcode
    run.process = run.line = None
    ours.close()
    process.close() if code is not None else None
    if run.stopping:
        return CANCELLED, "cancelled by its user"
    if ending is None and heard is not None:
        return FAILED, _last_words(code, limits)
    return ending


def _last_words(code: int | None, limits: Limits) -> str:
    """Why a child that said nothing more is gone."""
    if code is not None and code < 0:
        number = -code
        if number == signal.SIGXCPU:
            return f"it used more than {limits.job_cpu_s:g} s of processor time; use larger cells or a shorter period"
        why = ", perhaps for want of memory" if number == signal.SIGKILL else ""
        return f"its process was ended by {signal.Signals(number).name}{why}"
    return f"its process ended without a word (exit code {code})"
