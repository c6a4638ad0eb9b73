"""A saddle point with its verdict, and how numbers given by a user are read."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from dammech.declared.units import QUANTITIES
from dammech.errors import InputError, one_of, shown
from dammech.results.documents import plain
from dammech.results.result import Result

if TYPE_CHECKING:
    from dammech.solve.equilibrium import Judgement

#: lowest temperatures above zero, canonical units: of equations in C, and of those in overlaps, in which 1 − q ≈ CT has too
#: few digits left below
COLDEST, COLDEST_BROKEN = 1e-12, 1e-6
MOST_POINTS = 100_000


#: ``no-state`` is said only where it is known; a search that found nothing has ``not-converged``
Status = Literal["converged", "no-state", "not-converged", "refused"]


#: what every solution reports, besides its parameters and order parameters
_REPORTED = ("free_energy", "energy", "entropy", "replicon", "residual", "error", "status", "converged", "valid", "equilibrium",
             "equilibrium_why", "stable", "why", "code")  # fmt: skip


@dataclass(repr=False)
class Solution(Result["Solution"]):
    """A saddle point and its verdict, in the units of ``convention`` (k_B = 1).

    Attributes
    ----------
    parameters, values : dict
        Parameters and order parameters by name (m, q; at T = 0 also C = β(1−q)).
    free_energy, energy, entropy : float or None
        Per spin.
    replicon : float or None
        Positive where replica symmetry is stable; 1 without interaction.
    residual : float
        Largest undamped residual of the saddle equations.
    error : float
        Estimated error of the order parameters, quadrature included.
    status : str
        ``converged``: residual, errors and quadrature are below their tolerances. ``no-state``: it is known that there is
        no such state. ``not-converged``: none was found, or not well enough. ``refused``: not attempted.
    valid : bool or None
        Whether the ansatz is locally consistent: replicons and entropy are not negative.
    judgement : (Judgement, int), optional
        What decides `equilibrium`, and the row of this point in it.
    stable : bool or None
        Whether f has a minimum along the first order parameter, the others eliminated; None where the ansatz is not valid.
    why : str or None
        What is to be known of the verdict, for people.
    code : str or None
        The same, for programs.
    """

    quantities = QUANTITIES
    model: Any
    ansatz: str
    convention: str
    branch: str | None
    parameters: dict[str, float | None]
    values: dict[str, float | None]
    free_energy: float | None = None
    energy: float | None = None
    entropy: float | None = None
    replicon: float | None = None
    residual: float | None = None
    error: float | None = None
    status: Status = "not-converged"
    valid: bool | None = None
    stable: bool | None = None
    why: str | None = None
    code: str | None = None
    extra: dict[str, float | None] = field(default_factory=dict)
    judgement: tuple[Judgement, int] | None = field(default=None, repr=False, compare=False)

    @property
    def points(self) -> list[Solution]:
        """This one."""
        return [self]

    @property
    def _lengths(self) -> dict[str, int]:
        return {}

    @property
    def columns(self) -> list[str]:
        """Names of parameters, order parameters and what is reported of them."""
        return list(dict.fromkeys([*self.parameters, *self.values, *self.extra, *_REPORTED]))

    @property
    def equilibrium(self) -> bool | None:
        """Whether this phase has the lowest free energy among its rivals and no state of more broken symmetry replaces it in
        its own; None where that is not known."""
        return self._judged[0]

    @property
    def equilibrium_why(self) -> str | None:
        """Why that is not known, or so."""
        return self._judged[1]

    @property
    def _judged(self) -> tuple[bool | None, str | None]:
        if self.judgement is not None:
            return self.judgement[0].verdicts[self.judgement[1]]
        return None, "no rival phase is known" if self.converged else None

    @property
    def converged(self) -> bool:
        """Whether ``status`` says so."""
        return self.status == "converged"

    def __getitem__(self, which: Any) -> Any:
        """An order parameter, parameter or reported quantity by name."""
        if not isinstance(which, str):
            return super().__getitem__(which)
        return self.entry(one_of("column", which, [*self.columns, "ansatz", "convention", "branch"]))

    def entry(self, name: str) -> Any:
        """The same; None where it has none."""
        for source in (self.values, self.parameters, self.extra):
            if name in source:
                return source[name]
        return getattr(self, name, None)

    def head(self) -> dict[str, Any]:
        """Model, ansatz, convention and branch."""
        return {name: plain(getattr(self, name)) for name in ("model", "ansatz", "convention", "branch")}

    def to_json(self) -> dict[str, Any]:
        """The document that ``dammech solve --json`` prints."""
        return {**self.head(), **{name: self[name] for name in self.columns}}


@dataclass(repr=False)
class SolutionArray(Result[Solution]):
    """Solutions on a grid of parameters, the last parameter varying fastest."""

    quantities = QUANTITIES
    points: list[Solution]

    def head(self) -> dict[str, Any]:
        """What the first point has in common with all, but for a simpler ansatz."""
        head = self.points[0].head() if self.points else {}
        return {**head, "branch": None} if len({point.branch for point in self.points}) > 1 else head

    @property
    def columns(self) -> list[str]:
        """Names of all columns of all points, and the branch or the ansatz where these differ."""
        own = [name for name in ("branch", "ansatz") if len({getattr(point, name) for point in self.points}) > 1]
        kinds = dict.fromkeys((*point.parameters, *point.values, *point.extra) for point in self.points)
        return [*own, *dict.fromkeys(name for kind in kinds for name in kind), *_REPORTED]

    def _column(self, name: str) -> list[Any]:
        one_of("column", name, self.columns)
        return [point.entry(name) for point in self.points]


def number(name: str, value: Any, *, positive: bool = False, signed: bool = False) -> np.ndarray:
    """A parameter as a one-dimensional array of finite numbers ≥ 0 (> 0, or of any sign); one sentence otherwise."""
    allowed = "a finite number" + (" > 0" if positive else "" if signed else " of at least 0")
    try:
        given = np.asarray(value if not np.ma.is_masked(value) else None)
        if given.dtype.kind == "O":
            given = np.array([_real(x) for x in given.ravel()])
        array = np.atleast_1d(given).ravel().astype(float) if given.dtype.kind in "iuf" else np.array([np.nan])
    except Exception:  # ragged lists, and whatever an object's own conversion raises
        array = np.array([np.nan])
    if array.size == 0:
        raise InputError(f"{name}={shown(value)}: the sequence is empty; give {allowed}, or a sequence of them")
    if array.size > MOST_POINTS:
        raise InputError(f"{name}: has {array.size} values; at most {MOST_POINTS} are solved for")
    wrong = ~np.isfinite(array) | ((array < 0) & (not signed)) | ((array == 0) & positive)
    if wrong.any():
        one = value if array.size == 1 else float(array[wrong][0])
        raise InputError(f"{name}={shown(one)}: must be {allowed}, or a sequence of them")
    return array


def grid_of(*arrays: np.ndarray) -> np.ndarray:
    """All combinations of the values of parameters, points × parameters, if they are not too many."""
    points = math.prod(array.size for array in arrays)
    if points > MOST_POINTS:
        raise InputError(f"the sequences mean {points} points; at most {MOST_POINTS} are solved for")
    return np.array(list(itertools.product(*arrays))).reshape(points, len(arrays))


def _real(x: Any) -> float:
    if isinstance(x, bool | str | bytes | complex):
        raise TypeError
    return float(x)


def unfound(branch: str, short: str | None) -> str:
    """Why a search has no answer: nothing was found, or nothing good enough; never that there is nothing."""
    if short is not None:
        return f"a {branch} state was found, but {short}"
    return f"the search found no {branch} state from any of its starts; that does not prove that there is none"


def check_temperatures(asked: np.ndarray, canonical: np.ndarray, ansatz: str) -> None:
    """Refuse temperatures between zero and the coldest at which the equations of ``ansatz`` keep ten digits."""
    coldest = COLDEST if ansatz == "rs" else COLDEST_BROKEN
    for given, T in zip(asked, canonical):
        if 0 < T < coldest:
            limit = coldest * given / T
            raise InputError(f"temperature={given:g}: must be 0, which has its own equations, or at least {limit:g}")
