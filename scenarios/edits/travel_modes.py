"""Modes of travel as edits name them."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

Mode = Literal["car", "van", "truck", "bus", "bike", "foot"]
MotorMode = Literal["car", "van", "truck", "bus"]
MOTOR: tuple[MotorMode, ...] = ("car", "van", "truck", "bus")
ALL: tuple[Mode, ...] = (*MOTOR, "bike", "foot")


def _once(modes: list[str]) -> list[str]:
    for number, mode in enumerate(modes):
        if mode in modes[:number]:
            raise ValueError(f"{mode!r} is named twice; name it once")
    return modes


Modes = Annotated[list[Mode], Field(min_length=1, max_length=len(ALL)), AfterValidator(_once)]
"""Some modes."""
Spared = Annotated[list[Mode], Field(max_length=len(ALL)), AfterValidator(_once)]
"""Some modes, or none."""
MotorModes = Annotated[list[MotorMode], Field(max_length=len(MOTOR)), AfterValidator(_once)]
"""Some modes with a motor, or none."""


def general_traffic() -> list[Mode]:
    """What a closed street keeps out where nothing is said: motors, but for buses."""
    return ["car", "van", "truck"]
