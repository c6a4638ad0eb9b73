"""Figures: where each is made, and what it shows."""

GROUP = "kernel"
FIGURES = {
    "kernel-memories": (
        "dammech.systems.kernel.figures.memories",
        "kernel memories: the share of separable labels against P/D with Cover's law, and margins with those of their spectra",
    ),
}
