"""Sign tests that separate real flat regions from spurious ones, and how the flow leaves a spurious one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp

from dammech.derive.letters import Letter
from dammech.derive.steps import Hypothesis, Step
from dammech.derive.theorem import Theorem
from dammech.systems.lagrangian.theory.concrete import Net, array, draws, flow, gradient, root, settled, symmetrised
from dammech.systems.lagrangian.theory.symbols import (
    Point,
    column,
    columns,
    form,
    product,
    proven,
    relaxation,
    symbol,
    symmetric,
    vector,
)

#: one linear visible neuron v with input I, two rectified hidden ones with weights ξ_1, ξ_2 and biases 0, b_2
_xi, _I, _b = vector("xi", 2), symbol("I"), symbol("b_2")
_ALIVE = "neuron 1 is alive, h₁ > 0"


def spurious_flats() -> Theorem:
    """The sign of the drive decides."""
    return Theorem(
        "dead-neurons.spurious-flats",
        "Sign tests: real and spurious flat regions",
        "A flat region of E is real iff the drive W g + b of its activation lies in it: for dead rectified neurons it must "
        "not be positive, (W g + b)_i ≤ 0; for a spherical or layer norm without ε it must not point against the activation, "
        "g·(W g + b) > 0; for softmax no test is needed. Otherwise the region is a plateau of E without a steady state: "
        "∇E = 0 and dE/dt = 0 there, it may even be a local minimum of E, and yet the flow leaves it.",
        [_plateau(), _count(), _normalised(), _escape()],
        ("fanaskov2024",),
    )


def live() -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Steady v and h_1 while neuron 2 is dead, and the drive of neuron 2."""
    v, h = sp.symbols("v h", real=True)
    found = sp.solve([_xi[0] * h + _I - v, _xi[0] * v - h], [v, h], dict=True)[0]
    return found[v], found[h], _xi[1] * found[v] + _b


def family(xi: Any, current: Any, bias: Any, of: Mapping[str, Any] | None = None, **more: Any) -> Point:
    """The net of numbers of this family; states are (v, h_1, h_2)."""
    xi, current, bias = array(xi), mp.mpf(current), mp.mpf(bias)
    weights = [[0, *xi], [xi[0], 0, 0], [xi[1], 0, 0]]
    net = Net([("identity", 1), ("relu", 2)], weights, [current, 0, bias], more.get("tau"))
    return Point({"xi": xi, "I": current, "b_2": bias, **more}, net=net, **(of or {}))


def ends(p: Any, starts: Any, time: float, step: float) -> Any:
    """Where starts (the columns of an array) are after a time, by the flow of the family in double precision."""
    x1, x2, current, bias = (float(p[s]) for s in (*_xi, _I, _b))

    def velocity(x: Any) -> Any:
        f = np.maximum(x[1:], 0)
        return np.array([x1 * f[0] + x2 * f[1] - x[0] + current, x1 * x[0] - x[1], x2 * x[0] - x[2] + bias])

    return settled(velocity, np.array(starts), time, step)


def _plateau() -> Step:
    v, h, drive = live()

    def oracle(p: Any) -> list[Any]:
        """Newton's method for v and h_1, with h_2 held far below; then the drive of h_2 there."""
        found = root(lambda z: p.of.net.drive(array([*z, -50]))[:2], [1, 1])
        return [*found, p.of.net.drive(array([*found, -50]))[2] - 50]

    return Step(
        "Steady values on the plateau, and the drive of the dead neuron",
        ["v", "h_1", r"\kappa"],
        (v, h, drive),
        "the equations of the live neurons, solved; κ = ξ₂v + b₂ is the value that h₂ relaxes to while it is dead",
        "root of the drive by Newton's method with h₂ held at −50",
        [family((0.4375, -0.625), 1.125, 0.3125)],
        oracle,
        assumption="one linear visible neuron, two rectified hidden ones; the first one is alive, the second one is dead",
        hypotheses=(Hypothesis(_ALIVE, [family((0.4375, -0.625), -1.125, 0.3125)]),),
    )


def _count() -> Step:
    drive = live()[2]
    points = []
    for a, c, d, e in draws("sign test", 40, 4):
        xi, current = (abs(a) / 2, c / 2), 1 + abs(d)
        points.append(family(xi, current, e / 4 - xi[1] * current / (1 - xi[0] ** 2)))  # near the threshold

    def oracle(p: Any) -> list[Any]:
        """The fate of a start far out on the plateau."""
        v, h, _ = (float(e.xreplace({k: sp.Float(str(x), 17) for k, x in p.items() if k in e.free_symbols})) for e in live())
        return [mp.sign(ends(p, [v, h, -8.0], 30, 0.05)[2])]

    return Step(
        "The sign test",
        [r"\operatorname{sign} h_2(\infty)"],
        (sp.sign(drive),),
        "on the plateau h₂ relaxes to κ, which lies on it iff κ < 0: there is one steady state on it, or none",
        "integration from far out on the plateau: whether h₂ is dead or alive in the end",
        points,
        oracle,
        source="fanaskov2024",
        hypotheses=(Hypothesis(_ALIVE, [family((0.5, 0.75), -1, 0.875)]),),
    )


def _normalised() -> Step:
    """A spherical norm: at an E-critical state W g + b = μ g."""
    g, b, W = column(vector("g", 2)), column(vector("b", 2)), symmetric("W", 2)
    mu = sp.Symbol("mu", real=True, nonzero=True)
    x = vector("x", 2)
    activation = [sp.diff(sp.sqrt(x[0] ** 2 + x[1] ** 2), s).subs(dict(zip(x, mu * g))) for s in x]
    unit_ = {g[0] ** 2: 1 - g[1] ** 2}
    size = sp.sqrt(sp.expand(sp.expand((mu * g).dot(mu * g)).subs(unit_)))  # |μ|
    claim = [sp.cancel(e * sp.sqrt((mu * g).dot(mu * g)) / size) for e in activation]
    along = form(g, W) + product(g, b)
    named = [e.replace(lambda f: isinstance(f, sp.Abs), lambda f: mu / sp.sign(mu)).xreplace({mu: along}) for e in claim]

    weights, (ray, bias) = Letter("W", W), columns("gb", 2)

    def point(k: int, critical: bool = True) -> Point:
        x_, W_ = draws(f"normalised {k}", 2), symmetrised(draws(f"normalised W {k}", 2, 2))
        g_ = x_ / mp.norm(x_)
        mu_ = draws(f"normalised mu {k}", 1)[0] / 8  # near the threshold, where every term decides
        target = mu_ * g_ if critical else array([mu_ * g_[0], 0.5 - g_[1]])
        net = Net([("spherical", 2)], W_, target - W_ @ g_)
        return Point({"g": g_, "b": net.b, "W": W_}, net=net, g=g_)

    return Step(
        "A recovered state on the ray or on the opposite one",
        ["g(x^*)"],
        proven(sp.sign(sp.Trace(ray.T * (weights * ray + bias))) * ray, named),
        "∇|x| at x* = W g + b = μ g with |g| = 1: sign(μ) g, the same activation iff μ = g·(W g + b) > 0",
        "numerical gradient of |x| at W g + b",
        [point(k) for k in range(30)],
        lambda p: gradient(p.of.net.lagrangian, p.of.net.fields(p.of.g)),
        source="fanaskov2024",
        hypotheses=(Hypothesis("x is critical, so that W g + b is a multiple of g", [point(3, critical=False)]),),
    )


def _escape() -> Step:
    t = symbol("t")
    path = relaxation(symbol("x_3"), symbol("kappa"), symbol("tau_3"))

    def point(off: int = 0) -> Point:
        v = mp.mpf(4) / 3  # the steady value for ξ₁ = 1/2
        begin = array([v + off, v / 2, -0.75])
        values = {"kappa": 1 - v / 4, "x_3": begin[2], "t": 0.375, "tau": [1, 1, 1.25]}
        return family((0.5, -0.25), 1, 1, of={"begin": begin}, **values)

    def oracle(p: Any) -> list[Any]:
        """The flow of the whole net: h_2 after a time, and when it is zero."""
        def height(time: Any) -> Any:
            return flow(p.of.net.velocity, p.of.begin, time)[2]

        return [height(p[t]), mp.findroot(height, (0.7, 0.9), tol=mp.mpf(10) ** -60, verify=False)]

    return Step(
        "Leaving a spurious plateau",
        ["h_2(t)", r"t_{\mathrm{esc}}"],
        (path, sp.solve(path, t)[0]),
        "τ ḣ₂ = κ − h₂ with κ > 0, solved, and the time at which h₂ = 0; E does not change before",
        "integration of the whole net by extrapolation, and the zero of h₂ by the secant method",
        [point()],
        oracle,
        source="fanaskov2024",
        hypotheses=(Hypothesis("the live neurons start at rest", [point(off=1)]),),
    )
