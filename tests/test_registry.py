"""A system of another package, found by its entry point, gets every command; one that does not import is named and left out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

INSTALLED = Path(__file__).parent / "installed"

RUN = """
import contextlib, io, json, os, sys
from dammech.cli import main
for line in sys.stdin_lines:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        status = main([*line.split(), "--json"])
    print(json.dumps([status, json.loads(out.getvalue())]))
"""


def answers(fresh_python, *lines: str, **environment: str) -> list:
    """Status and document of each command line, all asked of one process in which the package is installed."""
    code = RUN.replace("sys.stdin_lines", repr(lines))
    run = fresh_python("-c", code, PYTHONPATH=f"{Path(__file__).parent.parent}:{INSTALLED}", **environment)
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_the_equations_get_every_command(fresh_python):
    at = "blume-capel --temperature 0.4 --crystal-field 0.2"
    found = answers(
        fresh_python, "models --family blume-capel", f"solve {at} --branch retrieval",
        "solve blume-capel --temperature 0.4 --crystal-field 9 --branch paramagnetic",
        "solve blume-capel --temperature 0.4 --crystal-field 9", "boundary blume-capel onset --crystal-field -0.5",
        "boundary blume-capel end --temperature 0.3", "cite crystal-field",
        "derive blume-capel", "check blume-capel --mutate",
    )  # fmt: skip
    assert [status for status, _ in found] == [0] * len(found)
    models, state, empty, ended, onset, end, cited, derived, checked = (document for _, document in found)
    (family,) = models["models"]
    assert family["parameters"] == [
        {"name": "biquadratic", "type": "number", "default": 0.5, "allowed": "number above 0 and below 100"}
    ]
    assert family["branches"] == ["retrieval", "paramagnetic"] and "blume1966" in family["sources"]
    assert {"end", "coexistence", "onset"} <= {line["name"] for line in models["lines"]}
    assert state["model"] == {"name": "blume-capel", "biquadratic": 0.5} and state["ansatz"] == "rs" and state["n"] == 0
    assert state["m"] == pytest.approx(0.93711995048, abs=1e-10) and state["crystal_field"] == 0.2 and state["equilibrium"]
    assert empty["m"] == pytest.approx(0, abs=1e-8) and empty["a"] < 1e-6  # the field empties every site
    assert ended["branch"] == "retrieval" and ended["status"] == "no-state" and " is above 0.682829, where" in ended["why"]
    (point,) = onset["points"]
    assert point["temperature"] == pytest.approx(point["a"], abs=1e-10)  # the paramagnet ends where T = ⟨S²⟩
    (fold,) = end["points"]
    assert fold["crystal_field"] == pytest.approx(0.78713219404, abs=1e-10) and fold["m"] > 0.7
    assert "capel1966" in cited["bibtex"] and "Physica" in cited["bibtex"]
    assert derived["name"] == "blume-capel.rs" and len(derived["steps"]) == 2
    assert checked["passed"] == checked["steps"] == 2 and checked["mutants"] > 50 and checked["survived"] == []


def test_spins_and_drawings_get_every_command(fresh_python, tmp_path):
    at = "blume-capel --temperature 0.4 --crystal-field 0.2"
    found = answers(
        fresh_python, f"solve {at} --branch retrieval", f"simulate {at} --size 100,140 --trials 4",
        "validate blume-capel.overlap", f"figure blume-capel --out {tmp_path}",
        f"phase-diagram blume-capel --y crystal-field --out {tmp_path / 'own.svg'}",
        *2 * [f"simulate {at} --size 100,140 --trials 4 --store {tmp_path / 'own.sqlite'}"],
    )  # fmt: skip
    assert [status for status, _ in found] == [0] * len(found)
    state, measured, verdict, figures, diagram, *kept = (document for _, document in found)
    assert kept == [measured, measured]
    assert [p["size"] for p in measured["points"]] == [100, 140] and {p["crystal_field"] for p in measured["points"]} == {0.2}
    assert all(abs(p["m"] - state["m"]) < 0.05 + 4 * p["m_error"] for p in measured["points"])
    assert verdict["passed"] == 1 and verdict["claims"][0]["negative_control"]["rejected"]
    assert {Path(f).name for f in figures["figures"][0]["files"]} == {f"blume-capel.{end}" for end in ("pdf", "csv", "json")}
    assert diagram["axes"] == ["temperature", "crystal_field"]
    assert {b["line"] for b in diagram["lines"]} >= {"coexistence", "onset"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("solve blume-capel --temperature 0.4", "--crystal-field is missing: blume-capel needs it"),
        ("solve blume-capel --temperature 0.4 --crystal-field 0 --load 0.1", "--load: blume-capel has no load"),
        ("solve blume-capel --biquadratic -1 --temperature 0.4 --crystal-field 0", "biquadratic=-1"),
        ("solve hebbian --order 3 --crystal-field 0 --load 0.1 --temperature 0.1", "hebbian has no crystal field; leave it out"),
        ("boundary blume-capel blackout --temperature 0.4", "line 'blackout' is unknown; known are end, coexistence, onset"),
        ("simulate blume-capel --temperature 0 --crystal-field 0 --size 9", "temperature=0.0"),
        ("phase-diagram blume-capel --x load --out x.pdf", "axis 'load' is unknown"),
    ],
)
def test_what_it_does_not_have_is_refused(fresh_python, line, words):
    run = fresh_python("-m", "dammech", *line.split(), PYTHONPATH=f"{Path(__file__).parent.parent}:{INSTALLED}")
    assert run.returncode == 2 and words in run.stderr and run.stderr.count("\n") == 1, run.stderr


def test_a_package_that_fails_is_named_and_skipped(fresh_python, tmp_path):
    (tmp_path / "broken-1.0.dist-info").mkdir()
    (tmp_path / "broken-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (tmp_path / "broken-1.0.dist-info" / "entry_points.txt").write_text("[dammech.systems]\nbroken = no_such_module:SYSTEM\n")
    run = fresh_python("-m", "dammech", "models", "--family", "hebbian", PYTHONPATH=f"{Path(__file__).parent.parent}:{tmp_path}")
    assert run.returncode == 0 and run.stdout.startswith("hebbian")
    assert run.stderr.count("\n") == 1 and "'broken'" in run.stderr and "left out" in run.stderr
