"""Flows with the steady states of a network: its own, and altered ones with energies that see dead neurons.

All of them stop at the states with x = W g(x) + b. The firing-rate form keeps their stability as well; the preconditioned
and the residual forms do not (fanaskov2024).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dammech.errors import InputError
from dammech.systems.lagrangian.model import Network
from dammech.systems.lagrangian.model.lagrangian import hessian_of
from dammech.systems.lagrangian.model.network import check_network

Map = Callable[[np.ndarray], np.ndarray]


def largest(x: np.ndarray) -> np.ndarray:
    """Size of the largest variable: (...)."""
    return np.asarray(np.abs(x).max(-1))


@dataclass(frozen=True)
class Flow:
    """A flow in variables of its own. All maps take states of shape (..., size).

    Attributes
    ----------
    name : str
    words : str
        The equation.
    size : int
        Variables.
    slowest : float
        The longest time constant.
    velocity : callable
        (..., size).
    residual : callable
        Largest component of what vanishes at steady states and nowhere else: (...).
    fields : callable
        The network's fields that belong to a state: (..., neurons).
    state : callable
        The flow's variables of given fields.
    distances : callable
        Signed distances from the kinks of the velocity: (..., k).
    jacobian : callable or None
        (..., size, size); at a kink that of one of its sides.
    scale : callable
        Largest of the terms whose sum the residual is: (...).
    """

    name: str
    words: str
    size: int
    slowest: float
    velocity: Map
    residual: Map
    fields: Map
    state: Map
    distances: Map
    jacobian: Map | None
    scale: Map = largest


def krotov_hopfield(net: Network, tau: Any = None) -> Flow:
    """T ẋ = W g(x) + b − x (krotov2021).

    Parameters
    ----------
    net : Network
    tau : array_like, optional
        Time constants in place of the network's, unchecked: different ones within a softmax may raise the energy.
    """
    T = net.tau if tau is None else np.asarray(tau, dtype=float)
    W, one = net.matrix, np.eye(net.size)
    return Flow(
        "krotov-hopfield", "T ẋ = W g(x) + b − x", net.size, float(T.max()),
        velocity=lambda x: net.drive(x) / T,
        residual=lambda x: np.abs(net.drive(x)).max(-1), scale=net.scale,
        fields=np.asarray, state=np.asarray,
        distances=lambda x: kink_distances(net, x),
        jacobian=lambda x: (W @ net.hessian(x) - one) / T[:, None],
    )  # fmt: skip


def firing_rate(net: Network) -> Flow:
    """T ẏ = g(W y + b) − y: the same steady states with the same eigenvalues.

    det(λT + 1 − H W) = det(λT + 1 − W H), because T commutes with H. For equal time constants x = W y + b moves by the
    network's own flow.
    """
    W, b, T, one = net.matrix, net.bias, net.tau, np.eye(net.size)

    def fields(y: np.ndarray) -> np.ndarray:
        return net.feedback(np.asarray(y, dtype=float)) + b

    return Flow(
        "firing-rate", "T ẏ = g(W y + b) − y", net.size, float(T.max()),
        velocity=lambda y: (net.activation(fields(y)) - y) / T,
        residual=lambda y: np.abs(net.activation(fields(y)) - y).max(-1), scale=largest,
        fields=fields, state=net.activation,
        distances=lambda y: kink_distances(net, fields(y)),
        jacobian=lambda y: (net.hessian(fields(y)) @ W - one) / T[:, None],
    )  # fmt: skip


def preconditioned(net: Network, scaling: np.ndarray) -> Flow:
    """ẏ = K (g(W y + b) − y) with K = R W symmetric: a gradient flow; steady states may change their stability.

    Parameters
    ----------
    net : Network
    scaling : ndarray
        The diagonal of R, any signs.

    Raises
    ------
    InputError
        Where R W is not symmetric.
    """
    K = scaling[:, None] * net.matrix
    if np.abs(K - K.T).max() > 1e-9 * np.abs(K).max():
        raise InputError("scaling: R W is not symmetric; the preconditioned flow would be no gradient flow")
    K, W, one = (K + K.T) / 2, net.matrix, np.eye(net.size)
    rates = firing_rate(net)

    def drive(y: np.ndarray) -> np.ndarray:
        return net.activation(rates.fields(y)) - y

    return Flow(
        "preconditioned", "ẏ = K (g(W y + b) − y), K = R W", net.size, 1.0,
        velocity=lambda y: drive(y) @ K,
        residual=rates.residual, scale=rates.scale, fields=rates.fields, state=rates.state, distances=rates.distances,
        jacobian=lambda y: K @ (net.hessian(rates.fields(y)) @ W - one),
    )  # fmt: skip


def residual_gradient(net: Network) -> Flow:
    """ẋ = −(1 − W H)ᵀ r of r = x − b − W g(x): descent of |r|²/2; saddles attract as well.

    Where the Hessian jumps, the velocity jumps: there the flow may slide, and it is refused.
    """
    check_smooth(net)
    W, one = net.matrix, np.eye(net.size)

    def velocity(x: np.ndarray) -> np.ndarray:
        return np.einsum("...ij,...i->...j", one - W @ net.hessian(x), net.drive(x))

    return _residual_flow(net, "residual-gradient", "ẋ = −(1 − W H)ᵀ r", velocity)


def newton(net: Network) -> Flow:
    """ẋ = −(1 − W H)⁻¹ r: r decays as e^{−t}, until 1 − W H becomes singular.

    Where the Hessian jumps, the velocity jumps, and the flow is refused.
    """
    check_smooth(net)
    W, one = net.matrix, np.eye(net.size)

    def velocity(x: np.ndarray) -> np.ndarray:
        return np.asarray(np.linalg.solve(one - W @ net.hessian(x), net.drive(x)[..., None])[..., 0])

    return _residual_flow(net, "newton", "ẋ = −(1 − W H)⁻¹ r", velocity)


def hidden_eliminated(net: Network) -> Flow:
    """T v̇ = A f(B v + c) + I − v: visible neurons are linear, hidden ones follow at once.

    Raises
    ------
    InputError
        Where there are not two layers without lateral weights, or the visible ones are not ``identity``.
    """
    A, B, visible, hidden = two_layers(net)
    if net.layers[0].name != "identity":
        raise InputError(f"layers: the visible ones are {net.layers[0].name}; to eliminate the hidden they must be identity")
    bias, c, T, one = net.bias[visible], net.bias[hidden], net.tau[visible], np.eye(net.layers[0].size)
    layer = net.layers[1]

    def below(v: np.ndarray) -> np.ndarray:
        return np.asarray(v @ B.T + c)

    def drive(v: np.ndarray) -> np.ndarray:
        return np.asarray(layer.numbers.activation(below(v)) @ A.T + bias - v)

    def scale(v: np.ndarray) -> np.ndarray:
        terms = np.abs(layer.numbers.activation(below(v))) @ np.abs(A).T
        return np.asarray(np.maximum(terms, np.maximum(np.abs(bias), np.abs(v))).max(-1))

    return Flow(
        "hidden-eliminated", "T v̇ = A f(B v + c) + I − v", len(bias), float(T.max()),
        velocity=lambda v: drive(v) / T,
        residual=lambda v: np.abs(drive(v)).max(-1), scale=scale,
        fields=lambda v: np.concatenate([v, below(v)], -1),
        state=lambda x: np.asarray(x)[..., visible],
        distances=lambda v: layer.distances(below(v)),
        jacobian=lambda v: (A @ hessian_of(layer.numbers, below(v)) @ B - one) / T[:, None],
    )  # fmt: skip


def rates_hidden_eliminated(net: Network) -> Flow:
    """T ẏ = g(A f(B y + c) + I) − y: firing rates of the visible neurons, hidden ones follow at once.

    Raises
    ------
    InputError
        Where there are not two layers without lateral weights.
    """
    A, B, visible, hidden = two_layers(net)
    bias, c, T, one = net.bias[visible], net.bias[hidden], net.tau[visible], np.eye(net.layers[0].size)
    above, layer = net.layers

    def fields(y: np.ndarray) -> np.ndarray:
        below = y @ B.T + c
        return np.concatenate([layer.numbers.activation(below) @ A.T + bias, below], -1)

    def drive(y: np.ndarray) -> np.ndarray:
        return np.asarray(above.numbers.activation(fields(y)[..., visible]) - y)

    def jacobian(y: np.ndarray) -> np.ndarray:
        x = fields(y)
        inner = hessian_of(above.numbers, x[..., visible]) @ A @ hessian_of(layer.numbers, x[..., hidden]) @ B
        return np.asarray((inner - one) / T[:, None])

    return Flow(
        "rates-hidden-eliminated", "T ẏ = g(A f(B y + c) + I) − y", len(bias), float(T.max()),
        velocity=lambda y: drive(y) / T,
        residual=lambda y: np.abs(drive(y)).max(-1), scale=largest,
        fields=fields,
        state=lambda x: above.activation(np.asarray(x)[..., visible]),
        distances=lambda y: kink_distances(net, fields(y)),
        jacobian=jacobian,
    )  # fmt: skip


def kink_distances(net: Network, x: Any) -> np.ndarray:
    """Signed distances of fields (..., neurons) from the jumps of every layer's Hessian: (..., k)."""
    x = net.states(x)
    return np.concatenate([layer.distances(x[..., part]) for layer, part in zip(net.layers, net.slices)], -1)


def kink_rates(flow: Flow, x: np.ndarray, velocity: np.ndarray) -> np.ndarray:
    """How fast the distances from kinks change (exact where a kink is that of one neuron)."""
    speed = np.abs(velocity).max(-1, keepdims=True)
    step = 1e-7 * (1 + np.abs(x).max(-1, keepdims=True)) / np.maximum(speed, 1e-300)
    change = flow.distances(x + step * velocity) - flow.distances(x - step * velocity)
    return np.where(speed > 0, change / (2 * step), 0.0)


def two_layers(net: Network) -> tuple[np.ndarray, np.ndarray, slice, slice]:
    """A (to the visible), B (to the hidden) and the parts of the state that are visible and hidden.

    Raises
    ------
    InputError
        Where there are not two layers without lateral weights.
    """
    if len(net.layers) != 2:
        raise InputError(f"layers: {len(net.layers)}; to eliminate the hidden there must be two, visible and hidden")
    visible, hidden = net.slices
    W = net.matrix
    if np.any(W[visible, visible]) or np.any(W[hidden, hidden]):
        raise InputError("weights: a lateral matrix; to eliminate the hidden there must be none")
    return W[visible, hidden], W[hidden, visible], visible, hidden


def smooth(net: Network) -> bool:
    """Whether the Hessian of every layer is continuous."""
    return kink_distances(net, np.ones(net.size)).shape[-1] == 0


def check_smooth(net: Network) -> None:
    """Refuse a network with kinks.

    Raises
    ------
    InputError
    """
    if not smooth(net):
        raise InputError("layers: the Hessian jumps, and so does the velocity of this flow, which may then slide; not offered")


def as_flow(net: Network | Flow) -> Flow:
    """The network's own flow, or the flow that was given."""
    if isinstance(net, Flow):
        return net
    check_network(net)
    return krotov_hopfield(net)


def _residual_flow(net: Network, name: str, words: str, velocity: Map) -> Flow:
    return Flow(
        name, words, net.size, 1.0,
        velocity=velocity,
        residual=lambda x: np.abs(net.drive(x)).max(-1), scale=net.scale,
        fields=np.asarray, state=np.asarray,
        distances=lambda x: kink_distances(net, x),
        jacobian=None,
    )  # fmt: skip
