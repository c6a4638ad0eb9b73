"""Phase diagrams as drawings: lines, regions with their names, and hatching where the ansatz is not valid."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Polygon
from matplotlib.path import Path

from dammech.plot.canvas import Sheet, sheet, styled
from dammech.plot.tracks import (
    AGS_NAMES,
    ANSATZ_NAMES,
    BESIDE_BROKEN,
    DASHED,
    LOOKS,
    OWN_LOOKS,
    THIN,
    axis_label,
    draw_line,
    mark_undecided_end,
)
from dammech.registry import is_model

HATCHES = ("////", "\\\\\\\\", "xxxx", "....")
FILLS = ("#ffffff", "#f0f0f0", "#fafafa", "#e2ecf5", "#eef5ea")
Window = tuple[tuple[float, float], tuple[float, float]]  # left and right, bottom and top
_CELLS = 160
_TOLD = ("retrieval below the AT line",)  # the reason repeats the name
_BOUNDED = ("retrieval-spinodal", "thermodynamic", "at")


def drawn(diagram: Any) -> Sheet:
    """A phase diagram on a sheet of its own."""
    with styled():
        broken = diagram.ansatz not in ("rs", "given")
        page = sheet(4.8, 4.9) if broken else sheet(3.6, 4.0)
        axes = page.add_subplot()
        handles = draw_diagram(axes, diagram)
        long = any(len(h.get_label()) > (46 if broken else 34) for h in handles)
        page.legend(handles=handles, loc="outside lower center", ncols=1 if long else 2)
        return page


def draw_diagram(
    axes: Any,
    diagram: Any,
    *,
    keep_free: tuple[float, float, float, float] | None = None,
    title: str | None = None,
    window: Window | None = None,
) -> list[Any]:
    """Draw regions, lines and axis labels; return the legend's handles.

    Parameters
    ----------
    axes : matplotlib Axes
    diagram : PhaseDiagram
    keep_free : (left, bottom, right, top), optional
        A box in axes fractions where no name is written, such as that of an inset.
    title : str, optional
        The model and the ansatz where not given.
    window : ((left, right), (bottom, top)), optional
        What is shown, where not all.
    """
    x, y = diagram.axes
    if window is None:
        window = _limits(diagram)
    axes.set_xlim(*window[0])
    axes.set_ylim(*window[1])
    axes.set_xlabel(axis_label(x, diagram.convention))
    axes.set_ylabel(axis_label(y, diagram.convention))
    names, registered = diagram.ansatz.split(","), is_model(diagram.model)
    ansatz = "replica symmetric (RS)" if names == ["rs"] else " and ".join(ANSATZ_NAMES.get(n, n) for n in names)
    axes.set_title(title or f"{diagram.model.title if registered else 'given free energy'};\nansatz: {ansatz}")
    hatched = _draw_regions(axes, diagram, window, keep_free)
    handles, thin, ends = [], False, False
    broken = {line.line for line in diagram.lines if line.ansatz not in ("rs", "given")}
    failing = None
    for number, line in enumerate(diagram.lines):
        color, linestyle, label = LOOKS.get(line.line) or (*OWN_LOOKS[number % len(OWN_LOOKS)], line.line)
        if registered and line.line in AGS_NAMES:
            label = f"{AGS_NAMES[line.line]}, {label}"
        if broken:
            failing = DASHED if line.ansatz == "rs" else None
            label = f"{label.replace(' (retrieval)', ' of retrieval')} ({ANSATZ_NAMES[line.ansatz]})"
        if line.ansatz == "rs" and line.line in broken:
            color, linestyle = BESIDE_BROKEN.get(line.line, (color, linestyle))
        thin |= draw_line(axes, line.points, x, y, color=color, linestyle=linestyle, failing=failing,
                          failing_width=THIN if failing is None else 1.5 * THIN)
        ends |= mark_undecided_end(axes, line.points, color, x, y)
        handles.append(Line2D([], [], color=color, linestyle=linestyle, label=label))
    if thin:
        fails = "thin (RS: dashed): the ansatz is unstable there" if broken else "thin: RS unstable in a state of that line"
        handles.append(Line2D([], [], color="0.2", linewidth=THIN, label=fails))
    if ends:
        handles.append(Line2D([], [], marker="o", mfc="white", mec="0.2", linestyle="", label="beyond: rival is a 1RSB glass"))
    return handles + hatched


def _limits(diagram: Any) -> Window:
    """What is shown: the bounded lines in full, and of those that run away what lies above them."""
    x, y = diagram.axes
    tracks = [(b[x], b[y]) for b in diagram.lines]
    bounded = [(b[x], b[y]) for b in diagram.lines if b.line in _BOUNDED] or tracks
    if not bounded:
        return (0.0, 1.0), (0.0, 1.0)
    left, bottom = (1.06 * min(np.nanmin(track[k], initial=0.0) for track in tracks) for k in (0, 1))
    right = 1.12 * max(np.nanmax(a) for a, _ in bounded)
    top = max(np.nanmax(np.where(a <= right, b, np.nan), initial=0.0) for a, b in tracks)
    return (float(left), float(right)), (float(bottom), 1.06 * float(top))


def _draw_regions(axes: Any, diagram: Any, limits: Window, keep_free: Any) -> list[Any]:
    """Paint regions from the largest to the smallest of a layer, so that the more particular shows; name each."""
    whole = _limits(diagram)  # the order of painting does not depend on what is shown
    regions = sorted(diagram.regions, key=lambda r: (r.layer, -_area(r.outline, whole)))
    handles: list[Any] = []
    grid = (np.arange(_CELLS) + 0.5) / _CELLS
    cells = np.stack(np.meshgrid(*(low + grid * (high - low) for low, high in limits)), axis=-1).reshape(-1, 2)
    owner = np.full(_CELLS * _CELLS, -1)
    for k, region in enumerate(regions):
        owner[Path(region.outline).contains_points(cells)] = k
        hatch = None if region.valid else HATCHES[len(handles) % len(HATCHES)]
        edge = "0.55" if hatch else "none"
        fill = "none" if region.layer > 2 else FILLS[(k + 1) % len(FILLS)]
        look: dict[str, Any] = {"facecolor": fill, "hatch": hatch, "edgecolor": edge}
        axes.add_patch(Polygon(region.outline, linewidth=0, zorder=1 + 0.01 * k, **look))
        if not region.valid:
            handles.append(Patch(**look, linewidth=0, label=_because(region)))
    blocked = _blocked(diagram, limits, keep_free)
    places = [(r.name, (owner == k).reshape(_CELLS, _CELLS)) for k, r in enumerate(regions)]
    if diagram.regions and is_model(diagram.model):
        places.append(("paramagnet", (owner == -1).reshape(_CELLS, _CELLS)))
    for name, inside in places:
        _write_name(axes, name, inside & ~blocked)
    return handles


def _because(region: Any) -> str:
    why = (region.why or "the ansatz is not valid").replace("replica-symmetric", "RS")
    return _mathematical(f"{region.name}: {why}" if len(region.name) + len(why) < 60 and region.name not in _TOLD else why)


def _mathematical(name: str) -> str:
    return name.replace("T_G", "$T_G$")


def _area(outline: np.ndarray, limits: Window) -> float:
    a, b = (np.clip(outline[:, k], *limits[k]) for k in (0, 1))
    return float(abs(np.dot(a, np.roll(b, 1)) - np.dot(b, np.roll(a, 1))) / 2)


def _blocked(diagram: Any, limits: Window, keep_free: Any) -> np.ndarray:
    """Cells where nothing may be written: under a line, or in the box that is kept free."""
    blocked = np.zeros((_CELLS, _CELLS), dtype=bool)
    x, y = diagram.axes
    for line in diagram.lines:
        places = np.stack([(line[name] - low) / (high - low) for name, (low, high) in zip((x, y), limits)], axis=1)
        known = places[np.isfinite(places).all(axis=1)]
        fine = np.asarray(Path(known).interpolated(40).vertices) if len(known) else known
        cells = np.floor(fine * _CELLS).astype(int)
        i, j = cells[((cells >= 0) & (cells < _CELLS)).all(axis=1)].T
        blocked[j, i] = True
    if keep_free is not None:
        left, bottom, right, top = (round(v * _CELLS) for v in keep_free)
        blocked[bottom:top, left:right] = True
    return blocked


def _write_name(axes: Any, name: str, free: np.ndarray) -> None:
    """Write a name where it fits best, on one line or on several; not at all where it does not fit (the legend has it)."""
    from scipy.ndimage import distance_transform_edt

    name = re.sub(r" ([<>=]) ", "\N{NO-BREAK SPACE}\\1\N{NO-BREAK SPACE}", name)
    padded = np.pad(free, 1)
    best: tuple[float, str, tuple[float, float]] | None = None
    for text in dict.fromkeys([name, name.replace(", ", ",\n"), name.replace(" ", "\n", 1), name.replace(" ", "\n")]):
        lines = text.split("\n")
        box = axes.get_window_extent()
        points = axes.figure.dpi / 72 * 7.0  # pixels of the type size
        half = max(map(len, lines)) * 0.25 * points / box.width, len(lines) * 0.62 * points / box.height
        room = distance_transform_edt(padded, sampling=(1 / _CELLS / half[1], 1 / _CELLS / half[0]))[1:-1, 1:-1]
        row, column = np.unravel_index(int(room.argmax()), room.shape)
        if best is None or room.max() > best[0] * 1.05:
            best = float(room.max()), text, ((column + 0.5) / _CELLS, (row + 0.5) / _CELLS)
    if best is not None and best[0] >= 1.0:
        backing = {"boxstyle": "round,pad=0.12", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
        axes.text(*best[2], _mathematical(best[1]), transform=axes.transAxes, ha="center", va="center", fontsize=7,
                  style="italic", linespacing=1.05, bbox=backing, zorder=5)
