"""What a claim is: a statement, the two arms that are compared, wrong theories by kind, and a wrong world.

The prediction and the rivals see parameters only; so does the experiment. None of them sees another's number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from dammech.results.record import Record

LEVELS = ("quick", "full")

Parameters = Mapping[str, Any]

#: another interaction or memory; a term of the equation removed; the neighbouring line; the neighbouring ansatz; what the
#: dynamics alone gives, with no state at all
Kind = Literal["interaction", "term", "line", "ansatz", "null"]
KINDS: tuple[Kind, ...] = get_args(Kind)


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
        At N → ∞ where the claim is about that limit; the error is statistical, of one standard deviation.
    rows : tuple of dict
        The data: at least size, value, error of every size.
    trusted : bool
        False where a chain was too short or a fit does not describe the data; ``why`` says so.
    fit : dict or None
        How the value follows from the rows, at N → ∞.
    systematic : mapping
        How far the value moves, beyond what noise would move it, with another form of its correction, without the largest
        size, after another waiting time: by name. Never part of the error.
    reach : (float, float) or None
        Values that the estimator can return at all. None: any.
    """

    value: float
    error: float
    rows: tuple[dict[str, Any], ...] = ()
    trusted: bool = True
    why: str | None = None
    fit: dict[str, Any] | None = None
    systematic: Mapping[str, float] = field(default_factory=dict)
    reach: tuple[float, float] | None = None

    @property
    def sizes(self) -> list[int]:
        """All N, in order."""
        return sorted({int(row["size"]) for row in self.rows if "size" in row})

    @property
    def band(self) -> float:
        """The largest of the systematic spreads."""
        return max(self.systematic.values(), default=0.0)

    def resolves(self, distance: float) -> float:
        """A distance in units of statistical and systematic error together."""
        return abs(distance) / math.hypot(self.error, self.band) if self.error > 0 else 0.0


def restored(document: Mapping[str, Any]) -> Estimate:
    """An estimate from its document, in which what is not finite is None."""
    known = {**document, "rows": tuple(document["rows"]), "reach": document["reach"] and tuple(document["reach"])}
    value, error = document["value"], document["error"]
    return Estimate(**{**known, "value": math.nan if value is None else value, "error": math.inf if error is None else error})


@dataclass(frozen=True)
class Rival:
    """A wrong theory, named before the run, that the same data must reject.

    Attributes
    ----------
    kind : str
        One of ``KINDS``.
    statement : str
    predict : callable
        Parameters → its number; NaN where it is the theory itself.
    """

    kind: Kind
    statement: str
    predict: Callable[[Parameters], float]


@dataclass(frozen=True)
class Dose:
    """A wrong world: the simulation is run there, and compared with the theory of the right one it must fail.

    Attributes
    ----------
    statement : str
    world : callable
        Parameters of the first point of a claim → those of the simulation.
    """

    statement: str
    world: Callable[[Parameters], Parameters]


@dataclass(frozen=True)
class Policy:
    """What a verdict needs, fixed before the run.

    Attributes
    ----------
    largest_z : float
        |z| up to this agrees.
    power : float
        Distance of the nearest rival, in statistical and systematic error together, from which a claim counts.
    least_power : float
        Below it nothing is claimed.
    likelihood : mapping
        Level → the least logarithm of the likelihood ratio against the nearest rival.
    truncation_fraction : float
        An unstable step of a hierarchy is a prediction all the same where the step beside it is closer than this
        fraction of the standard error: what it leaves out is then below what these data can see.
    """

    largest_z: float = 4.0
    power: float = 8.0
    least_power: float = 4.0
    likelihood: Mapping[str, float] = field(default_factory=lambda: {"quick": 10.0, "full": 20.0})
    truncation_fraction: float = 1 / 4

    def accepts(self, prediction: Prediction, estimate: Estimate) -> bool:
        """Whether the ansatz is stable, or the hierarchy it belongs to has converged within these data."""
        if prediction.valid or prediction.truncation is None:
            return prediction.valid
        return bool(prediction.truncation <= self.truncation_fraction * estimate.error < math.inf)


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
    rivals : tuple of Rival
        The nearest one counts, at the point that tells it best.
    without : mapping
        Kind → why there is no rival of it.
    dose : Dose or None
        None in a report of what cannot be claimed.
    covers : tuple of str
        Patterns of the lines, branches and laws that it is evidence for, as in `dammech.validate.coverage`.
    policy : Policy
    levels : tuple of str
        At which it runs.
    shares : str, optional
        A claim about other numbers of the same runs: the plan of that one decides the seeds of both.
    """

    name: str
    source: str
    statement: str
    parameters: tuple[Parameters, ...]
    prediction: Callable[[Parameters], Prediction]
    experiment: Callable[[Parameters, str, tuple[int, ...]], Estimate]
    rivals: tuple[Rival, ...]
    without: Mapping[str, str] = field(default_factory=dict)
    dose: Dose | None = None
    covers: tuple[str, ...] = ()
    policy: Policy = field(default_factory=Policy)
    levels: tuple[str, ...] = LEVELS
    shares: str | None = None


@dataclass(frozen=True, repr=False)
class Unclaimed(Record):
    """Lines, branches and laws without a claim, and why: they are not decided by any experiment of bearable cost, say.

    Attributes
    ----------
    covers : tuple of str
        Patterns of their names, as in `dammech.validate.coverage`.
    why : str
    """

    covers: tuple[str, ...]
    why: str
