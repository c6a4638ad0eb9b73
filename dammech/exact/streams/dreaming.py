"""Dreaming couplings at N → ∞: fields of stored patterns from the Marchenko–Pastur law."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dammech.errors import InputError

_NODES = 2000


@dataclass(frozen=True)
class DreamingLaw:
    """Field ξ_i Σ_{j≠i} J_ij ξ_j on a stored pattern, Gaussian at N → ∞.

    Attributes
    ----------
    signal, variance : float
    m : float
        Overlap after one parallel step at T = 0 from the pattern.
    """

    signal: float
    variance: float
    m: float


def dreaming_law(load: float, time: float) -> DreamingLaw:
    """One step from a pattern when J₀ = ξᵀξ/N has dreamt for a time t.

    The eigenvalues x of the K×K matrix ξξᵀ/N follow Marchenko and Pastur; J has g(x) = (1 + t)x/(1 + tx) in their
    place. Averages over patterns are traces: ξ·Jξ/N → E[g x], |Jξ|²/N → E[g² x], and the self-coupling
    Tr J/N → αE[g] is taken out. Zero eigenvalues (α > 1) contribute to none of these.

    Parameters
    ----------
    load : float
        α = K/N > 0.
    time : float
        t ≥ 0.

    Raises
    ------
    InputError
        For a load that is not positive or a time that is negative.

    References
    ----------
    Dreaming: [fachechi2019]; spectrum: [marchenko1967].
    """
    if not (0 < load < math.inf and 0 <= time < math.inf):
        raise InputError(f"load={load!r}, time={time!r}: must be finite, the load > 0 and the time ≥ 0")
    angle = (np.arange(_NODES) + 0.5) * np.pi / _NODES
    x = 1 + load + 2 * math.sqrt(load) * np.cos(angle)
    weight = 2 * np.sin(angle) ** 2 / (_NODES * x)
    g = (1 + time) * x / (1 + time * x)
    full = float(weight @ (g * x))
    signal = full - load * float(weight @ g)
    variance = float(weight @ (g**2 * x)) - full**2
    m = math.erf(signal / math.sqrt(2 * variance)) if variance > 1e-15 else 1.0
    return DreamingLaw(signal, variance, m)
