"""A roof that tells temperature and rain: readings of stores, written by hand."""

import numpy as np

from twin.sensors.model import SECOND, Datastream, Readings, Thing

NOON = 1_795_780_800 * SECOND
"""2026-11-27T12:00:00Z, by ``date -d 2026-11-27T12:00Z +%s``."""
MINUTE, EVER = 60 * SECOND, (0, 2**62)
NAN = float("nan")
THING = Thing("toy:roof", "Roof", 4.35, 50.85, {"building": "7", "floors": [1, 2]})
AIR = Datastream("toy:roof/air_temperature", "toy:roof", "air_temperature", 60.0, "toy", properties={"height": 2})
RAIN = Datastream("toy:roof/rain_depth", "toy:roof", "rain_depth", 300.0, "toy", retention_days=1.0)


def air(*rows, name=AIR.id):
    """Readings of one datastream: minutes after noon, value, flag."""
    return Readings.of(
        [name] * len(rows), [NOON + minute * MINUTE for minute, *_ in rows], [row[1] for row in rows],
        [row[2] if len(row) > 2 else 0 for row in rows],
    )  # fmt: skip


def told(readings):
    """What `air` was made of; NaN as None."""
    return [
        (round((time - NOON) / MINUTE, 9), None if np.isnan(value) else value, flag)
        for time, value, flag in zip(
            readings.time.tolist(), readings.value.tolist(), readings.flag.tolist(), strict=True
        )
    ]
