"""The physics: arrays, units and time; nothing here knows a city, a file or the web.

``KERNELS`` is the explicit tuple of all kernels, one line each. It is built when it is first asked for, so that
whoever needs only the names of quantities does not load the compiler.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kernels.contract import Kernel

    KERNELS: tuple[type[Kernel], ...]

_CLASSES = (
    ("kernels.flood.kernel", "Flood"),
    ("kernels.heat.kernel", "Heat"),
    ("kernels.access.kernel", "Access"),
    ("kernels.traffic.kernel", "Traffic"),
    ("kernels.energy.kernel", "Energy"),
)


def __getattr__(name: str) -> object:
    if name == "KERNELS":
        return tuple(getattr(import_module(module), kernel) for module, kernel in _CLASSES)
    raise AttributeError(f"module 'kernels' has no {name!r}")
