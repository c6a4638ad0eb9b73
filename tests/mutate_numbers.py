"""Mutation of numeric code: what a wrong operator, constant, comparison or condition does to the tests of its room.

    python tests/mutate_numbers.py --room simulate --count 20 --seed 1

A copy of the checkout is made. Its tests are run once to note which functions each of them enters. Then, one at a time,
sampled mutants are written into the copy, and the tests that enter the changed function are run until one fails. A mutant
ends as ``killed``, ``timeout`` (killed, by the clock), ``survived``, or ``equivalent``: named with a
reason in ``mutants_equivalent.txt``. Lines that no test enters are mutated too: there every mutant survives. Mutants of
compiled functions meet the tests that are quick without the compiler first, and the others, compiled, where these pass.

Only tests shorter than ``--longest`` count. ``--keep`` names a folder where generated code and what was recorded of each
file of tests stay for the next run.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import importlib
import json
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import CodeType
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
EQUIVALENT = Path(__file__).with_name("mutants_equivalent.txt")

DEFAULTS = "test_defaults.py"
GOLDEN = "golden/one_by_one.py"
# tests that look at values of modules without calling what stands there
LOOKING = (f"tests/{DEFAULTS}", "tests/validate/test_plans.py::test_constants")
# Where the tests of a room stand: its own folder, and what else pins it down.
TESTS = {
    "simulate": ["simulate", DEFAULTS],
    "exact": ["exact", "simulate/test_streams.py", DEFAULTS],
    "learn": ["learn", DEFAULTS],
    "models": ["models", "exact", "simulate/test_against_exact.py", "flows/test_fixed_points.py", DEFAULTS],
    "flows": ["flows", "models/test_lagrangians.py", DEFAULTS],
    "sweep": ["sweep", DEFAULTS],
    "equations": ["equations", "derive/test_cold.py", "derive/test_typed.py", "solve/test_levels.py", "solve/test_newton.py"],
    "solve": ["solve", GOLDEN],
    "phases": ["phases", GOLDEN],
    "validate": ["validate", DEFAULTS],
}

# Rooms that are more, or other, than the folder of their name.
FOLDERS = {
    "simulate": ("simulate", "systems/*/sampler*"),
    "models": ("declared", "systems/*/model*"),
    "phases": ("phases", "systems/*/answers*"),
    "validate": ("validate", "systems/*/claims*"),
}

NOT_GENERATING = ("solve", "phases", "validate")  # their mutants leave the generated code as it is

_ARITHMETIC: dict[type, type] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv, ast.MatMult: ast.Mult, ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitOr,
}  # fmt: skip
_FLIPPED: dict[type, type] = {
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_BORDER: dict[type, type] = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
_TOLERANCE = 1e-5  # smaller constants are tolerances, of which one per cent changes nothing
_QUICK = 3  # seconds
_TWINS = {"min": "max", "sin": "cos", "floor": "ceil", "argmin": "argmax", "minimum": "maximum", "any": "all", "sum": "max"}
_TWINS |= {other: one for one, other in _TWINS.items() if one != "sum"}


@dataclass(frozen=True)
class Mutant:
    """One change of one file: ``before`` between two offsets becomes ``after`` on the line ``text``, ``nth`` of those alike."""

    path: str
    line: int
    function: str
    first_line: int
    start: int
    end: int
    before: str
    after: str
    text: str
    nth: int

    def __str__(self) -> str:
        short = [text if len(text) <= 70 else f"{text[:67]}..." for text in (self.before, self.after)]
        return f"{self.path}:{self.line} {self.function}: {short[0]}  ->  {short[1]}"

    @property
    def key(self) -> str:
        """What names this mutant, and those alike, in the file of equivalent ones, whatever line it has moved to."""
        return f"{self.path} {self.function}: {self.text} :: {self.before} -> {self.after}"

    @property
    def names(self) -> tuple[str, str]:
        """Of this mutant alone, and of all alike."""
        return f"{self.key} [{self.nth}]", self.key


def mutants_of(path: str, source: str) -> list[Mutant]:
    """Every single mutant of a source text, in its order."""
    tree, lines = ast.parse(source), source.splitlines()
    offsets = [0]
    for text in source.encode().splitlines(keepends=True):
        offsets.append(offsets[-1] + len(text))
    found = []
    alike: Counter[str] = Counter()
    for node, function, first in _numeric(tree, "<module>", 0):
        start = offsets[node.lineno - 1] + node.col_offset
        end = offsets[node.end_lineno - 1] + node.end_col_offset
        before = ast.unparse(node)
        for changed in _changes(node):
            after = ast.unparse(changed)
            if isinstance(node, ast.expr) and not isinstance(node, ast.Constant):
                after = f"({after})"
            text = lines[node.lineno - 1].strip()
            found.append(Mutant(path, node.lineno, function, first, start, end, before, after, text, 1))
            alike[found[-1].key] += 1
            found[-1] = replace(found[-1], nth=alike[found[-1].key])
    return found


def _numeric(node: ast.AST, function: str, first: int) -> Iterator[tuple[Any, str, int]]:
    """Nodes that may be changed with the function they stand in: no annotation, decorator, text, error or import."""
    if isinstance(node, ast.Raise | ast.JoinedStr | ast.Import | ast.ImportFrom):
        return
    if isinstance(node, ast.FunctionDef):
        function = node.name if function == "<module>" else f"{function}.{node.name}"
        first = min([node.lineno, *(d.lineno for d in node.decorator_list)])  # as in its code object
        parts: list[ast.AST] = [*node.args.defaults, *filter(None, node.args.kw_defaults), *node.body]
    elif isinstance(node, ast.ClassDef):
        function, parts = (node.name if function == "<module>" else f"{function}.{node.name}"), list(node.body)
    elif isinstance(node, ast.AnnAssign):
        parts = [node.value] if node.value else []
    else:
        if isinstance(node, ast.expr | ast.AugAssign | ast.If | ast.While):
            yield node, function, first
        parts = list(ast.iter_child_nodes(node))
    for part in parts:
        yield from _numeric(part, function, first)


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        yield ast.BinOp(node.left, _ARITHMETIC[type(node.op)](), node.right)
    elif isinstance(node, ast.AugAssign) and type(node.op) in _ARITHMETIC:
        yield ast.AugAssign(node.target, _ARITHMETIC[type(node.op)](), node.value)
    elif isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.UAdd):
        yield node.operand
    elif isinstance(node, ast.Compare):
        for k, op in enumerate(node.ops):
            for table in (_FLIPPED, _BORDER):
                if type(op) in table:
                    ops = [*node.ops[:k], table[type(op)](), *node.ops[k + 1 :]]
                    yield ast.Compare(node.left, ops, node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        for k in range(len(node.values)):
            rest = [*node.values[:k], *node.values[k + 1 :]]
            yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
    elif isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield ast.Constant(not node.value)
        elif isinstance(node.value, int):
            yield ast.Constant(node.value + 1)
        elif isinstance(node.value, float) and not 0 < abs(node.value) < _TOLERANCE:
            yield ast.Constant(node.value * 1.01 if node.value else 0.01)
    elif isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in _TWINS:
            twin: ast.expr = ast.Name(_TWINS[name])
            if isinstance(node.func, ast.Attribute):
                twin = ast.Attribute(node.func.value, _TWINS[name])
            yield ast.Call(twin, node.args, node.keywords)
        elif name in ("abs", "exp", "log", "sqrt") and len(node.args) == 1 and not node.keywords:
            yield node.args[0]


class _Recorder:
    """A pytest plugin that notes how long each test took and which functions of the package it entered.

    What a shared fixture entered counts for every test that uses it.
    """

    def __init__(self, package: Path) -> None:
        self.package = str(package)
        self.entered: set[CodeType] = set()
        self.fixtures: dict[Any, set[CodeType]] = {}
        self.tests: dict[str, dict[str, Any]] = {}

    def trace(self, frame: Any, event: str, argument: Any) -> None:
        self.entered.add(frame.f_code)  # a call; nothing within is traced

    def places(self) -> list[tuple[str, int]]:
        files = ((os.path.relpath(c.co_filename, self.package), c.co_firstlineno) for c in list(self.entered))
        return sorted({place for place in files if not place[0].startswith("..")})

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Iterator[None]:
        outside, self.entered = self.entered, set()
        yield
        self.fixtures.setdefault(fixturedef, set()).update(self.entered)
        self.entered |= outside

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)  # around the clock, which may end a test and nothing else
    def pytest_runtest_protocol(self, item: Any) -> Iterator[None]:
        self.entered = set()
        began = time.perf_counter()
        threading.settrace(self.trace)
        sys.settrace(self.trace)
        yield
        sys.settrace(None)
        threading.settrace(None)
        for definitions in item._fixtureinfo.name2fixturedefs.values():
            for definition in definitions:
                self.entered |= self.fixtures.get(definition, set())
        note = self.tests.setdefault(item.nodeid, {"failed": False})
        note |= {"seconds": time.perf_counter() - began, "entered": self.places()}

    def pytest_runtest_logreport(self, report: Any) -> None:
        note = self.tests.setdefault(report.nodeid, {"failed": False})
        note["failed"] |= report.outcome != "passed" and report.when != "teardown"


def in_child(
    work: Path,
    log: Path,
    arguments: list[str],
    compiled: Path | None,
    plugin: Any = None,
    seconds: float = 3600,
    frozen: str = "",
) -> int | None:
    """Exit status of pytest in a fork of this process, which has NumPy and others in memory; None where time ran out.

    ``compiled`` is the cache of compiled functions; without one nothing is compiled. ``frozen`` stands for the fingerprint of the
    sources, so that generated code is used again.
    """
    child = os.fork()
    if child == 0:
        os.setsid()
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        os.chdir(work)
        sys.path.insert(0, str(work))
        sys.dont_write_bytecode = True  # a mutant of equal size in the same second would be read from it
        os.environ |= {"PYTHONPATH": str(work), "PYTHONDONTWRITEBYTECODE": "1", "CI": "1", "OPENBLAS_NUM_THREADS": "1"}
        os.environ["DAMMECH_CACHE"] = str(work / "generated")
        import numba

        if compiled:
            os.environ["NUMBA_CACHE_DIR"] = numba.config.CACHE_DIR = str(compiled)
        else:
            os.environ["NUMBA_DISABLE_JIT"] = "1"
            numba.config.DISABLE_JIT = 1
            arguments = ["-W", "ignore:overflow encountered:RuntimeWarning", *arguments]  # of random words
        status = 3
        try:
            if frozen:
                importlib.import_module("dammech.equations.compiled")._fingerprint = lambda: frozen  # type: ignore[attr-defined]
            status = int(pytest.main(["-q", "-p", "no:xdist", *arguments], plugins=[plugin] if plugin else []))
            if plugin:
                (work / "recorded.json").write_text(json.dumps(plugin.tests))
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def frozen_for(work: Path, room: str) -> str:
    """What the generated code depends on, where mutants of a room do not change it; else nothing."""
    generating = [f"dammech/{name}" for name in ("declared", "derive", "equations", "systems")]
    return sources(work, *generating) if room in NOT_GENERATING else ""


def files_of(package: Path, room: str) -> list[Path]:
    """The Python files of a room."""
    found = [path for pattern in FOLDERS.get(room, (room,)) for path in package.glob(pattern)]
    return sorted(f for path in found for f in (path.rglob("*.py") if path.is_dir() else [path]))


def sources(work: Path, *paths: str) -> str:
    """Hash of Python files below some paths."""
    files = [f for path in paths for f in (sorted((work / path).rglob("*.py")) if (work / path).is_dir() else [work / path])]
    return hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()


def record(work: Path, room: str, longest: float, keep: Path | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Which functions each test enters and how long it takes; and the same of those that are quick when nothing is compiled.
    Tests that fail unchanged or are too long are left out, and said."""
    found = [work / "tests" / name for name in TESTS[room]]
    files = [f for path in found for f in (sorted(path.glob("test_*.py")) if path.is_dir() else [path])]
    frozen, package = frozen_for(work, room), work / "dammech"
    tests = _recorded(work, files, longest, keep, work / "numba", frozen)
    kernels = {str(p.relative_to(package)) for p in files_of(package, room) if is_compiled(p)}
    kernels |= {file for kernel in kernels for file in importers(kernel, package)}
    homes = {work / t.split("::")[0] for t, note in tests.items() if any(file in kernels for file, _ in note["entered"])}
    return tests, _recorded(work, sorted(homes), _QUICK, keep, None, frozen)


def _recorded(
    work: Path, files: list[Path], longest: float, keep: Path | None, compiled: Path | None, frozen: str
) -> dict[str, dict[str, Any]]:
    tests: dict[str, dict[str, Any]] = {}
    end = f"{longest:g}.json" if compiled else "plain.json"
    notes = {f: keep / f"{sources(work, 'dammech', str(f))}.{end}" for f in files} if keep else {}
    missing = [f for f in files if f not in notes or not notes[f].exists()]
    if missing:
        (work / "recorded.json").unlink(missing_ok=True)
        arguments = [f"--timeout={longest}", *map(str, missing)]
        plugin = _Recorder(work / "dammech")
        status = in_child(work, work / "log.txt", arguments, compiled, plugin, frozen=frozen)
        if status not in (0, 1) or not (work / "recorded.json").exists():
            sys.exit(f"the tests do not run:\n{(work / 'log.txt').read_text()[-3000:]}")
        tests = json.loads((work / "recorded.json").read_text())
        for file in set(missing) & set(notes):
            mine = {name: t for name, t in tests.items() if name.split("::")[0] == str(file.relative_to(work))}
            notes[file].write_text(json.dumps(mine))
    for file in set(files) - set(missing):
        tests |= json.loads(notes[file].read_text())
    failing = [name for name, note in tests.items() if note["failed"] or "entered" not in note]
    for name in failing:
        if compiled:
            print(f"fails unchanged, is skipped or too long, and is left out: {name}")
        del tests[name]
    return tests


def tests_for(mutant: Mutant, tests: dict[str, dict[str, Any]], work: Path, budget: float) -> list[str]:
    """Tests that may notice, quickest first, up to ``budget`` seconds: those that enter the function (or its file), then
    others of the same files. Compiled functions are not seen: there it is the files that import theirs."""

    def enter(test: str, files: set[str], line: int | None = None) -> bool:
        return any(file in files and line in (None, first) for file, first in tests[test]["entered"])

    close = [t for t in tests if mutant.first_line and enter(t, {mutant.path}, mutant.first_line)]
    if not close or is_compiled(work / "dammech" / mutant.path):
        close = [t for t in tests if enter(t, {mutant.path} | importers(mutant.path, work / "dammech"))]
    homes = {t.split("::")[0] for t in close}
    chosen = sorted(close, key=lambda t: tests[t]["seconds"])
    chosen += sorted({t for t in tests if t.split("::")[0] in homes} - set(close), key=lambda t: tests[t]["seconds"])
    spent = np.cumsum([tests[t]["seconds"] for t in chosen])
    last = [t for t in tests if t.startswith(LOOKING)]  # no call shows that these are looked at
    return [t for t, until in zip(chosen, spent) if until <= budget and t not in last] + last


def _entering(mutant: Mutant, plain: dict[str, dict[str, Any]]) -> list[str]:
    """Tests that enter a function when it is not compiled, quickest first, for a while."""
    entering = [t for t in plain if [mutant.path, mutant.first_line] in plain[t]["entered"]]
    entering.sort(key=lambda t: plain[t]["seconds"])
    spent = np.cumsum([plain[t]["seconds"] for t in entering])
    return [t for t, until in zip(entering, spent) if until <= 10 * _QUICK]


def is_compiled(path: Path) -> bool:
    """Whether a file holds functions for numba."""
    text = path.read_text()
    return "njit" in text or "_compiled" in text


def importers(path: str, package: Path) -> set[str]:
    """Files that import a module."""
    name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    above, _, stem = f"dammech.{name}".rpartition(".")
    wanted = f"from dammech.{name} import", f"from {above} import {stem}"
    files = {str(p.relative_to(package)) for p in package.rglob("*.py") if any(w in p.read_text() for w in wanted)}
    return files - {path}


def known_equivalent() -> dict[str, str]:
    """Reasons by key."""
    lines = EQUIVALENT.read_text(encoding="utf-8").splitlines() if EQUIVALENT.exists() else []
    return dict(line.rsplit("  # ", 1) for line in lines if line and not line.startswith("#"))


def decide(
    mutant: Mutant, tests: dict[str, Any], plain: dict[str, Any], work: Path, budget: float, frozen: str
) -> str:
    """What becomes of one mutant; the copy is as it was afterwards. ``plain`` are tests to be run without compiling."""
    path = work / "dammech" / mutant.path
    source = path.read_bytes()
    changed = source[: mutant.start] + mutant.after.encode() + source[mutant.end :]
    if known_equivalent().keys() & set(mutant.names):
        return "equivalent"
    chosen = tests_for(mutant, tests, work, budget)
    if not chosen:
        return "survived"
    fresh = is_compiled(path)
    stat, generated = path.stat(), work / "generated"
    kept = shutil.copytree(generated, work / "kept") if generated.exists() and not frozen else None
    compiled = Path(tempfile.mkdtemp(dir=work)) if fresh else work / "numba"
    path.write_bytes(changed)

    def status_of(some: list[str], notes: dict[str, Any], cache: Path | None) -> int | None:
        seconds = 20 + 120 * (fresh and cache is not None) + 5 * sum(notes[t]["seconds"] for t in some)
        arguments = ["-x", *(str(work / t) for t in some)]
        return in_child(work, work / "log.txt", arguments, cache, seconds=seconds, frozen=frozen)

    try:
        status: int | None = 0
        if fresh and (entering := _entering(mutant, plain)):
            status = status_of(entering, plain, None)
        if status == 0:
            status = status_of(chosen, tests, compiled)
    finally:
        path.write_bytes(source)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        if not frozen:
            shutil.rmtree(generated, ignore_errors=True)
        if kept:
            kept.rename(generated)
        if fresh:
            shutil.rmtree(compiled)
    return "timeout" if status is None else "survived" if status in (0, 5) else "killed"


def main() -> None:
    """Sample, decide, report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--room", choices=list(TESTS), action="append", help="may be given more than once (default: all)")
    parser.add_argument("--count", type=int, default=20, help="mutants of each room")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--file", default="", help="only files whose name contains this")
    parser.add_argument("--budget", type=float, default=60.0, help="seconds of tests for each mutant")
    parser.add_argument("--longest", type=float, default=20.0, help="seconds of a test; longer ones are left out")
    parser.add_argument("--keep", type=Path, help="folder for what the next run may use again")
    options = parser.parse_args()
    import numba  # noqa: F401  loaded before the forks, as what follows
    import scipy.optimize
    import scipy.special  # noqa: F401
    import sympy  # noqa: F401

    total: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        ignored = shutil.ignore_patterns(".git", "*.nbi", "*.nbc", ".mypy_cache", ".ruff_cache", ".hypothesis")
        shutil.copytree(ROOT, work, ignore=ignored, dirs_exist_ok=True)
        for room in options.room or TESTS:
            began = time.monotonic()
            generated = options.keep / "generated" if options.keep and room in NOT_GENERATING else None
            if generated and generated.exists():
                shutil.copytree(generated, work / "generated", dirs_exist_ok=True)
            tests, plain = record(work, room, options.longest, options.keep)
            if generated:
                shutil.copytree(work / "generated", generated, dirs_exist_ok=True)
            print(f"{room}: {len(tests)} tests recorded in {time.monotonic() - began:.0f} s", flush=True)
            every = []
            for path in files_of(work / "dammech", room):
                name = str(path.relative_to(work / "dammech"))
                if options.file in name:
                    every += mutants_of(name, path.read_text(encoding="utf-8"))
            order = np.random.default_rng([options.seed, list(TESTS).index(room)]).permutation(len(every))
            counted: Counter[str] = Counter()
            alive = []
            for k in order:
                if counted["killed"] + counted["timeout"] + counted["survived"] == options.count:
                    break
                began = time.monotonic()
                fate = decide(every[k], tests, plain, work, options.budget, frozen_for(work, room))
                counted[fate] += 1
                alive += [every[k].names[0]] if fate == "survived" else []
                print(f"{fate:<10} {time.monotonic() - began:5.1f} s  {every[k]}", flush=True)
            print(f"{room}: {dict(counted)} of {len(every)} possible", *alive, sep="\n  ", flush=True)
            total += counted
    decided = total["killed"] + total["timeout"] + total["survived"]
    print(f"{decided} decided, {total['survived']} survived ({total['survived'] / max(decided, 1):.1%}); {dict(total)}")


if __name__ == "__main__":
    main()
