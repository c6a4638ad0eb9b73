"""Exponentially many patterns, P = e^{αN}: the threshold of retrieval for any pattern law, query and similarity.

Patterns weigh e^{β Σ_i s(ξ_i, x_i)}. With independent components the wrong patterns are a random energy model whose levels
are tilted sums, and everything follows from one concave function (lucibello2024)

    G(s) = s⟨s(ξ, x)⟩ − ⟨log⟨e^{s s(ξ′, x)}⟩_ξ′⟩,       α_typ(β) = max_{0≤s≤β} G(s).

For all patterns at once also rare targets count, and rare pairs: with ψ_η(s) = −log⟨e^{−η s s(ξ, x)} ⟨e^{s s(ξ′, x)}⟩^η⟩,

    α_all(β) = min{ max_{0≤η≤1, s} ψ_η(s)/(1+η), max_{η≥0, s≤β} ψ_η(s)/(1+η) }.

The first is where some wrong pattern beats some target, each pair at a cost that both share; the second where a target is so
rare that the typical noise beats it. Both are saddle points over the empirical law of target and query.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import sympy as sp

from dammech.derive.averages import GaussianAverage, log2cosh, normal
from dammech.derive.tilted import LogMeanExp

Patterns = Literal["gaussian", "spherical", "binary"]

#: components of a pattern and of the query, and the noise in the latter
xi, x, z = sp.symbols("xi x z", real=True)
sharpness = sp.Symbol("s", positive=True)
share = sp.Symbol("eta", positive=True)
#: what keeps |ξ|² = N of wrong patterns, and of the target
norm, norm_of_target = sp.symbols("mu nu", real=True)

SIMILARITIES: Mapping[str, sp.Expr] = {
    "dot": xi * x,
    "euclidean": -((x - xi) ** 2) / 2,
    "manhattan": -sp.Abs(x - xi),
}


@dataclass(frozen=True)
class ExponentialLoad:
    """A pattern law, a law of the query, and a similarity.

    Parameters
    ----------
    patterns : str
        Components: standard ``gaussian``, fair signs (``binary``), or ``spherical``: Gaussian with |ξ|² = N.
    query : sequence of (fraction, expression)
        The query's component in ``xi`` and a standard Gaussian ``z``, for each fraction of the components.
    similarity : SymPy expression
        s(ξ, x) of one component in ``xi`` and ``x``.
    parameters : tuple of Symbol
        What else is free.
    fixed : bool
        Whether the query is at an exact distance from its target, so that nothing fluctuates.
    """

    patterns: Patterns
    query: tuple[tuple[sp.Expr, sp.Expr], ...]
    similarity: sp.Expr
    parameters: tuple[sp.Symbol, ...] = ()
    fixed: bool = False

    @cached_property
    def noise(self) -> sp.Expr:
        """log⟨e^{s s(ξ′, x)}⟩ of a wrong pattern at a query's component x."""
        exponent = sharpness * self.similarity
        if self.patterns == "spherical":
            return norm + self._log_mean_exp(exponent - norm * xi**2, xi)
        return self._log_mean_exp(exponent, xi)

    @cached_property
    def rate(self) -> sp.Expr:
        """G(s); of spherical patterns also of the multiplier μ of their norm, in which it is to be maximal."""
        total = sp.Integer(0)
        for fraction, seen in self.query:
            signal = self._mean(self.similarity.xreplace({x: seen}))
            total += fraction * (sharpness * signal - self._mean(self.noise.xreplace({x: self._of_one_variable(seen)})))
        return _simple(normal(total))

    @cached_property
    def pair_rate(self) -> sp.Expr:
        """ψ_η(s); of spherical patterns also of μ and of the multiplier ν of the target's norm."""
        if self.fixed and self._is_a_distance:
            return share * self.rate
        total = sp.Integer(0)
        for fraction, seen in self.query:
            exponent = share * (self.noise - sharpness * self.similarity).xreplace({x: seen})
            if self.patterns == "spherical":
                exponent = norm_of_target + exponent - norm_of_target * xi**2
            total -= fraction * self._log_mean_exp(_log_mean_exp(exponent, z), xi)
        return total

    @property
    def _is_a_distance(self) -> bool:
        """Whether a similarity depends on the distance of query and pattern alone, at given norms."""
        if self.patterns == "binary":
            at = {
                (a, b): self.similarity.xreplace({xi: sp.Integer(a), x: sp.Integer(b)})
                for a in (1, -1)
                for b in (1, -1)
            }
            return all(sp.simplify(at[a, b] - at[-a, -b]) == 0 for a, b in at)
        return sp.Poly(self.similarity, xi, x).total_degree() <= 2 if self.similarity.is_polynomial(xi, x) else False

    @property
    def multipliers(self) -> tuple[sp.Symbol, ...]:
        """Unknowns beside s: what keeps the norm of wrong patterns, and of the target."""
        return tuple(m for m in (norm, norm_of_target) if self.pair_rate.has(m))

    def _mean(self, e: sp.Expr) -> sp.Expr:
        if self.patterns == "binary":
            e = (e.xreplace({xi: sp.Integer(1)}) + e.xreplace({xi: sp.Integer(-1)})) / 2
            return _simple(_gaussian_mean(e, z))
        return _gaussian_mean(_gaussian_mean(e, z), xi)

    def _log_mean_exp(self, e: sp.Expr, of: sp.Symbol) -> sp.Expr:
        if self.patterns != "binary":
            return _log_mean_exp(e, of)
        up, down = (e.xreplace({of: sp.Integer(sign)}) for sign in (1, -1))
        return _simple((up + down) / 2) + log2cosh(_simple((up - down) / 2)) - sp.log(2)

    def _of_one_variable(self, seen: sp.Expr) -> sp.Expr:
        """A Gaussian query's component as one Gaussian variable, where it is a sum of two."""
        a, b = (sp.diff(seen, v) for v in (xi, z))
        if self.patterns == "binary" or a.has(xi, z) or b.has(xi, z) or sp.expand(seen - a * xi - b * z) != 0:
            return seen
        return sp.sqrt(sp.simplify(a**2 + b**2)) * z


def queries(patterns: Patterns) -> dict[str, tuple[tuple[tuple[sp.Expr, sp.Expr], ...], sp.Symbol, bool]]:
    """Laws of the query by name: its components, the parameter, and whether its distance from the target is exact."""
    rho, sigma, g, f = (sp.Symbol(name, positive=True) for name in ("rho", "sigma", "g", "f"))
    one = sp.Integer(1)
    turned = (
        (((1 + rho) / 2, xi), ((1 - rho) / 2, -xi))
        if patterns == "binary"
        else ((one, rho * xi + sp.sqrt(1 - rho**2) * z),)
    )
    return {
        "overlap": (turned, rho, patterns != "gaussian"),
        "noise": (((one, xi + sigma * z),), sigma, False),
        "mask": (((1 - g, xi), (g, sp.Integer(0))), g, False),
        "flip": (((1 - f, xi), (f, -xi)), f, patterns == "binary"),
    }


def mean_square(seen: sp.Expr) -> sp.Expr:
    """⟨x²⟩ of a query's component, for components of the pattern with mean 0 and variance 1."""
    return sp.simplify(normal(GaussianAverage(GaussianAverage(sp.expand(seen**2), z), xi)))


def _gaussian_mean(e: sp.Expr, of: sp.Symbol) -> sp.Expr:
    return _simple(GaussianAverage(_expanded(e, of), of)) if e.has(of) else e


def _log_mean_exp(e: sp.Expr, of: sp.Symbol) -> sp.Expr:
    """log⟨e^{e}⟩ over a standard Gaussian variable; closed where e is quadratic in it."""
    e = _expanded(e, of)
    if not e.has(of):
        return e
    if e.is_polynomial(of) and sp.degree(e, of) <= 2:
        a, b, c = (sp.simplify(e.coeff(of, k)) for k in (2, 1, 0))
        return c + sp.simplify(b**2 / (2 * (1 - 2 * a))) - sp.log(sp.factor(1 - 2 * a)) / 2
    constant, varying = e.as_independent(of, as_Add=True)
    return constant + LogMeanExp(varying, of)


def _expanded(e: sp.Expr, of: sp.Symbol) -> sp.Expr:
    return sp.expand(e) if e.is_polynomial(of) else e


def _simple(e: sp.Expr) -> sp.Expr:
    return sp.simplify(e) if not e.atoms(GaussianAverage, LogMeanExp) and sp.count_ops(e) < 60 else e
