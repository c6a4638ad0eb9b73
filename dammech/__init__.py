"""Statistical mechanics of dense associative memories, from the Hamiltonian to a validated phase diagram.

Conventions: k_B = 1, P = α N^{p−1} patterns, retrieval energy −N m^p / p. Names are loaded when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "HebbianDAM": "dammech.models",
    "PSpin": "dammech.models",
    "PalimpsestDAM": "dammech.models",
    "Lagrangian": "dammech.models",
    "Network": "dammech.models",
    "derive": "dammech.derive",
    "check": "dammech.derive",
    "GaussianAverage": "dammech.derive",
    "log2cosh": "dammech.derive",
    "FreeEnergy": "dammech.derive",
    "Fold": "dammech.models",
    "Crossing": "dammech.models",
    "Zero": "dammech.models",
    "Marginal": "dammech.models",
    "solve": "dammech.solve",
    "boundary": "dammech.phases",
    "phase_diagram": "dammech.phases",
    "simulate": "dammech.simulate",
    "fixed_points": "dammech.flows",
    "classify": "dammech.flows",
    "trajectory": "dammech.flows",
    "validate": "dammech.validate",
    "cite": "dammech.literature",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'dammech' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
