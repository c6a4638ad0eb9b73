"""Parts of the search for lines of a free energy of one's own, on theories whose states and symmetries are known by hand."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
import sympy as sp

import dammech as dm
from dammech.declared.states import Crossing, Fold, Marginal, Zero
from dammech.equations import Theory
from dammech.phases import given, plane
from dammech.phases.curve import Piece
from dammech.phases.pieces import traced
from dammech.phases.points import Part, Point
from dammech.phases.saddles import Line, distinct

m, q, T, h, a, b, c, J, z = sp.symbols("m q T h a b c J z")
K = sp.Symbol("K", nonnegative=True)

LANDAU = dm.FreeEnergy(a * m**2 / 2 + b * m**3 / 3 + c * m**4 / 4, [m], [a, b, c])
EVEN = dm.FreeEnergy(a * m**2 / 2 - b * m**4 / 4 + m**6 / 6, [m], [a, b])
WELL = dm.FreeEnergy(m**4 / 4 - a * m**2 / 2 - h * m, [m], [a, h], replicon=m - a)
# overlaps are maxima: f falls with q
SADDLE = dm.FreeEnergy(m**4 / 4 + a * m**2 / 2 - q**2 / 2 + b * q * m**2 / 2, [m, q], [a, b])
FLIPPED = dm.FreeEnergy(-(m**4) / 4 + a * m**2 / 2 + h * m, [m], [a, h])


def line(theory, name, **changed):
    return Line(Theory.of(theory), name)


# -- what the equations know --------------------------------------------------------------------------------------------


def test_order_parameters_that_may_vanish_together():
    assert line(EVEN, "instability")._subspaces == [(0,)] == line(WELL, "instability")._subspaces  # at h = 0
    assert line(SADDLE, "instability")._subspaces == [(0,), (1,), (0, 1)]  # q at b = 0 only
    pushed = dm.FreeEnergy(m**4 / 4 + a * m**2 / 2 - q**2 / 2 + (1 + b**2) * q * m**2 / 2, [m, q], [a, b])
    assert line(pushed, "instability")._subspaces == [(0,), (0, 1)]
    shifted = dm.FreeEnergy(a * (m - 1) ** 2 / 2 + b * (m - 1) ** 3 / 3 + (m - 1) ** 4 / 4, [m], [a, b])
    assert line(shifted, "instability")._subspaces == []


def test_order_parameters_whose_sign_is_free():
    assert line(EVEN, "spinodal").mirrored == [0] == line(SADDLE, "spinodal").mirrored
    assert line(LANDAU, "spinodal").mirrored == [] == line(WELL, "spinodal").mirrored
    both = dm.FreeEnergy(m**4 + q**4 + a * m**2 * q**2 - m**2 - b * q**2, [m, q], [a, b])
    assert line(both, "spinodal").mirrored == [0, 1]


def test_parameters_below_zero_that_say_nothing_new():
    assert line(EVEN, "spinodal").lowest.tolist() == [-np.inf, -np.inf]
    root = dm.FreeEnergy(m**2 / 2 + h**2 * m**3 - K * m + sp.sqrt(J) * m**4 - T * dm.log2cosh(m / T), [m], [T, h, K, J, a])
    assert line(root, "spinodal").lowest.tolist() == [0, 0, 0, 0, 0]  # a temperature, even, said so, a root, and absent
    assert line(dm.FreeEnergy(m**4 / 4 - h * m + T * m**2, [m], [h, T]), "spinodal").lowest.tolist() == [-np.inf, 0]


def test_unstable_directions_of_what_is_stable():
    assert line(WELL, "spinodal")._instabilities == 0 and line(SADDLE, "spinodal")._instabilities == 1
    assert line(FLIPPED, "spinodal")._instabilities == 1
    straight = dm.FreeEnergy((a - 1) * m**2 / 2 - h * m, [m], [a, h])  # its only state is a maximum below a = 1
    assert line(straight, "spinodal")._instabilities == 0
    well, saddle = line(WELL, "spinodal"), line(SADDLE, "spinodal")
    u, p = np.array([[1.0, 0.0, -1.0, 0.5]]), np.array([[1.0, 1.0, 1.0, 0.75], [0.0, 0.0, 0.0, 0.0]])
    assert well._unstable(u, p).tolist() == [0, 1, 0, 0] and well.stable(u, p).tolist() == [True, False, True, True]
    assert well._unstable(u, p, singular=True).tolist() == [0, 0, 0, 0]
    u, p = np.array([[0.0, 0.0], [0.0, 0.0]]), np.array([[1.0, -1.0], [0.3, 0.3]])
    assert saddle._unstable(u, p).tolist() == [1, 2] and saddle.stable(u, p).tolist() == [True, False]
    # of the two directions the softer one is not counted: at a = ±1/2 that along m, with curvature −1 along q
    assert saddle._unstable(u, p * 0.5, singular=True).tolist() == [1, 1] and saddle._unstable(
        u, p * 3, singular=True
    ).tolist() == [0, 1]


def test_at_which_parameters_equations_hold_whatever_the_others_are():
    well, saddle = line(WELL, "instability"), line(SADDLE, "instability")
    p = np.array([[1.0, 1.0, -2.0], [0.0, 0.3, 0.0]])
    assert well._vanish((0,), p).tolist() == [True, False, True]
    assert (
        saddle._vanish((0,), p).all()
        and saddle._vanish((0, 1), p).all()
        and saddle._vanish((1,), p).tolist() == [True, False, True]
    )


def test_states_of_parts_are_filled_up_with_zeros():
    saddle = line(SADDLE, "transition")
    u = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    assert saddle.whole(Part(None, None, zeros=(0,)), u[:1]).tolist() == [[0, 0], [1, 2]]
    assert saddle.whole(Part(None, None), u).tolist() == u[:2].tolist()
    assert saddle.second(Part(None, None, rival=(1,)), u).tolist() == [[5, 6], [0, 0]]
    assert saddle.second(Part(None, None, rival=(0,)), u[:, 0]).tolist() == [0, 5]


def test_kinds_of_lines_and_what_vanishes_on_them():
    branches = {"up": m > 0, "none": sp.Eq(m, 0)}
    lines = {"end": Fold("up"), "melt": Crossing("up", "none"), "lost": Marginal("none"), "half": Zero("up", "energy_of_q")}
    theory = dm.FreeEnergy(
        m**6 / 6 - b * m**4 / 4 + a * m**2 / 2,
        [m],
        [a, b],
        branches=branches,
        lines=lines,
        observables={"energy_of_q": m - 1},
    )
    assert {name: line(theory, name).kind for name in (*lines, "at", "spinodal", "transition", "instability")} == {
        **lines, "at": Zero("", "replicon"), "spinodal": Fold(""), "transition": Crossing("", ""), "instability": Marginal(""),
    }  # fmt: skip
    assert given.lines_of(theory) == list(lines) and given.lines_of(EVEN) == ["spinodal", "transition", "instability"]
    assert given.lines_of(WELL) == ["spinodal", "transition", "instability", "at"]
    # a³ m⁴ − … : fold at m² = b/2, a = b²/4; equal free energies at m² = 3b/4, a = 3b²/16; zero of m − 1 at a = b − 1
    for name, value in (("end", 1.0), ("melt", 0.75), ("lost", 0.0), ("half", 1.0)):
        (point,) = dm.boundary(theory, name, b=2.0).points
        assert point["a"] == pytest.approx(value, abs=1e-9), name


# -- which solutions belong to a line ------------------------------------------------------------------------------------


def kept(of, part, u, p, free=(0,)):
    return of.keep(part, np.array(u, float), np.array(p, float), free).tolist()


def test_folds_of_stable_states_are_spinodals():
    """m³ − am − h = 0 turns at a = 3m², h = −2m³; in a saddle of two unknowns the stable one may lose either direction."""
    well = line(WELL, "spinodal")
    (part,) = well.parts
    x = np.array([0.4, -0.7])
    good = [x, [1, 1]], [3 * x**2, -2 * x**3]
    assert kept(well, part, *good) == [True, True] and kept(well, part, good[0], good[1], (1,)) == [True, True]
    assert kept(well, part, good[0], [3 * x**2, -2 * x**3 + 1e-6]) == [False, False]  # no state at all
    # where no parameter pushes: at the critical point a only bends the branch
    assert kept(well, part, [[0.0], [1.0]], [[0.0], [0.0]], (0,)) == [False]
    assert kept(well, part, [[0.0], [1.0]], [[0.0], [0.0]], (1,)) == [True]


def test_folds_of_two_order_parameters_are_judged_one_by_one():
    """q = m beside the double well: the same folds, pushed by h wherever they are and by a where m is not zero."""
    two = line(dm.FreeEnergy(m**4 / 4 - a * m**2 / 2 - h * m + (q - m) ** 2 / 2, [m, q], [a, h]), "spinodal")
    (part,) = two.parts
    x = np.array([0.4, 0.0, -0.7])
    u, p = [x, x, [1, 1, 1], [1, 1, 1]], [3 * x**2, -2 * x**3]
    assert kept(two, part, u, p, (0,)) == [True, False, True] and kept(two, part, u, p, (0, 1)) == [True] * 3
    well = line(WELL, "spinodal")
    assert kept(well, well.parts[0], [x, [1, 1, 1]], p, (0,)) == [True, False, True]


def test_free_energies_cross_along_a_parameter_that_tells_them_apart():
    well = line(WELL, "transition")
    root = math.sqrt(0.5)
    pairs = [(np.array([root, -root]), np.array([0.5, 0.0])), (np.array([root, root]), np.array([0.5, 0.0]))]
    assert well._crossing(pairs, 1).tolist() == [True, False] and well._crossing(pairs, 0).tolist() == [False, False]
    assert well._crossing([], 1).size == 0


def test_equal_free_energies_of_two_distinct_stable_states_are_transitions():
    well = line(WELL, "transition")
    whole = well.parts[-1]
    root = math.sqrt(0.5)
    u = [[root, root, root, root * (1 + 1e-5)], [-root, 0.0, root, -root]]
    p = [[0.5] * 4, [0.0] * 4]
    # ±m at h = 0; a maximum; the same state twice; not a state — and along a, the two are mirror images
    assert kept(well, whole, u, p, (1,)) == [True, False, False, False] and kept(well, whole, u, p, (0,)) == [False] * 4
    even = line(EVEN, "transition")
    x = math.sqrt(1.5)  # at b = 2, a = 3/4
    held = even.parts[0]
    assert held.rival == (0,) and even.parts[-1].rival == ()
    assert kept(even, held, [[x, -x]], [[0.75, 0.75], [2.0, 2.0]]) == [True, True]
    assert kept(even, even.parts[-1], [[x, 0.0, x], [0.0, -x, -x]], [[0.75] * 3, [2.0] * 3]) == [True, True, False]


def test_a_declared_transition_is_between_its_branches_either_way_round():
    branches = {"up": m > sp.Rational(1, 10), "none": sp.Eq(m, 0), "down": m < -sp.Rational(1, 10)}
    lines = {
        "melt": Crossing("up", "none"),
        "freeze": Crossing("none", "up"),
        "other": Crossing("down", "up"),
        "end": Fold("up"),
    }
    theory = dm.FreeEnergy(m**6 / 6 - b * m**4 / 4 + a * m**2 / 2, [m], [a, b], branches=branches, lines=lines)
    x = math.sqrt(1.5)
    u, p = [[x, 0.0, -x, 0.0], [0.0, x, 0.0, -x]], [[0.75] * 4, [2.0] * 4]
    for name, expected in (
        ("melt", [True, True, False, False]),
        ("freeze", [True, True, False, False]),
        ("other", [False] * 4),
    ):
        of = line(theory, name)
        assert kept(of, of.parts[-1], u, p) == expected
    end = line(theory, "end")
    assert kept(end, end.parts[0], [[1.0, -1.0], [1.0, 1.0]], [[1.0, 1.0], [2.0, 2.0]]) == [True, False]


def test_instabilities_and_zeros_belong_to_stable_states():
    saddle = line(SADDLE, "instability")
    first, _, both = saddle.parts
    assert [part.zeros for part in saddle.parts] == [(0,), (1,), (0, 1)]
    assert kept(saddle, first, [[0.0]], [[0.0], [0.3]]) == [True] and kept(
        saddle, both, np.empty((0, 1)), [[0.0], [0.3]]
    ) == [True]
    at = line(WELL, "at")
    (part,) = at.parts
    # m = a on m³ − am − h = 0: stable where 3a² > a
    assert kept(at, part, [[0.5, 0.2, -0.5]], [[0.5, 0.2, -0.5], [0.125 - 0.25, 0.008 - 0.04, -0.125 - 0.25]], (1,)) == [
        True,
        False,
        True,
    ]


# -- finding and certifying ---------------------------------------------------------------------------------------------


def test_points_are_solved_for_the_parameter_that_is_asked_and_told_by_their_row():
    even = line(EVEN, "spinodal")
    (part,) = even.parts
    u = np.array([[1.05, np.nan, 0.72], [1.0, 1.0, 1.0]])
    p = np.array([[0.9, 0.9, 0.2], [2.0, 2.0, 1.0]])
    found = part.certified(u, p, 0)
    assert sorted(found) == [0, 2] and [found[k].p[0] for k in (0, 2)] == pytest.approx([1.0, 0.25], abs=1e-10)
    assert found[0].u[0] == pytest.approx(1, abs=1e-9) and found[2].outputs["free_energy"] == pytest.approx(
        0.5**3 / 6 - 0.5**2 / 4 + 0.25 * 0.5 / 2
    )
    assert found[0].system is part.system and found[0].residual < 1e-12 and found[0].error.shape == (3,)
    seeds = [(u[:, k], p[:, k]) for k in (1, 2, 0)]
    assert part.first(seeds).p.tolist() == found[2].p.tolist() and part.first(seeds[:1]) is None
    other = part.certified(u, p, 1)
    assert other[0].p == pytest.approx([0.9, 2 * math.sqrt(0.9)]) and part.certified(u[:, :0], p[:, :0], 0) == {}


@pytest.mark.parametrize("which", [0, 1])
def test_a_scan_finds_every_point_along_either_parameter(which):
    even = line(EVEN, "spinodal")
    base = np.array([[0.25, 1.0, -1.0], [0.25, 1.0, -1.0]])
    found = even.scan(base, which)
    # a = b²/4 with m² = b/2 > 0: one a for b = 0.25 and 1, none below; b = 2√a for a > 0
    expected = {(b_**2 / 4, b_) for b_ in (0.25, 1.0)} if which == 0 else {(a_, 2 * math.sqrt(a_)) for a_ in (0.25, 1.0)}
    assert sorted(tuple(x.p) for x in found) == [pytest.approx(pair, abs=1e-9) for pair in sorted(expected)]
    lost = line(EVEN, "instability").scan(base, which)
    assert [float(x.p[which]) for x in lost] == ([pytest.approx(0, abs=1e-9)] * 3 if which == 0 else [])
    melting = line(EVEN, "transition").scan(base, which)
    expected = (
        {(3 * b_**2 / 16, b_) for b_ in (0.25, 1.0)} if which == 0 else {(a_, 4 * math.sqrt(a_ / 3)) for a_ in (0.25, 1.0)}
    )
    assert sorted(tuple(x.p) for x in melting) == [pytest.approx(pair, abs=1e-9) for pair in sorted(expected)]


def test_a_scan_sees_parameters_of_either_sign():
    well = line(WELL, "spinodal")
    found = well.scan(np.array([[0.75], [0.0]]), 1)
    assert sorted(float(x.p[1]) for x in found) == pytest.approx([-0.25, 0.25], abs=1e-10)
    assert well.lowest[1] == -np.inf


def point(u, p, free, system=None):
    return Point(system, np.array(u, float), np.array(p, float), 0.0, np.zeros(1), {"free_energy": free})


def test_points_are_one_where_their_place_and_free_energy_agree():
    first = point([1.0], [0.5, 2.0], -1.0)
    assert first.same(point([-1.0], [0.5 * (1 + 0.996e-7), 2.0], -1.0 - 0.996e-6))
    for other in (
        point([1.0], [0.5 * (1 + 1.004e-7), 2.0], -1.0),
        point([1.0], [0.5, 2.0 * (1 - 1.004e-7)], -1.0),
        point([1.0], [0.5, 2.0], -1.0 - 1.004e-6),
    ):
        assert not first.same(other)
    tiny = point([1.0], [1e-5, 0.0], 1e-4)
    assert tiny.same(point([1.0], [1e-5 + 0.996e-9, 0.996e-9], 1e-4 + 0.996e-8)) and not tiny.same(
        point([1.0], [1e-5, 1.004e-9], 1e-4)
    )
    assert not tiny.same(point([1.0], [1e-5, 0.0], 1e-4 + 1.004e-8))
    points = [
        point([-0.5], [1, 1], 0.0),
        point([0.5], [1, 1], 0.0),
        point([0.1, 0.9], [2, 2], 0.0),
        point([0.9], [2, 2], 0.0),
        point([0.5], [1, 1], 7.0),
    ]
    found = distinct(points)
    assert [x.u.tolist() for x in found] == [[0.9], [0.5], [0.5]] and len(found) == 3


# -- curves -------------------------------------------------------------------------------------------------------------


def test_a_curve_ends_where_it_would_go_on_as_its_mirror_image():
    """The spinodal a = b²/4 has m² = b/2: beyond b = 0 the same curve comes back with −m."""
    even = line(EVEN, "spinodal")
    seed = even.parts[0].first([(np.array([0.7, 1.0]), np.array([0.25, 1.0]))])
    box = np.array([[-1.0, -1.0], [1.5, 2.0]])
    (piece,) = traced(even, [seed, seed], (0, 1), box)
    x = piece.u[0]
    assert (
        x.min() >= 0 and np.abs(piece.p[0] - piece.p[1] ** 2 / 4).max() < 1e-9 and np.abs(x**2 - piece.p[1] / 2).max() < 1e-6
    )
    assert piece.p[1].min() < 0.05 and 1.7 < piece.p[1].max() <= 2.0 and (np.diff(piece.p[1]) > 0).all() and x.size > 10
    scale = np.array([max(abs(seed.u[0]), 0.3), max(abs(seed.u[1]), 0.3), 0.3, 0.5])
    path = np.concatenate([piece.u, piece.p]) / scale[:, None]
    start = int(np.abs(piece.p - seed.p[:, None]).max(axis=0).argmin())
    assert np.linalg.norm(path[:, start + 1] - path[:, start]) == pytest.approx(0.05, rel=0.05)  # no point is left out
    assert np.linalg.norm(path[:, start] - path[:, start - 1]) == pytest.approx(0.05, rel=0.05)
    (small,) = traced(even, [seed], (0, 1), np.array([[0.1, -1.0], [0.6, 2.0]]))
    assert 0.1 <= small.p[0].min() < 0.12 and 0.5 < small.p[0].max() <= 0.6
    found = [*piece.at(np.array([0.16, 5.0]), 0), *piece.at(np.array([1.2, -0.5]), 1)]
    found = [[x.p.tolist() for x in points] for points in found]
    assert found == [[pytest.approx([0.16, 0.8])], [], [pytest.approx([0.36, 1.2])], []] and piece.holds(seed)
    spread = piece.spread(9, np.array([1.0, 1.0]))
    steps = np.linalg.norm(np.diff([x.p for x in spread], axis=0), axis=1)
    assert (
        len(spread) in (8, 9)
        and np.ptp(steps[1:]) < 0.1 * steps.mean()
        and all(abs(x.p[0] - x.p[1] ** 2 / 4) < 1e-9 for x in spread)
    )


def test_a_transition_ends_where_its_states_merge():
    """±m at h = 0 of a double well: the line ends at a = 0 and does not go on with the states exchanged."""
    well = line(WELL, "transition")
    seed = well.parts[-1].first([(np.array([0.8, -0.7]), np.array([0.5, 0.01]))], 1)
    (piece,) = traced(well, [seed], (0, 1), np.array([[-1.0, -1.0], [1.0, 1.0]]))
    assert (
        (piece.u[0] > piece.u[1]).all()
        and piece.p[0].min() < 0.05
        and piece.p[0].max() > 0.8
        and np.abs(piece.p[1]).max() < 1e-9
    )


# -- what is asked and what is answered -----------------------------------------------------------------------------------


@pytest.mark.parametrize("varied", ["b", "c"])
def test_the_sequence_may_be_of_any_parameter(varied):
    """a = b²/4c on the spinodal and 2b²/9c on the transition."""
    values = {"b": 0.8, "c": 0.5} | {varied: [0.5, 1.0, 1.6]}
    exact = np.array(values["b"]) ** 2 / np.array(values["c"])
    found = dm.boundary(LANDAU, "spinodal", **values)
    assert found["a"] == pytest.approx(exact / 4, rel=1e-9) and found[varied] == pytest.approx(values[varied], rel=1e-12)
    other = ({"b", "c"} - {varied}).pop()
    assert (found[other] == values[other]).all() and found.grid == {varied: 3}
    with pytest.raises(dm.errors.InputError, match="only one may be a sequence"):
        dm.boundary(LANDAU, "spinodal", b=[1, 2], c=[1, 2])


def test_where_there_is_no_point_it_is_said_where_some_are():
    found = dm.boundary(EVEN, "spinodal", b=[-1.0, 0.4, 1.0])
    assert (
        [p["converged"] for p in found.points] == [False, True, True]
        and found.points[0]["b"] == -1.0
        and found.points[0]["a"] is None
    )
    assert found.points[0]["why"].startswith(
        "the search found no point of the spinodal line here; it found some for b between "
    )
    (one,) = dm.boundary(EVEN, "spinodal", b=-1.0).points
    assert "no point of the spinodal line here" in one["why"] and one["residual"] is None


def test_many_values_are_read_off_curves_that_few_seeds_begin():
    """Twelve of forty values are scanned; the others are solved on the curves through what was found there."""
    values = np.linspace(-0.4, 2.0, 40)
    found = dm.boundary(EVEN, "spinodal", b=values)
    there = values > 0
    assert [p["converged"] for p in found.points] == there.tolist()
    assert found["a"][there] == pytest.approx(values[there] ** 2 / 4, rel=1e-8)


def test_records_of_points():
    system = SimpleNamespace(unknowns=["q", "v_q", "m_2"])
    for replicon, valid in ((0.3, True), (-0.996e-8, True), (-1.004e-8, False), (None, True)):
        outputs = {"free_energy": -0.4} | ({} if replicon is None else {"replicon": replicon})
        u, p, error = np.array([0.5, 9.0, 0.7]), np.array([0.1, 0.2]), np.array([1e-3, 2e-3, 3e-3, 4e-3])
        made = Point(system, u, p, 1e-14, error, outputs, ("m", "q_2"))
        found = given.told(made, ["T", "h"], 1)
        why = None if valid else f"the ansatz is unstable here (replicon {replicon:.3g} < 0)"
        assert found == {
            "T": 0.1,
            "h": 0.2,
            "h_error": 4e-3,
            "m": 0.0,
            "q_2": 0.0,
            "q": 0.5,
            "m_2": 0.7,
            **outputs,
            "residual": 1e-14,
            "converged": True,
            "valid": valid,
            "why": why,
        }
        assert "T_error" in given.told(made, ["T", "h"], 0)


def test_a_piece_holds_points_of_its_own_part_only():
    table = SimpleNamespace(outputs=lambda u, p, order: {"free_energy": u[0]})
    path = np.array([[0.0, 1.0, 2.0]]), np.array([[0.0, 1.0, 2.0], [1.0, 1.0, 1.0]])
    piece = Piece(Part(table, None), *path, (0, 1), np.ones(2))
    assert piece.holds(point([0], [0.5, 1.0], 0.5, table)) and not piece.holds(point([0], [0.5, 1.3], 0.5, table))
    assert not piece.holds(point([0], [0.5, 1.0], 0.5, SimpleNamespace(outputs=table.outputs)))


@pytest.mark.parametrize("temperature", [None, "T"])
def test_a_diagram_seeks_its_lines_along_both_axes(monkeypatch, temperature):
    """Values of both signs where the parameter may have either, and what lies within five of the origin."""
    asked, boxes = [], []

    class Sought:
        lowest = np.array([0.0, -np.inf])
        state = SimpleNamespace(parameters=["T", "h"])
        target = SimpleNamespace(
            given=SimpleNamespace(temperature=None if temperature is None else SimpleNamespace(name=temperature))
        )

        def scan(self, base, which):
            asked.append((base.tolist(), which))
            return [point([0.5], place, 0.1 * k) for k, place in enumerate(places)] if which == 1 else []

    places = [[0.1, 4.9], [0.1, -4.9], [0.1, 5.1], [4e-3, 0.0], [-0.1, 0.0], [0.1, -5.1]]
    monkeypatch.setattr(plane, "traced", lambda line, within, axes, box: (boxes.append((axes, box.tolist())), within)[1])
    found = plane._traced(Sought(), (1, 0))
    values = [0.02, 0.15, 0.4, 0.7, 1.05, 1.6, 2.6]
    both = [*(-v for v in values[::-1]), 0.0, *values]
    assert asked == [([values, [0.0] * 7], 1), ([[0.0] * 15, both], 0)]
    coldest = 5e-3 if temperature else 0.0
    assert boxes == [((1, 0), [[coldest, -5.0], [5.0, 5.0]])]
    kept = [[0.1, 4.9], [0.1, -4.9], *([] if temperature else [[4e-3, 0.0]])]
    assert sorted(x.p.tolist() for x in found) == sorted(kept)


def test_a_diagram_has_its_points_shared_out_among_visible_parts(monkeypatch):
    """The axes are field and temperature; each line has so many points, and says which part a point is of."""
    theory = dm.FreeEnergy(m**2 / 2 - T * dm.log2cosh((m + h) / T), [m], [T, h])
    system = SimpleNamespace(unknowns=["m"], outputs=lambda u, p, order: {"free_energy": u[0]})

    class Path(Piece):
        def spread(self, count, unit):
            units.append(unit.tolist())
            x = np.linspace(0, 1, count) if count > 1 else [0.0]
            made = [
                Point(system, self.u[:, 0], (1 - t) * self.p[:, 0] + t * self.p[:, -1], 0.0, np.zeros(2), {})
                for t in x
            ]
            counts.append((self.part.held[0], count))
            return made

    def piece(name, p):
        p = np.array(p, float)
        return Path(Part(system, None, held=(name,)), np.full((1, p.shape[1]), 0.5), p, (1, 0), np.ones(2))

    units, counts = [], []
    pieces = {"spinodal": [piece("spinodal", [[0.2, 0.4], [-0.5, -0.5]]), piece("spinodal", [[0.2, 0.8], [0.5, 0.5]])],
              "transition": [piece("transition", [[0.1, 1.0], [0.0, 0.0]])], "instability": []}  # fmt: skip
    monkeypatch.setattr(plane, "_traced", lambda line, axes: pieces[line.name])
    monkeypatch.setattr(plane, "_visible", lambda piece, window: [piece])
    monkeypatch.setattr(plane, "_regions", lambda made, pieces, window: windows.append(window.tolist()) or ["region"])
    windows = []
    made = plane.plane_of(Theory.of(theory), 8)
    assert made.axes == (1, 0) and made.regions == ["region"] and [b.line for b in made.lines] == ["spinodal", "transition"]
    assert windows[0] == [[-1.0, 0.0], [1.0, 1.5]] and units[0] == [
        2.0,
        1.5,
    ]  # half as much around, and no temperature below zero
    assert counts == [("spinodal", 2), ("spinodal", 6), ("transition", 8)]
    first, second = made.lines
    assert [p["piece"] for p in first.points] == [0] * 2 + [1] * 6
    assert first.points[2]["h"] == 0.5 and "h_error" in first.points[0]
    assert [p["T"] for p in second.points] == pytest.approx(np.linspace(0.1, 1.0, 8))
