"""The child process of one run: computes, encodes frames, and talks to the server over one pipe."""

import ctypes
import errno
import json
import os
import pickle
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from kernels.contract import KernelError, LayerError
from kernels.quantities import QUANTITIES
from twin.city import City, CityError
from twin.packing import as_stored
from twin.result import StoreError
from viewer.server import fields
from viewer.server.frames import Encoder
from viewer.tiles import local_origin

FRAME, WORDS = b"F", b"J"
"""First byte of a message to the server: an encoded frame, or a JSON object."""
CITY_VARIABLE = "BXL_TWIN_WARM_CITY"
"""Environment variable with the path of the city's pickle, read where children are forked from."""
HEAT_VARIABLE = "BXL_TWIN_WARM_HEAT"
"""Set where people use the server: the loops of heat are loaded before the fork too."""
ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
"""Environment of that process: a thread pool does not survive a fork."""
_BEAT_S = 1.0
_PROGRESS_S = 0.1
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG, linux/prctl.h
_NICE = 1


@dataclass(frozen=True)
class Order:
    """What a child is to do.

    Attributes
    ----------
    digest : str
        Of the scenario.
    scenario : dict
        Canonical document.
    city : Path
        Pickle of the city, written by this server.
    city_digest : str
    results : Path
        Root of the result store.
    work : str
        ``module:function`` that is called like ``scenarios.engine.simulate``.
    streams : dict of str to int
        Stream number of each field that may be sent.
    memory : int
        Address space beyond what the start took. [byte]
    cpu_s : float
        Processor time. [s]
    """

    digest: str
    scenario: dict[str, Any]
    city: Path
    city_digest: str
    results: Path
    work: str
    streams: dict[str, int] = field(default_factory=dict)
    memory: int = 8 << 30
    cpu_s: float = 3600.0


class _Line:
    """The child's end of the pipe: one thread listens and beats, any thread may send."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self.cancelled = threading.Event()
        self.send({"say": "hello", "pid": os.getpid()})
        threading.Thread(target=self._listen, name="line", daemon=True).start()

    def send(self, words: dict[str, Any]) -> None:
        self._send(WORDS + json.dumps(words, ensure_ascii=False, allow_nan=False).encode())

    def send_frame(self, name: str, frame: bytes) -> None:
        label = name.encode()
        self._send(FRAME + bytes([len(label)]) + label + frame)

    def _send(self, message: bytes) -> None:
        try:
            with self._lock:
                self._connection.send_bytes(message)
        except (BrokenPipeError, ConnectionResetError):
            os._exit(0)  # the server is gone: nobody waits for this result

    def _listen(self) -> None:
        while True:
            try:
                while self._connection.poll(_BEAT_S):
                    if self._connection.recv_bytes() == b"cancel":
                        self.cancelled.set()
            except (EOFError, OSError):
                os._exit(0)
            self.send({"say": "beat"})


def _guard(order: Order) -> None:
    """Bound what this process may take, and let it die with its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGKILL)
    os.nice(_NICE)
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + order.memory, taken + order.memory))
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime + order.cpu_s) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class _Sender:
    """Turns what the engine tells into messages; frames are encoded here, once for all clients."""

    def __init__(self, line: _Line, order: Order, city: City) -> None:
        self.line = line
        self.order = order
        self.origin = local_origin(city)
        self.end_s = float((order.scenario.get("period") or {}).get("duration_s") or np.inf)
        self.encoders: dict[str, Encoder] = {}
        self.sequence = 0
        self.told = 0.0

    def on_frame(self, kernel: str, frame: xr.Dataset) -> None:
        self.sequence += 1
        time_s = float(frame["time"].values)
        # what streams by is what the store will give: a page that comes later sees the same water
        kept = {name: one.copy(data=as_stored(str(name), one.values)) for name, one in frame.data_vars.items()}
        frame = frame.assign(kept)
        for name in fields.available(frame):
            stream = self.order.streams.get(name)
            if stream is None:
                continue
            if name not in self.encoders:
                self.encoders[name] = Encoder(name, stream)
                units = QUANTITIES[name].units
                place = fields.place_of(frame, name, self.origin)
                self.line.send({"say": "field", "field": name, "units": units, **place})
            last = time_s >= self.end_s - 1e-6
            encoded = self.encoders[name].encode(fields.values(frame, name), time_s, self.sequence, last=last)
            self.line.send_frame(name, encoded)
        if "indicators" in frame.attrs:
            self.line.send({"say": "indicators", "indicators": frame.attrs["indicators"]})

    def on_progress(self, fraction: float, words: str = "") -> None:
        now = time.monotonic()
        if now - self.told >= _PROGRESS_S:
            self.told = now
            self.line.send({"say": "progress", "progress": min(max(float(fraction), 0.0), 1.0), "words": words})


def _resolve(name: str) -> Callable[..., Any]:
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), function)
    return found


_cities: dict[str, City] = {}


def keep_city(path: Path) -> City:
    """Read the pickle of a city and keep it; a forked child finds it ready."""
    with path.open("rb") as file:
        city: City = pickle.load(file)  # written by this server into its own state folder
    _cities[city.digest] = city
    return city


def attend(connection: Connection, order: Order) -> None:
    """Do one order and say how it ended; the body of the child process."""
    _guard(order)
    line = _Line(connection)
    try:
        city = _cities.get(order.city_digest) or keep_city(order.city)
        sender = _Sender(line, order, city)
        kept = _resolve(order.work)(
            city,
            order.scenario,
            results=order.results,
            on_frame=sender.on_frame,
            on_progress=sender.on_progress,
            cancelled=line.cancelled.is_set,
        )
        if kept not in (None, order.digest):
            raise StoreError("the program's code changed since the server started; restart it and run this again")
        ending = {"say": "done"}
    except BaseException as error:
        ending = {"say": "cancelled"} if line.cancelled.is_set() else {"say": "failed", "reason": reason_of(error)}
    line.send(ending)
    sys.stderr.flush()
    os._exit(0)  # threads of libraries must not hold up the end


def reason_of(error: BaseException) -> str:
    """What to tell the user of an error, and what to leave to the log."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            return f"the disk is full ({cause.strerror}); free some space where results are kept and run it again"
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, MemoryError) or "cannot allocate memory" in str(error).lower():
        return "it needs more memory than one job may take; use larger cells or a smaller window"
    if isinstance(error, LayerError | KernelError | CityError | StoreError | ValueError):
        return str(error) or type(error).__name__
    with suppress(OSError):  # the log may lie on the full disk
        traceback.print_exception(error)
    return f"{type(error).__name__}: {error}; the server's log has the details"
