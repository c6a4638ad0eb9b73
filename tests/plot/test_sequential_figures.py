"""Figures of sequential learning from results that are made up: what is drawn, and what their data say."""

from __future__ import annotations

import numpy as np
import pytest

from dammech.learn.config import config_of
from dammech.learn.experiment import PICTURE, run_experiment
from dammech.systems.sequential.figures import memories
from dammech.systems.sequential.figures import methods as sequential


@pytest.fixture
def results():
    config = config_of({"seeds": [1, 2], "vertices": [2, 20], "methods": {"vanilla": {}, "rehearsal": {}, "ewc": {}}})
    rng = np.random.default_rng(0)

    def compute(words, function, cells):
        if function == PICTURE:
            return [{"shape": [8, 8], "memory": rng.uniform(-1, 1, (12, 64)).tolist()} for _ in cells]
        return [
            {
                "matrix": rng.random((6, 5)).tolist(), "participation": [3.0] * 5, "likeness": [0.8] * 5,
                "metrics": dict.fromkeys(("accuracy", "learning", "backward", "forward", "forgetting"), float(rng.random())),
            }
            for _ in cells
        ]  # fmt: skip

    return run_experiment(config, compute)


def test_both_figures_are_written_with_data_and_provenance(results, tmp_path):
    files = memories.write_all(results, tmp_path)
    assert [path.name for path in files] == [f"{n}.{s}" for n in ("sequential", "memories") for s in ("pdf", "csv", "json")]
    assert all(path.stat().st_size > 500 for path in files)


def test_panels_and_rows(results):
    content = sequential.content(results)
    assert [axes.get_xlabel() for axes in content.sheet.axes[:3]] == ["vertex $n$"] * 3
    assert sum(r["panel"] == "method and vertex" for r in content.rows) == 3 * 2 * 5
    assert sum(r["panel"] == "accuracy matrix" for r in content.rows) == 3 * 2 * 2 * 6
    assert any("95%" in note for note in content.notes) and content.parameters["seeds"] == [1, 2]
    pictures = memories.content(results)
    assert sum(r["panel"] == "memory vector" for r in pictures.rows) == 2 * memories.SHOWN * 8
