"""Kill -9 of a writer of readings at random moments, and what must be true of its store afterwards."""

import multiprocessing
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from twin.sensors.model import Datastream, Readings, Thing
from twin.sensors.sqlite import SqliteStore

STREAMS = 40
ROUNDS = 25
"""Times of each datastream in one batch."""
HOUR = 3_600 * 10**9
BEGIN = 1_764_000_000 * 10**9 // HOUR * HOUR


@dataclass
class Killed:
    """What was seen over some kills.

    Attributes
    ----------
    kills, acknowledged, unacknowledged : int
        Kills, batches that the writer was told of, and batches that were whole on disk before it was told.
    closed : int
        Files of closed days that the store has at the end.
    """

    kills: int = 0
    acknowledged: int = 0
    unacknowledged: int = 0
    closed: int = 0


NAMES = [f"kill:device/temperature/{one:02d}" for one in range(STREAMS)]


def batch(number: int):
    """Place in `NAMES`, time, value and flag of batch ``number``: every datastream, the next 25 hours, in any order.

    Nothing but the number decides what is in it.
    """
    rng = np.random.default_rng(number)
    place = np.repeat(np.arange(STREAMS), ROUNDS)
    time = BEGIN + (number * ROUNDS + np.tile(np.arange(ROUNDS), STREAMS)) * HOUR
    order = rng.permutation(place.size)
    value = np.where(rng.random(place.size) < 0.05, np.nan, rng.normal(size=place.size))
    return place[order], time[order], value, rng.integers(0, 4, place.size).astype(np.uint16)


def write(folder: str, first: int, tell: Connection) -> None:
    """Append batches from ``first`` on until killed; tell each, and how much of it was new, once it is acknowledged."""
    store = SqliteStore(Path(folder))
    store.put_things([Thing("kill:device", "device")])
    store.put_datastreams(Datastream(name, "kill:device", "air_temperature") for name in NAMES)
    number = first
    while True:
        place, *columns = batch(number)
        ack = store.append(Readings.of([NAMES[one] for one in place], *columns))
        tell.send_bytes(f"{number} {ack.stored}".encode())
        if number % 3 == 2:
            store.compact(BEGIN + (number - 1) * ROUNDS * HOUR)  # days are closed while readings come
        number += 1


def kill_ingest(folder: Path, seed: int, kills: int, longest: float = 0.15) -> Killed:
    """Kill a writer ``kills`` times, each time where a random delay has brought it, and look at the store after each.

    The writer of each turn goes on in the store of the turn before. A process is killed, not a machine: what a disk
    loses with its power is another matter.

    Parameters
    ----------
    folder : path
        Of the store.
    seed : int
        Of the delays.
    kills : int
    longest : float
        Delays are spread evenly up to this, from the first acknowledgement on; three in ten from the start on, so that
        the opening of a store is met too. [s]

    Raises
    ------
    AssertionError
        An acknowledged batch is lost, a batch is torn, doubled or altered.
    """
    rng, seen, following = np.random.default_rng(seed), Killed(), 0
    warm = multiprocessing.get_context("forkserver")
    warm.set_forkserver_preload(["twin.sensors.sqlite"])
    for turn in range(kills):
        delay, early = rng.uniform(0.0, longest), rng.random() < 0.3
        hear, tell = warm.Pipe(duplex=False)
        child = warm.Process(target=write, args=(str(folder), following, tell))
        child.start()
        tell.close()
        told = [] if early else [hear.recv_bytes()]
        time.sleep(delay)
        child.kill()
        child.join()
        with suppress(EOFError):
            while True:
                told.append(hear.recv_bytes())
        hear.close()
        when = f"seed {seed}, turn {turn}, delay {delay:.4f} s"
        assert child.exitcode == -signal.SIGKILL, f"{when}: the writer ended by itself"
        acknowledged = [int(line.split()[0]) for line in told]
        assert all(int(line.split()[1]) == STREAMS * ROUNDS for line in told), f"{when}: {told}"
        due = max([following, *(one + 1 for one in acknowledged)])
        found = _batches_of(folder, due, when)
        seen.kills += 1
        seen.acknowledged += len(acknowledged)
        seen.unacknowledged += found - due
        following = found
    seen.closed = len(list((folder / "days").glob("*/*.parquet")))
    return seen


def _batches_of(folder: Path, due: int, when: str) -> int:
    """How many batches a store has, all from the first on, whole; at most one more than the ``due``."""
    if not (folder / "observations.sqlite").is_file():
        assert due == 0, when
        return 0
    with SqliteStore(folder) as store:
        whole = [store.window(name, 0, 2**62) for name in NAMES]
        many = {len(one) for one in whole}
        assert len(many) == 1, f"{when}: torn, datastreams have {sorted(many)} readings"
        found, rest = divmod(many.pop(), ROUNDS)
        assert rest == 0, f"{when}: torn, {rest} readings of a batch"
        assert due <= found <= due + 1, f"{when}: {found} batches, {due} were acknowledged"
        if not found:
            return 0
        place, at, value, flag = (np.concatenate(part) for part in zip(*map(batch, range(found)), strict=True))
        last = store.last(NAMES)
        for one, stored in enumerate(whole):
            mine = np.flatnonzero(place == one)
            mine = mine[np.argsort(at[mine])]
            np.testing.assert_array_equal(stored.time, at[mine], when)
            np.testing.assert_array_equal(stored.value, value[mine], when)
            np.testing.assert_array_equal(stored.flag, flag[mine], when)
            assert last.time[one] == at[mine][-1], when
        return found
