"""Anchoring the couplings to their old values (L2, and EWC with its diagonal Fisher weights) is an exponential palimpsest."""

from __future__ import annotations

import itertools
from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.oracles import at_infinity, number, symbol_points
from dammech.derive.steps import Step
from dammech.derive.theorem import Theorem

strength = sp.Symbol("lambda", positive=True)
fisher = sp.Symbol("F", positive=True)
old = sp.Symbol("J_0", real=True)
target = sp.Symbol("xi", real=True)
step = sp.Symbol("t", positive=True)
biases = sp.symbols("b_1:4", real=True)
capacity = sp.Symbol("alpha_c", positive=True)


def anchoring() -> Theorem:
    """L2 and EWC as palimpsests, and where EWC is something else."""
    new = sp.Symbol("J", real=True)
    cost = (new - target) ** 2 + strength * fisher * (new - old) ** 2
    (minimum,) = sp.solve(sp.diff(cost, new), new)
    anchored = sp.factor(minimum.xreplace({fisher: sp.Integer(1)}))
    decay = sp.simplify(sp.diff(anchored, old))
    stored = sp.simplify(sp.diff(anchored, target))
    # item by item, ∂/∂J (J − ξ)²/2 = J − ξ, at the mean J = E ξ of a task
    mean = sp.Mul(*biases)
    sign = sp.Symbol("sigma", real=True)
    variance = sum((1 + value * mean) / 2 * ((mean - sign) ** 2).xreplace({sign: sp.Integer(value)}) for value in (1, -1))
    information = sp.expand(variance)
    own_decay = sp.simplify(sp.diff(sp.factor(minimum), old))
    size = symbol_points({strength: ["3.7", "0.6"], old: ["0.31"], target: ["1", "-1"]})
    biased = symbol_points({biases[0]: ["0.3"], biases[1]: ["-0.45"], biases[2]: ["0.6", "0"]})
    per_coupling = symbol_points({strength: ["3.7", "0.6"], biases[0]: ["0.3"], biases[1]: ["-0.45"], biases[2]: ["0.6"]})
    return Theorem(
        "palimpsest.anchoring", "Anchored couplings",
        "Storing each pattern by least squares with an L2 anchor at the old couplings multiplies the old ones by λ/(1+λ): an "
        "exponential palimpsest of rate N^{p−1} log(1+1/λ). For unbiased ±1 patterns every coupling has the same Fisher "
        "information, and diagonal EWC is L2. It is not where sites have different biases: couplings between predictable "
        "sites carry less information and are forgotten faster.",
        [
            Step("Anchored couplings", ["J"], (anchored,), "stationarity of (J − ξ)² + λ(J − J_0)², coupling by coupling",
                 "vertex of the parabola through three values of the cost", size, lambda p: [_vertex(p, mp.mpf(1))],
                 source="kirkpatrick2017"),
            Step("Weight of a pattern", [r"\Lambda_t"], (sp.powsimp(stored * decay**step),),
                 "each later pattern multiplies by ∂J/∂J_0; the pattern itself enters by ∂J/∂ξ",
                 "minimised again for every pattern of a stream, difference between storing ξ and −ξ",
                 symbol_points({strength: ["3.7", "0.6"], step: [1, 4]}), lambda p: [_weight(p)]),
            Step("Rate", [r"\varepsilon/N^{p-1}"], (sp.log(1 + 1 / strength),), "−log of the factor per pattern",
                 "ratio of the weights of two patterns of a stream", symbol_points({strength: ["3.7", "0.6"]}),
                 lambda p: [mp.log(_weight({**p, step: 2}) / _weight({**p, step: 3}))]),
            Step("Optimal anchor", [r"\lambda_{opt}/N^{p-1}", r"\lambda_{c}/N^{p-1}"],
                 (2 * capacity / sp.E, 2 * capacity),
                 "N^{p−1} log(1+1/λ) → N^{p−1}/λ = ε at ε_opt = e/(2α_c) and ε_c = 1/(2α_c)",
                 "numerical roots at growing N, extrapolated", symbol_points({capacity: ["0.11", "0.04"]}),
                 lambda p: [_anchor_at(mp.e / (2 * number(p[capacity]))), _anchor_at(1 / (2 * number(p[capacity])))],
                 assumption="N → ∞; order 3 and above at T = 0"),
            Step("Fisher information", ["F"], (information,),
                 "mean over patterns of the squared gradient at the couplings of a task, for a product of three sites",
                 "sum over all states of the three sites", biased, lambda p: [_information(p)],
                 assumption="sites are independent, with means b_i", source="kirkpatrick2017"),
            Step("EWC without bias", ["J"], (anchored,), "F = 1 for every coupling when the biases are zero",
                 "minimised with the Fisher information summed over states of unbiased sites", size,
                 lambda p: [_vertex(p, _information({b: sp.Integer(0) for b in biases}))]),
            Step("EWC with bias", [r"\varepsilon_F/N^{p-1}"],
                 (sp.log(sp.simplify(1 / own_decay)).xreplace({fisher: information}),),
                 "each coupling has a rate of its own, log(1 + 1/(λF)): above that of L2 wherever all b_i ≠ 0",
                 "ratio of weights, minimised pattern by pattern with that coupling's information", per_coupling,
                 lambda p: [mp.log(_weight({**p, step: 2}, _information(p)) / _weight({**p, step: 3}, _information(p)))]),
        ],
        ("kirkpatrick2017", "mezard1986"),
    )


# -- the other route --------------------------------------------------------------------------------------------------


def _minimise(strength_: mp.mpf, information: mp.mpf, old_: mp.mpf, target_: mp.mpf) -> mp.mpf:
    """Lowest point of the cost, from its values at three places."""
    cost = [(x - target_) ** 2 + strength_ * information * (x - old_) ** 2 for x in (-1, 0, 1)]
    return (cost[0] - cost[2]) / (2 * (cost[0] - 2 * cost[1] + cost[2]))


def _vertex(p: Any, information: mp.mpf) -> mp.mpf:
    return _minimise(number(p[strength]), information, number(p[old]), number(p[target]))


def _weight(p: Any, information: mp.mpf | int = 1) -> mp.mpf:
    """Half the difference that storing ξ = 1 or −1 makes, after further patterns."""
    ends = []
    for first in (1, -1):
        coupling = _minimise(number(p[strength]), mp.mpf(information), mp.mpf("0.4"), mp.mpf(first))
        for later in range(int(p[step])):
            coupling = _minimise(number(p[strength]), mp.mpf(information), coupling, mp.mpf((-1) ** later))
        ends.append(coupling)
    return (ends[0] - ends[1]) / 2


def _information(p: Any) -> mp.mpf:
    chances = [number(p[b]) for b in biases]
    states = list(itertools.product((1, -1), repeat=3))
    weights = [mp.fprod((1 + s * b) / 2 for s, b in zip(state, chances)) for state in states]
    mean = mp.fsum(w * state[0] * state[1] * state[2] for w, state in zip(weights, states))
    return mp.fsum(w * (mean - state[0] * state[1] * state[2]) ** 2 for w, state in zip(weights, states))


def _anchor_at(rate: mp.mpf) -> mp.mpf:
    values = {}
    for size in (1000 * 2**j for j in range(10)):
        values[size] = mp.findroot(lambda x, size=size: size * mp.log(1 + 1 / x) - rate, size / rate) / size
    return at_infinity(values)
