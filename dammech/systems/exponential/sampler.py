"""Trials of one step from a query, with patterns that are really drawn, as bits where they are binary, or by distances alone.

Patterns are never kept: of binary ones each is drawn, compared with the query and counted by its distance, others are drawn in
blocks. Memory does not grow with their number.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, logsumexp

from dammech.declared.arithmetic import expression_of
from dammech.errors import InputError, integer, one_of
from dammech.memory import check_work
from dammech.results.record import Record
from dammech.simulate.estimators import fraction_and_error
from dammech.simulate.trials import over_samples
from dammech.simulate.words import distance_counts, mutual_counts, random_flips, random_words, sign_counts
from dammech.systems.exponential.model import SIMILARITIES, ExponentialMemory
from dammech.systems.exponential.sizes import flips_of

DRAWN = ("patterns", "distances")
LARGEST_COUNT = 10**18
#: numbers of one block of patterns, and patterns that are held at once where each of them is queried
_BLOCK, _MOST_QUERIED = 1 << 20, 20_000


@dataclass(frozen=True, repr=False)
class Success(Record):
    """How often a query was retrieved; the error is over independent pattern sets, under a flat prior.

    Attributes
    ----------
    size, patterns : int
    load : float
        log P/N of the patterns that were drawn.
    success, success_error : float
    trials, seed : int
    """

    size: int
    patterns: int
    load: float
    success: float
    success_error: float
    trials: int
    seed: int


def success(
    asked: ExponentialMemory,
    patterns: int,
    *,
    trials: int = 100,
    seed: int = 1,
    drawn: str = "patterns",
    workers: int | None = None,
) -> Success:
    """Fraction of trials in which one given query, or every pattern's, is retrieved among so many patterns.

    With softmax that is where the target has more than half of the weight; with signs where every spin is right after one step.

    Parameters
    ----------
    asked : ExponentialMemory
        With its size and criterion.
    patterns : int
        P.
    drawn : str
        "patterns" are drawn component by component; "distances" of wrong binary patterns from their multinomial law, for any P.
    workers : int, optional
        Threads.

    Raises
    ------
    InputError
        For a memory without a size, a number out of range, or distances where these do not decide.
    """
    one_of("drawn", drawn, DRAWN)
    patterns, trials = integer("patterns", patterns, 2, LARGEST_COUNT), integer("trials", trials)
    if asked.size is None:
        raise InputError("size=None: a simulation needs the size N of the memory")
    binary = asked.patterns == "binary" and asked.query in ("overlap", "flip") and asked.similarity in SIMILARITIES
    if drawn == "distances" and not (binary and asked.rule == "softmax" and asked.criterion == "typical"):
        raise InputError("drawn='distances': decide for one binary pattern under softmax with flips only; take 'patterns'")
    if asked.criterion == "all" and not (binary and patterns <= _MOST_QUERIED):
        raise InputError(f"patterns={patterns}: all of them are queried where they are binary and at most {_MOST_QUERIED}")
    if drawn == "patterns":
        check_work(f"patterns={patterns}", float(patterns) * trials * asked.size * (patterns if asked.criterion == "all" else 1))
    trial: Callable[[np.random.Generator], bool]
    if not binary:
        trial = _in_blocks(asked, patterns)
    elif drawn == "distances":
        trial = _by_law(asked, patterns)
    else:
        trial = _bit_by_bit(asked, patterns)
    held = 8 * patterns * (1 + asked.size // 64) if asked.criterion == "all" else 8 * _BLOCK * 4
    found = over_samples(trial, (repr(asked), patterns, drawn, seed), trials, held, workers)
    fraction, error = fraction_and_error(int(found.sum()), trials)
    return Success(asked.size, patterns, math.log(patterns) / asked.size, fraction, error, trials, seed)


def _bit_by_bit(asked: ExponentialMemory, patterns: int) -> Callable[[np.random.Generator], bool]:
    assert asked.size is not None
    size, flips = asked.size, flips_of(asked)
    if asked.criterion == "all" and asked.rule == "sign":
        raise InputError("rule='sign': one typical pattern is simulated, not all of them")

    def one(rng: np.random.Generator) -> bool:
        query = random_words(rng, 1, size)[0]
        if asked.rule == "softmax":
            return _outweighs(asked, distance_counts(rng, query, patterns - 1, size))
        wrong = np.zeros(size, dtype=np.bool_)
        wrong[rng.permutation(size)[:flips]] = True  # where the target is not as the query
        return bool((_fields(asked, *sign_counts(rng, query, patterns - 1, size), wrong) > 0).all())

    def every(rng: np.random.Generator) -> bool:
        stored = random_words(rng, patterns, size)
        turned = np.array([random_flips(rng, flips, size) for _ in range(patterns)])
        table = mutual_counts(stored, stored ^ turned, size)
        table[:, flips] -= 1  # the target itself
        return all(_outweighs(asked, counts) for counts in table)

    return one if asked.criterion == "typical" else every


def _by_law(asked: ExponentialMemory, patterns: int) -> Callable[[np.random.Generator], bool]:
    assert asked.size is not None
    size = asked.size
    k = np.arange(size + 1)
    chances = np.exp(gammaln(size + 1) - gammaln(k + 1) - gammaln(size - k + 1) - size * math.log(2))
    chances /= chances.sum()
    return lambda rng: _outweighs(asked, rng.multinomial(patterns - 1, chances))


def _outweighs(asked: ExponentialMemory, counts: np.ndarray) -> bool:
    """Whether a target at the distance of its flips weighs more than all wrong patterns together, of which there are so many."""
    flips, there = flips_of(asked), np.nonzero(counts)[0]
    if not there.size:
        return True
    if asked.beta == math.inf:
        return bool(there[0] > flips)
    return bool(logsumexp(-2 * asked.beta * (there - flips), b=counts[there]) < 0)


def _fields(asked: ExponentialMemory, counts: np.ndarray, against: np.ndarray, wrong: np.ndarray) -> np.ndarray:
    """Fields of all spins along the target, over e^{β(N−2k)}; ``against`` counts the patterns that differ from the query at i."""
    distance = np.arange(counts.size)
    with np.errstate(over="ignore"):
        weight = np.exp(np.clip(-2 * asked.beta * (distance - wrong.sum()), -700, 700))
    up, down = math.exp(min(asked.beta, 300.0)), math.exp(-min(asked.beta, 300.0))
    along_query = weight @ (counts[:, None] - against) * down - weight @ against * up
    own = np.where(wrong, -up, down)
    return np.asarray((along_query + own) * np.where(wrong, -1, 1))


def _in_blocks(asked: ExponentialMemory, patterns: int) -> Callable[[np.random.Generator], bool]:
    """Any law and similarity, in floating point."""
    assert asked.size is not None
    size, similar = asked.size, _similarity(asked)
    rows = max(1, _BLOCK // size)

    def trial(rng: np.random.Generator) -> bool:
        target = _drawn(rng, asked.patterns, 1, size)
        query = _seen(rng, asked, target[0])
        own, total, best = float(similar(target, query)[0]), -math.inf, -math.inf
        for first in range(1, patterns, rows):
            found = similar(_drawn(rng, asked.patterns, min(rows, patterns - first), size), query)
            best = max(best, float(found.max()))
            if asked.beta < math.inf:
                total = float(np.logaddexp(total, logsumexp(asked.beta * found)))
        return own > best if asked.beta == math.inf else asked.beta * own > total

    return trial


def _similarity(asked: ExponentialMemory) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Similarities of rows of patterns with a query."""
    if asked.similarity == "cosine":
        return lambda rows, x: rows @ x / np.linalg.norm(rows, axis=1) / np.linalg.norm(x) * x.size
    import sympy as sp

    xi, x = sp.symbols("xi x", real=True)
    one = sp.lambdify((xi, x), expression_of("similarity", asked.component, {"xi": xi, "x": x}))
    return lambda rows, seen: np.broadcast_to(one(rows, seen), rows.shape).sum(axis=1)


def _drawn(rng: np.random.Generator, law: str, count: int, size: int) -> np.ndarray:
    if law == "binary":
        return 2.0 * rng.integers(0, 2, (count, size)) - 1
    rows = rng.standard_normal((count, size))
    return rows if law == "gaussian" else rows * (math.sqrt(size) / np.linalg.norm(rows, axis=1, keepdims=True))


def _seen(rng: np.random.Generator, asked: ExponentialMemory, target: np.ndarray) -> np.ndarray:
    """The query: exact fractions of components are masked or turned, and an overlap with |x|² = N is exact."""
    value, size = asked.corruption, target.size
    if asked.query == "noise":
        return target + value * rng.standard_normal(size)
    if asked.query == "overlap" and asked.patterns != "binary":
        other = rng.standard_normal(size)
        along = target / np.linalg.norm(target)
        other -= other @ along * along
        return math.sqrt(size) * (value * along + math.sqrt(1 - value**2) * other / np.linalg.norm(other))
    chosen = rng.permutation(size)[: flips_of(asked) if asked.query != "mask" else round(value * size)]
    seen = target.copy()
    seen[chosen] *= 0.0 if asked.query == "mask" else -1.0
    return seen
