"""The free-energy landscape f(m): the first order parameter held, the others at their saddle point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dammech.equations import Given, Theory, compiled
from dammech.errors import InputError
from dammech.registry import answers_of
from dammech.results.record import Record
from dammech.solve.solution import number
from dammech.solve.states import search


@dataclass(repr=False)
class Landscape(Record):
    """f(m) at one load and temperature, in the units of ``convention``; nan where no saddle point in q was found."""

    m: np.ndarray
    free_energy: np.ndarray
    q: np.ndarray
    load: float
    temperature: float
    convention: str


def landscape(
    theory: Given, *, load: float, temperature: float, m: Any = None, convention: str = "canonical"
) -> Landscape:
    """Free energy per spin against the overlap m, the overlap q eliminated (the largest root).

    Parameters
    ----------
    theory : HebbianDAM or its Derivation
    load, temperature : float
        α ≥ 0 and T > 0 in the units of ``convention``.
    m : array, optional
        Overlaps in [0, 1]; 201 of them by default.
    """
    target = Theory.of(theory)
    if target.given is not None or "load" not in target.model.axes or answers_of(target.model):
        raise InputError("landscape: takes a memory whose axes are the load and the temperature, and whose overlap is m")
    units = target.model.convention(convention)
    overlap = np.linspace(0, 1, 201) if m is None else number("m", m, signed=True)
    alpha = float(number("load", load)[0]) * units.load
    T = float(number("temperature", temperature, positive=True)[0]) * units.temperature
    p = np.stack([overlap, np.full(overlap.shape, alpha), np.full(overlap.shape, T)])
    system = compiled(target, "landscape")
    cold = 1 - min(T, 1) * np.array([0.02, 0.1, 0.25, 0.4, 0.6, 0.75, 0.9, 0.97])
    levels = np.concatenate([[0.02, 0.2, 0.4, 0.6, 0.8, 0.95], cold])[None]
    u, _, ok = search(system, p, levels)
    q = np.where(ok & (u[0] > -1e-9) & (u[0] <= 1 + 1e-9), u[0], -np.inf).max(axis=0)
    q = np.where(np.isfinite(q), q, np.nan)
    return Landscape(
        overlap, system.outputs(q[None], p)["free_energy"] / units.energy, q, load, temperature, convention
    )
