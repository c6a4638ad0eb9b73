"""Phase diagrams with both ansätze: whose line is whose, and which ansatz holds where."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from dammech.errors import InputError
from dammech.models import HebbianDAM, PSpin
from dammech.phases import Boundary, phase_diagram
from dammech.phases.regions import regions_between


@pytest.fixture(scope="module")
def both():
    return phase_diagram(HebbianDAM(order=3), ansatz=["1rsb", "rs"], points=9, convention="theriault-tantari")


def test_every_line_says_its_ansatz(both):
    assert both.ansatz == "rs,1rsb"
    lines = [(b.line, b.ansatz) for b in both.lines]
    assert lines[:3] == [(name, "rs") for name in ("retrieval-spinodal", "thermodynamic", "at")]
    assert lines[3:] == [(n, "1rsb") for n in ("retrieval-spinodal", "thermodynamic", "dynamic", "static", "gardner")]
    assert both.line("retrieval-spinodal").ansatz == "rs" and both.line("static", "1rsb").line == "static"
    with pytest.raises(InputError, match="zero-entropy"):
        both.line("zero-entropy")


def test_lines_pass_through_known_points(both):
    cold = {b.ansatz: b["load"][0] for b in both.lines if b.line == "retrieval-spinodal"}
    assert cold["rs"] == pytest.approx(0.756571292, abs=1e-3) and cold["1rsb"] == pytest.approx(0.922423574, abs=1e-8)
    assert both.line("thermodynamic", "1rsb")["load"][0] == pytest.approx(0.8448413513, abs=1e-8)
    for name, known in (("dynamic", 0.681598040576), ("static", 0.651385226936), ("gardner", 0.2402600364)):
        line = both.line(name)
        assert line["temperature"][1:] / np.sqrt(2 * line["load"][1:]) == pytest.approx(known, abs=1e-8)
    # above the AT line the two spinodals are one
    warm = [p for p in both.line("retrieval-spinodal", "1rsb").points if p["ansatz"] == "rs"]
    assert warm and warm[-1]["temperature"] == pytest.approx(both.line("retrieval-spinodal", "rs")["temperature"].max())


def test_what_was_not_resolved_is_kept_apart(both):
    assert all(p["converged"] for b in both.lines for p in b.points)
    kept = [p for points in both.unresolved.values() for p in points]
    assert all(p["why"] for p in kept)


def test_regions_say_which_ansatz_holds(both):
    valid = {r.name: r.valid_for for r in both.regions}
    assert valid["dynamic glass"] == valid["retrieval, equilibrium"] == ("rs", "1rsb")
    assert valid["1RSB glass"] == ("1rsb",) and valid["glass below T_G"] == valid["retrieval below the AT line"] == ()


def test_the_document_and_the_table(both, tmp_path):
    files = both.save(tmp_path / "p3.pdf")
    assert [f.suffix for f in files] == [".pdf", ".csv", ".json"] and files[0].read_bytes().startswith(b"%PDF")
    document = both.to_json()
    assert {r["name"]: r["valid_for"] for r in document["regions"]}["1RSB glass"] == ["1rsb"]
    rows = list(csv.DictReader(files[1].read_text(encoding="utf-8").splitlines()))
    assert {(r["line"], r["ansatz"]) for r in rows} == {(b.line, b.ansatz) for b in both.lines}
    assert {r["point_ansatz"] for r in rows if (r["line"], r["ansatz"]) == ("retrieval-spinodal", "1rsb")} == {"rs", "1rsb"}
    legend = [t.get_text() for t in both.plot().legends[0].get_texts()]
    assert any("RS" in t for t in legend) and any("1RSB" in t for t in legend) and any("$T_K$" in t for t in legend)


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
