"""Systems that define lines, in the place of derived ones: where a curve is sought, what it keeps, which line it is."""

from __future__ import annotations

import importlib
from types import SimpleNamespace

import numpy as np
import pytest
from toy_equations import Toy

import dammech as dm
from dammech.declared.kernels import Kernel
from dammech.declared.states import Branch, Condition, Crossing, Fold, Marginal, Zero
from dammech.phases import breaking, broken, lines, models
from dammech.phases.lines import Definition
from dammech.systems.palimpsest.answers import lines as streams
from dammech.systems.palimpsest.answers import weighted


class Target:
    """A theory of a model that notes what was changed."""

    def __init__(self, model, **changed):
        self.model, self.changed, self.ansatz = model, changed, changed.get("ansatz", "rs")

    def with_(self, **changed):
        return Target(self.model, **{**self.changed, **changed})


MODEL = SimpleNamespace(
    noise_strength=2.0,
    branches={"retrieval": Branch("", "largest m", rivals=("spin-glass",))},
    soft=False,
    noise_powers=(3,),
    axes=("load", "temperature"),
)


def points(curve, T):
    return [found[0].p[0] if found else None for found in curve.at(np.array(T, float), 1)]


# -- lines of replica symmetry --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ground", [True, False])
def test_the_spinodal_is_sought_from_the_ground_and_else_at_some_temperatures(monkeypatch, ground):
    """A fold at load 0.8 − T², m = 0.9 − T/2."""
    fold = Toy(
        ["m - 0.9 + T/2", "C - T", "v_m - 1", "v_C", "load - 0.8 + T**2"], "m C v_m v_C", "load T", {"free_energy": "m"}
    )
    zero = Toy(["m - 0.9", "C", "v_m - 1", "v_C", "10*(load - 0.8)"], "m C v_m v_C", "load", rule_error=1e-11)
    asked = []

    def seeds(theory, rest):
        variant = theory.changed["variant"]
        asked.append((variant, rest.tolist()))
        if variant == "zero":
            return [(np.array([0.9, 0.1, 1.0, 0.1]), np.array([0.7]))] if ground else []
        return [(np.array([0.8, 0.1, 1.0, 0.1]), np.array([0.5, rest[0, 0]]))] if rest[0, 0] == 0.05 else []

    monkeypatch.setattr(lines, "compiled", lambda target, kind: target.changed["variant"])
    monkeypatch.setattr(lines.augmented, "fold", {"zero": zero, "cold": fold}.get)
    monkeypatch.setattr(lines, "fold_seeds", seeds)
    definition = lines.retrieval_spinodal.__wrapped__(Target(MODEL))
    assert asked[0] == ("zero", [])
    assert points(definition.curve, [0.3, 0.7]) == pytest.approx([0.71, 0.31])
    found = definition.ground()
    if ground:
        assert (
            found.p == pytest.approx([0.8])
            and found.u == pytest.approx([0.9, 0, 1, 0])
            and found.system is zero
            and found.error[-1] == pytest.approx(1e-12, rel=0.2)
        )
        assert len(asked) == 1 and definition.curve.bottom == 1e-3 and definition.curve.skeleton[1][1].min() > 1e-3
    else:
        assert found is None and asked[1:] == [("cold", [[T]]) for T in (0.1, 0.2, 0.05)] and definition.curve.bottom == 0
    assert (
        definition.curve.keep(np.array([[0.0299, 0.0301]]), None).tolist() == [False, True] and definition.impossible is None
    )


@pytest.mark.parametrize("branch", ["retrieval", "spin-glass"])
@pytest.mark.parametrize("quantity", ["replicon", "entropy"])
def test_where_a_quantity_vanishes_on_a_branch(monkeypatch, branch, quantity):
    """It is T − load on states m = 0.9, C = 1: zero at load = T."""
    memory = branch == "retrieval"
    system = Toy(
        (["m - 0.9"] if memory else []) + ["C - 1/2", "T - load"], "m C" if memory else "C", "load T", {"free_energy": "T"}
    )
    state = Toy(["m - 0.9", "C - 1/2"], "m C", "load T")
    asked = []

    def find(target, name, variant, p, thorough):
        asked.append((name, variant, p.copy(), thorough))
        u = np.array([[0.9], [0.5]])[0 if memory else 1 :] * np.ones(p.shape[1])
        value = p[1] - p[0]
        value[np.abs(value) < 2e-3] *= 1e-6  # exponentially small: its sign means nothing
        return SimpleNamespace(found=p[0] < 2, u=u, outputs=lambda: {quantity: value})

    monkeypatch.setattr(lines, "compiled", lambda target, kind: (asked.append((kind, target.changed)), state)[1])
    monkeypatch.setattr(lines.augmented, "zero", lambda of, output: (asked.append((of is state, output)), system)[1])
    monkeypatch.setattr(lines, "find", find)
    monkeypatch.setattr(lines, "_loads_below_spinodal", lambda target, T: np.linspace(0.013, 1.5, 40))
    definition = lines.zero_of_output(Target(MODEL), quantity, branch)
    assert asked[0] == ("state", {"variant": "cold", "fixed": () if memory else (("m", 0),)})
    assert asked[1] == (True, quantity)
    assert points(definition.curve, [0.3, 0.7]) == pytest.approx([0.3, 0.7])
    searched = next(x for x in asked if x[0] == branch)
    assert searched[1] == "cold" and (searched[2][1] == 0.02).all() and not searched[3]
    assert searched[2][0] == pytest.approx(np.linspace(0.013, 1.5, 40) if memory else 0.5 * np.geomspace(3e-4, 6, 32))
    assert (
        "replica symmetry is unstable" if quantity == "replicon" else "entropy is negative"
    ) in definition.origin
    u, p = np.array([[2.99e-3, 3.01e-3], [0.5, 0.5]]), np.array([[0.1, 0.1], [0.2, 0.2]])
    if memory:
        assert definition.curve.keep(u, p).tolist() == [False, True]
        upside = Toy(["0.9 - m", "C - 1/2"], "m C", "load T")
        monkeypatch.setattr(lines, "compiled", lambda *a: upside)
        definition = lines.zero_of_output(Target(MODEL), quantity, branch)
        assert definition.curve.keep(u, p).tolist() == [False, False]
    else:  # q = 1 − CT is more than nothing
        assert definition.curve.keep(np.array([[5 * (1 - 0.995e-7), 5 * (1 - 1.005e-7)]]), p).tolist() == [False, True]


def test_a_line_without_order_parameters_is_sought_on_a_row_of_loads():
    system = Toy(["load - T**2 - 1/10"], "", "load T", {}, "T")
    definition = lines.parameter_line(MODEL, system)
    assert points(definition.curve, [0.2, 1.0]) == pytest.approx([0.14, 1.1])
    keep = definition.curve.keep(np.empty((0, 4)), np.array([[0.1, 0.0, 0.1, -1.0], [0.2, 0.2, 0.0, 0.2]]))
    assert keep.tolist() == [True, False, False, False] and definition.ground() is None


@pytest.mark.parametrize(("rival", "field"), [("spin-glass", False), ("paramagnetic", False), ("paramagnetic", True)])
def test_where_two_branches_have_equal_free_energies(monkeypatch, rival, field):
    """f = load − T² against 0, retrieval m = 0.9, C = 0.5, and its rival C = 0.4 where that is no paramagnet."""
    three = rival == "spin-glass" or field
    fixed = (("m", 0),) if three else (("m", 0), ("q", 0))
    equations = ["m - 0.9", "C - 1/2", *(["C_2 - 0.4"] if three else []), "load - T**2 - 1/10"]
    system = Toy(equations, "m C C_2" if three else "m C", "load T")
    zero = Toy([e.replace("T**2", "0") for e in equations], " ".join(system.unknowns), "load")
    state = Toy(["m - 0.9", "C - 1/2"], "m C", "load T")
    asked = []

    def find(target, name, variant, p, thorough=True):
        asked.append((name, variant, thorough))
        T = p[1] if variant != "zero" else 0.0
        memory = name == "retrieval"
        u = np.array([[0.9], [0.5]] if memory else [[0.4]]) * np.ones(p.shape[1])
        f = p[0] - T**2 - 0.1 if memory else 0 * p[0]
        return SimpleNamespace(found=p[0] < 5, u=u, outputs=lambda: {"free_energy": f})

    def compiled(target, kind):
        state.target = target
        return SimpleNamespace(**{name: getattr(state, name) for name in ("jacobian", "target")})

    def crossing(first, second):
        one, other = first.target.changed, second.target.changed
        asked.append((one["variant"], other.get("variant"), other["fixed"]))
        return zero if one["variant"] == "zero" else system

    monkeypatch.setattr(lines, "compiled", compiled)
    monkeypatch.setattr(lines.augmented, "crossing", crossing)
    monkeypatch.setattr(lines, "find", find)
    monkeypatch.setattr(lines, "has_random_field", lambda model: field)
    model = SimpleNamespace(noise_strength=2.0, branches={"retrieval": Branch("", "largest m", rivals=(rival,))})
    definition = lines.thermodynamic(Target(model))
    assert asked == [("cold", "cold" if three else None, fixed)]
    assert (
        points(definition.curve, [0.2, 0.5]) == pytest.approx([0.14, 0.35])
        and ("retrieval", "cold", False) in asked
        and (rival, "cold", True) in asked
    )
    ground = definition.ground()
    if rival == "spin-glass":
        assert (
            ground.p == pytest.approx([0.1])
            and ground.u == pytest.approx([0.9, 0.5, 0.4])
            and asked[-2:] == [("retrieval", "zero", False), (rival, "zero", True)]
        )
        assert asked[-3] == ("zero", "zero", fixed)
    else:
        assert ground is None
    p = np.array([[0.1, 0.1], [0.2, 0.2]])
    u = np.array([[2.99e-3, 3.01e-3], [0.5, 0.5], [0.4, 0.4]])[: 2 + three]
    assert definition.curve.keep(u, p).tolist() == [False, True]
    if three:
        u = np.array([[0.9, 0.9], [0.5, 0.5], [5 * (1 - 0.995e-9), 5 * (1 - 1.005e-9)]])
        assert definition.curve.keep(u, p).tolist() == [False, True]


def test_which_definition_a_line_has(monkeypatch):
    made = []
    for name in ("retrieval_spinodal", "thermodynamic", "zero_of_output"):
        monkeypatch.setattr(lines, name, lambda *a, name=name: (name, *a[1:]))

    def parameter(model, system):
        made.append(system)
        return Definition(SimpleNamespace(skeleton=(None, np.zeros((2, count)))))

    monkeypatch.setattr(lines, "compiled", lambda target, kind, *rest: (kind, rest, target.changed))
    monkeypatch.setattr(lines.augmented, "zero", lambda state, quantity: ("zero", (quantity,), state[2]))
    monkeypatch.setattr(lines, "parameter_line", parameter)
    monkeypatch.setattr(lines, "has_random_field", lambda model: field)
    branches = {
        "retrieval": Branch("", "largest m"),
        "spin-glass": Branch("", "largest q"),
        "paramagnetic": Branch("", "smallest q", held=(("m", 0), ("q", 0))),
    }
    declared = {
        "end": Fold("retrieval"), "equal": Crossing("retrieval", "paramagnetic"), "law": Condition("nishimori"),
        "entropy": Zero("paramagnetic", "entropy"), "at": Marginal("retrieval"), "lost": Marginal("paramagnetic"),
        "s": Zero("retrieval", "entropy"),
    }  # fmt: skip
    target = Target(SimpleNamespace(branches=branches, lines=declared))
    count, field = 3, False
    assert lines.define(target, "end", None) == ("retrieval_spinodal",) and lines.define(target, "equal", None) == (
        "thermodynamic",
    )
    assert (
        lines.define(target, "s", None)
        == ("zero_of_output", "entropy", "retrieval")
        == lines.define(target, "entropy", "retrieval")
    )
    assert lines.define(target, "at", None) == ("zero_of_output", "replicon", "retrieval") and not made
    for line in ("law", "entropy", "lost"):
        assert isinstance(lines.define(target, line, None), Definition)
    held = {"fixed": (("m", 0), ("q", 0))}
    assert made == [("condition", ("nishimori",), {}), ("zero", ("entropy",), held), ("instability", (), held)]
    count = 0
    assert (
        "never unstable" in lines.define(target, "lost", None).impossible
        and lines.define(target, "entropy", None).impossible is None
    )
    field = True
    assert lines.define(target, "entropy", None) == ("zero_of_output", "entropy", "paramagnetic")
    assert lines.define(target, "lost", None) == ("zero_of_output", "replicon", "paramagnetic")


# -- lines of broken symmetry ----------------------------------------------------------------------------------------------


def test_a_transition_of_the_glass_is_sought_and_kept(monkeypatch):
    """Clusters q_1 = T, complexity T − 0.6 √load and a fold where q_1 turns back."""
    state = Toy(["q1 - 1 + T/2"], "q1", "alpha T", {"complexity": "T**2 - 0.36*alpha", "free_energy": "T"}, "1 - q1")
    model = SimpleNamespace(noise_strength=4.0, p=3, axes=("load", "temperature"))

    class Clusters:
        @classmethod
        def of(cls, model, load=1.0):
            made = cls()
            made.load = load
            return made

        system = state

        def followed(self):
            T = np.array([0.1, 0.2, 0.28, 0.34])
            return T, 1 - T[None] / 2

        def point(self, T):
            return np.array([[self.load], [float(T)]])

        def condensed(self, T, u):
            return 2

    monkeypatch.setattr(broken, "Clusters", Clusters)
    line = broken.glass_line.__wrapped__(Target(model), "static")
    (seed,) = line.curve.seeds()
    assert seed[0] == pytest.approx([1 - 0.14]) and seed[1] == pytest.approx([0.25, 0.28])
    rows = line.curve.at(np.array([0.16, 0.25, 0.36]), 0)
    assert [r[0].p[1] for r in rows] == pytest.approx([0.24, 0.3, 0.36])
    p = np.array([[0.1, 0.1, 1e-7, 0.1], [0.2, 1e-7, 0.2, 0.2]])
    assert line.curve.keep(np.array([[0.5, 0.5, 0.5, 0.995e-3]]), p).tolist() == [True, False, False, False]
    dynamic = broken.glass_line.__wrapped__(Target(model), "dynamic")
    (seed,) = dynamic.curve.seeds()
    assert seed[0].size == 2 and seed[1] == pytest.approx([0.25, 0.34]) and dynamic.curve.free == (1, 0)
    monkeypatch.setattr(Clusters, "condensed", lambda self, T, u: None)
    assert list(broken.glass_line.__wrapped__(Target(model), "static").curve.seeds()) == []
    monkeypatch.setattr(Clusters, "followed", lambda self: (np.empty(0), np.empty((1, 0))))
    assert list(broken.glass_line.__wrapped__(Target(model), "dynamic").curve.seeds()) == []
    outer = Toy(["q0 - T/4", "q1 - 1 + T/2"], "q0 q1", "T", {"complexity": "T - 0.6"})
    monkeypatch.setattr(Clusters, "system", outer)
    single = broken.glass_line.__wrapped__(Target(SimpleNamespace(noise_strength=1.0, p=3, axes=("temperature",))), "static")
    assert single.curve.free == (0, 0)
    assert single.curve.keep(np.array([[0.5, 0.5], [0.500995, 0.501005]]), np.array([[0.1, 0.1]])).tolist() == [False, True]


@pytest.mark.parametrize("retrieval", ["1rsb", "rs"])
def test_a_crossing_of_broken_states(monkeypatch, retrieval):
    """Free energies load − 0.4 and T² cross at load = 0.4 + T²; at T = 0 at 0.4."""
    broke = retrieval == "1rsb"
    texts = ["m - 0.9", "q0 - 0.6", "q1 - 0.8", "theta - 0.5"] if broke else ["m - 0.9", "q - 0.8"]
    outputs = {"free_energy": "alpha - 0.4", "replicon": "T - 0.1"}
    first = Toy(texts, "m q0 q1 theta" if broke else "m q", "alpha T", outputs)
    second = Toy(["q1 - 0.7", "theta - 0.4"], "q1 theta", "alpha T", {"free_energy": "T**2", "replicon": "0.3 - T"})
    texts = ["m - 0.9", "q0 - 0.6", "C - 2", "y - 5"] if broke else ["m - 0.9", "C - 2"]
    cold_one = Toy(texts, "m q0 C y" if broke else "m C", "alpha", {"free_energy": "alpha - 0.4"})
    cold_two = Toy(["C - 3", "y - 4"], "C y", "alpha", {"free_energy": "0*alpha"})
    asked = []

    def state(glass, ansatz, name, variant, p):
        asked.append((ansatz, name, variant, p.shape[1]))
        T = p[1] if variant == "finite" else 0 * p[0]
        memory = name == "retrieval"
        warm, cold = ("q1 theta", "C y") if glass else ("m q0 q1 theta", "m q0 C y") if ansatz == "1rsb" else ("m q", "m C")
        values = {"m": 0.9, "q": 0.8, "q0": 0.6, "q1": 0.7, "theta": 0.5, "C": 3.0, "y": 5.0}
        u = np.array([[values[n]] for n in (warm if variant == "finite" else cold).split()]) * np.ones(p.shape[1])
        there, f = p[0] < (9.0 if ansatz == "1rsb" else 0.45), p[0] - 0.4 if memory else T**2
        one = lambda k: SimpleNamespace(u=u[:, k], found=there[k])  # noqa: E731
        return SimpleNamespace(u=u, found=there, outputs=lambda: {"free_energy": f}, at=one)

    monkeypatch.setattr(broken, "state_of", lambda theory: second if theory.changed.get("glass") else first)
    monkeypatch.setattr(broken, "compiled", lambda theory, kind: cold_two if theory.changed.get("glass") else cold_one)
    monkeypatch.setattr(broken, "branch_theory", lambda target, name, variant: target.with_(glass=True, variant=variant))
    monkeypatch.setattr(broken, "find", lambda target, *rest: state(False, target.changed["ansatz"], *rest))
    monkeypatch.setattr(broken, "find_broken", lambda of, name, *rest, thorough: state(name == "glass", "1rsb", name, *rest))
    monkeypatch.setattr(broken, "natural_load", lambda model: 1.0)
    piece = broken._crossing(Target(MODEL, ansatz="1rsb"), retrieval)
    ground = piece.ground()
    assert ground.p == pytest.approx([0.4]) and ground.u[0] == pytest.approx(0.9) and ground.error[-1] < 1e-10
    assert ("rs", "retrieval", "zero", 24) in asked and ("1rsb", "glass", "zero", 24) in asked
    assert (("1rsb", "retrieval", "zero", 1) in asked) == broke and piece.to_finite is not None and piece.ansatz == "1rsb"
    assert points(piece.curve, [0.05, 0.1, 0.15]) == pytest.approx([0.4025, 0.41, 0.4225])
    u = np.array([[x] * 4 for x in [*([0.9, 0.6, 0.8, 0.5] if broke else [0.9, 0.8]), 0.7, 0.4]])
    p = np.array([[0.4] * 4, [0.05, 0.2, 0.2, 0.4]])
    assert piece.holds is None if broke else piece.holds(u, p).tolist() == [False, True, True, True]
    low = u[:, :2].copy()
    low[0] = [2.99e-3, 3.01e-3]
    assert piece.curve.keep(low, p[:, :2]).tolist() == [False, True]
    assert piece.curve.keep(u[:, :2], np.array([[0.4, 0.4], [9.86e-5, 9.93e-5]])).tolist() == [False, True]
    same = u[:, :1].copy()
    same[-1] = 1.0  # θ = 1: no state of its own
    assert not piece.curve.keep(same, p[:, :1])[0]
    if broke:
        same = u[:, :1].copy()
        same[2] = same[1]
        assert not piece.curve.keep(same, p[:, :1])[0]


def test_pieces_of_the_thermodynamic_line(monkeypatch):
    """The symmetric crossing holds where both states are stable and no glass is found, above the coldest."""
    system = Toy(["m - 0.9"], "m", "alpha T", {"replicon": "T - 0.1", "replicon_2": "0.3 - T"})
    monkeypatch.setattr(broken, "_crossing", lambda target, ansatz: ansatz)
    monkeypatch.setattr(broken, "thermodynamic", lambda target: Definition(SimpleNamespace(system=system, of=target.changed)))
    monkeypatch.setattr(broken, "find_broken", lambda *a, **k: SimpleNamespace(found=np.array([False, False, True, False])))
    for powers, expected in (((2,), ["rs"]), ((3,), ["1rsb", "rs"])):
        *pieces, plain = broken.thermodynamic_pieces(Target(SimpleNamespace(noise_powers=powers)))
        assert pieces == expected and plain.curve.of == {"ansatz": "rs"} and plain.ansatz == "rs"
    p = np.array([[0.4] * 4, [0.05, 0.2, 0.2, 0.4]])
    assert plain.holds(np.full((1, 4), 0.9), p).tolist() == [False, True, False, False]
    monkeypatch.setattr(broken, "find_broken", lambda *a, **k: SimpleNamespace(found=np.array([False, False])))
    system.outputs = lambda u, p: {"replicon": np.ones(2)}
    assert plain.holds(np.full((1, 2), 0.9), np.array([[0.4, 0.4], [9.86e-5, 9.93e-5]])).tolist() == [False, True]


@pytest.mark.parametrize("start", [1e-6, 0.09, 0.1, 0.11, 0.149, 0.151, 40.0])
def test_a_load_is_found_from_below_and_from_above(start):
    assert streams._root(lambda x: x**3 - 1e-3, start) == pytest.approx(0.1, rel=1e-12)


def test_a_window_without_a_widest_point():
    """Where the capacity does not fall with the weight every older pattern is worth its place."""
    flat = weighted.Capacity(0.1, 0.0, 0.0, 0.0, {})
    said = streams.point_of("optimal-rate", Kernel("power-law", 0.6), lambda weight: flat)
    assert said == "the window has no widest point at any rate"


def test_pieces_of_a_line_are_asked_for_at_temperatures_and_loads(monkeypatch):
    asked = []
    piece = SimpleNamespace(ansatz="rs")
    monkeypatch.setattr(breaking, "_pieces", lambda target: [piece])
    monkeypatch.setattr(
        breaking, "_of_curve", lambda piece, axis, values: (asked.append((axis, values.tolist())), [[] for _ in values])[1]
    )
    for axis in ("temperature", "load"):
        (point,) = breaking.broken_points(Target(MODEL, ansatz="1rsb"), "thermodynamic", axis, np.array([0.1]), None)
        assert point[axis] == 0.1 and point["why"].startswith("no crossing")
    assert asked == [("temperature", [0.1]), ("load", [0.1])]


@pytest.mark.parametrize(("branch", "expected"), [(None, None), ("disordered", None), ("retrieval", "retrieval")])
def test_a_branch_of_the_zero_of_an_entropy(monkeypatch, branch, expected):
    asked, models = [], importlib.import_module("dammech.phases.models")
    monkeypatch.setattr(models, "_definition", lambda target, line, branch: asked.append((line, branch)))
    monkeypatch.setattr(models, "_at", lambda *a: [])
    for given in ({"loads": 0.1}, {"temperatures": 0.1}):
        dm.boundary(dm.HebbianDAM(3), "zero-entropy", branch=branch, **given)
    assert asked == [("zero-entropy", expected)] * 2


# -- weights at order two --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("T", [0.0, 0.2])
def test_the_capacity_of_a_weight_is_a_fold_of_the_weighted_theory(monkeypatch, T):
    """A = Λ²/10 − T²/10 with m = 0.9 there: dA/dΛ = Λ/5."""
    names = "load Lambda" if T == 0 else "load T Lambda"
    edge = "load - Lambda**2/10" + ("" if T == 0 else " + T**2/10")
    outputs = {"replicon": "0.1 + 0*load", "free_energy": "m"}
    fold = Toy(["m - 0.9", "C - 0.4", "v_m - 1", "v_C", edge], "m C v_m v_C", names, outputs, rule_error=1e-11)
    state = Toy([f"(m - 0.9)**2 + {edge}", "C - 0.4 + m - 0.9"], "m C", names)
    seeds = []

    def fold_seeds(theory, rest):
        seeds.append((theory.changed["variant"], rest[:, 0].tolist()))
        return [] if rest[-1, 0] < 0.1 else [(np.array([0.8, 0.3, 1.0, 0.1]), np.array([0.02, *rest[:, 0]]))]

    monkeypatch.setattr(weighted, "compiled", lambda theory, kind: state)
    monkeypatch.setattr(weighted.augmented, "fold", lambda of: fold if of is state else None)
    monkeypatch.setattr(weighted, "fold_seeds", fold_seeds)
    weighted._fold_by_weight.cache_clear()
    capacity = weighted._fold_by_weight(Target(MODEL), T)
    one = capacity(1.0)
    assert (
        one.load == pytest.approx(0.1 - T**2 / 10)
        and one.slope == pytest.approx(0.2)
        and one.exponent(1.0) == pytest.approx(0.2 / one.load)
    )
    assert seeds == [("zero", [1.0]) if T == 0 else ("cold", [T, 1.0])]
    assert (
        one.point["m"] == pytest.approx(0.9)
        and one.point["q"] == pytest.approx(1 - 0.4 * T)
        and one.point["valid"] == (T > 0)
        and one.error == pytest.approx(1e-11 / one.load, rel=0.2)
    )
    near = capacity(0.9)
    assert near.load == pytest.approx(0.081 - T**2 / 10) and len(seeds) == 1  # from its neighbour
    far = capacity(0.5)
    assert (
        far.load == pytest.approx(0.025 - T**2 / 10)
        and len(seeds) == 2
        and seeds[1][1][-1] == 0.5
    )
    assert capacity(1.0) is one and capacity(0.05) == "a pattern of weight 0.05 is lost at every load at this temperature"
    weighted._fold_by_weight.cache_clear()


def test_a_spinodal_of_a_memory_and_its_slope(monkeypatch):
    """At a fold the left null vector of the state sees load and temperature only: α = 0.2 − T²."""
    state = Toy(["(m - 0.9)**2 + (C - 0.4)**2 + load - 0.2 + T**2", "C - 0.4 + m - 0.9 + T"], "m C", "load T")
    asked = []

    def boundary(memory, line, temperatures, ansatz="rs"):
        asked.append((line, list(temperatures), ansatz))
        rows = []
        for T in temperatures:
            row = {
                "temperature": T,
                "load": 0.2 - T**2,
                "load_error": 1e-10,
                "converged": True,
                "valid": T > 0.25,
                "m": 0.9,
                "q": 1 - 0.4 * T,
            }
            rows += [{**row, "load": 0.05}, row] if T < hot else [{**row, "load": None, "converged": False}]
        return SimpleNamespace(points=rows)

    hot = 0.4
    monkeypatch.setattr(weighted, "boundary_of_model", lambda target, line, T, *_: boundary(target.model, line, T, target.ansatz))
    monkeypatch.setattr(weighted, "compiled", lambda *a: state)
    monkeypatch.setattr(weighted, "Theory", SimpleNamespace(of=lambda memory, ansatz="rs": Target(memory, ansatz=ansatz)))
    alpha, slope, error, slope_error, point = weighted._spinodal("memory", 0.2, "rs")
    assert (
        (alpha, slope) == (pytest.approx(0.16), pytest.approx(-0.4))
        and error == pytest.approx(1e-10 / 0.16)
        and slope_error == 1e-9
        and point["load"] == alpha
    )
    assert weighted._spinodal("memory", 0.0, "rs")[:2] == (0.2, 0.0) and asked[-1] == ("retrieval-spinodal", [0.0], "rs")
    asked.clear()
    alpha, slope, _, relative, _ = weighted._spinodal("memory", 0.2, "1rsb")
    assert (
        slope == pytest.approx(-0.4, abs=1e-9)
        and [a for _, _, a in asked] == ["rs", "1rsb"]
        and asked[1][1] == pytest.approx([0.2, 0.1992, 0.1996, 0.2004, 0.2008])
    )
    assert relative == pytest.approx(2 * 1e-10 / 4e-4 / 0.4, rel=0.01)
    symmetric = weighted._spinodal("memory", 0.3, "1rsb")
    assert symmetric[0] == pytest.approx(0.11) and symmetric[-1]["ansatz"] == "rs"
    assert "above every temperature of retrieval" in weighted._spinodal("memory", 0.5, "rs") and weighted._spinodal(
        "memory", 0.5, "1rsb"
    ).startswith("T = 0.5")
    hot = 0.2 + 1e-3 * 0.2
    assert weighted._spinodal("memory", 0.2, "1rsb") == "the 1rsb line was not resolved around T = 0.2"


@pytest.mark.parametrize("order", [3, 4])
def test_the_entropy_of_retrieval_vanishes_on_a_line_that_goes_on_to_the_coldest(order):
    """Entropies change by 1e-20 and less there, all of which are digits."""
    cold = dm.boundary(dm.HebbianDAM(order), "zero-entropy", branch="retrieval", temperatures=[1e-9, 1e-8, 1e-7])
    assert (np.diff(cold["load"]) > 0).all() and (np.abs(cold["entropy"]) < 1e-20).all()
    for point in cold.points:
        there = dm.solve(dm.HebbianDAM(order), load=point["load"], temperature=point["temperature"], branch="retrieval")
        beside = dm.solve(dm.HebbianDAM(order), load=1.01 * point["load"], temperature=point["temperature"], branch="retrieval")
        assert abs(there["entropy"]) < 1e-6 * abs(beside["entropy"])


@pytest.mark.parametrize(
    ("coldest", "status"),
    [(1e-6, "not-converged"), (0.9e-3, "not-converged"), (1.1e-3, "no-state"), (0.2, "no-state")],
)
def test_below_the_end_of_a_trace_that_may_go_on_nothing_is_denied(coldest, status):
    curve = SimpleNamespace(skeleton=(np.zeros((2, 2)), np.array([[0.1, 0.2], [coldest, 1.0]])))
    line = Definition(curve)
    assert models._nowhere("spinodal", line, "temperature", 0.9 * coldest)[1] == status
    assert models._nowhere("spinodal", line, "temperature", 1.1)[1] == "no-state"
