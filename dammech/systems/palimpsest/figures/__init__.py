"""Figures: where each is made, and what it shows."""

GROUP = "palimpsest"
FIGURES = {
    "forgetting-curves": (
        "dammech.systems.palimpsest.figures.curves",
        "overlap against age in streams of p = 2 and 3, theory and simulation; greedy dynamics; blackout",
    ),
    "forgetting-windows": (
        "dammech.systems.palimpsest.figures.windows",
        "retrieval window against the rate of forgetting: blackout, best rate, and every kernel",
    ),
    "rehearsal-staircase": (
        "dammech.systems.palimpsest.figures.staircase",
        "what Hebbian rehearsal retrieves against the load, in steps, and by how often it was stored",
    ),
    "task-matrix": (
        "dammech.systems.palimpsest.figures.tasks",
        "accuracy on each task of a sequence against how many were stored (p = 2), theory and simulation",
    ),
}
