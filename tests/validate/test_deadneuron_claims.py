"""Claims about dead neurons: predictions, controls, and quick runs of those that take a second."""

import pytest

from dammech.errors import InputError
from dammech.validate import claims, validate
from dammech.validate.deadneurons import dead_neuron_claims

CLAIMS = {c.name: c for c in dead_neuron_claims()}
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
def test_predictions_differ_from_their_controls(name):
    claim = CLAIMS[name]
    for p in claim.parameters:
        prediction = claim.prediction(p)
        assert prediction.valid and prediction.value is not None
        assert abs(claim.control.predict(p) - prediction.value) > 0.006 * abs(prediction.value)


def test_pass_and_reject():
    report = validate([f"deadneurons.{name}" for name in QUICK])
    for verdict in report.verdicts:
        assert verdict.verdict == "pass", verdict.decisive.why
        assert all(j.rejected for j in verdict.points)


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
    assert verdict.verdict == "pass", verdict.decisive.why
    assert all(j.rejected for j in verdict.points)
