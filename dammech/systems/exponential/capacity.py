"""The threshold that is asked for: at N → ∞ by the frame of exponential loads, at a size by exact laws of wrong patterns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from scipy.optimize import brentq, minimize_scalar

from dammech.declared.arithmetic import expression_of
from dammech.derive import loads
from dammech.derive.reading import read
from dammech.equations.law import Law
from dammech.errors import InputError, shown
from dammech.solve.capacity import Threshold
from dammech.solve.extremum import Concave, Greatest, greatest_share
from dammech.systems.exponential.model import SIMILARITIES, ExponentialMemory
from dammech.systems.exponential.sizes import confusion, flips_of, mean_weight

THEOREM = "exponential.thresholds"
#: probabilities below are no numbers of double precision
_LEAST = 1e-300


def capacity(asked: ExponentialMemory) -> Threshold:
    """log P/N at the threshold, in nats.

    Raises
    ------
    InputError
        For an expression that cannot be read, or at a size for which no exact law is known.
    """
    frame = frame_of(asked.patterns, asked.similarity, asked.query)
    given, most = {frame.parameter: asked.corruption}, _sharpest(asked)
    peak = frame.one.greatest(**given)
    found = typical = frame.one.greatest(most, **given)
    condensed = peak.at <= most and math.isfinite(peak.value)
    others: dict[str, Any] = {"condensed": condensed, "condensation": _number(peak.at), "plateau": _number(peak.value)}
    formula = f"max over 0 ≤ s ≤ {'2β' if asked.rule == 'sign' else 'β'} of G(s) = {frame.load.rate}"
    if asked.criterion == "all":
        pairs = greatest_share(lambda eta: frame.pairs.greatest(eta=eta, **given), 1.0)
        rare = greatest_share(lambda eta: frame.pairs.greatest(most, eta=eta, **given))
        found = min(pairs, rare, key=lambda g: g.value)
        others |= {
            "pairs": _number(pairs.value),
            "rare_targets": _number(rare.value),
            "typical": _number(typical.value),
        }
        formula = f"min of max over η ≤ 1, s and of max over η, s ≤ β of ψ(s, η)/(1 + η), ψ = {frame.load.pair_rate}"
    if asked.patterns == "spherical" and asked.similarity == "dot" and asked.corruption == 1 and asked.beta < math.inf:
        others["proven"] = proven(asked.beta)
    if asked.size is not None:
        value, error, formula = _at_size(asked, condensed)
        found = Greatest(value, found.at, error)
    if not math.isfinite(peak.error):
        why = "the mean of e^{s s(ξ′, x)} over wrong patterns is infinite: the rarest of them win"
        return Threshold("exponent", 0.0, "nats per component", f"α = {formula}", THEOREM, asked.criterion, steps=1, why=why)
    bounded = math.isfinite(found.value)
    return Threshold(
        "exponent", found.value if bounded else None, "nats per component", f"α = {formula}", THEOREM, asked.criterion,
        errors=None if asked.rule == "softmax" else 0.0, steps=1, error=found.error, others=others,
        why=None if bounded else "it grows without bound with β: wrong patterns never come as close",
    )  # fmt: skip


def proven(sharpness: float) -> float:
    """The exponent of the number of spherical patterns that a theorem guarantees at λ = ``sharpness`` (ramsauer2021)."""
    law = Law("exponential.bound", "Exponent")
    return float(brentq(lambda a: float(law(a=a)[0]) - sharpness, 0.0, 1.0 + math.log1p(sharpness), xtol=1e-15))


def edge(asked: ExponentialMemory, load: float) -> float:
    """The edge of the basin: the overlap (or noise, mask, flip) beyond which a query is not retrieved at a load.

    Raises
    ------
    InputError
        For a load above the threshold of queries that are the pattern itself.
    """
    frame = frame_of(asked.patterns, asked.similarity, asked.query)
    best = 1.0 if asked.query == "overlap" else 0.0
    worst = {"overlap": 1e-9, "noise": 1.0, "mask": 1 - 1e-12, "flip": 0.5}[asked.query]

    def above(corruption: float) -> float:
        return min(frame.one.greatest(_sharpest(asked), **{frame.parameter: corruption}).value, 1e3) - load

    if not (0 < load < 1e3 and above(best) > 0):
        raise InputError(f"load={load!r}: is above the threshold of queries without error, or not positive")
    while asked.query == "noise" and above(worst) > 0:
        worst *= 2
    return float(brentq(above, *sorted((best, worst)), xtol=1e-14))


def error_exponent(asked: ExponentialMemory, load: float) -> float:
    """−log(1 − w)/N of the weight w of a typical target after one step of softmax: max over s ≤ β of (β/s)(G(s) − α).

    Raises
    ------
    InputError
        For the sign rule, β = ∞, or a load at which the target is not retrieved.
    """
    if asked.rule != "softmax" or asked.beta == math.inf:
        raise InputError(f"rule={asked.rule!r}, beta={asked.beta:g}: weights are those of softmax at a finite beta")
    law, given = frame_of(asked.patterns, asked.similarity, asked.query), {}
    given[law.parameter] = asked.corruption

    def height(s: float) -> float:
        return asked.beta / s * (law.one.greatest(s, **given).value - load)

    least = 1e-6 * asked.beta
    found = minimize_scalar(lambda s: -height(s), bounds=(least, asked.beta), method="bounded", options={"xatol": 1e-10})
    best = max(height(float(found.x)), height(asked.beta))
    if best <= 0:
        raise InputError(f"load={load!r}: is above the threshold, where the target has no weight")
    return best


@dataclass(frozen=True)
class Frame:
    """The functions of a memory and a query: of one given pattern, and of pairs; and the name of what is wrong with the query."""

    load: loads.ExponentialLoad
    parameter: str

    @cached_property
    def one(self) -> Concave:
        """G."""
        return Concave(self.load.rate, [loads.sharpness, *(m for m in self.load.multipliers if self.load.rate.has(m))])

    @cached_property
    def pairs(self) -> Concave:
        """ψ_η."""
        return Concave(self.load.pair_rate, [loads.sharpness, *self.load.multipliers])


@cache
def frame_of(patterns: Any, similarity: str, query: str) -> Frame:
    """Its frame.

    Raises
    ------
    InputError
        For an expression that cannot be read.
    """
    import sympy as sp

    cosine = similarity == "cosine"
    if cosine and patterns == "gaussian":  # of their directions
        patterns = "spherical"
    components, parameter, fixed = loads.queries(patterns)[query]
    if cosine:
        length = sp.sqrt(sp.simplify(sum(w * loads.mean_square(seen) for w, seen in components)))
        components = tuple((w, seen / length) for w, seen in components)
    found = expression_of("similarity", SIMILARITIES.get(similarity, similarity), {"xi": loads.xi, "x": loads.x})
    if similarity not in SIMILARITIES:
        found = read(found, "similarity")
    return Frame(loads.ExponentialLoad(patterns, components, found, (parameter,), fixed), parameter.name)


def _sharpest(asked: ExponentialMemory) -> float:
    """The sharpness at which its noise is read: signs are squared."""
    return 2 * asked.beta if asked.rule == "sign" else asked.beta


def _at_size(asked: ExponentialMemory, condensed: bool) -> tuple[float, float, str]:
    """α at which half of the trials succeed at N, an error, and the law."""
    assert asked.size is not None
    size, law = asked.size, confusion(asked)
    if law is None:
        raise InputError(
            f"size={asked.size}: no exact law is known for {asked.patterns} patterns, {shown(asked.similarity)} and a query by "
            f"{asked.query} with criterion {asked.criterion}; leave it out"
        )
    p, words = law
    if p < _LEAST and asked.corruption < 1:
        raise InputError(f"size={asked.size}: e^(αN) is beyond {1 / _LEAST:.0e} patterns; take a smaller size")
    typical = math.log1p(math.log(2) / -math.log1p(-p)) / size if p else math.inf
    if not condensed:
        typical, words = _below_condensation(asked)
    if asked.criterion == "typical":
        return typical, 0.0, words
    if not p:
        return typical, 0.0, words
    pairs = math.log(math.log(2) / p) / (2 * size)
    again = math.log((1 + math.sqrt(1 + 4 * math.log(2) / p)) / 2) / size  # without pairs of a pattern with itself
    if pairs <= typical or condensed:
        return pairs, again - pairs, f"log(ln 2/p)/(2N), p = {words.partition('p = ')[2] or words}"
    return typical, 0.0, words


def _below_condensation(asked: ExponentialMemory) -> tuple[float, str]:
    """α where the mean weight of all wrong patterns is the target's; of independent components G(β) says it at every N.

    Raises
    ------
    InputError
        For the sign rule, and where the norm of the target varies.
    """
    assert asked.size is not None
    spherical = asked.patterns == "spherical" or (asked.patterns == "gaussian" and asked.similarity == "cosine")
    varies = asked.patterns == "gaussian" and not spherical and (asked.corruption == 1 or asked.query != "overlap")
    if asked.rule == "sign" or varies:
        raise InputError(
            f"size={asked.size}: below condensation no exact law is known for rule {asked.rule!r} and {asked.patterns} "
            "patterns; leave it out"
        )
    if spherical:  # of equal norms, for which distances are dot products
        words = "βρ − (1/N) log[Γ(N/2) (2/βN)^{N/2−1} I_{N/2−1}(βN)]"
        return mean_weight(asked.size, asked.beta, asked.corruption), words
    frame = frame_of(asked.patterns, asked.similarity, asked.query)
    flips = flips_of(asked) / asked.size
    at = asked.corruption if asked.patterns == "gaussian" else flips if asked.query == "flip" else 1 - 2 * flips
    return frame.one.greatest(asked.beta, **{frame.parameter: at}).value, f"G(β) = {frame.load.rate}"


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
