"""Continuation, augmented systems and turning points on curves that are known."""

from __future__ import annotations

import numpy as np
import pytest
from toy_equations import Toy, differenced

from dammech.solve import augmented
from dammech.solve.continuation import trace
from dammech.solve.newton import newton
from dammech.solve.states import curvature, search
from dammech.solve.transformed import holding, parted, parting
from dammech.solve.turning import followed_turning_point, turning_point

CIRCLE = Toy(["u**2 + (a - 2)**2 - 1"], "u", "a")
CUBIC = Toy(["u**3 - a*u - h"], "u", "a h", outputs={"free_energy": "u**4/4 - a*u**2/2 - h*u", "replicon": "u - a"})


def always(u, p):
    return True


def follow(system, u, p, free=(0,), *, towards=(0.0, 1.0), keep=always, scale=(1.0, 1.0), **more):
    return trace(system, np.array(u), np.array(p), free, scale=np.array(scale), towards=np.array(towards), keep=keep, **more)


def test_a_circle_is_followed_through_its_folds():
    u, p = follow(CIRCLE, [1.0], [2.0], points=60, largest=0.2)
    assert np.abs(CIRCLE.residual(u, p)).max() < 1e-9
    angle = np.unwrap(np.arctan2(u[0], p[0] - 2))
    assert (np.diff(angle) < 0).all() and angle[0] - angle[-1] > 2 * np.pi  # towards larger a first, then round and round
    steps = np.hypot(np.diff(u[0]), np.diff(p[0]))
    assert u.shape == (1, 60) and steps.max() <= 0.2 * 1.01 and np.median(steps) > 0.15


def test_the_first_tangent_and_the_first_step_are_those_asked_for():
    u, p = follow(CIRCLE, [1.0], [2.0], towards=(0.0, -1.0), points=2, step=0.01)
    assert p[0, 1] < 2 and np.hypot(u[0, 1] - 1, p[0, 1] - 2) == pytest.approx(0.01, rel=1e-3)
    u, p = follow(CIRCLE, [0.0], [3.0], towards=(1.0, 0.0), points=2, step=0.01)
    assert u[0, 1] == pytest.approx(0.01, rel=1e-2)


def test_arclength_is_measured_in_the_scale():
    u, _ = follow(Toy(["u - 100*a"], "u", "a"), [100.0], [1.0], scale=(100.0, 1.0), points=3, step=0.1, largest=0.1)
    assert np.diff(u[0]) == pytest.approx([10 / np.sqrt(2)] * 2, rel=1e-9)


def test_a_curve_ends_before_the_first_point_that_is_not_wanted():
    u, p = follow(CIRCLE, [1.0], [2.0], keep=lambda u, p: p[0] < 2.6)
    assert 2.6 - 1e-3 < p[0, -1] < 2.6 and (u > 0).all()


def test_no_parameter_is_tried_below_the_lowest():
    line = Toy(["u - a"], "u", "a")
    for lowest in (0.0, 0.25):
        _, p = follow(line, [0.5], [0.5], towards=(0.0, -1.0), lowest=lowest, smallest=1e-4)
        assert lowest <= p.min() < lowest + 2e-3


def test_a_curve_ends_at_the_edge_of_the_domain():
    _, p = follow(Toy(["u - a"], "u", "a", domain="1 - u"), [0.5], [0.5], smallest=1e-4)
    assert 1 - 1e-3 < p.max() < 1


def test_points_are_as_exact_as_asked_for():
    rough, fine = (follow(CIRCLE, [1.0], [2.0], points=20, largest=0.4, step=0.3, tolerance=t) for t in (1e-3, 1e-13))
    assert np.abs(CIRCLE.residual(*fine)).max() < 1e-12 <= np.abs(CIRCLE.residual(*rough)).max() < 3e-3


# -- augmented systems ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("a", [0.3, 1.0, 2.5])
def test_the_fold_of_a_cubic_is_where_its_discriminant_vanishes(a):
    fold = augmented.fold(CUBIC)
    assert fold.unknowns == ["u", "v_u"] and fold.parameters == ["a", "h"]
    start = np.array([[-0.9 * np.sqrt(a / 3)], [1.0]])
    found = newton(fold, start, np.array([[a], [0.5 * (a / 3) ** 1.5]]), (1,))
    assert found.converged[0]
    assert found.p[1, 0] == pytest.approx(2 * (a / 3) ** 1.5, abs=1e-12)
    assert found.u[0, 0] == pytest.approx(-np.sqrt(a / 3), abs=1e-9) and abs(found.u[1, 0]) == pytest.approx(1, abs=1e-12)


def test_the_matrix_of_a_fold_is_that_of_its_equations_where_newton_needs_it():
    state = Toy(["u**3 - a*u - h*v", "v - u**2 - h"], "u v", "a h")
    fold = augmented.fold(state)
    u, p = np.array([[0.9], [1.3], [0.6], [0.8]]), np.array([[1.2], [0.4]])
    matrix, plain = fold.jacobian(u, p)[:2], differenced(fold, u, p)[:2]
    assert matrix == pytest.approx(plain, abs=1e-7)
    norm = fold.jacobian(u, p)[4, :, 0]
    assert norm == pytest.approx([0, 0, 1.2, 1.6, 0, 0], abs=1e-12)


def test_the_null_vector_is_that_of_the_matrix_in_units_of_the_unknowns():
    state = Toy(["u - 2*v", "3*u - 6*v"], "u v", "a")
    v = augmented.null_vector(state, np.array([[16.0], [8.0]]), np.array([[1.0]]))
    assert np.abs(v[:, 0]) == pytest.approx([np.sqrt(0.5)] * 2, abs=1e-12) and v[0, 0] * v[1, 0] > 0
    small = augmented.null_vector(state, np.array([[3.0], [0.0]]), np.array([[1.0]]))
    assert np.abs(small[:, 0]) == pytest.approx([np.sqrt(0.8), np.sqrt(0.2)], abs=1e-12)


@pytest.mark.parametrize("shift", [0.0, 1e-14, -2e-7, 3.0])
@pytest.mark.parametrize("unit", [1.0, 1e6])
def test_a_fold_is_found_where_its_unknowns_are_nothing_or_negative(shift, unit):
    """h = (m − s)² and q + s = −(m − s)²: at the fold m = s and q = −s, in either unit of h."""
    state = Toy([f"h/{unit} - (m - ({shift}))**2", f"q + {shift} + (m - ({shift}))**2"], "m q", "h")
    start = np.array([[shift + 0.1], [0.05 - shift]]), np.array([[0.02 * unit]])
    found = newton(augmented.fold(state), np.concatenate([start[0], [[1.0], [0.1]]]), start[1], (0,), lowest=-np.inf)
    assert found.converged[0] and found.u[:, 0] == pytest.approx([shift, -shift, 1, 0], abs=1e-9)
    assert found.p[0, 0] == pytest.approx(0, abs=1e-15 * unit)


@pytest.mark.parametrize(("a", "b"), [(1e-9, 3e-9), (0.0, 0.0), (1e-80, 2e-80), (-0.3, 0.0)])
def test_differences_know_how_small_a_parameter_is(a, b):
    """An output that is linear in its parameters, next to where these are nothing."""
    zero = augmented.zero(Toy(["u - 1"], "u", "a b", {"gap": "u + 2*a - 3*b"}), "gap")
    u, p = np.array([[1.0]]), np.array([[a], [b]])
    assert zero.jacobian(u, p)[1, :, 0] == pytest.approx([1, 2, -3], rel=1e-3)


def test_a_zero_of_an_output_lies_on_the_branch():
    zero = augmented.zero(CUBIC, "replicon")  # u = a and u³ − a u = h: h = a³ − a²
    found = newton(zero, np.array([[1.6]]), np.array([[1.5], [1.0]]), (1,))
    assert found.converged[0] and found.u[0, 0] == pytest.approx(1.5, abs=1e-12)
    assert found.p[1, 0] == pytest.approx(1.5**3 - 1.5**2, abs=1e-11)
    assert zero.outputs(found.u, found.p)["replicon"][0] == pytest.approx(0, abs=1e-12)


def test_a_crossing_is_where_two_states_have_equal_free_energies():
    first = Toy(["u - a"], "u", "a h", outputs={"free_energy": "u**2/2 - a*u"})
    second = Toy(["w - h"], "w", "a h", outputs={"free_energy": "w**2/2 - h*w"}, domain="w")
    crossing = augmented.crossing(first, second)
    assert crossing.unknowns == ["u", "w_2"]
    found = newton(crossing, np.array([[0.5], [0.7]]), np.array([[0.5], [0.8]]), (1,))
    assert found.converged[0] and found.p[1, 0] == pytest.approx(0.5, abs=1e-11)
    both = crossing.outputs(found.u, found.p)
    assert both["free_energy"][0] == pytest.approx(both["free_energy_2"][0], abs=1e-12) and both["free_energy"][0] < 0
    assert np.isnan(crossing.residual(np.array([[0.5], [-0.1]]), np.array([[0.5], [0.8]]))[1, 0])


# -- other coordinates ------------------------------------------------------------------------------------------------

LEVELS = Toy(["q0 - a*q1*theta", "q1 - a*q0**2 - theta", "(q1 - q0)**2*(theta - a)"], "q0 q1 theta", "a",
             outputs={"free_energy": "q0 + 2*q1"}, domain="1 - q1")


def test_the_gap_between_levels_and_the_levels_are_the_same_point():
    apart = parting(LEVELS)
    x = np.array([[0.3, 0.5], [0.6, 0.50001], [0.4, 0.7]])
    u, p = parted(LEVELS, x), np.ones((1, 2))
    assert apart.unknowns == ["q0", "gap", "theta"] and u[1] == pytest.approx([0.3 / 0.7, 2e-5], rel=1e-9)
    assert apart.whole(u, p)[0] == pytest.approx(x, abs=1e-15)
    assert apart.outputs(u, p)["free_energy"] == pytest.approx(x[0] + 2 * x[1], abs=1e-14)
    assert apart.inside(u, p).all() and not apart.inside(np.array([[0.2], [1.1], [0.1]]), np.ones((1, 1)))[0]


def test_powers_of_the_gap_are_divided_out_of_the_equations():
    apart, x, p = parting(LEVELS), np.array([[0.3], [0.6], [0.4]]), np.array([[0.9]])
    u, plain = parted(LEVELS, x), LEVELS.residual(x, p)
    gap = u[1]
    assert apart.residual(u, p) == pytest.approx(np.array([plain[0], (plain[1] - plain[0]) / gap, plain[2] / gap**2]), abs=1e-14)
    assert apart.jacobian(u, p) == pytest.approx(differenced(apart, u, p), abs=1e-7)


def test_a_held_unknown_is_a_parameter_and_its_equation_is_left_out():
    held = holding(LEVELS, ("q1",))
    assert held.unknowns == ["q0", "theta"] and held.parameters == ["a", "q1"]
    u, p = np.array([[0.3], [0.4]]), np.array([[0.9], [0.6]])
    x = np.array([[0.3], [0.6], [0.4]])
    plain = LEVELS.residual(x, p[:1])
    assert held.residual(u, p) == pytest.approx(plain[[0, 2]], abs=0) and np.array_equal(held.whole(u, p)[0], x)
    assert held.jacobian(u, p) == pytest.approx(differenced(held, u, p), abs=1e-8)
    every = holding(LEVELS, ("q1",), all_equations=True)
    assert every.residual(u, p) == pytest.approx(plain, abs=0)
    assert every.jacobian(u, p) == pytest.approx(differenced(every, u, p), abs=1e-8)


# -- turning points ---------------------------------------------------------------------------------------------------

HUMP_EQUATIONS = ["q - m**2", "a - T*q*(1 - m)"]  # a = T m² (1 − m) turns at m = 2/3
HUMP = Toy(HUMP_EQUATIONS, "m q", "a T")


@pytest.mark.parametrize("start", [0.5, 0.6, 0.72, 0.8])
def test_a_branch_turns_where_its_parameter_is_extremal(start):
    found = turning_point(HUMP, np.array([start, start**2]), np.array([start**2 * (1 - start), 1.0]))
    assert found is not None and found.converged[0]
    assert found.u[:, 0] == pytest.approx([2 / 3, 4 / 9], abs=1e-8) and found.p[:, 0] == pytest.approx([4 / 27, 1.0], abs=1e-13)
    assert len(found.error) == 3 and found.error.max() < 1e-7  # what is left of the way, not the last step


def test_the_parameter_that_turns_need_not_be_the_first():
    system = Toy([*HUMP_EQUATIONS, "r - 2*q - a"], "m q r", "T a")
    found = turning_point(system, np.array([0.6, 0.36, 0.864]), np.array([1.0, 0.144]), 1)
    assert found.converged[0] and found.u[0, 0] == pytest.approx(2 / 3, abs=1e-8)
    assert found.p[:, 0] == pytest.approx([1.0, 4 / 27], abs=1e-13)


def test_no_turn_no_answer():
    straight = Toy(["q - m**2", "a - T*m"], "m q", "a T")
    assert turning_point(straight, np.array([0.5, 0.25]), np.array([0.5, 1.0])) is None


@pytest.mark.parametrize(("torn", "known"), [("m", False), ("q", False), ("a", False), ("T", True)])
def test_a_turn_needs_the_derivatives_that_it_is_made_of_and_no_others(torn, known):
    class Torn(Toy):
        def jacobian(self, u, p, order=16):
            value = super().jacobian(u, p, order)
            value[1, [*self.unknowns, *self.parameters].index(torn)] = np.nan
            return value

    found = turning_point(Torn(HUMP_EQUATIONS, "m q", "a T"), np.array([0.6, 0.36]), np.array([0.144, 1.0]))
    assert (found is not None) == known
    assert found is None or (found.converged[0] and found.u[0, 0] == pytest.approx(2 / 3, abs=1e-8))


@pytest.mark.parametrize("start", [-0.005, 0.5])
def test_where_a_parameter_does_not_move_no_place_is_its_turn(start):
    flat = Toy(["q - m", "a - T"], "m q", "a T")
    found = turning_point(flat, np.array([start, start]), np.array([1.0, 1.0]), step=0.01)
    assert found.p[0, 0] == 1 and found.error[:, 0].tolist() == pytest.approx([0.01, 0, 0]) and not found.converged[0]


def test_a_turn_is_followed_to_another_parameter():
    at = {T: (np.array([2 / 3, 4 / 9]), np.array([4 / 27 * T, T])) for T in (1.0, 1.1)}
    found = followed_turning_point(HUMP, *at[1.1], at[1.0], 1, 1.9)
    assert found is not None and found.p[:, 0] == pytest.approx([4 / 27 * 1.9, 1.9], abs=1e-12)


# -- states -----------------------------------------------------------------------------------------------------------


def test_the_curvature_is_that_of_the_first_unknown_with_the_others_eliminated():
    one = Toy(["u**3 - a*u"], "u", "a")
    assert curvature(one, np.array([[0.0, 2.0]]), np.array([[1.0, 1.0]])) == pytest.approx([-1.0, 11.0])
    two = Toy(["3*u + 2*v", "4*u + 5*v"], "u v", "a")
    assert curvature(two, np.ones((2, 1)), np.ones((1, 1))) == pytest.approx([3 - 2 * 4 / 5])
    flat = Toy(["3*u + 2*v", "4*u + 0*v"], "u v", "a")
    assert np.isnan(curvature(flat, np.ones((2, 1)), np.ones((1, 1))))[0]


def test_a_search_tries_every_start_at_every_point():
    p = np.array([[0.5, 1.0, 2.0]])
    system = Toy(["u**3 - a*u"], "u", "a")
    u, residual, ok = search(system, p, np.array([[-2.0, 0.01, 2.0]]))
    assert u.shape == (1, 3, 3) and ok.all() and residual.max() <= 1e-10
    assert u[0] == pytest.approx(np.array([-np.sqrt(p[0]), 0 * p[0], np.sqrt(p[0])]), abs=1e-9)
    own = np.stack([np.full((1, 3), 2.0), np.array([[-2.0, 2.0, -2.0]])], axis=1)
    u, _, ok = search(system, p, own)
    assert ok.all() and np.sign(u[0, 1]).tolist() == [-1, 1, -1] and (u[0, 0] > 0).all()


def test_every_equation_of_a_point_is_solved():
    """The first of two equations holds at every guess, the second only where it is solved."""
    for equations in (["v - u", "u**2 + (a - 2)**2 - 1"], ["u**2 + (a - 2)**2 - 1", "v - u"]):
        system = Toy(equations, "u v", "a")
        u, p = follow(system, [1.0, 1.0], [2.0], towards=(0.0, 0.0, 1.0), scale=(1.0, 1.0, 1.0), points=40)
        assert u.shape == (2, 40) and np.abs(system.residual(u, p)).max() < 1e-9


def test_unless_asked_steps_are_those_of_the_signature():
    u, p = follow(Toy(["u - a"], "u", "a"), [1.0], [1.0], keep=lambda u, p: p[0] < 4)
    steps = np.hypot(np.diff(u[0]), np.diff(p[0]))
    assert steps[:3] == pytest.approx([0.05, 0.08, 0.128]) and steps.max() == pytest.approx(0.2)
    u, _ = follow(CIRCLE, [1.0], [2.0], largest=0.05)
    assert u.shape[1] == 400
