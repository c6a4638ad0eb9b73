"""How far back a stream is remembered at T = 0: effective load, window, blackout and the best rate, for each kernel."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import sympy as sp

from dammech.declared.kernels import Kernel
from dammech.derive.ages import EXPONENTS, integral_up_to
from dammech.derive.oracles import at_infinity, number, symbol_points
from dammech.derive.steps import Step
from dammech.derive.theorem import Theorem

rate = sp.Symbol("varepsilon", positive=True)
capacity = sp.Symbol("alpha_c", positive=True)
stored = sp.Symbol("alpha", positive=True)
age = sp.Symbol("u", positive=True)
weight = sp.Symbol("Lambda", positive=True)
s, k = EXPONENTS["power-law"], EXPONENTS["compressed-exponential"]

_AT: dict[str, dict[sp.Symbol, list[str]]] = {
    "exponential": {}, "power-law": {s: ["1.3", "0.8"]}, "compressed-exponential": {k: ["2", "0.7"]}, "hard-buffer": {},
}


def windows(kernel: str) -> Theorem:
    """The windows of one kernel, as a fraction of the capacity α_c of the memory that does not forget (p ≥ 3, T = 0)."""
    exponents = _AT[kernel]
    one = {capacity: ["0.11", "0.04"], **exponents}
    second = integral_up_to(kernel, sp.oo)
    steps = [
        Step("Effective load", ["A"], (second / rate,), "A = ∫ Λ(x)² dx over all ages x, with Λ = g(εx)",
             "sum over the patterns of a stream at finite N, extrapolated in 1/N^{p−1}"
             if kernel == "exponential" else "numerical integral over ages",
             symbol_points({rate: ["17.5", "9.1"], **exponents}), lambda p: [_load(kernel, p)],
             assumption="the covariance of the noise depends on the weights through A alone (p ≥ 3)", source="mezard1986",
             tolerance=1e-11 if kernel == "exponential" else None),
        Step("Finite history", ["A"], (integral_up_to(kernel, rate * stored) / rate,),
             "the same integral over ages up to the load α stored so far", "numerical integral over ages",
             symbol_points({rate: ["3.1"], stored: ["0.09", "0.4"], **exponents}),
             lambda p: [_partial(kernel, p, number(p[stored]))]),
        Step("Blackout", [r"\varepsilon_c"], (second / capacity,), "A = α_c: the newest pattern is at its capacity",
             "numerical root of the effective load", symbol_points(one), lambda p: [_blackout(kernel, p)],
             source="mezard1986"),
    ]
    if kernel == "hard-buffer":
        steps += _at_once(second, one)
    else:
        steps += _fading(kernel, second, one)
    if kernel == "exponential":
        steps += _finite_history()
    return Theorem(
        f"palimpsest.windows.{kernel}", f"Windows of the {kernel} kernel",
        "The newest w N^{p−1} patterns of a stream are retrieved; slower forgetting than ε_c destroys all of them.",
        steps, ("mezard1986", "nadal1986"),
    )


def _fading(kernel: str, second: sp.Expr, one: dict[sp.Symbol, list[str]]) -> list[Step]:
    exponents = _AT[kernel]
    shape = Kernel(kernel).weight(age, sp, EXPONENTS.get(kernel))
    inverse = {"exponential": -sp.log(weight), "power-law": weight ** (-1 / s) - 1,
               "compressed-exponential": (-sp.log(weight)) ** (1 / k)}[kernel]
    assert sp.simplify(inverse.xreplace({weight: shape}) - age) == 0
    window = sp.simplify(inverse.xreplace({weight: sp.sqrt(second / rate / capacity)}) / rate)
    # stationary in the age at the edge: w = u g(u)² α_c/G and ε = G/(α_c g(u)²)
    condition = 1 + 2 * age * sp.diff(sp.log(shape), age)
    best_age = {"exponential": sp.Rational(1, 2), "power-law": 1 / (2 * s - 1),
                "compressed-exponential": (2 * k) ** (-1 / k)}[kernel]
    assert sp.simplify(condition.xreplace({age: best_age})) == 0
    best_weight = sp.simplify(shape.xreplace({age: best_age}))
    best_rate = sp.simplify(second / (capacity * best_weight**2))
    widest = sp.simplify(best_age / best_rate)
    return [
        Step("Age of a weight", ["u"], (inverse,), "the inverse of Λ = g(u)", "numerical root",
             symbol_points({weight: ["0.9", "0.3"], **exponents}), lambda p: [_aged(kernel, p)]),
        Step("Slope", ["g'(u)"], (sp.powsimp(sp.diff(shape, age)),), "derivative of g", "numerical derivative",
             symbol_points({age: ["0.3", "1.2"], **exponents}), lambda p: [_slope(_g(kernel, p), number(p[age]))]),
        Step("Window", ["w"], (window,), "Λ(w)² = A/α_c: the pattern is at the edge of its capacity Λ²α_c",
             "numerical root", symbol_points({rate: ["17.5", "9.1"], capacity: ["0.11"], **exponents}),
             lambda p: [_window(kernel, p)], assumption="T = 0, p ≥ 3"),
        Step("Optimal rate", [r"\varepsilon_{opt}", r"w_{max}"], (best_rate, widest),
             "w is stationary in the age at the edge of the window: 1 + 2u g'(u)/g(u) = 0",
             "numerical maximum of the window over rates", symbol_points(one), lambda p: _best(kernel, p)),
    ]


def _at_once(second: sp.Expr, one: dict[sp.Symbol, list[str]]) -> list[Step]:
    """What a kernel that cuts off has in place of a slope."""
    return [
        Step("Optimal rate", [r"\varepsilon_{opt}", r"w_{max}"], (second / capacity, capacity / second),
             "all patterns have the weight 1, so that the window is 1/ε down to the blackout",
             "numerical root, and numerical integral of the weights over ages at that rate",
             symbol_points(one), lambda p: [_blackout("hard-buffer", p), mp.quad(
                 lambda x: _g("hard-buffer", p)(x / number(p[capacity])), [0, number(p[capacity]), 1])]),
    ]


def _finite_history() -> list[Step]:
    growth = sp.Symbol("X", positive=True)  # e^{2 ε α}
    (last,) = sp.solve(sp.Eq((1 - 1 / growth) / (2 * rate), capacity), growth)
    (first,) = sp.solve(sp.Eq((1 - 1 / growth) / (2 * rate), capacity / growth), growth)
    at = symbol_points({rate: ["3.1", "2.2"], capacity: ["0.11"]})
    return [
        Step("Blackout load", [r"\alpha_b"], (sp.simplify(sp.log(last) / (2 * rate)),),
             "A(α_b) = α_c: the newest pattern is lost, below ε_c", "numerical root", at,
             lambda p: [_root_of(lambda a: _partial("exponential", p, a) - number(p[capacity]), "0.15")]),
        Step("First pattern", [r"\alpha_{first}"], (sp.simplify(sp.log(first) / (2 * rate)),),
             "A(α) = α_c Λ(α)²: the oldest pattern is at its capacity", "numerical root", at,
             lambda p: [_root_of(
                 lambda a: _partial("exponential", p, a) - number(p[capacity]) * mp.exp(-2 * number(p[rate]) * a), "0.08")]),
    ]


# -- the other route --------------------------------------------------------------------------------------------------


def _g(kernel: str, p: Any) -> Any:
    power = next((number(v) for x, v in p.items() if x in (s, k)), mp.mpf(1))
    return {
        "exponential": lambda u: mp.exp(-u), "power-law": lambda u: (1 + u) ** (-power),
        "compressed-exponential": lambda u: mp.exp(-(u**power)), "hard-buffer": lambda u: mp.mpf(u < 1),
    }[kernel]


def _load(kernel: str, p: Any) -> mp.mpf:
    g, eps = _g(kernel, p), number(p[rate])
    if kernel == "exponential":
        values = {}
        for size in (200, 280, 400, 560, 800, 1120):  # N^{p−1}; the sum is smooth in its inverse
            values[size] = mp.fsum(g(eps * mu / size) ** 2 for mu in range(int(40 * size / eps))) / size
        return at_infinity(values)
    return _integral(g) / eps


def _integral(g: Any, end: mp.mpf = mp.inf) -> mp.mpf:
    last = mp.cbrt(end) if end < mp.inf else end
    marks = [mp.mpf(x) for x in ("0", "0.01", "0.1", "0.5", "1", "2", "10") if mp.mpf(x) < last]
    return mp.quad(lambda v: 3 * v**2 * g(v**3) ** 2, [*marks, last])


def _partial(kernel: str, p: Any, load: mp.mpf) -> mp.mpf:
    return _integral(_g(kernel, p), number(p[rate]) * load) / number(p[rate])


def _aged(kernel: str, p: Any) -> mp.mpf:
    g, wanted = _g(kernel, p), mp.log(number(p[weight]))
    return _root_of(lambda u: mp.log(g(u)) - wanted, "0.2")


def _slope(g: Any, u: mp.mpf) -> mp.mpf:
    with mp.workdps(2 * mp.mp.dps):
        return mp.diff(g, u)


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


def _root_of(function: Any, near: str) -> mp.mpf:
    start = mp.mpf(near)
    return mp.findroot(function, (start, start * mp.mpf("1.1")), solver="secant", tol=mp.mpf(10) ** (-2 * mp.mp.dps + 12))
