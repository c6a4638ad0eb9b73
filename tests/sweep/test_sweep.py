"""Sweeps: identities, the store, and what is left after a kill −9."""

from __future__ import annotations

import gc
import os
import signal
import sqlite3
import subprocess
import sys
import time
import warnings
from contextlib import closing
from pathlib import Path

import pytest

import dammech
from dammech.errors import InputError
from dammech.sweep import Store, SweepFailed, identity, run

HERE = Path(__file__).parent
CELLS = [{"seed": k} for k in range(5)]


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    """The processes of a sweep find the cells of these tests, and this copy of the package."""
    monkeypatch.syspath_prepend(str(HERE))
    root = str(Path(dammech.__file__).parent.parent)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [root, str(HERE), os.environ.get("PYTHONPATH")])))


def contents(path):
    with Store(path, create=False) as store:
        return list(store.rows())


def changed(path, statement, *values):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement, values)


def test_identity_is_of_values_and_not_of_their_order():
    assert identity("f", {"a": 1, "b": [2, 3]}) == identity("f", {"b": [2, 3], "a": 1})
    different = {identity("f", {"a": 1}), identity("g", {"a": 1}), identity("f", {"a": 2}), identity("f", {"a": "1"})}
    assert len(different) == 4
    with pytest.raises(ValueError):
        identity("f", {"a": float("nan")})


def test_a_store_keeps_and_finds(tmp_path):
    with Store(tmp_path / "s.sqlite") as store:
        store.write("f", {"k": 1}, {"x": 0.1 + 0.2}, 0.5)
        store.write("f", {"k": 1}, {"x": 7}, 0.5)  # a second result of the same cell is not taken
        assert store.results("f", [{"k": 2}, {"k": 1}]) == [None, {"x": 0.1 + 0.2}]
        assert store.results("f", [{"k": k} for k in range(1203)])[1] is not None
        assert store.status() == {"f": {"cells": 1, "seconds": 0.5}} and store.seconds("f", [{"k": 1}]) == 0.5
    assert contents(tmp_path / "s.sqlite") == [{"function": "f", "parameters": {"k": 1}, "result": {"x": 0.1 + 0.2}}]


def test_what_is_no_store_is_refused(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        Store(tmp_path / "s.sqlite", create=False)
    with pytest.raises(InputError, match="existing folder"):
        Store(tmp_path / "none" / "s.sqlite")
    (tmp_path / "empty").touch()
    with pytest.raises(InputError, match="not a store"):
        Store(tmp_path / "empty", create=False)
    (tmp_path / "text").write_text("a text that is long enough not to be taken for an empty file " * 40)
    with pytest.raises(InputError, match="not a store"):
        Store(tmp_path / "text")
    Store(tmp_path / "old.sqlite").close()
    changed(tmp_path / "old.sqlite", "update about set value = '0'")
    with pytest.raises(InputError, match="schema 0"):
        Store(tmp_path / "old.sqlite")


def test_a_refused_store_is_closed(tmp_path):
    """Else Python 3.13 says so wherever the garbage is collected next."""
    (tmp_path / "empty").touch()
    (tmp_path / "text").write_text("no database " * 200)
    Store(tmp_path / "old").close()
    changed(tmp_path / "old", "update about set value = '0'")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        for name, create in (("empty", False), ("text", True), ("old", True)):
            with pytest.raises(InputError):
                Store(tmp_path / name, create)
        gc.collect()
    assert said == []


@pytest.mark.parametrize("result", ["7", "null", "no JSON", '{"x": 3', '{"x": 3}', b"\x00\xff"])
def test_a_result_that_was_changed_is_not_taken_for_one(tmp_path, result):
    path = tmp_path / "s.sqlite"
    with Store(path) as store:
        store.write("f", {"k": 1}, {"x": 1}, 0.5)
        store.write("f", {"k": 2}, {"x": 2}, 0.5)
    changed(path, "update cells set result = ? where parameters = '{\"k\":1}'", result)
    with Store(path) as store:
        assert store.results("f", [{"k": 2}]) == [{"x": 2}]
        with pytest.raises(InputError, match="is not what was written"):
            store.results("f", [{"k": 1}])
        with pytest.raises(InputError, match="is not what was written"):
            list(store.rows())
    changed(path, "update cells set result = (select result from cells where parameters = '{\"k\":2}')")
    with Store(path) as store, pytest.raises(InputError, match="is not what was written"):
        store.results("f", [{"k": 1}])


def test_a_damaged_page_is_one_sentence(tmp_path):
    path = tmp_path / "s.sqlite"
    with Store(path) as store:
        for k in range(400):
            store.write("f", {"k": k}, {"x": [0.125] * 40}, 0.5)
    whole = path.read_bytes()
    refused = 0
    for start in range(0, len(whole), 4096):
        path.write_bytes(whole[:start] + b"\xa5" * 4096 + whole[start + 4096 :])
        try:
            with Store(path) as store:
                assert store.results("f", [{"k": 3}]) in ([{"x": [0.125] * 40}], [None])
                list(store.rows())
        except InputError as error:
            refused += 1
            assert len(str(error).splitlines()) == 1
    assert refused > 3


def test_a_full_disk_keeps_what_was_finished(tmp_path):
    path = tmp_path / "s.sqlite"
    with Store(path) as store:
        store.write("f", {"k": 1}, {"x": 1}, 0.5)
        (pages,) = store._connection.execute("pragma page_count").fetchone()
        store._connection.execute(f"pragma max_page_count = {pages}")
        with pytest.raises(InputError, match=r"cannot be written .*full"):
            store.write("f", {"k": 2}, {"x": "long" * 10000}, 0.5)
        assert store.results("f", [{"k": 1}, {"k": 2}]) == [{"x": 1}, None]


def test_values_do_not_depend_on_the_workers(tmp_path):
    found = {}
    for workers in (1, 3):
        with Store(tmp_path / f"{workers}.sqlite") as store:
            found[workers] = run(store, "cells_to_try:product", [*CELLS, CELLS[0]], workers)
    assert found[1] == found[3] and found[1][0] == found[1][5] and [r["seed"] for r in found[1][:5]] == list(range(5))
    assert contents(tmp_path / "1.sqlite") == contents(tmp_path / "3.sqlite")


def test_only_what_is_missing_is_computed(tmp_path):
    said = []
    with Store(tmp_path / "s.sqlite") as store:
        run(store, "cells_to_try:product", CELLS[:3], 1)
        run(store, "cells_to_try:product", CELLS, 1, said.append)
        assert len(said) == 2 and said[-1].startswith("2 of 2 cells")
        assert run(store, "nowhere:nothing", []) == []
        assert run(store, "cells_to_try:product", CELLS)[4]["seed"] == 4


def test_a_cell_that_fails_does_not_take_others_along(tmp_path):
    with Store(tmp_path / "s.sqlite") as store:
        with pytest.raises(SweepFailed, match=r"1 of 5 cells failed; the first, \{'seed': 2\}: RuntimeError: cell two is bad"):
            run(store, "cells_to_try:fails", CELLS, 2)
        assert store.results("cells_to_try:fails", CELLS) == [0, 1, None, 3, 4]


def test_a_refusal_comes_through_as_it_is(tmp_path):
    with Store(tmp_path / "s.sqlite") as store:
        with pytest.raises(InputError, match="seed=0: never allowed"):
            run(store, "cells_to_try:refuses", CELLS, 1)
        with pytest.raises(InputError, match="workers=0"):
            run(store, "cells_to_try:refuses", CELLS, 0)


def test_a_worker_that_dies_is_replaced(tmp_path):
    with Store(tmp_path / "s.sqlite") as store:
        with pytest.raises(SweepFailed, match="its process died"):
            run(store, "cells_to_try:dies", CELLS[:3], 1)
        assert store.results("cells_to_try:dies", CELLS[:3]) == [0, None, 2]
        cells = [{**cell, "folder": str(tmp_path)} for cell in CELLS[:3]]
        assert run(store, "cells_to_try:dies_once", cells, 2) == [0, 1, 2]


def test_two_runs_do_not_fill_one_store(tmp_path):
    pytest.importorskip("fcntl")
    with Store(tmp_path / "s.sqlite") as one, Store(tmp_path / "s.sqlite") as other, one.filling():
        with pytest.raises(InputError, match="another run is filling it"):
            run(other, "cells_to_try:product", CELLS, 1)


SCRIPT = """
import sys
from dammech.sweep import Store, run
if __name__ == "__main__":
    with Store(sys.argv[1]) as store:
        run(store, "cells_to_try:product", [{"seed": k, "seconds": 0.2} for k in range(12)], int(sys.argv[2]))
"""


@pytest.mark.parametrize(("workers", "resumed"), [(2, 1), (1, 3)])
def test_a_killed_run_loses_only_what_was_in_flight(tmp_path, workers, resumed):
    (tmp_path / "fill.py").write_text(SCRIPT)
    store = tmp_path / "killed.sqlite"
    process = subprocess.Popen([sys.executable, tmp_path / "fill.py", store, str(workers)], start_new_session=True)
    seen, deadline = 0, time.monotonic() + 60
    while seen < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
        if store.exists():
            with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
                try:
                    (seen,) = connection.execute("select count(*) from cells").fetchone()
                except sqlite3.OperationalError:  # the table is being made
                    pass
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    kept = contents(store)
    assert 3 <= len(kept) < 12
    deadline = time.monotonic() + 20
    while _running(process.pid) and time.monotonic() < deadline:  # orphans end with their pipe
        time.sleep(0.05)
    assert not _running(process.pid)
    for file, many in ((store, resumed), (tmp_path / "whole.sqlite", workers)):
        subprocess.run([sys.executable, tmp_path / "fill.py", file, str(many)], check=True)
    whole = contents(tmp_path / "whole.sqlite")
    assert contents(store) == whole and len(whole) == 12 and all(row in whole for row in kept)


def _running(session: int) -> bool:
    """Whether any process of a session is left."""
    try:
        os.killpg(session, 0)
    except ProcessLookupError:
        return False
    return True
