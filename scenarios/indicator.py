"""What a key figure is: its key, unit, words, and whether less of it is better."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from kernels.quantities import Language


@dataclass(frozen=True)
class Indicator:
    """One key figure, in words.

    Attributes
    ----------
    key, units : str
    label : dict
        By language.
    better : {"lower", "higher", "neutral"}
    digits : int
        Decimals that mean something; -2 is hundreds.
    """

    key: str
    units: str
    label: dict[Language, str] = field(compare=False)
    better: Literal["lower", "higher", "neutral"] = "lower"
    digits: int = 0

    def of(self, value: float) -> dict[str, Any]:
        """The figure as JSON; None where it is not known."""
        known = round(float(value), self.digits) + 0.0 if np.isfinite(value) else None
        return {
            "key": self.key,
            "label": dict(self.label),
            "value": known,
            "units": self.units,
            "better": self.better,
        }


def comma(number: str) -> str:
    """A number as French and Dutch write it."""
    return number.replace(".", ",")


def words(fr: str, nl: str, en: str) -> dict[Language, str]:
    """A label by language."""
    return {"fr": fr, "nl": nl, "en": en}
