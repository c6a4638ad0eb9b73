"""The registered figures: each writes its drawing, its data and its provenance, all or nothing."""

from __future__ import annotations

import io
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from dammech.errors import InputError, one_of, shown
from dammech.registry import parts
from dammech.results.documents import plain
from dammech.results.files import folder, origin, write_whole
from dammech.results.tables import as_csv


def _registered() -> tuple[dict[str, str], dict[str, str], dict[str, tuple[str, ...]]]:
    """Words and home of every figure, and the names that stand for several."""
    words: dict[str, str] = {}
    homes: dict[str, str] = {}
    groups: dict[str, tuple[str, ...]] = {"all": ()}
    for _, part in parts("figures"):
        for name, (home, title) in part.FIGURES.items():
            words[name], homes[name] = title, home
            for group in dict.fromkeys(("all", part.GROUP)):
                groups[group] = (*groups.get(group, ()), name)
    return words, homes, {group: names for group, names in groups.items() if group not in words}


#: what each figure shows, the module that makes it, and names that stand for several
FIGURES, HOMES, GROUPS = _registered()
LEVELS = ("quick", "full")

Row = dict[str, Any]
Progress = Callable[..., None]


@dataclass
class Content:
    """What a figure consists of.

    Attributes
    ----------
    sheet : matplotlib Figure
    rows : list of dict
        The data: one row a point, with its panel, series and source (theory or simulation).
    parameters : dict
        All that fixes the numbers, seeds included.
    reduced : list of str
        What the quick level leaves out against the full one.
    notes : list of str
        Ansatz, where it fails, and what error bars mean.
    """

    sheet: Any
    rows: list[Row]
    parameters: dict[str, Any]
    reduced: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def figure(
    name: str, out: str | os.PathLike[str], level: str = "quick", progress: Progress | None = None
) -> list[Path]:
    """Compute and draw a figure: NAME.pdf, NAME.csv (its data) and NAME.json (its provenance).

    Parameters
    ----------
    name : str
        One of `FIGURES`, or of `GROUPS`: ``all``, ``dead-neurons``.
    out : path
        An existing folder.
    level : str
        ``quick`` (each at most a few minutes on two cores) or ``full`` (more sizes, more trials).
    progress : callable, optional
        Called with words that say what is being computed.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    InputError
        For an unknown name or level, or a folder that does not exist; nothing is computed or written then.
    """
    one_of("figure", name, [*GROUPS, *FIGURES])
    if level not in LEVELS:
        raise InputError(f"level={shown(level)}: must be one of {', '.join(LEVELS)}")
    where = folder("out", out)
    written: list[Path] = []
    for each in GROUPS.get(name, (name,)):
        started = time.perf_counter()
        content = import_module(HOMES[each]).made(level, progress or _silent)
        written += write(each, content, where, level, time.perf_counter() - started)
    return written


def write(name: str, content: Content, folder: Path, level: str, seconds: float) -> list[Path]:
    """Write drawing, data and provenance: every file is complete before any gets its name."""
    picture = io.BytesIO()
    content.sheet.savefig(picture, format="pdf")
    files = {
        folder / f"{name}.pdf": picture.getvalue(),
        folder / f"{name}.csv": as_csv(content.rows).encode(),
        folder / f"{name}.json": (json.dumps(provenance(name, content, level, seconds), indent=1) + "\n").encode(),
    }
    return write_whole(files)


def provenance(name: str, content: Content, level: str, seconds: float) -> dict[str, Any]:
    """Where a figure comes from: versions, parameters, seeds, what was reduced, what its errors mean."""
    made = origin()
    return {
        "figure": name,
        "title": FIGURES[name],
        "level": level,
        "made with": {part: metadata.version(part) for part in ("numpy", "scipy", "sympy", "numba", "matplotlib")}
        | {"python": ".".join(map(str, sys.version_info[:3]))},
        **made,
        "date": made["date"][:10],
        "seconds": round(seconds, 1),
        "parameters": plain(content.parameters),
        "reduced": content.reduced if level == "quick" else [],
        "notes": content.notes,
        "rows": len(content.rows),
        "files": [f"{name}.pdf", f"{name}.csv", f"{name}.json"],
    }


def _silent(*_: object) -> None:
    return None
