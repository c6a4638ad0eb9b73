"""The Ising p-spin glass with Gaussian couplings: an exactly known test system."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from dammech.declared.interaction import LARGEST_ORDER, checked_order
from dammech.declared.states import ISING_REPLICAS, Branch, Condition, LineKind
from dammech.declared.units import Convention, convention
from dammech.errors import InputError
from dammech.systems.hebbian.branches import branches_of_glass

if TYPE_CHECKING:
    import sympy as sp


@dataclass(frozen=True)
class PSpin:
    """Ising p-spin glass, H = −Σ_{i1<…<ip} J σ…σ with ⟨J²⟩ = p!/(2 N^{p−1}): covariance ξ(q) = q^p/2 (J = 1).

    Order 2 is Sherrington–Kirkpatrick (sherrington1975); general p is gardner1985. It has no load.

    Parameters
    ----------
    order : int
        p, from 2 to 64.

    Raises
    ------
    InputError
        For an order that is no integer from 2 to 64.
    """

    order: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "order", checked_order(self.order, LARGEST_ORDER))

    axes = ("temperature",)
    replicas = ISING_REPLICAS
    order_parameters = ("q",)
    soft = False
    is_rectified = False
    notation = ""
    counting = (
        "The couplings are Gaussian and the energy is linear in them, so the average over the disorder is exact: "
        "only the covariance N ξ(q) of the energies of two states at overlap q enters."
    )

    @property
    def title(self) -> str:
        """Name and order."""
        return f"The Ising p-spin glass, p = {self.order}"

    @property
    def branches(self) -> dict[str, Branch]:
        """Named families of saddle points."""
        return branches_of_glass(self.order == 2)

    @property
    def lines(self) -> dict[str, LineKind | Condition]:
        """None with replica symmetry: its transitions have broken symmetry."""
        return {}

    @property
    def noise_powers(self) -> tuple[int, ...]:
        """The one power of q in ξ(q)."""
        return (self.order,)

    @property
    def noise_strength(self) -> Fraction:
        """Variance of the noise field at T = 0, ξ'(1) = p/2."""
        return Fraction(self.order, 2)

    @property
    def p(self) -> int:
        """The order."""
        return self.order

    def covariance(self, q: sp.Symbol, derivative: int = 0) -> sp.Expr:
        """ξ(q), the covariance of the energy per spin at overlap q, or a derivative of it."""
        return math.perm(self.order, derivative) * q ** (self.order - derivative) / 2 if derivative <= self.order else 0 * q

    def hamiltonian(self) -> sp.Eq:
        """The Hamiltonian as a SymPy equation; the sum runs over distinct index sets."""
        import sympy as sp

        indices = [sp.Symbol(f"i{k + 1}", integer=True) for k in range(self.order)]
        couplings, spins = sp.IndexedBase("J"), sp.IndexedBase("sigma")
        term = couplings[tuple(indices)] * sp.Mul(*[spins[i] for i in indices])
        size = sp.Symbol("N", integer=True)
        limits = [(indices[k], (indices[k - 1] + 1 if k else 1), size) for k in reversed(range(self.order))]
        return sp.Eq(sp.Symbol("H"), -sp.Sum(term, *limits), evaluate=False)

    def _repr_latex_(self) -> str:
        import sympy as sp

        spread = rf"\langle J^2\rangle = {self.order}!/(2N^{{{self.order - 1}}})"
        return rf"$\displaystyle {sp.latex(self.hamiltonian())},\qquad {spread}$"

    def to_json(self) -> dict[str, Any]:
        """The model as a plain document."""
        return {"name": "pspin", "order": self.order}

    def convention(self, name: str) -> Convention:
        """Canonical units only: J = 1 is the unit of temperature and energy."""
        if name != "canonical":
            convention(name, self.order)  # an unknown name is said to be unknown
            raise InputError(
                f"convention={name!r} is for Hebbian memories; the p-spin glass is in units of J = 1 (canonical)"
            )
        return convention(name, self.order)
