"""One demo district for all tests of this folder: building it takes some seconds."""

import pytest

from twin.city import City
from twin.demo import demo_city


@pytest.fixture(scope="session")
def district() -> City:
    return demo_city()
