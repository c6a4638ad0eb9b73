"""Figures: where each is made, and what it shows."""

GROUP = "capacity"
FIGURES = {
    "collapse": (
        "dammech.systems.diffusion.figures.collapse",
        "diffused data: the time of collapse against the load, and how often a point is nearest to its own datum",
    ),
}
