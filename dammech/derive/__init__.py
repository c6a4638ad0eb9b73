"""SymPy: averages, replica ansätze, n → 0, T → 0, stability. The only place where an equation is written.

``averages`` are symbolic objects with the rules they obey, ``replicas`` the overlap matrices, ``functional`` the replica
functional of any system in slots, and what replica symmetry makes of it; ``oracles`` and ``evaluate`` are the other route by
which each step is checked, ``mutate`` proves that the checks can fail, ``render`` writes a derivation down. What is derived for
which memory stands with the systems.
"""

from dammech._rooms import callable_room
from dammech.derive.averages import GaussianAverage, SignAverage, log2cosh, normal, sech2
from dammech.derive.check import CheckReport, check
from dammech.derive.evaluate import evaluate
from dammech.derive.free_energy import FreeEnergy
from dammech.derive.functional import Replicated
from dammech.derive.loads import ExponentialLoad
from dammech.derive.plane import PlaneAverage, log_i0, phase_mean
from dammech.derive.registry import derive, registered
from dammech.derive.render import render
from dammech.derive.spins import Ising, Phase
from dammech.derive.steps import Derivation, Hypothesis, Proof, Step, run_checks
from dammech.derive.theorem import Theorem, Theory

__all__ = [
    "CheckReport",
    "Derivation",
    "ExponentialLoad",
    "FreeEnergy",
    "GaussianAverage",
    "Hypothesis",
    "Ising",
    "Phase",
    "PlaneAverage",
    "Proof",
    "Replicated",
    "SignAverage",
    "Step",
    "Theorem",
    "Theory",
    "check",
    "derive",
    "evaluate",
    "log2cosh",
    "log_i0",
    "normal",
    "phase_mean",
    "registered",
    "render",
    "run_checks",
    "sech2",
]

callable_room(__name__, "derive")
