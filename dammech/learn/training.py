"""Gradient descent on the memory vectors: schedules, momentum, normalisation, minibatches, checkpoints."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from dammech.errors import InputError, shown
from dammech.learn.inputs import checked_count, checked_name, checked_number
from dammech.learn.network import TrainedDAM
from dammech.learn.seeds import generator

#: what a step is divided by the largest component of
NORMALISATIONS = ("memory", "global", "none")
#: below this a memory vector's velocity counts as zero
LEAST_NORM = 1e-30


@dataclass(frozen=True)
class Training:
    """How a network is trained.

    Per minibatch V ← p V + dL/dM, then M_k ← clip(M_k − rate · V_k / max_i |V_ik|) [krotov2016]: each memory vector moves by
    the rate in its largest component, however small its gradient. L is the mean over the items of the batch of
    Σ_d (Y_d − y_d)^(2 exponent).

    Attributes
    ----------
    epochs, batch : int
        Passes over the items, and items of a minibatch.
    rate, decay : float
        The rate of epoch e is rate · decay^e.
    momentum : float
        p, in [0, 1).
    exponent : int
        The loss exponent m.
    normalisation : str
        ``memory`` (each by its own largest component), ``global`` (all by the largest of all), ``none``.
    temperatures : (float, float), optional
        T of the first epoch and T after the ramp, linear between; the network's own T where not given.
    ramp : int, optional
        Epochs of the ramp; all where not given.
    """

    epochs: int = 40
    batch: int = 128
    rate: float = 0.1
    decay: float = 0.999
    momentum: float = 0.6
    exponent: int = 1
    normalisation: str = "memory"
    temperatures: tuple[float, float] | None = None
    ramp: int | None = None

    def __post_init__(self) -> None:
        for name, most in (("epochs", 10**6), ("batch", 10**9), ("exponent", 100)):
            checked_count(name, getattr(self, name), most=most)
        checked_number("rate", self.rate, 0, strict=True)
        checked_number("decay", self.decay, 0, 1, strict=True)
        checked_number("momentum", self.momentum, 0)
        if self.momentum >= 1:
            raise InputError(f"momentum={self.momentum}: must be below 1")
        checked_name("normalisation", self.normalisation, NORMALISATIONS)
        if self.ramp is not None:
            checked_count("ramp", self.ramp)
        if self.temperatures is not None:
            pair = self.temperatures
            if not isinstance(pair, tuple | list) or len(pair) != 2:
                raise InputError(f"temperatures={shown(pair)}: must be two numbers, first and last")
            object.__setattr__(self, "temperatures", tuple(checked_number("temperatures", t, 0, strict=True) for t in pair))

    def rate_of(self, epoch: int) -> float:
        """Rate of an epoch, counted from 0."""
        return self.rate * self.decay**epoch

    def temperature_of(self, epoch: int) -> float | None:
        """Temperature of an epoch, or None to leave the network's own."""
        if self.temperatures is None:
            return None
        first, last = self.temperatures
        length = self.epochs if self.ramp is None else self.ramp
        return first + (last - first) * min(epoch / max(length - 1, 1), 1.0)


@dataclass
class Items:
    """What is trained on: states (items, N) and targets (items, trained neurons) of the network's type."""

    states: np.ndarray
    targets: np.ndarray

    def __len__(self) -> int:
        return len(self.states)

    def joined(self, *others: Items) -> Items:
        """These items and those of the others."""
        parts = (self, *others)
        return Items(np.concatenate([p.states for p in parts]), np.concatenate([p.targets for p in parts]))

    def taken(self, chosen: np.ndarray) -> Items:
        """The items of these indices."""
        return Items(self.states[chosen], self.targets[chosen])


class Hooks(Protocol):
    """What may be done at each step: change the gradient, and touch the network after the step."""

    def shaped(self, network: TrainedDAM, gradient: np.ndarray) -> np.ndarray: ...

    def stepped(self, network: TrainedDAM, fraction: float) -> None: ...


def labelled(network: TrainedDAM, inputs: Any, labels: Any, name: str = "inputs") -> Items:
    """Items of a classifier: pixels in [−1, 1] and integer labels."""
    states = network.states(inputs, name)
    targets = network.targets(labels, len(states), f"{name} labels")
    if len(np.unique(np.asarray(labels))) < 2:
        raise InputError(f"{name}: all items are of class {int(np.asarray(labels)[0])}; a task needs at least two classes")
    return Items(states, targets)


def associated(network: TrainedDAM, patterns: Any, noise: float = 0.0, seed: int = 0) -> Items:
    """Items of an auto-associative memory: patterns of ±1, each neuron to be recalled from the others.

    With ``noise`` the state is the pattern with that fraction of its neurons flipped, drawn once.
    """
    clean = np.asarray(patterns, network.dtype)
    if network.classes:
        raise InputError(f"classes={network.classes}: auto-association needs a network with classes=0")
    if clean.ndim != 2 or clean.shape[1] != network.size or not (np.abs(clean) == 1).all():
        raise InputError(f"patterns: must be an array (items, {network.size}) of +1 and -1")
    checked_number("noise", noise, 0, 1)
    flips = generator("noise", seed).random(clean.shape) < noise
    return Items(np.where(flips, -clean, clean), clean)


def train(
    network: TrainedDAM,
    items: Items,
    training: Training,
    key: tuple[int, ...] = (0,),
    hooks: Hooks | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    progress: Callable[..., None] | None = None,
) -> list[float]:
    """Train a network in place.

    Parameters
    ----------
    network : TrainedDAM
    items : Items
        From `labelled` or `associated`.
    training : Training
    key : tuple of int
        Seeds of the minibatches; each epoch's shuffle is keyed by it and by the epoch alone.
    hooks : Hooks, optional
        A method of sequential learning.
    checkpoint : path, optional
        Written after every epoch; where it exists already, training goes on from it, to the same end as without a break.
        Hooks with a memory of their own are not in it.
    progress : callable, optional
        Called with the epoch and its mean loss.

    Returns
    -------
    list of float
        Mean loss of an item, epoch by epoch, measured while training.
    """
    if hooks is not None and checkpoint is not None:
        raise InputError("checkpoint: a training with hooks cannot be broken off; leave one of the two out")
    first = 0
    losses: list[float] = []
    network.velocity[:] = 0
    identity = {**dataclasses.asdict(training), "key": list(key), "items": len(items)}
    if checkpoint is not None and Path(checkpoint).exists():
        first, losses = _resumed(network, checkpoint, identity)
    steps = training.epochs * -(-len(items) // training.batch)
    for epoch in range(first, training.epochs):
        temperature = training.temperature_of(epoch)
        if temperature is not None:
            network.temperature = temperature
        order = generator("minibatches", *key, epoch).permutation(len(items))
        rate, total = training.rate_of(epoch), 0.0
        for start in range(0, len(items), training.batch):
            chosen = order[start : start + training.batch]
            loss, gradient = network.loss_and_gradient(items.states[chosen], items.targets[chosen], training.exponent)
            gradient *= network.dtype.type(1 / len(chosen))
            total += loss
            if hooks is not None:
                gradient = hooks.shaped(network, gradient)
            moved(network, gradient, rate, training)
            if hooks is not None:
                hooks.stepped(network, 1 / steps)
        losses.append(total / len(items))
        if progress is not None:
            progress(f"epoch {epoch + 1} of {training.epochs}: loss {losses[-1]:.4g}")
        if checkpoint is not None:
            network.save(checkpoint, training=identity, epoch=epoch + 1, losses=losses)
    return losses


def moved(network: TrainedDAM, gradient: np.ndarray, rate: float, training: Training) -> None:
    """One step of the memory vectors along minus a gradient (K, N), with momentum, normalisation and clip."""
    from dammech.learn import kernels

    kind = network.dtype.type
    scope = NORMALISATIONS.index(training.normalisation)
    kernels.step(
        network.memory, network.velocity, gradient, kind(rate), kind(training.momentum), kind(LEAST_NORM), scope
    )


def _resumed(network: TrainedDAM, checkpoint: str | os.PathLike[str], identity: dict[str, Any]) -> tuple[int, list[float]]:
    saved, state = TrainedDAM.load(checkpoint)
    same = {**saved.described(), "temperature": 0} == {**network.described(), "temperature": 0}
    if not same or state.get("training") != {**identity, "temperatures": _listed(identity["temperatures"])}:
        raise InputError(f"checkpoint={str(checkpoint)!r}: is of another network or training; give another name")
    network.memory[:], network.velocity[:] = saved.memory, saved.velocity
    network.temperature = saved.temperature
    return int(state["epoch"]), list(state["losses"])


def _listed(pair: tuple[float, float] | None) -> list[float] | None:
    return None if pair is None else list(pair)
