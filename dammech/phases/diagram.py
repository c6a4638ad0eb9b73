"""``phase_diagram``: all lines of a model, the regions between them, and where the ansatz is not valid."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from dammech.declared.units import QUANTITIES
from dammech.equations import Given, Theory
from dammech.errors import InputError, integer, shown
from dammech.phases.boundary import boundary
from dammech.phases.breaking import GLASS_LINES
from dammech.phases.points import Boundary
from dammech.phases.regions import Region, regions_between
from dammech.registry import answers_of
from dammech.results.documents import plain
from dammech.results.files import target, write_whole
from dammech.results.result import SUFFIXES, Result
from dammech.results.tables import as_csv
from dammech.solve.branches import check_ansatz
from dammech.solve.given import numbers, taken_as_it_is

PICTURES = (".pdf", ".svg", ".png")
#: lines that a broken ansatz adds to a diagram
BROKEN_LINES: dict[str, tuple[str, ...]] = {"1rsb": ("retrieval-spinodal", "thermodynamic", *GLASS_LINES)}
MOST_BROKEN_POINTS = 60
MOST_POINTS = 10_000


@dataclass(repr=False)
class PhaseDiagram(Result[dict[str, Any]]):
    """Lines and regions in the (load, temperature) plane, in the units of ``convention``.

    Attributes
    ----------
    ansatz : str
        One name, or several joined by commas; each line says its own.
    unresolved : dict
        By (line, ansatz): points inside a line that were not resolved, such as those where levels of breaking merge.
    """

    quantities = QUANTITIES
    model: Any
    ansatz: str
    convention: str
    lines: list[Boundary]
    regions: list[Region] = field(default_factory=list)
    axes: tuple[str, str] = ("load", "temperature")
    unresolved: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)

    def line(self, name: str, ansatz: str | None = None) -> Boundary:
        """One line by name, the first of them where several ansätze give it."""
        for found in self.lines:
            if found.line == name and ansatz in (None, found.ansatz):
                return found
        raise InputError(f"line={name!r}: this diagram has {', '.join(b.line for b in self.lines)}")

    @property
    def points(self) -> list[dict[str, Any]]:
        """Points of all lines, each with its line and that line's ansatz."""
        return [
            {"line": b.line, "ansatz": b.ansatz, "point_ansatz": point.get("ansatz", b.ansatz),
             **{name: value for name, value in point.items() if name != "ansatz"}}
            for b in self.lines for point in b.points
        ]  # fmt: skip

    def head(self) -> dict[str, Any]:
        """Model, ansatz and convention."""
        return {name: plain(getattr(self, name)) for name in ("model", "ansatz", "convention")}

    def to_json(self) -> dict[str, Any]:
        """The document that is saved beside the picture."""
        lines = [{"line": b.line, "ansatz": b.ansatz, "points": b.points,
                  "unresolved": self.unresolved.get((b.line, b.ansatz), [])} for b in self.lines]  # fmt: skip
        return {**self.head(), "axes": list(self.axes), "lines": lines, "regions": plain(self.regions)}

    def plot(self) -> Any:
        """The diagram as a matplotlib Figure."""
        return import_module("dammech.plot").draw_phase_diagram(self)

    def save(self, path: str | os.PathLike[str]) -> list[Path]:
        """Write a picture (.pdf, .svg, .png), its data as CSV and JSON beside it, all or nothing; or as any result the data."""
        file = target("path", path, (*PICTURES, *SUFFIXES))
        if file.suffix not in PICTURES:
            return super().save(file)
        picture = io.BytesIO()
        self.plot().savefig(picture, format=file.suffix[1:])
        rows, document = as_csv(self.rows()), json.dumps(self.to_json(), indent=1)
        return write_whole({file: picture.getvalue(), file.with_suffix(".csv"): rows.encode(),
                            file.with_suffix(".json"): document.encode()})  # fmt: skip


def phase_diagram(
    theory: Given,
    *,
    ansatz: str | Sequence[str] = ("rs",),
    points: int = 200,
    convention: str = "canonical",
    x: str | None = None,
    y: str | None = None,
    **fixed: float,
) -> PhaseDiagram:
    """All lines of a theory and the regions that they bound.

    Parameters
    ----------
    theory : model, Derivation or FreeEnergy
        Two of the parameters of a FreeEnergy are the axes, the others are given by name.
    ansatz : str or sequence of str
        ``rs``, ``1rsb``, or both: each line says from which it is.
    points : int
        Points a line, at most 10,000; at most 60 where symmetry is broken.
    convention : str
        Units of the axes.
    x, y : str, optional
        Which parameter is drawn to the right and which upwards.
    **fixed
        Numbers for the parameters that are no axis.
    """
    if not isinstance(ansatz, str | Sequence):
        raise InputError(f"ansatz={shown(ansatz)}: must be a name, or a sequence of names")
    names = list(dict.fromkeys([ansatz] if isinstance(ansatz, str) else map(check_ansatz, ansatz)))
    for name in names:
        if check_ansatz(name) != "rs" and name not in BROKEN_LINES:
            raise InputError(f"ansatz={name!r}: a phase diagram takes rs and {', '.join(BROKEN_LINES)}")
    if not names:
        raise InputError("ansatz: the sequence is empty; a phase diagram needs at least one")
    integer("points", points, 2, MOST_POINTS)
    target = Theory.of(theory)
    if target.given is not None:
        taken_as_it_is(target.with_(model=None), ansatz=(names, ["rs"]), convention=(convention, "canonical"))
        return _diagram_of_given(target, int(points), x, y, fixed)
    for name, value in {"x": x, "y": y, **fixed}.items():
        if value is not None and value != {"x": "load", "y": "temperature"}.get(name):
            raise InputError(f"{name}={shown(value)}: the axes of this diagram are the load and the temperature")
    if (own := answers_of(target.model)) is not None:
        raise InputError(f"phase-diagram: this model has the lines {', '.join(own.LINES)}; use boundary")
    if "load" not in target.model.axes:
        raise InputError(
            "the p-spin glass has no load, and so no diagram: its lines are single temperatures, which boundary gives"
        )
    names.sort(key=["rs", *BROKEN_LINES].index)
    lines: list[Boundary] = []
    for name in names:
        lines += (_symmetric if name == "rs" else _broken)(target.model, name, lines, points, convention)
    diagram = PhaseDiagram(target.model, ",".join(names), convention, lines)
    for line in (line for line in lines if line.ansatz != "rs"):  # temperatures and loads are our choice, not a question
        diagram.unresolved[line.line, line.ansatz] = [p for p in line.points if not p["converged"]]
        line.points = [p for p in line.points if p["converged"]]
    diagram.regions = regions_between(diagram.lines, names)
    return diagram


def _symmetric(model: Any, ansatz: str, before: list[Boundary], points: int, convention: str) -> list[Boundary]:
    """Replica-symmetric lines, those of the m = 0 state last: they go on for ever."""
    endless = ["spin-glass"] if model.soft else ["spin-glass", "zero-entropy"]
    bounded = ("retrieval-spinodal", "thermodynamic", "at")
    lines = _found(boundary(model, name, points=points, convention=convention) for name in bounded)
    lines += _found(boundary(model, name, convention=convention, **_beside(lines, points)) for name in endless)
    if model.soft:  # the order of the classical diagram
        lines.sort(key=lambda b: ["retrieval-spinodal", "thermodynamic", "spin-glass", "at"].index(b.line))
    return lines


def _broken(model: Any, ansatz: str, before: list[Boundary], points: int, convention: str) -> list[Boundary]:
    """Lines of a broken ansatz over the whole range of the symmetric ones, and those that it begins at."""
    few, wanted = min(points, MOST_BROKEN_POINTS), BROKEN_LINES[ansatz]
    lines = []
    for name in (name for name in wanted if name not in GLASS_LINES):
        highest = float(np.nanmax(boundary(model, name, points=2, convention=convention)["temperature"]))
        T = np.linspace(0, highest, few)
        lines.append(boundary(model, name, ansatz=ansatz, temperatures=T, convention=convention))
    lines = _found(lines)
    reach = 1.5 * max((float(np.nanmax(b["load"])) for b in [*before, *lines]), default=1.0)
    loads = reach * np.linspace(0, 1, few) ** 2
    glass: list[Boundary] = []
    for name in (name for name in wanted if name in GLASS_LINES):
        line = boundary(model, name, ansatz=ansatz, loads=loads, convention=convention)
        if all(p.get("ansatz") == "rs" for p in line.points[1:]):  # continuous: all of them are the spin-glass line
            glass = [boundary(model, "spin-glass", loads=loads[1:], convention=convention)]
            break
        glass.append(line)
    if not any(b.line == "at" for b in before):
        glass.append(boundary(model, "at", points=points, convention=convention))
    for line in before:  # what replica symmetry cannot decide is decided here
        if any(b.line == line.line for b in lines):
            line.points = [p for p in line.points if p["converged"]]
    if any(b.line == "static" for b in glass):  # says where the paramagnet ends, of which its entropy gives a bound only
        before[:] = [b for b in before if b.line != "zero-entropy"]
    known = {(b.line, b.ansatz) for b in before}
    return [*lines, *_found(b for b in glass if (b.line, b.ansatz) not in known)]


def _found(lines: Iterable[Boundary]) -> list[Boundary]:
    return [line for line in lines if any(point["converged"] for point in line.points)]


def _beside(lines: list[Boundary], points: int) -> dict[str, Any]:
    """Where to follow a line that goes on for ever: as far as there is retrieval, and half."""
    reach = max((float(np.nanmax(b["load"])) for b in lines), default=0.0)
    return {"loads": 1.5 * reach * np.linspace(0, 1, points + 1)[1:] ** 2} if reach > 0 else {"points": points}


def _diagram_of_given(target: Theory, points: int, x: str | None, y: str | None, fixed: dict[str, float]) -> PhaseDiagram:
    from dammech.phases.plane import plane_of

    theory = target.given
    values = {theory.parameter(name): float(numbers(name, value)[0]) for name, value in fixed.items()}
    theory = theory.restrict(values) if values else theory
    names = [s.name for s in theory.parameters]
    if len(names) != 2:
        raise InputError(f"parameters {names}: a phase diagram needs exactly two; give numbers for the others")
    right, up = (None if name is None else theory.parameter(name).name for name in (x, y))
    if right is not None and right == up:
        raise InputError(f"y={shown(y)}: is the axis x already")
    if up is None and right is not None:
        (up,) = (name for name in names if name != right)
    plane = plane_of(target.with_(given=theory), points, up)
    across, upwards = (names[k] for k in plane.axes)
    return PhaseDiagram(target.subject, target.ansatz, "canonical", plane.lines, plane.regions, axes=(across, upwards))
