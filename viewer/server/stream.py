"""The websocket: JSON text steers, binary frames come; a slow client never holds up another."""

import asyncio
import json
from collections import deque
from contextlib import suppress
from typing import Annotated, Any, Literal

from fastapi import APIRouter, WebSocket
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.websockets import WebSocketDisconnect

from viewer.server.channel import Channel, Cursor
from viewer.server.children import Run
from viewer.server.desk import Desk
from viewer.server.fields import LINK, STREAMED
from viewer.server.jobtable import ENDED, Job
from viewer.server.limits import parse_json
from viewer.server.replay import stored_channel

router = APIRouter(tags=["stream"])

STRIKES = 5
"""Nonsense messages in a row before the socket is closed."""
SUBSCRIPTIONS = 16
"""Of one socket."""
_DEPTH = 8
_POLICY, _TRY_LATER = 1008, 1013


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Subscribe(_Message):
    """Send the frames of a field of a job; ``since``: every kept frame after this sequence, else the newest only."""

    op: Literal["subscribe"]
    job: str = Field(min_length=1, max_length=64)
    field: str = Field(min_length=1, max_length=64)
    since: int | None = Field(default=None, ge=0, lt=2**63)


class Unsubscribe(_Message):
    """Send no more of this stream."""

    op: Literal["unsubscribe"]
    stream: int = Field(ge=0, lt=2**32)


class Ping(_Message):
    """Ask for a pong."""

    op: Literal["ping"]


Control = TypeAdapter(Annotated[Subscribe | Unsubscribe | Ping, Field(discriminator="op")])
"""Schema of what a client may send."""


class Client:
    """One websocket.

    Parameters
    ----------
    socket : WebSocket
        Accepted.
    desk : Desk
    """

    def __init__(self, socket: WebSocket, desk: Desk) -> None:
        self.socket = socket
        self.desk = desk
        self.notes: deque[dict[str, Any]] = deque(maxlen=64)
        self.news: dict[str, Job] = {}
        self.cursors: dict[int, Cursor] = {}
        self.waiting: dict[tuple[str, str], Subscribe] = {}
        self.turn = 0
        self.strikes = 0
        self.wake = asyncio.Event()
        self.replays: set[asyncio.Task[None]] = set()

    # --- told by the jobs -----------------------------------------------------------------------------------

    def on_job(self, job: Job) -> None:
        """A job changed: only its newest state is kept for the client."""
        self.news[job.id] = job
        if job.state in ENDED:
            self._settle()
        self.wake.set()

    def on_frame(self, run: Run) -> None:
        """A run has a new frame."""
        if self.waiting:
            self._settle()
        if self.cursors:
            self.wake.set()

    def _settle(self) -> None:
        """Open the subscriptions that waited for a run's first frame."""
        for message in list(self.waiting.values()):
            job = self.desk.jobs.live.get(message.job)
            run = self.desk.jobs.run_of(job.digest) if job else None
            if run is not None and message.field in run.channels:
                self._open(message, run.channels[message.field])
            elif job is None:
                self._start_replay(message)

    def _open(self, message: Subscribe, channel: Channel) -> None:
        self.waiting.pop((message.job, message.field), None)
        resumed = message.since is not None
        self.cursors[channel.stream] = Cursor(channel, seen=message.since or 0, catching_up=resumed)
        self.note(
            {
                "op": "subscribed",
                "job": message.job,
                "field": message.field,
                "stream": channel.stream,
                "grid": channel.grid,
                "units": channel.units,
                **({} if channel.links is None else {"along": LINK, "links": channel.links}),
            }
        )

    # --- told by the client ---------------------------------------------------------------------------------

    def note(self, message: dict[str, Any]) -> None:
        """Queue a text message; a client that reads none loses the oldest."""
        self.notes.append(message)
        self.wake.set()

    async def listen(self) -> None:
        """Read control messages until the client leaves or is sent away."""
        while True:
            message = await self.socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            try:
                text = message.get("text")
                if text is None:
                    raise ValueError("binary messages go from the server to you only; send JSON text")
                control = Control.validate_python(parse_json(text, _DEPTH))
            except ValidationError as error:
                first = error.errors()[0]
                self._strike(f"{'/'.join(map(str, first['loc'])) or 'message'}: {first['msg']}")
            except ValueError as error:
                self._strike(str(error))
            else:
                self.strikes = 0
                await self._obey(control)
            if self.strikes >= STRIKES:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._flush_notes(), 1.0)
                await self.socket.close(_POLICY, "too many messages that make no sense")
                return

    def _strike(self, detail: str) -> None:
        self.strikes += 1
        self.note({"op": "error", "detail": detail[:500]})

    async def _obey(self, control: Subscribe | Unsubscribe | Ping) -> None:
        match control:
            case Ping():
                self.note({"op": "pong"})
            case Unsubscribe(stream=stream):
                if self.cursors.pop(stream, None) is None:
                    self.note({"op": "error", "detail": f"you are not subscribed to stream {stream}"})
            case Subscribe():
                await self._subscribe(control)

    async def _subscribe(self, message: Subscribe) -> None:
        if message.field not in STREAMED:
            detail = f"there is no stream of {message.field!r}; there are {', '.join(STREAMED)}"
            self.note({"op": "error", "detail": detail})
            return
        if len(self.cursors) + len(self.waiting) >= SUBSCRIPTIONS:
            self.note({"op": "error", "detail": f"{SUBSCRIPTIONS} subscriptions are allowed; unsubscribe from one"})
            return
        job = await self.desk.jobs.get(message.job)
        if job is None:
            self.note({"op": "error", "detail": f"there is no job {message.job!r}"})
            return
        self.news[job.id] = job
        self.wake.set()
        run = self.desk.jobs.run_of(job.digest)
        if run is not None and message.field in run.channels:
            self._open(message, run.channels[message.field])
        elif job.state in ENDED:
            self._start_replay(message)
        else:
            self.waiting[message.job, message.field] = message

    def _start_replay(self, message: Subscribe) -> None:
        self.waiting.pop((message.job, message.field), None)
        task = asyncio.get_running_loop().create_task(self._replay(message))
        self.replays.add(task)
        task.add_done_callback(self.replays.discard)

    async def _replay(self, message: Subscribe) -> None:
        """Serve a subscription from the store: the run is long over."""
        job = await self.desk.jobs.get(message.job)
        digest = job.digest if job else ""
        try:
            channel = await asyncio.to_thread(stored_channel, self.desk, digest, message.field, message.since)
        except (KeyError, OSError, ValueError) as error:
            state = job.state if job else "unknown"
            self.note({"op": "error", "detail": f"job {message.job!r} is {state} and has no frames: {error}"})
            return
        self._open(message, channel)

    # --- sending --------------------------------------------------------------------------------------------

    def _next_frame(self) -> bytes | None:
        """The next frame of the subscriptions, in turn."""
        cursors = list(self.cursors.values())
        for step in range(len(cursors)):
            frame = cursors[(self.turn + step) % len(cursors)].next()
            if frame is not None:
                self.turn += step + 1
                return frame
        return None

    async def _flush_notes(self) -> None:
        while self.notes or self.news:
            if self.notes:
                words = self.notes.popleft()
            else:
                job = self.news.pop(next(iter(self.news)))
                words = {"op": "job", **job.public()}
            await self.socket.send_text(json.dumps(words, ensure_ascii=False))

    async def speak(self) -> None:
        """Send what there is; waits while the socket is full, and then sends the newest."""
        while True:
            await self.wake.wait()
            self.wake.clear()
            while True:
                await self._flush_notes()
                frame = self._next_frame()
                if frame is None:
                    break
                await self.socket.send_bytes(frame)


@router.websocket("/api/stream")
async def stream(socket: WebSocket) -> None:
    """Steer with JSON text (see `Control`), receive job messages and binary frames (see `viewer.server.frames`)."""
    desk: Desk = socket.app.state.desk
    await socket.accept()
    if len(desk.sockets) >= desk.limits.sockets:
        await socket.close(_TRY_LATER, f"{desk.limits.sockets} sockets are open already; close one")
        return
    client = Client(socket, desk)
    desk.sockets.add(client)
    desk.jobs.watchers.add(client.on_job)
    desk.jobs.frame_watchers.add(client.on_frame)
    speaking = asyncio.get_running_loop().create_task(client.speak())
    listening = asyncio.get_running_loop().create_task(client.listen())
    try:
        done, _ = await asyncio.wait({speaking, listening}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            with suppress(WebSocketDisconnect, RuntimeError, OSError):
                task.result()
    finally:
        desk.sockets.discard(client)
        desk.jobs.watchers.discard(client.on_job)
        desk.jobs.frame_watchers.discard(client.on_frame)
        for task in (speaking, listening, *client.replays):
            task.cancel()
        await asyncio.gather(speaking, listening, *client.replays, return_exceptions=True)
