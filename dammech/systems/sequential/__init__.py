"""Memories trained by gradient descent on one task after another, and methods against forgetting."""

from dammech.registry import System

SYSTEM = System(
    name="sequential",
    title="Trained memories and sequences of tasks",
    home=__name__,
    sources={
        "trained": ("krotov2016", "mcalister2024"),
        "sequential": ("mcalister2025", "krotov2016", "lopez2017", "chaudhry2018"),
        "rehearsal": ("robins1995",),
        "pseudorehearsal": ("robins1995", "robins1998"),
        "gem": ("lopez2017",),
        "agem": ("chaudhry2019",),
        "ewc": ("kirkpatrick2017",),
        "mas": ("aljundi2018",),
        "si": ("zenke2017",),
    },
)
