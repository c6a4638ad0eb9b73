"""Outside the hypotheses: a limit cycle, and time constants that make the energy rise."""

from __future__ import annotations

from functools import cache
from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp
from sympy.simplify.fu import TR7

from dammech.derive.steps import Hypothesis, Step
from dammech.derive.theorem import Theorem
from dammech.systems.lagrangian.theory.concrete import Net, array, draws, jacobian, settled
from dammech.systems.lagrangian.theory.symbols import (
    Point,
    at,
    column,
    form,
    must_vanish,
    rate_of_energy,
    symmetric,
    vector,
)

_a, _b, _phi = sp.symbols("a b phi", real=True)
_TURNED = "the feedback is turned against the feedforward weights by 2φ = π/2 or more"


def no_lyapunov() -> Theorem:
    """Feedforward and feedback weights that are turned against each other."""
    return Theorem(
        "dead-neurons.no-lyapunov",
        "Outside the hypotheses: a limit cycle",
        "Two visible and two hidden tanh neurons, v̇ = a f(h) − v and ḣ = b R(2φ) f(v) − h with a rotation R. For 2φ ≥ π/2 the "
        "only steady state is 0, all motion is bounded, and for √(ab) cos φ > 1 it is an unstable spiral: nearly every "
        "trajectory goes on moving for ever (a limit cycle at a = b = 2, φ = π/4). So no continuous function of the "
        "state can decrease along all motion: for unrelated feedback there is no Lyapunov function without altering more.",
        [_spiral(), _only_zero(), _fate()],
        ("lasalle1960", "fanaskov2024"),
    )


def time_constants() -> Theorem:
    """Why non-separable Lagrangians need one time constant."""
    return Theorem(
        "dead-neurons.time-constants",
        "The trap of time constants",
        "In a softmax block with different time constants the symmetric part of T H has a negative eigenvalue: the energy can "
        "rise, although L is convex and W symmetric. Two uncoupled neurons with β = 1, b = (1, 2), τ = (1, 10) start from x = 0 "
        "with dE/dt = +1/5.",
        [_determinant(), _rise()],
        ("krotov2021", "fanaskov2024"),
    )


# -- the limit cycle --------------------------------------------------------------------------------------------------


def _J() -> sp.Matrix:
    """The Jacobian at 0, where H = 1."""
    rotation = sp.Matrix([[sp.cos(2 * _phi), -sp.sin(2 * _phi)], [sp.sin(2 * _phi), sp.cos(2 * _phi)]])
    return sp.Matrix(sp.BlockMatrix([[-sp.eye(2), _a * sp.eye(2)], [_b * rotation, -sp.eye(2)]]))


@cache
def _parts() -> tuple[sp.Expr, sp.Expr]:
    """Real and imaginary part of the eigenvalue −1 + (ab e^{2iφ})^½, a root of the characteristic polynomial."""
    a, b = sp.symbols("a b", positive=True)
    half = sp.sqrt(a * b) * sp.exp(sp.I * _phi)
    polynomial = (half * sp.eye(4) - _J() - sp.eye(4)).det().xreplace({_a: a, _b: b})
    must_vanish("not an eigenvalue", polynomial.rewrite(sp.exp))
    leading = sp.expand(half - 1, complex=True)
    real, imaginary = (f(leading).xreplace({a: _a, b: _b}) for f in (sp.re, sp.im))
    return real, imaginary


def _turned(a: Any, b: Any, angle: Any, **of: Any) -> Point:
    phi = angle * mp.pi / 2
    cos, sin = mp.cos(2 * phi), mp.sin(2 * phi)
    weights = [[0, 0, a, 0], [0, 0, 0, a], [b * cos, -b * sin, 0, 0], [b * sin, b * cos, 0, 0]]
    return Point({"a": a, "b": b, "phi": phi}, net=Net([("tanh", 4)], weights, [0] * 4), **of)


def _spiral() -> Step:
    def oracle(p: Any) -> list[Any]:
        values = mp.eig(jacobian(p.of.net.velocity, [0] * 4), right=False)
        leading = max(values, key=lambda v: (mp.nint(mp.re(v) * 10**9), mp.im(v)))
        return [mp.re(leading), mp.im(leading)]

    return Step(
        "The leading eigenvalue at zero",
        [r"\operatorname{Re}\lambda", r"\operatorname{Im}\lambda"],
        _parts(),
        "the characteristic polynomial is one in (λ + 1)², the roots are ab e^{±2iφ}; a = b = 2, φ = π/4: 0.414 ± 1.414 i",
        "eigenvalues of the numerical Jacobian at 0",
        [_turned(2, 2, 0.5), _turned(1.25, 2.5, 0.625)],
        oracle,
        assumption="a > 0, b > 0",
    )


def _only_zero() -> Step:
    """At a steady state h = b R w with w = f(v), so that w·h = b cos 2φ |w|²."""
    w = column(vector("w", 2))
    loop = _J()[2:, :2]
    v = draws("only zero", 2)
    p = _turned(2, 1.5, 0.625, state=array([*v, 0, 0]))
    p.update(Point({"w": [mp.tanh(z) for z in v]}))

    def oracle(p: Any) -> list[Any]:
        """Σ w_i h_i with the steady h of a visible state, from the field itself."""
        net, state = p.of.net, p.of.state
        return [net.activation(state)[:2] @ net.drive(state)[2:]]

    return Step(
        "Zero is the only steady state",
        [r"f(v)\cdot h"],
        (sp.factor(sp.expand(form(w, loop))),),
        "h = b R(2φ) f(v) at rest. With v = a f(h) the left-hand side is Σ|f(v_i)||h_i|, while cos 2φ ≤ 0 on the right: "
        "both vanish",
        "the product for a concrete net",
        [p],
        oracle,
    )


def _fate() -> Step:
    size = sp.expand((_parts()[0] + 1) ** 2 - 1)  # its sign is that of Re λ
    claim = sp.sign(sp.expand(2 * TR7(size)))

    def oracle(p: Any) -> list[Any]:
        """+1 where there is still motion after a long time, −1 where there is none."""
        W = p.of.net.W.astype(float)

        def velocity(x: Any) -> Any:
            return W @ np.tanh(x) - x

        late = settled(velocity, np.array([0.3, -0.2, 0.1, 0.4]), 160, 0.1)
        return [mp.mpf(1 if np.max(abs(velocity(late))) > 1e-2 else -1)]

    points = [_turned(2, 2, 0.5)]
    for s, q, c in draws("fate", 24, 3):
        angle = mp.mpf(1) / 2 + abs(c) / 8
        product = ((1 + (mp.mpf(1) / 16 + abs(s) / 16) * mp.sign(s)) / mp.cos(angle * mp.pi / 2)) ** 2
        first = mp.mpf(3) / 4 + 3 * abs(q) / 2
        points.append(_turned(first, product / first, angle))
    return Step(
        "What becomes of a trajectory",
        [r"\text{motion}\ (+1)\ \text{or rest}\ (-1)"],
        (claim,),
        "ω-limit sets of a strict Lyapunov function consist of steady states, here 0 alone, which for Re λ > 0 attracts only "
        "its stable manifold: bounded motion that never comes to rest excludes every such function",
        "long integration: whether the net is still moving",
        points,
        oracle,
        source="lasalle1960",
        hypotheses=(Hypothesis(_TURNED, [_turned(2, 2, 0)]),),
    )


# -- time constants ---------------------------------------------------------------------------------------------------


def _softmax_pair() -> sp.Matrix:
    """H of two softmax neurons: symmetric, and 1 is a null vector."""
    top = symmetric("H", 2)
    null = sp.solve(list(top * sp.ones(2, 1)), [top[0, 1], top[1, 1]], dict=True)[0]
    return top.subs(null)


def _determinant() -> Step:
    H, T = _softmax_pair(), sp.diag(*vector("tau", 2))
    claim = sp.factor(((T * H + H * T) / 2).det())

    def oracle(p: Any) -> list[Any]:
        """Product of the eigenvalues of the symmetric part of T H, H by numerical differentiation."""
        TH = mp.diag(p.of.net.tau) * p.of.net.hessian(p.of.x)
        values = mp.eigsy((TH + TH.T) / 2, eigvals_only=True)
        return [values[0] * values[1]]

    def point(kind: str) -> Point:
        return at(Net([(kind, 2)], [[0, 0], [0, 0]], [1, 2], [1.25, 3]), draws("trap", 2))

    return Step(
        "The symmetric part of T H is indefinite",
        [r"\det \tfrac12 (T H + H T)"],
        (claim,),
        "H = a[[1, −1], [−1, 1]] for two softmax neurons: minus a square, zero only for equal time constants",
        "eigenvalues of the numerical matrix",
        [point("softmax")],
        oracle,
        source="krotov2021",
        hypotheses=(Hypothesis("two softmax neurons, (1, 1) is a null vector of H", [point("ghostmax")]),),
    )


def _rise() -> Step:
    H, tau, b, x = _softmax_pair(), vector("tau", 2), column(vector("b", 2)), column(vector("x", 2))
    velocity = sp.diag(*tau).inv() * (b - x)  # uncoupled neurons far from the state b, W = 0
    claim = sp.factor(-form(velocity, sp.diag(*tau) * H))

    def point(W: Any) -> Point:
        return at(Net([("softmax", 2)], W, [1, 2], [1, 10]), [0, 0])

    example = point([[0, 0], [0, 0]])
    other = at(Net([("softmax", 2)], [[0, 0], [0, 0]], [1.25, -0.5], [1.5, 0.75]), draws("rise", 2))
    return Step(
        "The energy rises",
        [r"\dot E"],
        (claim,),
        "dE/dt = −ẋ·T H ẋ for uncoupled neurons, W = 0; b = (1, 2), τ = (1, 10), x = 0: H₁₁ = 1/4 and dE/dt = +1/5",
        "numerical slope of the energy along the flow",
        [example, other],
        rate_of_energy,
        source="fanaskov2024",
        hypotheses=(Hypothesis("the neurons are uncoupled, W = 0", [point([[0.5, 0.25], [0.25, -0.75]])]),),
    )


