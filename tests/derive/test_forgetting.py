"""Laws of forgetting: their checks, that these can fail, and numbers that follow."""

from __future__ import annotations

import json
import math

import pytest
import sympy as sp
from scipy.optimize import minimize_scalar

from dammech.declared.kernels import Kernel
from dammech.derive import registered
from dammech.derive.check import check_one
from dammech.derive.steps import run_checks
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.palimpsest import theory as forgetting
from dammech.systems.palimpsest.model import PalimpsestDAM

QUICK = [
    "anchoring", "capture", "exponential-memory", "rehearsal", "windows.power-law", "windows.compressed-exponential", "clipping",
]  # fmt: skip
LAWS = [name for name in registered() if name.startswith("palimpsest.") and not name.endswith(".rs")]


@pytest.mark.parametrize(
    "name", [n if n.removeprefix("palimpsest.") in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in LAWS]
)
def test_checks_pass(name):
    law = registered()[name]()
    assert law.name == name and law.sources
    assert [r["title"] for r in run_checks(law) if not r["passed"]] == []
    document = json.loads(json.dumps(law.to_json()))
    assert len(document["steps"]) == len(law.steps) and law.render().startswith(law.title)


@pytest.mark.parametrize("name", ["palimpsest.anchoring", "palimpsest.windows.compressed-exponential"])
def test_mutants_are_caught(name):
    record = check_one(name, mutate=True)
    assert record["mutants"] > 100 and record["survived"] == []


def test_windows_as_fractions_of_the_capacity():
    """Printed fractions: 1/e, ((1 − 1/(2s))^{2s}), e^{−1/k} k^{−1/k}/Γ(1 + 1/k)."""
    capacity = sp.Symbol("alpha_c", positive=True)

    def widest(kernel, **values):
        expression = forgetting.windows(kernel).result("Optimal rate")[1]
        return float(expression.subs({sp.Symbol(k, positive=True): v for k, v in values.items()}).subs(capacity, 1))

    assert widest("exponential") == pytest.approx(1 / math.e)
    assert widest("power-law", s=1) == pytest.approx(0.25)
    assert widest("power-law", s=200) == pytest.approx(1 / math.e, rel=5e-3)
    assert widest("compressed-exponential", k=2) == pytest.approx(0.484, abs=5e-4)
    assert widest("compressed-exponential", k=1) == pytest.approx(1 / math.e)


def test_capacity_enters_at_t_zero():
    """ε_c for the exponential kernel from the printed α_c γ_n = 0.25219."""
    expression = forgetting.windows("exponential").result("Blackout")[0]
    alpha = 0.25219 / float(HebbianDAM(order=3, interaction="power").noise_strength)
    assert float(expression.subs(sp.Symbol("alpha_c", positive=True), alpha)) == pytest.approx(5.948, abs=1e-3)


def test_ewc_is_l2_without_bias_only():
    law = forgetting.anchoring()
    (own,), (plain,) = law.result("EWC with bias"), law.result("Rate")
    biases = sp.symbols("b_1:4", real=True)
    assert sp.simplify(own.subs(biases[0], 0) - plain) == 0
    at = {sp.Symbol("lambda", positive=True): 2, biases[0]: 0.5, biases[1]: 0.5, biases[2]: 0.5}
    assert float(own.subs(at)) > float(plain.subs(at))  # a predictable product is forgotten faster


def test_dreaming_numbers():
    """One step after dreaming, at printed digits."""
    law = forgetting.dreaming()
    signal, variance = law.result("Signal and variance")
    load, time = sp.Symbol("alpha", positive=True), sp.Symbol("t", positive=True)
    values = {(0.3, 1.0): (0.7970, 0.0588, 0.99899), (0.6, 1.0): (0.6348, 0.0892, 0.96642)}
    for (a, t), (s, v, m) in values.items():
        found = [float(e.subs({load: sp.Rational(str(a)), time: sp.Rational(str(t))})) for e in (signal, variance)]
        assert found == pytest.approx([s, v], abs=6e-5)
        assert math.erf(found[0] / math.sqrt(2 * found[1])) == pytest.approx(m, abs=2e-5)


def test_exponential_memory_numbers():
    (oldest,) = forgetting.exponential_memory().result("Oldest pattern")
    at = {sp.Symbol("lambda", positive=True): 1}
    s = sp.Symbol("s", positive=True)
    for value, printed in ((2, 0.3799), (sp.Rational(3, 4), 0.626), (1, 0.566)):
        assert float(oldest.subs({**at, s: value})) == pytest.approx(printed, abs=5e-4)
    assert float(oldest.subs({**at, s: sp.Rational(1, 2)})) == pytest.approx(2 - math.log(math.cosh(2)), rel=1e-12)


def test_clipped_window():
    kernel = Kernel("clipped")
    best = minimize_scalar(lambda u: -3 * u * float(kernel.weight(u)) ** 2, bounds=(0.1, 1), method="bounded")
    assert -best.fun == pytest.approx(0.2951, abs=5e-5)
    assert 1 / math.sqrt(best.x / -best.fun) == pytest.approx(0.86072, abs=1e-4)
    assert float(forgetting.clipping().result("Window of the leading mode")[0]) == pytest.approx(768 / (math.e * math.pi**6))


@pytest.mark.slow
@pytest.mark.parametrize("model", [PalimpsestDAM(order=4), PalimpsestDAM(interaction="y**3 + y**2")], ids=str)
def test_scaling_theorem_of_other_interactions(model):
    assert all(r["passed"] for r in run_checks(forgetting.scaling(model)))
