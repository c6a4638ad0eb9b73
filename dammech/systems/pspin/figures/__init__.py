"""Figures: where each is made, and what it shows."""

GROUP = "pspin"
FIGURES = {
    "complexity": (
        "dammech.systems.pspin.figures.complexity",
        "number of states of the p = 3 spin glass by free energy, at several temperatures and T = 0",
    ),
    "overlap-distribution": (
        "dammech.systems.pspin.figures.overlaps",
        "P(q) of the p = 3 and the SK glass from parallel tempering, against the peaks of 1RSB",
    ),
}
