"""The store: one SQLite file, one transaction a finished cell. What is in it was finished; nothing else is kept."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from dammech.errors import InputError, shown
from dammech.errors import path as checked_path

SCHEMA = "2"
#: how many cells are looked up at a time
_AT_ONCE = 500
_TABLES = """
create table if not exists about (name text primary key, value text not null);
create table if not exists cells (
  key text primary key, function text not null, parameters text not null, result text not null, seconds real not null,
  seal text not null
);
"""


def identity(function: str, parameters: Mapping[str, Any]) -> str:
    """The hash that a cell is known by: of its function's name and its parameters, whatever the order of their names."""
    return hashlib.sha256(_canonical({"function": function, "parameters": parameters}).encode()).hexdigest()


class Store:
    """Results of cells in one file.

    Every result is written in a transaction of its own and flushed to the disk, so that a process killed at any moment loses at
    most the cells it had not finished.

    Parameters
    ----------
    path : path
        The file; made where it does not exist, unless ``create`` is false.

    Raises
    ------
    InputError
        Where the file is not a store, or of another version, or does not exist and shall not be made.
    """

    def __init__(self, path: str | os.PathLike[str], create: bool = True) -> None:
        self.path = checked_path("store", path)
        if not create and not self.path.is_file():
            raise InputError(f"store={shown(str(path))}: the file does not exist")
        if self.path.is_dir() or not self.path.absolute().parent.is_dir():
            raise InputError(f"store={shown(str(path))}: must name a file in an existing folder")
        with self._asked():
            self._connection = sqlite3.connect(self.path, timeout=60, isolation_level=None)
        try:
            with self._asked():
                self._connection.execute("pragma synchronous = full")
                if create:
                    self._connection.executescript(_TABLES)
                    self._connection.execute("insert or ignore into about values ('schema', ?)", (SCHEMA,))
                schema = self._connection.execute("select value from about where name = 'schema'").fetchone()
            if schema != (SCHEMA,):
                found = schema[0] if schema else "none"
                raise InputError(f"store={shown(str(path))}: has schema {found}, and this version reads {SCHEMA}")
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def results(self, function: str, cells: Sequence[Mapping[str, Any]]) -> list[Any]:
        """The result of each cell, in their order; None for what is not there."""
        keys = [identity(function, cell) for cell in cells]
        found: dict[str, Any] = {}
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            marks = ", ".join("?" * len(some))
            rows = self._rows(f"select key, result, seal from cells where key in ({marks})", some)
            found.update((key, self._read(key, result, seal)) for key, result, seal in rows)
        return [found.get(key) for key in keys]

    def write(self, function: str, cell: Mapping[str, Any], result: Any, seconds: float) -> None:
        """Keep a finished cell; what is there already stays."""
        key, text = identity(function, cell), json.dumps(result, allow_nan=False)
        row = (key, function, _canonical(cell), text, seconds, _seal(key, text))
        self._rows("insert or ignore into cells values (?, ?, ?, ?, ?, ?)", row)

    def status(self) -> dict[str, dict[str, float]]:
        """For each function, how many cells are finished and the seconds they took."""
        rows = self._rows("select function, count(*), sum(seconds) from cells group by function order by function")
        return {function: {"cells": count, "seconds": seconds} for function, count, seconds in rows}

    def seconds(self, function: str, cells: Sequence[Mapping[str, Any]]) -> float:
        """Seconds that the finished ones among these cells took, all together."""
        wanted = {identity(function, cell) for cell in cells}
        rows = self._rows("select key, seconds from cells where function = ?", (function,))
        return sum(seconds for key, seconds in rows if key in wanted)

    def rows(self) -> Iterator[dict[str, Any]]:
        """All cells with parameters and result, in the order of their identities."""
        for key, function, parameters, result, seal in self._rows(
            "select key, function, parameters, result, seal from cells order by key"
        ):
            yield {"function": function, "parameters": json.loads(parameters), "result": self._read(key, result, seal)}

    @contextmanager
    def filling(self) -> Iterator[None]:
        """Only one process at a time fills a store; the lock goes with the process, however it ends."""
        try:
            import fcntl
        except ImportError:  # no such locks on this system: two runs would only repeat each other's work
            yield
            return
        lock = self.path.with_name(self.path.name + ".lock")
        with open(lock, "w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                name = shown(str(self.path))
                raise InputError(f"store={name}: another run is filling it; wait for it or use another store") from None
            yield


    @contextmanager
    def _asked(self) -> Iterator[None]:
        """What the database refuses, in one sentence."""
        try:
            yield
        except sqlite3.Error as error:
            name = shown(str(self.path))
            if "full" in str(error) or "I/O" in str(error):
                raise InputError(f"store={name}: cannot be written ({error}); what was finished is kept") from None
            raise InputError(f"store={name}: is not a store that can be opened ({error})") from None

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._asked():
            return self._connection.execute(query, values).fetchall()

    def _read(self, key: str, result: Any, seal: Any) -> Any:
        """A result, if it is what was written."""
        if seal != _seal(key, str(result)):
            raise InputError(
                f"store={shown(str(self.path))}: the result of cell {shown(str(key), 12)} is not what was written there; "
                "another store is needed"
            )
        return json.loads(result)


def _seal(key: str, result: str) -> str:
    return hashlib.sha256(f"{key}|{result}".encode()).hexdigest()


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
