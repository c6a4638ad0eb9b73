"""From what was measured at several sizes to N → ∞, with what another form of the correction would change."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dammech.simulate import extrapolate
from dammech.simulate.estimators import Extrapolation
from dammech.validate.claim import Estimate

#: A fit that is worse than this does not describe the data.
WORST_P_VALUE = 1e-4

Rows = Sequence[Mapping[str, Any]]
Powers = tuple[float, ...]


@dataclass(frozen=True)
class Plan:
    """Sizes, and at each the pattern sets per seed."""

    sizes: tuple[int, ...]
    trials: tuple[int, ...]


def limit(
    rows: Rows, powers: Powers = (1.0,), others: Mapping[str, Powers] | None = None, problems: Sequence[str] = (),
    systematic: Mapping[str, float] | None = None, against: str = "size", **more: Any,
) -> Estimate:  # fmt: skip
    """The value c₀ at N → ∞ of c₀ + Σ_k c_k N^{−x_k}, fitted to rows with size, value and error.

    Parameters
    ----------
    powers : tuple of float
        The x_k.
    others : mapping, optional
        Other forms by name; how far they move the limit beyond noise is systematic. Twice the largest power added, if none is
        given; the largest size left out always, where enough sizes remain.
    problems : sequence of str
        Why the estimate is not to be trusted; a fit that does not describe the rows is one more.
    systematic : mapping, optional
        Spreads that were measured otherwise.
    against : str
        The column that is large, N or another.
    **more
        What else the report shows of the fit.
    """
    kept = tuple(dict(row) for row in rows)
    if not known(kept):
        return Estimate(
            math.nan, math.inf, kept, False, "; ".join(["a size has no error over pattern sets", *problems])
        )
    fit = fitted(kept, powers, against)
    forms = {"next power": (*powers, 2 * max(powers))} if others is None else others
    moved = {name: spread(kept, powers, other, against) for name, other in forms.items() if len(kept) > len(other)}
    if len(kept) > len(powers) + 1:
        moved["largest size left out"] = spread(kept, powers, powers, against, without=1)
    form = " + ".join(["c₀", *(f"c{'₁₂₃'[k]} N^(−{x:.3g})" for k, x in enumerate(powers))])
    unlike = [] if fit.p_value is None or fit.p_value >= WORST_P_VALUE else [
        f"the sizes do not follow {form} (χ² = {fit.chi2:.1f}, {fit.degrees} degrees of freedom)"
    ]  # fmt: skip
    document = {
        "form": form, "power": powers[0], "powers": list(powers), "coefficients": fit.coefficients.tolist(), "chi2": fit.chi2,
        "degrees": fit.degrees, "p_value": fit.p_value, "against": against, **more,
    }  # fmt: skip
    why = [*problems, *unlike]
    return Estimate(
        fit.value, fit.error, kept, not why, "; ".join(why) or None, document, {**moved, **(systematic or {})}
    )


def known(rows: Rows) -> bool:
    """Whether every row has an error."""
    return all(0 < row["error"] < math.inf for row in rows)


def fitted(rows: Rows, powers: Powers = (1.0,), against: str = "size") -> Extrapolation:
    """What `extrapolate` makes of the values of the rows."""
    sizes, values, errors = ([row[name] for row in rows] for name in (against, "value", "error"))
    return extrapolate(sizes, values, errors, powers=powers)


def spread(rows: Rows, powers: Powers, others: Powers, against: str = "size", without: int = 0) -> float:
    """How far another form, or the same ``without`` so many of the largest sizes, moves the limit beyond what noise explains.

    Limits are linear in the values, so what noise does to their difference is known.
    """
    ordered = sorted(rows, key=lambda row: float(row[against]))
    kept = ordered[: len(ordered) - without]
    change = np.zeros(len(ordered))
    change[: len(kept)] = _weights(kept, others, against)
    change -= _weights(ordered, powers, against)
    values, errors = (np.array([row[name] for row in ordered], dtype=float) for name in ("value", "error"))
    return math.sqrt(max(float(change @ values) ** 2 - float((change * errors) @ (change * errors)), 0.0))


def apart(one: Estimate, other: Estimate) -> float:
    """How far two limits of independent data are apart, beyond what noise explains: after another waiting time, say."""
    noise = math.hypot(one.error, other.error)
    return math.sqrt(max((one.value - other.value) ** 2 - noise**2, 0.0)) if noise < math.inf else math.inf


def reaching(estimate: Estimate, low: float, high: float) -> Estimate:
    """The estimate, with the values that its estimator can return."""
    return replace(estimate, reach=(low, high))


def _weights(rows: Rows, powers: Powers, against: str) -> np.ndarray:
    """Of each value in the limit."""
    unit = [[{**row, "value": float(i == k)} for i, row in enumerate(rows)] for k in range(len(rows))]
    return np.array([fitted(each, powers, against).value for each in unit])
