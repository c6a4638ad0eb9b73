"""The commands of sequential learning: run an experiment into a store, and print or draw what the store holds."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from dammech.cli.options import Count, Writable, takes_json
from dammech.cli.output import print_json, print_table, saved, show, working
from dammech.errors import InputError
from dammech.results.files import folder, write_whole
from dammech.results.tables import as_csv, text_table

_config = click.argument("config", metavar="CONFIG")
_store = click.option("--store", metavar="FILE", help="the store of results; NAME.sqlite in this folder where not given")
WHAT = ("metrics", "settings", "findings", "transition", "matrices")


@click.group()
def sequential() -> None:
    """Sequential-learning experiments: run, table, figure.

    CONFIG is a TOML file, or quick or full, which come with the package. Results go to a store that a later run resumes.
    """


@sequential.command()
@_config
@_store
@click.option("--workers", type=Count(most=1024), default=2, show_default=True, help="processes; results do not depend on it")
@takes_json
def run(config: str, store: str | None, workers: int, as_json: bool) -> int:
    """Compute what the store lacks. A run that was stopped, or killed, goes on where it was."""
    from dammech.learn.config import read_config
    from dammech.learn.experiment import run_experiment
    from dammech.learn.results import findings, settings, summary, table
    from dammech.sweep import Store
    from dammech.sweep import run as sweep

    described = read_config(config)
    stages: list[dict[str, Any]] = []
    with Store(_path(config, store)) as kept, working("starting") as progress:

        def compute(words: str, function: str, cells: Sequence[dict[str, Any]]) -> list[Any]:
            began = time.monotonic()
            missing = sum(result is None for result in kept.results(function, cells))
            found = sweep(kept, function, cells, workers, progress and (lambda *now: progress(f"{words}:", *now)))
            stages.append({"stage": words, "cells": len(cells), "computed": missing,
                           "seconds": round(time.monotonic() - began, 2),
                           "worker seconds": round(kept.seconds(function, cells), 2)})  # fmt: skip
            return found

        results = run_experiment(described, compute)
    if as_json:
        print_json({"config": described.title, "store": str(_path(config, store)), "workers": workers, "stages": stages,
                    "settings": settings(results), "results": summary(results), "findings": findings(results)})  # fmt: skip
    else:
        print_table(stages)
        click.echo()
        click.echo(table(results), nl=False)
    return 0


@sequential.command("table")
@_config
@_store
@click.option("--what", type=click.Choice(WHAT), default="metrics", show_default=True)
@click.option("--metric", default="accuracy", show_default=True, help="accuracy, backward, forward, forgetting or learning")
@click.option("--format", "form", type=click.Choice(["text", "csv", "latex"]), default="text", show_default=True)
@click.option("--out", type=Writable(".csv", ".nc", ".json", ".tex", ".txt"), metavar="FILE",
              help="write there instead of printing: FILE.csv, .nc or .json (data), .tex or .txt (as printed)")  # fmt: skip
@takes_json
def table_of(
    config: str, store: str | None, what: str, metric: str, form: str, out: Path | None, as_json: bool
) -> int:
    """Print a table of a finished run. Mean and 95% interval over seeds."""
    from dammech.learn import results as tables

    if what != "metrics" and form == "latex":
        raise InputError(f"--format latex: only --what metrics has it; {what} comes as text or csv")
    from dammech.results.result import SUFFIXES, Table

    found = _finished(config, store)
    rows = (tables.summary if what == "metrics" else getattr(tables, what))(found)
    if as_json:
        return show({"what": what, "rows": rows}, as_json)
    if out is not None and out.suffix in SUFFIXES:
        return saved(Table(what, rows), out, 0)
    if what == "metrics":
        text = tables.table(found, metric, form)
    else:
        text = as_csv(rows) if form == "csv" else text_table(rows) + "\n"
    if out is None:
        click.echo(text, nl=False)
    else:
        write_whole({out: text.encode()})
        click.echo(f"written: {out}", err=True)
    return 0


@sequential.command("figure")
@_config
@_store
@click.option("--out", required=True, metavar="FOLDER", help="an existing folder for the drawings, data and provenance")
@takes_json
def figure_of(config: str, store: str | None, out: str, as_json: bool) -> int:
    """Draw the figures of a finished run: methods, forgetting, memory vectors."""
    where = folder("--out", out)
    found = _finished(config, store)
    from dammech.systems.sequential.figures.memories import write_all

    with working("drawing"):
        files = [str(path) for path in write_all(found, where)]
    if as_json:
        print_json({"files": files})
    else:
        click.echo("\n".join(files))
    return 0


def _path(config: str, store: str | None) -> Path:
    return Path(store) if store is not None else Path(f"{Path(config).stem}.sqlite")


def _finished(config: str, store: str | None) -> Any:
    """The results in a store, none of which is computed here."""
    from dammech.learn.config import read_config
    from dammech.learn.experiment import run_experiment
    from dammech.sweep import Store

    described, path = read_config(config), _path(config, store)
    with Store(path, create=False) as kept:

        def compute(words: str, function: str, cells: Sequence[dict[str, Any]]) -> list[Any]:
            found = kept.results(function, cells)
            missing = sum(result is None for result in found)
            if missing:
                raise InputError(f"--store {path}: {missing} of {len(cells)} cells are missing ({words}); "
                                 f"dammech sequential run {config} computes them")  # fmt: skip
            return found

        return run_experiment(described, compute)
