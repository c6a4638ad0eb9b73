"""States of a memory that forgets: the pattern of a given age in a stream.

For p ≥ 3 the scaling theorem turns them into states of the memory that does not forget, with any ansatz; at p = 2 they are
solutions of the weighted theory.
"""

from __future__ import annotations

import math

from dammech.declared.rescaled import Rescaled
from dammech.equations import Theory
from dammech.errors import InputError
from dammech.solve.rescaled import Seen
from dammech.systems.palimpsest.answers.forgetting import effective_load

ENDLESS = (
    "order 2 is known for endless streams only: its noise depends on all weights, not on the effective load alone; leave "
    "load out, or use order 3 or above"
)


def seen(
    target: Theory, *, temperature: float, load: float = math.inf, rate: float | None = None, age: float | None = None
) -> Seen:
    """The state of the pattern of an age, ``load`` being that of the whole stream."""
    model, shape = target.model, target.model.shape
    if shape.ages and rate is None:
        raise InputError("rate is missing: how fast the palimpsest forgets, such as 10")
    if not shape.ages and (rate is not None or age is not None):
        raise InputError("rate and age: rehearsal has neither; the state is that of a pattern never rehearsed")
    old = age or 0.0
    if old > load:
        raise InputError(f"age={old:g}: must not be above the load {load:g}, the age of the first pattern (canonical units)")
    effective = effective_load(shape, rate or 0.0, load)
    weight = float(shape.weight((rate or 0.0) * old)) if shape.ages else 1.0
    own = {
        "load": None if load == math.inf else load, "rate": rate, "age": old if shape.ages else None, "weight": weight,
        "effective_load": effective, "temperature": temperature,
    }  # fmt: skip
    if weight < 1e-12:
        return Seen(own, target, {}, lost="the pattern has left the memory: its weight is zero", code="forgotten")
    if model.soft:
        check_weighted(target.ansatz)
        if load < math.inf:
            raise InputError(ENDLESS)
        return Seen(own, target, {"load": effective, "temperature": temperature, "weight": weight})
    scale = Rescaled(weight)
    at = {name: scale.plain(name, value) for name, value in (("load", effective), ("temperature", temperature))}
    return Seen(own, Theory.of(model.memory, target.ansatz), at, scale)


def check_weighted(ansatz: str) -> None:
    """Refuse broken symmetry where weights stay in the noise."""
    if ansatz != "rs":
        raise InputError(
            f"ansatz={ansatz!r}: at order 2 the weights do not scale out of the noise, and only rs is derived for them"
        )
