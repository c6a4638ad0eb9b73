"""Parts of searches for states by themselves: strands through folds, folds that are believed, what a glass is told to be."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from toy_equations import Toy

import dammech as dm
from dammech.equations import Theory
from dammech.solve import declared, edge
from dammech.solve.breaking import _symmetric_glass
from dammech.solve.broken import branch_theory
from dammech.solve.declared import lowest
from dammech.solve.onset import onset
from dammech.solve.strands import strands

# a fold at a = 0, alone with a branch that runs across, and with a second unknown
FOLD = Toy(["(u**2 - a) * (u - 3 - a / 2)"], "u", "a", outputs={"free_energy": "u"})
PAIR = Toy(["u**2 - a", "v - u/2"], "u v", "a", outputs={"free_energy": "u"})


def followed(system, u, a, towards):
    count = u.shape[1]
    low, high = np.full(count, -0.5), np.full(count, 1.5)
    return strands(system, u, np.full((1, count), a), 0, low, high, np.full(count, towards))


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7])
def test_strands_go_through_a_fold_however_many_there_are(count):
    """As many strands as components are no special case: every one leaves by the other side of its fold."""
    u = np.resize([1.0, -1.0], (1, count))
    found = followed(FOLD, u, 1.0, -1.0)
    assert found.u.shape == found.p.shape and found.along.shape == (2, found.p.shape[1], count)
    for k in range(count):
        x, a, t = found.u[0, :, k], found.p[0, :, k], found.along[1, :, k]
        fine = np.isfinite(x)
        assert fine[: fine.sum()].all()  # without gaps
        x, a, t = x[fine], a[fine], t[fine]
        assert np.abs(x**2 - a).max() < 1e-8 and a[-1] > 1.5 and np.sign(x[-1]) == -np.sign(x[0])
        assert a.min() < 0.05 and t[0] < 0 < t[-1] and (np.diff(np.sign(t)) != 0).sum() == 1
        assert 8 < x.size < 60


def test_a_strand_that_has_no_fold_runs_across():
    found = followed(FOLD, np.array([[3.5, 1.0, 3.5]]), 1.0, -1.0)
    for k in (0, 2):
        x, a = found.u[0, :, k], found.p[0, :, k]
        assert np.nanmin(a) < -0.5 and np.nanmax(a) == 1.0 and np.nanmax(np.abs(x - 3 - a / 2)) < 1e-8


@pytest.mark.parametrize("count", [1, 3, 4])
def test_strands_of_two_unknowns_go_through_a_fold(count):
    u = np.resize([1.0, -1.0], count) * np.array([[1.0], [0.5]])
    found = followed(PAIR, u, 1.0, -1.0)
    for k in range(count):
        x, v, a = found.u[0, :, k], found.u[1, :, k], found.p[0, :, k]
        fine = np.isfinite(x)
        assert np.abs(x**2 - a)[fine].max() < 1e-8 and np.abs(v - x / 2)[fine].max() < 1e-8
        assert a[fine][-1] > 1.5 and np.sign(x[fine][-1]) == -np.sign(x[0])


# -- the fold that a branch ends at -----------------------------------------------------------------------------------

HOPFIELD = branch_theory(Theory.of(dm.HebbianDAM(2)), "retrieval", "finite")


@pytest.fixture
def spoiled(monkeypatch):
    """What Newton's method answers for folds is changed; tells how often it was asked, and what for."""
    newton = edge.newton

    def spoil(change):
        asked = []

        def changed(*arguments, **options):
            roots = newton(*arguments, **options)
            asked.append(roots.p[-1])
            return change(roots) if change else roots

        monkeypatch.setattr(edge, "newton", changed)
        return asked

    return spoil


def test_folds_where_there_are_some_and_nothing_where_there_is_no_branch(spoiled):
    asked = spoiled(None)
    u, loads = edge.ends_in_load(HOPFIELD, np.array([[0.2, 2.0, 0.3]]))
    assert np.isfinite(loads).tolist() == [True, False, True] == np.isfinite(u).all(axis=0).tolist()
    assert 0.1 < loads[2] < loads[0] < 0.138
    assert [T.tolist() for T in asked] == [[0.2, 0.3]]  # once, where there is something to ask
    (point,) = dm.boundary(dm.HebbianDAM(2), "retrieval-spinodal", temperatures=0.2).points
    assert loads[0] == pytest.approx(point["load"], rel=1e-9) and u[0, 0] == pytest.approx(point["m"], abs=1e-6)


@pytest.mark.parametrize(
    "change",
    [
        lambda roots: dataclasses.replace(roots, converged=np.zeros_like(roots.converged)),
        lambda roots: dataclasses.replace(roots, u=np.where(np.arange(len(roots.u))[:, None] == 0, 0.9e-3, roots.u)),
        lambda roots: dataclasses.replace(roots, p=roots.p * np.array([[0.5], [1.0]])),
    ],
    ids=["not converged", "no overlap", "below a state that was found"],
)
def test_a_fold_that_is_not_one_is_not_believed(spoiled, change):
    asked = spoiled(change)
    u, loads = edge.ends_in_load(HOPFIELD, np.array([[0.2]]))
    assert np.isnan(loads).all() and np.isnan(u).all() and len(asked) == 3


def test_a_branch_without_a_fold_in_the_range_has_none_that_is_known(monkeypatch, spoiled):
    asked = spoiled(None)
    monkeypatch.setattr(edge, "_SCAN", np.geomspace(1e-6, 1e-2, 25))
    assert np.isnan(edge.ends_in_load(HOPFIELD, np.array([[0.2]]))[1]).all() and not asked


# -- transitions of the p-spin glass ----------------------------------------------------------------------------------


def test_why_the_glass_is_symmetric_names_its_transitions():
    """T_s = 0.651385 and T_d = 0.681598 at p = 3, J = 1; those of the memory scale with the root of the load."""
    target = Theory.of(dm.PSpin(3), "1rsb")
    above, between, below, cold = (_symmetric_glass(target, np.array(T)) for T in ([0.7], [0.66], [0.6], []))
    assert above.endswith("(at 0.651385 in canonical units)") and "above the transitions" in above
    assert "static transition (0.651385 in" in between and "dynamic one (0.681598)" in between
    assert below is None is cold
    assert _symmetric_glass(target, np.array([0.6815])) != above and "above" in _symmetric_glass(target, np.array([0.6817]))
    memory, load = Theory.of(dm.HebbianDAM(3), "1rsb"), 0.04
    unit = onset(memory.model).broken / 0.651385226936 * 0.2
    assert "above" in _symmetric_glass(memory, np.array([load, 0.6817 * unit]))
    assert f"static transition ({0.651385226936 * unit:.6g} in" in _symmetric_glass(memory, np.array([load, 0.66 * unit]))
    assert _symmetric_glass(memory, np.array([load, 0.65 * unit])) is None


# -- the lowest of the states that were found ---------------------------------------------------------------------------


def _any(u, p, *order):
    """Every state is wanted."""
    return np.ones(u.shape[1], dtype=bool)


def test_where_no_start_has_arrived_the_closest_is_taken_further(monkeypatch):
    system = Toy(["(u - 1)*(u**2 + a)"], "u", "a", outputs={"free_energy": "u"})
    u, residual = np.repeat([[[1e9], [1.01], [-1e9]]], 2, axis=2), np.array([[7.0, np.inf], [1e-4, 1e-4], [9.0, np.nan]])
    found = u, residual, np.zeros((3, 2), dtype=bool)
    monkeypatch.setattr(declared._states, "search", lambda *arguments: found)
    roots = lowest(system, np.ones((1, 2)), np.zeros((1, 3)), _any)
    assert roots.found.all() and roots.u.ravel() == pytest.approx([1.0, 1.0], abs=1e-12)


@pytest.mark.parametrize("height", [1e-6, 1.0, 1e8])
@pytest.mark.parametrize("first", [1.0, -1.0])
def test_of_two_mirror_images_the_positive_one_however_deep_they_are(height, first):
    """Whichever is met first, with a maximum between them and with a field that decides."""
    system = Toy([f"{height!r}*(u**3 - u) - h"], "u", "h", outputs={"free_energy": f"{height!r}*(u**4/4 - u**2/2) - h*u"})
    tried = np.array([[first, -first, 0.0]])
    roots = lowest(system, np.array([[0.0, 1e-3, -1e-3]]) * height, tried, _any)
    assert np.sign(roots.u[0]).tolist() == [1.0, 1.0, -1.0] and np.abs(np.abs(roots.u[0]) - 1).max() < 1e-3
