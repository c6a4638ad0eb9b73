"""Lines with broken symmetry in parts: which piece answers, what is asked for, how folds go on to where levels merge."""

from __future__ import annotations

import importlib
from types import SimpleNamespace

import numpy as np
import pytest
from toy_equations import Toy

import dammech as dm
from dammech.declared.states import Branch
from dammech.declared.units import convention
from dammech.errors import InputError
from dammech.phases import breaking, broken, diagram, lines, merging
from dammech.phases.breaking import broken_points, broken_range
from dammech.phases.curve import Curve
from dammech.phases.lines import Definition
from dammech.phases.merging import Merging
from dammech.phases.points import Boundary, Point, as_asked
from dammech.solve.augmented import Augmented
from dammech.solve.newton import Roots
from dammech.solve.transformed import parting

models = importlib.import_module("dammech.phases.models")  # a function has its name in the room


def target(ansatz="1rsb", axes=("load", "temperature"), **more):
    found = SimpleNamespace(ansatz=ansatz, model=SimpleNamespace(axes=axes, **more))
    found.with_ = lambda **changed: target(**{"ansatz": ansatz, "axes": axes, **more, **changed})
    return found


def one(temperature, load=0.1, **more):
    return {"temperature": temperature, "load": load, "converged": True, "valid": True, "why": None} | more


# -- which piece of a line answers ------------------------------------------------------------------------------------


def spinodal_of(monkeypatch, found, plain, temperatures=None, loads=None, ground=None):
    """``found``: broken points by value; ``plain``: symmetric ones."""
    asked = []

    def of_curve(piece, axis, values):
        asked.append((values.tolist(), axis))
        return [[dict(p) for p in found.get(v, [])] for v in values.tolist()]

    def symmetric(axis, values):
        asked.append(("symmetric", values.tolist()))
        return [dict(p) | {axis: v} for v in values.tolist() for p in plain.get(v, [])]

    monkeypatch.setattr(breaking, "spinodal", lambda target: "piece")
    monkeypatch.setattr(breaking, "_of_curve", of_curve)
    monkeypatch.setattr(breaking, "_ground_record", lambda piece: ground)
    axis, values = ("temperature", temperatures) if loads is None else ("load", loads)
    return broken_points(target(), "retrieval-spinodal", axis, np.array(values, float), symmetric), asked


def test_at_each_temperature_the_symmetric_spinodal_where_it_holds_and_else_the_broken_one(monkeypatch):
    found = {0.1: [one(0.1, 0.2), one(0.1, 0.3), one(0.1, 0.25)], 0.3: [one(0.3, 0.7)]}
    plain = {
        0.1: [one(0.1, valid=False)],
        0.2: [one(0.2, valid=False)],
        0.3: [one(0.3, 0.6)],
        0.4: [one(0.4, converged=False, why="nothing", status="no-state")],
    }
    points, asked = spinodal_of(monkeypatch, found, plain, [0, 0.1, 0.2, 0.3, 0.4], ground={"ground": True})
    assert asked == [([0.1, 0.2, 0.3, 0.4], "temperature"), ("symmetric", [0.1, 0.2, 0.3, 0.4])]
    assert points[0] == {"ground": True} and points[1]["load"] == 0.3  # the highest of them
    assert points[2]["why"].startswith("the levels of 1RSB merge close to here") and not points[2]["converged"]
    assert (points[3]["load"], points[3]["ansatz"], points[3]["why"]) == (
        0.6,
        "rs",
        "replica symmetry is stable on this part of the line",
    )
    assert (points[4]["why"], points[4]["status"], points[4]["load"], points[4]["temperature"]) == (
        "nothing",
        "no-state",
        None,
        0.4,
    )
    points, _ = spinodal_of(monkeypatch, {}, {}, [0])
    assert points[0]["why"] == "no 1RSB retrieval state was found at T = 0" and points[0]["temperature"] == 0.0
    points, _ = spinodal_of(monkeypatch, {}, {}, [0.2])
    assert (
        points[0]["why"] == "no point of the retrieval-spinodal line was found at this temperature"
        and points[0]["status"] == "not-converged"
    )
    assert spinodal_of(monkeypatch, {}, {}, [0.0])[1] == [([], "temperature")]  # nothing is solved at positive temperatures


def test_at_each_load_every_temperature_of_both(monkeypatch):
    found = {0.1: [one(0.5), one(0.1)], 0.2: []}
    plain = {0.1: [one(0.3), one(0.2, valid=False), one(0.7, converged=False)], 0.2: [], 0.3: []}
    points, asked = spinodal_of(monkeypatch, found, plain, loads=[0.1, 0.2])
    assert asked == [([0.1, 0.2], "load"), ("symmetric", [0.1, 0.2])]
    assert [(p["temperature"], p.get("ansatz")) for p in points[:3]] == [(0.1, None), (0.3, "rs"), (0.5, None)]
    assert (
        points[3]["why"] == "no point of the retrieval-spinodal line was found at this load"
        and points[3]["load"] == 0.2
        and len(points) == 4
    )


def test_lines_of_many_steps(monkeypatch):
    symmetric = lambda *given: [one(0.1), one(0.2)]  # noqa: E731
    for line in ("dynamic", "static", "gardner", "thermodynamic"):
        with pytest.raises(InputError, match=f"the {line} line is computed with 1rsb"):
            broken_points(target("2rsb"), line, "temperature", np.array([0.1]), symmetric)
    with pytest.raises(InputError, match="at given temperatures only"):
        broken_points(target("2rsb"), "retrieval-spinodal", "load", np.array([0.1]), symmetric)
    points = broken_points(target("2rsb"), "at", "temperature", np.array([0.1]), symmetric)
    assert (
        [p["ansatz"] for p in points]
        == ["rs", "rs"]
        == [p["ansatz"] for p in broken_points(target(), "at", "temperature", np.array([0.1]), symmetric)]
    )


def test_a_spinodal_of_many_steps_from_that_of_one(monkeypatch):
    first = [
        one(0.0, ansatz="1rsb"),
        one(0.1, ansatz="rs"),
        one(0.2, ansatz="1rsb"),
        {"temperature": 0.3, "converged": False},
        one(0.4, ansatz="1rsb"),
    ]
    monkeypatch.setattr(breaking, "_spinodal", lambda target, axis, T, symmetric: [dict(p) for p in first])
    asked = []
    system = SimpleNamespace(unknowns=["m", "q0", "q1", "q2", "theta1", "theta2"], parameters=["alpha", "T"], steps=2)
    cold = SimpleNamespace(unknowns=["m", "q0", "q1", "C", "y1", "y2"], parameters=["alpha"], steps=2)

    def level(model, steps, *, temperature):
        asked.append((steps, temperature))
        if temperature == 0.4:
            return None
        which, p = (cold, [0.12]) if temperature == 0 else (system, [0.11, temperature])
        which.outputs = lambda u, p: {"free_energy": np.array([-0.5]), "replicon_q2": np.array([0.3])}
        roots = Roots(
            np.arange(6.0)[:, None], np.array(p)[:, None], np.array([1e-13]), np.arange(7.0)[:, None] * 1e-9, np.array([True])
        )
        return SimpleNamespace(system=which, roots=roots)

    monkeypatch.setattr("dammech.phases.levels.level_spinodal", level)
    points = broken_points(target("2rsb"), "retrieval-spinodal", "temperature", np.array([0, 0.1, 0.2, 0.3, 0.4]), None)
    assert asked == [(2, 0.0), (2, 0.2), (2, 0.4)] and points[1] == first[1] and points[3] == first[3]
    ground, warm, lost = points[0], points[2], points[4]
    assert (ground["q2"], ground["theta1"], ground["theta2"], ground["replicon"], ground["valid"]) == (
        1.0,
        0.0,
        0.0,
        None,
        False,
    )
    assert ground["load"] == 0.12 and "finite number of levels" in ground["why"] and ground["ansatz"] == "2rsb"
    assert (warm["load"], warm["temperature"], warm["q2"], warm["theta2"], warm["valid"]) == (0.11, 0.2, 3.0, 5.0, True)
    assert warm["load_error"] == pytest.approx(6e-9)
    assert lost["why"] == "no 2rsb spinodal was found from that with fewer steps" and not lost["converged"]


def glass_of(
    monkeypatch, line="static", temperatures=None, loads=None, continuous=False, axes=("load", "temperature"), found=None
):
    monkeypatch.setattr(breaking, "is_continuous", lambda target: continuous)
    monkeypatch.setattr(breaking, "glass_line", lambda target, line: line)
    monkeypatch.setattr(breaking, "_of_curve", lambda piece, axis, values: [
        [{"v": v, "axis": axis, "temperature": v}] if v in found else [] for v in values.tolist()
    ])  # fmt: skip
    axis, values = ("temperature", temperatures) if loads is None else ("load", loads)
    values = np.empty(0) if values is None else np.array(values, float)
    plain = lambda *a, **k: [one(0.3), {"converged": False, "why": "no", **k}]  # noqa: E731
    return broken_points(target(axes=axes), line, axis, values, plain)


def test_lines_of_the_glass(monkeypatch):
    points = glass_of(monkeypatch, temperatures=[0, 0.1, 0.2], found=[0.1])
    origin = {
        "temperature": 0.0,
        "load": 0.0,
        "load_error": 0.0,
        "m": 0.0,
        "residual": 0.0,
        "converged": True,
        "valid": True,
        "why": None,
        "ansatz": "1rsb",
    }
    assert points[:2] == [origin, {"v": 0.1, "axis": "temperature", "temperature": 0.1}]
    assert points[2]["temperature"] == 0.2 and points[2]["load"] is None and "no point of the static line" in points[2]["why"]
    points = glass_of(monkeypatch, loads=[0.3, 0, 0.1], found=[0.1])
    origin["temperature_error"] = origin.pop("load_error")
    assert points[1:] == [origin, {"v": 0.1, "axis": "load", "temperature": 0.1}] and (
        points[0]["load"],
        points[0]["temperature"],
    ) == (0.3, None)
    points = glass_of(monkeypatch, temperatures=[0.1], continuous=True, found=[])
    assert [p.get("ansatz") for p in points] == ["rs"] * 2 and points[1]["line"] == "spin-glass"
    assert points[0]["why"].startswith("the glass sets in continuously") and points[1]["why"] == "no"
    monkeypatch.setattr(breaking, "_continuous_point", lambda target: one(1.0))
    (point,) = glass_of(monkeypatch, continuous=True, axes=("temperature",), found=[])
    assert point["temperature"] == 1.0 and point["ansatz"] == "rs" and "continuously" in point["why"]
    monkeypatch.setattr(breaking, "_single_points", lambda piece, line: [piece, line])
    assert glass_of(monkeypatch, axes=("temperature",), found=[]) == ["static", "static"]


@pytest.mark.parametrize("replicon", [0.0, -0.996e-8, -1.004e-8, 0.5])
def test_a_single_transition_is_the_first_seed_that_is_wanted(replicon):
    system = Toy(["q1**2 - T", "q1 - 1/2"], "q1", "T", {"free_energy": "T", "replicon_q1": f"{replicon!r} + 0*T"})
    seeds = [(np.array([-0.5]), np.array([-3.0])), (np.array([0.4]), np.array([0.2]))]
    for keep, count in ((lambda u, p: p[0] > 0, True), (lambda u, p: p[0] > 9, False)):
        curve = Curve(system, (0, 0), lambda: seeds, keep, np.ones(2))
        for line in ("static", "gardner"):
            (point,) = breaking._single_points(Definition(curve), line)
            if count:
                assert (
                    point["temperature"] == pytest.approx(0.25)
                    and point["q1"] == 0.5
                    and point["q0"] == 0.0
                    and point["load"] is None
                )
                assert (
                    point["valid"] == (replicon >= -1e-9 or (line == "gardner" and abs(replicon) < 1e-8))
                    and point["theta"] == 1.0
                )
            else:
                assert point["why"] == f"no {line} transition was found for this model" and not point["converged"]


def test_over_which_temperatures_a_line_is_shown(monkeypatch):
    def piece(p):
        return Definition(SimpleNamespace(skeleton=(None, np.array(p, float).reshape(2, -1))))

    monkeypatch.setattr(breaking, "glass_line", lambda target, line: piece([[0, 0], [0.2, 0.8]]))
    assert broken_range(target(), "static", 4, None) == pytest.approx([0.2, 0.4, 0.6, 0.8])
    monkeypatch.setattr(breaking, "glass_line", lambda target, line: piece([]))
    assert broken_range(target(), "static", 4, None).tolist() == [0.125, 0.25, 0.375, 0.5]
    monkeypatch.setattr(breaking, "_pieces", lambda target: [piece([[0], [0.5]]), piece([]), piece([[0], [0.9]])])
    assert broken_range(target(), "thermodynamic", 3, None) == pytest.approx([0, 0.45 * 0.9999, 0.9 * 0.9999])
    monkeypatch.setattr(breaking, "_pieces", lambda target: [piece([])])
    assert broken_range(target(), "thermodynamic", 3, None).tolist() == [0, 0.5, 1]
    symmetric = lambda: np.array([0.1, 0.7])  # noqa: E731
    for highest, end in ((0.9, 0.9), (0.6, 0.7)):
        monkeypatch.setattr(breaking, "spinodal", lambda target, highest=highest: piece([[0], [highest]]))
        assert broken_range(target(), "retrieval-spinodal", 3, symmetric) == pytest.approx([0, end / 2, end])
    assert broken_range(target(), "at", 3, symmetric).tolist() == [0.1, 0.7]


# -- pieces -----------------------------------------------------------------------------------------------------------

PATH = Toy(["q1 - 1 + T", "load - T**2"], "q1", "load T", {"free_energy": "load", "replicon_q1": "T - 0.25"})
PATH.parameters = ["alpha", "T"]


def path(keep=lambda u, p: (p[1] > 0.01) & (p[1] < 0.9), seeds=((0.7, 0.09, 0.3),), bottom=0.05):
    made = [(np.array([q]), np.array([a, T])) for q, a, T in seeds]
    return Curve(PATH, (0, 1), lambda: made, keep, np.array([1.0, 0.5, 0.5]), largest=0.1, bottom=bottom)


def test_records_of_a_piece_are_of_what_belongs_to_the_line():
    piece = Definition(path(), holds=lambda u, p: p[1] > 0.2, ansatz="1rsb")
    rows = breaking._of_curve(piece, "temperature", np.array([0.1, 0.24, 0.3, 0.95]))
    assert [len(r) for r in rows] == [0, 1, 1, 0]
    (low,), (high,) = rows[1:3]
    assert (
        low["load"] == pytest.approx(0.24**2)
        and low["temperature"] == 0.24
        and low["q1"] == pytest.approx(0.76)
        and not low["valid"]
    )
    assert (
        high["valid"]
        and high["load_error"] < 1e-12
        and high["ansatz"] == "1rsb"
        and high["free_energy"] == pytest.approx(0.09)
    )
    by_load = breaking._of_curve(piece, "load", np.array([0.09]))
    assert by_load[0][0]["temperature"] == pytest.approx(0.3) and "temperature_error" in by_load[0][0]
    for nothing in (Definition(path(seeds=())), Definition(None)):
        assert breaking._of_curve(nothing, "temperature", np.array([0.1, 0.2])) == [[], []] and nothing.traced.shape == (2, 0)
    # a ground, moved to a low temperature, serves for guesses below what was traced
    ground = lambda: Point(None, np.array([1.0]), np.array([0.0]), 0.0, np.zeros(2), {})  # noqa: E731
    wide = path(lambda u, p: p[1] < 0.9)
    asked = []

    def to_finite(u, T):
        asked.append(T)
        return u - T

    anchored = breaking._of_curve(Definition(wide, ground, to_finite=to_finite), "temperature", np.array([1e-3]))
    assert anchored[0][0]["load"] == pytest.approx(1e-6) and asked == [1e-5]


def test_an_anchor_alone_makes_no_line():
    curve = path(seeds=())
    assert curve.at(np.array([0.3]), 1, (np.array([0.7]), np.array([0.09, 0.3]))) == [[]]


def test_just_beyond_an_end_a_point_is_guessed_from_it():
    """A twentieth of the natural size of the parameter that is given: of the temperature 1, of the load 1/10."""
    curve = path(lambda u, p: p[1] < 0.9)
    curve.follow, curve.scale = (lambda u, p: p[1] < 0.5), np.array([1.0, 0.1, 1.0])
    end = curve.skeleton[1][:, -1]
    assert 0.4 < end[1] < 0.5
    assert [len(rows) for rows in curve.at(end[1] + np.array([0.049, 0.051]), 1)] == [1, 0]
    assert [len(rows) for rows in curve.at(end[0] + np.array([0.0049, 0.0051]), 0)] == [1, 0]


def test_the_ground_of_a_line_is_an_anchor_at_zero():
    asked = []
    curve = SimpleNamespace(at=lambda values, which, anchor: asked.append(anchor) or [])
    u = np.array([0.9, 0.1])
    Definition(curve, lambda: Point(None, u, np.array([0.138]), 0.0, np.zeros(3), {})).at(np.array([0.1]), 1)
    Definition(curve).at(np.array([0.1]), 1)
    assert asked[0][0] is u and asked[0][1].tolist() == [0.138, 0.0] and asked[1] is None


def test_a_trace_leaves_out_no_point():
    p = path().skeleton[1]
    start = int(np.abs(p[1] - 0.3).argmin())
    steps = np.linalg.norm(np.diff(np.concatenate([1 - p[1:], p]) / np.array([[1.0], [0.5], [0.5]]), axis=1), axis=0)
    assert p[1, start] == pytest.approx(0.3) and steps[start] == pytest.approx(0.08, rel=0.03) == steps[start - 1]
    assert steps.max() < 0.101 and 0.05 < p[1].min() < 0.1 and 0.85 < p[1].max() < 0.9


def test_the_record_of_a_ground():
    system = Toy(["m - alpha", "C - y"], "m q0 C y", "alpha", {"free_energy": "m", "replicon_q0": "-m"})
    u, p = np.array([0.9, 0.8, 0.1, 3.0]), np.array([0.9 - 1e-13])
    ground = Point(system, u, p, 2.9, np.array([0, 0, 0, 0, 2e-9]), {"free_energy": 0.9, "replicon_q0": -0.9})
    point = breaking._ground_record(Definition(None, lambda: ground, ansatz="1rsb"))
    assert (point["q1"], point["theta"], point["replicon"], point["valid"], point["temperature"]) == (
        1.0,
        0.0,
        None,
        False,
        0.0,
    )
    assert (
        point["residual"] == pytest.approx(2.9)
        and point["load_error"] == 2e-9
        and point["converged"]
        and "T = 0" in point["why"]
    )
    assert breaking._ground_record(Definition(None, ansatz="1rsb")) is None
    assert breaking._ground_record(Definition(None, lambda: ground)) is None  # a symmetric piece does not answer there


def test_where_levels_merge_a_point_says_how_it_was_found():
    for T, why in ((0.6, ""), (0.2, "unstable here (smallest replicon -0.05 < 0); ")):
        asked, outputs = [], {"replicon_q1": T - 0.25}
        made = Point(PATH, np.array([0.4]), np.array([0.36, T]), 0.0, np.array([0.0, 3e-9]), outputs)
        end = SimpleNamespace(at=lambda value, which, made=made, asked=asked: asked.append((value, which)) or made)
        piece = Definition(None, end=lambda end=end: end)
        ((point,),) = breaking._of_curve(piece, "load", np.array([0.36]))
        assert asked == [(0.36, 0)] and point["temperature_error"] == 3e-9 and "load_error" not in point
        assert f"{why}the levels nearly merge" in point["why"] and point["why"].startswith("1rsb is" if why else "the levels")
        assert "load_error" in breaking._of_curve(piece, "temperature", np.array([T]))[0][0] and asked[1] == (T, 1)
    for found in (None, SimpleNamespace(at=lambda *a: None)):
        assert breaking._of_curve(Definition(None, end=lambda found=found: found), "load", np.array([0.36])) == [[]]


def test_unknowns_at_zero_as_guesses_where_it_is_cold():
    move = broken._warm(["m", "q0", "C", "y", "m_2", "C_2", "v_m", "v_C", "v_y"])
    u = np.array([0.9, 0.8, 2.0, 5.0, 0.1, 3.0, 0.6, 0.5, 0.4])
    null = np.array([0.6, -0.1 * 0.5, 0.1 * 0.4 * 5.0 / 4])
    assert move(u, 0.1) == pytest.approx([0.9, 0.8, 0.8, 0.5, 0.1, 0.7, *(null / np.linalg.norm(null))])
    assert broken._warm(["C", "y"])(np.array([2.0, 5.0]), 0.01).tolist() == pytest.approx([0.98, 0.05])


# -- folds of a falling gap -------------------------------------------------------------------------------------------

# load = 1 − g² + g³/2 and T = 1/2 + g along folds; m and q0 follow, θ = 1/2 + g/4 has the vanishing equation


class Levels:
    """A state of two levels whose fold has load = 1 − g² + g³/2 at T = 1/2 + g, exactly."""

    def __init__(self, gap="(T - 1/2)"):
        text = [
            "m - 9/10",
            "q0 - 1/2",
            f"q1 - q0 - (1 - q0)*{gap}",
            f"(alpha - 1 + {gap}**2 - {gap}**3/2)*(q1 - q0)**2",
        ]
        self.state = Toy(text, "m q0 q1 theta", "alpha T")
        self.apart = parting(self.state)


def merged(gaps=(0.2, 0.16, 0.12, 0.09, 0.06, 0.04, 0.025, 0.0), slope=1.0):
    g = np.array(gaps)
    made = Levels() if slope > 0 else Levels("(1/2 - T)")
    names = [*made.apart.unknowns, *(f"v_{n}" for n in made.apart.unknowns)]
    u = np.full((8, g.size), 0.25)
    u[0], u[1], u[2], u[3] = 0.9, 0.5, g, 0.5 + g / 4
    u[3:, -1] = np.nan  # not known where the levels have merged
    system = SimpleNamespace(unknowns=names, outputs=lambda u, p: {})
    return Merging(made.apart, system, u, np.array([1 - g**2 + g**3 / 2, 0.5 + slope * g]))


def test_between_folds_of_falling_gap_the_line_is_interpolated():
    made = merged()
    for g in (0.19, 0.1, 0.03, 0.01, 0.16, 0.2, 0.025, 0.0):  # at a node and between
        T, load = 0.5 + g, 1 - g**2 + g**3 / 2
        point = made.at(T, 1)
        assert point is not None and point.p == pytest.approx([load, T], abs=1e-12), g
        assert point.u[:4] == pytest.approx([0.9, 0.5, g, 0.5 + g / 4], abs=1e-9) and point.error[-1] < 1e-9
        if g:
            by_load = made.at(load, 0)
            assert by_load.p == pytest.approx([load, T], abs=1e-9)
    for value, which in ((0.49, 1), (0.71, 1), (1.001, 0), (0.9, 0)):
        assert made.at(value, which) is None
    long = merged((*np.linspace(0.9, 0.21, 6), *made.gaps))
    assert long.at(0.5 + 0.5, 1) is None  # only the last nine nodes are used
    assert long.at(0.5 + 0.21, 1).p[0] == pytest.approx(1 - 0.21**2 + 0.21**3 / 2)


@pytest.mark.parametrize("slope", [1.0, -1.0])
def test_a_value_on_the_first_or_the_last_node_is_between_nodes(slope):
    made = merged(slope=slope)
    assert {made.at(float(made.p[1, k]), 1) is None for k in range(made.gaps.size)} == {False}


def test_folds_are_followed_in_the_gap_and_other_branches_are_left_alone(monkeypatch):
    """Newton's method answers with load = 1 − g², but once in a while with another branch, from which the step is shortened."""
    apart = Levels().apart
    system = Augmented(apart, ("v_m",), None, None)
    asked = []

    def answers(held, u, p, free):
        gap = p[-1, 0]
        asked.append(gap)
        rest = np.array([0.9, 0.5, 0.5 + gap / 4, 0.7])
        off = 1.2 if len(asked) in strays else 1.0
        fine = len(asked) not in failures
        return SimpleNamespace(
            converged=[fine], u=(rest * [1, 1, off, -9])[:, None], p=np.array([1 - gap**2, 0.5 + gap, gap])[:, None]
        )

    ends = []
    monkeypatch.setattr(merging, "newton", answers)
    monkeypatch.setattr(merging, "_symmetric_end", lambda target, names, limit: (ends.append((names, limit)), end)[1])
    u, p = np.array([0.9, 0.5, 0.2, 0.55, 0.7]), np.array([0.96, 0.7])
    strays, failures, end = (), (), np.array([0.91, 0.51, 1.0, 0.5])
    made = merging.merging(None, apart, system, u, p)
    gaps = np.array(asked)
    assert (
        gaps[0] == 0.2
        and gaps[-1] <= 0.025 < gaps[-2]
        and gaps[1] / gaps[0] == pytest.approx(0.95**2)
        and gaps[2] / gaps[1] == pytest.approx(0.95**4)
    )
    assert (gaps[1:] / gaps[:-1]).min() == pytest.approx(0.75)
    assert (
        made.gaps == pytest.approx([*gaps, 0])
        and made.p[:, :-1] == pytest.approx(np.array([1 - gaps**2, 0.5 + gaps]))
        and made.p[:, -1].tolist() == [1, 0.5]
    )
    assert (
        made.u[:2, -1].tolist() == [0.91, 0.51] and np.isnan(made.u[[3, 4], -1]).all() and made.u[3, 0] == pytest.approx(0.55)
    )
    assert ends[0][0] == ["m", "q0", "theta", "v_m"] and ends[0][1] == pytest.approx(
        [0.9, 0.5, 0.5, -6.3, 1.0, 0.5], abs=1e-9
    )
    whole = len(asked)
    for case in (((3,), ()), ((), (3,))):
        strays, failures = case
        asked.clear()
        made = merging.merging(None, apart, system, u, p)
        assert (
            made.gaps.size == len(asked) and len(asked) >= whole and made.u[3, :-1] == pytest.approx(0.5 + made.gaps[:-1] / 4)
        )
        assert asked[3] / asked[1] == pytest.approx(0.95**2) and 0.95**4 == pytest.approx(asked[2] / asked[1])
    failures = range(2, 99)
    asked.clear()
    assert merging.merging(None, apart, system, u, p) is None and len(asked) < 12
    failures, end = (), None
    assert merging.merging(None, apart, system, u, p) is None


# -- a diagram of both ansätze ----------------------------------------------------------------------------------------


def drawn(monkeypatch, continuous=False, at=True, lost=()):
    """What lines a diagram asks for, with lines that answer at every value but those of ``lost``."""
    asked = []

    def answer(model, name, ansatz="rs", points=None, temperatures=None, loads=None, convention=None):
        asked.append(
            (
                name,
                ansatz,
                points,
                None if temperatures is None else np.round(temperatures, 9).tolist(),
                None if loads is None else np.round(loads, 9).tolist(),
            )
        )
        values = np.linspace(0.1, 0.5, points) if points else temperatures if temperatures is not None else loads
        there = name not in lost and (name, ansatz) not in lost
        shown = "rs" if continuous else ansatz
        verdict = {"converged": there, "valid": True, "ansatz": shown}
        rows = [{"temperature": float(v), "load": 0.2 + float(v) / 10, **verdict} for v in values]
        if name == "thermodynamic":
            rows[1]["converged"] = False
        return Boundary(model, name, ansatz, convention, rows)

    monkeypatch.setattr(diagram, "boundary", answer)
    monkeypatch.setattr(diagram, "regions_between", lambda lines, names: [names, [(b.line, b.ansatz) for b in lines]])
    return asked


def test_lines_of_a_diagram_of_both_ansaetze(monkeypatch):
    asked = drawn(monkeypatch)
    found = dm.phase_diagram(dm.HebbianDAM(3), ansatz=["1rsb", "rs"], points=5)
    bounded = [(name, "rs", 5, None, None) for name in ("retrieval-spinodal", "thermodynamic", "at")]
    reach = [round(1.5 * 0.25 * x**2, 9) for x in (0.2, 0.4, 0.6, 0.8, 1.0)]
    assert asked[:5] == [*bounded, ("spin-glass", "rs", None, None, reach), ("zero-entropy", "rs", None, None, reach)]
    T = [0, 0.125, 0.25, 0.375, 0.5]
    assert asked[5:9] == [
        ("retrieval-spinodal", "rs", 2, None, None),
        ("retrieval-spinodal", "1rsb", None, T, None),
        ("thermodynamic", "rs", 2, None, None),
        ("thermodynamic", "1rsb", None, T, None),
    ]
    further = 1.5 * 0.25
    assert [x[:4] for x in asked[9:]] == [(name, "1rsb", None, None) for name in ("dynamic", "static", "gardner")]
    assert asked[9][4] == pytest.approx([further * x for x in (0, 1 / 16, 1 / 4, 9 / 16, 1)], abs=1e-8)
    expected = [(name, "rs") for name in ("retrieval-spinodal", "thermodynamic", "at", "spin-glass")]
    expected += [(name, "1rsb") for name in ("retrieval-spinodal", "thermodynamic", "dynamic", "static", "gardner")]
    assert [(b.line, b.ansatz) for b in found.lines] == expected == found.regions[1] and found.regions[0] == ["rs", "1rsb"]
    assert len(found.line("thermodynamic", "1rsb").points) == 4 == len(found.line("thermodynamic", "rs").points)
    assert [len(found.unresolved[key]) for key in (("thermodynamic", "1rsb"), ("static", "1rsb"))] == [1, 0] and (
        "thermodynamic",
        "rs",
    ) not in found.unresolved


def test_a_diagram_with_lines_that_are_lost_or_continuous(monkeypatch):
    asked = drawn(monkeypatch, continuous=True)
    found = dm.phase_diagram(dm.HebbianDAM(2), ansatz="1rsb", points=70)
    names = [x[0] for x in asked]
    assert (
        names == ["retrieval-spinodal"] * 2 + ["thermodynamic"] * 2 + ["dynamic", "spin-glass", "at"] and asked[-1][2] == 70
    )
    assert len(asked[1][3]) == 60 == len(asked[4][4]) and asked[5][4] == asked[4][4][1:]
    assert [b.line for b in found.lines] == ["retrieval-spinodal", "thermodynamic", "spin-glass", "at"]
    drawn(monkeypatch, continuous=True)
    found = dm.phase_diagram(dm.HebbianDAM(2), ansatz=["rs", "1rsb"], points=5)
    assert [b.line for b in found.lines if b.ansatz == "rs"] == ["retrieval-spinodal", "thermodynamic", "spin-glass", "at"]
    asked = drawn(monkeypatch, lost=["retrieval-spinodal", "thermodynamic", "at"])
    found = dm.phase_diagram(dm.HebbianDAM(3), points=5)
    assert [x[2] for x in asked] == [5] * 5 and [b.line for b in found.lines] == ["spin-glass", "zero-entropy"]


# -- seeds and definitions --------------------------------------------------------------------------------------------


def test_the_end_of_a_branch_is_told_with_the_direction_in_which_it_is_softest(monkeypatch):
    """m² = 1 − load with q = m/2: at the fold m and q move as 2 : 1. Where no end is known there is no seed."""
    system = Toy(["m**2 - 1 + load", "q - m/2"], "m q", "load T")
    known = np.array([[0.0, np.nan, 0.0], [0.0, np.nan, 0.0]]), np.array([1.0, np.nan, 1.0])
    monkeypatch.setattr(lines, "compiled", lambda theory, kind: system)
    monkeypatch.setattr(lines, "ends_in_load", lambda theory, rest: known)
    seeds = list(lines.fold_seeds(None, np.array([[0.1, 0.2, 0.3]])))
    assert [p.tolist() for _, p in seeds] == [[1.0, 0.1], [1.0, 0.3]]
    for u, _ in seeds:
        assert u[:2].tolist() == [0, 0] and u[3] / u[2] == pytest.approx(0.5) and np.linalg.norm(u[2:]) == pytest.approx(1)


def test_loads_below_a_spinodal(monkeypatch):
    monkeypatch.setattr(lines, "retrieval_spinodal", lambda target: SimpleNamespace(at=lambda T, which: [found]))
    for ends, last in (([0.3, 0.4], 0.4), ([0.5], 0.5)):
        found = [SimpleNamespace(p=np.array([load, 0.2])) for load in ends]
        loads = lines._loads_below_spinodal(target(noise_strength=0.5), 0.2)
        assert (
            loads[0] == pytest.approx(1e-3 * last)
            and loads[-1] == pytest.approx(last * (1 - 1e-4))
            and loads.size == 31
            and (np.diff(loads) > 0).all()
        )
    found = []
    assert lines._loads_below_spinodal(target(noise_strength=0.5), 0.2) == pytest.approx(2 * np.geomspace(3e-4, 6, 32))


def test_a_glass_of_lower_free_energy_is_the_equilibrium(monkeypatch):
    """Clusters at q = 1/2 where T < 0.3, of the paramagnet's energy −1 less what they gain."""
    state = Toy(["(q - 1/2)*(q + 3)*(1 + sqrt(3/10 - T))"], "q", "load T", {"free_energy": "-1 + (T - 0.2)*q"})
    rival = SimpleNamespace(outputs=lambda: {"free_energy": np.full(4, -1.0)})
    monkeypatch.setattr(lines, "compiled", lambda theory, kind: state)
    monkeypatch.setattr(lines, "find", lambda target, branch, variant, p: rival)
    monkeypatch.setattr(lines, "has_random_field", lambda model: False)
    p = np.array([[0.1] * 4, [0.1, 0.25, 0.2, 0.9]])
    assert lines.glass_is_equilibrium(target(soft=False), p).tolist() == [True, False, False, False]
    assert lines.glass_is_equilibrium(target(soft=True), p).tolist() == [False] * 4
    monkeypatch.setattr(lines, "has_random_field", lambda model: True)
    assert lines.glass_is_equilibrium(target(soft=False), p).tolist() == [False] * 4


def test_points_at_temperatures_and_loads_with_and_without_a_line(monkeypatch):
    curve = path()
    monkeypatch.setattr(models, "_described", lambda target, line, points, solved: [
        {"load": float(x.p[0]), "temperature": float(x.p[1]), "solved": solved} for x in points
    ])  # fmt: skip
    monkeypatch.setattr(models, "_at_zero", lambda target, line, definition: {"zero": True})
    definition = Definition(curve)
    points = models._at(None, "at", definition, "temperature", np.array([0.0, 0.3, 0.95, 0.5]))
    assert points[0] == {"zero": True} and points[2]["status"] == "no-state" and points[2]["temperature"] == 0.95
    assert [p["solved"] for p in (points[1], points[3])] == ["load"] * 2
    assert [p["load"] for p in (points[1], points[3])] == pytest.approx([0.09, 0.25])
    points = models._at(None, "at", definition, "load", np.array([0.25, 0.9]))
    assert points[0]["temperature"] == pytest.approx(0.5) and points[0]["solved"] == "temperature" and points[1]["load"] == 0.9
    none = Definition(None, impossible="never")
    for axis in ("temperature", "load"):
        (point,) = models._at(None, "at", none, axis, np.array([0.3]))
        assert point["why"] == "never" and point["status"] == "refused" and point[axis] == 0.3
    assert models._at(None, "at", definition, "temperature", np.array([0.0])) == [{"zero": True}]


def test_what_was_given_is_told_as_it_was_and_all_else_in_its_units():
    """Canonical values come back from a product and a quotient, which round; a neighbour of what was given is none."""
    asked, units = np.array([0.1, 0.3, 0.7]), convention("theriault-tantari", 3)
    T = [*asked * units.temperature, 0.30001 * units.temperature]
    points = [{"temperature": float(x), "load": 1.0, "C": None} for x in T]
    told = as_asked(points, units, {"temperature": asked, "h": asked})
    assert [p["temperature"] for p in told[:3]] == asked.tolist() and told[3]["temperature"] == pytest.approx(0.30001)
    assert told[0]["load"] == pytest.approx(6) and told[0]["C"] is None and points[0]["load"] == 1.0


def described(monkeypatch, line, system, u, p, glassy=None, retrieval=None, undecided=False):
    u, p = np.array(u, float), np.array(p, float)
    outputs = system.outputs(u, p)
    points = [Point(system, u[:, k], p[:, k], 0.0, np.full(len(u) + 1, 1e-9), {n: float(v[k]) for n, v in outputs.items()})
              for k in range(p.shape[1])]  # fmt: skip
    monkeypatch.setattr(models, "glass_is_equilibrium", lambda target, p: np.array(glassy))
    monkeypatch.setattr(models, "find", lambda target, branch, variant, p: retrieval)
    branches = {"retrieval": Branch("", "largest m", undecided="an example is deeper" if undecided else None)}
    return models._described(target(branches=branches), line, points, "load")


def test_what_is_said_of_points_of_a_line(monkeypatch):
    system = Toy(["m", "m"], "m C C_2 v_m", "load T", {"free_energy": "m", "replicon": "T - 0.2", "replicon_2": "load - 0.1"})
    u = [[0.9] * 3, [0.5] * 3, [0.6] * 3, [9.0] * 3]
    p = [[0.2, 0.05, 0.2], [0.3, 0.3, 0.1]]
    points = described(monkeypatch, "thermodynamic", system, u, p, glassy=[False, False, False])
    assert (
        points[0]["q"] == pytest.approx(1 - 0.15)
        and points[0]["q_2"] == pytest.approx(1 - 0.18)
        and points[0]["valid"]
        and points[0]["load_error"] == 1e-9
        and "v_m" not in points[0]
    )
    assert points[1]["why"] == "the competing m = 0 RS state is AT-unstable (replicon -0.05 < 0)" and not points[1]["valid"]
    assert points[2]["why"] == "replica symmetry is unstable here (replicon -0.1 < 0)" and not points[2]["valid"]
    points = described(monkeypatch, "thermodynamic", system, u, p, glassy=[False] * 3, undecided=True)
    assert (points[0]["why"], points[0]["valid"]) == ("an example is deeper", True)
    assert points[1]["why"].startswith("the competing") and not points[1]["valid"]
    points = described(monkeypatch, "thermodynamic", system, u, p, glassy=[True, False, False])
    assert (points[0]["load"], points[0]["m"], points[0]["q"], points[0]["converged"], points[0]["why"]) == (
        None,
        None,
        None,
        False,
        "competitor is a 1RSB glass",
    )
    points = described(monkeypatch, "spin-glass", system, u, p, glassy=[True, False, False])
    assert (
        points[0]["why"] == "a 1RSB glass is already the equilibrium state here"
        and points[0]["load"] == 0.2
        and not points[0]["valid"]
        and points[1]["valid"]
    )
    points = described(monkeypatch, "at", system, u, p, glassy=[True] * 3)
    assert points[0]["valid"] and points[1]["valid"]
    bare = Toy(["T"], "", "load T", {})
    states = SimpleNamespace(u=np.array([[0.7, 0.8]]), q=np.array([0.6, 0.5]), found=[True, False])
    points = described(monkeypatch, "nishimori", bare, np.empty((0, 2)), [[0.1, 0.2], [0.3, 0.4]], retrieval=states)
    assert (points[0]["m"], points[0]["q"], points[0]["why"]) == (0.7, 0.6, None)
    assert (points[1]["m"], points[1]["q"], points[1]["why"]) == (
        None,
        None,
        "no retrieval state here: the line has passed its spinodal",
    )
    border = Toy(["m"], "m C v_m", "load T", {"replicon": "m"})
    for replicon, valid in ((-0.996e-8, True), (-1.004e-8, False)):
        assert described(monkeypatch, "at", border, [[replicon], [0.1], [0]], [[0.1], [0.2]])[0]["valid"] is valid
