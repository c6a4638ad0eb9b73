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

from dammech.errors import InputError, shown
from dammech.results.documents import plain
from dammech.results.files import folder, origin, write_whole
from dammech.results.tables import as_csv

FIGURES: dict[str, str] = {
    "ags": "Amit–Gutfreund–Sompolinsky phase diagram (p = 2) with simulated limits of retrieval, and m(T) at three loads",
    "capacity": "RS capacity at T = 0 against p, and phase diagrams for p = 3 and 4, distinct against power",
    "overlap": "overlap against load for p = 2, 3 and 4: theory, and simulation extrapolated to N → ∞",
    "landscape": "free-energy landscapes f(m) through the transition for p = 2 and 3",
    "spinodals-1rsb": "end of retrieval against temperature, RS and 1RSB, with the AT line, for p = 2, 3 and 4",
    "capacity-1rsb": "capacity at T = 0 against p, RS and 1RSB, and the largest RS load of all temperatures",
    "glass-diagram": "phase diagram of p = 3 with broken symmetry: T_d, T_K, T_G, spinodals, and where each ansatz holds",
    "complexity": "number of states of the p = 3 spin glass by free energy, at several temperatures and T = 0",
    "overlap-distribution": "P(q) of the p = 3 and the SK glass from parallel tempering, against the peaks of 1RSB",
    "retrieval-decision": "what annealing retains for p = 3 between the RS and the 1RSB spinodal, and greedy descent",
    "dead-landscape": "energy of three neurons with a flat region, and trajectories: where it holds a fixed point, where none",
    "dead-spectrum": "eigenvalues of Jacobians of random networks with dead directions against the reduced prediction",
    "dead-basins": "basins of steady states that touch flat regions, stable and unstable, from trajectories",
    "dead-capacity": "dead hidden neurons and capacity against their threshold, theory with simulated points",
    "sequential": "sequential learning of permuted digits: average accuracy by method and vertex, and forgetting of the first",
    "memories": "memory vectors trained on digits, from features to prototypes as the vertex grows",
    "forgetting-curves": "overlap against age in streams of p = 2 and 3, theory and simulation; greedy dynamics; blackout",
    "forgetting-windows": "retrieval window against the rate of forgetting: blackout, best rate, and every kernel",
    "rehearsal-staircase": "what Hebbian rehearsal retrieves against the load, in steps, and by how often it was stored",
    "task-matrix": "accuracy on each task of a sequence against how many were stored (p = 2), theory and simulation",
}
#: names that stand for several figures
GROUPS: dict[str, tuple[str, ...]] = {
    "all": tuple(FIGURES),
    "dead-neurons": tuple(name for name in FIGURES if name.startswith("dead-")),
}
#: where a figure is made, for those that are not in a file of their own name
HOMES: dict[str, str] = {
    "spinodals-1rsb": "broken.spinodals",
    "capacity-1rsb": "broken.capacity",
    "glass-diagram": "broken.glass",
    "complexity": "broken.complexity",
    "overlap-distribution": "broken.overlaps",
    "retrieval-decision": "broken.decision",
    "dead-landscape": "dead.landscape",
    "dead-spectrum": "dead.spectrum",
    "dead-basins": "dead.basins",
    "dead-capacity": "dead.capacity",
    "forgetting-curves": "streams.curves",
    "forgetting-windows": "streams.windows",
    "rehearsal-staircase": "streams.staircase",
    "task-matrix": "streams.tasks",
}
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
    if not isinstance(name, str) or (name not in GROUPS and name not in FIGURES):
        raise InputError(f"figure={shown(name)}: must be {' or '.join(GROUPS)} or one of {', '.join(FIGURES)}")
    if level not in LEVELS:
        raise InputError(f"level={shown(level)}: must be one of {', '.join(LEVELS)}")
    where = folder("out", out)
    written: list[Path] = []
    for each in GROUPS.get(name, (name,)):
        started = time.perf_counter()
        content = import_module(f"dammech.plot.{HOMES.get(each, each)}").made(level, progress or _silent)
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
