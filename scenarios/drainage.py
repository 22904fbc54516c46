"""Where water goes that does not run off: the law of the soil, and the sewers that are assumed or known."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, model_validator

from scenarios.storms import STRICT
from twin.land_covers import HALF_FULL

RETURN_PERIODS = (5, 10, 20)
"""Return periods that an unknown sewer can be assumed to have been built for. [a]"""

Law = Literal["none", "constant", "green_ampt", "horton", "scs_cn"]


class Soil(BaseModel):
    """How soil takes water in.

    Attributes
    ----------
    law : str
        ``green_ampt``, ``horton``, ``scs_cn`` (curve numbers), ``constant`` (conductivity when saturated), ``none``.
    moisture : float
        Part of the pores that is full at the start, 0 (dried out) to 1 (soaked); Green-Ampt alone reads it.
    """

    model_config = STRICT
    law: Law = "green_ampt"
    moisture: Annotated[float, Field(ge=0, le=1)] = HALF_FULL

    @model_validator(mode="after")
    def _moisture_is_read(self) -> "Soil":
        if self.law != "green_ampt" and self.moisture != HALF_FULL:
            raise ValueError(f"the law {self.law!r} does not read moisture; leave it out or take green_ampt")
        return self


def _offered(years: float) -> float:
    if years not in RETURN_PERIODS:
        raise ValueError(f"{years:g} years are not offered; take one of {', '.join(map(str, RETURN_PERIODS))}")
    return years


class NoSewers(BaseModel):
    """No sewer takes anything."""

    model_config = STRICT
    kind: Literal["none"] = "none"


class SinkSewers(BaseModel):
    """Where the sewers are not known: each sewershed loses what its sewer is assumed to have been built for.

    Attributes
    ----------
    return_period_years : float
        5, 10 or 20.
    """

    model_config = STRICT
    kind: Literal["sink"] = "sink"
    return_period_years: Annotated[float, AfterValidator(_offered)] = 10.0


class NetworkSewers(BaseModel):
    """The city's own drain network, as imported."""

    model_config = STRICT
    kind: Literal["network"] = "network"


Sewers = Annotated[NoSewers | SinkSewers | NetworkSewers, Field(discriminator="kind")]
