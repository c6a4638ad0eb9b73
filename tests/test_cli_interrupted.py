"""Ctrl-C: a real signal to a real process, which is over within two seconds, keeps what is done and says so in one line."""

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

SIMULATE = "simulate hebbian --order 2 --size 800,3000 --load 0.05 --temperature 0.3 --trials 2000 --json"
COMMANDS = {
    "check all": "derivations checked",
    SIMULATE: "points begun",
    "sequential run quick --workers 2": "the same command goes on from there",
    "solve hebbian --order 2 --load 0:0.1:50000 --temperature 0.1": "begins again",
    "validate all --level full": "claims judged",
}


def interrupted(typed: str, folder: Path, after: float, group: bool):
    """Exit status, stdout, stderr and seconds after the signal."""
    root = str(Path(dammech.__file__).parent.parent)
    path = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    process = subprocess.Popen(
        [sys.executable, "-m", "dammech", *typed.split()], cwd=folder, env={**os.environ, "PYTHONPATH": path}, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    time.sleep(after)
    assert process.poll() is None
    began = time.monotonic()
    (os.killpg if group else os.kill)(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err, time.monotonic() - began


def test_a_simulation_prints_the_trials_that_are_finished(tmp_path):
    for after in (6.0, 20.0, 60.0):  # a busy machine may not have come to the first point
        status, out, err, seconds = interrupted(SIMULATE, tmp_path, after, group=True)
        assert status == 130 and seconds < 2 and len(err.splitlines()) == 1
        if "points begun" in err:
            break
    assert "points begun" in err
    (point, *_) = json.loads(out)["points"]
    assert point["size"] == 800 and point["trials"] > 1 and 0.98 < point["m"] < 1 and 0 < point["m_error"] < 0.01
    assert 0 < point["acceptance"] < 0.1 and (point["trials"] == 2000 or "interrupted after" in point["why"])


@pytest.mark.slow
@pytest.mark.parametrize("group", [True, False], ids=["group", "process"])
@pytest.mark.parametrize("typed", COMMANDS)
@pytest.mark.parametrize("after", [4.0, 9.0])
def test_every_command_ends_within_two_seconds(tmp_path, typed, group, after):
    status, _, err, seconds = interrupted(typed, tmp_path, after, group)
    assert status == 130 and seconds < 2
    assert len(err.splitlines()) == 1 and len(err) <= 420 and "interrupted" in err
    if after > 5:
        assert COMMANDS[typed] in err


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.1, 0.2, 0.4, 0.8])
def test_nothing_is_said_but_one_line_while_it_starts(tmp_path, after):
    status, _, err, seconds = interrupted("models", tmp_path, after, group=True)
    assert status in (130, -signal.SIGINT) and seconds < 2 and "Traceback" not in err and len(err.splitlines()) <= 1


@pytest.mark.slow
def test_a_run_of_cells_keeps_them(tmp_path):
    status, _, err, _ = interrupted("sequential run quick --workers 2", tmp_path, 25.0, group=True)
    assert status == 130 and "finished cells are in 'quick.sqlite'" in err
    kept = int(err.split("; ")[1].split()[0])
    assert kept > 0
    from dammech.sweep import Store

    with Store(tmp_path / "quick.sqlite", create=False) as store:
        assert len(list(store.rows())) == kept
