"""``phase_diagram``: all lines of a model, the regions between them, and where the ansatz is not valid."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from dammech.equations import Theory
from dammech.errors import InputError
from dammech.phases.boundary import boundary
from dammech.phases.points import Boundary
from dammech.solve.branches import check_ansatz
from dammech.solve.solution import described

SUFFIXES = (".pdf", ".svg", ".png")


@dataclass
class Region:
    """A part of the plane: a name, its outline as (load, temperature) pairs, and whether the ansatz is valid in it."""

    name: str
    outline: np.ndarray
    valid: bool
    why: str | None = None


@dataclass
class PhaseDiagram:
    """Lines and regions in the (load, temperature) plane, in the units of ``convention``."""

    model: Any
    ansatz: str
    convention: str
    lines: list[Boundary]
    regions: list[Region] = field(default_factory=list)
    axes: tuple[str, str] = ("load", "temperature")

    def line(self, name: str) -> Boundary:
        """One line by name."""
        for found in self.lines:
            if found.line == name:
                return found
        raise InputError(f"line={name!r}: this diagram has {', '.join(b.line for b in self.lines)}")

    def to_json(self) -> dict[str, Any]:
        """The document that is saved beside the picture."""
        return {
            "model": described(self.model),
            "ansatz": self.ansatz,
            "convention": self.convention,
            "axes": list(self.axes),
            "lines": [{"line": b.line, "ansatz": b.ansatz, "points": b.points} for b in self.lines],
            "regions": [
                {
                    "name": r.name,
                    "outline": [[float(x), float(y)] for x, y in r.outline],
                    "valid": r.valid,
                    "why": r.why,
                }
                for r in self.regions
            ],
        }

    def to_csv(self) -> str:
        """Lines as a table."""
        x, y = self.axes
        columns = [
            "line",
            "ansatz",
            y,
            x,
            f"{x}_error",
            f"{y}_error",
            "m",
            "q",
            "replicon",
            "residual",
            "converged",
            "valid",
            "why",
        ]
        text = io.StringIO()
        table = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
        table.writeheader()
        for b in self.lines:
            for point in b.points:
                table.writerow({**{c: point.get(c) for c in columns}, "line": b.line, "ansatz": b.ansatz})
        return text.getvalue()

    def plot(self) -> Any:
        """The diagram as a matplotlib Figure."""
        return import_module("dammech.plot").draw_phase_diagram(self)

    def save(self, path: str | os.PathLike[str]) -> list[Path]:
        """Write the picture, and its data as CSV and JSON beside it; all or nothing."""
        target = check_target(path)
        figure = self.plot()
        picture = io.BytesIO()
        figure.savefig(picture, format=target.suffix[1:])
        contents = {
            target: picture.getvalue(),
            target.with_suffix(".csv"): self.to_csv().encode(),
            target.with_suffix(".json"): json.dumps(self.to_json(), indent=1).encode(),
        }
        for name, content in contents.items():
            temporary = name.with_name(name.name + ".tmp")
            temporary.write_bytes(content)
            os.replace(temporary, name)
        return list(contents)


def check_target(path: str | os.PathLike[str]) -> Path:
    """The path, if a picture can be written there."""
    target = Path(path)
    if target.suffix not in SUFFIXES:
        raise InputError(f"out={str(path)!r}: must end in {', '.join(SUFFIXES)}")
    if not target.parent.is_dir():
        raise InputError(f"out={str(path)!r}: the folder {str(target.parent)!r} does not exist")
    return target


def phase_diagram(
    theory: Any, *, ansatz: str | Sequence[str] = ("rs",), points: int = 200, convention: str = "canonical"
) -> PhaseDiagram:
    """All lines of a theory and the regions that they bound.

    Parameters
    ----------
    theory : model, Derivation or FreeEnergy
        A FreeEnergy of one's own needs exactly two parameters; they are the axes.
    ansatz : str or sequence of str
    points : int
        Points a line.
    convention : str
        Units of the axes.
    """
    names = [ansatz] if isinstance(ansatz, str) else list(ansatz)
    for name in names:
        check_ansatz(name)
    if isinstance(points, bool) or not hasattr(points, "__index__") or points < 2:
        raise InputError(f"points={points!r}: must be an integer of at least 2")
    target = Theory.of(theory)
    if target.given is not None:
        return _diagram_of_given(target)
    if not hasattr(target.model, "patterns_for"):
        raise InputError("the p-spin glass has no load and its lines need 1RSB, which this version does not have")
    p = target.model.p
    wanted = (
        ["retrieval-spinodal", "thermodynamic", "spin-glass", "at"]
        if p == 2
        else ["retrieval-spinodal", "thermodynamic", "at", "spin-glass", "zero-entropy"]
    )
    lines = []
    reach = 0.0
    for name in wanted:
        if (
            name in ("spin-glass", "zero-entropy") and reach > 0
        ):  # these go on for ever: as far as there is retrieval, and half
            loads = np.linspace(0, 1.5 * reach, points + 1)[1:]
            found = boundary(target, name, loads=loads, convention=convention)
        else:
            found = boundary(target, name, points=points, convention=convention)
        if any(x["converged"] for x in found.points):
            lines.append(found)
            reach = max(reach, np.nanmax(found["load"]))
    diagram = PhaseDiagram(target.model, "rs", convention, lines)
    diagram.regions = _regions(diagram)
    return diagram


def _track(line: Boundary) -> tuple[np.ndarray, np.ndarray]:
    """Load and temperature of the points that were found, by rising temperature."""
    ok = np.isfinite(line["load"])
    return line["load"][ok], line["temperature"][ok]


def _regions(diagram: PhaseDiagram) -> list[Region]:
    present = {b.line: _track(b) for b in diagram.lines}
    found: list[Region] = []

    def under(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.concatenate([[[0.0, y[0]]], np.stack([x, y], axis=1), [[0.0, y[-1]]]])

    if "retrieval-spinodal" in present:
        x, y = present["retrieval-spinodal"]
        found.append(Region("retrieval, metastable", under(x, y), True))
        if "at" in present and len(present["at"][0]) > 1:
            ax, ay = present["at"]
            below = y <= ay.max()
            outline = np.concatenate([np.stack([ax, ay], axis=1), np.stack([x[below], y[below]], axis=1)[::-1]])
            found.append(
                Region(
                    "retrieval below the AT line",
                    outline,
                    False,
                    "the replica-symmetric ansatz is unstable between the AT line and the spinodal",
                )
            )
    if "thermodynamic" in present:
        x, y = present["thermodynamic"]
        found.append(Region("retrieval, equilibrium", under(x, y), True))
        edge, height = present.get("retrieval-spinodal", (x, y))
        low = height <= y.min()
        if y.min() > 0.02 * y.max() and low.any():
            outline = np.concatenate([under(edge[low], height[low]), [[0.0, 0.0]]])
            found.append(
                Region("retrieval, rival not decided", outline, True, "the state that competes here is a 1RSB glass")
            )
    if "spin-glass" in present:
        x, y = present["spin-glass"]
        outline = np.concatenate([np.stack([x, y], axis=1), [[x.max(), 0.0], [0.0, 0.0]]])
        found.append(Region("spin glass", outline, False, "the replica-symmetric spin glass is AT-unstable"))
    if "zero-entropy" in present:
        x, y = present["zero-entropy"]
        outline = np.concatenate([np.stack([x, y], axis=1), [[x.max(), 0.0], [0.0, 0.0]]])
        found.append(
            Region(
                "paramagnet of negative entropy",
                outline,
                False,
                "a 1RSB glass must have replaced the paramagnet above this line",
            )
        )
    return found


def _diagram_of_given(target: Theory) -> PhaseDiagram:
    from dammech.phases.given import GIVEN_LINES, _record, curve_of_given

    names = [s.name for s in target.given.parameters]
    if len(names) != 2:
        raise InputError(f"parameters {names}: a phase diagram needs exactly two; fix the others in the expression")
    temperature = target.given.temperature
    given = names.index(temperature.name) if temperature is not None else 0
    lines = []
    for line in GIVEN_LINES:
        if line == "at" and target.given.replicon is None:
            continue
        curve = curve_of_given(target, line, 1 - given, given, np.zeros(2), np.geomspace(0.05, 1.5, 3))
        u, p = curve.skeleton
        if u.shape[1] < 2 and p.shape[1] < 2:
            continue
        curve.points = None
        curve.refine(u, p)
        lines.append(
            Boundary(target.given, line, "given", "canonical", [_record(curve, k, names) for k in range(p.shape[1])])
        )
    return PhaseDiagram(target.given, "given", "canonical", lines, axes=(names[1 - given], names[given]))
