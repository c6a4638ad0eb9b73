"""Exponential memories: weights e^{β Σ_i s(ξ_i, x_i)} on P = e^{αN} patterns, read by softmax or by signs."""

from dammech.registry import System
from dammech.systems.exponential.model import PATTERNS, RULES, SIMILARITIES, ExponentialMemory

SYSTEM = System(
    name="exponential",
    title="Memory of exponentially many patterns with weights that grow exponentially with their similarity to the query.",
    home=__name__,
    asked=ExponentialMemory,
    parameters={
        "patterns": f"law of their components: {', '.join(PATTERNS)}",
        "similarity": f"{', '.join(SIMILARITIES)} of one component, or an expression in xi and x",
        "beta": "inverse temperature > 0 per component, inf for the most similar pattern",
        "rule": f"{' or '.join(RULES)}; sign is a spin update and takes binary patterns and the dot product",
        "overlap": "number from 0 to 1: of query and target, with |x|² = N",
        "noise": "number ≥ 0: standard deviation of what is added to each component of the target",
        "mask": "number from 0 to below 1: fraction of components that are set to 0",
        "flip": "number from 0 to 1/2: fraction of components of the wrong sign",
        "criterion": "typical, one given pattern, or all patterns at once",
        "size": "N, for half of the trials to succeed at that size; N → ∞ where it is left out",
    },
    sources={
        "exponential": ("lucibello2024", "demircigil2017"),
        "thresholds": ("lucibello2024", "demircigil2017", "derrida1981"),
        "similarities": ("millidge2022",),
        "temperature": ("lucibello2024",),
    },
)
