"""The map of the package holds: arrows run one way, the two arms never meet, no command pays for what it leaves out.

Theory (derive, equations, solve, phases) and simulation meet only in validate; that is why their agreement is evidence.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import get_args

import pytest

import dammech
from dammech.registry import Part, models

PACKAGE = Path(dammech.__file__).parent
ROOT = Path(__file__).parent.parent

BASE = {"errors", "memory", "_rooms", "results", "registry", "declared"}
THEORY = {"derive", "equations", "solve", "phases"}
ARM = {"simulate", "flows", "learn", "sweep"}

# Which rooms a room may import. ``exact`` is a witness that both arms may call. ``literature.citing`` looks up the
# names of derivations and claims; the data of literature import nothing. ``flows`` is the physics of one system, whose
# networks it and its commands take.
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "registry": {"errors"},
    "results": {"errors"},
    "memory": {"errors"},
    "_rooms": set(),
    "declared": {"errors"},
    "exact": BASE,
    "derive": BASE | {"exact"},
    "equations": BASE | {"derive"},
    "solve": BASE | {"derive", "equations"},
    "phases": BASE | {"derive", "equations", "solve"},
    "simulate": BASE | {"exact"},
    "learn": BASE,
    "sweep": BASE,
    "flows": BASE | {"exact", "systems"},
    "literature": BASE | {"literature.citing"},
    "literature.citing": BASE | {"literature", "derive", "validate"},
    "validate": BASE | THEORY | {"exact", "simulate", "literature", "sweep"},
    "plot": BASE | THEORY | {"validate"},
    "cli": BASE | THEORY | ARM | {"", "exact", "literature", "validate", "plot", "systems", "systems.figures"},
    "systems": BASE,
    "systems.theory": BASE | THEORY | {"exact", "systems"},
    "systems.answers": BASE | THEORY | {"systems"},
    "systems.capacity": BASE | THEORY | {"exact", "systems", "systems.theory"},
    "systems.sampler": BASE | {"exact", "simulate", "systems"},
    "systems.images": BASE | THEORY | {"simulate", "learn", "systems", "systems.sampler"},
    "systems.claims": BASE | THEORY | ARM | {"exact", "literature", "validate", "systems", "systems.theory", "systems.answers",
                                            "systems.capacity", "systems.sampler"},
    "systems.figures": BASE | THEORY | ARM | {"exact", "literature", "validate", "plot", "systems", "systems.theory",
                                              "systems.answers", "systems.capacity", "systems.sampler", "systems.claims",
                                              "systems.images"},
    "__main__": {"cli"},
    "": BASE | THEORY | {"flows", "literature", "simulate", "systems", "validate", "plot"},
}  # fmt: skip

# A derivation prints the code generated from it and what it cites, a phase diagram draws itself: the arrows back, taken when
# somebody asks.
PRINTS_ITS_SOURCE = {("derive.steps", "equations"), ("derive.typeset", "literature"), ("phases.diagram", "plot")}

MODULES = sorted(PACKAGE.rglob("*.py"))


def room_of(parts: tuple[str, ...]) -> str:
    """The room a module (its name without ``dammech``) belongs to; the package itself is the room '', and each part of a system,
    which the registry finds and nobody else imports, has rules of its own."""
    if parts[:1] == ("systems",) and parts[2:3] and parts[2] in get_args(Part):
        return f"systems.{parts[2]}"
    if parts[:2] == ("literature", "citing"):
        return "literature.citing"
    return parts[0] if parts else ""


def parts_of(path: Path) -> tuple[str, ...]:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def imported(source: str, package: tuple[str, ...] = ()) -> set[str]:
    """Rooms imported anywhere in a source text: statements at any depth, relative ones, and import_module of a literal.

    ``dammech.__version__`` and its like, taken from the package itself, count as the room ''.
    """
    names: list[tuple[str, ...]] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [tuple(alias.name.split(".")) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = ("dammech", *package)[: len(package) + 2 - node.level] if node.level else ()
            base = (*above, *(node.module.split(".") if node.module else ()))
            names += [(*base, alias.name) for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__"):
            names += [tuple(a.value.split(".")) for a in node.args[:1] if isinstance(a, ast.Constant)]
    homes = getattr(dammech, "_HOMES", {})
    rooms = set()
    for name in names:
        if name[0] != "dammech":
            continue
        if len(name) == 2 and name[1] in homes and not (PACKAGE / name[1]).is_dir():
            name = tuple(homes[name[1]].split("."))
        known = len(name) > 1 and ((PACKAGE / name[1]).is_dir() or (PACKAGE / f"{name[1]}.py").is_file())
        rooms.add(room_of(name[1:]) if known else "")
    return rooms


def offending(room: str, rooms: set[str]) -> set[str]:
    """The imported rooms that this room must not see."""
    return rooms - MAY_IMPORT[room] - {room}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: ".".join(parts_of(p)) or "dammech")
def test_arrows_run_one_way(path):
    parts = parts_of(path)
    room = room_of(parts)
    assert room in MAY_IMPORT, f"the room {room!r} is not on the map"
    package = parts if path.name == "__init__.py" else parts[:-1]
    bad = offending(room, imported(path.read_text(encoding="utf-8"), package))
    bad = {seen for seen in bad if (".".join(parts), seen) not in PRINTS_ITS_SOURCE}
    assert not bad, f"{'.'.join(parts)} must not import {', '.join(sorted(bad))}"


@pytest.mark.parametrize(
    ("room", "source", "bad"),
    [
        ("solve", "from dammech.simulate import simulate", "simulate"),
        ("derive", "from dammech.flows import trajectory", "flows"),
        ("flows", "from dammech.derive import derive", "derive"),
        ("simulate", "def f():\n    from dammech.phases import boundary", "phases"),
        ("simulate", "from dammech import solve", "solve"),
        ("simulate", "from dammech import boundary", "phases"),
        ("declared", "import dammech.derive as d", "derive"),
        ("derive", "from importlib import import_module\nimport_module('dammech.solve')", "solve"),
        ("declared", "import dammech", ""),
        ("learn", "from dammech.phases import boundary", "phases"),
        ("solve", "from dammech.systems.hebbian import SYSTEM", "systems"),
        ("derive", "from dammech.systems.hebbian.theory import derive", "systems.theory"),
        ("systems.theory", "from dammech.simulate import Chain", "simulate"),
        ("systems.sampler", "from dammech.systems.pspin.theory import derive", "systems.theory"),
        ("systems.sampler", "from dammech.derive import derive", "derive"),
    ],
)
def test_a_wrong_arrow_is_seen(room, source, bad):
    assert offending(room, imported(source)) == {bad}


def test_a_wrong_relative_arrow_is_seen():
    assert offending("solve", imported("from ..simulate import simulate", ("solve",))) == {"simulate"}
    assert offending("solve", imported("from .newton import step", ("solve",))) == set()


def test_the_map_has_no_cycle_but_the_registry_of_names():
    graph = {room: seen - {"literature.citing", ""} for room, seen in MAY_IMPORT.items()}
    while graph:
        leaves = [room for room, seen in graph.items() if not seen & graph.keys()]
        assert leaves, f"a cycle among {sorted(graph)}"
        graph = {room: seen for room, seen in graph.items() if room not in leaves}


def imported_modules(tree: ast.AST, known: set[str]) -> set[str]:
    """Modules of ours that a file imports, within functions too; what only a type checker sees does not count."""
    unseen = {
        inner for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }  # fmt: skip
    found = set()
    for node in ast.walk(tree):
        if node in unseen:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {name if (name := f"{node.module}.{a.name}") in known else node.module for a in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "import_module":
            found |= {a.value for a in node.args[:1] if isinstance(a, ast.Constant)}
    return found & known


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """What is left when modules that import nothing that is left, or that nothing left imports, are taken away."""
    graph = {name: set(seen) - {name} for name, seen in graph.items()}
    while True:
        used = set().union(*graph.values()) if graph else set()
        gone = {name for name, seen in graph.items() if not seen or name not in used}
        if not gone:
            return [sorted(graph)] if graph else []
        graph = {name: seen - gone for name, seen in graph.items() if name not in gone}


def test_no_modules_import_each_other_in_a_circle():
    """Not even within functions; a package may be imported by what it imports first, as Python does."""
    files = {".".join(("dammech", *parts_of(path))): path for path in MODULES}
    graph = {name: imported_modules(ast.parse(path.read_text(encoding="utf-8")), set(files)) for name, path in files.items()}
    assert circles(graph) == []


def test_a_circle_is_seen():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [["b", "c"]]
    lazy = ast.parse("def f():\n    from dammech.solve import newton")
    assert imported_modules(lazy, {"dammech.solve.newton", "dammech.solve"}) == {"dammech.solve.newton"}


@pytest.mark.parametrize(
    ("load", "forbidden"),
    [
        ("import dammech.phases, dammech.solve", "dammech.simulate"),
        ("import dammech.simulate", "dammech.derive dammech.equations dammech.solve dammech.phases"),
        ("import dammech.learn, dammech.sweep", "dammech.derive dammech.equations dammech.solve dammech.phases numba sympy"),
        ("import dammech.flows", "dammech.derive dammech.equations dammech.solve dammech.phases dammech.simulate"),
        ("import dammech.registry; dammech.registry.systems(); dammech.HebbianDAM(order=3)",
         "numpy scipy sympy matplotlib numba xarray rich click"),
    ],
)
def test_what_an_import_brings_along(fresh_python, load, forbidden):
    code = f"import sys; {load}; print(*(set({forbidden.split()!r}) & set(sys.modules)))"
    run = fresh_python("-c", code)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == []


def test_public_names_resolve():
    for name in dammech.__all__:
        assert getattr(dammech, name) is not None
    assert set(dammech.__all__) <= set(dir(dammech))
    with pytest.raises(AttributeError, match="nonsense"):
        dammech.nonsense  # noqa: B018


# get_state only reads; it is how a test shows that the global state was left alone
SEEDED = "get_state|default_rng|Generator|SeedSequence|BitGenerator|PCG64|PCG64DXSM|Philox|SFC64"
GLOBAL_RANDOM = re.compile(rf"\b(?:np|numpy)\.random\.(?!(?:{SEEDED})\b)\w+|\bimport random\b|\bfrom random import")


@pytest.mark.parametrize("folder", ["dammech", "tests", "figures", "derivations"])
def test_no_global_random_state(folder):
    for path in sorted((ROOT / folder).rglob("*.py")):
        if path != Path(__file__):
            found = GLOBAL_RANDOM.findall(path.read_text(encoding="utf-8"))
            assert not found, f"{path.relative_to(ROOT)}: {found}; use numpy.random.default_rng(seed)"


def test_global_random_state_would_be_seen():
    assert GLOBAL_RANDOM.search("np.random.seed(0)") and GLOBAL_RANDOM.search("x = numpy.random.rand(3)")
    assert not GLOBAL_RANDOM.search("rng = np.random.default_rng(seed)")


# what the engine may not ask of a system: who it is, or for what it did not declare
ENGINE = ("derive", "equations", "solve", "phases", "exact", "simulate", "sweep", "validate", "plot", "results", "literature")
ASKING = re.compile(
    r"(?:hasattr|getattr)\([^)]*\bmodel\b|isinstance\([^)]*\b(?:HebbianDAM|PSpin|PalimpsestDAM)\b|\.p [=!<>]=? 2\b"
)
# the door itself: what is handed in may be anything
DOORS = {"derive.registry", "equations.compiled", "solve.solution"}


@pytest.mark.parametrize("path", [p for p in MODULES if room_of(parts_of(p)) in ENGINE], ids=lambda p: ".".join(parts_of(p)))
def test_the_engine_knows_no_system(path):
    asked = ASKING.findall(path.read_text(encoding="utf-8"))
    assert not asked or ".".join(parts_of(path)) in DOORS, asked


def test_asking_a_system_who_it_is_is_seen():
    for line in ('hasattr(target.model, "m")', 'getattr(model, "p", 2)', "isinstance(m, HebbianDAM | PSpin)", "if model.p == 2:"):
        assert ASKING.search(line), line
    assert not ASKING.search('if "load" in model.axes and model.soft:')


# rooms that say nothing of a system by its name, whatever they are asked
NAMELESS = {*ENGINE, "declared"} - {"validate", "literature"}
NAMES = [name for name, system in models().items()] + [system.model.__name__ for system in models().values()]


def names_said(source: str) -> list[str]:
    """Texts in a source, documentation aside, in which a system or its model is named."""
    tree = ast.parse(source)
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in said]
    return [text for text in texts if isinstance(text, str) and re.search(rf"\b({'|'.join(NAMES)})\b", text)]


@pytest.mark.parametrize("path", [p for p in MODULES if room_of(parts_of(p)) in NAMELESS], ids=lambda p: ".".join(parts_of(p)))
def test_the_engine_names_no_system(path):
    assert names_said(path.read_text(encoding="utf-8")) == []


def test_a_name_that_is_said_is_seen():
    source = 'def f():\n    """Of a palimpsest."""\n    raise InputError(f"{x}: a palimpsest takes {y}")'
    assert names_said(source) == [": a palimpsest takes "]
    assert names_said('x = "palimpsests, pspinor"') == []


def serves_one(graph: dict[str, set[str]], name: str) -> bool:
    """Whether a module is used by one system only, and is not offered by its room."""
    users = {user for user, seen in graph.items() if name in seen}
    return len({user.split(".")[2] for user in users if user.startswith("dammech.systems.")}) == 1 and all(
        user.startswith("dammech.systems.") for user in users
    )


def test_no_file_of_the_engine_serves_one_system():
    """What only one system needs stands with it, unless it is public."""
    files = {".".join(("dammech", *parts_of(path))): path for path in MODULES}
    graph = {name: imported_modules(ast.parse(path.read_text(encoding="utf-8")), set(files)) for name, path in files.items()}
    assert [name for name, path in files.items() if room_of(parts_of(path)) in NAMELESS and serves_one(graph, name)] == []


def test_a_file_that_serves_one_system_is_seen():
    graph = {"dammech.systems.a.theory": {"dammech.solve.x"}, "dammech.systems.b.theory": {"dammech.solve.y"},
             "dammech.solve": {"dammech.solve.y"}}  # fmt: skip
    assert serves_one(graph, "dammech.solve.x") and not serves_one(graph, "dammech.solve.y")


def private_imports(source: str) -> list[str]:
    """Names with a leading underscore that a source takes from another module."""
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom) and node.module]
    return [f"{node.module}.{alias.name}" for node in nodes for alias in node.names
            if node.module.startswith("dammech") and re.match("_[^_]", alias.name)]  # fmt: skip


@pytest.mark.parametrize("path", MODULES, ids=lambda p: ".".join(parts_of(p)) or "dammech")
def test_no_private_name_is_imported(path):
    assert private_imports(path.read_text(encoding="utf-8")) == []


def test_a_private_import_is_seen():
    assert private_imports("def f():\n    from dammech.solve.newton import Roots, _judged") == ["dammech.solve.newton._judged"]
    assert private_imports("from dammech._rooms import callable_room\nfrom scipy import _lib") == []


def test_every_file_name_says_what_is_inside():
    for path in [*PACKAGE.rglob("*"), *(ROOT / "tests").rglob("*")]:
        assert not re.fullmatch(r"_?(utils?|helpers?|common|managers?|misc)", path.stem), path


def test_every_file_of_tests_has_a_name_of_its_own():
    """pytest imports them by their last name."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
