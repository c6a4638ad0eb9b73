"""What a claim is: a statement, the two arms that are compared, the rules of the comparison and a wrong theory.

The prediction and the control see parameters only; so does the experiment. None of them sees another's number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

LEVELS = ("quick", "full")

Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Prediction:
    """A number from the theory arm (or from an exact law), or the reason why there is none.

    Attributes
    ----------
    value : float or None
        None where the theory has no such state.
    valid : bool
        Whether its ansatz is stable there.
    why : str or None
    truncation : float or None
        Where the ansatz is a step of a hierarchy: how far the step beside it is away. None: not known.
    """

    value: float | None
    valid: bool = True
    why: str | None = None
    truncation: float | None = None


@dataclass(frozen=True)
class Estimate:
    """A number from the simulation arm, with what it was made of.

    Attributes
    ----------
    value, error : float
        At N → ∞ where the claim is about that limit; the error is of one standard deviation.
    rows : tuple of dict
        The data: at least size, value, error of every size.
    trusted : bool
        False where a chain was too short or a fit does not describe the data; ``why`` says so.
    fit : dict or None
        How the value follows from the rows.
    """

    value: float
    error: float
    rows: tuple[dict[str, Any], ...] = ()
    trusted: bool = True
    why: str | None = None
    fit: dict[str, Any] | None = None

    @property
    def sizes(self) -> list[int]:
        """All N, in order."""
        return sorted({int(row["size"]) for row in self.rows if "size" in row})


@dataclass(frozen=True)
class Control:
    """A wrong theory, named before the run, that the same data must reject."""

    statement: str
    predict: Callable[[Parameters], float]


@dataclass(frozen=True)
class Policy:
    """How far apart the two numbers may be and how sharp the data must be, fixed before the run.

    Attributes
    ----------
    largest_z : float
        |z| up to this agrees; a control is rejected beyond it.
    relative_error : float
        Standard error over value that always resolves enough.
    control_fraction : float
        Or: standard error over the distance between theory and control.
    largest_relative_error : float
        Standard error over value that never does.
    truncation_fraction : float
        An unstable step of a hierarchy is a prediction all the same where the step beside it is closer than this
        fraction of the standard error: what it leaves out is then below what these data can see.
    """

    largest_z: float = 4.0
    relative_error: float = 0.01
    control_fraction: float = 1 / 8
    largest_relative_error: float = 0.05
    truncation_fraction: float = 1 / 4

    def accepts(self, prediction: Prediction, estimate: Estimate) -> bool:
        """Whether the ansatz is stable, or the hierarchy it belongs to has converged within these data."""
        if prediction.valid or prediction.truncation is None:
            return prediction.valid
        return bool(prediction.truncation <= self.truncation_fraction * estimate.error < math.inf)

    def resolves(self, estimate: Estimate, theory: float | None, control: float) -> bool:
        """Whether the standard error is small enough."""
        size = abs(estimate.value)
        if not (estimate.error > 0 and math.isfinite(estimate.value)):
            return False
        if estimate.error <= self.relative_error * size:
            return True
        distance = abs(control - theory) if theory is not None else 0.0
        return estimate.error <= min(self.control_fraction * distance, self.largest_relative_error * size)


@dataclass(frozen=True)
class Claim:
    """A statement about numbers that simulations can refute.

    Attributes
    ----------
    name : str
        family.order[.interaction].quantity
    source : str
        Bib keys, in brackets, of where the theory or the statement comes from.
    statement : str
    parameters : tuple of dict
        The points (order, interaction, load, temperature …) at which it is tested. All of them must hold.
    prediction : callable
        Theory arm: parameters → `Prediction`.
    experiment : callable
        Simulation arm: (parameters, level, seeds) → `Estimate`.
    control : Control
        The negative control.
    policy : Policy
    levels : tuple of str
        At which it runs.
    """

    name: str
    source: str
    statement: str
    parameters: tuple[Parameters, ...]
    prediction: Callable[[Parameters], Prediction]
    experiment: Callable[[Parameters, str, tuple[int, ...]], Estimate]
    control: Control
    policy: Policy = field(default_factory=Policy)
    levels: tuple[str, ...] = LEVELS
