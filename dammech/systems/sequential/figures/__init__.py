"""Figures: where each is made, and what it shows."""

GROUP = "sequential"
FIGURES = {
    "sequential": (
        "dammech.systems.sequential.figures.methods",
        "sequential learning of permuted digits: average accuracy by method and vertex, and forgetting of the first",
    ),
    "memories": (
        "dammech.systems.sequential.figures.memories",
        "memory vectors trained on digits, from features to prototypes as the vertex grows",
    ),
}
