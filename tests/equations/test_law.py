"""Laws as functions of numbers: what a theorem's step claims, in double precision and in many digits."""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from dammech.declared.kernels import KERNELS, Kernel
from dammech.derive.registry import registered
from dammech.equations.law import Law
from dammech.equations.scaled import near_one
from dammech.errors import InputError
from dammech.systems.palimpsest.answers.forgetting import theorem_of

STEPS = [(name, step) for name in map(theorem_of, map(Kernel, KERNELS)) for step in registered()[name]().steps]


@pytest.mark.parametrize(("theorem", "step"), STEPS, ids=lambda x: getattr(x, "title", x))
def test_a_law_is_what_its_step_claims(theorem, step):
    law, values = Law(theorem, step.title), {s: sp.Rational(float(x)) for s, x in step.points[0].items()}
    wanted = [e.subs(values).evalf(40) for e in step.expressions]
    at = {s.name: float(x) for s, x in values.items() if s.name in law.names}
    assert law(**at) == pytest.approx([float(e) for e in wanted], rel=1e-12)
    with mp.workdps(30):
        for found, value in zip(law.exact(**at), wanted, strict=True):
            assert mp.almosteq(found, mp.mpf(value), 1e-27)


def test_arguments_are_broadcast():
    (ages,) = Law("palimpsest.windows.power-law", "Age of a weight")(Lambda=np.array([0.2, 0.5, 1.0]), s=[[1.0], [2.0]])
    np.testing.assert_allclose(ages, [[4.0, 1.0, 0.0], [math.sqrt(5) - 1, math.sqrt(2) - 1, 0.0]], rtol=1e-15)


def test_digits_near_one_are_kept():
    for kernel in (Kernel(), Kernel("power-law", 0.8)):
        (found,) = Law(theorem_of(kernel), "Finite history")(**kernel.symbols, alpha=1e-12, varepsilon=1.0)
        assert found == pytest.approx(1e-12, rel=1e-11)
    assert Law("palimpsest.windows.power-law", "Age of a weight")(Lambda=1 - 1e-12, s=1.0)[0] == pytest.approx(1e-12, rel=1e-4)
    x, n = sp.symbols("x n", positive=True)
    for e in (3 - 3 * sp.exp(-x), (1 + x) ** n - 1, x + sp.log(1 + x**2), 2 - 2 * x**-n, 1 + sp.exp(x), x**2 - 1, x + 1):
        assert abs(near_one(e).subs({x: 0.3, n: 1.7}).evalf() - e.subs({x: 0.3, n: 1.7})) < 1e-14
    assert near_one(x**2 - 1) == x**2 - 1 and near_one(x + 1) == x + 1


def test_a_law_of_given_expressions():
    x, power = sp.symbols("x lambda", positive=True)
    law = Law("mine", "powers", (x**power, sp.Integer(3)))
    assert law.names == ("lambda", "x") and law(x=2.0, **{"lambda": 3}) == (8.0, 3.0)
    assert Law("mine", "powers", (x + power,))(x=2.0, **{"lambda": 3}) == (5.0,)


@pytest.mark.parametrize("at", [{}, {"varepsilon": 1.0, "s": 2.0}])
def test_other_symbols_are_refused(at):
    with pytest.raises(InputError, match="Effective load: takes varepsilon, not"):
        Law("palimpsest.windows.exponential", "Effective load")(**at)


def test_a_law_that_is_kept_needs_no_sympy(fresh_python):
    code = (
        "import sys; from dammech.declared.kernels import Kernel; from dammech.systems.palimpsest.answers import forgetting; "
        "print(forgetting.effective_load(Kernel(), 2.0, 0.7), forgetting.slope(Kernel('clipped'), 0.3), 'sympy' in sys.modules)"
    )
    first, second = (fresh_python("-c", code) for _ in range(2))
    assert first.stdout.split()[:2] == second.stdout.split()[:2] and second.stdout.split()[2] == "False", second.stderr
