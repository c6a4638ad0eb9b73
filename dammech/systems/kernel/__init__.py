"""Memories whose neurons separate patterns in the features of a kernel: Hopfield's, dense ones, attention, hard addresses."""

from dammech.registry import System
from dammech.systems.kernel.model import LARGEST_SIZE, NAMES, KernelMemory

SYSTEM = System(
    name="kernel",
    title="Kernel memories: each neuron is a classifier of largest margin in the feature space of a kernel.",
    home=__name__,
    asked=KernelMemory,
    parameters={
        "kernel": f"{', '.join(NAMES)}, or an expression in z, the mean product of the inputs, such as ((1+z)/2)**2",
        "size": f"integer from 2 to {LARGEST_SIZE}: neurons, each of which sees the others",
        "ratio": "number above 0: P/D patterns, of which the margin is told; D is the dimension of the features",
        "count": "integer P of at least 1 in the place of --ratio",
        "degree": "integer of at least 1: of the kernels polynomial and parity",
        "radius": "number above 0: of exponential, and of stretched in units of |ξ|; of hard-address integer, in flips",
        "exponent": "number above 0: of the kernel stretched, exp(−(|x − y|/r)^b)",
    },
    sources={"kernel": ("iatropoulos2022", "cover1965"), "kernel-memory": ("iatropoulos2022", "cover1965", "gardner1988space"),
             "hard-addresses": ("kanerva1988",)},
)  # fmt: skip
