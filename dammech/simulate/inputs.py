"""What a simulation can be asked for; everything else is refused in one sentence before anything runs."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import Any

from dammech.errors import InputError
from dammech.models import HebbianDAM
from dammech.simulate.chain import DYNAMICS
from dammech.simulate.flips import LARGEST_ORDER

LARGEST_SIZE = 32_000


def checked_model(model: Any) -> HebbianDAM:
    """The model, if spins can be simulated in it."""
    if not isinstance(model, HebbianDAM):
        raise InputError(f"model={model!r}: simulations are of Hebbian memories, such as HebbianDAM(order=3)")
    if model.p > LARGEST_ORDER:
        raise InputError(f"order={model.p}: simulations go up to order {LARGEST_ORDER}")
    return model


def checked_sizes(size: Any, model: HebbianDAM) -> list[int]:
    """Sizes as a list of integers from the order of the model to 32,000."""
    smallest = max(model.p, 2)
    return [checked_count("size", n, smallest, LARGEST_SIZE) for n in _as_list("size", size)]


def checked_numbers(name: str, value: Any) -> list[float]:
    """Finite numbers ≥ 0 as a list."""
    if value is None:
        raise InputError(f"{name} is missing: a number ≥ 0 or a sequence of them is needed")
    numbers = []
    for item in _as_list(name, value):
        number = _as_float(name, item)
        if not (math.isfinite(number) and number >= 0):
            raise InputError(f"{name}={item!r}: must be a finite number ≥ 0")
        numbers.append(number)
    return numbers


def checked_count(name: str, value: Any, least: int = 1, most: int | None = None) -> int:
    """An integer between ``least`` and ``most``."""
    allowed = f"an integer of at least {least}" if most is None else f"an integer from {least} to {most}"
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        if not (isinstance(value, float) and value.is_integer()):
            raise InputError(f"{name}={value!r}: must be {allowed}")
    number = int(value)
    if number < least or (most is not None and number > most):
        raise InputError(f"{name}={value!r}: must be {allowed}")
    return number


def checked_overlap(value: Any, name: str = "overlap") -> float:
    """An overlap in [−1, 1]."""
    number = _as_float(name, value)
    if not -1 <= number <= 1:
        raise InputError(f"{name}={value!r}: must be a number from -1 to 1")
    return number


def checked_dynamics(dynamics: Any, temperatures: Sequence[float]) -> str:
    """The name of a dynamics that exists at these temperatures."""
    if dynamics not in DYNAMICS:
        raise InputError(f"dynamics={dynamics!r}: must be one of {', '.join(DYNAMICS)}")
    if dynamics == "zero-temperature" and any(temperatures):
        raise InputError(f"temperature={max(temperatures)}: dynamics='zero-temperature' needs temperature 0")
    return str(dynamics)


def checked_patterns(model: HebbianDAM, load: float, size: int) -> int:
    """P = round(α N^{p−1}) for a canonical load; at least one pattern, and no more than memory holds."""
    expected = load * float(size) ** (model.p - 1)
    if not math.isfinite(expected) or expected > 1e15:
        raise InputError(f"load={load:g} at size={size} means {expected:.3g} patterns; no memory holds them")
    count = model.patterns_for(load, size)
    if count < 1:
        raise InputError(f"load={load:g} at size={size} means no pattern (P rounds to 0); at least one is needed")
    needed, available = memory_of_trial(size, count), physical_memory() // 2
    if needed > available:
        raise InputError(
            f"load={load:g} at size={size} means {count} patterns, {needed / 1e9:.1f} GB; "
            f"the bound is half of this machine's memory, {available / 1e9:.1f} GB"
        )
    return count


def memory_of_trial(size: int, patterns: int) -> int:
    """Bytes of one pattern set with its overlaps and field."""
    return patterns * (size + 24)


def physical_memory() -> int:
    """Bytes of memory of this machine (8 GB where it does not say)."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 8 * 10**9


def _as_list(name: str, value: Any) -> list[Any]:
    if isinstance(value, str | bytes):
        raise InputError(f"{name}={value!r}: must be a number or a sequence of numbers")
    if getattr(value, "ndim", None) == 0 or not hasattr(value, "__iter__"):
        return [value.item() if hasattr(value, "item") else value]
    items = [item.item() if hasattr(item, "item") else item for item in value]
    if not items:
        raise InputError(f"{name} is an empty sequence: at least one value is needed")
    return items


def _as_float(name: str, value: Any) -> float:
    if isinstance(value, bool | str):
        raise InputError(f"{name}={value!r}: must be a number")
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InputError(f"{name}={value!r}: must be a number") from None
