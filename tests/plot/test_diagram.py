"""Drawn phase diagrams: lines, regions, what the ansatz does not support, and any names of axes."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import sympy as sp

import dammech as dm
from dammech.phases import Boundary, PhaseDiagram
from dammech.phases.regions import Region
from dammech.plot import draw_phase_diagram
from dammech.plot.diagram import _limits
from dammech.plot.tracks import axis_label, pieces
from dammech.systems.hebbian.model import HebbianDAM


def point(load, temperature, valid=True, why=None):
    return {"load": load, "temperature": temperature, "valid": valid, "converged": load is not None, "why": why}


def diagram(model=None, convention="canonical"):
    T = np.linspace(0, 1, 30).tolist()
    spinodal = [point(0.14 * (1 - t), t, t > 0.1) for t in T]
    why = "competitor is a 1RSB glass"
    crossing = [point(0.1 * (1 - t), t) if t > 0.5 else point(None, t, False, why) for t in T]
    model = model or HebbianDAM(order=3)
    lines = [Boundary(model, name, "rs", convention, points) for name, points in
             (("retrieval-spinodal", spinodal), ("thermodynamic", crossing))]  # fmt: skip
    regions = [
        Region("retrieval, metastable", np.array([[0, 0], [0.14, 0], [0, 1]]), True),
        Region("spin glass", np.array([[0.14, 0], [0.2, 0], [0.2, 1]]), False, "the replica-symmetric spin glass is AT-unstable"),
    ]
    return PhaseDiagram(model, "rs", convention, lines, regions)


def words(figure):
    texts = [t.get_text() for axes in figure.axes for t in axes.texts]
    legend = [t.get_text() for t in figure.legends[0].get_texts()]
    return texts, legend, figure.axes[0]


def test_lines_regions_and_ansatz_are_named():
    texts, legend, axes = words(draw_phase_diagram(diagram()))
    assert any("retrieval" in text for text in texts)
    assert "$T_M$, retrieval spinodal" in legend and "$T_c$, thermodynamic" in legend
    assert any("AT-unstable" in text for text in legend)  # hatched
    assert any("thin" in text for text in legend) and any("1RSB" in text for text in legend)
    assert "RS" in axes.get_title() and "p = 3" in axes.get_title()
    assert r"\alpha" in axes.get_xlabel() and "$T$" in axes.get_ylabel()
    assert any(patch.get_hatch() for patch in axes.patches)


def test_units_of_a_paper_are_named():
    assert "gardner" in words(draw_phase_diagram(diagram(convention="gardner")))[2].get_xlabel()
    assert axis_label("load", "theriault-tantari").endswith("(theriault-tantari units)")


def test_axes_of_any_name():
    axes = ("s", "T_0")
    line = Boundary(SimpleNamespace(), "spinodal", "given", "canonical", [{"s": x, "T_0": 1 - x} for x in (0.1, 0.4, 0.7)])
    figure = draw_phase_diagram(PhaseDiagram(SimpleNamespace(), "given", "canonical", [line], axes=axes))
    assert (figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()) == ("$s$", "$T_{0}$")
    assert words(figure)[1] == ["spinodal"]


def test_a_diagram_without_lines_is_drawn_empty():
    empty = PhaseDiagram(HebbianDAM(order=3), "rs", "canonical", [])
    assert draw_phase_diagram(empty).axes


@pytest.mark.parametrize("suffix", ["png", "pdf", "svg"])
def test_saved_without_a_trace_in_global_state(tmp_path, suffix):
    import matplotlib

    before = matplotlib.rcParams.copy()
    files = diagram().save(tmp_path / f"x.{suffix}")
    assert all(path.stat().st_size > 100 for path in files)
    assert matplotlib.rcParams == before
    if suffix == "pdf":
        assert b"/Type3" not in files[0].read_bytes()  # fonts are embedded as TrueType


def test_the_same_data_give_the_same_file(tmp_path):
    contents = [diagram().save(tmp_path / name)[0].read_bytes() for name in ("a.pdf", "b.pdf")]
    assert contents[0] == contents[1]


def test_a_line_is_cut_where_it_breaks_and_where_the_ansatz_fails():
    before = [point(1, 0, False), point(2, 1, False), point(3, 2), point(4, 3)]
    parts = pieces([*before, point(None, 4), point(6, 5), point(7, 6)])
    assert [(list(x), ok) for x, _, ok in parts] == [([1, 2, 3], False), ([3, 4], True), ([6, 7], True)]


def test_the_ags_diagram_is_drawn_with_all_its_regions():
    from dammech.phases import phase_diagram

    texts, legend, axes = words(draw_phase_diagram(phase_diagram(HebbianDAM(order=2), points=40)))
    named = " ".join(texts).replace("\n", " ")
    assert all(word in named for word in ("equilibrium", "metastable", "spin glass", "paramagnet"))
    assert any("$T_M$" in text for text in legend) and any("$T_g$" in text for text in legend)
    assert 0.14 < axes.get_xlim()[1] < 0.2 and 1.3 < axes.get_ylim()[1] < 1.6


def test_parameters_of_either_sign_are_shown_whole():
    """A magnet in a field: the regions of both signs meet at h = 0, and the window reaches to negative fields."""
    m, h, T = sp.symbols("m h T")
    magnet = dm.FreeEnergy(m**2 / 2 - T * sp.log(2 * sp.cosh((m + h) / T)), [m], [h, T])
    diagram = dm.phase_diagram(magnet, points=20)
    (left, right), (bottom, _) = _limits(diagram)
    assert left < -0.9 and right > 0.9 and bottom == 0
    for sign in (-1, 1):
        nearest = [(sign * r.outline[:, 0]).min() for r in diagram.regions if (sign * r.outline[:, 0]).mean() > 0]
        assert nearest == pytest.approx([0.0] * len(nearest), abs=2e-3) and len(nearest) == 2
