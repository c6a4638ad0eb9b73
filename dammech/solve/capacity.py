"""Storage capacities that are no line of a replica theory: thresholds of signal against noise, of large deviations, of geometry.

Which threshold is part of each: of what, by which criterion, with which errors, after how many steps.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Literal

from dammech.errors import InputError, listed, shown
from dammech.registry import capacities
from dammech.results.documents import plain
from dammech.results.record import Record
from dammech.results.result import Result
from dammech.results.tables import Quantities

Kind = Literal["exponent", "coefficient", "count", "load", "margin", "time", "error", "probability", "dimension"]


@dataclass(frozen=True, repr=False)
class Threshold(Record):
    """One capacity.

    Attributes
    ----------
    kind : str
        ``exponent`` (in nats), ``coefficient``, ``count``, ``load``, ``margin``, ``time``, ``error``, ``probability`` or
        ``dimension``.
    value : float, optional
        None where there is none, which ``why`` says.
    unit : str
        Of what, such as "N^(n−1)/ln N" of a coefficient.
    formula : str
        In symbols of the paper named in ``source``, with what it is an extremum over.
    source : str
        The derivation that proves it, as `dammech.check` knows it.
    criterion : str, optional
        "typical", one pattern that is given, or "all" patterns at once; None where there is no difference.
    errors : float, optional
        Fraction of wrong bits that is allowed; None where success is no matter of bits.
    steps : int, optional
        Updates after which success is asked for; None for a fixed point.
    error : float
        Estimated numerical error of the value.
    valid : bool
        Whether the assumptions of the formula hold at this point; ``why`` says which does not.
    others : mapping
        What else is known at this point, by name.
    """

    derived: ClassVar[tuple[str, ...]] = ("status",)
    kind: Kind
    value: float | None
    unit: str
    formula: str
    source: str
    criterion: str | None = None
    errors: float | None = None
    steps: int | None = None
    error: float = 0.0
    valid: bool = True
    why: str | None = None
    others: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def status(self) -> str:
        """``converged``; ``no-state`` where there is no such capacity, or none that is finite."""
        return "converged" if self.converged else "no-state"

    @property
    def converged(self) -> bool:
        """Whether there is a value."""
        return self.value is not None and math.isfinite(self.value)

    def to_json(self) -> dict[str, Any]:
        """The record as a plain document, with what else is known."""
        return {**super().to_json(), **plain(dict(self.others))}


@dataclass(repr=False)
class Capacity(Result[Threshold]):
    """What `capacity` found: the question, and the threshold as ``capacity`` in its document."""

    quantities: ClassVar[Quantities] = {
        "value": ("", "capacity"),
        "error": ("", "estimated numerical error"),
    }
    model: Mapping[str, Any]
    points: list[Threshold] = field(repr=False)  # type: ignore[assignment]

    @property
    def value(self) -> float:
        """The threshold itself; nan where there is none, inf where it has no bound."""
        found = self.points[0].value
        return math.nan if found is None else found

    def to_json(self) -> dict[str, Any]:
        """The document that ``--json`` prints."""
        return {**self.head(), "capacity": self.points[0].to_json()}


def capacity(asked: Any) -> Capacity:
    """How much a memory stores.

    Parameters
    ----------
    asked : a question of a registered system, such as ``ExponentialMemory(patterns="binary", flip=0.1)``
        Its fields are the memory, how it is read, and the criterion.

    Returns
    -------
    Capacity
        With one point; ``.value`` is the number, exponents in nats.

    Raises
    ------
    InputError
        For something else.

    Examples
    --------
    >>> capacity(PolynomialMemory(order=3, errors=0.005)).value
    0.05023941643...
    """
    for name, system in capacities().items():
        if isinstance(asked, system.asked):  # type: ignore[arg-type]
            part = system.part("capacity")
            assert part is not None, name
            given = {f.name: getattr(asked, f.name) for f in fields(asked)}
            return Capacity(plain({"name": name, **given}), [part.capacity(asked)])
    names = [system.asked.__name__ for system in capacities().values() if system.asked]
    raise InputError(f"asked={shown(asked)}: must be one of {listed(names)}")
