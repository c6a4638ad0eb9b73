"""One kind of result: named columns over named axes, what all rows share, a status, and a reason in words.

A room declares its fields, axes and quantities. How a result is asked for a column, shown and saved stands here.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, overload

import numpy as np

from dammech.errors import InputError, one_of, shown
from dammech.results.documents import SCHEMA, plain
from dammech.results.files import extra, origin, target, write_whole
from dammech.results.record import Record
from dammech.results.tables import Quantities, as_csv, cell, cut, html_table, text_cell, text_table

SUFFIXES = (".csv", ".nc", ".json")
P = TypeVar("P")
_UNSAID = ("schema", "status", "converged", "why")  # by a repr, or in its own words


def axes_of(**values: Any) -> dict[str, int]:
    """Axes of a grid: the arguments that were sequences, with their lengths."""
    return {name: np.size(value) for name, value in values.items() if np.ndim(value)}


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
    def axes(self) -> tuple[str, ...]:
        """Names of the axes, the last varying fastest."""
        return tuple(self._lengths)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of every column."""
        return tuple(self._lengths.values())

    @property
    def _lengths(self) -> dict[str, int]:
        count = len(self.points)
        whole = self.grid is not None and math.prod(self.grid.values()) == count
        return dict(self.grid or {}) if whole else {"point": count}

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
        return {**self.head(), **super().to_json(), "points": self.rows()}

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
        if not isinstance(which, str):
            try:
                place = np.arange(len(self.points)).reshape(self.shape)[which].item() if isinstance(which, tuple) else which
                return self.points[place]
            except (TypeError, ValueError, IndexError):
                if isinstance(which, int):  # beyond the last, as of any sequence
                    raise
                axes = ", ".join(self.axes) or "none"
                said = f"[{shown(which)}]: must be the name of a column, a place, or one for each axis ({axes})"
                raise InputError(said) from None
        if not self.points:
            return np.empty(self.shape)
        values = _array(self._column(which))
        return values.reshape((*self.shape, *values.shape[1:]))

    def label(self, name: str) -> tuple[str, str]:
        """Unit and label of a column; an error has those of what it belongs to."""
        bare = name.rstrip("0123456789").strip("_").removesuffix("_q")  # of q1, m_2, replicon_q1
        for base, words in ((name, ""), (name.removesuffix("_error"), "error of "), (bare, f"{name}: ")):
            if base in self.quantities:
                unit, label = self.quantities[base]
                return unit, words + label
        return "", name.replace("_", " ")

    def to_pandas(self) -> Any:
        """A pandas DataFrame, a row a point, what they share in ``attrs``."""
        table = extra("pandas").DataFrame({name: list(values) for name, values in self._table().items()})
        table.attrs.update(self._attributes())
        return table

    def to_xarray(self) -> Any:
        """An xarray Dataset over the axes, with units and labels. Booleans that are not all known are 1, 0 and nan."""
        xarray = extra("xarray")
        axes, renamed = self._lengths, {}
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

    def save(self, path: str | os.PathLike[str]) -> list[Path]:
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
            extra("h5netcdf")
            content = bytes(self.to_xarray().to_netcdf(engine="h5netcdf"))
        return write_whole({file: content})

    def __repr__(self) -> str:
        said = [text_cell(item) for name, item in self.head().items() if name not in _UNSAID and item is not None
                and (name == "model" or not isinstance(item, dict))]  # fmt: skip
        axes = " × ".join(f"{count} {name}" for name, count in self._lengths.items()) or "one point"
        return cut(f"<{' '.join([type(self).__name__, *said])}: {axes}, {self.status}; {', '.join(self.columns)}>")

    def __str__(self) -> str:
        return f"{self!r}\n{text_table(plain(self.rows()), self.columns)}"

    def _repr_html_(self) -> str:
        table = self._table()
        rows = [dict(zip(table, row)) for row in zip(*table.values())]
        return html_table(rows, {name: self.label(name) for name in table}, repr(self))

    def _table(self) -> dict[str, list[Any]]:
        """All columns by name."""
        rows = self.rows()
        return {name: [row.get(name) for row in rows] for name in self.columns}

    def _column(self, name: str) -> list[Any]:
        one_of("column", name, self.columns)
        return [row.get(name) for row in self.rows()]

    def _attributes(self) -> dict[str, Any]:
        """What all points share, and where it comes from, as numbers and texts."""
        head = {name: cell(item) for name, item in plain(self.head()).items() if item is not None}
        head = {name: str(item) if isinstance(item, bool) else item for name, item in head.items()}
        return {"kind": type(self).__name__, **head, "status": self.status, **origin()}


@dataclass(repr=False)
class Table(Result[P]):
    """Rows under a title."""

    title: str
    points: Sequence[P]


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
    return np.array(["" if v is None else str(cell(v)) for v in values], dtype=str)
