"""The free energy by a Gaussian transform of each square in the Hamiltonian."""

import itertools
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import mpmath as mp
import sympy as sp

from blume_capel import BlumeCapelDAM
from dammech.derive import Derivation, FreeEnergy, Step
from dammech.errors import InputError

m, n, a, T, field, h, cost = sp.symbols("m n a temperature crystal_field h D", real=True)


@cache
def derive(model: BlumeCapelDAM, ansatz: str = "rs", mixture: int = 1) -> Derivation:
    """f(m, n, a): the patterns agree on one half of the spins and differ on the other."""
    if ansatz != "rs" or mixture != 1:
        raise InputError(f"ansatz={ansatz!r}, mixture={mixture}: this memory has no replicas to break")
    K = sp.nsimplify(model.biquadratic)
    spin = -T * sp.log(1 + 2 * sp.exp(-cost / T) * sp.cosh(h / T))
    f = (m**2 + n**2 + K * a**2) / 2 + sum(spin.xreplace({h: m + s * n, cost: field - K * a}) for s in (1, -1)) / 2
    branches = {"retrieval": (m > 0) & sp.Eq(n, 0), "paramagnetic": sp.Eq(m, 0) & sp.Eq(n, 0)}
    theory = FreeEnergy(f, [m, n, a], [T, field], branches=branches, lines=model.lines)
    points = [
        {h: mp.mpf(x), cost: mp.mpf(d), T: mp.mpf(t)} for x, d, t in (("0.3", "-0.2", "0.4"), ("1.1", "0.7", "0.9"))
    ]
    rows = (
        ("0.3", "0.1", "0.4", "0.2", "0.7"),
        ("0.8", "-0.4", "-0.3", "0.6", "0.5"),
        ("1.7", "1.3", "0.9", "-0.1", "0.2"),
    )
    places = [{x: mp.mpf(v) for x, v in zip((T, field, m, n, a), row)} for row in rows]
    steps = [
        Step("One spin", ["f_1(h, D)"], (spin,), "the sum over S = −1, 0, 1", "that sum, term by term", points,
             lambda p: [-p[T] * mp.log(sum(mp.exp((s * p[h] - s * s * p[cost]) / p[T]) for s in (-1, 0, 1)))],
             source="capel1966"),
        Step("Free energy", ["f"], (f,), "each square is a Gaussian integral over m, n or a, and the spins are independent in it",
             "the integrand of Z at N = 4: the sum over all 81 states of the spins", places,
             lambda p: [_enumerated(p, mp.mpf(model.biquadratic))], assumption="N → ∞: the integral is its saddle point",
             source="blume1966 capel1966"),
    ]  # fmt: skip
    return Derivation("blume-capel.rs", model, "rs", steps, theory, sources=("blume1966", "capel1966"))


def derivations() -> dict[str, Callable[[], Any]]:
    """By name, what makes each."""
    return {"blume-capel.rs": partial(derive, BlumeCapelDAM())}


def _enumerated(p: Any, K: Any) -> Any:
    """The squares as Gaussian integrands at (m, n, a), over all states of four spins with two patterns."""
    total = mp.mpf(0)
    for spins in itertools.product((-1, 0, 1), repeat=4):
        one, other = sum(spins), spins[0] + spins[1] - spins[2] - spins[3]
        full = sum(s * s for s in spins)
        total += mp.exp((p[m] * one + p[n] * other + (K * p[a] - p[field]) * full) / p[T])
    return (p[m] ** 2 + p[n] ** 2 + K * p[a] ** 2) / 2 - p[T] * mp.log(total) / 4
