"""What all routes of one server share: the city, its files, the jobs and the results."""

from dataclasses import dataclass, field
from typing import Any, cast

from fastapi import Request

from twin.city import City
from twin.store import Store
from viewer.server.jobs import Jobs
from viewer.server.limits import Limits
from viewer.server.published import Published


@dataclass
class Desk:
    """The things of one server.

    Attributes
    ----------
    city : City
    published : Published
    limits : Limits
    store : Store
    jobs : Jobs
    sockets : set
        Clients of the stream.
    """

    city: City
    published: Published
    limits: Limits
    store: Store
    jobs: Jobs
    sockets: set[Any] = field(default_factory=set)


def desk_of(request: Request) -> Desk:
    """The desk of the app that answers this request; routes take it with ``Depends``."""
    return cast(Desk, cast(Any, request.app).state.desk)
