"""Derivations pass their checks, say what they do, and refuse what they cannot derive."""

from __future__ import annotations

import json

import pytest
import sympy as sp

import dammech
from dammech.derive import derive, registered, render, run_checks
from dammech.derive.covariance import Covariance, alpha, covariance_derivative, explicit
from dammech.derive.prose import latex_prose
from dammech.errors import InputError
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.pspin.model import PSpin

FAST = [HebbianDAM(order=2), HebbianDAM(order=3), PSpin(order=3)]
SLOW = [
    HebbianDAM(order=2, interaction="power"), HebbianDAM(order=3, interaction="power"),
    HebbianDAM(order=3, interaction="rectified"), HebbianDAM(order=4), HebbianDAM(order=4, interaction="power"),
    HebbianDAM(order=4, interaction="rectified"), HebbianDAM(order=5), HebbianDAM(order=7), HebbianDAM(order=10),
    HebbianDAM(interaction="y**4 + 2*y**3 - y"), HebbianDAM(interaction="y**3 + y**2"),
    HebbianDAM(interaction="y**5 - 10*y**3 + 15*y"), PSpin(order=2), PSpin(order=4),
]


@pytest.mark.parametrize("model", [*FAST, *[pytest.param(x, marks=pytest.mark.slow) for x in SLOW]], ids=str)
def test_checks_pass(model):
    records = run_checks(derive(model))
    assert [r["title"] for r in records if not r["passed"]] == []
    assert all(r["check"] and r["seconds"] >= 0 for r in records)


@pytest.mark.slow
@pytest.mark.parametrize("mixture", [3, 5])
def test_mixtures_pass(mixture):
    derivation = derive(HebbianDAM(order=2), mixture=mixture)
    assert derivation.mixture == mixture and all(r["passed"] for r in run_checks(derivation))


def test_a_wrong_claim_fails():
    step = derive(HebbianDAM(order=3)).steps[3]
    assert step.passes()
    assert not step.passes([2 * step.expressions[0]]) and not step.passes([])


def test_every_derivation_starts_from_the_hamiltonian():
    for model in FAST:
        first = derive(model).steps[0]
        assert "finite N" in first.check or "literal sums" in first.check


def test_derive_is_cached_and_room_is_callable():
    assert derive(HebbianDAM(order=3)) is dammech.derive(HebbianDAM(order=3), "rs")


def test_p_is_no_literal():
    """A polynomial written out gives the theory of the named interaction it equals."""
    named, written = derive(HebbianDAM(order=3)), derive(HebbianDAM(interaction="y**3 - 3*y"))
    assert sp.expand(named.free_energy.expression - written.free_energy.expression) == 0
    assert named.saddle_equations == written.saddle_equations


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: derive(HebbianDAM(order=3), "4rsb"), "ansatz='4rsb': derivations are written down to 3rsb"),
        (lambda: derive(HebbianDAM(order=3), "full"), "ansatz=.full.: must be rs, 1rsb"),
        (lambda: derive(HebbianDAM(order=2), "1rsb", mixture=3), "mixture=3"),
        (lambda: derive("hebbian"), "must be one of DreamingDAM, ExampleDAM, HebbianDAM, PalimpsestDAM, PhasorDAM, PSpin"),
        (lambda: derive(HebbianDAM(order=2, interaction="rectified")), "no replica theory"),
        (lambda: derive(HebbianDAM(order=3), mixture=3), "mixture=3"),
        (lambda: derive(HebbianDAM(order=2), mixture=2), "odd"),
        (lambda: derive(HebbianDAM(order=2), mixture=-1), "mixture=-1"),
        (lambda: derive(HebbianDAM(order=2), mixture=1.0), "integer"),
        (lambda: derive(PSpin(order=2), mixture=3), "mixture=3"),
        (lambda: render(derive(HebbianDAM(order=3)), "pdf"), "form='pdf' is unknown"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(InputError, match=message):
        call()


# -- covariance -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [HebbianDAM(order=4), HebbianDAM(order=3, interaction="rectified")], ids=str)
def test_covariance_derivatives(model):
    q = sp.Symbol("q", positive=True)
    for k in (1, 2, 3):
        direct = sp.diff(alpha * model.covariance(q), q, k)
        assert abs(sp.N((covariance_derivative(model, k, q) - direct).subs({q: sp.Rational(3, 7), alpha: 1}), 30)) < 1e-25
    slope = covariance_derivative(model, 1, sp.Integer(1)) / alpha
    assert slope == sp.Rational(model.noise_strength.numerator, model.noise_strength.denominator)
    assert explicit(Covariance(0, q), PSpin(order=4)) == q**4 / 2


# -- written down -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", FAST, ids=str)
def test_forms(model):
    derivation = derive(model)
    text, markdown, latex = (derivation.render(form) for form in ("text", "md", "latex"))
    for k, step in enumerate(derivation.steps, start=1):
        assert f"{k}. {step.title}" in text and f"### {k}. {step.title}" in markdown
    for raw in (r"\hat{", "log2cosh(z", "z_1", "GaussianAverage", "Covariance(", "alpha"):
        assert raw not in text.replace(r"\log", "")
    assert latex.startswith(r"\documentclass") and latex.rstrip().endswith(r"\end{document}")
    for brace in (latex, markdown):
        assert brace.count("{") == brace.count("}")
    assert latex.count(r"\begin{aligned}") == latex.count(r"\end{aligned}")
    assert not any(ord(c) > 127 for c in latex), "a plain LaTeX engine sets it"
    assert r"\operatorname{sech}^{2}(\beta h)" in markdown and "log2cosh" not in markdown and "erf{" not in text
    document = json.loads(derivation.render("json"))
    assert document == derivation.to_json() and len(document["steps"]) == len(derivation.steps)
    assert derivation._repr_markdown_() == markdown


def test_power_counting_is_said():
    assert "log det(1 − βQ)" in derive(HebbianDAM(order=2)).render("text")
    assert "second cumulant is extensive" in derive(HebbianDAM(order=3)).render("text")


def test_prose():
    assert latex_prose("the limits N → ∞ and n → 0 commute") == r"the limits $N \to  \infty$ and $n \to  0$ commute"
    assert latex_prose("at n = 10⁻³⁶, 50%") == r"at $n = 10^{-36}$, 50\%"
    assert latex_prose("a plain sentence of 3 words") == "a plain sentence of 3 words"


def test_registered_names():
    assert all(make().name == name for name, make in registered().items() if "p3" in name)
    assert {
        "hebbian.p2.distinct.rs", "hebbian.p3.rectified.rs", "hebbian.p2.distinct.rs.mixture-3", "hebbian.p3.distinct.1rsb",
        "pspin.p3.1rsb",
    } <= set(registered())
