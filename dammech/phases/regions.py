"""Regions of a phase diagram: what the lines bound, and which ansatz is valid there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from dammech.phases.points import Boundary
from dammech.results.record import Record

_LAYERS = {
    "dynamic glass": 1, "1RSB glass": 1, "glass below T_G": 1, "retrieval, equilibrium": 2, "retrieval, rival not decided": 2,
    "retrieval below the AT line": 3,
}  # fmt: skip


@dataclass(repr=False)
class Region(Record):
    """A part of the plane: a name, its outline as (load, temperature) pairs, and which ansatz is valid in it.

    Attributes
    ----------
    valid : bool
        Whether any ansatz of the diagram is.
    valid_for : tuple of str
        Those that are.
    layer : int
        A higher one lies above: equilibrium above what is metastable, the failure of an ansatz above all.
    """

    name: str
    outline: np.ndarray
    valid: bool
    why: str | None = None
    valid_for: tuple[str, ...] = ()
    layer: int = field(default=0, repr=False)


def regions_between(lines: Sequence[Boundary], names: Sequence[str]) -> list[Region]:
    """The regions that lines bound, each line taken from the ansatz that says most.

    Parameters
    ----------
    lines : sequence of Boundary
    names : sequence of str
        Ansätze of the diagram, in the order of ``lines``.
    """
    tracks = {b.line: track(b) for b in lines}  # a later line, of more broken symmetry, replaces an earlier one
    broken = [name for name in names if name != "rs"]
    found = [*_retrieval(tracks, lines, names), *_symmetric_rivals(tracks, names)]
    if not broken:
        return found
    found = [*_glass(tracks, names), *found]
    for region in found:
        region.layer = _LAYERS.get(region.name, 0)
    return found


def track(line: Boundary) -> tuple[np.ndarray, np.ndarray]:
    """Load and temperature of the points that were found, in their order."""
    ok = np.isfinite(line["load"]) & np.isfinite(line["temperature"])
    return line["load"][ok], line["temperature"][ok]


def _region(name: str, outline: np.ndarray, names: Sequence[str], valid: Sequence[str], why: str | None = None) -> Region:
    kept = tuple(ansatz for ansatz in names if ansatz in valid)
    return Region(name, outline, bool(kept), why, kept)


def _left_of(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.concatenate([[[0.0, y[0]]], np.stack([x, y], axis=1), [[0.0, y[-1]]]])


def _below(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.concatenate([np.stack([x, y], axis=1), [[x.max(), 0.0], [0.0, 0.0]]])


def _retrieval(
    tracks: dict[str, tuple[np.ndarray, np.ndarray]], lines: Sequence[Boundary], names: Sequence[str]
) -> list[Region]:
    found: list[Region] = []
    if "retrieval-spinodal" in tracks:
        x, y = tracks["retrieval-spinodal"]
        found.append(_region("retrieval, metastable", _left_of(x, y), names, names))
        if "at" in tracks and len(tracks["at"][0]) > 1:
            ax, ay = tracks["at"]
            below = y <= ay.max()
            outline = np.concatenate([np.stack([ax, ay], axis=1), np.stack([x[below], y[below]], axis=1)[::-1]])
            stable = [b.ansatz for b in lines if b.line == "retrieval-spinodal" and b.ansatz != "rs" and _holds(b)]
            fails = [_short(name) for name in names if name not in stable]
            why = (
                "the replica-symmetric ansatz is unstable between the AT line and the spinodal" if list(names) == ["rs"]
                else f"{' and '.join(fails)} unstable (AT line to spinodal)"
            )
            found.append(_region("retrieval below the AT line", outline, names, stable, why))
    if "thermodynamic" in tracks:
        x, y = tracks["thermodynamic"]
        undecided = lines[0].model.branches["retrieval"].undecided
        name = "retrieval, rival not decided" if undecided else "retrieval, equilibrium"
        found.append(_region(name, _left_of(x, y), names, names, undecided))
        edge, height = tracks.get("retrieval-spinodal", (x, y))
        low = height <= y.min()
        if y.min() > 0.02 * y.max() and low.any() and list(names) == ["rs"]:
            outline = np.concatenate([_left_of(edge[low], height[low]), [[0.0, 0.0]]])
            why = "the state that competes here is a 1RSB glass"
            found.append(_region("retrieval, rival not decided", outline, names, names, why))
    return found


def _holds(line: Boundary) -> bool:
    """Whether the ansatz is valid on the part of a line where its symmetry is broken."""
    verdicts = [p["valid"] for p in line.points if p["converged"] and p.get("ansatz") == line.ansatz and p["temperature"] > 0]
    return bool(verdicts) and all(verdicts)


def _symmetric_rivals(tracks: dict[str, tuple[np.ndarray, np.ndarray]], names: Sequence[str]) -> list[Region]:
    found = []
    if "spin-glass" in tracks:
        why = f"{' and '.join(map(_short, names))} unstable"
        if list(names) == ["rs"]:
            why = "the replica-symmetric spin glass is AT-unstable"
        found.append(_region("spin glass", _below(*tracks["spin-glass"]), names, (), why))
    if "zero-entropy" in tracks:
        why = "a 1RSB glass must have replaced the paramagnet above this line"
        found.append(_region("paramagnet of negative entropy", _below(*tracks["zero-entropy"]), names, (), why))
    return found


def _glass(tracks: dict[str, tuple[np.ndarray, np.ndarray]], names: Sequence[str]) -> list[Region]:
    broken = [name for name in names if name != "rs"]
    found = []
    if "dynamic" in tracks:
        why = "exponentially many states, with the free energy of the paramagnet"
        found.append(_region("dynamic glass", _below(*tracks["dynamic"]), names, names, why))
    if "static" in tracks:
        why = "the paramagnet is replaced by a 1RSB glass"
        found.append(_region("1RSB glass", _below(*tracks["static"]), names, broken, why))
    if "gardner" in tracks:
        deeper = [name for name in broken if name != "1rsb"]
        why = "1RSB is unstable"
        found.append(_region("glass below T_G", _below(*tracks["gardner"]), names, deeper, why))
    return found


def _short(name: str) -> str:
    return name.upper()
