"""Searches for states on systems whose states are known: which start is taken when, and what is made of what was found."""

from __future__ import annotations

import importlib
import math
from types import SimpleNamespace

import numpy as np
import pytest
from toy_equations import Toy

from dammech.declared.units import convention
from dammech.solve import breaking, broken, continuation, edge, equilibrium, levels, onset, states, strands, turning
from dammech.solve.broken import shortfall
from dammech.solve.equilibrium import Judgement
from dammech.solve.newton import Roots
from dammech.solve.recorder import Asked
from dammech.solve.solution import Solution

# functions have their names in the room
complexity, newton = (importlib.import_module(f"dammech.solve.{name}") for name in ("complexity", "newton"))

# -- beyond a fold there is nothing, below it a state that a search may have missed -----------------------------------


@pytest.mark.parametrize("unknowns", ["m", "m C"])
def test_what_a_search_missed_is_followed_from_the_fold(monkeypatch, unknowns):
    """(m − 1)² = 1 − load/T²: the branch ends at load T²; the search sees it up to 0.6 T² only."""
    equations = ["(m - 1)**2 - 1 + load/T**2", "C - m/2"][: len(unknowns.split())]
    system = Toy(equations, unknowns, "load T", {"free_energy": "m"})

    def search(theory, p, thorough=True):
        overlap = 1 + np.sqrt(np.maximum(1 - p[0] / p[1] ** 2, 0))
        seen = p[0] < 0.6 * p[1] ** 2
        u = np.where(seen, np.array([overlap, overlap / 2])[: len(system.unknowns)], np.nan)
        return states.finish(system, u, p, seen)

    monkeypatch.setattr(edge, "compiled", lambda *a: system)
    monkeypatch.setattr(edge, "ordered", search)
    share = np.array([0.5, 0.7, 0.999, 1 - 1e-9, 1 + 1e-9, 1.7, 0.3, 0.61])
    T = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.5])
    p = np.array([share * T**2, T])
    theory = SimpleNamespace(model=SimpleNamespace(noise_strength=0.25))
    found, ends = edge.settled(theory, search(theory, p))
    there = share < 1
    assert found.found.tolist() == there.tolist() == found.stable.tolist()
    assert found.u[0, there] == pytest.approx(1 + np.sqrt(1 - share[there]), abs=1e-9)
    assert np.isnan(ends[[0, 6]]).all() and ends[[1, 2, 3, 4, 5, 7]] == pytest.approx(T[[1, 2, 3, 4, 5, 7]] ** 2, rel=1e-12)
    assert (found.residual[there] < 1e-10).all() and (found.error[there] < 1e-6).all()
    whole = search(theory, p[:, [0, 6]])
    same, none = edge.settled(theory, whole)
    assert same is whole and np.isnan(none).all()


def test_a_fold_is_looked_for_in_units_of_the_load_and_of_the_weight(monkeypatch):
    asked = []

    def search(theory, p, thorough):
        asked.append((p.copy(), thorough))
        return SimpleNamespace(found=np.zeros(p.shape[1], dtype=bool))

    for parameters, rest, unit in (("load T", [[0.2, 0.3]], [4, 4]), ("load T Lambda", [[0.2, 0.2], [1.0, 0.5]], [4, 1])):
        asked.clear()
        monkeypatch.setattr(edge, "compiled", lambda *a, parameters=parameters: Toy(["m - load"], "m", parameters))
        monkeypatch.setattr(edge, "ordered", search)
        u, loads = edge.ends_in_load(SimpleNamespace(model=SimpleNamespace(noise_strength=0.25)), np.array(rest))
        _, (p, thorough) = asked
        assert not thorough and np.isnan(u).all() and np.isnan(loads).all() and u.shape == (1, 2)
        p = p.reshape(len(p), -1, 2)
        assert p[0] == pytest.approx(np.geomspace(1e-6, 1, 25)[:, None] * unit) and (p[1:] == np.array(rest)[:, None]).all()


@pytest.mark.parametrize("bend", [9.0, 0.04])
@pytest.mark.parametrize("slope", [None, 5.0, -5.0])
@pytest.mark.parametrize("sign", [1, -1])
def test_from_a_fold_each_guess_is_the_state_where_that_is_a_parabola(monkeypatch, bend, slope, sign):
    """load = T (1 − b (m − 0.4)²): below its end the branch is m = 0.4 + √((1 − load/T)/b), alone or with C = 5m or −5m,
    whatever the sign of the soft direction."""
    soft = edge.augmented.null_vector
    own = [f"{bend}*(m - 2/5)**2 - 1 + load/T"]
    system = Toy(own, "m", "load T") if slope is None else Toy([*own, f"C - {slope}*m"], "m C", "load T")
    guesses = []

    def noted(system, u, p):
        guesses.append(system.residual(u, p))
        return SimpleNamespace(u=u)

    monkeypatch.setattr(edge, "compiled", lambda *a: system)
    monkeypatch.setattr(edge, "newton", noted)
    monkeypatch.setattr(edge.augmented, "null_vector", lambda *a: sign * soft(*a))
    ends, fold = np.array([1.0, 0.3]), 0.4 * np.array([[1.0, 1.0], 2 * [slope or 0.0]])[: len(system.unknowns)]
    share = np.array([0.9, 1 - 1e-6])
    u = edge._inwards(None, fold, ends, np.array([share * ends, ends]))
    assert len(guesses) > 9 and np.abs(guesses).max() < 1e-7
    assert u[0] == pytest.approx(0.4 + np.sqrt((1 - share) / bend), rel=1e-6)


# -- one step of breaking ---------------------------------------------------------------------------------------------

GLASS = Toy(["q1 - T - a", "theta - 2*T"], "q1 theta", "a T", {"free_energy": "q1"})


class Sought:
    """``find_broken`` on states q_1 = a + T, θ = 2T, with what it asks for noted and answered as a test wants."""

    def __init__(self, monkeypatch, system=GLASS, **guesses):
        self.asked = []
        for name in ("scan", "_from_zero_temperature", "_from_elsewhere"):
            answer = guesses.get(name)

            def asked(target, *rest, name=name, answer=answer):
                which = rest[-1] if name == "_from_elsewhere" else None
                self.asked.append(name if which is None else (name, which))
                return answer

            monkeypatch.setattr(broken, name, asked)
        monkeypatch.setattr(broken, "state_of", lambda theory: system)
        monkeypatch.setattr(broken, "branch_theory", lambda *a: None)

    def at(self, *points, branch="glass", variant="finite", thorough=True):
        self.asked.clear()
        return broken.find_broken(None, branch, variant, np.array(points).T, thorough=thorough)


GUESS = np.array([0.5, 0.5])


def test_where_a_scan_has_a_guess_nothing_else_is_asked(monkeypatch):
    search = Sought(monkeypatch, scan=GUESS)
    for T in (0.3, 0.005):
        found = search.at([0.4, T])
        assert search.asked == ["scan"] and found.found.all() and found.short == [None]
        assert (
            found.u[:, 0] == pytest.approx([0.4 + T, 2 * T]) and found.residual[0] < 1e-12 and np.isfinite(found.error).all()
        )


@pytest.mark.parametrize(("T", "cold"), [(0.02, False), (0.01003, False), (0.01, True), (0.001, True)])
def test_a_cold_state_is_sought_from_the_ground_where_a_scan_has_nothing(monkeypatch, T, cold):
    search = Sought(monkeypatch, _from_zero_temperature=GUESS)
    found = search.at([0.4, T], thorough=False)
    assert search.asked == ["scan", "_from_zero_temperature"][: 1 + cold] and found.found.tolist() == [cold]
    search.at([0.4, T])
    assert search.asked == (["scan", "_from_zero_temperature"] if cold else ["scan", ("_from_elsewhere", 1)])
    search.at([0.4, T], branch="retrieval", variant="zero", thorough=False)
    assert search.asked == ["scan"]


@pytest.mark.parametrize(
    ("branch", "variant", "which"),
    [
        ("retrieval", "finite", 0),
        ("retrieval", "zero", 0),
        ("glass", "finite", 1),
        ("glass", "zero", None),
        ("spin-glass", "finite", 1),
    ],
)
def test_elsewhere_is_a_lower_load_or_for_a_glass_a_lower_temperature(monkeypatch, branch, variant, which):
    search = Sought(monkeypatch)
    found = search.at([0.4, 0.3], branch=branch, variant=variant)
    assert search.asked == ["scan", *([] if which is None else [("_from_elsewhere", which)])]
    assert not found.found.any() and found.short == [None] and np.isinf(found.residual).all() and np.isnan(found.u).all()
    search.at([0.4, 0.3], branch=branch, variant=variant, thorough=False)
    assert search.asked == ["scan"]


def test_neighbours_along_a_line_are_solved_from_each_other(monkeypatch):
    search = Sought(monkeypatch, scan=GUESS)
    found = search.at([0.4, 0.3], [0.42, 0.3], [0.44, 0.31])
    assert search.asked == ["scan"] and found.found.all() and found.u[0] == pytest.approx([0.7, 0.72, 0.75])
    found = search.at([0.4, 0.3], [0.4, 0.1], [0.4, 0.3])  # too far to be the same
    assert search.asked == ["scan"] * 3 and found.found.all()
    found = search.at([0.4, 0.3], [0.4, 0.6], [0.4, 0.3])  # a block size above 1 is none
    assert search.asked == ["scan"] * 3 and found.found.tolist() == [True, False, True]
    assert found.short[1] == "the search led to a replica-symmetric state only" and np.isnan(found.u[:, 1]).all()


def told(unknowns, u, error, converged=True, branch="glass"):
    roots = SimpleNamespace(
        u=np.array(u)[:, None], error=np.array(error)[:, None], converged=[converged], shortfall=lambda k: "its residual is 1"
    )
    return shortfall(SimpleNamespace(unknowns=unknowns.split()), roots, branch)


def test_what_a_root_lacks_to_be_a_distinct_state():
    far = "a candidate was found, but its distance from the replica-symmetric state is not resolved"
    none = "the search led to a replica-symmetric state only"
    assert told("q1 theta", [0.8, 0.5], [0, 0], converged=False) == "a candidate was found, but its residual is 1"
    for error, expected in (
        ([0.996 * 0.8e-3, 0], None),
        ([1.004 * 0.8e-3, 0], far),
        ([0, 0.498e-3], None),
        ([0, 0.502e-3], far),
    ):
        assert told("q1 theta", [0.8, 0.5], error) == expected
    for error, expected in (
        ([2e-4, 2.98e-4, 0], None),
        ([2.51e-4, 2.51e-4, 0], far),
        ([0, 6e-4, 0], far),
        ([6e-4, 0, 0], far),
    ):
        assert told("q0 q1 theta", [0.3, 0.8, 0.5], error) == expected
    for y, expected in ((0.996e-3 * 40, None), (1.004e-3 * 40, far)):
        assert told("q0 C y", [0.3, 0.1, 40.0], [0, 9.0, y]) == expected  # T = 0: θ = 0 is no limit, q_1 = 1
    assert (
        told("q0 C y", [0.3, 0.1, 40.0], [6.98e-4, 0, 0]) is None and told("q0 C y", [0.3, 0.1, 40.0], [7.02e-4, 0, 0]) == far
    )
    assert (
        told("q1 theta", [0.8, 1 - 1e-5], [0, 0.996e-5]) is None and told("q1 theta", [0.8, 1 - 1e-5], [0, 1.004e-5]) == far
    )
    for unknowns, u in (
        ("q1 theta", [0.8, 1.0]),
        ("q1 theta", [0.8, 0.996e-9]),
        ("q0 q1 theta", [0.8, 0.8 + 0.996e-5 * 0.2, 0.5]),
        ("q0 q1 theta", [1 - 0.996e-9, 1.0, 0.5]),
        ("q0 q1 theta", [-1e-3, 0.5, 0.5]),
    ):
        assert told(unknowns, u, [0.0] * len(u)) == none
    for unknowns, u in (
        ("q1 theta", [0.8, 1 - 1e-9]),
        ("q1 theta", [0.8, 1.004e-9]),
        ("q0 q1 theta", [0.8, 0.8 + 1.004e-5 * 0.2, 0.5]),
        ("q0 q1 theta", [1 - 1.004e-9, 1.0, 0.5]),
    ):
        assert told(unknowns, u, [0.0] * len(u)) is None
    assert told("m q1 theta", [0.996e-3, 0.8, 0.5], [0, 0, 0], branch="retrieval") == none
    assert told("m q1 theta", [1.004e-3, 0.8, 0.5], [0, 0, 0], branch="retrieval") is None
    assert told("m q1 theta", [0.996e-3, 0.8, 0.5], [0, 0, 0], branch="glass") is None


def test_a_scan_stops_where_the_equation_of_the_size_changes_its_sign(monkeypatch):
    """Sizes with solutions 1 … 4; the equation is negative below the state."""
    sizes, asked = np.array([1.0, 2.0, 3.0, 4.0, 5.0]), []

    def fixed(watched, good, between=None):
        def at(target, system, branch, variant, p, some=None):
            asked.append(None if some is None else some[[0, -1]].tolist())
            held = SimpleNamespace(whole=lambda u, q: (np.concatenate([u, q[-1:]]), None))
            if some is None:
                return sizes, held, sizes[None] * 10, np.array(watched, float), np.array(good, bool)
            w, g = between(some)
            return some, held, some[None] * 10, w, g

        asked.clear()
        monkeypatch.setattr(broken, "at_fixed_sizes", at)
        return broken.scan(None, None, "glass", "finite", np.array([0.3]))

    assert fixed([-3, -1, 1, 2, 3], [1] * 5) == pytest.approx([25, 2.5]) and asked == [None]
    assert fixed([-3, -1, 3, 2, 3], [1] * 5) == pytest.approx([22.5, 2.25])
    assert fixed([1, -1, 0, -2, 3], [1] * 5) == pytest.approx([30, 3])  # the first, and zero counts
    assert fixed([1, 2, -1, -2, -3], [1] * 5) is None and asked == [None]
    assert fixed([-3, -1, 1, 2, 3], [1, 1, 0, 0, 0], lambda s: (s - 2.4, np.ones(s.size, bool))) == pytest.approx(
        [24, 2.4], rel=1e-9
    )
    assert asked == [None, [2, 3]]  # solutions end before it changes: more sizes there
    assert fixed([-3, -1, 1, 2, 3], [0, 0, 1, 1, 1], lambda s: (s - 2.4, np.ones(s.size, bool))) == pytest.approx(
        [24, 2.4], rel=1e-9
    )
    assert fixed([-3, -1, 1, -2, -3], [0, 0, 1, 1, 1], lambda s: (s - 2.4, np.ones(s.size, bool))) == pytest.approx([24, 2.4])
    assert fixed([-3, -1, -1, 2, -3], [0, 0, 1, 0, 0], lambda s: (s, s > 0)) is None and asked == [None, [3, 4]]
    assert fixed([3, 1, 1, 2, 3], [1, 1, 0, 0, 0], lambda s: (s, s > 0)) is None and asked == [None]  # ends beyond it
    assert fixed([-3, -2, -1, -2, 3], [0, 0, 1, 1, 1], lambda s: (s, s > 0)) == pytest.approx([44, 4.4])


def test_a_state_elsewhere_is_followed_to_where_it_is_wanted(monkeypatch):
    """q_1 = T + a, followed upwards in either parameter from the first of 0.97, 0.9 and 0.75 of it that has a state."""
    tried = []

    def sought(target, system, branch, variant, p):
        tried.append(p.tolist())
        return np.array([0.6, 0.5]) if len(tried) >= first else None

    monkeypatch.setattr(broken, "scan", sought)
    for which, first, fraction in ((0, 1, 0.97), (1, 1, 0.97), (1, 2, 0.9), (0, 3, 0.75)):
        tried.clear()
        p = np.array([0.4, 0.3])
        guess = broken._from_elsewhere(None, GLASS, "glass", "finite", p, which)
        assert guess == pytest.approx([0.7, 0.6], abs=1e-9) and len(tried) == first
        assert tried[-1][which] == pytest.approx(fraction * p[which]) and tried[-1][1 - which] == p[1 - which]
    first = 9
    tried.clear()
    assert broken._from_elsewhere(None, GLASS, "glass", "finite", p, 0) is None and len(tried) == 3
    # the branch ends at a = 0.38 before 0.4, where q_1 turns back
    bent = Toy(["(q1 - 0.5)**2 - 0.38 + a", "theta - 2*T"], "q1 theta", "a T")
    monkeypatch.setattr(broken, "scan", lambda *a: np.array([0.5 + math.sqrt(0.08), 0.6]))
    assert broken._from_elsewhere(None, bent, "glass", "finite", p, 0) is None


def test_a_branch_is_followed_through_its_fold_and_not_much_further():
    bent = Toy(["(q1 - 0.5)**2 - 1 + a", "theta - T"], "q1 theta", "a T")
    u, a = broken.along(bent, np.array([1.0 - 1e-3, 0.5]), np.array([1 - (0.5 - 1e-3) ** 2, 0.5]), "glass")
    k = int(np.argmax(a))
    assert 0 < k < a.size - 1 and a[k] == pytest.approx(1, abs=0.01) and u[0, 0] > 0.5 > u[0, -1]
    assert a[-1] > a.max() - 0.01 * a[0] and np.abs((u[0] - 0.5) ** 2 - 1 + a).max() < 1e-9
    _, until = broken.along(GLASS, np.array([0.6, 0.6]), np.array([0.3, 0.3]), "glass", 0, 0.35)
    assert until[-2] <= 0.35 < until[-1] < 0.4 and (np.diff(until) > 0).all()
    few = broken.along(GLASS, np.array([0.6, 0.6]), np.array([0.3, 0.3]), "glass", 1, points=4)[1]
    assert few.size == 4 and few[0] == 0.3


def test_the_ground_is_a_start_where_it_is_cold(monkeypatch):
    cold = SimpleNamespace(
        found=[True], system=SimpleNamespace(unknowns=["m", "q0", "C", "y"]), u=np.array([[0.9], [0.8], [2.0], [5.0]])
    )
    asked = []

    def find(target, branch, variant, p, thorough):
        asked.append((branch, variant, p.tolist(), thorough))
        return cold

    monkeypatch.setattr(broken, "find_broken", find)
    system = SimpleNamespace(unknowns=["m", "q0", "q1", "theta"])
    guess = broken._from_zero_temperature(None, system, "retrieval", np.array([0.1, 0.01]))
    assert guess == pytest.approx([0.9, 0.8, 0.98, 0.05]) and asked == [("retrieval", "zero", [[0.1]], False)]
    alone = SimpleNamespace(unknowns=["q0", "q1", "theta"])
    assert broken._from_zero_temperature(None, alone, "glass", np.array([0.01])) == pytest.approx([0.8, 0.98, 0.05])
    assert asked[-1] == ("glass", "zero", [], False)
    cold.found = [False]
    assert broken._from_zero_temperature(None, system, "retrieval", np.array([0.1, 0.01])) is None


def test_solutions_at_fixed_sizes_and_which_are_distinct(monkeypatch):
    """q_1 = tanh(θ q_1/T + T) iterated from above; the equation of θ changes sign where q_1 = a."""
    system = Toy(["q1 - tanh(2*theta*q1/T + T)", "q1 - a"], "q1 theta", "a T", {"free_energy": "q1"}, "1 - q1**2")
    model = SimpleNamespace(axes=("temperature",), noise_strength=1.0, noise_powers=(3,))
    target = SimpleNamespace(model=model)
    sizes = np.array([0.05, 0.2, 0.5, 0.9])
    found, held, u, watched, good = broken.at_fixed_sizes(target, system, "glass", "finite", np.array([0.7, 0.4]), sizes)
    assert found is sizes and held.unknowns == ["q1"] and good.all()
    assert np.abs(u[0] - np.tanh(2 * sizes * u[0] / 0.4 + 0.4)).max() < 1e-12 and watched == pytest.approx(
        u[0] - 0.7, abs=1e-12
    )
    own = broken.at_fixed_sizes(target, system, "glass", "finite", np.array([0.7, 0.4]))[0]
    assert own[-1] == 1 and own[0] == pytest.approx(0.05 * 0.4) and (np.diff(own) > 0).all()
    continuous = SimpleNamespace(model=SimpleNamespace(axes=("temperature",), noise_strength=1.0, noise_powers=(2, 3)))
    assert broken.at_fixed_sizes(continuous, system, "glass", "finite", np.array([0.7, 0.4]))[0][0] == pytest.approx(
        0.002 * 0.4
    )
    memory = Toy(["m - 9/10", "q1 - 8/10", "q1 - a"], "m q1 theta", "a T", {"free_energy": "q1"}, "1 - q1**2")
    assert broken.at_fixed_sizes(continuous, memory, "retrieval", "finite", np.array([0.7, 0.4]))[0][0] == pytest.approx(
        0.05 * 0.4
    )


def test_an_iteration_goes_on_until_all_have_settled_and_stays_inside():
    """x → 1/2 + x/2 from 3, and x → 2 − 4 x where the full step leaves the domain."""
    half = broken.holding(Toy(["x - 1/2 - x/2 - a", "theta"], "x theta", "a"), ("theta",))
    grid = np.array([[0.0, 0.1, 0.2], [0.5, 0.5, 0.5]])
    x = broken._iterated(half, np.array([[3.0, 1.2, 40.0]]), grid)[0]
    assert x == pytest.approx([1, 1.2, 1.4], abs=2.1e-4) and x[1] == 1.2
    inside = broken.holding(Toy(["5*x - 1", "theta"], "x theta", "a", domain="x + 1/10"), ("theta",))
    x = broken._iterated(inside, np.array([[0.3]]), grid[:, :1])[0]
    assert x == pytest.approx([0.2], abs=0.3) and x[0] > -0.1
    lost = broken.holding(Toy(["log(x - 1)", "theta"], "x theta", "a"), ("theta",))
    assert broken._iterated(lost, np.array([[0.3]]), grid[:, :1])[0] == pytest.approx([0.3])


def test_which_solutions_at_a_size_are_distinct_states():
    system = Toy(["m - 9/10", "q0*(q0 - 1/2)", "q1 - a", "theta*q1 - 1/4"], "m q0 q1 theta", "a", domain="1 - q1")
    held = broken.holding(system, ("theta",))
    u = np.array([[0.9] * 6, [0.5, 0.0, 0.5, 0.5, 0.6, 0.5], [0.8, 0.8, 0.5, 0.8, 0.8, np.nan]])
    grid = np.array([[0.8, 0.8, 0.5, 0.81, 0.8, 0.8], [0.5] * 6])
    for branch, expected in (("retrieval", [1, 1, 0, 0, 0, 0]), ("glass", [1, 0, 0, 0, 0, 0])):
        watched, good = broken._judged(held, u, grid, branch, None)
        assert good.tolist() == [bool(x) for x in expected] and watched[good] == pytest.approx(0.4 - 0.25)
        assert np.isnan(watched[~good]).all()
    u[0] = 0.9e-3
    none = broken.holding(Toy(["m - 0.0009", "q0*(q0 - 1/2)", "q1 - a", "theta*q1"], "m q0 q1 theta", "a"), ("theta",))
    assert (
        not broken._judged(none, u, grid, "retrieval", None)[1].any() and broken._judged(none, u, grid, "glass", None)[1][0]
    )


def test_gaps_between_solutions_are_filled_from_both_sides():
    """x² = θ − 0.1: at sizes from 0.2 on there is a state, of which the third and the fifth are known."""
    system = Toy(["q1**2 - theta + 1/10", "q1 - 1/2"], "q1 theta", "a")
    held = broken.holding(system, ("theta",))
    sizes = np.array([0.05, 0.2, 0.4, 0.5, 0.6, 0.8])
    grid = np.stack([np.zeros(6), sizes])
    good = np.array([False, False, True, False, True, False])
    u = np.where(good, np.sqrt(np.maximum(sizes - 0.1, 0)), 9.0)[None]
    broken._sweep(held, u, grid, good, "glass", None)
    assert good.tolist() == [False, True, True, True, True, True] and u[0, 1:] == pytest.approx(np.sqrt(sizes[1:] - 0.1))
    assert u[0, 0] == 9.0
    for known in (1, 5):  # from one end to the other
        good = np.arange(6) == known
        u = np.where(good, np.sqrt(np.maximum(sizes - 0.1, 0)), 9.0)[None]
        broken._sweep(held, u[:, 1:], grid[:, 1:], good[1:], "glass", None)
        assert good[1:].all() and u[0, 1:] == pytest.approx(np.sqrt(sizes[1:] - 0.1))


# -- where the glass sets in ------------------------------------------------------------------------------------------


def clusters(complexity="T - 0.6", load=1.0, axes=("temperature",), turns="1 - T"):
    """q_1 = 0.4 + √(1 − T)/2 up to T = 1, where it turns back; their complexity is T − 0.6."""
    names = "a T" if "load" in axes else "T"
    system = Toy([f"(q1 - 0.4)**2*4 - ({turns})"], "q1", names, {"complexity": complexity})
    model = SimpleNamespace(axes=axes, noise_strength=0.5, p=4)
    return onset.Clusters(system, model, load)


@pytest.mark.parametrize("axes", [("temperature",), ("load", "temperature")])
def test_clusters_are_followed_to_their_fold(axes):
    made = clusters(axes=axes)
    T = np.array([0.3, 0.5, 0.7, 0.9, 0.99])
    u = 0.4 + np.sqrt(1 - T)[None] / 2
    assert made.dynamic(T, u) == pytest.approx(1, abs=1e-10) and made.static(T, u) == pytest.approx(0.6, abs=1e-10)
    assert made.condensed(T, u) == 1 and clusters("T").condensed(T, u) is None and made.condensed(T[:0], u[:, :0]) is None
    assert np.isnan(made.dynamic(T[:0], u[:, :0])) and np.isnan(clusters("T").static(T, u))
    assert made.point([0.1, 0.2]).tolist() == ([[1, 1], [0.1, 0.2]] if "load" in axes else [[0.1, 0.2]])
    assert made.width == pytest.approx(math.sqrt(0.5)) and clusters(load=4.0).width == pytest.approx(math.sqrt(2))


def test_clusters_are_followed_from_the_cold_until_they_end():
    made = clusters()
    # x − residual leads from above to the upper state while the slope is below 2: 8 (q_1 − 0.4) = 4 √(1 − T)
    slow = onset.Clusters(Toy(["((q1 - 0.4)**2*4 - (1 - T))/4"], "q1", "T", {"complexity": "T - 0.6"}), made.model)
    T, u = slow.followed()
    assert T[0] == pytest.approx(math.sqrt(0.5) * 0.5 * math.sqrt(0.5)) and (np.diff(T) > 0).all()
    assert (
        u[0] == pytest.approx(0.4 + np.sqrt(1 - T) / 2, abs=1e-9) and 0.995 < T[-1] <= 1 and (T[1:] / T[:-1]).max() < 1.0601
    )
    none = onset.Clusters(Toy(["q1 + T"], "q1", "T"), made.model)
    assert none.followed()[0].size == 0
    outer = onset.Clusters(Toy(["q0 - T/4", "q1 - 1 + T/2"], "q0 q1", "T"), made.model)
    T, u = outer.followed()  # gap (1 − 3T/4)/(1 − T/4) > 10⁻²
    assert u[0] == pytest.approx(T / 4) and outer.gap(u) == pytest.approx((1 - 0.75 * T) / (1 - 0.25 * T))
    assert T[-1] > 1.2 and (outer.gap(u) > 1e-2).all() and (outer.gap(u)[1:] > outer.gap(u)[:-1] / 2).all()


def test_a_fold_of_clusters_that_is_far_or_colder_is_none():
    made = clusters()
    T = np.array([0.5])
    assert math.isnan(made.dynamic(np.array([1.01]), np.array([[0.45]])))  # colder than a state that was followed
    assert math.isnan(made.static(T, np.array([[3.0]])))  # led to a state of less than half its gap
    assert made._near(np.array([[0.8]]), np.array([[0.41]])) and not made._near(np.array([[0.8]]), np.array([[0.39]]))


@pytest.mark.parametrize("q", [0.0, 0.2])
def test_the_paramagnet_is_unstable_below_the_highest_temperature(monkeypatch, q):
    """Its replicon (T − 0.5)(T − 0.3)(T − 0.2) falls through zero at 0.5, and once more at 0.2."""
    replicon = "(T - 0.5)*(T - 0.3)*(T - 0.2)"
    system = Toy([f"q - {q!r}"], "q", "T", {"replicon": replicon})
    alone = Toy([replicon], "", "T")

    def para(theory, p):
        return SimpleNamespace(
            system=system, u=np.full((1, p.shape[1]), q), outputs=lambda: system.outputs(np.full((1, p.shape[1]), q), p)
        )

    monkeypatch.setattr(onset, "symmetric_theory", lambda model: None)
    monkeypatch.setattr(onset, "disordered", para)
    monkeypatch.setattr(onset, "compiled", lambda theory, kind: alone)
    assert onset._instability(clusters()) == pytest.approx(0.5, abs=1e-10)
    system = Toy([f"q - {q!r}"], "q", "T", {"replicon": "T + 1"})
    assert math.isnan(onset._instability(clusters()))


@pytest.mark.parametrize(
    ("static", "instability", "whole", "continuous"),
    [(0.6, 0.4, 0.6, False), (0.4, 0.6, 0.6, True), (math.nan, 0.6, 0.6, True), (0.6, math.nan, 0.6, False)],
)
def test_symmetry_is_broken_below_whichever_comes_first(monkeypatch, static, instability, whole, continuous):
    found = onset.Onset(0.7, static, instability)
    assert found.broken == whole and found.continuous is continuous
    monkeypatch.setattr(onset, "pairwise", lambda model: False)
    monkeypatch.setattr(onset, "onset", lambda model: found)
    assert onset.broken_glass(None, [0.25, 0.25, 1.0], [0.29, 0.31, 0.6]) == [True, False, False]
    assert onset.broken_glass(None, None, [0.59, 0.61]) == [True, False]
    monkeypatch.setattr(onset, "onset", lambda model: onset.Onset(0.7, math.nan, math.nan))
    assert onset.broken_glass(None, None, 0.3) == [None]


# -- complexity -------------------------------------------------------------------------------------------------------


def counted(T=0.5, sizes=None):
    """q_1 = θ/2 + 1/4 and Σ = −θ² E with E = (θ − 0.7)(θ + 1) + c (q_1 − θ/2 − 1/4): zero at θ = 0.7."""
    name = "theta" if T else "y"
    equations = [f"q1 - {name}/2 - 1/4 + 0*T", f"({name} - 0.7)*({name} + 1) + 3*(q1 - {name}/2 - 1/4)"]
    sigma = f"-{name}**2*({name} - 0.7)*({name} + 1)"
    outputs = {"complexity": sigma, "free_energy": "q1 - 2", "replicon_q1": f"{name} - 0.55"}
    system = Toy(equations, f"q1 {name}", "T" if T else "b", outputs)
    if not T:
        system = Toy([e.replace("T", "b") for e in equations], "q1 y", "b", outputs)
    held = broken.holding(system, (name,))
    sizes = np.linspace(0.05, 0.95, 37) if sizes is None else sizes
    return complexity._Curve(system, held, np.array([T or 1.0]), T, sizes, sizes[None] / 2 + 0.25)


@pytest.mark.parametrize("T", [0.5, 0.0])
def test_a_curve_of_complexity_from_its_equations(T):
    curve = counted(T)
    assert curve.name == ("theta" if T else "y") and curve.equilibrium() == pytest.approx(0.7, abs=1e-12)
    assert curve.outputs(0.3)["complexity"] == pytest.approx(0.09 * 0.4 * 1.3)
    for x in (0.2, 0.5, 0.8):  # −d/dx (x⁴ + 0.3 x³ − 0.7 x²)
        assert curve.slope(x) == pytest.approx(-(4 * x**3 + 0.9 * x**2 - 1.4 * x), abs=1e-11)
    top = (-0.9 + math.sqrt(0.81 + 22.4)) / 8
    assert curve.size_of_threshold() == pytest.approx(top, abs=1e-11)
    (point,) = curve.records(np.array([0.4]))
    sigma = 0.16 * 0.3 * 1.4
    assert point["complexity"] == pytest.approx(sigma) and point["free_energy"] == pytest.approx(
        0.45 - 2 + sigma * (T or 1) / 0.4
    )
    assert point["q0"] == 0.0 and point["q1"] == pytest.approx(0.45) and point[curve.name] == 0.4 and point["converged"]
    assert not point["valid"] and point["replicon"] == (pytest.approx(-0.15) if T else None)
    assert point["why"].startswith(
        "these states are unstable within one step (replicon -0.15 < 0)" if T else "T = 0: the replicon"
    )
    stable = curve.records(np.array([0.56]))[0]
    assert stable["valid"] == bool(T) and (stable["why"] is None) == bool(T)


def test_ends_of_a_curve_of_complexity():
    assert counted(sizes=np.linspace(0.05, 0.3, 6)).size_of_threshold() == 0.3  # at the last size it still rises
    assert counted(sizes=np.linspace(0.5, 0.69, 6)).size_of_threshold() == 0.5
    with pytest.raises(complexity.NotConverged, match="none at θ = 1"):
        counted(sizes=np.linspace(0.05, 0.3, 6)).equilibrium()
    between = counted(sizes=np.append(np.linspace(0.05, 0.6, 6), 1.0))
    between.system._outputs["complexity"] = between.held.state._outputs["complexity"] = lambda q1, theta, T: 1.0 + 0 * theta
    assert between.equilibrium() == 1.0
    for sizes in (np.linspace(0.05, 0.6, 6), np.array([0.05, 0.2, 0.4, 0.6, 1 - 1e-9])):  # no state at θ = 1
        between = counted(sizes=sizes)
        between.system._outputs["complexity"] = lambda q1, theta, T: 1.0 + 0 * theta
        with pytest.raises(complexity.NotConverged):
            between.equilibrium()
    negative = counted(sizes=np.append(np.linspace(0.05, 0.6, 6), 1.0))
    negative.system._outputs["complexity"] = lambda q1, theta, T: -1.0 + 0 * theta
    with pytest.raises(complexity.NotConverged):
        negative.equilibrium()
    curve = counted()
    assert curve.zero(lambda x: x - 0.3, 0.1, 0.2) is None and curve.zero(lambda x: math.nan, 0.1, 0.2) is None
    assert curve.zero(lambda x: x - 0.3, 0.1, 0.5) == pytest.approx(0.3, abs=1e-13)


# -- curves, strands and turns -------------------------------------------------------------------------------------------


def test_a_step_that_lands_far_from_its_guess_is_refused(monkeypatch):
    """On x = y a corrector that once answers with another place of the same line."""
    correct, asked = continuation._correct, []

    def strayed(residual, jacobian, guess, tangent, tolerance):
        asked.append(guess)
        y, matrix, count = correct(residual, jacobian, guess, tangent, tolerance)
        return (y + factor * 0.1 * tangent if len(asked) == 2 else y), matrix, count

    monkeypatch.setattr(continuation, "_correct", strayed)
    line = Toy(["x - y"], "x", "y")
    for size, expected in ((0.9, [0, 0.1, 0.29, 0.39]), (1.1, [0, 0.1, 0.15, 0.25])):
        factor = size
        asked.clear()
        found, _ = continuation.trace(
            line, np.array([0.0]), np.array([0.0]), (0,), scale=np.ones(2), towards=np.ones(2), keep=lambda u, p: True,
            step=0.1, largest=0.1, points=4,
        )  # fmt: skip
        steps = np.array(expected) / math.sqrt(2)
        assert found[0, :3] == pytest.approx(steps[:3], abs=1e-12)


@pytest.mark.parametrize("unit", [2.0**10, 2.0**-10])
def test_strands_do_not_depend_on_the_units_of_unknowns(unit):
    plain, scaled = (
        Toy(["(u**2 - a) * (u - 3 - a / 2)"], "u", "a"),
        Toy([f"((u/{unit!r})**2 - a) * (u/{unit!r} - 3 - a / 2)"], "u", "a"),
    )
    u, at, low, high = np.array([[1.0, -1.0, 3.5]]), np.ones((1, 3)), np.full(3, -0.5), np.full(3, 1.5)
    one, other = (strands.strands(s, u * f, at, 0, low, high, -np.ones(3)) for s, f in ((plain, 1), (scaled, unit)))
    assert one.u.shape == other.u.shape and np.allclose(one.u * unit, other.u, rtol=1e-6, equal_nan=True)
    assert np.allclose(one.p, other.p, rtol=1e-6, equal_nan=True)


@pytest.mark.parametrize("factor", [-1e6, 1e6, -1e-2])
def test_strands_do_not_depend_on_the_units_of_equations(factor):
    plain, scaled = (
        Toy(["(u**2 - a) * (u - 3 - a / 2)"], "u", "a"),
        Toy([f"{factor!r}*(u**2 - a) * (u - 3 - a / 2)"], "u", "a"),
    )
    u, at, low, high = np.array([[1.0, -1.0, 3.5]]), np.ones((1, 3)), np.full(3, -0.5), np.full(3, 1.5)
    one, other = (strands.strands(s, u, at, 0, low, high, -np.ones(3)) for s in (plain, scaled))
    assert one.u.shape == other.u.shape and np.allclose(one.u, other.u, atol=1e-7, equal_nan=True)


@pytest.mark.parametrize(("power", "sure"), [(2, True), (4, False)])
def test_a_turn_that_is_too_flat_is_not_known(power, sure):
    """load = 1 − (m − 1/2)^n: its slope vanishes with the third power of the distance where n = 4."""
    system = Toy([f"load - 1 + (m - 1/2)**{power}", "q - m"], "m q", "load T")
    roots = turning.turning_point(system, np.array([0.45, 0.45]), np.array([1.0, 0.3]))
    assert roots.p[0, 0] == pytest.approx(1, abs=1e-12) and roots.converged[0] == sure
    assert abs(roots.u[0, 0] - 0.5) <= 5 * roots.error[0, 0] + 1e-10 and (roots.u[1] == pytest.approx(roots.u[0]))


def test_where_no_matrix_is_finite_nothing_is_known():
    assert np.isinf(newton._spread(np.full((2, 2, 2), np.nan), np.ones((2, 2)))).all()


# -- which phase is at equilibrium ------------------------------------------------------------------------------------


def judged(monkeypatch, free, rough, fine=None, valid=True, replaced=False, undecided=None):
    """The verdict on one state against one rival with bounds at first and where it is known better."""
    branch = SimpleNamespace(rivals=("glass",), undecided=undecided)
    target = SimpleNamespace(model=SimpleNamespace(branches={"own": branch}), given=None, with_=lambda **k: None)
    asked = []

    def bounds(target, phase, variant, p, refined):
        asked.append(refined)
        low, high = fine if refined else rough
        return np.array([low]), np.array([high])

    monkeypatch.setattr(equilibrium, "_bounds", bounds)
    monkeypatch.setattr(Judgement, "_replaced", lambda self: [replaced])
    made = Judgement(target, "own", "finite", np.zeros((2, 1)), np.array([free]), np.array([valid]))
    return (*made.verdicts[0], asked)


def test_verdicts_between_phases(monkeypatch):
    unknown = "no free energy of the glass phase is known here that decides"
    lower = "the glass phase has a lower free energy"
    assert judged(monkeypatch, -1.0, (-0.9, -0.8)) == (True, None, [False])
    assert judged(monkeypatch, -1.0, (-1.2, -1.1)) == (False, lower, [False])
    assert judged(monkeypatch, -1.0, (-1.0, -1.0)) == (True, None, [False])
    assert judged(monkeypatch, -1.0, (-1.1, -0.9), (-0.99, -0.95)) == (True, None, [False, True])
    assert judged(monkeypatch, -1.0, (-1.1, -0.9), (-1.1, -1.05)) == (False, lower, [False, True])
    assert judged(monkeypatch, -1.0, (-1.1, -0.9), (-1.1, -0.95)) == (None, unknown, [False, True])
    assert judged(monkeypatch, -1.0, (-0.9, -0.8), valid=False)[:2] == (
        None,
        "no rival phase has a lower free energy, but the ansatz is not stable",
    )
    assert judged(monkeypatch, -1.0, (-1.2, -1.1), valid=False)[:2] == (False, lower)
    assert judged(monkeypatch, -1.0, (-0.9, -0.8), undecided="another")[:2] == (None, "another")
    assert judged(monkeypatch, -1.0, (-1.2, -1.1), undecided="another")[:2] == (False, lower)
    assert judged(monkeypatch, -1.0, (-0.9, -0.8), replaced=True)[:2] == (
        False,
        "a state with broken replica symmetry replaces it",
    )
    assert judged(monkeypatch, -1.0, (-0.9, -0.8), replaced=None)[:2] == (
        None,
        "a state with broken replica symmetry may replace it",
    )
    assert judged(monkeypatch, math.nan, (-0.9, -0.8)) == (None, None, [])


@pytest.mark.parametrize(
    ("ansatz", "choice", "unbroken", "variant", "expected"),
    [
        ("rs", "largest q", None, "finite", [True, None]), ("rs", "largest q", None, "zero", [True, True]),
        ("rs", "largest q", "other", "finite", [True, True]), ("rs", "largest m", None, "zero", [False, False]),
        ("1rsb", "largest q", None, "zero", [False, False]), ("rs", "smallest q", None, "finite", [True, None]),
    ],
)  # fmt: skip
def test_what_a_state_of_more_broken_symmetry_replaces(monkeypatch, ansatz, choice, unbroken, variant, expected):
    asked = []
    monkeypatch.setattr(onset, "broken_glass", lambda model, loads, T: (asked.append((loads, T)), [True, None])[1])
    model = SimpleNamespace(branches={"own": SimpleNamespace(choice=choice, unbroken=unbroken, undecided=None)})
    p = np.array([[0.1, 0.2], [0.3, 0.4]])
    for rows in (p, p[1:]):
        made = Judgement(
            SimpleNamespace(model=model, given=None, ansatz=ansatz), "own", variant, rows, np.zeros(2), np.ones(2, dtype=bool)
        )
        assert made._replaced() == expected
    if asked:
        assert asked[0][0].tolist() == [0.1, 0.2] and asked[1][0] is None
        assert asked[0][1].tolist() == [0.3, 0.4] == asked[1][1].tolist()


# -- what is said of broken states ------------------------------------------------------------------------------------


def symmetric(**changed):
    model = SimpleNamespace(axes=("load", "temperature"))
    given = {"status": "converged", "valid": True, "why": None, "code": None} | changed
    values = given.pop("values", {"m": 0.9, "q": 0.8})
    return Solution(model, "rs", "canonical", "retrieval", {"load": 0.1, "temperature": 0.2}, values, **given)


def test_what_is_said_where_no_distinct_broken_state_was_found(monkeypatch):
    target, p = SimpleNamespace(ansatz="1rsb"), np.array([0.1, 0.2])
    nothing = "the search found no distinct 1rsb state"
    point = breaking._without(symmetric(), target, "retrieval", p, None)
    assert (point.status, point.code, point.why) == ("converged", "unbroken", f"replica symmetry is stable here; {nothing}")
    point = breaking._without(symmetric(valid=False, why="unstable"), target, "retrieval", p, "it fell short")
    assert (point.status, point.code, point.why) == ("not-converged", "search-failed", "it fell short; unstable")
    for m, good in ((1 - 0.498e-3, True), (1 - 0.502e-3, False)):  # 2 (1 − m) against 10⁻³
        point = breaking._without(symmetric(valid=False, values={"m": m}), target, "retrieval", p, None)
        assert (point.status == "converged") == good and ("its overlaps can differ by 2(1 − m) = " in point.why) == good
    point = breaking._without(symmetric(valid=False, values={"m": None}), target, "retrieval", p, None)
    assert point.status == "not-converged"
    for known, status in (("because", "converged"), (None, "not-converged")):
        monkeypatch.setattr(breaking, "_symmetric_glass", lambda target, p, known=known: known)
        point = breaking._without(symmetric(), target, "glass", p, None)
        assert point.status == status and point.why == (known or f"{nothing}, though symmetry is broken here")
    point = breaking._without(symmetric(status="no-state", valid=None), target, "retrieval", p, None)
    assert point.status == "not-converged" and point.why == nothing


def test_what_a_broken_state_is_worth():
    def worth(variant="finite", values=None, **given):
        model = SimpleNamespace(
            axes=("load", "temperature"), order_parameters=["m"], convention=lambda name: convention(name, 3)
        )
        target = SimpleNamespace(model=model, subject=model, given=None, ansatz="1rsb")
        values = values or {"m": 0.9, "q1": 0.8, "theta": 0.3}
        given = {"free_energy": -1.0, "energy": -0.9, "replicon_q0": 0.5, "replicon_q1": 0.1, "entropy": 0.2} | given
        asked, at = Asked(target, "retrieval", "theriault-tantari"), {"temperature": 0.0 if variant == "zero" else 0.1}
        return breaking.broken_solution(asked, at, values, given, 1e-13, 1e-10, True)

    unit = convention("theriault-tantari", 3)
    good = worth()
    assert (good.valid, good.code, good.why, good.stable, good.replicon) == (True, None, None, True, 0.1)
    assert good.values == {"m": 0.9, "q0": 0.0, "q1": 0.8, "theta": 0.3} and good.extra == {
        "replicon_q0": 0.5,
        "replicon_q1": 0.1,
    }
    assert good.free_energy == -1 / unit.energy and good.energy == -0.9 / unit.energy and good.entropy == 0.2
    assert (
        worth(entropy=0.0).valid
        and worth(replicon_q1=-0.9e-9).valid
        and worth(values={"q1": 0.8, "theta": 0.3}).values["m"] == 0.0
    )
    bad = worth(replicon_q0=-0.2, entropy=-0.1)
    assert (bad.code, bad.valid, bad.stable) == (
        "replicon",
        False,
        None,
    ) and "1rsb is unstable here (replicon of q0 -0.2 < 0)" in bad.why
    bad = worth(entropy=-0.1)
    assert (bad.code, bad.valid, bad.stable) == ("entropy", False, None) and "the entropy is negative here (-0.1)" in bad.why
    cold = worth("zero", {"m": 0.9, "q0": 0.7, "C": 2.0, "y": 5.0})
    assert cold.code == "zero-temperature" and cold.replicon is None and not cold.valid
    assert cold.values == {"m": 0.9, "q0": 0.7, "q1": 1.0, "theta": 0.0, "y": 5 * unit.temperature, "C": 2 * unit.temperature}


def test_a_state_with_fewer_steps_says_whether_more_are_needed():
    def fewer(ansatz, valid):
        point = symmetric(valid=valid)
        point.ansatz = ansatz
        return breaking._not_further(point, "2rsb")

    good, bad, plain = fewer("1rsb", True), fewer("1rsb", False), fewer("rs", True)
    assert (good.status, good.why) == ("converged", "1rsb is stable here; the search found no distinct 2rsb state")
    assert (bad.status, bad.code) == ("not-converged", "search-failed") and "though 1rsb is unstable here" in bad.why
    assert plain.why is None and plain.status == "converged"


# -- many steps -------------------------------------------------------------------------------------------------------


def test_states_of_many_steps_are_reached_by_a_ladder_and_else_from_the_ground(monkeypatch):
    """What is asked for on the way; a rung that has no state ends it, and from T = 0 it is tried again where it is broken."""
    asked, rough = [], {}

    def solved(system, u, p, held, start_only=False):
        rough[system[0]] = start_only
        asked.append(("solved", system, u.tolist(), p.tolist(), held))
        return SimpleNamespace(system=system) if system[0] < missing else None

    replicon = [-0.1]
    first = SimpleNamespace(found=[True], system=SimpleNamespace(unknowns=["q1", "theta"]), u=np.array([[0.8], [0.3]]),
                            outputs=lambda: {"replicon_q0": np.array([0.5]), "replicon_q1": np.array(replicon)})  # fmt: skip

    class System(tuple):
        unknowns = ("q0", "q1", "theta1")

    monkeypatch.setattr(levels, "LevelSystem", lambda model, k, cold: System((k, cold)))
    first.system.unknowns = ["q1", "theta1"]
    monkeypatch.setattr(levels, "Theory", lambda *a: None)
    monkeypatch.setattr(levels, "_held_names", lambda *a: ("q0",))
    monkeypatch.setattr(
        levels, "find_broken", lambda target, branch, variant, p: (asked.append((branch, variant, p.tolist())), first)[1]
    )
    monkeypatch.setattr(levels, "refined", lambda state, system, T: np.array([state.system[0], T]))
    monkeypatch.setattr(levels, "relaxed", lambda system, u, p, held: u + 10)
    monkeypatch.setattr(levels, "approached", lambda system, u, p, held: u + 100)
    monkeypatch.setattr(levels, "_solved", solved)
    monkeypatch.setattr(levels, "_warmed", lambda *a: (asked.append(("warmed", *a[1:])), "warm")[1])
    missing = 99
    found = levels.level_state("model", 3, "glass", load=None, temperature=0.4)
    assert tuple(found.system) == (3, False) and asked == [
        ("glass", "finite", [[0.4]]), ("solved", (1, False), [0.0, 0.8, 0.3], [0.4], ("q0",)),
        ("solved", (2, False), [111.0, 110.4], [0.4], ("q0",)), ("solved", (3, False), [112.0, 110.4], [0.4], ("q0",)),
    ]  # fmt: skip
    assert rough == {1: False, 2: True, 3: False}  # only rungs on the way may be rough
    assert levels.level_state("model", 2, "glass", load=None, temperature=0.4, rough=True) and rough[2]
    asked.clear()
    assert tuple(levels.level_state("model", 2, "retrieval", load=0.1, temperature=0.0).system) == (2, True) and not rough[2]
    assert asked[0] == ("retrieval", "zero", [[0.1]]) and asked[-1][3] == [0.1]
    missing = 2
    assert levels.level_state("model", 3, "glass", load=None, temperature=0.4) == "warm" and asked[-1] == (
        "warmed",
        3,
        "glass",
        None,
        0.4,
    )
    assert levels.level_state("model", 3, "glass", load=0.1, temperature=0.0) is None  # it is the ground
    replicon[0] = 0.1
    assert levels.level_state("model", 3, "glass", load=None, temperature=0.4) is None  # one step is stable
    first.found = [False]
    assert levels.level_state("model", 3, "glass", load=None, temperature=0.4) is None
    near = SimpleNamespace(system=System((3, False)), roots=SimpleNamespace(u=np.array([[1.0], [2.0]])))
    missing = 99
    asked.clear()
    levels.level_state("model", 3, "glass", load=0.2, temperature=0.4, start=near)
    assert asked == [("solved", (3, False), [1.0, 2.0], [0.2, 0.4], ("q0",))]


def test_a_state_is_warmed_in_strides_that_shrink_where_it_is_lost(monkeypatch):
    """m = 0.9 − T, q_1 = 1 − 2T, θ = 5T: a straight line, which every guess lies on."""

    def cold(*a, **k):
        return SimpleNamespace(values={"m": 0.9, "q0": 0.7, "C": 2.0, "y1": 5.0}, roots=SimpleNamespace(p=np.array([[0.1]])))

    monkeypatch.setattr(levels, "level_state", cold)
    monkeypatch.setattr(levels, "LevelSystem", lambda *a: a[1:])
    monkeypatch.setattr(levels, "_held_names", lambda *a: ())
    asked = []

    def solved(system, u, p, held):
        asked.append((u, p))
        lost = (len(asked) in losses) if losses else False
        return None if lost else SimpleNamespace(roots=SimpleNamespace(u=u[:, None]), T=p[-1])

    monkeypatch.setattr(levels, "_solved", solved)
    losses = ()
    state = levels._warmed("model", 1, "glass", 0.1, 0.05)
    temperatures = [p[-1] for _, p in asked]
    assert (
        temperatures == pytest.approx([0.02, 0.028, 0.0392, 0.05]) and state.T == 0.05 and all(p[0] == 0.1 for _, p in asked)
    )
    for u, p in asked:
        assert u == pytest.approx([0.9, 0.7, 1 - 2 * p[-1], 5 * p[-1]])
    asked.clear()
    losses = (2, 3)
    assert levels._warmed("model", 1, "glass", 0.1, 0.03).T == 0.03
    assert [p[-1] for _, p in asked] == pytest.approx([0.02, 0.028, 0.024, 0.022, 0.0242, 0.02662, 0.029282, 0.03])
    asked.clear()
    losses = range(2, 99)
    assert levels._warmed("model", 1, "glass", 0.1, 0.03) is None and len(asked) == 5  # strides 0.4, 0.2, 0.1, 0.05
    asked.clear()
    losses = ()
    assert levels._warmed("model", 1, "glass", 0.1, 0.01).T == 0.01 and len(asked) == 1
    losses = (1,)
    asked.clear()
    assert levels._warmed("model", 1, "glass", 0.1, 0.05) is None and len(asked) == 1


def test_a_root_of_a_part_is_told_as_a_whole():
    roots = Roots(np.array([[1.0]]), np.array([[2.0]]), np.array([0.0]), np.array([[0.1], [0.2]]), np.array([True]))
    state = levels.LevelState(SimpleNamespace(unknowns=["q0"], outputs=lambda u, p: {"free_energy": u[0] + p[0]}), roots)
    assert state.values == {"q0": 1.0} and state.outputs() == {"free_energy": 3.0}
