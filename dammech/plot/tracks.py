"""Lines of a phase diagram on axes: how each looks, and which part of it the ansatz supports. Imports matplotlib lazily."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import Any

import numpy as np

LOOKS: dict[str, tuple[str, Any, str]] = {
    "retrieval-spinodal": ("#0072B2", "-", "retrieval spinodal"),
    "thermodynamic": ("#D55E00", (0, (5, 1.6)), "thermodynamic"),
    "spin-glass": ("#009E73", (0, (6, 1.4, 1, 1.4)), "spin glass"),
    "at": ("#000000", (0, (1, 1)), "AT (retrieval)"),
    "dynamic": ("#CC79A7", (0, (7, 1.5)), "dynamic, $T_d$"),
    "static": ("#009E73", "-", "static, $T_K$"),
    "gardner": ("#000000", (0, (4, 1.2, 1, 1.2, 1, 1.2)), "Gardner, $T_G$"),
    "zero-entropy": ("#CC79A7", (0, (4, 1.2, 1, 1.2, 1, 1.2)), "zero entropy"),
    "nishimori": ("#56B4E9", (0, (8, 2)), "Nishimori"),
    "spinodal": ("#0072B2", "-", "spinodal"),
    "transition": ("#D55E00", (0, (5, 1.6)), "transition (equal free energies)"),
    "instability": ("#009E73", (0, (6, 1.4, 1, 1.4)), "instability"),
}
#: lines with names of their own, in the order in which they were declared
OWN_LOOKS: tuple[tuple[str, Any], ...] = tuple((color, style) for color, style, _ in LOOKS.values())[:7]
#: where a broken ansatz gives the same line, replica symmetry's is lighter, and dashed where it does not hold
BESIDE_BROKEN: dict[str, tuple[str, Any]] = {
    "retrieval-spinodal": ("#56B4E9", "-"),
    "thermodynamic": ("#E69F00", (0, (5, 1.6))),
}
DASHED = (0, (3, 2))
ANSATZ_NAMES = {"rs": "RS", "1rsb": "1RSB", "2rsb": "2RSB", "3rsb": "3RSB", "given": "as given"}
AGS_NAMES = {"retrieval-spinodal": "$T_M$", "thermodynamic": "$T_c$", "spin-glass": "$T_g$"}
THIN = 0.6


def pieces(
    points: Sequence[dict[str, Any]], x: str = "load", y: str = "temperature"
) -> Iterator[tuple[np.ndarray, np.ndarray, bool]]:
    """Unbroken parts of a line, cut where a point is missing, another piece begins, or the ansatz begins or ceases to hold."""

    def unbroken(point: dict[str, Any]) -> tuple[bool, Any]:
        return point.get(x) is not None and point.get(y) is not None, point.get("piece")

    for (known, _), group in groupby(points, unbroken):
        run = list(group) if known else []
        xs, ys = (np.array([p[name] for p in run]) for name in (x, y))
        steps = [bool(a.get("valid", True) and b.get("valid", True)) for a, b in pairwise(run)]
        first = 0
        for valid, same in groupby(steps):
            last = first + len(list(same))
            yield xs[first : last + 1], ys[first : last + 1], valid
            first = last


def draw_line(
    axes: Any,
    points: Sequence[dict[str, Any]],
    x: str = "load",
    y: str = "temperature",
    *,
    color: str,
    linestyle: Any = "-",
    label: str = "",
    width: float = 1.4,
    failing: Any = None,
    failing_width: float = THIN,
    zorder: float = 3,
) -> bool:
    """Draw a line, thin where the ansatz does not hold on it; True where there is such a part.

    ``failing`` is the linestyle of that part, the same where not given, and ``failing_width`` its width.
    """
    thin = False
    for xs, ys, valid in pieces(points, x, y):
        style = linestyle if valid or failing is None else failing
        axes.plot(xs, ys, color=color, linestyle=style, linewidth=width if valid else failing_width, zorder=zorder)
        thin |= not valid
    axes.plot([], [], color=color, linestyle=linestyle, linewidth=width, label=label)
    return thin


def mark_undecided_end(axes: Any, points: Sequence[dict[str, Any]], color: str, x: str = "load", y: str = "temperature") -> bool:
    """An open circle where a line stops because this ansatz does not know the competitor; True where there is one."""
    found = False
    for known, unknown in (pair for both in pairwise(points) for pair in (both, both[::-1])):
        if known.get(x) is not None and unknown.get(x) is None and "competitor" in str(unknown.get("why")):
            axes.plot(known[x], known[y], "o", mfc="white", mec=color, ms=4, zorder=4)
            found = True
    return found


def axis_label(name: str, convention: str = "canonical") -> str:
    """Label of an axis from the symbol of its parameter; the units of a paper are named, ours are not."""
    units = "" if convention == "canonical" else f" ({convention} units)"
    if name == "load":
        return rf"load $\alpha${units}" if units else r"load $\alpha = P/N^{p-1}$"
    if name == "temperature":
        return rf"temperature $T${units}"
    from sympy import Symbol, latex

    return f"${latex(Symbol(name))}${units}"
