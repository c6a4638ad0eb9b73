"""How large the package is: logical lines (statements), physical lines and the share of docstrings, room by room.

    python tests/lines.py [FOLDER]
"""

from __future__ import annotations

import ast
import sys
import tokenize
from collections import Counter
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "dammech"


def counted(path: Path) -> Counter[str]:
    """Logical, physical and docstring lines of a file."""
    text = path.read_text(encoding="utf-8")
    with tokenize.open(path) as file:
        logical = sum(token.type == tokenize.NEWLINE for token in tokenize.generate_tokens(file.readline))
    written = 0
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node, clean=False) is not None:
            written += node.body[0].end_lineno - node.body[0].lineno + 1
    return Counter(logical=logical, physical=text.count("\n"), docstrings=written)


def table(folder: Path) -> dict[str, Counter[str]]:
    """By room, the largest first."""
    rooms: dict[str, Counter[str]] = {}
    for path in folder.rglob("*.py"):
        room = path.relative_to(folder).parts[0]
        rooms.setdefault(room, Counter()).update(counted(path))
    return dict(sorted(rooms.items(), key=lambda item: -item[1]["logical"]))


if __name__ == "__main__":
    rooms = table(Path(sys.argv[1]) if len(sys.argv) > 1 else PACKAGE)
    for room, lines in [*rooms.items(), ("in all", sum(rooms.values(), Counter()))]:
        share = lines["docstrings"] / max(lines["physical"], 1)
        print(f"{room:<16} {lines['logical']:>7,} logical {lines['physical']:>7,} physical {share:>6.1%} docstrings")
