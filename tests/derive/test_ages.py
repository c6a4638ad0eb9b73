"""Averages over ages: their normal form, closed forms and quadratures; the theory of streams against printed equations."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from dammech.declared.kernels import Kernel
from dammech.derive import derive, run_checks
from dammech.derive.ages import AgeAverage, age_nodes, integral_of_power, integral_over_ages, merged, ring_sum
from dammech.derive.averages import normal
from dammech.derive.evaluate import Evaluator, evaluate
from dammech.equations import Theory, source
from dammech.equations.quadrature import ages
from dammech.errors import InputError
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.palimpsest.model import PalimpsestDAM

C, z, T, q = sp.symbols("C lambda T q", positive=True)
KERNELS = [Kernel(), Kernel("power-law", 0.7), Kernel("compressed-exponential"), Kernel("clipped")]


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
@pytest.mark.parametrize("response", [0.3, 0.95])
def test_three_quadratures(kernel, response):
    def function(weight):
        return weight**2 / (1 - response * weight) ** 2

    weights, measure = ages(kernel.name, kernel.exponent, float(integral_of_power(kernel)))
    with mp.workdps(20):
        reference = integral_over_ages(kernel, function)
        nodes = age_nodes(kernel, 20)
        assert abs((function(nodes[0]) * nodes[1]).sum() - reference) < 1e-18 * abs(reference)
    assert (function(weights) * measure).sum() == pytest.approx(float(reference), rel=1e-11)


def test_exponential_closed_form():
    """The noise of mezard1986: R = [log(1 − C) + C/(1 − C)]/(ε C²), here per unit of A = 1/(2ε)."""
    average = AgeAverage.over(z**2 / (1 - C * z) ** 2, z, Kernel())
    with mp.workdps(30):
        c = mp.mpf("0.37")
        expected = 2 * (mp.log(1 - c) + c / (1 - c)) / c**2
        assert abs(evaluate(average, {C: c}, 25) - expected) < 1e-24


def test_normal_form():
    kernel = Kernel()
    assert AgeAverage.over(z**2, z, kernel) == 1
    assert AgeAverage.over(z**2, z, Kernel("clipped")) != 1
    assert AgeAverage.over(z**3 * C, z, Kernel("hard-buffer")) == C
    # T leaves, and terms that cancel are found
    inside = AgeAverage.over(z**2 * T**2 / (T - T * C * z) ** 2, z, kernel)
    assert not inside.has(T)
    one, two = (AgeAverage.over(z**2 / (1 - C * z) ** k, z, kernel) for k in (2, 3))
    three = AgeAverage.over(z**3 / (1 - C * z) ** 3, z, kernel)
    assert merged(two - C * three - one) == 0
    assert sp.simplify(sp.diff(ring_sum(C), C) + C / (1 - C)) == 0 and ring_sum(sp.Integer(0)) == 0


def test_bound_variable_is_never_captured():
    average = AgeAverage.over(z**2 / (1 - C * z) ** 2, z, Kernel())
    assert average.subs(C, z).free_symbols == {z} and average.free_symbols == {C}


def test_without_a_spread_of_weights_it_is_the_hopfield_model():
    stream = derive(PalimpsestDAM(order=2, kernel="hard-buffer"))
    plain = derive(HebbianDAM(order=2))
    A, weight = sp.Symbol("A", positive=True), sp.Symbol("Lambda", positive=True)
    moved = stream.free_energy.expression.xreplace({A: sp.Symbol("alpha", positive=True), weight: sp.Integer(1)})
    assert sp.simplify(moved - plain.free_energy.expression) == 0


def test_weight_one_is_the_memory_that_does_not_forget():
    stream, plain = derive(PalimpsestDAM(order=3, interaction="power")), derive(HebbianDAM(order=3, interaction="power"))
    names = {sp.Symbol("A", positive=True): sp.Symbol("alpha", positive=True), sp.Symbol("Lambda", positive=True): sp.Integer(1)}
    assert sp.expand(stream.free_energy.expression.xreplace(names) - plain.free_energy.expression) == 0
    assert tuple(e.xreplace(names) for e in stream.saddle_equations) == plain.saddle_equations


def test_generated_twin():
    """NumPy and mpmath code of the p = 2 stream agree."""
    model = PalimpsestDAM(order=2, kernel="power-law", exponent=1.5)
    spaces: list[dict] = [{}, {}]
    for space, language in zip(spaces, ("numpy", "mpmath")):
        exec(source(Theory.of(model), "state", language), space)
    u, p = [0.94, 0.91], [0.05, 0.2, 0.8]
    fast = spaces[0]["outputs"](np.array(u)[:, None], np.array(p)[:, None])[:, 0]
    with mp.workdps(20):
        slow = spaces[1]["outputs"](list(map(mp.mpf, u)), list(map(mp.mpf, p)))
    assert np.allclose(fast, [float(x) for x in slow], rtol=1e-10, atol=1e-12)


def test_checks_pass():
    records = run_checks(derive(PalimpsestDAM(order=3, interaction="rectified")))
    assert [r["title"] for r in records if not r["passed"]] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "model",
    [PalimpsestDAM(order=2), PalimpsestDAM(order=2, interaction="power", kernel="power-law", exponent=1.4),
     PalimpsestDAM(order=2, kernel="compressed-exponential")],
    ids=str,
)
def test_checks_pass_at_order_two(model):
    assert all(r["passed"] for r in run_checks(derive(model)))


@pytest.mark.slow
def test_clipped_couplings_at_order_two():
    """All but the Hessian of explicit replicas, which would take an hour with this kernel."""
    steps = derive(PalimpsestDAM(order=2, kernel="clipped")).steps
    assert all(step.passes() for step in steps if step.title != "Replicon at n replicas")


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (PalimpsestDAM(order=2, kernel="rehearsal"), "no replica theory"),
        (PalimpsestDAM(order=2, interaction="rectified"), "no replica theory"),
        (PalimpsestDAM(order=2, interaction="power", kernel="power-law"), "diagonal couplings diverges"),
    ],
)
def test_refused(model, message):
    with pytest.raises(InputError, match=message):
        derive(model)


def test_rendering():
    text = derive(PalimpsestDAM(order=3)).render("text")
    assert text.startswith("Palimpsest of order p = 3 (distinct site indices, exponential forgetting)")
    assert "effective load" in text and "Λ" in text


@pytest.mark.parametrize("exponent", [0.7, 1.0, 1.4, 3.0])
def test_terms_that_cancel_at_long_ages_keep_their_digits(exponent):
    """⟨log(1 − λx) + λx⟩ = −Σ_j x^j (2s − 1)/(j (js − 1)): each term alone has a longer tail than λ²."""
    kernel, x, z = Kernel("power-law", exponent), sp.Rational(1, 4), sp.Symbol("z")
    with mp.workdps(40):
        s = mp.mpf(exponent)
        exact = -mp.nsum(lambda j: mp.mpf(4) ** -j / j * (2 * s - 1) / (j * s - 1), [2, mp.inf])
        assert abs(integral_over_ages(kernel, lambda w: mp.log(1 - w / 4) + w / 4) - exact) < mp.mpf(10) ** -28
    average = AgeAverage.over(sp.log(1 - z * x) + z * x, z, kernel)
    assert abs(Evaluator({}, 30).value(average) - exact) < mp.mpf(10) ** -25


@pytest.mark.parametrize(("kernel", "first"), [(Kernel("power-law", 1.5), 4), (Kernel("exponential", None), 2)])
def test_moments_of_weights_are_known(kernel, first):
    z = sp.Symbol("z")
    assert normal(AgeAverage.over(z, z, kernel)) == first and normal(AgeAverage.over(z**2, z, kernel)) == 1
    third = normal(AgeAverage.over(z**3, z, kernel))
    with mp.workdps(30):
        assert abs(integral_over_ages(kernel, lambda w: w**3) - mp.mpf(third.p) / third.q) < mp.mpf(10) ** -25
