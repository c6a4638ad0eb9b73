"""Records as plain documents, in terms of what JSON knows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, ClassVar

from dammech.results.tables import cut, html_table, short

SCHEMA = "dammech/1"


def plain(value: Any) -> Any:
    """The same value in terms of dict, list, str, int, float, bool and None; what is not finite is None."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if hasattr(value, "tolist"):  # NumPy scalars and arrays
        return plain(value.tolist())
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, int):
        return int(value)
    if hasattr(value, "__float__"):
        number = float(value)
        return number if math.isfinite(number) else None
    return str(value)


def described(value: Any) -> Any:
    """A value, such as a model or a free energy of one's own, in a document."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {key: described(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [described(item) for item in value]
    for way in ("to_json", "tolist"):
        if hasattr(value, way):
            return getattr(value, way)()
    return repr(value)


class Record:
    """A dataclass that is a document: its fields (but those left out of its repr), and properties named in ``derived``."""

    derived: ClassVar[tuple[str, ...]] = ()

    def to_json(self) -> dict[str, Any]:
        """The record as a plain document."""
        own: Any = self
        names = [f.name for f in fields(own) if f.repr and f.name != "points"]
        return {name: described(getattr(self, name)) for name in (*names, *self.derived)}

    def __repr__(self) -> str:
        said = ", ".join(f"{k}={short(v)}" for k, v in self.to_json().items() if not isinstance(v, list | dict))
        return cut(f"<{type(self).__name__} {said}>")

    def _repr_html_(self) -> str:
        return html_table([self.to_json()], {})
