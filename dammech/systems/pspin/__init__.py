"""The Ising p-spin glass with Gaussian couplings: no patterns, and known to many digits."""

from dammech.registry import Axis, System
from dammech.systems.pspin.model import PSpin

SYSTEM = System(
    name="pspin",
    title="Ising p-spin glass, H = −Σ_{i1<…<ip} J σ…σ with ⟨J²⟩ = p!/(2 N^{p−1}): covariance ξ(q) = q^p/2 (J = 1).",
    home=__name__,
    model=PSpin,
    parameters={"order": "integer from 2 to 64"},
    axes={"temperature": Axis("in the units of --convention", "T", 0.2)},
    chain="couplings",
    instances=(PSpin(2), PSpin(3)),
    sources={
        "pspin": ("sherrington1975", "gardner1985"),
        "dynamic": ("kirkpatrick1987", "monasson1995"),
        "static": ("gardner1985",),
        "complexity": ("monasson1995",),
    },
)
