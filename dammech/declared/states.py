"""What a system declares of itself: the engine reads this and knows no system by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, Protocol

from dammech.declared.units import Convention

if TYPE_CHECKING:
    import numpy as np
    import sympy as sp

#: symbols of replica symmetry among Ising spins
ISING_REPLICAS = (
    "Units: k_B = 1, β = 1/T. Overlaps of replicas are Q_ab = N⁻¹ Σ_i σ_i^a σ_i^b with Q_aa = 1 and Q_ab = q for a ≠ b; "
    "C = β(1 − q) is the mean response of a spin to a field on it alone. ⟨·⟩_z is the mean over a standard Gaussian z, h is "
    "the local field, and u = h/T."
)

Choice = Literal["largest m", "largest q", "smallest q"]

#: share of the sites, mean and variance of a Gaussian strength
Shares = tuple[tuple[Fraction, Fraction, Fraction], ...]


@dataclass(frozen=True)
class Branch:
    """A family of saddle points that have a name.

    Parameters
    ----------
    meaning : str
        What it is, in words.
    choice : str
        Which of the saddle points at one place belongs to it.
    held : tuple of (name, value)
        Order parameters with a fixed value on it.
    patterns : int
        How many patterns share its overlap alike.
    rivals : tuple of str
        The branches that may have a lower free energy.
    unbroken : str, optional
        The branch that stands in its place where replica symmetry is not broken, if that is another.
    undecided : str, optional
        Which states without a branch may lie deeper, in words, so that it is not known to be the equilibrium one.
    """

    meaning: str
    choice: Choice
    held: tuple[tuple[str, float], ...] = ()
    patterns: int = 1
    rivals: tuple[str, ...] = ()
    unbroken: str | None = None
    undecided: str | None = None


@dataclass(frozen=True)
class Fold:
    """The line on which a branch ends: its saddle point merges with another one."""

    branch: str


@dataclass(frozen=True)
class Crossing:
    """The line on which two branches have equal free energies."""

    branch: str
    rival: str


@dataclass(frozen=True)
class Zero:
    """The line on which a quantity vanishes along a branch: ``entropy``, ``replicon``, or an observable by name."""

    branch: str
    quantity: str


@dataclass(frozen=True)
class Marginal:
    """The line on which a branch becomes unstable towards order parameters that are zero in it."""

    branch: str


@dataclass(frozen=True)
class Condition:
    """The line on which a condition holds that a theory gives by name, whatever the state."""

    name: str


LineKind = Fold | Crossing | Zero | Marginal


def in_words(line: LineKind | Condition) -> str:
    """What happens on a line."""
    match line:
        case Fold(branch):
            return f"the {branch} state ends"
        case Crossing(branch, rival):
            return f"the {branch} and the {rival} state have equal free energies"
        case Zero(branch, quantity):
            return f"the {quantity} of the {branch} state vanishes"
        case Marginal(branch):
            return f"the {branch} state becomes unstable"
        case Condition(name):
            return f"the condition {name} holds"


class Model(Protocol):
    """What the engine may ask of a model."""

    @property
    def p(self) -> int:
        """The order of the interaction."""

    @property
    def axes(self) -> tuple[str, ...]:
        """Names of what can be varied, in the order of a theory's parameters."""

    @property
    def order_parameters(self) -> tuple[str, ...]:
        """Names of the replica-symmetric order parameters."""

    @property
    def branches(self) -> Mapping[str, Branch]:
        """Named families of saddle points, the default one first."""

    @property
    def lines(self) -> Mapping[str, LineKind | Condition]:
        """What the lines of the replica-symmetric theory are."""

    @property
    def noise_powers(self) -> tuple[int, ...] | None:
        """The powers of q in the covariance ξ(q) of the noise; None where the series does not end."""

    @property
    def noise_strength(self) -> Fraction:
        """Variance of the noise field at T = 0, ξ'(1), per unit load where there is one."""

    @property
    def soft(self) -> bool:
        """Whether the noise is no Gaussian field but a log-determinant of all overlaps, as for pairwise memories."""

    @property
    def is_rectified(self) -> bool:
        """Whether the interaction vanishes for negative overlaps."""

    @property
    def title(self) -> str:
        """What the system is, for a heading."""

    @property
    def replicas(self) -> str:
        """The symbols of the replica-symmetric theory, in words."""

    @property
    def notation(self) -> str:
        """Which patterns there are, in the words that a derivation begins with."""

    @property
    def counting(self) -> str:
        """Why the noise is what the derivation says, by counting powers of N."""

    def covariance(self, q: sp.Symbol, derivative: int = 0) -> sp.Expr:
        """ξ(q) of the noise per unit load, or a derivative of it, regular at q = 1."""

    def convention(self, name: str) -> Convention:
        """Units called ``name``."""

    def to_json(self) -> dict[str, Any]:
        """The system as a plain document."""


class Counted(Protocol):
    """What stores a number of patterns that its load says."""

    @property
    def p(self) -> int:
        """The order of the interaction: P is of the order of N^{p−1}."""

    def patterns_for(self, load: float, size: int) -> int:
        """Number of patterns at a load and size."""


class Memory(Model, Protocol):
    """What chains of spins and exact laws may ask of a memory, whose energy is a sum over patterns."""

    @property
    def interaction(self) -> Any:
        """What says how a pattern's energy depends on its overlap."""

    @property
    def memory(self) -> Memory:
        """The same memory with all weights 1: itself, where patterns do not fade."""

    @property
    def site_disorder(self) -> Shares:
        """What is stored of the condensed pattern where its sign is +1: shares of sites, mean and variance there."""

    @property
    def noise_modes(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """At order 2, eigenvalues of the covariance of what is stored of one pattern at a site, and how many each."""

    @property
    def linear(self) -> bool:
        """Whether what is stored is a weighted sum over patterns."""

    def coefficients(self, size: Any) -> list[Any]:
        """−(energy of one pattern) as a polynomial in M = ξ·σ; ``size`` an integer (exact up to √N) or a symbol."""

    def pattern_energy(self, size: int) -> np.ndarray:
        """Energy of one pattern at M = −N, −N+2, …, N."""

    def mean_pattern_energy(self, size: int) -> float:
        """Mean of ``pattern_energy`` over fair signs."""

    def patterns_for(self, load: float, size: int) -> int:
        """Number of patterns at a load and size."""
