"""Every physical quantity of the twin, named once: unit, words in three languages, palette and range."""

from kernels.quantities.access import ACCESS
from kernels.quantities.damage import DAMAGE
from kernels.quantities.drains import DRAINS
from kernels.quantities.energy import ENERGY
from kernels.quantities.ground import GROUND
from kernels.quantities.heat import HEAT
from kernels.quantities.quantity import LANGUAGES, Language, Quantity
from kernels.quantities.sensors import SENSORS
from kernels.quantities.soil import SOIL
from kernels.quantities.traffic import TRAFFIC
from kernels.quantities.water import WATER
from kernels.quantities.weather import WEATHER

QUANTITIES: dict[str, Quantity] = {
    quantity.name: quantity
    for quantity in (*GROUND, *WATER, *SOIL, *DRAINS, *DAMAGE, *WEATHER, *HEAT, *TRAFFIC, *ACCESS, *ENERGY, *SENSORS)
}


def attrs(name: str) -> dict[str, str]:
    """CF attributes of one quantity; a name that is not in the table is a KeyError with the remedy."""
    if name not in QUANTITIES:
        raise KeyError(f"{name!r} is not a quantity of the twin; add its words to kernels/quantities")
    return QUANTITIES[name].attrs()


__all__ = ["LANGUAGES", "QUANTITIES", "Language", "Quantity", "attrs"]
