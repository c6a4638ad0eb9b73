"""Memories that sleep: Hebb's couplings on their way to the projector, of patterns or of examples of them."""

from dammech.registry import Axis, System
from dammech.systems.dreaming.model import DreamingDAM

SYSTEM = System(
    name="dreaming",
    title="Hopfield's memory after sleep, which makes patterns orthogonal; of patterns or of examples of them.",
    home=__name__,
    model=DreamingDAM,
    parameters={
        "sleep": "number ≥ 0: 0 is Hebb's rule, and large ones tend to the projector",
        "dataset_entropy": "number ≥ 0: R of many examples",
        "examples": "integer of at least 1: how many of each pattern, with --quality",
        "quality": "number above 0 and at most 1: mean of an example's signs times the pattern's",
    },
    axes={
        "load": Axis("α = P/N^(p−1), in the units of --convention", "A", 0.2),
        "temperature": Axis("in the units of --convention", "T", 0.2),
    },
    instances=(DreamingDAM(1.0), DreamingDAM(1.0, examples=10, quality=0.5)),
    sources={
        "dreaming": ("fachechi2019", "aquaro2022"),
        "projector": ("personnaz1985", "kanter1987"),
        "examples": ("aquaro2022",),
    },
)
