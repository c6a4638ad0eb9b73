"""Its phase diagram."""

GROUP = "blume-capel"
FIGURES = {
    "blume-capel": ("blume_capel.figures", "phase diagram of the spin-1 memory in temperature and crystal field")
}


def made(level: str, progress: object) -> object:
    """Compute and draw."""
    from blume_capel import BlumeCapelDAM
    from dammech.phases import phase_diagram
    from dammech.plot.figures import Content

    diagram = phase_diagram(BlumeCapelDAM(), points=20 if level == "quick" else 200)
    return Content(
        diagram.plot(), diagram.rows(), {"biquadratic": 0.5}, ["20 points a line (full: 200)"], ["Mean field."]
    )
