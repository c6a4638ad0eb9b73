"""Theorems about dead neurons: their checks pass and can fail, and no hypothesis is idle."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import mpmath as mp
import pytest
import sympy as sp

from dammech.cli import main
from dammech.derive import Hypothesis, Step, check, derive, registered, run_checks
from dammech.derive.mutate import mutate
from dammech.errors import InputError
from dammech.literature import cite
from dammech.systems.lagrangian.model import LAGRANGIANS
from dammech.systems.lagrangian.theory import THEOREMS, derivations
from dammech.systems.lagrangian.theory.concrete import Net, draws, flow, gradient, jacobian, root, second, settled

PAGES = Path(__file__).parents[2] / "derivations"
x = sp.Symbol("x", real=True)


def step_of(name, title):
    return next(s for s in derivations()[f"dead-neurons.{name}"]().steps if s.title == title)


def value(expression, **numbers):
    return sp.N(expression.subs({s: numbers[s.name] for s in expression.free_symbols}), 30)


# -- the checks -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", derivations())
def test_checks_pass_and_hypotheses_are_needed(name):
    theorem = derivations()[name]()
    assert theorem.name == name and len(theorem.statement) > 80
    for record in run_checks(theorem):
        assert record["passed"], record
        assert all(h["needed"] for h in record["hypotheses"])


def test_every_lagrangian_of_the_catalogue_is_derived():
    assert {f"dead-neurons.{name}" for name in LAGRANGIANS} <= set(registered())
    assert set(derivations()) <= set(registered())


def test_each_hypothesis_is_dropped_somewhere():
    stated = " | ".join(h.statement for s in derive("dead-neurons").steps for h in s.hypotheses)
    for words in ("W = Wᵀ", "L is convex", "share one time constant", "(the sign test)", "W is positive semidefinite",
                  "R W is symmetric", "loop product", "differentiable at the steady state", "asymptotically stable",
                  "transpose of the feedforward", "at their kink"):
        assert words in stated, words


def test_a_wrong_claim_is_caught():
    right = step_of("energy-rate", "Rate along the flow, one layer")
    assert right.passes() and not right.passes((-right.expressions[0],))
    theorem = dataclasses.replace(derivations()["dead-neurons.energy-rate"](), steps=[
        dataclasses.replace(right, expressions=(right.expressions[0] / 2,), _values=[], _evaluators={})])
    assert [r["passed"] for r in run_checks(theorem)] == [False]


def test_an_idle_hypothesis_fails_its_step():
    """x² is the square of x for every x: that x is positive is not needed."""
    points = [{x: mp.mpf(2)}]
    idle, vacuous = (Hypothesis("x is positive", points) for points in ([{x: mp.mpf(-3)}], [{x: mp.nan}]))
    needed = Hypothesis("the square is not turned around", points, lambda p: [-p[x] ** 2])
    for hypothesis, passed in ((idle, False), (vacuous, False), (needed, True)):
        step = Step("square", ["y"], (x**2,), "", "", points, lambda p: [p[x] ** 2], hypotheses=(hypothesis,))
        assert step.passes()
        theorem = dataclasses.replace(derivations()["dead-neurons.relu"](), steps=[step])
        assert run_checks(theorem)[0]["passed"] is passed
        assert run_checks(theorem)[0]["hypotheses"] == [{"statement": hypothesis.statement, "needed": passed}]


@pytest.mark.parametrize("name", ["energy-rate", "recovery", "two-layers", "softmax", "relu"])
def test_no_mutant_survives(name):
    outcome = mutate(derivations()[f"dead-neurons.{name}"]())
    assert outcome.mutants == outcome.caught + len(outcome.equivalent) and not outcome.survived


@pytest.mark.slow
def test_no_mutant_of_any_theorem_survives():
    report = check("dead-neurons", mutate=True)
    assert report.ok and report.mutants > 20_000


# -- numbers ----------------------------------------------------------------------------------------------------------


def test_minimal_nets():
    """One linear visible neuron, two rectified hidden ones, I = 1."""
    plateau = step_of("spurious-flats", "Steady values on the plateau, and the drive of the dead neuron").expressions
    half, third = sp.Rational(1, 2), sp.Rational(1, 3)
    for xi_2, b_2, drive in ((-half, third, -third), (-half, 1, third), (-half, 2 * third, 0), (-1, 4 * third, 0)):
        found = [value(e, xi_1=half, xi_2=xi_2, b_2=b_2, I=1) for e in plateau]
        assert found == [sp.N(v, 30) for v in (4 * third, 2 * third, drive)]
    path, leaves = step_of("spurious-flats", "Leaving a spurious plateau").expressions
    assert abs(value(path, kappa=third, x_3=-2, tau_3=1, t=1) + 0.5250520294) < 1e-10
    assert abs(value(leaves, kappa=third, x_3=-2, tau_3=1) - 1.945910149) < 1e-9
    assert abs(value(leaves, kappa=third, x_3=-50, tau_3=1) - 5.017279837) < 1e-9
    growth = step_of("kinks", "One neuron at its kink: eigenvalues on its live side").expressions[1]
    assert abs(value(growth, xi_1=half, xi_2=-half) + 0.29289322) < 1e-8
    assert abs(value(growth, xi_1=half, xi_2=-1) - 0.1180339887) < 1e-10


def test_two_layer_eigenvalues():
    """Softmax with two hidden neurons, ξ = (1, −1), β = 2 at v* = tanh(2v*): σ² = β(1 − v*²)."""
    v = mp.findroot(lambda z: z - mp.tanh(2 * z), 0.9)
    sigma = mp.sqrt(2 * (1 - v**2))
    plus, minus = step_of("two-layers", "Eigenvalues").expressions
    assert abs(value(plus, sigma_1=sigma, tau_v=1, tau_h=1) + 0.5921126531) < 1e-9
    assert abs(value(minus, sigma_1=sigma, tau_v=1, tau_h=1) + 1.4078873469) < 1e-9


def test_trap_and_further_numbers():
    rise = step_of("time-constants", "The energy rises")
    assert abs(rise.expected()[0][0] - 0.2) < 1e-15
    place, residual = step_of("gradient-flows", "Further stationary points").expressions
    assert abs(value(place, w=3) - 1.14621583) < 1e-8 and abs(value(residual, w=3) + 1.30327391) < 1e-8
    real, imaginary = step_of("no-lyapunov", "The leading eigenvalue at zero").expressions
    assert abs(value(real, a=2, b=2, phi=sp.pi / 4) - 0.41421356) < 1e-8
    assert abs(value(imaginary, a=2, b=2, phi=sp.pi / 4) - 1.41421356) < 1e-8


# -- the nets of numbers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["identity", "relu", "clip", "tanh", "softmax", "ghostmax", "spherical", "wavy",
                                  "quartic"])
def test_concrete_lagrangians(kind):
    net = Net([(kind, 3)], [[0] * 3] * 3, [0] * 3)
    state = draws(f"concrete {kind}", 3)
    with mp.workdps(30):
        g, H = net.activation(state), net.hessian(state)
        assert max(abs(gradient(net.lagrangian, state) - g)) < 1e-25
        assert mp.norm(H - second(net.lagrangian, state)) < 1e-20
        supremum = net.conjugate(g)
        gain = mp.fsum(a * c for a, c in zip(g, state)) - net.lagrangian(state)
        assert abs(supremum - gain) < 1e-20 or (kind == "wavy" and supremum > gain)


def test_concrete_flow_and_root():
    net = Net([("tanh", 2)], [[0, 1.5], [-1.5, 0.5]], [0.25, 0], [1, 2])
    with mp.workdps(30):
        one = flow(net.velocity, [1, -1], 1)
        other = flow(net.velocity, flow(net.velocity, [1, -1], 0.375), 0.625)
        assert max(abs(a - b) for a, b in zip(one, other)) < 1e-25
        rest = root(net.drive, [0, 0])
        assert mp.norm(net.drive(rest)) < 1e-28
        assert abs(jacobian(net.velocity, rest)[1, 1] + (1 - 0.5 * mp.sech(rest[1]) ** 2) / 2) < 1e-25
    assert abs(settled(lambda s: -s, 1.0, 1) - float(mp.exp(-1))) < 1e-8
    with pytest.raises(ArithmeticError):
        root(lambda z: z**2 + 1, [mp.mpf(1)])


# -- written down -----------------------------------------------------------------------------------------------------


def test_forms():
    theory = derive("dead-neurons")
    text, markdown, latex = (theory.render(form) for form in ("text", "md", "latex"))
    for number, name in enumerate(THEOREMS, start=1):
        theorem = derivations()[name]()
        assert f"{number}. {theorem.title}" in text and f"## {number}. {theorem.title}" in markdown
        assert all(step.title in text for step in theorem.steps)
    assert text.count("Hypothesis:") == markdown.count("*Hypothesis:*") == sum(len(s.hypotheses) for s in theory.steps)
    assert all(ord(c) < 128 for c in latex) and latex.count("{") == latex.count("}")
    assert "\\dot" not in text and "\\" not in text
    document = theory.to_json()
    assert document == json.loads(theory.render("json"))
    assert len(document["steps"]) == len(theory.steps) and {s["theorem"] for s in document["steps"]} == set(THEOREMS)
    assert document["steps"][0]["hypotheses"] == ["the weights are symmetric, W = Wᵀ"]
    one = derive("dead-neurons", lagrangian="softmax")
    assert one.render("md").startswith("# The Lagrangian softmax") and one.to_json()["name"] == "dead-neurons.softmax"
    assert one._repr_markdown_() == one.render("md")


def test_sources_are_in_the_bibliography():
    assert "Associative memory and dead neurons" in cite("dead-neurons")
    assert "Sylvester" not in cite("dead-neurons.stability") and "fanaskov2024" in cite("dead-neurons.stability")
    for name in THEOREMS:
        theorem = derivations()[name]()
        for key in [*theorem.sources, *(s.source for s in theorem.steps if s.source)]:
            assert cite(key), key


# -- command line -----------------------------------------------------------------------------------------------------


def run(capsys, *words):
    status = main([str(word) for word in words])
    return status, *capsys.readouterr()


def test_derive(capsys):
    status, out, _ = run(capsys, "derive", "dead-neurons", "--json")
    assert status == 0 and len(json.loads(out)["theorems"]) == len(THEOREMS)
    status, out, _ = run(capsys, "derive", "dead-neurons", "--lagrangian", "relu", "--format", "md")
    assert status == 0 and out.startswith("# The Lagrangian relu")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("derive dead-neurons --lagrangian nothing", "known are identity, relu"),
        ("derive dead-neurons --order 3", "--order: dead-neurons has no such parameter"),
        ("derive dead-neurons --ansatz rs", "dead-neurons has no ansatz"),
        ("derive hebbian --order 3 --lagrangian relu", "only dead-neurons takes it"),
        ("derive dead-neurons --format source", "has no generated code"),
        ("check dead-neurons.nothing", "is unknown"),
    ],
)
def test_bad_input(capsys, words, said):
    status, out, err = run(capsys, *words.split())
    assert status == 2 and out == "" and said in err and err.count("\n") == 1


def test_derive_refuses_from_python():
    with pytest.raises(InputError, match="only 'dead-neurons' takes one"):
        derive(registered()["hebbian.p3.distinct.rs"]().model, lagrangian="relu")
    with pytest.raises(InputError, match="has neither"):
        derive("dead-neurons", "1rsb")
    with pytest.raises(InputError, match="'dead-neurons' or a name"):
        derive("dead neurons")


def test_check(capsys):
    status, out, _ = run(capsys, "check", "dead-neurons.energy-rate", "--json")
    steps = json.loads(out)["derivations"][0]["steps"]
    assert status == 0 and all(step["passed"] for step in steps)
    assert steps[0]["hypotheses"] == [{"statement": "the weights are symmetric, W = Wᵀ", "needed": True}]
