"""How much any couplings can store: Gardner's volume of those that keep every pattern stable with a margin."""

from dammech.registry import System
from dammech.systems.gardner.model import StableMemory

SYSTEM = System(
    name="gardner",
    title="The best couplings: loads at which every pattern is stable with a margin, and what they retrieve.",
    home=__name__,
    asked=StableMemory,
    parameters={
        "margin": "number κ: least stability of a stored bit, fields in units of the length of a neuron's couplings",
        "load": "number above 0 and at most 2 in the place of --margin: P/N, of which the largest margin is told",
    },
    sources={"gardner": ("gardner1988space", "gardner1988optimal"),
             "max-stability": ("gardner1988space", "gardner1988optimal"), "separability": ("cover1965",),
             "pseudo-inverse": ("kanter1987", "personnaz1985")},
)  # fmt: skip
