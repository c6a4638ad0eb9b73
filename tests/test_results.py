"""Every number that a result class holds is asserted by a test of a file that makes such results.

Results are the dataclasses that public functions of the rooms return. Who makes one is read off return annotations: a
function that returns it, or something that holds it. A field counts as asserted where an ``assert``, or a call of
``assert_…``, in a file that names a maker (or the class) reads an attribute or a key of that name; names in a list that an
assertion runs through count as well.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

import dammech

PACKAGE, TESTS = Path(dammech.__file__).parent, Path(__file__).parent
ROOMS = ("simulate", "exact", "learn", "flows", "sweep", "solve", "phases", "validate")
NUMERIC = re.compile(r"\b(int|float|complex|ndarray)\b")

# Dataclasses that are given, not found: settings, plans and the like.
GIVEN = {"simulate.Chain", "learn.Config", "learn.Training", "learn.Task", "learn.Images", "flows.Flow", "validate.Policy"}
GIVEN |= {"simulate.CouplingChain", "simulate.PhaseChain", "simulate.RowChain"}
GIVEN |= {"learn.Interaction", "learn.Method", "learn.Items", "flows.LyapunovFunction"}


def classes_of(room: str) -> dict[str, dict[str, str]]:
    """Public dataclasses of a room that are results: numeric fields (by annotation) of each."""
    found = {}
    for path in sorted((PACKAGE / room).rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.ClassDef) or node.name.startswith("_") or f"{room}.{node.name}" in GIVEN:
                continue
            if any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list):
                fields = {
                    line.target.id: ast.unparse(line.annotation)
                    for line in node.body
                    if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and line.target.id[0] != "_"
                }
                found[node.name] = fields
    return found


def makers_of(room: str, classes: dict[str, dict[str, str]]) -> dict[str, set[str]]:
    """Names of functions whose return annotation leads to each class."""
    returns: dict[str, str] = {}
    for path in sorted((PACKAGE / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.returns is not None:
                returns[node.name] = returns.get(node.name, "") + " " + ast.unparse(node.returns)
    makers = {}
    for name in classes:
        holders = {name}
        while True:
            more = {c for c, fields in classes.items() if any(_mentions(a, holders) for a in fields.values())} - holders
            if not more:
                break
            holders |= more
        makers[name] = holders | {function for function, text in returns.items() if _mentions(text, holders)}
    return makers


def _mentions(text: str, names: set[str]) -> bool:
    return bool(names & set(re.findall(r"\w+", text)))


def asserted(source: str) -> tuple[set[str], set[str]]:
    """All names that a test file uses, and those of fields that it asserts something about."""
    tree = ast.parse(source)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    used |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    fields: set[str] = set()
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        claims = [node for node in ast.walk(function) if isinstance(node, ast.Assert) or _asserting(node)]
        read: dict[str, set[str]] = defaultdict(set)  # what a local name was made from: m = point.m; assert m …
        names: dict[str, set[str]] = defaultdict(set)
        for node in [*tree.body, *ast.walk(function)]:
            if isinstance(node, ast.Assign):
                targets, value, words = node.targets, node.value, _keys(node.value)
            elif isinstance(node, ast.For | ast.comprehension):
                targets, value, words = [node.target], node.iter, _words(node.iter)
            else:
                continue
            for name in {n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)}:
                read[name] |= _read(value) | words
                names[name] |= _names(value)
        for claim in claims:
            fields |= _read(claim)
            seen, new = set(), _names(claim)
            while new:
                fields |= set().union(*(read[name] for name in new))
                seen |= new
                new = set().union(*(names[name] for name in new)) - seen
    return used, fields


def _asserting(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and "assert_" in ast.unparse(node.func)


def _read(node: ast.AST) -> set[str]:
    """Attributes and keys that an expression reads; keyword arguments that it is compared with."""
    found = {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
    found |= {n.slice.value for n in ast.walk(node) if isinstance(n, ast.Subscript) and isinstance(n.slice, ast.Constant)
              and isinstance(n.slice.value, str)}  # fmt: skip
    return found


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _words(node: ast.AST) -> set[str]:
    """Texts in a literal that a loop runs through, as names of fields for getattr."""
    return {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def _keys(node: ast.AST) -> set[str]:
    """Keys of a literal dict of what was asked for."""
    return {k.value for n in ast.walk(node) if isinstance(n, ast.Dict) for k in n.keys if isinstance(k, ast.Constant)}


def files_of_tests() -> list[tuple[set[str], set[str]]]:
    return [asserted(path.read_text(encoding="utf-8")) for path in sorted(TESTS.rglob("test_*.py"))]


def public_of(room: str) -> set[str]:
    """Names that a room, or a folder of it, offers."""
    found: set[str] = set()
    for path in (PACKAGE / room).rglob("__init__.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
                found |= {n.value for n in ast.walk(node.value) if isinstance(n, ast.Constant)}
    return found


def unasserted(room: str, files: list[tuple[set[str], set[str]]]) -> list[str]:
    classes, public = classes_of(room), public_of(room)
    makers = makers_of(room, classes)
    missing = []
    for name, fields in classes.items():
        if not makers[name] & public:
            continue
        known: set[str] = set()
        for used, claims in files:
            if used & makers[name]:
                known |= claims
        numbers = [f for f, kind in fields.items() if NUMERIC.search(kind) and not _mentions(kind, set(classes))]
        missing += [f"{name}.{field}" for field in numbers if field not in known]
    return missing


@pytest.fixture(scope="module")
def files():
    return files_of_tests()


@pytest.mark.parametrize("room", ROOMS)
def test_every_number_of_a_result_is_asserted(room, files):
    assert classes_of(room) or room == "sweep"  # which keeps what others found
    missing = unasserted(room, files)
    assert not missing, f"no test asserts {', '.join(missing)}"


def test_a_number_that_nothing_asserts_would_be_seen(files):
    """The scan itself: a field is asserted by what reads it, not by a word in a comment, a string or another file."""
    used, fields = asserted("def test():\n    p = made()\n    x = p.energy\n    p.size\n    assert x == p['m'], 'p.q'\n")
    assert {"energy", "m"} <= fields and not {"size", "q"} & fields and "made" in used
    without = [(used, fields - {"binder"}) for used, fields in files]
    assert "TemperedPoint.binder" in unasserted("simulate", without)
    elsewhere = [(used if "binder" not in fields else set(), fields) for used, fields in files]
    assert "TemperedPoint.binder" in unasserted("simulate", elsewhere)
