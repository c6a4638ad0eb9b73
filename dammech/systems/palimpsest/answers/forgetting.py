"""What theorems say of a stream with a given kernel, in numbers."""

from __future__ import annotations

import math

from dammech.declared.kernels import Kernel
from dammech.equations.law import Law
from dammech.errors import InputError


def effective_load(kernel: Kernel, rate: float, load: float = math.inf) -> float:
    """A = Σ Λ²/N^{p−1} at the rate ε, after a total load of ``load`` (an endless stream where none is given).

    A rehearsal kernel has no rate: ``rate`` is not used and a load is needed.

    Raises
    ------
    InputError
        For a rate or load that is negative, a stream without end that does not forget, or a load with clipped couplings.
    """
    if not (isinstance(rate, int | float) and math.isfinite(rate) and rate >= 0):
        raise InputError(f"rate={rate!r}: must be a finite number of at least 0")
    if not load >= 0:
        raise InputError(f"load={load!r}: must be a number of at least 0")
    if not kernel.ages:
        if load == math.inf:
            raise InputError("load is missing: rehearsal does not forget, and an endless stream has no finite noise")
        return load * law(kernel, "Mean weight and effective load")[1]
    if load == math.inf:
        if rate == 0:
            raise InputError("rate=0: an endless stream without forgetting has no finite noise; give a load")
        return law(kernel, "Effective load", varepsilon=rate)[0]
    if rate == 0:
        return load
    if not kernel.linear:
        raise InputError(f"kernel={kernel.name!r}: only the stationary state of an endless stream is known; leave load out")
    faded = kernel.weight(rate * load) < 1  # else powers of what is stored may be below the smallest number
    return law(kernel, "Finite history", varepsilon=rate, alpha=load)[0] if faded else load


def blackout(kernel: Kernel, capacity: float) -> float:
    """The rate at which an endless stream has the effective load ``capacity``."""
    return law(kernel, "Blackout", alpha_c=capacity)[0]


def best_age(kernel: Kernel) -> float:
    """u at the end of the widest window at T = 0 and p ≥ 3; of clipped couplings, by their leading mode."""
    if not kernel.linear:
        return law(kernel, "Window of the leading mode")[1]
    rate, window = law(kernel, "Optimal rate", alpha_c=1.0)
    return rate * window


def age(kernel: Kernel, weight: float) -> float:
    """u at which the weight has fallen to this value, between 0 and 1."""
    if not 0 < weight <= 1:
        raise InputError(f"weight={weight!r}: must be a number between 0 and 1")
    if kernel.flat:
        return 1.0
    if kernel.linear:
        return law(kernel, "Age of a weight", Lambda=weight)[0]
    from scipy.optimize import brentq

    return float(brentq(lambda u: float(kernel.weight(u)) - weight, 0.0, 1 + 8 * abs(math.log(weight)), xtol=1e-15, rtol=1e-14))


def slope(kernel: Kernel, u: float) -> float:
    """g'(u)."""
    if kernel.flat or not kernel.weight(u):  # whatever its powers are
        return 0.0
    clipped = "Slope at young ages" if u < 0.5 else "Slope at old ages"
    return law(kernel, "Slope" if kernel.linear else clipped, u=u)[0]


def law(kernel: Kernel, step: str, **at: float) -> tuple[float, ...]:
    """What a step of the kernel's theorem says at these values of its symbols."""
    return tuple(map(float, Law(theorem_of(kernel), step)(**kernel.symbols, **at)))


def theorem_of(kernel: Kernel) -> str:
    """The registered theorem that holds the effective load, ages and slopes of a stream that forgets like this."""
    own = {"clipped": "clipping", "rehearsal": "rehearsal"}
    return f"palimpsest.{own.get(kernel.name, f'windows.{kernel.name}')}"
