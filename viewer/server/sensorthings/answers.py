"""Answers in the words of SensorThings: entities with their links, collections page by page, data arrays."""

from typing import Any
from urllib.parse import quote, urlencode

from twin.sensors.model import Datastream
from viewer.server.problems import Problem
from viewer.server.sensorthings import times
from viewer.server.sensorthings.addresses import Target
from viewer.server.sensorthings.addresses import written as address
from viewer.server.sensorthings.evaluate import IDS, check, holds, ordered
from viewer.server.sensorthings.grammar import GrammarError, Query
from viewer.server.sensorthings.kinds import KINDS, OBSERVATIONS, Entity, Kind
from viewer.server.sensorthings.observations import found as found_observations
from viewer.server.sensorthings.shelf import Shelf

PAGE, LARGEST = 100, 1000
"""Entities of a page where nobody says how many, and at most."""
ENTITIES = 20_000
"""Entities of an answer, with those that are expanded."""
_LINKS = ("@iot.selfLink",)


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    return times.written(value) if isinstance(value, times.Instant | times.Span) else value


def checked(query: Query, kind: Kind) -> None:
    """Every name in a query must be one of the kind it is asked of, at every level.

    Raises
    ------
    GrammarError
    """
    if query.where is not None:
        check(query.where, kind, "$filter")
    for node, _ in query.order:
        check(node, kind, "$orderby")
    for name in query.select:
        if name not in (*IDS, *_LINKS, *kind.properties, *kind.relations):
            known = ", ".join(("id", *kind.properties, *kind.relations))
            raise GrammarError(f"$select: {kind.one} has no {name!r}; it has {known}")
    for one in query.expand:
        if one.name not in kind.relations:
            raise GrammarError(f"$expand: {kind.one} has no {one.name!r}; it has {', '.join(kind.relations)}")
        checked(one.query, KINDS[kind.relations[one.name].kind])


class Answer:
    """Writes entities for one request.

    Parameters
    ----------
    shelf : Shelf
    root : str
        Address of the service, without a slash at its end.
    """

    def __init__(self, shelf: Shelf, root: str) -> None:
        self.shelf, self.root = shelf, root
        self._left = ENTITIES

    def link(self, entity: Entity) -> str:
        """``@iot.selfLink`` of an entity."""
        return f"{self.root}/{address(entity.kind, entity.id)}"

    def entity(self, one: Entity, query: Query) -> dict[str, Any]:
        """An entity with its properties, its links and what is expanded.

        Raises
        ------
        Problem
            422, the answer would be too large.
        """
        self._left -= 1
        if self._left < 0:
            raise Problem(
                422, "too-large", f"the answer would have more than {ENTITIES} entities; expand less, or use $top"
            )
        wanted = query.select
        found: dict[str, Any] = {}
        if not wanted or any(name in wanted for name in IDS):
            found["@iot.id"] = one.id
        if not wanted or "@iot.selfLink" in wanted:
            found["@iot.selfLink"] = self.link(one)
        for name in one.kind.properties:
            if not wanted or name in wanted:
                value = plain(one.value(name))
                if value is not None or name in ("result", "resultTime"):
                    found[name] = value
        expanded = {each.name: each.query for each in query.expand}
        for name, way in one.kind.relations.items():
            if (not wanted and name not in expanded) or name in wanted:
                found[f"{name}@iot.navigationLink"] = f"{self.link(one)}/{name}"
            if name not in expanded:
                continue
            target = Target(KINDS[way.kind], None, one, name)
            if way.many:
                inner = self.collection(target, expanded[name], f"{self.link(one)}/{name}", dict(expanded[name].words))
                found[name] = inner["value"]
                found |= {f"{name}{key}": inner[key] for key in ("@iot.count", "@iot.nextLink") if key in inner}
            else:
                related = self.shelf.related(one, name)
                if related:
                    found[name] = self.entity(related[0], expanded[name])
        return found

    def collection(self, target: Target, query: Query, url: str, options: dict[str, str]) -> dict[str, Any]:
        """A page of entities.

        Parameters
        ----------
        target : Target
            A collection.
        query : Query
        url : str
            Of the collection, for the link to the next page.
        options : dict of str to str
            Options of the request, as they came.
        """
        most = PAGE if query.top is None else min(query.top, LARGEST)
        page, more, count = self._page(target, query, most)
        found: dict[str, Any] = {}
        if count is not None:
            found["@iot.count"] = count
        # a page that was asked to be empty has no next one: it would be empty for ever
        if more and most > 0:
            onward = options | {"$skip": str(query.skip + most)}
            if query.top is not None:
                onward["$top"] = str(most)
            found["@iot.nextLink"] = f"{url}?{urlencode(onward, quote_via=quote, safe='$,/')}"
        if target.form == "$ref":
            found["value"] = [{"@iot.selfLink": self.link(one)} for one in page]
        elif query.array:
            found["value"] = self._arrays(page, query)
        else:
            found["value"] = [self.entity(one, query) for one in page]
        return found

    def _page(self, target: Target, query: Query, most: int) -> tuple[list[Entity], bool, int | None]:
        if target.kind is OBSERVATIONS:
            streams: list[Datastream] = (
                list(self.shelf.streams.values()) if target.parent is None else self.shelf.streams_behind(target.parent)
            )
            return found_observations(query, streams, self.shelf, most)
        among = (
            self.shelf.all(target.kind) if target.parent is None else self.shelf.related(target.parent, target.relation)
        )
        fit = [one for one in among if holds(query.where, one, self.shelf)] if query.where is not None else among
        if query.order:
            fit = ordered(fit, query.order, self.shelf)
        page = fit[query.skip : query.skip + most]
        return page, len(fit) > query.skip + most, len(fit) if query.count else None

    def _arrays(self, page: list[Entity], query: Query) -> list[dict[str, Any]]:
        """Observations as rows, by datastream (OGC 18-088, 12)."""
        names = [name for name in ("id", *OBSERVATIONS.properties) if not query.select or name in query.select]
        rows: dict[str, list[list[Any]]] = {}
        for one in page:
            row = [one.id if name == "id" else plain(one.value(name)) for name in names]
            rows.setdefault(one.id.rpartition("@")[0], []).append(row)
        return [
            {
                "Datastream@iot.navigationLink": f"{self.root}/{address(KINDS['Datastreams'], key)}",
                "components": names,
                "dataArray@iot.count": len(some),
                "dataArray": some,
            }
            for key, some in rows.items()
        ]
