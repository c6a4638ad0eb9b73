"""A dense associative memory of phases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dammech.declared.states import Branch, Crossing, Fold, LineKind, Marginal, Zero
from dammech.declared.units import Convention, convention
from dammech.errors import InputError, integer, one_of
from dammech.systems.hebbian.branches import branches_of_memory

if TYPE_CHECKING:
    import sympy as sp

COUPLINGS = ("complex", "real")
LARGEST_ORDER = 20


@dataclass(frozen=True)
class PhasorDAM:
    """Memory of phases σ_i = e^{iθ_i}, H = −(N/p) Σ_μ |m_μ|^p with m_μ = N⁻¹ Σ_i ξ̄_i^μ σ_i and patterns ξ = e^{iφ}, φ uniform.

    Order 2 has the diagonal dropped: H = −½ Σ_{i≠j} J_ij σ̄_i σ_j, J_ij = N⁻¹ Σ_μ ξ_i^μ ξ̄_j^μ (noest1988, cook1989).

    Parameters
    ----------
    order : int
        p, from 2 to 20. The load is α = P/N^{p−1}.
    coupling : str
        "complex", or of order 2 "real": J_ij = (2/N) Σ_μ cos(φ_i^μ − φ_j^μ), which stores each pattern and its mirror image ξ̄.

    Raises
    ------
    InputError
        For another order or coupling, or a real coupling of order 3 and more.
    """

    order: int = 2
    coupling: str = "complex"

    def __post_init__(self) -> None:
        object.__setattr__(self, "order", integer("order", self.order, 2, LARGEST_ORDER))
        one_of("coupling", self.coupling, COUPLINGS)
        if self.order > 2 and self.coupling == "real":
            raise InputError(f"coupling='real': is defined for order 2 only, not for order {self.order}; use 'complex'")

    axes = ("load", "temperature")
    order_parameters = ("m", "q")
    replicas = (
        "Units: k_B = 1, β = 1/T. Overlaps of replicas are Q_ab = N⁻¹ Σ_i σ̄_i^a σ_i^b with Q_ab = q for a ≠ b. Brackets are "
        "means over a complex Gaussian z with ⟨|z|²⟩ = 1; h = |h| e^{iφ} is the local field, and A(x) = I₁(x)/I₀(x) the mean of "
        "a phase in the field x."
    )

    @property
    def p(self) -> int:
        """The order."""
        return self.order

    @property
    def soft(self) -> bool:
        """Whether the noise is a log-determinant: at order 2."""
        return self.order == 2

    @property
    def branches(self) -> dict[str, Branch]:
        """Named families of saddle points."""
        return {name: branch for name, branch in branches_of_memory(self.soft).items() if branch.patterns == 1}

    @property
    def lines(self) -> dict[str, LineKind]:
        """What its replica-symmetric lines are; the paramagnet of order 3 and more is nowhere marginal."""
        return {
            "retrieval-spinodal": Fold("retrieval"),
            "thermodynamic": Crossing("retrieval", "spin-glass" if self.soft else "paramagnetic"),
            **({"spin-glass": Marginal("paramagnetic")} if self.soft else {}),
            "at": Zero("retrieval", "replicon"),
        }

    @property
    def title(self) -> str:
        """Order and coupling."""
        return f"Memory of phases of order p = {self.order}{' with real couplings' if self.coupling == 'real' else ''}"

    @property
    def notation(self) -> str:
        """How many patterns there are."""
        number = "αN" if self.soft else f"αN^{self.order - 1}"
        mirrored = ", each stored together with its mirror image ξ̄" if self.coupling == "real" else ""
        return (
            f"There are P = {number} patterns of independent phases, uniform on the circle{mirrored}. The overlap m of the "
            "condensed one is the modulus of a complex number: a common phase of all spins costs nothing."
            + (" Its mirror image is not condensed, and N⁻¹ Σ_i σ_i^a σ_i^b vanishes." if mirrored else "")
        )

    @property
    def counting(self) -> str:
        """Why the noise is Gaussian for p ≥ 3 and a log-determinant for p = 2."""
        if self.soft:
            return (
                "At p = 2 every cumulant of the noise is extensive: the overlaps of uncondensed patterns are complex Gaussians "
                "of variance 1/N as N → ∞, and each pattern gives a log-determinant."
            )
        return (
            "The energy of an uncondensed pattern is of the order of N^{1−p/2}, and P = αN^{p−1} of them are independent: the "
            "second cumulant of their sum is extensive, higher ones vanish as N → ∞, so that the noise is Gaussian."
        )

    def patterns_for(self, load: float, size: int) -> int:
        """P = round(α N^{p−1})."""
        return round(load * float(size) ** (self.order - 1))

    def hamiltonian(self) -> sp.Eq:
        """The Hamiltonian as a SymPy equation; M_μ = Σ_i ξ̄_i^μ σ_i = N m_μ, and K_μ = Σ_i ξ_i^μ σ_i of a real coupling."""
        import sympy as sp

        n, mu = self.order, sp.Symbol("mu", integer=True)
        size, load = sp.Symbol("N", positive=True), sp.Symbol("alpha", positive=True)
        names = "MK" if self.coupling == "real" else "M"
        powers = sum(sp.Abs(sp.IndexedBase(name)[mu]) ** n - (size if self.soft else 0) for name in names)
        energy = -sp.Sum(powers * size ** (1 - n) / n, (mu, 1, load * size ** (n - 1)))
        return sp.Eq(sp.Symbol("H"), energy)

    def _repr_latex_(self) -> str:
        import sympy as sp

        return rf"$\displaystyle {sp.latex(self.hamiltonian())},\qquad M_\mu = \sum_i \bar\xi_i^\mu \sigma_i$"

    def to_json(self) -> dict[str, Any]:
        """The model as a plain document."""
        return {"name": "phasor", "order": self.order, "coupling": self.coupling}

    def convention(self, name: str) -> Convention:
        """Canonical units only."""
        units = convention(name, self.order)
        if name != "canonical":
            raise InputError(f"convention={name!r}: memories of phases have canonical units only")
        return units
