import importlib.util
from pathlib import Path

from viewer.server.sensorthings.routes import CONFORMANCE

PLACE = "http://www.opengis.net/spec/iot_sensing/1.1/req/"


def test_the_root_document_claims_what_is_tested_and_nothing_else(get):
    tested = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        spec = importlib.util.spec_from_file_location(f"conformance_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for one in vars(module).values():
            for mark in getattr(one, "pytestmark", []):
                if mark.name == "requirement":
                    tested |= {PLACE + name for name in mark.args}
    claimed = get("")["serverSettings"]["conformance"]
    assert set(claimed) == tested == set(CONFORMANCE)
    assert len(claimed) == len(set(claimed))
