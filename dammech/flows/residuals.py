"""The squared residual as a function that decreases: any weights, any smooth Lagrangian, at the price of another stability."""

from __future__ import annotations

import numpy as np

from dammech.flows import dynamics
from dammech.flows.lyapunov import LyapunovFunction
from dammech.systems.lagrangian.model import Network

_SMOOTH = "every Hessian is continuous"


def residual(net: Network) -> LyapunovFunction:
    """|r|²/2 along its own gradient; it also rests where (1 − W H)ᵀ r = 0 with r ≠ 0, and attracts saddles."""
    about = ("residual", "|r|²/2, r = x − b − W g(x)", "−|(1 − W H)ᵀ r|²", {_SMOOTH: dynamics.smooth(net)})
    if not dynamics.smooth(net):
        return LyapunovFunction(*about)
    flow = dynamics.residual_gradient(net)
    return LyapunovFunction(*about, flow, lambda x: net.drive(x) ** 2 / 2, lambda x: -(flow.velocity(x) ** 2).sum(-1))


def newton_residual(net: Network) -> LyapunovFunction:
    """|r|²/2 along Newton's flow, which ends where 1 − W H is singular."""
    about = ("newton residual", "|r|²/2, r = x − b − W g(x)", "−|r|²", {_SMOOTH: dynamics.smooth(net)})
    if not dynamics.smooth(net):
        return LyapunovFunction(*about)
    return LyapunovFunction(
        *about, dynamics.newton(net), lambda x: net.drive(x) ** 2 / 2, lambda x: np.asarray(-(net.drive(x) ** 2).sum(-1))
    )
