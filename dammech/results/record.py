"""A dataclass that is a document."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, ClassVar

from dammech.results.documents import plain
from dammech.results.tables import cut, html_table, text_cell


class Record:
    """A dataclass that is a document: its fields (but those left out of its repr), and properties named in ``derived``."""

    derived: ClassVar[tuple[str, ...]] = ()

    def to_json(self) -> dict[str, Any]:
        """The record as a plain document."""
        own: Any = self
        names = [f.name for f in fields(own) if f.repr and f.name != "points"]
        return {name: plain(getattr(self, name)) for name in (*names, *self.derived)}

    def __repr__(self) -> str:
        said = [f"{k}={text_cell(v)}" for k, v in self.to_json().items() if not isinstance(v, list | dict)]
        return cut(f"<{type(self).__name__} {', '.join(said)}>")

    def _repr_html_(self) -> str:
        return html_table([self.to_json()], {})
