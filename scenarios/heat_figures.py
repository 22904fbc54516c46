"""Key figures of heat: how hot it feels outdoors, for how long, and for whom."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import xarray as xr

from scenarios.heat_exposure import HeatExposure
from scenarios.hot_hours import local_time
from scenarios.indicator import Indicator, words
from scenarios.situation import Situation

CELSIUS_0 = 273.15
"""0 degrees Celsius. [K]"""
STRONG, VERY_STRONG, EXTREME = 32, 38, 46
"""Lower bounds of the UTCI's strong, very strong and extreme heat stress: Broede et al. 2012,
doi:10.1007/s00484-011-0454-1. [degC]"""
TROPICAL = 20.0
"""A night in which the air never falls below this is tropical (usage of the meteorological institutes). [degC]"""
SHADE_HOUR = 15
"""Hour of the local clock at which the shade of pavements is counted."""
SHADE_WITHIN = timedelta(minutes=30)
"""A frame further from that hour says nothing of it."""
NIGHT = (3, 7)
"""Local hours that a run must cover before it says anything of a night: in summer it is coldest about sunrise."""

_STRESS = {
    STRONG: ("fort stress", "sterke stress", "strong stress"),
    VERY_STRONG: ("très fort stress", "zeer sterke stress", "very strong stress"),
    EXTREME: ("stress extrême", "extreme stress", "extreme stress"),
}  # fmt: skip


def _by_threshold(key: str, units: str, fr: str, nl: str, en: str, *, digits: int) -> list[Indicator]:
    return [
        Indicator(f"{key}_{bound}", units, words(fr.format(bound, one[0]), nl.format(bound, one[1]),
                  en.format(bound, one[2])), digits=digits)
        for bound, one in _STRESS.items()
    ]  # fmt: skip


NOW: tuple[Indicator, ...] = (
    Indicator("mean_utci", "degC", words("Température ressentie dehors (UTCI), moyenne",
              "Gevoelstemperatuur buiten (UTCI), gemiddeld", "Felt temperature outdoors (UTCI), mean"), digits=1),
    *_by_threshold("ground_above", "%", "Sol ouvert au-dessus de {} °C ressentis ({})",
                   "Open grond boven {} °C gevoelstemperatuur ({})", "Open ground above {} °C felt ({})", digits=1),
    *_by_threshold("people_above", "1", "Habitants dont les abords dépassent {} °C ressentis ({})",
                   "Bewoners met meer dan {} °C gevoelstemperatuur rond hun huis ({})",
                   "Residents with more than {} °C felt around their home ({})", digits=0),
    Indicator("pavement_shade", "%", words("Trottoirs à l'ombre", "Trottoirs in de schaduw", "Pavements in the shade"),
              better="higher", digits=1),
    Indicator("hottest_street", "degC", words("Rue la plus chaude", "Warmste straat", "Hottest street"), digits=1),
)  # fmt: skip
"""Figures of a moment, or of the highest values of a run."""

WHOLE: tuple[Indicator, ...] = (
    *_by_threshold("hours_above", "h", "Heures au-dessus de {} °C ressentis autour du domicile ({}), par habitant",
                   "Uren boven {} °C gevoelstemperatuur rond het huis ({}), per bewoner",
                   "Hours above {} °C felt around home ({}), per resident", digits=2),
    Indicator("people_tropical_night", "1", words("Habitants en nuit tropicale (jamais sous 20 °C)",
              "Bewoners met een tropische nacht (nooit onder 20 °C)",
              "Residents with a tropical night (never below 20 °C)")),
    Indicator("coolest_hour", "degC", words("Air le plus frais de la nuit, moyenne par habitant",
              "Koelste lucht van de nacht, gemiddeld per bewoner", "Coolest air of the night, mean over residents"),
              digits=1),
)  # fmt: skip
"""Figures of a whole run."""


class HeatFigures:
    """Computes the figures of heat on one situation and one grid; what does not change is prepared once.

    Parameters
    ----------
    situation : Situation
    layers : xarray.Dataset
        Of `twin.layers.layers`.
    start : datetime, optional
        Start of the run; without it the figures that hang on the hour of the day (the shade at 15:00, the night) are
        not known.
    """

    def __init__(self, situation: Situation, layers: xr.Dataset, start: datetime | None = None) -> None:
        self.exposure = HeatExposure(situation, layers)
        self._start = start
        self._shades: dict[Any, tuple[timedelta, float]] = {}

    def now(self, frame: xr.Dataset) -> list[dict[str, Any]]:
        """The figures of one moment.

        Parameters
        ----------
        frame : xarray.Dataset
            On (y, x): ``utci`` [K], missing = NaN; ``shadow`` [1] where the run has it; the coordinate ``time`` [s].
        """
        shade = np.nan
        if "shadow" in frame:
            shade = self._pavement_shade(frame["shadow"].values)
            self._note_shade(frame, shade)
        return self._of(frame["utci"].values, shade)

    def whole(self, summary: xr.Dataset, last: xr.Dataset) -> list[dict[str, Any]]:
        """The figures of a run: of its highest values, of its hours, and of its night.

        Parameters
        ----------
        summary : xarray.Dataset
            On (y, x): ``max_utci`` [K]; ``hours_utci_above_32`` and the other thresholds [h], ``min_air_temperature``
            [K] where the run has them.
        last : xarray.Dataset
            The last frame; its coordinate ``time`` says how long the run was. [s]
        """
        on = self.exposure
        shades = [shade for _, shade in self._shades.values()]
        found = self._of(summary["max_utci"].values, float(np.mean(shades)) if shades else np.nan, "15:00")
        values: dict[str, float] = {}
        for bound in _STRESS:
            if f"hours_utci_above_{bound}" in summary:
                hours = on.around(summary[f"hours_utci_above_{bound}"].values)
                values[f"hours_above_{bound}"] = on.mean_over_people(hours)
        if "min_air_temperature" in summary:
            night = np.full(on.homes.size, np.nan)
            if self._covers_a_night(float(last["time"]) if "time" in last.coords else 0.0):
                night = on.around(summary["min_air_temperature"].values) - CELSIUS_0
            known = bool(np.isfinite(night).any())
            values["people_tropical_night"] = on.people_where(night >= TROPICAL) if known else np.nan
            values["coolest_hour"] = on.mean_over_people(night)
        return found + [one.of(values[one.key]) for one in WHOLE if one.key in values]

    def _of(self, utci: np.ndarray, shade: float, hour: str = "") -> list[dict[str, Any]]:
        on = self.exposure
        felt = utci - CELSIUS_0
        outdoors = felt[on.ground & np.isfinite(felt)]
        around = on.around(np.where(on.ground, felt, np.nan))
        values: dict[str, float] = {
            "mean_utci": float(outdoors.mean(dtype=np.float64)) if outdoors.size else np.nan,
            "pavement_shade": shade,
        }
        for bound in _STRESS:
            above = np.count_nonzero(outdoors > bound)
            values[f"ground_above_{bound}"] = 100.0 * above / outdoors.size if outdoors.size else np.nan
            values[f"people_above_{bound}"] = on.people_where(around > bound)
        street, values["hottest_street"] = self._hottest(felt)
        found = [one.of(values[one.key]) for one in NOW]
        for one in found:
            if one["key"] == "hottest_street" and street is not None:
                one["label"] = {key: f"{text} : {street[key]}" if key == "fr" else f"{text}: {street[key]}"
                                for key, text in one["label"].items()}  # fmt: skip
                one["detail"] = street
            if one["key"] == "pavement_shade" and hour:
                one["label"] = {key: f"{text}, {hour}" for key, text in one["label"].items()}
        return found

    def _hottest(self, felt: np.ndarray) -> tuple[dict[str, str] | None, float]:
        """Name of the street whose ground feels hottest on average, and how hot. [degC]"""
        streets = self.exposure.streets
        means = streets.means(felt, self.exposure.ground)
        if not np.isfinite(means).any():
            return None, np.nan
        first = int(np.nanargmax(means))
        fr, nl = streets.names[first]
        return {"fr": fr or nl, "nl": nl or fr, "en": fr or nl}, float(means[first])

    def _pavement_shade(self, shadow: np.ndarray) -> float:
        """Share of the direct sun kept off the pavements. [%]"""
        cells = shadow[self.exposure.streets.pavements & self.exposure.ground]
        cells = cells[np.isfinite(cells)]
        return 100.0 * float(cells.mean(dtype=np.float64)) if cells.size else np.nan

    def _note_shade(self, frame: xr.Dataset, shade: float) -> None:
        """Keep, for each day, the shade of the frame nearest to 15:00."""
        if self._start is None or "time" not in frame.coords:
            return
        local = local_time(self._start, float(frame["time"]))
        off = abs(local - local.replace(hour=SHADE_HOUR, minute=0, second=0, microsecond=0))
        if off <= SHADE_WITHIN and (local.date() not in self._shades or off < self._shades[local.date()][0]):
            self._shades[local.date()] = (off, shade)

    def _covers_a_night(self, duration_s: float) -> bool:
        if self._start is None:
            return False
        begin, end = local_time(self._start, 0.0), local_time(self._start, duration_s)
        first = begin.replace(hour=NIGHT[0], minute=0, second=0, microsecond=0)
        if first < begin:
            first += timedelta(days=1)
        return first.replace(hour=NIGHT[1]) <= end
