"""Figures: where each is made, and what it shows."""

GROUP = "dreaming"
FIGURES = {
    "sleep": (
        "dammech.systems.dreaming.figures.sleep",
        "capacity after sleep, of patterns and of examples; overlaps with simulation; examples that sleep saves",
    ),
}
