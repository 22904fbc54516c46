"""Keeping the state of a heat run as plain arrays, and taking it up again."""

from collections.abc import Mapping

import numpy as np

from kernels.contract import LayerError
from kernels.heat.radiation import Radiation, WallLight
from kernels.heat.shadow import Beam
from kernels.heat.state import LEDGER, HeatState
from kernels.heat.surfaces import Weather

_WALLS = ("shaded", "lit", "share", "exitance", "arriving", "longwave")


def saved_arrays(state: HeatState) -> dict[str, np.ndarray]:
    """Everything needed to go on; the look around is made anew, from the layers."""
    found = {"temperature": state.temperature.copy(), "wall_temperature": state.wall_temperature.copy()}
    radiation, weather = state.radiation, state.weather
    found |= {f"radiation.{name}": getattr(radiation, name).copy() for name in ("absorbed", "longwave")}
    found |= {f"walls.{name}": getattr(radiation.walls, name).copy() for name in _WALLS}
    found |= {f"fields.{name}": values.copy() for name, values in state.fields.items()}
    found |= {f"kept.{name}": values.copy() for name, values in state.kept.items()}
    if state.air is not None:
        found |= {f"air.{name}": np.array(values) for name, values in state.air.state().items()}
    found["ledger"] = np.array([state.ledger[name] for name in LEDGER])
    found["worst"] = np.array([state.worst["shortwave"], state.worst["longwave"]])
    found["clock"] = np.array(
        [
            state.time,
            state.entry,
            weather.air_temperature,
            weather.relative_humidity,
            weather.wind_speed,
            weather.air_pressure,
        ]
    )
    return found


def restored(state: HeatState, saved: Mapping[str, np.ndarray]) -> HeatState:
    """A fresh state with what was saved in it.

    Raises
    ------
    LayerError
        If the checkpoint is of another grid.
    """
    for name in ("temperature", "wall_temperature"):
        found, mine = np.asarray(saved.get(name, np.zeros(0))), getattr(state, name)
        if found.shape != mine.shape:
            raise LayerError(
                f"heat: the checkpoint's {name!r} has the shape {found.shape}, this run needs {mine.shape}; restart "
                "with its own layers"
            )
        mine[...] = found
    nothing = np.zeros((0, 0), np.float32)
    walls = WallLight(*(np.array(saved[f"walls.{name}"]) for name in _WALLS))
    # of the moment before, a step reads only what surfaces were given
    state.radiation = Radiation(
        Beam(nothing, nothing, nothing), nothing, np.array(saved["radiation.absorbed"]),
        np.array(saved["radiation.longwave"]), walls, np.zeros(0),
    )  # fmt: skip
    for part, kept in (("fields.", state.fields), ("kept.", state.kept)):
        kept |= {name.removeprefix(part): np.array(one) for name, one in saved.items() if name.startswith(part)}
    if state.air is not None:
        own = {name.removeprefix("air."): np.array(one) for name, one in saved.items() if name.startswith("air.")}
        state.air.restore(own)
    state.ledger = dict(zip(LEDGER, np.asarray(saved["ledger"]).tolist(), strict=True))
    state.worst = dict(zip(("shortwave", "longwave"), np.asarray(saved["worst"]).tolist(), strict=True))
    state.time, entry, *weather = np.asarray(saved["clock"]).tolist()
    state.entry = int(entry)
    state.weather = Weather(*weather)
    return state
