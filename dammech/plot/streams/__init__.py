"""Figures of memories that store patterns one after another and forget the old ones."""

from __future__ import annotations

from typing import Any

import numpy as np

#: colour, marker and linestyle of a series, in order
LOOKS: tuple[tuple[str, str, Any], ...] = (
    ("#0072B2", "o", "-"),
    ("#D55E00", "s", (0, (5, 1.6))),
    ("#009E73", "^", (0, (6, 1.4, 1, 1.4))),
    ("#CC79A7", "D", (0, (1, 1.2))),
    ("#000000", "v", (0, (8, 2))),
    ("#E69F00", "P", (0, (3, 1))),
)
#: how full the markers of a size are: small ones open
FACES = ("white", "0.75", None)


def errorbars(axes: Any, rows: list[dict[str, Any]], x: str, y: str, color: str, marker: str, face: str | None) -> None:
    """Simulated points with one standard error."""
    axes.errorbar([r[x] for r in rows], [r[y] for r in rows], yerr=[r.get(f"{y}_error") or 0 for r in rows], color=color,
                  marker=marker, mfc=color if face is None else face, linestyle="", elinewidth=0.7, ms=3.4)  # fmt: skip


def spread(first: float, last: float, count: int) -> list[float]:
    """Evenly spaced numbers."""
    return [float(x) for x in np.linspace(first, last, count)]
