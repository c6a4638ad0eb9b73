"""Hidden neurons that are silent below a threshold: what dead neurons cost a memory."""

from dammech.registry import System

SYSTEM = System(
    name="thresholds",
    title="Memories of neurons with thresholds",
    home=__name__,
    sources={
        "retrieval-with-thresholds": ("shiino1992", "amit1987"),
        "living-spectrum": ("marchenko1967", "johnstone2001"),
        "frozen-softmax": ("derrida1981", "ramsauer2021"),
    },
)
