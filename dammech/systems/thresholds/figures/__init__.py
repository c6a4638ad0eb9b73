"""Figures: where each is made, and what it shows."""

GROUP = "dead-neurons"
FIGURES = {
    "dead-capacity": (
        "dammech.systems.thresholds.figures.capacity",
        "dead hidden neurons and capacity against their threshold, theory with simulated points",
    ),
}
