"""What is asked of the best couplings: a margin, or a load."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dammech.errors import InputError, finite, shown

#: of margins: beyond them loads lose their digits
LEAST_MARGIN, LARGEST_MARGIN = -5.0, 1e6


@dataclass(frozen=True)
class StableMemory:
    """Couplings of any kind such that every bit of P = αN random patterns has a stability of at least κ.

    Parameters
    ----------
    margin : float, optional
        κ, 0 where neither is given: ξ_i h_i/|J_i| ≥ κ.
    load : float, optional
        α, above 0 and at most 2: the largest κ is asked for.

    Raises
    ------
    InputError
        For a number out of range, or both of them.

    Examples
    --------
    >>> StableMemory(margin=1.0)
    StableMemory(margin=1.0, load=None)
    """

    margin: float | None = None
    load: float | None = None

    def __post_init__(self) -> None:
        if self.margin is not None and self.load is not None:
            raise InputError(f"margin={shown(self.margin)}, load={shown(self.load)}: one of them decides the other")
        if self.load is not None:
            load = finite("load", self.load, positive=True)
            if not 1e-9 <= load <= 2:
                raise InputError(f"load={shown(self.load)}: must be a number from 1e-9 to 2")
            object.__setattr__(self, "load", load)
            return
        try:
            margin = math.nan if isinstance(self.margin, bool | str) else float(self.margin or 0.0)
        except (TypeError, ValueError, OverflowError):
            margin = math.nan
        if not LEAST_MARGIN <= margin <= LARGEST_MARGIN:
            raise InputError(
                f"margin={shown(self.margin)}: must be a number from {LEAST_MARGIN:g} to {LARGEST_MARGIN:g}"
            )
        object.__setattr__(self, "margin", margin)
