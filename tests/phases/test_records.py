"""Records of points and names of regions, by themselves."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from toy_equations import Toy

import dammech as dm
from dammech.equations import Theory
from dammech.phases import plane
from dammech.phases.breaking import _record
from dammech.phases.curve import Piece
from dammech.phases.plane import _named, _region, _shares, _visible, _window
from dammech.phases.points import Point

m, T, h, D = sp.symbols("m T h D")


def recorded(unknowns, values, parameters="alpha T", at=(0.05, 0.4), ansatz="1rsb", **outputs):
    toy = Toy(["m"] * len(unknowns.split()), unknowns, parameters)
    return _record(Point(toy, np.array(values), np.array(at), 1e-13, np.array([1e-12]), outputs), "load", ansatz)


def test_one_step_without_an_outer_level_has_it_at_zero():
    glass = recorded("m q1 theta", [0.3, 0.8, 0.6], replicon_q0=1.0, replicon_q1=0.2)
    assert (glass["q0"], glass["q1"], glass["theta"], glass["m"]) == (0.0, 0.8, 0.6, 0.3)
    assert (glass["replicon"], glass["valid"], glass["why"], glass["ansatz"]) == (0.2, True, None, "1rsb")
    assert (glass["load"], glass["temperature"], glass["load_error"]) == (0.05, 0.4, 1e-12)
    assert "q0" not in recorded("m q1 theta", [0.3, 0.8, 0.6], ansatz="2rsb")
    assert "q0" not in recorded("m q", [0.3, 0.8])
    assert recorded("m q0 q1 theta", [0.3, 0.1, 0.8, 0.6])["q0"] == 0.1


def test_a_gap_is_told_as_the_inner_level_and_clusters_at_the_onset_have_theta_one():
    point = recorded("m q0 gap v_m", [0.3, 0.2, 0.5, 9.0], replicon_q1=-0.1)
    assert point["q1"] == pytest.approx(0.6) and point["q0"] == 0.2 and not {"gap", "v_m"} & set(point)
    assert point["theta"] == 1.0 and not point["valid"]
    assert point["why"] == "1rsb is unstable here (smallest replicon -0.1 < 0)"
    assert "theta" not in recorded("m q1", [0.3, 0.8], "alpha T theta", (0.05, 0.4, 0.7))
    cold = recorded("m q1", [0.3, 0.8], "alpha", (5e5,))
    assert cold["temperature"] == 0.0 and cold["load_error"] == pytest.approx(5e5 * 2.220446e-16, rel=1e-6)
    assert recorded("m q1", [0.3, 0.8], "T", (0.4,))["load"] is None


def test_every_state_beside_the_lowest_is_named_once():
    """A double well in a field has one metastable state, without the field two of equal energy, which are one and its image."""
    well = Theory.of(dm.FreeEnergy(m**4 / 4 - T * m**2 / 2 - h * m, [m], [T, h]))
    points = np.array([[1.0, 1.0, 1.0, 1.0, -1.0], [0.1, -0.1, 0.0, 0.9, 0.0]])
    names = ["m > 0 (metastable: m < 0)", "m < 0 (metastable: m > 0)", "m > 0", "m > 0", "m = 0"]
    assert _named(well, points) == [(name, None) for name in names]
    # three wells: m = 0 and m = ±√(1/2 + √(1/4 − D/2)) where D is small
    three = Theory.of(dm.FreeEnergy(m**6 / 3 - m**4 / 2 + D * m**2 / 2 - h * m, [m], [D, h]))
    points = np.array([[0.3, 0.45, 0.3, 0.45], [0.0, 0.0, 0.01, 0.01]])
    found = [name for name, _ in _named(three, points)]
    assert found == ["m > 0 (metastable: m = 0)", "m = 0 (metastable: m > 0; m < 0)", *["m > 0 (metastable: m < 0)"] * 2]


# -- the plane of a free energy of one's own ----------------------------------------------------------------------------


def piece(*path, free=(0, 1)):
    p = np.array(path, dtype=float)
    return Piece(None, p[:1] * 10, p, free, np.ones(2))


def test_what_is_shown_holds_every_end_and_turn_of_a_line_and_half_as_much_around():
    bent = piece([1, 2, 1.5], [0.5, 1, 3])  # turns at (2, 1)
    assert _window([bent], (0, 1)).tolist() == [[-1, -1.5], [3, 4.5]]
    assert _window([bent], (1, 0)).tolist() == [[-1.5, -1], [4.5, 3]]
    assert _window([bent, piece([-2, 0.1], [0.1, 0.2])], (0, 1)).tolist() == [[-4, -1.5], [4, 4.5]]
    assert _window([piece([1, 2, 5], [1, 1.5, 2])], (0, 1)).tolist() == [[-0.5, -0.5], [1.5, 1.5]]  # an end that is far off
    assert _window([piece([0, 0.09], [0, 0.2])], (0, 1)) == pytest.approx(np.array([[-1, -0.1], [1.09, 0.3]]))
    assert _window([], (0, 1)).tolist() == [[-1, -1], [1, 1]]
    assert _window([piece([1, 2, 3, 4], [0, 1, -1, 2])], (0, 1)).tolist() == [[-2, -2.5], [6, 3.5]]  # two turns


def test_a_line_is_cut_where_it_leaves_the_window():
    window = np.array([[0.0, 0.0], [1.0, 2.0]])
    path = piece([-0.1, 0.0, 0.5, 1.1, 1.0, 0.9, 0.8], [1, 1, 1, 1, 2, 2.1, 0.0])
    parts = _visible(path, window)
    assert [part.p.T.tolist() for part in parts] == [[[0, 1], [0.5, 1]], [[1, 2]], [[0.8, 0]]]
    assert [part.u.tolist() for part in parts] == [[[0, 5]], [[10]], [[8]]] and all(part.free == (0, 1) for part in parts)
    other = _visible(piece([1.5, 0.5], [0.5, 1.5], free=(1, 0)), window)
    assert [part.p.T.tolist() for part in other] == [[[1.5, 0.5]]]
    assert _visible(piece([2, 3], [0, 0]), window) == []
    (corner,) = _visible(piece([-1, 0], [-2, 0]), -window[::-1])  # the edge belongs to it, at either sign
    assert corner.p.shape == (2, 2)


@pytest.mark.parametrize(
    ("lengths", "points", "shares"),
    [([1, 3], 8, [2, 6]), ([0, 1], 4, [1, 4]), ([1, 1, 1], 10, [4, 3, 3]), ([0, 0], 4, [2, 2]), ([], 5, []),
     ([1, 2.9], 8, [2, 6]), ([5], 3, [3]), ([1, 1, 98], 2, [1, 1, 1])],
)  # fmt: skip
def test_points_are_shared_out_by_length_and_every_part_has_one(lengths, points, shares):
    assert _shares(np.array(lengths, dtype=float), points).tolist() == shares


def area(outline):
    x, y = np.array(outline).T
    return abs(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))) / 2


@pytest.mark.parametrize("axes", [(0, 1), (1, 0)])
def test_regions_are_what_lines_cut_out_of_the_plane(monkeypatch, axes):
    """A disc, and a line that crosses nothing: below it, above it, and what the disc cuts off."""

    def named(target, p):
        x, y = p[list(axes)]
        return [("disc", "no") if (a - 0.5) ** 2 + (b - 0.6) ** 2 < 0.04 else ("above" if b > 0.2 else "below", None)
                for a, b in zip(x, y)]

    monkeypatch.setattr(plane, "_named", named)
    angle = np.linspace(0, 2 * np.pi, 400)
    circle, line = [0.5 + 0.2 * np.cos(angle), 0.6 + 0.2 * np.sin(angle)], [[-1, 2], [0.2, 0.2]]
    quiet = [[-1, 2], [0.9, 0.9]]  # a line on both sides of which the same state rules
    pieces = [piece(*[part[k] for k in axes], free=axes) for part in (circle, line, quiet)]
    regions = plane._regions(plane.Plane(None, axes), pieces, np.array([[0.0, 0.0], [1.0, 1.0]]))
    areas = {name: sum(area(r.outline) for r in regions if r.name == name) for name in ("below", "above", "disc")}
    assert areas["below"] == pytest.approx(0.2, rel=1e-3) and areas["disc"] == pytest.approx(0.04 * np.pi, rel=0.05)
    assert sum(areas.values()) == pytest.approx(1, abs=0.02)
    assert sorted(r.name for r in regions) == ["above", "above", "below", "disc"]
    for region in regions:
        verdict = (False, "no", ()) if region.name == "disc" else (True, None, ("given",))
        assert (region.valid, region.why, region.valid_for) == verdict
        assert region.outline.min() >= 0 and region.outline.max() <= 1


def test_a_region_of_one_column_is_as_wide_as_a_column():
    one = _region("m > 0", None, [(0.5, 0.1, 0.4)], 0.2)
    assert one.outline == pytest.approx(np.array([[0.4, 0.1], [0.6, 0.1], [0.6, 0.4], [0.4, 0.4]]))
    two = _region("m > 0", "because", [(0.5, 0.1, 0.4), (0.7, 0.2, 0.6)], 0.2)
    assert two.outline.tolist() == [[0.5, 0.1], [0.7, 0.2], [0.7, 0.6], [0.5, 0.4]] and two.why == "because"


def test_what_is_one_region_goes_on_where_it_touches_or_is_the_only_one(monkeypatch):
    def named(target, p):
        names = ["BAA", "ABA"]  # from below, left and right
        return [(names[int(x > 3)][int(y > 1.4) + int(y > 2.2)], None) for x, y in p.T]

    monkeypatch.setattr(plane, "_named", named)
    monkeypatch.setattr(plane, "_COLUMNS", 4)
    lines = [piece([0, 9], [y, y]) for y in (1.4, 2.2)]
    found = plane._regions(plane.Plane(None, (0, 1)), lines, np.array([[2.0, 1.0], [4.0, 3.0]]))
    one, other = sorted((r.outline for r in found if r.name == "A"), key=lambda o: o[:, 0].min())
    left, right = 2 + 2e-4, 4.0  # a ten-thousandth of the window within its edge
    step = (right - left) / 3
    assert [r.name for r in found].count("B") == 1 and one[:, 0].min() == pytest.approx(left, abs=1e-12)
    assert one[:, 0].max() == right and one[:, 1].min() == pytest.approx(1.4) and one[:, 1].max() == 3.0
    assert other[:, 0].min() == pytest.approx(right - step) and other[:, 1].max() == pytest.approx(1.4)
    assert other[:, 1].min() == pytest.approx(1 + 2e-4, abs=1e-12)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (["AAA", "ABA"], [[3, 1], [1]]),  # where one becomes two, one of them goes on
        (["ABA", "AAA"], [[1, 3], [1]]),
        (["ABB", "CAC"], [[1, 1]]),  # as many as before
        (["ABBB", "CACA"], [[1], [1], [1]]),  # edges meet and no more: two begin
        (["BBBA", "ACAC"], [[1], [1], [1]]),
        (["ABBB", "AACA"], [[1, 2], [1]]),
        (["BBBA", "CAAC"], [[1, 2]]),
        (["BBA", "CCA", "AAA"], [[1, 1, 3]]),
    ],
)
def test_a_region_goes_on_in_one_band_that_it_overlaps(monkeypatch, columns, expected):
    """Names from below, column by column; expected are the heights of the regions A in their columns."""
    size = len(columns[0])
    monkeypatch.setattr(plane, "_COLUMNS", len(columns))
    edges = np.linspace(0, 1, len(columns))
    monkeypatch.setattr(
        plane, "_named", lambda target, p: [(columns[int(np.abs(edges - x).argmin())][int(y)], None) for x, y in p.T]
    )
    lines = [piece([-1, 2], [k, k]) for k in range(1, size)]
    found = plane._regions(plane.Plane(None, (0, 1)), lines, np.array([[0.0, 0.0], [1.0, float(size)]]))
    heights = []
    for region in found:
        half = len(region.outline) // 2
        below, above = region.outline[:half, 1], region.outline[half:, 1][::-1]
        sizes = np.round(above - below).astype(int).tolist()
        alone = np.abs(edges - region.outline[0, 0]).min() > 0.1  # it begins half a column before its own
        heights += [sizes[:1] if alone else sizes] if region.name == "A" else []
    assert sorted(heights) == sorted(expected)


def test_a_sliver_is_as_wide_as_a_column(monkeypatch):
    monkeypatch.setattr(plane, "_named", lambda target, p: [("AB"[int(abs(x - 3) < 0.1)], None) for x in p[0]])
    monkeypatch.setattr(plane, "_COLUMNS", 5)
    found = plane._regions(plane.Plane(None, (0, 1)), [], np.array([[2.0, 1.0], [4.0, 3.0]]))
    (sliver,) = (r.outline for r in found if r.name == "B")
    assert np.ptp(sliver[:, 0]) == pytest.approx((2 - 2e-4) / 4) and sliver[:, 0].mean() == pytest.approx(3 + 1e-4)


def test_states_are_apart_relative_to_their_free_energy_and_a_negative_replicon_is_said():
    well = Theory.of(dm.FreeEnergy(m**4 / 4 - m**2 / 2 - h * m - D, [m], [h, D], replicon=D))
    names = _named(well, np.array([[2e-6, 2e-6, 2e-6], [0.0, 1e3, -1.0]]))
    unstable = "the ansatz is unstable here: the replicon is negative"
    both = "m > 0 (metastable: m < 0)"
    assert names == [(both, None), ("m > 0", None), (both, unstable)]


def test_what_a_record_says_where_nothing_stands():
    assert recorded("m q", [0.3, 0.8])["replicon"] == 0.0 == recorded("q1 theta", [0.8, 0.6])["m"]


def test_a_step_along_an_axis_is_no_turn_and_a_narrow_window_is_widened():
    assert _window([piece([1, 2, 2, 1.5], [0, 0, 3, 1])], (0, 1)).tolist() == [[-1, -1.5], [3, 4.5]]
    assert _window([piece([0, 0.1005], [0, 1])], (0, 1))[1, 0] == pytest.approx(0.15075)
