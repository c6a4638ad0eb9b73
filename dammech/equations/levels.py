"""Theories of any number of levels, evaluated level by level: the rules of `dammech.derive.levels`, obeyed by numbers.

What has no average in it (fields, noise functional, their derivatives) is lowered from the derivation; the nested means are
functions of the local field on one grid. The cost is the sum over levels, not the product.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import sympy as sp

from dammech.derive.covariance import alpha, explicit
from dammech.derive.functional import T
from dammech.derive.levels import Levels
from dammech.derive.symmetry_breaking import BrokenTheory, ZeroTemperature
from dammech.equations.propagation import Level, Tilted, hierarchy
from dammech.equations.quadrature import ORDER

_STEP = 1e-5
_LARGEST_SIZE = 1e9


class _Numbers(Levels):
    """`Levels` at one point; a function of the field down to level l is its array at that level's nodes."""

    def __init__(self, start: float, widths: Sequence[float], sizes: Any, cold: bool, order: int) -> None:
        steps = len(sizes)
        inwards = hierarchy(start, list(widths)[::-1], [*reversed(sizes), 0.0], 0.0 if cold else 1.0, order)
        self._levels: list[Level] = inwards[::-1]
        super().__init__(self._levels[steps].fields, range(steps + 1), list(sizes))
        self._cold, self._widths, self._inner = cold, widths, widths[-1]
        self._tilts: dict[int, tuple[np.ndarray, Tilted]] = {}
        self._known: dict[tuple[str, int], Any] = {}

    def mean_spin(self) -> np.ndarray:
        return np.sign(self.field) if self._cold else np.tanh(self.field)

    def response(self) -> Any:
        return _SPIKE if self._cold else 1 - np.tanh(self.field) ** 2

    def _tilt(self, level: int) -> tuple[np.ndarray, Tilted]:
        if level not in self._tilts:
            self._tilts[level] = self._levels[level].tilt(self._size(level) * self.block(level + 1))
        return self._tilts[level]

    def _remember(self, what: str, level: int, make: Callable[[], Any]) -> Any:
        if (what, level) not in self._known:
            self._known[what, level] = make()
        return self._known[what, level]

    def block(self, level: int) -> Any:
        if level == self.steps + 1:
            return np.abs(self.field) if self._cold else np.logaddexp(self.field, -self.field)
        return self._remember(
            "block", level, lambda: self._levels[level - 1].of(self._tilt(level)[0] / self._size(level))
        )

    def magnetisation(self, level: int) -> Any:
        if level == self.steps:
            return self.mean_spin()
        return self._remember("spin", level, lambda: self.over(level + 1, self.magnetisation(level + 1)))

    def susceptibility(self, level: int) -> Any:
        return self._remember("response", level, lambda: super(_Numbers, self).susceptibility(level))

    def over(self, level: int, value: Any) -> Any:
        here = self._levels[level]
        if level == 0:
            return float(here.mean(value)[0]) if value is not _SPIKE else float(self._density(level)[0])
        mean = self._density(level) if value is _SPIKE else self._tilt(level)[1].mean(value)
        return self._levels[level - 1].of(mean)

    def _density(self, level: int) -> np.ndarray:
        """2⟨δ(h)⟩ under the weight of the innermost level, where e^{y|h|} is one."""
        outside = self._levels[level].outside
        height = self._tilt(level)[0] if level else 0.0
        return 2 * np.exp(-(outside**2) / (2 * self._inner**2) - height) / (np.sqrt(2 * np.pi) * self._inner)


#: stands for T⁻¹ sech² at T = 0, twice a delta function
_SPIKE = object()


@dataclass(frozen=True)
class LevelSystem:
    """The saddle equations of a k-step theory; answers like a compiled system.

    Attributes
    ----------
    model : HebbianDAM or PSpin
    steps : int
        k.
    cold : bool
        The theory at T = 0.
    """

    model: Any
    steps: int
    cold: bool = False

    @cached_property
    def _lowered(self) -> _Lowered:
        return _lower(self.model, self.steps, self.cold)

    @cached_property
    def unknowns(self) -> list[str]:
        """Names of the unknowns."""
        return self._lowered.unknowns

    @cached_property
    def parameters(self) -> list[str]:
        """Names of the parameters."""
        return self._lowered.parameters

    def residual(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> np.ndarray:
        """Left-hand sides, equations × points."""
        return np.stack([self._point(x, y, order)[0] for x, y in zip(u.T, p.T)], axis=1)

    def jacobian(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> np.ndarray:
        """Derivatives, equations × (unknowns + parameters) × points, by central differences."""
        return np.stack([self._slopes(x, y, order) for x, y in zip(u.T, p.T)], axis=2)

    def outputs(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> dict[str, np.ndarray]:
        """Free energy and other quantities, by name."""
        found = [self._point(x, y, order, report=True)[1] for x, y in zip(u.T, p.T)]
        return {name: np.array([f[name] for f in found]) for name in (found[0] if found else ())}

    def inside(self, u: np.ndarray, p: np.ndarray) -> np.ndarray:
        """Whether each point lies in the domain of the theory."""
        with np.errstate(all="ignore"):
            return np.array([bool(np.all(np.array(self._lowered.domain(*x, *y)) > 0)) for x, y in zip(u.T, p.T)])

    def _point(
        self, x: np.ndarray, y: np.ndarray, order: int, report: bool = False
    ) -> tuple[np.ndarray, dict[str, float]]:
        low = self._lowered
        bad = np.full(len(low.unknowns), np.nan), dict.fromkeys(low.reported, np.nan)
        with np.errstate(all="ignore"):
            start, *widths = low.fields(*x, *y)
            sizes = x[len(x) - self.steps :]
            if not np.all(np.isfinite([start, *widths, *sizes])) or min(widths) < 0 or max(sizes) > _LARGEST_SIZE:
                return bad
            numbers = _Numbers(start, widths, sizes, self.cold, order)
            rest = low.rest(*x, *y)
            q = x[len(x) - self.steps - (self.steps + 1) : len(x) - self.steps]
            means = [] if len(x) == 2 * self.steps + 1 else [x[0] - numbers.outwards(0, numbers.magnetisation(0))]
            last = self.steps
            overlaps = [q[j] - numbers.overlap(j) for j in range(last)]
            overlaps.append(q[last] - (numbers.outwards(last, numbers.response()) if self.cold else numbers.overlap(last)))
            moving = [r + numbers.slope_in_size(j) for j, r in enumerate(rest, start=1)]
            residual = np.array([*means, *overlaps, *moving])
            return residual, self._report(x, y, numbers, residual) if report else {}

    def _report(self, x: np.ndarray, y: np.ndarray, numbers: _Numbers, residual: np.ndarray) -> dict[str, float]:
        low = self._lowered
        free, energy, *curvatures = low.quantities(*x, *y)
        scale = 1.0 if self.cold else float(y[-1])
        free -= scale * numbers.outwards(0, numbers.block(1))
        found = {"free_energy": float(free), "energy": float(free if self.cold else energy)}
        if not self.cold:
            found["entropy"] = (found["energy"] - found["free_energy"]) / scale
        for level, noise in enumerate(curvatures):
            value = 1 - noise * numbers.outwards(level, numbers.susceptibility(level) ** 2)
            found[f"replicon_q{level}"] = float(value)
        found["complexity"] = float(-(x[-1] ** 2) * residual[-1])
        return found

    def _slopes(self, x: np.ndarray, y: np.ndarray, order: int) -> np.ndarray:
        point = np.concatenate([x, y])
        steps = _STEP * self._scales(point)
        columns = []
        for k, step in enumerate(steps):
            up, down = point.copy(), point.copy()
            up[k] += step
            down[k] -= step
            values = [self._point(z[: len(x)], z[len(x) :], order)[0] for z in (up, down)]
            columns.append((values[0] - values[1]) / (2 * step))
        return np.stack(columns, axis=1)

    def _scales(self, point: np.ndarray) -> np.ndarray:
        """On what scale each unknown and parameter varies: overlaps on that of the gaps beside them."""
        scales = np.maximum(np.abs(point), 1e-6)
        first = self.unknowns.index("q0")
        count = self.steps + (0 if self.cold else 1)
        ends = np.concatenate([[0.0], point[first : first + count], [1.0]])
        gaps = np.diff(ends)
        scales[first : first + count] = np.maximum(np.minimum(gaps[:-1], gaps[1:]), 1e-9)
        return scales


@dataclass(frozen=True)
class _Lowered:
    unknowns: list[str]
    parameters: list[str]
    fields: Callable[..., Any]
    rest: Callable[..., Any]
    quantities: Callable[..., Any]
    domain: Callable[..., Any]
    reported: tuple[str, ...]


@cache
def _lower(model: Any, steps: int, cold: bool) -> _Lowered:
    """What the derivation says outside the averages, as functions of unknowns and parameters."""
    t = BrokenTheory(model, steps)
    zero = ZeroTemperature(t)
    strength, *spreads = (t.with_order_parameters if not cold else zero.fields).values() if t.hebbian else (
        sp.Integer(0), *(t.with_order_parameters if not cold else zero.fields).values())
    along = [sp.diff(t.rest, x).xreplace(t.conjugates) for x in t.sizes]
    free = -T * t.rest.xreplace(t.conjugates)
    noise = t.noise_curvatures if not cold else t.noise_curvatures[:-1]
    if cold:
        along = [zero.limit(e * T**2) for e in along]
        free = zero.limit(free)
        noise = tuple(zero.limit(e * T**2) for e in noise)
    energy = t.energy if not cold else sp.Integer(0)
    unknowns = zero.unknowns if cold else t.unknowns
    parameters = ([alpha] if t.hebbian else []) + ([] if cold else [T])

    def function(expressions: Sequence[sp.Expr]) -> Callable[..., Any]:
        return sp.lambdify([*unknowns, *parameters], [explicit(sp.sympify(e), model) for e in expressions], "numpy", cse=True)

    reported = ("free_energy", "energy", *(() if cold else ("entropy",)), *(f"replicon_q{k}" for k in range(len(noise))),
                "complexity")
    return _Lowered(
        [x.name for x in unknowns], [x.name for x in parameters], function([strength, *spreads]), function(along),
        function([free, energy, *noise]), function(zero.domain if cold else t.domain), reported,
    )
