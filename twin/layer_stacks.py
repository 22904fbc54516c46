"""The one table of layer stacks: permeable paving, swales, rain gardens, green roofs, de-paved soil, ready to lay."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import xarray as xr

from kernels.flood.stack_words import PARAMETERS
from kernels.quantities import Language, attrs

_TABLE = Path(__file__).parents[1] / "assets" / "layer_stacks.csv"

SOURCES = {
    "SWMM III": "L. A. Rossman, W. C. Huber, Storm Water Management Model Reference Manual III: Water Quality, "
    "EPA/600/R-16/093, 2016, chapter on low impact development controls",
    "Rawls 1983": "W. J. Rawls, D. L. Brakensiek, N. Miller, Green-Ampt infiltration parameters from soils data, "
    "J. Hydraul. Eng. 109(1) 1983, doi:10.1061/(ASCE)0733-9429(1983)109:1(62), as table A.2 of the SWMM User's Manual",
    "PTV 122": "Probeton/COPRO, Technische voorschriften PTV 122, water-permeable concrete paving blocks: "
    "permeability of 5.4e-5 m/s or more",
    "FLL 2018": "Forschungsgesellschaft Landschaftsentwicklung Landschaftsbau, Guidelines for the Planning, "
    "Construction and Maintenance of Green Roofing, 2018: least water capacity and permeability of substrates",
    "assumed": "chosen by us within usual practice, to be replaced by the figures of the design",
}
"""Works behind the short names of the table's source columns."""


@dataclass(frozen=True)
class LayerStack:
    """One ready kind of layer stack.

    Attributes
    ----------
    code : int
        Value of the layers ``layer_stack`` and ``roof_stack``: the row of the table.
    key : str
    label : dict
        Words for people, by language.
    where : {"ground", "roof"}
        What it is laid on.
    parameters : dict
        Each of `PARAMETERS` in SI.
    sources : dict
        Where the figures are from: pavement, soil, storage, drain.
    """

    code: int
    key: str
    label: dict[Language, str]
    where: str
    parameters: dict[str, float]
    sources: dict[str, str]


@cache
def layer_stacks() -> dict[str, LayerStack]:
    """All layer stacks by key, in the order of their codes."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        row["key"]: LayerStack(
            code,
            row["key"],
            {"fr": row["fr"], "nl": row["nl"], "en": row["en"]},
            row["where"],
            {name: float(row[name.removeprefix("stack_")]) for name in PARAMETERS},
            {name.removeprefix("source_"): words for name, words in row.items() if name.startswith("source_")},
        )
        for code, row in enumerate(rows)
    }


def stack_table() -> xr.Dataset:
    """Each of `PARAMETERS` along ``stack`` in the order of the codes, as the flood kernel reads them.

    No stack here drains to a node of the sewer: who knows the sewer sets ``stack_drain_node``.
    """
    kinds = list(layer_stacks().values())
    values = {name: ("stack", np.array([one.parameters[name] for one in kinds]), attrs(name)) for name in PARAMETERS}
    nodes = ("stack", np.full(len(kinds), -1, np.int32), attrs("stack_drain_node"))
    return xr.Dataset(values | {"stack_drain_node": nodes}, coords={"stack": [one.key for one in kinds]})
