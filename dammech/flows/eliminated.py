"""Two layers of which the hidden one follows at once: feedback that is not the transpose, hidden neurons that are all dead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dammech.errors import InputError
from dammech.flows import dynamics
from dammech.flows.conjugate import conjugate_known, conjugate_terms, subgradient
from dammech.flows.energies import dual_of_fields, standard
from dammech.flows.lyapunov import LyapunovFunction
from dammech.flows.symmetrise import condition, positive_factor, scaling, semidefinite
from dammech.systems.lagrangian.model import Network

_TWO = "two layers without lateral weights, the visible ones identity"


def hidden_eliminated(net: Network) -> LyapunovFunction:
    """Quadratic in the visible fields less the hidden Lagrangian, which may be any: no flat region at all."""
    about = ("hidden eliminated", "(v − I)·S⁻¹(v − I)/2 − L_h(B v + c), A = S Bᵀ", "−v̇·S⁻¹ T v̇")
    try:
        flow = dynamics.hidden_eliminated(net)
    except InputError:
        return LyapunovFunction(*about, {_TWO: False})
    A, B, visible, hidden = dynamics.two_layers(net)
    S = positive_factor(A, B)
    exists = "feedback and feedforward differ by a symmetric positive S, A = S Bᵀ"
    if S is None:
        return LyapunovFunction(*about, {_TWO: True, exists: False}, flow)
    M, bias, c = np.linalg.inv(S), net.bias[visible], net.bias[hidden]
    M = (M + M.T) / 2

    def terms(v: np.ndarray) -> np.ndarray:
        z = v - bias
        return np.concatenate([z * (z @ M) / 2, -net.layers[1].value(v @ B.T + c)[..., None]], -1)

    def rate(v: np.ndarray) -> np.ndarray:
        velocity = flow.velocity(v)
        return np.asarray(-((velocity @ M) * net.tau[visible] * velocity).sum(-1))

    holds = {_TWO: True, exists: True, "S⁻¹ T is positive semi-definite": semidefinite(M * net.tau[visible])}
    return LyapunovFunction(*about, holds, flow, terms, rate, condition(S))


def rates_eliminated(net: Network) -> LyapunovFunction:
    """Firing rates of visible neurons that need not be linear; the hidden Lagrangian may be any."""
    about = ("rates eliminated", "L_v*(y) − I·y − L_h(B y + c)", "−(p − u)·T⁻¹(g(p) − g(u)), u = Bᵀf(B y + c) + I, y = g(p)")
    try:
        flow = dynamics.rates_hidden_eliminated(net)
    except InputError:
        return LyapunovFunction(*about, {"two layers without lateral weights": False})
    A, B, visible, hidden = dynamics.two_layers(net)
    layer, below = net.layers
    holds = {
        "two layers without lateral weights": True, "feedback is the transpose of feedforward": net.symmetric,
        "the visible Lagrangian is convex, its conjugate known": conjugate_known(layer),
    }  # fmt: skip
    if not conjugate_known(layer):
        return LyapunovFunction(*about, holds, flow)
    bias, c, T = net.bias[visible], net.bias[hidden], net.tau[visible]

    def terms(y: np.ndarray) -> np.ndarray:
        return np.concatenate([conjugate_terms(layer, y), -bias * y, -below.value(y @ B.T + c)[..., None]], -1)

    def rate(y: np.ndarray) -> np.ndarray:
        u = below.activation(y @ B.T + c) @ A.T + bias
        return np.asarray(((subgradient(layer, y, u) - u) * (layer.activation(u) - y) / T).sum(-1))

    return LyapunovFunction(*about, holds, flow, terms, rate)


def loops(net: Network) -> list[LyapunovFunction]:
    """Energies of the hidden fields u = B v + c, a lateral network whose weights are the loop product B A.

    Only the loop product has to be symmetric, or to become so by a diagonal matrix.
    """
    names = ("loop standard", "loop dual of fields")
    words = "of the hidden fields u = B v + c with the loop product B A as lateral weights"
    try:
        flow = dynamics.hidden_eliminated(net)
    except InputError:
        return [LyapunovFunction(name, words, "", {_TWO: False}) for name in names]
    _, B, visible, hidden = dynamics.two_layers(net)
    T = net.tau[visible]
    loop = loop_network(net)
    holds = {_TWO: True, "visible time constants are equal": bool(np.ptp(T) == 0)}
    return [
        _of_hidden(f, flow, B, net.bias[hidden], name, holds)
        for name, f in zip(names, (standard(loop), dual_of_fields(loop, scaling(loop))))
    ]


def loop_network(net: Network) -> Network:
    """The lateral network of the hidden fields u = B v + c of linear visible neurons: T u̇ = B A f(u) + B I + c − u.

    Raises
    ------
    InputError
        Where there are not two layers without lateral weights.
    """
    A, B, visible, hidden = dynamics.two_layers(net)
    loop = B @ A
    scale = max(1.0, float(np.abs(loop).max()))
    symmetric = bool(np.abs(loop - loop.T).max() <= 1e-9 * scale)
    return Network(
        [net.layers[1]], [{"from": 0, "to": 0, "matrix": (loop + loop.T) / 2 if symmetric else loop}],
        [B @ net.bias[visible] + net.bias[hidden]], [float(net.tau[visible][0])], symmetric=False,
    )  # fmt: skip


def _of_hidden(
    f: LyapunovFunction, flow: dynamics.Flow, B: np.ndarray, c: np.ndarray, name: str, holds: dict[str, bool]
) -> LyapunovFunction:
    """A function of the hidden fields as one of the visible ones."""
    formula = f"{f.formula}, of u = B v + c with W = B A"
    hypotheses = {**holds, **{f"of the loop product: {words}": held for words, held in f.hypotheses.items()}}
    terms, rate = f.terms, f.rate
    result = replace(f, name=name, formula=formula, decrease=f.decrease.replace("ẋ", "u̇"), hypotheses=hypotheses, flow=flow)
    if terms is None or rate is None:
        return result
    return replace(result, terms=lambda v: terms(v @ B.T + c), rate=lambda v: rate(v @ B.T + c))
