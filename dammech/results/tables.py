"""Rows as tables: text that fits a terminal, HTML and CSV."""

from __future__ import annotations

import csv
import html
import io
import json
import textwrap
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from dammech.results.documents import plain

WIDTH, WIDEST = 100, 50
SHOWN_ROWS, SHOWN_WIDTH = 20, 200
_STATUS = {"no-state": "no state here", "not-converged": "not converged"}

#: unit and label of columns by name
Quantities = Mapping[str, tuple[str, str]]
Rows = Sequence[Mapping[str, Any]]


def names_of(rows: Rows) -> list[str]:
    """All columns that any of the rows has."""
    return list(dict.fromkeys(name for row in rows for name in row))


def text_table(rows: Rows, columns: Sequence[str] | None = None, indent: str = "") -> str:
    """Rows under aligned headings, in blocks that are not wider than a terminal; reasons (``why``) are notes below.

    ``columns`` picks and orders them. The first ones, as many as tell rows apart, stand at the left of every block.
    """
    notes: dict[str, str] = {}
    names, room = list(columns) if columns else names_of(rows), WIDTH - len(indent)
    table = [[textwrap.wrap(text, WIDEST) or [""] for text in (name, *(_noted(row, name, notes) for row in rows))]
             for name in names]  # fmt: skip
    widths = [max(len(line) for text in column for line in text) for column in table]
    apart = (k for k in (1, 2, 3) if len({str(row) for row in zip(*table[:k])}) > len(rows))
    keys = list(range(min(next(apart, 1), len(names))))
    blocks = [[*keys]]
    for k in range(len(keys), len(names)):
        if len(blocks[-1]) > len(keys) and sum(widths[j] + 2 for j in blocks[-1]) + widths[k] > room:
            blocks.append([*keys])
        blocks[-1].append(k)
    parts: list[str] = []
    for block in blocks:
        lines = [""] if parts else []
        for row in range(len(rows) + 1):
            cells = zip_longest(*(table[k][row] for k in block), fillvalue="")
            lines += ["  ".join(f"{text:<{widths[k]}}" for k, text in zip(block, line)) for line in cells]
        parts += [(indent + line).rstrip() for line in lines]
    for note, number in notes.items():
        parts += textwrap.wrap(f"[{number}] {note}", room, initial_indent=indent, subsequent_indent=indent + "    ")
    return "\n".join(parts)


def said(row: Mapping[str, Any], name: str) -> str:
    """An entry of a row as text: errors by their first digits, and a state that is not there in words that nobody takes for
    a failure."""
    value, status = row.get(name), row.get("status")
    if name == "status" or (name == "why" and value and status in _STATUS):
        words = _STATUS.get(str(status), text_cell(status))
        known = status == "no-state" and str(value).partition(" state: ")[2]
        return words if name == "status" else f"{words.capitalize()}: {known or value}"
    if isinstance(value, float) and name.split("_")[-1] in ("error", "residual"):
        return f"{value:.2g}"
    return text_cell(value)


def text_cell(value: Any) -> str:
    """A value as text."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.11g}"
    if isinstance(value, list):
        return ", ".join(map(text_cell, value)) or "-"
    if isinstance(value, dict):
        return " ".join(f"{key}={text_cell(item)}" for key, item in value.items())
    return str(value)


def html_table(rows: Rows, labels: Quantities, title: str = "") -> str:
    """The first of the rows as an HTML table, with units under the names."""
    rows, names = [plain(row) for row in rows], names_of(rows)
    heads = "".join(
        f'<th title="{html.escape(label)}">{html.escape(name)}' + (f"<br>[{html.escape(unit)}]" if unit else "") + "</th>"
        for name in names for unit, label in [labels.get(name, ("", name))]
    )  # fmt: skip
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(said(row, name))}</td>" for name in names) + "</tr>"
        for row in rows[:SHOWN_ROWS]
    )
    more = f"<p>… {len(rows) - SHOWN_ROWS} more</p>" if len(rows) > SHOWN_ROWS else ""
    return f"<p>{html.escape(title)}</p><table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>{more}"


def as_csv(rows: Rows, columns: Sequence[str] | None = None) -> str:
    """Rows as CSV, of all columns where none are picked; what is not known, or not finite, is left empty."""
    text = io.StringIO()
    table = csv.DictWriter(text, columns or names_of(rows), extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    table.writerows({key: cell(value) for key, value in row.items()} for row in rows)
    return text.getvalue()


def cell(value: Any) -> Any:
    """A value as one cell of a file: a number, a text, or nothing."""
    value = plain(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


def cut(text: str) -> str:
    """A repr that is not too long."""
    return text if len(text) <= SHOWN_WIDTH else text[: SHOWN_WIDTH - 2] + "…>"


def _noted(row: Mapping[str, Any], name: str, notes: dict[str, str]) -> str:
    """A cell of a table, reasons by number."""
    if name.endswith("why") and row.get(name):
        return f"[{notes.setdefault(said(row, name), str(len(notes) + 1))}]"
    return said(row, name)
