"""The checks can fail: mutation finds every change that matters, and says why the others do not."""

from __future__ import annotations

import dataclasses
from itertools import combinations

import pytest
import sympy as sp

from dammech.derive import GaussianAverage, check, derive, log2cosh, registered
from dammech.derive.evaluate import Evaluator
from dammech.derive.mutate import mutants, mutate, proof_of_equivalence
from dammech.derive.steps import Step
from dammech.derive.tilted import LogMeanExp, TiltedAverage
from dammech.errors import InputError
from dammech.registry import systems
from dammech.systems.hebbian.model import HebbianDAM

m, s, z = sp.symbols("m s z", real=True)
E = GaussianAverage(sp.tanh(m + s * z), z)


# -- the operators ----------------------------------------------------------------------------------------------------


def changed(expression, symbols=()):
    return {mutant for mutant, _ in mutants(expression, symbols)}


def test_operators_reach_every_node():
    found = changed(3 * m**2 + s, (m, s))
    assert {
        -3 * m**2 - s, 6 * m**2 + 2 * s, (3 * m**2 + s) ** 2,  # the whole
        s - 3 * m**2, 4 * m**2 + s, 9 * m**2 + s, m**2 + s,  # the number
        3 * m**3 + s, 3 * m + s, 3 * s**2 + s, 3 * m**2, 3 + s, 3 * m**2 - s, 3 * m**2 + m,
    } <= found
    assert 3 * m**2 + s not in found


def test_operators_reach_into_averages():
    found = changed(E, (m, s))
    assert GaussianAverage(sp.tanh(m - s * z), z) in found  # sign
    assert GaussianAverage(sp.tanh(m + s * z) ** 2, z) in found  # exponent
    assert GaussianAverage(sp.tanh(s * z), z) in found and sp.tanh(m) in found  # dropped
    assert GaussianAverage(sp.tanh(m + m * z), z) in found and GaussianAverage(sp.tanh(z + s * z), z) in found  # swapped
    assert all(not e.has(E.variable) or e.atoms(GaussianAverage) for e in found)
    assert all(e.free_symbols <= {m, s} for e in found), "no bound variable gets loose"


def test_operators_reach_into_weights():
    weighted = TiltedAverage(sp.tanh(m + s * z), z, s * log2cosh(m + s * z))
    found = changed(weighted, (m, s))
    assert GaussianAverage(sp.tanh(m + s * z), z) in found, "dropped weight"
    assert TiltedAverage(sp.tanh(m + s * z), z, s * log2cosh(m - s * z)) in found
    assert TiltedAverage(sp.tanh(m + s * z), z, 2 * s * log2cosh(m + s * z)) in found
    logarithm = LogMeanExp(s * log2cosh(m + s * z), z)
    assert {s * log2cosh(m), LogMeanExp(m * log2cosh(m + s * z), z)} <= changed(logarithm, (m, s))
    assert all(e.free_symbols <= {m, s} for e in found | changed(logarithm, (m, s)))


def test_mutants_are_different_and_described():
    listed = list(mutants(E + m**2, (m, s)))
    assert len({e for e, _ in listed}) == len(listed) and E + m**2 not in {e for e, _ in listed}
    assert all(" of " in what and " at " in what for _, what in listed)


# -- proofs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (GaussianAverage(sp.tanh(m - s * z), z), "z → −z under a Gaussian average"),
        (GaussianAverage(sp.tanh(m - z * s), z) + (m - m), "z → −z under a Gaussian average"),
        (E * (sp.sin(s) ** 2 + sp.cos(s) ** 2), "algebraic identity"),
    ],
)
def test_proven(other, reason):
    if reason == "algebraic identity":
        assert proof_of_equivalence(s**2 - 1, (s - 1) * (s + 1)) == reason
    else:
        assert proof_of_equivalence(E, other) == reason


def test_proven_by_joint_mirror_images():
    def nested(sign, weight, outer):
        inner = TiltedAverage(sp.tanh(m + sign * s * z + outer * x), z, m * log2cosh(m + weight * s * z + outer * x))
        return GaussianAverage(inner**2, x)

    x = sp.Symbol("x", real=True)
    for other in (nested(-1, -1, 1), nested(1, 1, -1), nested(-1, -1, -1)):
        assert proof_of_equivalence(nested(1, 1, 1), other) == "z → −z under a Gaussian average"
    assert proof_of_equivalence(nested(1, 1, 1), nested(-1, 1, 1)) is None


def test_signs_keep_no_scale():
    signs = [GaussianAverage(z**2 * sp.sign(e), z) for e in (m + s * z, 2 * m + 2 * s * z)]
    assert proof_of_equivalence(*signs)


def test_proven_by_the_rules_of_averages():
    weighted = GaussianAverage(z * sp.tanh(m + s * z), z)
    lowered = s * GaussianAverage(1 - sp.tanh(m + s * z) ** 2, z)
    assert "Stein" in proof_of_equivalence(weighted, lowered)


@pytest.mark.parametrize(
    "other", [-E, 2 * E, GaussianAverage(sp.tanh(m + 2 * s * z), z), GaussianAverage(sp.tanh(s * z - m), z), E + m**2]
)
def test_not_proven_where_false(other):
    assert proof_of_equivalence(E, other) is None


def test_a_weak_check_is_found_out():
    """A step that is only looked at where m = 1 lets m² pass as m: reported, not excused."""
    weak = Step("weak", ["x"], (m,), "", "at one point", [{m: sp.Integer(1)}], lambda p: [1])
    theory = dataclasses.replace(derive(HebbianDAM(order=3)), steps=[weak])
    outcome = mutate(theory)
    assert outcome.mutants == outcome.caught + len(outcome.equivalent) + len(outcome.survived)
    assert [r["mutation"] for r in outcome.survived] == ["exponent of m at the root"]


# -- the report -------------------------------------------------------------------------------------------------------


def test_mutation_of_one_derivation():
    report = check(["pspin.p3.rs"], mutate=True)
    document = report.to_json()
    assert report.ok and document["survived"] == []
    assert document["mutants"] == document["caught"] + len(document["equivalent"]) > 500
    assert all(r["reason"] for r in document["equivalent"])
    assert document["steps"] == document["passed"] == len(document["derivations"][0]["steps"])
    assert set(document["derivations"][0]["steps"][0]) == {"title", "check", "passed", "seconds", "hypotheses"}


def test_two_derivations_in_processes_of_their_own():
    said = []
    report = check(["pspin.p2", "pspin.p3.rs"], progress=lambda *words: said.append(words))
    assert [d["name"] for d in report.to_json()["derivations"]] == ["pspin.p2.rs", "pspin.p3.rs"]
    assert report.ok and len(said) == 2 and report.to_json()["mutants"] == 0


@pytest.mark.slow
def test_all_mutants_of_all_derivations():
    report = check("all", mutate=True)
    assert report.survived == [] and report.ok
    assert [d["name"] for d in report.derivations] == list(registered())


def test_unknown_name():
    with pytest.raises(InputError, match="known are all, hebbian"):
        check(["hebbian.p9"])


@pytest.mark.slow
@pytest.mark.parametrize("system", [name for name, each in systems().items() if each.part("theory")])
def test_no_two_symbols_of_a_step_have_the_same_value_at_all_its_points(system):
    """Where they had, one might stand in the place of the other and no check would notice."""
    theory = systems()[system].part("theory")
    alike = []
    for name, make in vars(theory).get("derivations", dict)().items():
        for step in make().steps if "2rsb" not in name else ():
            used = set().union(*(e.free_symbols for e in step.expressions))
            for a, b in combinations(sorted(used.intersection(*step.points), key=str), 2):
                if step.points and len(step.points[0]) > 1 and all(p[a] == p[b] for p in step.points):
                    alike.append((name, step.title, a, b))
    assert alike == []


def too_small(step: Step) -> list[sp.Expr]:
    """Terms of a step that are at no point ten times as large as the error that its check allows."""
    allowed = max(10.0 ** (5 - step.digits), step.tolerance or 0.0)
    values = [Evaluator(p, 15).value for p in step.points]
    return [
        term
        for e in step.expressions
        for term in sp.Add.make_args(e)
        if not term.is_zero and all(abs(at(term)) < 10 * allowed * (1 + abs(at(e))) for at in values)
    ]


def test_terms_below_the_tolerance_are_found():
    small = Step("small", ["x"], (m + s / 10**14,), "", "", [{m: sp.Integer(1), s: sp.Integer(2)}], lambda p: [1], tolerance=1e-9)
    assert too_small(small) == [s / 10**14]


@pytest.mark.slow
@pytest.mark.parametrize("system", [name for name, each in systems().items() if each.part("theory")])
def test_every_term_of_a_step_is_larger_than_its_tolerance_at_some_point(system):
    """A check whose tolerance exceeds what it compares cannot fail."""
    steps = [(name, step) for name, make in systems()[system].part("theory").derivations().items() for step in make().steps]
    assert [(name, step.title) for name, step in steps if not step.points] == []
    assert [(name, step.title, term) for name, step in steps for term in too_small(step)] == []
