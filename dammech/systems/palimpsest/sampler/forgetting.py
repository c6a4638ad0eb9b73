"""The overlap that is left of a pattern against its age, in a Hebbian memory whose patterns have weights."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dammech.errors import InputError
from dammech.memory import check_memory
from dammech.results.record import Record
from dammech.simulate.chain import DYNAMICS, Chain, drawn_patterns, tie_rule
from dammech.simulate.estimators import autocorrelation_time, fraction_and_error, mean_and_error
from dammech.simulate.flips import FlipEnergy, flip_energy
from dammech.simulate.inputs import (
    check_effort,
    checked_count,
    checked_model,
    checked_numbers,
    checked_overlap,
    checked_sizes,
    memory_of_trial,
)
from dammech.simulate.measure import RETRIEVED_ABOVE, Simulation, ending
from dammech.simulate.trials import generator_of, in_threads, key_of
from dammech.systems.hebbian.model import HebbianDAM

ONE_STEP = "one-step"
MOST_SWEEPS_TO_REST = 1000

Weights = np.ndarray | Sequence[float] | Callable[[np.random.Generator], np.ndarray]


@dataclass(frozen=True, repr=False)
class AgePoint(Record):
    """One age of a stream, over independent pattern sets; the sets of all ages of a curve are the same ones.

    Attributes
    ----------
    size, patterns : int
        N and P.
    age : int
        0 is the newest pattern.
    weight : float
        Λ of that age; its mean over the sets where weights are random.
    effective_load : float
        A = Σ_μ Λ_μ²/N^{p−1}; its mean where weights are random.
    m, m_error : float
        Mean overlap with the pattern of that age, and its standard error over pattern sets.
    retrieved, retrieved_error : float
        Fraction of pattern sets whose overlap exceeds ``retrieved_above``; error under a flat prior.
    tau : float or None
        Integrated autocorrelation time in sweeps (a lower bound if the chains are short); None for states at rest.
    overlaps, weights : tuple of float
        m and Λ of each pattern set.
    ties : str or None
        What a flip that costs nothing does at T = 0: "keep", "coin" or "flip"; None above.
    converged : bool
        At T = 0, whether every run came to rest (or to a cycle or a plateau, over which it is averaged).
    """

    size: int
    patterns: int
    age: int
    weight: float
    effective_load: float
    temperature: float
    m: float
    m_error: float | None
    retrieved: float
    retrieved_error: float
    retrieved_above: float
    tau: float | None
    dynamics: str
    sweeps: int
    equilibration: int
    trials: int
    seed: int
    overlaps: tuple[float, ...]
    weights: tuple[float, ...]
    ties: str | None
    converged: bool
    why: str | None


def forgetting_curve(
    model: HebbianDAM,
    weights: Weights,
    *,
    ages: Sequence[int],
    size: int,
    temperature: float = 0.0,
    trials: int = 100,
    seed: int = 0,
    dynamics: str = "glauber",
    sweeps: int = 60,
    equilibration: int = 20,
    retrieved_above: float = RETRIEVED_ABOVE,
    workers: int | None = None,
) -> Simulation[AgePoint]:
    """Recall patterns of given ages from H = Σ_μ Λ_μ E(ξ^μ·σ), E the energy of one pattern of ``model``.

    Each trial draws P = len(weights) fair random patterns; for every age a run starts on the pattern of that age.

    Parameters
    ----------
    model : HebbianDAM
        Up to order 10. At p = 2 "power" the diagonal couplings are kept.
    weights : array (P,) or callable
        Λ_μ, newest first; or a function of a Generator that draws them anew for each pattern set.
    ages : sequence of int
        Places in ``weights``.
    size : int
        N.
    temperature : float
        Canonical units. At 0 every dynamics of ``simulate`` runs until it is at rest or in a cycle.
    trials, seed : int
        Pattern sets; results depend on the arguments, not on the number of threads.
    dynamics : str
        "one-step" (all spins at once, once; at T > 0 the mean over the heat bath), or a dynamics of ``simulate``.
    sweeps, equilibration : int
        Measured sweeps, after discarded ones; at T = 0 neither matters.

    Returns
    -------
    Simulation
        A point for each age.

    Raises
    ------
    InputError
        For an argument out of range, or weights that are not P finite numbers.

    References
    ----------
    Weighted patterns: [mezard1986].
    """
    model = checked_model(model)
    (size,), (temperature,) = checked_sizes(size, model), checked_numbers("temperature", temperature)
    if dynamics != ONE_STEP and dynamics not in DYNAMICS:
        raise InputError(f"dynamics={dynamics!r}: must be one of {ONE_STEP}, {', '.join(DYNAMICS)}")
    trials, seed = checked_count("trials", trials), checked_count("seed", seed, least=0)
    sweeps, equilibration = checked_count("sweeps", sweeps), checked_count("equilibration", equilibration, least=0)
    threshold = checked_overlap(retrieved_above, "retrieved_above")
    fixed, drawn = (None, weights) if callable(weights) else (_checked_weights(weights), None)
    example = fixed if fixed is not None else _checked_weights(weights(np.random.default_rng(0)))  # type: ignore[operator]
    places = [checked_count("ages", a, least=0, most=example.size - 1) for a in ages]
    if not places:
        raise InputError("ages is an empty sequence: at least one age is needed")
    needed = memory_of_trial(size, example.size)
    check_memory(f"{example.size} weights at size={size}", needed)
    check_effort(size, example.size, trials, len(places) * (1 if dynamics == ONE_STEP else sweeps + equilibration))
    plan = _Plan(
        model, size, places, temperature, dynamics, sweeps, equilibration, flip_energy(model, size, example.size)
    )
    tag = "random" if fixed is None else hashlib.blake2b(fixed.tobytes(), digest_size=16).hexdigest()

    def trial(index: int) -> tuple[list[tuple[np.ndarray, bool]], np.ndarray]:
        key = key_of(seed, "stream", model.p, model.interaction, size, example.size, tag, temperature, dynamics, index)
        words = np.random.SeedSequence(key).generate_state(12, np.uint64)
        patterns = drawn_patterns(words[:4].copy(), size, example.size)
        mine = fixed if drawn is None else _checked_weights(drawn(generator_of(words[8:])), example.size)
        assert mine is not None
        return [_recalled(plan, patterns, mine, age, words[4:8]) for age in places], mine

    runs = in_threads(trial, range(trials), needed, workers)
    realised = np.array([mine for _, mine in runs]) if fixed is None else fixed[None, :]
    load = float((realised**2).sum(axis=1).mean()) / float(size) ** (model.p - 1)
    points = []
    for k, age in enumerate(places):
        series = [run[k][0] for run, _ in runs]
        moving = sum(not run[k][1] for run, _ in runs)
        overlaps = np.array([s.mean() for s in series])
        m, error = mean_and_error(overlaps)
        fraction, fraction_error = fraction_and_error(int((overlaps > threshold).sum()), trials)
        tau = autocorrelation_time(np.array(series), check=False) if temperature and series[0].size > 1 else None
        mine = np.broadcast_to(realised[:, age], (trials,))
        points.append(AgePoint(
            size, example.size, age, float(mine.mean()), load, float(temperature), m, error, fraction, fraction_error,
            threshold, tau, dynamics, sweeps, equilibration, trials, seed, tuple(overlaps.tolist()), tuple(mine.tolist()),
            "keep" if dynamics == ONE_STEP and not temperature else tie_rule(dynamics, temperature), not moving,
            f"{moving} of {trials} runs were not at rest after {MOST_SWEEPS_TO_REST} sweeps" if moving else None,
        ))  # fmt: skip
    return Simulation(model, "canonical", tuple(points), grid={"age": len(places)})


@dataclass(frozen=True)
class _Plan:
    model: HebbianDAM
    size: int
    ages: list[int]
    temperature: float
    dynamics: str
    sweeps: int
    equilibration: int
    table: FlipEnergy


def _recalled(plan: _Plan, patterns: np.ndarray, weights: np.ndarray, age: int, words: np.ndarray) -> tuple[np.ndarray, bool]:
    """Overlaps to be averaged of a run that starts on the pattern of this age, and whether it ended where it may."""
    flat, moved = patterns.reshape(plan.size, -1), weights.copy()
    flat[:, [0, age]] = flat[:, [age, 0]]  # the chain looks at the first pattern
    moved[[0, age]] = moved[[age, 0]]
    try:
        return _run(plan, patterns, moved, np.random.SeedSequence([*words.tolist(), age]).generate_state(4, np.uint64))
    finally:
        flat[:, [0, age]] = flat[:, [age, 0]]


def _run(plan: _Plan, patterns: np.ndarray, weights: np.ndarray, stream: np.ndarray) -> tuple[np.ndarray, bool]:
    dynamics = "glauber" if plan.dynamics == ONE_STEP else plan.dynamics
    start = patterns[:, 0, 0]
    chain = Chain(
        plan.model, patterns, start, plan.temperature, dynamics, stream, weights.size, plan.table, weights=weights
    )
    if plan.dynamics == ONE_STEP:
        cost = chain.flip_energies()
        if plan.temperature == 0:
            return np.array([1 - 2 * (cost < -chain.tie).mean()]), True
        return np.array([np.tanh(cost / (2 * plan.temperature)).mean()]), True
    if plan.temperature == 0:
        series = chain.run(MOST_SWEEPS_TO_REST)
        kind, last = ending(series)
        return series.overlap[-last:], kind != "moving"
    return chain.run(plan.equilibration + plan.sweeps).overlap[plan.equilibration :], True


def _checked_weights(weights: Any, count: int | None = None) -> np.ndarray:
    values = np.asarray(weights, dtype=float)
    if values.ndim != 1 or values.size == 0 or not np.isfinite(values).all() or (count and values.size != count):
        expected = "a sequence of finite numbers, one a pattern" if count is None else f"{count} finite numbers"
        raise InputError(f"weights of shape {values.shape}: must be {expected}")
    return np.ascontiguousarray(values)
