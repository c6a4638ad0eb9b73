"""Figures: where each is made, and what it shows."""

GROUP = "dead-neurons"
FIGURES = {
    "dead-landscape": (
        "dammech.systems.lagrangian.figures.landscape",
        "energy of three neurons with a flat region, and trajectories: where it holds a fixed point, where none",
    ),
    "dead-spectrum": (
        "dammech.systems.lagrangian.figures.spectrum",
        "eigenvalues of Jacobians of random networks with dead directions against the reduced prediction",
    ),
    "dead-basins": (
        "dammech.systems.lagrangian.figures.basins",
        "basins of steady states that touch flat regions, stable and unstable, from trajectories",
    ),
}
