"""Phase diagrams with both ansätze: whose line is whose, and which ansatz holds where."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from dammech.errors import InputError
from dammech.phases import Boundary, diagram, phase_diagram
from dammech.phases.regions import regions_between
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.pspin.model import PSpin

UNITS = "theriault-tantari"
GLASS = (("dynamic", 0.681598040576), ("static", 0.651385226936), ("gardner", 0.2402600364))


@pytest.fixture(scope="module")
def coarse():
    """With the lines that are found in seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(diagram.BROKEN_LINES, "1rsb", tuple(name for name, _ in GLASS))
        return phase_diagram(HebbianDAM(order=3), ansatz=["1rsb", "rs"], points=9, convention=UNITS)


def test_every_line_says_its_ansatz(coarse):
    assert coarse.ansatz == "rs,1rsb"
    symmetric = [("retrieval-spinodal", "rs"), ("thermodynamic", "rs"), ("at", "rs")]
    assert [(b.line, b.ansatz) for b in coarse.lines] == [*symmetric, *((name, "1rsb") for name, _ in GLASS)]
    assert coarse.line("static", "1rsb").line == "static"
    with pytest.raises(InputError, match="zero-entropy"):  # a bound that is no longer needed
        coarse.line("zero-entropy")


def test_glass_lines_pass_through_known_points(coarse):
    for name, known in GLASS:
        line = coarse.line(name)
        assert line["temperature"][1:] / np.sqrt(2 * line["load"][1:]) == pytest.approx(known, abs=1e-8)


def test_regions_say_which_ansatz_holds(coarse):
    valid = {r.name: r.valid_for for r in coarse.regions}
    assert valid["dynamic glass"] == valid["retrieval, equilibrium"] == ("rs", "1rsb")
    assert valid["1RSB glass"] == ("1rsb",) and valid["glass below T_G"] == valid["retrieval below the AT line"] == ()


def test_outlines_run_along_their_lines_and_lie_in_layers(coarse):
    """Every corner of an outline that is no corner of the drawing lies on a line; equilibrium lies above metastability."""
    regions = {r.name: r for r in coarse.regions}
    assert regions["retrieval, equilibrium"].layer > regions["dynamic glass"].layer == regions["1RSB glass"].layer
    assert regions["retrieval below the AT line"].layer == max(r.layer for r in coarse.regions)
    loads = np.concatenate([b["load"] for b in coarse.lines])
    for region in coarse.regions:
        outline = region.outline
        assert outline.shape[1] == 2 and len(outline) >= 3 and np.isfinite(outline).all() and (outline >= 0).all()
        assert outline[:, 0].max() <= np.nanmax(loads) * (1 + 1e-9)
    glass, known = regions["1RSB glass"].outline, dict(GLASS)["static"]
    on = glass[np.isclose(glass[:, 1], known * np.sqrt(2 * glass[:, 0]), atol=1e-6)]
    assert len(on) >= 3  # T_K bounds it from above


def test_the_document_and_the_table(coarse, tmp_path):
    files = coarse.save(tmp_path / "p3.pdf")
    assert [f.suffix for f in files] == [".pdf", ".csv", ".json"] and files[0].read_bytes().startswith(b"%PDF")
    document = coarse.to_json()
    assert {r["name"]: r["valid_for"] for r in document["regions"]}["1RSB glass"] == ["1rsb"]
    rows = list(csv.DictReader(files[1].read_text(encoding="utf-8").splitlines()))
    assert {(r["line"], r["ansatz"]) for r in rows} == {(b.line, b.ansatz) for b in coarse.lines}
    legend = [t.get_text() for t in coarse.plot().legends[0].get_texts()]
    assert any("RS" in t for t in legend) and any("1RSB" in t for t in legend) and any("$T_K$" in t for t in legend)


@pytest.mark.slow
def test_the_whole_diagram_of_both():
    both = phase_diagram(HebbianDAM(order=3), ansatz=["rs", "1rsb"], points=12, convention=UNITS)
    cold = {b.ansatz: b["load"][0] for b in both.lines if b.line == "retrieval-spinodal"}
    assert cold["rs"] == pytest.approx(0.756571292, abs=1e-3) and cold["1rsb"] == pytest.approx(0.922423574, abs=1e-8)
    assert both.line("thermodynamic", "1rsb")["load"][0] == pytest.approx(0.8448413513, abs=1e-8)
    # above the AT line the two spinodals are one
    warm = [p for p in both.line("retrieval-spinodal", "1rsb").points if p["ansatz"] == "rs"]
    assert warm and warm[-1]["temperature"] == pytest.approx(both.line("retrieval-spinodal", "rs")["temperature"].max())
    assert all(p["converged"] for b in both.lines for p in b.points)  # what was not resolved is kept apart
    assert all(p["why"] for points in both.unresolved.values() for p in points)


def test_a_continuous_glass_has_one_transition_and_no_step_holds():
    def line(name, ansatz, x, y, at="rs"):
        points = [
            {"load": a, "temperature": b, "converged": True, "valid": at == "rs", "ansatz": at} for a, b in zip(x, y)
        ]
        return Boundary(HebbianDAM(order=2), name, ansatz, "canonical", points)

    lines = [
        line("retrieval-spinodal", "rs", [0.138, 0.1, 0.0], [0.0, 0.3, 1.0]),
        line("at", "rs", [0.0, 0.138], [0.0, 0.02]),
        line("spin-glass", "rs", [0.0, 0.2], [1.0, 1.45]),
        line("retrieval-spinodal", "1rsb", [0.1382, 0.1, 0.0], [0.01, 0.3, 1.0], "1rsb"),
    ]
    valid = {r.name: r.valid_for for r in regions_between(lines, ["rs", "1rsb"])}
    assert valid == {"retrieval, metastable": ("rs", "1rsb"), "retrieval below the AT line": (), "spin glass": ()}


@pytest.mark.parametrize(
    ("model", "ansatz", "word"),
    [
        (PSpin(3), "1rsb", "no load"),
        (HebbianDAM(order=3), "7rsb", "7rsb"),
        (HebbianDAM(order=3), "nonsense", "nonsense"),
        (HebbianDAM(order=3), [], "empty"),
    ],
)
def test_what_is_refused(model, ansatz, word):
    with pytest.raises(InputError, match=word):
        phase_diagram(model, ansatz=ansatz)
