"""The two-layer memory itself: its energy, and the words that its derivation begins with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp


@dataclass(frozen=True)
class ThresholdMemory:
    """N visible neurons tanh(βv), αN hidden ReLU neurons that each hold a pattern, dead below the threshold θ (krotov2021)."""

    title = "Memory with hidden neurons that are dead below a threshold"
    replicas = (
        "There is no noise: b, the inverse temperature of the replica calculation, goes to infinity, and the response "
        "χ = b(Q_aa − q) stays finite. β is the steepness of the visible activation, q its mean square, m the overlap with "
        "the memory that is retrieved, u_μ = ξ^μ·y/√N the field of a hidden neuron. ⟨·⟩_z is the mean over a standard Gaussian z."
    )
    notation = ""
    counting = (
        "A hidden field is a sum of N terms of order N^{−1/2} and Gaussian for large N; the αN hidden neurons contribute to "
        "the energy independently, an amount of order one each. The retrieved memory contributes −N m²/2; its own threshold is "
        "smaller by √N and is left out."
    )

    def hamiltonian(self) -> sp.Eq:
        """The energy as a function of the visible activations, the hidden ones at their minimum."""
        i, mu, size, load = sp.symbols("i mu N alpha", positive=True)
        conjugate, field = sp.Function("L^*")(sp.IndexedBase("y")[i]), sp.Function("u")(mu)
        hidden = sp.Max(field - sp.Symbol("theta", real=True), 0) ** 2 / 2
        return sp.Eq(sp.Symbol("E"), sp.Sum(conjugate, (i, 1, size)) - sp.Sum(hidden, (mu, 1, load * size)), evaluate=False)

    def _repr_latex_(self) -> str:
        return (
            r"$\displaystyle E(y) = \sum_{i=1}^{N} L^*(y_i) - \frac{1}{2} \sum_{\mu=1}^{\alpha N} "
            r"\max\!\left(\frac{\xi^\mu \cdot y}{\sqrt{N}} - \theta, 0\right)^{2}$"
        )

    def to_json(self) -> dict[str, Any]:
        """The model as a plain document."""
        return {"name": "threshold-memory"}
