"""What a step of a theorem claims, as a function of numbers: compiled once like the equations of a theory, and kept.

An equation is written where it is derived and checked; whoever needs its value reads it from there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np

from dammech.equations.compiled import generated
from dammech.equations.quadrature import ORDER
from dammech.errors import InputError


@dataclass(frozen=True)
class Law:
    """The expressions of a step of a registered theorem, or some that are given, with their symbols as named arguments.

    Parameters
    ----------
    theorem, step : str
        The name of a registered theorem and the title of its step; what they are called, where expressions are given.
    given : tuple of SymPy expressions, optional

    Examples
    --------
    >>> Law("palimpsest.windows.exponential", "Effective load")(varepsilon=5.0)
    (np.float64(0.1),)
    """

    theorem: str
    step: str
    given: tuple[Any, ...] | None = field(default=None, repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the symbols."""
        return tuple(self._module.NAMES)

    def __call__(self, order: int = ORDER, /, **at: Any) -> tuple[Any, ...]:
        """Each expression at numbers or arrays, which are broadcast; ``order`` is that of quadratures.

        Raises
        ------
        InputError
            For a symbol that is missing, or none of it.
        """
        module, values = self._module, self._ordered(at)
        point = np.stack(np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in values))) if values else np.empty(0)
        with np.errstate(all="ignore"):
            return tuple(module.values(None, point, order))

    def exact(self, **at: Any) -> tuple[Any, ...]:
        """Each expression at single numbers, in mpmath to its working precision."""
        import mpmath

        return tuple(self._module.exact(None, [mpmath.mpf(v) for v in self._ordered(at)]))

    def _ordered(self, at: dict[str, Any]) -> list[Any]:
        names = self.names
        if set(at) != set(names):
            wanted, given = (", ".join(found) or "nothing" for found in (names, at))
            raise InputError(f"{self.theorem}, {self.step}: takes {wanted}, not {given}")
        return [at[name] for name in names]

    @cached_property
    def _module(self) -> ModuleType:
        own = "" if self.given is None else repr(self.given)
        return generated(f"law|{self.theorem}|{self.step}|{own}", self._source)

    def _source(self) -> str:
        from dammech.derive.registry import registered
        from dammech.equations.generate import law_source

        found = registered()[self.theorem]().result(self.step) if self.given is None else self.given
        return law_source(found, f"{self.theorem}: {self.step}".replace("\\", ""))
