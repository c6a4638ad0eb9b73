"""Figures: where each is made, and what it shows."""

GROUP = "sequential"
FIGURES = {
    "sequential": (
        "dammech.plot.sequential",
        "sequential learning of permuted digits: average accuracy by method and vertex, and forgetting of the first",
    ),
    "memories": (
        "dammech.plot.memories",
        "memory vectors trained on digits, from features to prototypes as the vertex grows",
    ),
}
