"""Lines of free energies that know no symmetry, against closed forms: every point satisfies them, and none is missing."""

import math

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from scipy.special import erfinv

import dammech as dm
from dammech.errors import InputError
from dammech.phases import boundary, phase_diagram

m, q, T, h, s, z, a, b, D, J = sp.symbols("m q T h s z a b D J")


def potts(states):
    energy = sp.Rational(states - 1, 2 * states) * m**2 + m / states
    return dm.FreeEnergy(energy - T * sp.log(sp.exp((m + h) / T) + states - 1), [m], [T, h])


@pytest.fixture(scope="module")
def coupled():
    x, y, K = sp.symbols("x y K")
    f = (x**2 + y**2) / 2 + K * x * y - T * dm.log2cosh((x + K * y) / T) - T * dm.log2cosh((y + K * x) / T)
    return dm.FreeEnergy(f, [x, y], [T, K])


@pytest.fixture(scope="module")
def ising():
    return dm.FreeEnergy(m**2 / 2 - T * dm.log2cosh((m + h) / T), [m], [T, h])


@pytest.fixture(scope="module")
def blume_capel():
    return dm.FreeEnergy(m**2 / 2 - T * sp.log(1 + 2 * sp.exp(-D / T) * sp.cosh(m / T)), [m], [T, D])


@pytest.fixture(scope="module")
def glass():
    field = (J * m + sp.sqrt(q) * z) / T
    f = J * m**2 / 2 - (1 - q) ** 2 / (4 * T) - T * dm.GaussianAverage(dm.log2cosh(field), z)
    replicon = 1 - dm.GaussianAverage((1 - sp.tanh(field) ** 2) ** 2, z) / T**2
    return dm.FreeEnergy(f, [m, q], [T, J], replicon=replicon)


def slopes(theory, point):
    """∂f of a point and of its second state, by SymPy."""
    values = {x: point[x.name] for x in (*theory.parameters, *theory.order_parameters)}
    second = {x: point.get(f"{x.name}_2", point[x.name]) for x in theory.order_parameters}
    return [float(g.subs(v)) for g in theory.gradient for v in (values, {**values, **second})]


@pytest.mark.parametrize("states", [3, 4, 7])
def test_transition_of_the_potts_magnet(states):
    theory = potts(states)
    (transition,) = boundary(theory, "transition", h=0.0).points
    assert math.isclose(transition["T"], (states - 2) / (2 * (states - 1) * math.log(states - 1)), rel_tol=1e-10)
    assert math.isclose(transition["m"], (states - 2) / (states - 1), rel_tol=1e-8) and abs(transition["m_2"]) < 1e-8
    (lost,) = boundary(theory, "instability", h=0).points
    assert math.isclose(lost["T"], 1 / states, rel_tol=1e-10)
    (spinodal,) = boundary(theory, "spinodal", h=0).points
    coldest = minimize_scalar(
        lambda x: -x / math.log((1 + (states - 1) * x) / (1 - x)), bounds=(0.01, 0.999), method="bounded",
        options={"xatol": 1e-10},
    )
    assert math.isclose(spinodal["T"], -coldest.fun, rel_tol=1e-9)


def test_only_saddle_points_become_unstable():
    theory = potts(3)
    for T_, h_ in ((0.36, None), (None, 0.3955), (0.25, None)):
        given = {k: v for k, v in (("T", T_), ("h", h_)) if v is not None}
        line = boundary(theory, "instability", **given)
        assert not line.converged and line.points[0]["status"] == "not-converged"
    in_field = boundary(theory, "transition", T=[0.35, 0.37, 0.39])
    assert [p["converged"] for p in in_field.points] == [True, True, False]
    for point in in_field.points[:2]:
        for x in (point["m"], point["m_2"]):
            weight = math.exp((x + point["h"]) / point["T"])
            assert math.isclose((1 + 2 * x) / 3, weight / (weight + 2), rel_tol=1e-10)
        assert point["m"] - point["m_2"] > 0.1 and math.isclose(point["free_energy"], point["free_energy_2"])


def test_first_order_line_of_a_magnet_in_a_field(ising):
    transition = boundary(ising, "transition", T=[0.3, 0.7, 0.99, 1.0, 1.2])
    assert [p["converged"] for p in transition.points] == [True, True, True, False, False]
    assert all(abs(p["h"]) < 1e-10 and p["m"] > 0 > p["m_2"] for p in transition.points[:3])
    # at h = 0 the two signs are mirror images at every temperature: nothing happens at any one of them
    assert not boundary(ising, "transition", h=[0.0, 0.1]).converged
    spinodal = boundary(ising, "spinodal", T=[0.4, 0.9])
    for T_, pair in ((0.4, spinodal.points[:2]), (0.9, spinodal.points[2:])):
        edge = math.sqrt(1 - T_)
        field = T_ * math.atanh(edge) - edge
        assert np.allclose([p["h"] for p in pair], [field, -field], rtol=1e-9, atol=0)
    assert math.isclose(boundary(ising, "instability", h=0)["T"][0], 1.0, rel_tol=1e-12)


def test_lines_of_the_blume_capel_model(blume_capel):
    temperatures = np.array([0.1, 0.2, 0.3, 0.33, 0.4])
    unstable = boundary(blume_capel, "instability", T=temperatures)
    assert np.allclose(unstable["D"], temperatures * np.log(2 * (1 - temperatures) / temperatures), rtol=1e-9)
    spinodal, transition = (boundary(blume_capel, k, T=temperatures) for k in ("spinodal", "transition"))
    first_order = temperatures < 1 / 3
    for line in (spinodal, transition):
        assert [p["converged"] for p in line.points] == first_order.tolist()
    for T_, found in zip(temperatures[first_order], spinodal["D"]):
        turn = minimize_scalar(
            lambda x, t=T_: t * math.log(x / (2 * (math.sinh(x / t) - x * math.cosh(x / t)))),
            bounds=(1e-3, min(0.9999, 1 - math.exp(-2 / T_))), method="bounded", options={"xatol": 1e-9},
        )
        assert math.isclose(found, -turn.fun, rel_tol=1e-8)
    assert np.all(transition["D"][first_order] < spinodal["D"][first_order])
    assert np.all(transition["D"][first_order] > unstable["D"][first_order])
    for point in (p for p in transition.points if p["converged"]):
        assert max(map(abs, slopes(blume_capel, point))) < 1e-9


@pytest.mark.parametrize("seed", range(8))
def test_random_landau_theories(seed):
    """f = a x²/2 + b x³/3 + c x⁴/4 with x = (m − shift)/size: all lines have closed forms."""
    random = np.random.default_rng(seed)
    c, size = math.exp(random.uniform(-1, 1)), math.exp(random.uniform(-3, 3))
    shift = [0.0, random.uniform(-2, 2) * size][seed % 2]
    x = (m - sp.Float(shift)) / sp.Float(size)
    theory = dm.FreeEnergy(a * x**2 / 2 + b * x**3 / 3 + sp.Float(c) * x**4 / 4, [m], [a, b])
    b_ = random.uniform(0.4, 2, 2) * random.choice([-1, 1], 2)
    for line, factor, place in (("spinodal", 1 / 4, -1 / 2), ("transition", 2 / 9, -2 / 3)):
        found = boundary(theory, line, b=b_)
        assert len(found.points) == 2 and np.allclose(found["a"], factor * b_**2 / c, rtol=1e-8, atol=0)
        states = np.stack([found["m"], found["m_2"]]) if line == "transition" else found["m"][None]
        assert np.abs(states - (shift + size * place * b_ / c)).min(axis=0).max() < 1e-6 * size
        solved = boundary(theory, line, a=float(found["a"][0]))
        assert np.allclose(sorted(solved["b"]), [-abs(b_[0]), abs(b_[0])], rtol=1e-8)
    flat = boundary(theory, "instability", b=b_)
    if shift == 0:
        assert np.all(np.abs(flat["a"]) < 1e-10)
    else:
        assert not any(p["converged"] for p in flat.points)


def test_theories_of_one_parameter_have_lines():
    for order in (3, 4):
        f = sp.Rational(order - 1, order) * m**order - T * dm.log2cosh(m ** (order - 1) / T)
        theory = dm.FreeEnergy(f, [m], [T])
        (spinodal,) = boundary(theory, "spinodal").points
        warmest = minimize_scalar(
            lambda x, p=order: -(x ** (p - 1)) / math.atanh(x), bounds=(0.1, 0.9999), method="bounded",
            options={"xatol": 1e-10},
        )
        assert math.isclose(spinodal["T"], -warmest.fun, rel_tol=1e-9)
        (transition,) = boundary(theory, "transition").points

        T_, x = transition["T"], transition["m"]
        assert 0.3 < T_ < spinodal["T"] and math.isclose(x, math.tanh(x ** (order - 1) / T_), rel_tol=1e-10)
        equal = (order - 1) / order * x**order - T_ * math.log(math.cosh(x ** (order - 1) / T_))
        assert abs(equal) < 1e-11 and abs(transition["m_2"]) < 1e-10
        with pytest.raises(InputError, match="exactly two"):
            phase_diagram(theory)


def test_lines_at_zero_temperature():
    two = dm.FreeEnergy(m**2 / 2 - dm.GaussianAverage(sp.Abs(m + s * z), z), [m], [s])
    assert math.isclose(boundary(two, "instability")["s"][0], math.sqrt(2 / math.pi), rel_tol=1e-9)
    three = dm.FreeEnergy(2 * m**3 / 3 - dm.GaussianAverage(sp.Abs(m**2 + s * z), z), [m], [s])
    widest = minimize_scalar(lambda x: -(x**2) / (math.sqrt(2) * erfinv(x)), bounds=(0.1, 0.9999), method="bounded")
    assert math.isclose(boundary(three, "spinodal")["s"][0], -widest.fun, rel_tol=1e-9)


def _mean(function):
    return quad(lambda x: math.exp(-x * x / 2) / math.sqrt(2 * math.pi) * function(x), -9, 9, epsabs=1e-11, limit=400)[0]


def test_lines_of_a_glass_with_a_ferromagnetic_bias(glass):
    unstable = boundary(glass, "instability", J=[0.5, 0.9, 1.3])
    assert np.allclose(unstable["T"], [1.0, 1.0, 1.3], rtol=1e-9)
    (at,) = boundary(glass, "at", T=0.5).points

    def field(x):
        return (at["J"] * at["m"] + math.sqrt(at["q"]) * x) / 0.5

    assert math.isclose(at["m"], _mean(lambda x: math.tanh(field(x))), rel_tol=1e-8)
    assert math.isclose(at["q"], _mean(lambda x: math.tanh(field(x)) ** 2), rel_tol=1e-8)
    assert math.isclose(_mean(lambda x: (1 - math.tanh(field(x)) ** 2) ** 2), 0.25, rel_tol=1e-8)


def test_phase_diagram_of_the_blume_capel_model(blume_capel):
    diagram = phase_diagram(blume_capel, points=30)
    assert {b.line for b in diagram.lines} == {"spinodal", "transition", "instability"}
    assert all(26 <= len(b.points) <= 30 for b in diagram.lines)
    line = diagram.line("instability")
    assert np.allclose(line["D"], line["T"] * np.log(2 * (1 - line["T"]) / line["T"]), rtol=1e-8, atol=1e-12)
    assert line["T"].min() < 0.1 and line["T"].max() > 0.4
    assert {"m > 0", "m = 0", "m > 0 (metastable: m = 0)"} <= {r.name for r in diagram.regions}


@pytest.mark.slow
def test_phase_diagram_of_a_glass_with_a_ferromagnetic_bias(glass):
    from matplotlib.path import Path

    diagram = phase_diagram(glass, points=40)
    line = diagram.line("instability")
    disordered = np.array([p["q"] == 0 for p in line.points])
    assert np.allclose(line["T"][disordered], np.maximum(1, line["J"][disordered]), rtol=1e-8)
    assert line["J"][disordered].min() < 0.1 and line["J"][disordered].max() > 1.2
    assert all(len(b.points) >= 36 for b in diagram.lines)
    assert np.all(np.abs([p["replicon"] for p in diagram.line("at").points]) < 1e-9)
    for place, name, valid in (
        ((0.5, 1.3), "m = q = 0", True), ((0.5, 0.5), "q > 0, m = 0", False), ((1.4, 0.9), "m > 0, q > 0", True),
        ((1.3, 0.2), "m > 0, q > 0", False),
    ):
        assert [(r.name, r.valid) for r in diagram.regions if Path(r.outline).contains_point(place)] == [(name, valid)]


@pytest.mark.parametrize("arguments", [
    {"h": math.nan}, {"h": "x"}, {"h": []}, {"h": [[0.1, 0.2]]}, {"h": 10**400}, {"h": np.zeros(10**6)}, {"x": 0.1}, {"h": {}},
    {"h": 0.1, "points": 0}, {"h": 0.1, "points": 10**9}, {"h": 0.1, "T": 0.2}, {}, {"h": 0.1, "ansatz": "1rsb"},
    {"h": 0.1, "branch": "retrieval"}, {"h": 0.1, "convention": "ags"}, {"h": 1j}, {"h": 0.1, "rates": 0.1}, {"h": "x" * 9999},
])  # fmt: skip
def test_bad_arguments_are_one_sentence(ising, arguments):
    with pytest.raises(InputError) as refused:
        boundary(ising, "transition", **arguments)
    assert len(str(refused.value)) <= 400 and "\n" not in str(refused.value)


def test_bad_names_and_sizes_are_one_sentence(ising):
    for line in ([], None, 3, "x" * 9999, "at"):
        with pytest.raises(InputError):
            boundary(ising, line, h=0.1)
    for options in ({"ansatz": 3}, {"ansatz": [3]}, {"ansatz": []}, {"points": 0}, {"points": 10**9}, {"points": "x"}):
        with pytest.raises(InputError):
            phase_diagram(ising, **options)
    for parameters in ({"T": math.nan, "h": 0}, {"T": [], "h": 0}, {"T": [[0.1]], "h": 0}, {"T": "x", "h": 0}, {"h": 0},
                       {"T": np.ones(1000), "h": np.ones(1000)}, {"T": 0.5, "h": 0, "start": {"x": 1}},
                       {"T": 0.5, "h": 0, "start": {"m": "x"}}, {"T": 0.5, "h": 0, "start": 3}):  # fmt: skip
        with pytest.raises(InputError):
            dm.solve(ising, **parameters)
    with pytest.raises(InputError, match="no parameter"):
        boundary(dm.FreeEnergy(m**4 - m**2, [m]), "spinodal")


def test_the_first_of_two_instabilities_is_the_one_of_the_state(coupled):
    """Two coupled magnets: the paramagnet is lost at T = 1 + K; at 1 − K it is not stable any more."""
    assert np.allclose(boundary(coupled, "instability", K=[0.2, 0.4])["T"], [1.2, 1.4], rtol=1e-10)


@pytest.mark.slow
def test_four_mirror_images_are_no_transition(coupled):
    assert not boundary(coupled, "transition", K=0.2).converged


def test_phase_diagram_in_a_field(ising):
    line = phase_diagram(ising, points=20).line("transition")
    assert len(line.points) >= 18 and np.all(np.abs(line["h"]) < 1e-10)
    assert line["T"].min() < 0.05 and 1 - 2 / 19 < line["T"].max() < 1  # the critical point itself is none of it


def test_the_state_of_lowest_free_energy_is_found_at_either_sign_and_size():
    theory = potts(3)
    assert dm.solve(theory, T=0.2, h=-0.6)["m"] < -0.3 and dm.solve(theory, T=0.2, h=0.1)["m"] > 0.9
    far = dm.FreeEnergy((m - 30) ** 4 / 4 - T * (m - 30) ** 2 + m / 100, [m], [T])
    assert math.isclose(dm.solve(far, T=2.0)["m"], 30 - 2, abs_tol=0.01)
