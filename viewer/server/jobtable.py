"""The job table: SQLite, durable before a request is answered."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

QUEUED, RUNNING, DONE, FAILED, CANCELLED = STATES = ("queued", "running", "done", "failed", "cancelled")
ENDED = (DONE, FAILED, CANCELLED)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY,
    user TEXT NOT NULL,
    digest TEXT NOT NULL,
    name TEXT NOT NULL,
    scenario TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    reason TEXT,
    tries INTEGER NOT NULL DEFAULT 0,
    created REAL NOT NULL,
    started REAL,
    ended REAL,
    key TEXT,
    key_body TEXT
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS jobs_by_key ON jobs (user, key) WHERE key IS NOT NULL;
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, created);
CREATE INDEX IF NOT EXISTS jobs_by_digest ON jobs (digest);
"""


@dataclass
class Job:
    """One request to run one scenario; several jobs may share one run.

    Attributes
    ----------
    id, user, digest : str
        ``digest`` is the scenario's on this city: the same digest is the same result.
    name : dict
        The scenario's name by language.
    scenario : dict
        The canonical document.
    state : str
        One of `STATES`.
    reason : str or None
        Why it failed or was cancelled.
    tries : int
        Starts so far.
    created, started, ended : float or None
        Seconds since 1970, UTC. [s]
    progress : float
        0 to 1; lives in memory only.
    words : str
        What is being done; lives in memory only.
    indicators : list
        Key figures so far; lives in memory only.
    """

    id: str
    user: str
    digest: str
    name: dict[str, str]
    scenario: dict[str, Any]
    state: str = QUEUED
    reason: str | None = None
    tries: int = 0
    created: float = 0.0
    started: float | None = None
    ended: float | None = None
    progress: float = 0.0
    words: str = ""
    indicators: list[Any] = field(default_factory=list)

    def public(self) -> dict[str, Any]:
        """The job as the pages see it."""
        return {
            "id": self.id,
            "digest": self.digest,
            "state": self.state,
            "progress": 1.0 if self.state == DONE else round(self.progress, 4),
            "words": self.words,
            "reason": self.reason,
            "created": self.created,
            "started": self.started,
            "ended": self.ended,
            "name": self.name,
            "indicators": self.indicators,
        }


class KeyTaken(ValueError):
    """An Idempotency-Key came a second time with another body."""


class JobTable:
    """All jobs of one server, on disk.

    Parameters
    ----------
    path : Path
        SQLite file; is made. WAL with ``synchronous=FULL``: a row that was answered for survives a power cut.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _rows(self, sql: str, values: Iterable[Any] = ()) -> list[sqlite3.Row]:
        with self._lock:
            return self._db.execute(sql, tuple(values)).fetchall()

    def _jobs(self, sql: str, values: Iterable[Any] = ()) -> list[Job]:
        return [_job(row) for row in self._rows(sql, values)]

    def add(self, job: Job, *, key: str | None = None, key_body: str | None = None) -> Job:
        """Write a new job, or find the one that came with the same key.

        Raises
        ------
        KeyTaken
            The key is known with another body.
        """
        known = self.by_key(job.user, key, key_body)
        if known is not None:
            return known
        job.created = time.time()
        sql = """INSERT INTO jobs (id, user, digest, name, scenario, state, reason, created, ended, key, key_body)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING *"""
        ended = job.created if job.state in ENDED else None
        texts = (json.dumps(job.name, ensure_ascii=False), json.dumps(job.scenario, ensure_ascii=False))
        values = (job.id, job.user, job.digest, *texts, job.state, job.reason, job.created, ended, key, key_body)
        written = self._jobs(sql, values)
        if written:
            return written[0]
        known = self.by_key(job.user, key, key_body)
        if known is None:
            raise sqlite3.IntegrityError(f"job id {job.id} is taken")
        return known

    def by_key(self, user: str, key: str | None, key_body: str | None) -> Job | None:
        """The job that came with this Idempotency-Key.

        Raises
        ------
        KeyTaken
            It came with another body.
        """
        if key is None:
            return None
        found = self._rows("SELECT * FROM jobs WHERE user = ? AND key = ?", (user, key))
        if not found:
            return None
        if found[0]["key_body"] != key_body:
            raise KeyTaken(f"Idempotency-Key {key!r} was used for another scenario; use a new key")
        return _job(found[0])

    def get(self, name: str) -> Job | None:
        """One job by its id."""
        found = self._jobs("SELECT * FROM jobs WHERE id = ?", (name,))
        return found[0] if found else None

    def latest(self, most: int = 200) -> list[Job]:
        """The newest jobs, newest first."""
        return self._jobs("SELECT * FROM jobs ORDER BY created DESC, rowid DESC LIMIT ?", (most,))

    def counts(self, user: str | None = None) -> dict[str, int]:
        """How many jobs are in each state."""
        rows = self._rows(
            "SELECT state, count(*) AS n FROM jobs WHERE ? IS NULL OR user = ? GROUP BY state", (user, user)
        )
        return dict.fromkeys(STATES, 0) | {row["state"]: row["n"] for row in rows}

    def claim(self, running_per_user: int) -> list[Job]:
        """Take the oldest queued job whose user may run one more, with all queued jobs of the same digest."""
        sql = """UPDATE jobs SET state = 'running', started = ?, tries = tries + 1
                 WHERE state = 'queued' AND digest = (
                     SELECT digest FROM jobs AS waiting WHERE state = 'queued' AND (
                         SELECT count(DISTINCT digest) FROM jobs WHERE state = 'running' AND user = waiting.user
                     ) < ? ORDER BY created, rowid LIMIT 1)
                 RETURNING *"""
        return self._jobs(sql, (time.time(), running_per_user))

    def join(self, digest: str) -> list[Job]:
        """Let queued jobs of a digest take part in its run that goes on already."""
        sql = """UPDATE jobs SET state = 'running', started = ?, tries = tries + 1
                 WHERE state = 'queued' AND digest = ? RETURNING *"""
        return self._jobs(sql, (time.time(), digest))

    def end(self, names: Iterable[str], state: str, reason: str | None = None) -> list[Job]:
        """End jobs that have not ended yet."""
        wanted = list(names)
        marks = ", ".join("?" * len(wanted))
        sql = f"""UPDATE jobs SET state = ?, reason = ?, ended = ?
                  WHERE id IN ({marks}) AND state IN ('queued', 'running') RETURNING *"""
        return self._jobs(sql, (state, reason, time.time(), *wanted))

    def recover(self, tries: int) -> list[Job]:
        """After a stop: running jobs wait again, unless they were started ``tries`` times already."""
        reason = f"the server stopped {tries} times while it ran; make it smaller, or look into the server's log"
        self._rows(
            "UPDATE jobs SET state = 'failed', reason = ?, ended = ? WHERE state = 'running' AND tries >= ?",
            (reason, time.time(), tries),
        )
        return self._jobs("UPDATE jobs SET state = 'queued', started = NULL WHERE state = 'running' RETURNING *")

    def forget(self, kept: int = 2000) -> None:
        """Drop the oldest ended jobs beyond ``kept``."""
        self._rows(
            """DELETE FROM jobs WHERE state IN ('done', 'failed', 'cancelled') AND id NOT IN
               (SELECT id FROM jobs ORDER BY created DESC LIMIT ?)""",
            (kept,),
        )


def _job(row: sqlite3.Row) -> Job:
    return Job(
        id=row["id"],
        user=row["user"],
        digest=row["digest"],
        name=json.loads(row["name"]),
        scenario=json.loads(row["scenario"]),
        state=row["state"],
        reason=row["reason"],
        tries=row["tries"],
        created=row["created"],
        started=row["started"],
        ended=row["ended"],
    )
