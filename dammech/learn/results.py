"""Results as rows and tables: means over seeds with their intervals, as text, CSV and LaTeX, and what the findings say."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dammech.errors import InputError
from dammech.learn.experiment import Results
from dammech.learn.inputs import checked_name
from dammech.learn.metrics import METRICS, interval
from dammech.results.tables import as_csv

Row = dict[str, Any]

REHEARSING = ("rehearsal", "pseudorehearsal")
PROJECTING = ("gem", "agem")
REGULARISING = ("l2", "ewc", "mas", "si")

DID_NOT_LEARN = "did not learn"
_GUESSES = 3.0  # standard deviations of guessing, above which an accuracy was learned


def summary(results: Results) -> list[Row]:
    """One row a method, vertex and metric: mean over seeds, standard error, half-width of the 95% interval, and whether
    anything was learned at all."""
    rows = []
    for row in results.chosen:
        runs = _runs(results, row["method"], row["vertex"])
        known = {"learned": learned(results, row["method"], row["vertex"])}
        for metric in METRICS:
            values = [run["metrics"][metric] for run in runs]
            if None not in values:
                rows.append({"method": row["method"], "vertex": row["vertex"], "metric": metric, **interval(values), **known})
    return rows


def learned(results: Results, method: str, vertex: float) -> bool:
    """Whether the accuracy on tasks just trained, over all seeds, is above that of guessing by three standard deviations."""
    runs = _runs(results, method, vertex)
    untrained = [run.get("chance") or run["matrix"][0] for run in runs]  # older runs did not note the chance
    chance = float(np.mean(untrained))
    items = sum(sum(run.get("items", [1])) for run in runs)
    reached = float(np.mean([run["metrics"]["learning"] for run in runs]))
    return reached > chance + _GUESSES * math.sqrt(chance * (1 - chance) / items)


def settings(results: Results) -> list[Row]:
    """One row a method and vertex: temperature, what the search chose among how many settings, and the score it had there."""
    return [
        {
            "method": row["method"], "vertex": row["vertex"],
            "temperature": results.base[row["vertex"]].get("temperature", results.config.network.get("temperature")),
            **{"rate": results.base[row["vertex"]].get("rate", results.config.training.get("rate")), **row["setting"]},
            "searched": row["searched"], "tried": row["tried"], "at_end": ", ".join(row["at_end"]) or None,
            "learned": learned(results, row["method"], row["vertex"]),
        }
        for row in results.chosen
    ]  # fmt: skip


def matrices(results: Results) -> list[Row]:
    """One row an entry of the accuracy matrix: accuracy on task ``tested`` after task ``trained`` (0: before any)."""
    return [
        {"method": run["method"], "vertex": run["vertex"], "seed": run["seed"], "trained": t, "tested": k + 1, "accuracy": value}
        for run in results.runs
        for t, line in enumerate(run["matrix"])
        for k, value in enumerate(line)
    ]


def transition(results: Results) -> list[Row]:
    """From features to prototypes: by vertex, how many memory vectors decide an item, and how alike they are to items.

    Of the first task under the first method of the experiment (all methods train it alike, but for their settings).
    """
    first = next(iter(results.config.methods))
    rows = []
    for vertex in results.config.vertices:
        runs = _runs(results, first, vertex)
        row: Row = {"vertex": vertex}
        for name in ("participation", "likeness"):
            found = interval([run[name][0] for run in runs])
            row |= {name: found["mean"], f"{name}_half_width": found["half_width"]}
        rows.append(row)
    return rows


def findings(results: Results) -> list[Row]:
    """What is said of the methods, seed by seed against plain training: difference, 95% interval, verdict.

    ``confirmed`` and ``refuted`` where the whole interval of the paired difference in average accuracy lies on one side of
    zero, ``open`` where it does not; ``did not learn`` where one of the two had nothing to keep.
    """
    have = set(results.config.methods)
    rows: list[Row] = []
    if "vanilla" not in have:
        return rows
    for name in (*REHEARSING, *PROJECTING, *REGULARISING):
        if name in have:
            for vertex in results.config.vertices:
                gain = _difference(results, name, vertex, "vanilla", vertex)
                both = [(name, vertex), ("vanilla", vertex)]
                rows.append(_finding(results, f"{name} keeps more than plain training", both, gain))
    low, high = min(results.config.vertices), max(results.config.vertices)
    if "rehearsal" in have and low < high:
        gain = _difference(results, "rehearsal", high, "rehearsal", low)
        both = [("rehearsal", high), ("rehearsal", low)]
        rows.append(_finding(results, f"rehearsal keeps more at n = {high} than at n = {low}", both, gain))
        for name in (*PROJECTING, *REGULARISING):
            if name in have:
                for vertex in results.config.vertices:
                    gain = _difference(results, "rehearsal", vertex, name, vertex)
                    both = [("rehearsal", vertex), (name, vertex)]
                    rows.append(_finding(results, f"rehearsal keeps more than {name}", both, gain))
    return rows


def table(results: Results, metric: str = "accuracy", form: str = "text") -> str:
    """Method × vertex: mean ± half-width of the 95% interval of a metric, and ``did not learn`` beside it where that is so.

    Parameters
    ----------
    results : Results
    metric : str
        One of `dammech.learn.metrics.METRICS`.
    form : str
        ``text``, ``csv`` (one row a method and vertex, all metrics) or ``latex`` (booktabs).
    """
    checked_name("metric", metric, METRICS)
    if form == "csv":
        return as_csv(summary(results))
    found = {(r["method"], r["vertex"]): r for r in summary(results) if r["metric"] == metric}
    if not found:
        raise InputError(f"metric={metric!r}: needs two tasks at least")
    vertices = results.config.vertices
    lines = [["method", *(f"n = {n:g}" for n in vertices)]]
    for name in results.config.methods:
        lines.append([name, *(_value(found[name, n], form) for n in vertices)])
    if form == "latex":
        head = " & ".join(["method", *(f"$n = {n:g}$" for n in vertices)])
        rows = [" & ".join(line) + r" \\" for line in lines[1:]]
        seeds = len(results.config.seeds)
        return "\n".join([
            rf"\begin{{tabular}}{{l{'r' * len(vertices)}}}", r"\toprule", rf"{head} \\", r"\midrule", *rows, r"\bottomrule",
            r"\end{tabular}", f"% {metric}: {METRICS[metric]}; mean and 95% interval over {seeds} seeds", "",
        ])  # fmt: skip
    checked_name("form", form, ("text", "csv", "latex"))
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "\n".join("  ".join(f"{cell:<{w}}" for cell, w in zip(line, widths)).rstrip() for line in lines) + "\n"


def _runs(results: Results, method: str, vertex: float) -> list[Row]:
    return [run for run in results.runs if run["method"] == method and run["vertex"] == vertex]


def _difference(results: Results, one: str, at: float, other: str, there: float) -> Row:
    scores = [
        {run["seed"]: run["metrics"]["accuracy"] for run in _runs(results, *which)} for which in ((one, at), (other, there))
    ]
    return interval([scores[0][seed] - scores[1][seed] for seed in results.config.seeds])


def _finding(results: Results, words: str, both: list[tuple[str, float]], gain: Row) -> Row:
    half, (method, vertex) = gain["half_width"], both[0]
    if not all(learned(results, *one) for one in both):
        verdict = DID_NOT_LEARN
    elif half is None:
        verdict = "open"
    elif gain["mean"] - half > 0:
        verdict = "confirmed"
    else:
        verdict = "refuted" if gain["mean"] + half < 0 else "open"
    return {"finding": words, "method": method, "vertex": vertex, "difference": gain["mean"], "half_width": half,
            "verdict": verdict}  # fmt: skip


def _value(row: Row, form: str) -> str:
    half = row["half_width"]
    sign, least = (r"$\pm$", r"$-$") if form == "latex" else ("±", "-")
    number = f"{row['mean']:.3f}".replace("-", least)
    number = number if half is None else f"{number}{sign}{half:.3f}"
    return number if row["learned"] else f"{number} {DID_NOT_LEARN}"
