"""What a run gives back: documents, pages and refusals, with claims made for the purpose."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from importlib import import_module

import pytest

import dammech as dm
from dammech.errors import InputError
from dammech.literature import sources
from dammech.systems.palimpsest.claims.rules import _line
from dammech.systems.palimpsest.claims.window import to_infinite_size
from dammech.validate import LEVELS, Claim, Control, Estimate, Prediction, claims
from dammech.validate.sizes import fitted, limit

NAMES = [
    *(f"hebbian.p{p}{i}.{quantity}" for p in (2, 3, 4) for i in ("", ".power")
      for quantity in ("retrieval-overlap", "retrieval-energy", "one-step-bit-error")),
    *(f"hebbian.p{p}.nishimori" for p in (3, 4)),
    "hebbian.p2.retrieval-spinodal",
    "hebbian.p3.low-temperature-overlap",
]  # fmt: skip


def made(name, theories, simulation=0.9, valid=True, control=0.5, seen=None):
    """A claim of one point per theory; the experiment notes what it was given."""

    def experiment(parameters, level, seeds):
        if seen is not None:
            seen.append((dict(parameters), level, seeds))
        rows = tuple({"size": n, "value": simulation, "error": 0.004, "load": 0.1} for n in (64, 128))
        fit = {"power": 1.0, "coefficients": [simulation, 0.0], "p_value": 0.5}
        return Estimate(simulation, 0.004, rows, fit=fit)

    return Claim(
        name, "[amit1987]", "A <statement>.", tuple({"load": 0.1, "theory": t} for t in theories),
        lambda p: Prediction(p["theory"], valid, None if valid else "unstable"), experiment,
        Control("another theory", lambda p: control),
    )  # fmt: skip


@pytest.fixture
def registry(monkeypatch):
    """Put claims in the place of the real ones."""

    def install(*given):
        monkeypatch.setattr(import_module("dammech.validate.run"), "claims", lambda: {c.name: c for c in given})

    return install


def test_claims_that_there_are():
    known = claims()
    assert set(NAMES) <= set(known)
    assert all(name == claim.name for name, claim in known.items())
    for claim in known.values():
        assert claim.statement and claim.control.statement and claim.parameters
        assert set(claim.levels) <= set(LEVELS)
        assert "dammech" in sources(claim.name)
    assert known["hebbian.p2.retrieval-spinodal"].levels == ("full",)


def test_the_document(registry):
    registry(made("good", [0.9, 0.91]), made("bad", [0.9, 0.7]), made("unstable", [0.9], valid=False))
    report = dm.validate(seeds=(4, 5))
    document = report.to_json()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert all(0 <= verdict.seconds < 60 for verdict in report.verdicts)
    assert (document["passed"], document["failed"], document["ansatz_invalid"]) == (1, 1, 1)
    assert not report.ok and report.claims == document["claims"]
    good, bad, unstable = document["claims"]
    assert {
        "name", "source", "parameters", "theory", "simulation", "error", "z", "sizes", "seeds", "verdict",
        "negative_control",
    } <= set(good)  # fmt: skip
    assert set(good["negative_control"]) >= {"theory", "z", "rejected"}
    assert good["seeds"] == [4, 5] and good["sizes"] == [64, 128]
    assert good["theory"] == 0.91 and good["z"] == pytest.approx(-2.5) and len(good["points"]) == 2
    assert [c["verdict"] for c in document["claims"]] == ["pass", "fail", "ansatz-invalid"]
    assert bad["theory"] == 0.7 and bad["negative_control"]["rejected"] is True
    assert unstable["why"]
    assert "ansatz-invalid" in str(report)


def test_where_nothing_failed_it_is_ok(registry):
    registry(made("good", [0.9]), made("unstable", [0.2], valid=False))
    assert dm.validate().ok


def test_the_experiment_is_told_parameters_level_and_seeds_only(registry):
    seen = []
    registry(made("good", [0.9], seen=seen))
    words = []
    dm.validate("good", level="full", seeds=[7], progress=words.append)
    assert seen == [({"load": 0.1, "theory": 0.9}, "full", (7,))]
    assert words == ["good 1/1"]


def test_the_page_is_whole_and_needs_nothing_else(registry, tmp_path):
    registry(made("good", [0.9]), made("none", [None]))
    file = dm.validate().write_html(tmp_path / "report.html")
    text = file.read_text(encoding="utf-8")
    body = text.replace("<!doctype html>", "").replace("<meta charset='utf-8'>", "<meta charset='utf-8'/>")
    ElementTree.fromstring(body.replace("<br>", "<br/>").replace("<!DOCTYPE html>", ""))
    assert "&lt;statement&gt;" in text and "<svg" in text and "good" in text and "http" not in text
    assert "<br>the theory has no such state</p>" in text
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


ROWS = [{"size": n, "features": n * (n - 1) // 2, "value": 0.9 - 2 / n, "error": 0.01} for n in (10, 20, 40, 80)]
EDGE = fitted(ROWS, powers=(2 / 3, 1.0))


@pytest.mark.parametrize(("found", "drawn"), [
    (to_infinite_size(ROWS), True), (limit(ROWS, EDGE, "", 2 / 3, powers=[2 / 3, 1.0]), True),
    (limit(ROWS, fitted([{**row, "size": row["features"]} for row in ROWS]), "", against="features"), True),
    (_line(ROWS), False),
])  # fmt: skip
def test_the_page_draws_every_limit_and_no_slope(registry, tmp_path, found, drawn):
    made = Claim("one", "[a]", "That.", ({},), lambda p: Prediction(0.9), lambda *a: found, Control("", lambda p: 0.5))
    registry(made)
    text = dm.validate().write_html(tmp_path / "report.html").read_text(encoding="utf-8")
    assert ("<polyline" in text) is drawn
    if drawn:  # the curve runs through the points of the largest and the smallest correction
        ends = re.search(r"<polyline points='(.*?)'", text).group(1).split()
        marks = re.findall(r"<circle cx='(.*?)' cy='(.*?)'", text)
        assert ends[-1].split(",")[0] == marks[0][0] and ends[0] == ",".join(marks[-1])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"names": "hebbian.p9.nonsense"}, "hebbian.p4.retrieval-overlap"),
        ({"names": ["hebbian.p4.retrieval-overlap", "x"]}, "'x'"),
        ({"names": []}, "empty"),
        ({"level": "slow"}, "quick, full"),
        ({"names": "hebbian.p2.retrieval-spinodal"}, "full"),
        ({"seeds": ()}, "seeds"),
        ({"seeds": (1, 1)}, "seeds"),
        ({"seeds": (-1,)}, "seeds"),
        ({"seeds": 3}, "seeds"),
        ({"seeds": (0.5,)}, "seeds"),
    ],
)
def test_refusals(arguments, words):
    with pytest.raises(InputError) as caught:
        dm.validate(**arguments)
    assert words in str(caught.value)
