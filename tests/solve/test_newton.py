"""Newton's method on equations whose roots, errors and domains are known."""

from __future__ import annotations

import numpy as np
import pytest
from toy_equations import Toy

from dammech.solve.newton import ERROR_TOLERANCE, TOLERANCE, _spread, newton


def test_roots_from_many_starts_at_once_are_those_of_each_alone():
    toy = Toy(["u**2 - a*v - 1", "v - u*a"], "u v", "a")
    a = np.array([[0.1, 0.5, 1.0, 2.0, 3.0]])
    starts = np.stack([np.full(5, 12.0), np.full(5, 30.0)])
    together = newton(toy, starts, a)
    assert together.converged.all()
    exact = (a[0] ** 2 + np.sqrt(a[0] ** 4 + 4)) / 2
    assert together.u[0] == pytest.approx(exact, abs=1e-13) and together.u[1] == pytest.approx(exact * a[0], abs=1e-13)
    for k in range(5):
        alone = newton(toy, starts[:, [k]], a[:, [k]])
        assert alone.u[:, 0] == pytest.approx(together.u[:, k], abs=1e-15)
    assert (together.residual <= 1e-14).all() and together.error.shape == (2, 5) and (together.error < 1e-13).all()


def test_the_starts_are_left_as_they_were():
    toy, u, p = Toy(["u**2 - a", "a - 1"], "u", "a"), np.array([[3.0]]), np.array([[2.0]])
    assert newton(toy, u, p, (0,)).p[0, 0] == pytest.approx(1.0, abs=1e-12)
    assert u[0, 0] == 3.0 and p[0, 0] == 2.0


@pytest.mark.parametrize("slope", [0.5, 2.0, 40.0])
def test_the_error_is_the_step_that_the_quadrature_still_asks_for(slope):
    toy = Toy([f"{slope}*u - a"], "u", "a", rule_error=3e-11)
    found = newton(toy, np.array([[1.0]]), np.array([[1.5]]))
    assert found.error[0, 0] == pytest.approx(3e-11 / slope, rel=1e-3) and found.converged[0]


@pytest.mark.parametrize(("rule_error", "converged"), [(0.9, True), (1.1, False)])
def test_the_residual_decides_at_its_tolerance_in_units_of_its_terms(rule_error, converged):
    toy = Toy(["u - a"], "u", "a", rule_error=rule_error * TOLERANCE)
    assert newton(toy, np.array([[0.0]]), np.array([[0.5]])).converged[0] == converged
    large = Toy(["1000*u - 1000*a"], "u", "a", rule_error=500 * rule_error * TOLERANCE)  # terms of size 500
    assert newton(large, np.array([[0.0]]), np.array([[0.5]])).converged[0] == converged


@pytest.mark.parametrize(("rule_error", "converged"), [(0.9, True), (1.1, False)])
@pytest.mark.parametrize(("root", "unit"), [(0.5, 1.0), (1e-6, 1.0), (40.0, 40.0)])
def test_the_error_decides_in_units_of_the_unknown_but_at_least_one(root, unit, rule_error, converged):
    wanted = rule_error * ERROR_TOLERANCE * unit
    toy = Toy(["(u - a)/10**5"], "u", "a", rule_error=wanted / 1e5)
    found = newton(toy, np.array([[root]]), np.array([[root]]))
    assert found.converged[0] == converged
    assert found.error[0, 0] == pytest.approx(wanted, rel=1e-2)
    if not converged:
        assert "error" in found.shortfall(0)


def test_steps_are_halved_until_they_stay_in_the_domain():
    toy = Toy(["1/u - a"], "u", "a", domain="u")
    start, a = np.array([[5.0, 0.01, 1.9]]), np.array([[1.0, 1.0, 1.0]])
    found = newton(toy, start, a)  # from 5, a full step leads to −15
    assert found.converged.all() and found.u[0] == pytest.approx([1.0, 1.0, 1.0], abs=1e-12)
    assert not newton(toy, np.array([[-1.0]]), np.array([[1.0]])).converged[0]
    blocked = newton(toy, start[:, :1], a[:, :1], halvings=1)
    assert not blocked.converged[0] and blocked.u[0, 0] == 5.0


def test_a_start_that_is_no_number_is_no_root_and_disturbs_no_other():
    toy = Toy(["u**2 - a"], "u", "a")
    found = newton(toy, np.array([[np.nan, 1.0, np.inf]]), np.array([[2.0, 2.0, 2.0]]))
    assert found.converged.tolist() == [False, True, False]
    assert found.u[0, 1] == pytest.approx(np.sqrt(2), abs=1e-14)
    assert np.isinf(found.error[0, [0, 2]]).all()


def test_free_parameters_are_solved_for_and_stay_above_zero():
    toy = Toy(["u - a*b", "u**2 - a"], "u", "a b")
    found = newton(toy, np.array([[0.7]]), np.array([[0.6], [2.0]]), (0,))
    assert found.converged[0] and found.error.shape == (2, 1)
    assert found.u[0, 0] == pytest.approx(0.5, abs=1e-12) and found.p[:, 0] == pytest.approx([0.25, 2.0], abs=1e-12)
    below = Toy(["u - 1", "a + u/4"], "u", "a")  # a = −1/4
    lost = newton(below, np.array([[0.5]]), np.array([[1.0]]), (0,))
    assert not lost.converged[0] and lost.p[0, 0] >= 0
    second = newton(toy, np.array([[0.7]]), np.array([[0.25], [1.5]]), (1,))
    assert second.converged[0] and second.p[:, 0] == pytest.approx([0.25, 2.0], abs=1e-12)


def test_at_a_fold_the_steps_go_on_though_they_only_quarter_the_residual():
    toy = Toy(["(u - 1)**2 - a"], "u", "a")
    found = newton(toy, np.array([[2.0]]), np.array([[1e-8]]))
    assert found.converged[0] and found.u[0, 0] == pytest.approx(1 + 1e-4, abs=1e-10)
    assert not newton(toy, np.array([[2.0]]), np.array([[-1e-3]])).converged[0]


def test_beyond_a_fold_no_root_is_claimed():
    gaps = -(10.0 ** -np.arange(1, 15))
    toy = Toy(["(u - 1)**2 - a"], "u", "a")
    found = newton(toy, np.full((1, 14), 1.3), gaps[None])
    assert not found.converged.any()


def test_without_polish_the_residual_alone_is_told_and_the_rule_is_the_one_asked_for():
    toy = Toy(["u**2 - a"], "u", "a", rule_error=1e-3)
    found = newton(toy, np.array([[1.0]]), np.array([[2.0]]), polish=False, order=8)
    assert found.converged[0] and found.error.tolist() == [[0.0]] and toy.orders == {8}
    assert not newton(toy, np.array([[1.0]]), np.array([[2.0]])).converged[0]
    assert max(toy.orders) > 16


def test_no_more_steps_than_allowed():
    toy = Toy(["u**2 - a"], "u", "a")
    once = newton(toy, np.array([[2.0]]), np.array([[2.0]]), steps=1, polish=False)
    assert once.u[0, 0] == pytest.approx(1.5, abs=1e-15) and not once.converged[0]
    assert once.residual[0] == pytest.approx(0.25, abs=1e-15)


UNDETERMINED = Toy(["u + v - a", "2*u + 2*v - 2*a"], "u v", "a")


def test_a_singular_matrix_takes_the_shortest_step():
    found = newton(UNDETERMINED, np.zeros((2, 1)), np.array([[1.0]]))
    assert found.u[:, 0] == pytest.approx([0.5, 0.5], abs=1e-12) and found.residual[0] < 1e-14


def test_equations_that_do_not_determine_their_unknowns_have_no_solution():
    found = newton(UNDETERMINED, np.zeros((2, 1)), np.array([[1.0]]))
    assert not found.converged[0] and np.isinf(found.error).all()
    assert "do not determine" in found.shortfall(0)


def test_no_root_says_how_close_it_came():
    found = newton(Toy(["u**2 + a"], "u", "a"), np.array([[0.7]]), np.array([[1.0]]))
    assert not found.converged[0] and found.residual[0] >= 1.0
    assert f"{found.residual[0]:.2g}" in found.shortfall(0)


@pytest.mark.parametrize("exponents", [(0, -40, 0), (60, 0, -60), (-80, -80, -80), (5, -90, 30)])
def test_errors_do_not_depend_on_the_units_of_unknowns_and_equations(exponents):
    """A load may be 1e-80: an unknown in another unit has its error in that unit, and zeros stay where they are."""
    matrix = np.array([[2.0, 0.0, 1.0], [0.0, 3.0, -1.0], [0.5, 0.0, 0.0]])
    wanting = np.array([1e-12, 2e-12, 3e-12])
    plain = np.abs(np.linalg.inv(matrix)) @ wanting
    units = 10.0 ** np.array(exponents)
    assert _spread((matrix / units)[None], wanting[None])[0] == pytest.approx(plain * units, rel=1e-12)
    equations = np.array([1e3, 1.0, 1e-3])
    assert _spread((matrix * equations[:, None] / units)[None], (wanting * equations)[None])[0] == pytest.approx(plain * units)
