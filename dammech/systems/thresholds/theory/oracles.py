"""The other route for each step of the theory of a memory with thresholds: searches, sums, integrals, extrapolation."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp

from dammech.derive.oracles import extrapolated_to_zero, number, place_of_minimum, value

Point = Mapping[sp.Symbol, Any]


def _named(point: Point) -> dict[str, Any]:
    return {k.name: number(x) for k, x in point.items()}


def smallest_over_hidden(point: Point) -> list[mp.mpf]:
    """Part of the energy of both layers that one hidden neuron has, at its best state; N = 4, sums written out."""
    p = _named(point)
    signs = (1, -1, 1, 1)
    shares = [mp.mpf(k) / 10 for k in (1, 2, 3, 4)]
    root = mp.sqrt(len(signs))
    activations = [p["u"] * root * s * share for s, share in zip(signs, shares)]  # so that ξ·y/√N = u

    def energy(h: mp.mpf) -> mp.mpf:
        f = max(h, mp.mpf(0))
        coupling = mp.fsum(s * y * f / root for s, y in zip(signs, activations))
        return (h + p["theta"]) * f - f**2 / 2 - coupling

    return [_smallest(energy, mp.mpf(-1), mp.mpf(4))]


def legendre(point: Point) -> list[mp.mpf]:
    """sup over v of v y − log cosh(βv)/β."""
    p = _named(point)
    return [-_smallest(lambda v: mp.log(mp.cosh(p["beta"] * v)) / p["beta"] - v * p["y"], mp.mpf(-6), mp.mpf(6))]


def fluctuating_neuron(point: Point) -> list[mp.mpf]:
    """The integral over t, apart on the dead and the living side."""
    p = _named(point)
    kink = -p["a"] / mp.sqrt(p["delta"])

    def integrand(t: mp.mpf) -> mp.mpf:
        return mp.npdf(t) * mp.exp(p["b"] * max(p["a"] + mp.sqrt(p["delta"]) * t, mp.mpf(0)) ** 2 / 2)

    far = 16 / mp.sqrt(1 - p["b"] * p["delta"])
    return [mp.quad(integrand, [*mp.linspace(-16, kink, 6), *mp.linspace(kink, far, 12)[1:]])]


def mean_over_patterns(point: Point) -> list[mp.mpf]:
    """log of the mean over fair patterns of exp(b Σ_a max(u_a − θ, 0)²/2) for states of ±1 with overlap ¾.

    N = 4k², so that θ = ±1 lies on the lattice of the fields and the corrections are a power series in 1/k.
    """
    p = _named(point)
    replicas, threshold, strength = int(p["n"]), float(p["theta"]), float(p["b"])
    sides = range(4, 19, 2)
    values = [mp.mpf(_log_mean(replicas, 4 * k * k, threshold, strength)) for k in sides]
    return [extrapolated_to_zero([mp.mpf(1) / k for k in sides], values)]


@lru_cache(maxsize=100)
def _log_mean(replicas: int, size: int, threshold: float, strength: float) -> float:
    apart = size // 8 if replicas == 2 else 0

    def law(count: int) -> tuple[np.ndarray, np.ndarray]:
        weights = [math.comb(count, j) / 2**count for j in range(count + 1)]
        return np.array(weights), count - 2 * np.arange(count + 1.0)

    (one, common), (two, differing) = law(size - apart), law(apart)
    total = np.zeros((len(one), len(two)))
    for sign in (1, -1)[:replicas]:
        u = (common[:, None] + sign * differing[None, :]) / math.sqrt(size)
        total += strength * np.maximum(u - threshold, 0) ** 2 / 2
    return math.log(math.fsum((one[:, None] * two[None, :] * np.exp(total)).ravel()))


def cold_memory(point: Point) -> list[mp.mpf]:
    """⟨log I⟩/b at large b and δ = χ/b, extrapolated in b^(−1/2)."""
    p = _named(point)
    q, theta, chi = p["q"], p["theta"], p["chi"]

    def at(b: int) -> mp.mpf:
        delta = chi / b

        def integrand(z: mp.mpf) -> mp.mpf:
            a = mp.sqrt(q) * z - theta
            weight = mp.exp(b * a**2 / (2 * (1 - chi))) * mp.erfc(-a / mp.sqrt(2 * delta * (1 - chi)))
            return mp.npdf(z) * mp.log(mp.erfc(a / mp.sqrt(2 * delta)) / 2 + weight / (2 * mp.sqrt(1 - chi)))

        kink, width = theta / mp.sqrt(q), mp.sqrt(delta / q)
        edges = [mp.mpf(-9), *[kink + k * width for k in (-12, -5, -2, 0, 2, 5, 12)], mp.mpf(9)]
        return mp.quad(integrand, edges, maxdegree=5) / b

    with mp.workdps(20):
        sides = (5, 6, 7, 8, 10, 12, 14, 17, 20)
        return [extrapolated_to_zero([mp.mpf(1) / k for k in sides], [at(k * k) for k in sides])]


def explicit_quadratic_form(point: Point) -> list[mp.mpf]:
    """½ Σ_ab Q̂_ab Q_ab by a loop over two explicit matrices."""
    p = _named(point)
    count = int(p["n"])

    def entry(same: bool) -> mp.mpf:
        hat = p["b"] ** 2 * p["alpha"] * p["r"] + same * p["b"] * p["Gamma"]
        return hat * (p["q"] + same * p["chi"] / p["b"])

    return [mp.fsum(entry(a == c) for a in range(count) for c in range(count)) / 2]


def best_neuron(point: Point) -> list[mp.mpf]:
    """Smallest L*(y) − h y − Γ y²/2 over −1 < y < 1."""
    p = _named(point)
    field = p["v"] - p["Gamma"] * mp.tanh(p["beta"] * p["v"])

    def energy(y: mp.mpf) -> mp.mpf:
        own = ((1 + y) * mp.log1p(y) + (1 - y) * mp.log1p(-y)) / (2 * p["beta"])
        return own - field * y - p["Gamma"] * y**2 / 2

    edge = 1 - mp.mpf(10) ** -12
    return [_smallest(energy, -edge, edge)]


def mean_over_neurons(point: Point) -> list[mp.mpf]:
    """Mean over z of the energy of a neuron, v from the implicit equation at each z."""
    p = _named(point)

    def at_rest(z: mp.mpf) -> mp.mpf:
        field = p["m"] + mp.sqrt(p["alpha"] * p["r"]) * z
        return mp.findroot(lambda v: v - field - p["Gamma"] * mp.tanh(p["beta"] * v), field)

    with mp.workdps(mp.mp.dps + 5):
        step = mp.mpf("0.045")
        places = [k * step for k in range(-300, 301)]
        return [step * mp.fsum(mp.npdf(z) * one_body(at_rest(z), p) for z in places)]


def one_body(v: mp.mpf, p: Mapping[str, Any]) -> mp.mpf:
    """L*(y) − h y − Γ y²/2 with L* = v y − log cosh(βv)/β."""
    y = mp.tanh(p["beta"] * v)
    field = v - p["Gamma"] * y
    return v * y - mp.log(mp.cosh(p["beta"] * v)) / p["beta"] - field * y - p["Gamma"] * y**2 / 2


def energy(point: Point) -> list[mp.mpf]:
    """The energy from its one-body problems: the best response of a memory's field, the best activation of a neuron."""
    p = _named(point)

    def memory(z: mp.mpf) -> mp.mpf:
        # a quadratic beyond the kink: its exact minimum, or no response
        shift = (mp.sqrt(p["q"]) * z - p["theta"]) * p["chi"] / (1 - p["chi"])
        return mp.npdf(z) * -min(_cost(mp.mpf(0), z, p), _cost(shift, z, p))

    kink = p["theta"] / mp.sqrt(p["q"])
    memories = mp.quad(memory, mp.linspace(kink, 14, 8))
    (sites,) = mean_over_neurons(point)
    conjugates = (p["alpha"] * p["r"] * p["chi"] + p["Gamma"] * p["q"]) / 2
    return [p["m"] ** 2 / 2 - p["alpha"] * memories + conjugates + sites]


def _cost(x: mp.mpf, z: mp.mpf, p: Mapping[str, Any]) -> mp.mpf:
    """What a response x of the field √q z of a memory costs."""
    return x**2 / (2 * p["chi"]) - max(mp.sqrt(p["q"]) * z + x - p["theta"], mp.mpf(0)) ** 2 / 2


def dead_fraction(point: Point) -> list[mp.mpf]:
    """Probability that z is below the place where the field at its best response, √q z + x, crosses θ."""
    p = _named(point)

    def excess(z: mp.mpf) -> mp.mpf:
        best = place_of_minimum(lambda x: _cost(x, z, p), mp.mpf(0), mp.mpf(4))
        return mp.sqrt(p["q"]) * z + best - p["theta"]

    return [mp.ncdf(mp.findroot(excess, (-4, 4), solver="bisect", verify=False))]


def hopfield_at_reduced_load(point: Point) -> list[mp.mpf]:
    """Energy and equations of the Hopfield model with its diagonal kept at T = 0 and load αA(θ)."""
    from dammech.derive.replica_symmetric import replica_symmetric
    from dammech.systems.hebbian.model import HebbianDAM

    p = _named(point)
    living = mp.quad(lambda z: mp.npdf(z) * (z - p["theta"]) ** 2, mp.linspace(p["theta"], 14, 8))
    ground = replica_symmetric(HebbianDAM(order=2, interaction="power")).zero_temperature
    assert ground is not None
    at = {s: p[s.name] for s in ground.order_parameters} | {s: p["alpha"] * living for s in ground.parameters}
    return [value(e, at) for e in (ground.expression, *ground.saddle_equations)]


def _smallest(function: Callable[[mp.mpf], mp.mpf], low: mp.mpf, high: mp.mpf) -> mp.mpf:
    return function(place_of_minimum(function, low, high))
