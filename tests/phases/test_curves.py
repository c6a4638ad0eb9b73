"""Curves, regions and extrapolated ends on small systems: what a line of a phase diagram is made of."""

from __future__ import annotations

import math

import numpy as np
import pytest
from matplotlib.path import Path
from toy_equations import Toy

from dammech.phases.curve import Curve, passing
from dammech.phases.points import Boundary
from dammech.phases.regions import regions_between, track
from dammech.systems.hebbian.model import HebbianDAM

# a re-entrant line: a = 1/10 + T (1 − T), whose largest load 0.35 is at T = 1/2
LINE = Toy(["u - T**2", "a - 1/10 - T*(1 - T)"], "u", "a T", outputs={"free_energy": "-a"})


def load(T):
    return 0.1 + T * (1 - T)


def curve(keep=lambda u, p: p[1] > 0, seed=0.3, **more):
    given = {"largest": 0.2, "scale": np.array([1.0, 0.3, 0.5]), **more}
    return Curve(LINE, (0, 1), lambda: [(np.array([seed**2 + 0.01]), np.array([load(seed) + 0.02, seed]))], keep, **given)


def test_a_line_is_solved_at_every_temperature_not_read_off_its_trace():
    line = curve(keep=lambda u, p: (p[1] > 0.01) & (p[1] < 1))
    T = np.array([0.05, 0.31, 0.5, 0.77, 0.98])
    rows = line.at(T, 1)
    assert [len(r) for r in rows] == [1] * 5
    for value, (point,) in zip(T, rows):
        assert point.p == pytest.approx([load(value), value], abs=1e-14)
        assert point.u[0] == pytest.approx(value**2, abs=1e-14)
        assert point.error.max() < 1e-13 and point.system is LINE and point.outputs == {"free_energy": -point.p[0]}
    u, p = line.skeleton
    assert (np.diff(p[1]) > 0).all() and p[1].min() < 0.06 and p[1].max() > 0.9
    assert np.abs(LINE.residual(u, p)).max() < 1e-4


@pytest.mark.parametrize("least", [1e-9, 3e-3, 0.02])
def test_a_line_that_ends_at_zero_is_gone_down_to_by_thirds(least):
    """a = T^{3/2}, u = 1 - T²: one obeys a power law, the other has a limit."""
    ends = Toy(["u - 1 + T**2", "a - T**Rational(3, 2)"], "u", "a T", outputs={"free_energy": "-a"})
    line = Curve(ends, (0, 1), lambda: [], lambda u, p: p[1] > 0, np.ones(3))
    T = np.array([0.01, 0.02, 0.03])
    u, p = line._down_to(least, (1 - T**2)[None], np.stack([T**1.5, T]))
    thirds = 0 if least > 0.01 else math.ceil(math.log(0.01 / least) / math.log(3))
    assert p[1, -3:].tolist() == T.tolist() and p.shape == (2, 3 + thirds)
    assert p[1].min() == 0.01 if least > 0.01 else 0.9 * least <= p[1].min() <= least
    assert np.all(np.diff(p[1]) > 0) and np.all(p[1, 1:-2] / p[1, :-3] <= 3 * (1 + 1e-12))
    assert p[0] == pytest.approx(p[1] ** 1.5, rel=1e-9) and u[0] == pytest.approx(1 - p[1] ** 2, rel=1e-12)


def test_a_load_has_every_temperature_of_a_re_entrant_line():
    line = curve(keep=lambda u, p: (p[1] > 0.01) & (p[1] < 1))
    asked = np.array([0.2, 0.33, 0.35 - 1e-3, 0.36, 0.05])
    rows = line.at(asked, 0)
    assert [len(r) for r in rows] == [2, 2, 2, 0, 0]
    for value, found in zip(asked[:3], rows):
        exact = np.array([-1, 1]) * np.sqrt(0.35 - value) + 0.5
        assert sorted(point.p[1] for point in found) == pytest.approx(exact, abs=1e-9)


def test_close_to_its_extremum_a_load_still_has_both_temperatures():
    line = curve(keep=lambda u, p: (p[1] > 0.01) & (p[1] < 1))
    rows = line.at(np.array([0.35 - 1e-6]), 0)
    assert sorted(point.p[1] for point in rows[0]) == pytest.approx([0.499, 0.501], abs=1e-8)


def test_points_that_do_not_belong_to_the_line_are_left_out():
    line = curve(keep=lambda u, p: (p[1] > 0.2) & (p[1] < 0.8))
    assert [len(r) for r in line.at(np.array([0.1, 0.19, 0.21, 0.79, 0.81]), 1)] == [0, 0, 1, 1, 0]
    assert [len(r) for r in line.at(np.array([load(0.1)]), 0)] == [0]


def test_a_seed_off_the_line_is_passed_over_and_without_one_there_is_no_line():
    def seeds():
        yield np.array([50.0]), np.array([0.0, 0.95])  # on the curve, but not wanted
        yield np.array([0.1]), np.array([0.3, 0.3])

    wanted = Curve(LINE, (0, 1), seeds, lambda u, p: (p[1] > 0.1) & (p[1] < 0.9), np.array([1.0, 0.3, 0.5]), largest=0.2)
    assert len(wanted.at(np.array([0.4]), 1)[0]) == 1
    nothing = Curve(LINE, (0, 1), lambda: [], lambda u, p: p[1] > 0, np.array([1.0, 0.3, 0.5]))
    assert nothing.skeleton[1].shape == (2, 0) and nothing.at(np.array([0.4, 0.5]), 1) == [[], []]


def test_a_seed_from_which_newton_finds_nothing_is_passed_over_though_it_looks_wanted():
    nowhere = Toy(["u**2 + 1 + a*T", "T - 2"], "u", "a T")
    seeds = [(np.array([0.3]), np.array([0.2, 2.0])), (np.array([0.9]), np.array([0.4, 2.0]))]
    line = Curve(nowhere, (0, 1), lambda: seeds, lambda u, p: p[1] > 0, np.array([1.0, 0.3, 0.5]))
    assert line.traced[0].shape == (1, 0)


def test_more_points_lie_where_the_load_is_extremal():
    line = curve(keep=lambda u, p: (p[1] > 0.01) & (p[1] < 1))
    plain, fine = line.skeleton[1], line._with_extrema[1]
    assert fine.shape[1] > plain.shape[1] and np.isin(plain[1], fine[1]).all()
    assert (np.diff(fine[1]) > 0).all()
    near = np.abs(fine[1] - 0.5) < 0.05
    assert near.sum() > (np.abs(plain[1] - 0.5) < 0.05).sum() and np.abs(fine[0] - load(fine[1])).max() < 1e-4


def test_below_the_bottom_guesses_are_extrapolated_or_guided_by_an_anchor():
    line = curve(keep=lambda u, p: (p[1] > 0) & (p[1] < 1), seed=0.6, bottom=0.4)
    assert line.skeleton[1][1].min() > 0.4
    rows = line.at(np.array([0.1]), 1)
    assert rows[0][0].p[0] == pytest.approx(load(0.1), abs=1e-14)
    rows = line.at(np.array([0.1]), 1, (np.array([0.0]), np.array([0.1, 1e-9])))
    assert rows[0][0].p[0] == pytest.approx(load(0.1), abs=1e-14)


def test_what_is_followed_may_be_less_than_what_is_kept_and_more_may_be_added():
    narrow = curve(keep=lambda u, p: (p[1] > 0) & (p[1] < 1), follow=lambda u, p: p[1] < 0.5)
    assert narrow.skeleton[1][1].max() < 0.5
    far = curve(keep=lambda u, p: (p[1] > 0) & (p[1] < 1), follow=lambda u, p: p[1] < 0.5,
                beyond=lambda u, p: (np.append(u, [[0.81]], axis=1), np.append(p, [[load(0.9)], [0.9]], axis=1)))
    assert far.traced[1].shape[1] + 1 == far.skeleton[1].shape[1]
    assert len(far.at(np.array([0.7]), 1)[0]) == 1


def test_a_path_crosses_a_value_where_a_straight_line_between_its_points_does():
    def crossed(path, x):
        return [float(p[1]) for _, p in passing(path[:0], path, 0, x)]

    path = np.array([[0.0, 0.4, 1.0, 1.0, 0.2], [0.0, 1.0, 4.0, 5.0, 1.0]])
    assert crossed(path, 0.7) == pytest.approx([2.5, 3.5]) and crossed(path, 0.1) == pytest.approx([0.25])
    assert crossed(path, 1.5) == [] == crossed(path, -0.1) and crossed(path, 1.0) == pytest.approx([4.0, 5.0])


# -- regions ----------------------------------------------------------------------------------------------------------


def boundary(line, points, ansatz="rs", **more):
    records = [{"load": x, "temperature": T, "converged": x is not None, "valid": True, "ansatz": ansatz, **more}
               for x, T in points]
    return Boundary(HebbianDAM(3), line, ansatz, "canonical", records)


SPINODAL = boundary("retrieval-spinodal", [(0.14, 0.0), (0.12, 0.2), (0.08, 0.5), (0.0, 1.0)])
THERMODYNAMIC = boundary("thermodynamic", [(0.05, 0.0), (0.05, 0.2), (0.03, 0.5), (0.0, 1.0)])
GLASS = boundary("spin-glass", [(0.0, 1.0), (0.1, 1.3), (0.2, 1.45)])
AT = boundary("at", [(0.10, 0.002), (0.13, 0.02), (0.14, 0.05)])


def holds(region, x, T):
    return Path(region.outline).contains_point((x, T))


def named(*lines, names=("rs",)):
    return {r.name: r for r in regions_between(lines, names)}


def test_a_track_is_made_of_the_points_that_were_found():
    x, T = track(boundary("at", [(0.1, 0.2), (None, 0.3), (0.2, 0.4)]))
    assert x.tolist() == [0.1, 0.2] and T.tolist() == [0.2, 0.4]


def test_retrieval_lies_left_of_its_lines_and_the_glass_below_its_own():
    found = named(SPINODAL, THERMODYNAMIC, GLASS)
    assert set(found) == {"retrieval, metastable", "retrieval, equilibrium", "spin glass"}
    metastable, equilibrium, glass = (found[n] for n in ("retrieval, metastable", "retrieval, equilibrium", "spin glass"))
    assert holds(metastable, 0.1, 0.1) and not holds(metastable, 0.13, 0.3) and not holds(metastable, 0.15, 0.05)
    assert holds(equilibrium, 0.04, 0.1) and not holds(equilibrium, 0.1, 0.1)
    assert holds(glass, 0.15, 1.0) and not holds(glass, 0.05, 1.3) and not holds(glass, 0.25, 0.5)
    assert metastable.valid and metastable.valid_for == ("rs",) and metastable.why is None
    assert not glass.valid and glass.valid_for == () and "AT-unstable" in glass.why


def test_below_the_at_line_replica_symmetry_fails_and_broken_symmetry_holds_where_its_points_do():
    symmetric = named(SPINODAL, AT)["retrieval below the AT line"]
    assert holds(symmetric, 0.135, 0.01) and not holds(symmetric, 0.05, 0.3)
    assert not symmetric.valid and "unstable" in symmetric.why
    broken = boundary("retrieval-spinodal", [(0.1382, 0.01), (0.12, 0.2)], "1rsb")
    both = named(SPINODAL, AT, broken, names=("rs", "1rsb"))["retrieval below the AT line"]
    assert both.valid and both.valid_for == ("1rsb",) and both.layer == 3 and "RS" in both.why
    unstable = boundary("retrieval-spinodal", [(0.1382, 0.01)], "1rsb")
    unstable.points[0]["valid"] = False
    beside = boundary("thermodynamic", [(0.05, 0.1), (0.03, 0.5)], "1rsb")  # another line that holds says nothing of it
    for others in ([], [beside]):
        assert named(SPINODAL, AT, unstable, *others, names=("rs", "1rsb"))["retrieval below the AT line"].valid_for == ()


def test_a_rival_that_is_not_decided_is_named_where_the_line_does_not_reach_the_ground():
    high = boundary("thermodynamic", [(0.05, 0.3), (0.03, 0.5), (0.0, 1.0)])
    found = named(SPINODAL, high)["retrieval, rival not decided"]
    assert holds(found, 0.05, 0.1) and "1RSB" in found.why
    assert "retrieval, rival not decided" not in named(SPINODAL, THERMODYNAMIC)
    assert "retrieval, rival not decided" not in named(SPINODAL, high, names=("rs", "1rsb"))


def test_glass_lines_bound_regions_in_which_more_and_more_symmetry_is_broken():
    lines = [boundary(name, [(0.01, t * 0.1), (1.0, t)], "1rsb")
             for name, t in (("dynamic", 0.7), ("static", 0.65), ("gardner", 0.24))]
    found = named(*lines, names=("rs", "1rsb", "2rsb"))
    dynamic, static, gardner = (found[n] for n in ("dynamic glass", "1RSB glass", "glass below T_G"))
    assert dynamic.valid_for == ("rs", "1rsb", "2rsb") and static.valid_for == ("1rsb", "2rsb") and gardner.valid_for == ("2rsb",)
    assert {r.layer for r in (dynamic, static, gardner)} == {1}
    assert holds(static, 0.5, 0.2) and holds(gardner, 0.9, 0.1) and not holds(gardner, 0.5, 0.3)
    assert not named(*lines, names=("rs",))
    paramagnet = named(boundary("zero-entropy", [(0.01, 0.1), (1.0, 0.6)]))["paramagnet of negative entropy"]
    assert holds(paramagnet, 0.5, 0.1) and paramagnet.valid_for == ()
