"""What is predicted, and the claims that test it or the reason why none does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from dammech.registry import systems
from dammech.results.record import Record
from dammech.results.result import Table
from dammech.validate.registry import claims, unclaimed


@dataclass(frozen=True, repr=False)
class Covered(Record):
    """One prediction.

    Attributes
    ----------
    system : str
    kind : str
        ``state``, ``line`` or ``derivation``.
    prediction : str
        ``model/line`` or ``model/branch`` of an instance of a system, or the name of a derivation.
    claims : tuple of str
    why : str or None
        Why there is none.
    """

    system: str
    kind: str
    prediction: str
    claims: tuple[str, ...]
    why: str | None


def coverage() -> Table[Covered]:
    """Every line and branch of every model that the systems show, and every derivation, with its evidence."""
    rows = []
    for system, kind, item in predictions():
        by = tuple(name for name, claim in claims().items() if matches(claim.covers, item))
        why = None if by else next((left.why for left in unclaimed() if matches(left.covers, item)), None)
        rows.append(Covered(system, kind, item, by, why))
    return Table("predictions and their evidence", rows)


def predictions() -> Iterator[tuple[str, str, str]]:
    """System, kind and name of all that is predicted; a state and the line on which it ends may have one name."""
    for name, system in systems().items():
        for model in system.instances:
            yield from ((name, "state", f"{model!r}/{branch}") for branch in model.branches)
            yield from ((name, "line", f"{model!r}/{line}") for line in model.lines)
        theory = system.part("theory")
        yield from ((name, "derivation", each) for each in (theory.derivations() if theory is not None else ()))


def matches(patterns: Sequence[str], item: str) -> bool:
    """Whether one of the patterns is that of a prediction."""
    return any(fnmatchcase(item, pattern) for pattern in patterns)
