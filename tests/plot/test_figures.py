"""Registered figures: what is refused, what is written, and that a figure is all or nothing."""

from __future__ import annotations

import csv
import json

import pytest

from dammech.errors import InputError
from dammech.plot import FIGURES, figure
from dammech.plot.figures import GROUPS, HOMES, Content, write
from dammech.results.tables import as_csv

SMALL = {"points": 41, "cases": ((3, 0.35),)}


def test_the_figures_of_the_paper_are_registered():
    symmetric = ["ags", "capacity", "overlap", "landscape"]
    broken = ["spinodals-1rsb", "capacity-1rsb", "glass-diagram", "complexity", "overlap-distribution", "retrieval-decision"]
    assert {*symmetric, *broken} <= set(FIGURES)
    assert {"dead-landscape", "dead-spectrum", "dead-basins", "dead-capacity", "sequential", "memories"} <= set(FIGURES)
    assert all(len(words) > 20 for words in FIGURES.values())


def test_a_group_stands_for_its_figures(tmp_path, monkeypatch):
    class Maker:
        SETTINGS: dict = {}

        @staticmethod
        def made(level, progress):
            class Blank:
                def savefig(self, target, **_):
                    target.write(b"%PDF")

            return Content(Blank(), [{"x": 1}], {})

    monkeypatch.setattr("dammech.plot.figures.import_module", lambda _: Maker)
    for group in ("dead-neurons", "all"):
        written = {path.stem for path in figure(group, tmp_path)}
        assert written == set(GROUPS[group]) and written <= set(FIGURES)
    assert GROUPS["all"] == tuple(FIGURES) and {"dead-landscape", "dead-spectrum", "dead-basins"} <= set(GROUPS["dead-neurons"])


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_has_a_maker_and_a_script(name):
    from importlib import import_module
    from pathlib import Path

    maker = import_module(HOMES[name])
    assert callable(maker.made) and set(maker.SETTINGS) == {"quick", "full"} and maker.REDUCED
    script = Path(__file__).parents[2] / "figures" / f"{name}.py"
    assert f'figure("{name}"' in script.read_text(encoding="utf-8")


def test_importing_costs_no_matplotlib(fresh_python):
    code = "import sys, dammech.plot; print(*({'matplotlib', 'numba', 'sympy', 'numpy'} & set(sys.modules)))"
    run = fresh_python("-c", code)
    assert run.returncode == 0 and run.stdout.split() == [], run.stderr


@pytest.mark.parametrize(
    ("name", "folder", "level", "mentions"),
    [
        ("nonsense", ".", "quick", ["'nonsense'", " more"]), ("memory", ".", "quick", ["'memory'", "memory-of-phases, "]),
        ("ags", "missing", "quick", ["missing", "folder"]),
        ("ags", ".", "slow", ["'slow'", "quick", "full"]),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(tmp_path, monkeypatch, name, folder, level, mentions):
    monkeypatch.setattr("dammech.plot.figures.import_module", lambda _: pytest.fail("something was computed"))
    with pytest.raises(InputError) as error:
        figure(name, tmp_path / folder, level=level)
    assert all(word in str(error.value) for word in mentions) and "\n" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_a_picture_that_fails_leaves_nothing(tmp_path):
    class Broken:
        def savefig(self, *_, **__):
            raise RuntimeError("no picture")

    with pytest.raises(RuntimeError, match="no picture"):
        write("ags", Content(Broken(), [{"x": 1}], {}), tmp_path, "quick", 0.0)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fails_leaves_the_old_files(tmp_path, monkeypatch):
    class Blank:
        def savefig(self, target, **_):
            target.write(b"%PDF")

    content = Content(Blank(), [{"x": 1}], {})
    write("ags", content, tmp_path, "quick", 0.0)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(self, data):
        raise OSError("disk full")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(OSError, match="disk full"):
        write("ags", Content(Blank(), [{"x": 2}], {}), tmp_path, "quick", 0.0)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_table_has_every_column_and_leaves_the_unknown_empty():
    text = as_csv([{"a": 1.5, "b": None}, {"a": float("nan"), "c": "x"}])
    assert text.splitlines() == ["a,b,c", "1.5,,", ",,x"]


def test_the_landscape_from_end_to_end(tmp_path, monkeypatch):
    from dammech.systems.hebbian.figures import landscape

    monkeypatch.setitem(landscape.SETTINGS, "quick", SMALL)
    said = []
    files = figure("landscape", tmp_path, progress=lambda *words: said.append(words))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["landscape.csv", "landscape.json", "landscape.pdf"]
    assert {path.name for path in files} == {path.name for path in tmp_path.iterdir()} and said
    assert (tmp_path / "landscape.pdf").read_bytes().startswith(b"%PDF")

    rows = list(csv.DictReader((tmp_path / "landscape.csv").read_text(encoding="utf-8").splitlines()))
    states = {(r["series"], r["kind"]): r for r in rows if r["kind"] != "landscape"}
    assert float(states["below", "retrieval"]["f(m) - f(0)"]) < 0
    assert float(states["thermodynamic", "retrieval"]["f(m) - f(0)"]) == pytest.approx(0, abs=1e-10)
    assert float(states["between", "retrieval"]["f(m) - f(0)"]) > 0
    assert ("above", "retrieval") not in states and ("above", "paramagnetic") in states
    # the well of the drawn curve is the state that was solved for
    curve = [r for r in rows if r["kind"] == "landscape" and r["series"] == "below"]
    lowest = min(curve, key=lambda r: float(r["free energy"]))
    assert float(lowest["m"]) == pytest.approx(float(states["below", "retrieval"]["m"]), abs=0.025)
    assert float(states["below", "retrieval"]["free energy"]) <= float(lowest["free energy"]) + 1e-12

    document = json.loads((tmp_path / "landscape.json").read_text(encoding="utf-8"))
    assert document["figure"] == "landscape" and document["level"] == "quick" and document["rows"] == len(rows)
    assert document["parameters"]["cases"] == [[3, 0.35]] and document["reduced"]
    assert document["version"].count(".") == 2 and {"numpy", "matplotlib", "python"} <= set(document["made with"])
    assert any("replica symmetric" in note for note in document["notes"])
    assert len(document["date"]) == 10 and set(document) & {"host", "user", "path"} == set()


def test_overlaps_are_compared_with_theory_at_infinite_size(tmp_path):
    from dammech.systems.hebbian.figures import overlap

    case = {"cases": {3: (0.15, (0.03,), (60, 90))}, "trials": 12, "points": 12}
    content = overlap.made("quick", lambda *_: None, case)
    (limit,) = [r for r in content.rows if r["series"] == "N to infinity"]
    assert abs(limit["m deviation"]) < 6 and abs(limit["energy deviation"]) < 6 and limit["m_error"] > 0
    (line,) = [r for r in content.rows if r["series"] == "nishimori"]
    assert line["m"] == pytest.approx(line["q"], abs=1e-9) and line["energy"] == pytest.approx(-1 / 3, abs=1e-9)
    write("overlap", content, tmp_path, "quick", 0.0)


@pytest.mark.slow
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_made(tmp_path, name):
    for path in figure(name, tmp_path):
        assert path.stat().st_size > 500
