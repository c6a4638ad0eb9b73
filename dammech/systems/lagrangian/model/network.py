"""Networks of Lagrangian blocks: layers, weights, biases and time constants (krotov2020, krotov2021)."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dammech.errors import InputError, path, shown
from dammech.results.tables import cut, html_table
from dammech.systems.lagrangian.model.lagrangian import Lagrangian, hessian_of

if TYPE_CHECKING:
    import numpy as np

_SYMMETRIC = 1e-12
#: larger numbers overflow in products
_LARGEST = 1e100
#: a network of more neurons than this does not fit into memory, W is size × size
_NEURONS = 20_000


@dataclass(frozen=True)
class Weight:
    """Synapses from one layer to another.

    Attributes
    ----------
    source, target : int
        Layers, from 0.
    matrix : ndarray
        size of the target × size of the source.
    """

    source: int
    target: int
    matrix: np.ndarray


class Network:
    """T ẋ = W g(x) + b − x with the energy E = (x − b)·g − L(x) − g·W g/2 of symmetric W (krotov2021).

    The state x is the fields of all layers in their order; L is the sum of the layers' Lagrangians, g = ∇L.

    Parameters
    ----------
    layers : sequence of Lagrangian or of mappings
        A mapping is ``{"lagrangian": name or expression, "size": D, …parameters}``.
    weights : sequence of mappings
        ``{"from": A, "to": B, "matrix": …}`` with a matrix size_B × size_A, or in place of the matrix ``"kernel"``
        (channels of B × channels of A × width) and ``"stride"``, a periodic convolution. Feedback is the transpose,
        unless a second entry gives it; A == B is a lateral net.
    biases : sequence of sequences, optional
        b of each layer; zero where not given.
    time_constants : sequence, optional
        τ of each layer, a number or, where the Lagrangian is a sum over neurons, one for each; 1 where not given.
    symmetric : bool, optional
        ``False`` admits lateral matrices that are not symmetric: such a net has no energy.

    Raises
    ------
    InputError
        For wrong shapes, numbers that are not finite, weights that are not symmetric where they should be, and
        different time constants within a block whose neurons see each other: there the energy may rise.

    Examples
    --------
    >>> net = Network([Lagrangian("relu", 2)], [{"from": 0, "to": 0, "matrix": [[0, 0.5], [0.5, 0]]}], [[1, -2]])
    >>> net.drive([4 / 3, -4 / 3]).round(12).tolist()
    [-0.333333333333, 0.0]
    """

    def __init__(
        self,
        layers: Sequence[Lagrangian | Mapping[str, Any]],
        weights: Sequence[Mapping[str, Any]] = (),
        biases: Sequence[Any] | None = None,
        time_constants: Sequence[Any] | None = None,
        symmetric: bool = True,
    ) -> None:
        self.layers = tuple(_layer(k, entry) for k, entry in enumerate(_sequence("layers", layers)))
        if not self.layers:
            raise InputError("layers is empty: a network needs at least one")
        if self.size > _NEURONS:
            raise InputError(f"layers: {self.size} neurons; a network has at most {_NEURONS}")
        self.weights = self._checked_weights(_sequence("weights", weights), symmetric)
        if not isinstance(symmetric, bool):
            raise InputError(f"symmetric={shown(symmetric)}: must be true or false")
        self._symmetric_asked = symmetric
        self.bias = self._checked_biases(biases)
        self.tau = self._checked_time_constants(time_constants)

    @classmethod
    def from_json(cls, source: Mapping[str, Any] | str | os.PathLike[str]) -> Network:
        """A network from its document, or from the file that holds it.

        Raises
        ------
        InputError
            For a file that is no JSON object, unknown keys, or a network that is refused.
        """
        document: Any = source
        if not isinstance(source, Mapping):
            file = path("net", source)
            if file.exists() and not file.is_file():
                raise InputError(f"{shown(str(file))}: is no file that can be read as a network")
            try:
                document = json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=_once)
            except RecursionError:
                raise InputError(f"{shown(str(file))}: is not a network (nested too deeply)") from None
            except ValueError as error:
                raise InputError(f"{shown(str(file))}: is not a JSON document ({error})") from None
            except OSError as error:
                raise InputError(f"{shown(str(file))}: cannot be read as a network ({error.strerror})") from None
        if not isinstance(document, Mapping) or "layers" not in document:
            raise InputError('a network must be a JSON object with "layers" and "weights"')
        allowed = ("layers", "weights", "biases", "time_constants", "symmetric")
        for key in document:
            if key not in allowed:
                raise InputError(f"{shown(key)}: a network has no such entry; it has {', '.join(allowed)}")
        return cls(**{key: document[key] for key in document})

    def __repr__(self) -> str:
        return cut(f"<Network of {self.size} neurons: {', '.join(map(repr, self.layers))}>")

    def _repr_html_(self) -> str:
        return html_table([layer.to_json() for layer in self.layers], {"size": ("neurons", "neurons of the layer")}, repr(self))

    def to_json(self) -> dict[str, Any]:
        """The network as a plain document."""
        return {
            "layers": [layer.to_json() for layer in self.layers],
            "weights": [{"from": w.source, "to": w.target, "matrix": w.matrix.tolist()} for w in self.weights],
            "biases": [self.bias[part].tolist() for part in self.slices],
            "time_constants": [
                self.tau[part].tolist() if layer.separable else float(self.tau[part][0])
                for layer, part in zip(self.layers, self.slices)
            ],
            "symmetric": self._symmetric_asked,
        }

    @cached_property
    def slices(self) -> tuple[slice, ...]:
        """The part of the state that belongs to each layer."""
        ends = [0]
        for layer in self.layers:
            ends.append(ends[-1] + layer.size)
        return tuple(slice(a, b) for a, b in itertools.pairwise(ends))

    @property
    def size(self) -> int:
        """Neurons of all layers."""
        return sum(layer.size for layer in self.layers)

    @cached_property
    def matrix(self) -> np.ndarray:
        """W, assembled: size × size, ``W[to, from]``."""
        import numpy as np

        W = np.zeros((self.size, self.size))
        for w in self.weights:
            W[self.slices[w.target], self.slices[w.source]] += w.matrix
        return W

    @cached_property
    def symmetric(self) -> bool:
        """Whether W is symmetric, so that the net has an energy."""
        pairs = {(w.target, w.source): w.matrix for w in self.weights}
        checked = self._symmetric_asked  # lateral matrices have been, then
        return all((checked and s == t) or _same(m, pairs.get((s, t)), m.shape) for (t, s), m in pairs.items())

    @property
    def convex(self) -> bool:
        """Whether every layer's Lagrangian is convex."""
        return all(layer.convex for layer in self.layers)

    def states(self, x: Any) -> np.ndarray:
        """States as an array of shape (..., size)."""
        import numpy as np

        try:
            states = np.asarray(x, dtype=float)
        except Exception:  # ragged lists, and objects whose conversion fails
            raise InputError(f"x={shown(x)}: must be an array of numbers of shape (..., {self.size})") from None
        if states.ndim < 1 or states.shape[-1] != self.size:
            raise InputError(f"x has shape {states.shape}: the last axis must have the {self.size} fields of all layers")
        return states

    def activation(self, x: Any) -> np.ndarray:
        """g of states (..., size): the same shape; not finite where a layer has a singular point."""
        import numpy as np

        x = self.states(x)
        return np.concatenate([layer.numbers.activation(x[..., part]) for layer, part in zip(self.layers, self.slices)], -1)

    def feedback(self, g: np.ndarray) -> np.ndarray:
        """W g of activations (..., size), layer by layer."""
        import numpy as np

        result = np.zeros_like(g)
        for w in self.weights:
            result[..., self.slices[w.target]] += g[..., self.slices[w.source]] @ w.matrix.T
        return result

    def drive(self, x: Any) -> np.ndarray:
        """W g(x) + b − x: zero at fixed points and nowhere else, whatever the energy does."""
        x = self.states(x)
        return self.feedback(self.activation(x)) + self.bias - x

    def scale(self, x: Any) -> np.ndarray:
        """Largest term of the drive, |W| |g| of a neuron, |b| or |x|, of states (..., size): what a residual is measured by."""
        import numpy as np

        x = self.states(x)
        terms = np.abs(self.activation(x)) @ np.abs(self.matrix).T
        return np.asarray(np.maximum(terms, np.maximum(np.abs(self.bias), np.abs(x))).max(-1))

    def velocity(self, x: Any) -> np.ndarray:
        """ẋ = (W g(x) + b − x)/τ."""
        return self.drive(x) / self.tau

    def energy(self, x: Any) -> np.ndarray:
        """E = (x − b)·g − L − g·W g/2 of states (..., size): shape (...).

        Raises
        ------
        InputError
            For weights that are not symmetric: they have none.
        """
        import numpy as np

        if not self.symmetric:
            raise InputError("weights: are not symmetric; the network has no energy of this form")
        x = self.states(x)
        g = self.activation(x)
        L = sum(layer.value(x[..., part]) for layer, part in zip(self.layers, self.slices))
        return np.asarray(((x - self.bias) * g).sum(-1) - L - 0.5 * (g * self.feedback(g)).sum(-1))

    def hessian(self, x: Any) -> np.ndarray:
        """H = ∂g/∂x of states (..., size), block diagonal: (..., size, size)."""
        import numpy as np

        x = self.states(x)
        H = np.zeros((*x.shape, self.size))
        for layer, part in zip(self.layers, self.slices):
            H[..., part, part] = hessian_of(layer.numbers, x[..., part])
        return H

    def _checked_weights(self, entries: Sequence[Any], symmetric: bool) -> tuple[Weight, ...]:
        given: dict[tuple[int, int], np.ndarray] = {}
        for entry in entries:
            if not isinstance(entry, Mapping) or not {"from", "to"} <= entry.keys():
                raise InputError(f'weights: {shown(entry)} must be an object with "from", "to" and "matrix" (or "kernel")')
            source, target = (self._layer_index(entry, key) for key in ("from", "to"))
            name = f"weights from {source} to {target}"
            for key in entry:
                if key not in ("from", "to", "matrix", "kernel", "stride"):
                    raise InputError(f"{name}: {shown(key)}: there is no such entry; there are from, to, matrix, kernel, stride")
            if (source, target) in given:
                raise InputError(f"{name}: given twice")
            shape = (self.layers[target].size, self.layers[source].size)
            if "stride" in entry and "kernel" not in entry:
                raise InputError(f"{name}: stride belongs to a kernel, and there is none")
            if "kernel" in entry:
                matrix = convolution(entry["kernel"], shape[1], entry.get("stride", 1), name)
            else:
                matrix = _array(f"{name}: matrix", entry.get("matrix"), 2)
            if matrix.shape != shape:
                raise InputError(
                    f"{name}: the matrix is {matrix.shape[0]} x {matrix.shape[1]}; it must be size_to x size_from, "
                    f"{shape[0]} x {shape[1]}"
                )
            if source == target and symmetric and not _same(matrix, matrix, shape):
                worst = float(abs(matrix - matrix.T).max())
                raise InputError(
                    f"{name}: the matrix is not symmetric (largest difference {worst:.3g}); it must be, unless "
                    '"symmetric": false says that the net has no energy'
                )
            given[source, target] = matrix
        feedback = {(t, s): m.T for (s, t), m in given.items() if (t, s) not in given}
        return tuple(Weight(s, t, m) for (s, t), m in {**given, **feedback}.items())

    def _layer_index(self, entry: Mapping[str, Any], key: str) -> int:
        value = entry[key]
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < len(self.layers):
            raise InputError(f"weights: {key}={shown(value)} must be the number of a layer, 0 to {len(self.layers) - 1}")
        return value

    def _checked_biases(self, biases: Any) -> np.ndarray:
        import numpy as np

        parts = []
        for k, (layer, given) in enumerate(zip(self.layers, self._one_each("biases", biases))):
            b = np.zeros(layer.size) if given is None else _array(f"biases of layer {k}", given, 1)
            if b.shape != (layer.size,):
                raise InputError(f"biases of layer {k}: {b.size} numbers; the layer has {layer.size} neurons")
            parts.append(b)
        return np.concatenate(parts)

    def _checked_time_constants(self, constants: Any) -> np.ndarray:
        import numpy as np

        parts = []
        for k, (layer, given) in enumerate(zip(self.layers, self._one_each("time_constants", constants))):
            name = f"time_constants of layer {k}"
            value = 1.0 if given is None else given
            if np.isscalar(value) and not _number(value):
                raise InputError(f"{name}: {shown(value)} must be a number or a list of numbers")
            tau = _array(name, [value] * layer.size if np.isscalar(value) else value, 1)
            if tau.shape != (layer.size,):
                raise InputError(f"{name}: {tau.size} numbers; give one, or one for each of {layer.size} neurons")
            if not np.all(tau > 0):
                raise InputError(f"{name}: {float(tau.min())} must be positive")
            if tau.min() < 1 / _LARGEST:
                raise InputError(f"{name}: {float(tau.min())} is too small; at least {1 / _LARGEST:.0e} can be computed with")
            if not layer.separable and np.ptp(tau) > 0:
                raise InputError(
                    f"{name}: different values within {layer.name}, whose neurons see each other, let the energy rise; "
                    "give one number"
                )
            parts.append(tau)
        return np.concatenate(parts)

    def _one_each(self, name: str, values: Any) -> Sequence[Any]:
        if values is None:
            return [None] * len(self.layers)
        values = _sequence(name, values)
        if len(values) != len(self.layers):
            raise InputError(f"{name}: {len(values)} entries; there are {len(self.layers)} layers")
        return values


def check_network(net: Any) -> None:
    """Refuse what is no network."""
    if not isinstance(net, Network):
        raise InputError(f"net={shown(net)}: must be a Network")


def convolution(kernel: Any, size: int, stride: int = 1, name: str = "kernel") -> np.ndarray:
    """The matrix of a periodic convolution in one dimension.

    Parameters
    ----------
    kernel : array_like
        channels out × channels in × width.
    size : int
        Neurons of the source: channels in × length, channel by channel.
    stride : int
        Divides the length.
    name : str
        What errors call it.

    Returns
    -------
    ndarray
        (channels out × length/stride) × size.

    Raises
    ------
    InputError
        For shapes that do not fit.
    """
    import numpy as np

    weights = _array(f"{name}: kernel", kernel, 3)
    out, channels, width = weights.shape
    if isinstance(stride, bool) or not isinstance(stride, int) or stride < 1:
        raise InputError(f"{name}: stride={shown(stride)} must be an integer of at least 1")
    length, rest = divmod(size, channels)
    if rest or length % stride or width > length:
        raise InputError(
            f"{name}: a kernel of {channels} channels, width {width} and stride {stride} does not fit {size} neurons"
        )
    matrix = np.zeros((out, length // stride, channels, length))
    for position in range(length // stride):
        for offset in range(width):
            matrix[:, position, :, (position * stride + offset) % length] += weights[:, :, offset]
    return matrix.reshape(out * (length // stride), size)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of a document, whose names must differ."""
    document = dict(pairs)
    if len(document) < len(pairs):
        names = [key for key, _ in pairs]
        raise ValueError(f"{next(key for key in names if names.count(key) > 1)!r} is given twice")
    return document


def _sequence(name: str, value: Any) -> Sequence[Any]:
    if isinstance(value, str | bytes | Mapping) or not hasattr(value, "__len__"):
        raise InputError(f"{name}={shown(value)}: must be a list")
    try:
        return list(value)
    except Exception:  # whatever an object's own iteration raises
        raise InputError(f"{name}={shown(value)}: must be a list") from None


def _layer(k: int, entry: Any) -> Lagrangian:
    if isinstance(entry, Lagrangian):
        return entry
    if not isinstance(entry, Mapping) or not {"lagrangian", "size"} <= entry.keys():
        raise InputError(f'layer {k}: {shown(entry)} must be an object with "lagrangian" and "size"')
    parameters = {key: value for key, value in entry.items() if key not in ("lagrangian", "size")}
    if "name" in parameters:
        raise InputError(f"layer {k}: name={shown(parameters['name'])}: a layer has no such entry")
    if not isinstance(entry["lagrangian"], str):
        raise InputError(f"layer {k}: lagrangian={entry['lagrangian']!r} must be a name or an expression")
    try:
        return Lagrangian(entry["lagrangian"], entry["size"], **parameters)
    except InputError as error:
        raise InputError(f"layer {k}: {error}") from None


def _array(name: str, value: Any, dimensions: int) -> np.ndarray:
    """Finite numbers in a regular array."""
    import numpy as np

    kinds = {1: "a list of numbers", 2: "a list of rows of equal length", 3: "a list of lists of rows of equal length"}
    given = value if isinstance(value, np.ndarray) else None
    try:
        given = np.array(value, dtype=object) if given is None else given
        if given.dtype == object and not all(_number(v) for v in given.flat):
            raise TypeError
        array = np.array(value, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"{name}: must be {kinds[dimensions]}") from None
    except OverflowError:
        raise InputError(f"{name}: holds a number that is too large") from None
    if array.ndim != dimensions or array.size == 0 or given.dtype == bool:
        raise InputError(f"{name}: must be {kinds[dimensions]}")
    infinite = array[~np.isfinite(array)]
    if infinite.size:
        raise InputError(f"{name}: {infinite.flat[0]} is not a finite number")
    largest = float(np.abs(array).max())
    if largest > _LARGEST:
        raise InputError(f"{name}: {largest:.3g} is too large; at most {_LARGEST:.0e} can be computed with")
    return array


def _number(value: Any) -> bool:
    """Whether a value is a number and no truth value."""
    import numbers

    import numpy as np

    return isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_)


def _same(matrix: np.ndarray, feedback: np.ndarray | None, shape: tuple[int, ...]) -> bool:
    """Whether feedback is the transpose, to rounding."""
    if feedback is None or feedback.shape != shape[::-1]:
        return False
    return bool(abs(matrix - feedback.T).max() <= _SYMMETRIC * max(1.0, float(abs(matrix).max())))
