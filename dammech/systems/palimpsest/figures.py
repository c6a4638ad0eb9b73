"""Figures: where each is made, and what it shows."""

GROUP = "palimpsest"
FIGURES = {
    "forgetting-curves": (
        "dammech.plot.streams.curves",
        "overlap against age in streams of p = 2 and 3, theory and simulation; greedy dynamics; blackout",
    ),
    "forgetting-windows": (
        "dammech.plot.streams.windows",
        "retrieval window against the rate of forgetting: blackout, best rate, and every kernel",
    ),
    "rehearsal-staircase": (
        "dammech.plot.streams.staircase",
        "what Hebbian rehearsal retrieves against the load, in steps, and by how often it was stored",
    ),
    "task-matrix": (
        "dammech.plot.streams.tasks",
        "accuracy on each task of a sequence against how many were stored (p = 2), theory and simulation",
    ),
}
