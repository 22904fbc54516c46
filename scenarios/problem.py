"""What can be wrong with a scenario, said with the place in the document where it stands."""

import re


class ScenarioError(ValueError):
    """A scenario that cannot be run.

    Parameters
    ----------
    words : str
        What was expected, what came, the remedy.
    place : str
        Where in the document, as people write it: ``edits[2].polygon``; empty for the whole of it.
    """

    def __init__(self, words: str, place: str = "") -> None:
        super().__init__(f"{place}: {words}" if place else words)
        self.words = words
        self.place = place

    @property
    def pointer(self) -> str:
        """The place as a JSON pointer (RFC 6901)."""
        parts = re.findall(r"[^.\[\]]+", self.place)
        return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)

    def within(self, place: str) -> "ScenarioError":
        """The same mistake, seen from the part of the document that holds it."""
        inner = f".{self.place}" if self.place and not self.place.startswith("[") else self.place
        return type(self)(self.words, place + inner)


class EditError(ScenarioError):
    """An edit that its city, its limits or the edits before it do not allow."""


class Cancelled(Exception):
    """The run was stopped on request; nothing of it was kept."""
