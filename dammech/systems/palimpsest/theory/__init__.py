"""Which streams are derived when everything is checked, and the laws of windows, weights and learning rules."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from dammech.derive.replicated import derive, named
from dammech.systems.palimpsest.model import PalimpsestDAM
from dammech.systems.palimpsest.theory.capture import capture
from dammech.systems.palimpsest.theory.clipping import clipping
from dammech.systems.palimpsest.theory.rules import anchoring, delta_rule, dreaming
from dammech.systems.palimpsest.theory.scaling import scaling
from dammech.systems.palimpsest.theory.weights import exponential_memory, rehearsal
from dammech.systems.palimpsest.theory.windows import windows

__all__ = ["derivations", "derive"]

_POWER = PalimpsestDAM(order=3, interaction="power")
_LAWS: dict[str, Callable[[], Any]] = {
    "scaling.p3.power": partial(scaling, _POWER),
    "windows.exponential": partial(windows, "exponential"),
    "windows.power-law": partial(windows, "power-law"),
    "windows.compressed-exponential": partial(windows, "compressed-exponential"),
    "windows.hard-buffer": partial(windows, "hard-buffer"),
    "clipping": clipping,
    "rehearsal": rehearsal,
    "capture": capture,
    "anchoring": anchoring,
    "delta-rule": delta_rule,
    "dreaming": dreaming,
    "exponential-memory": exponential_memory,
}


@cache
def derivations() -> dict[str, Callable[[], Any]]:
    """By name, what makes each."""
    streams = named(((PalimpsestDAM(order=2), 1, "rs"), (_POWER, 1, "rs")))
    return {**streams, **{f"palimpsest.{name}": cache(law) for name, law in _LAWS.items()}}
