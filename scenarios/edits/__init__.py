"""The what-if vocabulary: every edit there is, and applying a list of them."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from scenarios.edits.building import AddBuilding
from scenarios.edits.edit import MAX_VERTICES, Edit
from scenarios.edits.land_cover import LandCover
from scenarios.edits.removal import RemoveBuilding, RemoveLandCover, RemoveWall, Restore
from scenarios.edits.storm import RestoreRain, Storm
from scenarios.edits.wall import Wall
from scenarios.problem import EditError
from scenarios.situation import Situation

EDITS: tuple[type[Edit], ...] = (
    Wall,
    RemoveWall,
    LandCover,
    RemoveLandCover,
    AddBuilding,
    RemoveBuilding,
    Restore,
    Storm,
    RestoreRain,
)

AnyEdit = Annotated[
    Wall | RemoveWall | LandCover | RemoveLandCover | AddBuilding | RemoveBuilding | Restore | Storm | RestoreRain,
    Field(discriminator="edit"),
]


def apply_edits(situation: Situation, edits: Sequence[Edit]) -> Situation:
    """Apply edits one after the other.

    Raises
    ------
    EditError
        Its place names the edit: ``edits[2].polygon``.
    """
    for number, edit in enumerate(edits):
        try:
            situation = edit.apply(situation)
        except EditError as error:
            raise error.within(f"edits[{number}]") from error
    return situation


__all__ = [
    "EDITS",
    "MAX_VERTICES",
    "AddBuilding",
    "AnyEdit",
    "Edit",
    "LandCover",
    "RemoveBuilding",
    "RemoveLandCover",
    "RemoveWall",
    "Restore",
    "RestoreRain",
    "Storm",
    "Wall",
    "apply_edits",
]
