"""A spin-1 memory of two patterns in a crystal field: a system of another package, which `dammech` finds by its entry point."""

from dataclasses import dataclass
from typing import Any

from dammech.declared.states import Branch, Crossing, Fold, Marginal
from dammech.declared.units import Convention, convention
from dammech.errors import InputError
from dammech.registry import Axis, System


@dataclass(frozen=True)
class BlumeCapelDAM:
    """H = −(N/2) Σ_μ m_μ² − (K N/2) a² + Δ N a with S = −1, 0, 1, m_μ = Σ_i ξ_i^μ S_i/N for two patterns, a = Σ_i S_i²/N.

    Parameters
    ----------
    biquadratic : float
        K > 0.
    """

    biquadratic: float = 0.5

    def __post_init__(self) -> None:
        if isinstance(self.biquadratic, bool | str) or not 0 < self.biquadratic < 100:
            raise InputError(f"biquadratic={self.biquadratic!r}: must be a number above 0 and below 100")

    axes = ("temperature", "crystal_field")
    order_parameters = ("m", "n", "a")
    branches = {
        "retrieval": Branch("overlap m > 0 with one pattern", "largest m", rivals=("paramagnetic",)),
        "paramagnetic": Branch("no overlap", "smallest q", rivals=("retrieval",)),
    }
    lines = {
        "end": Fold("retrieval"), "coexistence": Crossing("retrieval", "paramagnetic"), "onset": Marginal("paramagnetic"),
    }  # fmt: skip

    title = "Spin-1 memory of two patterns in a crystal field"
    replicas = "Units: k_B = 1. Overlaps with the two patterns are m and n, and a is the mean of S²."
    notation = "Half of the spins see the sum m + n, the other half the difference."
    counting = "There are no replicas: two patterns are no noise."

    def hamiltonian(self) -> Any:
        """The Hamiltonian as a SymPy equation."""
        import sympy as sp

        m, n, a, N, D = sp.symbols("m n a N Delta")
        return sp.Eq(
            sp.Symbol("H"), -N * (m**2 + n**2 + sp.nsimplify(self.biquadratic) * a**2) / 2 + D * N * a, evaluate=False
        )

    def _repr_latex_(self) -> str:
        import sympy as sp

        return f"${sp.latex(self.hamiltonian())}$"

    def to_json(self) -> dict[str, Any]:
        """The model as a plain document."""
        return {"name": "blume-capel", "biquadratic": self.biquadratic}

    def convention(self, name: str) -> Convention:
        """Canonical units only."""
        if name != "canonical":
            raise InputError(f"convention={name!r}: the Blume–Capel memory has canonical units only")
        return convention(name, 2)


SYSTEM = System(
    name="blume-capel",
    title="Spin-1 memory of two patterns in a crystal field.",
    home=__name__,
    model=BlumeCapelDAM,
    parameters={"biquadratic": "number above 0 and below 100"},
    axes={
        "temperature": Axis("in units of the coupling", "T", 0.2),
        "crystal_field": Axis("Δ, the cost of S = ±1, of either sign", "D", 0.3, least=None),
    },
    instances=(BlumeCapelDAM(),),
    sources={"blume-capel": ("blume1966", "capel1966"), "crystal-field": ("capel1966",)},
)
