"""Spins of the replica functional: sums over explicit replicas against what is known of one, and of the limit in between."""

from __future__ import annotations

import math

import mpmath as mp
import pytest
import sympy as sp
from scipy import special

from dammech.derive.functional import Replicated, T, d, m, q
from dammech.derive.spins import Ising, Phase
from dammech.systems.dreaming.theory import Asleep, t

AT = {T: sp.Rational(7, 10), t: sp.Rational(3, 5)}
SPINS = {"ising": Ising(), "phase": Phase(), "asleep": Asleep()}


@pytest.mark.parametrize("name", SPINS)
def test_one_replica_in_a_random_field(name):
    """The mean of Tr e^{hσ + gσ²/2} over Gaussian h of variance v is Tr e^{aσ + (g + v)σ²/2}."""
    spin, a, v, g = SPINS[name], mp.mpf("0.8"), mp.mpf("0.5"), mp.mpf("-0.3")
    expected = spin.log_trace(a, mp.matrix([[g + v]]), AT)
    assert float(spin.continued(mp.mpf(1), a, v, g, AT)) == pytest.approx(float(expected), abs=1e-12)


@pytest.mark.parametrize("name", SPINS)
def test_two_replicas_in_a_random_field(name):
    spin, a, v, g = SPINS[name], mp.mpf("0.4"), mp.mpf("0.3"), mp.mpf("-0.2")
    coupled = mp.matrix([[g + v, v], [v, g + v]])
    assert float(spin.continued(mp.mpf(2), a, v, g, AT)) == pytest.approx(
        float(spin.log_trace(a, coupled, AT)), abs=1e-10
    )


def test_traces_of_one_spin():
    one = mp.matrix([[mp.mpf("0.2")]])
    assert float(Ising().log_trace(mp.mpf("0.8"), one, AT)) == pytest.approx(math.log(2 * math.cosh(0.8)) + 0.1)
    assert float(Phase().log_trace(mp.mpf("0.8"), one, AT)) == pytest.approx(math.log(special.i0(0.8)) + 0.1)
    assert float(Asleep().log_trace(mp.mpf("0.8"), one, {**AT, t: sp.S.Zero})) == pytest.approx(
        math.log(2 * math.cosh(0.8)) + 0.1
    )


def test_glass_of_independent_couplings():
    """Without patterns the functional is Sherrington and Kirkpatrick's: f, q and the replicon in their form."""
    theory = Replicated(
        sp.S.Zero, lambda Q: Q.sum_of(lambda x: x**2) / (4 * T**2), lambda matrix, p: mp.mpf(0), Ising(), patterns=0
    )
    from dammech.derive import GaussianAverage, log2cosh, sech2

    z = sp.Symbol("z", real=True)
    h = sp.sqrt(q) * z / T
    f = -((1 - q) ** 2) / (4 * T) - T * GaussianAverage(log2cosh(h), z)
    assert sp.expand(theory.free_energy - f) == 0
    assert sp.expand(theory.equations[0] - (q - 1 + GaussianAverage(sech2(h), z))) == 0
    assert sp.expand(theory.replicon(sp.S.Zero) - (1 - GaussianAverage(sech2(h) ** 2, z) / T**2)) == 0
    assert theory.conjugates.keys() == {sp.Symbol(r"\hat{q}", positive=True)} and not theory.free_energy.has(m, d)


def test_site_disorder():
    """Gaussian strengths add to the noise; a share of sites without the pattern sees the noise alone."""
    noise = Replicated(m**2 / 2, lambda Q: Q.sum_of(lambda x: x**2) / (4 * T**2), lambda matrix, p: mp.mpf(0), Ising())
    spread = Replicated(noise.signal, noise.noise, noise.noise_number, Ising(), site=((sp.S.One, sp.S.One, sp.S(3)),))
    a, v = sp.symbols("a v", positive=True)
    assert spread.mean(sp.tanh, a, v) == noise.mean(sp.tanh, a, v + 3 * a**2)
    half = sp.Rational(1, 2)
    diluted = Replicated(
        noise.signal,
        noise.noise,
        noise.noise_number,
        Ising(),
        site=((half, sp.S.One, sp.S.Zero), (half, sp.S.Zero, sp.S.Zero)),
    )
    assert sp.expand(diluted.mean(sp.tanh, a, v) - noise.mean(sp.tanh, a, v) / 2) == 0, "of an odd function"


@pytest.mark.parametrize("temperature", [0.0, 0.1])
def test_a_memory_without_load_holds_its_pattern(temperature):
    """The load enters as √α in denominators; at its zero there is no noise, and nothing to be unstable against."""
    import dammech as dm

    for model in (dm.PhasorDAM(), dm.DreamingDAM(1.0)):
        state = dm.solve(model, load=0.0, temperature=temperature)
        assert state.valid and state["load"] == 0.0
        assert state["m"] == pytest.approx(1.0 if temperature == 0 else dm.solve(model, load=1e-9, temperature=temperature)["m"])


def test_states_at_low_temperatures_are_followed_from_the_ground():
    """Usual starts lead to another state there; where q rounds to 1, nothing is claimed of C."""
    import dammech as dm

    ground = dm.solve(dm.PhasorDAM(), load=0.0345, temperature=0.0)
    states = dm.solve(dm.PhasorDAM(), load=0.0345, temperature=[1e-3, 1e-4, 1e-5, 1e-7, 1e-9, 1e-12], throw=False)
    assert list(states["converged"]) == [True] * 4 + [False] * 2
    assert states["m"][:4] == pytest.approx([ground["m"]] * 4, abs=1e-3)
    assert abs(states["m"][3] - ground["m"]) < 1e-6 and abs(states["C"][3] - ground["C"]) < 1e-6
    assert "rounded" in states.points[5].why
    assert all(s.error < 1e-7 for s in states.points[:4])
