"""What is predicted, with its claims or the reason why there is none: the committed tables are those of the declarations.

``python tests/validate/test_coverage.py`` writes ``derivations/coverage.md`` and the counts in README anew.
"""

from __future__ import annotations

import re
from pathlib import Path

from dammech.validate import coverage
from dammech.validate.coverage import predictions

ROOT = Path(__file__).parents[2]
PAGE, README = ROOT / "derivations" / "coverage.md", ROOT / "README.md"
BLOCK = re.compile(r"(?<=<!-- coverage -->\n).*?(?=<!-- end -->)", re.DOTALL)


def page() -> str:
    """Every prediction, system by system."""
    lines = ["# Predictions and their evidence", "", *intro(), "", *counts()]
    rows = coverage().points
    for system in dict.fromkeys(row.system for row in rows):
        lines += ["", f"## {system}", "", "| kind | prediction | claims, or why there is none |", "|---|---|---|"]
        for row in rows:
            if row.system == system:
                evidence = ", ".join(f"`{name}`" for name in row.claims) or f"none: {row.why}"
                lines.append(f"| {row.kind} | `{row.prediction}` | {evidence.replace('|', chr(92) + '|')} |")
    return "\n".join([*lines, ""])


def intro() -> list[str]:
    return [
        "Every state and line of the models that stand for their systems, and every derivation, as declared; with the claims",
        "that compare it with simulations (`dammech validate NAME`), or the reason why there is none.",
    ]


def counts() -> list[str]:
    """A row for every system."""
    rows = coverage().points
    lines = ["| system | predictions | claimed | not claimed, with the reason |", "|---|---|---|---|"]
    for system in dict.fromkeys(row.system for row in rows):
        lines.append(_count(system, [row for row in rows if row.system == system]))
    return [*lines, _count("all", rows)]


def _count(name, rows) -> str:
    claimed = sum(bool(row.claims) for row in rows)
    return f"| {name} | {len(rows)} | {claimed} | {len(rows) - claimed} |"


def test_the_committed_table_is_that_of_the_declarations():
    """Run this file where it fails."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_readme_has_the_counts():
    (block,) = BLOCK.findall(README.read_text(encoding="utf-8"))
    assert block == "\n".join([*counts(), ""])


def test_what_is_declared_later_is_missed_without_a_claim_or_a_reason(monkeypatch):
    """A line more of one system, which no pattern names."""
    more = [*predictions(), ("hebbian", "line", "HebbianDAM(order=9)/new")]
    monkeypatch.setitem(coverage.__globals__, "predictions", lambda: iter(more))
    assert [row.prediction for row in coverage().points if not row.claims and not row.why] == [more[-1][-1]]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    written = BLOCK.sub(lambda _: "\n".join([*counts(), ""]), README.read_text(encoding="utf-8"))
    README.write_text(written, encoding="utf-8")
