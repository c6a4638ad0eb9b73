"""Figures: where each is made, and what it shows."""

GROUP = "examples"
FIGURES = {
    "examples": (
        "dammech.systems.examples.figures.examples",
        "capacity against dataset entropy, temperature and number of examples, RS and 1RSB; overlaps with simulation",
    ),
    "learned-digits": (
        "dammech.systems.examples.figures.digits",
        "handwritten digits against the theory of independent pixels: final overlaps with the prototype of each class",
    ),
}
