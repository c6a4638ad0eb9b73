"""The Lagrangians of the catalogue once more, by definition and to any precision: what the symbolic results are compared with.

Where there is a variational form it is used: softmax as the largest field plus a sum, sparsemax as a maximum over the
simplex by enumeration of its faces, SiLU as an integral.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp

from dammech.systems.lagrangian.theory.concrete import array, gradient, second
from dammech.systems.lagrangian.theory.symbols import Point

Numbers = Mapping[str, Any]


def lagrangian_of(name: str, values: Numbers) -> Callable[[Sequence[Any]], Any]:
    """L of a state of numbers, for parameters by name."""
    if name in _NEURONS:
        return lambda x: mp.fsum(_NEURONS[name](z, values) for z in x)
    return lambda x: _BLOCKS[name](x, values)


def gradient_of(name: str, values: Numbers, x: Sequence[Any]) -> Any:
    """∇L by numerical differentiation."""
    return gradient(lagrangian_of(name, values), x)


def hessian_of(name: str, values: Numbers, x: Sequence[Any]) -> Any:
    """∇∇L by numerical differentiation."""
    if name in _NEURONS:
        return mp.diag([mp.diff(lambda s, z=z: _NEURONS[name](z + s, values), 0, 2) for z in x])
    return second(lagrangian_of(name, values), x)


def point_of(values: Mapping[str, Any], x: Any, **of_the_oracle: Any) -> Point:
    """A state, one field or several, and the parameters (rational), which in formulas are positive or real symbols."""
    numbers = {key: mp.mpf(value.p) / value.q for key, value in values.items()}
    p = Point({"x": x, **numbers}, x=np.atleast_1d(array(x)), values=numbers, **of_the_oracle)
    p.update({sp.Symbol(key, positive=True): number for key, number in numbers.items() if number > 0})
    return p


def known() -> tuple[str, ...]:
    """The names that have a definition."""
    return (*_NEURONS, *_BLOCKS)


def _positive(x: Any) -> Any:
    return x if x > 0 else mp.mpf(0)


_NEURONS: dict[str, Callable[[Any, Numbers], Any]] = {
    "identity": lambda x, v: x**2 / 2,
    "relu": lambda x, v: _positive(x) ** 2 / 2,
    "repu": lambda x, v: _positive(x) ** v["n"] / v["n"],
    "exp": lambda x, v: mp.exp(v["beta"] * x) / v["beta"],
    "rexp": lambda x, v: mp.exp(v["beta"] * _positive(x)) / v["beta"] - _positive(x),
    "tanh": lambda x, v: mp.log(mp.cosh(v["beta"] * x)) / v["beta"],
    "sigmoid": lambda x, v: mp.log1p(mp.exp(v["beta"] * x)) / v["beta"],
    "hard-tanh": lambda x, v: x**2 / 2 if abs(x) <= 1 else abs(x) - mp.mpf(1) / 2,
    "soft-threshold": lambda x, v: _positive(abs(x) - 1) ** 2 / 2,
    "leaky-relu": lambda x, v: (1 if x > 0 else v["slope"]) * x**2 / 2,
    "silu": lambda x, v: mp.quad(lambda s: s / (1 + mp.exp(-s)), [0, x]),
}


def _softmax(x: Sequence[Any], v: Numbers) -> Any:
    top = max(x)
    return top + mp.log(mp.fsum(mp.exp(v["beta"] * (z - top)) for z in x)) / v["beta"]


def _sparsemax(x: Sequence[Any], v: Numbers) -> Any:
    """max over p in the simplex of p·x − |p|²/2: the best of the stationary points on all faces."""
    best = None
    for size in range(1, len(x) + 1):
        for face in itertools.combinations(x, size):
            shift = (mp.fsum(face) - 1) / size
            p = [z - shift for z in face]
            if min(p) >= 0:
                value = mp.fsum(a * z - a**2 / 2 for a, z in zip(p, face))
                best = value if best is None or value > best else best
    return best


def _layernorm(x: Sequence[Any], v: Numbers) -> Any:
    mean = mp.fsum(x) / len(x)
    variance = mp.fsum((z - mean) ** 2 for z in x) / len(x)
    return len(x) * v["gamma"] * mp.sqrt(variance + v.get("epsilon", 0)) + v.get("delta", 0) * mp.fsum(x)


def _spherical(x: Sequence[Any], v: Numbers) -> Any:
    return v["gamma"] * mp.sqrt(mp.fsum(z**2 for z in x) + v.get("epsilon", 0)) + v.get("delta", 0) * mp.fsum(x)


_BLOCKS: dict[str, Callable[[Sequence[Any], Numbers], Any]] = {
    "softmax": _softmax,
    "ghostmax": lambda x, v: mp.log(1 + mp.fsum(mp.exp(v["beta"] * z) for z in x)) / v["beta"],
    "sparsemax": _sparsemax,
    "layernorm": _layernorm,
    "spherical": _spherical,
}
