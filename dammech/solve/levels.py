"""States with symmetry broken in many steps, each found from the one with a step less.

The hierarchy is a staircase q(y), y = βθ; a step more is a finer staircase through the same curve, first relaxed at fixed
block sizes and then solved in full.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.optimize

from dammech.equations import Theory
from dammech.equations.levels import LevelSystem
from dammech.solve.broken import branch_theory, find_broken
from dammech.solve.newton import Roots, newton
from dammech.solve.transformed import holding

_ROUNDS = 30
_COLD = 0.02  # a temperature at which the state at T = 0 is a good start
_SHORTEST = 0.04  # step on the way from there, relative in temperature, below which it is given up


@dataclass(frozen=True)
class LevelState:
    """A state, or a turning point, of a k-step theory in canonical units.

    Attributes
    ----------
    system : LevelSystem
    roots : Roots
        One point, with all unknowns of the system.
    """

    system: LevelSystem
    roots: Roots

    @property
    def values(self) -> dict[str, float]:
        """Order parameters by name."""
        return dict(zip(self.system.unknowns, map(float, self.roots.u[:, 0])))

    def outputs(self) -> dict[str, float]:
        """Free energy, replicons and the rest."""
        return {k: float(v[0]) for k, v in self.system.outputs(self.roots.u, self.roots.p).items()}


def level_state(
    model: Any, steps: int, branch: str, *, load: float | None, temperature: float, start: LevelState | None = None,
    rough: bool = False,
) -> LevelState | None:  # fmt: skip
    """The state of a branch with symmetry broken in ``steps`` steps, or None where it is not found.

    Parameters
    ----------
    model : HebbianDAM or PSpin
    steps : int
    branch : str
        ``retrieval``, or ``spin-glass`` or ``glass`` for m = 0.
    load, temperature : float
        Canonical units.
    start : LevelState, optional
        A neighbouring state with the same number of steps.
    rough : bool
        Whether errors of block sizes above their tolerance do not matter, as for a start.
    """
    cold = temperature == 0
    p = np.array([*([load] if load is not None else []), *([] if cold else [temperature])], dtype=float)
    held = _held_names(model, branch)
    if start is not None:
        return _solved(start.system, start.roots.u[:, 0], p, held)
    target = Theory(model, "1rsb")
    first = find_broken(target, branch, "zero" if cold else "finite", p[:, None])
    if not first.found[0]:
        return None
    values = {"m": 0.0, "q0": 0.0, **dict(zip(first.system.unknowns, first.u[:, 0]))}
    system = LevelSystem(model, 1, cold)
    state = _solved(system, np.array([values[name] for name in system.unknowns]), p, held)
    for k in _ladder(steps):
        if state is None:
            break
        system = LevelSystem(model, k, cold)
        guess = refined(state, system, temperature)
        guess = approached(system, relaxed(system, guess, p, held), p, held)
        state = _solved(system, guess, p, held, rough or k < steps)
    unstable = min(v[0] for name, v in first.outputs().items() if name.startswith("replicon")) < 0
    if state is None and unstable and not cold:
        state = _warmed(model, steps, branch, load, temperature)
    return state


def _warmed(model: Any, steps: int, branch: str, load: float | None, temperature: float) -> LevelState | None:
    """The state followed from T = 0, where q_k = 1 − CT and θ = yT, to a temperature."""
    cold = level_state(model, steps, branch, load=load, temperature=0.0)
    if cold is None:
        return None
    system, held = LevelSystem(model, steps, False), _held_names(model, branch)
    values = cold.values
    C, sizes = values.pop("C"), [values.pop(f"y{k + 1}") for k in range(steps)]

    def near_zero(T: float) -> np.ndarray:
        return np.array([*values.values(), 1 - C * T, *(y * T for y in sizes)])

    T, stride = min(temperature, _COLD), 0.4
    state = _solved(system, near_zero(T), np.append(cold.roots.p[:, 0], T), held)
    before = T / 2, near_zero(T / 2)
    while state is not None and T < temperature and stride > _SHORTEST:
        u = state.roots.u[:, 0]
        slope = (u - before[1]) / (T - before[0])
        warmer = min(temperature, T * (1 + stride))
        found = _solved(system, u + slope * (warmer - T), np.append(cold.roots.p[:, 0], warmer), held)
        if found is None:
            stride /= 2
        else:
            state, before, T = found, (T, u), warmer
    return state if T == temperature else None


def _ladder(steps: int) -> list[int]:
    """Numbers of steps on the way to ``steps``: one more at first, then larger strides."""
    return [*[k for k in (*range(2, 11), 13, 17, 22) if k < steps], *([steps] if steps > 1 else [])]


def discretised_state(
    model: Any, steps: int, branch: str, *, load: float | None, temperature: float
) -> LevelState | None:
    """A discretised Parisi solution: ``steps`` block sizes on a fixed grid, the overlaps stationary.

    The sizes are not stationary themselves. As they become dense the staircase tends to the continuous solution, with an
    error of the order of the square of their spacing.

    Parameters
    ----------
    model, branch, load, temperature
        As for `level_state`.
    steps : int
        Number of block sizes, more than three.
    """
    coarse = level_state(model, 3, branch, load=load, temperature=temperature, rough=True)
    if coarse is None:
        return None
    cold = temperature == 0
    system = LevelSystem(model, steps, cold)
    p = coarse.roots.p[:, 0]
    held = _held_names(model, branch)
    sizes = tuple(system.unknowns[len(system.unknowns) - steps :])
    guess = refined(coarse, system, temperature)
    if cold:  # a finer staircase reaches further: upwards, and in zero field (no plateau of q at small y) downwards, too
        lowest = 0.4 * guess[-steps] if "m" in held or "m" not in model.order_parameters else coarse.roots.u[-3, 0]
        guess[-steps:] = np.geomspace(lowest, 2.5 * guess[-1], steps)
    guess = relaxed(system, guess, p, held, rounds=80)
    return _solved(system, guess, p, (*held, *sizes))


def is_hierarchy(system: LevelSystem, u: np.ndarray, error: np.ndarray | float = 0.0) -> bool:
    """Whether overlaps and block sizes rise from level to level by more than rounding and their errors: no step of the
    staircase is empty."""
    first = system.unknowns.index("q0")
    count = system.steps + (0 if system.cold else 1)
    q = np.append(u[first : first + count], 1.0)
    sizes = np.append(u[len(u) - system.steps :], np.inf if system.cold else 1.0)
    off = np.broadcast_to(error, u.shape)
    off_q, off_size = np.append(off[first : first + count], 0.0), np.append(off[len(u) - system.steps :], 0.0)
    gaps, strides = np.diff(q), np.diff(sizes)
    apart = np.all(gaps > np.maximum(1e-5 * (1 - q[:-1]), off_q[:-1] + off_q[1:]))
    ordered = np.all(strides[:-1] > 1e-6 * sizes[:-2]) and np.all(strides > off_size[:-1] + off_size[1:])
    return bool(apart and ordered and sizes[0] > off_size[0])


def refined(state: LevelState, system: LevelSystem, temperature: float) -> np.ndarray:
    """A finer staircase through the curve of a coarser one."""
    old, new = state.system.steps, system.steps
    values = state.values
    names = state.system.unknowns
    sizes = np.log([values[n] for n in names[len(names) - old :]])
    overlaps = [values[n] for n in names if n.startswith("q")][: old]
    gaps = np.log(1 - np.array(overlaps))
    if old == 1:
        sizes, gaps = sizes + np.log([0.77, 2.2]), gaps + np.log([1.1, 0.2])
    else:
        sizes = _resampled((np.arange(old) + 0.5) / old, sizes, (np.arange(new) + 0.5) / new)
        gaps = _resampled(np.arange(old) / old, gaps, np.arange(new) / new)
    q = 1 - np.minimum(np.exp(gaps), 1.0)
    q[0] = max(q[0], 0.0)
    if not system.cold:
        last = values[f"q{old}"]
        q = np.append(np.minimum(q, overlaps[0] + (last - overlaps[0]) * np.linspace(0, 0.98, new)), last)
        block = np.minimum(np.exp(sizes), 1 - 0.5 * (1 - values[names[-1]]) / np.arange(new, 0, -1))
    else:
        block = np.exp(sizes)
    head = [values["m"]] if "m" in values else []
    tail = [values["C"] * 0.6] if system.cold else []
    return np.array([*head, *q, *tail, *block])


def _resampled(at: np.ndarray, values: np.ndarray, to: np.ndarray) -> np.ndarray:
    inside = np.interp(to, at, values)
    rising = (values[1] - values[0]) / (at[1] - at[0]), (values[-1] - values[-2]) / (at[-1] - at[-2])
    inside = np.where(to < at[0], values[0] + rising[0] * (to - at[0]), inside)
    return np.where(to > at[-1], values[-1] + rising[1] * (to - at[-1]), inside)


def _held_names(model: Any, branch: str) -> tuple[str, ...]:
    return tuple(name for name, _ in branch_theory(Theory(model, "1rsb"), branch, "zero").fixed)


def relaxed(
    system: LevelSystem, u: np.ndarray, p: np.ndarray, held: tuple[str, ...], rounds: int = _ROUNDS
) -> np.ndarray:
    """Overlaps relaxed by iteration at fixed block sizes."""
    free = [k for k, name in enumerate(system.unknowns[: len(u) - system.steps]) if name not in held]
    u = u.copy()
    for _ in range(rounds):
        step = system.residual(u[:, None], p[:, None], 10)[free, 0]
        if not np.all(np.isfinite(step)):
            break
        for fraction in (1.0, 0.5, 0.2):
            trial = u.copy()
            trial[free] -= fraction * step
            if system.inside(trial[:, None], p[:, None])[0]:
                u = trial
                break
        else:
            break
        if np.abs(step).max() < 1e-5:
            break
    return u


def approached(system: LevelSystem, u: np.ndarray, p: np.ndarray, held: tuple[str, ...], free: int | None = None) -> np.ndarray:
    """Closer to a solution by least squares, in variables in which the staircase cannot lose its order.

    ``free`` names a parameter that is solved for with the first order parameter held.
    """
    first = system.unknowns.index("q0")
    count = system.steps + (0 if system.cold else 1)
    low = 1 if "q0" in held else 0  # q_0 = 0 stays
    head = [] if "m" in held or first == 0 else [0]
    rows = [k for k, name in enumerate(system.unknowns) if name not in held or (free is not None and name == "m")]
    where = len(u) - system.steps

    def pack(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        gaps = np.log(1 - x[first : first + count])
        parts = [x[head], [] if low else [gaps[0]], np.log(-np.diff(gaps)), np.log(x[first + count : where])]
        sizes = np.log(x[where:])
        parts += [sizes[:1], np.log(np.diff(sizes)), [] if free is None else [np.log(y[free])]]
        return np.concatenate([np.asarray(part, dtype=float) for part in parts])

    def unpack(v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x, y = u.copy(), p.copy()
        values = iter(v)
        for k in head:
            x[k] = next(values)
        gap = 0.0 if low else next(values)
        gaps = [gap]
        for _ in range(count - 1):
            gaps.append(gaps[-1] - np.exp(next(values)))
        x[first : first + count] = 1 - np.exp(gaps)
        for k in range(first + count, where):
            x[k] = np.exp(next(values))
        size = next(values)
        sizes = [size]
        for _ in range(system.steps - 1):
            sizes.append(sizes[-1] + np.exp(next(values)))
        x[where:] = np.exp(sizes)
        if free is not None:
            y[free] = np.exp(next(values))
        return x, y

    steps_in_q = np.diff(np.append(u[first : first + count], 1.0))[: system.steps]
    weights = np.ones(len(u))
    weights[where:] = 1 / np.maximum(steps_in_q, 1e-4) ** 2

    def residual(v: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            x, y = unpack(v)
            values = (weights * system.residual(x[:, None], y[:, None], 10)[:, 0])[rows]
        return np.where(np.isfinite(values) & bool(system.inside(x[:, None], y[:, None])[0]), values, 1e3)

    try:
        start = pack(u, p)
        found = scipy.optimize.least_squares(residual, start, method="trf", x_scale=1.0, max_nfev=80)
    except (ValueError, np.linalg.LinAlgError):
        return u
    return unpack(found.x)[0] if np.all(np.isfinite(found.x)) else u


def _solved(
    system: LevelSystem, u: np.ndarray, p: np.ndarray, held: tuple[str, ...], rough: bool = False
) -> LevelState | None:
    """The full solution next to a guess."""
    part = holding(system, held)
    keep = [k for k, name in enumerate(system.unknowns) if name not in held]
    fixed = np.array([u[system.unknowns.index(name)] for name in held])
    roots = newton(part, u[keep][:, None], np.concatenate([p, fixed])[:, None])
    if not roots.converged[0] and not (rough and roots.residual[0] <= 1e-12):
        return None
    whole, own = part.whole(roots.u, roots.p)
    error = np.zeros((len(u), 1))
    error[keep] = roots.error
    found = Roots(whole, own, roots.residual, error, roots.converged)
    return LevelState(system, found) if is_hierarchy(system, whole[:, 0], error[:, 0]) else None
