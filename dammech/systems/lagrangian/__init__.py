"""Networks whose neurons have a Lagrangian: dead neurons, flat regions and what becomes of memories there."""

from dammech.registry import System
from dammech.systems.lagrangian.model.catalogue import LAGRANGIANS

_SOURCES = ("krotov2020", "krotov2021", "fanaskov2024")

SYSTEM = System(
    name="lagrangian",
    title="Blocks of neurons with activation g = dL/dx; the layers of a network",
    home=__name__,
    sources={
        "lagrangian": _SOURCES,
        **dict.fromkeys(LAGRANGIANS, _SOURCES),
        "dead-neurons": ("fanaskov2024", "krotov2020", "krotov2021"),
        "copositivity": ("motzkin1965",),
        "lyapunov": ("cohen1983", "lasalle1960"),
        "conjugate": ("rockafellar1970",),
    },
)
