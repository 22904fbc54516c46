"""Many observations at once, as rows: the data array extension of OGC 18-088, 12."""

from typing import Any

from twin.sensors.model import Datastream
from viewer.server.problems import Problem
from viewer.server.sensorthings import bodies
from viewer.server.sensorthings.bodies import refuse
from viewer.server.sensorthings.creating import Draft, differs
from viewer.server.sensorthings.kinds import OBSERVATIONS

ROWS = 200_000
"""Observations of a request."""
_FEATURE = "FeatureOfInterest/id"


def create(draft: Draft, document: Any) -> list[str | None]:
    """Keep the rows that can be kept.

    Parameters
    ----------
    draft : Draft
        Empty.
    document
        List of objects of Datastream, components and dataArray.

    Returns
    -------
    list of str or None
        For each row, in order, the id of its Observation; None where it could not be kept: one that cannot be read, of
        an unknown datastream, or at a time that is known with another value.

    Raises
    ------
    Problem
        400, it is no data array; then nothing is kept.
    """
    if not isinstance(document, list):
        raise refuse("expected a list of data arrays", "")
    found: list[str | None] = []
    rows: list[tuple[str, int, float, int] | None] = []
    for at, one in enumerate(document):
        rows += _rows(draft, one, f"/{at}")
        if len(rows) > ROWS:
            raise refuse(f"more than {ROWS} rows; send them in parts", f"/{at}", 422)
    draft.rows = [row for row in rows if row is not None]
    clashes = draft.keep().differing > 0
    for row in rows:
        lost = row is None or (clashes and differs(draft.shelf, row))
        found.append(None if lost or row is None else f"{row[0]}@{row[1]}")
    return found


def _rows(draft: Draft, one: Any, pointer: str) -> list[tuple[str, int, float, int] | None]:
    if not isinstance(one, dict) or not isinstance(one.get("dataArray"), list):
        raise refuse("expected an object of Datastream, components and dataArray", pointer)
    names = one.get("components")
    known = (*OBSERVATIONS.properties, _FEATURE)
    if not isinstance(names, list) or not {"phenomenonTime", "result"} <= set(map(str, names)):
        raise refuse("components are a list with phenomenonTime and result at least", f"{pointer}/components")
    for name in names:
        if name not in known:
            raise refuse(f"no component {str(name)[:60]!r}; there are {', '.join(known)}", f"{pointer}/components")
    told = one.get("dataArray@iot.count", len(one["dataArray"]))
    if told != len(one["dataArray"]):
        words = f"dataArray@iot.count is {told}, there are {len(one['dataArray'])} rows; a part may be missing"
        raise refuse(words, f"{pointer}/dataArray")
    key = (
        bodies.key_of(one.get("Datastream", {}), f"{pointer}/Datastream")
        if isinstance(one.get("Datastream"), dict)
        else None
    )
    stream = draft.shelf.streams.get(key or "")
    return [_row(stream, names, row, f"{pointer}/dataArray/{at}") for at, row in enumerate(one["dataArray"])]


def _row(stream: Datastream | None, names: list[str], row: Any, pointer: str) -> tuple[str, int, float, int] | None:
    """A row, or None where it cannot be kept; the others of its array are."""
    if stream is None or not isinstance(row, list) or len(row) != len(names):
        return None
    document = dict(zip(names, row, strict=True))
    if document.get(_FEATURE, stream.thing) != stream.thing or document["phenomenonTime"] is None:
        return None
    try:
        return bodies.reading_of(stream, document, pointer)
    except Problem:
        return None
