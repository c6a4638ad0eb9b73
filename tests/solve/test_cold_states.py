"""States and lines at low temperatures: against mpmath in q, against the limit, and where q rounds to 1."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import dammech as dm
from dammech.equations import Theory, compiled
from dammech.errors import InputError
from dammech.solve.newton import newton

MODELS = [
    dm.HebbianDAM(2), dm.HebbianDAM(2, "power"), dm.HebbianDAM(3), dm.HebbianDAM(3, "rectified"), dm.HebbianDAM(4, "power"),
    dm.HebbianDAM(5), dm.HebbianDAM(4, "rectified"), dm.HebbianDAM(interaction="y**4+2*y**3-y"),
]  # fmt: skip


def variance(model, q, T, load):
    """ξ'(q), or αq/(1 − β(1−q))² at order 2, written down anew."""
    if model.p == 2:
        return load * q / (1 - (1 - q) / T) ** 2
    if model.is_rectified:
        angle = mp.acos(q)
        x = mp.sin(angle) / (2 * mp.pi) if model.p == 3 else None
        inner = (mp.pi - angle) / (2 * mp.pi)  # E θ(y)θ(y'); Price's theorem gives the rest
        if model.p == 3:
            return load * (3 * q * x + inner * (1 + 2 * q**2))
        s = mp.sin(angle) / (2 * mp.pi)
        return load * (s * (4 + 11 * q**2) + inner * q * (9 + 6 * q**2))
    c = model.hermite_coefficients()
    return load / mp.mpf(model.p) ** 2 * sum(
        mp.mpf(c[k].numerator) ** 2 / c[k].denominator ** 2 * mp.factorial(k) * k * q ** (k - 1) for k in range(1, model.p + 1)
    )


def gap(model, m, gap_, T, load):
    """m − E tanh and 1 − q − E sech² of the saddle equations in 1 − q, at 50 digits."""
    q = 1 - gap_
    width = mp.sqrt(variance(model, q, T, load))
    centre = -(m ** (model.p - 1)) / width
    edges = sorted({mp.mpf(-17), mp.mpf(17), *(
        min(max(centre + k * T / width, -17), 17) for k in (-160, -60, -20, -8, -3, -1, 0, 1, 3, 8, 20, 60, 160))})

    def mean(f):
        return mp.quad(lambda z: mp.npdf(z) * f((m ** (model.p - 1) + width * z) / T), edges)

    return m - mean(mp.tanh), gap_ - mean(lambda x: mp.sech(x) ** 2)


@pytest.mark.parametrize("T", [*(pytest.param(T, marks=pytest.mark.slow) for T in (1e-2, 1e-4, 1e-5, 1e-8)), 1e-6])
@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_saddle_equations_in_q_hold_to_many_digits(model, T):
    load = 0.8 * dm.boundary(model, "retrieval-spinodal", temperatures=[T])["load"][0]
    state = dm.solve(model, load=load, temperature=T)
    system = compiled(Theory.of(model).with_(variant="cold"), "state")
    C = newton(system, np.array([[state["m"]], [(1 - state["q"]) / T]]), np.array([[load], [T]])).u[1, 0]
    with mp.workdps(50):
        residuals = gap(model, mp.mpf(state["m"]), mp.mpf(C) * mp.mpf(T), mp.mpf(T), mp.mpf(load))
    assert abs(residuals[0]) < 1e-13 and abs(residuals[1]) < 1e-13 * T
    assert state.converged and state.error < 1e-13


@pytest.mark.parametrize("model", [dm.HebbianDAM(2), dm.HebbianDAM(3), dm.HebbianDAM(3, "rectified"), dm.HebbianDAM(5)], ids=repr)
def test_zero_temperature_is_the_limit(model):
    """Every quantity differs from that at T = 0 by a term linear in T: ten times less at a tenth of the temperature."""
    load = 0.9 * dm.boundary(model, "retrieval-spinodal", temperatures=[0])["load"][0]
    ground = dm.solve(model, load=load, temperature=0)
    one, two, tiny = dm.solve(model, load=load, temperature=[1e-4, 1e-5, 1e-12])
    for name in ("m", "entropy"):
        far, near = one[name] - ground[name], two[name] - ground[name]
        assert far / near == pytest.approx(10, rel=2e-2)
        assert tiny[name] == pytest.approx(ground[name], abs=1e-10)
    assert two.free_energy == pytest.approx(ground.free_energy - 1e-5 * ground.entropy, abs=1e-9)
    assert (1 - two["q"]) / 1e-5 == pytest.approx(ground["C"], rel=1e-4)
    # the energy has no linear term
    assert abs(two.energy - ground.energy) < 1e-9 and tiny.energy == pytest.approx(ground.energy, abs=1e-13)


@pytest.mark.parametrize("model", [dm.HebbianDAM(3), dm.HebbianDAM(2), dm.HebbianDAM(3, "rectified")], ids=repr)
def test_entropy_is_the_slope_of_the_free_energy(model):
    T, load = 1e-3, 0.9 * dm.boundary(model, "at", temperatures=[1e-3])["load"][0]
    step = 2e-5
    f = [dm.solve(model, load=load, temperature=T + k * step).free_energy for k in (-2, -1, 1, 2)]
    slope = (8 * (f[2] - f[1]) - (f[3] - f[0])) / (12 * step)
    state = dm.solve(model, load=load, temperature=T)
    assert state.entropy == pytest.approx(-slope, abs=5e-11) and 0 < state.entropy < 1e-4
    assert state.energy == pytest.approx(state.free_energy + T * state.entropy, abs=1e-15)


def test_entropy_that_is_exponentially_small_keeps_its_sign():
    """At α = 0 it is that of free spins in a field of 1: log 2cosh β − β tanh β."""
    for model in (dm.HebbianDAM(2), dm.HebbianDAM(3)):
        state = dm.solve(model, load=0, temperature=0.04)
        exact = float(mp.log1p(mp.exp(-50)) + 50 * mp.exp(-50) / (1 + mp.exp(-50)))
        assert state.entropy == pytest.approx(exact, rel=1e-9) and state.valid


@pytest.mark.parametrize("order", [3, 4])
@pytest.mark.parametrize("load", [1e-3, 1e-6, 0])
def test_where_q_rounds_to_one(order, load):
    states = dm.solve(dm.HebbianDAM(order, "rectified"), load=load, temperature=[1e-12, 1e-5, 0.01, 0.05])
    assert states.converged and all(abs(s["m"] - 1) < 1e-13 and s.valid is not None and s.stable is not False for s in states)


def test_spinodal_of_hopfield_has_no_hole():
    T = [1e-12, 1e-8, 1e-6, 2.196e-4, 4e-4, 1e-3]
    line = dm.boundary(dm.HebbianDAM(2), "retrieval-spinodal", temperatures=[0, *T])
    assert line.converged and np.all(np.diff(line["load"]) > 0)
    assert line["load"][4] == pytest.approx(0.1379110, abs=5e-8) and line["load"][1] == pytest.approx(line["load"][0], abs=1e-11)
    slopes = (line["load"][2:4] - line["load"][0]) / T[1:3]
    assert slopes[0] == pytest.approx(slopes[1], rel=1e-4)


@pytest.mark.parametrize("line, branch, model", [
    ("zero-entropy", None, dm.HebbianDAM(2)), ("zero-entropy", "retrieval", dm.HebbianDAM(3)), ("at", None, dm.HebbianDAM(2)),
])  # fmt: skip
def test_lines_that_end_at_load_zero_have_no_hole(line, branch, model):
    T = [1e-8, 1e-7, 1e-5, 1e-4, 1e-3]
    found = dm.boundary(model, line, temperatures=T, branch=branch)
    assert found.converged and np.all(np.diff(found["load"]) > 0) and np.all(found["load_error"] < 1e-7 * found["load"])
    quantity = "entropy" if line == "zero-entropy" else "replicon"
    name = "spin-glass" if (line, branch) == ("zero-entropy", None) else "retrieval"
    for t, load in zip(T, found["load"]):
        below, above = (dm.solve(model, load=load * x, temperature=t, branch=name)[quantity] for x in (0.999, 1.001))
        assert below > 0 > above


def test_coldest_temperature_is_said():
    with pytest.raises(InputError, match="at least 1e-12"):
        dm.solve(dm.HebbianDAM(3), load=0.01, temperature=1e-13)
    with pytest.raises(InputError, match="at least 1e-06"):
        dm.solve(dm.HebbianDAM(3), load=0.01, temperature=1e-7, ansatz="1rsb")


@settings(max_examples=12, deadline=None)
@given(st.sampled_from(MODELS), st.floats(-8, np.log10(0.5)), st.floats(-3, np.log10(0.999)))
def test_retrieval_is_found_below_its_spinodal(model, log_T, log_share):
    T = 10**log_T
    spinodal = dm.boundary(model, "retrieval-spinodal", temperatures=[T]).points[0]
    assume(spinodal["load"] is not None)  # above the highest temperature of retrieval
    load = 10**log_share * spinodal["load"]
    state = dm.solve(model, load=load, temperature=T)
    assert state.converged and state["m"] > spinodal["m"]


@pytest.mark.parametrize("model, T", [
    (dm.HebbianDAM(2), 0.3), (dm.HebbianDAM(2), 0), (dm.HebbianDAM(3, "rectified"), 1e-5),
])  # fmt: skip
def test_beside_the_fold_the_state_is_found_or_known_not_to_be(model, T):
    end = dm.boundary(model, "retrieval-spinodal", temperatures=[T]).points[0]
    for distance in (1e-3, 1e-5, 1e-7, 1e-9, 1e-11):
        inside = dm.solve(model, load=end["load"] * (1 - distance), temperature=T)
        apart = (inside["m"] - end["m"]) / np.sqrt(distance)  # the branch ends like a square root
        assert inside.converged and inside.status == "converged" and 0.05 < apart < 1
    beyond = dm.solve(model, load=end["load"] * 1.16, temperature=T, throw=False)
    assert beyond.status == "no-state" and f"{end['load']:.6g}" in beyond.why and beyond["m"] is None


def test_no_state_is_not_said_where_no_line_was_computed():
    hot = dm.solve(dm.HebbianDAM(2), load=0.01, temperature=1.5, throw=False)
    assert hot.status == "not-converged" and "does not prove" in hot.why


def test_the_end_is_told_in_the_units_that_were_asked_for():
    model = dm.HebbianDAM(3)
    end = dm.boundary(model, "retrieval-spinodal", temperatures=[1.0], convention="theriault-tantari").points[0]
    beyond = dm.solve(model, load=0.9262, temperature=1.0, convention="theriault-tantari", throw=False)
    assert end["load"] == pytest.approx(0.926062, abs=1e-6) and "0.926062" in beyond.why


@pytest.mark.slow
@pytest.mark.parametrize("model", [*MODELS, dm.HebbianDAM(8), dm.PalimpsestDAM(3, kernel="exponential")], ids=repr)
def test_no_state_is_denied_that_damped_iteration_finds(model):
    rng, count = np.random.default_rng(5), 150
    if hasattr(model, "kernel"):
        model = model.memory
    system = compiled(Theory.of(model).with_(variant="cold"), "state")
    T = 10 ** rng.uniform(-8, 0.05, count)
    load = np.where(rng.random(count) < 0.5, 10 ** rng.uniform(-6, 0.2, count), rng.uniform(0, 0.3, count))
    load = load / float(model.noise_strength)
    p, u = np.stack([load, T]), np.stack([np.ones(count), np.full(count, 1e-3)])
    for _ in range(600):
        u = u - 0.7 * np.nan_to_num(system.residual(u, p, 8))
        u[1] = np.clip(u[1], 0, np.minimum(1 / T, 1 - 1e-9 if model.p == 2 else np.inf))
    there = (np.abs(system.residual(u, p)).max(axis=0) < 1e-6) & (u[0] > 1e-2)
    assert there.sum() > 30
    for k in np.flatnonzero(there):
        state = dm.solve(model, load=load[k], temperature=T[k], throw=False)
        assert state.converged and state["m"] > u[0, k] - 1e-3
