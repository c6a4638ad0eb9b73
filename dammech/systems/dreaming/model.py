"""Hopfield's memory after sleep, of patterns or of examples of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dammech.declared.states import Branch, Fold, LineKind, Marginal
from dammech.declared.units import Convention, convention
from dammech.errors import InputError, finite, integer, shown
from dammech.systems.hebbian.branches import branches_of_memory

if TYPE_CHECKING:
    import sympy as sp


@dataclass(frozen=True)
class DreamingDAM:
    """H = −½ Σ_{i≠j} J_ij σ_i σ_j, J = N⁻¹ xᵀ (1 + t)(I + tC)⁻¹ x with C = x xᵀ/N: Hebb's rule at t = 0, the projector as t → ∞.

    Asleep, couplings flow by dJ/dt = (J − J²)/(1 + t) (fachechi2019). What is stored are the patterns, x = ξ, or what examples
    tell of them: x = (ξ + √R z)/√(1 + R) with unit Gaussians z; or the mean of M examples ξχ, with signs χ of mean r, over
    r√(1 + R), R = (1 − r²)/(M r²), which tends to that as M → ∞ (aquaro2022).

    Parameters
    ----------
    sleep : float
        t ≥ 0.
    dataset_entropy : float
        R ≥ 0.
    examples : int, optional
        M ≥ 1, with ``quality`` and without ``dataset_entropy``.
    quality : float, optional
        r, above 0 and up to 1.

    Raises
    ------
    InputError
        For a number out of range, or one of ``examples`` and ``quality`` without the other.

    Examples
    --------
    >>> DreamingDAM(1.0, examples=10, quality=0.5).noise_ratio
    0.3
    """

    sleep: float
    dataset_entropy: float = 0.0
    examples: int | None = None
    quality: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "sleep", finite("sleep", self.sleep))
        object.__setattr__(self, "dataset_entropy", finite("dataset_entropy", self.dataset_entropy))
        if self.examples is None and self.quality is None:
            return
        if self.examples is None or self.quality is None:
            raise InputError(
                f"examples={shown(self.examples)}, quality={shown(self.quality)}: must be given together or not at all"
            )
        object.__setattr__(self, "examples", integer("examples", self.examples))
        object.__setattr__(self, "quality", finite("quality", self.quality, positive=True))
        if self.quality > 1:
            raise InputError(f"quality={self.quality}: must be a number above 0 and at most 1")
        if self.dataset_entropy:
            raise InputError(
                f"dataset_entropy={self.dataset_entropy}: is (1 − r²)/(M r²) of examples and quality; leave it out"
            )

    axes = ("load", "temperature")
    order_parameters = ("m", "q", "rho", "chi")
    replicas = (
        "Units: k_B = 1, β = 1/T. ⟨·⟩_z is the mean over a standard Gaussian z, and h is the local field; t is the length of "
        "sleep."
    )
    title = "Hopfield's memory after sleep"
    p = 2
    soft = True
    counting = (
        "The couplings are a function of the matrix C of all overlaps of patterns, whose eigenvalues are of order 1: every "
        "cumulant of the noise is extensive, and all have to be kept."
    )

    @property
    def noise_ratio(self) -> float:
        """R, the variance of what is stored over that of the patterns in it, less 1."""
        if self.examples is None or self.quality is None:
            return self.dataset_entropy
        return (1 - self.quality**2) / (self.examples * self.quality**2)

    @property
    def branches(self) -> dict[str, Branch]:
        """Named families of saddle points."""
        return {name: branch for name, branch in branches_of_memory(self.soft).items() if branch.patterns == 1}

    @property
    def lines(self) -> dict[str, LineKind]:
        """What its replica-symmetric lines are."""
        return {"retrieval-spinodal": Fold("retrieval"), "spin-glass": Marginal("paramagnetic")}

    @property
    def notation(self) -> str:
        """What is stored."""
        known = ", which are stored: x = ξ."
        if self.quality is not None:
            chance = (1 + self.quality) / 2
            known = f", and stored is the mean of {self.examples} examples, whose signs are right with probability {chance:g}."
        elif self.dataset_entropy:
            known = ", and stored is x = (ξ + √R z)/√(1 + R), z a unit Gaussian."
        return f"There are P = αN patterns ξ of fair signs{known}"

    def patterns_for(self, load: float, size: int) -> int:
        """P = round(α N)."""
        return round(load * size)

    def hamiltonian(self) -> sp.Eq:
        """The Hamiltonian as a SymPy equation."""
        import sympy as sp

        i, j, size = sp.Symbol("i", integer=True), sp.Symbol("j", integer=True), sp.Symbol("N", integer=True)
        couplings, spins = sp.IndexedBase("J"), sp.IndexedBase("sigma")
        pairs = sp.Sum(couplings[i, j] * spins[i] * spins[j], (j, i + 1, size), (i, 1, size))
        return sp.Eq(sp.Symbol("H"), -pairs)

    def _repr_latex_(self) -> str:
        import sympy as sp

        rule = r"J = \frac{1+t}{N}\, x^{\mathsf T} (I + tC)^{-1} x,\qquad C = x x^{\mathsf T}/N"
        return rf"$\displaystyle {sp.latex(self.hamiltonian())},\qquad {rule}$"

    def to_json(self) -> dict[str, Any]:
        """The model as a plain document."""
        if self.examples is None:
            return {"name": "dreaming", "sleep": self.sleep, "dataset_entropy": self.dataset_entropy}
        return {"name": "dreaming", "sleep": self.sleep, "examples": self.examples, "quality": self.quality}

    def convention(self, name: str) -> Convention:
        """Canonical units only."""
        units = convention(name, self.p)
        if name != "canonical":
            raise InputError(f"convention={name!r}: the memory after sleep has canonical units only")
        return units
