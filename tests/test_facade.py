"""The package as a type checker and a shell see it."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

import dammech

SOURCE = Path(dammech.__file__)
WRONG = """
import dammech as dm
import dammech.simulate
dm.solve(3, load=2)
dm.simulate(dm.HebbianDAM(3), load=0.1, temperature=0.2, size=10, trials="two")
dm.validate("x", nonsense=2)
line: int = dm.boundary(dm.HebbianDAM(3), "at")
"""
RIGHT = """
import dammech as dm
import dammech.simulate
dm.solve(dm.HebbianDAM(3), load=0.1, temperature=0.2).free_energy
dm.simulate(dm.HebbianDAM(3), load=0.1, temperature=0.2, size=10)
dm.boundary(dm.PSpin(3), "static")
dm.phase_diagram(dm.PalimpsestDAM(3))
"""


def test_a_checker_sees_the_names_that_there_are():
    (block,) = (n for n in ast.parse(SOURCE.read_text()).body if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.unparse(n.test))
    seen = {alias.asname for node in block.body for alias in node.names}
    assert seen == set(dammech.__all__) - {"__version__"} == set(dir(dammech)) - {"__version__"}
    for node in block.body:
        for alias in node.names:
            assert node.module.startswith(dammech._HOMES[alias.name])


def test_every_name_is_documented():
    for name in dammech.__all__:
        if name != "__version__":
            assert inspect.getdoc(getattr(dammech, name)), name


@pytest.mark.slow
@pytest.mark.parametrize(("text", "errors"), [(WRONG, 4), (RIGHT, 0)])
def test_mypy_tells_right_from_wrong(tmp_path, text, errors):
    api = pytest.importorskip("mypy.api")
    path = tmp_path / "user.py"
    path.write_text(text)
    told, _, _ = api.run(["--ignore-missing-imports", "--follow-imports=silent", "--config-file=", str(path)])
    found = [line for line in told.splitlines() if "user.py" in line and ": error:" in line]
    assert len(found) == errors, told
