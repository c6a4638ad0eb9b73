"""What a memory is: its Hamiltonian, its patterns and the units it is quoted in.

The only home of load, temperature and energy conventions. Importable without SymPy: symbolic forms are made on demand.
"""

from dammech.models.conventions import CONVENTIONS, Convention, convention
from dammech.models.declared import Crossing, Fold, Marginal, Zero
from dammech.models.hebbian import HebbianDAM
from dammech.models.kernels import KERNELS, Kernel
from dammech.models.lagrangians import LAGRANGIANS, Lagrangian
from dammech.models.network import Network
from dammech.models.palimpsest import PalimpsestDAM
from dammech.models.pspin import PSpin

__all__ = [
    "CONVENTIONS",
    "KERNELS",
    "LAGRANGIANS",
    "Convention",
    "Crossing",
    "Fold",
    "HebbianDAM",
    "Kernel",
    "Lagrangian",
    "Marginal",
    "Network",
    "PSpin",
    "PalimpsestDAM",
    "Zero",
    "convention",
]
