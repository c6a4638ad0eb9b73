"""A clipped coupling is a walk on 2A + 1 places between two walls: its law by the transfer matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dammech.errors import InputError


@dataclass(frozen=True)
class ClippedLaw:
    """Stationary clipped couplings J in −A … A, and what they hold of one stored pattern.

    Attributes
    ----------
    signal : float
        E[J x], x = ±1 the product of the pattern's spins that was added to J.
    square : float
        E[J²] = A(A + 1)/3.
    law : ndarray, (2A+1,)
        Probability of J x = −A … A.
    """

    bound: int
    age: int
    signal: float
    square: float
    law: np.ndarray

    def one_step_overlap(self, size: int) -> float:
        """Overlap after one parallel step at T = 0 from the pattern at order 2 and N = ``size``; ties keep the spin.

        Seen from one spin (the gauge in which its sign is that of every pattern) the N − 1 walks are independent.
        """
        total = self.law
        result, power = np.ones(1), size - 1
        while power:
            if power & 1:
                result = np.convolve(result, total)
            total = np.convolve(total, total) if power > 1 else total
            power >>= 1
        middle = result.size // 2
        return float(1 - 2 * result[:middle].sum() / result.sum())


def clipped_law(bound: int, age: int) -> ClippedLaw:
    """What J ← clip(J ± 1, ±A) holds of the step made ``age`` steps ago.

    The steps of one coupling are fair signs; the walk is doubly stochastic, so J is uniform before the pattern comes.

    Parameters
    ----------
    bound : int
        A ≥ 1.
    age : int
        0 directly after storing.

    Raises
    ------
    InputError
        For a bound below 1 or a negative age.

    References
    ----------
    [parisi1986].
    """
    if bound < 1 or age < 0:
        raise InputError(f"bound={bound}, age={age}: the bound must be at least 1 and the age at least 0")
    places = np.arange(-bound, bound + 1)
    law = np.full(places.size, 1 / places.size)
    up, down = np.minimum(np.arange(places.size) + 1, places.size - 1), np.maximum(np.arange(places.size) - 1, 0)
    stored = np.zeros(places.size)
    np.add.at(stored, up, law)
    law = stored
    for _ in range(age):
        moved = np.zeros(places.size)
        np.add.at(moved, up, law / 2)
        np.add.at(moved, down, law / 2)
        law = moved
    return ClippedLaw(bound, age, float(law @ places), bound * (bound + 1) / 3, law)
