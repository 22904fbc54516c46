"""Routes of scenarios and jobs: check, run, look, cancel."""

import asyncio
import hashlib
import json
import sqlite3
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request

from scenarios.scenario import Scenario
from viewer.server.desk import Desk, desk_of
from viewer.server.documents import read_scenario
from viewer.server.jobtable import KeyTaken
from viewer.server.limits import json_body
from viewer.server.problems import Problem, documented

router = APIRouter(tags=["jobs"])
TheDesk = Annotated[Desk, Depends(desk_of)]
IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]

_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Scenario"}}},
    }
}


@router.post("/api/scenarios/check", openapi_extra=_BODY, responses=documented(409, 415))
async def check(request: Request, desk: TheDesk) -> dict[str, Any]:
    """Check a scenario document without running it, and say how it rains; a wrong place is named by a JSON pointer."""
    read = await asyncio.to_thread(read_scenario, await json_body(request, desk.limits), desk.city)
    return {"digest": read.digest, "cells": read.cells, "scenario": read.document, "rain": read.rain}


@router.post("/api/jobs", status_code=202, openapi_extra=_BODY, responses=documented(409, 415, 503, 507))
async def submit(request: Request, desk: TheDesk, idempotency_key: IdempotencyKey = None) -> dict[str, Any]:
    """Run a scenario; the same digest is the same result and is not run again."""
    body = await json_body(request, desk.limits)
    read = await asyncio.to_thread(read_scenario, body, desk.city)
    canonical = json.dumps(read.document, sort_keys=True, ensure_ascii=False).encode()
    try:
        job = await desk.jobs.submit(
            read.document,
            read.digest,
            read.name,
            key=idempotency_key,
            key_body=hashlib.sha256(canonical).hexdigest(),
        )
    except KeyTaken as error:
        raise Problem(422, "key-reused", str(error)) from error
    except sqlite3.OperationalError as error:
        detail = f"the job cannot be written down ({error}); free some space and send it again"
        raise Problem(507, "disk-full", detail) from error
    return job.public()


@router.get("/api/jobs")
async def jobs(desk: TheDesk) -> list[dict[str, Any]]:
    """List the newest jobs, newest first."""
    return [job.public() for job in await desk.jobs.latest()]


@router.get("/api/jobs/{name}", responses=documented(404))
async def job(name: str, desk: TheDesk) -> dict[str, Any]:
    """Say how a job stands."""
    found = await desk.jobs.get(name)
    if found is None:
        raise _unknown(name)
    return found.public()


@router.delete("/api/jobs/{name}", responses=documented(404))
async def cancel(name: str, desk: TheDesk) -> dict[str, Any]:
    """Cancel a job; its process is gone when this answers. A job that has ended stays as it is."""
    found = await desk.jobs.cancel(name)
    if found is None:
        raise _unknown(name)
    return found.public()


def _unknown(name: str) -> Problem:
    return Problem(404, "no-job", f"there is no job {name[:64]!r}; GET /api/jobs lists them")


def schema() -> dict[str, Any]:
    """JSON schema of the scenario document, for OpenAPI."""
    return Scenario.model_json_schema(ref_template="#/components/schemas/{model}")
