"""Which of the phases that exist at a point is the equilibrium one.

Between phases the lowest free energy wins. Each rival enters with bounds of its own: both at the replica-symmetric value where
that is stable, and where symmetry is broken between the value of the first step and as much again above it, for within a phase
the replica saddle is a maximum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dammech.declared.states import Crossing
from dammech.equations import Theory
from dammech.solve.declared import find
from dammech.solve.edge import ended

_RESOLVED = 1e-12  # of two free energies
_TIED = 1e-10  # relative, where a branch may merge with its rival
_SYMMETRIC = 0.1  # of what interaction adds to a free energy: twice the error of replica symmetry in the SK glass at T = 0
_FROZEN = 1e-9  # at an onset below this temperature there is no energy either
_FURTHER = 0.01  # of a free energy at one step of breaking: what is left for further steps where there is no symmetric one
_UNKNOWN = "no free energy of the {} phase is known here that decides"
_LOWER = "the {} phase has a lower free energy"


@dataclass
class Judgement:
    """States of one branch at many points, judged between phases when somebody asks.

    Attributes
    ----------
    target : Theory
        Replica symmetric, or broken if the states are.
    branch, variant : str
    p : array, parameters × B
        Canonical units.
    free_energy : array of B
        Canonical units; nan where there is no state.
    valid : array of B, bool
        Whether the ansatz is locally consistent.
    """

    target: Theory
    branch: str | None
    variant: str
    p: np.ndarray
    free_energy: np.ndarray
    valid: np.ndarray

    @cached_property
    def verdicts(self) -> list[tuple[bool | None, str | None]]:
        """At each point whether the state is the equilibrium one, None where that is not known, and why."""
        count = self.p.shape[1]
        verdict: list[bool | None] = [True if np.isfinite(f) else None for f in self.free_energy]
        why: list[str | None] = [None] * count
        for k, replaced in enumerate(self._replaced()):
            if verdict[k] and replaced is not False:
                verdict[k] = None if replaced is None else False
                why[k] = "a state with broken replica symmetry " + ("may replace" if replaced is None else "replaces") + " it"
        for phase in self.rivals:
            for refined in (False, True) if self.target.given is None else (False,):
                rows = np.array([k for k in range(count) if verdict[k] is not False and np.isfinite(self.free_energy[k])], int)
                open_ = rows if not refined else rows[[why[k] == _UNKNOWN.format(phase) for k in rows]]
                if open_.size == 0:
                    break
                low, high = _bounds(self.target.with_(ansatz="rs"), phase, self.variant, self.p[:, open_], refined)
                for k, a, b in zip(open_, low, high):
                    if self.free_energy[k] > b + _RESOLVED:
                        verdict[k], why[k] = False, _LOWER.format(phase)
                    elif self.free_energy[k] > a:
                        verdict[k], why[k] = None, _UNKNOWN.format(phase)
                    elif refined:
                        verdict[k], why[k] = True, None
        undecided = self.target.model.branches[self.branch].undecided if self.target.given is None else None
        for k in range(count):
            if verdict[k] and not self.valid[k]:
                verdict[k], why[k] = None, "no rival phase has a lower free energy, but the ansatz is not stable"
            if verdict[k] and undecided:
                verdict[k], why[k] = None, undecided
        return list(zip(verdict, why))

    @property
    def rivals(self) -> Sequence[str]:
        """The branches that it is compared with: those that a model names, or that a declared line compares it with. Only these:
        between states that differ in overlaps of replicas the lower free energy decides nothing."""
        theory = self.target.given
        if theory is None:
            return self.target.model.branches[self.branch].rivals
        crossings = [{line.branch, line.rival} for line in theory.lines.values() if isinstance(line, Crossing)]
        return sorted(set().union(*(pair for pair in crossings if self.branch in pair)) - {self.branch})

    @property
    def decides(self) -> bool:
        """Whether anything is known that it could be compared with."""
        return self.target.given is None or bool(self.rivals)

    def _replaced(self) -> list[bool | None]:
        """Whether a distinct state of more broken symmetry replaces the m = 0 state."""
        from dammech.solve.onset import broken_glass

        count = self.p.shape[1]
        if self.target.given is not None:
            return [False] * count
        declared = self.target.model.branches[self.branch]
        if self.target.ansatz != "rs" or declared.choice == "largest m":
            return [False] * count
        if self.variant == "zero" or declared.unbroken is not None:
            return [True] * count
        return broken_glass(self.target.model, self.p[0] if len(self.p) > 1 else None, self.p[-1])


def _bounds(target: Theory, phase: str, variant: str, p: np.ndarray, refined: bool) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of the free energy of a phase: infinite where it was not found. Refined, symmetry is broken once."""
    from dammech.solve.broken import find_broken

    if target.given is not None:
        states = find(target, phase, variant, p)
        f = states.outputs()["free_energy"]
        f += _TIED * (1 + np.abs(f))
        f[list(ended(target, phase, states))] = np.inf
        return np.where(np.isnan(f), -np.inf, f), np.where(np.isnan(f), np.inf, f)
    if phase == "paramagnetic":
        low, high = _of_many_bodies(target, variant, p)
    else:
        states = find(target, phase, "zero" if variant == "zero" else "cold", p)
        outputs = states.outputs()
        low = np.where(states.found, outputs["free_energy"], np.inf)
        high = np.where(outputs.get("replicon", np.full(low.shape, -1.0)) > 0, low, np.inf)
    if phase == "spin-glass":
        T = p[1] if variant != "zero" else 0.0
        high = low + np.where(np.isfinite(low), _SYMMETRIC * np.abs(low + T * np.log(2)), 0.0)
        if variant != "zero":  # where it has gone, the paramagnet is left
            gone = np.flatnonzero(np.isinf(low))
            plain = find(target, "paramagnetic", "cold", p[:, gone])
            low[gone] = high[gone] = np.where(plain.found, plain.outputs()["free_energy"], np.inf)
    if refined:
        rows = np.flatnonzero(high > low)
        kind = "retrieval" if phase == "retrieval" else "spin-glass"
        size = "zero" if variant == "zero" else "finite"
        once = find_broken(target.with_(ansatz="1rsb"), kind, size, p[:, rows], thorough=False)
        f = np.where(once.found, once.outputs()["free_energy"], np.nan)
        further = np.abs(f - low[rows]) if phase == "spin-glass" else _FURTHER * np.abs(f)
        low[rows] = np.where(once.found, f, low[rows])
        high[rows] = np.where(once.found, f + further, high[rows])
    return low, high


def _of_many_bodies(target: Theory, variant: str, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bounds for the m = 0 phase of p ≥ 3: the paramagnet's own value, and below the onset of the glass its value there and the
    tangent there, for f falls with T and is concave."""
    from dammech.solve.onset import onset

    T = p[1] if variant != "zero" else np.zeros(p.shape[1])
    edge = onset(target.model).broken * np.sqrt(p[0])
    at = np.maximum(np.fmax(T, edge), _FROZEN)
    states = find(target, "paramagnetic", "cold", np.stack([p[0], at]))
    outputs = states.outputs()
    low = np.where(states.found, outputs["free_energy"], -np.inf)
    high = np.where(states.found & np.isfinite(edge), low + np.maximum(outputs["entropy"], 0.0) * (at - T), np.inf)
    return low, high
