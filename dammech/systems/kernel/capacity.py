"""How many patterns a kernel memory separates, the margin they are left with, and room for real patterns."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import binom

from dammech.equations.law import Law
from dammech.solve.capacity import Threshold
from dammech.systems.gardner.capacity import margin_at
from dammech.systems.gardner.capacity import one_step as one_step_of
from dammech.systems.gardner.separable import separable
from dammech.systems.kernel.model import KernelMemory
from dammech.systems.kernel.sectors import Sectors, flipped, sectors, values

THEOREM, REAL = "kernel.margin", "kernel.continuous"
#: values of log t that are looked at, per decade, before the best is refined
_PER_DECADE = 8
_MOST_VALUES = 200
#: weights, over the largest, that are resolved one by one
_LEAST = 1e-140


def capacity(asked: KernelMemory) -> Threshold:
    """The count of separable patterns, or the margin at P of them; of ``stretched`` an exponent."""
    if asked.kernel == "stretched":
        return _real(asked)
    found = sectors(asked)
    count = asked.patterns(found.dimension)
    beside: dict[str, Any] = {"dimension": found.dimension, "sectors": _shown(found)}
    if count is None:
        return _separability(found, beside)
    beside |= {"patterns": count, "load": count / found.dimension, "separable": separable(count, found.dimension)}
    kappa, variance, error = margin_of(found, count)
    why = crowded = _crowded(found, count)
    if kappa is None:
        why = f"P = {count} is not below 2D = {2 * found.dimension}: such labels are not separable"
    else:
        (support,) = Law("gardner.margin", "Support vectors")(kappa=kappa / math.sqrt(variance))
        beside |= {"support_vectors": float(support), "certified_flips": certified(asked, kappa)}
    return Threshold(
        "margin", kappa, "√K(x, x)", _CONDITION, THEOREM, "all", 0.0, error=error, valid=crowded is None, why=why, others=beside
    )  # fmt: skip


_CONDITION = "κ: max over t of V(t) − √(P⟨max(κ − √q(t)g, 0)²⟩) = 0"


def _separability(found: Sectors, beside: dict[str, Any]) -> Threshold:
    if found.dimension == found.states:
        formula = f"P = 2^{found.states.bit_length() - 1}: all states, any labels"
        return Threshold("count", found.states, "patterns", formula, THEOREM, "separability", 0.0, others=beside)
    why = _crowded(found, 2 * found.dimension)
    formula = "P = 2D, D = Σ (N−1 choose k) over k with c_k > 0"
    return Threshold(
        "count", 2 * found.dimension, "patterns", formula, THEOREM, "separability", 0.0, valid=why is None, why=why,
        others={**beside, "separable": 0.5},
    )  # fmt: skip


def _crowded(found: Sectors, count: int) -> str | None:
    """Why so many patterns cannot be in general position."""
    if count <= found.states:
        return None
    states = f"the {found.states} states of {found.inputs} inputs of which no two have equal features up to a sign"
    return f"P = {count} is more than {states}"


def margin_of(found: Sectors, count: int) -> tuple[float | None, float, float]:
    """κ at P patterns, the variance of the field where it is reached, and the numerical error; None from P = 2D on."""
    if count >= 2 * found.dimension:
        return None, 0.0, 0.0
    many, weights = found.arrays()
    scale = float(weights.max())  # in its units no sum overflows
    many, weights = many * scale, weights / scale

    def at(log: float) -> tuple[float, float]:
        kappa, variance = _reached(many, weights, count * scale, math.exp(log))
        return kappa * math.sqrt(scale), variance * scale

    low, high = math.log(1e-3), math.log(1e4 / weights[weights > _LEAST].min())
    grid = np.linspace(low, high, 2 + math.ceil(_PER_DECADE * (high - low) / math.log(10)))
    heights = [at(x)[0] for x in grid]
    best = int(np.argmax(heights))
    if heights[best] == -math.inf:
        return None, 0.0, 0.0
    around = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    refined = minimize_scalar(lambda x: -at(x)[0], bounds=around, method="bounded", options={"xatol": 1e-9})
    x = max((float(refined.x), float(grid[best])), key=lambda y: at(y)[0])
    kappa, variance = at(x)
    return kappa, variance, 1e-13 * (kappa + math.sqrt(variance))


def _reached(many: np.ndarray, weights: np.ndarray, count: float, t: float) -> tuple[float, float]:
    """κ and q of the direction at t; κ = −∞ where the labels pull too little."""
    square, pull, spread = (float(np.sum(s)) for s in _law("One sector")(c=weights, d=many, t=t))
    load = float(_law("Equivalent load")(P=count, S_V=pull, S_q=spread)[0])
    return math.sqrt(spread / square) * margin_at(load) if load <= 2 else -math.inf, spread / square


def certified(asked: KernelMemory, kappa: float) -> int | None:
    """Flips of the inputs that change no bit for certain: K > 1 − κ²/2; None where states are too many to look at."""
    if asked.inputs > _MOST_VALUES:
        return None
    enough = values(asked) > 1 - kappa**2 / 2
    return int(np.argmin(enough)) - 1 if not enough.all() else asked.inputs


def wrong_bits(inputs: int, degree: int, patterns: int, flip: float) -> float:
    """The share of wrong bits after one step of the memory of products of ``degree`` inputs; bits flip with this probability."""
    kappa, total = margin_at(patterns / math.comb(inputs, degree)), 0.0
    for k in range(inputs + 1):
        overlap = flipped(inputs, degree, k) / math.comb(inputs, degree)
        size = abs(overlap)
        kept = size if size in (0, 1) else one_step_of(kappa, size)
        total += float(binom.pmf(k, inputs, flip)) * (1 - math.copysign(kept, overlap)) / 2
    return total


def _real(asked: KernelMemory) -> Threshold:
    """Real patterns with the stretched kernel: how many balls of its radius have room, and the edge of a basin."""
    assert asked.radius is not None and asked.exponent is not None
    edge, value = basin_edge(asked.radius, asked.exponent), None
    why = None if edge is not None else "an isolated pattern has no basin with a finite edge"
    if 2 * asked.radius**2 >= 1:
        why = "balls of r ≥ 1/√2 overlap in every pair"
    else:
        value = float(_law("Disjoint balls", REAL)(r=asked.radius)[0])
    return Threshold(
        "exponent", value, "nats", "α = (2r² − 1 − ln 2r²)/4, P = e^{αN} disjoint balls of radius r√N", REAL, "all", error=1e-15,
        valid=edge is not None, why=why, others={"edge": edge},
    )  # fmt: skip


@cache
def basin_edge(radius: float, exponent: float) -> float | None:
    """d*/|ξ|, beyond which an isolated pattern does not attract, 0 below 1e-6; None where it attracts nothing, or everything."""
    if exponent <= 1:
        return None

    def width(x: float) -> float:
        return float(_law("Edge", REAL)(x=x, b=exponent)[0]) - radius

    near, far = 1e-6, 1 - 1e-15
    # the widest basin, where −x/((1 − x) log(1 − x)) = b
    widest = brentq(lambda x: min(float(_law("Widest basin", REAL)(x=x)[0]), 1e300) - exponent, 1e-15, far, xtol=1e-16)
    if width(widest) <= 0:
        return None
    return float(brentq(width, near, widest, xtol=1e-16, rtol=1e-14)) if widest > near and width(near) < 0 else 0.0


def _shown(found: Sectors) -> str:
    orders = list(found.weights)
    return ", ".join(map(str, orders)) if len(orders) < 8 else f"{len(orders)} from {orders[0]} to {orders[-1]}"


@cache
def _law(step: str, theorem: str = THEOREM) -> Law:
    return Law(theorem, step)
