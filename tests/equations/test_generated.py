"""Generated NumPy code against its mpmath twin: every kind of system, several models, down to low temperature."""

from __future__ import annotations

import dataclasses

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from dammech.derive import FreeEnergy, GaussianAverage, derive, evaluate, log2cosh, sech2
from dammech.derive.functions import absolute, log_erfc, logistic, mills, softplus
from dammech.equations import Theory, compiled, source
from dammech.equations.generate import mpmath_source, numpy_source
from dammech.equations.quadrature import CHECK_ORDER
from dammech.equations.systems import KINDS, System
from dammech.errors import InputError
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.pspin.model import PSpin

HOPFIELD, CUBIC = HebbianDAM(order=2), HebbianDAM(order=3)
POLYNOMIAL, RECTIFIED = HebbianDAM(interaction="y**4 + 2*y**3 - y"), HebbianDAM(order=3, interaction="rectified")


def glass(model):
    theory = derive(model).free_energy
    return theory.restrict({theory.order_parameters[0]: 0})


def magnet():
    m, T, s, z = sp.symbols("m T s z")
    return FreeEnergy(m**2 / 2 - T * GaussianAverage(log2cosh((m + s * z) / T), z), [m], [T, s])


# name → (kind, its arguments, ranges of load and of temperature)
CASES = {
    "state p=2": ("state", lambda: [derive(HOPFIELD).free_energy], (0.02, 0.15)),
    "state p=3": ("state", lambda: [derive(CUBIC).free_energy], (0.02, 0.15)),
    "state polynomial": ("state", lambda: [derive(POLYNOMIAL).free_energy], (0.001, 0.01)),
    "state rectified": ("state", lambda: [derive(RECTIFIED).free_energy], (0.02, 0.15)),
    "state p-spin": ("state", lambda: [derive(PSpin(order=3)).free_energy], None),
    "state T = 0": ("state", lambda: [derive(HOPFIELD).zero_temperature], (0.02, 0.15)),
    "instability": ("instability", lambda: [glass(HOPFIELD)], (0.02, 0.15)),
    "condition": ("condition", lambda: [derive(CUBIC).free_energy, "nishimori"], (0.02, 0.15)),
    "landscape": ("landscape", lambda: [derive(CUBIC).free_energy], (0.02, 0.15)),
}
NAMED = {f.__name__: f for f in (log2cosh, sech2, softplus, logistic, log_erfc, mills, absolute, sp.tanh, sp.erf, sp.erfc)}
MIXTURE = ("state", lambda: [derive(HOPFIELD, mixture=3).free_energy], (0.02, 0.15))


def points(system: System, loads, temperatures, seed):
    """Unknowns and parameters at random places of the domain, one column each."""
    rng = np.random.default_rng(seed)
    columns = []
    for T in temperatures:
        row = {}
        for symbol in (*system.unknowns, *system.parameters):
            name = symbol.name
            if name == "T":
                row[name] = T
            elif name == "alpha":
                row[name] = rng.uniform(*loads)
            elif name in ("q", "q_2"):
                row[name] = 1 - T * rng.uniform(0.05, 0.6) if T < 0.5 else rng.uniform(0.55, 0.95)
            elif name == "C":
                row[name] = rng.uniform(0.05, 0.6)
            else:
                row[name] = rng.uniform(0.4, 0.98)
        columns.append(row)
    groups = (system.unknowns, system.parameters)
    return [np.array([[row[s.name] for row in columns] for s in g]).reshape(len(g), len(columns)) for g in groups]


def modules(system):
    numpy_module: dict = {}
    mpmath_module: dict = {}
    exec(compile(numpy_source(system, "numpy"), "numpy twin", "exec"), numpy_module)
    exec(compile(mpmath_source(system, "mpmath"), "mpmath twin", "exec"), mpmath_module)
    return numpy_module, mpmath_module


def compare(case, temperatures, digits=15):
    kind, arguments, loads = case
    system = KINDS[kind](*arguments())
    fast, exact = modules(system)
    if kind == "instability":  # the paramagnet is defined above T = 1
        temperatures = [1.1 + T for T in temperatures]
    u, p = points(system, loads, temperatures, seed=7)
    for name in ("residual", "jacobian", "outputs"):
        got = fast[name](u, p)
        got = got.reshape(-1, p.shape[1])
        rough = fast[name](u, p, CHECK_ORDER).reshape(got.shape)
        for k in range(got.shape[1]):
            with mp.workdps(digits):
                expected = exact[name]([mp.mpf(x) for x in u[:, k]], [mp.mpf(x) for x in p[:, k]])
                values = np.array([float(x) for x in expected])
            scale = 1 + np.max(np.abs(values), initial=0.0)
            errors = np.abs(got[:, k] - values)
            assert np.all(errors <= 1e-10 * scale), (name, temperatures[k], errors, values)
            assert np.all(errors <= 10 * np.abs(rough[:, k] - got[:, k]) + 3e-11 * scale), "the estimate is honest"


@pytest.mark.parametrize("name", ["state p=2", "state p=3", "state p-spin", "state T = 0", "instability", "condition"])
def test_numpy_equals_mpmath(name):
    compare(CASES[name], [0.8, 0.01])


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_mpmath_everywhere(name):
    compare(CASES[name], [1.7, 0.8, 0.3])


# in C = β(1 − q), as it is solved where it is cold: in q, slopes in T are sums of terms of either sign that grow like 1/T⁴
COLD = {
    "state p=2": ("state", lambda: [derive(HOPFIELD).cold]), "state p=3": ("state", lambda: [derive(CUBIC).cold]),
    "mixture": ("state", lambda: [derive(HOPFIELD, mixture=3).cold]),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", COLD)
def test_numpy_equals_mpmath_where_it_is_cold(name):
    compare((*COLD[name], (0.02, 0.15)), [0.3, 0.1, 0.03, 0.01, 1e-4], digits=30)


@pytest.mark.slow
def test_mixture():
    compare(MIXTURE, [0.8, 0.1])


@pytest.mark.parametrize("power", [1, 2, 3])
@pytest.mark.parametrize("name", sorted(NAMED))
def test_powers_of_functions_of_our_own_are_printed_as_they_are(name, power):
    """f(x)**k and 2**f(x) in both twins, for every function that a printer writes out."""
    m, a = sp.symbols("m a", positive=True)
    f = NAMED[name](m)
    system = KINDS["state"](FreeEnergy(f**power + 2 ** (-f) + m / f, [m], [a]))
    fast, exact = modules(system)
    for x in (0.3, 0.8):
        expected = float(evaluate(system.outputs["free_energy"], {m: x, a: 1.0}, 25))
        assert fast["outputs"](np.array([[x]]), np.array([[1.0]]))[0, 0] == pytest.approx(expected, rel=1e-12)
        assert float(exact["outputs"]([mp.mpf(x)], [mp.mpf(1)])[0]) == pytest.approx(expected, rel=1e-12)


def test_every_kind_is_compared():
    assert {kind for kind, *_ in CASES.values()} == set(KINDS)


def test_jacobian_is_the_derivative_of_the_residual():
    system = KINDS["state"](magnet())
    fast, _ = modules(system)
    u, p = np.array([[0.6]]), np.array([[0.5], [0.3]])
    step = 1e-6
    exact = fast["jacobian"](u, p)[0, :, 0]
    differences = [(fast["residual"](u + step, p) - fast["residual"](u - step, p))[0, 0] / (2 * step)]
    for k in range(2):
        shift = np.zeros((2, 1))
        shift[k] = step
        differences.append((fast["residual"](u, p + shift) - fast["residual"](u, p - shift))[0, 0] / (2 * step))
    assert exact == pytest.approx(differences, abs=1e-9)


# -- the pitfall of common subexpressions -----------------------------------------------------------------------------


def test_averages_are_lowered_before_common_subexpressions():
    """Two averages that share an integrand's part are still averages: at large noise they differ from z = 0."""
    m, T, s, z = sp.symbols("m T s z")
    h = (m + s * z) / T
    f = m**2 / 2 + GaussianAverage(sp.tanh(h) ** 4, z) + m * GaussianAverage(sp.tanh(h) ** 4 * log2cosh(h), z)
    fast, exact = modules(KINDS["state"](FreeEnergy(f, [m], [T, s])))
    u, p = np.array([[0.6]]), np.array([[0.5], [1.7]])
    expected = [float(x) for x in exact["residual"]([mp.mpf("0.6")], [mp.mpf("0.5"), mp.mpf("1.7")])]
    assert fast["residual"](u, p)[:, 0] == pytest.approx(expected, rel=1e-11)


def test_nested_averages():
    m, T, s, z, w = sp.symbols("m T s z w")
    inner = GaussianAverage(sp.tanh((m + s * z + w / 2) / T) ** 2, z)
    f = m**2 / 2 - T * GaussianAverage(sp.log(1 + inner), w)
    theory = FreeEnergy(f, [m], [T, s])
    fast, _ = modules(KINDS["state"](theory))
    u, p = np.array([[0.6, 0.2]]), np.array([[0.7, 1.3], [0.9, 0.4]])
    symbols = (*theory.order_parameters, *theory.parameters)
    for k in range(2):
        expected = evaluate(theory.expression, dict(zip(symbols, [*u[:, k], *p[:, k]], strict=True)), 15)
        assert fast["outputs"](u, p)[0, k] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("K", "a", "b", "g"), [(0.5, 0.3, 2.0, "tanh"), (3.0, -0.4, 1.0, "erf"), (5.0, 0.1, 6.0, "tanh"), (2.0, 0.0, 40.0, "erf")]
)
def test_a_weight_that_shifts_the_gaussian(K, a, b, g):
    """E[(1 + g) exp(K g z − K²g²/2)] with a sigmoid g of a + b z has fixed nodes, which reach as far as it shifts them."""
    m, k, x, z = sp.symbols("m k x z", real=True)
    turning = {"tanh": sp.tanh, "erf": sp.erf}[g](x + b * z)
    mean = GaussianAverage((1 + turning) * sp.exp(k * turning * z - k**2 * turning**2 / 2), z)
    system = KINDS["state"](FreeEnergy(m**2 / 2 - m * mean, [m], [k, x]))
    fast, exact = modules(system)
    assert "refined(" not in numpy_source(system, "numpy").split("def jacobian")[0].split("def residual")[1]
    with mp.workdps(25):
        expected = float(exact["residual"]([mp.mpf(0)], [mp.mpf(K), mp.mpf(a)])[0])
    assert fast["residual"](np.array([[0.0]]), np.array([[K], [a]]))[0, 0] == pytest.approx(expected, abs=1e-10)


def test_names_that_are_no_identifiers():
    """Names such as \\hat{m} or lambda still make a module."""
    hat, keyword, T = sp.Symbol(r"\hat{m}"), sp.Symbol("lambda"), sp.Symbol("T")
    fast, _ = modules(KINDS["state"](FreeEnergy(hat**2 / 2 - keyword * hat, [hat], [keyword, T])))
    assert fast["UNKNOWNS"] == [r"\hat{m}"]
    assert fast["residual"](np.array([[0.5]]), np.array([[0.2], [1.0]]))[0, 0] == pytest.approx(0.3)


# -- source -----------------------------------------------------------------------------------------------------------


def test_source_can_be_read():
    text = source(CUBIC)
    assert "def residual(u, p" in text and "Generated; do not edit" in text and text == derive(CUBIC).source()
    assert "gaussian_average" in source(CUBIC, language="mpmath")
    with pytest.raises(InputError, match="language='fortran'"):
        source(CUBIC, language="fortran")


def test_theory_of():
    assert Theory.of(CUBIC).model == Theory.of(derive(CUBIC)).model == CUBIC
    assert Theory.of(dataclasses.replace(derive(HOPFIELD), mixture=3)).mixture == 3
    given = Theory.of(magnet())
    assert given.model is None and given.key != Theory.of(CUBIC).key
    with pytest.raises(InputError, match="must be a model"):
        Theory.of("hebbian")
    with pytest.raises(InputError, match="no separate zero-temperature"):
        given.with_(variant="zero").free_energy()


def test_compiled_reports_names_and_domain():
    system = compiled(Theory.of(HOPFIELD), "state")
    assert system.unknowns == ["m", "q"] and system.parameters == ["alpha", "T"]
    u, p = np.array([[0.9, 0.9], [0.9, 0.2]]), np.array([[0.05, 0.05], [0.3, 0.3]])
    assert system.inside(u, p).tolist() == [True, False]  # C = β(1 − q) < 1
    assert set(system.outputs(u, p)) >= {"free_energy", "energy", "entropy", "replicon", "r"}
