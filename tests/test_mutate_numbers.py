"""The mutation run mutates what counts, and runs the tests that may notice."""

from __future__ import annotations

import ast
from pathlib import Path

import mutate_numbers
import pytest

SOURCE = '''"""Text 1."""
from a import b

@decorated(1)
def f(x: int = 3) -> list[int, 4]:
    """Text 2."""
    if x < 0 or x > 9.0:
        raise ValueError(f"{x + 1}")
    x += 2
    return max(x, -x) ** 2 if True else abs(x)
'''


def test_every_kind_of_mutant_and_nothing_else():
    mutants = mutate_numbers.mutants_of("f.py", SOURCE)
    changes = {(m.before, m.after) for m in mutants}
    assert changes == {
        ("3", "4"), ("x < 0", "(x >= 0)"), ("x < 0", "(x <= 0)"), ("0", "1"), ("x > 9.0", "(x <= 9.0)"),
        ("x > 9.0", "(x >= 9.0)"), ("9.0", "9.09"), ("x < 0 or x > 9.0", "(x < 0 and x > 9.0)"),
        ("x < 0 or x > 9.0", "(x < 0)"), ("x < 0 or x > 9.0", "(x > 9.0)"), ("x += 2", "x -= 2"), ("2", "3"),
        ("max(x, -x)", "(min(x, -x))"), ("-x", "(x)"), ("max(x, -x) ** 2", "(max(x, -x) * 2)"), ("True", "False"),
        ("max(x, -x) ** 2 if True else abs(x)", "(max(x, -x) ** 2)"), ("abs(x)", "(x)"),
        ("max(x, -x) ** 2 if True else abs(x)", "(abs(x))"),
    }  # fmt: skip
    assert {m.function for m in mutants} == {"f"}
    assert {m.first_line for m in mutants} == {4}  # that of the code object, with its decorators
    for mutant in mutants:
        changed = (SOURCE.encode()[: mutant.start] + mutant.after.encode() + SOURCE.encode()[mutant.end :]).decode()
        assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(SOURCE))


def test_of_mutants_alike_each_has_a_name_and_all_have_one(tmp_path, monkeypatch):
    one, other = (m for m in mutate_numbers.mutants_of("f.py", "x = a[0] + b[0]") if m.before == "0")
    assert (one.names, other.names) == tuple(
        (f"f.py <module>: x = a[0] + b[0] :: 0 -> 1 [{n}]", "f.py <module>: x = a[0] + b[0] :: 0 -> 1") for n in (1, 2)
    )
    (tmp_path / "dammech").mkdir()
    (tmp_path / "dammech" / "f.py").write_text("x = a[0] + b[0]")
    monkeypatch.setattr(mutate_numbers, "EQUIVALENT", tmp_path / "named.txt")
    for named, fates in ((one.key, ["equivalent"] * 2), (other.names[0], ["survived", "equivalent"])):
        (tmp_path / "named.txt").write_text(f"{named}  # for this reason\n")
        assert [mutate_numbers.decide(m, {}, {}, tmp_path, 1, "") for m in (one, other)] == fates


def test_tests_are_those_that_enter_the_function_then_their_neighbours(tmp_path):
    (tmp_path / "dammech").mkdir()
    (tmp_path / "dammech" / "f.py").write_text(SOURCE)
    entered = {"t.py::slow": [("f.py", 4)], "t.py::quick": [("f.py", 4)], "t.py::beside": [], "u.py::other": [("g.py", 4)]}
    tests = {name: {"seconds": 1.0 + (name == "t.py::slow"), "entered": seen} for name, seen in entered.items()}
    mutant = mutate_numbers.mutants_of("f.py", SOURCE)[0]
    assert mutate_numbers.tests_for(mutant, tests, tmp_path, 9) == ["t.py::quick", "t.py::slow", "t.py::beside"]
    assert mutate_numbers.tests_for(mutant, tests, tmp_path, 1.5) == ["t.py::quick"]


def test_a_kernel_is_tested_by_those_who_import_it():
    package = Path(mutate_numbers.ROOT) / "dammech"
    assert mutate_numbers.is_compiled(package / "simulate" / "kernels.py")
    assert "simulate/chain.py" in mutate_numbers.importers("simulate/kernels.py", package)


def test_equivalent_mutants_are_named_with_a_reason_and_exist():
    found = {}
    for key, reason in mutate_numbers.known_equivalent().items():
        path = key.split(" ")[0]
        if path not in found:
            source = (Path(mutate_numbers.ROOT) / "dammech" / path).read_text(encoding="utf-8")
            found[path] = {name for mutant in mutate_numbers.mutants_of(path, source) for name in mutant.names}
        assert key in found[path], f"no such mutant any more: {key}"
        assert len(reason) > 10


@pytest.mark.parametrize("room", mutate_numbers.TESTS)
def test_the_tests_of_a_room_exist(room):
    tests = Path(mutate_numbers.ROOT) / "tests"
    assert all((tests / name).exists() for name in mutate_numbers.TESTS[room])
