"""Stability of a steady state is decided in the range of the Hessian."""

from __future__ import annotations

from functools import cache
from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp

from dammech.derive.letters import Letter, NegativeEigenvalues, entries
from dammech.derive.steps import Hypothesis, Step
from dammech.derive.theorem import Theorem
from dammech.systems.lagrangian.theory.concrete import Net, array, draws, jacobian, random_net, second, settled
from dammech.systems.lagrangian.theory.hypotheses import CONVEX, ONE_TIME, STEADY, SYMMETRIC
from dammech.systems.lagrangian.theory.symbols import (
    Point,
    Undefined,
    at,
    column,
    energy_of,
    matrix,
    must_vanish,
    proven,
    symbol,
    symmetric,
    upper,
    vector,
)

_lambda = symbol("lambda")
_LAMBDA = mp.mpf(7) / 16
SMOOTH = "g is differentiable at the steady state (no neuron at a kink)"
_COLLECTIVE = [("softmax", 3)]
_TWO_BLOCKS = [("softmax", 2), ("tanh", 1)]


def stability() -> Theorem:
    """The reduced Jacobian, the characteristic polynomial, the inertia."""
    return Theorem(
        "dead-neurons.stability",
        "Stability lives in the range of the Hessian",
        "At a steady state with H = P Λ Pᵀ the Jacobian J = T⁻¹(W H − 1) is block triangular in the basis of range and null "
        "space: its spectrum is that of J_red = T_r⁻¹(M Λ − 1) with M = PᵀWP, and −1/τ for every null direction, for any "
        "weights. For symmetric W and convex L the eigenvalues are real, and as many are positive as Λ⁻¹ − M has negative "
        "ones, whatever the time constants; the second derivatives of E are H − H W H, which are blind to null directions.",
        [_triangular(), _polynomial(), _two_blocks(), _real(), _index(), _second_derivatives()],
        ("fanaskov2024", "krotov2021"),
    )


def reduced(net: Net, x: Any, **more: Any) -> Point:
    """Λ, M, τ of the range at a steady x, and the orthogonal basis Q: of every block its range, the null vectors last."""
    net, x = net.pinned(x), array(x)
    hessian, start = net.hessian(x), 0
    directions: list[Any] = []
    for _, size in net.blocks:
        values, vectors = mp.eigsy(hessian[start:start + size, start:start + size])
        for k in range(size):
            whole = np.concatenate([array([0] * start), array(vectors[:, k]), array([0] * (net.n - start - size))])
            directions.append((values[k], whole, net.tau[start]))
        start += size
    directions.sort(key=lambda direction: abs(direction[0]) < mp.mpf(10) ** -30)
    Lambda, basis, tau = zip(*directions)
    Q = array(basis).T
    return Point({"M": Q.T @ net.W @ Q, "Lambda": Lambda, "tau": tau, **more}, net=net, x=x, Q=mp.matrix(Q))


@cache
def _in_basis() -> sp.Matrix:
    """Qᵀ J Q for any orthogonal Q, with W = Q M Qᵀ and H = Q diag(Λ₁, Λ₂, 0) Qᵀ."""
    Q, M, H = (sp.MatrixSymbol(name, 3, 3) for name in "QMH")
    form = (Q.T * (Q * M * Q.T * (Q * H * Q.T) - sp.Identity(3)) * Q).expand().doit()
    while form.has(Q):
        with sp.assuming(sp.Q.orthogonal(Q)):
            simpler = sp.refine(form).doit()
        if simpler == form:
            raise ArithmeticError("the Jacobian in the basis still depends on the basis")
        form = simpler
    values = {M: Letter("M", matrix("M", 3)), H: Letter("H", sp.diag(*vector("Lambda", 2), 0))}
    return entries(form.xreplace(values) / symbol("tau_1")).applyfunc(sp.expand)


def _reduced(weights: sp.Matrix, Lambda: Any, tau: Any) -> Letter:
    """J_red = T_r⁻¹(M Λ − 1)."""
    M, L, T = Letter("M", weights), Letter(r"\Lambda", sp.diag(*Lambda)), Letter("T_r", sp.diag(*tau))
    return Letter(r"J_{\mathrm{red}}", T.I * (M * L - sp.Identity(2)))


def _factorised(tau: Any, J_red: Letter) -> sp.Expr:
    """(λ + 1/τ) det(λ − J_red)."""
    return (_lambda + 1 / tau) * sp.Determinant(_lambda * sp.Identity(2) - J_red)


def _collective(key: str, **how: Any) -> Point:
    return reduced(random_net(key, _COLLECTIVE, skew=True, **how), draws(f"{key} x", 3), **{"lambda": _LAMBDA})


def _triangular() -> Step:
    M, Lambda, tau = matrix("M", 3), vector("Lambda", 2), symbol("tau_1")
    J_red, across = _reduced(M[:2, :2], Lambda, [tau] * 2), Letter(r"N^{\top} W P", M[2:, :2])
    blocks = [[J_red, sp.ZeroMatrix(2, 1)], [across * Letter(r"\Lambda", sp.diag(*Lambda)) / tau, -sp.Identity(1) / tau]]
    return Step(
        "The Jacobian in the basis of range and null space",
        [r"Q^{\top} J Q"],
        proven(sp.BlockMatrix(blocks), _in_basis()),
        "W = Q M Qᵀ, H = Q diag(Λ₁, Λ₂, 0) Qᵀ for any orthogonal Q, which drops out by QᵀQ = 1: the null vector "
        "is mapped on −1/τ times itself, the upper left block is J_red",
        "numerical Jacobian of the velocity of a softmax net with asymmetric weights, in numerical eigenvectors of H",
        [_collective("triangular")],
        lambda p: list(p.of.Q.T * full_jacobian(p) * p.of.Q),
        source="fanaskov2024",
        hypotheses=(Hypothesis(ONE_TIME, [_collective("triangular", mixed_times=True)]),),
    )


def _polynomial() -> Step:
    tau = symbol("tau_1")
    claim = _factorised(tau, _reduced(matrix("M", 3)[:2, :2], vector("Lambda", 2), [tau] * 2))
    return Step(
        "The characteristic polynomial factorises",
        [r"\det(\lambda - J)"],
        proven(claim, (_lambda * sp.eye(3) - _in_basis()).det()),
        "determinant of the block triangular form: one factor λ + 1/τ for the null vector, the other is det(λ − J_red)",
        "determinant of λ − J with the numerical Jacobian of the velocity",
        [_collective("polynomial")],
        determinant,
        source="fanaskov2024",
        hypotheses=(Hypothesis(ONE_TIME, [_collective("polynomial", mixed_times=True)]),),
    )


def _two_blocks() -> Step:
    """Two softmax neurons, H = a[[1, −1], [−1, 1]], and a neuron of its own, each block with its time constant."""
    a, h, W, (first, last) = symbol("H_11"), symbol("H_33"), matrix("W", 3), vector("tau", 2)
    hessian = sp.Matrix([[a, -a, 0], [-a, a, 0], [0, 0, h]])
    J = sp.diag(first, first, last).inv() * (W * hessian - sp.eye(3))
    P = sp.Matrix([[1, 0], [-1, 0], [0, sp.sqrt(2)]]) / sp.sqrt(2)
    J_red = _reduced((P.T * W * P).applyfunc(sp.expand), (2 * a, h), (first, last))

    def point(**how: Any) -> Point:
        net = random_net("two blocks", _TWO_BLOCKS, skew=True, **how)
        return at(net, draws("two blocks x", 3), tau=[net.tau[0], net.tau[2]], **{"lambda": _LAMBDA})

    return Step(
        "Two blocks with different time constants",
        [r"\det(\lambda - J)"],
        proven(_factorised(first, J_red), (_lambda * sp.eye(3) - J).det()),
        "determinant and factorisation: the null vector (1, 1, 0) of softmax has the factor λ + 1/τ₁ of its block; the "
        "columns of P are (1, −1, 0)/√2 and (0, 0, 1), with M = PᵀWP and Λ = diag(2H₁₁, H₃₃)",
        "determinant of λ − J with the numerical Jacobian of the velocity",
        [point()],
        determinant,
        hypotheses=(Hypothesis(ONE_TIME, [point(mixed_times=True)]),),
    )


def _J_red() -> sp.Matrix:
    return entries(_reduced(symmetric("M", 2), vector("Lambda", 2), vector("tau", 2)))


def _real() -> Step:
    J = _J_red()
    square = (J[0, 0] - J[1, 1]) ** 2 + 4 * J[0, 1] * J[1, 0]
    polynomial = (_lambda * sp.eye(2) - J).det()
    must_vanish("not the discriminant", sp.discriminant(sp.Poly(polynomial, _lambda)) - square)

    def oracle(p: Any) -> list[Any]:
        """(λ₁ − λ₂)² of the eigenvalues of J that are left when −1/τ of the null direction is taken out."""
        _, *alive = sorted(mp.eig(full_jacobian(p), right=False), key=lambda v: abs(v + 1 / p.of.net.tau[0]))
        return [mp.re((alive[0] - alive[1]) ** 2)]

    def point(skew: bool) -> Point:
        return reduced(random_net("real", _TWO_BLOCKS, skew=skew), draws("real x", 3))

    return Step(
        "Eigenvalues are real",
        [r"(\lambda_1 - \lambda_2)^2"],
        (square,),
        "discriminant of det(λ − J_red), a square plus 4Λ₁Λ₂M₁₂²/(τ₁τ₂), which is not negative for Λ > 0",
        "eigenvalues of the full numerical Jacobian of a net with softmax and tanh neurons",
        [point(False)],
        oracle,
        hypotheses=(Hypothesis(SYMMETRIC, [point(True)]),),
    )


def _index() -> Step:
    M, inverse = symmetric("M", 2), sp.diag(*[1 / s for s in vector("Lambda", 2)])
    must_vanish("T_r J_red Λ⁻¹ is not −(Λ⁻¹ − M)", sp.diag(*vector("tau", 2)) * _J_red() * inverse + inverse - M)

    def point(k: int, blocks: Any = _TWO_BLOCKS, **how: Any) -> Point:
        return reduced(random_net(f"index {k}", blocks, strength=5, **how), draws(f"index {k} x", 3))

    weights = [[8, 1, 12], [1, -5, 9], [12, 9, -5]]
    destabilised = Net(_COLLECTIVE, weights, [0, 0, 0], [10, 100, 1])  # stable with equal time constants
    kinked = Point({"M": [[0, -2], [-2, 0]], "Lambda": [1, 1]})  # two rectified neurons at 0, with H(0) = 1
    return Step(
        "The number of unstable directions",
        [r"\#\{\lambda > 0\}"],
        (NegativeEigenvalues(Letter(r"\Lambda", inverse.inv()).I - Letter("M", M)),),
        "J_red = −T_r⁻¹(Λ⁻¹ − M)Λ is similar to −A(Λ⁻¹ − M)Aᵀ, A = (Λ/T_r)^½: by Sylvester's law as many eigenvalues are "
        "positive as Λ⁻¹ − M has negative ones, n_-: the changes of sign of its leading minors",
        "eigenvalues of the full numerical Jacobian of nets with softmax and tanh neurons, stable ones and unstable ones",
        [point(k) for k in range(60)],
        unstable,
        source="fanaskov2024",
        hypotheses=(
            Hypothesis(SYMMETRIC, [point(3, skew=True)]),
            Hypothesis(CONVEX, [point(0, [("softmax", 2), ("wavy", 1)])]),
            Hypothesis(ONE_TIME, [reduced(destabilised, [1, 1, 0])]),
            Hypothesis(SMOOTH, [kinked], _fate),
        ),
    )


def farthest(W: Any, time: float, step: float) -> float:
    """How far from the kink x = 0 of two rectified neurons the farthest of starts on all sides is after a time."""
    angles = np.arange(24) * np.pi / 12 + 0.01
    ends = settled(lambda x: W @ np.maximum(x, 0) - x, np.array([np.cos(angles), np.sin(angles)]), time, step)
    return float(np.max(np.hypot(*ends)))


def _fate(p: Any) -> list[Any]:
    """0 where all starts come back to the kink, 1 otherwise."""
    W = np.array([[float(p[s]) for s in row] for row in matrix("M", 2).tolist()])
    return [mp.mpf(int(farthest(W, 40, 0.02) > 1e-3))]


def full_jacobian(p: Any) -> Any:
    """The numerical Jacobian of the velocity."""
    return jacobian(p.of.net.velocity, p.of.x)


def determinant(p: Any) -> list[Any]:
    """det(λ − J) at λ = 7/16."""
    return [mp.det(_LAMBDA * mp.eye(p.of.net.n) - full_jacobian(p))]


def unstable(p: Any) -> list[Any]:
    """How many eigenvalues of the numerical Jacobian have a positive real part."""
    return [mp.mpf(int(np.sum(np.linalg.eigvals(np.array(full_jacobian(p).tolist(), dtype=float)).real > 1e-9)))]


def _second_derivatives() -> Step:
    x, b, W = vector("x", 2), vector("b", 2), symmetric("W", 2)
    L = Undefined(x)
    steady = dict(zip(b, column(x) - W * L.g))
    second_ = sp.hessian(energy_of(L.g, L.L, W, x, b), x).applyfunc(lambda e: L.named(sp.expand(e.xreplace(steady))))
    W_, H = Letter("W", W), Letter("H", symmetric("H", 2))
    state = draws("second x", 2)
    net, skew = (random_net("second", [("ghostmax", 2)], skew=s) for s in (False, True))
    return Step(
        "Second derivatives of the energy at a steady state",
        [r"\nabla\nabla E"],
        proven(H - H * W_ * H, upper(second_)),
        "two differentiations with an undefined L; at r = 0 its third derivatives drop out and H − H W H is left, which "
        "every null vector of H annihilates: the second-derivative test is inconclusive there, and decisive on range H",
        "numerical second derivatives of the energy of a concrete net at its steady state",
        [at(net.pinned(state), state)],
        lambda p: upper(second(p.of.net.energy, p.of.x)),
        hypotheses=(Hypothesis(STEADY, [at(net, state)]), Hypothesis(SYMMETRIC, [at(skew.pinned(state), state)])),
    )
