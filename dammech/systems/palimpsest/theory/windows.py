"""How far back a stream is remembered at T = 0: effective load, window, blackout and the best rate, for each kernel."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.oracles import at_infinity, number, symbol_points
from dammech.derive.steps import Step
from dammech.derive.theorem import Theorem

rate = sp.Symbol("varepsilon", positive=True)
capacity = sp.Symbol("alpha_c", positive=True)
stored = sp.Symbol("alpha", positive=True)
s = sp.Symbol("s", positive=True)
k = sp.Symbol("k", positive=True)
_u = sp.Symbol("u", positive=True)

_SHAPES: dict[str, tuple[sp.Expr, dict[sp.Symbol, list[str]]]] = {
    "exponential": (sp.exp(-_u), {}),
    "power-law": ((1 + _u) ** (-s), {s: ["1.3", "0.8"]}),
    "compressed-exponential": (sp.exp(-(_u**k)), {k: ["2", "0.7"]}),
}


def windows(kernel: str) -> Theorem:
    """The windows of one kernel, as a fraction of the capacity α_c of the memory that does not forget (p ≥ 3, T = 0)."""
    shape, exponents = _SHAPES[kernel]
    at = {rate: ["17.5", "9.1"], capacity: ["0.11"], **exponents}
    one = {capacity: ["0.11", "0.04"], **exponents}
    second = _second_moment(shape, kernel)
    age = sp.Symbol("u", positive=True)
    weight = sp.Symbol("Lambda", positive=True)
    inverse = {"exponential": -sp.log(weight), "power-law": weight ** (-1 / s) - 1,
               "compressed-exponential": (-sp.log(weight)) ** (1 / k)}[kernel]
    load = second / rate
    window = sp.simplify(inverse.xreplace({weight: sp.sqrt(load / capacity)}) / rate)
    # stationary in the age at the edge: w = u g(u)² α_c/G and ε = G/(α_c g(u)²)
    condition = 1 + 2 * age * sp.diff(sp.log(shape), _u).xreplace({_u: age})
    best_age = {"exponential": sp.Rational(1, 2), "power-law": 1 / (2 * s - 1),
                "compressed-exponential": (2 * k) ** (-1 / k)}[kernel]
    assert sp.simplify(condition.xreplace({age: best_age})) == 0
    best_weight = sp.simplify(shape.xreplace({_u: best_age}))
    best_rate = sp.simplify(second / (capacity * best_weight**2))
    widest = sp.simplify(best_age / best_rate)
    steps = [
        Step("Effective load", ["A"], (load,), "A = ∫ Λ(x)² dx over all ages x, with Λ = g(εx)",
             "sum over the patterns of a stream at finite N, extrapolated in 1/N^{p−1}"
             if kernel == "exponential" else "numerical integral over ages",
             symbol_points({rate: ["17.5", "9.1"], **exponents}), lambda p: [_load(kernel, p)],
             assumption="the covariance of the noise depends on the weights through A alone (p ≥ 3)", source="mezard1986",
             tolerance=1e-11 if kernel == "exponential" else None),
        Step("Window", ["w"], (window,), "Λ(w)² = A/α_c: the pattern is at the edge of its capacity Λ²α_c",
             "numerical root", symbol_points(at), lambda p: [_window(kernel, p)], assumption="T = 0, p ≥ 3"),
        Step("Blackout", [r"\varepsilon_c"], (second / capacity,), "w = 0: the newest pattern is at its capacity",
             "numerical root of the effective load", symbol_points(one), lambda p: [_blackout(kernel, p)],
             source="mezard1986"),
        Step("Optimal rate", [r"\varepsilon_{opt}", r"w_{max}"], (best_rate, widest),
             "w is stationary in the age at the edge of the window: 1 + 2u g'(u)/g(u) = 0",
             "numerical maximum of the window over rates", symbol_points(one), lambda p: _best(kernel, p)),
    ]
    if kernel == "exponential":
        steps += _finite_history()
    return Theorem(
        f"palimpsest.windows.{kernel}", f"Windows of the {kernel} kernel",
        "The newest w N^{p−1} patterns of a stream are retrieved; slower forgetting than ε_c destroys all of them.",
        steps, ("mezard1986", "nadal1986"),
    )


def _second_moment(shape: sp.Expr, kernel: str) -> sp.Expr:
    if kernel == "power-law":  # converges for s > 1/2
        v, excess = sp.symbols("v e", positive=True)  # v = 1/(1+u), and e = 2s − 1 > 0
        return sp.integrate(v ** (excess - 1), (v, 0, 1)).xreplace({excess: 2 * s - 1})
    if kernel == "compressed-exponential":
        y = sp.Symbol("y", positive=True)  # y = 2u^k
        return sp.simplify(2 ** (-1 / k) / k * sp.integrate(y ** (1 / k - 1) * sp.exp(-y), (y, 0, sp.oo)))
    return sp.integrate(shape**2, (_u, 0, sp.oo))


def _finite_history() -> list[Step]:
    load = (1 - sp.exp(-2 * rate * stored)) / (2 * rate)
    growth = sp.Symbol("X", positive=True)  # e^{2 ε α}
    (last,) = sp.solve(sp.Eq((1 - 1 / growth) / (2 * rate), capacity), growth)
    (first,) = sp.solve(sp.Eq((1 - 1 / growth) / (2 * rate), capacity / growth), growth)
    at = symbol_points({rate: ["3.1", "2.2"], capacity: ["0.11"]})
    partial = symbol_points({rate: ["3.1"], capacity: ["0.11"], stored: ["0.09", "0.3"]})
    return [
        Step("Finite history", ["A"], (load,), "the same integral over ages up to the load α stored so far",
             "numerical integral over ages", partial,
             lambda p: [mp.quad(lambda x: mp.exp(-2 * number(p[rate]) * x), [0, number(p[stored])])]),
        Step("Blackout load", [r"\alpha_b"], (sp.simplify(sp.log(last) / (2 * rate)),),
             "A(α_b) = α_c: the newest pattern is lost, below ε_c", "numerical root", at,
             lambda p: [_root_of(lambda a: _partial(p, a) - number(p[capacity]), "0.15")]),
        Step("First pattern", [r"\alpha_{first}"], (sp.simplify(sp.log(first) / (2 * rate)),),
             "A(α) = α_c Λ(α)²: the oldest pattern is at its capacity", "numerical root", at,
             lambda p: [_root_of(
                 lambda a: _partial(p, a) - number(p[capacity]) * mp.exp(-2 * number(p[rate]) * a), "0.08")]),
    ]


# -- the other route --------------------------------------------------------------------------------------------------


def _g(kernel: str, p: Any) -> Any:
    power = next((number(v) for x, v in p.items() if x in (s, k)), mp.mpf(1))
    return {
        "exponential": lambda u: mp.exp(-u), "power-law": lambda u: (1 + u) ** (-power),
        "compressed-exponential": lambda u: mp.exp(-(u**power)),
    }[kernel]


def _load(kernel: str, p: Any) -> mp.mpf:
    g, eps = _g(kernel, p), number(p[rate])
    if kernel == "exponential":
        values = {}
        for size in (200, 280, 400, 560, 800, 1120):  # N^{p−1}; the sum is smooth in its inverse
            values[size] = mp.fsum(g(eps * mu / size) ** 2 for mu in range(int(40 * size / eps))) / size
        return at_infinity(values)
    return _integral(g) / eps


def _integral(g: Any) -> mp.mpf:
    marks = [0, mp.mpf("0.01"), mp.mpf("0.1"), mp.mpf("0.5"), 2, 10, mp.inf]
    return mp.quad(lambda v: 3 * v**2 * g(v**3) ** 2, marks)


def _moment(kernel: str, p: Any) -> mp.mpf:
    return _integral(_g(kernel, p))


def _window(kernel: str, p: Any) -> mp.mpf:
    g, eps = _g(kernel, p), number(p[rate])
    target = _moment(kernel, p) / eps / number(p[capacity])
    return _root_of(lambda x: mp.log(g(eps * x) ** 2 / target), "0.02")


def _blackout(kernel: str, p: Any) -> mp.mpf:
    moment = _moment(kernel, p)
    return _root_of(lambda eps: moment / eps - number(p[capacity]), str(mp.nstr(0.9 * moment / number(p[capacity]), 5)))


def _best(kernel: str, p: Any) -> list[mp.mpf]:
    g, moment, alpha = _g(kernel, p), _moment(kernel, p), number(p[capacity])

    def window(age: mp.mpf) -> mp.mpf:  # with the rate for which this age is the edge
        return mp.log(age * alpha * g(age) ** 2 / moment)

    age = _root_of(lambda u: mp.diff(window, u), "0.4")
    return [moment / (alpha * g(age) ** 2), mp.exp(window(age))]


def _partial(p: Any, load: mp.mpf) -> mp.mpf:
    return mp.quad(lambda x: mp.exp(-2 * number(p[rate]) * x), [0, load])


def _root_of(function: Any, near: str) -> mp.mpf:
    start = mp.mpf(near)
    return mp.findroot(function, (start, start * mp.mpf("1.1")), solver="secant", tol=mp.mpf(10) ** (-2 * mp.mp.dps + 12))
