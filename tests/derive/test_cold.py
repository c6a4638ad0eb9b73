"""The theory in C = β(1−q) is the theory in q, at every temperature and for every model."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

import dammech as dm
from dammech.derive import derive, evaluate
from dammech.derive.cold import arc_integral, spin, spin_entropy, written_out
from dammech.derive.covariance import load_of, weight
from dammech.derive.functional import T, m, q
from dammech.derive.oracles import check_load
from dammech.derive.replica_symmetric import C
from dammech.equations.quadrature import arguments
from dammech.equations.special import arc_integral as arc_number
from dammech.equations.special import spin_entropy as entropy_number
from dammech.equations.special import thermal

QUICK = [(dm.HebbianDAM(2), 1), (dm.HebbianDAM(3, "rectified"), 1), (dm.PSpin(3), 1)]
LONG = [
    (dm.HebbianDAM(2, "power"), 3), (dm.HebbianDAM(3), 1), (dm.HebbianDAM(4, "power"), 1), (dm.PSpin(2), 1),
    (dm.HebbianDAM(4, "rectified"), 1), (dm.HebbianDAM(interaction="y**4+2*y**3-y"), 1),
    *((dm.PalimpsestDAM(order, kernel=kernel), 1) for order, kernel in ((2, "exponential"), (2, "clipped"), (3, "exponential"))),
]  # fmt: skip
MODELS = [*QUICK, *(pytest.param(*pair, marks=pytest.mark.slow) for pair in LONG)]


@pytest.mark.parametrize("model, mixture", MODELS, ids=lambda x: str(x)[:60])
def test_is_the_same_theory(model, mixture):
    theory = derive(model, "rs", mixture=mixture)
    near, far = theory.cold, theory.free_energy
    with mp.workdps(40):
        at = {m: mp.mpf("0.83"), C: mp.mpf("0.31"), T: mp.mpf("0.9"), weight: mp.mpf("0.9")}
        if load_of(model).is_Symbol:
            at[load_of(model)] = mp.mpf(str(sp.N(check_load(model), 20)))
        at[q] = 1 - at[C] * at[T]

        def value(e):
            return evaluate(e, at, 25)

        def slope(e):
            return mp.diff(lambda t: evaluate(e, {**at, T: t}, 30), at[T], h=mp.mpf(10) ** -10)

        assert mp.almosteq(value(near.expression), value(far.expression), 1e-20)
        assert mp.almosteq(value(near.replicon), value(far.replicon), 1e-20)
        *others, last = map(value, near.saddle_equations)
        *same, in_q = map(value, far.saddle_equations)
        assert all(mp.almosteq(x, y, 1e-20) for x, y in zip(others, same)) and mp.almosteq(last, -in_q / at[T], 1e-20)
        if mixture == 1:  # away from the saddle, −∂f/∂T also holds what moves with the variance of the field
            (field,) = {e.args[0] for e in near.entropy.atoms(spin_entropy)}
            z = next(s for s in field.free_symbols if s.name.startswith("z_"))
            moved = slope((sp.diff(field * T, z) ** 2).xreplace({C: (1 - q) / T}))
            assert mp.almosteq(value(near.entropy), -slope(far.expression) - moved * in_q / (2 * at[T]), 1e-9)


@pytest.mark.parametrize("k", range(6))
def test_arccos_integrated(k):
    for x in ("1e-12", "1e-3", "0.3", "1.2"):
        with mp.workdps(40):
            x = mp.mpf(x)
            direct = mp.quad(lambda s, x=x: (x - s) ** (k - 1) / mp.factorial(k - 1) * mp.acos(1 - s), [0, x / 9, x]) if k \
                else mp.acos(1 - x)
            assert mp.almosteq(evaluate(arc_integral(sp.Symbol("x"), k), {sp.Symbol("x"): x}, 30), direct, 1e-14)
            assert float(arc_number(float(x), k)) == pytest.approx(float(direct), rel=1e-13)
    assert arc_number(-1e-17, k) == 0
    x = sp.Symbol("x", positive=True)
    assert k == 0 or sp.diff(arc_integral(x, k), x) == arc_integral(x, k - 1)


@pytest.mark.parametrize("a, b", [(0.4, 0.1), (-3.0, 0.7), (0.0, 3.0), (2.1, 1e4), (-3.0, 1e9)])
def test_derivatives_under_an_average_keep_their_digits(a, b):
    """E f⁽ᵏ⁾(a b + b z) at slopes up to 10⁹, where the powers of tanh that make it up cancel to nothing."""
    x, w, z, slope = arguments(a * b, b)
    for k in (3, 4, 5):
        got = float((w * thermal(k, np.tanh(x), z, slope)).sum())
        assert got == pytest.approx(float(by_parts(lambda y: mp.sech(y) ** 2, a, b, k - 2)), rel=1e-10, abs=1e-15)
    for k in (0, 1, 2):
        got = float((w * entropy_number(k, x, z, slope)).sum())
        whole = by_parts(lambda y: mp.log(2 * mp.cosh(y)) - y * mp.tanh(y), a, b, k)
        assert got == pytest.approx(float(whole), rel=1e-10, abs=1e-15)


def by_parts(f, a, b, k):
    """E f⁽ᵏ⁾(b (a + z)) as ∫ f(x) He_k(z) φ(z) dx/b^{k+1}; f falls like e^{−2|x|}."""
    with mp.workdps(30):
        a, b = mp.mpf(a), mp.mpf(b)

        def integrand(x):
            z = x / b - a
            return f(x) * mp.hermite(k, z / mp.sqrt(2)) / mp.mpf(2) ** (mp.mpf(k) / 2) * mp.npdf(z)

        edge = min(mp.mpf(30), (9 + abs(a)) * b)
        return mp.quad(integrand, mp.linspace(-edge, edge, 9), method="gauss-legendre") / b ** (k + 1)


def test_written_out_is_what_it_abbreviates():
    x = sp.Symbol("x", real=True)
    assert written_out(spin(x, 1)) == sp.tanh(x) and written_out(spin(-x, 1)) == -sp.tanh(x)
    assert spin(-x, 2) == spin(x, 2) and spin_entropy(x, 0).diff(x) == spin_entropy(x, 1)
    assert mp.almosteq(evaluate(spin_entropy(x, 1), {x: "0.7"}, 30), -mp.mpf("0.7") * mp.sech(mp.mpf("0.7")) ** 2, 1e-14)
