"""What training can be asked for; everything else is refused in one sentence before anything runs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from dammech.errors import InputError, shown

#: larger numbers overflow in single precision as soon as they are multiplied
LARGEST = 1e12


def checked_count(name: str, value: Any, least: int = 1, most: int = 2**31) -> int:
    """An integer of at least ``least``, and at most ``most``."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not least <= value <= most:
        bound = "" if isinstance(value, bool | float) or not isinstance(value, int) or value < least else f" and at most {most}"
        raise InputError(f"{name}={shown(value)}: must be an integer of at least {least}{bound}")
    return int(value)


def checked_number(name: str, value: Any, low: float = -math.inf, high: float = math.inf, strict: bool = False) -> float:
    """A finite number in [low, high], or above ``low`` where ``strict``."""
    good = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if not good or not abs(value) < math.inf or abs(value) > LARGEST or not low <= value <= high or (strict and value == low):
        bounds = [] if low == -math.inf else [f"above {low:g}" if strict else f"at least {low:g}"]
        bounds += [] if high == math.inf else [f"at most {high:g}"]
        if good and abs(value) > LARGEST and high == math.inf:
            bounds.append(f"at most {LARGEST:g}")
        raise InputError(f"{name}={shown(value)}: must be a finite number{', ' if bounds else ''}{' and '.join(bounds)}")
    return float(value)


def checked_name(name: str, value: Any, names: Iterable[str]) -> str:
    """One of ``names``."""
    names = list(names)
    if not isinstance(value, str) or value not in names:
        raise InputError(f"{name}={shown(value)}: must be one of {', '.join(names)}")
    return str(value)


def checked_pixels(name: str, inputs: Any, pixels: int | None = None) -> np.ndarray:
    """Pixels in [−1, 1] as (items, pixels) float32."""
    array = np.asarray(inputs)
    if array.ndim != 2 or array.shape[0] == 0 or (pixels is not None and array.shape[1] != pixels):
        wanted = "pixels" if pixels is None else str(pixels)
        raise InputError(f"{name}: an array of shape {array.shape} was given; it must be (items, {wanted}) with an item at least")
    if array.dtype.kind not in "iufb":
        raise InputError(f"{name}: pixels of type {array.dtype} were given; they must be numbers")
    if not np.isfinite(array).all():
        item = int(np.flatnonzero(~np.isfinite(array).all(axis=1))[0])
        raise InputError(f"{name}: item {item} has a pixel that is NaN or infinite; every pixel must be a finite number")
    if np.abs(array).max() > 1:
        raise InputError(f"{name}: a pixel of {float(np.abs(array).max()):g} was given; pixels must lie in [-1, 1]")
    return np.ascontiguousarray(array, np.float32)


def checked_labels(name: str, labels: Any, items: int, classes: int) -> np.ndarray:
    """Labels 0 … classes − 1, one an item."""
    array = np.asarray(labels)
    if array.shape != (items,):
        raise InputError(f"{name}: labels of shape {array.shape} were given for {items} items; one label an item is needed")
    if array.dtype.kind not in "iu" or array.min() < 0 or array.max() >= classes:
        raise InputError(f"{name}: labels must be integers from 0 to {classes - 1}")
    return array.astype(np.int64)
