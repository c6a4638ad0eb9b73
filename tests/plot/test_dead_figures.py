"""Figures of dead neurons on coarse grids: what their data say, and that they are drawn."""

from __future__ import annotations

import numpy as np
import pytest

from dammech.plot.figures import write
from dammech.systems.lagrangian.figures import basins, landscape, spectrum


def quiet(*_):
    return None


def test_the_landscape_is_flat_where_the_trajectory_starts(tmp_path):
    content = landscape.made("quick", quiet, {"grid": 15, "times": 41})
    for case, end in (("true", -2 / 3), ("spurious", -3 / 4)):
        mine = [r for r in content.rows if r["series"] == case]
        dead = [r for r in mine if r["panel"] == "landscape" and r["h2"] < 0]
        for v in {r["v"] for r in dead}:
            assert np.ptp([r["energy"] for r in dead if r["v"] == v]) < 1e-8
        path = [r for r in mine if r["panel"] == "trajectory"]
        still = [r["energy"] for r in path if case == "true" or r["time"] < np.log(7)]
        assert np.array(still) == pytest.approx(-2 / 3, abs=1e-9)
        assert path[0]["residual"] == pytest.approx(5 / 3 if case == "true" else 7 / 3)
        (rest,) = [r for r in mine if r["panel"] == "fixed point"]
        assert rest["energy"] == pytest.approx(end, abs=1e-10) and rest["error"] < 1e-7
    (escape,) = [r for r in content.rows if r["panel"] == "escape"]
    assert escape["series"] == "spurious" and escape["time"] == pytest.approx(np.log(7), abs=1e-9)
    write("dead-landscape", content, tmp_path, "quick", 0.0)


def test_spectra_agree_with_the_reduced_prediction(tmp_path):
    content = spectrum.made("quick", quiet, {"nets": 12})
    nets = [r for r in content.rows if r["panel"] == "network"]
    assert len(nets) == 12 and max(r["deviation"] for r in nets) < 1e-10
    assert max(r["largest imaginary part"] for r in nets) < 1e-6
    lines = [r for r in content.rows if r["panel"] == "spectrum"]
    assert len(lines) == 12 * 22 and all(r["predicted"] < 0 for r in lines if r["kind"] == "dead")
    assert min(sum(r["kind"] == "dead" for r in lines if r["net"] == k) for k in range(12)) >= 4
    write("dead-spectrum", content, tmp_path, "quick", 0.0)


def test_basins_touch_their_flat_regions(tmp_path):
    content = basins.made("quick", quiet, {"grid": 6})
    cells = {case: [r for r in content.rows if r["panel"] == case and r["series"] == "basin"] for case in basins.STARTS}
    assert all(r["attractor"] == 0 for r in cells["stable"])
    assert {r["attractor"] for r in cells["unstable"]} == {0, -1}
    for r in cells["unstable"]:
        if r["across"] < 0:
            assert r["attractor"] == (0 if r["upward"] > 4 / 3 else -1)
    assert all(r["attractor"] == (0 if r["across"] > r["upward"] else 1) for r in cells["inhibition"])
    write("dead-basins", content, tmp_path, "quick", 0.0)
