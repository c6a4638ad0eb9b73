"""Dense memories of patterns that nobody has seen: only noisy examples of each are stored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import comb
from typing import TYPE_CHECKING, Any, Literal

from dammech.declared.interaction import LARGEST_ORDER, checked_order
from dammech.declared.states import Branch, Condition, LineKind, Shares
from dammech.declared.units import Convention, convention
from dammech.errors import InputError, finite, integer, one_of, shown
from dammech.systems.hebbian.branches import branches_of_memory, lines_of_memory
from dammech.systems.hebbian.model import Interacting

if TYPE_CHECKING:
    import sympy as sp

PROTOCOLS = ("supervised", "unsupervised")
MOST_EXACT = 1000  # examples in the exact law of their mean
MOST_BINOMIAL = 30  # examples whose mean has its exact law where the number of examples is sought or found


@dataclass(frozen=True)
class ExampleDAM(Interacting):
    """A memory of order p that stores examples η^{μa} = ξ^μ χ^{μa}, a = 1 … M, whose signs χ have the mean r.

    H(σ) = −((p−1)!/N^{p−1}) Σ_μ Σ_{i₁<…<i_p} x_{i₁…i_p} σ…σ over r^p, where x is the product of the mean examples
    M⁻¹Σ_a η^{μa} at p sites (supervised: somebody said which examples belong together) or the mean over a of the product of
    examples at them (unsupervised). P = αN^{p−1} archetypes ξ^μ, k_B = 1. The dataset entropy is ρ = (1 − r²)/(M r²);
    with perfect examples this is `HebbianDAM`.

    Parameters
    ----------
    order : int
        p from 2 to 64.
    protocol : str
        ``"supervised"`` or ``"unsupervised"``.
    quality : float, optional
        r, above 0 and up to 1; with ``dataset_entropy`` a supervised memory does not need it.
    examples : int, optional
        M of each archetype: theory with the exact (binomial) law of their mean.
    dataset_entropy : float, optional
        ρ ≥ 0 in the place of M: theory of big data sets, in which the mean of the examples is Gaussian.

    Raises
    ------
    InputError
        For a number out of range, both or neither of ``examples`` and ``dataset_entropy``, or less than one example.

    Examples
    --------
    >>> round(ExampleDAM(4, "unsupervised", quality=0.5, examples=60).noise_gain, 6)
    5.25
    """

    order: int
    protocol: Literal["supervised", "unsupervised"] = "supervised"
    quality: float | None = None
    examples: int | None = None
    dataset_entropy: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "order", checked_order(self.order, LARGEST_ORDER, ""))
        one_of("protocol", self.protocol, PROTOCOLS)
        if (self.examples is None) == (self.dataset_entropy is None):
            raise InputError(
                f"examples={shown(self.examples)}, dataset_entropy={shown(self.dataset_entropy)}: give one of them and not both"
            )
        if self.quality is not None:
            object.__setattr__(self, "quality", finite("quality", self.quality, positive=True))
            if self.quality > 1:
                raise InputError(f"quality={self.quality}: must be a number above 0 and at most 1")
        elif self.examples is not None or self.protocol == "unsupervised":
            raise InputError(f"quality is missing: it is not needed with dataset_entropy and protocol={PROTOCOLS[0]!r} only")
        if self.examples is not None:
            object.__setattr__(self, "examples", integer("examples", self.examples))
            return
        object.__setattr__(self, "dataset_entropy", finite("dataset_entropy", self.dataset_entropy))
        if self.quality is not None and self.rho > 1 / self._r2 - 1:
            largest = 1 / self.quality**2 - 1
            raise InputError(
                f"dataset_entropy={self.dataset_entropy:g}: must be at most 1/r² − 1 = {largest:g}, that of one example of "
                f"quality={self.quality:g}"
            )

    interaction = "distinct"
    axes = ("load", "temperature")

    # -- the data --------------------------------------------------------------------------------------------------

    @property
    def _r2(self) -> Fraction:
        assert self.quality is not None
        return Fraction(str(self.quality)) ** 2

    @property
    def rho(self) -> Fraction:
        """ρ = (1 − r²)/(M r²), the variance of the mean example over r² at a site where the archetype is known."""
        if self.examples is None:
            return Fraction(str(self.dataset_entropy))
        return (1 / self._r2 - 1) / self.examples

    @property
    def noise_gain(self) -> Fraction:
        """Γ, the covariance of the noise at order p ≥ 3 over that of perfect examples: (1+ρ)^p, or 1 + ρ Σ_{j<p} r^{−2j}."""
        if self.protocol == "supervised":
            return (1 + self.rho) ** self.p
        return 1 + self.rho * sum((1 / self._r2**j for j in range(self.p)), Fraction(0))

    @property
    def noise_modes(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """Eigenvalues of the covariance of what is stored of one archetype at order 2, and how many each."""
        first = (1 + self.rho, Fraction(1))
        if self.protocol == "supervised" or not self.rho:
            return (first,)
        many = (1 / self._r2 - 1) / self.rho  # examples
        return (first, (self.rho, many - 1)) if many > 1 else (first,)

    @property
    def site_disorder(self) -> Shares:
        """Shares of sites, and mean and variance of the mean example over r at them, where the archetype is 1."""
        if self.examples is None or not self.rho:
            return ((Fraction(1), Fraction(1), self.rho),)
        M, r = self.examples, Fraction(str(self.quality))
        if M > MOST_EXACT:
            raise InputError(f"examples={M}: the law of their mean has a term for each, up to {MOST_EXACT}; give dataset_entropy")
        right, wrong = (1 + r) / 2, (1 - r) / 2
        return tuple(
            (comb(M, k) * right**k * wrong ** (M - k), (2 * k - M) / (r * M), Fraction(0)) for k in range(M + 1)
        )

    # -- what it declares -------------------------------------------------------------------------------------------

    @property
    def noise_strength(self) -> Fraction:
        """ξ'(1)/α of perfect examples, times Γ; for p = 2 without reaction."""
        gain = sum((times * x**2 for x, times in self.noise_modes), Fraction(0)) if self.soft else self.noise_gain
        return super().noise_strength * gain

    def covariance(self, q: sp.Symbol, derivative: int = 0) -> sp.Expr:
        """ξ(q)/α of perfect examples, times Γ."""
        import sympy as sp

        return sp.sympify(self.noise_gain) * super().covariance(q, derivative)

    @property
    def branches(self) -> dict[str, Branch]:
        """Named families of saddle points; the retrieved state is that of the archetype."""
        found = {name: x for name, x in branches_of_memory(self.soft).items() if x.patterns == 1}
        words = f"at a single example the energy is lower, at zero load, until there are 1 + r^−{self.p} of each archetype"
        deeper = words if (self.example_depth or 0) > 1 else None
        meaning = "overlap with one archetype, alike with its examples"
        return {**found, "retrieval": replace(found["retrieval"], meaning=meaning, undecided=deeper)}

    @property
    def lines(self) -> dict[str, LineKind | Condition]:
        """What its replica-symmetric lines are."""
        return {name: line for name, line in lines_of_memory(self.soft).items() if name != "nishimori"}

    @property
    def variety(self) -> str:
        """Protocol and law of the data, as in names of derivations."""
        return f"{self.protocol}.{'big-data' if self.examples is None else f'M{self.examples}'}"

    @property
    def title(self) -> str:
        """Order and protocol."""
        return f"Dense memory of order p = {self.p} that learns from examples ({self.protocol})"

    @property
    def notation(self) -> str:
        """What is stored, and which overlaps there are."""
        known = (
            "In a big data set it is 1 + √ρ x at a site where the archetype is 1, x a standard Gaussian."
            if self.examples is None
            else f"It is the mean of {self.examples} signs of mean r over r."
        )
        return (
            "There are P = αN^{p−1} archetypes ξ of fair signs and M examples ξχ of each, with signs χ of mean r; "
            "ρ = (1 − r²)/(M r²). m = N⁻¹ Σ_i η_i σ_i is here the overlap with η, the mean example over r, of the condensed "
            f"archetype (n in solutions); that with the archetype itself (m in solutions) is m_ξ. {known}"
        )

    def convention(self, name: str) -> Convention:
        """Units called ``name`` at this order; ``agliari`` divides by R^{p/2}, R = r²(1 + ρ), not by r^p, and n by R/r²."""
        units = replace(convention(name, self.p), names={"m": "n", "m_xi": "m"} if self.rho else {})
        if name != "agliari":
            return units
        R = float(1 + self.rho)
        return replace(units, temperature=R ** (self.p / 2), energy=R ** (self.p / 2), overlap=R)

    def hamiltonian(self) -> sp.Eq:
        """The Hamiltonian as a SymPy equation; x are the stored products at p sites."""
        import sympy as sp

        size, load, mu, p = sp.Symbol("N"), sp.Symbol("alpha"), sp.Symbol("mu", integer=True), self.p
        sites = sp.symbols(" ".join(f"i_{k}" for k in range(1, p + 1)), integer=True)
        stored, spins = sp.IndexedBase("x"), sp.IndexedBase("sigma")
        energy: Any = stored[(mu, *sites)] * sp.Mul(*[spins[i] for i in sites])
        for k in range(p - 1, -1, -1):
            energy = sp.Sum(energy, (sites[k], sites[k - 1] + 1 if k else 1, size))
        scale = sp.factorial(p - 1) / size ** (p - 1)
        return sp.Eq(sp.Symbol("H"), -scale * sp.Sum(energy, (mu, 1, load * size ** (p - 1))), evaluate=False)

    def _repr_latex_(self) -> str:
        import sympy as sp

        x = r"\prod_k \tfrac{1}{M}\sum_a \eta^{\mu a}_{i_k}" if self.protocol == "supervised" else (
            r"\tfrac{1}{M}\sum_a \prod_k \eta^{\mu a}_{i_k}")  # fmt: skip
        return rf"$\displaystyle {sp.latex(self.hamiltonian())},\qquad x = r^{{-{self.p}}} {x}$"

    def to_json(self) -> dict[str, Any]:
        """The model as a plain document."""
        names = ("quality", "examples", "dataset_entropy")
        known = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        return {"name": "examples", "order": self.p, "protocol": self.protocol, **known}

    def of_many(self, examples: int) -> ExampleDAM:
        """The same memory of another number of examples: with the exact law of their mean up to 30, a Gaussian one beyond."""
        exact = examples <= MOST_BINOMIAL
        entropy = None if exact else float(f"{float((1 / self._r2 - 1) / examples):.9g}")
        return replace(self, examples=examples if exact else None, dataset_entropy=entropy)

    @property
    def example_depth(self) -> float | None:
        """Energy of a state that is one example over that of the archetype at zero load: above 1 examples are deeper.

        (r^{−p} + (M−1) r^p)/M without supervision, which is 1 at M = 1 + r^{−p}; None with it.
        """
        if self.protocol == "supervised" or not self.rho:
            return None
        many, strength = float((1 / self._r2 - 1) / self.rho), float(self._r2) ** (self.p / 2)
        return (1 / strength + (many - 1) * strength) / many
