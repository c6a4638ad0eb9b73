"""Which memories are derived when everything is checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dammech.derive.replicated import derive, named
from dammech.systems.hebbian.model import HebbianDAM

__all__ = ["derivations", "derive"]

_CHECKED = (
    (HebbianDAM(order=2), 1, "rs"),
    (HebbianDAM(order=2, interaction="power"), 1, "rs"),
    (HebbianDAM(order=2), 3, "rs"),
    (HebbianDAM(order=3), 1, "rs"),
    (HebbianDAM(order=4), 1, "rs"),
    (HebbianDAM(order=4, interaction="power"), 1, "rs"),
    (HebbianDAM(order=3, interaction="rectified"), 1, "rs"),
    (HebbianDAM(interaction="y**4 + 2*y**3 - y"), 1, "rs"),
    (HebbianDAM(order=2), 1, "1rsb"),
    (HebbianDAM(order=3), 1, "1rsb"),
    (HebbianDAM(order=4, interaction="power"), 1, "1rsb"),
)


def derivations() -> dict[str, Callable[[], Any]]:
    """By name, what makes each."""
    return named(_CHECKED)
