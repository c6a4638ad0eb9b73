"""Figures of memories that store patterns one after another and forget the old ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from dammech.plot.panels import Column, Layer, Look, points

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
FACES: tuple[str | None, ...] = ("white", "0.75", None)
SYMBOLS: Look = {"elinewidth": 0.7, "ms": 3.4}


def faces(sizes: Iterable[int]) -> dict[int, str | None]:
    """The face of each size."""
    several = list(sizes)
    return dict(zip(several, FACES if len(several) == 3 else FACES[::2]))


def simulations(x: Column, y: str, where: dict[str, Any], sizes: Sequence[int], **look: Any) -> list[Layer]:
    """Simulated points of every size with one standard error; a single size is full."""
    of_size = faces(sizes) if len(sizes) > 1 else dict.fromkeys(sizes)
    return [
        points(x, y, where | {"size": size}, error=f"{y}_error", **SYMBOLS | {"mfc": face or look["color"]} | look)
        for size, face in of_size.items()
    ]


def spread(first: float, last: float, count: int) -> list[float]:
    """Evenly spaced numbers."""
    return [float(x) for x in np.linspace(first, last, count)]
