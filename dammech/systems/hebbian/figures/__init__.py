"""Figures: where each is made, and what it shows."""

GROUP = "hebbian"
FIGURES = {
    "ags": (
        "dammech.systems.hebbian.figures.ags",
        "Amit–Gutfreund–Sompolinsky phase diagram (p = 2) with simulated limits of retrieval, and m(T) at three loads",
    ),
    "capacity": (
        "dammech.systems.hebbian.figures.capacity",
        "RS capacity at T = 0 against p, and phase diagrams for p = 3 and 4, distinct against power",
    ),
    "overlap": (
        "dammech.systems.hebbian.figures.overlap",
        "overlap against load for p = 2, 3 and 4: theory, and simulation extrapolated to N → ∞",
    ),
    "landscape": (
        "dammech.systems.hebbian.figures.landscape",
        "free-energy landscapes f(m) through the transition for p = 2 and 3",
    ),
    "spinodals-1rsb": (
        "dammech.systems.hebbian.figures.spinodals",
        "end of retrieval against temperature, RS and 1RSB, with the AT line, for p = 2, 3 and 4",
    ),
    "capacity-1rsb": (
        "dammech.systems.hebbian.figures.broken_capacity",
        "capacity at T = 0 against p, RS and 1RSB, and the largest RS load of all temperatures",
    ),
    "glass-diagram": (
        "dammech.systems.hebbian.figures.glass",
        "phase diagram of p = 3 with broken symmetry: T_d, T_K, T_G, spinodals, and where each ansatz holds",
    ),
    "retrieval-decision": (
        "dammech.systems.hebbian.figures.decision",
        "what annealing retains for p = 3 between the RS and the 1RSB spinodal, and greedy descent",
    ),
}
