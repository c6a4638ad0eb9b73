"""A Lagrangian of a user's own, written out in x1, …, xD."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp
from scipy.optimize import brentq

from dammech.declared.arithmetic import check_numbers, check_text
from dammech.errors import InputError
from dammech.systems.lagrangian.model.cells import folded, relations
from dammech.systems.lagrangian.model.primitives import NUMERIC, guarded, widened
from dammech.systems.lagrangian.model.symbolic import PARAMETERS, rational

_NULL = 1e-12


def is_explicit(text: str | sp.Expr) -> bool:
    """Whether an expression names single neurons."""
    return re.search(r"\bx\d+\b", str(text)) is not None


class ExplicitLagrangian:
    """L(x1, …, xD) with nothing known of its structure: null vectors are found numerically, at each state.

    Parameters
    ----------
    text : str or Expr
    size : int
        D.
    values : mapping
        Parameters.

    Raises
    ------
    InputError
        For a text that cannot be read or that contains other symbols.
    """

    separable = False
    minimised = False

    def __init__(self, text: str | sp.Expr, size: int, values: Mapping[str, Any]) -> None:
        self.fields = sp.symbols(f"x1:{size + 1}", real=True)
        names = {v.name: v for v in self.fields} | PARAMETERS
        if isinstance(text, str):
            check_text("lagrangian", text, {"S": None})
        try:
            read = sp.sympify(text, locals=dict(names), rational=True) if isinstance(text, str) else text
            self.expression = read.xreplace({s: names[s.name] for s in read.free_symbols if s.name in names})
        except Exception as error:
            raise InputError(f"lagrangian={str(text)!r}: is not an expression that can be read ({error})") from None
        check_numbers("lagrangian", self.expression)
        self.parameters = {PARAMETERS[k]: rational(v) for k, v in values.items()}
        others = self.expression.free_symbols - set(self.fields) - set(self.parameters)
        if others:
            raise InputError(
                f"lagrangian={str(text)!r}: {', '.join(sorted(map(str, others)))} is no field of {size} neurons "
                f"(x1 to x{size}) and no parameter with a value"
            )

    def explicit(self, fields: Sequence[sp.Expr]) -> sp.Expr:
        """L of given fields."""
        return self.expression.xreplace(dict(zip(self.fields, fields)))

    def hessian(self, fields: Sequence[sp.Symbol]) -> sp.Matrix:
        """H = ∂²L/∂x∂x."""
        return sp.hessian(folded(self.explicit(fields)), list(fields)).applyfunc(sp.simplify)

    def value(self, x: np.ndarray) -> np.ndarray:
        """L."""
        return self._evaluated(self._numeric[0], x)

    def activation(self, x: np.ndarray | Sequence[sp.Symbol]) -> Any:
        """g = ∇L, of numbers or of symbols."""
        if not isinstance(x, np.ndarray):
            return [sp.simplify(sp.diff(folded(self.explicit(x)), v)) for v in x]
        return np.stack([self._evaluated(f, x) for f in self._numeric[1]], -1)

    def curvature(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The Hessian as 0 + 1 H 1."""
        size = x.shape[-1]
        H = np.stack([self._evaluated(f, x) for f in self._numeric[2]], -1).reshape(*x.shape, size)
        return np.zeros_like(x), np.broadcast_to(np.eye(size), H.shape), H

    def null_vectors(self, x: np.ndarray) -> np.ndarray:
        """Eigenvectors of H with an eigenvalue below 1e-12 of the largest."""
        values, vectors = np.linalg.eigh(self.curvature(x)[2])
        return vectors[:, np.abs(values) <= _NULL * max(np.abs(values).max(), 1e-300)]

    def kinks(self, x: np.ndarray, tolerance: float | np.ndarray) -> np.ndarray:
        """All the neurons that a case distinction depends on, where its surface is closer than the tolerance."""
        found = np.zeros(x.shape, dtype=bool)
        for distance, gradient in self._surfaces:
            slope = np.stack([self._evaluated(f, x) for f in gradient], -1)
            near = np.abs(self._evaluated(distance, x)) <= tolerance * np.maximum(np.linalg.norm(slope, axis=-1), 1e-300)
            found |= near[..., None] & (slope != 0)
        return found

    def distances(self, x: np.ndarray) -> np.ndarray:
        """The functions whose signs the case distinctions depend on: (..., their number)."""
        values = [self._evaluated(distance, x) for distance, _ in self._surfaces]
        return np.stack(values, -1) if values else np.zeros((*x.shape[:-1], 0))

    def snapped(self, x: np.ndarray, tolerance: float | np.ndarray) -> np.ndarray:
        """The states themselves."""
        return x

    def sides(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Not defined for neurons that see each other."""
        raise InputError("lagrangian: one-sided slopes exist for a sum over neurons only")

    def check_smooth(self, size: int, name: str) -> None:
        """Refuse an L whose gradient jumps across a surface; found by crossing each surface along random lines."""
        rng = np.random.default_rng(np.random.SeedSequence([size, len(name)]))
        for distance, _ in self._surfaces:
            for start, direction in rng.normal(size=(20, 2, size)) * 3:
                for at in self._crossings(distance, start, direction):
                    below, above = (self.activation(at + h * direction) for h in (-1e-8, 1e-8))
                    if np.abs(below - above).max() > 1e-5 * (1 + np.abs(below).max()):
                        raise InputError(
                            f"lagrangian={name!r}: its gradient jumps across a surface (numerically), near "
                            f"{np.round(at, 4).tolist()}; it must be continuously differentiable"
                        )

    def _crossings(self, distance: Any, start: np.ndarray, direction: np.ndarray) -> list[np.ndarray]:
        """Where a line crosses a surface."""

        def height(s: float) -> float:
            return float(self._evaluated(distance, start + s * direction))

        steps = np.linspace(-3, 3, 61)
        changes = np.flatnonzero(np.diff(np.sign([height(s) for s in steps])) != 0)
        return [start + brentq(height, steps[k], steps[k + 1]) * direction for k in changes]

    def _evaluated(self, function: Any, x: np.ndarray) -> np.ndarray:
        x = widened(x)
        with np.errstate(all="ignore"):
            return np.broadcast_to(np.asarray(function(*np.moveaxis(x, -1, 0)), dtype=float), x.shape[:-1])

    @cached_property
    def _numeric(self) -> tuple[Any, list[Any], list[Any]]:
        L = folded(guarded(self.expression.xreplace(self.parameters)))
        g = [folded(sp.diff(L, v)) for v in self.fields]
        H = [folded(sp.diff(a, v)) for a in g for v in self.fields]
        return self._code(L), [self._code(e) for e in g], [self._code(e) for e in H]

    @cached_property
    def _surfaces(self) -> list[tuple[Any, list[Any]]]:
        """Where cases change: distance and its gradient."""
        L = folded(self.expression.xreplace(self.parameters))
        distances = sorted({r.lhs - r.rhs for r in relations(L)}, key=str)
        return [(self._code(e), [self._code(sp.diff(e, v)) for v in self.fields]) for e in distances]

    def _code(self, e: sp.Expr) -> Any:
        return sp.lambdify(self.fields, e, modules=NUMERIC)
