"""What kernel memories must show: Cover's law of their features, margins of a spectrum, steps from flipped bits, projections."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.stats import binom, norm

from dammech.systems.gardner.capacity import margin_at
from dammech.systems.gardner.separable import separable
from dammech.systems.kernel.capacity import margin_of, wrong_bits
from dammech.systems.kernel.model import KernelMemory
from dammech.systems.kernel.sampler import margins
from dammech.systems.kernel.sampler import wrong_bits as measured_wrong_bits
from dammech.systems.kernel.sectors import flipped, sectors
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Prediction, Rival, Unclaimed
from dammech.validate.pooled import at_level, estimate, pooled_row
from dammech.validate.sizes import Plan, limit

_PLANS = {
    # below N = 20 the correction of margins is not monotonic: features are not Gaussian, −1/N, and D is finite, +1/D
    "margin": {"quick": Plan((23, 33, 47), (600, 360, 160)), "full": Plan((23, 33, 47), (6000, 3600, 1600))},
    "one-step": {"quick": Plan((13, 19, 27), (240, 120, 60)), "full": Plan((13, 19, 27, 37), (1600, 800, 400, 100))},
}  # fmt: skip
_TRIALS = 1500
_EXACT = {
    "ansatz": "replica symmetry is stable at positive margins",
    "line": "what is there at a load is claimed, not its end",
}
_NO_STATE = "it is a property of couplings, and no dynamics is near it"


def claims() -> list[Claim | Unclaimed]:
    """Separability, margins, wrong bits and projections."""
    return [
        Claim(
            "kernel.separability", "[cover1965] [iatropoulos2022]",
            "Random labels are separable in the features of a kernel with the probability of Cover's law in their dimension.",
            tuple({"kernel": "z**2", "size": 12, "patterns": p} for p in (112, 104)),
            lambda p: Prediction(separable(p["patterns"], sectors(_asked(p)).dimension)), _separable,
            (
                Rival("term", "neurons with an intercept: one dimension more",
                      lambda p: separable(p["patterns"], sectors(_asked(p)).dimension + 1)),
                Rival("interaction", "(1 + z)² in the place of z²",
                      lambda p: separable(p["patterns"], sectors(_asked({**p, "kernel": "(1+z)**2"})).dimension)),
            ),
            without={"ansatz": "the law counts, with no replicas", "null": _NO_STATE,
                     "line": "P = 2D is where the law is a half"},
            dose=Dose("ten patterns more", lambda p: {**p, "patterns": p["patterns"] + 10}),
            covers=("gardner.dichotomies", "kernel.margin"),
        ),
        Claim(
            "kernel.margin", "[iatropoulos2022] [gardner1988space]",
            "The margin that P = xD patterns leave is that of the spectrum of the kernel: their ratio is 1 at N → ∞.",
            tuple({"kernel": "((1+z)/2)**2", "ratio": r} for r in (0.25, 0.125)),
            lambda p: Prediction(1.0), partial(_ratios, "margin"),
            (
                Rival("interaction", "all features of equal weight", lambda p: _at_last("margin", p, _isotropic)),
                Rival("term", "the sector of highest degree alone", lambda p: _at_last("margin", p, _highest)),
            ),
            without={**_EXACT, "null": _NO_STATE}, dose=Dose("a tenth fewer patterns", lambda p: {**p, "fewer": 0.9}),
            covers=("kernel.margin",),
        ),
        Claim(
            "kernel.one-step", "[iatropoulos2022] [gardner1988optimal]",
            "After one step from flipped bits the share of wrong ones is that of the law of stabilities: the ratio is 1, N → ∞.",
            tuple({"kernel": "parity", "degree": 2, "ratio": 0.75, "flip": f} for f in (0.05, 0.1)),
            lambda p: Prediction(1.0), partial(_ratios, "one-step"),
            (
                Rival("interaction", "equal multipliers, as in dense memories", lambda p: _at_last("one-step", p, _equal)),
                Rival("term", "interpolation: all stabilities equal", lambda p: _at_last("one-step", p, _interpolated)),
            ),
            without={**_EXACT, "null": "one step is itself what dynamics alone gives"},
            dose=Dose("a fifth fewer patterns", lambda p: {**p, "fewer": 0.8}),
            covers=("kernel.one-step",),
        ),
        Unclaimed(
            ("kernel.continuous", "kernel.identities"),
            "identities are algebra; edges of basins are no averages: tests iterate the interpolation from both "
            "sides of them; and exponents of packing ask for P = e^{αN} patterns at two sizes at least",
        ),
    ]  # fmt: skip


def _asked(p: Parameters, size: int | None = None) -> KernelMemory:
    return KernelMemory(p["kernel"], size or p["size"], degree=p.get("degree"))


def _separable(p: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    trials = at_level(level, _TRIALS)
    return estimate(p["size"], seeds, lambda s: (margins(_asked(p), p["patterns"], trials, s) > 0).astype(float))


def _ratios(name: str, p: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    """What is measured over what the theory says at that size, N → ∞."""
    plan, rows = _PLANS[name][level], []
    for size, trials in zip(plan.sizes, plan.trials):
        asked, count = _asked(p, size), _count(p, size)
        less = round(p.get("fewer", 1.0) * count)
        if name == "margin":
            found = {s: margins(asked, less, trials, s) / _theory(name, p, size) for s in seeds}
        else:
            found = {s: measured_wrong_bits(asked, less, p["flip"], trials, s) / _theory(name, p, size) for s in seeds}
        rows.append(pooled_row(size, found, patterns=less))
    return limit(rows, others={"N^(−2)": (2.0,)})


def _count(p: Parameters, size: int) -> int:
    return round(p["ratio"] * sectors(_asked(p, size)).dimension)


def _theory(name: str, p: Parameters, size: int) -> float:
    count = _count(p, size)
    if name == "margin":
        return margin_of(sectors(_asked(p, size)), count)[0] or math.nan
    return wrong_bits(size - 1, p["degree"], count, p["flip"])


def _at_last(name: str, p: Parameters, rival: Callable[[Parameters, int], float]) -> float:
    """A wrong theory over the right one, at the largest size."""
    size = _PLANS[name]["quick"].sizes[-1]
    return rival(p, size) / _theory(name, p, size)


def _isotropic(p: Parameters, size: int) -> float:
    return margin_at(p["ratio"]) / math.sqrt(sectors(_asked(p, size)).dimension)


def _highest(p: Parameters, size: int) -> float:
    found = sectors(_asked(p, size))
    order = max(found.weights)
    load = _count(p, size) / found.multiplicities[order]
    return math.sqrt(found.weights[order]) * margin_at(min(load, 2.0))


def _after_flips(p: Parameters, size: int, error: Callable[[float], float]) -> float:
    """The mean over numbers of flips of an error at the overlap of features that is left."""
    n, degree = size - 1, p["degree"]
    left = [flipped(n, degree, k) / math.comb(n, degree) for k in range(n + 1)]
    return float(np.sum(binom.pmf(np.arange(n + 1), n, p["flip"]) * [error(x) for x in left]))


def _equal(p: Parameters, size: int) -> float:
    load = _count(p, size) / sectors(_asked(p, size)).dimension
    return _after_flips(p, size, lambda x: norm.sf(x / math.sqrt(load)))


def _interpolated(p: Parameters, size: int) -> float:
    stability = math.sqrt(1 / p["ratio"] - 1)
    return _after_flips(
        p, size, lambda x: 0.0 if x >= 1 else norm.sf(x * stability / math.sqrt(1 - x * x)) if x > -1 else 1.0
    )
