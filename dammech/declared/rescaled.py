"""A pattern of weight Λ in a stream of order 3 and above, as a pattern of the memory that does not forget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: powers of Λ; what is not here is the same in both
_POWERS = {"load": 2, "temperature": 1, "free_energy": 1, "energy": 1, "C": -1, "y": -1}


@dataclass(frozen=True)
class Rescaled:
    """The scaling theorem, ``palimpsest.scaling``: the state at (A, T) is that of the uniform memory at (A/Λ², T/Λ).

    H/Λ has a pattern of weight 1. Energies are Λ times what they are in the uniform memory, and responses 1/Λ times.

    Parameters
    ----------
    weight : number or expression
        Λ.

    Examples
    --------
    >>> Rescaled(0.5).uniform("load", 0.02), Rescaled(0.5).stream("energy", -0.4)
    (0.08, -0.2)
    """

    weight: Any

    def uniform(self, name: str, value: Any) -> Any:
        """A quantity of the stream as it is in the uniform memory."""
        return value / self._factor(name)

    def stream(self, name: str, value: Any) -> Any:
        """A quantity of the uniform memory as it is in the stream; None and words stay."""
        factor = self._factor(name)
        return value if value is None or factor == 1 else value * factor

    def _factor(self, name: str) -> Any:
        return self.weight ** _POWERS.get(name.split("_")[0] if name.startswith("y_") else name, 0)
