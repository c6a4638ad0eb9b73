"""Borders of sweeps: workers, words of progress, what failed first, threads of the workers, messages of a store."""

from __future__ import annotations

import os
import signal
import sqlite3

import pytest

from dammech.errors import InputError
from dammech.sweep import Store, SweepFailed, run


@pytest.fixture
def module():
    import importlib

    return importlib.import_module("dammech.sweep.run")


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "a.sqlite") as opened:
        yield opened


class Hand:
    """Stands for a worker: answers in this process, as told by ``answers``."""

    answers: dict = {}
    started = 0

    def __init__(self, function):
        Hand.started += 1
        self.connection = self

    def __hash__(self):
        return id(self)

    def give(self, cell):
        self.cell = cell

    def answer(self):
        found = Hand.answers[self.cell["n"]]
        return found.pop(0) if isinstance(found, list) else found

    def end(self):
        Hand.started -= 1


@pytest.fixture
def hands(monkeypatch, module):
    monkeypatch.setattr(module, "_Worker", Hand)
    monkeypatch.setattr(module, "wait", lambda busy: busy)
    Hand.started, Hand.answers = 0, {}
    return Hand


@pytest.mark.parametrize("workers", [0, 1025, -1, True, 2.0, "2", None])
def test_workers_that_are_refused(store, workers):
    with pytest.raises(InputError, match="must be an integer of at least 1 and at most 1024"):
        run(store, "m:f", [], workers=workers)


def test_workers_that_are_accepted(store, monkeypatch, module, hands):
    assert run(store, "m:f", [], workers=1) == run(store, "m:f", [], workers=1024) == []
    asked = []
    monkeypatch.setattr(module, "_computed", lambda store, f, cells, workers, progress: asked.append(workers) or [])
    run(store, "m:f", [{"n": 1}])
    assert asked == [2]


def test_progress_and_results(store, hands):
    hands.answers = {n: ("done", 10 * n, 0.5) for n in range(3)}
    said = []
    cells = [{"n": n} for n in range(3)]
    assert run(store, "m:f", cells, 1, said.append) == [0, 10, 20] and hands.started == 0
    assert [words[: words.index(",")] for words in said] == ["1 of 3 cells", "2 of 3 cells", "3 of 3 cells"]
    assert said[-1].endswith("about 0.0 min left")
    assert store.seconds("m:f", cells[:2]) == 1.0 and store.seconds("m:f", []) == 0 and store.seconds("m:g", cells) == 0
    assert store.status() == {"m:f": {"cells": 3, "seconds": 1.5}}


def test_the_time_left_is_that_of_the_cells_left(store, hands, monkeypatch, module):
    clock = iter([100.0, 700.0, 1300.0, 1900.0])
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock))
    hands.answers = {n: ("done", n, 1.0) for n in range(3)}
    said = []
    run(store, "m:f", [{"n": n} for n in range(3)], 1, said.append)
    assert [words.split("about ")[1] for words in said] == ["20.0 min left", "10.0 min left", "0.0 min left"]


def test_what_failed_first_is_named(store, hands):
    hands.answers = {
        0: ("done", 1, 0.1),
        1: ("failed", "Traceback\n\nValueError: one\n", 0.0),
        2: ("failed", "KeyError: 2", 0.0),
    }
    with pytest.raises(SweepFailed, match=r"2 of 3 cells failed; the first, \{'n': 1\}: ValueError: one") as caught:
        run(store, "m:f", [{"n": n} for n in range(3)], 1)
    assert [cell["n"] for cell, _ in caught.value.errors] == [1, 2] and store.results("m:f", [{"n": 0}]) == [1]


def test_a_cell_has_two_chances(store, hands):
    died = ("died", None, 0.0)
    hands.answers = {0: [died, ("done", 5, 0.1)], 1: [died, died, ("done", 6, 0.1)]}
    with pytest.raises(SweepFailed, match=r"1 of 2 cells failed.*its process died"):
        run(store, "m:f", [{"n": 0}, {"n": 1}], 2)
    assert store.results("m:f", [{"n": 0}, {"n": 1}]) == [5, None] and hands.started == 0


def test_every_death_counts_once(store, hands, monkeypatch, module):
    monkeypatch.setattr(module, "_CHANCES", 4)
    died = ("died", None, 0.0)
    hands.answers = {0: [died, died, died, ("done", 5, 0.1)], 1: [died, died, died, died, ("done", 6, 0.1)]}
    with pytest.raises(SweepFailed, match=r"1 of 2 cells failed; the first, \{'n': 1\}"):
        run(store, "m:f", [{"n": 0}, {"n": 1}], 1)
    assert store.results("m:f", [{"n": 0}, {"n": 1}]) == [5, None]


@pytest.mark.parametrize("result", [float("nan"), [1.0, float("inf")], {"a": -float("inf")}])
def test_what_is_no_finite_number_is_not_kept(store, result):
    with pytest.raises(ValueError, match="not JSON compliant"):
        store.write("m:f", {"n": 0}, result, 0.1)
    assert store.results("m:f", [{"n": 0}]) == [None]


def test_a_refusal_ends_the_run_with_its_words(store, hands):
    hands.answers = {0: ("refused", "order=0: no", 0.0), 1: ("done", 1, 0.1)}
    with pytest.raises(InputError, match=r"^order=0: no$"):
        run(store, "m:f", [{"n": 0}, {"n": 1}], 1)
    assert hands.started == 0


def test_no_more_workers_than_cells(store, hands, monkeypatch, module):
    most = []
    monkeypatch.setattr(module, "wait", lambda busy: most.append(hands.started) or busy)
    hands.answers = {n: ("done", n, 0.1) for n in range(3)}
    run(store, "m:f", [{"n": n} for n in range(2)], 5)
    run(store, "m:f", [{"n": 2}], 5)
    assert most == [2, 1]


def test_threads_of_workers_and_what_is_restored(module, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    with module._single_threads():
        assert all(os.environ[name] == "1" for name in module._SINGLE)
    assert os.environ["OMP_NUM_THREADS"] == "7" and "MKL_NUM_THREADS" not in os.environ


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("database or disk is full", r"cannot be written \(database or disk is full\); what was finished is kept"),
        ("disk I/O error", r"cannot be written \(disk I/O error\)"),
        ("file is not a database", "is not a store that can be opened"),
    ],
)
def test_what_the_database_says(store, error, words):
    with pytest.raises(InputError, match=words), store._asked():
        raise sqlite3.OperationalError(error)


def test_files_that_are_stores(tmp_path):
    with pytest.raises(InputError, match="the file does not exist"):
        Store(tmp_path / "no", create=False)
    for wrong in (tmp_path, tmp_path / "no" / "a"):
        with pytest.raises(InputError, match="must name a file in an existing folder"):
            Store(wrong)
    with Store(tmp_path / "a") as made:
        made.write("m:f", {"n": 1}, [1.5], 0.25)
        made.write("m:f", {"n": 1}, [9.0], 9.0)  # what is there stays
    with Store(tmp_path / "a", create=False) as again:
        assert again.results("m:f", [{"n": 1}, {"n": 2}]) == [[1.5], None]
        assert list(again.rows()) == [{"function": "m:f", "parameters": {"n": 1}, "result": [1.5]}]
        again._connection.execute("update about set value = '0' where name = 'schema'")
    with pytest.raises(InputError, match="has schema 0, and this version reads"):
        Store(tmp_path / "a", create=False)
    with sqlite3.connect(tmp_path / "b") as bare:
        bare.execute("create table about (name text primary key, value text not null)")
    bare.close()
    with pytest.raises(InputError, match="has schema none"):
        Store(tmp_path / "b", create=False)


def test_what_an_interrupted_run_says_and_keeps(store, hands):
    """Ctrl-C after one of three cells, in a store that holds those of another function."""
    from dammech.errors import Interrupted

    for n in range(4):
        store.write("m:other", {"n": n}, n, 0.1)
    hands.answers = {0: ("done", 7, 0.1), 1: ("done", 8, 0.1)}

    def stop(words):
        raise KeyboardInterrupt

    with pytest.raises(Interrupted, match="interrupted; 5 finished cells are in") as caught:
        run(store, "m:f", [{"n": n} for n in range(2)], 1, stop)
    assert caught.value.result == [7, None]
    assert store.results("m:f", [{"n": 0}, {"n": 1}]) == [7, None] and hands.started == 0


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="no masks of signals here")
def test_what_starts_a_worker_holds_back_ctrl_c_and_no_longer(module):
    def blocked():
        return signal.pthread_sigmask(signal.SIG_BLOCK, [])

    before = blocked()
    with module._deaf():
        assert blocked() == before | {signal.SIGINT}
    assert blocked() == before
    with pytest.raises(KeyError), module._deaf():
        raise KeyError
    assert blocked() == before


def test_where_signals_have_no_masks_workers_start_all_the_same(module, monkeypatch):
    monkeypatch.delattr(signal, "pthread_sigmask", raising=False)
    with module._deaf():
        started = True
    assert started
