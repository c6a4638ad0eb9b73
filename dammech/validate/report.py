"""Verdicts as a table, a JSON document and a web page."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dammech.validate.claim import Claim
from dammech.validate.judge import Judgement

SCHEMA = "dammech/1"


@dataclass(frozen=True)
class Verdict:
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


@dataclass(frozen=True)
class Report:
    """All verdicts of a run. ``ok`` unless a claim failed or could not be decided."""

    verdicts: list[Verdict]
    level: str

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

    def __getitem__(self, name: str) -> Verdict:
        """The verdict on one claim."""
        return next(v for v in self.verdicts if v.claim.name == name)

    def __str__(self) -> str:
        lines = [f"{'claim':<40} {'theory':>12} {'simulation':>12} {'error':>9} {'z':>6} {'control z':>9}  verdict"]
        for v in self.verdicts:
            d = v.decisive
            numbers = (d.theory, d.estimate.value, d.estimate.error, d.z, d.control_z)
            a, b, c, e, f = ("-" if x is None else x for x in numbers)
            lines.append(
                f"{v.claim.name:<40} {_short(a, 7):>12} {_short(b, 7):>12} {_short(c, 2):>9} {_short(e, 2):>6} "
                f"{_short(f, 3):>9}  {v.verdict}"
            )
        return "\n".join([*lines, f"passed {self.passed}, failed {self.failed}"])

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
        return _finite(document)

    def write_html(self, path: str | Path) -> Path:
        """A page that needs nothing but itself, written only when it is complete."""
        from dammech.validate.page import page

        file = Path(path)
        text = page(self)
        part = file.with_name(file.name + ".part")
        part.write_text(text, encoding="utf-8")
        return part.replace(file)


def _short(value: Any, digits: int) -> str:
    return value if isinstance(value, str) else f"{value:.{digits}g}"


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
