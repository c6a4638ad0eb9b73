"""Panels that are declared: which rows, in which columns, in which look. Imports matplotlib when something is drawn.

A figure is a list of `Panel`; a panel is a list of layers, and a layer is made by `series`, `points`, `track`, `band`,
`rule` or `words`, or is any function of axes and rows. ``where`` names the rows that are meant, by values of columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dammech.plot.figures import Row

Layer = Callable[[Any, list[Row]], Any]
#: the name of a column, a number for all rows, or what is computed from a row
Column = str | float | Callable[[Row], Any]
#: properties of matplotlib, and the label of a key
Look = dict[str, Any]
Where = Mapping[str, Any] | Callable[[Row], Any]

DOTTED = (0, (1, 1.5))
#: a legend that lines may pass under
OPAQUE = {"frameon": True, "facecolor": "white", "edgecolor": "none", "framealpha": 0.85}
#: a text that lines may pass under
ON_WHITE = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1}


@dataclass
class Panel:
    """What one pair of axes shows.

    Attributes
    ----------
    layers : sequence of callables
        Drawn in this order.
    where : mapping or callable
        The rows of this panel; layers choose among them.
    title : str
    axes : dict
        Labels, limits, scales and ticks, as ``Axes.set`` takes them.
    plain : sequence of float
        Where the horizontal axis is ticked, with plain numbers and nowhere else.
    keys : sequence of dict
        Entries of its legend that no layer makes: a label, and a look.
    legend : str or dict
        Place of its legend, or options of it; none where empty.
    insets : mapping of tuple to Panel
        Smaller panels by their boxes (left, bottom, width, height).
    """

    layers: Sequence[Layer] = ()
    where: Where = field(default_factory=dict)
    title: str = ""
    axes: dict[str, Any] = field(default_factory=dict)
    plain: Sequence[float] = ()
    keys: Sequence[Look] = ()
    legend: str | dict[str, Any] = ""
    insets: Mapping[tuple[float, ...], Panel] = field(default_factory=dict)

    def draw(self, axes: Any, rows: list[Row]) -> None:
        """Draw on axes what these rows say."""
        mine = select(rows, self.where)
        for box, inset in self.insets.items():
            small = axes.inset_axes(box)
            inset.draw(small, mine)
            small.tick_params(labelsize=6, pad=2)
            small.set_title(inset.title, fontsize=7, pad=2)
        for layer in self.layers:
            layer(axes, mine)
        for look in self.keys:
            axes.plot([], [], **look)
        axes.set(**self.axes)
        if len(self.plain):
            axes.set_xticks(self.plain, [f"{x:g}" for x in self.plain])
            axes.minorticks_off()
        axes.set_title(self.title)
        if self.legend:
            axes.legend(**({"loc": self.legend} if isinstance(self.legend, str) else self.legend))


def page(
    rows: list[Row],
    panels: Sequence[Panel],
    size: tuple[float, float],
    keys: Iterable[Any] = (),
    columns: int = 3,
    lines: int = 1,
    **grid: Any,
) -> Any:
    """A sheet of panels.

    Parameters
    ----------
    rows : list of dict
    panels : sequence of Panel
        Line by line.
    size : (width, height)
        In inches.
    keys : iterable of dict, or of matplotlib artists
        The legend below all panels: labels and looks.
    columns : int
        Of that legend.
    lines : int
        Of panels.
    **grid
        As ``Figure.subplots`` takes it.
    """
    from dammech.plot.canvas import sheet, styled

    with styled():
        made = sheet(*size)
        places = made.subplots(lines, -(-len(panels) // lines), squeeze=False, **grid).ravel()
        for axes, panel in zip(places, panels):
            panel.draw(axes, rows)
        for axes in places[len(panels) :]:
            axes.set_visible(False)
        legend_below(made, keys, columns)
        return made


def legend_below(made: Any, keys: Iterable[Any], columns: int) -> None:
    """Entries of a legend below all panels: dicts of label and look (of an area with a facecolor), or matplotlib's own."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    entries = ((key, "facecolor" in key) if isinstance(key, dict) else (key, None) for key in keys)
    handles = [key if area is None else Patch(**key) if area else Line2D([], [], **key) for key, area in entries]
    if handles:
        made.legend(handles=handles, loc="outside lower center", ncols=columns, columnspacing=1.2)


def select(rows: Iterable[Row], where: Where) -> list[Row]:
    """The rows whose columns have these values (one of those in a tuple), or that pass a test."""
    if callable(where):
        return [r for r in rows if where(r)]
    wanted = {name: value if isinstance(value, tuple) else (value,) for name, value in where.items()}
    return [r for r in rows if all(r.get(name) in some for name, some in wanted.items())]


def values(rows: Iterable[Row], column: Column) -> list[Any]:
    """What the rows have in a column."""
    if callable(column):
        return [column(r) for r in rows]
    return [r.get(column) if isinstance(column, str) else column for r in rows]


def series(
    x: Column,
    y: Column,
    where: Where | None = None,
    *,
    error: Column | None = None,
    xerror: Column | None = None,
    full: Column | None = None,
    end: str = "",
    halo: float = 0.0,
    **look: Any,
) -> Layer:
    """A line or symbols, with one standard error where a column has it.

    ``full`` is a column that is false where symbols are open; ``end`` marks the last row; a white ``halo`` of that width
    lets the line be seen against dark ground.
    """

    def draw(axes: Any, rows: list[Row]) -> None:
        from matplotlib.patheffects import withStroke

        mine = [r for r in select(rows, where or {}) if None not in (*values([r], x), *values([r], y))]
        style = look | ({"path_effects": [withStroke(linewidth=halo, foreground="white")]} if halo else {})
        kept = [full is None or bool(k) for k in values(mine, full or 1)]
        for face in ({}, {"mfc": "white"}):
            some = [r for r, k in zip(mine, kept) if k != bool(face)]
            bars = {k: [e or 0 for e in values(some, c)] for k, c in (("yerr", error), ("xerr", xerror)) if c is not None}
            if some:  # named once
                (axes.errorbar if bars else axes.plot)(values(some, x), values(some, y), **bars, **style | face)
                style.pop("label", None)
        _mark_end(axes, mine, x, y, end, look)

    return draw


def points(x: Column, y: Column, where: Where | None = None, **options: Any) -> Layer:
    """Symbols without a line: `series` otherwise."""
    return series(x, y, where, **{"linestyle": "", **options})


def shape(xs: Any, ys: Any, **look: Any) -> Layer:
    """A line or symbols through given points, with error bars where ``yerr`` is given."""
    return lambda axes, rows: (axes.errorbar if "yerr" in look else axes.plot)(xs, ys, **look)


def track(x: str, y: str, where: Where | None = None, *, end: str = "", undecided: bool = False, **look: Any) -> Layer:
    """A line of theory, cut where a row has no state and thin where its ansatz does not hold.

    ``undecided`` marks where the line stops because the ansatz does not know the competitor.
    """
    from dammech.plot.tracks import draw_line, mark_undecided_end

    def draw(axes: Any, rows: list[Row]) -> None:
        mine = select(rows, where or {})
        draw_line(axes, mine, x, y, **look)
        if undecided:
            mark_undecided_end(axes, mine, look["color"], x, y)
        _mark_end(axes, mine, x, y, end, look)

    return draw


def _mark_end(axes: Any, rows: list[Row], x: Column, y: Column, marker: str, look: dict[str, Any]) -> None:
    if marker and rows:
        axes.plot(values(rows[-1:], x), values(rows[-1:], y), marker, color=look["color"], ms=7.5)


def band(x: str, y: str, error: str, where: Where | None = None, **look: Any) -> Layer:
    """One standard error on either side of a line."""

    def draw(axes: Any, rows: list[Row]) -> None:
        mine = select(rows, where or {})
        low, high = ([r[y] + sign * r[error] for r in mine] for sign in (-1, 1))
        axes.fill_between(values(mine, x), low, high, linewidth=0, **look)

    return draw


def rule(*, x: Column | None = None, y: Column | None = None, where: Where | None = None, **look: Any) -> Layer:
    """A thin line right across, upright at x or level at y: at a number, or at every row that is meant."""
    look = {"color": "0.4", "linewidth": 0.7, "linestyle": DOTTED, **look}

    def draw(axes: Any, rows: list[Row]) -> None:
        column: Any = y if x is None else x
        fixed = isinstance(column, int | float)
        for place in [column] if fixed else values(select(rows, where or {}), column):
            (axes.axhline if x is None else axes.axvline)(place, **look)

    return draw


def words(text: str, x: float, y: float, *, shift: tuple[float, float] | None = None, inside: bool = False, **look: Any) -> Layer:
    """A text at values of the axes, or ``inside`` at fractions of them, shifted by points."""

    def draw(axes: Any, rows: list[Row]) -> None:
        how: dict[str, Any] = {"transform": axes.transAxes} if inside else {}
        if shift is None:
            axes.text(x, y, text, **{"fontsize": 7, **how, **look})
        else:
            axes.annotate(text, (x, y), shift, textcoords="offset points", **{"fontsize": 7, **look})

    return draw


def arrow(tail: Any, head: Any, **look: Any) -> Layer:
    """An arrow from one point to another."""
    props = {"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0, **look}
    return lambda axes, rows: axes.annotate("", head, tail, arrowprops=props)
