"""Dead neurons: what the energy of a Lagrangian network does not see, derived step by step.

``symbols`` holds networks with undefined Lagrangians, ``concrete`` networks of numbers that the statements are compared
with, ``hypotheses`` the words that theorems share. The theorems are in the rooms ``energy``, ``stability`` and ``altered``;
``catalogue`` derives Lagrangians one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

import mpmath as mp

from dammech.derive.theorem import Theorem, Theory
from dammech.errors import InputError, listed, shown
from dammech.systems.lagrangian.theory.altered.asymmetric import asymmetric
from dammech.systems.lagrangian.theory.altered.eliminated import eliminated
from dammech.systems.lagrangian.theory.altered.firing_rate import firing_rate
from dammech.systems.lagrangian.theory.altered.gradient_flows import gradient_flows
from dammech.systems.lagrangian.theory.altered.lyapunov import lyapunov
from dammech.systems.lagrangian.theory.altered.outside import no_lyapunov, time_constants
from dammech.systems.lagrangian.theory.catalogue.lagrangians import lagrangian, names
from dammech.systems.lagrangian.theory.energy.fibres import pull_back
from dammech.systems.lagrangian.theory.energy.rate import energy_rate
from dammech.systems.lagrangian.theory.energy.recovery import recovery
from dammech.systems.lagrangian.theory.energy.spurious import spurious_flats
from dammech.systems.lagrangian.theory.stability.basin import basin
from dammech.systems.lagrangian.theory.stability.kinks import kinks
from dammech.systems.lagrangian.theory.stability.smooth import stability
from dammech.systems.lagrangian.theory.stability.two_layers import two_layers

NAME = "dead-neurons"

#: in the order in which they are read
THEOREMS: dict[str, Callable[[], Theorem]] = {
    f"{NAME}.energy-rate": energy_rate,
    f"{NAME}.time-constants": time_constants,
    f"{NAME}.pull-back": pull_back,
    f"{NAME}.recovery": recovery,
    f"{NAME}.spurious-flats": spurious_flats,
    f"{NAME}.stability": stability,
    f"{NAME}.two-layers": two_layers,
    f"{NAME}.kinks": kinks,
    f"{NAME}.basin": basin,
    f"{NAME}.firing-rate": firing_rate,
    f"{NAME}.lyapunov": lyapunov,
    f"{NAME}.asymmetric-weights": asymmetric,
    f"{NAME}.eliminated": eliminated,
    f"{NAME}.gradient-flows": gradient_flows,
    f"{NAME}.no-lyapunov": no_lyapunov,
}


def derivations() -> dict[str, Callable[[], Theorem]]:
    """All theorems and all Lagrangians of the catalogue: for each registered name a function that makes it."""
    found: dict[str, Callable[[], Theorem]] = {name: partial(theorem, name) for name in THEOREMS}
    return found | {f"{NAME}.{name}": partial(theorem, f"{NAME}.{name}") for name in names()}


@cache
def theorem(name: str) -> Theorem:
    """The theorem of that name, made once; the numbers of its points have 60 digits."""
    with mp.workdps(60):
        return THEOREMS[name]() if name in THEOREMS else lagrangian(name.removeprefix(f"{NAME}."))


def dead_neurons(lagrangian: str | None = None) -> Theorem | Theory:
    """The theory of dead neurons, or what one Lagrangian of the catalogue does.

    Parameters
    ----------
    lagrangian : str, optional
        A name of the catalogue.

    Raises
    ------
    InputError
        For a Lagrangian that is not in the catalogue.
    """
    if lagrangian is None:
        return _theory()
    if lagrangian not in names():
        raise InputError(f"lagrangian {shown(lagrangian)} is unknown; known are {listed(names(), str(lagrangian))}")
    return theorem(f"{NAME}.{lagrangian}")


@cache
def _theory() -> Theory:
    return Theory(
        NAME,
        "Dead neurons in associative memories with Lagrangians",
        "Networks T ẋ = W g(x) + b − x of neurons whose activation is the gradient of a Lagrangian, g = ∇L, have the energy "
        "E = (x − b)·g − L − ½ g·Wg (Krotov and Hopfield). Where the Hessian H = ∇∇L has a null direction, a dead neuron or a "
        "collective direction, E is constant on a region that may be unbounded, and reading steady states, stability and "
        "basins off the energy goes wrong. These are the conditions that hold instead. Every step is checked by another "
        "route than the one that made it; every hypothesis is shown to be needed by a counter-example.",
        [theorem(name) for name in THEOREMS],
    )


THEORIES = {NAME: dead_neurons}
