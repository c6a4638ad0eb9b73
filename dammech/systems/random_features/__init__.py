"""Memories whose kernel is a sum of random features: they take no more room with every memory, and err instead."""

from dammech.registry import System
from dammech.systems.random_features.model import RandomFeatures

SYSTEM = System(
    name="random-features",
    title="Memory of Gaussian kernels in random features: how many memories before its energy errs",
    home=__name__,
    asked=RandomFeatures,
    parameters={
        "features": "integer: number of random frequencies Y",
        "beta": "number: inverse temperature β of the kernel",
        "errors": "number: root mean square of the error of βE at a memory that is allowed",
        "waves": "pairs (sines and cosines of each frequency) or phases (cosines with a random phase)",
    },
    sources={"random-features": ("hoover2024", "rahimi2007")},
)
