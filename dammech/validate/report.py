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
from dammech.validate.judge import Judgement, worst


@dataclass(frozen=True, repr=False)
class Verdict(Record):
    """A claim after its run: the point that decides, and all points."""

    claim: Claim
    decisive: Judgement
    points: list[Judgement]
    seeds: tuple[int, ...]
    seconds: float

    @property
    def verdict(self) -> str:
        """pass, fail, inconclusive or ansatz-invalid: the worst of the points."""
        return self.decisive.verdict

    def to_json(self) -> dict[str, Any]:
        """The claim as plain values; theory, simulation, error and z are those of the point that decides."""
        point = self.decisive.to_json()
        return {
            "name": self.claim.name,
            "source": self.claim.source,
            "statement": self.claim.statement,
            "parameters": point["parameters"],
            "theory": point["theory"],
            "simulation": point["simulation"],
            "error": point["error"],
            "z": point["z"],
            "sizes": point["sizes"],
            "seeds": list(self.seeds),
            "verdict": self.verdict,
            "why": point["why"],
            "negative_control": {**point["negative_control"], "statement": self.claim.control.statement},
            "policy": dict(vars(self.claim.policy)),
            "points": [judgement.to_json() for judgement in self.points],
            "seconds": round(self.seconds, 2),
        }


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
        return worst([v.decisive for v in self.verdicts]).verdict if self.verdicts else "pass"

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
        """Claims that passed."""
        return sum(v.verdict == "pass" for v in self.verdicts)

    @property
    def failed(self) -> int:
        """Claims that failed or were inconclusive."""
        return sum(v.verdict in ("fail", "inconclusive") for v in self.verdicts)

    def __getitem__(self, which: Any) -> Any:
        """The verdict on one claim by its name, or a column."""
        return next((v for v in self.verdicts if v.claim.name == which), None) or super().__getitem__(which)

    def rows(self) -> list[dict[str, Any]]:
        """One row a claim: theory, simulation and verdict, and the nearest wrong theory's control."""
        names = ("name", "theory", "simulation", "error", "z", "verdict", "why")
        return [
            {**{name: claim[name] for name in names}, **{f"control_{k}": v for k, v in claim["negative_control"].items()}}
            for claim in self.claims
        ]

    def head(self) -> dict[str, Any]:
        """Level, and how many passed and failed."""
        return {"level": self.level, "passed": self.passed, "failed": self.failed}

    def to_json(self) -> dict[str, Any]:
        """The document that ``dammech validate --json`` prints; what is not a finite number is None."""
        document = {
            "schema": SCHEMA,
            "level": self.level,
            "claims": [v.to_json() for v in self.verdicts],
            "passed": self.passed,
            "failed": self.failed,
            "ansatz_invalid": sum(v.verdict == "ansatz-invalid" for v in self.verdicts),
        }
        return plain(document)

    def write_html(self, path: str | Path) -> Path:
        """A page that needs nothing but itself, written only when it is complete."""
        from dammech.validate.page import page

        return write_whole({Path(path): page(self).encode()})[0]
