"""Tables of ``bxl-twin flood`` beside its result."""

from collections.abc import Iterable
from pathlib import Path

from viewer.cli.grid_writer import write_table


def write_gauges(path: Path, rows: Iterable[tuple[float, str, float, float]]) -> None:
    """Write ``time_s,name,depth_m,level_m``."""
    write_table(
        path,
        ("time_s", "name", "depth_m", "level_m"),
        ((f"{time:.10g}", name, f"{depth:.9g}", f"{level:.12g}") for time, name, depth, level in rows),
    )
