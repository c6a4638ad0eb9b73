"""The palimpsest on the command line."""

from __future__ import annotations

import json

import pytest

from dammech.cli import main


def run(capsys, text):
    """Exit status, stdout and stderr of one command."""
    status = main(text.split())
    return status, *capsys.readouterr()


def test_lines(capsys):
    command = "boundary palimpsest {} --order 3 --interaction power --temperature 0 --ansatz rs --json"
    for line, name, value in (
        ("blackout", "rate", 5.948), ("optimal-rate", "rate", 16.168), ("optimal-rate", "window", 0.030925)
    ):
        status, out, _ = run(capsys, command.format(line))
        document = json.loads(out)
        assert status == 0 and document["line"] == line and document["model"]["kernel"] == "exponential"
        (point,) = document["points"]
        assert point[name] == pytest.approx(value, rel=1e-4)
        assert {"rate", "window", "window_error", "residual", "converged", "valid", "why"} <= set(point)


def test_window_at_rates(capsys):
    status, out, err = run(capsys, "boundary palimpsest window --order 3 --rate 2,20 --temperature 0 --json")
    lost, found = json.loads(out)["points"]
    assert status == 1 and "blackout" in err
    assert lost["converged"] is False and lost["window"] is None and "blackout" in lost["why"]
    assert found["rate"] == 20 and found["window"] == pytest.approx(0.0404540369)
    kernel = "--kernel power-law --exponent 2"
    status, out, _ = run(capsys, f"boundary palimpsest window --order 3 {kernel} --rate 40 --temperature 0 --json")
    assert status == 0 and json.loads(out)["model"]["exponent"] == 2


def test_solve(capsys):
    status, out, _ = run(capsys, "solve palimpsest --order 3 --rate 12 --age 0.01 --temperature 0.2 --json")
    document = json.loads(out)
    assert status == 0 and document["rate"] == 12 and document["age"] == 0.01 and document["m"] > 0.9
    status, out, _ = run(capsys, "solve palimpsest --order 3 --rate 12 --age 0.3 --temperature 0.2 --json")
    assert status == 1 and json.loads(out)["converged"] is False


def test_catalogue_and_sources(capsys):
    _, out, _ = run(capsys, "models --json")
    document = json.loads(out)
    entry = next(m for m in document["models"] if m["name"] == "palimpsest")
    assert [p["name"] for p in entry["parameters"]] == ["order", "interaction", "kernel", "exponent"]
    assert {"blackout", "optimal-rate", "window"} <= {line["name"] for line in document["lines"]}
    for name in ("palimpsest", "window", "palimpsest.delta-rule"):
        status, out, _ = run(capsys, f"cite {name}")
        assert status == 0 and ("1986" in out or "1930" in out)


def test_check_by_the_beginning_of_a_name(capsys):
    status, out, _ = run(capsys, "check palimpsest.anchoring palimpsest.windows.power-law --json")
    document = json.loads(out)
    assert status == 0 and [d["name"] for d in document["derivations"]] == [
        "palimpsest.windows.power-law", "palimpsest.anchoring"]


def test_derive(capsys):
    status, out, _ = run(capsys, "derive palimpsest --order 3")
    assert status == 0 and "effective load" in out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("boundary palimpsest window --order 3 --temperature 0", "rate is missing"),
        ("boundary palimpsest blackout --order 3", "temperature is missing"),
        ("boundary palimpsest thermodynamic --order 3 --temperature 0", "line 'thermodynamic' is unknown; known are blackout"),
        ("boundary hebbian retrieval-spinodal --order 3 --rate 2", "--rate: hebbian has no rate; leave it out"),
        ("boundary hebbian blackout --order 3 --temperature 0", "line 'blackout' is unknown"),
        ("boundary palimpsest blackout --order 3 --kernel linear --temperature 0", "kernel='linear': must be one of"),
        ("boundary palimpsest blackout --order 3 --exponent 2 --temperature 0", "exponential kernel has none"),
        ("boundary palimpsest blackout --order 3 --kernel clipped --interaction rectified --temperature 0", "no rectified form"),
        ("boundary palimpsest blackout --order 2 --ansatz 1rsb --temperature 0", "at order 2 the weights do not scale"),
        ("boundary palimpsest window --order 3 --rate -2 --temperature 0", "must be a finite number that is not negative"),
        ("boundary palimpsest blackout --order 3 --temperature 0 --points 3", "points=3"),
        ("solve palimpsest --order 3 --temperature 0", "rate is missing"),
        ("solve hebbian --order 3 --temperature 0 --load 0.1 --age 1", "--age: hebbian has no age; leave it out"),
        ("simulate palimpsest --order 3 --size 64 --load 0.1 --temperature 0.1", "must be a model such as HebbianDAM("),
        ("check palimpsest.none", "derivation 'palimpsest.none' is unknown"),
    ],
)
def test_refusals(capsys, text, message):
    status, out, err = run(capsys, text)
    assert status == 2 and out == "" and message in err and "Traceback" not in err
