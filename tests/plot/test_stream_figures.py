"""Figures of streams on tiny grids: what their data say, and that they are drawn."""

from __future__ import annotations

import numpy as np
import pytest

from dammech.plot.figures import write
from dammech.systems.palimpsest.figures import curves, staircase, tasks, windows


def quiet(*_):
    return None


def test_curves_end_where_their_window_does(tmp_path):
    small = {"a": {24: 3}, "b": {40: 3}, "greedy": {24: 3}, "loads": {24: 3}, "ages": 3, "points": 8}
    content = curves.made("quick", quiet, small)
    theory = [r for r in content.rows if r["source"] == "theory"]
    best = [r for r in theory if r["panel"] == "a" and r["series"] == "rate 16.168"]
    assert best[0]["age"] == 0 and best[-1]["age"] == pytest.approx(0.02837, abs=2e-5) and all(r["valid"] for r in best)
    assert np.all(np.diff([r["m"] for r in best]) < 0)
    assert [r["m"] for r in theory if r["panel"] == "a" and r["series"] == "rate 4"] == [None]  # blackout
    rs, broken = ([r for r in theory if r["series"] == name][-1] for name in ("rs", "1rsb"))
    assert rs["age"] == pytest.approx(0.030925, abs=1e-5) and not rs["valid"] and broken["age"] > rs["age"]
    lost = [r for r in theory if r["panel"] == "d" and r["series"] == "rate 4"]
    assert (
        lost[-1]["load"]
        < 0.16
        < 0.39
        < [r for r in theory if r["panel"] == "d" and r["series"] == "rate 8"][-1]["load"]
    )
    simulated = [r for r in content.rows if r["source"] == "simulation"]
    assert len(simulated) == 3 * (3 + 3) + 2 * 3 + 3 * 3 and all(0 <= r["retrieved"] <= 1 for r in simulated)
    write("forgetting-curves", content, tmp_path, "quick", 0.0)


def test_windows_of_every_kernel(tmp_path, monkeypatch):
    monkeypatch.setattr(windows, "CASES", {
        "a": {**windows.CASES["a"], "temperatures": (0.0,), "rates": (14.0,)},
        "b": {**windows.CASES["b"], "temperatures": (0.0, 0.2), "rates": (16.0,)},
    })  # fmt: skip
    content = windows.made("quick", quiet, {"a": {40: 4}, "b": {24: 4}, "ages": 4, "points": 12})
    special = {(r["panel"], r["temperature"], r["series"]): r for r in content.rows}
    assert special["a", 0.0, "blackout"]["rate"] == pytest.approx(3.0376331, abs=1e-6)
    assert special["b", 0.0, "optimal-rate"]["window"] == pytest.approx(0.030925, abs=1e-6)
    kernels = {r["series"] for r in content.rows if r["panel"] == "c"}
    assert len(kernels) == len(windows.KERNELS)
    widest = max(r["window"] for r in content.rows if r["series"] == r"$\exp(-u)$")
    assert widest == pytest.approx(1 / np.e, rel=0.05) and widest <= 1 / np.e
    write("forgetting-windows", content, tmp_path, "quick", 0.0)


def test_staircase_of_rehearsal(tmp_path, monkeypatch):
    monkeypatch.setattr(staircase, "LOADS", {1.0: (0.02, 0.06), 3.0: (0.03,)})
    content = staircase.made("quick", quiet, {"sizes": {24: 4}, "probes": 4, "points": 40})
    steps = [r["fraction"] for r in content.rows if r["series"] == "R = 1" and r["source"] == "theory"]
    assert steps[0] == 1 and sorted(steps, reverse=True) == steps and set(steps) <= {2.0**-k for k in range(6)}
    assert {r["fraction"] for r in content.rows if r["series"] == "R = 0"} == {0.0, 1.0}
    found = [r for r in content.rows if r["source"] == "simulation" and r["panel"] == "a"]
    assert len(found) == 3 and all(0 < r["fraction"] < 1 for r in found)
    write("rehearsal-staircase", content, tmp_path, "quick", 0.0)


def test_accuracies_of_tasks(tmp_path):
    content = tasks.made("quick", quiet, {"tasks": 3, "sizes": {250: (4, 3), 500: (3, 3), 750: (3, 9)}})
    theory = {(r["panel"], r["series"], r["stored"]): r["value"] for r in content.rows if r["source"] == "theory"}
    assert len(theory) == 6 + 2 * 3 + 2 * 2 and theory["b", "RS", 3] == 1 and theory["c", "RS", 3] == 0
    found = [r for r in content.rows if r["source"] == "simulation"]
    assert len(found) == 3 * (6 + 3 + 2) and all(0 <= r["value"] <= 1 for r in found if r["panel"] != "c")
    mine = [r for r in found if r["size"] == 250 and r["stored"] == 3]
    of_tasks = [r["value"] for r in mine if r["panel"] == "a"]
    assert [r["value"] for r in mine if r["panel"] == "b"] == [pytest.approx(np.mean(of_tasks))]
    write("task-matrix", content, tmp_path, "quick", 0.0)
