"""Fields as packed integers of a stated step: how results lie on disk, small and equal on every machine."""

from dataclasses import dataclass

import numpy as np

from kernels.quantities import QUANTITIES


class PackingError(ValueError):
    """A field cannot be stored; the text names it, and why."""


@dataclass(frozen=True)
class Packing:
    """How one field is stored.

    Attributes
    ----------
    step : float or None
        Value of one count; None stores floats. [units of the quantity]
    dtype : str
        ``int16``, widened to ``int32`` where a value asks for it; ``float32`` without a step.
    """

    step: float | None
    dtype: str

    @classmethod
    def of(cls, name: str) -> "Packing":
        """The packing that the table of quantities asks for."""
        quantity = QUANTITIES.get(name)
        step = quantity.step if quantity else None
        return cls(step, "int16" if step else "float32")

    @property
    def wider(self) -> "Packing":
        """The same step in 32 bits."""
        return Packing(self.step, "int32")

    @property
    def missing(self) -> int | float:
        """The stored value that means "nothing here"."""
        return float("nan") if self.step is None else int(np.iinfo(self.dtype).min)

    def fits(self, values: np.ndarray) -> bool:
        """Whether all values can be stored."""
        if self.step is None:
            return True
        largest = np.nanmax(np.abs(values), initial=0.0, where=~np.isnan(values))
        return bool(largest / self.step < np.iinfo(self.dtype).max - 1)

    def pack(self, values: np.ndarray) -> np.ndarray:
        """Round to the step.

        Parameters
        ----------
        values : ndarray
            NaN means nothing here.

        Returns
        -------
        ndarray
            In ``dtype``, of the same shape.

        Raises
        ------
        PackingError
            A value is infinite or beyond the range of the integers.
        """
        if self.step is None:
            return np.asarray(values, np.float32)
        if not self.fits(values):
            raise PackingError(f"a value beyond {np.iinfo(self.dtype).max * self.step:g} cannot be stored")
        counts = np.rint(np.nan_to_num(np.asarray(values, float) / self.step, nan=self.missing))
        return counts.astype(self.dtype)

    def unpack(self, counts: np.ndarray) -> np.ndarray:
        """Values again, float64, NaN where there is nothing."""
        if self.step is None:
            return np.asarray(counts, float)
        return np.where(counts == self.missing, np.nan, counts * self.step)

    def attrs(self) -> dict[str, float | int]:
        """The CF attributes that tell any reader how to unpack."""
        if self.step is None:
            return {}
        return {"scale_factor": self.step, "add_offset": 0.0, "_FillValue": int(self.missing)}
