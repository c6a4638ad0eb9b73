"""A dense associative memory whose memory vectors are trained: read-out, loss, gradient, recall, checkpoints."""

from __future__ import annotations

import functools
import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from dammech.errors import InputError
from dammech.learn.inputs import checked_count, checked_labels, checked_name, checked_number, checked_pixels
from dammech.learn.interactions import KINDS, LEAK, Interaction
from dammech.learn.seeds import LARGEST_SEED, generator
from dammech.memory import check_memory
from dammech.results.files import write_whole

#: mean and standard deviation of the first memory vectors
INITIALISATIONS = {"krotov": (-0.3, 0.3), "zero-mean": (0.0, 0.1)}


def checked_network(
    memories: Any,
    vertex: Any,
    interaction: Any = "leaky",
    temperature: Any = 0.5,
    initialisation: Any = "krotov",
    dtype: Any = "float32",
    leak: Any = LEAK,
) -> Interaction:
    """The interaction of a network with these settings, if there can be one; nothing is made yet."""
    count = checked_count("memories", memories, 1, 10**7)
    chosen = Interaction(checked_name("interaction", interaction, KINDS), vertex, leak)
    checked_name("initialisation", initialisation, INITIALISATIONS)
    single = checked_name("dtype", dtype, ("float32", "float64")) == "float32"
    chosen.check_range(1 / checked_number("temperature", temperature, 0, strict=True), count, single)
    return chosen


class TrainedDAM:
    """A dense associative memory with trained memory vectors [krotov2016].

    A state x has ``pixels`` visible neurons and one neuron a class. E(x) = −Σ_k F(M_k·x / (N T)) with K real memory vectors
    M_k in [−1, 1]^N; T and 1/N stand inside F [mcalister2024]. A class is read out with the pixels clamped and *all*
    class neurons at −1, in training and in use alike: h_d = Σ_k [F(s_k with neuron d at +1) − F(s_k)], Y_d = tanh h_d, and
    the class is the argmax. With ``classes=0`` the network is an auto-associative memory: every neuron is trained, and h_i
    is the difference between its two values with the others at the state.

    Parameters
    ----------
    pixels, classes : int
        Visible neurons and class neurons; N is their sum. ``classes`` is 0 or at least 2.
    memories : int
        K.
    vertex : int or float
        n of the interaction function.
    interaction : str
        ``power``, ``rectified``, ``leaky``, ``exponential`` or ``softmax``; see `Interaction`.
    temperature : float
        T, in the scaled convention: T of Krotov and Hopfield divided by N. A training with a schedule changes it.
    initialisation : str
        ``krotov``: N(−0.3, 0.3²), about the mean of a binary image; ``zero-mean``: N(0, 0.1²), which does not train
        reliably from n = 10 on.
    seed : int
        Of the first memory vectors.
    dtype : str
        ``float32`` or ``float64``.

    Attributes
    ----------
    memory : numpy.ndarray
        (K, N), class neurons last.
    velocity : numpy.ndarray
        (K, N), the momentum of the training under way.

    Raises
    ------
    InputError
        For a value that is not allowed, and for a temperature at which sums of F would overflow.
    """

    def __init__(
        self,
        pixels: int,
        classes: int,
        memories: int,
        vertex: float,
        interaction: str = "leaky",
        temperature: float = 0.5,
        initialisation: str = "krotov",
        seed: int = 0,
        dtype: str = "float32",
        leak: float = LEAK,
    ) -> None:
        self.pixels = checked_count("pixels", pixels)
        self.classes = checked_count("classes", classes, 0)
        if self.classes == 1:
            raise InputError("classes=1: must be 0 (auto-association) or at least 2")
        self.interaction = checked_network(memories, vertex, interaction, temperature, initialisation, dtype, leak)
        self.memories, self.initialisation, self.dtype = int(memories), initialisation, np.dtype(dtype)
        self.seed = checked_count("seed", seed, 0, LARGEST_SEED)
        check_memory(f"memories={self.memories} of {self.size} neurons", 32 * self.memories * self.size)
        self.temperature = temperature
        mean, deviation = INITIALISATIONS[self.initialisation]
        start = generator("memory", self.seed).normal(mean, deviation, (self.memories, self.size))
        self.memory = np.clip(start, -1, 1).astype(self.dtype)
        self.velocity = np.zeros_like(self.memory)

    @property
    def size(self) -> int:
        """N, pixels and class neurons."""
        return self.pixels + self.classes

    @property
    def trained(self) -> slice:
        """The neurons that are read out: the class neurons, or all."""
        return slice(self.pixels if self.classes else 0, self.size)

    @property
    def temperature(self) -> float:
        """T."""
        return self._temperature

    @temperature.setter
    def temperature(self, value: float) -> None:
        value = checked_number("temperature", value, 0, strict=True)
        self.interaction.check_range(1 / value, self.memories, self.dtype == np.float32)
        self._temperature = value

    def states(self, inputs: Any, name: str = "inputs") -> np.ndarray:
        """(items, N): pixels with all class neurons at −1."""
        pixels = checked_pixels(name, inputs, self.pixels)
        clamped = np.full((len(pixels), self.classes), -1, self.dtype)
        return np.concatenate([pixels.astype(self.dtype, copy=False), clamped], axis=1)

    def targets(self, labels: Any, items: int, name: str = "labels") -> np.ndarray:
        """(items, classes): +1 at the label and −1 elsewhere."""
        checked = checked_labels(name, labels, items, self.classes)
        return (2 * np.eye(self.classes)[checked] - 1).astype(self.dtype)

    def energy(self, states: Any) -> np.ndarray:
        """E of each state (items, N)."""
        return -self.interaction.total(np.asarray(states, self.dtype) @ self.memory.T / (self.size * self.temperature))

    def fields(self, states: np.ndarray) -> np.ndarray:
        """h of the trained neurons (items, trained); they stand at ±1 in the states."""
        from dammech.learn import kernels

        states = np.asarray(states, self.dtype)
        out = np.empty((len(states), self.size - self.trained.start), self.dtype)
        kernels.fields(self._scaled(states), *self._flips(), self._spins(states), *self._kind(), self._numbers(1), out)
        return out

    def classify(self, inputs: Any) -> np.ndarray:
        """Class of each item (pixels in [−1, 1]): argmax of the fields."""
        return self.fields(self.states(inputs)).argmax(axis=1)

    def accuracy(self, inputs: Any, labels: Any) -> float:
        """Fraction of the items whose class is their label."""
        return float(np.mean(self.classify(inputs) == np.asarray(labels)))

    def loss_and_gradient(
        self, states: np.ndarray, targets: np.ndarray, exponent: int = 1
    ) -> tuple[float, np.ndarray]:
        """L = Σ (tanh h − y)^(2 exponent) over items and trained neurons, and dL/dM (K, N).

        Parameters
        ----------
        states : numpy.ndarray
            (items, N) of the network's own type; trained neurons at ±1.
        targets : numpy.ndarray
            (items, trained), in [−1, 1].
        exponent : int
            The loss exponent m; at large m only the worst neurons count.
        """
        from dammech.learn import kernels

        loss, pull, push = self._backward(states, targets, exponent, kernels.GRADIENT)
        gradient = pull.T @ states
        gradient[:, self.trained] += push.T
        gradient *= self.dtype.type(1 / (self.size * self.temperature))
        return loss, gradient

    def importance(self, states: np.ndarray, targets: np.ndarray | None = None) -> np.ndarray:
        """Mean over items of a gradient squared, or in absolute value (K, N).

        With targets: of (d loss/dM)², the diagonal of the empirical Fisher matrix at loss exponent 1. Without: of
        |d ‖tanh h‖²/dM|. For pixels at ±1 either is the same for all pixels of a memory vector.
        """
        from dammech.learn import kernels

        squared = targets is not None
        mode = kernels.SQUARED if squared else kernels.ABSOLUTE
        labels = targets if targets is not None else np.zeros_like(self._spins(states))
        _, pull, push = self._backward(states, labels, 1, mode)
        shape = np.square if squared else np.abs
        out = shape(pull).T @ shape(states)
        out[:, self.trained] = push.T
        scale = 1 / (self.size * self.temperature)
        out *= self.dtype.type((scale**2 if squared else scale) / len(states))
        return out

    def recall(self, states: Any, sweeps: int = 20, seed: int = 0, clamped: Any = ()) -> tuple[np.ndarray, np.ndarray]:
        """Relax states of ±1 by asynchronous sweeps x_i ← sign h_i.

        Parameters
        ----------
        states : array
            (items, N), ±1.
        sweeps : int
            At most so many, each in a new random order.
        seed : int
            Of the orders.
        clamped : sequence of int
            Neurons that keep their value.

        Returns
        -------
        states, stable : numpy.ndarray
            The relaxed states, and which of them came to rest.
        """
        from dammech.learn import kernels

        spins = np.array(states, self.dtype)
        if spins.ndim != 2 or spins.shape[1] != self.size or not (np.abs(spins) == 1).all():
            raise InputError(f"states: must be an array (items, {self.size}) of +1 and -1")
        free = np.setdiff1d(np.arange(self.size), np.asarray(clamped, dtype=int))
        stable = np.zeros(len(spins), bool)
        orders = generator("recall", seed)
        shift, grown = self._flips(slice(None))
        for _ in range(checked_count("sweeps", sweeps)):
            order = orders.permutation(free)
            for b in np.flatnonzero(~stable):
                one = spins[b : b + 1]
                stable[b] = not kernels.relax(
                    self._scaled(one), shift, grown, one, order, *self._kind(), self._numbers(1)
                )
            if stable.all():
                break
        return spins, stable

    def save(self, path: str | os.PathLike[str], **state: Any) -> None:
        """Write a checkpoint (npz), complete or not at all; ``state`` is JSON kept beside the arrays."""
        described = json.dumps({"network": self.described(), "state": state})
        content = io.BytesIO()
        np.savez(content, memory=self.memory, velocity=self.velocity, described=np.array(described))
        write_whole({Path(path): content.getvalue()})

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> tuple[TrainedDAM, dict[str, Any]]:
        """A network as it was saved, and the state saved with it."""
        try:
            with np.load(path) as file:
                described = json.loads(str(file["described"]))
                arrays = {name: file[name] for name in ("memory", "velocity")}
        except (ValueError, KeyError, EOFError, OSError) as error:
            if isinstance(error, FileNotFoundError):
                raise
            raise InputError(f"path={str(path)!r}: is not a checkpoint of a network") from None
        network = cls(**described["network"])
        network.memory, network.velocity = arrays["memory"], arrays["velocity"]
        return network, described["state"]

    def described(self) -> dict[str, Any]:
        """The arguments that make this network, but for its training."""
        return {
            "pixels": self.pixels, "classes": self.classes, "memories": self.memories,
            "vertex": self.interaction.vertex, "interaction": self.interaction.kind, "temperature": self.temperature,
            "initialisation": self.initialisation, "seed": self.seed, "dtype": self.dtype.name,
            "leak": self.interaction.leak,
        }  # fmt: skip

    def _backward(
        self, states: np.ndarray, targets: np.ndarray, exponent: int, mode: int
    ) -> tuple[float, np.ndarray, np.ndarray]:
        from dammech.learn import kernels

        shift, grown = self._flips()
        pull = np.empty((len(states), self.memories), self.dtype)
        push = np.zeros_like(shift)
        spins, numbers = self._spins(states), self._numbers(exponent)
        loss = kernels.backward(
            self._scaled(states), shift, grown, spins, np.ascontiguousarray(targets), *self._kind(), exponent, mode,
            numbers, pull, push,
        )  # fmt: skip
        return float(loss), pull, push

    def _scaled(self, states: np.ndarray) -> np.ndarray:
        scaled = states @ self.memory.T
        scaled *= self.dtype.type(1 / (self.size * self.temperature))
        return scaled

    def _spins(self, states: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(states[:, self.trained])

    def _flips(self, neurons: slice | None = None) -> tuple[np.ndarray, np.ndarray]:
        """What a flip takes from the scaled overlaps (neurons, K), and what it multiplies exponentials by."""
        columns = self.memory[:, self.trained if neurons is None else neurons]
        shift = np.ascontiguousarray(columns.T) * self.dtype.type(2 / (self.size * self.temperature))
        if self.interaction.is_power:
            return shift, _no_growth(self.dtype, len(shift))
        exponent = self.dtype.type(self.interaction.vertex) * shift
        return shift, np.stack([np.exp(-exponent), np.exp(exponent)])

    def _kind(self) -> tuple[int, int]:
        kind = self.interaction
        return KINDS[kind.kind], int(kind.vertex) if kind.is_power else 0

    def _numbers(self, exponent: int) -> np.ndarray:
        return np.array([self.interaction.vertex, self.interaction.leak, 0, 1, 2 * exponent], self.dtype)


@functools.cache
def _no_growth(dtype: np.dtype, neurons: int) -> np.ndarray:
    return np.empty((2, neurons, 0), dtype)
