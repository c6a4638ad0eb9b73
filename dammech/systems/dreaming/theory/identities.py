"""What sleep does to couplings, and the temperature above which they leave no glass: theorems on matrices."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.functional import Replicated, T
from dammech.derive.oracles import number, symbol_points
from dammech.derive.steps import Step
from dammech.derive.theorem import Theorem

t = sp.Symbol("t", positive=True)
alpha = sp.Symbol("alpha", positive=True)
K, mu, rho = (sp.Symbol(name, positive=True) for name in ("K", "mu", "rho"))
_s = sp.Symbol("s", positive=True)
_lam, _eigenvalue = sp.symbols("lambda j", positive=True)
_noise, _prior = sp.symbols("sigma w", positive=True)
#: what two patterns of three neurons hold
_x = sp.Matrix(2, 3, lambda k, i: sp.Symbol(f"x_{k + 1}{i + 1}", real=True))
_STORED = (("0.9", "-1.2", "0.4"), ("1.1", "0.7", "-0.6"))
_C = sp.Matrix(2, 2, lambda k, l: sp.Symbol(f"C_{min(k, l) + 1}{max(k, l) + 1}", real=True))
_J = sp.Matrix(2, 2, lambda i, k: sp.Symbol(f"J_{min(i, k) + 1}{max(i, k) + 1}", real=True))
_SLEEPS = ["0.6", "2.5"]


@cache
def sleep() -> Theorem:
    """Spectrum, flow, ridge, projector and posterior mean."""
    slept = (1 + t) * _lam / (1 + t * _lam)
    (before,) = sp.solve(sp.Eq(slept, _eigenvalue), _lam)
    flow = sp.Poly(sp.simplify(sp.diff(slept, t).xreplace({_lam: before})), _eigenvalue)
    moved = sum((c * _J**power for (power,), c in flow.terms()), sp.zeros(2))
    u = sp.Symbol("u", positive=True)  # 1/t
    ridge = _ridge(u)
    entries = symbol_points({t: _SLEEPS, **_numbers()})
    names = ["J_{11}", "J_{12}"]
    return Theorem(
        "dreaming.sleep", "What sleep does to couplings",
        "J(t) = N⁻¹ xᵀ(1 + t)(I + tC)⁻¹x flows from Hebb's rule to the projector on what is stored. Up to a factor (1 + t)/t it "
        "is the least-squares map of x on itself with ridge 1/t, and the posterior mean of a linear Gaussian memory whose noise "
        "is 1/t of N times its prior variance: longer sleep trusts data more, which is why it over-fits noisy examples.",
        [
            Step("Spectrum", ["j"], (slept,), "J and xᵀx/N have common eigenvectors; λ is an eigenvalue of C",
                 "eigenvalues of J of an explicit memory, by an inverse matrix", _spectrum(), _largest, source="fachechi2019"),
            Step("Flow", [r"\dot J_{11}", r"\dot J_{12}", r"\dot J_{22}"], (moved[0, 0], moved[0, 1], moved[1, 1]),
                 "the derivative of the spectrum in t, with λ replaced by j, is (j − j²)/(1 + t) for every eigenvalue",
                 "numerical derivatives in t of explicit matrices", _on_the_way(), _velocity, source="fachechi2019"),
            Step("Ridge", names, tuple((1 + t) / t * e.xreplace({u: 1 / t}) for e in ridge),
                 "(1 + t)(I + tC)⁻¹ = (1 + t)/t (C + I/t)⁻¹, of two patterns of three neurons with C = xxᵀ/3",
                 "least squares with the ridge as further data, by orthogonal factors", entries, _least_squares),
            Step("Projector", names, tuple(e.xreplace({u: sp.S.Zero}) for e in ridge), "t → ∞",
                 "singular vectors of x", symbol_points(_numbers()), _projector, source="personnaz1985"),
            Step("Posterior mean", [r"\tfrac{t}{1+t} J_{11}", r"\tfrac{t}{1+t} J_{12}"],
                 tuple(e.xreplace({u: _noise**2 / (3 * _prior**2)}) for e in ridge),
                 "weights of variance w², patterns read with noise of variance σ²: t = Nw²/σ²",
                 "Bayes' rule for one pattern after another",
                 symbol_points({_noise: ["0.8"], _prior: ["0.5", "1.3"], **_numbers()}), _posterior),
        ],
        ("fachechi2019", "personnaz1985"),
    )  # fmt: skip


def glass(functional: Replicated, response: sp.Expr) -> Theorem:
    """T_g from the functional of a memory after sleep and the equation of its response, which vanishes."""
    quiet = {mu: sp.S.Zero, rho: sp.S.Zero, alpha: _s**2}
    replicon, own = (sp.factor(e.xreplace(quiet).doit()) for e in (functional.replicon(sp.S.Zero), response))
    (warm,) = sp.solve(sp.numer(sp.together(own)), T)
    edges = sp.solve(sp.numer(sp.factor(replicon.xreplace({T: warm}))), K)
    (edge,) = [e for e in edges if e.subs({_s: sp.Rational(1, 2), t: 1}) > 0]
    temperature = sp.factor(warm.xreplace({K: edge})).xreplace({_s: sp.sqrt(alpha)})
    where = symbol_points({alpha: ["0.05", "0.6", "1.7"], t: ["0.5", "20"]})
    return Theorem(
        "dreaming.glass-line", "Spin-glass transition after sleep",
        "T_g = (1 + t)(1 + s)/{[1 + ts(1 + s)][1 + t(1 + s)²]} with s = √α, for patterns and for examples; 1 + √α without sleep, "
        "and of order 1/t after a long one.",
        [
            Step("Spin-glass transition", ["T_g"], (temperature,),
                 "the paramagnet's equation for K and replicon 0, solved for both",
                 "the resolvent of J at the edge of its spectrum is 1/T_g; its integral over the spectrum of C (marchenko1967)",
                 where, lambda p: [1 / _resolvent(number(p[alpha]), number(p[t]))], source="marchenko1967"),
        ],
        ("fachechi2019", "marchenko1967"),
    )  # fmt: skip


def _ridge(u: sp.Expr) -> list[sp.Expr]:
    """J₁₁ and J₁₂ at t = 1/u, over 1 + u."""
    gram = _C + u * sp.eye(2)
    inner = [sp.expand((_x[:, 0].T * _C.adjugate() * _x[:, k])[0]) + u * (_x[:, 0].T * _x[:, k])[0] for k in (0, 1)]
    return [e / 3 / (gram[0, 0] * gram[1, 1] - gram[0, 1] ** 2) for e in inner]


# -- the other route --------------------------------------------------------------------------------------------------


def _numbers() -> dict[sp.Symbol, list[Any]]:
    exact = sp.Matrix(2, 3, lambda k, i: sp.Rational(_STORED[k][i]))
    gram = exact * exact.T / 3
    found = {_x[k, i]: [exact[k, i]] for k in range(2) for i in (0, 1)}
    return found | {_C[k, l]: [gram[k, l]] for k, l in ((0, 0), (0, 1), (1, 1))}


def _stored() -> mp.matrix:
    return mp.matrix([[mp.mpf(v) for v in row] for row in _STORED])


def _couplings(sleep: Any) -> mp.matrix:
    x = _stored()
    return (1 + sleep) / 3 * x.T * mp.inverse(mp.eye(2) + sleep * x * x.T / 3) * x


def _spectrum() -> list[dict[sp.Symbol, Any]]:
    with mp.workdps(40):
        largest = max(mp.eigsy(_stored() * _stored().T / 3, eigvals_only=True))
        return [{_lam: sp.Float(mp.nstr(largest, 38), 38), t: sp.Float(sleep, 38)} for sleep in _SLEEPS]


def _largest(p: Any) -> list[Any]:
    return [max(mp.eigsy(_couplings(number(p[t])), eigvals_only=True))]


def _plane(sleep: Any) -> mp.matrix:
    """J of two patterns of two neurons."""
    x = _stored()[:, :2]
    return (1 + sleep) / 2 * x.T * mp.inverse(mp.eye(2) + sleep * x * x.T / 2) * x


def _on_the_way() -> list[dict[sp.Symbol, Any]]:
    with mp.workdps(40):
        found = []
        for sleep in _SLEEPS:
            J = _plane(mp.mpf(sleep))
            entries = {_J[i, k]: sp.Float(mp.nstr(J[i, k], 38), 38) for i in range(2) for k in range(2)}
            found.append({t: sp.Float(sleep, 38), **entries})
        return found


def _velocity(p: Any) -> list[Any]:
    def of(i: int, k: int) -> Callable[[Any], Any]:
        return lambda sleep: _plane(sleep)[i, k]

    with mp.workdps(60):
        return [mp.diff(of(i, k), number(p[t])) for i, k in ((0, 0), (0, 1), (1, 1))]


def _least_squares(p: Any) -> list[Any]:
    sleep, x = number(p[t]), _stored()
    rows = mp.matrix(5, 3)
    rows[:2, :] = x / mp.sqrt(3)
    rows[2:, :] = mp.eye(3) / mp.sqrt(sleep)
    wanted = mp.matrix([x[0, 0] / mp.sqrt(3), x[1, 0] / mp.sqrt(3), 0, 0, 0])
    weights, _ = mp.qr_solve(rows, wanted)
    return [(1 + sleep) / sleep * weights[k] for k in (0, 1)]


def _projector(p: Any) -> list[Any]:
    _, _, vectors = mp.svd_r(_stored())
    return [mp.fsum(vectors[k, 0] * vectors[k, i] for k in range(2)) for i in (0, 1)]


def _posterior(p: Any) -> list[Any]:
    """Mean of the weights of the first neuron, and their covariance, after each pattern."""
    mean, covariance, x = mp.zeros(3, 1), number(p[_prior]) ** 2 * mp.eye(3), _stored()
    for k in range(2):
        pattern = x[k, :].T
        spread = covariance * pattern
        gain = spread / ((pattern.T * spread)[0] + number(p[_noise]) ** 2)
        mean += gain * (x[k, 0] - (pattern.T * mean)[0])
        covariance -= gain * spread.T
    return [mean[0], mean[1]]


def _resolvent(load: Any, sleep: Any) -> Any:
    """At the edge, per neuron; λ = 1 + α + 2√α cos θ, and sin²θ is divided by the distance of λ from its edge."""
    root = mp.sqrt(load)
    edge = (1 + root) ** 2

    def density(angle: Any) -> Any:
        lam = 1 + load + 2 * root * mp.cos(angle)
        return 2 * mp.cos(angle / 2) ** 2 / (root * mp.pi * lam) * (1 + sleep * edge) * (1 + sleep * lam) / (1 + sleep)

    return max(1 - load, 0) * (1 + sleep * edge) / ((1 + sleep) * edge) + load * mp.quad(
        density, mp.linspace(0, mp.pi, 5)
    )
