"""Functions that never increase along a network's flow or an altered one with the same steady states (fanaskov2024).

The energy of the network is flat where neurons are dead, and needs symmetric weights and convex Lagrangians. The others
trade one hypothesis for another; each says which hold for the network at hand.
"""

from __future__ import annotations

from dammech.flows.eliminated import hidden_eliminated, loops, rates_eliminated
from dammech.flows.energies import (
    dual,
    dual_of_fields,
    gradient,
    legendre,
    mixture,
    scaled_dual,
    scaled_standard,
    standard,
)
from dammech.flows.lyapunov import LyapunovFunction
from dammech.flows.residuals import newton_residual, residual
from dammech.flows.symmetrise import scaling
from dammech.systems.lagrangian.model import Network


def lyapunov_functions(net: Network) -> list[LyapunovFunction]:
    """The family, each with its hypotheses checked for this network.

    Parameters
    ----------
    net : Network

    Returns
    -------
    list of LyapunovFunction
        In a fixed order; where hypotheses fail ``why`` says which. What can be evaluated all the same is, so that its
        increase can be seen.
    """
    scaled = scaling(net)
    return [
        standard(net), scaled_standard(net, scaled), legendre(net), dual(net), mixture(net), scaled_dual(net, scaled),
        dual_of_fields(net, scaled), gradient(net, scaled), residual(net), newton_residual(net), hidden_eliminated(net),
        rates_eliminated(net), *loops(net),
    ]  # fmt: skip
