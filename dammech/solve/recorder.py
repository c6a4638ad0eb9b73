"""From roots to answers: in the units asked for, with what the declared conditions say of each state, or why there is none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dammech.declared.units import Convention, convention
from dammech.equations import Theory
from dammech.solve.solution import Solution, Status

#: a quantity, the least value at which the ansatz is consistent, what is said below, and its code
Validity = tuple[tuple[str, float, str, str], ...]

#: a replicon of broken symmetry above this is not negative
STABLE = -1e-9

_ENTROPY = ("entropy", 0.0, "the entropy is negative here ({:.3g}): replica symmetry must be broken", "entropy")
#: what an ansatz requires of a state; at T = 0 the replicon is told as −∞ wherever there is noise
VALIDITY: dict[str, Validity] = {
    "rs": (("replicon", 0.0, "the replica-symmetric ansatz is unstable here (replicon {:.3g} < 0)", "replicon"), _ENTROPY),
    "rs at T = 0": (
        ("replicon", 0.0, "T = 0: the replicon tends to −∞, the replica-symmetric ansatz is unstable at every load > 0",
         "zero-temperature"), _ENTROPY,
    ),
    "broken": (
        ("replicon", STABLE, "{ansatz} is unstable here (replicon of {level} {:.3g} < 0)", "replicon"),
        ("entropy", 0.0, "the entropy is negative here ({:.3g}): symmetry must be broken further", "entropy"),
    ),
    "broken at T = 0": (
        ("replicon", 0.0, "T = 0: the replicon of the innermost level tends to −∞, a finite number of levels is unstable",
         "zero-temperature"),
    ),
    "given": (("replicon", 0.0, "the ansatz is unstable here (replicon {:.3g} < 0)", "replicon"),),
    # there it is a coefficient, which is never zero but may be too small for a number
    "given at T = 0": (("replicon", 5e-324, "the ansatz is unstable here (leading term of the replicon {:.3g})", "replicon"),),
}  # fmt: skip

_DIMENSIONS = {
    **dict.fromkeys(("load", "alpha", "effective_load", "window", "age"), ("load", -1)), "rate": ("load", 1),
    **dict.fromkeys(("T", "temperature"), ("temperature", -1)), **dict.fromkeys(("C", "y"), ("temperature", 1)),
    **dict.fromkeys(("free_energy", "energy"), ("energy", -1)), "n": ("overlap", -1),
}  # fmt: skip
_OF_WHICH = re.compile(r"(_error|_?\d+_?)+$")


def in_units(values: Mapping[str, Any], units: Convention) -> dict[str, Any]:
    """Canonical values in a convention's units and names; errors, and what is of a level or of a second state, have its kind."""
    told: dict[str, Any] = {}
    for name, value in values.items():
        kind = _OF_WHICH.sub("", name)
        own = units.names.get(kind, kind)
        quantity, power = _DIMENSIONS.get(own, ("", 0))
        if power and value is not None:
            value = value * getattr(units, quantity) if power > 0 else value / getattr(units, quantity)
        told[own + name[len(kind) :]] = value
    return told


@dataclass(frozen=True)
class Asked:
    """Whose state is asked for, on which branch (None: any), and in which units."""

    target: Theory
    branch: str | None
    convention: str = "canonical"

    @property
    def units(self) -> Convention:
        """Those of the convention."""
        model = self.target.model
        return convention(self.convention, 2) if model is None else model.convention(self.convention)

    def missing(
        self, parameters: Mapping[str, float | None], why: str, status: Status = "not-converged", names: Iterable[str] = ()
    ) -> Solution:
        """The answer where there is no state, or none was found."""
        target = self.target
        own = target.model.order_parameters if target.given is None else [x.name for x in target.given.order_parameters]
        return Solution(
            target.subject, target.ansatz, self.convention, self.branch, dict(parameters),
            in_units(dict.fromkeys(names or own), self.units),
            status=status, why=why, code="search-failed" if status == "not-converged" else "no-state",
        )

    def state(
        self, parameters: Mapping[str, float | None], values: Mapping[str, Any], outputs: Mapping[str, Any], residual: float,
        error: float, stable: bool | None, validity: Validity, words: Mapping[str, str] | None = None,
    ) -> Solution:  # fmt: skip
        """The answer for a state with canonical ``values`` and ``outputs``, and what it is worth."""
        why, code = next(
            ((sentence.format(outputs[name], **(words or {})), code) for name, least, sentence, code in validity
             if outputs.get(name, least) < least), (None, None),
        )  # fmt: skip
        own, told = (in_units({name: float(x) for name, x in some.items()}, self.units) for some in (values, outputs))
        free, energy, entropy, replicon = (told.pop(n, None) for n in ("free_energy", "energy", "entropy", "replicon"))
        return Solution(
            self.target.subject, self.target.ansatz, self.convention, self.branch, dict(parameters), own, free, energy,
            entropy, replicon if np.isfinite(replicon or 0.0) else None, float(residual), float(error), "converged",
            code is None, stable if code is None else None, why, code, told,
        )  # fmt: skip
