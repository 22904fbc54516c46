"""What a physical quantity is: one name, its unit, its words in three languages, its palette and range."""

from dataclasses import dataclass, field
from typing import Literal

Language = Literal["fr", "nl", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "nl", "en")


@dataclass(frozen=True)
class Quantity:
    """One physical quantity, as kernels, sensors, files and pages call it.

    Attributes
    ----------
    name : str
        The one name, also the variable name in every Dataset.
    units : str
        UDUNITS spelling, as CF-1.11 asks.
    label : dict
        Words for people, by language.
    standard_name : str or None
        CF standard name (table v92), where one exists.
    palette : str or None
        Colour scale of the pages, see ``assets/palettes.json``.
    range : tuple of float or None
        Usual span of the legend. [units]
    scale : {"linear", "log"}
        Spacing of the legend and of the 8-bit frames.
    step : float or None
        Packing step of stored results; None stores the floats themselves. [units]
    """

    name: str
    units: str
    label: dict[Language, str] = field(compare=False)
    standard_name: str | None = None
    palette: str | None = None
    range: tuple[float, float] | None = None
    scale: Literal["linear", "log"] = "linear"
    step: float | None = None

    def attrs(self) -> dict[str, str]:
        """CF attributes of a variable that carries this quantity."""
        found = {"units": self.units, "long_name": self.label["en"]}
        return found | ({"standard_name": self.standard_name} if self.standard_name else {})


def quantity(name: str, units: str, fr: str, nl: str, en: str, **rest: object) -> Quantity:
    """A quantity with its words in French, Dutch and English."""
    return Quantity(name, units, {"fr": fr, "nl": nl, "en": en}, **rest)  # type: ignore[arg-type]
