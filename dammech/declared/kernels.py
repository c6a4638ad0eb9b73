"""How a memory forgets: the weight of a stored pattern as a function of its age.

A pattern of age x (in units of N^{p−1} patterns) has the weight g(εx): ε is the rate of forgetting, and the shape g, with
g(0) = 1, is what a kernel is. What follows from it stands in its theorem.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from dammech.errors import InputError, one_of, shown

KERNELS: dict[str, str] = {
    "exponential": "g = e^{−u}: every step multiplies the couplings by the same factor",
    "power-law": "g = (1+u)^{−s}, s > 1/2",
    "compressed-exponential": "g = exp(−u^k), k > 0.01",
    "hard-buffer": "g = 1 for u < 1, then 0: the last patterns only",
    "clipped": "couplings clipped at ±a N^{(p−1)/2}, ε = 1/a²: a walk between two walls forgets what it did before it met one",
    "rehearsal": "no decay; each step also stores R old patterns again, chosen at random: weights 1 + geometric",
}
_SHORT = {"power": "power-law", "compressed": "compressed-exponential", "buffer": "hard-buffer", "clipping": "clipped"}

#: meaning, default value and least value of the exponent, where a kernel has one
_EXPONENTS: dict[str, tuple[str, float, float]] = {
    "power-law": ("s", 1.0, 0.5), "compressed-exponential": ("k", 2.0, 0.01), "rehearsal": ("R", 1.0, 0.0),
}


@dataclass(frozen=True)
class Kernel:
    """The shape g(u) of forgetting, u = εx.

    Parameters
    ----------
    name : str
        One of `KERNELS`.
    exponent : float, optional
        s of ``power-law`` (1), k of ``compressed-exponential`` (2), the number R of ``rehearsal`` (1).

    Raises
    ------
    InputError
        For an unknown kernel, or an exponent that it does not have or allow.
    """

    name: str = "exponential"
    exponent: float | None = None

    def __post_init__(self) -> None:
        name = _SHORT.get(self.name, self.name) if isinstance(self.name, str) else self.name
        one_of("kernel", name, KERNELS)
        exponent: Any = self.exponent
        if name not in _EXPONENTS:
            if exponent is not None:
                raise InputError(f"exponent={shown(exponent)}: the {name} kernel has none; {', '.join(_EXPONENTS)} have one")
        else:
            symbol, default, least = _EXPONENTS[name]
            exponent = default if exponent is None else exponent
            good = isinstance(exponent, int | float) and not isinstance(exponent, bool) and abs(exponent) <= sys.float_info.max
            if not good or exponent <= least:
                raise InputError(f"exponent={shown(exponent)}: {symbol} of the {name} kernel must be a number > {least:g}")
            exponent = float(exponent)
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "exponent", exponent)

    @property
    def power(self) -> float:
        """The exponent of a kernel that has one."""
        assert self.exponent is not None
        return self.exponent

    @property
    def ages(self) -> bool:
        """Whether the weight of a pattern is a function of its age."""
        return self.name != "rehearsal"

    @property
    def flat(self) -> bool:
        """Whether all patterns that are still there have equal weights."""
        return self.name == "hard-buffer"

    @property
    def linear(self) -> bool:
        """Whether the couplings are a weighted sum over patterns; clipped ones also hold products of several patterns."""
        return self.name != "clipped"

    @property
    def symbols(self) -> dict[str, float]:
        """The exponent by the name that it has in theorems."""
        return {} if self.exponent is None else {_EXPONENTS[self.name][0]: self.exponent}

    def weight(self, u: Any, functions: Any = None, power: Any = None) -> Any:
        """g(u) of a number, an array, or with ``functions`` (mpmath, SymPy) of what they take, as the exponent ``power`` may be.

        The clipped kernel is the probability that a walk with reflecting walls, started anywhere between them, has met
        none: two series that are Poisson transforms of each other.
        """
        import numpy as np

        f = functions or np
        power = self.exponent if power is None else power
        if self.name == "exponential":
            return f.exp(-u)
        if self.name == "power-law":
            return (1 + u) ** (-power)
        if self.name == "compressed-exponential":
            return f.exp(-_raised(u, power) if f is np else -(u**power))
        if self.name == "hard-buffer":
            return np.where(np.asarray(u) < 1, 1.0, 0.0) if f is np else f.mpf(u < 1)
        if self.name == "clipped":
            return _unclipped(u) if f is np else _unclipped_exactly(u, f)
        raise InputError("kernel='rehearsal': the weight of a pattern is not a function of its age")


def _raised(u: Any, power: float) -> Any:
    """u^power, infinite beyond the largest number."""
    import numpy as np

    with np.errstate(over="ignore", divide="ignore"):
        return np.power(np.asarray(u, dtype=float), power)


def _unclipped(u: Any) -> Any:
    import numpy as np
    from scipy.special import erfc

    u = np.asarray(u, dtype=float)
    short = np.minimum(np.maximum(u, 1e-300), 0.5)
    total = 1 - np.sqrt(2 * short / np.pi)
    for n in range(1, 8):
        total = total + (-1) ** n * (
            4 * n * erfc(n * np.sqrt(2 / short)) - 2 * np.sqrt(2 * short / np.pi) * np.exp(-2 * n * n / short)
        )
    late = np.maximum(u, 0.5)
    modes = sum(8 / (np.pi * k) ** 2 * np.exp(-((k * np.pi) ** 2) * late / 8) for k in range(1, 24, 2))
    return np.where(u < 0.5, np.where(u <= 0, 1.0, total), modes)


def _unclipped_exactly(u: Any, f: Any) -> Any:
    if u <= 0:
        return f.mpf(1)
    if 2 * u >= 1:
        last = 3 + 2 * int(f.sqrt(f.mpf(8) * f.mp.dps / u))
        return f.fsum(8 / (f.pi * k) ** 2 * f.exp(-((k * f.pi) ** 2) * u / 8) for k in range(1, last, 2))
    last = 3 + int(f.sqrt(2 * f.mp.dps))
    return 1 - f.sqrt(2 * u / f.pi) + f.fsum(
        (-1) ** n * (4 * n * f.erfc(n * f.sqrt(2 / u)) - 2 * f.sqrt(2 * u / f.pi) * f.exp(-2 * n * n / u))
        for n in range(1, last)
    )
