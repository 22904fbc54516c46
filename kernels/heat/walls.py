"""Walls as columns of heat: what façades are made of, and the columns of their classes.

A class is a wall of one aspect in one block, in the sun or out of it; it is a cell to the loops of
`kernels.heat.columns`. Nothing of a wall evaporates.
"""

import numpy as np

from kernels.heat.slabs import INDOOR_TEMPERATURE, Slab
from kernels.heat.surfaces import Materials

WALL_WIND = 0.25
"""Wind along a wall per wind at 10 m: Ito, Kimura and Oka's measurements in the form of ASHRAE (1975), windward side,
as given by R. J. Cole, N. S. Sturrock, The convective heat exchange at the external surface of buildings, Build.
Environ. 12 (1977), 207-214, doi:10.1016/0360-1323(77)90021-X. [1]"""
STILL_AIR = 4.0
"""Convection along a wall in still air, the same warmer and colder: ISO 6946:2017, annex C. [W m⁻² K⁻¹]"""
INNER_RESISTANCE = 0.13
"""Inner surface resistance of a wall, ISO 6946:2017, table 7. [m² K W⁻¹]"""

_PLASTER = 0.02 / 0.57
"""2 cm of gypsum plaster, ISO 10456:2007, table 3 (1200 kg/m³). [m² K W⁻¹]"""
_INSULATION = 0.10 / 0.04
"""10 cm of mineral wool or polystyrene, assumed. [m² K W⁻¹]"""


def _wall(conductivity: float, density: float, heat: float, thickness: float, behind: float, emissivity: float) -> Slab:
    return Slab(
        conductivity, density * heat, thickness, behind + INNER_RESISTANCE, INDOOR_TEMPERATURE, emissivity, 0.0,
        WALL_WIND, STILL_AIR, STILL_AIR,
    )  # fmt: skip


WALLS = {
    "brick": _wall(0.77, 1800.0, 1000.0, 0.29, _PLASTER, 0.91),
    "insulated_brick": _wall(0.77, 1800.0, 1000.0, 0.09, _INSULATION + 0.14 / 0.27 + _PLASTER, 0.91),
    "rendered_insulation": _wall(1.0, 1800.0, 1000.0, 0.02, _INSULATION + _PLASTER, 0.91),
    "concrete": _wall(2.0, 2400.0, 1000.0, 0.20, _PLASTER, 0.90),
    "glass": _wall(1.0, 2500.0, 750.0, 0.008, 0.55, 0.84),
}
"""Outer leaves over what lies behind them.

``brick`` is the solid wall of a brick and a half of houses before 1945, not insulated; ``insulated_brick`` a filled
cavity wall over hollow bricks of 0.27 W/(m K). Conductivity, density and heat of clay brickwork (1800 kg/m³, P = 50 %)
EN 1745:2020, annex A; of render, concrete (2400 kg/m³) and float glass ISO 10456:2007, table 3. Thicknesses, the hollow
bricks and the resistance of double glazing are assumed. Emissivities Oke 1987, table 7.3; glass 0.84 EN 673.
"""


def wall_materials(classes: int, material: str = "brick") -> Materials:
    """The columns of wall classes, all of one make.

    Parameters
    ----------
    classes : int
        Classes of all blocks: (sunlit, block, aspect) or whatever order the caller keeps, flattened.
    material : str
        A key of `WALLS`.

    Returns
    -------
    Materials
        With ``advance`` as that of cells; wetness is 0.

    Raises
    ------
    KeyError
        Another material.
    """
    outside = Slab(1.0, 1e6, 1.0, 1.0, INDOOR_TEMPERATURE, 1.0)
    return Materials(np.ones(classes, np.uint16), (outside, WALLS[material]))
