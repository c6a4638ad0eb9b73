"""Stability of the silent state of a two-layer memory: dead hidden neurons thin the spectrum of the patterns."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.oracles import at_infinity, number, symbol_points
from dammech.derive.steps import Step
from dammech.derive.theorem import Theorem

NAME = "deadneurons.silent-state"

load, alive, beta = sp.symbols("alpha p beta", positive=True)
x, root = sp.symbols("x s", positive=True)
g = sp.Symbol("g")


@cache
def silent_state() -> Theorem:
    """Hidden neurons in pairs ±ξ of equal bias, αN pairs of which a part p is alive; visible neurons tanh(βv) at v = 0."""
    pair = sp.Matrix([sp.sqrt(x), -sp.sqrt(x)])
    square = (beta * pair.T * pair)[0]
    inverse = 1 / g + root**2 / (1 - g)  # root² = αp
    edges = [sp.factor(inverse.xreplace({g: e})) for e in sp.solve(sp.diff(inverse, g), g)]
    edge = max(edges, key=lambda e: e.xreplace({root: sp.Rational(1, 2)})).xreplace({root: sp.sqrt(load * alive)})
    (critical,) = sp.solve(sp.Eq(square.xreplace({x: edge}), 1), beta)
    where = symbol_points({load: ["0.5", "2"], alive: ["0.5", "0.84"]})
    return Theorem(
        NAME, "Silent state with dead hidden neurons",
        "At v = 0 every neuron is silent or at its bias. The state is stable while the largest singular value of "
        "C = H_h^½ ξ H_v^½ is below 1, and only living neurons enter C: the edge of the spectrum is that of the load αp.",
        [
            Step("A pair of hidden neurons", [r"\sigma^2"], (square,),
                 "rows +ξ and −ξ of a living pair add up in CᵀC = βξᵀHξ; x is an eigenvalue of ξξᵀ/N over the living patterns",
                 "singular values of C of explicit networks of three visible neurons with a dead pair", _pairs(), _singular,
                 source="krotov2020"),
            Step("Edge of the living spectrum", ["x_+"], (edge,),
                 "x = 1/g + αp/(1 − g) is the functional inverse of the resolvent g of a sum of αpN free projections; the "
                 "spectrum ends where dx/dg = 0",
                 "ratios of the exact moments (Narayana numbers) of orders up to 1280, extrapolated", where,
                 lambda p: [_edge(p)], assumption="N → ∞", source="marchenko1967", tolerance=1e-9),
            Step("Threshold", [r"\beta_c"], (critical,), "σ² = 1 at the edge",
                 "root of the largest rate −1 + σ of two layers, the edge from the moments", where,
                 lambda p: [mp.findroot(lambda b: mp.sqrt(2 * b * _edge(p)) - 1, 0.1)], source="krotov2020", tolerance=1e-9),
        ],
        ("krotov2020", "marchenko1967"),
    )  # fmt: skip


# -- the other route --------------------------------------------------------------------------------------------------


_PATTERNS = ((1, 1, -1), (1, -1, 1), (1, 1, 1))


def _network(kept: int) -> mp.matrix:
    """Weights of the living hidden neurons: pairs ±ξ/√3, the last pattern's pair dead."""
    rows = [[sign * s / mp.sqrt(3) for s in _PATTERNS[k]] for k in range(kept) for sign in (1, -1)]
    return mp.matrix(rows)


def _pairs() -> list[dict[sp.Symbol, Any]]:
    points = []
    with mp.workdps(40):
        for kept, steepness in ((1, "0.7"), (2, "1.3")):
            W = _network(kept)
            largest = max(mp.eigsy(W.T * W / 2, eigvals_only=True))
            points.append({x: sp.Float(mp.nstr(largest, 38), 38), beta: sp.Float(steepness, 38)})
    return points


def _singular(p: Any) -> list[mp.mpf]:
    steepness = number(p[beta])
    kept = 1 if steepness < 1 else 2
    return [max(mp.svd_r(_network(kept) * mp.sqrt(steepness), compute_uv=False)) ** 2]


def _edge(p: Any) -> mp.mpf:
    living = number(p[load]) * number(p[alive])
    with mp.workdps(40):
        return at_infinity({k: _moment(k + 1, living) / _moment(k, living) for k in (80, 160, 320, 640, 960, 1280)})


def _moment(order: int, living: mp.mpf) -> mp.mpf:
    """⟨x^k⟩ = Σ_j N(k, j) a^j: pairings without crossings, counted."""
    return mp.fsum(math.comb(order, j) * math.comb(order, j - 1) // order * living**j for j in range(1, order + 1))
