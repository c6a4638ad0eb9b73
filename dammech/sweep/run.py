"""Fill a store: cells go to local processes one by one, and results to the store as they come."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from typing import Any

from dammech.errors import InputError, Interrupted, NotConverged, ShortChain, shown
from dammech.sweep.store import Store, identity

#: one thread a process: sums of a matrix product, and so its last digits, depend on the number of threads
_SINGLE = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
#: a cell whose process dies is given so many chances
_CHANCES = 2
MOST_WORKERS = 1024


class SweepFailed(NotConverged):
    """Some cells could not be computed; the others are in the store. ``errors`` has what went wrong, cell by cell."""

    def __init__(self, message: str, errors: list[tuple[Mapping[str, Any], str]]) -> None:
        super().__init__(message)
        self.errors = errors


def run(
    store: Store,
    function: str,
    cells: Sequence[Mapping[str, Any]],
    workers: int = 2,
    progress: Callable[..., None] | None = None,
) -> list[Any]:
    """Results of all cells, of which those that the store lacks are computed and kept.

    Parameters
    ----------
    store : Store
    function : str
        ``package.module:name`` of a function that takes a cell's parameters and returns JSON values.
    cells : sequence of dict
        JSON values; the same cell may stand there twice.
    workers : int
        Processes. The results do not depend on their number.
    progress : callable, optional
        Called with words after every cell.

    Returns
    -------
    list
        One result a cell, in the order of the cells.

    Raises
    ------
    InputError
        From a cell, as soon as one raises it.
    SweepFailed
        After all other cells are done, where some raised anything else or killed their process.
    Interrupted
        After Ctrl-C, with the results of the cells, None for those that are not finished.
    """
    if isinstance(workers, bool) or not isinstance(workers, int) or not 1 <= workers <= MOST_WORKERS:
        raise InputError(f"workers={shown(workers)}: must be an integer of at least 1 and at most {MOST_WORKERS}")
    results = store.results(function, cells)
    missing = {identity(function, cell): cell for cell, result in zip(cells, results) if result is None}
    if missing:
        try:
            with store.filling():
                errors = _computed(store, function, list(missing.values()), workers, progress)
        except KeyboardInterrupt:
            done = sum(int(row["cells"]) for row in store.status().values())
            kept = f"{done} finished cells are in {shown(str(store.path))}"
            raise Interrupted(
                f"interrupted; {kept}, and the same command goes on from there", store.results(function, cells)
            ) from None
        if errors:
            cell, why = errors[0]
            last = why.strip().splitlines()[-1]
            raise SweepFailed(f"{len(errors)} of {len(missing)} cells failed; the first, {shown(dict(cell))}: {last}", errors)
        results = store.results(function, cells)
    return results


def _computed(
    store: Store, function: str, cells: list[Mapping[str, Any]], workers: int, progress: Callable[..., None] | None
) -> list[tuple[Mapping[str, Any], str]]:
    """Compute the cells into the store; which of them failed, and why."""
    pending = [(cell, 0) for cell in reversed(cells)]
    busy: dict[Connection, tuple[_Worker, Mapping[str, Any], int]] = {}
    errors: list[tuple[Mapping[str, Any], str]] = []
    done, began = 0, time.monotonic()
    team = [_Worker(function) for _ in range(min(workers, len(cells)))]
    idle = list(team)
    try:
        while pending or busy:
            while pending and idle:
                worker = idle.pop()
                cell, chances = pending.pop()
                busy[worker.connection] = (worker, cell, chances)
                worker.give(cell)
            ready = wait(list(busy))
            for connection in [one for one in busy if one in ready]:
                worker, cell, chances = busy.pop(connection)
                kind, answer, seconds = worker.answer()
                if kind == "died":
                    team.remove(worker)
                    worker.end()
                    worker = _Worker(function)
                    team.append(worker)
                    if chances + 1 < _CHANCES:
                        pending.append((cell, chances + 1))
                    else:
                        errors.append((cell, "its process died"))
                elif kind == "refused":
                    raise InputError(answer)
                elif kind == "failed":
                    errors.append((cell, answer))
                else:
                    store.write(function, cell, answer, seconds)
                done += kind != "died"
                idle.append(worker)
                if progress is not None:
                    left = (time.monotonic() - began) / max(done, 1) * (len(cells) - done)
                    progress(f"{done} of {len(cells)} cells, about {left / 60:.1f} min left")
    finally:
        for worker in team:
            worker.end()
    return errors


class _Worker:
    """A process that computes cells for as long as its pipe is open."""

    def __init__(self, function: str) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, function), daemon=True)
        with _single_threads(), _deaf():
            self.process.start()
        theirs.close()

    def give(self, cell: Mapping[str, Any]) -> None:
        try:
            self.connection.send(cell)
        except (BrokenPipeError, ConnectionError):  # noticed when the answer is asked for
            pass

    def answer(self) -> tuple[str, Any, float]:
        try:
            return self.connection.recv()
        except (EOFError, ConnectionError):
            return "died", None, 0.0

    def end(self) -> None:
        self.connection.close()
        self.process.terminate()
        self.process.join()


def _work(connection: Connection, function: str) -> None:
    """What a worker does; it ends with its pipe, and so with the process that started it, even a killed one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    module, _, name = function.partition(":")
    while True:
        try:
            cell = connection.recv()
        except (EOFError, ConnectionError):
            return
        began = time.monotonic()
        try:
            answer = ("done", getattr(importlib.import_module(module), name)(cell), time.monotonic() - began)
        except InputError as error:
            answer = ("refused", str(error), 0.0)
        except (NotConverged, ShortChain) as error:
            answer = ("failed", str(error), 0.0)
        except Exception:
            answer = ("failed", traceback.format_exc(), 0.0)
        try:
            connection.send(answer)
        except (BrokenPipeError, ConnectionError):
            return


@contextmanager
def _deaf() -> Iterator[None]:
    """What is started in here does not hear Ctrl-C, not even before its first line: whoever started it ends it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _single_threads() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in _SINGLE}
    os.environ.update(dict.fromkeys(_SINGLE, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
