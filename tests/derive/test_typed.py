"""What a user types in a free energy: safe forms, values against mpmath, derivatives against differences of integrals."""

from __future__ import annotations

import itertools
import time

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

import dammech as dm
from dammech.derive import FreeEnergy, GaussianAverage, evaluate, log2cosh
from dammech.derive.averages import sech2
from dammech.derive.functions import absolute, log_erfc, logistic, mills, softplus
from dammech.derive.reading import read
from dammech.equations.generate import mpmath_source, numpy_source
from dammech.equations.systems import KINDS, System
from dammech.errors import InputError

x, y, m, h, T, z, w = sp.symbols("x y m h T z w", real=True)
HALF = sp.Rational(1, 2)
exp, log, cosh, sinh, tanh = sp.exp, sp.log, sp.cosh, sp.sinh, sp.tanh


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        (log(2 * cosh(x / T)), log2cosh(x / T)), (log(cosh(x)), log2cosh(x) - log(2)), (log(1 + exp(x)), softplus(x)),
        (log(exp(x) + exp(-x)), log2cosh(x)), (log(exp(x) + exp(y)), x + softplus(y - x)),
        (exp(x) / (1 + exp(x)), logistic(x)), (1 / (1 + exp(x)), logistic(-x)), (sinh(x) / cosh(x), tanh(x)),
        ((exp(x) - exp(-x)) / (exp(x) + exp(-x)), tanh(x)), (cosh(x) ** -2, sech2(x)), (sp.coth(x), 1 / tanh(x)),
        (exp(2 * x) / (1 + exp(x)) ** 2, logistic(x) ** 2), (sinh(x) / cosh(x) ** 3, tanh(x) * sech2(x)),
        (log(exp((m + h) / T) + 2), log(2) + softplus(h / T + m / T - log(2))), (log(1 + tanh(x)), log(2) - softplus(-2 * x)),
        (log(sp.erfc(x) / 2), log_erfc(x) - log(2)), (exp(-(x**2)) / sp.erfc(x), mills(x)),
        (log((1 + sp.erf(x / 2)) / 2), log_erfc(-x / 2) - log(2)), (sp.Max(x, 0), x / 2 + absolute(x) / 2),
        (sp.Max(-1, sp.Min(1, x)), absolute(x + 1) / 2 - absolute(x - 1) / 2),
        (sp.Float(0.12345678901), sp.Rational("0.12345678901")),
        (sp.Max(0, 1 - sp.Abs(x)), absolute(x - 1) / 2 + absolute(x + 1) / 2 - absolute(x)),
    ],
)
def test_safe_forms(typed, form):
    assert sp.expand(read(typed) - form) == 0


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (sp.polylog(2, m), "polylog"), (sp.LambertW(m), "LambertW"), (sp.Function("f")(m), "contains f"), (m * sp.I, "I"),
        (m * sp.oo, "oo"), (m * sp.nan, "nan"), (sp.Float("1e400") * m, "double precision|finite"), (10**400 * m, "contains"),
        (m**500, "exponents are at most"), (sp.Piecewise((m, sp.Eq(m, 0)), (0, True)), "condition"), (x * m, "free symbols"),
        (sp.Integral(m, (m, 0, 1)), "Integral"), ("import os", "must be a SymPy expression"),
    ],
)
def test_what_cannot_be_evaluated_is_named(typed, words):
    with pytest.raises(InputError, match=words) as refusal:
        FreeEnergy(typed, [m], [T])
    assert len(str(refusal.value)) < 420


def test_a_kink_at_a_place_that_is_not_linear_is_refused():
    theory = FreeEnergy(m**2 / 2 - GaussianAverage(sp.Max(0, z**2 - m), z), [m], [T])
    with pytest.raises(InputError, match="linear"):
        KINDS["state"](theory).jacobian()


@pytest.mark.parametrize(
    "given_as",
    [
        {"equations": [sp.LambertW(m)]}, {"replicon": sp.LambertW(m)}, {"domain": [sp.LambertW(m)]}, {"entropy": sp.LambertW(m)},
        {"observables": {"a": sp.LambertW(m)}}, {"conditions": {"a": sp.LambertW(T)}}, {"definitions": {y: sp.LambertW(m)}},
        {"equations": 3}, {"equations": ["m"]}, {"equations": [m, m]}, {"domain": 3}, {"domain": "m"},
        {"replicon": "m"}, {"observables": 3}, {"observables": {3: m}}, {"observables": {"a": y}}, {"definitions": {"a": m}},
        {"conditions": {"a": m}},
    ],
)  # fmt: skip
def test_all_that_a_free_energy_is_given_is_read(given_as):
    with pytest.raises(InputError, match=next(iter(given_as))):
        FreeEnergy(m**2, [m], [T], **given_as)


@pytest.mark.parametrize("arguments", [(m, 3), (m, x + 1), ("m", x), (x, "x")])
def test_averages_are_over_symbols(arguments):
    with pytest.raises(InputError, match="must be a SymPy"):
        GaussianAverage(*arguments)


def test_further_expressions_are_safe_too():
    more = {"ramp": sp.Max(0, m), "cosh": log(2 * cosh(m / T * 10**4))}
    theory = FreeEnergy(m**2, [m], [T], equations=[m - sp.Max(0, T - HALF)], replicon=sp.Min(m, 1), observables=more)
    found = dm.solve(theory, T=1)
    assert found.converged and found.values["m"] == pytest.approx(0.5, abs=1e-12)
    assert found.extra == pytest.approx({"ramp": 0.5, "cosh": 5000.0})
    raw, _ = _modules(System((sp.Max(0, x, m) - sp.Min(1, m, x),), (x,), (m,)), twin=False)
    assert raw["residual"](np.array([[3.0]]), np.array([[2.0]])).item() == 2


@pytest.mark.parametrize("k", range(30))
def test_the_interpreter_knows_what_is_typed(k):
    typed = FUNCTIONS[k](x * HALF + HALF / 3)
    form, direct = read(typed), sp.lambdify(x, typed, modules=_MP)
    for place, digits in itertools.product((1.9, -2.3), (15, 30)):
        with mp.workdps(40):
            value, slope = direct(mp.mpf(place)), mp.diff(direct, mp.mpf(place))
        found = evaluate(form, {x: place}, digits), evaluate(sp.diff(form, x), {x: place}, digits)
        assert max(abs(found[0] - value), abs(found[1] - slope)) < 10.0 ** -(digits - 4)
    mean = evaluate(read(GaussianAverage(FUNCTIONS[k](x + z), z)), {x: 0.4}, 15)
    oracle = sp.lambdify(z, FUNCTIONS[k](sp.Rational(2, 5) + z), modules=_MP)
    assert abs(mean - _mean(oracle, mp.mpf("0.4"), mp.mpf(1))) < 1e-9


@pytest.mark.parametrize("typed", [log(sp.erfc(x) / 2), log((1 - sp.erf(x)) / 2)])
def test_capacity_of_the_ising_perceptron(typed):
    """The entropy of the weights vanishes at a load of 0.833."""
    r, load, kappa = sp.symbols("r alpha kappa")
    room = typed.xreplace({x: (kappa - sp.sqrt(y) * z) / sp.sqrt(2 * (1 - y))})
    f = r * (1 - y) / 2 - GaussianAverage(log(2 * cosh(sp.sqrt(r) * z)), z) - load * GaussianAverage(room, z)
    theory = FreeEnergy(f, [y, r], [load, kappa])
    below, above = dm.solve(theory, alpha=[0.833, 0.8332], kappa=0)
    assert below.converged and above.converged
    assert -5e-4 < below.free_energy < 0 < above.free_energy < 5e-4  # less the entropy
    assert below.values["y"] == pytest.approx(0.5639, abs=1e-4)


def test_names_of_symbols_that_the_code_uses_itself():
    names = ["p", "u", "x0", "numpy", "order", "z_1", "z_1_"]
    symbols = sp.symbols(names)
    f = sp.Add(*[s**2 / (k + 2) for k, s in enumerate(symbols)]) - GaussianAverage(tanh(symbols[0] + z * symbols[2]), z)
    values = np.linspace(0.2, 0.5, 7)
    fast, exact = _modules(KINDS["state"](FreeEnergy(f, symbols, [])))
    found = fast["residual"](values[:, None], np.empty((0, 1)))[:, 0]
    assert found == pytest.approx([float(v) for v in exact["residual"](list(map(mp.mpf, values)), [])], abs=1e-12)


# -- single functions of large arguments ------------------------------------------------------------------------------

FUNCTIONS = [
    lambda u: log(2 * cosh(u)), lambda u: log(1 + exp(u)), lambda u: log(exp(u) + 3 * exp(-u) + 2),
    lambda u: exp(u) / (1 + exp(u)),
    lambda u: 1 / (1 + exp(u)), lambda u: sinh(u) / cosh(u), lambda u: 1 / cosh(u) ** 2, lambda u: (exp(u) - 1) / (exp(u) + 1),
    lambda u: exp(u) / (1 + exp(u) + exp(2 * u)), lambda u: sinh(u) / (2 + cosh(u)), lambda u: log(1 + 2 * exp(-3) * cosh(u)),
    lambda u: sp.sech(u), lambda u: log(sp.erfc(u) / 2), lambda u: exp(-(u**2)) / sp.erfc(u), lambda u: sp.atan(u),
    lambda u: 1 / (1 + u**2), lambda u: sp.sqrt(1 + u**2), lambda u: log(1 + u**2), lambda u: sp.erf(u), lambda u: tanh(u) ** 3,
    lambda u: exp(tanh(u)), lambda u: exp(-(u**2)), lambda u: sp.Max(0, u), lambda u: sp.Min(1, sp.Max(-1, u)), sp.Abs,
    lambda u: sp.Piecewise((u**2, u > 0), (0, True)), lambda u: sp.Heaviside(u) * tanh(u), lambda u: log(exp(u) + exp(u / 3)),
    lambda u: sp.Piecewise((log(u), u > 1), (sp.sqrt(1 - u) - 1, u < 0), (0, True)), lambda u: 1 / sp.sqrt(cosh(u)),
]  # fmt: skip
_MP = [{"Heaviside": lambda v, half=0: mp.mpf(1 + mp.sign(v)) / 2, "Max": max, "Min": min}, "mpmath"]
decimals = st.builds(lambda n, k: float(f"{n}e-{k}"), st.integers(10**14, 10**15 - 1), st.integers(12, 16))


@settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.generate])
@example(FUNCTIONS[8], 100.0, 1.72325860979969, 1e-3, [])
@given(st.sampled_from(FUNCTIONS), decimals, decimals, st.sampled_from([1, 1e-3]), st.lists(st.floats(-3, 3), max_size=3))
def test_values_and_slopes_where_arguments_are_large(function, scale, shift, temperature, places):
    typed = function((scale * x - shift) / temperature)
    places = [0.5, *places]
    fast, _ = _modules(System((read(typed),), (x,), ()), twin=False)
    with mp.workdps(60):
        direct = sp.lambdify(x, typed, modules=_MP)
        for place in places:
            height = mp.mpf(scale) * place - mp.mpf(shift)
            if abs(height) < 1e-3 * temperature or min(abs(height - t * temperature) for t in (-1, 0, 1)) < 1e-6 * temperature:
                continue  # on a kink
            u = np.array([[place]])
            value, slope = direct(mp.mpf(place)), mp.diff(direct, mp.mpf(place), h=mp.mpf(temperature) * mp.mpf("1e-12"))
            rounding = 1e-13 * (1 + abs(float(height)) / temperature) ** 2
            with np.errstate(all="ignore"):
                found = [fast[k](u, np.empty((0, 1))).item() for k in ("residual", "jacobian")]
            assert abs(found[0] - value) <= rounding * (1 + abs(value)), typed
            assert abs(found[1] - slope) <= 10 * rounding * (1 / temperature + abs(slope)), typed


# -- random free energies ---------------------------------------------------------------------------------------------


def _modules(system, twin=True):
    numpy_module: dict = {}
    mpmath_module: dict = {}
    exec(compile(numpy_source(system, "numpy"), "numpy twin", "exec"), numpy_module)
    if twin:
        exec(compile(mpmath_source(system, "mpmath"), "mpmath twin", "exec"), mpmath_module)
    return numpy_module, mpmath_module


class _Drawn:
    """A free energy drawn from a seed, as typed, and the same integrated directly in mpmath."""

    def __init__(self, seed: int, nested: bool = False) -> None:
        rng = np.random.default_rng(seed)

        def pick(items):
            return items[rng.integers(len(items))]

        def decimal(low, high):
            return round(float(rng.uniform(low, high)), int(rng.integers(1, 16)))

        self.unknowns = sp.symbols("m q r s")[: rng.integers(1, 3 if nested else 5)]
        self.T, self.field = sp.symbols("T H")
        self.temperature = 1.0 if nested else pick([1.0, 0.3, 0.03, 1e-3])
        self.averages = []
        total = sp.Add(*[decimal(0.5, 1.5) * u**2 / 2 for u in self.unknowns]) - decimal(0, 0.3) * self.field * self.unknowns[0]
        self.smooth = total
        for _ in range(1 if nested else rng.integers(1, 3)):
            sloped, spread = pick(self.unknowns), decimal(0.2, 2)
            argument = sp.Add(*[decimal(-1, 1) * u for u in self.unknowns]) + decimal(-1, 1) * self.field + spread * z
            argument = argument / self.T if rng.uniform() < 0.7 else argument
            factor = pick([self.T, sloped, sp.Integer(1)]) * decimal(0.2, 1)
            smooth = FUNCTIONS[:22]
            inner = pick(smooth if nested else FUNCTIONS)(argument + (decimal(0.2, 1) * w if nested else 0))
            outer = pick([tanh, lambda v: v**2, lambda v: sp.sqrt(1 + v**2)]) if nested else None
            self.averages.append((factor, argument, inner, outer))
        self.expression = total - sp.Add(*[
            f * (GaussianAverage(o(GaussianAverage(e, w)), z) if o else GaussianAverage(e, z)) for f, _, e, o in self.averages
        ])
        self.symbols = (*self.unknowns, self.T, self.field)
        self.point = [*rng.uniform(0.1, 0.9, len(self.unknowns)).tolist(), self.temperature, float(rng.uniform(-0.5, 0.5))]

    def direct(self, point):
        """f from its integrals over z, by Gauss–Legendre panels about the places where the arguments vanish or are ±1."""
        total = sp.lambdify(self.symbols, self.smooth, modules=_MP)(*point)
        for factor, argument, inner, outer in self.averages:
            front = sp.lambdify(self.symbols, factor, modules=_MP)(*point)
            line = sp.lambdify((*self.symbols, z), argument, modules=_MP)
            a = line(*point, mp.mpf(0))
            b = line(*point, mp.mpf(1)) - a
            if outer is None:
                function = sp.lambdify((*self.symbols, z), inner, modules=_MP)
                total -= front * _mean(lambda v, f=function: f(*point, v), a, b)
            else:
                function = sp.lambdify((*self.symbols, z, w), inner, modules=_MP)
                over = sp.lambdify(x, outer(x), modules=_MP)
                # the root's branch points are nearer to the real line than the poles of what is inside
                (weight, grid), (fine, places) = (
                    ([step * mp.npdf(step * k) for k in range(-n, n + 1)], [step * k for k in range(-n, n + 1)])
                    for step, n in ((mp.mpf(1) / 5, 42), (mp.mpf(1) / 12, 101))
                )
                total -= front * sum(
                    p * over(sum(q * function(*point, v, t) for q, t in zip(weight, grid))) for p, v in zip(fine, places)
                )
        return total


def _mean(function, a, b):
    width = abs(1 / b)
    marks = {mp.mpf(-11), mp.mpf(11), *map(mp.mpf, (-8, -5, -2, 0, 2, 5, 8))}
    for turn in (-a / b, (1 - a) / b, (-1 - a) / b, -2 * a / b):
        marks |= {turn} | {turn + s * width * mp.mpf(3) ** k for s in (-1, 1) for k in range(-1, 9)}
    marks = sorted(v for v in marks if abs(v) <= 11)
    nodes, _ = np.polynomial.legendre.leggauss(24)
    total = mp.mpf(0)
    for low, high in itertools.pairwise(marks):
        if high - low > 1e-12:
            half, middle = (high - low) / 2, (high + low) / 2
            total += half * sum(c * mp.npdf(middle + half * t) * function(middle + half * t) for t, c in zip(*_gauss(nodes)))
    return total


_GAUSS: dict = {}


def _gauss(nodes):
    """Nodes and weights to the working precision, by Newton's method from those of double precision."""
    key = (len(nodes), mp.mp.dps)
    if key not in _GAUSS:
        n = len(nodes)

        def slope(t):
            return n * (t * mp.legendre(n, t) - mp.legendre(n - 1, t)) / (t * t - 1)

        fine = [mp.mpf(float(t)) for t in nodes]
        for _ in range(3):
            fine = [t - mp.legendre(n, t) / slope(t) for t in fine]
        _GAUSS[key] = (fine, [2 / ((1 - t * t) * slope(t) ** 2) for t in fine])
    return _GAUSS[key]


def _slope(function, point, k, step):
    def moved(shift):
        return function([*point[:k], point[k] + shift, *point[k + 1 :]])

    return (8 * (moved(step) - moved(-step)) - (moved(2 * step) - moved(-2 * step))) / (12 * step)


def _agrees(seed, nested=False):
    drawn = _Drawn(seed, nested)
    started = time.process_time()
    theory = FreeEnergy(drawn.expression, drawn.unknowns, [drawn.T, drawn.field])
    system = KINDS["state"](theory)
    fast, exact = _modules(system)
    assert time.process_time() - started < 60, ("derived in seconds", drawn.expression)
    n = len(drawn.unknowns)
    u, p = np.array(drawn.point[:n])[:, None], np.array(drawn.point[n:])[:, None]
    with np.errstate(all="ignore"):
        residual, jacobian, outputs = (fast[k](u, p) for k in ("residual", "jacobian", "outputs"))
    scale = 1 / min(1.0, drawn.temperature)
    with mp.workdps(22):
        point = [mp.mpf(v) for v in drawn.point]
        assert abs(outputs[0, 0] - drawn.direct(point)) <= 1e-9 * (1 + abs(outputs[0, 0])), drawn.expression
        step = mp.mpf("1e-4") * mp.mpf(drawn.temperature)
        real = dict(zip((*theory.order_parameters, *theory.parameters), drawn.point, strict=True))
        for k in range(n):
            factor = float(theory.dropped_factors[k].xreplace(real))
            slope = _slope(drawn.direct, point, k, step)
            assert abs(factor * residual[k, 0] - slope) <= 1e-8 * (1 + abs(slope)), (k, drawn.expression)
        entropy = -_slope(drawn.direct, point, n, step)
        found = outputs[list(system.outputs).index("entropy"), 0]
        assert abs(found - entropy) <= 1e-7 * scale * (1 + abs(entropy)), drawn.expression
    for k in range(n + 2):  # the Jacobian, by differences of residuals that were found right
        step, moved = 1e-4 * drawn.temperature, []
        for shift in (1, -1, 2, -2):
            both = np.concatenate([u, p])
            both[k] += shift * step
            with np.errstate(all="ignore"):  # as the solver calls it: what is not a number beyond an edge is seen below
                moved.append(fast["residual"](both[:n], both[n:])[:, 0])
        slope = (8 * (moved[0] - moved[1]) - (moved[2] - moved[3])) / (12 * step)
        assert np.all(np.abs(jacobian[:, k, 0] - slope) <= 1e-6 * scale**2 * (1 + np.abs(slope))), (k, drawn.expression)
    if not nested:
        with mp.workdps(15):
            twin = exact["residual"]([mp.mpf(v) for v in drawn.point[:n]], [mp.mpf(v) for v in drawn.point[n:]])
        assert residual[:, 0] == pytest.approx([float(v) for v in twin], abs=1e-8, rel=1e-8), drawn.expression


def _parts_agree(f, unknowns, point, digits):
    """The Jacobian and what is reported, beside the mpmath twin; digits that they share."""
    system = KINDS["state"](FreeEnergy(f, unknowns, [T]))
    fast, exact = _modules(system)
    n = len(unknowns)
    u, p = np.array(point[:n])[:, None], np.array(point[n:])[:, None]
    with mp.workdps(15), np.errstate(all="ignore"):
        for part in ("residual", "jacobian", "outputs"):
            found = fast[part](u, p)[..., 0]
            twin = exact[part]([mp.mpf(v) for v in point[:n]], [mp.mpf(v) for v in point[n:]])
            assert found == pytest.approx(np.array(twin, dtype=float).reshape(found.shape), abs=10.0**-digits), part


@pytest.mark.slow
@pytest.mark.parametrize("steep", [m + z, m * z + HALF])
def test_a_kink_beside_a_steep_function_of_another_argument(steep):
    f = m**2 / 2 + x**2 / 2 - GaussianAverage(sp.Abs(m + sp.sqrt(x) * z) * tanh(steep / T), z)
    _parts_agree(f, [m, x], [0.4, 0.6, 1e-3], 10)


def test_slopes_that_have_an_integrable_pole():
    f = m**2 / 2 + x**2 / 2 - GaussianAverage(sp.Abs(m + x * z) ** sp.Rational(3, 2), z)
    _parts_agree(f, [m, x], [0.4, 0.6, 1.0], 6)


@pytest.mark.parametrize(
    "gated",
    [
        sp.Piecewise((log(x + 2 + z) ** 2, (x + z > 0) & (x + z < 1)), (0, True)),
        sp.Piecewise((sp.sqrt(x + z + 1), x + z > 0), (0, True)) ** 3,
        sp.Piecewise((log(x + z), x + z > 1), (sp.sqrt(1 - x - z) - 1, x + z < 0), (0, True)),
    ],
)
def test_jumps_within_cases_count(gated):
    """Slopes twice over, where each jump leaves a δ function: against differences of integrals between the jumps."""
    system = KINDS["state"](FreeEnergy(GaussianAverage(gated, z), [x], [T]))
    fast, _ = _modules(system, twin=False)
    inside = sp.lambdify((x, z), gated, "mpmath")

    def mean(at):
        return mp.quad(lambda v: mp.npdf(v) * inside(at, v), [-11, -3, -at, 1 - at, 3, 11])

    place = mp.mpf("0.3")
    u, p = np.array([[0.3]]), np.ones((1, 1))
    with mp.workdps(30), np.errstate(all="ignore"):
        slope, bend = mp.diff(mean, place, 1, h=mp.mpf("1e-6")), mp.diff(mean, place, 2, h=mp.mpf("1e-6"))
        ratio = fast["residual"](u, p)[0, 0] / slope
        assert fast["jacobian"](u, p)[0, 0, 0] / bend == pytest.approx(float(ratio), rel=1e-8)


@pytest.mark.parametrize(
    ("function", "argument"),
    [
        pytest.param(function, argument, marks=[] if k == 15 else pytest.mark.slow)
        for k, function in enumerate(FUNCTIONS[:22])
        for argument in (m + x * z, (m + x * z) ** 2, m**2 + x * z, m + x * z**2)
    ],
)
def test_arguments_that_vanish(function, argument):
    """At m = x = 0 the integrand is constant, and so near by: no slope is divided by."""
    system = KINDS["state"](FreeEnergy(m**2 + x**2 - GaussianAverage(function(argument), z), [m, x], [T]))
    fast, _ = _modules(system, twin=False)
    u, p = np.array([[0.0, 1e-9, 0, 1e-9], [0, 0, 1e-9, 1e-9]]), np.ones((1, 4))
    with np.errstate(all="ignore"):
        residual, outputs = fast["residual"](u, p), fast["outputs"](u, p)[0]
    assert residual == pytest.approx(np.repeat(residual[:, :1], 4, axis=1), abs=1e-7)
    assert outputs == pytest.approx(np.full(4, float(-function(sp.Integer(0)))), abs=1e-8)


def test_a_parabola_at_every_slope():
    from dammech.equations.quadrature import parabola

    places, (b, k) = np.linspace(-9, 9, 37), np.meshgrid([0, 1e-200, 1e-9, 1.0, -3.0], [0, 1e-300, 1e-12, 1e-3, 1.0, -2.0])
    for at in places:
        c = (at * b + 1) * 0.3
        assert parabola(at, c, b, k, b**2 - 4 * k * c) == pytest.approx(c + b * at + k * at**2, rel=1e-13, abs=1e-13)


@pytest.mark.parametrize("seed", [14, 38])
def test_random_free_energies(seed):
    _agrees(seed)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_many_random_free_energies(block):
    for seed in range(1000 + 12 * block, 1012 + 12 * block):
        _agrees(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_random_nested_averages(seed):
    _agrees(seed, nested=True)


@pytest.mark.parametrize(
    "function", [pytest.param(FUNCTIONS[k], marks=[] if k == 15 else pytest.mark.slow) for k in (2, 10, 14, 15, 16, 22)]
)
def test_states_of_four_order_parameters_are_ready_in_seconds(function):
    unknowns = sp.symbols("m q r s", real=True)
    f = sp.Add(*[u**2 for u in unknowns]) - GaussianAverage(function((unknowns[0] + unknowns[1] * z) / T) * (unknowns[2] + z), z)
    started = time.process_time()
    source = numpy_source(KINDS["state"](FreeEnergy(f, unknowns, [T])), "state")
    assert time.process_time() - started < 20
    assert "Delta" not in source
