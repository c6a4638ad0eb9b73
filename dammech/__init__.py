"""Statistical mechanics of dense associative memories, from the Hamiltonian to a validated phase diagram.

Conventions: k_B = 1, P = α N^{p−1} patterns, retrieval energy −N m^p / p. Names are loaded when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from dammech.declared.states import Crossing as Crossing
    from dammech.declared.states import Fold as Fold
    from dammech.declared.states import Marginal as Marginal
    from dammech.declared.states import Zero as Zero
    from dammech.derive import FreeEnergy as FreeEnergy
    from dammech.derive import GaussianAverage as GaussianAverage
    from dammech.derive import PlaneAverage as PlaneAverage
    from dammech.derive import derive as derive
    from dammech.derive import log2cosh as log2cosh
    from dammech.derive import log_i0 as log_i0
    from dammech.derive.check import check as check
    from dammech.flows import classify as classify
    from dammech.flows import fixed_points as fixed_points
    from dammech.flows import trajectory as trajectory
    from dammech.literature import cite as cite
    from dammech.phases import PhaseDiagram as PhaseDiagram
    from dammech.phases import phase_diagram as phase_diagram
    from dammech.phases.boundary import boundary as boundary
    from dammech.plot import figure as figure
    from dammech.simulate import extrapolate as extrapolate
    from dammech.simulate import simulate as simulate
    from dammech.solve import solve as solve
    from dammech.solve.capacity import capacity as capacity
    from dammech.solve.complexity import complexity as complexity
    from dammech.systems.diffusion.model import Diffusion as Diffusion
    from dammech.systems.dreaming.model import DreamingDAM as DreamingDAM
    from dammech.systems.examples.model import ExampleDAM as ExampleDAM
    from dammech.systems.exponential.model import ExponentialMemory as ExponentialMemory
    from dammech.systems.gardner.model import StableMemory as StableMemory
    from dammech.systems.hebbian.model import HebbianDAM as HebbianDAM
    from dammech.systems.kernel.model import KernelMemory as KernelMemory
    from dammech.systems.lagrangian.model import Lagrangian as Lagrangian
    from dammech.systems.lagrangian.model import Network as Network
    from dammech.systems.palimpsest.model import PalimpsestDAM as PalimpsestDAM
    from dammech.systems.phasor.model import PhasorDAM as PhasorDAM
    from dammech.systems.polynomial.model import PolynomialMemory as PolynomialMemory
    from dammech.systems.pspin.model import PSpin as PSpin
    from dammech.systems.random_features.model import RandomFeatures as RandomFeatures
    from dammech.validate import validate as validate

_ROOMS = {
    "declared.states": ("Crossing", "Fold", "Marginal", "Zero"),
    "derive": ("FreeEnergy", "GaussianAverage", "PlaneAverage", "check", "derive", "log2cosh", "log_i0"),
    "flows": ("classify", "fixed_points", "trajectory"),
    "literature": ("cite",),
    "phases": ("PhaseDiagram", "boundary", "phase_diagram"),
    "plot": ("figure",),
    "simulate": ("extrapolate", "simulate"),
    "solve": ("capacity", "complexity", "solve"),
    "systems.diffusion.model": ("Diffusion",),
    "systems.dreaming.model": ("DreamingDAM",),
    "systems.examples.model": ("ExampleDAM",),
    "systems.exponential.model": ("ExponentialMemory",),
    "systems.gardner.model": ("StableMemory",),
    "systems.hebbian.model": ("HebbianDAM",),
    "systems.kernel.model": ("KernelMemory",),
    "systems.lagrangian.model": ("Lagrangian", "Network"),
    "systems.palimpsest.model": ("PalimpsestDAM",),
    "systems.phasor.model": ("PhasorDAM",),
    "systems.polynomial.model": ("PolynomialMemory",),
    "systems.pspin.model": ("PSpin",),
    "systems.random_features.model": ("RandomFeatures",),
    "validate": ("validate",),
}
_HOMES = {name: f"dammech.{room}" for room, names in _ROOMS.items() for name in names}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'dammech' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
