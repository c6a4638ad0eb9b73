"""How averages over ages are set: a pair of brackets with w, whatever the depth of other averages."""

from __future__ import annotations

from typing import Any

import sympy as sp

from dammech.derive.ages import AgeAverage


class over_ages(sp.Function):
    """⟨φ(w)⟩_w with w a plain symbol, to be printed and no more."""


def with_plain_ages(e: sp.Expr) -> sp.Expr:
    """The expression with its averages over ages as `over_ages`."""
    weight = sp.Symbol("w", positive=True)
    if not e.has(AgeAverage):
        return e
    return e.replace(
        lambda a: isinstance(a, AgeAverage), lambda a: over_ages(a.integrand.xreplace({a.variable: weight}))
    )


class AgesInLatex:
    """Printing rules for LaTeX."""

    def _print_over_ages(self, e: Any, exp: Any = None) -> str:
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"\left\langle {self._print(e.args[0])} \right\rangle_{{w}}{power}"  # type: ignore[attr-defined]

    def _print_ring_sum(self, e: Any, exp: Any = None) -> str:
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"\mathcal{{R}}{power}\left({self._print(e.args[0])}\right)"  # type: ignore[attr-defined]


class AgesInText:
    """Printing rules for text."""

    def _print_over_ages(self, e: Any) -> str:
        return f"⟨{self._print(e.args[0])}⟩_w"  # type: ignore[attr-defined]

    def _print_ring_sum(self, e: Any) -> str:
        return f"R({self._print(e.args[0])})"  # type: ignore[attr-defined]
