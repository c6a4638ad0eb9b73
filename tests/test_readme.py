"""README tells the truth: its Python runs, its commands parse, and what it names exists."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from dammech.cli.commands import commands

README = Path(__file__).parent.parent.joinpath("README.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"^```python\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)
TYPED = re.findall(r"(?:^|`|&& \S*/)(dammech [a-z][^`\n]*?)(?:`|\s{2,}|$)", README, flags=re.MULTILINE)
ROWS = README.partition("| claim |")[2].partition("\n\n")[0].splitlines()
TABLE = [line.split("|")[1:-1] for line in ROWS if line.startswith("| ")]


def names(cell):
    return re.findall(r"`([^`]+)`", cell)


def test_readme_was_read():
    assert len(PYTHON) == 8 and len(TYPED) > 12 and len(TABLE) >= 6
    for kind in ("main", "tests"):
        assert README.count(f"<!-- command: {kind} -->\n```sh\npython3 -m venv .venv && ") == 1


IDS = ["example", "broken symmetry", "own free energy", "potts", "perceptron", "ferromagnet", "capacities", "dead neurons"]


@pytest.mark.parametrize("block", PYTHON, ids=IDS)
def test_python_runs(fresh_python, block):
    result = fresh_python("-W", "error", "-c", block)
    assert result.returncode == 0, result.stderr
    printed = [float(line) for line in result.stdout.split()]
    promised = [float(x) for x in re.findall(r"[#=] (-?\d\.\d{6,})", block)]
    assert printed
    assert all(any(abs(x - value) < 1e-12 for value in printed) for x in promised)


@pytest.mark.parametrize("typed", sorted(set(TYPED)))
def test_commands_parse(typed, tmp_path, monkeypatch):
    (tmp_path / "figures").mkdir()
    monkeypatch.chdir(tmp_path)
    name, *arguments = shlex.split(typed)[1:]
    if "NAME" not in arguments:
        commands.commands[name].make_context(name, arguments)


def test_derivations_exist():
    from dammech.derive import registered

    named = [name for row in TABLE for name in names(row[1])]
    assert named and set(named) <= set(registered())


def test_claims_exist():
    from dammech.validate import claims

    named = [word for typed in TYPED if typed.startswith("dammech validate") for word in shlex.split(typed)[2:]]
    named = [word for word in named if "." in word and "html" not in word]
    assert named and set(named) <= set(claims())


def test_figures_exist():
    from dammech.plot import FIGURES

    named = [name for row in TABLE for name in names(row[3])]
    assert named and set(named) <= set(FIGURES)
    assert "ags" in FIGURES
