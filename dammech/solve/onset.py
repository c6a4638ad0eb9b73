"""Where the m = 0 state of a model breaks replica symmetry.

For p ≥ 3 the noise is linear in the load, so that only T/√α matters: three temperatures per model say it all. At p = 2
symmetry breaks continuously, where the replicon of the paramagnet vanishes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from dammech.equations import Equations, Theory, compiled
from dammech.solve import augmented
from dammech.solve.broken import branch_theory, has_random_field, pairwise
from dammech.solve.newton import newton
from dammech.solve.states import disordered

_ROUGH = 8  # points per quadrature panel of a search
_STEP, _SMALLEST = 0.06, 1e-3
#: a cluster closer than this to the paramagnet, relative to 1 − q_0, is not told apart from it
_APART = 1e-2


@dataclass(frozen=True)
class Onset:
    """Temperatures at unit load (J = 1 for `PSpin`), canonical units; nan where there is none.

    Attributes
    ----------
    dynamic : float
        Below it clusters of states exist at θ = 1, apart from the paramagnet.
    static : float
        Below it their complexity is negative: they condense, and the equilibrium state is the 1RSB glass.
    instability : float
        Below it the replicon of the paramagnet is negative.
    """

    dynamic: float
    static: float
    instability: float

    @property
    def broken(self) -> float:
        """Below it the m = 0 state is broken, whichever way."""
        return float(np.fmax(self.static, self.instability))

    @property
    def continuous(self) -> bool:
        """Whether the paramagnet is unstable before any cluster condenses."""
        return bool(self.broken == self.instability)


def broken_glass(model: Any, loads: Any, temperatures: Any) -> list[bool | None]:
    """Whether the m = 0 sector has broken replica symmetry, at each (load, temperature).

    Where it has, the paramagnet is not the equilibrium state of its sector although it may be stable: the distinct broken
    solution replaces it. The answer comes from computed transitions of the glass, which are kept for each model.

    Parameters
    ----------
    model : HebbianDAM or PSpin
    loads : array or None
        Canonical units; None for a model without a load.
    temperatures : array
        Canonical units, T ≥ 0, as many as loads.

    Returns
    -------
    list of bool or None
        True below the static transition or the instability of the paramagnet, False above both, None where neither was
        found. The first call for a model costs a tenth of a second, two or three where it has a random field (odd powers,
        rectified), after its 1RSB equations are generated.
    """
    T = np.atleast_1d(np.asarray(temperatures, dtype=float))
    load = np.ones(T.shape) if loads is None else np.atleast_1d(np.asarray(loads, dtype=float))
    limits = _pairwise_instability(model, load) if pairwise(model) else onset(model).broken * np.sqrt(load)
    return [None if np.isnan(limit) else bool(t < limit) for t, limit in zip(T, limits)]


def _pairwise_instability(model: Any, load: np.ndarray) -> np.ndarray:
    """The temperature below which the p = 2 paramagnet is unstable against q > 0."""
    memory = "load" in model.axes
    system = compiled(symmetric_theory(model), "instability")
    start = 1 + np.sqrt(load) if memory else np.ones(load.shape)
    p = np.stack([load, start]) if memory else start[None]
    roots = newton(system, np.empty((0, load.size)), p, (len(p) - 1,))
    return np.where(load == 0, 0.0, np.where(roots.converged, roots.p[-1], np.nan))


def symmetric_theory(model: Any) -> Theory:
    """The replica-symmetric theory at m = 0."""
    return Theory(model, fixed=(("m", 0),) if "m" in model.order_parameters else ())


@cache
def onset(model: Any) -> Onset:
    """The transitions of the m = 0 state of a model with p ≥ 3."""
    clusters = Clusters.of(model)
    T, u = clusters.followed()
    return Onset(clusters.dynamic(T, u), clusters.static(T, u), _instability(clusters))


@dataclass(frozen=True)
class Clusters:
    """States of the glass at θ = 1, which see the paramagnet's q_0 and are apart from it.

    Attributes
    ----------
    system : Equations
    model : HebbianDAM or PSpin
    load : float
    """

    system: Equations
    model: Any
    load: float = 1.0

    @classmethod
    def of(cls, model: Any, load: float = 1.0) -> Clusters:
        """At θ = 1; q_0 = 0 unless there is a random field, as above the paramagnet's instability."""
        theory = branch_theory(Theory(model, "1rsb"), "glass", "finite")
        fixed = dict([*theory.fixed, ("theta", 1), *([] if has_random_field(model) else [("q0", 0)])])
        return cls(compiled(theory.with_(fixed=tuple(fixed.items())), "state"), model, load)

    @property
    def width(self) -> float:
        """Width of the noise at q = 1, which sets the scale of temperatures."""
        return float(np.sqrt(self.load * float(self.model.noise_strength)))

    def point(self, T: Any) -> np.ndarray:
        """Parameters × temperatures."""
        T = np.atleast_1d(T)
        return np.stack([*([np.full(T.shape, self.load)] if "load" in self.model.axes else []), T])

    def gap(self, u: np.ndarray) -> np.ndarray:
        """(q_1 − q_0)/(1 − q_0)."""
        values = dict(zip(self.system.unknowns, u))
        outer = values.get("q0", np.zeros(u.shape[1]))
        return (values["q1"] - outer) / (1 - outer)

    def followed(self) -> tuple[np.ndarray, np.ndarray]:
        """Rising temperatures (B) and the cluster state (unknowns × B) at each, from a cold one to within 1e-3 of its end."""
        # below the static transition, which falls to that of random energies as p grows
        T = self.width * 0.5 * np.sqrt(2 / self.model.p)
        u = np.full((len(self.system.unknowns), 1), 1 - 1e-9)
        if "q0" in self.system.unknowns:
            u[self.system.unknowns.index("q0")] = 0.3
        for _ in range(60):
            u = u - np.nan_to_num(self.system.residual(u, self.point(T), _ROUGH))
        roots = newton(self.system, u, self.point(T))
        temperatures: list[float] = []
        states: list[np.ndarray] = []
        step = _STEP
        while step > _SMALLEST:
            if roots.converged[0] and self.gap(roots.u)[0] > _APART and (not states or self._near(states[-1], roots.u)):
                temperatures.append(T)
                states.append(roots.u)
            elif not states:
                break
            else:
                step /= 2
            T = temperatures[-1] * (1 + step)
            roots = newton(self.system, states[-1], self.point(T))
        return np.array(temperatures), np.concatenate(states, axis=1) if states else u[:, :0]

    def _near(self, before: np.ndarray, after: np.ndarray) -> bool:
        return bool(self.gap(after)[0] > self.gap(before)[0] / 2)

    def dynamic(self, T: np.ndarray, u: np.ndarray) -> float:
        """The highest temperature with clusters: the fold of their state, nan where it merges with the paramagnet instead."""
        if T.size == 0:
            return np.nan
        x, p = u[:, [-1]], self.point(T[-1])
        start = np.concatenate([x, augmented.null_vector(self.system, x, p)])
        roots = newton(augmented.fold(self.system), start, p, (len(p) - 1,))
        good = roots.converged[0] and self._near(x, roots.u[: len(x)]) and roots.p[-1, 0] >= T[-1]
        return float(roots.p[-1, 0]) if good else np.nan

    def static(self, T: np.ndarray, u: np.ndarray) -> float:
        """The highest temperature at which their complexity vanishes; nan where they do not condense apart."""
        k = self.condensed(T, u)
        if k is None:
            return np.nan
        p = self.point(T[k])
        roots = newton(augmented.zero(self.system, "complexity"), u[:, [k]], p, (len(p) - 1,))
        return float(roots.p[-1, 0]) if roots.converged[0] and self._near(u[:, [k]], roots.u) else np.nan

    def condensed(self, T: np.ndarray, u: np.ndarray) -> int | None:
        """The warmest state of negative complexity."""
        rows = np.flatnonzero(self.system.outputs(u, self.point(T))["complexity"] < 0) if T.size else np.empty(0, dtype=int)
        return int(rows[-1]) if rows.size else None


def _instability(clusters: Clusters) -> float:
    """The highest temperature at which the paramagnet's replicon vanishes; nan where it never does."""
    theory = symmetric_theory(clusters.model)
    T = clusters.width * np.geomspace(1.5, 0.1, 40)
    p = clusters.point(T)
    states = disordered(theory, p)
    replicon = states.outputs()["replicon"]
    with np.errstate(invalid="ignore"):
        changes = np.flatnonzero((replicon[:-1] > 0) & (replicon[1:] <= 0))
    if changes.size == 0:
        return np.nan
    k = int(changes[0])
    if states.u[0, k] == 0:
        roots = newton(compiled(theory, "instability"), np.empty((0, 1)), p[:, [k]], (len(p) - 1,))
    else:
        roots = newton(augmented.zero(states.system, "replicon"), states.u[:, [k]], p[:, [k]], (len(p) - 1,))
    return float(roots.p[-1, 0]) if roots.converged[0] else np.nan
