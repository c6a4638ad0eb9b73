"""States of a memory that forgets: the pattern of a given age in a stream.

For p ≥ 3 the scaling theorem turns them into states of the memory that does not forget, with any ansatz; at p = 2 they are
solutions of the weighted theory.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from dammech.declared.rescaled import Rescaled
from dammech.equations import Theory
from dammech.equations.forgetting import effective_load
from dammech.errors import InputError
from dammech.results.result import axes_of
from dammech.solve.answers import answers
from dammech.solve.models import solve_model
from dammech.solve.recorder import Asked
from dammech.solve.solution import Solution, SolutionArray, check_temperatures, grid_of, number


def solve_stream(
    target: Theory, load: Any, temperature: Any, branch: str | None, convention: str, further: dict[str, Any]
) -> SolutionArray:
    """Solutions on the grid of rates, loads, ages and temperatures."""
    model = target.model
    unknown = [name for name in further if name not in ("rate", "age")]
    if unknown:
        raise InputError(f"{', '.join(unknown)}: a palimpsest takes load, rate, age, temperature and branch only")
    if temperature is None:
        raise InputError("temperature is missing: give a finite number of at least 0")
    rate, age = further.get("rate"), further.get("age")
    if model.shape.ages and rate is None:
        raise InputError("rate is missing: how fast the palimpsest forgets, such as 10")
    if not model.shape.ages and (rate is not None or age is not None):
        raise InputError("rate and age: rehearsal has neither; the state is that of a pattern never rehearsed")
    units = model.convention(convention)
    rates = [0.0] if rate is None else number("rate", rate).tolist()
    loads = [math.inf] if load is None else number("load", load).tolist()
    ages = [0.0] if age is None else number("age", age).tolist()
    T = number("temperature", temperature)
    check_temperatures(T, T * units.temperature, target.ansatz)
    points = []
    for here in grid_of(np.array(rates), np.array(loads), np.array(ages), T).tolist():
        points.append(_state(target, branch, convention, units, *here))
    return SolutionArray(points, grid=axes_of(rate=rate, load=load, age=age, temperature=temperature))


def _state(
    target: Theory, branch: str | None, convention: str, units: Any, rate: float, load: float, age: float, T: float
) -> Solution:
    model = target.model
    if age > load:
        raise InputError(f"age={age:g}: must not be above the load {load:g}, the age of the first pattern")
    effective = effective_load(model.shape, rate / units.load, load * units.load)
    weight = float(model.shape.weight(rate * age)) if model.shape.ages else 1.0
    own = {
        "load": None if load == math.inf else load, "rate": rate if model.shape.ages else None,
        "age": age if model.shape.ages else None, "weight": weight, "effective_load": effective / units.load,
        "temperature": T,
    }
    if weight < 1e-12:
        nothing: dict[str, float | None] = {"m": None, "q": None}
        why = "the pattern has left the memory: its weight is zero"
        return Solution(
            model, target.ansatz, convention, branch or "retrieval", own, nothing, status="no-state", why=why, code="forgotten"
        )
    found = (_weighted if model.soft else _scaled)(target, branch, units, convention, effective, weight, T, load)
    return dataclasses.replace(found, model=model, parameters=own)


def _scaled(
    target: Theory, branch: str | None, units: Any, convention: str, effective: float, weight: float, T: float, load: float
) -> Solution:
    """The uniform memory at (A/Λ², T/Λ)."""
    memory, scaled = Theory.of(target.model.memory, target.ansatz), Rescaled(weight)
    load, T = scaled.uniform("load", effective) / units.load, scaled.uniform("temperature", T)
    (state,) = solve_model(memory.with_(ansatz="rs"), load, T, branch, convention, memory)
    return dataclasses.replace(
        state, values={name: scaled.stream(name, x) for name, x in state.values.items()},
        free_energy=scaled.stream("free_energy", state.free_energy), energy=scaled.stream("energy", state.energy),
    )


def _weighted(
    target: Theory, branch: str | None, units: Any, convention: str, effective: float, weight: float, T: float, load: float
) -> Solution:
    """The weighted theory itself, for an endless stream."""
    branch = branch or "retrieval"
    if branch not in ("retrieval", "spin-glass", "paramagnetic"):
        raise InputError(f"branch={branch!r}: must be one of retrieval, spin-glass, paramagnetic for this model")
    if target.ansatz != "rs":
        raise InputError(
            f"ansatz={target.ansatz!r}: at order 2 the weights do not scale out of the noise, and only rs is derived for them"
        )
    if load < math.inf:
        raise InputError(
            "order 2 is known for endless streams only: its noise depends on all weights, not on the effective load "
            "alone; leave load out, or use order 3 or above"
        )
    grid = np.array([[effective / units.load, T, weight]])
    (state,) = answers(Asked(target, branch, convention), ("load", "temperature", "weight"), grid)
    return dataclasses.replace(state, judgement=None)  # of its rivals nothing is known
