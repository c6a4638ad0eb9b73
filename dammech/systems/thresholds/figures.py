"""Figures: where each is made, and what it shows."""

GROUP = "dead-neurons"
FIGURES = {
    "dead-capacity": (
        "dammech.plot.dead.capacity",
        "dead hidden neurons and capacity against their threshold, theory with simulated points",
    ),
}
