"""Figures: where each is made, and what it shows."""

GROUP = "phasor"
FIGURES = {
    "memory-of-phases": (
        "dammech.systems.phasor.figures.overlap",
        "memories of phases: overlap against load at T = 0 for complex and real couplings, and the phase diagram",
    ),
}
