"""What is printed: one strict JSON document, or the same document as text; progress on stderr on a terminal."""

from __future__ import annotations

import json
import logging
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

import dammech
from dammech.results.documents import SCHEMA, plain
from dammech.results.tables import WIDTH, said, text_table


def print_json(document: Mapping[str, Any]) -> None:
    """One JSON document on stdout: strict (no NaN or Infinity), with the schema and the version that wrote it."""
    envelope = {"schema": SCHEMA, "version": dammech.__version__, **plain(document)}
    click.echo(json.dumps(envelope, allow_nan=False, indent=1))


def show(document: Mapping[str, Any], as_json: bool) -> int:
    """A document as JSON or as text."""
    (print_json if as_json else print_text)(document)
    return 0


def saved(result: Any, out: Path | None, status: int) -> int:
    """The exit status, after a result was written to the file that was asked for, if any."""
    if out is not None:
        result.save(out)
        click.echo(f"written: {out}", err=True)
    return status


def print_text(document: Mapping[str, Any]) -> None:
    """A document as text: its scalars line by line, then its lists as tables.

    A column whose entries are all the same is said once, above its table.
    """
    document = plain(document)
    single = {key: item for key, item in document.items() if not _is_rows(item) and key not in ("schema", "version")}
    _print_lines(single)
    for key, rows in document.items():
        if _is_rows(rows):
            click.echo(f"\n{key}" if single else key)
            names = list(dict.fromkeys(name for row in rows for name in row))
            shared = {name: rows[0].get(name) for name in names if all(r.get(name) == rows[0].get(name) for r in rows)}
            _print_lines({name: item for name, item in shared.items() if single.get(name, ...) != item}, "  ")
            if len(shared) < len(names):
                print_table(rows, [name for name in names if name not in shared])


def print_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str] | None = None) -> None:
    """Rows under aligned headings; ``columns`` picks and orders them."""
    click.echo(text_table([plain(row) for row in rows], columns, "  "))


@contextmanager
def working(label: str) -> Iterator[Callable[..., None] | None]:
    """A spinner on stderr while something runs, and the function that changes its text; None where nobody looks."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status(label) as status:
        told = logging.Handler(logging.INFO)
        told.emit = lambda record: status.update(f"{label}: {record.getMessage()}")  # type: ignore[method-assign]
        logger = logging.getLogger("dammech")
        logger.addHandler(told)
        logger.setLevel(logging.INFO)
        try:
            yield lambda *words: status.update(" ".join([label, *map(str, words)]))
        finally:
            logger.removeHandler(told)


def _print_lines(items: Mapping[str, Any], indent: str = "") -> None:
    width = max(map(len, items), default=0)
    for key in items:
        click.echo(textwrap.fill(said(items, key), WIDTH, initial_indent=f"{indent}{key:<{width}}  ",
                                 subsequent_indent=" " * (len(indent) + width + 2)))  # fmt: skip


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)
