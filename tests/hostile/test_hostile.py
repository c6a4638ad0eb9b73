"""Hostile input: one sentence and nothing else, no code run, no file left, none above ten seconds or a gigabyte.

The inputs stand in `cases.py`; each is run by `serve.py` in a child of its own.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import dammech

HERE = Path(__file__).parent
#: one case in so many is tried by default
EVERY = 25


def _tables():
    spec = importlib.util.spec_from_file_location("hostile_cases", HERE / "cases.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TABLES = _tables()
ROOMS = {"command line": TABLES.command_line, "configurations": TABLES.configurations, "interface": TABLES.interface}


def served(cases):
    """The records of the cases."""
    root = str(Path(dammech.__file__).parent.parent)
    path = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    run = subprocess.run([sys.executable, HERE / "serve.py"], input=json.dumps(cases), text=True, capture_output=True,
                         env={**os.environ, "PYTHONPATH": path}, timeout=3000)  # fmt: skip
    records = [json.loads(line) for line in run.stdout.splitlines()]
    assert run.returncode == 0 and len(records) == len(cases), run.stderr[-2000:]
    return records


def fault(case, record):
    """What is wrong with what a case did; None where nothing is."""
    if record["ended"] != 0:
        return f"ended by signal {record['ended']} after {record['seconds']} s"
    if record["left"]:
        return f"left {record['left']}"
    if record["kind"].startswith("raw"):
        return f"{record['kind']}: {record['message']}"
    said = record["err"] if "typed" in case else record["message"]
    for word in ("Traceback", "internal error", "not enough memory"):
        if word in said:
            return said
    if len(said.splitlines()) > 1 or len(said) > len("dammech: ") + 400 + 1:
        return f"{len(said.splitlines())} lines, {len(said)} characters: {said[:200]}"
    if case["calm"]:
        return None
    if "typed" in case:
        good = record["status"] == 2 and not record["out"] and said.startswith("dammech: ")
        return None if good else f"status {record['status']}: {said[:200]}"
    return None if record["kind"] == "InputError" else f"{record['kind']}: {said[:200]}"


def judged(cases):
    records = served(cases)
    faults = {record["name"]: why for case, record in zip(cases, records) if (why := fault(case, record))}
    print(f"\n{len(cases)} hostile inputs, {len(faults)} faults, slowest {max(r['seconds'] for r in records)} s")
    return faults


def test_there_are_enough():
    counts = {name: len(table()) for name, table in ROOMS.items()}
    assert sum(counts.values()) >= 500 and min(counts.values()) >= 100
    names = [case["name"] for table in ROOMS.values() for case in table()]
    assert len(set(names)) > 0.98 * len(names)


@pytest.mark.skipif(sys.platform != "linux", reason="bounds of memory are asked of Linux")
def test_some_hostile_inputs():
    assert judged([case for table in ROOMS.values() for case in table()[::EVERY]]) == {}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="bounds of memory are asked of Linux")
@pytest.mark.parametrize("room", ROOMS)
def test_all_hostile_inputs(room):
    assert judged(ROOMS[room]()) == {}
