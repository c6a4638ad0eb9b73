"""Verdicts as a table, a JSON document and a web page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dammech.results.documents import SCHEMA, plain
from dammech.results.files import write_whole
from dammech.results.record import Record
from dammech.results.result import Result
from dammech.validate.claim import Claim
from dammech.validate.judge import VERDICTS, Excluded, Judgement, nearest, weighed, worst
from dammech.validate.plan import Plan, unplanned


@dataclass(frozen=True, repr=False)
class Verdict(Record):
    """A claim after its run.

    Attributes
    ----------
    decisive : Judgement
        The point that decides; ``points`` has all.
    rival : Excluded or None
        The nearest one, where it is told best.
    planned : float or None
        Its distance in errors as the plan has it.
    dose : Judgement or None
        The right theory in the wrong world.
    verdict : str
        pass, weak (compatible, but not counted), fail, inconclusive or ansatz-invalid.
    """

    claim: Claim
    verdict: str
    why: str | None
    decisive: Judgement
    points: list[Judgement]
    rival: Excluded | None
    planned: float | None
    dose: Judgement | None
    seeds: tuple[int, ...]
    seconds: float

    @property
    def power(self) -> float | None:
        """d of the nearest rival: as planned, or as measured where there is no plan."""
        return self.rival.power if self.planned is None and self.rival is not None else self.planned

    def to_json(self) -> dict[str, Any]:
        """The claim as plain values; theory, simulation, error and z are those of the point that decides."""
        point, rival = self.decisive.to_json(), self.rival
        return {
            "name": self.claim.name,
            "source": self.claim.source,
            "statement": self.claim.statement,
            **{name: point[name] for name in ("parameters", "theory", "simulation", "error", "systematic", "z", "sizes")},
            "seeds": list(self.seeds),
            "verdict": self.verdict,
            "why": self.why,
            "power": self.power,
            "negative_control": {} if rival is None else rival.to_json(),
            "alternatives": point["rivals"],
            "without": dict(self.claim.without),
            "dose": None if self.dose is None or self.claim.dose is None else
            {"statement": self.claim.dose.statement, "z": self.dose.z, "verdict": self.dose.verdict, "why": self.dose.why},
            "policy": dict(vars(self.claim.policy)),
            "points": [judgement.to_json() for judgement in self.points],
            "seconds": round(self.seconds, 2),
        }  # fmt: skip


def decided(
    claim: Claim, points: list[Judgement], level: str, seeds: tuple[int, ...], plan: Plan | None, dose: Judgement | None,
    seconds: float,
) -> Verdict:  # fmt: skip
    """The verdict on a claim: of its worst point; where all agree, of its rivals and of the wrong world."""
    decisive, found, planned = worst(points), nearest(points), None if plan is None else plan["power"]
    rival = None if found is None else found[1]
    verdict, why = decisive.verdict, decisive.why
    if verdict == "pass":
        verdict, counted = weighed(rival, planned, level, claim.policy)
        why = counted or why
    if verdict in ("pass", "weak") and (dose is None or dose.verdict != "fail"):
        words = (
            "there is no wrong world"
            if dose is None
            else f"the wrong world is not told from the right one (z = {dose.z})"
        )
        verdict, why = "inconclusive", words
    if verdict in ("pass", "weak") and (other := unplanned(plan, points, level, len(seeds))):
        verdict, why = "inconclusive", other
    return Verdict(claim, verdict, why, decisive, points, rival, planned, dose, seeds, seconds)


@dataclass(repr=False)
class Report(Result[Verdict]):
    """All verdicts of a run. ``ok`` unless a claim failed or could not be decided."""

    verdicts: list[Verdict]
    level: str

    @property
    def points(self) -> Sequence[Verdict]:
        """The verdicts."""
        return self.verdicts

    @property
    def status(self) -> str:
        """The worst verdict."""
        return max((v.verdict for v in self.verdicts), key=VERDICTS.index, default="pass")

    @property
    def ok(self) -> bool:
        """Whether nothing failed; where the ansatz is known to be invalid, nothing was claimed."""
        return self.failed == 0

    @property
    def claims(self) -> list[dict[str, Any]]:
        """The claims as they stand in the document."""
        return self.to_json()["claims"]

    @property
    def passed(self) -> int:
        """Claims that passed, with power enough to count."""
        return self._count("pass")

    @property
    def weak(self) -> int:
        """Claims whose theory is compatible with data that cannot tell it from a rival well enough: not counted."""
        return self._count("weak")

    @property
    def failed(self) -> int:
        """Claims that failed or were inconclusive."""
        return self._count("fail", "inconclusive")

    def _count(self, *verdicts: str) -> int:
        return sum(v.verdict in verdicts for v in self.verdicts)

    def __getitem__(self, which: Any) -> Any:
        """The verdict on one claim by its name, or a column."""
        return next((v for v in self.verdicts if v.claim.name == which), None) or super().__getitem__(which)

    def rows(self) -> list[dict[str, Any]]:
        """One row a claim: theory, simulation and verdict, and the nearest wrong theory's control."""
        names = ("name", "theory", "simulation", "error", "z", "power", "verdict", "why")
        return [
            {
                **{name: claim[name] for name in names},
                **{f"control_{k}": v for k, v in claim["negative_control"].items()},
            }
            for claim in self.claims
        ]

    def head(self) -> dict[str, Any]:
        """Level, and how many passed, are weak and failed."""
        return {"level": self.level, "passed": self.passed, "weak": self.weak, "failed": self.failed}

    def to_json(self) -> dict[str, Any]:
        """The document that ``dammech validate --json`` prints; what is not a finite number is None."""
        document = {
            "schema": SCHEMA,
            **self.head(),
            "claims": [v.to_json() for v in self.verdicts],
            "ansatz_invalid": self._count("ansatz-invalid"),
        }
        return plain(document)

    def write_html(self, path: str | Path) -> Path:
        """A page that needs nothing but itself, written only when it is complete."""
        from dammech.validate.page import page

        return write_whole({Path(path): page(self).encode()})[0]
