"""Another rain than the one of the document."""

from dataclasses import replace
from typing import Literal

from scenarios.edits.edit import Edit
from scenarios.forcing import Block, Duration, Instant, Intensity, Steps
from scenarios.problem import EditError
from scenarios.situation import Situation


class Storm(Edit):
    """Let another storm fall instead of the rain there was.

    Attributes
    ----------
    intensity_mm_h : float
        0 is a dry day.
    duration_s : float
    start_s : float
        Since the start of the period.
    """

    edit: Literal["storm"] = "storm"
    intensity_mm_h: Intensity
    duration_s: Duration
    start_s: Instant = 0.0

    def steps(self) -> Steps:
        """(time [s], intensity [mm/h]) from which on each intensity holds."""
        return Block(intensity_mm_h=self.intensity_mm_h, duration_s=self.duration_s, start_s=self.start_s).steps()

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        return replace(situation, storm=self)

    def inverse(self, before: Situation) -> Edit:
        """See `Edit.inverse`."""
        again: Edit = RestoreRain() if before.storm is None else before.storm
        return again


class RestoreRain(Edit):
    """Let the document's own rain fall again."""

    edit: Literal["restore_rain"] = "restore_rain"

    def apply(self, situation: Situation) -> Situation:
        """See `Edit.apply`."""
        if situation.storm is None:
            raise EditError("no storm replaced the rain before this edit; leave it out")
        return replace(situation, storm=None)

    def inverse(self, before: Situation) -> Edit:
        """See `Edit.inverse`."""
        again: Edit = before.storm
        return again
