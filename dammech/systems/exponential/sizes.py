"""Exact laws at N: the probability that one wrong pattern is at least as similar to the query as its target."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import betainc, gammaln, ive, ndtr
from scipy.stats import binom, hypergeom

from dammech.systems.exponential.model import ExponentialMemory


def confusion(asked: ExponentialMemory) -> tuple[float, str] | None:
    """That probability, and its formula; None where it depends on more than N, or is not known.

    Of binary patterns only distances matter, of directions angles. With the sign rule a wrong pattern also wins if it is one
    flip further away, for spin i does not see itself.
    """
    assert asked.size is not None
    size, exact = asked.size, asked.query in ("overlap", "flip")
    known = asked.similarity in ("dot", "euclidean", "cosine", "manhattan")
    if asked.patterns == "binary" and exact and known:
        flips = flips_of(asked) + (asked.rule == "sign")
        return float(binom.cdf(flips, size, 0.5)), f"log(1 + ln 2/−log(1 − p))/N, p = P(Bin(N, 1/2) ≤ {flips})"
    directions = asked.patterns == "spherical" and asked.similarity in ("dot", "euclidean", "cosine")
    if asked.query == "overlap" and (directions or (asked.patterns == "gaussian" and asked.similarity == "cosine")):
        tail = betainc((size - 1) / 2, 0.5, 1 - asked.corruption**2) / 2
        return float(tail), "log(1 + ln 2/−log(1 − p))/N, p = I_{1−ρ²}((N−1)/2, 1/2)/2"
    if asked.patterns != "gaussian" or asked.rule != "softmax":
        return None
    if asked.similarity == "dot" and asked.query == "overlap" and asked.corruption < 1 and asked.criterion == "typical":
        return float(ndtr(-asked.corruption * math.sqrt(size))), "log(1 + ln 2/−log(1 − p))/N, p = Φ(−ρ√N)"
    if asked.similarity == "dot" and asked.query == "overlap" and asked.corruption == 1:
        return float(betainc(size / 2, 0.5, 0.5) / 2), "log(1 + ln 2/−log(1 − p))/N, p = I_{1/2}(N/2, 1/2)/2"
    if asked.similarity == "euclidean" and asked.query == "noise" and asked.criterion == "all" and asked.corruption:
        ratio = 2 * asked.corruption**2
        return float(betainc(size / 2, 0.5, ratio / (1 + ratio)) / 2), "p = I_{2σ²/(1+2σ²)}(N/2, 1/2)/2"
    return None


def pair_kept(size: int, flips: int) -> float:
    """Probability that neither of two random binary patterns is as near to the other's query as that one itself.

    Both fail together more often than apart, for they are then near to each other. Flips are drawn independently.
    """
    apart = np.arange(size + 1)
    confused = hypergeom.sf(np.ceil(apart / 2) - 1, size, apart, flips)  # flips that lead towards the other
    return float(binom.pmf(apart, size, 0.5) @ (1 - confused) ** 2)


def flips_of(asked: ExponentialMemory) -> int:
    """Wrong signs of a binary query: the nearest integer."""
    assert asked.size is not None
    wrong = asked.corruption if asked.query == "flip" else (1 - asked.corruption) / 2
    return round(wrong * asked.size)


def mean_weight(size: int, beta: float, overlap: float) -> float:
    """α at which all wrong spherical patterns together weigh on average as much as the target, at an exact overlap."""
    order, x = size / 2 - 1, beta * size
    mean = (gammaln(size / 2) - order * math.log(x / 2) + math.log(ive(order, x)) + x) / size
    return float(beta * overlap - mean)
