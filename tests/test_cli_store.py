"""``simulate --store``: what is finished is kept, and a run that was killed ends in the same document."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import dammech
from dammech.cli import main
from dammech.sweep import Store

MODEL = "simulate hebbian --interaction y**3-0.5*y --convention theriault-tantari"
GRID = f"{MODEL} --size 40,48 --load 0.02,0.03 --temperature 0:0.3:4 --json".split()


@pytest.fixture(autouse=True)
def here(monkeypatch, tmp_path):
    """Processes see this copy of the package, and write into a folder of their own."""
    root = str(Path(dammech.__file__).parent.parent)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")])))
    monkeypatch.chdir(tmp_path)


def printed(capsys, *typed):
    status = main([*GRID, *typed])
    out, err = capsys.readouterr()
    return status, out, err


def kept():
    if not Path("s.sqlite").exists():
        return []
    with Store("s.sqlite") as store:
        return list(store.rows())


def stopped(by, *typed):
    """A run that is stopped as soon as three points are kept."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dammech", *GRID, *typed, "--store", "s.sqlite"],
        text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    until = time.monotonic() + 60
    while len(kept()) < 3:
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.02)
    process.send_signal(by)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_a_run_that_was_killed_goes_on_and_prints_the_same(capsys):
    status, *_ = stopped(signal.SIGKILL, "--trials", "50")
    assert status == -signal.SIGKILL
    before = kept()
    assert 3 <= len(before) < 16
    status, out, err = printed(capsys, "--trials", "50", "--store", "s.sqlite")
    assert (status, out, err) == printed(capsys, "--trials", "50")
    after = kept()
    assert len(after) == 16 == len(json.loads(out)["points"]) and all(row in after for row in before)


@pytest.mark.slow
def test_ctrl_c_prints_the_points_that_are_kept(capsys):
    status, out, err = stopped(signal.SIGINT, "--trials", "50")
    assert status == 130 and len(err.splitlines()) == 1
    done = len(kept())
    assert f"{done} finished cells are in 's.sqlite', and the same command goes on from there" in err
    whole = json.loads(printed(capsys, "--trials", "50")[1])["points"]
    assert 3 <= done < 16 and json.loads(out)["points"] == whole[:done]


def test_nothing_is_computed_twice(capsys, monkeypatch):
    small = ["--size", "40", "--trials", "3"]  # 40 stands there twice
    first = printed(capsys, *small, "--store", "s.sqlite")
    rows = kept()
    monkeypatch.setattr("multiprocessing.get_context", lambda *_: pytest.fail("computed again"))
    assert printed(capsys, *small, "--store", "s.sqlite") == first
    assert kept() == rows and len(rows) == 16 and len(json.loads(first[1])["points"]) == 24


@pytest.mark.parametrize("bad", ["--load 1e-9", "--trials 999999999999", "--dynamics none", "--store no/s.sqlite"])
def test_what_is_refused_leaves_no_store(capsys, bad):
    status, out, err = printed(capsys, "--trials", "3", "--store", "s.sqlite", *bad.split())
    assert status == 2 and not out and len(err.splitlines()) == 1 and not list(Path().iterdir())


def test_a_short_chain_is_said(capsys):
    status, out, err = printed(capsys, "--trials", "3", "--sweeps", "2", "--temperature", "0.1", "--store", "s.sqlite")
    assert status == 1 and not out and "autocorrelation" in err and "Traceback" not in err and len(err.splitlines()) == 1
