"""What a simulation can be asked for; everything else is refused in one sentence before anything runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from dammech.declared.states import Counted, Memory
from dammech.errors import InputError, shown
from dammech.memory import check_memory, check_work
from dammech.registry import chain_of
from dammech.simulate.chain import DYNAMICS
from dammech.simulate.flips import LARGEST_ORDER

LARGEST_SIZE = 32_000
MOST_POINTS = 100_000


def memory_of_trial(size: int, patterns: int) -> int:
    """Bytes of one pattern set with its overlaps and field."""
    return patterns * (size + 24)


def checked_model(model: Any) -> Any:
    """The model, if spins can be simulated in it."""
    chain_of(model, "patterns")
    if model.p > LARGEST_ORDER:
        raise InputError(f"order={model.p}: simulations go up to order {LARGEST_ORDER}")
    return model


def checked_sizes(size: Any, model: Memory) -> list[int]:
    """Sizes as a list of integers from the order of the model to 32,000."""
    smallest = max(model.p, 2)
    return [checked_count("size", n, smallest, LARGEST_SIZE) for n in _as_list("size", size)]


def checked_numbers(name: str, value: Any, signed: bool = False) -> list[float]:
    """Finite numbers ≥ 0, or ``signed`` of either sign, as a list."""
    bound = "" if signed else " ≥ 0"
    if value is None:
        raise InputError(f"{name} is missing: a number{bound} or a sequence of them is needed")
    numbers = []
    for item in _as_list(name, value):
        number = _as_float(name, item)
        if not (math.isfinite(number) and (signed or number >= 0)):
            raise InputError(f"{name}={shown(item)}: must be a finite number{bound}")
        numbers.append(number)
    return numbers


def checked_count(name: str, value: Any, least: int = 1, most: int | None = None) -> int:
    """An integer between ``least`` and ``most`` (where not given below 2³¹, and seeds below 2⁶³)."""
    bits = 63 if name == "seed" else 31
    bound = 2**bits - 1 if most is None else most
    good = isinstance(value, float) or (hasattr(value, "__index__") and not isinstance(value, bool))
    try:
        good = good and int(value) == value and least <= value <= bound
    except Exception:  # NaN, infinity, arrays, and objects whose conversion fails
        good = False
    if not good:
        allowed = f"from {least} to {most}" if most is not None else f"of at least {least} and below 2**{bits}"
        raise InputError(f"{name}={shown(value)}: must be an integer {allowed}")
    return int(value)


def checked_overlap(value: Any, name: str = "overlap") -> float:
    """An overlap in [−1, 1]."""
    number = _as_float(name, value)
    if not -1 <= number <= 1:
        raise InputError(f"{name}={shown(value)}: must be a number from -1 to 1")
    return number


def checked_dynamics(dynamics: Any, temperatures: Sequence[float]) -> str:
    """The name of a dynamics that exists at these temperatures."""
    if not isinstance(dynamics, str) or dynamics not in DYNAMICS:
        raise InputError(f"dynamics={shown(dynamics)}: must be one of {', '.join(DYNAMICS)}")
    if dynamics == "zero-temperature" and any(temperatures):
        raise InputError(f"temperature={max(temperatures)}: dynamics='zero-temperature' needs temperature 0")
    return str(dynamics)


def checked_patterns(
    model: Counted, load: float, size: int, bytes_of: Callable[[int, int], float] = memory_of_trial
) -> int:
    """P = round(α N^{p−1}) for a canonical load; at least one pattern, and no more than memory holds, ``bytes_of`` N and P."""
    expected = load * float(size) ** (model.p - 1)
    if not math.isfinite(expected) or expected > 1e15:
        raise InputError(f"load={load:g} at size={size} means {expected:.3g} patterns; no memory holds them")
    count = model.patterns_for(load, size)
    if count < 1:
        raise InputError(f"load={load:g} at size={size} means no pattern (P rounds to 0); at least one is needed")
    check_memory(f"load={load:g} at size={size} means {count} patterns", bytes_of(size, count))
    return count


def checked_points(*lists: Sequence[Any]) -> None:
    """Refuse a grid of more points than anyone would wait for."""
    points = math.prod(map(len, lists))
    if points > MOST_POINTS:
        raise InputError(f"the lists mean {points} points; at most {MOST_POINTS} are simulated")


def check_effort(size: int, patterns: int, trials: int, sweeps: int) -> None:
    """Refuse trials whose records fill the memory, or that would take years."""
    what = f"trials={trials} of {sweeps} sweeps at size={size} with {patterns} patterns"
    check_memory(what, trials * (2000.0 + size + 16.0 * sweeps))
    check_work(what, float(trials) * sweeps * size * patterns)


def _as_list(name: str, value: Any) -> list[Any]:
    if isinstance(value, str | bytes):
        raise InputError(f"{name}={shown(value)}: must be a number or a sequence of numbers")
    try:
        if getattr(value, "ndim", None) == 0 or not hasattr(value, "__iter__"):
            return [value.item() if hasattr(value, "item") else value]
        items = [item.item() if hasattr(item, "item") else item for item in value]
    except Exception:  # arrays of arrays, and objects that cannot be gone through
        raise InputError(f"{name}={shown(value)}: must be a number or a sequence of numbers") from None
    if not items:
        raise InputError(f"{name} is an empty sequence: at least one value is needed")
    return items


def _as_float(name: str, value: Any) -> float:
    if isinstance(value, bool | str | bytes):
        raise InputError(f"{name}={shown(value)}: must be a number")
    try:
        return float(value)
    except Exception:  # whatever an object's own conversion raises
        raise InputError(f"{name}={shown(value)}: must be a number") from None
