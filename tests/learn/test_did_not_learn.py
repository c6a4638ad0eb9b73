"""Learning at the level of guessing is said wherever a number of it is printed."""

from __future__ import annotations

import numpy as np
import pytest

from dammech.learn.config import config_of
from dammech.learn.experiment import Results, run_experiment, sequence_cell
from dammech.learn.results import DID_NOT_LEARN, findings, learned, settings, summary, table
from dammech.results.tables import as_csv

CONFIG = {"seeds": [1, 2, 3], "vertices": [2, 30], "methods": {"vanilla": {}, "rehearsal": {}, "ewc": {}}}


def results_of(learning, chance=0.1, items=100):
    """``learning`` gives the accuracy on tasks just trained by method and vertex; the accuracy at the end is half of it."""

    def compute(words, function, cells):
        found = []
        for cell in cells:
            value = learning(cell["method"], cell["network"]["vertex"]) + 0.001 * cell["seed"]
            metrics = {"accuracy": value / 2, "backward": 0.0, "forward": 0.0, "forgetting": value / 2, "learning": value}
            found.append({"metrics": metrics, "matrix": [[chance] * 2, [value] * 2, [value] * 2], "chance": [chance] * 2,
                          "items": [items] * 2, "participation": [1.0, 1.0], "likeness": [1.0, 1.0]})  # fmt: skip
        return found

    return run_experiment(config_of({**CONFIG, "data": {"kind": "prototypes"}, "tasks": {"kind": "prototypes"}}), compute)


def only_low(name, vertex):
    return 0.9 if vertex == 2 else 0.098


def test_tables_say_that_nothing_was_learned():
    results = results_of(only_low)
    assert learned(results, "ewc", 2) and not learned(results, "ewc", 30)
    for metric in ("accuracy", "forgetting", "learning"):
        text, latex = table(results, metric), table(results, metric, "latex")
        for shown in (text, latex):
            lines = [line for line in shown.splitlines() if line.startswith(("vanilla", "rehearsal", "ewc"))]
            assert len(lines) == 3 and all(line.count(DID_NOT_LEARN) == 1 for line in lines)
            assert all(line.rstrip(" \\").endswith(DID_NOT_LEARN) for line in lines)
    assert DID_NOT_LEARN not in table(results_of(lambda name, vertex: 0.9))
    assert all(row["learned"] == (row["vertex"] == 2) for row in [*summary(results), *settings(results)])
    assert "learned" in as_csv(summary(results)).splitlines()[0]
    assert "False" in as_csv(summary(results)) and "False" in table(results, form="csv")


def test_findings_do_not_judge_what_was_not_learned():
    verdicts = {(row["finding"], row["vertex"]): row["verdict"] for row in findings(results_of(only_low))}
    assert verdicts["ewc keeps more than plain training", 30] == DID_NOT_LEARN
    assert verdicts["rehearsal keeps more than ewc", 30] == DID_NOT_LEARN
    assert verdicts["rehearsal keeps more at n = 30 than at n = 2", 30] == DID_NOT_LEARN
    assert verdicts["ewc keeps more than plain training", 2] == "open"
    one = findings(results_of(lambda name, vertex: 0.1 if name == "ewc" else 0.9))
    said = {(row["method"], row["finding"], row["verdict"]) for row in one if "ewc" in row["finding"]}
    assert {verdict for _, _, verdict in said} == {DID_NOT_LEARN}


@pytest.mark.parametrize(("items", "above"), [(100, 0.0367), (10_000, 0.00367)])
def test_the_border_is_three_deviations_of_guessing(items, above):
    """Chance 0.1, two tasks and three seeds: 3 √(0.09/(6 items))."""
    for factor, expected in ((0.98, False), (1.02, True)):
        results = results_of(lambda name, vertex, f=factor: 0.1 - 0.002 + f * above, items=items)  # seeds add 0.002
        assert learned(results, "vanilla", 2) == expected


def test_runs_that_did_not_note_their_chance():
    results = results_of(only_low)
    for run in results.runs:
        del run["chance"], run["items"]
    assert isinstance(results, Results) and not learned(results, "ewc", 30)


def test_a_rate_too_small_to_learn_is_seen_in_a_real_run():
    cell = {
        "data": {"kind": "prototypes", "pixels": 30, "classes": 3, "items": 60}, "tasks": {"kind": "prototypes", "count": 2},
        "split": "evaluation", "network": {"memories": 8, "vertex": 3}, "training": {"epochs": 1, "rate": 1e-9},
        "method": "vanilla", "parameters": {}, "seed": 1,
    }  # fmt: skip
    found = sequence_cell(cell)
    assert all(1 / 3 <= chance < 0.6 for chance in found["chance"]) and len(found["items"]) == 2
    np.testing.assert_allclose(found["matrix"][0], found["matrix"][2])  # nothing moved
    moved = sequence_cell({**cell, "training": {"epochs": 20, "rate": 0.1}})
    assert moved["metrics"]["learning"] > max(moved["chance"]) and moved["chance"] == found["chance"]
