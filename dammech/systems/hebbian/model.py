"""The Hebbian dense associative memory of any order and interaction."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

from dammech.declared import interaction as _interaction
from dammech.declared.states import ISING_REPLICAS, Branch, Condition, LineKind, Shares
from dammech.declared.units import Convention, convention
from dammech.errors import InputError
from dammech.systems.hebbian.branches import branches_of_memory, lines_of_memory

if TYPE_CHECKING:
    import numpy as np
    import sympy as sp


COUNTING = (
    "An uncondensed pattern has the energy −N^{1−p/2} G(y)/p with y = ξ·σ/√N of order one, p the order of the interaction "
    "and G a polynomial with leading term y^p. For L ≥ 2 the cumulant of order L of −β times it is of order N^{L(1−p/2)}, "
    "and the P = αN^{p−1} patterns are independent, so that together they give κ_L ~ N^{p−1+L(1−p/2)}: the exponent is 1 "
    "for L = 2 and changes by 1 − p/2 with every further L. (L = 1 is a constant.) "
)
_COUNTING_SOFT = COUNTING + (
    "At p = 2 it does not change: every cumulant is extensive, and all have to be kept. Since the y of the "
    "replicas are jointly Gaussian with covariance Q as N → ∞, the series resums to −(α/2) log det(1 − βQ) per "
    "spin, up to the constant. Its derivative in Q_ab is the variance αq/(1 − C)² of the noise over T²: the uncondensed "
    "patterns react."
)
_COUNTING_FIELD = COUNTING + (
    "For p ≥ 3 it falls: the second cumulant is extensive and every higher one is smaller by at least √N, so that "
    "the noise energy is a Gaussian field with covariance N ξ(q). There is no reaction term; the loops of L ≥ 3 "
    "couplings that share a pattern, which make the log-determinant at p = 2, vanish as N → ∞ per spin."
)


class Interacting:
    """A memory whose energy is a sum over patterns of a polynomial in their overlaps: what order and interaction decide."""

    order: int | None
    interaction: Any
    replicas = ISING_REPLICAS
    order_parameters = ("m", "q")

    @property
    def p(self) -> int:
        """The order as an integer."""
        assert self.order is not None
        return self.order

    @property
    def is_rectified(self) -> bool:
        """Whether G vanishes for negative overlaps."""
        return self.interaction == "rectified"

    @property
    def soft(self) -> bool:
        """Whether the noise is a log-determinant: at order 2."""
        return self.p == 2

    @property
    def lines(self) -> dict[str, LineKind | Condition]:
        """What its replica-symmetric lines are."""
        return lines_of_memory(self.soft)

    @property
    def noise_powers(self) -> tuple[int, ...] | None:
        """Powers of q in ξ(q): those k with c_k ≠ 0; None when rectified."""
        c = self.hermite_coefficients()
        return None if c is None else tuple(k for k in range(1, self.p + 1) if c[k])

    @property
    def site_disorder(self) -> Shares:
        """What is stored is the pattern itself."""
        return ((Fraction(1), Fraction(1), Fraction(0)),)

    @property
    def noise_gain(self) -> Fraction:
        """What is stored is the pattern itself."""
        return Fraction(1)

    @property
    def noise_modes(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """What is stored is the pattern itself."""
        return ((Fraction(1), Fraction(1)),)

    @property
    def variety(self) -> str:
        """What tells it from others of its order, as in names of derivations."""
        return self.interaction if self.interaction in ("distinct", "power", "rectified") else f"({self.interaction})"

    @property
    def kind(self) -> str:
        """The interaction in words."""
        named = {
            "distinct": "distinct site indices", "power": "repeated site indices kept", "rectified": "rectified power",
        }
        return named.get(self.interaction, f"G(y) = {self.interaction}".replace("**", "^").replace("*", ""))

    @property
    def counting(self) -> str:
        """Why the noise is Gaussian for p ≥ 3 and a log-determinant for p = 2."""
        return _COUNTING_SOFT if self.soft else _COUNTING_FIELD

    # -- its interaction ----------------------------------------------------------------------------------------

    def polynomial(self) -> list[Fraction]:
        """Coefficients of G(y) at N → ∞, lowest power first (of its positive branch when rectified)."""
        if self.interaction == "distinct":
            return _interaction.hermite(self.p)
        if self.interaction in ("power", "rectified"):
            return [Fraction(0)] * self.p + [Fraction(1)]
        return _interaction.parse_polynomial(self.interaction)

    def hermite_coefficients(self) -> list[Fraction] | None:
        """c_k of G(y) = Σ_k c_k He_k(y), k = 0…p; None when rectified, whose series does not end."""
        return None if self.is_rectified else _interaction.hermite_decomposition(self.polynomial())

    @property
    def noise_strength(self) -> Fraction:
        """Variance of the noise field at T = 0 per unit load, ξ'(1)/α = E[G'(y)²]/p² (for p = 2: without reaction)."""
        p = self.p
        if self.is_rectified:
            return Fraction(math.prod(range(1, 2 * p - 2, 2)), 2)
        c = self.hermite_coefficients()
        assert c is not None
        return sum((c[k] ** 2 * math.factorial(k) * k for k in range(1, p + 1)), Fraction(0)) / p**2

    def covariance(self, q: sp.Symbol, derivative: int = 0) -> sp.Expr:
        """ξ(q)/α, the covariance of the noise energy per spin at overlap q, as a SymPy expression.

        ξ(q) = (α/p²) Σ_{k≥1} c_k² k! q^k for polynomials; for the rectified power the Gaussian average of
        max(y,0)^p max(y',0)^p with correlation q, less its value at q = 0.
        """
        import sympy as sp

        p = self.p
        c = self.hermite_coefficients()
        if c is not None:
            terms = [
                sp.Rational(c[k].numerator, c[k].denominator) ** 2 * sp.factorial(k) * q**k for k in range(1, p + 1)
            ]
            return sp.diff(sp.Add(*terms) / p**2, q, derivative)
        if 1 <= derivative <= p:  # differentiating the average in the correlation lowers both powers by one (price1958)
            factor = (sp.factorial(p) / sp.factorial(p - derivative)) ** 2 / sp.Integer(p) ** 2
            return factor * rectified_kernel(p - derivative, q)
        full = rectified_kernel(p, q)
        return sp.diff((full - full.subs(q, 0)) / p**2, q, derivative)

    # -- numeric forms ------------------------------------------------------------------------------------------

    def coefficients(self, size: Any) -> list[Any]:
        """−(energy of one pattern) as a polynomial in M = ξ·σ; ``size`` an integer (exact up to √N) or a symbol."""
        p = self.p
        if self.interaction == "distinct":
            factor = (
                Fraction(math.factorial(p - 1), size ** (p - 1))
                if isinstance(size, int)
                else math.factorial(p - 1) / size ** (p - 1)
            )
            return [factor * c for c in _interaction.elementary_symmetric(p, size)]
        if isinstance(size, int):

            def power_of_size(twice: int) -> Any:
                return (
                    Fraction(size) ** (twice // 2)
                    if twice % 2 == 0
                    else Fraction(size) ** ((twice - 1) // 2) * Fraction(math.sqrt(size))
                )

            return [c / p * power_of_size(2 - p - k) if c else Fraction(0) for k, c in enumerate(self.polynomial())]
        import sympy as sp

        return [
            sp.Rational(c.numerator, c.denominator) / p * size ** (1 - sp.Rational(p + k, 2))
            for k, c in enumerate(self.polynomial())
        ]

    def pattern_energy(self, size: int) -> np.ndarray:
        """Energy of one pattern against its overlap sum M = −N, −N+2, …, N (N+1 entries, canonical units).

        The energy of a state is the sum of these over patterns; every simulated energy comes from this table.
        """
        import numpy as np

        coefficients = self.coefficients(size)
        table = np.empty(size + 1)
        for row, total in enumerate(range(-size, size + 1, 2)):
            if self.is_rectified and total < 0:
                table[row] = 0.0
                continue
            value = Fraction(0)
            for c in reversed(coefficients):
                value = value * total + c
            table[row] = -float(value)
        return table

    def mean_pattern_energy(self, size: int) -> float:
        """Exact mean of ``pattern_energy`` over fair signs: the constant dropped from printed energies for p ≥ 3."""
        import numpy as np

        table = self.pattern_energy(size)
        log_weight = np.array(
            [math.lgamma(size + 1) - math.lgamma(k + 1) - math.lgamma(size - k + 1) for k in range(size + 1)]
        ) - size * math.log(2)
        return float(math.fsum(np.exp(log_weight) * table))

    def patterns_for(self, load: float, size: int) -> int:
        """P = round(α N^{p−1}), the number of patterns at this load and size."""
        return round(load * float(size) ** (self.p - 1))

    def convention(self, name: str) -> Convention:
        """Units called ``name`` at this order."""
        return convention(name, self.p)


@dataclass(frozen=True)
class HebbianDAM(Interacting):
    """Dense associative memory that stores random binary patterns by a Hebb rule of order p.

    H(σ) = −(N^{1−p/2}/p) Σ_μ G(y_μ) with y_μ = ξ^μ·σ/√N, P = α N^{p−1} patterns, k_B = 1. A retrieved pattern
    (overlap m) has energy −N m^p/p.

    Parameters
    ----------
    order : int, optional
        p from 2 to 64 (10 when rectified); taken from the degree when ``interaction`` is a polynomial.
    interaction : str or SymPy polynomial
        ``"distinct"``: distinct site indices, the pure p-body memory (at p = 2 the diagonal is dropped);
        ``"power"``: G = y^p, repeated indices kept; ``"rectified"``: G = max(y, 0)^p; or any polynomial of degree
        p from 3 to 20 with leading term y^p.

    Raises
    ------
    InputError
        For an order or interaction outside this family.

    Examples
    --------
    >>> HebbianDAM(order=4).noise_strength
    6
    >>> HebbianDAM(interaction="y**4 + 2*y**3 - y").order
    4
    """

    order: int | None = None
    interaction: Any = "distinct"

    def __post_init__(self) -> None:
        order, kind = self.order, self.interaction
        if order is not None:
            rectified = isinstance(kind, str) and kind == "rectified"
            largest = _interaction.LARGEST_RECTIFIED if rectified else _interaction.LARGEST_ORDER
            order = _interaction.checked_order(order, largest, " with interaction='rectified'" if rectified else "")
        if isinstance(kind, str) and kind in _interaction.NAMED:
            if order is None:
                raise InputError(f"order is missing: interaction={kind!r} needs an integer order of at least 2")
        else:
            if isinstance(kind, str) and kind.isidentifier():
                names = ", ".join(repr(k) for k in _interaction.NAMED)
                raise InputError(
                    f"interaction={kind!r}: must be one of {names}, or a polynomial such as 'y**4 + 2*y**3 - y'"
                )
            if isinstance(kind, str):
                coefficients = _interaction.parse_polynomial(kind)
            else:
                coefficients = _interaction.polynomial_of(kind)
            degree = len(coefficients) - 1
            text = _interaction.polynomial_text(coefficients)
            if degree < 3:
                raise InputError(
                    f"interaction={text}: a polynomial must have degree 3 or more; order 2 has 'distinct' and 'power'"
                )
            if coefficients[-1] != 1:
                raise InputError(f"interaction={text}: the leading term must be y**{degree} with coefficient 1")
            if order is not None and order != degree:
                raise InputError(f"order={order} does not match interaction={text} of degree {degree}; leave order out")
            order, kind = degree, text
        object.__setattr__(self, "order", order)
        object.__setattr__(self, "interaction", kind)

    @property
    def is_pure(self) -> bool:
        """Whether the noise is that of a pure p-spin, ξ(q) ∝ q^p."""
        return self.noise_powers == (self.p,)

    # -- what it declares ---------------------------------------------------------------------------------------

    axes = ("load", "temperature")
    @property
    def branches(self) -> dict[str, Branch]:
        """Named families of saddle points."""
        return branches_of_memory(self.soft)

    @property
    def title(self) -> str:
        """Name and interaction."""
        return f"{'The Hopfield model' if self.soft else f'Dense associative memory of order p = {self.p}'} ({self.kind})"

    @property
    def notation(self) -> str:
        """How many patterns there are."""
        number = "αN" if self.p == 2 else f"αN^{self.p - 1}"
        return f"There are P = {number} patterns ξ^μ of fair signs, M_μ = ξ^μ·σ; the condensed one has Mattis overlap m = M/N."

    # -- symbolic forms -----------------------------------------------------------------------------------------

    def hamiltonian(self) -> sp.Eq:
        """The Hamiltonian at finite N as a SymPy equation; M_μ = Σ_i ξ_i^μ σ_i."""
        import sympy as sp

        size, load, mu = sp.Symbol("N", positive=True), sp.Symbol("alpha", positive=True), sp.Symbol("mu", integer=True)
        overlap = sp.IndexedBase("M")[mu]
        energy = sum(c * overlap**k for k, c in enumerate(self.coefficients(size)))
        if self.is_rectified:
            energy = sp.Piecewise((energy, overlap > 0), (0, True))
        return sp.Eq(sp.Symbol("H"), -sp.Sum(sp.factor(energy), (mu, 1, load * size ** (self.p - 1))), evaluate=False)

    def _repr_latex_(self) -> str:
        import sympy as sp

        return rf"$\displaystyle {sp.latex(self.hamiltonian())},\qquad P = \alpha N^{{{self.p - 1}}}$"

    linear = True

    @property
    def memory(self) -> HebbianDAM:
        """The memory whose patterns do not fade: itself."""
        return self

    def to_json(self) -> dict[str, Any]:
        """The model as a plain document."""
        return {"name": "hebbian", "order": self.p, "interaction": self.interaction}


def rectified_kernel(power: int, q: sp.Symbol) -> sp.Expr:
    """E[max(y,0)^p max(y',0)^p] of two unit Gaussians with correlation q.

    Two derivatives in q lower both powers by one (Price's theorem); the recursion in closed form is the arc-cosine
    kernel (cho2009, eq. 4): J_n(θ) = (−1)^n sin^{2n+1}θ ((1/sin θ) ∂_θ)^n ((π−θ)/sin θ), cos θ = q, over 2π.
    """
    import sympy as sp

    return _rectified_at_correlation(power).xreplace({sp.Symbol("rho", real=True): q})


@cache
def _rectified_at_correlation(power: int) -> sp.Expr:
    import sympy as sp

    q = sp.Symbol("rho", real=True)
    angle = sp.Symbol("vartheta", positive=True)
    kernel = (sp.pi - angle) / sp.sin(angle)
    for _ in range(power):
        kernel = sp.diff(kernel, angle) / sp.sin(angle)
    kernel = sp.expand(sp.expand((-1) ** power * sp.sin(angle) ** (2 * power + 1) * kernel))
    kernel = sp.expand(kernel.subs(sp.cos(angle), q).subs(sp.sin(angle), sp.sqrt(1 - q**2)).subs(angle, sp.acos(q)))
    parts = sp.collect(kernel, sp.acos(q), evaluate=False)
    return sp.Add(*[sp.factor(sp.simplify(v)) * k for k, v in parts.items()]) / (2 * sp.pi)
