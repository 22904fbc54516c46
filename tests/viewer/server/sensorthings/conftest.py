import asyncio
from datetime import UTC, datetime
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI

from twin.sensors.model import SECOND, Datastream, Readings, Thing
from twin.sensors.sqlite import SqliteStore
from viewer.server.problems import install
from viewer.server.sensorthings import PREFIX, sensorthings

HOUR = 3600 * SECOND
START = int(datetime(2026, 11, 27, tzinfo=UTC).timestamp()) * SECOND


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "requirement(*names): tests these requirements of OGC 18-088, by their addresses"
    )


def put(store):
    """A station with two quantities in the air, a counter of vehicles, and one that moves and has no place."""
    store.put_things([
        Thing("air:Arts-Loi", "Arts-Loi", 4.369, 50.845, {"street": "Rue de la Loi", "floor": 2}),
        Thing("count:A", "Counter A", 4.35, 50.85, {"street": "Rue Belliard"}),
        Thing("bus:12", "It's bus 12"),
    ])  # fmt: skip
    store.put_datastreams([
        Datastream("air:Arts-Loi/nitrogen_dioxide", "air:Arts-Loi", "nitrogen_dioxide", 3600.0, "analyser"),
        Datastream("air:Arts-Loi/ozone", "air:Arts-Loi", "ozone", 3600.0, "analyser"),
        Datastream("count:A/vehicle_count", "count:A", "vehicle_count", 0.0),
        Datastream("bus:12/route_distance", "bus:12", "route_distance", 0.0, "odometer"),
    ])  # fmt: skip
    for stream, values in (
        ("air:Arts-Loi/nitrogen_dioxide", [4e-8, 6e-8, float("nan"), 2e-8]),
        ("air:Arts-Loi/ozone", [5e-8]),
        ("count:A/vehicle_count", [0.0, 3.0, 40.0, 90.0, 12.0]),
    ):
        times = [START + hour * HOUR for hour in range(len(values))]
        store.append(Readings.of([stream] * len(values), times, values, [0] * (len(values) - 1) + [1]))


@pytest.fixture(scope="session")
def new_store():
    """Make a store with these things in a folder."""

    def make(folder):
        made = SqliteStore(folder / "store")
        put(made)
        return made

    return make


@pytest.fixture
def store(new_store, tmp_path):
    with new_store(tmp_path) as made:
        yield made


class Web:
    """A client of the routes alone, each request in a loop of its own."""

    def __init__(self, app):
        self.app = app

    def request(self, method, address, **more):
        async def ask():
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
                return await client.request(method, address, **more)

        return asyncio.run(ask())

    def get(self, address, **more):
        return self.request("GET", address, **more)

    def post(self, path, json, **more):
        return self.request("POST", f"{PREFIX}/{path}", json=json, **more)

    def patch(self, path, json):
        return self.request("PATCH", f"{PREFIX}/{path}", json=json)

    def delete(self, path):
        return self.request("DELETE", f"{PREFIX}/{path}")


@pytest.fixture
def web(store):
    app = FastAPI()
    install(app)
    app.include_router(sensorthings(store))
    return Web(app)


@pytest.fixture
def get(web):
    """The JSON of an address; ``get("Things", "$top=1")``."""

    def ask(path, options="", status=200):
        answer = web.get(f"{PREFIX}/{path}" + (f"?{quote(options, safe='$=&,/()')}" if options else ""))
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    return ask


@pytest.fixture
def ids(get):
    """Ids of the entities of an answer."""
    return lambda path, options="": [one["@iot.id"] for one in get(path, options)["value"]]
