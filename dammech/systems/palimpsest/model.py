"""A dense associative memory that stores a stream of patterns and forgets the old ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dammech.declared.kernels import Kernel
from dammech.declared.states import Branch
from dammech.errors import InputError
from dammech.systems.hebbian.model import COUNTING, HebbianDAM, Interacting

if TYPE_CHECKING:
    import numpy as np
    import sympy as sp


@dataclass(frozen=True)
class PalimpsestDAM(Interacting):
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

    def weights(self, rate: float, size: int, patterns: int) -> np.ndarray:
        """Λ_μ of the newest ``patterns`` patterns at finite N, newest first."""
        import numpy as np

        ages = np.arange(patterns) / float(size) ** (self.p - 1)
        return np.asarray(self.shape.weight(rate * ages), dtype=float) * np.ones(patterns)

    # -- what it declares -------------------------------------------------------------------------------------------

    axes = ("load", "temperature", "rate", "age")

    @property
    def branches(self) -> dict[str, Branch]:
        """Named families of saddle points; a stream has no symmetric mixtures."""
        return {name: branch for name, branch in self.memory.branches.items() if branch.patterns == 1}

    @property
    def title(self) -> str:
        """Order, interaction and law of forgetting."""
        law = self.kernel if self.exponent is None else f"{self.kernel} {self.exponent:g}"
        return f"Palimpsest of order p = {self.p} ({self.kind}, {law} forgetting)"

    @property
    def notation(self) -> str:
        """How patterns fade."""
        more = (
            " ⟨φ(w)⟩_w = ∫φ(g(u))du/G is the mean over the weights of the stream, G = ∫g², and R(y) = log(1 − y) + y is the "
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
