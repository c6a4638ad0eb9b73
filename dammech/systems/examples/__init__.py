"""Memories that learn from examples: archetypes that are never shown, supervised or not."""

from dammech.registry import Axis, System
from dammech.systems.examples.model import ExampleDAM

SYSTEM = System(
    name="examples",
    title="Dense memories of archetypes of which only noisy examples are stored, supervised or not.",
    home=__name__,
    model=ExampleDAM,
    parameters={
        "order": "integer from 2 to 64",
        "protocol": "supervised or unsupervised",
        "quality": "number above 0 and at most 1: mean of an example's signs times the archetype's",
        "examples": "integer of at least 1: how many of each archetype; exact theory",
        "dataset_entropy": "number ≥ 0 in the place of --examples: ρ = (1 − r²)/(M r²) of a big data set",
    },
    axes={
        "load": Axis("α = P/N^(p−1), in the units of --convention", "A", 0.02),
        "temperature": Axis("in the units of --convention", "T", 0.05),
    },
    instances=(
        ExampleDAM(4, dataset_entropy=0.05),
        ExampleDAM(2, "unsupervised", quality=0.5, examples=30),
        ExampleDAM(3, "unsupervised", quality=0.6, examples=20),
    ),
    sources={
        "supervised": ("agliari2023supervised", "albanese2024"),
        "unsupervised": ("agliari2023", "albanese2024"),
    },
    data={
        "images": "FILE.npy of numbers, (items, pixels) or (items, height, width), or digits: learn from these, measure the rest",
        "labels": "FILE.npy: the class of each image, integers or texts",
        "threshold": "number above which pixels are +1, or mean: each pixel's own; half way between the extremes else",
    },
)
