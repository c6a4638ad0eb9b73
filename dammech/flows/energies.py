"""Energies of whole networks: of the fields, of the activations (Legendre), and the dual ones with any Lagrangian."""

from __future__ import annotations

import numpy as np

from dammech.flows import dynamics
from dammech.flows.conjugate import conjugate_known, conjugate_terms, subgradient
from dammech.flows.lyapunov import LyapunovFunction
from dammech.flows.symmetrise import Scaling, condition, definite, semidefinite
from dammech.systems.lagrangian.model import Lagrangian, Network

SYMMETRIC = "W is symmetric"
CONVEX = "every Lagrangian is convex"
SCALABLE = "a diagonal R makes K = R W symmetric"


def standard(net: Network) -> LyapunovFunction:
    """The energy of the network (krotov2021), of the symmetric part of W where that is not symmetric."""
    W = (net.matrix + net.matrix.T) / 2
    return LyapunovFunction(
        "standard", "(x − b)·g − L(x) − g·W g/2", "−ẋ·T H ẋ", {SYMMETRIC: net.symmetric, CONVEX: net.convex},
        dynamics.krotov_hopfield(net),
        lambda x: energy_terms(net, np.ones(net.size), W, x),
        lambda x: -energy_rate(net, np.ones(net.size), x),
    )  # fmt: skip


def scaled_standard(net: Network, scaled: Scaling) -> LyapunovFunction:
    """The same of W that a positive diagonal makes symmetric; as flat where neurons are dead."""
    R = scaled.positive
    about = (
        "scaled standard", "Σ r_i [(x_i − b_i) g_i − L_i] − g·K g/2", "−ẋ·R T H ẋ",
        {"a positive diagonal R makes K = R W symmetric": R is not None, CONVEX: net.convex},
        dynamics.krotov_hopfield(net),
    )  # fmt: skip
    if R is None:
        return LyapunovFunction(*about)
    K = _symmetric(R[:, None] * net.matrix)
    return LyapunovFunction(*about, lambda x: energy_terms(net, R, K, x), lambda x: -energy_rate(net, R, x))


def legendre(net: Network) -> LyapunovFunction:
    """E₂, the energy as a function of the activations: a dead neuron is a minimum at the boundary, with a slope.

    At y = g(x) it equals the standard energy.
    """
    known = all(map(conjugate_known, net.layers))
    W = _symmetric(net.matrix)
    about = (
        "legendre", "L*(y) − b·y − y·W y/2, y in the closed convex hull of the activations",
        "−(p − u)·T⁻¹(g(p) − g(u)), u = W y + b, y = g(p)",
        {SYMMETRIC: net.symmetric, CONVEX: net.convex, "the conjugates L* are known": known},
        dynamics.firing_rate(net),
    )  # fmt: skip
    if not known:
        return LyapunovFunction(*about)

    def terms(y: np.ndarray) -> np.ndarray:
        conjugates = [conjugate_terms(layer, y[..., part]) for layer, part in zip(net.layers, net.slices)]
        return np.concatenate([*conjugates, -net.bias * y, -y * (y @ W) / 2], -1)

    def rate(y: np.ndarray) -> np.ndarray:
        u = net.feedback(y) + net.bias
        p = [subgradient(layer, y[..., part], u[..., part]) for layer, part in zip(net.layers, net.slices)]
        return np.asarray(((np.concatenate(p, -1) - u) * (net.activation(u) - y) / net.tau).sum(-1))

    return LyapunovFunction(*about, terms, rate)


def dual(net: Network) -> LyapunovFunction:
    """E₁: any Lagrangian, convex or not."""
    K = _symmetric(net.matrix)
    return LyapunovFunction(
        "dual", "y·W y/2 − L(W y + b)", "−ẏ·W T ẏ",
        {SYMMETRIC: net.symmetric, "W T⁻¹ is positive semi-definite": semidefinite(net.matrix / net.tau)},
        dynamics.firing_rate(net),
        lambda y: _dual_terms(net, np.ones(net.size), K, y),
        lambda y: -_dual_rate(net, K, y),
    )  # fmt: skip


def mixture(net: Network) -> LyapunovFunction:
    """The mean of the Legendre energy and its dual; any other weights would do."""
    first, second = legendre(net), dual(net)
    about = ("mixture", "half the sum of legendre and dual", "half the sum of theirs", {**first.hypotheses, **second.hypotheses})
    if first.terms is None:
        return LyapunovFunction(*about, second.flow)
    parts = (first.terms, second.terms), (first.rate, second.rate)
    return LyapunovFunction(
        *about, second.flow,
        lambda y: np.concatenate([f(y) / 2 for f in parts[0] if f], -1),
        lambda y: np.asarray(sum(f(y) / 2 for f in parts[1] if f)),
    )  # fmt: skip


def scaled_dual(net: Network, scaled: Scaling) -> LyapunovFunction:
    """E_R: any Lagrangian, weights that are not symmetric, R of any signs."""
    R = scaled.R
    about = ("scaled dual", "y·K y/2 − Σ_k R_k L_k(W y + b), K = R W", "−ẏ·K T ẏ")
    if R is None:
        return LyapunovFunction(*about, {f"{SCALABLE} ({scaled.why})": False}, dynamics.firing_rate(net))
    K = _symmetric(R[:, None] * net.matrix)
    return LyapunovFunction(
        *about, {SCALABLE: True, "K T⁻¹ is positive semi-definite": semidefinite(K / net.tau)}, dynamics.firing_rate(net),
        lambda y: _dual_terms(net, R, K, y), lambda y: -_dual_rate(net, K, y),
    )  # fmt: skip


def dual_of_fields(net: Network, scaled: Scaling) -> LyapunovFunction:
    """E_R of the fields: a function of the network's own flow that no dead neuron makes flat."""
    R = scaled.R
    about = ("dual of fields", "(x − b)·M (x − b)/2 − Σ_k R_k L_k(x), M = R K⁻¹ R, K = R W", "−ẋ·M T ẋ")
    flow = dynamics.krotov_hopfield(net)
    if R is None:
        return LyapunovFunction(*about, {f"{SCALABLE} ({scaled.why})": False}, flow)
    K = _symmetric(R[:, None] * net.matrix)
    if not definite(K):
        return LyapunovFunction(*about, {SCALABLE: True, "K is positive definite": False}, flow)
    M = _symmetric(R[:, None] * np.linalg.inv(K) * R)

    def terms(x: np.ndarray) -> np.ndarray:
        z = x - net.bias
        return np.concatenate([z * (z @ M) / 2, -lagrangian_terms(net, R, x)], -1)

    def rate(x: np.ndarray) -> np.ndarray:
        return np.asarray(-((net.velocity(x) @ M) * net.drive(x)).sum(-1))

    holds = {SCALABLE: True, "K is positive definite": True, "M T is positive semi-definite": semidefinite(M * net.tau)}
    return LyapunovFunction(*about, holds, flow, terms, rate, condition(K))


def gradient(net: Network, scaled: Scaling) -> LyapunovFunction:
    """E_R along its own gradient: K of any signature; stability need not be that of the network."""
    R = scaled.R
    about = ("gradient", "y·K y/2 − Σ_k R_k L_k(W y + b), K = R W", "−|ẏ|²")
    if R is None:
        return LyapunovFunction(*about, {f"{SCALABLE} ({scaled.why})": False})
    K = _symmetric(R[:, None] * net.matrix)
    number = condition(K)
    flow = dynamics.preconditioned(net, R)
    return LyapunovFunction(
        *about, {SCALABLE: True, "K is invertible": number < 1e12}, flow,
        lambda y: _dual_terms(net, R, K, y), lambda y: -(flow.velocity(y) ** 2).sum(-1),
    )  # fmt: skip


def energy_terms(net: Network, R: np.ndarray, K: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Terms of Σ r_i [(x_i − b_i) g_i − L_i] − g·K g/2."""
    g = net.activation(x)
    return np.concatenate([R * (x - net.bias) * g, -lagrangian_terms(net, R, x), -g * (g @ K) / 2], -1)


def energy_rate(net: Network, R: np.ndarray, x: np.ndarray) -> np.ndarray:
    """ẋ·R T H ẋ."""
    velocity = net.velocity(x)
    change = np.einsum("...ij,...j->...i", net.hessian(x), velocity)
    return np.asarray((velocity * R * net.tau * change).sum(-1))


def lagrangian_terms(net: Network, R: np.ndarray, x: np.ndarray) -> np.ndarray:
    """R_k L_k of each block whose R is one number, and of each neuron of the others: (..., terms)."""
    terms = []
    for layer, part in zip(net.layers, net.slices):
        scale = R[part]
        if np.ptp(scale) == 0:
            terms.append(scale[0] * layer.value(x[..., part])[..., None])
        else:
            one = Lagrangian(layer.name, 1, **layer.parameters)
            terms.append(scale * one.value(x[..., part, None]))
    return np.concatenate(terms, -1)


def _dual_terms(net: Network, R: np.ndarray, K: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.concatenate([y * (y @ K) / 2, -lagrangian_terms(net, R, net.feedback(y) + net.bias)], -1)


def _dual_rate(net: Network, K: np.ndarray, y: np.ndarray) -> np.ndarray:
    drive = net.activation(net.feedback(y) + net.bias) - y
    return np.asarray(((drive @ K) * drive / net.tau).sum(-1))


def _symmetric(matrix: np.ndarray) -> np.ndarray:
    return np.asarray((matrix + matrix.T) / 2)
