"""Means over the levels of a hierarchy, written level by level: what differentiation would find, without its cost.

Differentiating k nested averages and bringing the result to normal form takes a time that grows like a high power of k. The
rules here are those of one level, applied k times; that they agree with differentiation is checked, for each k.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from dammech.derive.averages import GaussianAverage, sech2
from dammech.derive.hierarchy import block_free_energy
from dammech.derive.tilted import TiltedAverage


class Levels:
    """The nested measures of a field.

    Numbers obey the same rules as expressions: a subclass that overrides `over`, `block` and the two functions of one spin
    computes what this one writes.

    Parameters
    ----------
    field : expression
        Local field over T, in the Gaussian variables ``z``.
    z : sequence of Symbol
        z_0 … z_k.
    sizes : sequence of Symbol
        θ_1 … θ_k.
    """

    def __init__(self, field: Any, z: Sequence[Any], sizes: Sequence[Any]) -> None:
        self.field, self.z, self.sizes = field, z, sizes
        self.steps = len(sizes)

    def _size(self, level: int) -> Any:
        return self.sizes[level - 1] if 1 <= level <= self.steps else 1

    def mean_spin(self) -> Any:
        """⟨σ⟩ of one spin in the field."""
        return sp.tanh(self.field)

    def response(self) -> Any:
        """Its derivative in the field."""
        return sech2(self.field)

    def block(self, level: int) -> Any:
        """log of the partition function of a block l per spin, φ_l, in the field down to level l − 1."""
        return block_free_energy(self.field, self.z, self.sizes, level - 1) / self._size(level)

    def over(self, level: int, value: Any) -> Any:
        """Mean over z_l under the weight e^{θ_l φ_{l+1}}; over z_0 without weight."""
        if level == 0:
            return GaussianAverage(value, self.z[0])
        return TiltedAverage(value, self.z[level], self._size(level) * self.block(level + 1))

    def down_to(self, level: int, value: Any) -> Any:
        """Means over z_k … z_{l+1}."""
        for j in range(self.steps, level, -1):
            value = self.over(j, value)
        return value

    def outwards(self, level: int, value: Any) -> Any:
        """Means over z_l … z_0 of a function of the field down to level l."""
        for j in range(level, -1, -1):
            value = self.over(j, value)
        return value

    def magnetisation(self, level: int) -> Any:
        """Mean spin at a fixed field down to level l: the derivative of φ_{l+1} in the field."""
        return self.down_to(level, self.mean_spin())

    def susceptibility(self, level: int) -> Any:
        """Second derivative of φ_{l+1} in the field: within the smaller blocks, and between them."""
        if level == self.steps:
            return self.response()
        inside = self.over(level + 1, self.susceptibility(level + 1))
        between = self.over(level + 1, self.magnetisation(level + 1) ** 2) - self.magnetisation(level) ** 2
        return inside + self._size(level + 1) * between

    def overlap(self, level: int) -> Any:
        """The mean that q_l equals at a saddle point."""
        if level == self.steps:
            return 1 - self.outwards(level, self.response())
        return self.outwards(level, self.magnetisation(level) ** 2)

    def slope_in_size(self, level: int) -> Any:
        """∂/∂θ_l of the mean of φ_1."""
        excess = self.over(level, self.block(level + 1)) - self.block(level)
        return self.outwards(level - 1, excess / self._size(level))
