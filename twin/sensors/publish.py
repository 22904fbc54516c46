"""Open data: the newest values and the readings of a time as files, with their catalogue."""

import json
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np

from kernels.quantities import LANGUAGES, QUANTITIES
from twin.sensors.dcat import CATALOGUE, FILES, Publisher, Terms, catalogue, dataset
from twin.sensors.model import SECOND, Datastream, Readings, SensorError, Thing
from twin.sensors.parquet import export, iso
from twin.sensors.privacy import OF_PEOPLE, personal, published
from twin.sensors.quality import Flag
from twin.sensors.store import SensorStoreError, Store


@dataclass(frozen=True)
class Published:
    """What was written.

    Attributes
    ----------
    files : tuple of Path
        The catalogue is the last.
    rows : int
        Readings of all feeds together.
    hidden : int
        Counts of people that were too small to be told.
    withheld : tuple of str
        Feeds of the store without terms: nothing of them was written.
    left_out : mapping of str to str
        Things that would tell of people, and by which field.
    """

    files: tuple[Path, ...]
    rows: int
    hidden: int
    withheld: tuple[str, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)


def publish(
    store: Store, folder: Path, publisher: Publisher, terms: Iterable[Terms], *, start: int, end: int, now: int,
    open_feeds: Collection[str] = (),
) -> Published:  # fmt: skip
    """Write the open data of a store.

    Parameters
    ----------
    store : Store
    folder : Path
        A folder for each feed is made in it.
    publisher : Publisher
    terms : iterable of Terms
        Only feeds with terms are given away.
    start, end : int
        Readings from ``start`` on and before ``end``. [ns, UTC]
    now : int
        [ns, UTC]
    open_feeds : collection of str
        Feeds whose owner has published these very counts, see `twin.sensors.privacy.published`.

    Returns
    -------
    Published

    Raises
    ------
    SensorError
        No feed of the store has terms.
    SensorStoreError
        The folder cannot be written, or the disk is full. The catalogue is written last: it never names a file that is
        not there.
    """
    known = {one.feed: one for one in terms}
    things, left_out = _open_things(store.things())
    feeds: dict[str, list[Thing]] = {}
    for thing in things:
        feeds.setdefault(_feed(thing.id), []).append(thing)
    if not set(feeds) & set(known):
        raise SensorError(f"publish: no feed of the store has terms; it has {', '.join(sorted(feeds)) or 'none'}")
    guarded = _Guarded(store, open_feeds)
    files, rows, sets = [], 0, []
    for feed in sorted(set(feeds) & set(known)):
        names = {thing.id for thing in feeds[feed]}
        own = sorted((one for one in store.datastreams() if one.thing in names), key=lambda one: one.id)
        place = folder / feed
        told = newest(feeds[feed], own, guarded.last([one.id for one in own]), now)
        _write(place / "last.geojson", told | {"licence": known[feed].licence, "attribution": known[feed].attribution})
        ids = [one.id for one in own]
        rows += export(cast(Store, guarded), place / "readings.csv", start, end, ids)
        # what the table of numbers hides is the same: count it once
        hidden = guarded.hidden
        export(cast(Store, guarded), place / "readings.parquet", start, end, ids)
        guarded.hidden = hidden
        written = [place / name for name, _, _ in FILES]
        hides = feed not in open_feeds and any(one.quantity in OF_PEOPLE for one in own)
        sets.append(dataset(known[feed], publisher, feeds[feed], own, written, (start, end), now, hides=hides))
        files.extend(written)
    _write(folder / CATALOGUE, catalogue(publisher, sets, now))
    withheld = tuple(sorted(set(feeds) - set(known)))
    return Published((*files, folder / CATALOGUE), rows, guarded.hidden, withheld, left_out)


class _Guarded:
    """What `twin.sensors.parquet.export` asks of a store, with small counts of people taken out."""

    def __init__(self, store: Store, open_feeds: Collection[str]) -> None:
        self._store, self._open, self.hidden = store, open_feeds, 0

    def datastreams(self, ids: Iterable[str] | None = None) -> tuple[Datastream, ...]:
        return self._store.datastreams(ids)

    def last(self, ids: Sequence[str]) -> Readings:
        streams = {one.id: one for one in self._store.datastreams(ids)}
        return published(self._store.last(ids), streams, open_feeds=self._open)[0]

    def window(self, datastream: str, start: int, end: int) -> Readings:
        streams = {one.id: one for one in self._store.datastreams([datastream])}
        told, hidden = published(self._store.window(datastream, start, end), streams, open_feeds=self._open)
        self.hidden += hidden
        return told


def newest(things: Iterable[Thing], datastreams: Iterable[Datastream], last: Readings, now: int) -> dict[str, Any]:
    """Things with their newest values as GeoJSON (RFC 7946).

    Parameters
    ----------
    things : iterable of Thing
    datastreams : iterable of Datastream
    last : Readings
        The newest of each, fit to be shown.
    now : int
        [ns, UTC]

    Returns
    -------
    dict
        A feature for each thing; what has no place has no geometry. Property ``readings`` holds its datastreams with
        quantity, words, unit, value, time, age and flags; the value is null where nobody knows it. The newest value
        of each quantity stands beside it under the quantity's name, for programs of maps.
    """
    rows = {name: row for row, name in enumerate(last.datastream.tolist())}
    times = iso(last.time)
    by_thing: dict[str, list[dict[str, Any]]] = {}
    for one in datastreams:
        words = QUANTITIES[one.quantity]
        told: dict[str, Any] = {
            "datastream": one.id, "quantity": one.quantity, "units": words.units, "period_s": one.period,
            "label": {language: words.label[language] for language in LANGUAGES},
            "value": None, "time": None, "age_s": None, "flags": [],
        }  # fmt: skip
        if one.id in rows:
            row = rows[one.id]
            value, flag = float(last.value[row]), Flag(int(last.flag[row]))
            told |= {
                "value": value if np.isfinite(value) else None,
                "time": str(times[row]),
                "age_s": (now - int(last.time[row])) / SECOND,
                "flags": [each.name.lower() for each in flag if each.name],
            }
        by_thing.setdefault(one.thing, []).append(told)
    features = []
    for thing in things:
        readings = by_thing.get(thing.id, [])
        flat = {one["quantity"]: one["value"] for one in sorted(readings, key=lambda one: one["time"] or "")}
        placed = thing.longitude is not None and thing.latitude is not None
        features.append({
            "type": "Feature", "id": thing.id,
            "geometry": {"type": "Point", "coordinates": [thing.longitude, thing.latitude]} if placed else None,
            "properties": {**thing.properties, **flat, "name": thing.name, "readings": readings},
        })  # fmt: skip
    return {"type": "FeatureCollection", "features": features}


def _open_things(things: Iterable[Thing]) -> tuple[list[Thing], dict[str, str]]:
    """Things that may be shown, and those that may not."""
    shown, left = [], {}
    for one in things:
        found = personal({"id": one.id, "name": one.name, "properties": dict(one.properties)})
        if found:
            left[one.id] = next(iter(found))
        else:
            shown.append(one)
    return shown, left


def _feed(thing: str) -> str:
    return thing.split(":", 1)[0]


def _write(path: Path, document: Mapping[str, Any]) -> None:
    """Write JSON beside its place and rename it, so that nobody reads half of it."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise SensorStoreError(f"{path}: a property of a thing is no JSON ({error}); mend it at its feed") from error
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(text + "\n", encoding="utf-8")
        os.replace(fresh, path)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink()
        raise SensorStoreError(
            f"{path}: cannot be written ({error.strerror or error}); check space and rights"
        ) from error
