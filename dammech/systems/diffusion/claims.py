"""Claims about diffused data: how often the true datum is the nearest one, and until when it has more than half of the weight."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dammech.systems.diffusion.capacity import capacity, information
from dammech.systems.diffusion.model import BINARY, BRIDGING, GAUSSIAN, SPECIATION, Diffusion, count_of
from dammech.systems.diffusion.nearest import at_typical_norms, nearest_probability, noise_at
from dammech.systems.diffusion.sampler import log_odds
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Prediction, Rival, Unclaimed
from dammech.validate.crossings import crossing_row, halved, lost_at
from dammech.validate.pooled import at_level, at_this_size, estimate, pooled_row

_DIMENSION, _RUNS = 24, 6000
#: logarithms of the number of data, which say at which dimensions, and runs a seed at each time
_PLAN = ((3, 1500), (4, 1500), (6, 1500), (8, 1200), (11, 500))
_TIMES = 5
#: of the times, over √d: half of the width of the crossing
_HALF_WINDOW = 0.9
_REACH = (0.01, 5.0)
_PILOT_RUNS, _PILOT_SEED = 200, 1_000_003
_WITHOUT = {"ansatz": "distances of independent data: there are no replicas"}


def claims() -> list[Claim | Unclaimed]:
    """The exact law of the nearest datum, and the collapse as d → ∞."""
    return [
        Claim(
            "diffusion.nearest", "[biroli2024]",
            "A point at time t is nearest to its own datum as often as noncentral χ² distances say, at every d.",
            tuple({"load": 0.25, "time": time, "variance": 1.0, "dimension": _DIMENSION} for time in (0.4, 0.55)),
            lambda p: Prediction(nearest_probability(*_setting(p))),
            lambda p, level, seeds: estimate(p["dimension"], seeds, lambda seed: _nearest(p, at_level(level, _RUNS), seed)),
            (
                Rival("term", "the norms of noise and point do not fluctuate", lambda p: at_typical_norms(*_setting(p))),
                Rival("interaction", "data of variance 1.2",
                      lambda p: nearest_probability(*_setting({**p, "variance": 1.2 * p["variance"]}))),
                Rival("null", "one other datum", lambda p: nearest_probability(_setting(p)[0], 2, _setting(p)[2])),
            ),
            without=_WITHOUT | {"line": "a frequency at one dimension, not where anything ends"},
            dose=Dose("5 % later", lambda p: {**p, "time": 1.05 * p["time"]}), covers=(GAUSSIAN,),
        ),
        Claim(
            "diffusion.collapse", "[biroli2024] [ambrogioni2024]",
            "Half of the points have more than half of their weight on one datum at the time t_C, as d → ∞.",
            ({"data": "gaussian", "load": 0.25, "variance": 2.0}, {"data": "binary", "load": 0.25, "variance": 1.0}),
            lambda p: Prediction(_time(p)),
            collapse,
            (
                Rival("interaction", "the variance of the data ignored",
                      lambda p: _time({**p, "variance": 1.0}) if p["variance"] != 1 else math.nan),
                Rival("term", "annealed: the mean of the others' weights, in which rare points count", annealed_time),
                Rival("line", "all data at once: half of the exponent", lambda p: _time({**p, "load": 2 * p["load"]})),
                Rival("null", "noise as large as the datum", lambda p: math.log1p(p["variance"]) / 2),
            ),
            without=_WITHOUT,
            dose=Dose("half of the variance", lambda p: {**p, "variance": p["variance"] / 2}), covers=(GAUSSIAN, BINARY),
        ),
        Claim(
            "diffusion.information", "[biroli2024]",
            "Of so many signs that sums over them are their means, log P and the mean log-odds of the true one are dI(t).",
            ({"data": "binary", "time": 0.25, "dimension": 4, "load": 2.5},),
            lambda p: Prediction(information(p["time"])),
            lambda p, level, seeds: at_this_size(_odds_row(p, at_level(level, _RUNS), seeds)),
            (
                Rival("interaction", "Gaussian data of the same variance",
                      lambda p: math.log1p(1 / math.expm1(2 * p["time"])) / 2),
                Rival("term", "annealed: the mean over points, too, under the logarithm", _annealed_information),
                Rival("null", "every sign is known", lambda p: math.log(2)),
            ),
            without=_WITHOUT | {"line": "information at one time, not where anything ends"},
            dose=Dose("20 % later", lambda p: {**p, "time": 1.2 * p["time"]}), covers=(BINARY,),
        ),
        Unclaimed((SPECIATION,), "three conventions that differ by O(1) where the time grows like ½ log d: no one number"),
        Unclaimed((BRIDGING,), "an exact sum, an inequality and a limit of posterior odds: tests hold them against samples, "
                               "and the threshold of a kernel density is that of collapse"),
    ]  # fmt: skip


def annealed_time(p: Parameters) -> float:
    """The time at which the logarithm of the mean of all other weights reaches the true one's: G with ⟨log⟨…⟩⟩ as log⟨⟨…⟩⟩."""
    if p["data"] != "gaussian":
        return math.nan
    # −½ + ½ log(2 + 2/σ²) = α
    return math.log1p(p["variance"] / math.expm1(2 * p["load"] + 1 - math.log(2))) / 2


def collapse(
    p: Parameters, level: str, seeds: tuple[int, ...], plan: tuple[tuple[int, int], ...] = _PLAN
) -> Estimate:  # fmt: skip
    """t_C from crossings at several dimensions, found without being told where they are.

    At t_C the others just condense: corrections are a series in d^{−1/2} that begins with 1/d.
    """
    centre = _pilot(p, round(plan[0][0] / p["load"]), seeds[0] + _PILOT_SEED)
    rows: list[dict[str, Any]] = []
    for exponent, runs in plan:
        dimension = round(exponent / p["load"])
        half = _HALF_WINDOW / math.sqrt(dimension)
        times = centre * (1 + half * np.linspace(-1, 1, _TIMES))
        many = at_level(level, runs)
        kept = np.array([sum(_kept(p, float(time), dimension, many, seed) for seed in seeds) for time in times])
        total = np.full(_TIMES, many * len(seeds))
        rows.append(crossing_row(dimension, times, kept, total, name="times", sets=int(total[0])))
        centre = rows[-1]["value"]
    return lost_at(rows, (1.0, 1.5), name="times", reach=_REACH, others={"1/d": (1.0,), "1/d and 1/d²": (1.0, 2.0)})


def _time(p: Parameters) -> float:
    found = capacity(Diffusion(p["load"], p["data"], p["variance"])).value
    return math.nan if found is None else found


def _setting(p: Parameters) -> tuple[int, int, float]:
    return p["dimension"], count_of(p["load"], p["dimension"]), noise_at(p["time"], p["variance"])


def _nearest(p: Parameters, runs: int, seed: int) -> np.ndarray:
    odds = log_odds("gaussian", p["variance"], p["load"], p["time"], p["dimension"], runs, seed)
    return (odds[:, 1] > 0).astype(float)


def _odds_row(p: Parameters, runs: int, seeds: tuple[int, ...]) -> dict[str, Any]:
    """(log-odds + log P)/d."""
    more = math.log(count_of(p["load"], p["dimension"]) - 1)
    setting = (p["data"], 1.0, p["load"], p["time"], p["dimension"], runs)
    made = {s: (log_odds(*setting, s)[:, 0] + more) / p["dimension"] for s in seeds}
    return pooled_row(p["dimension"], made)


def _annealed_information(p: Parameters) -> float:
    """−½ − log⟨⟨e^{−r(x − a)²/2}⟩⟩: the squared distance of another sign has the means of σz and of 2 + σz."""
    r = 1 / math.expm1(2 * p["time"])
    return -0.5 + math.log(2) / 2 - math.log((1 + math.exp(-r)) / 2)


def _kept(p: Parameters, time: float, dimension: int, runs: int, seed: int) -> int:
    return int((log_odds(p["data"], p["variance"], p["load"], time, dimension, runs, seed)[:, 0] > 0).sum())


def _pilot(p: Parameters, dimension: int, seed: int) -> float:
    """Roughly where half is lost: doubled from an early time, then halved in between."""

    def kept(time: float) -> bool:
        return 2 * _kept(p, time, dimension, _PILOT_RUNS, seed) >= _PILOT_RUNS

    late = 0.02
    while kept(late):
        late *= 2
    return sum(halved(kept, late / 2, late, 4)) / 2
