"""The retrieval spinodal with symmetry broken in many steps."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from dammech.equations import Theory
from dammech.equations.levels import LevelSystem
from dammech.phases.broken import spinodal
from dammech.solve.levels import LevelState, approached, is_hierarchy, refined, relaxed
from dammech.solve.newton import Roots
from dammech.solve.turning import followed_turning_point, turning_point


@cache
def level_spinodal(model: Any, steps: int, *, temperature: float) -> LevelState | None:
    """The retrieval spinodal with ``steps`` steps at a temperature, or None where it is not found.

    At T = 0 it is found from the one with a step less; from there it is followed to other temperatures.
    """
    if temperature > 0:
        return _followed_spinodal(model, steps, temperature)
    ground = spinodal(Theory(model, "1rsb")).ground()
    if ground is None:
        return None
    u, p = ground.u[: ground.u.size // 2], ground.p  # without the null vector
    one = Roots(u[:, None], p[:, None], np.zeros(1), np.zeros((u.size + 1, 1)), np.array([True]))
    state: LevelState | None = LevelState(LevelSystem(model, 1, True), one)
    for k in range(2, steps + 1):
        assert state is not None
        system = LevelSystem(model, k, True)
        at = state.roots.p[:, 0]
        guess = relaxed(system, refined(state, system, 0.0), at, ("m",))
        guess = approached(system, guess, at, ("m",), free=0)
        roots = turning_point(system, guess, at)
        if roots is None or not roots.converged[0] or not is_hierarchy(system, roots.u[:, 0], roots.error[:-1, 0]):
            return None
        state = LevelState(system, roots)
    return state


def _followed_spinodal(model: Any, steps: int, temperature: float) -> LevelState | None:
    cold = level_spinodal(model, steps, temperature=0.0)
    if cold is None:
        return None
    system = LevelSystem(model, steps, False)
    values = cold.values
    found = []
    first = min(0.05 / values[cold.system.unknowns[-1]], temperature / 2)
    for T in (first, 1.2 * first):
        sizes = [values[name] * T for name in cold.system.unknowns[-steps:]]
        u = np.array([values["m"], *(values[f"q{j}"] for j in range(steps)), 1 - values["C"] * T, *sizes])
        roots = turning_point(system, u, np.array([cold.roots.p[0, 0], T]))
        if roots is None or not roots.converged[0]:
            return None
        found.append((roots.u[:, 0], roots.p[:, 0]))
    (u, p) = found[1]
    roots = followed_turning_point(system, u, p, found[0], varied=1, value=temperature)
    if roots is None or not is_hierarchy(system, roots.u[:, 0], roots.error[:-1, 0]):
        return None
    return LevelState(system, roots)
