"""Declared panels: which rows a layer draws, what is open, named and marked, and what lies in a page."""

from __future__ import annotations

import numpy as np
import pytest

from dammech.plot.panels import Panel, arrow, band, page, points, rule, select, series, shape, track, values, words

ROWS = [
    {"panel": "a", "series": "theory", "x": 0.0, "m": 1.0, "valid": False},
    {"panel": "a", "series": "theory", "x": 1.0, "m": 0.9, "valid": False},
    {"panel": "a", "series": "theory", "x": 2.0, "m": 0.5, "valid": True},
    {"panel": "a", "series": "theory", "x": 3.0, "m": 0.4, "valid": True},
    {"panel": "a", "series": "simulation", "x": 1.0, "m": 0.8, "m_error": 0.1, "valid": True},
    {"panel": "a", "series": "simulation", "x": 2.0, "m": 0.6, "m_error": None, "valid": False},
    {"panel": "a", "series": "simulation", "x": 3.0, "m": None, "valid": False},
    {"panel": "b", "series": "theory", "x": 9.0, "m": 0.2, "valid": True},
]
LOOK = {"color": "#0072B2", "marker": "o"}


def drawn(*layers, **options):
    return page(ROWS, [Panel(layers, {"panel": "a"}, **options)], (3, 3)).axes[0]


def test_rows_are_chosen_by_values_by_one_of_several_and_by_a_test():
    assert len(select(ROWS, {})) == 8 and len(select(ROWS, {"panel": "a", "series": "theory"})) == 4
    assert [r["x"] for r in select(ROWS, {"x": (0.0, 9.0)})] == [0.0, 9.0]
    assert select(ROWS, lambda r: r["m"] == 0.2) == ROWS[-1:] and select(ROWS, {"nowhere": 1}) == []
    assert values(ROWS[:2], "m") == [1.0, 0.9] and values(ROWS[:2], 7) == [7, 7]
    assert values(ROWS[:2], lambda r: r["x"] + 1) == [1, 2]


def test_a_series_leaves_out_what_is_unknown_and_marks_its_end():
    line, end = drawn(series("x", "m", {"series": "theory"}, end="|", color="k", linestyle="-")).lines
    assert line.get_xdata() == pytest.approx([0, 1, 2, 3]) and (list(end.get_xdata()), end.get_marker()) == ([3.0], "|")
    (known,) = drawn(points("x", "m", {"series": "simulation"}, **LOOK)).lines
    assert list(known.get_xdata()) == [1, 2] and known.get_linestyle() == "None"


def test_open_symbols_share_one_name_and_bars_are_one_error():
    layer = points("x", "m", {"series": "simulation"}, error="m_error", full="valid", label="simulation", **LOOK)
    axes = drawn(layer, legend="best")
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["simulation"]
    full, empty = axes.containers
    assert list(full.lines[0].get_ydata()) == [0.8] and list(empty.lines[0].get_ydata()) == [0.6]
    assert full.lines[0].get_markerfacecolor() != "white" and empty.lines[0].get_markerfacecolor() == "white"
    (bar,) = full.lines[2][0].get_segments()
    assert np.ptp(bar[:, 1]) == pytest.approx(0.2)


def test_a_track_is_thin_where_the_ansatz_fails():
    thin, thick, _ = drawn(track("x", "m", {"series": "theory"}, color="k")).lines
    assert thin.get_linewidth() < thick.get_linewidth()
    assert list(thin.get_xdata()) == [0, 1, 2] and list(thick.get_xdata()) == [2, 3]


def test_rules_bands_texts_and_shapes():
    fixed, found, through = drawn(
        rule(y=0.5), rule(x="x", where={"series": "simulation", "valid": True}), shape([0, 1], [0, 1], color="k")
    ).lines
    assert list(fixed.get_ydata()) == [0.5, 0.5] and list(found.get_xdata()) == [1, 1]
    assert list(through.get_xdata()) == [0, 1]
    where = {"series": "simulation", "valid": True}
    axes = drawn(band("x", "m", "m_error", where, color="k"), words("here", 0.1, 0.2, inside=True), arrow((0, 0), (1, 1)))
    ys = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert (ys.min(), ys.max()) == pytest.approx((0.7, 0.9))
    assert axes.texts[0].get_text() == "here" and axes.texts[0].get_transform() == axes.transAxes


def test_a_page_has_its_keys_below_its_insets_and_no_empty_axes():
    inset = Panel([series("x", "m", {"series": "theory"}, color="k")], title="detail", axes={"xlim": (0, 1)})
    panels = [
        Panel(where={"panel": "a"}, title="(a)", axes={"xscale": "log"}, plain=(1, 2), insets={(0.1, 0.1, 0.3, 0.3): inset}),
        Panel(keys=[{"label": "named", "color": "k"}], legend="best"),
        Panel(),
    ]
    keys = [{"label": "line", "color": "k", "linestyle": "-"}, {"label": "area", "facecolor": "0.5"}]
    sheet = page(ROWS, panels, (4, 4), keys, lines=2)
    first, second, _, last = sheet.axes
    assert [t.get_text() for t in sheet.legends[0].get_texts()] == ["line", "area"] and not last.get_visible()
    assert [t.get_text() for t in first.get_xticklabels()] == ["1", "2"] and first.get_title() == "(a)"
    (small,) = first.child_axes
    assert small.get_title() == "detail" and small.get_xlim() == (0, 1) and len(small.lines[0].get_xdata()) == 4
    assert [t.get_text() for t in second.get_legend().get_texts()] == ["named"]
