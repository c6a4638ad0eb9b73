"""Figures: where each is made, and what it shows."""

GROUP = "capacities"
FIGURES = {
    "capacities": (
        "dammech.systems.polynomial.figures.capacities",
        "capacities of polynomial, exponential and kernel memories, each with its criterion",
    ),
}
