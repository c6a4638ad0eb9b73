"""What the command line makes of an answer: exit status, strict JSON and the sentence, with a stand-in library."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest

import dammech
from dammech.cli import main
from dammech.errors import InputError, NotConverged, ShortChain

SOLVE = "solve hebbian --order 2 --load 0.1 --temperature 0.2".split()
BOUNDARY = "boundary hebbian retrieval-spinodal --order 2 --temperature 0.1".split()
SIMULATE = "simulate hebbian --order 2 --load 0.1 --temperature 0.2 --size 16 --trials 2".split()


@pytest.fixture
def answer(monkeypatch):
    """Let a function of a room return a document, or raise; what it was called with is kept."""

    def install(room, function, outcome, **more):
        calls = []

        def stand_in(*arguments, **options):
            calls.append((arguments, options))
            if isinstance(outcome, Exception):
                raise outcome
            return SimpleNamespace(to_json=lambda: outcome, **more)

        monkeypatch.setattr(import_module(f"dammech.{room}"), function, stand_in, raising=False)
        return calls

    return install


def run(capsys, arguments):
    status = main([*arguments])
    return status, *capsys.readouterr()


def point(**more):
    return {"load": 0.1, "temperature": 0.2, "converged": True, "valid": True, "why": None, **more}


@pytest.mark.parametrize("flags", [[], ["--json"]], ids=["text", "json"])
@pytest.mark.parametrize(
    ("document", "status", "sentence"),
    [
        (point(), 0, ""),
        (point(valid=False, why="RS is unstable here"), 0, ""),
        (point(converged=False, why="no root"), 1, "no root"),
        ({"points": [point(), point()]}, 0, ""),
        ({"points": [point(), point(converged=False, why="beyond the fold")]}, 1, "beyond the fold"),
        ({"points": [], "why": "the line never reaches this load"}, 1, "never reaches"),
        ({"points": []}, 1, "no such point"),
    ],
)
def test_exit_status_of_a_solution(capsys, answer, document, status, sentence, flags):
    answer("solve", "solve", document)
    got, out, err = run(capsys, [*SOLVE, *flags])
    assert got == status
    assert sentence in err and err.count("\n") == bool(sentence)
    if flags:
        assert {**document, **json.loads(out)} == json.loads(out)
    else:
        assert out


def test_what_is_not_finite_is_null(capsys, answer):
    answer("solve", "solve", point(m=float("nan"), free_energy=float("-inf")))
    _, out, _ = run(capsys, [*SOLVE, "--json"])
    document = json.loads(out, parse_constant=pytest.fail)
    assert document["m"] is None and document["free_energy"] is None


def test_what_was_not_typed_is_left_to_the_library(capsys, answer):
    calls = answer("solve", "solve", point())
    run(capsys, SOLVE)
    (_, options), = calls
    assert options == {"load": 0.1, "temperature": 0.2, "convention": "canonical", "throw": False}


def test_ranges_reach_the_library_as_lists(capsys, answer):
    calls = answer("solve", "solve", {"points": [point()]})
    run(capsys, "solve hebbian --order 2 --load 0:0.1:2 --temperature 0.1,0.2,0.3".split())
    options = calls[0][1]
    assert options["load"] == [0.0, 0.1]
    assert options["temperature"] == [0.1, 0.2, 0.3]


def test_boundary_takes_lists(capsys, answer, monkeypatch):
    monkeypatch.setattr(import_module("dammech.phases"), "LINES", {"retrieval-spinodal": ""}, raising=False)
    calls = answer("phases", "boundary", {"points": [point()]})
    assert run(capsys, [*BOUNDARY, "--json"])[0] == 0
    assert calls[0][1] == {"temperatures": [0.1], "convention": "canonical", "throw": False}


@pytest.mark.parametrize("flags", [[], ["--json"]], ids=["text", "json"])
@pytest.mark.parametrize(
    ("error", "status"), [(InputError("no such branch"), 2), (NotConverged("no root"), 1), (ShortChain("too short"), 1)]
)
def test_exit_status_of_an_error(capsys, answer, error, status, flags):
    answer("simulate", "simulate", error)
    assert run(capsys, [*SIMULATE, *flags]) == (status, "", f"dammech: {error}\n")


def test_a_full_disk_is_no_traceback(capsys, answer):
    answer("simulate", "simulate", OSError(28, "No space left on device", "p2.pdf"))
    assert run(capsys, SIMULATE) == (1, "", "dammech: p2.pdf: No space left on device\n")


def test_sizes_repeat_and_list(capsys, answer):
    calls = answer("simulate", "simulate", {"points": [point()]})
    run(capsys, [*SIMULATE, "--size", "32,64"])
    assert calls[0][1]["size"] == [16, 32, 64]


@pytest.mark.parametrize(("ok", "status"), [(True, 0), (False, 1)])
def test_exit_status_of_verdicts(capsys, answer, monkeypatch, ok, status):
    claim = {"name": "a.b", "theory": 1.0, "verdict": "pass" if ok else "fail", "negative_control": {"z": 9.0}, "power": 9.0}
    monkeypatch.setattr(import_module("dammech.validate"), "claims", lambda: {"a.b": None}, raising=False)
    answer("validate", "validate", {"claims": [claim], "passed": int(ok), "weak": 0, "failed": int(not ok)}, ok=ok)
    assert run(capsys, ["validate", "a.b"])[0] == status
    got, out, _ = run(capsys, ["validate", "--json"])
    assert got == status and json.loads(out)["claims"] == [claim]


def test_a_plan_says_what_would_run_and_its_cost(capsys, answer):
    calls = answer("validate", "validate", {})
    got, out, _ = run(capsys, ["validate", "palimpsest.*", "--level", "full", "--plan", "--json"])
    document = json.loads(out)
    names = [row["name"] for row in document["points"]]
    assert got == 0 and calls == [] and all(name.startswith("palimpsest.") for name in names)
    assert document["title"].startswith(f"plan of {len(names)} claims at level full: ") and document["points"][0]["cpu"] > 60
    assert "CPU-minutes" in run(capsys, ["validate", "deadneurons.softmax-rank", "--plan"])[1]


@pytest.mark.parametrize(("ok", "status"), [(True, 0), (False, 1)])
def test_exit_status_of_checks(capsys, answer, monkeypatch, ok, status):
    step = {"title": "trace", "check": "enumeration", "passed": ok, "seconds": 0.1}
    document = {"derivations": [{"name": "a.b", "steps": [step]}], "steps": 1, "passed": int(ok), "survived": []}
    monkeypatch.setattr(import_module("dammech.derive"), "registered", lambda: {"a.b": None}, raising=False)
    answer("derive", "check", document, ok=ok)
    got, out, _ = run(capsys, ["check", "all"])
    assert got == status and "enumeration" in out
    got, out, _ = run(capsys, ["check", "a.b", "--json", "--mutate"])
    assert got == status and json.loads(out)["derivations"] == document["derivations"]


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", ">/dev/full"])
def test_an_output_that_cannot_be_written(tmp_path, closed):
    root = str(Path(dammech.__file__).parent.parent)
    path = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    run = subprocess.run(["sh", "-c", f"{shlex.quote(sys.executable)} -m dammech cite at {closed}"], cwd=tmp_path, text=True,
                         capture_output=True, env={**os.environ, "PYTHONPATH": path}, timeout=60)  # fmt: skip
    assert run.returncode == (1 if "full" in closed else 0) and run.stdout == ""
    assert "Traceback" not in run.stderr and "internal" not in run.stderr and len(run.stderr.splitlines()) <= 1
