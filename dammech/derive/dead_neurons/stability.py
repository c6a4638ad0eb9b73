"""Stability of a steady state is decided in the range of the Hessian."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp

from dammech.derive.dead_neurons.concrete import Net, draws, jacobian, random_net, second, settled, times
from dammech.derive.dead_neurons.energy import CONVEX, ONE_TIME, SYMMETRIC, energy_of
from dammech.derive.dead_neurons.symbols import Point, Undefined, at, column, matrix, symmetric, vector
from dammech.derive.steps import Hypothesis, Step
from dammech.derive.theorem import Theorem

_lambda = sp.Symbol("lambda", real=True)
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


def pinned(net: Net, x: Sequence[Any]) -> Net:
    """The same net with biases that make x a steady state."""
    with mp.workdps(60):
        x = [mp.mpf(z) for z in x]
        return Net(net.blocks, net.W, [z - a for z, a in zip(x, times(net.W, net.activation(x)))], net.tau)


def reduced(net: Net, x: Sequence[Any], **more: Any) -> Point:
    """Λ, M, τ of the range, and the orthogonal basis Q: of every block first its range, the null vectors last."""
    with mp.workdps(60):
        x = [mp.mpf(z) for z in x]
        hessian, alive, null, start = net.hessian(x), [], [], 0
        for _, size in net.blocks:
            values, vectors = mp.eigsy(hessian[start:start + size, start:start + size])
            for k in range(size):
                whole = [mp.mpf(0)] * net.n
                whole[start:start + size] = list(vectors[:, k])
                (alive if abs(values[k]) > mp.mpf(10) ** -30 else null).append((values[k], whole, net.tau[start]))
            start += size
        Q = mp.matrix([vector_ for _, vector_, _ in [*alive, *null]]).T
        M = Q.T * mp.matrix(net.W) * Q
        times_ = [t for _, _, t in [*alive, *null]]
        values = {"M": M, "Lambda": [value for value, _, _ in alive], "tau": times_, **more}
    return Point(values, net=net, x=x, Q=Q, null=len(null))


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
    explicit = form.doit().subs({M: sp.ImmutableMatrix(matrix("M", 3)), H: sp.diag(*vector("Lambda", 2), 0)}).doit()
    return sp.ImmutableMatrix(sp.Matrix(explicit.as_explicit()) / sp.Symbol("tau_1", real=True)).applyfunc(sp.expand)


def _collective(key: str, **how: Any) -> Point:
    net = random_net(key, _COLLECTIVE, skew=True, **how)
    x = draws(f"{key} x", 3)
    return reduced(pinned(net, x), x, **{"lambda": mp.mpf(7) / 16})


def _triangular() -> Step:
    J = _in_basis()
    return Step(
        "The Jacobian in the basis of range and null space",
        [rf"(Q^\top J Q)_{{{i + 1}{j + 1}}}" for i in range(3) for j in range(3)],
        tuple(J),
        "W = Q M Qᵀ, H = Q diag(Λ₁, Λ₂, 0) Qᵀ for any orthogonal Q, which drops out by QᵀQ = 1: the null vector "
        "is mapped on −1/τ times itself, the upper left block is J_red",
        "numerical Jacobian of the velocity of a softmax net with asymmetric weights, in numerical eigenvectors of H",
        [_collective("triangular")],
        lambda p: list(p.of["Q"].T * jacobian(p.of["net"].velocity, p.of["x"]) * p.of["Q"]),
        source="fanaskov2024",
        hypotheses=(Hypothesis(ONE_TIME, [_collective("triangular", mixed_times=True)]),),
    )


def _polynomial() -> Step:
    J = _in_basis()
    return Step(
        "The characteristic polynomial factorises",
        [r"\det(\lambda - J)"],
        (sp.factor((_lambda * sp.eye(3) - J).det()),),
        "determinant of the block triangular form: one factor λ + 1/τ for the null vector, the other is det(λ − J_red)",
        "determinant of λ − J with the numerical Jacobian of the velocity",
        [_collective("polynomial")],
        _determinant,
        source="fanaskov2024",
        hypotheses=(Hypothesis(ONE_TIME, [_collective("polynomial", mixed_times=True)]),),
    )


def _two_blocks() -> Step:
    """Two softmax neurons, H = a[[1, −1], [−1, 1]], and a neuron of its own, each block with its time constant."""
    a, h = (sp.Symbol(name, real=True) for name in ("H_11", "H_33"))
    W, (first, last) = matrix("W", 3), vector("tau", 2)
    hessian = sp.Matrix([[a, -a, 0], [-a, a, 0], [0, 0, h]])
    J = sp.diag(first, first, last).inv() * (W * hessian - sp.eye(3))

    def point(**how: Any) -> Any:
        net = random_net("two blocks", _TWO_BLOCKS, skew=True, **how)
        return at(net, draws("two blocks x", 3), tau=[net.tau[0], net.tau[2]], **{"lambda": mp.mpf(7) / 16})

    return Step(
        "Two blocks with different time constants",
        [r"\det(\lambda - J)"],
        (sp.factor((_lambda * sp.eye(3) - J).det()),),
        "determinant and factorisation: the null vector (1, 1, 0) of softmax has the factor λ + 1/τ₁ of its block",
        "determinant of λ − J with the numerical Jacobian of the velocity",
        [point()],
        _determinant,
        hypotheses=(Hypothesis(ONE_TIME, [point(mixed_times=True)]),),
    )


def _J_red() -> sp.Matrix:
    M, L, tau = symmetric("M", 2), sp.diag(*vector("Lambda", 2)), sp.diag(*vector("tau", 2))
    return tau.inv() * (M * L - sp.eye(2))


def _real() -> Step:
    J = _J_red()
    square = (J[0, 0] - J[1, 1]) ** 2 + 4 * J[0, 1] * J[1, 0]
    polynomial = (_lambda * sp.eye(2) - J).det()
    if sp.simplify(sp.discriminant(sp.Poly(polynomial, _lambda)) - square) != 0:
        raise ArithmeticError("not the discriminant")

    def oracle(p: Any) -> list[Any]:
        """(λ₁ − λ₂)² of the eigenvalues of J that are left when −1/τ of the null direction is taken out."""
        values = list(mp.eig(jacobian(p.of["net"].velocity, p.of["x"]), right=False))
        dead = -1 / p.of["net"].tau[0]
        values.remove(min(values, key=lambda v: abs(v - dead)))
        return [mp.re((values[0] - values[1]) ** 2)]

    def point(skew: bool) -> Point:
        net = random_net("real", _TWO_BLOCKS, skew=skew)
        return reduced(pinned(net, draws("real x", 3)), draws("real x", 3))

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
    S = inverse - M
    congruent = sp.diag(*vector("tau", 2)) * _J_red() * inverse
    if (congruent + S).applyfunc(sp.expand) != sp.zeros(2):
        raise ArithmeticError("T_r J_red Λ⁻¹ is not −(Λ⁻¹ − M)")
    minors = [sp.Integer(1), S[0, 0], S[0, 0] * S[1, 1] - S[0, 1] * S[1, 0]]
    count = sp.Add(*[(1 - sp.sign(minors[k] * minors[k + 1])) / 2 for k in range(2)])

    def point(k: int, blocks: Any = _TWO_BLOCKS, **how: Any) -> Point:
        net = random_net(f"index {k}", blocks, strength=5, **how)
        x = draws(f"index {k} x", 3)
        return reduced(pinned(net, x), x)

    weights = [[8, 1, 12], [1, -5, 9], [12, 9, -5]]
    destabilised = Net(_COLLECTIVE, weights, [0, 0, 0], [10, 100, 1])  # stable with equal time constants
    kinked = Point({"M": [[0, -2], [-2, 0]], "Lambda": [1, 1]})  # two rectified neurons at 0, with H(0) = 1
    return Step(
        "The number of unstable directions",
        [r"\#\{\lambda > 0\}"],
        (count,),
        "J_red = −T_r⁻¹(Λ⁻¹ − M)Λ is similar to −A(Λ⁻¹ − M)Aᵀ, A = (Λ/T_r)^½: by Sylvester's law as many eigenvalues are "
        "positive as Λ⁻¹ − M has negative ones: the changes of sign of its leading minors",
        "eigenvalues of the full numerical Jacobian of nets with softmax and tanh neurons, stable ones and unstable ones",
        [point(k) for k in range(60)],
        unstable,
        source="fanaskov2024",
        hypotheses=(
            Hypothesis(SYMMETRIC, [point(3, skew=True)]),
            Hypothesis(CONVEX, [point(0, [("softmax", 2), ("wavy", 1)])]),
            Hypothesis(ONE_TIME, [reduced(pinned(destabilised, [1, 1, 0]), [1, 1, 0])]),
            Hypothesis(SMOOTH, [kinked], _fate),
        ),
    )


def _fate(p: Any) -> list[Any]:
    """0 where starts on all sides of the kink x = 0 of two rectified neurons come back to it, 1 otherwise."""
    W = np.array([[float(p[s]) for s in row] for row in matrix("M", 2).tolist()])
    angles = np.arange(24) * np.pi / 12 + 0.01
    ends = settled(lambda x: W @ np.maximum(x, 0) - x, np.array([np.cos(angles), np.sin(angles)]), 40)
    return [mp.mpf(int(np.max(np.hypot(*ends)) > 1e-3))]


def unstable(p: Any) -> list[Any]:
    """How many eigenvalues of the numerical Jacobian have a positive real part."""
    J = jacobian(p.of["net"].velocity, p.of["x"])
    return [mp.mpf(int(np.sum(np.linalg.eigvals(np.array(J.tolist(), dtype=float)).real > 1e-9)))]


def _second_derivatives() -> Step:
    x, b, W = vector("x", 2), vector("b", 2), symmetric("W", 2)
    L = Undefined(x)
    steady = dict(zip(b, column(x) - W * L.g))
    second_ = sp.hessian(energy_of(L.g, L.L, W, x, b), x).applyfunc(lambda e: L.named(sp.expand(e.xreplace(steady))))
    if second_.atoms(sp.Derivative):
        raise ArithmeticError("third derivatives of L are left")
    blocks, state = [("ghostmax", 2)], draws("second x", 2)
    net, skew = (random_net("second", blocks, skew=s) for s in (False, True))

    def oracle(p: Any) -> list[Any]:
        found = second(p.of["net"].energy, p.of["x"])
        return [found[0, 0], found[0, 1], found[1, 1]]

    return Step(
        "Second derivatives of the energy at a steady state",
        [rf"\partial_{i}\partial_{j} E" for i, j in ((1, 1), (1, 2), (2, 2))],
        (second_[0, 0], second_[0, 1], second_[1, 1]),
        "two differentiations with an undefined L; at r = 0 its third derivatives drop out and H − H W H is left, which "
        "every null vector of H annihilates: the second-derivative test is inconclusive there, and decisive on range H",
        "numerical second derivatives of the energy of a concrete net at its steady state",
        [at(pinned(net, state), state)],
        oracle,
        hypotheses=(
            Hypothesis("x is a steady state, W g + b = x", [at(net, state)]),
            Hypothesis(SYMMETRIC, [at(pinned(skew, state), state)]),
        ),
    )


def _determinant(p: Any) -> list[Any]:
    J = jacobian(p.of["net"].velocity, p.of["x"])
    return [mp.det(mp.mpf(7) / 16 * mp.eye(p.of["net"].n) - J)]
