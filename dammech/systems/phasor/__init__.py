"""Memories of phases: Hopfield's with phases in the place of signs, with complex and real couplings, and of higher order."""

from dammech.registry import Axis, System
from dammech.systems.phasor.model import COUPLINGS, LARGEST_ORDER, PhasorDAM

SYSTEM = System(
    name="phasor",
    title="Dense associative memory that stores random phases by a Hebb rule of order n.",
    home=__name__,
    model=PhasorDAM,
    parameters={
        "order": f"integer from 2 to {LARGEST_ORDER}",
        "coupling": f"{' or '.join(COUPLINGS)} (of order 2: each pattern and its mirror image)",
    },
    axes={
        "load": Axis("α = P/N^(n−1)", "A", 0.02),
        "temperature": Axis("in units of the coupling", "T", 0.1),
    },
    instances=(PhasorDAM(2), PhasorDAM(2, "real"), PhasorDAM(4)),
    sources={"phasor": ("noest1988", "cook1989"), "clock": ("cook1989", "gerl1992"), "laser": ("miri2023",)},
)
