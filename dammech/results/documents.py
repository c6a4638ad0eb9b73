"""Values in terms of what JSON knows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

SCHEMA = "dammech/1"


def plain(value: Any) -> Any:
    """The same value in terms of dict, list, str, int, float, bool and None; what is not finite is None."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    for way in ("to_json", "tolist"):  # records and models, NumPy scalars and arrays
        if hasattr(value, way):
            return plain(getattr(value, way)())
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, int):
        return int(value)
    if hasattr(value, "__float__"):
        number = float(value)
        return number if math.isfinite(number) else None
    return str(value)
