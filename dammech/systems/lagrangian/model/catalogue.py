"""The catalogue: each Lagrangian is one line of text, and nothing else about it is written down anywhere.

``x`` is the field of a neuron, ``S(...)`` a sum over the neurons of the block, ``D`` their number. A Lagrangian with an
auxiliary variable ``t`` is the minimum over it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Entry:
    """A Lagrangian as text.

    Attributes
    ----------
    expression : str
    words : str
        Where it is met.
    defaults : mapping
        Parameters with their default values.
    start : str or None
        Where the search for the minimum over ``t`` begins, left of it, in terms of the largest field ``top``.
    """

    expression: str
    words: str
    defaults: Mapping[str, float] = field(default_factory=dict)
    start: str | None = None


LAGRANGIANS: dict[str, Entry] = {
    "identity": Entry("x**2/2", "linear neurons"),
    "relu": Entry("Max(x, 0)**2/2", "rectified linear neurons"),
    "repu": Entry("Max(x, 0)**n/n", "rectified powers; n = 2 is relu", {"n": 3}),
    "exp": Entry("exp(beta*x)/beta", "exponential memories", {"beta": 1}),
    "rexp": Entry("exp(beta*Max(x, 0))/beta - Max(x, 0)", "rectified exponential", {"beta": 1}),
    "tanh": Entry("log(cosh(beta*x))/beta", "graded spins", {"beta": 1}),
    "sigmoid": Entry("log(1 + exp(beta*x))/beta", "logistic neurons", {"beta": 1}),
    "softmax": Entry("log(S(exp(beta*x)))/beta", "attention, modern Hopfield networks", {"beta": 1}),
    "ghostmax": Entry("log(1 + S(exp(beta*x)))/beta", "softmax with a silent competitor", {"beta": 1}),
    "sparsemax": Entry("t + S(Max(x - t, 0)**2/2)", "projection on the simplex", start="top - 1"),
    "layernorm": Entry(
        "D*gamma*sqrt(S(x**2)/D - S(x)**2/D**2 + eps) + delta*S(x)",
        "layer normalisation",
        {"gamma": 1, "delta": 0, "eps": 0},
    ),
    "spherical": Entry(
        "gamma*sqrt(S(x**2) + eps) + delta*S(x)", "normalisation on a sphere", {"gamma": 1, "delta": 0, "eps": 0}
    ),
    "hard-tanh": Entry("Piecewise((x**2/2, Abs(x) <= 1), (Abs(x) - 1/2, True))", "clipped linear neurons"),
    "soft-threshold": Entry("Max(Abs(x) - 1, 0)**2/2", "shrinkage: a compact flat region"),
    "silu": Entry("x*log(1 + exp(x)) + polylog(2, -exp(x))", "swish neurons: the Hessian is indefinite"),
}

#: what a parameter may be: a predicate and its words
ALLOWED = {
    "n": (lambda v: v > 1, "a number greater than 1"),
    "beta": (lambda v: v > 0, "a positive number"),
    "gamma": (lambda v: v > 0, "a positive number"),
    "delta": (lambda v: True, "a finite number"),
    "eps": (lambda v: v >= 0, "a number that is not negative"),
}
