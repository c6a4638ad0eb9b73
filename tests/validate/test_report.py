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
from dammech.validate import KINDS, LEVELS, Claim, Dose, Estimate, Prediction, Rival, claims
from dammech.validate.sizes import limit

#: of what cannot be claimed: the ansatz is unstable
REPORTS = ("palimpsest.p3.greedy-window",)


def made(name, theories, simulation=0.9, valid=True, control=0.5, seen=None):
    """A claim of one point per theory; the experiment notes what it was given."""

    def experiment(parameters, level, seeds):
        if seen is not None:
            seen.append((dict(parameters), level, seeds))
        rows = tuple({"size": n, "value": simulation, "error": 0.004, "load": 0.1} for n in (64, 128))
        fit = {"power": 1.0, "powers": [1.0], "coefficients": [simulation, 0.0], "p_value": 0.5}
        return Estimate(parameters.get("there", simulation), 0.004, rows, fit=fit)

    return Claim(
        name, "[amit1987]", "A <statement>.", tuple({"load": 0.1, "theory": t} for t in theories),
        lambda p: Prediction(p["theory"], valid, None if valid else "unstable"), experiment,
        (Rival("term", "another <theory>", lambda p: control), Rival("null", "nothing", lambda p: 0.0)),
        without={"line": "no line is claimed"}, dose=Dose("elsewhere", lambda p: {**p, "there": 0.2}),
    )  # fmt: skip


@pytest.fixture
def registry(monkeypatch):
    """Put claims in the place of the real ones."""

    def install(*given):
        monkeypatch.setattr(import_module("dammech.validate.run"), "plans", lambda: {})
        monkeypatch.setattr(import_module("dammech.validate.run"), "claims", lambda: {c.name: c for c in given})

    return install


def test_claims_that_there_are():
    known = claims()
    assert all(name == claim.name for name, claim in known.items())
    for claim in known.values():
        assert claim.statement and claim.parameters and len({r.statement for r in claim.rivals}) == len(claim.rivals)
        named = {rival.kind for rival in claim.rivals}
        assert not named & set(claim.without) and named | set(claim.without) == set(KINDS), claim.name
        assert claim.dose or claim.name in REPORTS
        assert set(claim.levels) <= set(LEVELS)
        assert "dammech" in sources(claim.name)


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
    assert set(good["negative_control"]) >= {"theory", "z", "rejected", "power", "evidence", "kind"}
    assert [r["statement"] for r in good["alternatives"]] == ["another <theory>", "nothing"]
    assert report["good"].planned is None and report["good"].power == good["power"]
    assert good["dose"]["verdict"] == "fail" and good["without"] and good["power"] == pytest.approx(102.5)
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
    point = {"load": 0.1, "theory": 0.9}
    assert seen == [(point, "full", (7,)), ({**point, "there": 0.2}, "full", (7,))]
    assert words == ["good 1/1"]


def test_a_store_keeps_what_is_measured(registry, tmp_path):
    seen, file = [], tmp_path / "claims.sqlite"
    registry(made("good", [0.9, None], seen=seen), made("other", [0.9], simulation=float("nan"), seen=seen))
    first = dm.validate(seeds=(4,), store=file).to_json()
    again = dm.validate(seeds=(4,), store=file).to_json()
    assert len(seen) == 5 and {**first, "claims": 0} == {**again, "claims": 0}
    assert [{**c, "seconds": 0} for c in first["claims"]] == [{**c, "seconds": 0} for c in again["claims"]]
    dm.validate("good", seeds=(5,), store=file)
    assert len(seen) == 8


def test_the_page_is_whole_and_needs_nothing_else(registry, tmp_path):
    registry(made("good", [0.9]), made("none", [None]))
    file = dm.validate().write_html(tmp_path / "report.html")
    text = file.read_text(encoding="utf-8")
    body = text.replace("<!doctype html>", "").replace("<meta charset='utf-8'>", "<meta charset='utf-8'/>")
    ElementTree.fromstring(body.replace("<br>", "<br/>").replace("<!DOCTYPE html>", ""))
    assert "another &lt;theory&gt;" in text and "elsewhere" in text and "no line is claimed" in text
    assert "&lt;statement&gt;" in text and "<svg" in text and "good" in text and "http" not in text
    assert "<br>the theory has no such state</p>" in text
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


ROWS = [{"size": n, "features": n * (n - 1) // 2, "value": 0.9 - 2 / n, "error": 0.01} for n in (10, 20, 40, 80)]


@pytest.mark.parametrize(("found", "drawn"), [
    (limit(ROWS, (2 / 3,)), True), (limit(ROWS, (2 / 3, 1.0)), True), (limit(ROWS, against="features"), True),
    (Estimate(0.9, 0.01, tuple(ROWS), fit={"form": "a line"}), False),
])  # fmt: skip
def test_the_page_draws_every_limit_and_no_slope(registry, tmp_path, found, drawn):
    rivals = (Rival("term", "other", lambda p: 0.5),)
    made = Claim("one", "[a]", "That.", ({},), lambda p: Prediction(0.9), lambda *a: found, rivals)
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
        ({"names": "hebbian.p9.nonsense"}, "hebbian.p3.retrieval-overlap"),
        ({"names": ["hebbian.p3.retrieval-overlap", "x"]}, "'x'"),
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
