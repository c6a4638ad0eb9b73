"""SymPy: averages, replica ansätze, n → 0, T → 0, stability. The only place where an equation is written."""

from dammech.derive.averages import GaussianAverage, SignAverage, log2cosh, normal, sech2
from dammech.derive.evaluate import evaluate
from dammech.derive.free_energy import FreeEnergy
from dammech.derive.steps import Derivation, Step, run_checks

__all__ = [
    "Derivation", "FreeEnergy", "GaussianAverage", "SignAverage", "Step", "evaluate", "log2cosh", "normal", "run_checks", "sech2",
]
