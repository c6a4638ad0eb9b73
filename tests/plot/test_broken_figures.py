"""Figures of broken symmetry on tiny grids: what their data say, and that they are drawn."""

from __future__ import annotations

import numpy as np
import pytest

from dammech.plot.figures import write
from dammech.systems.hebbian.figures import broken_capacity as capacity
from dammech.systems.hebbian.figures import decision, spinodals
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.pspin.figures import complexity, overlaps


def quiet(*_):
    return None


def texts(sheet):
    found = [t.get_text() for axes in sheet.axes for t in axes.texts]
    found += [t.get_text() for legend in sheet.legends for t in legend.get_texts()]
    return found + [t.get_text() for axes in sheet.axes if axes.get_legend() for t in axes.get_legend().get_texts()]


def test_spinodals_at_zero_temperature(tmp_path):
    rows = spinodals.spinodals(HebbianDAM(order=3), 12, {"1rsb": 1}, quiet)
    (cold,) = [r for r in rows if r["series"] == "1rsb retrieval-spinodal"]
    assert cold["load"] == pytest.approx(0.922423574, abs=1e-8) and cold["ansatz"] == "1rsb" and cold["valid"] is False
    symmetric = [r for r in rows if r["series"] == "rs retrieval-spinodal"]
    assert symmetric[0]["load"] == pytest.approx(0.756571292312, abs=1e-9)
    sheet = spinodals._drawn(rows, (3,))
    assert any("1RSB" in text for text in texts(sheet)) and any("AT" in text for text in texts(sheet))
    assert "Theriault" in sheet.axes[0].get_xlabel() and "Theriault" in sheet.axes[0].get_ylabel()
    sheet.savefig(tmp_path / "x.pdf")


def test_capacities_lie_between_rs_and_the_nishimori_load(monkeypatch, tmp_path):
    monkeypatch.setattr(capacity, "ANSATZE", ("1rsb",))
    rows = capacity.capacities(3, quiet)
    loads = {r["series"]: r["load"] for r in rows}
    assert loads["rs"] < loads["1rsb"] < loads[capacity.BOUND] == pytest.approx(0.9291517778, abs=1e-9)
    assert [r["valid"] for r in rows] == [True, False, False]
    capacity._drawn(rows).savefig(tmp_path / "x.pdf")


def test_complexity_from_end_to_end(tmp_path):
    content = complexity.made("quick", quiet, {"temperatures": (0.0, 0.5), "points": 8, "scan": 3})
    special = [r for r in content.rows if r["panel"] == "special states" and r["series"] == "threshold"]
    assert np.all(np.diff([r["complexity"] for r in special]) < 0)  # fewer as it gets warmer
    (gardner,) = [r for r in content.rows if r["series"] == "gardner"]
    marginal = [r for r in content.rows if r["panel"] == "special states" and r["series"] == "marginal"]
    assert marginal[0]["temperature"] == pytest.approx(gardner["temperature"], rel=1e-3)
    assert marginal[0]["complexity"] == pytest.approx(0, abs=1e-4)
    assert any("unstable" in text for text in texts(content.sheet))
    write("complexity", content, tmp_path, "quick", 0.0)


def test_overlap_distributions_are_normalised_and_compared(tmp_path):
    cases = {3: (0.6, 1.3, ((12, 8, 64),)), 2: (0.6, 1.5, ((12, 8, 64), (13, 8, 64)))}
    content = overlaps.made("quick", quiet, {"cases": cases, "ladder": 4})
    for panel, size in (("p = 3", 12), ("p = 2", 12), ("p = 2", 13)):
        mine = [r for r in content.rows if r["panel"] == panel and r.get("size") == size]
        width = np.full(len(mine), 2 / size)
        width[0] /= 2 if (panel, size) == ("p = 2", 12) else 1
        assert mine[-1]["cumulative"] == pytest.approx(1)
        assert np.sum(width * [r["density"] for r in mine]) == pytest.approx(1)
        assert mine[0]["q"] == (-1 if panel == "p = 3" else 0 if size == 12 else pytest.approx(1 / 13))
    outer, inner = [r for r in content.rows if r["panel"] == "p = 3" and r["source"] == "theory"]
    assert outer["q"] == 0 and outer["weight"] + inner["weight"] == pytest.approx(1) and outer["valid"]
    assert not any(r["valid"] for r in content.rows if r["panel"] == "p = 2" and r["source"] == "theory")
    assert sum("1RSB" in text for text in texts(content.sheet)) == 2
    assert any("not shown" in text for text in texts(content.sheet))  # short runs say so
    write("overlap-distribution", content, tmp_path, "quick", 0.0)


def test_the_decision_has_both_theories_and_both_ways(tmp_path):
    small = {"loads": (0.5, 0.8, 1.1), "trials": {16: 3, 20: 3}, "sweeps": 4, "slower": (2, 8), "slower size": 16, "points": 5}
    content = decision.made("quick", quiet, {**small, "temperatures": np.linspace(0.4, 0.05, 3)})
    ends = {a: [r for r in content.rows if r["series"] == a][-1]["load"] for a in ("rs", "1rsb")}
    assert ends == pytest.approx({"rs": 0.756571292, "1rsb": 0.922423574}, abs=1e-8)
    simulated = [r for r in content.rows if r["source"] == "simulation"]
    assert len(simulated) == 2 * (3 + 2 + 2 * 2) and {r["series"] for r in simulated} == {"annealed", "greedy"}
    assert all(0 <= r["retained"] <= 1 and r["retained_error"] > 0 for r in simulated)
    write("retrieval-decision", content, tmp_path, "quick", 0.0)
