"""Two layers: the spectrum at a steady state in closed form."""

from __future__ import annotations

from functools import cache
from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.letters import Letter, NegativeEigenvalues
from dammech.derive.steps import Hypothesis, Step
from dammech.derive.theorem import Theorem
from dammech.systems.lagrangian.theory.concrete import Net, draws, layered
from dammech.systems.lagrangian.theory.hypotheses import ONE_TIME, TRANSPOSE
from dammech.systems.lagrangian.theory.stability.smooth import (
    determinant,
    full_jacobian,
    unstable,
)
from dammech.systems.lagrangian.theory.symbols import Point, matrix, must_vanish, proven, symbol, symmetric, vector

_lambda, _tau = symbol("lambda"), (symbol("tau_v"), symbol("tau_h"))
_C = Letter("C", matrix("C", 2))


def two_layers() -> Theorem:
    """The eigenvalues through the singular values of H_h^½ ξ H_v^½."""
    return Theorem(
        "dead-neurons.two-layers",
        "Two layers in closed form",
        "For τ_v v̇ = ξᵀf(h) − v + I and τ_h ḣ = ξ g(v) − h + c, let σ_k be the singular values of H_h^½ ξ H_v^½ at the steady "
        "state. Every σ_k > 0 gives the two eigenvalues λ_k^±; all others are −1/τ_v and −1/τ_h, whatever is dead. The "
        "state is stable iff the largest σ_k is below 1, whatever the time constants.",
        [_similar(), _polynomial(), _eigenvalues(), _count()],
        ("krotov2020", "fanaskov2024"),
    )


@cache
def _in_singular_basis() -> sp.Matrix:
    """Sᵀ-similar J: with ξ = B⁻¹ U Σ Vᵀ A⁻¹, H_v = A², H_h = B², in the basis of singular vectors."""
    A, B = symmetric("A", 2), symmetric("B", 2)
    C = matrix("C", 2)
    tau_v, tau_h = _tau
    xi = B.inv() * C * A.inv()
    J = sp.Matrix(sp.BlockMatrix([
        [-sp.eye(2) / tau_v, xi.T * B * B / tau_v], [xi * A * A / tau_h, -sp.eye(2) / tau_h],
    ]))
    S = sp.diag(A, B)
    return sp.ImmutableMatrix((S * J * S.inv()).applyfunc(sp.cancel).applyfunc(sp.expand))


def _point(key: str, hidden: str = "relu", feedback: bool = False, mixed: bool = False, strength: float = 1.0) -> Point:
    """Two visible neurons (ghostmax) and two hidden ones at a steady state."""
    x = draws(f"{key} x", 4)
    if hidden == "relu":
        x[2:] = abs(x[2:]) + mp.mpf(1) / 4
    up = 4 * strength * draws(f"{key} up", 2, 2)
    W = layered(up, 4 * draws(f"{key} down", 2, 2) if feedback else None)
    tau = draws(f"{key} tau", 3, low=0.5, high=3)
    times = [tau[0], tau[0], tau[1], tau[2] if mixed else tau[1]]
    net = Net([("ghostmax", 2), (hidden, 2)], W, [0] * 4, times).pinned(x)
    H = net.hessian(x)
    A, B = _root(H[:2, :2]), _root(H[2:, 2:])
    C = B * mp.matrix(up) * A
    values = {"C": C, "sigma": mp.svd_r(C, compute_uv=False), "tau_v": tau[0], "tau_h": tau[1], "lambda": mp.mpf(7) / 16}
    return Point(values, net=net, x=x, roots=(A, B))


def _root(H: Any) -> Any:
    """The positive semidefinite square root."""
    values, vectors = mp.eigsy(H)
    return vectors * mp.diag([mp.sqrt(max(v, mp.mpf(0))) for v in values]) * vectors.T


def _similar() -> Step:
    def oracle(p: Any) -> list[Any]:
        S = mp.zeros(4)
        S[:2, :2], S[2:, 2:] = p.of.roots
        return list(S * full_jacobian(p) * S ** -1)

    T, one = Letter("T", sp.diag(*[s for tau in _tau for s in (tau, tau)])), sp.Identity(2)
    return Step(
        "Similar to a matrix of the couplings C = H_h^½ ξ H_v^½",
        ["S J S^{-1}"],
        proven(T.I * sp.BlockMatrix([[-one, _C.T], [_C, -one]]), _in_singular_basis()),
        "S = diag(A, B) with H_v = A², H_h = B² and ξ = B⁻¹ C A⁻¹: A and B drop out",
        "numerical Jacobian of the velocity of a concrete net, and numerical square roots of its Hessians",
        [_point("similar", "ghostmax")],
        oracle,
        assumption="H_v and H_h invertible; by continuity of the characteristic polynomial the next steps do not need it",
        hypotheses=(Hypothesis(TRANSPOSE, [_point("similar", "ghostmax", feedback=True)]),
                    Hypothesis(ONE_TIME, [_point("similar", "ghostmax", mixed=True)])),
    )


def _polynomial_() -> sp.Expr:
    """det(λ − J) with the singular values of C in its place (any orthogonal U, V drop out of a determinant)."""
    J, sigma = _in_singular_basis(), vector("sigma", 2)
    singular = dict(zip(matrix("C", 2), sp.diag(*sigma)))
    return sp.factor((_lambda * sp.eye(4) - J.xreplace(singular)).det())


def _polynomial() -> Step:
    D, (tau_v, tau_h) = Letter("D", sp.diag(*vector("sigma", 2))), _tau
    pairs = (_lambda + 1 / tau_v) * (_lambda + 1 / tau_h) * sp.Identity(2) - D**2 / (tau_v * tau_h)
    return Step(
        "The characteristic polynomial",
        [r"\det(\lambda - J)"],
        proven(sp.Determinant(pairs), _polynomial_()),
        "C = U D Vᵀ, D = diag(σ₁, σ₂), and diag(V, U) leaves the determinant as it is: one quadratic factor for each σ_k",
        "determinant of λ − J with the numerical Jacobian; hidden layers with a null direction (softmax) and without",
        [_point("polynomial"), _point("polynomial", "softmax")],
        determinant,
        source="krotov2020",
        hypotheses=(Hypothesis(TRANSPOSE, [_point("polynomial", feedback=True)]),
                    Hypothesis(ONE_TIME, [_point("polynomial", "softmax", mixed=True)])),
    )


def _roots() -> list[sp.Expr]:
    """λ_1^+ and λ_1^− of the factor that holds σ_1."""
    sigma = vector("sigma", 2)[0]
    positive = {s: sp.Symbol(s.name, positive=True) for s in (*_tau, sigma)}
    factors = [f for f in _polynomial_().args if sigma in f.free_symbols]
    found = sp.solve(factors[0].xreplace(positive), _lambda)
    back = {v: k for k, v in positive.items()}
    return sorted([sp.simplify(e).xreplace(back) for e in found], key=lambda e: -e.subs({sigma: 2, _tau[0]: 1, _tau[1]: 3}))


def _eigenvalues() -> Step:
    def oracle(p: Any) -> list[Any]:
        values = [mp.re(v) for v in mp.eig(full_jacobian(p), right=False)]
        return [max(values), min(values)]

    return Step(
        "Eigenvalues",
        [r"\lambda_1^+", r"\lambda_1^-"],
        tuple(_roots()),
        "roots of the quadratic factor; where σ_k = 0 they are −1/τ_v and −1/τ_h",
        "largest and smallest eigenvalue of the full numerical Jacobian, with a dead direction in the hidden layer",
        [_point("eigenvalues"), _point("eigenvalues", "softmax")],
        oracle,
        source="fanaskov2024",
        hypotheses=(Hypothesis(TRANSPOSE, [_point("eigenvalues", feedback=True)]),),
    )


def _count() -> Step:
    """Of each pair of roots the product is (1 − σ²)/(τ_vτ_h), and the sum is negative."""
    sigma, (tau_v, tau_h) = vector("sigma", 2)[0], _tau
    first, last = _roots()
    must_vanish("product and sum of the roots",
                first * last * tau_v * tau_h - 1 + sigma**2, first + last + 1 / tau_v + 1 / tau_h)
    kinds, strengths = ("relu", "softmax", "ghostmax"), (0.4, 0.7, 1, 1.5, 2.5, 4)
    return Step(
        "The number of unstable directions",
        [r"\#\{\lambda > 0\}"],
        (NegativeEigenvalues(sp.Identity(2) - _C.T * _C),),
        "λ⁺λ⁻ = (1 − σ²)/(τ_vτ_h) and λ⁺ + λ⁻ < 0: every σ_k > 1 makes one unstable direction. They are the negative "
        "eigenvalues n_- of 1 − CᵀC, counted by the changes of sign of its leading minors",
        "eigenvalues of the full numerical Jacobian, for random time constants",
        [_point(f"count {k}", kinds[k % 3], strength=strengths[k % 6]) for k in range(48)],
        unstable,
        source="fanaskov2024",
        hypotheses=(Hypothesis(TRANSPOSE, [_point("count 3", feedback=True)]),),
    )
