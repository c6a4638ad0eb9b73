"""A theory seen through new parameters: that of the Hamiltonian ΛH, whose states are those of H."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: powers of Λ; what is not here is the same in both
_POWERS = {"load": 2, "temperature": 1, "free_energy": 1, "energy": 1, "C": -1, "y": -1}


@dataclass(frozen=True)
class Rescaled:
    """Another unit of energy: the state of ΛH at (A, T) is that of H at (A/Λ², T/Λ), the load being a variance of noise.

    Energies are Λ times what they are in H, and responses 1/Λ times.

    Parameters
    ----------
    weight : number or expression
        Λ.

    Examples
    --------
    >>> Rescaled(0.5).plain("load", 0.02), Rescaled(0.5).scaled("energy", -0.4)
    (0.08, -0.2)
    """

    weight: Any = 1

    def plain(self, name: str, value: Any) -> Any:
        """A quantity of ΛH as it is in H."""
        return value / self._factor(name)

    def scaled(self, name: str, value: Any) -> Any:
        """A quantity of H as it is in ΛH; None and words stay."""
        factor = self._factor(name)
        return value if value is None or factor == 1 else value * factor

    def _factor(self, name: str) -> Any:
        return self.weight ** _POWERS.get(name.split("_")[0] if name.startswith("y_") else name, 0)
