"""`dammech sequential`: a small experiment from end to end, killed and resumed, and what is refused."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

import dammech
from dammech.cli import main
from dammech.errors import InputError
from dammech.learn.config import config_of, grid, read_config, shipped
from dammech.learn.experiment import run_experiment, sequence_cell
from dammech.learn.results import findings, table

SMALL = """
title = "small"
seeds = [1, 2]
vertices = [2, 4]
[data]
kind = "prototypes"
pixels = 24
classes = 3
items = 60
noise = 0.2
[tasks]
kind = "prototypes"
count = 3
[network]
memories = 8
[training]
epochs = 3
batch = 16
[search]
seeds = [9]
tasks = 2
[search.base]
temperature = [0.4, 0.6]
[methods.vanilla]
rate = [0.1, 0.05]
[methods.rehearsal]
fraction = 0.2
rate = [0.1, 0.05]
[methods.ewc]
strength = [1.0, 10.0]
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A folder with the configuration; the processes of a run find this copy of the package."""
    monkeypatch.chdir(tmp_path)
    root = str(Path(dammech.__file__).parent.parent)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")])))
    Path("small.toml").write_text(SMALL)


def run(capsys, *arguments):
    status = main(["sequential", *arguments])
    out, err = capsys.readouterr()
    return status, out, err


def test_run_table_and_figure(capsys):
    status, out, _ = run(capsys, "run", "small.toml", "--workers", "1", "--json")
    document = json.loads(out)
    assert status == 0 and document["store"] == "small.sqlite"
    assert [stage["cells"] for stage in document["stages"]] == [4, 12, 12]
    found = {(row["method"], row["vertex"]) for row in document["results"]}
    assert found == {(name, n) for name in ("vanilla", "rehearsal", "ewc") for n in (2, 4)}
    assert all(row["tried"] == 2 for row in document["settings"]) and document["findings"]

    status, out, _ = run(capsys, "run", "small.toml")
    assert status == 0 and "rehearsal" in out and "n = 4" in out  # nothing is computed again
    status, out, _ = run(capsys, "table", "small.toml", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert status == 0 and len(rows) == 3 * 2 * 5 and float(rows[0]["half_width"]) >= 0
    status, out, _ = run(capsys, "table", "small.toml", "--metric", "forgetting", "--format", "latex")
    assert status == 0 and out.startswith("\\begin{tabular}{lrr}") and "$\\pm$" in out and "ewc & " in out
    status, out, _ = run(capsys, "table", "small.toml", "--what", "matrices", "--out", "m.csv")
    rows = [line for line in Path("m.csv").read_text().splitlines() if not line.startswith("# ")]  # less what it says of itself
    assert status == 0 and len(rows) == 1 + 3 * 2 * 2 * 4 * 3
    for what in ("settings", "findings", "transition"):
        status, out, _ = run(capsys, "table", "small.toml", "--what", what, "--json")
        assert status == 0 and json.loads(out)["rows"]
        assert run(capsys, "table", "small.toml", "--what", what)[0] == 0
    Path("drawn").mkdir()
    status, out, _ = run(capsys, "figure", "small.toml", "--out", "drawn")
    assert status == 0 and sorted(p.name for p in Path("drawn").iterdir()) == [f"sequential.{s}" for s in ("csv", "json", "pdf")]


def test_a_killed_run_resumes_to_the_same_table(capsys):
    code = [sys.executable, "-m", "dammech", "sequential", "run", "small.toml"]
    process = subprocess.Popen([*code, "--store", "killed.sqlite"], stdout=subprocess.DEVNULL)
    kept, deadline = 0, time.monotonic() + 120
    while kept < 7 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
        if Path("killed.sqlite").exists():
            connection = sqlite3.connect("file:killed.sqlite?mode=ro", uri=True)
            try:
                (kept,) = connection.execute("select count(*) from cells").fetchone()
            except sqlite3.OperationalError:  # the table is being made
                pass
            connection.close()
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    status, _, err = run(capsys, "table", "small.toml", "--store", "killed.sqlite")
    assert status == 2 and "are missing" in err and "dammech sequential run small.toml" in err
    for store, workers in (("killed.sqlite", "1"), ("whole.sqlite", "2")):
        assert run(capsys, "run", "small.toml", "--store", store, "--workers", workers)[0] == 0
    tables = [
        run(capsys, "table", "small.toml", "--store", store, "--what", "matrices", "--format", "csv")[1]
        for store in ("killed.sqlite", "whole.sqlite")
    ]
    assert tables[0] == tables[1] and len(tables[0]) > 1000


@pytest.mark.parametrize(("old", "new", "words"), [
    ("[methods.ewc]", "[methods.prayer]", "method='prayer': must be one of vanilla"),
    ("memories = 8", "memories = 0", "memories=0: must be an integer of at least 1"),
    ("vertices = [2, 4]", "vertices = [0]", "vertex=0: must be an integer of at least 2"),
    ("strength = [1.0, 10.0]", "strength = [1.0]", "number of settings to be searched, not vanilla 2, rehearsal 2, ewc 1"),
    ("strength = [1.0, 10.0]", "force = [1.0, 10.0]", "has no such parameter"),
    ("seeds = [9]", "seeds = [2]", "no seed in common"),
    ("seeds = [1, 2]", "seeds = [1, 1]", "no seed may stand there twice"),
    ("seeds = [1, 2]", "seeds = 3", "seeds=3: must be a list"),
    ('kind = "prototypes"\ncount', 'kind = "permuted"\ncount', "need each other"),
    ("noise = 0.2", "noise = 0.9", "noise=0.9"),
    ("noise = 0.2", "loud = 0.9", "'loud' is unknown"),
    ("epochs = 3", "epochs = -3", "epochs=-3"),
    ('title = "small"', "title = ", "is not valid TOML"),
    ("classes = 3", "classes = 1", "classes=1"),
])  # fmt: skip
def test_what_cannot_be_is_said_in_one_sentence(capsys, old, new, words):
    assert old in SMALL
    Path("bad.toml").write_text(SMALL.replace(old, new))
    status, out, err = run(capsys, "run", "bad.toml", "--workers", "1")
    assert status == 2 and out == "" and words in err and len(err.strip().splitlines()) == 1


@pytest.mark.parametrize(("arguments", "words"), [
    ("run missing.toml", "none of the shipped ones, full, quick"),
    ("table small.toml", "small.sqlite"),
    ("table small.toml --what settings --format latex", "only --what metrics"),
    ("figure small.toml --out nowhere", "does not exist"),
    ("run small.toml --workers 0", "--workers 0"),
    ("run small.toml --store nowhere/x.sqlite", "existing folder"),
])  # fmt: skip
def test_bad_usage(capsys, arguments, words):
    status, out, err = run(capsys, *arguments.split())
    assert status == 2 and out == "" and words in err and len(err.strip().splitlines()) == 1
    assert not Path("small.sqlite").exists()


def test_a_cell_that_fails_is_said_and_gives_status_1(capsys, monkeypatch):
    from dammech.sweep import SweepFailed

    def fail(*_):
        raise SweepFailed("1 of 4 cells failed; the first, {}: RuntimeError: bad", [])

    monkeypatch.setattr("dammech.sweep.run", fail)
    status, out, err = run(capsys, "run", "small.toml")
    assert status == 1 and out == "" and err == "dammech: 1 of 4 cells failed; the first, {}: RuntimeError: bad\n"


def test_shipped_configurations_are_sound():
    assert shipped() == ["full", "quick"]
    full = read_config("full")
    assert full.vertices == [2, 3, 5, 8, 12, 20, 30] and full.data["side"] ** 2 >= 256 and full.budget == 8
    assert len(full.methods) == 12 and len(read_config("quick").methods) == 12 and read_config("quick").budget == 1
    assert grid({"a": [1, 2], "b": 3, "c": [4, 5]}) == [{"a": a, "b": 3, "c": c} for a in (1, 2) for c in (4, 5)]


def test_the_search_sees_no_task_and_no_test_image_of_the_evaluation():
    pytest.importorskip("sklearn")
    search = {"base": {"temperature": [0.3, 0.4]}}
    config = config_of({"methods": {"vanilla": {"rate": [0.1, 0.2]}}, "vertices": [2], "search": search})
    asked = []

    def compute(words, function, cells):
        asked.extend((words, cell) for cell in cells)
        return [{"metrics": {"accuracy": 0.5, "learning": 0.5}, "matrix": []} for _ in cells]

    run_experiment(config, compute)
    for words, cell in asked:
        searching = words.startswith("search")
        assert cell["split"] == ("search" if searching else "evaluation")
        assert (cell["seed"] in config.search["seeds"]) == searching and cell["tasks"]["count"] == (3 if searching else 5)


def test_digits_from_a_cell():
    pytest.importorskip("sklearn")
    cell = {
        "data": {"kind": "digits"}, "tasks": {"kind": "permuted", "count": 2}, "split": "evaluation",
        "network": {"memories": 32, "temperature": 0.4, "vertex": 3}, "training": {"epochs": 8, "rate": 0.1},
        "method": "vanilla", "parameters": {}, "seed": 1,
    }  # fmt: skip
    found = sequence_cell(cell)
    assert found["metrics"]["learning"] > 0.75 and found["metrics"]["forgetting"] > 0.3
    assert found == sequence_cell(cell)


def test_findings_need_the_whole_interval_on_one_side():
    config = config_of({"seeds": [1, 2, 3], "vertices": [2, 5], "methods": {"vanilla": {}, "rehearsal": {}, "gem": {}}})
    scores = {"vanilla": (0.3, 0.31, 0.32), "rehearsal": (0.6, 0.62, 0.61), "gem": (0.3, 0.5, 0.2)}

    def compute(words, function, cells):
        def one(cell):
            value = scores.get(cell["method"], (0, 0, 0))[cell["seed"] - 1] + 0.02 * cell["network"]["vertex"]
            return {"metrics": dict.fromkeys(("accuracy", "learning", "backward", "forward", "forgetting"), value), "matrix": [],
                    "chance": [0.1, 0.1], "items": [500, 500]}

        return [one(cell) for cell in cells]

    results = run_experiment(config, compute)
    verdicts = {(row["finding"], row["vertex"]): row["verdict"] for row in findings(results)}
    assert verdicts["rehearsal keeps more than plain training", 2] == "confirmed"
    assert verdicts["gem keeps more than plain training", 5] == "open"
    assert verdicts["rehearsal keeps more at n = 5 than at n = 2", 5] == "confirmed"
    assert "rehearsal" in table(results) and "0.650±" in table(results)
    with pytest.raises(InputError, match="metric='speed'"):
        table(results, "speed")
