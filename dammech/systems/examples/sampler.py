"""Spins among the examples of archetypes that they have never seen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import numpy as np

from dammech.errors import InputError, one_of
from dammech.simulate.inputs import LARGEST_SIZE, checked_count, checked_patterns
from dammech.simulate.rows import RowChain
from dammech.simulate.trials import NamedExperiment, generator_of, partly_flipped
from dammech.systems.examples.model import ExampleDAM

STARTS = ("archetype", "example", "fresh example")
LARGEST_ORDER = 4
_GAUSSIAN = 2.0**-20  # unit of what is stored of a big data set


def experiment(
    model: ExampleDAM, at: Mapping[str, float], *, size: int, dynamics: str, overlap: float, seed: int,
    start: str = STARTS[0], measured: str = "m",
) -> ExampleExperiment:  # fmt: skip
    """P archetypes, their examples, and a chain that starts near the first archetype, one of its examples, or a new one.

    Parameters
    ----------
    measured : str
        ``m``, the overlap with the archetype, or ``n``, that with the mean of its examples over r.

    Raises
    ------
    InputError
        For an order above 4, or a big data set whose number of examples is not known.
    """
    if model.p > LARGEST_ORDER:
        raise InputError(f"order={model.p}: memories of examples are simulated at orders from 2 to {LARGEST_ORDER}")
    one_of("start", start, STARTS)
    one_of("measured", measured, ("m", "n"))
    size = checked_count("size", size, model.p, LARGEST_SIZE)
    rows = max(examples_of(model), 1) if model.protocol == "unsupervised" else 1

    def bytes_of(n: int, patterns: int) -> int:
        return rows * patterns * (6 * n + 24)

    count = checked_patterns(model, at["load"], size, bytes_of)
    return ExampleExperiment(
        f"{model!r} {count} {start} {measured}", partial(draw, model, count), size, at["temperature"], dynamics, overlap, seed,
        realised={"load": count / float(size) ** (model.p - 1)}, bytes_taken=bytes_of(size, count),
        model=model, start=start, measured=measured,
    )  # fmt: skip


def examples_of(model: ExampleDAM) -> int:
    """M; 0 for a big data set of a supervised memory, of which only the mean is known, a Gaussian one.

    Raises
    ------
    InputError
        Where dataset entropy and quality are those of no whole number of examples.
    """
    if model.examples is not None:
        return model.examples
    if model.quality is None:
        return 0
    exact = (1 / model.quality**2 - 1) / float(model.rho) if model.rho else 1.0
    if abs(exact - round(exact)) > 1e-9 * exact:
        raise InputError(
            f"dataset_entropy={model.dataset_entropy:g}: with quality={model.quality:g} it is that of {exact:g} examples; a "
            "simulation needs a whole number of them"
        )
    return round(exact)


class Drawn(NamedTuple):
    """What is stored, integer ``rows`` times ``unit``; the first archetype, the ``mean`` of its examples over r, one of these."""

    rows: np.ndarray
    unit: float
    archetype: np.ndarray
    mean: np.ndarray
    example: np.ndarray | None


def draw(model: ExampleDAM, count: int, rng: np.random.Generator, size: int) -> Drawn:
    """Archetypes and their examples; the example is a stored one, or where only means are stored another one."""
    many, quality = examples_of(model), model.quality or 1.0
    right = (1 + quality) / 2
    archetypes = rng.choice(np.array((-1, 1), np.int8), (count, size))
    example = None if not many else archetypes[0] * _signs(rng, right, (size,))
    if model.protocol == "unsupervised" and many:
        rows = archetypes[:, None] * _signs(rng, right, (count, many, size))
        mean, example = rows[0].mean(axis=0) / quality, rows[0, 0]
        return Drawn(rows.reshape(-1, size), many ** (-1 / model.p) / quality, archetypes[0], mean, example)
    if many:
        rows, unit = archetypes * (2 * rng.binomial(many, right, archetypes.shape) - many), 1 / (many * quality)
    else:
        noise = math.sqrt(float(model.rho)) * rng.standard_normal(archetypes.shape)
        rows, unit = np.rint(archetypes * (1 + noise) / _GAUSSIAN), _GAUSSIAN
    return Drawn(rows, unit, archetypes[0], rows[0] * unit, example)


def _signs(rng: np.random.Generator, right: float, shape: tuple[int, ...]) -> np.ndarray:
    return np.where(rng.random(shape, dtype=np.float32) < right, 1, -1).astype(np.int8)


@dataclass(frozen=True)
class ExampleExperiment(NamedExperiment):
    """One among examples."""

    model: ExampleDAM = field(kw_only=True)
    start: str = field(kw_only=True)
    measured: str = field(kw_only=True)

    def bytes_each(self) -> int:
        return self.bytes_taken

    def chain(self, disorder: np.ndarray, start: np.ndarray, spins: np.ndarray | None, stream: np.ndarray) -> RowChain:
        rng = generator_of(disorder)
        data: Drawn = self.rule(rng, self.size)
        if spins is None:
            place: np.ndarray | None = data.archetype
            if self.start != STARTS[0]:
                place = data.example
                if place is None:
                    raise InputError(f"start={self.start!r}: a big data set has no single examples; give examples and quality")
                if self.start == STARTS[2]:
                    place = data.archetype * _signs(rng, (1 + (self.model.quality or 0)) / 2, (self.size,))
            spins = partly_flipped(np.ascontiguousarray(place), self.overlap, start)
        target = (data.archetype if self.measured == "m" else data.mean) / self.size
        return RowChain(self.model.p, data.rows, data.unit, spins, self.temperature, self.dynamics, stream, target)
