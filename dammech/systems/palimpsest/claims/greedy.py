"""The trap: greedy dynamics at T = 0 and n ≥ 3 keeps patterns far beyond the age where replica symmetry loses them.

Replica symmetry is unstable there. A spin of the p-spin noise whose field is nearly zero keeps the value it started with: the
noise reacts to what the spins are, and so favours the pattern they start on. The states in which a descent stops are not
those that the theory counts; what annealing retains is nearer to one step of symmetry breaking, which is reported beside it.
"""

from __future__ import annotations

import math

from dammech.systems.palimpsest.answers.forgetting import age
from dammech.systems.palimpsest.claims.streams import age_of_loss
from dammech.systems.palimpsest.claims.theory import effective_load, one_step, stream_of
from dammech.systems.palimpsest.claims.window import window_without
from dammech.validate.claim import Claim, Parameters, Prediction, Rival
from dammech.validate.crossings import lost_at

_POINT = {"order": 3, "interaction": "distinct", "rate": 10.8, "load": 0.3, "temperature": 0.0}
_AGES = (0.065, 0.08, 0.095, 0.11, 0.125, 0.14)
_PLAN = {"quick": ((96, 20), (128, 14), (176, 8)), "full": ((96, 200), (128, 160), (192, 120), (256, 60))}


def greedy_claims() -> list[Claim]:
    """A report, not a claim: the ansatz is unstable."""
    return [
        Claim(
            name="palimpsest.p3.greedy-window",
            source="[gardner1987] [mezard1986]",
            statement="Descent at T = 0 from a pattern loses it at the end of the replica-symmetric window: it does not.",
            parameters=(_POINT,),
            prediction=_window,
            # the age at which half of the pattern sets keep the pattern, N → ∞
            experiment=lambda p, level, seeds: lost_at(
                [age_of_loss(p, size, trials, seeds, _AGES) for size, trials in _PLAN[level]], (1.0,), "ages"
            ),
            rivals=(Rival("null", "what one step leaves of the pattern", lambda p: window_without(one_step, p)),),
            without=dict.fromkeys(("interaction", "term", "line", "ansatz"), "a report: nothing is claimed"),
        )
    ]


def window_at(parameters: Parameters, ansatz: str) -> float:
    """The age at which Λ² = A/α_c, with the end of retrieval α_c of an ansatz at T = 0."""
    from dammech.phases import boundary

    model = stream_of(parameters)
    end = boundary(model.memory, "retrieval-spinodal", temperatures=[0.0], ansatz=ansatz, throw=True).points[0]
    return age(model.shape, math.sqrt(effective_load(parameters) / end["load"])) / parameters["rate"]


def _window(parameters: Parameters) -> Prediction:
    broken = window_at(parameters, "1rsb")
    why = (
        f"replica symmetry is unstable at T = 0; one step of breaking has the window {broken:.4f}, and a descent keeps spins of "
        "nearly vanishing field where they start"
    )
    return Prediction(window_at(parameters, "rs"), False, why)
