"""The heat kernel, Dataset side: reads layers and weather, gives shade, radiant temperatures and comfort."""

import math
import operator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import xarray as xr

from kernels.contract import Closure, LayerError, Need, check_layers
from kernels.crew import Crew
from kernels.heat.checkpoint import restored, saved_arrays
from kernels.heat.day import day_of
from kernels.heat.forcing import NEEDED, OPTIONAL
from kernels.heat.inputs import Inputs
from kernels.heat.setting_up import set_up
from kernels.heat.state import EXTREMES, SUMS, HeatState
from kernels.heat.stepping import PARTS, step
from kernels.quantities import attrs

_CHOICES = {
    "sky": ("perez", "isotropic"),
    "sky_view": ("exact", "parity"),
    "body": ("cylinder", "six_directions"),
    "wind": ("zones", "log"),
}
_COMFORT = ("utci", "pet", "wbgt")
_FIELDS = (
    "shadow",
    "surface_temperature",
    "mean_radiant_temperature",
    "air_temperature",
    "pedestrian_wind_speed",
    "utci",
)
_BOOKED = (
    "energy_shortwave_in",
    "energy_shortwave_absorbed",
    "energy_shortwave_reflected",
    "energy_longwave_in",
    "energy_longwave_out",
    "energy_sensible",
    "energy_latent",
    "energy_stored",
)


@dataclass(frozen=True)
class Heat:
    """Outdoor heat: sun and shade, radiation, surface temperatures, wind, air, and what people feel of it.

    Attributes
    ----------
    sky : {"perez", "isotropic"}
        How the light of the sky is spread: brighter round the sun and towards the horizon, Perez, Seals and Michalsky
        (1993), doi:10.1016/0038-092X(93)90017-I; or the same all over.
    sky_view : {"exact", "parity"}
        Sky view of roofs and ground by their exact horizon, and shade with soft edges; or 153 patches and distances
        from centre to centre, as in models that cast shadows cell by cell.
    body : {"cylinder", "six_directions"}
        The standing person: an upright cylinder, Holmer et al. (2015), or a box.
    wind : {"zones", "log"}
        Wakes, cavities and canyons, made to conserve mass; or the mean profile over each block.
    air : bool
        Whether the air of streets is warmed by what surfaces give to it; else it is that of the weather.
    comfort : tuple of str
        ``utci`` always; ``pet`` and ``wbgt`` where asked for, beside what ``gives`` lists.
    parts : bool
        Whether frames hold what a person absorbs of sun, sky, walls and ground.
    threads : int or None
        None takes every processor; no result depends on it.
    directions : int
        Of the wind library; between them it is linear.

    Notes
    -----
    Sun and weather of a frame are those of the forcing's entry at its own moment; between two entries what surfaces
    receive runs straight from one to the other. Surfaces see wind and air of the weather, not the street's own, so that
    an edit stays within the reach of its shade. ``building_index`` is -1 in the open, -2 outside (no result there),
    else a building, whose cells carry the layers of its roof. Crowns shade, let some light through, are as warm as the
    air, and reflect none.
    """

    sky: str = "perez"
    sky_view: str = "exact"
    body: str = "cylinder"
    wind: str = "zones"
    air: bool = True
    comfort: tuple[str, ...] = ("utci",)
    parts: bool = True
    threads: int | None = None
    directions: int = 8

    name: ClassVar[str] = "heat"
    layers: ClassVar[tuple[Need, ...]] = (
        Need("ground_elevation", ("y", "x")),
        Need("building_index", ("y", "x")),
        Need("building_height", ("y", "x")),
        Need("roof_elevation", ("y", "x"), optional=True, finite=False),
        Need("canopy_top", ("y", "x"), optional=True),
        Need("canopy_bottom", ("y", "x"), optional=True),
        Need("canopy_transmissivity", ("y", "x"), optional=True),
        Need("albedo", ("y", "x"), optional=True),
        Need("emissivity", ("y", "x"), optional=True),
        Need("thermal_conductivity", ("y", "x"), optional=True),
        Need("volumetric_heat_capacity", ("y", "x"), optional=True),
        Need("surface_wetness", ("y", "x"), optional=True),
        Need("wall_albedo", ("y", "x"), optional=True),
        Need("waste_heat_flux", ("y", "x"), optional=True),
    )
    forcing: ClassVar[tuple[Need, ...]] = (
        *(Need(one, ("time",), finite=False) for one in NEEDED),
        *(Need(one, ("time",), optional=True, finite=False) for one in OPTIONAL),
    )
    gives: ClassVar[tuple[str, ...]] = (
        *_FIELDS,
        *PARTS,
        "sky_view_factor",
        "building_sky_view_factor",
        *SUMS,
        *EXTREMES,
    )

    def __post_init__(self) -> None:
        for knob, known in _CHOICES.items():
            if getattr(self, knob) not in known:
                raise LayerError(f"heat: {knob} must be one of {', '.join(known)}, got {getattr(self, knob)!r}")
        comfort = (self.comfort,) if isinstance(self.comfort, str) else tuple(self.comfort)
        object.__setattr__(self, "comfort", comfort)  # a list from a document
        strange = set(comfort) - set(_COMFORT)
        if strange:
            raise LayerError(f"heat: comfort holds {', '.join(_COMFORT)}, got {sorted(strange)}")
        if self.threads is not None and operator.index(self.threads) < 1:
            raise LayerError(f"heat: threads must be 1 or more, or None for all, got {self.threads!r}")
        if operator.index(self.directions) < 4:
            raise LayerError(f"heat: the wind library needs 4 directions or more, got {self.directions!r}")

    def prepare(self, layers: xr.Dataset, forcing: xr.Dataset) -> HeatState:
        """Look around from every cell, and begin all surfaces as an earlier day like the first would leave them.

        Raises
        ------
        LayerError
            Names the layer or the hour, what was expected and the remedy.
        """
        check_layers(self, layers, forcing)
        inputs = Inputs.of(layers)
        if (inputs.building | inputs.outside).all():
            raise LayerError("heat: every cell is a building or outside; there is no ground for people to be on")
        grid = layers["ground_elevation"].coords.to_dataset()[["x", "y"]]
        return set_up(self, grid, inputs, day_of(forcing, self.sky), Crew(self.threads))

    def advance(self, state: HeatState, until: float) -> None:
        """Advance in place, from entry to entry of the forcing, and land exactly on ``until`` [s]."""
        if not math.isfinite(until) or until < state.time:
            raise LayerError(f"heat: cannot advance to {until!r} s from {state.time:g} s; time only goes on")
        times = state.day.times
        if until > times[-1] + 1e-6:
            raise LayerError(
                f"heat: the weather ends at {times[-1]:g} s and the run asks for {until:g} s; give weather to its end"
            )
        while state.time < until:
            entry = min(int(np.searchsorted(times, state.time + 1e-6)), times.size - 1)
            step(state, min(float(times[entry]), until), entry, self.body, self.comfort, soft=self.sky_view == "exact")

    def observe(self, state: HeatState) -> xr.Dataset:
        """Fields of the moment; NaN where nobody can stand."""
        if not state.fields:
            raise LayerError("heat: there is nothing to observe at the start; advance to the first time")
        names = [*_FIELDS, *(one for one in ("pet", "wbgt") if one in self.comfort), *(PARTS if self.parts else ())]
        return _dataset(state, {name: state.fields[name].copy() for name in names}).assign_coords(time=state.time)

    def summarise(self, state: HeatState) -> xr.Dataset:
        """Sky view factors, and the sums and extremes of the run so far."""
        found = {
            "sky_view_factor": state.geometry.sky_view.copy(),
            "building_sky_view_factor": state.geometry.building_view.copy(),
        }
        found |= {name: values.copy() for name, values in state.kept.items()}
        return _dataset(state, found)

    def closure(self, state: HeatState) -> Closure:
        """Energies so far [J]; the error is the worst of any moment: of all light that came, of all warmth."""
        book = state.ledger
        light, warmth = book["energy_shortwave_in"], book["energy_longwave_in"]
        errors = {
            "shortwave": abs(light - book["energy_shortwave_absorbed"] - book["energy_shortwave_reflected"])
            / max(light, 1.0),
            "longwave": abs(warmth - book["energy_longwave_kept"] - book["energy_longwave_out"]) / max(warmth, 1.0),
        }
        came, went = book["energy_surface_in"], book["energy_emitted"]
        left = came - went - book["energy_sensible"] - book["energy_latent"] - book["energy_below"]
        errors["surfaces"] = abs(left - book["energy_stored"]) / max(came, 1.0)
        remarks: dict[str, object] = {
            "sky": self.sky,
            "sky_view": self.sky_view,
            "body": self.body,
            "wind": self.wind,
            **{f"error_{kind}": value for kind, value in errors.items()},
            **{f"worst_{kind}": value for kind, value in state.worst.items()},
            **{f"corrected_{what}": how for what, how in state.day.corrections.items()},
            **{f"seconds_{phase}": round(seconds, 4) for phase, seconds in state.seconds.items()},
            "masks_mcell_dir_per_s": state.mask_speed,
        }
        if state.inputs.assumed:
            remarks["assumed"] = ", ".join(state.inputs.assumed)
        if state.wind is not None:
            remarks |= {"wind_residual": state.wind.residual, "wind_words": "; ".join(state.wind.remarks)}
        if state.air is not None:
            remarks |= {"air_closure": state.air.closure, "air_words": "; ".join(state.air.remarks)}
        return Closure("energy", max(errors.values()), {name: book[name] for name in _BOOKED}, remarks)

    def checkpoint(self, state: HeatState) -> dict[str, np.ndarray]:
        """Everything needed to go on, as plain arrays."""
        return saved_arrays(state)

    def restore(self, layers: xr.Dataset, forcing: xr.Dataset, saved: Mapping[str, np.ndarray]) -> HeatState:
        """The state that `checkpoint` saw.

        Raises
        ------
        LayerError
            If the checkpoint is of another grid.
        """
        return restored(self.prepare(layers, forcing), saved)


def _dataset(state: HeatState, found: dict[str, np.ndarray]) -> xr.Dataset:
    return xr.Dataset(
        {name: (("y", "x"), values, attrs(name)) for name, values in found.items()}, coords=state.grid.coords
    )
