"""Streams of patterns that fade: memories that go on learning, and what forgetting costs."""

from dammech.declared.kernels import KERNELS
from dammech.registry import Axis, System
from dammech.systems.palimpsest.model import PalimpsestDAM

SYSTEM = System(
    name="palimpsest",
    title="Dense associative memory whose patterns arrive one after another and fade.",
    home=__name__,
    model=PalimpsestDAM,
    parameters={
        "order": "integer from 2 to 64",
        "interaction": "distinct, power, rectified, or a polynomial in y of degree 3 to 20 with leading term y**order",
        "kernel": f"how patterns fade: {', '.join(KERNELS)}",
        "exponent": "number: s of power-law (1), k of compressed-exponential (2), R of rehearsal (1)",
    },
    axes={
        "rate": Axis("rate of forgetting of a palimpsest, per N^(p-1) patterns", "E", 6.0, required=False),
        "load": Axis("α = P/N^(p−1), in the units of --convention", "A", 0.05, required=False),
        "age": Axis("age of a palimpsest's pattern, in N^(p-1) patterns; 0 the newest", "X", 0.01, required=False),
        "temperature": Axis("in the units of --convention", "T", 0.2),
    },
    chain="weights",
    instances=(PalimpsestDAM(2), PalimpsestDAM(3)),
    sources={
        "palimpsest": ("nadal1986", "mezard1986", "parisi1986"),
        "blackout": ("mezard1986",),
        "optimal-rate": ("mezard1986",),
        "window": ("nadal1986", "mezard1986"),
        "blackout-load": ("mezard1986",),
        "first-pattern": ("mezard1986",),
    },
)
