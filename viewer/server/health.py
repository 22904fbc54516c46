"""The route that says how the server is."""

import asyncio
import sqlite3
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from viewer.server.desk import Desk, desk_of

router = APIRouter(tags=["health"])


@router.get("/api/health")
async def health(desk: Annotated[Desk, Depends(desk_of)]) -> dict[str, Any]:
    """Say whether the server can take jobs, and how many there are."""
    try:
        counts: dict[str, int] | None = await asyncio.to_thread(desk.jobs.table.counts)
    except sqlite3.Error:
        counts = None
    return {
        "status": "ok" if counts is not None else "no job table",
        "version": version("bxl-twin"),
        "jobs": counts,
        "sockets": len(desk.sockets),
    }
