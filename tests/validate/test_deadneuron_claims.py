"""Claims about dead neurons: predictions, rivals, and quick runs of those that take a second."""

import math

import pytest

from dammech.errors import InputError
from dammech.systems.lagrangian.claims import claims as lagrangian_claims
from dammech.systems.thresholds.claims import claims as threshold_claims
from dammech.systems.thresholds.claims.theory import derived, one_step, without_death, without_reaction
from dammech.systems.thresholds.theory.retrieval import Gamma, alpha, chi, q, r, theta
from dammech.validate import KINDS, Claim, claims, validate

CLAIMS = {c.name: c for c in [*lagrangian_claims(), *threshold_claims()] if isinstance(c, Claim)}
QUICK = ("pattern-law", "threshold-rank", "softmax-rank", "flats", "spurious-flats")


def test_all_are_registered_and_complete():
    assert set(CLAIMS) == {
        f"deadneurons.{name}" for name in (
            *QUICK, "softmax-frozen", "stability-threshold", "retrieval-overlap", "dead-fraction", "capacity",
        )
    }  # fmt: skip
    known = claims()
    assert set(CLAIMS) <= set(known)


@pytest.mark.parametrize("name", CLAIMS)
def test_every_rival_differs_from_its_prediction_somewhere(name):
    claim = CLAIMS[name]
    right = [claim.prediction(p) for p in claim.parameters]
    assert all(each.valid and each.value is not None for each in right)
    for rival in claim.rivals:
        wrong = [rival.predict(p) for p in claim.parameters]
        assert max(abs(w - r.value) / abs(r.value) for w, r in zip(wrong, right) if w == w) > 0.006
    assert {rival.kind for rival in claim.rivals} | set(claim.without) == set(KINDS)


def test_wrong_theories_are_wrong_in_one_thing():
    """Neurons that never die: r = (q + θ²)/(1 − χ)², Γ = α/(1 − χ). No reaction: no Γ, and r of χ = 0."""
    at = {q: 0.7, chi: 0.2, theta: 0.4, alpha: 0.3}
    linear, bare, full = without_death(), without_reaction(), derived()
    assert float(linear.definitions[r].subs(at)) == pytest.approx(0.86 / 0.64)
    assert float(linear.definitions[Gamma].subs(at)) == pytest.approx(0.3 / 0.8)
    assert bare.definitions.keys() == {r} and bare.domain == (1 - chi,)
    assert float(bare.definitions[r].subs(at)) == pytest.approx(float(full.definitions[r].subs({**at, chi: 0})))
    assert one_step({"alpha": 0.25, "theta": -40.0, "beta": 1.5}) < one_step({"alpha": 0.25, "theta": 9.0, "beta": 1.5})
    assert one_step({"alpha": 0.25, "theta": 9.0, "beta": 1.5}) == pytest.approx(math.tanh(1.5), abs=1e-6)
    assert not bare.expression.has(Gamma) and not any(e.has(Gamma) for e in bare.saddle_equations)
    assert (bare.order_parameters, bare.parameters) == (full.order_parameters, full.parameters)


def test_pass_and_reject():
    report = validate([f"deadneurons.{name}" for name in QUICK])
    for verdict in report.verdicts:
        assert verdict.verdict == "pass", verdict.why
        assert verdict.rival.rejected and verdict.dose.verdict == "fail"


def test_a_pattern_names_many():
    assert [v.claim.name for v in validate("deadneurons.*flats").verdicts] == [
        "deadneurons.flats", "deadneurons.spurious-flats",
    ]  # fmt: skip
    with pytest.raises(InputError, match=r"nonsense\.\*.*unknown"):
        validate("nonsense.*")


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(CLAIMS) - {f"deadneurons.{n}" for n in QUICK}))
def test_the_others_pass(name):
    (verdict,) = validate(name).verdicts
    assert verdict.verdict == "pass", verdict.why
