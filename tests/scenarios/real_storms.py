"""The real square kilometre with its ground points as terrain, under a real storm and a cloudburst, every ledger on."""

from pathlib import Path
from typing import Any

from scenarios.scenario import Scenario
from twin.city import City
from twin.imports import import_city

STORMS: dict[str, tuple[dict[str, Any], float]] = {
    "58.9 mm in a day, Uccle, 15 July 2021": ({"kind": "event", "event": "uccle_2021_07_15"}, 86_400.0),
    "25 mm in an hour": ({"kind": "block", "intensity_mm_h": 25, "duration_s": 3600}, 7200.0),
}
"""Rain and length of the run [s] by name."""


def real_city(data: Path) -> City:
    """The cell 148170 of the cadastre: buildings, ground points, streets, statistical sectors."""
    city, _ = import_city(
        data / "buildings" / "urbis3d_148170_lod2.city.json.gz",
        terrain=data / "terrain" / "urbis3d_148170_ground_points.csv.gz",
        streets=data / "roads" / "osm2013_roads_centre.geojson.gz",
        sectors=data / "city" / "statistical_sectors_brussels_pop2025.geojson.gz",
    )
    return city


def real_storm(storm: str, cell_size: float, **flood: Any) -> Scenario:
    """A document with soil, assumed sewer, green roofs, permeable paving, a swale and a basin."""
    rain, duration = STORMS[storm]
    return Scenario.read(
        {
            "scenario": 1,
            "name": {"en": storm},
            "cell_size_m": cell_size,
            "period": {"start": "2021-07-15T00:00:00Z", "duration_s": duration, "output_every_s": duration / 4},
            "kernels": ["flood"],
            "options": {"flood": flood},
            "forcing": {"rain": rain},
            "soil": {"law": "green_ampt"},
            "sewers": {"kind": "sink", "return_period_years": 10},
            "edits": [
                {"edit": "permeable_paving", "id": "paving", "polygon": _square(148_250, 170_650, 20)},
                {"edit": "swale", "id": "swale", "line": [[148_230, 170_085], [148_265, 170_125]], "width_m": 6,
                 "depth_m": 0.4},
                {"edit": "basin", "id": "basin", "polygon": _square(148_244, 170_374, 14), "depth_m": 1.0},
                {"edit": "green_roof", "id": "roofs", "where": {"smallest_roof_m2": 1000}},
            ],
        }
    )  # fmt: skip


def _square(west: float, south: float, side: float) -> list[list[float]]:
    return [[west, south], [west + side, south], [west + side, south + side], [west, south + side]]
