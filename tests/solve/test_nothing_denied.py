"""No broken state is denied that brute force finds: the 1RSB functional on fixed grids, iterated at a row of block sizes."""

from __future__ import annotations

import math

import numpy as np
import pytest

import dammech as dm
from dammech.solve import Solution

Z = np.linspace(-8, 8, 161)
W = np.exp(-(Z**2) / 2) / np.exp(-(Z**2) / 2).sum()
SIZES = (0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.999)
FAR = 0.02  # a brute-force state closer to replica symmetry may be one that is not resolved


def averages(p: int, strength: float, T: float, theta: float, x: np.ndarray) -> tuple[np.ndarray, float]:
    """Right-hand sides of m, q_0, q_1 and the slope of −βf in θ; ξ(q) = strength q^p, signal m^p/p."""
    m, q0, q1 = x
    slope = strength * p * np.array([q0, q1]) ** (p - 1)
    outer, inner = math.sqrt(max(slope[0], 0.0)), math.sqrt(max(slope[1] - slope[0], 0.0))
    tilt = theta * inner / T  # the inner Gaussian is moved by it
    z = np.linspace(-8 - tilt, 8 + tilt, 161 + int(20 * tilt))
    rows = outer * Z if q0 > 0 else np.zeros(1)
    weights = W if q0 > 0 else np.ones(1)
    h = (m ** (p - 1) + rows[:, None] + inner * z) / T
    log_cosh = np.logaddexp(h, -h)
    exponent = theta * log_cosh - z**2 / 2
    top = exponent.max(axis=1, keepdims=True)
    tilted = np.exp(exponent - top)
    total = tilted.sum(axis=1)
    free = top[:, 0] + np.log(total * (z[1] - z[0]) / math.sqrt(2 * math.pi))
    tilted /= total[:, None]
    spin = (tilted * np.tanh(h)).sum(axis=1)
    new = np.array([weights @ spin, weights @ spin**2, weights @ (tilted * np.tanh(h) ** 2).sum(axis=1)])
    if m == 0:
        new[:2] = 0
    along = -strength * (p - 1) * (q1**p - q0**p) / (2 * T**2)
    along += float(weights @ ((tilted * log_cosh).sum(axis=1) / theta - free / theta**2))
    return new, along


def brute_force(p: int, strength: float, T: float, retrieval: bool) -> np.ndarray | None:
    """m, q_0, q_1 and θ of a distinct state to two digits, from a change of sign between block sizes; None without one."""
    before: tuple[float, float, np.ndarray] | None = None
    x = np.array([0.99, 0.9, 0.99]) if retrieval else np.array([0.0, 0.0, 0.999])
    for theta in SIZES:
        start = x if before is not None else np.array([0.99, 0.9, 0.99]) if retrieval else np.array([0.0, 0.0, 0.999])
        x = start
        for _ in range(400):
            new, _ = averages(p, strength, T, theta, x)
            if np.abs(new - x).max() < 1e-9:
                break
            x = new
        _, along = averages(p, strength, T, theta, x)
        settled = np.abs(new - x).max() < 1e-7 and x[2] - x[1] > FAR and (x[0] > 0.1) == retrieval
        if not settled:
            before = None
            continue
        if before is not None and before[1] * along < 0:
            t = before[1] / (before[1] - along)
            return np.append((1 - t) * before[2] + t * x, (1 - t) * before[0] + t * theta)
        before = theta, along, x
    return None


def compare(found: Solution, brute: np.ndarray | None) -> str | None:
    """What is wrong with an answer, in view of what brute force found."""
    if found.status == "no-state" or (found.why is not None and "does not exist" in found.why):
        return "denied"
    if brute is None:
        return None
    if found.ansatz != "1rsb" or not found.converged:
        return f"brute force finds {brute}, not found: {found.why}"
    ours = [found["q0"], found["q1"], found["theta"]]
    return None if np.abs(np.array(ours) - brute[1:]).max() < 0.1 else f"brute force finds {brute}, the answer is {ours}"


def glasses(count: int, seed: int) -> list[str]:
    """Wrong answers among random p-spin glasses."""
    rng = np.random.default_rng(seed)
    wrong = []
    for _ in range(count):
        p, T = int(rng.integers(3, 11)), float(rng.uniform(0.02, 0.8))
        found = dm.solve(dm.PSpin(p), temperature=T, ansatz="1rsb", throw=False)
        fault = compare(found, brute_force(p, 0.5, T, False))
        wrong += [] if fault is None else [f"pspin {p} at {T}: {fault}"]
    return wrong


def memories(count: int, seed: int) -> list[str]:
    """Wrong answers among random retrieval states, half of them close to the symmetric spinodal."""
    rng = np.random.default_rng(seed)
    wrong = []
    spinodal = {3: 0.1261, 4: 0.03298, 5: 0.0065}
    for k in range(count):
        p = (3, 3, 4, 5)[k % 4]
        load = float(spinodal[p] * (rng.uniform(0.3, 1) if k % 2 else rng.uniform(0.95, 1.15)))
        T = float(rng.uniform(0.02, 0.3))
        found = dm.solve(dm.HebbianDAM(order=p), load=load, temperature=T, ansatz="1rsb", throw=False)
        fault = compare(found, brute_force(p, load * math.factorial(p - 1) / p, T, True))
        wrong += [] if fault is None else [f"hebbian {p} at load {load}, T = {T}: {fault}"]
    return wrong


def test_random_glasses():
    assert glasses(8, 0) == []


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_many_random_glasses():
    assert glasses(220, 1) == []


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_many_random_memories():
    assert memories(80, 2) == []
