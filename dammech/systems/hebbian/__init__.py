"""Memories of random patterns by a Hebb rule of any order: Hopfield's and the dense ones."""

from dammech.registry import Axis, System
from dammech.systems.hebbian.model import HebbianDAM

SYSTEM = System(
    name="hebbian",
    title="Dense associative memory that stores random binary patterns by a Hebb rule of order p.",
    home=__name__,
    model=HebbianDAM,
    parameters={
        "order": "integer from 2 to 64",
        "interaction": "distinct, power, rectified, or a polynomial in y of degree 3 to 20 with leading term y**order",
    },
    axes={
        "load": Axis("α = P/N^(p−1), in the units of --convention", "A", 0.05),
        "temperature": Axis("in the units of --convention", "T", 0.2),
    },
    chain="patterns",
    instances=(HebbianDAM(2), HebbianDAM(3)),
    sources={
        "hebbian": ("hopfield1982", "amit1987", "gardner1987", "abbott1987", "baldi1987", "krotov2016"),
        "distinct": ("gardner1987", "abbott1987"),
        "power": ("krotov2016",),
        "rectified": ("krotov2016", "cho2009"),
        "retrieval-spinodal": ("amit1985prl", "amit1987", "gardner1987"),
        "thermodynamic": ("amit1985prl", "amit1987", "bovier2001"),
        "spin-glass": ("amit1985prl", "amit1987"),
        "at": ("dealmeida1978", "albanese2023at"),
        "zero-entropy": ("gardner1985", "bovier2001"),
        "nishimori": ("nishimori1981", "theriault2024"),
        "ags": ("amit1987",),
        "theriault-tantari": ("theriault2024",),
        "gardner": ("gardner1987", "gardner1985"),  # the units, and the transition
        "salento": ("albanese2022", "agliari2023", "albanese2024"),
    },
)
