"""Every kind of system made from a small free energy: its roots by hand, its matrix by differences."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from toy_equations import differenced

import dammech as dm
from dammech.equations import Theory, compiled
from dammech.solve import augmented, newton

m, q, a, h, z = sp.symbols("m q a h z")
QUARTIC = dm.FreeEnergy(m**4 / 4 - a * m**2 / 2 - h * m, order_parameters=[m], parameters=[a, h], replicon=m - a)
PAIR = dm.FreeEnergy(m**2 / 2 + q**2 / 2 - a * m * q - h * m + m**2 * q**2 / 4, order_parameters=[m, q], parameters=[a, h])
FIELD = dm.FreeEnergy(
    m**2 / 2 - a * dm.GaussianAverage(dm.log2cosh((m + h * z) / a), z), order_parameters=[m], parameters=[a, h]
)
THEORIES = {"quartic": QUARTIC, "pair": PAIR, "field": FIELD}
POINT = np.array([[0.7, 0.9], [1.1, 0.4]])  # a, h


def system(name, kind, *arguments):
    return compiled(Theory.of(THEORIES[name]), kind, *arguments)


def unknowns(found, points=2):
    return np.random.default_rng(3).uniform(0.3, 0.9, (len(found.unknowns), points))


@pytest.mark.parametrize("kind", ["state", "instability", "landscape"])
@pytest.mark.parametrize("name", ["quartic", "pair", "field"])
def test_the_matrix_is_that_of_the_equations(name, kind):
    found = system(name, kind)
    u = unknowns(found)
    p = np.concatenate([[[0.5, 0.6]], POINT]) if kind == "landscape" else POINT
    assert found.parameters == [*(["m"] if kind == "landscape" else []), "a", "h"]
    assert found.jacobian(u, p) == pytest.approx(differenced(found, u, p), abs=2e-8)
    assert found.residual(u, p).shape == (len(found.residual(u, p)), 2) and found.inside(u, p).all()


def test_the_state_is_stationary_in_the_free_energy_that_it_reports():
    for name in THEORIES:
        found = system(name, "state")
        u = unknowns(found)
        for k in range(len(u)):
            up, down = u.copy(), u.copy()
            up[k] += 1e-5
            down[k] -= 1e-5
            slope = (found.outputs(up, POINT)["free_energy"] - found.outputs(down, POINT)["free_energy"]) / 2e-5
            equation = found.residual(u, POINT)[k]
            assert np.abs(slope).min() > 1e-3 and (equation / slope == pytest.approx(equation[0] / slope[0], rel=1e-6))


def test_outputs_are_those_of_the_expression():
    found = system("quartic", "state")
    values = found.outputs(np.array([[0.5, 2.0]]), POINT)
    assert values["free_energy"] == pytest.approx([0.5**4 / 4 - 0.7 * 0.5**2 / 2 - 1.1 * 0.5, 4 - 0.9 * 2 - 0.4 * 2], abs=1e-15)
    assert values["replicon"] == pytest.approx([0.5 - 0.7, 2 - 0.9], abs=1e-15)


def test_the_fold_of_the_quartic():
    fold = augmented.fold(system("quartic", "state"))
    assert fold.unknowns == ["m", "v_m"]
    found = newton(fold, np.array([[-0.5], [1.0]]), np.array([[0.9], [0.3]]), (1,))
    assert found.converged[0] and found.u[0, 0] == pytest.approx(-np.sqrt(0.3), abs=1e-10)
    assert found.p[1, 0] == pytest.approx(2 * 0.3**1.5, abs=1e-13)


def test_the_zero_of_an_output_lies_on_the_branch():
    zero = augmented.zero(system("quartic", "state"), "replicon")
    found = newton(zero, np.array([[1.3]]), np.array([[1.2], [0.9]]), (1,))
    assert found.converged[0]
    assert found.u[0, 0] == pytest.approx(1.2, abs=1e-12) and found.p[1, 0] == pytest.approx(1.2**3 - 1.2**2, abs=1e-12)


def test_the_origin_is_unstable_where_its_matrix_is_singular():
    pair = system("pair", "instability")
    assert pair.unknowns == [] and pair.residual(np.empty((0, 2)), np.array([[1.0, 0.5], [0.0, 0.0]])).shape == (1, 2)
    value = pair.residual(np.empty((0, 2)), np.array([[1.0, 0.5], [0.0, 0.0]]))[0]
    assert value[0] == pytest.approx(0, abs=1e-15) and abs(value[1]) == pytest.approx(0.75, abs=1e-15)


def test_two_branches_cross_where_their_free_energies_do():
    crossing = augmented.crossing(system("quartic", "state"), system("quartic", "state"))
    assert crossing.unknowns == ["m", "m_2"]
    u, p = np.array([[1.1], [-0.8]]), np.array([[1.0], [0.05]])
    matrix, plain = crossing.jacobian(u, p), differenced(crossing, u, p)
    assert matrix[:2] == pytest.approx(plain[:2], abs=1e-8) and matrix[2, 2:] == pytest.approx(plain[2, 2:], abs=1e-8)
    found = newton(crossing, u, p, (1,))
    assert found.converged[0] and found.p[1, 0] == pytest.approx(0, abs=1e-12)  # m → −m
    assert found.u[:, 0] == pytest.approx([1, -1], abs=1e-12)
    values = crossing.outputs(found.u, found.p)
    assert values["free_energy"] == pytest.approx([-0.25], abs=1e-12) and values["free_energy_2"] == pytest.approx([-0.25])


def test_a_landscape_holds_the_first_order_parameter():
    landscape = system("pair", "landscape")
    assert landscape.unknowns == ["q"] and landscape.parameters == ["m", "a", "h"]
    p = np.array([[0.5], [0.7], [0.2]])
    found = newton(landscape, np.array([[0.1]]), p)
    assert found.converged[0] and found.u[0, 0] == pytest.approx(0.35 / (1 + 0.125), abs=1e-13)  # q (1 + m²/2) = a m
