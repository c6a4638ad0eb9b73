"""States of broken replica symmetry: known values, degenerate roots by name, and replica symmetry where it holds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dammech as dm
from dammech.equations import Theory, compiled
from dammech.errors import InputError
from dammech.solve.augmented import fold, null_vector
from dammech.solve.broken import distinct
from dammech.solve.newton import newton

TT = "theriault-tantari"

STATES = [
    (dm.PSpin(order=2), {"temperature": 0}, {"q0": 0.476784372, "y": 1.3608208, "energy": -0.76525943467}),
    (dm.PSpin(order=3), {"temperature": 0}, {"y": 1.3835639927, "energy": -0.813534963984}),
    (dm.PSpin(order=4), {"temperature": 0}, {"energy": -0.8254705422449}),
    (dm.PSpin(order=3), {"temperature": 0.5}, {"q1": 0.893101427, "theta": 0.709947948, "free_energy": -0.8231361420}),
    (dm.PSpin(order=3), {"temperature": 0.3}, {"q1": 0.956134250, "theta": 0.411159551, "free_energy": -0.8153495878}),
    (
        dm.HebbianDAM(order=3),
        {"load": 0.8, "temperature": 0, "convention": TT},
        {"m": 0.8793228240, "q0": 0.9396888682, "y": 2.07256001, "free_energy": -1.046297901338},
    ),
    (
        dm.HebbianDAM(order=3),
        {"load": 0.8, "temperature": 0.2, "convention": TT},
        {"m": 0.880274904631, "q0": 0.933058586838, "q1": 0.984391808218, "replicon_q0": -0.0678396531},
    ),
    (
        dm.HebbianDAM(order=2),
        {"load": 0.138, "temperature": 0},
        {"m": 0.9707003165, "q0": 0.9971628755, "y": 41.99348769, "C": 0.0474942255},
    ),
    (dm.HebbianDAM(order=2), {"load": 0.1, "temperature": 0, "branch": "spin-glass"}, {"energy": -0.5607586881}),
]


@pytest.mark.parametrize("model, point, values", STATES)
def test_known_states(model, point, values):
    found = dm.solve(model, ansatz="1rsb", **point)
    assert found.ansatz == "1rsb" and found.converged and found.residual <= 1e-10
    for name, value in values.items():
        digits = len(str(value).lstrip("-").partition(".")[2])
        assert found[name] == pytest.approx(value, abs=1.01 * 10.0**-digits), name


@settings(max_examples=12, deadline=None, derandomize=True)
@given(load=st.floats(0.05, 1.3), temperature=st.floats(0.02, 1.2))
def test_what_is_called_1rsb_is_none_of_the_degenerate_roots(load, temperature):
    found = dm.solve(
        dm.HebbianDAM(order=3), load=load, temperature=temperature, ansatz="1rsb", convention=TT, throw=False
    )
    if not found.converged:
        assert found.why
    elif found.ansatz == "1rsb":
        assert 0 < found["q0"] < found["q1"] < 1 and found["q1"] - found["q0"] > 1e-6
        assert 0 < found["theta"] < 0.9999 and found["m"] > 0 and found.residual <= 1e-10
    else:
        assert found.ansatz == "rs" and found.why and (found.replicon >= 0 or not found.valid)


@pytest.mark.parametrize(("model", "point"), [(dm.PSpin(3), {}), (dm.HebbianDAM(2), {"load": 0.1, "branch": "spin-glass"})])
def test_broken_symmetry_tends_to_that_of_zero_temperature(model, point):
    """q_1 → 1 − CT and θ → yT, linearly in T, down to the coldest temperature that is taken."""
    zero = dm.solve(model, temperature=0, ansatz="1rsb", **point)
    for T in (1e-4, 1e-6):
        cold = dm.solve(model, temperature=T, ansatz="1rsb", **point)
        assert cold.ansatz == "1rsb" and cold["q0"] == pytest.approx(zero["q0"], abs=2 * T)
        assert (1 - cold["q1"]) / T == pytest.approx(zero["C"], abs=max(2 * T, 1e-7))
        assert cold["theta"] / T == pytest.approx(zero["y"], abs=max(5 * T, 1e-6))
        assert cold.free_energy == pytest.approx(zero.free_energy, abs=0.1 * T)


def test_replica_symmetry_is_inside_1rsb():
    """At q_1 = q_0, and at θ = 1, the 1RSB free energy is the replica-symmetric one, whatever the rest."""
    model = dm.HebbianDAM(order=3)
    broken, plain = (compiled(Theory(model, ansatz), "state") for ansatz in ("1rsb", "rs"))
    p = np.array([[0.1], [0.2]])
    rs = plain.outputs(np.array([[0.9], [0.85]]), p)["free_energy"][0]
    for q1, theta in ((0.85 + 1e-9, 0.4), (0.95, 1.0)):
        value = broken.outputs(np.array([[0.9], [0.85], [q1], [theta]]), p)["free_energy"][0]
        assert value == pytest.approx(rs, abs=1e-8)
    away = broken.outputs(np.array([[0.9], [0.85], [0.95], [0.4]]), p)["free_energy"][0]
    assert abs(away - rs) > 1e-4


def test_degenerate_roots_are_refused():
    system = compiled(Theory(dm.HebbianDAM(order=3), "1rsb"), "state")
    good = np.array([0.9, 0.8, 0.95, 0.5])
    rows = [good, [0.9, 0.95, 0.95, 0.5], [0.9, 0.8, 0.95, 1.0], [0.0, 0.8, 0.95, 0.5], [0.9, 1.0, 1.0, 0.5]]
    assert distinct(system, np.array(rows).T, "retrieval").tolist() == [True, False, False, False, False]


def test_jacobian_of_the_generated_code():
    system = compiled(Theory(dm.HebbianDAM(order=3), "1rsb"), "state")
    u, p = np.array([[0.88, 0.93, 0.98, 0.3]]).T, np.array([[0.8 / 6, 0.2 / 3]]).T
    exact = system.jacobian(u, p)[:, :, 0]
    point = np.concatenate([u, p])
    for k in range(len(point)):
        up, down = point.copy(), point.copy()
        up[k] += 1e-6
        down[k] -= 1e-6
        slope = (system.residual(up[:4], up[4:]) - system.residual(down[:4], down[4:]))[:, 0] / 2e-6
        assert exact[:, k] == pytest.approx(slope, rel=1e-6, abs=1e-7)


def test_a_fold_is_where_no_state_is_left_beyond():
    state = compiled(Theory(dm.HebbianDAM(order=3), "1rsb", variant="zero"), "state")
    u = np.array([[0.6507714, 0.6909351, 0.2009752, 3.0182732]]).T
    p = np.array([[0.9224236 / 6]])
    roots = newton(fold(state), np.concatenate([u, null_vector(state, u, p)]), p, (0,))
    assert roots.converged[0] and roots.p[0, 0] * 6 == pytest.approx(0.922423573987, abs=1e-11)
    beyond = newton(state, roots.u[:4], roots.p * 1.002)
    assert not (beyond.converged[0] and distinct(state, beyond.u, "retrieval")[0] and beyond.u[0, 0] > 0.5)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"load": 0.1, "temperature": 0.1, "ansatz": "full"}, "ansatz='full': must be rs, 1rsb"),
        ({"load": 0.1, "temperature": -1, "ansatz": "1rsb"}, "temperature=-1"),
        ({"load": float("nan"), "temperature": 0.1, "ansatz": "1rsb"}, "load=nan"),
        ({"load": 0.1, "temperature": 1e-7, "ansatz": "1rsb"}, "temperature=1e-07"),
        ({"load": 0.1, "temperature": 0.1, "ansatz": "1rsb", "branch": "glas"}, "branch='glas'"),
    ],
)
def test_bad_input_is_one_sentence(arguments, message):
    with pytest.raises(InputError, match=message):
        dm.solve(dm.HebbianDAM(order=3), **arguments)


def test_mixtures_have_no_broken_theory():
    with pytest.raises(InputError, match="branch='mixture-3'"):
        dm.solve(dm.HebbianDAM(order=2), load=0.01, temperature=0.1, ansatz="1rsb", branch="mixture-3")
