"""The theory of a memory with dead hidden neurons: its checks, its limits, and printed numbers."""

import math

import pytest
import sympy as sp

import dammech as dm
from dammech.derive import check, registered, run_checks
from dammech.derive.mutate import mutate
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.thresholds.theory import retrieval_theory, threshold_memory
from dammech.systems.thresholds.theory.retrieval import NAME, chi, q

START = {"m": 0.98, "q": 0.96, "chi": 0.05}


def test_registered_and_checked():
    assert registered()[NAME] is threshold_memory
    steps = threshold_memory().steps
    assert "finite N" in steps[0].check and len(steps) == 15
    quick = [s for s in steps if s.title not in ("Saddle equations", "Memories without noise", "Replica limit of a memory")]
    assert [s.title for s in quick if not s.passes()] == []


@pytest.mark.slow
def test_every_step_and_every_mutant():
    derivation = threshold_memory()
    assert [r["title"] for r in run_checks(derivation) if not r["passed"]] == []
    outcome = mutate(derivation)
    assert outcome.survived == [] and outcome.mutants > 5000
    assert check(NAME).ok


@pytest.mark.parametrize(
    ("alpha", "theta", "beta", "m", "q", "dead", "r"),
    [
        (0.1, 0.0, 4.0, 0.9976, 0.9954, 0.5, 0.517),
        (0.2, 0.0, 4.0, 0.9902, 0.9858, 0.5, 0.569),
        (0.05, 0.0, 2.0, 0.9494, 0.9030, 0.5, 0.698),
        (0.1, 0.4902, 2.0, 0.9538, 0.9108, 0.6962, 0.2768),
        (0.3, 0.9961, 4.0, 0.9990, 0.9981, 0.8406, 0.0769),
    ],
)
def test_retrieval(alpha, theta, beta, m, q, dead, r):
    state = dm.solve(threshold_memory(), alpha=alpha, theta=theta, beta=beta, start=START).to_json()
    assert state["residual"] < 1e-10 and state["error"] < 1e-10
    assert m is None or (state["m"] == pytest.approx(m, abs=6e-5) and state["q"] == pytest.approx(q, abs=6e-5))
    assert state["dead"] == pytest.approx(dead, abs=1e-4) and state["r"] == pytest.approx(r, abs=6e-4)


def test_capacity_rises_with_the_threshold():
    line = dm.boundary(threshold_memory(), "spinodal", theta=[-0.5, 0.0, 0.5, 1.0], beta=2.0)
    loads = [p["alpha"] for p in line.points]
    assert loads == pytest.approx([0.0641082, 0.1614949, 0.4820926, 1.6357050], abs=1e-7)
    assert all(p["residual"] < 1e-10 for p in line.points)


def test_sign_neurons_rescale_the_load_of_the_hopfield_model():
    ground = threshold_memory().zero_temperature
    line = dm.boundary(ground, "spinodal", theta=[-0.5, 0.0, 0.5, 1.0])
    hopfield = dm.boundary(HebbianDAM(order=2, interaction="power"), "retrieval-spinodal", temperatures=[0]).points[0]
    for point, printed in zip(line.points, (0.132556, 0.275811, 0.657823, 1.830448), strict=True):
        t = point["theta"]
        tail = math.erfc(t / math.sqrt(2)) / 2
        living = (1 + t * t) * tail - t * math.exp(-t * t / 2) / math.sqrt(2 * math.pi)
        assert point["alpha"] * living == pytest.approx(hopfield["load"], rel=1e-9)
        assert point["alpha"] == pytest.approx(printed, abs=1e-6) and point["m"] == pytest.approx(hopfield["m"], rel=1e-9)


def test_a_threshold_below_every_field_leaves_linear_neurons():
    """θ → −∞: f = u − θ, whose constant part only adds a field of variance αθ² to the noise."""
    linear = retrieval_theory((q + sp.Symbol("theta", real=True) ** 2) / (2 * (1 - chi)))
    at = {"alpha": 0.0005, "theta": -9.0, "beta": 2.0}
    ours, theirs = (dm.solve(x, **at, start=START).to_json() for x in (threshold_memory(), linear))
    assert ours["m"] == pytest.approx(theirs["m"], rel=1e-12) and ours["dead"] < 1e-18


def test_no_memories_leave_the_mean_field_magnet():
    state = dm.solve(threshold_memory(), alpha=1e-12, theta=0.3, beta=2.0, start=START).to_json()
    assert state["m"] == pytest.approx(math.tanh(2 * state["m"]), abs=1e-9)


def test_energy_is_stationary():
    derivation = threshold_memory()
    theory = derivation.free_energy
    at = {"alpha": 0.2, "theta": 0.3, "beta": 2.0}
    state = dm.solve(theory, **at, start=START).to_json()
    values = {s: sp.Float(state[s.name], 20) for s in theory.order_parameters}
    values |= {s: sp.Float(at[s.name], 20) for s in theory.parameters}
    from dammech.derive.evaluate import evaluate

    assert all(abs(evaluate(g.xreplace(theory.definitions), values, 15)) < 1e-12 for g in theory.gradient)


@pytest.mark.parametrize("form", ["text", "md", "latex", "json"])
def test_it_can_be_written_down(form):
    text = dm.derive(NAME).render(form)
    assert "below a threshold" in text or form == "json"
    assert "Hidden layer eliminated" in text


def test_only_living_neurons_move_the_edge_of_stability():
    theorem = registered()["deadneurons.silent-state"]()
    assert [s.title for s in theorem.steps if not s.passes()] == []
    (critical,) = theorem.result("Threshold")
    load, alive = sorted(critical.free_symbols, key=str)
    assert critical.subs({load: 0, alive: 1}) == sp.Rational(1, 2)
    assert float(critical.subs({load: 2, alive: 0.5})) == pytest.approx(1 / 8)
