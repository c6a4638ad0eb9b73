"""A dense associative memory that stores a stream of patterns and forgets the old ones."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dammech.declared.kernels import Kernel
from dammech.declared.states import ISING_REPLICAS, Branch, Condition, LineKind
from dammech.declared.units import Convention, convention
from dammech.errors import InputError
from dammech.systems.hebbian.model import COUNTING, HebbianDAM

if TYPE_CHECKING:
    import numpy as np
    import sympy as sp


@dataclass(frozen=True)
class PalimpsestDAM:
    """Dense associative memory whose patterns arrive one after another and fade.

    H(σ) = −(N^{1−p/2}/p) Σ_μ Λ_μ G(y_μ), y_μ = ξ^μ·σ/√N: the terms of `HebbianDAM`, each with a weight Λ_μ = g(εx) that
    falls with the age x = μ/N^{p−1} of the pattern (the newest has age 0 and weight 1). The effective load
    A = Σ_μ Λ_μ²/N^{p−1} takes the place of α (nadal1986, mezard1986).

    Parameters
    ----------
    order, interaction
        As of `HebbianDAM`.
    kernel : str
        One of `dammech.declared.kernels.KERNELS`.
    exponent : float, optional
        Of a kernel that has one (see `Kernel`).

    Raises
    ------
    InputError
        For an order, interaction, kernel or exponent that is not allowed, or a clipped rectified memory.

    Examples
    --------
    >>> PalimpsestDAM(order=3).weights(rate=4.0, size=2, patterns=2).round(3).tolist()
    [1.0, 0.368]
    """

    order: int | None = None
    interaction: Any = "distinct"
    kernel: str = "exponential"
    exponent: float | None = None

    def __post_init__(self) -> None:
        memory, shape = HebbianDAM(self.order, self.interaction), Kernel(self.kernel, self.exponent)
        if shape.name == "clipped" and memory.is_rectified:
            raise InputError(
                "kernel='clipped' has no rectified form: the energy of max(y, 0)^p is no sum over products of couplings "
                "and spins that could be clipped; use 'distinct' or 'power'"
            )
        for name, value in (("order", memory.order), ("interaction", memory.interaction), ("kernel", shape.name),
                            ("exponent", shape.exponent)):
            object.__setattr__(self, name, value)

    @cached_property
    def memory(self) -> HebbianDAM:
        """The same memory without forgetting."""
        return HebbianDAM(self.order, self.interaction)

    @cached_property
    def shape(self) -> Kernel:
        """The kernel itself."""
        return Kernel(self.kernel, self.exponent)

    @property
    def linear(self) -> bool:
        """Whether what is stored is a weighted sum over patterns; clipped couplings are none."""
        return self.shape.linear

    @property
    def p(self) -> int:
        """The order as an integer."""
        return self.memory.p

    @property
    def is_rectified(self) -> bool:
        """Whether G vanishes for negative overlaps."""
        return self.memory.is_rectified

    @property
    def noise_strength(self) -> Fraction:
        """Variance of the noise field at T = 0 per unit of effective load."""
        return self.memory.noise_strength

    def weights(self, rate: float, size: int, patterns: int) -> np.ndarray:
        """Λ_μ of the newest ``patterns`` patterns at finite N, newest first."""
        import numpy as np

        ages = np.arange(patterns) / float(size) ** (self.p - 1)
        return np.asarray(self.shape.weight(rate * ages), dtype=float) * np.ones(patterns)

    # -- what it declares -------------------------------------------------------------------------------------------

    axes = ("load", "temperature", "rate", "age")
    replicas = ISING_REPLICAS
    order_parameters = ("m", "q")

    @property
    def soft(self) -> bool:
        """Whether the noise is a log-determinant: at order 2."""
        return self.p == 2

    @property
    def branches(self) -> dict[str, Branch]:
        """Named families of saddle points; a stream has no symmetric mixtures."""
        return {name: branch for name, branch in self.memory.branches.items() if branch.patterns == 1}

    @property
    def lines(self) -> dict[str, LineKind | Condition]:
        """What the lines in effective load and temperature are."""
        return self.memory.lines

    @property
    def noise_powers(self) -> tuple[int, ...] | None:
        """Powers of q in ξ(q)."""
        return self.memory.noise_powers

    @property
    def title(self) -> str:
        """Order, interaction and law of forgetting."""
        law = self.kernel if self.exponent is None else f"{self.kernel} {self.exponent:g}"
        return f"Palimpsest of order p = {self.p} ({self.memory.kind}, {law} forgetting)"

    @property
    def notation(self) -> str:
        """How patterns fade."""
        more = (
            " ⟨φ(λ)⟩_λ = ∫φ(g(u))du/G is the mean over the weights of the stream, G = ∫g², and R(y) = log(1 − y) + y is the "
            "sum over closed chains of two and more couplings." if self.soft else ""
        )
        return (
            f"Patterns arrive one after another and fade: a pattern of age x, in units of N^{self.p - 1} patterns, "
            f"has the weight g(εx). The condensed one has weight Λ and Mattis overlap m, and A = Σ_μ Λ_μ²/N^{self.p - 1} "
            f"is the effective load.{more}"
        )

    @property
    def counting(self) -> str:
        """Why the noise is Gaussian for p ≥ 3, and why at p = 2 weights stay in it."""
        if not self.soft:
            many = "patterns of a stream, of the order of N^{p−1} with weights, are"
            return self.memory.counting.replace("P = αN^{p−1} patterns are", many)
        return COUNTING + (
            "At p = 2 it does not change: every cumulant is extensive, and all have to be kept. The y of the replicas are "
            "jointly Gaussian with covariance Q as N → ∞, so that a pattern of weight Λ_μ gives −½ log det(1 − βΛ_μQ), "
            "and the sum over the stream is an integral over ages. The reaction of each pattern depends on its own "
            "weight: the weights do not scale out of the noise."
        )

    # -- what it shares with the memory that does not forget ----------------------------------------------------------

    def polynomial(self) -> list[Fraction]:
        """Coefficients of G(y) at N → ∞, lowest power first."""
        return self.memory.polynomial()

    def hermite_coefficients(self) -> list[Fraction] | None:
        """c_k of G(y) = Σ_k c_k He_k(y); None when rectified."""
        return self.memory.hermite_coefficients()

    def covariance(self, q: sp.Symbol, derivative: int = 0) -> sp.Expr:
        """ξ(q)/A, the covariance of the noise energy per spin at overlap q, or a derivative of it."""
        return self.memory.covariance(q, derivative)

    def coefficients(self, size: Any) -> list[Any]:
        """As of `memory`."""
        return self.memory.coefficients(size)

    def pattern_energy(self, size: int) -> np.ndarray:
        """Energy of one pattern of weight 1 against its overlap sum (see `HebbianDAM.pattern_energy`)."""
        return self.memory.pattern_energy(size)

    def mean_pattern_energy(self, size: int) -> float:
        """Mean of that over fair signs."""
        return self.memory.mean_pattern_energy(size)

    def patterns_for(self, load: float, size: int) -> int:
        """P = round(x N^{p−1}): how many patterns an age or a load is."""
        return self.memory.patterns_for(load, size)

    def hamiltonian(self) -> sp.Eq:
        """The Hamiltonian at finite N as a SymPy equation."""
        import sympy as sp

        term, (mu, first, last) = self.memory.hamiltonian().rhs.args[1].args
        return sp.Eq(sp.Symbol("H"), -sp.Sum(sp.IndexedBase("Lambda")[mu] * term, (mu, first, last)), evaluate=False)

    def _repr_latex_(self) -> str:
        import sympy as sp

        return rf"$\displaystyle {sp.latex(self.hamiltonian())},\qquad \Lambda_\mu = g(\varepsilon\mu/N^{{{self.p - 1}}})$"

    def to_json(self) -> dict[str, Any]:
        """The model as a plain document."""
        document = {"name": "palimpsest", "order": self.p, "interaction": self.interaction, "kernel": self.kernel}
        return document if self.exponent is None else {**document, "exponent": self.exponent}

    def convention(self, name: str) -> Convention:
        """Units called ``name`` at this order."""
        return convention(name, self.p)
