"""The command line: what it prints, what it refuses and with which sentence, and what it returns to the shell."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import pytest

from dammech.cli import main
from dammech.cli.output import plain

HEAVY = "numpy scipy sympy matplotlib numba xarray pandas mpmath rich"
COMMANDS = "models derive check solve boundary phase-diagram simulate validate fixed-points figure cite".split()


def run(capsys, *arguments):
    """Exit status, stdout and stderr of one command."""
    status = main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    return status, out, err


def strict(text):
    """The JSON document in a text; NaN and Infinity are errors."""

    def refuse(name):
        raise AssertionError(f"{name} is not JSON")

    document = json.loads(text, parse_constant=refuse)
    assert document["schema"] == "dammech/1"
    assert document["version"]
    return document


# -- before anything is computed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help(capsys, command):
    status, out, err = run(capsys, *command.split(), "--help")
    assert status == 0 and err == ""
    assert "Usage: dammech" in out
    if not command:
        assert all(name in out for name in COMMANDS)
        assert "..." not in out.partition("Commands:")[2], "a one-line help is cut off"
    else:
        assert "--json" in out


@pytest.mark.parametrize("arguments", ["--help", "solve --help", "--version", "cite amit1987", "cite --json at"])
def test_light_commands_import_nothing_heavy(fresh_python, arguments):
    code = (
        "import sys; from dammech.cli import main; status = main(sys.argv[1:]);"
        f"print(status, sorted(set({HEAVY.split()!r}) & set(sys.modules)), file=sys.stderr)"
    )
    result = fresh_python("-c", code, *arguments.split())
    assert result.stderr.strip() == "0 []"


def test_python_dash_m(fresh_python):
    result = fresh_python("-m", "dammech", "--version")
    assert result.returncode == 0 and "dammech" in result.stdout
    result = fresh_python("-m", "dammech", "nonsense")
    assert result.returncode == 2 and result.stdout == ""


POINT = "--load 0.05 --temperature 0.2"
SOLVE = "solve hebbian --order 2"
STATE = f"solve hebbian --order 2 {POINT}"
RUN = f"simulate hebbian --order 2 {POINT} --size 32 --trials 2"

BAD_USAGE = [
    # what is typed, what the sentence must mention
    ("nonsense", "nonsense boundary"),
    ("solve", "MODEL"),
    ("solve nonsense --order 2", "nonsense hebbian pspin"),
    ("boundary hebbian --order 2", "LINE"),
    ("boundary hebbian nonsense --order 2", "nonsense retrieval-spinodal nishimori"),
    ("check nonsense", "nonsense"),
    ("validate nonsense", "nonsense"),
    ("validate nonsense.*", "nonsense"),
    ("cite nonsense", "nonsense amit1987"),
    (f"{STATE} --bogus 1", "--bogus"),
    # orders and interactions
    (f"solve hebbian {POINT}", "order"),
    ("solve pspin --temperature 1", "--order"),
    (f"solve hebbian --order 1 {POINT}", "order 1 2"),
    (f"solve hebbian --order 2.5 {POINT}", "order 2.5"),
    (f"solve hebbian --order nan {POINT}", "order nan"),
    (f"solve hebbian --order abc {POINT}", "order abc"),
    (f"solve hebbian --order -3 {POINT}", "order -3"),
    (f"solve hebbian --order 3 --interaction y**4 {POINT}", "order 3 4"),
    (f"solve hebbian --interaction 2*y**4 {POINT}", "interaction leading"),
    (f"solve hebbian --order 4 --interaction sin(y) {POINT}", "interaction sin(y) distinct power rectified"),
    ("solve pspin --order 3 --interaction power --temperature 1", "--interaction pspin"),
    # loads and temperatures
    *((f"{SOLVE} --load {bad} --temperature 0.2", f"--load {bad}") for bad in ("-1", "nan", "inf", "abc")),
    *((f"{SOLVE} --load 0.05 --temperature {bad}", f"--temperature {bad}") for bad in ("-1", "nan", "inf", "x")),
    ("boundary hebbian at --order 2 --temperature -0.1", "--temperature -0.1"),
    ("boundary hebbian at --order 2 --temperature 0:-1:3", "--temperature 0:-1:3"),
    ("boundary hebbian at --order 2 --temperature 0:1", "--temperature 0:1 START:STOP:COUNT"),
    ("boundary hebbian at --order 2 --temperature 0:1:0", "--temperature COUNT"),
    ("boundary hebbian at --order 2 --load 0.1,,0.2", "--load"),
    ("boundary hebbian at --order 2 --points 0", "--points 0"),
    ("boundary hebbian at --order 2 --points 3 --load 0.1", "--points --load"),
    ("solve hebbian --order 2 --temperature 0.2", "--load"),
    ("solve hebbian --order 2 --load 0.1", "--temperature"),
    ("solve pspin --order 3 --load 0.1 --temperature 1", "--load pspin"),
    # conventions, branches, ansätze
    (f"{STATE} --convention nonsense", "nonsense canonical theriault-tantari"),
    (f"{STATE} --convention theriault-tantari", "theriault-tantari 2"),
    (f"solve hebbian --order 3 --convention ags {POINT}", "ags 3"),
    ("boundary hebbian at --order 2 --convention nonsense", "nonsense canonical"),
    (f"{STATE} --branch nonsense", "nonsense retrieval paramagnetic"),
    (f"{STATE} --ansatz nonsense", "nonsense rs"),
    ("derive hebbian --order 2 --ansatz nonsense", "nonsense rs"),
    ("derive hebbian --order 2 --format nonsense", "nonsense latex"),
    # simulations
    (f"simulate hebbian --order 2 {POINT} --trials 2", "--size"),
    *((f"{RUN} --size {bad}", f"--size {bad}") for bad in ("0", "-5", "1.5", "abc", "32,0")),
    *((f"{RUN} --trials {bad}", f"--trials {bad}") for bad in ("0", "-1", "two")),
    (f"{RUN} --seed -1", "--seed -1"),
    (f"{RUN} --overlap 1.5", "--overlap 1.5"),
    (f"{RUN} --overlap nan", "--overlap nan"),
    (f"{RUN} --sweeps 0", "--sweeps 0"),
    (f"{RUN} --dynamics nonsense", "nonsense glauber"),
    (f"{RUN} --load 0", "load 0"),
    (f"{RUN} --order 12", "order 12"),
    ("simulate pspin --order 3 --temperature 1 --size 32", "PSpin"),
    # levels and files
    ("validate --level nonsense", "nonsense quick full"),
    ("validate --report missing/report.html", "missing"),
    ("validate --report report.txt", "report.txt .html"),
    ("phase-diagram hebbian --order 2", "--out"),
    ("phase-diagram hebbian --order 2 --out missing/p2.pdf", "missing"),
    ("phase-diagram hebbian --order 2 --out p2.txt", "p2.txt .pdf"),
    ("phase-diagram hebbian --order 2 --out p2", ".pdf"),
    ("phase-diagram hebbian --order 1 --out p2.pdf", "order 1"),
    (f"{STATE} --out states.txt", "--out states.txt .csv .nc .json"),
    (f"{STATE} --out missing/states.csv", "--out missing"),
    (f"{STATE} --out .", "--out"),
    (f"{RUN} --out run.pdf", "--out run.pdf .csv"),
    ("validate --out verdicts.html", "--out .json"),
    ("figure ags --out missing", "missing"),
    ("figure nonsense --out .", "nonsense"),
    ("figure ags", "--out"),
    ("figure ags --out=", "--out"),
    ("check all nonsense", "nonsense"),
]


@pytest.mark.parametrize("json_flag", [False, True], ids=["text", "json"])
@pytest.mark.parametrize(("typed", "mentions"), BAD_USAGE, ids=[typed for typed, _ in BAD_USAGE])
def test_bad_usage_is_one_sentence_and_nothing_else(capsys, tmp_path, monkeypatch, typed, mentions, json_flag):
    monkeypatch.chdir(tmp_path)
    status, out, err = run(capsys, *typed.split(), *(["--json"] if json_flag and typed != "nonsense" else []))
    assert status == 2
    assert out == ""
    assert err.startswith("dammech: ") and err.count("\n") == 1 and "internal error" not in err
    for word in mentions.split():
        assert word in err
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_folder_is_refused(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda *_, **__: False)
    status, out, err = run(capsys, "figure", "ags", "--out", tmp_path)
    assert (status, out) == (2, "") and "cannot be written" in err


def test_a_surprise_is_one_sentence_too(capsys, monkeypatch):
    def broken(name):
        raise RuntimeError("on\ntwo lines")

    monkeypatch.setattr("dammech.literature.cite", broken)
    status, out, err = run(capsys, "cite", "at")
    assert (status, out) == (1, "")
    assert err.startswith("dammech: internal error: RuntimeError: on two lines; please report it")
    assert err.count("\n") == 1
    monkeypatch.setenv("DAMMECH_TRACEBACK", "1")
    assert "Traceback" in run(capsys, "cite", "at")[2]


def test_a_reader_that_goes_away_is_no_error(fresh_python):
    code = (
        "import os, subprocess, sys;"
        "p = subprocess.Popen([sys.executable, '-m', 'dammech', 'cite', 'hebbian'],"
        " stdout=subprocess.PIPE, stderr=subprocess.PIPE);"
        "p.stdout.close(); print(p.stderr.read().decode()); p.wait()"
    )
    assert fresh_python("-c", code).stdout.strip() == ""


def test_json_values_are_strict():
    numpy = pytest.importorskip("numpy")
    document = plain(
        {"a": numpy.float64("nan"), "b": numpy.array([1.0, math.inf]), "c": numpy.int64(3), "d": (True, None, "x")}
    )
    assert document == {"a": None, "b": [1.0, None], "c": 3, "d": [True, None, "x"]}
    assert type(document["c"]) is int
    assert plain(numpy.bool_(True)) is True


# -- every command, through its library --------------------------------------------------------------------------------


def test_models(capsys):
    status, out, err = run(capsys, "models", "--json")
    assert (status, err) == (0, "")
    document = strict(out)
    families = {family["name"]: family for family in document["models"]}
    assert {"hebbian", "pspin", "lagrangian"} <= set(families)
    parameters = {parameter["name"]: parameter for parameter in families["hebbian"]["parameters"]}
    assert parameters["interaction"]["default"] == "distinct" and "rectified" in parameters["interaction"]["allowed"]
    lines = {line["name"] for line in document["lines"]}
    assert {"retrieval-spinodal", "thermodynamic", "spin-glass", "at", "zero-entropy", "nishimori"} <= lines
    conventions = {row["name"]: row for row in document["conventions"]}
    assert set(conventions) == {"canonical", "ags", "theriault-tantari", "gardner", "raw", "salento", "agliari"}
    assert conventions["theriault-tantari"]["factors"]["3"]["load"] == pytest.approx(1 / 6)
    assert {"retrieval", "spin-glass", "paramagnetic"} <= set(families["hebbian"]["branches"])
    assert run(capsys, "models")[0] == 0


def test_derive(capsys):
    status, out, _ = run(capsys, "derive", "hebbian", "--order", 3, "--json")
    assert status == 0 and len(strict(out)["steps"]) > 3
    for kind, word in {"text": "1", "md": "#", "latex": "\\", "html": "<math", "source": "def "}.items():
        status, out, _ = run(capsys, "derive", "hebbian", "--order", 3, "--format", kind)
        assert status == 0 and word in out
    assert strict(run(capsys, "derive", "hebbian", "--order", 3, "--format", "json")[1])["steps"]


def test_solve_point(capsys):
    status, out, err = run(capsys, *"solve hebbian --order 2 --load 0.05 --temperature 0.3 --json".split())
    assert (status, err) == (0, "")
    document = strict(out)
    assert document["m"] == pytest.approx(0.9911649957, abs=2e-10)
    assert document["q"] == pytest.approx(0.9829609502, abs=2e-10)
    assert document["converged"] is True and document["residual"] <= 1e-10 and document["ansatz"] == "rs"
    assert {"model", "convention", "branch", "load", "temperature", "free_energy", "replicon", "valid"} <= set(document)


def test_solve_grid(capsys):
    status, out, _ = run(capsys, *"solve hebbian --order 2 --load 0.01:0.05:3 --temperature 0.1,0.2 --json".split())
    assert status == 0
    points = strict(out)["points"]
    assert [(p["load"], p["temperature"]) for p in points] == [
        (pytest.approx(a), pytest.approx(t)) for a in (0.01, 0.03, 0.05) for t in (0.1, 0.2)
    ]


@pytest.mark.parametrize("json_flag", ["", "--json"])
def test_no_retrieval_beyond_the_spinodal(capsys, json_flag):
    typed = f"solve hebbian --order 2 --load 0.2 --temperature 0.1 --branch retrieval {json_flag}"
    status, out, err = run(capsys, *typed.split())
    assert status == 0 and "Traceback" not in err  # that there is none is known
    assert "above 0.135049" in " ".join(out.split())
    if json_flag:
        document = strict(out)
        assert document["status"] == "no-state" and document["converged"] is False and document["m"] is None


def test_boundary(capsys):
    typed = "boundary hebbian retrieval-spinodal --order 2 --temperature 0,0.1,0.3 --json"
    status, out, _ = run(capsys, *typed.split())
    assert status == 0
    document = strict(out)
    loads = [0.137905566495, 0.1350491898, 0.1033297826]
    assert [p["load"] for p in document["points"]] == pytest.approx(loads, abs=1e-10)
    assert all(p["converged"] and p["load_error"] < 1e-9 for p in document["points"])
    assert document["line"] == "retrieval-spinodal"


def test_boundary_in_the_units_of_a_paper(capsys):
    typed = "boundary hebbian retrieval-spinodal --order 3 --temperature 0 --convention theriault-tantari --json"
    status, out, _ = run(capsys, *typed.split())
    assert status == 0
    assert strict(out)["points"][0]["load"] == pytest.approx(0.756571292312, rel=1e-9)


def test_boundary_at_a_load_gives_every_temperature(capsys):
    status, out, _ = run(capsys, *"boundary hebbian retrieval-spinodal --order 2 --load 0.138 --json".split())
    assert status == 0
    points = strict(out)["points"]
    assert len(points) == 2 and all("temperature_error" in p for p in points)


def test_boundary_at_a_load_it_never_reaches(capsys):
    status, _, err = run(capsys, *"boundary hebbian retrieval-spinodal --order 2 --load 0.5 --json".split())
    assert status == 1 and err.count("\n") == 1


def test_simulate(capsys):
    typed = "simulate hebbian --order 2 --size 64,128 --load 0.02 --temperature 0.4 --trials 4 --seed 1 --json"
    status, out, err = run(capsys, *typed.split())
    assert (status, err) == (0, "")
    points = strict(out)["points"]
    assert [p["size"] for p in points] == [64, 128]
    assert all(0.9 < p["m"] <= 1 and p["m_error"] > 0 for p in points)


def test_phase_diagram(capsys, tmp_path):
    file = tmp_path / "p2.svg"
    status, out, _ = run(capsys, "phase-diagram", "hebbian", "--order", 2, "--out", file, "--json")
    assert status == 0
    assert {"lines", "files"} <= set(strict(out))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p2.csv", "p2.json", "p2.svg"]
    assert json.loads((tmp_path / "p2.json").read_text())["lines"]


TABLES = [
    # what is typed, rows of its table, a column, exit status
    ("solve hebbian --order 2 --load 0.05,0.2 --temperature 0,0.2", 4, "equilibrium_why", 0),
    (f"{STATE}", 1, "free_energy", 0),
    ("boundary hebbian retrieval-spinodal --order 2 --temperature 0,0.1,0.2", 3, "load_error", 0),
    ("boundary hebbian retrieval-spinodal --order 2 --load 0.138,0.3", 3, "temperature_error", 1),
    ("simulate hebbian --order 2 --load 0.05,0.1 --temperature 0 --size 16,24 --trials 2", 4, "retrieved_error", 0),
    ("fixed-points net.json", 1, "margin_error", 0),
]


@pytest.mark.parametrize(("typed", "rows", "column", "wanted"), TABLES, ids=[typed for typed, *_ in TABLES])
def test_tables_are_written_and_fit_a_terminal(capsys, tmp_path, monkeypatch, typed, rows, column, wanted):
    monkeypatch.chdir(tmp_path)
    net = {"layers": [{"lagrangian": "identity", "size": 2}], "weights": []}
    Path("net.json").write_text(json.dumps(net), encoding="utf-8")
    status, out, err = run(capsys, *typed.split(), "--out", "table.csv")
    assert status == wanted and err.endswith("written: table.csv\n")
    assert max(map(len, out.splitlines())) <= 100
    lines = Path("table.csv").read_text(encoding="utf-8").splitlines()
    assert any(line.startswith("# commit: ") for line in lines)
    found = list(csv.DictReader(line for line in lines if not line.startswith("# ")))
    assert len(found) == rows and column in found[0]
    status, out, _ = run(capsys, *typed.split(), "--out", "table.json", "--json")
    kept = json.loads(Path("table.json").read_text(encoding="utf-8"))
    document = strict(out)
    assert status == wanted and {key: kept[key] for key in document} == document
    assert {path.name for path in tmp_path.iterdir()} == {"net.json", "table.csv", "table.json"}


def test_no_state_is_said_apart_from_no_convergence(capsys):
    status, out, err = run(capsys, "solve", "hebbian", "--order", 2, "--load", "0.05,0.2", "--temperature", 0.2)
    assert status == 0 and err == "" and "no state here" in out and "No state here: load=0.2 is above 0.1225" in out
    status, out, err = run(capsys, "boundary", "hebbian", "retrieval-spinodal", "--order", 2, "--load", 0.2)
    assert status == 1 and err.startswith("dammech: no state there: ") and "no state here" in out


def test_cite(capsys):
    status, out, _ = run(capsys, "cite", "retrieval-spinodal")
    assert status == 0 and "@article{amit1987," in out
    document = strict(run(capsys, "cite", "nishimori", "--json")[1])
    assert document["keys"][0] == "nishimori1981" and document["bibtex"].startswith("@article{nishimori1981,")


# -- Lagrangians -------------------------------------------------------------------------------------------------------


def test_hessian_and_family(capsys):
    document = strict(run(capsys, "hessian", "softmax", "--dim", 4, "--state", "1,2,3,4", "--json")[1])
    assert document["rank"] == 3 and document["null_space"] == [[1, 1, 1, 1]]
    assert document["at"]["rank"] == 3 and sum(document["at"]["activation"]) == pytest.approx(1)
    assert strict(run(capsys, "hessian", "relu:2+softmax:3", "--json")[1])["rank"] == 4
    assert run(capsys, "hessian", "Max(x, 0)**3/3")[0] == 0
    names = {row["name"] for row in strict(run(capsys, "models", "--family", "lagrangian", "--json")[1])["lagrangians"]}
    assert {"relu", "repu", "softmax", "layernorm", "spherical", "sparsemax", "silu"} <= names
    assert run(capsys, "models", "--family", "lagrangian")[0] == 0


@pytest.mark.parametrize(
    "typed",
    ["hessian nope", "hessian relu --dim 0", "hessian softmax --beta -1", "hessian softmax --state 1,2", "hessian Abs(x)",
     "hessian spherical --state 0,0,0", "models --family x", "hessian relu --beta 2", "hessian relu:2+softmax:2 --dim 3"],
)  # fmt: skip
def test_hessian_refuses_in_one_sentence(capsys, typed):
    status, out, err = run(capsys, *typed.split())
    assert (status, out) == (2, "") and len(err.splitlines()) == 1
