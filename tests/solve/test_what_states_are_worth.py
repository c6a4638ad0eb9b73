"""Branches of small systems whose states are known: which state is a branch's, what it is worth, in which units it is told."""

from __future__ import annotations

import math
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import sympy as sp
from toy_equations import Toy

import dammech as dm
from dammech.declared.units import convention
from dammech.equations import Theory
from dammech.errors import InputError
from dammech.solve import broken, equilibrium, rescaled, states
from dammech.solve.answers import answers
from dammech.solve.declared import lowest
from dammech.solve.recorder import Asked
from dammech.solve.solution import Solution
from dammech.systems.palimpsest.answers import seen

# -- all states of one branch -----------------------------------------------------------------------------------------


def theory(variant, system, monkeypatch):
    monkeypatch.setattr(states, "compiled", lambda theory, kind: system)
    model = SimpleNamespace(site_disorder=((1, 1, 0),))
    return SimpleNamespace(variant=variant, model=model, with_=lambda **changed: SimpleNamespace(variant=changed["variant"]))


@pytest.mark.parametrize("thorough", [True, False])
def test_the_ordered_state_is_the_stable_one_of_largest_overlap(monkeypatch, thorough):
    """(m − a)(m − 2a)(m − 3a) = 0 with a stable state at a and at 3a; nothing where 3a < 0 or above 1."""
    system = Toy(
        ["(m - load)*(m - 2*load)*(m - 3*load)*(1 + 1/load**2)", "q - m**2"], "m q", "load T", {"free_energy": "m"}
    )
    a = np.array([0.1, 0.3, 0.31, -0.1, 0.334, 0.02])
    found = states.ordered(
        theory("finite", system, monkeypatch), np.stack([a, np.full(a.size, 0.3)]), thorough=thorough
    )
    expected = np.array([0.3, 0.9, 0.93, np.nan, 0.334, 0.06])
    there = np.isfinite(expected)
    assert found.found[there & (a != 0.334)].all() and not found.found[3]
    assert (
        found.u[0, found.found] == pytest.approx(expected[found.found], abs=1e-10) and found.stable[found.found].all()
    )
    assert found.q[found.found] == pytest.approx(expected[found.found] ** 2) and np.isnan(
        found.outputs()["free_energy"][3]
    )


@pytest.mark.parametrize("variant", ["finite", "cold"])
def test_the_glass_is_the_largest_overlap_and_the_paramagnet_the_smallest(monkeypatch, variant):
    """q (q − a)(q − a/2) = 0 without, and with a random field b beside them."""
    equation = "q*(q - load)*(q - load/2)"
    if variant == "cold":
        equation = f"({equation})".replace("q", "(1 - C*T)")
    system = Toy([equation], "q" if variant == "finite" else "C", "load T", {"free_energy": "T"}, "1")
    a = np.array([0.4, 0.9, 0.8])
    p = np.stack([a, [0.3, 0.5, 0.2]])
    glass = states.glass(theory(variant, system, monkeypatch), p)
    assert glass.found.all() and glass.q == pytest.approx(a, abs=1e-8)
    if variant == "finite":
        para = states.disordered(theory(variant, system, monkeypatch), p)
        assert para.found.all() and (para.q == 0).all()
        field = Toy(["(q - T)*(q - load)*(1 + q)"], "q", "load T", {"free_energy": "T"}, "1")
        para = states.disordered(theory(variant, field, monkeypatch), p)
        assert para.found.all() and para.q == pytest.approx(p[1], abs=1e-9)
        glass = states.glass(theory(variant, field, monkeypatch), np.array([[0.4, 0.2], [0.3, 0.3]]))
        assert glass.found.all() and glass.q == pytest.approx([0.4, 0.3])
        alone = Toy(["(q - T)*(1 + q)"], "q", "load T", {"free_energy": "T"}, "1")
        assert not states.glass(theory(variant, alone, monkeypatch), p).found.any()  # it is the paramagnet itself


def test_at_zero_temperature_the_glass_has_the_largest_response(monkeypatch):
    system = Toy(["(C - load)*(C - 3*load)"], "C", "load", {"free_energy": "C"})
    glass = states.glass(theory("zero", system, monkeypatch), np.array([[0.2, 0.5]]))
    assert glass.found.all() and glass.u[0] == pytest.approx([0.6, 1.5]) and glass.q.tolist() == [1, 1]


def test_residuals_of_a_search_are_measured_by_the_terms_of_their_own_point():
    """c (m² − b): rounding leaves 10⁻⁷ of terms of 10⁹, which is a root; of terms of order one it is none."""
    system = Toy(["c*(m**2 - b)"], "m", "c b")
    p = np.array([[1e9, 1.0, 1e9, 1.0], [0.3, -1e-7, 0.7, 0.7]])
    u, _, ok = states.search(system, p, np.array([[0.8, 0.6]]))
    assert ok[:, [0, 2, 3]].all() and not ok[:, 1].any() and u[0][:, [0, 2]] == pytest.approx(np.sqrt([[0.3, 0.7]] * 2))


def test_a_candidate_is_finished_by_the_full_rule():
    system = Toy(["(m - load)*(m + 1)*(2 - m)"], "m", "load T", {"free_energy": "m"}, rule_error=0.0)
    found = states.finish(
        system,
        np.array([[0.4, 0.4, 2.1, 0.4]]),
        np.array([[0.41, 0.41, 0.41, np.nan], [1.0] * 4]),
        np.array([True, False, True, True]),
    )
    assert found.found.tolist() == [True, False, True, False] and found.stable.tolist() == [True, False, False, False]
    assert (
        found.u[0, [0, 2]] == pytest.approx([0.41, 2])
        and np.isnan(found.u[0, [1, 3]]).all()
        and np.isinf(found.error[[1, 3]]).all()
    )
    assert found.short[:3] == [None] * 3 and found.short[3]
    cold = Toy(["C - load"], "C", "load T", {}, rule_error=1e-11)  # its error is told as that of q
    warm, cool = (
        states.finish(cold, np.array([[0.4]]), np.array([[0.4], [T]]), np.array([True])).error[0] for T in (1.0, 1e-3)
    )
    assert warm > 5e-12 and cool == pytest.approx(1e-3 * warm)
    both = Toy(["m - 1/2", "1000*(C - load)"], "m C", "load T", {}, rule_error=1e-11)
    one = states.finish(both, np.array([[0.5], [0.4]]), np.array([[0.4], [1e-3]]), np.array([True]))
    assert one.error[0] == pytest.approx(1e-11, rel=0.2)  # that of m, which is larger
    both = Toy(["1000*(m - 1/2)", "C - load"], "m C", "load T", {}, rule_error=1e-11)
    one = states.finish(both, np.array([[0.5], [0.4]]), np.array([[0.4], [1e-2]]), np.array([True]))
    assert one.error[0] == pytest.approx(1e-13, rel=0.2)  # that of C times T
    none = Toy([], "", "load")
    assert states.finish(none, np.empty((0, 1)), np.ones((1, 1)), np.array([True])).stable.tolist() == [True]


# -- verdicts of a model ----------------------------------------------------------------------------------------------


def solved(
    variant="cold", units="canonical", T=0.5, load=0.2, unknowns=("m", "C"), axes=("load", "temperature"), **outputs
):
    given = {"free_energy": np.array([-1.0])} | {k: np.array([v]) for k, v in outputs.items()}
    found = SimpleNamespace(
        system=SimpleNamespace(unknowns=list(unknowns), parameters=["load"] if T == 0 else ["load", "T"]),
        u=np.array([[0.9], [0.3]])[2 - len(unknowns) :],
        q=np.array([0.8]),
        residual=np.array([1e-14]),
        error=np.array([2e-14]),
        found=np.array([True]),
        stable=np.array([True]),
        outputs=lambda: given,
    )
    model = SimpleNamespace(
        axes=axes,
        order_parameters=["m", "q"][-len(axes) :],
        branches={"retrieval": SimpleNamespace(choice="largest q")},
        convention=lambda name: convention(name, 3),
    )
    target = SimpleNamespace(model=model, subject=model, given=None, ansatz="rs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dammech.solve.answers.find", lambda *arguments, **more: found)
        place = np.array([[load, T]])[:, -len(axes) :]
        (point,) = answers(Asked(target, "retrieval", units), axes, place)
    return point


def test_what_a_replica_symmetric_state_is_worth():
    good = solved(replicon=0.1, entropy=0.2, energy=-0.9, r=1.5)
    assert (good.valid, good.code, good.why, good.stable) == (True, None, None, True) and good.extra == {"r": 1.5}
    assert (good.free_energy, good.energy, good.entropy, good.replicon, good.values) == (
        -1.0,
        -0.9,
        0.2,
        0.1,
        {"m": 0.9, "q": 0.8},
    )
    assert solved(replicon=0.0, entropy=0.0).valid and solved("zero", T=0.0).energy == -1.0
    bad = solved(replicon=-0.1, entropy=-0.2)
    assert (bad.valid, bad.code, bad.stable) == (False, "replicon", None) and "(replicon -0.1 < 0)" in bad.why
    bad = solved(replicon=0.1, entropy=-0.2)
    assert (bad.valid, bad.code) == (False, "entropy") and "(-0.2)" in bad.why
    cold = solved("zero", T=0.0)
    assert (cold.code, cold.valid, cold.values) == ("zero-temperature", False, {"m": 0.9, "q": 0.8, "C": 0.3})
    assert (
        solved("zero", T=0.0, load=0.0).code is None
        and solved("zero", T=0.0, load=math.nan, axes=("temperature",)).code == "zero-temperature"
    )
    other = solved("zero", units="theriault-tantari", T=0.0, energy=-3.0)
    unit = convention("theriault-tantari", 3)
    assert (
        other.values["C"] == pytest.approx(0.3 * unit.temperature)
        and other.free_energy == -1 / unit.energy
        and other.energy == -3 / unit.energy
    )
    assert solved(unknowns=("C",)).values == {"m": 0.0, "q": 0.8} and solved(axes=("temperature",)).values == {"q": 0.8}
    assert solved(axes=("temperature",)).parameters == {"load": None, "temperature": 0.5}


def test_what_is_missing_says_whether_that_is_known():
    model = SimpleNamespace(order_parameters=["m", "q"], convention=lambda name: convention(name, 3))
    target = SimpleNamespace(model=model, subject=None, given=None, ansatz="rs")
    for status, code in (("not-converged", "search-failed"), ("no-state", "no-state")):
        point = Asked(target, "retrieval").missing({"load": 0.1, "temperature": 0.2}, "because", status)
        assert (point.status, point.code, point.why, point.values, point.parameters) == (
            status,
            code,
            "because",
            {"m": None, "q": None},
            {"load": 0.1, "temperature": 0.2},
        )


# -- a free energy of one's own ---------------------------------------------------------------------------------------


def test_the_lowest_minimum_is_preferred_to_a_lower_maximum():
    """f = m⁴/4 − m²/2 − hm tilted: two minima and a maximum between; upside down one minimum above two maxima."""
    m, h = sp.symbols("m h", real=True)
    f = m**4 / 4 - m**2 / 2 - h * m
    for h_ in (-0.2, 0.2):
        state = dm.solve(dm.FreeEnergy(f, [m], [h]), h=h_)
        assert math.copysign(1, state["m"]) == math.copysign(1, h_) and abs(state["m"]) > 1
        over = dm.solve(dm.FreeEnergy(-f, [m], [h]), h=h_)
        assert abs(over["m"]) < 0.3 and over["m"] * h_ < 0 and over.stable


def test_a_later_start_is_taken_where_the_best_does_not_hold(monkeypatch):
    """The state of lowest free energy ends as another one than the branch wants: the next in rank is taken."""
    system = Toy(["(m - 1)*(m + 1)*m"], "m", "a", {"free_energy": "-m"})
    grid = np.array([[0.0, 0.0]])
    roots = lowest(system, grid, np.array([[0.9, -0.9, 0.1]]), lambda u, p, *_: u[0] < 0.5)
    assert roots.found.all() and roots.u[0] == pytest.approx([-1, -1])  # of what is wanted −1 and 0: −1 is a minimum
    none = lowest(system, grid, np.array([[0.9]]), lambda u, p, *_: u[0] < 0.5)
    assert not none.found.any()
    both = lowest(
        system,
        grid,
        np.array([[0.9, -0.9]]),
        lambda u, p, *_: np.array([u.shape[1] != 2 or False] * u.shape[1]) | (u[0] > 0),
    )
    assert both.u[0] == pytest.approx([1, 1])


def test_starts_are_by_name_and_half_where_none_is_given():
    m, q, h = sp.symbols("m q h", real=True)
    theory = dm.FreeEnergy((4 * m**2 - 1) ** 2 / 4 + (4 * q**2 - 1) ** 2 / 4 + h * m * q / 100, [m, q], [h])
    for start, signs in (
        ({"m": -0.4, "q": 0.6}, (-1, 1)),
        ({"q": -0.6}, (1, -1)),
        ({"m": -0.7}, (-1, 1)),
        ({}, (1, 1)),
    ):
        state = dm.solve(theory, h=0.0, start=start)
        assert (np.sign(state["m"]), np.sign(state["q"])) == signs
    both = dm.solve(theory, h=[0.0, 0.1], start={"m": 0.9})
    assert both.grid == {"h": 2} and both.converged
    with pytest.raises(InputError, match=r"parameters \['h'\] are missing"):
        dm.solve(theory)


def test_why_a_free_energy_has_no_state():
    m, h = sp.symbols("m h", real=True)
    (point,) = dm.solve(dm.FreeEnergy(m + 0 * h + h * m / 7, [m], [h]), h=[1.0], throw=False)
    assert (
        point.why.startswith("the search found no solution from any of its starts: ") and point.code == "search-failed"
    )
    theory = dm.FreeEnergy(m**2 / 2 - h * m, [m], [h], branches={"up": m > 2})
    (point,) = dm.solve(theory, h=[1.0], branch="up", throw=False)
    assert "no up state" in point.why and point.values == {"m": None} and point.status == "not-converged"


def test_the_units_of_a_model_hold_for_a_theory_that_it_brings_along():
    """T, and what has the dimension of an energy, in and out; what has none stays."""
    m, h, T = sp.symbols("m h T", real=True)
    f = m**2 / 2 - T * dm.log2cosh((m + h) / T)
    theory = dm.FreeEnergy(f, [m], [T, h], observables={"twice": 2 * m}, branches={"up": m > 0})
    model = SimpleNamespace(convention=lambda name: convention(name, 3), branches={"up": None})
    own, unit = Theory(model, "given", given=theory), convention("gardner", 3)
    plain, told = dm.solve(own, T=0.4 * unit.temperature, h=0.1), dm.solve(own, T=0.4, h=0.1, convention="gardner")
    assert told["T"] == 0.4 and all(told[name] == plain[name] for name in ("m", "twice", "entropy"))
    assert told["free_energy"] == pytest.approx(plain["free_energy"] / unit.energy) and told.convention == "gardner"
    assert told["energy"] == pytest.approx(told["free_energy"] + 0.4 * told["entropy"] * unit.temperature / unit.energy)
    for ask in (partial(dm.solve, theory, T=0.4, h=0.1), partial(dm.phase_diagram, own)):
        with pytest.raises(InputError, match="taken as it is"):
            ask(convention="gardner")
    plain = dm.boundary(own, "spinodal", T=np.array([0.1, 0.2]) * unit.temperature)
    told = dm.boundary(own, "spinodal", T=[0.1, 0.2], convention="gardner")
    assert told["T"].tolist() == [0.1, 0.1, 0.2, 0.2] and told["h"] == pytest.approx(plain["h"]) and told.convention == "gardner"
    assert told["free_energy"] == pytest.approx(plain["free_energy"] / unit.energy) and told["m"] == pytest.approx(plain["m"])


# -- a stream ---------------------------------------------------------------------------------------------------------


def scaled(monkeypatch, **asked):
    calls = []

    def solve(model, **given):
        calls.append(given)
        return Solution(
            model,
            "rs",
            given["convention"],
            given["branch"],
            {},
            {"m": 0.9, "q": 0.8, "C": 0.4, "y": 2.0, "y_1": None, "z": 3.0},
            free_energy=-1.0,
            energy=None,
        )

    def solve_model(target, load, T, branch, convention, wanted):
        options = {"branch": branch, "ansatz": wanted.ansatz, "convention": convention, "throw": False}
        return [solve(target.model, load=load, temperature=T, **options)]

    monkeypatch.setattr(rescaled, "solve_model", solve_model)
    target, units = Theory.of(dm.PalimpsestDAM(3)), asked.pop("convention", "canonical")
    found = rescaled.solve_rescaled(target, seen, {"temperature": 0.1, **asked}, None, units)
    return found, calls


def test_the_pattern_of_an_age_is_that_of_a_memory_in_its_own_units(monkeypatch):
    """Exponential: Λ = e^{−εx}, A = 1/2ε for an endless stream; α = A/Λ², T/Λ, energies by Λ, responses over it."""
    (point,), (call,) = scaled(monkeypatch, rate=5.0, age=0.1)
    weight = math.exp(-0.5)
    assert (
        call["load"] == pytest.approx(0.1 / weight**2)
        and call["temperature"] == pytest.approx(0.1 / weight)
        and call["branch"] is None
    )
    assert (
        point.free_energy == pytest.approx(-weight)
        and point.energy is None
        and point.values["m"] == 0.9
        and point.values["z"] == 3.0
    )
    assert (
        point.values["C"] == pytest.approx(0.4 / weight)
        and point.values["y"] == pytest.approx(2 / weight)
        and point.values["y_1"] is None
    )
    assert point.parameters == {
        "load": None,
        "rate": 5.0,
        "age": 0.1,
        "weight": pytest.approx(weight),
        "effective_load": pytest.approx(0.1),
        "temperature": 0.1,
    }
    (point,), (call,) = scaled(monkeypatch, rate=5.0, load=0.2)
    assert (
        point.parameters["effective_load"] == pytest.approx((1 - math.exp(-2)) / 10) == call["load"]
        and point.parameters["age"] == 0.0
    )
    unit = convention("theriault-tantari", 3)
    (point,), (call,) = scaled(monkeypatch, rate=5.0, load=0.2, convention="theriault-tantari")
    exact = (1 - math.exp(-2 * 5 * 0.2)) / (2 * 5 / unit.load)
    assert point.parameters["effective_load"] * unit.load == pytest.approx(exact) and call["load"] == pytest.approx(
        exact / unit.load
    )
    (gone,), calls = scaled(monkeypatch, rate=5.0, age=6.0)
    assert (
        gone.status == "no-state"
        and gone.code == "forgotten"
        and not calls
        and gone.branch == "retrieval"
        and gone.values == {"m": None, "q": None}
    )
    found, calls = scaled(monkeypatch, rate=[5.0, 6.0], age=[0.0, 0.1], temperature=[0.1, 0.2, 0.3])
    assert found.grid == {"rate": 2, "age": 2, "temperature": 3} and len(calls) == 12
    assert [c["temperature"] for c in calls[:4]] == pytest.approx([0.1, 0.2, 0.3, 0.1 * math.exp(0.5)])
    for asked, word in (
        ({"rate": 5.0, "age": 0.3, "load": 0.2}, "must not be above the load"),
        ({"rate": 5.0, "x": 1}, "^x: a palimpsest"),
        ({}, "rate is missing"),
    ):
        with pytest.raises(InputError, match=word):
            scaled(monkeypatch, **asked)
    assert scaled(monkeypatch, rate=5.0, age=0.2, load=0.2)[0].points


def test_at_order_two_the_pattern_is_that_of_the_weighted_theory(monkeypatch):
    """What is asked of the search: effective load, temperature and weight in canonical units, and no temperature at T = 0."""
    asked = []

    def answers(given, names, grid):
        asked.append((given.branch, names, grid.tolist()))
        return [Solution(None, "rs", given.convention, given.branch, {}, {"m": 0.5}, status="converged")]

    model = dm.PalimpsestDAM(2)
    unit = model.convention("canonical")
    with monkeypatch.context() as patch:
        patch.setattr(rescaled, "answers", answers)
        for T in (0.0, 0.2, 1.0):
            (point,) = rescaled.solve_rescaled(
                SimpleNamespace(model=model, ansatz="rs"), seen, {"temperature": T, "rate": 5.0, "age": 0.1}, None, "canonical"
            )
            weight = math.exp(-0.5)
            place = [pytest.approx(0.1 / unit.load), T, pytest.approx(weight)]
            assert asked[-1] == ("retrieval", ("load", "temperature", "weight"), [place])
            assert (
                point.values == {"m": 0.5}
                and point.parameters["weight"] == pytest.approx(weight)
                and point.model is model
            )
    (point,) = rescaled.solve_rescaled(Theory.of(model), seen, {"temperature": 0.0, "rate": 5.0}, "paramagnetic", "canonical")
    assert point.status == "no-state" and "no paramagnetic state at T = 0" in point.why
    system = SimpleNamespace(unknowns=["C"], parameters=["load", "Lambda"])
    nothing = SimpleNamespace(
        found=np.array([False]), system=system, u=np.ones((1, 1)), q=np.ones(1), short=["it fell short"],
        outputs=lambda: {"free_energy": np.full(1, np.nan)},
    )  # fmt: skip
    monkeypatch.setattr("dammech.solve.answers.find", lambda *arguments, **more: (asked.append(arguments), nothing)[1])
    (point,) = rescaled.solve_rescaled(Theory.of(model), seen, {"temperature": 1.0, "rate": 5.0}, "paramagnetic", "canonical")
    assert point.status == "not-converged" and "it fell short" in point.why and point.judgement is None
    assert asked[-1][1:3] == ("paramagnetic", "cold") and asked[-1][3].ravel().tolist() == pytest.approx(
        [0.1, 1.0, 1.0]
    )
    rescaled.solve_rescaled(Theory.of(model), seen, {"temperature": 0.0, "rate": 5.0, "age": 0.1}, None, "canonical")
    assert asked[-1][2] == "zero" and asked[-1][3].ravel().tolist() == pytest.approx([0.1, math.exp(-0.5)])
    for more, word in (
        ({"load": 0.5}, "endless streams only"),
        ({"branch": "what"}, "branch='what'"),
        ({"ansatz": "1rsb"}, "only rs is derived"),
    ):
        target = SimpleNamespace(model=model, ansatz=more.get("ansatz", "rs"))
        with pytest.raises(InputError, match=word):
            place = {"load": more.get("load"), "temperature": 0.2, "rate": 5.0}
            rescaled.solve_rescaled(target, seen, place, more.get("branch"), "canonical")


# -- bounds of free energies ------------------------------------------------------------------------------------------


def bounds(
    monkeypatch,
    phase,
    variant="finite",
    refined=False,
    f=-1.0,
    replicon=0.1,
    gone=False,
    once=None,
    edge=0.8,
    entropy=0.5,
    T=0.3,
):
    def find(target, branch, variant, p):
        there = np.full(p.shape[1], not gone or branch == "paramagnetic")
        value = {"retrieval": f, "spin-glass": f, "paramagnetic": -0.7}[branch]
        outputs = {"free_energy": np.where(there, value, np.nan), "entropy": np.full(p.shape[1], entropy)} | (
            {} if replicon is None else {"replicon": np.full(p.shape[1], replicon)}
        )
        asked.append((branch, variant, p.tolist()))
        return SimpleNamespace(found=there, outputs=lambda: outputs)

    def broken_once(target, kind, size, p, thorough):
        asked.append((kind, size, thorough))
        there = np.full(p.shape[1], once is not None)
        return SimpleNamespace(
            found=there, outputs=lambda: {"free_energy": np.full(p.shape[1], np.nan if once is None else once)}
        )

    asked = []
    monkeypatch.setattr(equilibrium, "find", find)
    monkeypatch.setattr(broken, "find_broken", broken_once)
    monkeypatch.setattr("dammech.solve.onset.onset", lambda model: SimpleNamespace(broken=edge))
    p = np.array([[0.25], [T]] if variant != "zero" else [[0.25]])
    low, high = equilibrium._bounds(
        SimpleNamespace(model=None, given=None, with_=lambda **k: None), phase, variant, p, refined
    )
    return (float(low[0]), float(high[0])), asked


def test_bounds_of_the_free_energy_of_a_rival(monkeypatch):
    assert bounds(monkeypatch, "retrieval") == ((-1, -1), [("retrieval", "cold", [[0.25], [0.3]])])
    assert bounds(monkeypatch, "retrieval", replicon=-0.1)[0] == (-1, math.inf) and bounds(
        monkeypatch, "retrieval", "zero", replicon=None
    )[0] == (-1, math.inf)
    assert bounds(monkeypatch, "retrieval", gone=True)[0] == (math.inf, math.inf)
    assert bounds(monkeypatch, "retrieval", "zero")[1][0][:2] == ("retrieval", "zero")
    found, asked = bounds(monkeypatch, "retrieval", replicon=-0.1, refined=True, once=-0.9)
    assert found == pytest.approx((-0.9, -0.9 + 0.009)) and asked[-1] == ("retrieval", "finite", False)
    assert bounds(monkeypatch, "retrieval", replicon=-0.1, refined=True)[0] == (-1, math.inf)
    assert bounds(monkeypatch, "retrieval", "zero", replicon=None, refined=True, once=-0.9)[1][-1] == (
        "retrieval",
        "zero",
        False,
    )
    # the glass: a tenth of what interaction adds to −T log 2, and with one step as much again as that step is worth
    found, _ = bounds(monkeypatch, "spin-glass", f=-1.0)
    assert found == pytest.approx((-1, -1 + 0.1 * (1 - 0.3 * math.log(2))))
    assert bounds(monkeypatch, "spin-glass", "zero", f=-1.0)[0] == pytest.approx((-1, -0.9))
    found, asked = bounds(monkeypatch, "spin-glass", refined=True, once=-0.97)
    assert found == pytest.approx((-0.97, -0.94)) and asked[-1] == ("spin-glass", "finite", False)
    found, asked = bounds(monkeypatch, "spin-glass", gone=True)  # the paramagnet is left
    assert found == (-0.7, -0.7) and asked[-1] == ("paramagnetic", "cold", [[0.25], [0.3]])
    assert bounds(monkeypatch, "spin-glass", "zero", gone=True)[0] == (math.inf, math.inf)


def test_bounds_of_the_glass_of_many_bodies_below_its_onset(monkeypatch):
    """Onset 0.8 √α = 0.4: below it the value there, and the tangent there."""
    found, asked = bounds(monkeypatch, "paramagnetic", T=0.3)
    assert found == pytest.approx((-0.7, -0.7 + 0.5 * 0.1)) and asked == [("paramagnetic", "cold", [[0.25], [0.4]])]
    assert bounds(monkeypatch, "paramagnetic", T=0.5)[0] == (-0.7, -0.7) and bounds(
        monkeypatch, "paramagnetic", entropy=-0.5
    )[0] == (-0.7, -0.7)
    found, asked = bounds(monkeypatch, "paramagnetic", "zero")
    assert found == pytest.approx((-0.7, -0.7 + 0.5 * 0.4)) and asked[0][2] == [[0.25], [0.4]]
    assert bounds(monkeypatch, "paramagnetic", edge=math.nan)[0] == (-0.7, math.inf)
    assert bounds(monkeypatch, "paramagnetic", "zero", edge=0.0)[1][0][2] == [[0.25], [1e-9]]
