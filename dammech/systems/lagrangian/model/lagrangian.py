"""One block of neurons: its Lagrangian, with everything that follows from it."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dammech.errors import InputError, integer, shown
from dammech.systems.lagrangian.model.catalogue import ALLOWED, LAGRANGIANS

if TYPE_CHECKING:
    import numpy as np
    import sympy as sp

    from dammech.systems.lagrangian.model.explicit import ExplicitLagrangian
    from dammech.systems.lagrangian.model.numeric import NumericLagrangian
    from dammech.systems.lagrangian.model.symbolic import SymbolicLagrangian


#: neurons of a block; its states would not fit into memory beyond
LARGEST = 10**7


class Lagrangian:
    """A block of D neurons with the Lagrangian L(x): activation g = ∇L, Hessian H = ∂²L/∂x∂x (krotov2021).

    A neuron is dead where its column of H vanishes, a direction u where H u = 0: the energy of a network does not see it
    (fanaskov2024). All of it is derived by SymPy from L.

    Parameters
    ----------
    name : str or SymPy expression
        A name of `LAGRANGIANS`, or a Lagrangian of one's own: in ``x`` with sums ``S(...)`` over the neurons and their
        number ``D`` (``log(S(exp(beta*x)))/beta``); without ``S``, that of one neuron, summed over all
        (``Max(x, 0)**2/2``); or in ``x1``, …, ``xD``.
    size : int
        D ≥ 1.
    **parameters : float
        Those of the catalogue's entry, or the numbers for the symbols ``n beta gamma delta eps`` of an expression.

    Raises
    ------
    InputError
        For an unknown name, a text that cannot be read, a size or parameter that is not allowed, or an L that is not
        continuously differentiable on a set of codimension 1.

    Examples
    --------
    >>> Lagrangian("relu", 2).activation([1.5, -2.0]).tolist()
    [1.5, 0.0]
    """

    def __init__(self, name: str | sp.Expr, size: int, **parameters: float) -> None:
        self.size = integer("size", size, 1, LARGEST)
        if not isinstance(name, str) and not hasattr(name, "free_symbols"):
            raise InputError(f"lagrangian={shown(name)}: must be a name, an expression in x as a text, or a SymPy expression")
        self.name = name if isinstance(name, str) else str(name)
        entry = LAGRANGIANS.get(self.name)
        if entry is None and isinstance(name, str) and name.replace("-", "_").isidentifier() and name not in ("x", "x1"):
            raise InputError(f"lagrangian={shown(name)} is unknown; known are {', '.join(LAGRANGIANS)}, or an expression in x")
        self._text: str | sp.Expr = entry.expression if entry else name
        self._start = entry.start if entry else None
        self.parameters = _checked(self.name, parameters, entry.defaults if entry else None)
        if entry is None or _may_be_singular(self.name, self.parameters):
            self._form.check_smooth(self.size, self.name)
        if entry is None:
            self._check_real()

    def value(self, x: Any) -> np.ndarray:
        """L of states of shape (..., D): shape (...)."""
        return self.numbers.value(self._states(x))

    def activation(self, x: Any) -> np.ndarray:
        """g = ∇L of states of shape (..., D): the same shape. Not finite, with a warning, where L has a singular point."""
        x = self._states(x)
        return self._told(x, self.numbers.activation(x), "gradient")

    def curvature(self, x: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The Hessian as a diagonal and columns, H = diag(d) + U C Uᵀ: (..., D), (..., D, k), (..., k, k)."""
        d, columns, core = (part.astype(float) for part in self.numbers.curvature(self._states(x)))
        return d, columns, core

    def hessian(self, x: Any) -> np.ndarray:
        """H of states of shape (..., D): shape (..., D, D). At a kink it is that of one of the sides."""
        x = self._states(x)
        return self._told(x, hessian_of(self.numbers, x), "Hessian")

    def dead(self, x: Any) -> np.ndarray:
        """Neurons of states (..., D) whose column of the Hessian vanishes: booleans of the same shape."""
        import numpy as np

        d, columns, core = self.numbers.curvature(self._states(x))
        return (d == 0) & np.all(columns @ core == 0, axis=-1)

    def kinks(self, x: Any, tolerance: float | np.ndarray = 1e-9) -> np.ndarray:
        """Neurons of states (..., D) at a jump of their Hessian, within a tolerance: booleans of the same shape.

        The tolerance may be an array of that shape where L is a sum over neurons.
        """
        return self.numbers.kinks(self._states(x), tolerance)

    def distances(self, x: Any) -> np.ndarray:
        """Signed distances of states (..., D) from the jumps of the Hessian: (..., k); each changes sign at a crossing."""
        return self.numbers.distances(self._states(x))

    def sides(self, x: Any) -> tuple[np.ndarray, np.ndarray]:
        """dg_i/dx_i below and above each neuron's field, (..., D) each, for separable L; they differ at kinks.

        A field at a kink is to be given exactly (`snapped`).
        """
        return self.numbers.sides(self._states(x))

    def snapped(self, x: Any, tolerance: float | np.ndarray = 1e-9) -> np.ndarray:
        """States (..., D) with every field within the tolerance of a kink moved onto it."""
        return self.numbers.snapped(self._states(x), tolerance)

    def null_basis(self, x: Any) -> np.ndarray:
        """Orthonormal basis (D, r) of the structural null space of H at one state (D,).

        Dead neurons and the collective null vectors found symbolically. Eigenvalues of H that are small but not zero
        (saturated neurons) do not count.
        """
        import numpy as np

        x = self._states(x)
        if x.ndim != 1:
            raise InputError(f"x: null_basis takes one state of shape ({self.size},), not {x.shape}")
        dead = self.dead(x)
        vectors = self.numbers.null_vectors(x)
        vectors = np.where(dead[:, None], 0.0, vectors)
        vectors = vectors[:, np.linalg.norm(vectors, axis=0) > 0]
        if dead.sum() + vectors.shape[1] == 0:
            return np.zeros((self.size, 0))
        left, weights, _ = np.linalg.svd(vectors / np.linalg.norm(vectors, axis=0), full_matrices=False)
        return np.hstack([np.eye(self.size)[:, dead], left[:, weights > 1e-12]])

    @property
    def separable(self) -> bool:
        """Whether L is a sum over neurons, so that each may have its own time constant."""
        return self._form.separable

    @cached_property
    def convex(self) -> bool:
        """Whether the Hessian is positive semi-definite everywhere (found symbolically, or else by sampling)."""
        from dammech.systems.lagrangian.model.analysis import convexity

        return convexity(self)[0]

    @property
    def symbolic(self) -> SymbolicLagrangian | ExplicitLagrangian:
        """What SymPy derives from L."""
        return self._form

    def analysis(self) -> dict[str, Any]:
        """Activation, Hessian, rank, null space, when a neuron is dead, the flat region, what is conserved and lost."""
        if not hasattr(self, "_analysis"):
            from dammech.systems.lagrangian.model.analysis import analysis

            self._analysis = analysis(self)
        return self._analysis

    @cached_property
    def flat(self) -> dict[str, Any]:
        """The set of states with the activation of a given one that is no isolated point: that part of `analysis` alone."""
        from dammech.systems.lagrangian.model.analysis import flat_region

        return flat_region(self)

    def at(self, x: Any) -> dict[str, Any]:
        """Activation, Hessian, rank, dead neurons and null space at one state (D,), as plain values.

        Raises
        ------
        InputError
            For a singular point of L.
        """
        import numpy as np

        x = self._states(x)
        g = self.numbers.activation(x)
        if not np.all(np.isfinite(g)):
            raise InputError(f"x={x.tolist()}: {self.name} has no finite gradient there")
        null = self.null_basis(x)
        return {
            "state": x.tolist(),
            "activation": g.tolist(),
            "hessian": self.hessian(x).tolist(),
            "rank": self.size - null.shape[1],
            "null_space": null.T.tolist(),
            "dead": np.flatnonzero(self.dead(x)).tolist(),
            "kinks": np.flatnonzero(self.kinks(x)).tolist(),
        }

    def to_json(self) -> dict[str, Any]:
        """The block as an entry of a network's ``layers``."""
        return {"lagrangian": self.name, "size": self.size, **self.parameters}

    def __repr__(self) -> str:
        rest = "".join(f", {k}={v!r}" for k, v in self.parameters.items())
        return f"Lagrangian({self.name!r}, {self.size}{rest})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lagrangian) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash((self.name, self.size, *self.parameters.items()))

    def _repr_latex_(self) -> str:
        import sympy as sp

        fields = sp.symbols(f"x1:{min(self.size, 3) + 1}", real=True)
        return rf"$\displaystyle L = {sp.latex(self._form.explicit(fields))}$"

    @cached_property
    def _form(self) -> Any:
        import sympy as sp

        from dammech.systems.lagrangian.model.explicit import ExplicitLagrangian, is_explicit
        from dammech.systems.lagrangian.model.symbolic import SymbolicLagrangian

        if is_explicit(self._text):
            return ExplicitLagrangian(self._text, self.size, self.parameters)
        form = _symbolic(self._text, tuple(self.parameters.items()), SymbolicLagrangian)
        if form.tractable:
            return form
        fields = sp.symbols(f"x1:{self.size + 1}", real=True)
        return ExplicitLagrangian(form.explicit(fields), self.size, self.parameters)

    @cached_property
    def numbers(self) -> NumericLagrangian | ExplicitLagrangian:
        """What L, its gradient and its curvature are computed with; silent at singular points."""
        from dammech.systems.lagrangian.model.explicit import ExplicitLagrangian
        from dammech.systems.lagrangian.model.numeric import NumericLagrangian

        if isinstance(self._form, ExplicitLagrangian):
            return self._form
        return _numeric(self._form, self._start, NumericLagrangian)

    def _check_real(self) -> None:
        """Refuse an L that has no real gradient at states drawn at random."""
        import numpy as np

        x = np.random.default_rng(self.size).uniform(-1, 1, (40, self.size))
        without = np.isnan(self.numbers.activation(x)).any(-1)
        if without.any():
            where = np.round(x[without][0][:6], 3).tolist()
            raise InputError(f"lagrangian={self.name!r}: has no real gradient at x = {where}; it must have one everywhere")

    def _told(self, x: np.ndarray, values: np.ndarray, what: str) -> np.ndarray:
        """The values, with a warning where they are not finite."""
        import numpy as np

        singular = np.isfinite(x).all(-1) & ~np.isfinite(values).all(tuple(range(x.ndim - 1, values.ndim)))
        if singular.any():
            first = np.array2string(x[singular][0], threshold=6, precision=6)
            warnings.warn(f"{self.name} has no finite {what} at x = {first}", RuntimeWarning, stacklevel=3)
        return values

    def _states(self, x: Any) -> np.ndarray:
        import numpy as np

        states = np.asarray(x, dtype=float)
        if states.ndim < 1 or states.shape[-1] != self.size:
            raise InputError(f"x has shape {states.shape}: the last axis must have the {self.size} fields of {self.name}")
        return states


def hessian_of(numbers: NumericLagrangian | ExplicitLagrangian, x: np.ndarray) -> np.ndarray:
    """diag(d) + U C Uᵀ of states (..., D): (..., D, D)."""
    import numpy as np

    d, columns, core = numbers.curvature(x)
    with np.errstate(all="ignore"):  # at singular points
        H = d[..., :, None] * np.eye(x.shape[-1]) + columns @ core @ np.swapaxes(columns, -1, -2)
        return np.asarray(H, dtype=float)


_FORMS: dict[Any, Any] = {}


def _symbolic(text: Any, parameters: tuple[tuple[str, float], ...], make: Any) -> Any:
    """One taken-apart Lagrangian for all sizes."""
    key = (text, parameters)
    if key not in _FORMS:
        _FORMS[key] = make(text, dict(parameters))
    return _FORMS[key]


def _numeric(form: Any, start: str | None, make: Any) -> Any:
    key = (id(form), start)  # forms live as long as the table
    if key not in _FORMS:
        _FORMS[key] = make(form, start)
    return _FORMS[key]


def _checked(name: str, given: Mapping[str, Any], defaults: Mapping[str, float] | None) -> dict[str, float]:
    """Parameters with their defaults."""
    for key, value in given.items():
        if key not in (ALLOWED if defaults is None else defaults):
            known = ", ".join(ALLOWED if defaults is None else defaults) or "no parameters"
            raise InputError(f"{key}={shown(value)}: {name} has no such parameter; it has {known}")
        allowed, words = ALLOWED[key]
        number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
        if not number or not allowed(value):
            raise InputError(f"{key}={shown(value)}: must be {words}")
    return {**(defaults or {}), **given}


def _may_be_singular(name: str, parameters: Mapping[str, float]) -> bool:
    return name in ("layernorm", "spherical") and parameters["eps"] == 0
