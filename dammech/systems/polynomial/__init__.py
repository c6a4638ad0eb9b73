"""Signal against noise: bits of one step of a memory whose energy is a sum of functions of overlaps."""

from dammech.registry import System
from dammech.systems.polynomial.model import INTERACTIONS, PolynomialMemory

SYSTEM = System(
    name="polynomial",
    title="Memory with a polynomial interaction, or any other, by signal against noise: one step of spins.",
    home=__name__,
    asked=PolynomialMemory,
    parameters={
        "order": "integer from 2 to 20: degree n of the interaction",
        "interaction": f"{', '.join(INTERACTIONS)}, or an expression in x, the sum over spins of ξ_i σ_i",
        "errors": "fraction of wrong bits, above 0 and below 1/2; or 0: no wrong bit at all",
        "flip": "number from 0 to below 1/2: fraction of wrong signs at the start",
        "criterion": "typical, one given pattern, or all patterns at once",
        "size": "N, for the number of patterns at that size; N → ∞ where it is left out",
    },
    sources={"polynomial": ("krotov2016", "demircigil2017"), "signal-to-noise": ("krotov2016", "demircigil2017", "mceliece1987")},
)
