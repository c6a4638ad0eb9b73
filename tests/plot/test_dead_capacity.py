"""The figure of dead neurons and capacity: its panels from rows of data, without computing them."""

import numpy as np

from dammech.systems.thresholds.figures import capacity


def test_drawn_from_rows(tmp_path):
    def row(panel, series, source, theta, value):
        return {"panel": panel, "series": series, "source": source, "theta": theta, "value": value, "error": 0.01}

    rows = [row(panel, 2.0, "theory", t, 0.3 + t) for panel in ("dead", "capacity") for t in (0.0, 0.5)]
    rows += [row("dead", 1.5, "simulation", 0.5, 0.7), row("capacity", capacity.SIGNS, "theory", 0.0, 0.28)]
    sheet = capacity._drawn(rows, np.linspace(-0.6, 1.1, 5))
    dead, loads = sheet.axes
    assert loads.get_yscale() == "log" and "dead" in dead.get_ylabel()
    assert any("Phi" in text.get_text() for text in dead.get_legend().get_texts())
    sheet.savefig(tmp_path / "x.pdf")
