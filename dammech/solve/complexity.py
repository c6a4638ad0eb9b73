"""The number of states of a glass by their free energy: exp(N Σ(f)) of them, parametric in the innermost block size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq

from dammech.declared.units import QUANTITIES
from dammech.equations import Equations, Theory, compiled
from dammech.errors import InputError, NotConverged, integer
from dammech.results.result import Result
from dammech.solve.broken import at_fixed_sizes, branch_theory, size_name, starts_pairwise
from dammech.solve.newton import Roots, newton
from dammech.solve.recorder import STABLE, in_units
from dammech.solve.solution import check_temperatures, number
from dammech.solve.transformed import Transformed

_SCANNED = 120
_NEAR_MARGINAL = 1e-8


@dataclass(repr=False)
class Complexity(Result[dict[str, Any]]):
    """The curve Σ(f) of a glass, from its lowest states to the highest, in the units of ``convention``.

    Attributes
    ----------
    points : list of dict
        θ (at T = 0 ``y`` = βθ), overlaps, ``free_energy`` of the states counted, ``complexity``, ``replicon``, residual,
        error, converged, valid, why. Ordered from the equilibrium states upwards.
    equilibrium : dict
        The states that dominate: Σ = 0 below the static transition, θ = 1 between it and the dynamic one.
    threshold : dict
        The highest states of the curve, where it turns back.
    marginal : dict or None
        Where the replicon vanishes: states above are unstable. None where all are on one side of it.
    """

    quantities = QUANTITIES
    model: Any
    convention: str
    load: float | None
    temperature: float
    points: list[dict[str, Any]]
    equilibrium: dict[str, Any]
    threshold: dict[str, Any]
    marginal: dict[str, Any] | None
    ansatz: str = "1rsb"


def complexity(
    model: Any, temperature: float, load: float | None = None, *, points: int = 60, convention: str = "canonical"
) -> Complexity:
    """Σ(f), the logarithm per spin of the number of states of free energy f of a glass at m = 0, with one step of breaking.

    It is the Legendre transform of the replicated free energy (monasson1995): Σ = βθ² ∂φ/∂θ and f = φ + T Σ/θ at every
    block size θ, and so dΣ/df = θ/T.

    Parameters
    ----------
    model : PSpin or HebbianDAM
        Of order 3 or above, and with a discontinuous transition.
    temperature, load : float
        In units of ``convention``; a load for a memory only.
    points : int
        Points of the curve.
    convention : str

    Returns
    -------
    Complexity

    Raises
    ------
    InputError
        For values that are not allowed, or a glass that sets in continuously.
    NotConverged
        Above the dynamic transition, where there are no such states.

    Notes
    -----
    States above the marginal point (all of them at T = 0) are unstable within one step; how many there are needs more.
    """
    target = Theory.of(model, "1rsb")
    if target.given is not None:
        raise InputError("complexity: takes a model, not a free energy of one's own")
    if starts_pairwise(target.model):
        raise InputError(
            f"{target.model!r}: its glass can set in continuously, and one step of breaking does not count such states"
        )
    p, T, units = _given(target.model, load, temperature, convention)
    points = integer("points", points, 3, 10_000)
    curve = _Curve.scanned(target, p, T)
    size, slope = curve.equilibrium(), curve.size_of_threshold()
    along = np.geomspace(size, slope, points)
    rows = curve.records(along)
    marginal = curve.zero(lambda x: curve.outputs(x)["replicon_q1"], slope, size) if T > 0 else None
    equilibrium, threshold = curve.records(np.array([size, slope]))
    special = None if marginal is None else curve.records(np.array([marginal]))[0]
    for point in [*rows, equilibrium, threshold, *([] if special is None else [special])]:
        point.update(in_units(point, units))
    shown = None if load is None else float(load)
    return Complexity(target.model, convention, shown, float(temperature), rows, equilibrium, threshold, special)


def _given(model: Any, load: Any, temperature: Any, convention: str) -> tuple[np.ndarray, float, Any]:
    units = model.convention(convention)
    asked = number("temperature", temperature)
    if asked.size != 1:
        raise InputError(f"temperature={temperature!r}: must be one number")
    T = float(asked[0]) * units.temperature
    check_temperatures(asked, np.array([T]), "1rsb")
    p = [] if T == 0 else [T]
    if "load" in model.axes:
        if load is None:
            raise InputError("load is missing: the glass of a memory depends on it")
        given = number("load", load, positive=True)
        if given.size != 1:
            raise InputError(f"load={load!r}: must be one number")
        p = [float(given[0]) * units.load, *p]
    elif load is not None:
        raise InputError(f"load={load!r}: a p-spin glass has no load")
    return np.array(p), T, units


@dataclass
class _Curve:
    """Solutions at every block size, from those on a grid of them."""

    system: Equations
    held: Transformed
    p: np.ndarray
    T: float
    sizes: np.ndarray
    roots: np.ndarray

    @classmethod
    def scanned(cls, target: Theory, p: np.ndarray, T: float) -> _Curve:
        variant = "finite" if T > 0 else "zero"
        system = compiled(branch_theory(target, "glass", variant), "state")
        if T == 0:
            width = np.sqrt(2 * p[0] * float(target.model.noise_strength) / target.model.p) if p.size else 1.0
            wide = np.geomspace(0.05, 60, _SCANNED) / width
        else:
            top = 1 - np.geomspace(0.1, 2e-4, 60)
            wide = np.concatenate([np.geomspace(0.01, 0.5, 60), np.linspace(0.5, 0.9, 42)[1:-1], top, [1.0]])
        sizes, held, roots, _, good = at_fixed_sizes(target, system, "glass", variant, p, wide)
        if good.sum() < 4:
            raise NotConverged("complexity: no glassy states were found here; they exist below the dynamic transition")
        return cls(system, held, p, T, sizes[good], roots[:, good])

    @property
    def name(self) -> str:
        return size_name("finite" if self.T > 0 else "zero")

    def at(self, sizes: np.ndarray) -> Roots:
        """The states at these block sizes, solved from their neighbours on the grid."""
        start = np.stack([np.interp(np.log(sizes), np.log(self.sizes), row) for row in self.roots])
        return newton(self.held, start, np.concatenate([np.repeat(self.p[:, None], sizes.size, axis=1), sizes[None]]))

    def outputs(self, size: float) -> dict[str, float]:
        found = self.at(np.array([size]))
        return {k: float(v[0]) for k, v in self.held.outputs(found.u, found.p).items()}

    def slope(self, size: float) -> float:
        """dΣ/dθ, from the derivatives of the equations: Σ is −θ² times the equation of θ."""
        found = self.at(np.array([size]))
        unknowns = self.held.jacobian(found.u, found.p)[:, :, 0]
        towards = -np.linalg.solve(unknowns[:, : found.u.shape[0]], unknowns[:, -1])
        x, p = self.held.whole(found.u, found.p)
        row = self.system.unknowns.index(self.name)
        equation, gradient = self.system.residual(x, p)[row, 0], self.system.jacobian(x, p)[row, :, 0]
        columns = [self.system.unknowns.index(n) for n in self.held.unknowns]
        return float(-2 * size * equation - size**2 * (gradient[row] + gradient[columns] @ towards))

    def zero(self, quantity: Callable[[float], float], low: float, high: float) -> float | None:
        """Where a quantity changes sign between two block sizes."""
        ends = quantity(low), quantity(high)
        if not all(map(np.isfinite, ends)) or ends[0] * ends[1] > 0:
            return None
        return float(brentq(quantity, low, high, xtol=1e-14, rtol=1e-13))

    def equilibrium(self) -> float:
        """θ where Σ vanishes; 1 where it does not below."""
        values = [self.outputs(s)["complexity"] for s in self.sizes]
        falls = [k for k in range(len(values) - 1) if values[k] > 0 >= values[k + 1]]
        if falls:
            k = falls[-1]
            found = self.zero(lambda s: self.outputs(s)["complexity"], self.sizes[k], self.sizes[k + 1])
            if found is not None:
                return found
        if self.T > 0 and values[-1] > 0 and self.sizes[-1] == 1:
            return 1.0
        raise NotConverged("complexity: no states of vanishing Σ and none at θ = 1 were found here")

    def size_of_threshold(self) -> float:
        """θ where Σ is largest and the curve turns back."""
        values = np.array([self.outputs(s)["complexity"] for s in self.sizes])
        k = int(np.argmax(values))
        if k == 0 or k == values.size - 1:
            return float(self.sizes[k])
        return self.zero(self.slope, self.sizes[k - 1], self.sizes[k + 1]) or float(self.sizes[k])

    def records(self, sizes: np.ndarray) -> list[dict[str, Any]]:
        found = self.at(sizes)
        outputs = self.held.outputs(found.u, found.p)
        made = []
        for k, size in enumerate(sizes.tolist()):
            values = dict(zip(self.held.unknowns, map(float, found.u[:, k])))
            sigma, replicon = float(outputs["complexity"][k]), float(outputs.get("replicon_q1", [np.nan] * len(sizes))[k])
            stable = self.T > 0 and replicon >= STABLE - _NEAR_MARGINAL
            values = {"q0": 0.0, **values} if self.T > 0 else {"q0": 0.0, "q1": 1.0, **values}
            why = None if stable else f"these states are unstable within one step (replicon {replicon:.3g} < 0)"
            made.append({
                self.name: size, **values, "complexity": sigma,
                "free_energy": float(outputs["free_energy"][k]) + sigma * (self.T or 1.0) / size,
                "replicon": replicon if self.T > 0 else None,
                "residual": float(found.residual[k]), "error": float(found.error[:, k].max(initial=0.0)),
                "converged": bool(found.converged[k]), "valid": stable,
                "why": why if self.T > 0 else "T = 0: the replicon tends to −∞, these states are unstable within one step",
            })  # fmt: skip
        return made
