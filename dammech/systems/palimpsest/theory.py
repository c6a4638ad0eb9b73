"""Which streams are derived when everything is checked, and the laws of forgetting."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from dammech.derive import forgetting
from dammech.derive.replicated import derive, named
from dammech.models.palimpsest import PalimpsestDAM

__all__ = ["derivations", "derive"]

_POWER = PalimpsestDAM(order=3, interaction="power")
_LAWS: dict[str, Callable[[], Any]] = {
    "scaling.p3.power": partial(forgetting.scaling, _POWER),
    "windows.exponential": partial(forgetting.windows, "exponential"),
    "windows.power-law": partial(forgetting.windows, "power-law"),
    "windows.compressed-exponential": partial(forgetting.windows, "compressed-exponential"),
    "clipping": forgetting.clipping,
    "rehearsal": forgetting.rehearsal,
    "anchoring": forgetting.anchoring,
    "delta-rule": forgetting.delta_rule,
    "dreaming": forgetting.dreaming,
    "exponential-memory": forgetting.exponential_memory,
}


@cache
def derivations() -> dict[str, Callable[[], Any]]:
    """By name, what makes each."""
    streams = named(((PalimpsestDAM(order=2), 1, "rs"), (_POWER, 1, "rs")))
    return {**streams, **{f"palimpsest.{name}": cache(law) for name, law in _LAWS.items()}}
