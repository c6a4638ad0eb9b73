"""Exact counts of the flat regions of a ReLU network's energy, averaged over random networks.

An energy-critical flat has a set A of live neurons whose fields x_A = (1 − W_AA)⁻¹ b_A are all positive; the others are
dead, and the energy does not see them. It holds a steady state where the drive of every dead neuron is at most zero.

Where the law of (W, b) does not change when the signs of any neurons are reversed (W → DWD, b → Db with D of ±1 on the
diagonal: independent entries of symmetric laws, say), the signs of x_A and of the drives are fair and independent of each
other. Each of the 2^n sets A then counts with probability 2^{−|A|}, and holds a steady state with probability 2^{−n}: there
are (3/2)^n flats and one steady state in the mean, whatever the size of the weights. Without weights the same holds of
fields of any mean, with the probability P(b_i > 0) in the place of 1/2.
"""

from __future__ import annotations

from dammech.errors import InputError


def mean_flats(neurons: int, positive: float = 0.5) -> float:
    """Mean number of energy-critical flats: (1 + p)^n with p = P(b_i > 0); with random weights, p = 1/2."""
    _checked(neurons, positive)
    return float((1 + positive) ** neurons)


def mean_steady_states(neurons: int) -> float:
    """Mean number of flats that hold a steady state, 1: exactly one without weights, one in the mean with random ones."""
    _checked(neurons, 0.5)
    return 1.0


def mean_inverse_flats(neurons: int, positive: float = 0.5) -> float:
    """E[1/number of flats] = (1 − p/2)^n without weights: the fraction of a net's flats that is not spurious."""
    _checked(neurons, positive)
    return float((1 - positive / 2) ** neurons)


def spurious_fraction(neurons: int) -> float:
    """1 − (2/3)^n: of all flats of all random networks, those without a steady state."""
    return 1 - mean_steady_states(neurons) / mean_flats(neurons)


def _checked(neurons: int, positive: float) -> None:
    if isinstance(neurons, bool) or not isinstance(neurons, int) or neurons < 1:
        raise InputError(f"neurons={neurons!r}: must be an integer of at least 1")
    if not 0 <= positive <= 1:
        raise InputError(f"positive={positive!r}: must be a probability")
