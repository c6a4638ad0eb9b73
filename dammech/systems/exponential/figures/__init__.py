"""Figures: where each is made, and what it shows."""

GROUP = "exponential"
FIGURES = {
    "exponential-capacity": (
        "dammech.systems.exponential.figures.capacity",
        "exponential memories: success against load with exact laws at N, thresholds of three pattern laws, similarities, and "
        "the binary memory at a temperature",
    ),
}
