"""Generated code is a cache: cold and warm agree, writing is atomic, a read-only folder does no harm."""

from __future__ import annotations

import importlib
import json
import os

import numpy as np
import pytest

from dammech.equations import Theory, compiled
from dammech.equations.compiled import cache_folder
from dammech.models import PSpin

CODE = """
import json, sys
import numpy as np
from dammech.equations import Theory, compiled
from dammech.models import PSpin
system = compiled(Theory.of(PSpin(order=2)), "state")
u, p = np.array([[0.3, 0.7]]), np.array([[0.5, 0.02]])
print(json.dumps([system.residual(u, p).tolist(), system.jacobian(u, p).tolist(), "sympy" in sys.modules]))
"""


def test_cold_and_warm_agree_and_warm_needs_no_sympy(fresh_python, tmp_path):
    folder = tmp_path / "cache"
    runs = [fresh_python("-W", "error", "-c", CODE, DAMMECH_CACHE=str(folder)) for _ in range(2)]
    assert all(run.returncode == 0 for run in runs), runs[0].stderr + runs[1].stderr
    cold, warm = (json.loads(run.stdout) for run in runs)
    assert cold[:2] == warm[:2] and cold[2] is True and warm[2] is False
    assert [path.suffix for path in folder.iterdir() if path.is_file()] == [".py"], "nothing half-written stays"


def test_a_folder_that_cannot_be_written(fresh_python, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    run = fresh_python("-W", "error", "-c", CODE, DAMMECH_CACHE=str(blocked / "cache"))
    assert run.returncode == 0, run.stderr
    system = compiled(Theory.of(PSpin(order=2)), "state")
    u, p = np.array([[0.3, 0.7]]), np.array([[0.5, 0.02]])
    assert json.loads(run.stdout)[0] == system.residual(u, p).tolist()
    assert blocked.read_text() == "not a folder"


def test_writing_is_atomic(tmp_path, monkeypatch):
    """What appears under the final name is complete: it is moved there."""
    room = importlib.import_module("dammech.equations.compiled")

    moved = []
    monkeypatch.setenv("DAMMECH_CACHE", str(tmp_path))
    monkeypatch.setattr(room.os, "replace", lambda a, b, move=os.replace: (moved.append((a, b)), move(a, b)))
    module = room._load("0" * 32, lambda: "VALUE = 42\n")
    assert module.VALUE == 42 and len(moved) == 1 and str(moved[0][1]).endswith(".py")


def test_folder_is_chosen_by_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("DAMMECH_CACHE", str(tmp_path / "here"))
    assert cache_folder() == tmp_path / "here"
    monkeypatch.delenv("DAMMECH_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "dammech"


def test_key_depends_on_all_that_is_derived():
    theory = Theory.of(PSpin(order=2))
    keys = {
        theory.key, theory.with_(variant="zero").key, theory.with_(fixed=(("q", 0.0),)).key,
        Theory.of(PSpin(order=3)).key, theory.with_(mixture=3).key,
    }
    assert len(keys) == 5
    with pytest.raises(TypeError):
        theory.with_(colour="red")
