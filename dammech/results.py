"""One kind of result: named columns over named axes, what all rows share, a status, and a reason in words.

A room declares its fields, axes and quantities. How a result is asked for a column, shown and saved stands here.
"""

from __future__ import annotations

import csv
import html
import io
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, overload

import numpy as np

from dammech.errors import InputError, one_of, shown
from dammech.errors import path as checked_path

SCHEMA = "dammech/1"
SUFFIXES = (".csv", ".nc", ".json")
SHOWN_ROWS, SHOWN_WIDTH = 20, 200

#: unit and label of columns by name
Quantities = Mapping[str, tuple[str, str]]
P = TypeVar("P")


def plain(value: Any) -> Any:
    """The same value in terms of dict, list, str, int, float, bool and None; what is not finite is None."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Record):
        return plain(value.to_json())
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
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, Mapping):
        return {key: described(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [described(item) for item in value]
    return value.to_json() if hasattr(value, "to_json") else repr(value)


def axes_of(**values: Any) -> dict[str, int]:
    """Axes of a grid: the arguments that were sequences, with their lengths."""
    return {name: np.size(value) for name, value in values.items() if np.ndim(value)}


def write_whole(contents: Mapping[Path, bytes]) -> list[Path]:
    """Write files, each complete before any gets its name."""
    parts = {file: file.with_name(f"{file.name}.{os.getpid()}.tmp") for file in contents}
    try:
        for file, content in contents.items():
            parts[file].write_bytes(content)
        for file, part in parts.items():
            os.replace(part, file)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
    return list(contents)


def as_csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str] | None = None) -> str:
    """Rows as a table, of all columns that any row has where none are picked; what is not known is left empty."""
    text = io.StringIO()
    names = columns or list(dict.fromkeys(key for row in rows for key in row))
    table = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    table.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    return text.getvalue()


def origin() -> dict[str, str]:
    """Version, commit (empty outside a checkout) and date, for what is written to files."""
    folder = Path(__file__).parent
    commit = ""
    if (folder.parent / ".git").exists():
        git = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
        try:
            commit = subprocess.run(git, capture_output=True, text=True, timeout=10, check=False).stdout.strip()
        except (OSError, subprocess.TimeoutExpired):
            commit = ""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {"version": sys.modules["dammech"].__version__, "commit": commit, "date": now}


class Record:
    """A dataclass that is a document: its fields (but those left out of its repr), and properties named in ``derived``."""

    derived: ClassVar[tuple[str, ...]] = ()

    def to_json(self) -> dict[str, Any]:
        """The record as a plain document."""
        own: Any = self
        names = [f.name for f in fields(own) if f.repr and f.name != "points"]
        return {name: described(getattr(self, name)) for name in (*names, *self.derived)}

    def __repr__(self) -> str:
        said = ", ".join(f"{k}={_short(v)}" for k, v in self.to_json().items() if not isinstance(v, list | dict))
        return _cut(f"<{type(self).__name__} {said}>")

    def _repr_html_(self) -> str:
        return html_table([self.to_json()], {})


@dataclass(repr=False)
class Result(Record, Generic[P]):
    """What a public function found: rows of named columns, and what they share.

    ``result["m"]`` is a column in the shape of `axes`, numbers with nan where they are not known, else booleans or objects;
    ``result[3]`` a row, ``result[1, 2]`` one by its place on the axes. Kinds of results are dataclasses with a field
    ``points``, the rows.
    """

    quantities: ClassVar[Quantities] = {}
    grid: dict[str, int] | None = field(default=None, kw_only=True, repr=False, compare=False)

    if TYPE_CHECKING:

        @property
        def points(self) -> Sequence[P]:
            """The rows."""

    @property
    def axes(self) -> dict[str, int]:
        """Names and lengths of the axes, the last varying fastest."""
        count = len(self.points)
        whole = self.grid is not None and math.prod(self.grid.values()) == count
        return dict(self.grid or {}) if whole else {"point": count}

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of every column."""
        return tuple(self.axes.values())

    @property
    def columns(self) -> list[str]:
        """Names of all columns: what rows have and do not share with the whole."""
        rows, head = self.rows(), {name: item for name, item in self.head().items() if name not in self.quantities}
        names = dict.fromkeys(key for row in rows for key in row)
        return [n for n in names if n not in head or any(row.get(n) != head[n] for row in rows)]

    @property
    def converged(self) -> bool:
        """Whether there are points, all of them converged."""
        return bool(self.points) and all(_entry(point, "converged", True) for point in self.points)

    @property
    def status(self) -> str:
        """``converged``, or the first other status of a point."""
        found = (str(_entry(p, "status", "")) for p in self.points if not _entry(p, "converged", True))
        return "converged" if self.converged else next(found, "") or "not-converged"

    @property
    def why(self) -> str | None:
        """The reasons that points give, in words."""
        return "; ".join(dict.fromkeys(str(why) for p in self.points if (why := _entry(p, "why", None)))) or None

    def rows(self) -> list[dict[str, Any]]:
        """The points as plain documents."""
        return [dict(p) if isinstance(p, Mapping) else p.to_json() for p in self.points]  # type: ignore[attr-defined]

    def head(self) -> dict[str, Any]:
        """What all points share: the document without its lists."""
        return {name: item for name, item in super().to_json().items() if not isinstance(item, list)}

    def to_json(self) -> dict[str, Any]:
        """The document that ``--json`` prints."""
        return {**super().to_json(), "points": self.rows()}

    def __len__(self) -> int:
        return len(self.points)

    def __iter__(self) -> Iterator[P]:
        return iter(self.points)

    @overload
    def __getitem__(self, which: str) -> np.ndarray: ...
    @overload
    def __getitem__(self, which: int | tuple[int, ...]) -> P: ...
    @overload
    def __getitem__(self, which: slice) -> Sequence[P]: ...
    def __getitem__(self, which: Any) -> Any:
        if isinstance(which, tuple):
            which = int(np.arange(len(self.points)).reshape(self.shape)[which])
        if not isinstance(which, str):
            return self.points[which]
        if not self.points:
            return np.empty(self.shape)
        values = _array(self._column(which))
        return values.reshape((*self.shape, *values.shape[1:]))

    def label(self, name: str) -> tuple[str, str]:
        """Unit and label of a column; an error has those of what it belongs to."""
        for ending, words in (("", ""), ("_error", "error of "), ("_2", "second ")):
            base = name.removesuffix(ending) if ending else name
            if name.endswith(ending) and base in self.quantities:
                unit, label = self.quantities[base]
                return unit, words + label
        return "", name.replace("_", " ")

    def to_pandas(self) -> Any:
        """A pandas DataFrame, a row a point, what they share in ``attrs``."""
        table = _extra("pandas").DataFrame({name: list(values) for name, values in self._table().items()})
        table.attrs.update(self._attributes())
        return table

    def to_xarray(self) -> Any:
        """An xarray Dataset over the axes, with units and labels. Booleans that are not all known are 1, 0 and nan."""
        xarray = _extra("xarray")
        axes, renamed = self.axes, {}
        variables: dict[str, tuple[list[str], np.ndarray, dict[str, str]]] = {}
        for name, cells in self._table().items():
            values = _stored(_array(cells))
            values = values.reshape((*self.shape, *values.shape[1:]))
            dims = [*axes, *([f"{name}_item"] if values.ndim > len(axes) else [])]
            if name in axes:
                along = np.moveaxis(values, dims.index(name), 0).reshape(axes[name], -1)
                if (along == along[:, :1]).all():
                    dims, values = [name], along[:, 0]
                else:  # not the same everywhere, as a realised load that depends on the size
                    renamed[name] = f"{name}_index"
            variables[name] = (dims, values, dict(zip(("units", "long_name"), self.label(name))))
        final = {name: ([renamed.get(d, d) for d in dims], *rest) for name, (dims, *rest) in variables.items()}
        return xarray.Dataset(final, attrs=self._attributes()).set_coords([name for name in axes if name in final])

    def save(self, path: str | os.PathLike[str]) -> Path | list[Path]:
        """Write FILE.csv, FILE.nc (netCDF) or FILE.json, with units, labels, convention, version, commit and date."""
        file = target("path", path, SUFFIXES)
        table = self._table()
        if file.suffix == ".json":
            about = {name: dict(zip(("unit", "label"), self.label(name))) for name in table}
            document = {"schema": SCHEMA, **plain(self.to_json()), **origin(), "columns": about}
            content = (json.dumps(document, indent=1, allow_nan=False) + "\n").encode()
        elif file.suffix == ".csv":
            lines = [f"# {key}: {item}\n" for key, item in self._attributes().items()]
            lines += [f"# column {name}: {label}" + (f" [{unit}]\n" if unit else "\n")
                      for name in table for unit, label in [self.label(name)]]  # fmt: skip
            rows = [dict(zip(table, row)) for row in zip(*table.values())]
            content = ("".join(lines) + as_csv(rows, list(table))).encode()
        else:
            _extra("h5netcdf")
            content = bytes(self.to_xarray().to_netcdf(engine="h5netcdf"))
        write_whole({file: content})
        return file

    def __repr__(self) -> str:
        said = [_short(item) for item in map(_name, self.head().items()) if item]
        axes = " × ".join(f"{count} {name}" for name, count in self.axes.items()) or "one point"
        return _cut(f"<{' '.join([type(self).__name__, *said])}: {axes}, {self.status}; {', '.join(self.columns)}>")

    def _repr_html_(self) -> str:
        table = self._table()
        rows = [dict(zip(table, row)) for row in zip(*table.values())]
        return f"<p>{html.escape(repr(self))}</p>" + html_table(rows, {name: self.label(name) for name in table})

    def _table(self) -> dict[str, list[Any]]:
        """All columns by name."""
        rows = self.rows()
        return {name: [row.get(name) for row in rows] for name in self.columns}

    def _column(self, name: str) -> list[Any]:
        one_of("column", name, self.columns)
        return [row.get(name) for row in self.rows()]

    def _attributes(self) -> dict[str, Any]:
        """What all points share, and where it comes from, as numbers and texts."""
        head = {name: _cell(item) for name, item in plain(self.head()).items() if item is not None}
        return {"kind": type(self).__name__, **head, "status": self.status, **origin()}


def target(what: str, path: Any, suffixes: Sequence[str]) -> Path:
    """The path, if a file of one of these kinds can be written there; one sentence otherwise."""
    file = checked_path(what, path)
    if file.suffix.lower() not in suffixes:
        raise InputError(f"{what}={shown(str(path))}: the name must end in {', '.join(suffixes)}")
    if not file.parent.is_dir():
        raise InputError(
            f"{what}={shown(str(path))}: the folder {shown(str(file.parent))} does not exist; create it first"
        )
    if file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK):
        raise InputError(f"{what}={shown(str(path))}: cannot be written to")
    return file


def html_table(rows: Sequence[Mapping[str, Any]], labels: Quantities) -> str:
    """Rows as an HTML table, the first of them, with units under the names."""
    names = list(dict.fromkeys(key for row in rows for key in row))
    heads = "".join(
        f'<th title="{html.escape(label)}">{html.escape(name)}' + (f"<br>[{html.escape(unit)}]" if unit else "") + "</th>"
        for name in names for unit, label in [labels.get(name, ("", name))]
    )  # fmt: skip
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(_short(row.get(name)))}</td>" for name in names) + "</tr>"
        for row in rows[:SHOWN_ROWS]
    )
    more = f"<p>… {len(rows) - SHOWN_ROWS} more</p>" if len(rows) > SHOWN_ROWS else ""
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>{more}"


def _extra(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise InputError(
            f"{name} is needed for this and is not installed; pip install 'dammech[data]' brings it"
        ) from None


def _entry(point: Any, name: str, default: Any) -> Any:
    return point.get(name, default) if isinstance(point, Mapping) else getattr(point, name, default)


def _array(values: list[Any]) -> np.ndarray:
    """Values as numbers (nan where not known), booleans, vectors of one length, or else objects."""
    known = [value for value in values if value is not None]
    numbers = all(isinstance(v, int | float | np.number) and not isinstance(v, bool) for v in known)
    if numbers and len(known) < len(values):
        return np.array([np.nan if v is None else v for v in values], dtype=float)
    if numbers or (len(known) == len(values) and all(isinstance(v, bool | np.bool_) for v in known)):
        return np.array(values)
    lists = len(known) == len(values) and all(isinstance(v, list) for v in values)
    if lists and len({len(v) for v in values}) == 1 and all(isinstance(x, int | float) for v in values for x in v):
        return np.array(values, dtype=float)
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def _stored(values: np.ndarray) -> np.ndarray:
    """Objects as what files hold: booleans that are not all known as numbers, everything else as text."""
    if values.dtype != object:
        return values
    known = [v for v in values if v is not None]
    if all(isinstance(v, bool) for v in known):
        return np.array([np.nan if v is None else v for v in values], dtype=float)
    return np.array(["" if v is None else str(_cell(v)) for v in values], dtype=str)


def _cell(value: Any) -> Any:
    """A value as one cell of a file: a number, a text, or nothing."""
    value = plain(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


def _name(entry: tuple[str, Any]) -> Any:
    """An entry of a head as a repr names it."""
    key, item = entry
    if isinstance(item, dict):
        return " ".join(str(x) for x in item.values() if isinstance(x, str | int)) if key == "model" else None
    return None if key in ("schema", "why", "status", "converged") or item is None else item


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return "" if value is None else shown(value, 60) if not isinstance(value, str) else value


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_WIDTH else text[: SHOWN_WIDTH - 2] + "…>"
