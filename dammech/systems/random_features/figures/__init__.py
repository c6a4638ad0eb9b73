"""Figures: where each is made, and what it shows."""

GROUP = "capacity"
FIGURES = {
    "random-features": (
        "dammech.systems.random_features.figures.errors",
        "memories in random features: error of the energy, and of paths of gradient descent, against features",
    ),
}
