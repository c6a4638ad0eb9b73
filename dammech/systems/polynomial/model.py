"""A memory with a polynomial interaction, its start, and what is asked of one step."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dammech.errors import InputError, integer, one_of, shown

INTERACTIONS = ("power", "distinct", "rectified")
CRITERIA = ("typical", "all")
LARGEST_ORDER, LARGEST_SIZE = 20, 10_000_000


@dataclass(frozen=True)
class PolynomialMemory:
    """E = −Σ_μ F(ξ^μ·σ) with F = xⁿ, and one step σ_i ← sgn Σ_μ [F(ξ_i + X_i) − F(−ξ_i + X_i)], X_i the sum without i.

    Parameters
    ----------
    order : int, optional
        n; left out with an expression.
    interaction : str
        "power" xⁿ, "rectified" max(x, 0)ⁿ, "distinct": the sum over n different sites; or an expression F in ``x``.
    errors : float
        Fraction of wrong bits after the step; 0 for none.
    flip : float
        Fraction of wrong signs at the start.
    criterion : str
        "typical" or "all".
    size : int, optional
        N; an expression needs it.

    Raises
    ------
    InputError
        For a value that is not allowed.
    """

    order: int | None = None
    interaction: str = "power"
    errors: float = 0.005
    flip: float = 0.0
    criterion: str = "typical"
    size: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.interaction, str):
            known = ", ".join(INTERACTIONS)
            raise InputError(f"interaction={shown(self.interaction)}: must be one of {known} or an expression in x")
        one_of("criterion", self.criterion, CRITERIA)
        if self.is_expression and (self.order is not None or self.size is None):
            raise InputError(f"interaction={shown(self.interaction)}: an expression takes a size and no order")
        if not self.is_expression:
            object.__setattr__(self, "order", integer("order", self.order, 2, LARGEST_ORDER))
        for name in ("errors", "flip"):
            value = getattr(self, name)
            try:
                number = math.nan if isinstance(value, bool | str | bytes) else float(value)
            except Exception:  # no number, or an object whose conversion fails
                number = math.nan
            if not 0 <= number < 0.5:
                raise InputError(f"{name}={shown(value)}: must be a number from 0 to below 1/2")
            object.__setattr__(self, name, number)
        if self.size is not None:
            object.__setattr__(self, "size", integer("size", self.size, max(2, self.order or 2), LARGEST_SIZE))

    @property
    def is_expression(self) -> bool:
        """Whether the interaction is a function of one's own."""
        return self.interaction not in INTERACTIONS
