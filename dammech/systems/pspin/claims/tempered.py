"""Glasses in equilibrium by parallel tempering, sample by sample, with what is known of each sample without a theory.

Some numbers of a sample have a mean that is known exactly: Σ J² over its mean less one, which is 0 at every N, and at
each temperature the gap between its energy and −(β/2) (1 − 1/N)… (1 − ⟨link⟩), which is 0 in equilibrium for Gaussian
couplings. What varies with them from sample to sample is taken off, which leaves means as they are and errors smaller.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from dammech.simulate import sample_disorder, temper
from dammech.simulate.tempering.equilibration import link_overlaps
from dammech.systems.pspin.model import PSpin
from dammech.validate.pooled import reduced, row_of_sets

_APART = 3  # neighbours on the ladder say nearly the same


@dataclass(frozen=True)
class Glass:
    """Samples of one size, all seeds one after the other.

    Attributes
    ----------
    order, size, sweeps : int
    temperatures : tuple of float
        The ladder, coldest first.
    energies : ndarray, (samples, T)
        Thermal means per spin.
    laws : ndarray, (samples, T, N+1)
        P(q) of each sample.
    lowest : ndarray, (samples,)
        Lowest energy per spin that was seen.
    excess : ndarray, (samples,)
        Σ J² over its mean, less one.
    seed : ndarray, (samples,)
    why : str or None
        Why equilibrium is in doubt.
    """

    order: int
    size: int
    sweeps: int
    temperatures: tuple[float, ...]
    energies: np.ndarray
    laws: np.ndarray
    lowest: np.ndarray
    excess: np.ndarray
    seed: np.ndarray
    why: str | None

    @property
    def distinct(self) -> float:
        """(1 − 1/N)(1 − 2/N)…: the fraction of index sets without a repeated site."""
        return math.prod(1 - k / self.size for k in range(self.order))

    @property
    def overlap(self) -> np.ndarray:
        """q = −1, −1 + 2/N, …, 1."""
        return np.arange(-self.size, self.size + 1, 2) / self.size

    def links(self, temperature: float, orders: Sequence[int]) -> np.ndarray:
        """Mean over sets of k distinct sites of Π σσ', ⟨q^k⟩ up to 1/N, of every sample, (samples, orders)."""
        law = self.laws[:, self.temperatures.index(temperature)]
        return np.asarray(law @ np.stack([link_overlaps(k, self.size) for k in orders], axis=1))

    def gap(self, temperature: float) -> np.ndarray:
        """Energy of every sample less what its overlaps say it is on average."""
        at = self.temperatures.index(temperature)
        link = self.links(temperature, (self.order,))[:, 0]
        return np.asarray(self.energies[:, at] + self.distinct * (1 - link) / (2 * temperature))

    @property
    def known(self) -> np.ndarray:
        """Numbers of every sample whose mean is 0, (samples, k)."""
        return np.stack([self.excess, *(self.gap(t) for t in self.temperatures[::_APART])], axis=1)


@lru_cache(maxsize=64)
def glass(
    order: int, size: int, samples: int, sweeps: int, ladder: tuple[float, ...], seeds: tuple[int, ...], runs: int = 1
) -> Glass:
    """``samples`` couplings for each seed; ``runs`` is how many sizes share the doubt that the tests of equilibration allow."""
    model = PSpin(order)
    ladder = tuple(sorted(ladder))
    made = [temper(model, temperatures=ladder, size=size, samples=samples, sweeps=sweeps, seed=s) for s in seeds]
    why = [
        f"seed {run.seed}: {test.name}: {test.statement}"
        for run in made
        for test in run.tests
        if not test.passed and (test.name == "round trips" or test.value < test.allowed / (runs * len(seeds)))
    ]
    return Glass(
        order,
        size,
        sweeps,
        ladder,
        np.concatenate([run.energies for run in made]),
        np.concatenate([run.laws for run in made]),
        np.concatenate([run.lowest for run in made]),
        np.array([_excess(model, size, k, s) for s in seeds for k in range(samples)]),
        np.repeat(seeds, samples),
        f"N = {size}: {'; '.join(why)}" if why else None,
    )


def averaged(found: Glass, values: np.ndarray, **more: Any) -> dict[str, Any]:
    """The mean of one number per sample, seed by seed as well."""
    known = found.known
    return row_of_sets(found.size, found.seed, lambda k: reduced(values[k], known[k]), sweeps=found.sweeps, **more)


def _excess(model: PSpin, size: int, sample: int, seed: int) -> float:
    couplings = sample_disorder(model, size=size, sample=sample, seed=seed)
    expected = couplings.size * math.factorial(model.p) / (2 * float(size) ** (model.p - 1))
    return float((couplings**2).sum() / expected - 1)
