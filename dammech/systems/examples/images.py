"""Archetypes that nobody drew: prototypes of classes of images, whose images are the examples. Theory and network, side by side.

And how many examples that theory asks for. It is that of independent fair pixels; those of real images are neither, and what
differs by that is the finding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np

from dammech.declared.units import QUANTITIES
from dammech.errors import InputError, NotConverged, finite, one_of, shown
from dammech.learn.images import binarised, labelled_images, signs, split
from dammech.memory import check_memory, check_work
from dammech.results.result import Result
from dammech.simulate.inputs import LARGEST_SIZE, checked_count
from dammech.simulate.rows import RowChain
from dammech.simulate.trials import key_of
from dammech.solve import Solution, solve
from dammech.systems.examples.model import PROTOCOLS, ExampleDAM
from dammech.systems.examples.sampler import LARGEST_ORDER

SWEEPS = 1000, 200  # at most at T = 0, and above
_UNIT = 2.0**-20  # of what is stored


@dataclass(repr=False)
class LearnedImages(Result[dict[str, Any]]):
    """What a memory learned of every class of images.

    Rows have the ``label`` of the class; ``examples``, M; ``quality``, r, the mean over pixels and stored images of image
    times prototype; ``distinct_quality``, the same over pixels at which not all prototypes agree; ``dataset_entropy``;
    ``theory_m``, the overlap of the retrieval state (None: there is none), and whether the class is ``learnable`` by it, and
    ``theory_why``; ``m`` and ``m_held_out``, final overlaps with the prototype from itself and from images not stored, with
    errors, and whether it is ``learned``; ``recognised``, the share of the ``held_out`` images that end there.

    Attributes
    ----------
    pixels : int
        N.
    load : float
        P/N^{p−1}, P being the number of classes.
    prototype_overlap : float
        Mean overlap of two prototypes; of fair independent pixels it would be zero.
    distinct : float
        Share of pixels at which not all prototypes agree.
    threshold : float or str
        Pixels above it are +1.
    learned_above : float
        Overlap from which on a class counts as learned, or learnable, if also no other prototype is nearer.
    """

    quantities = {
        **QUANTITIES,
        "examples": ("1", "stored images M of the class"), "quality": ("1", "quality r"),
        "distinct_quality": ("1", "quality r at pixels where prototypes differ"), "dataset_entropy": ("1", "dataset entropy ρ"),
        "theory_m": ("1", "overlap in theory, of independent pixels"), "m": ("1", "overlap from the prototype"),
        "m_held_out": ("1", "overlap from an image not stored"), "recognised": ("1", "share of those that end at the prototype"),
    }  # fmt: skip
    order: int
    protocol: str
    temperature: float
    pixels: int
    classes: int
    load: float
    prototype_overlap: float
    distinct: float
    threshold: float | str
    learned_above: float
    seed: int
    points: list[dict[str, Any]]


def learn_from_images(
    images: Any,
    labels: Any = None,
    *,
    order: int = 2,
    protocol: str = "supervised",
    temperature: float = 0.0,
    held_out: float = 0.2,
    threshold: float | str | None = None,
    learned_above: float = 0.9,
    trials: int = 20,
    seed: int = 0,
    theory: bool = True,
) -> LearnedImages:
    """Store images of some classes, and compare what the network makes of each with the theory of independent pixels.

    The archetype of a class is its prototype, the sign of the mean of its stored images (+1 where that is zero). Every class is
    stored as `ExampleDAM` says, with its own r and M. The theory of a class is that of a memory all of whose classes are like it.

    Parameters
    ----------
    images : array_like, path, or "digits"
        Numbers of shape (items, pixels) or (items, height, width …), or a .npy file of them, which is read without pickle;
        ``"digits"`` are those of scikit-learn, 8 × 8 pixels (dammech[learn]).
    labels : array_like or path
        The class of each image, integers or texts; not with ``"digits"``.
    order : int
        p from 2 to 4.
    protocol : str
        ``"supervised"`` or ``"unsupervised"``.
    temperature : float
        Canonical units. At 0 spins move until none can, else for 200 sweeps by heat bath.
    held_out : float
        Share of the images of each class that are not stored; one at least.
    threshold : float or str, optional
        Pixels above it are +1, the others −1; half way between the least and the largest value where not given. With
        ``"mean"`` each pixel has its own, that of the stored images, and pixels alike in all of them are left out: what
        classes share is largely removed.
    learned_above : float
        See `LearnedImages`.
    trials : int
        Runs from each prototype, and at most as many from held-out images of its class.
    seed : int
        Which images are held out, and what the runs draw.
    theory : bool
        Whether to solve the theory, which takes seconds for every new quality.

    Returns
    -------
    LearnedImages
        A row for each class. Errors add those over pixels, as if independent, to those over runs.

    Raises
    ------
    InputError
        For images that are no numbers, all alike or not of one shape, as many labels as not images, fewer than two classes,
        a class of one image, and files that are pickled or no .npy.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> archetypes = rng.choice([-1, 1], (2, 200))
    >>> images = np.repeat(archetypes, 50, axis=0) * np.where(rng.random((100, 200)) < 0.8, 1, -1)
    >>> found = learn_from_images(images, np.repeat(["a", "b"], 50), order=3)
    >>> found["learnable"].tolist(), found["learned"].tolist()
    ([True, True], [True, True])
    """
    order, trials = checked_count("order", order, 2, LARGEST_ORDER), checked_count("trials", trials)
    protocol, seed = one_of("protocol", protocol, PROTOCOLS), checked_count("seed", seed, least=0)
    temperature = finite("temperature", temperature)
    for name, share in (("held_out", held_out), ("learned_above", learned_above)):
        if not 0 < finite(name, share) < 1:
            raise InputError(f"{name}={shown(share)}: must be a number above 0 and below 1")
    pixels, names, classes = labelled_images(images, labels)
    count = len(names)
    stored, fresh = split(classes, count, float(held_out), np.random.default_rng(key_of("held out", seed)))
    spins, threshold = binarised(pixels, threshold, np.concatenate(stored))
    size = spins.shape[1]
    if not order <= size <= LARGEST_SIZE:
        raise InputError(f"images of {size} pixels: must have at least {order} and at most {LARGEST_SIZE}")
    stored_rows = len(spins) if protocol == PROTOCOLS[1] else count
    check_memory(f"{stored_rows} stored rows of {size} pixels", stored_rows * size * 40.0)
    check_work(f"trials={trials} of {count} classes", 2.0 * trials * count * SWEEPS[1] * size * stored_rows)

    rng = np.random.default_rng(key_of("images", order, protocol, temperature, seed))
    means = np.array([spins[kept].mean(axis=0) for kept in stored])
    prototypes = signs(means >= 0)
    distinct = (prototypes != prototypes[0]).any(axis=0)
    if not distinct.any():
        raise InputError("the prototypes of all classes are the same image; give other images or another threshold")
    qualities = np.abs(means).mean(axis=1)
    if not qualities.all():
        raise InputError(f"label {names[int(qualities.argmin())]}: its images cancel, and have no prototype")

    many = np.array([len(kept) for kept in stored])
    if protocol == PROTOCOLS[0]:
        rows = means / qualities[:, None]
    else:
        weights = many ** (-1 / order) / qualities
        rows = np.concatenate([spins[kept] * weight for kept, weight in zip(stored, weights)])
    dynamics = "glauber" if temperature else "zero-temperature"
    chain = RowChain(
        order, np.rint(rows / _UNIT), _UNIT, prototypes[0], temperature, dynamics, _stream(rng), prototypes[0] / size
    )  # fmt: skip
    load, points = count / float(size) ** (order - 1), []
    for k, name in enumerate(names):
        shown_images = spins[fresh[k][:trials]]
        runs = [_ended(chain, start, prototypes, k, rng) for start in [*[prototypes[k]] * trials, *shown_images]]
        agreeing, nearest, rest = (np.array(column) for column in zip(*runs))
        good = nearest & (agreeing.mean(axis=1) > learned_above)
        m, error = _mean(agreeing[:trials])
        m_held, error_held = _mean(agreeing[trials:])
        r = float(qualities[k])
        theory_m, why = _theory(order, protocol, r, int(many[k]), load, temperature) if theory else (None, None)
        points.append({
            "label": name, "examples": int(many[k]), "quality": r, "distinct_quality": float(np.abs(means[k, distinct]).mean()),
            "dataset_entropy": (1 - r * r) / (many[k] * r * r),
            "theory_m": theory_m, "theory_why": why,
            "learnable": theory_m is not None and theory_m > learned_above if theory else None,
            "m": m, "m_error": error, "learned": bool(2 * good[:trials].sum() > trials),
            "held_out": len(shown_images), "m_held_out": m_held, "m_held_out_error": error_held,
            "recognised": float(good[trials:].mean()), "converged": bool(rest.all()),
            "why": None if rest.all() else f"{int((~rest).sum())} of {len(rest)} runs moved on after {SWEEPS[0]} sweeps",
        })  # fmt: skip
    return LearnedImages(
        order, protocol, temperature, size, count, load,
        float(np.mean([a @ b / size for a, b in combinations(prototypes.astype(float), 2)])), float(distinct.mean()),
        threshold, float(learned_above), seed, points, grid={"label": count},
    )  # fmt: skip


def minimal_examples(
    model: ExampleDAM, load: float, temperature: float = 0.0, ansatz: str = "rs", learned_above: float = 0.9
) -> tuple[int | None, Solution]:
    """The fewest examples of each archetype with which its state is there, at a large enough overlap, and that state.

    One example is a pattern of its own, and a memory holds as many of these as of archetypes: that a state exists says little.
    Up to thirty examples their mean has its exact law, and a Gaussian one beyond. An even number may tie, so that one more is
    worse than one less: what is found suffices with one example more, too.

    Parameters
    ----------
    model : ExampleDAM
        Order, protocol and quality; its own number of examples is not used.
    load, temperature : float
        Canonical units.
    ansatz : str
        ``rs`` or ``1rsb``.
    learned_above : float
        Overlap with the archetype, above 0 and below 1, that must be exceeded.

    Returns
    -------
    int or None
        None where no number suffices; the state is then that of perfect examples, or says in its ``why`` that there is none.
    Solution

    Raises
    ------
    InputError
    NotConverged
        Where a state on the way is neither found nor known not to exist.

    Examples
    --------
    >>> minimal_examples(ExampleDAM(4, quality=0.5, examples=1), load=0.02)[0]
    29
    """
    if not isinstance(model, ExampleDAM) or model.quality is None:
        raise InputError(f"model={shown(model)}: must be an ExampleDAM with a quality")
    load, temperature = finite("load", load, positive=True), finite("temperature", temperature)
    if not 0 < finite("learned_above", learned_above) < 1:
        raise InputError(f"learned_above={shown(learned_above)}: must be a number above 0 and below 1")

    @cache
    def state(many: int) -> Solution:
        memory = model.of_many(many) if many else replace(model, quality=1.0, examples=1, dataset_entropy=None)
        found = solve(memory, load=load, temperature=temperature, ansatz=ansatz, branch="retrieval", throw=False)
        if found.status == "not-converged":
            raise NotConverged(f"{memory!r}: {found.why}", found)
        return found

    def learned(many: int) -> bool:
        return state(many).converged and state(many)["m"] > learned_above

    if not learned(0):
        return None, state(0)
    low, many = 0, 1
    while not (learned(many) and learned(many + 1)):
        low, many = many, 2 * many
    while many - low > 1:
        middle = (low + many) // 2
        low, many = (low, middle) if learned(middle) and learned(middle + 1) else (middle, many)
    return many, state(many)


def _stream(rng: np.random.Generator) -> np.ndarray:
    return rng.integers(1, 2**63, 4, dtype=np.uint64)


def _ended(
    chain: RowChain, start: np.ndarray, prototypes: np.ndarray, k: int, rng: np.random.Generator
) -> tuple[np.ndarray, bool, bool]:
    """Final spins times the prototype of class k, whether no other is nearer, and whether the run ended."""
    chain.spins[:], chain.stream = start, _stream(rng)
    chain._prepare()
    series = chain.run(SWEEPS[0] if chain.cold else SWEEPS[1])
    final = chain.spins.astype(float)
    return final * prototypes[k], int((prototypes @ final).argmax()) == k, series.period is not None or not chain.cold


def _mean(agreeing: np.ndarray) -> tuple[float, float]:
    """Mean over runs and pixels, and its error."""
    runs, pixels = agreeing.shape
    square = agreeing.mean(axis=0).var(ddof=1) / pixels + (agreeing.mean(axis=1).var(ddof=1) / runs if runs > 1 else 0.0)
    return float(agreeing.mean()), math.sqrt(square)


def _theory(
    order: int, protocol: Any, quality: float, many: int, load: float, temperature: float
) -> tuple[float | None, str | None]:
    """Overlap of the retrieval state where all classes have this quality and number of examples, and what is said of it."""
    r = max(round(quality, 4), 1e-4)  # measured no better, and exact arithmetic likes short numbers
    memory = ExampleDAM(order, protocol, r, 1).of_many(many)
    state = solve(memory, load=load, temperature=temperature, branch="retrieval", throw=False)
    return (float(state["m"]) if state.converged else None), state.why
