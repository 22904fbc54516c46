"""Stored results as frames: the same messages as the stream's, made anew from the store."""

import threading
from functools import lru_cache
from itertools import count

import numpy as np
import xarray as xr

from kernels.quantities import QUANTITIES
from twin.result import Result
from viewer.server import fields
from viewer.server.channel import Channel
from viewer.server.desk import Desk
from viewer.server.frames import Encoder
from viewer.tiles import local_origin

_FIRST_STREAM = 1 << 31
"""Streams from the store are numbered from here on, those of running jobs from 16."""
_numbers = count(_FIRST_STREAM)
_numbering = threading.Lock()


@lru_cache(maxsize=4096)
def _stream_of(digest: str, name: str) -> int:
    with _numbering:
        return next(_numbers)


def times(data: xr.Dataset) -> np.ndarray:
    """Output times of a result. [s]"""
    return np.asarray(data["time"].values, float) if "time" in data.coords else np.zeros(0)


def names(data: xr.Dataset) -> list[str]:
    """Fields of a result, over the ground and along links, those of every output time first."""
    found = fields.available(data)
    return sorted(found, key=lambda name: (name not in data or "time" not in data[name].dims, found.index(name)))


def one_field(data: xr.Dataset, name: str, index: int) -> np.ndarray:
    """Values of a field at one output time; a field of the whole run has index 0 only.

    Raises
    ------
    KeyError
        No such field, or no such index.
    """
    if name in data and "time" not in data[name].dims:
        if index != 0:
            raise KeyError(f"{name} is one field for the whole run: ask for index 0, not {index}")
        return fields.values(data, name)
    if name not in fields.available(data):
        raise KeyError(f"there is no field {name!r}; there are {', '.join(names(data))}")
    if not 0 <= index < len(times(data)):
        raise KeyError(f"{name} has the indices 0 to {len(times(data)) - 1}, not {index}")
    return fields.values(data.isel(time=index), name)


def key_frame(digest: str, result: Result, name: str, index: int) -> bytes:
    """One field at one output time as a key frame.

    Raises
    ------
    KeyError
        No such field, or no such index.
    """
    values = one_field(result.dataset, name, index)
    steps = times(result.dataset)
    whole = name in result.dataset and "time" not in result.dataset[name].dims
    time_s = float(steps[-1] if whole and len(steps) else steps[index] if len(steps) else 0.0)
    last = whole or index == len(steps) - 1
    most = float(np.nanmax(np.abs(values), initial=0.0)) if fields.along_links(result.dataset, name) else 0.0
    return Encoder(name, _stream_of(digest, name), most).encode(values, time_s, index + 1, last=last)


def stored_channel(desk: Desk, digest: str, name: str, since: int | None) -> Channel:
    """Frames of a stored result for one subscription: the last one, or all after ``since``.

    Raises
    ------
    KeyError
        There is no result of that digest, or no such field in it.
    """
    if not desk.store.has(digest):
        raise KeyError(f"there is no result {digest[:12]}")
    data = desk.store.open(digest).dataset
    steps = times(data)
    number = _stream_of(digest, name)
    place = fields.place_of(data, name, local_origin(desk.city))
    channel = Channel(name, QUANTITIES[name].units, number, place["grid"], place["links"])
    encoder = Encoder(name, number)
    for index in range(len(steps) - 1 if since is None else since, len(steps)):
        values = one_field(data, name, index)
        channel.push(encoder.encode(values, float(steps[index]), index + 1, last=index == len(steps) - 1))
    return channel
