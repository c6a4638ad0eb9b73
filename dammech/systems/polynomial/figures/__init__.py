"""Figures: where each is made, and what it shows."""

GROUP = "capacities"
FIGURES = {
    "capacities": (
        "dammech.systems.polynomial.figures.capacities",
        "capacities of polynomial, exponential and kernel memories, each with its criterion",
    ),
    "bit-error": (
        "dammech.systems.polynomial.figures.bits",
        "wrong bits after one step against the load, for powers and rectified interactions of orders 2 to 4",
    ),
}
