"""From what was measured at several sizes to N → ∞."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dammech.simulate import extrapolate
from dammech.simulate.estimators import Extrapolation
from dammech.validate.claim import Estimate

#: A fit that is worse than this does not describe the data.
WORST_P_VALUE = 1e-4


@dataclass(frozen=True)
class Plan:
    """Sizes, and at each the pattern sets per seed; the highest power of 1/N of the extrapolation."""

    sizes: tuple[int, ...]
    trials: tuple[int, ...]
    degree: int = 1


def extrapolated(rows: Sequence[Mapping[str, Any]], degree: int, problems: Sequence[str] = ()) -> Estimate:
    """The limit N → ∞ of the rows by a polynomial in 1/N; not to be trusted if the fit is bad."""
    kept = tuple(dict(row) for row in rows)
    if not known(kept):
        return Estimate(kept[-1]["value"], math.inf, kept, False, "a size has no error over pattern sets")
    fit = fitted(kept, degree=degree)
    return limit(kept, fit, "Σ_k c_k N^(−k)", problems=[*problems, *doubt(fit, "the sizes do not follow the fit")])


def known(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether every row has an error."""
    return all(0 < row["error"] < math.inf for row in rows)


def fitted(rows: Sequence[Mapping[str, Any]], power: float = 1.0, **settings: Any) -> Extrapolation:
    """What `extrapolate` makes of the values of the rows."""
    sizes, values, errors = ([row[name] for row in rows] for name in ("size", "value", "error"))
    return extrapolate(sizes, values, errors, power=power, **settings)


def doubt(fit: Extrapolation, words: str) -> list[str]:
    """The words, and how bad the fit is, where it does not describe the sizes."""
    if fit.p_value is None or fit.p_value >= WORST_P_VALUE:
        return []
    return [f"{words} (χ² = {fit.chi2:.1f}, {fit.degrees} degrees of freedom)"]


def limit(
    rows: Sequence[Mapping[str, Any]], fit: Extrapolation, form: str, power: float = 1.0, problems: Sequence[str] = (),
    moved: Mapping[str, float] | None = None, **more: Any,
) -> Estimate:  # fmt: skip
    """The estimate at N → ∞ that a fit of the rows gives.

    Parameters
    ----------
    form : str
        What was fitted.
    power : float
        The lowest power of 1/N in it.
    problems : sequence of str
        Why the estimate is not to be trusted.
    moved : mapping, optional
        How far what the fit leaves open moves the limit, by name: part of the error.
    **more
        What else the report shows of the fit.
    """
    document = {
        "form": form, "power": power, "coefficients": fit.coefficients.tolist(), "chi2": fit.chi2, "degrees": fit.degrees,
        "p_value": fit.p_value, **({"statistical_error": fit.error, **moved} if moved else {}), **more,
    }  # fmt: skip
    error = math.hypot(fit.error, *(moved or {}).values())
    return Estimate(fit.value, error, tuple(map(dict, rows)), not problems, "; ".join(problems) or None, document)
