"""The glass around its static transition, against the 1RSB functional of the p-spin glass solved by brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

import dammech as dm

STATIC = {3: 0.651385226936, 4: 0.616883289515, 5: 0.606951730236, 8: 0.6011280091177}
DYNAMIC = {3: 0.681598040576, 4: 0.678411054852, 5: 0.700141707121, 8: 0.7841843801215}
GARDNER = {3: 0.24026003638, 4: 0.12784111696, 5: 0.07412685411, 8: 0.0164}

Z = np.linspace(-40, 40, 8001)  # the tilt e^{θβ|h|} moves the Gaussian by θβ√(p/2)


def brute_force(p: int, T: float) -> tuple[float, float] | None:
    """q_1 and θ of the static 1RSB solution with ξ(q) = q^p/2: q_1 by iteration from 1, θ by bisection; None without one."""

    def weighted(q: float, theta: float) -> tuple[np.ndarray, np.ndarray, float]:
        h = np.sqrt(p * q ** (p - 1) / 2) * Z / T
        log_cosh = np.logaddexp(h, -h)
        exponent = theta * log_cosh - Z**2 / 2
        top = exponent.max()
        weight = np.exp(exponent - top)
        total = weight.sum()
        return weight / total, h, top + np.log(total * (Z[1] - Z[0]) / np.sqrt(2 * np.pi))

    def overlap(theta: float) -> float:
        q = 1.0
        for _ in range(3000):
            weight, h, _ = weighted(q, theta)
            new = float(weight @ np.tanh(h) ** 2)
            if abs(new - q) < 1e-14:
                break
            q = new
        return q

    def slope(theta: float) -> float:
        """∂(−βf)/∂θ at stationary q."""
        q = overlap(theta)
        weight, h, free = weighted(q, theta)
        return -(p - 1) * q**p / (4 * T**2) - free / theta**2 + float(weight @ np.logaddexp(h, -h)) / theta

    sizes = [1.0]
    while overlap(0.9 * sizes[-1]) > 0.1 and sizes[-1] > 1e-3:
        sizes.append(0.9 * sizes[-1])
        if slope(sizes[-1]) * slope(1.0) < 0:
            theta = float(brentq(slope, sizes[-1], 1.0, xtol=1e-13))
            return overlap(theta), theta
    return None


@pytest.mark.parametrize("fraction", [0.9, 0.99, 0.995, 0.999, 0.9999])
def test_the_glass_just_below_its_static_transition(fraction):
    found = dm.solve(dm.PSpin(3), temperature=fraction * STATIC[3], ansatz="1rsb")
    assert found.ansatz == "1rsb" and found.converged and found.valid
    assert (found["q1"], found["theta"]) == pytest.approx(brute_force(3, fraction * STATIC[3]), abs=2e-9)


def test_known_overlap_and_size_at_0995():
    found = dm.solve(dm.PSpin(3), temperature=0.995 * STATIC[3], ansatz="1rsb")
    assert (found["q1"], found["theta"]) == pytest.approx((0.815652, 0.992553), abs=1e-6)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(order=st.sampled_from(sorted(STATIC)), part=st.floats(0.001, 0.999))
def test_a_random_glass_is_that_of_brute_force(order, part):
    temperature = GARDNER[order] + part * (STATIC[order] - GARDNER[order])
    found = dm.solve(dm.PSpin(order), temperature=temperature, ansatz="1rsb")
    assert found.ansatz == "1rsb" and found.converged and found.valid and found["entropy"] >= 0
    assert (found["q1"], found["theta"]) == pytest.approx(brute_force(order, temperature), abs=2e-8)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(order=st.sampled_from(sorted(STATIC)), fraction=st.floats(0.01, 0.999999))
def test_below_the_static_transition_there_is_a_distinct_state(order, fraction):
    found = dm.solve(dm.PSpin(order), temperature=fraction * STATIC[order], ansatz="1rsb")
    assert found.ansatz == "1rsb" and found.converged
    assert 0 < found["theta"] < 1 and found["q1"] > 0.5
    assert found.stable is None  # a saddle of replicas is a maximum in some directions


@settings(max_examples=30, deadline=None, derandomize=True)
@given(order=st.sampled_from(sorted(STATIC)), fraction=st.floats(0, 1), above=st.booleans())
def test_above_it_symmetry_holds_and_says_where(order, fraction, above):
    low, high = (DYNAMIC, STATIC)[not above][order], 3.0 if above else DYNAMIC[order]
    temperature = low * (1 + 1e-9) + fraction * (high - low) * (1 - 1e-8)
    found = dm.solve(dm.PSpin(order), temperature=temperature, ansatz="1rsb")
    assert found.ansatz == "rs" and found.converged and found.valid and found["q"] == 0
    assert ("above the transitions" if above else "between the static") in found.why
    assert f"{STATIC[order]:.6g}" in found.why


def test_the_size_tends_to_one_and_the_overlap_to_that_of_the_clusters():
    near = [dm.solve(dm.PSpin(3), temperature=STATIC[3] * (1 - 10.0**-k), ansatz="1rsb") for k in (3, 4, 5, 6)]
    sizes = np.array([1 - point["theta"] for point in near])
    assert sizes[:-1] / sizes[1:] == pytest.approx(10, rel=2e-3)
    assert near[-1]["q1"] == pytest.approx(0.813517576, abs=2e-6)


@pytest.mark.parametrize("fraction", [0.5, 0.995, 1.02, 1.2])
def test_the_glass_of_a_memory_is_that_of_the_spins(fraction):
    """TT load 1 has ξ(q) = q³, twice that of the p-spin glass."""
    temperature = fraction * STATIC[3] * np.sqrt(2)
    memory = dm.solve(
        dm.HebbianDAM(order=3), load=1, temperature=temperature, branch="spin-glass", ansatz="1rsb",
        convention="theriault-tantari",
    )
    spins = dm.solve(dm.PSpin(3), temperature=temperature / np.sqrt(2), ansatz="1rsb")
    assert memory.ansatz == spins.ansatz and memory.status == spins.status
    for name in ("q1", "theta") if spins.ansatz == "1rsb" else ("q",):
        assert memory[name] == pytest.approx(spins[name], abs=1e-10)


@pytest.mark.slow
def test_what_a_search_did_not_find_is_not_denied():
    """Next to a continuous onset the levels are not told apart: the answer is that, and no absence."""
    found = dm.solve(dm.PSpin(2), temperature=0.9999, ansatz="1rsb", throw=False)
    assert found.status == "not-converged" and "exist" not in found.why and "symmetry is broken here" in found.why
    above = dm.solve(dm.PSpin(2), temperature=1.0001, ansatz="1rsb")
    assert above.ansatz == "rs" and above.converged and "above the spin-glass transition" in above.why


@pytest.mark.parametrize("temperature", [0.97, 0.9])
def test_a_continuous_onset_is_followed_closely(temperature):
    """Close to T = 1, τ = 1 − T: q_1 → τ, q_0 → τ/3, as in the expansion of one step of the pairwise glass."""
    found = dm.solve(dm.PSpin(2), temperature=temperature, ansatz="1rsb")
    tau = 1 - temperature
    assert found.ansatz == "1rsb" and found.valid is False and found.stable is None
    assert found["q1"] / tau == pytest.approx(1, abs=tau) and found["q0"] / found["q1"] == pytest.approx(1 / 3, abs=0.01)


def test_below_the_static_transition_the_glass_is_the_equilibrium_state():
    for fraction, glass, paramagnet in ((0.95, True, False), (0.9999, True, False), (1.0001, None, True)):
        temperature = fraction * STATIC[3]
        broken = dm.solve(dm.PSpin(3), temperature=temperature, ansatz="1rsb")
        plain = dm.solve(dm.PSpin(3), temperature=temperature, branch="paramagnetic")
        assert plain.valid and plain.equilibrium is paramagnet
        assert broken.equilibrium is (True if glass is None else glass)
    frozen = dm.solve(dm.PSpin(3), temperature=0.2, ansatz="1rsb")  # below the Gardner transition
    assert frozen.valid is False and frozen.stable is None and frozen.equilibrium is not True and frozen.code == "replicon"


def test_a_glass_that_one_step_describes_is_the_answer_for_two():
    two = dm.solve(dm.PSpin(3), temperature=0.995 * STATIC[3], ansatz="2rsb")
    assert two.ansatz == "1rsb" and two.converged and two.valid and "no distinct 2rsb" in two.why
    frozen = dm.solve(dm.PSpin(3), temperature=0.2, ansatz="2rsb")
    assert frozen.ansatz == "2rsb" and frozen["q1"] < frozen["q2"] and frozen["theta1"] < frozen["theta2"] < 1


@pytest.mark.parametrize("temperature", [0, 0.06])
def test_a_size_between_the_vanishing_of_an_overlap_and_of_the_slope_is_found(temperature):
    """Order 4 with repeated indices: q_0 vanishes at a block size just below that of the state."""
    model = dm.HebbianDAM(order=4, interaction="power")
    found = dm.solve(model, load=1, temperature=temperature, branch="spin-glass", ansatz="1rsb")
    assert found.ansatz == "1rsb" and found.converged and 0.2 < found["q0"] < 0.4
