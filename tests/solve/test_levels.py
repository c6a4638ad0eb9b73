"""Many levels: two codes for the same equations, known energies, and the order of the ansätze."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special

import dammech as dm
from dammech.equations import Theory, compiled
from dammech.equations.generate import _function
from dammech.equations.levels import LevelSystem
from dammech.equations.propagation import Grid
from dammech.equations.quadrature import nodes
from dammech.equations.systems import state
from dammech.errors import InputError
from dammech.phases.levels import level_spinodal
from dammech.solve.levels import LevelState, approached, discretised_state, is_hierarchy, level_state, refined
from dammech.solve.newton import Roots, newton

MEMORY = dm.HebbianDAM(order=3)

ONE_STEP = [
    (MEMORY, True, [0.879, 0.94, 0.105, 6.2], [0.8 / 6]),
    (MEMORY, False, [0.65, 0.68, 0.99, 0.096], [0.1541, 0.0333]),
    (dm.HebbianDAM(order=2), True, [0.9668, 0.9965, 0.053, 36.8], [0.13818]),
    (dm.HebbianDAM(order=2), False, [0.9668, 0.9961, 0.9996, 0.149], [0.13819, 0.005]),
    (dm.PSpin(order=2), True, [0.477, 0.24, 1.36], []),
]


@pytest.mark.parametrize("model, cold, u, p", ONE_STEP)
def test_level_by_level_agrees_with_nested_quadrature(model, cold, u, p):
    u, p = np.array(u)[:, None], np.array(p, dtype=float)[:, None]
    nested = compiled(Theory(model, "1rsb", variant="zero" if cold else "finite"), "state")
    levels = LevelSystem(model, 1, cold)
    assert levels.unknowns == nested.unknowns and levels.parameters == nested.parameters
    assert levels.residual(u, p) == pytest.approx(nested.residual(u, p), abs=2e-12)
    scale = 1 + np.abs(nested.jacobian(u, p))
    # differenced: it steers Newton's method, whose result is judged by the residual alone
    assert np.abs((levels.jacobian(u, p) - nested.jacobian(u, p)) / scale).max() < 1e-5
    for name, value in levels.outputs(u, p).items():
        assert value == pytest.approx(nested.outputs(u, p)[name], abs=1e-8), name


def test_more_quadrature_points_change_nothing():
    system = LevelSystem(MEMORY, 2, True)
    u = np.array([[0.65, 0.66, 0.95, 0.09, 2.6, 6.3]]).T
    p = np.array([[0.155]])
    assert system.residual(u, p) == pytest.approx(system.residual(u, p, 25), abs=1e-12)


@pytest.mark.parametrize(("free", "held"), [(None, ()), (0, ("m",))])
def test_a_guess_comes_closer_with_and_without_a_parameter_that_is_free(free, held):
    """Where the overlap is held, the load that belongs to it is found along with the rest."""
    system, p = LevelSystem(MEMORY, 1, True), np.array([0.8 / 6])
    u = newton(system, np.array([[0.879, 0.94, 0.105, 6.2]]).T, p[:, None]).u[:, 0]
    guess, at = u * [1.0, 0.99, 1.05, 0.95], p * (1.0 if free is None else 1.03)
    closer = approached(system, guess, at, held, free)
    assert np.abs(closer / u - 1).max() < 1e-4 and (free is None or closer[0] == guess[0])


@pytest.mark.parametrize(("steps", "cold"), [(1, False), (2, False), (2, True)])
def test_a_step_of_an_overlap_is_small_against_the_gaps_beside_it(steps, cold):
    """From 0 to the first overlap, between overlaps, and from the last to 1."""
    system = LevelSystem(MEMORY, steps, cold)
    count = steps if cold else steps + 1
    for overlaps in ([0.004, 0.5, 0.97], [0.3, 0.31, 0.9], [0.0, 0.4, 1.0]):
        overlaps = overlaps[:count]
        point = np.array([0.7, *overlaps, *([0.2] if cold else []), *[0.1] * steps, 0.1, *([] if cold else [0.02])])
        beside = [min(x - a, b - x) for a, x, b in zip([0.0, *overlaps], overlaps, [*overlaps[1:], 1.0])]
        scales = system._scales(point)
        assert scales[1 : 1 + count] == pytest.approx(np.maximum(beside, 1e-9)) and scales[0] == 0.7
        assert scales[1 + count :] == pytest.approx(point[1 + count :])
        assert (system._scales(point * np.where(np.arange(len(point)), 1, -1)) == scales).all()  # an overlap m < 0


@pytest.mark.parametrize("cold", [True, False])
@pytest.mark.parametrize(("old", "new"), [(1, 2), (2, 3), (3, 4), (3, 7)])
def test_a_finer_staircase_goes_through_the_curve_of_a_coarser_one(cold, old, new):
    """Along q = 1 - e^{-0.4 - 1.5 x}, sizes e^{-2.5 + 1.1 x}: of geometric sequences a finer one is known."""
    coarse, fine = LevelSystem(MEMORY, old, cold), LevelSystem(MEMORY, new, cold)

    def staircase(steps):
        overlaps = 1 - np.exp(-0.4 - 1.5 * np.arange(steps) / steps)
        return overlaps, np.exp(-2.5 + 1.1 * (np.arange(steps) + 0.5) / steps)

    overlaps, sizes = staircase(old)
    u = np.array([0.7, *overlaps, *([0.1] if cold else [0.9]), *sizes])
    p = np.array([[0.1], *([] if cold else [[0.02]])])
    roots = Roots(u[:, None], p, np.zeros(1), np.zeros((len(u), 1)), np.ones(1, bool))
    guess = refined(LevelState(coarse, roots), fine, 0.0 if cold else 0.02)
    assert len(guess) == len(fine.unknowns) and is_hierarchy(fine, guess) and guess[0] == 0.7
    q, blocks = guess[1 : 1 + new], guess[-new:]
    if cold:
        assert guess[1 + new] == pytest.approx(0.06)
    else:
        assert guess[1 + new] == 0.9 and np.all(1 - blocks >= 0.5 * (1 - sizes[-1]) / np.arange(new, 0, -1) - 1e-15)
        assert q[0] == pytest.approx(overlaps[0]) or old == 1
    if old > 1:
        finer = staircase(new)
        straight = overlaps[0] + (0.9 - overlaps[0]) * np.linspace(0, 0.98, new)
        assert blocks == pytest.approx(finer[1]) and q == pytest.approx(finer[0] if cold else np.minimum(finer[0], straight))


def test_interpolation_is_spectral():
    grid = Grid(0.3, 12.0, 16)
    at = np.linspace(-11.9, 11.9, 501)
    assert grid.interpolation(at) @ np.tanh(grid.fields) == pytest.approx(np.tanh(at), abs=1e-9)


def test_an_empty_step_is_no_step():
    system = LevelSystem(dm.PSpin(order=2), 2, True)
    assert is_hierarchy(system, np.array([0.3, 0.8, 0.1, 0.8, 2.7]))
    assert not is_hierarchy(system, np.array([0.3, 0.3, 0.1, 0.8, 2.7]))
    assert not is_hierarchy(system, np.array([0.3, 0.8, 0.1, 0.8, 0.8]))
    rising, error = np.array([0.3, 0.8, 0.1, 0.8, 2.7]), np.zeros(5)
    for row, large in ((1, 0.6), (3, 0.9), (4, 2.0)):  # no level is told apart by less than its error
        error[:] = 0
        assert is_hierarchy(system, rising, error)
        error[row] = large
        assert not is_hierarchy(system, rising, error)


@pytest.mark.parametrize("name", ["0rsb", "31rsb", "rsb", "full", "1RSB"])
def test_unknown_ansatz_is_one_sentence(name):
    with pytest.raises(InputError, match=r"^ansatz=.*must be rs, 1rsb"):
        dm.solve(MEMORY, load=0.1, temperature=0, ansatz=name)


def test_two_steps_of_the_sherrington_kirkpatrick_model():
    found = dm.solve(dm.PSpin(order=2), temperature=0, ansatz="2rsb")
    assert found["energy"] == pytest.approx(-0.7636080105385, abs=1e-11)
    assert found.residual <= 1e-10 and found.valid is False


@pytest.mark.parametrize(("T", "one"), [(1e-6, -0.7652594), pytest.param(0.7, -0.8345800, marks=pytest.mark.slow)])
def test_two_steps_are_followed_from_zero_temperature(T, one):
    """The SK glass at two steps: f rises with each step of breaking, and q_2 → 1 − CT."""
    glass = dm.PSpin(order=2)
    found, cold = (level_state(glass, 2, "glass", load=None, temperature=x) for x in (T, 0.0))
    assert one < found.outputs()["free_energy"] < one + 0.003
    if T < 0.01:
        assert (1 - found.values["q2"]) / T == pytest.approx(cold.values["C"], rel=1e-4)
        assert found.values["theta2"] / T == pytest.approx(cold.values["y2"], rel=1e-4)


@pytest.mark.slow
def test_energies_rise_with_the_number_of_steps():
    glass = dm.PSpin(order=2)
    energies = [dm.solve(glass, temperature=0, ansatz=f"{k}rsb")["energy"] for k in (1, 2, 3)]
    assert energies == pytest.approx([-0.7652594346737, -0.7636080105385, -0.7633134809804], abs=1e-10)
    five = level_state(glass, 5, "glass", load=None, temperature=0.0)
    assert five is not None
    assert energies[-1] < five.outputs()["free_energy"] < -0.763166  # of full breaking


@pytest.mark.slow
def test_a_discretised_parisi_solution_is_close_to_full_breaking():
    """Ten or twelve fixed block sizes: energy and overlap move by less than the last step of the optimal hierarchy did."""
    glass = discretised_state(dm.PSpin(order=2), 12, "glass", load=None, temperature=0.0)
    assert glass is not None and glass.roots.residual[0] <= 1e-10
    assert glass.outputs()["free_energy"] == pytest.approx(-0.763166, abs=1.5e-5)
    memory = discretised_state(MEMORY, 10, "retrieval", load=0.8 / 6, temperature=0.0)
    three = level_state(MEMORY, 3, "retrieval", load=0.8 / 6, temperature=0.0, rough=True)  # y_3 is known to 4e-5 only
    assert memory is not None and three is not None and three.roots.residual[0] < 1e-14
    assert memory.values["m"] == pytest.approx(three.values["m"], abs=2e-4)
    assert memory.outputs()["free_energy"] == pytest.approx(three.outputs()["free_energy"], abs=2e-6)


@pytest.mark.slow
@pytest.mark.parametrize(
    "order, unit, two", [(2, 1, 0.1381963418222), (3, 6, 0.9283917070062)], ids=["p=2", "p=3"]
)
def test_two_step_spinodal(order, unit, two):
    found = level_spinodal(dm.HebbianDAM(order=order), 2, temperature=0.0)
    assert found is not None
    assert found.roots.p[0, 0] * unit == pytest.approx(two, abs=1e-10)


@pytest.mark.slow
def test_two_step_spinodal_by_nested_quadrature():
    """The special code of two levels, generated from the derivation, at the turning point of the general one."""
    found = level_spinodal(dm.HebbianDAM(order=2), 2, temperature=0.0)
    assert found is not None
    system = state(Theory(dm.HebbianDAM(order=2), "2rsb", variant="zero").free_energy())
    lines = _function("residual", system, (len(system.equations),), system.equations, "Left-hand sides.")
    names: dict[str, object] = {"numpy": np, "scipy": scipy, "nodes": nodes, "ORDER": 12}
    exec("\n".join(lines), names)
    residual = names["residual"](found.roots.u, found.roots.p, 12)  # type: ignore[operator]
    assert np.abs(residual).max() < 1e-9
    moved = names["residual"](found.roots.u * (1 + 1e-6), found.roots.p, 12)  # type: ignore[operator]
    assert np.abs(moved).max() > 1e-7
