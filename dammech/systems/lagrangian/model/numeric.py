"""The numbers of a Lagrangian, in batches: code that SymPy prints from what it derived, in functions that do not overflow."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp
from scipy.special import logsumexp

from dammech.errors import InputError
from dammech.systems.lagrangian.model.cells import cells_of
from dammech.systems.lagrangian.model.primitives import NUMERIC, guarded, widened
from dammech.systems.lagrangian.model.symbolic import WEIGHT, D, SymbolicLagrangian, T, X

_NEWTON_STEPS = 100


class NumericLagrangian:
    """L, g and H = diag(d) + U C Uᵀ of states of shape (..., D).

    Parameters
    ----------
    symbolic : SymbolicLagrangian
    start : str or None
        For a minimum over t: where Newton's method begins, in terms of ``top``, the largest field.
    """

    def __init__(self, symbolic: SymbolicLagrangian, start: str | None = None) -> None:
        self._form = symbolic.rewritten(guarded)
        self._symbols = [c.symbol for c in symbolic.totals]
        self._start = start

    def value(self, x: np.ndarray) -> np.ndarray:
        """L, of shape (...)."""
        value = self._call(self._value, x)[..., 0]
        if self._shifts:  # L is affine along the flat direction that was taken off
            value = value + self._pivot(x)[..., 0] * self.activation(x).sum(-1)
        return _plain(value)

    def activation(self, x: np.ndarray) -> np.ndarray:
        """g = ∇L, of shape (..., D)."""
        return _plain(np.broadcast_to(self._call(self._activation, x), x.shape))

    def curvature(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """d (..., D), U (..., D, k) and C (..., k, k) of the Hessian diag(d) + U C Uᵀ, in the precision they ask for."""
        form = self._form.curvature
        k = len(form.columns)
        d = np.broadcast_to(self._call(self._diagonal, x), x.shape).copy()
        if k == 0:
            return d, np.zeros((*x.shape, 0)), np.zeros((*x.shape[:-1], 0, 0))
        columns = [np.broadcast_to(self._call(c, x), x.shape) for c in self._columns]
        core = np.empty((*x.shape[:-1], k, k), d.dtype)
        for a in range(k):
            for b in range(k):
                core[..., a, b] = np.broadcast_to(self._call(self._core[a][b], x), (*x.shape[:-1], 1))[..., 0]
        return d, np.stack(columns, -1), core

    def null_vectors(self, x: np.ndarray) -> np.ndarray:
        """Vectors (..., D, r) that the symbolic analysis found in the kernel of the Hessian of alive neurons."""
        vectors = [np.broadcast_to(self._call(v, x), x.shape) for v in self._null]
        return _plain(np.stack(vectors, -1)) if vectors else np.zeros((*x.shape, 0))

    def kinks(self, x: np.ndarray, tolerance: float | np.ndarray) -> np.ndarray:
        """Neurons of states (..., D) within the tolerance of a jump of the Hessian."""
        relative = x - self._offset(x)
        found = np.zeros(x.shape, dtype=bool)
        for at, _, _ in self._jumps:
            found |= np.abs(relative - at) <= tolerance
        return found

    def distances(self, x: np.ndarray) -> np.ndarray:
        """Fields less each jump of the Hessian: (..., number of jumps × D)."""
        if not self._jumps:
            return np.zeros((*x.shape[:-1], 0))
        relative = x - self._offset(x)
        return np.concatenate([relative - at for at, _, _ in self._jumps], -1)

    def snapped(self, x: np.ndarray, tolerance: float | np.ndarray) -> np.ndarray:
        """States with the fields within the tolerance of a jump moved onto it (separable L; others unchanged)."""
        if not self._form.separable:
            return x
        for at, _, _ in self._jumps:
            x = np.where(np.abs(x - at) <= tolerance, at, x)
        return x

    def sides(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """dg_i/dx_i just below and just above the fields of states (..., D)."""
        if not self._form.separable:
            raise InputError("lagrangian: one-sided slopes exist for a sum over neurons only")
        below = above = _plain(self.curvature(x)[0])
        for at, left, right in self._jumps:
            below, above = np.where(x == at, left, below), np.where(x == at, right, above)
        return below, above

    @cached_property
    def _jumps(self) -> list[tuple[float, float, float]]:
        """Fields (from t, for a minimum over it) where a neuron's slope jumps, with the slopes on both sides."""
        form = self._form
        numbers = {**form.values, T: sp.Integer(0)}
        summands = [form.neuron] if form.separable else [c.summand for c in form.totals]
        found = []
        for cells in (cells_of(e.xreplace({T: sp.Integer(0)}), X, form.values) for e in summands if e is not None):
            for one, other in itertools.pairwise(cells):
                left = float(sp.limit(one.slope.xreplace(numbers), X, one.high, "-"))
                right = float(sp.limit(other.slope.xreplace(numbers), X, one.high, "+"))
                if left != right:
                    found.append((float(one.high), left, right))
        return found

    def _offset(self, x: np.ndarray) -> Any:
        if not self._form.minimised:
            return 0.0
        if not self._shifts:
            return self.auxiliary(x)
        pivot = self._pivot(x)
        return pivot + self.auxiliary(x - pivot)

    def auxiliary(self, x: np.ndarray) -> np.ndarray:
        """t, where L is a minimum over it: (..., 1), of fields without their mean where that is flat.

        Newton's method from the left of a concave slope cannot overshoot.
        """
        top = x.max(-1, keepdims=True)
        t = np.broadcast_to(eval(self._start or "top", {"top": top}), top.shape).astype(x.dtype)  # a line of the catalogue
        slope, curvature = self._tilt
        for _ in range(_NEWTON_STEPS):
            step = slope(x, t) / curvature(x, t)
            t = t - step
            if np.all(np.abs(step) <= 4e-16 * (1 + np.abs(t))):
                break
        return t

    @cached_property
    def _shifts(self) -> bool:
        """Whether a common shift of all fields is flat: it is taken off before rounding can make something of it."""
        return any(v == 1 for v in self._form.null_vectors)

    def _pivot(self, x: np.ndarray) -> np.ndarray:
        """What is taken off: the mean, or the largest field where t is sought next to it."""
        return np.asarray(x.max(-1, keepdims=True) if self._form.minimised else x.mean(-1, keepdims=True))

    def _call(self, function: Callable[..., Any], x: np.ndarray) -> np.ndarray:
        x = widened(x)
        if self._shifts:
            x = x - self._pivot(x)
        with np.errstate(all="ignore"):  # of cases that do not apply
            totals, weight = [], np.ones_like(x)
            t, curvature = np.zeros((*x.shape[:-1], 1)), np.ones((*x.shape[:-1], 1))
            reached = np.ones((*x.shape[:-1], 1), bool)
            if self._form.minimised:
                t = self.auxiliary(x)
                curvature = self._tilt[1](x, t)
            for total, summand in zip(self._form.totals, self._summands):
                terms = np.broadcast_to(summand(x, t), x.shape)
                if total.logarithmic:
                    totals.append(logsumexp(terms, axis=-1, keepdims=True))
                    weight = np.exp(terms - totals[-1])
                else:
                    totals.append(terms.sum(-1, keepdims=True))
                reached &= np.isfinite(totals[-1]) | (x.dtype == float)
            result = np.asarray(function(x, weight, t, curvature, float(x.shape[-1]), *totals), dtype=x.dtype)
            return result if reached.all() else np.where(reached, result, np.nan)  # beyond extended precision

    def _printed(self, expression: sp.Expr) -> Callable[..., Any]:
        arguments = [X, WEIGHT, T, SymbolicLagrangian.L_tt, D, *self._symbols]
        return sp.lambdify(arguments, expression.xreplace(self._values), modules=NUMERIC)

    @cached_property
    def _values(self) -> dict[sp.Symbol, sp.Expr]:
        return dict(self._form.parameters)

    @cached_property
    def _summands(self) -> list[Callable[..., Any]]:
        return [sp.lambdify([X, T], c.summand.xreplace(self._values), modules=NUMERIC) for c in self._form.totals]

    @cached_property
    def _value(self) -> Callable[..., Any]:
        return self._printed(self._form.outer)

    @cached_property
    def _activation(self) -> Callable[..., Any]:
        outer, totals = self._form.outer, self._form.totals
        return self._printed(sp.Add(*[sp.diff(outer, c.symbol) * c.slope for c in totals]))

    @cached_property
    def _diagonal(self) -> Callable[..., Any]:
        return self._printed(self._form.curvature.diagonal)

    @cached_property
    def _columns(self) -> list[Callable[..., Any]]:
        return [self._printed(c) for c in self._form.curvature.columns]

    @cached_property
    def _core(self) -> list[list[Callable[..., Any]]]:
        core = self._form.curvature.core
        return [[self._printed(core[a, b]) for b in range(core.cols)] for a in range(core.rows)]

    @cached_property
    def _null(self) -> list[Callable[..., Any]]:
        return [self._printed(v) for v in self._form.null_vectors]

    @cached_property
    def _tilt(self) -> tuple[Callable[..., np.ndarray], Callable[..., np.ndarray]]:
        """∂L/∂t and ∂²L/∂t²."""
        constant, summand, constant2, summand2 = (
            sp.lambdify([X, T], e.xreplace(self._values), modules=NUMERIC) for e in self._form.tilt
        )
        return (
            lambda x, t: constant(x, t) + np.broadcast_to(summand(x, t), x.shape).sum(-1, keepdims=True),
            lambda x, t: constant2(x, t) + np.broadcast_to(summand2(x, t), x.shape).sum(-1, keepdims=True),
        )


def _plain(values: np.ndarray) -> np.ndarray:
    """In double precision, a copy; numbers beyond it are infinite."""
    with np.errstate(over="ignore", under="ignore"):
        return values.astype(float)
