"""The sheet that is drawn on: a matplotlib Figure in the package's style, without pyplot. Imports matplotlib."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure

STYLE = Path(__file__).with_name("dammech.mplstyle")
UNDATED = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}


class Sheet(Figure):
    """A Figure that is saved, as it is drawn, in the package's style (fonts embedded as outlines that can be edited)."""

    def savefig(self, fname: Any, **options: Any) -> None:
        """As ``Figure.savefig``; PDF and SVG carry no date, so that the same data give the same file."""
        kind = options.get("format") or Path(str(fname)).suffix[1:]
        options.setdefault("metadata", UNDATED.get(kind))
        with styled():
            super().savefig(fname, **options)


@contextmanager
def styled() -> Iterator[None]:
    """The package's style, for as long as something is drawn."""
    with matplotlib.rc_context(fname=STYLE):
        yield


def sheet(width: float, height: float) -> Sheet:
    """An empty sheet of this size in inches; call it within ``styled()``."""
    return Sheet(figsize=(width, height), layout="constrained")
