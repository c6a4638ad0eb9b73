"""Networks of numbers, to any precision: what the theorems are compared with.

Lagrangians and activations in mpmath, energies, velocities, Jacobians by numerical differentiation, fixed points by
Newton's method, trajectories by extrapolation, conjugates by maximisation. States, weights and biases are arrays of mpmath
numbers. Nothing here knows a statement of a theorem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import mpmath as mp
import numpy as np

Vector = Any


def _each(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The function, entry by entry of an array."""
    return np.vectorize(f, otypes=[object])


def array(numbers: Any) -> Any:
    """An array of mpmath numbers from a number, nested lists or a matrix, whose single column becomes a vector."""
    if isinstance(numbers, mp.matrix):
        numbers = list(numbers) if numbers.cols == 1 else numbers.tolist()
    return _each(mp.mpf)(numbers)


def draws(key: str, *shape: int, low: float = -1.5, high: float = 1.5) -> Any:
    """Array of random multiples of 1/256, the same for the same key."""
    rng = np.random.default_rng(np.random.SeedSequence(list(key.encode())))
    return array(np.round(256 * rng.uniform(low, high, size=shape))) / 256


def symmetrised(matrix: Any) -> Any:
    """(M + Mᵀ)/2."""
    return (matrix + matrix.T) / 2


class Net:
    """T ẋ = W g(x) + b − x with blocks of neurons, each with a Lagrangian of its own.

    Parameters
    ----------
    blocks : sequence of (kind, size)
        Kinds: identity, relu, clip (to ±3/2), tanh, softmax, ghostmax, spherical, and the non-convex wavy x²/2 + 2cos x;
        quartic is x⁴/4.
    weights : nested lists (n, n)
        ``weights[to][from]``.
    biases, time_constants : lists (n,)
    """

    def __init__(self, blocks: Sequence[tuple[str, int]], weights: Any, biases: Any, time_constants: Any = None) -> None:
        self.blocks = tuple(blocks)
        self.W, self.b = array(weights), array(biases)
        self.n = len(self.b)
        self.tau = array([1] * self.n if time_constants is None else time_constants)

    def _parts(self, x: Vector) -> Iterator[tuple[str, Vector]]:
        ends = np.cumsum([size for _, size in self.blocks])
        return zip((kind for kind, _ in self.blocks), np.split(x, ends[:-1]))

    def lagrangians(self, x: Vector) -> Vector:
        """L of every block."""
        return array([_LAGRANGIANS[kind][0](z) for kind, z in self._parts(x)])

    def lagrangian(self, x: Vector) -> Any:
        """L(x)."""
        return self.lagrangians(x).sum()

    def activation(self, x: Vector) -> Vector:
        """g(x) in closed form."""
        return np.concatenate([_LAGRANGIANS[kind][1](z) for kind, z in self._parts(x)])

    def hessian(self, x: Vector) -> Any:
        """H(x): numerical differentiation of g."""
        return jacobian(self.activation, x)

    def fields(self, y: Vector) -> Vector:
        """W y + b."""
        return self.W @ y + self.b

    def drive(self, x: Vector) -> Vector:
        """W g(x) + b − x."""
        return self.fields(self.activation(x)) - x

    def velocity(self, x: Vector) -> Vector:
        """ẋ."""
        return self.drive(x) / self.tau

    def energy(self, x: Vector) -> Any:
        """(x − b)·g − L − g·Wg/2."""
        g = self.activation(x)
        return (x - self.b) @ g - self.lagrangian(x) - g @ self.W @ g / 2

    def rate_activation(self, y: Vector) -> Vector:
        """ẏ of the firing-rate form: g(W y + b) − y."""
        return self.activation(self.fields(y)) - y

    def conjugate(self, y: Vector) -> Any:
        """sup_z y·z − L(z), block by block, by maximisation from elsewhere."""
        return mp.fsum(_supremum(*_LAGRANGIANS[kind], z) for kind, z in self._parts(y))

    def pinned(self, x: Any) -> Net:
        """The same net with biases that make x a steady state."""
        x = array(x)
        return Net(self.blocks, self.W, x - self.W @ self.activation(x), self.tau)


def random_net(
    key: str, blocks: Sequence[tuple[str, int]], skew: bool = False, mixed_times: bool = False, strength: float = 1.0
) -> Net:
    """A net of random numbers, the same for the same key.

    Parameters
    ----------
    skew : bool
        Leave the weights as drawn, not symmetric.
    mixed_times : bool
        A time constant for every neuron instead of one for every block.
    """
    sizes = [size for _, size in blocks]
    n = sum(sizes)
    drawn, tau = draws(f"{key} W", n, n), draws(f"{key} tau", n, low=0.5, high=3)
    W = mp.mpf(strength) * (drawn if skew else symmetrised(drawn))
    return Net(blocks, W, draws(f"{key} b", n), tau if mixed_times else np.repeat(tau[:len(sizes)], sizes))


def layered(up: Any, down: Any = None) -> Any:
    """Weights of two layers: ``up`` to the second, and ``down`` to the first, which is the transpose unless given."""
    to_first, to_second = np.zeros((up.shape[1],) * 2, dtype=int), np.zeros((up.shape[0],) * 2, dtype=int)
    return np.block([[to_first, up.T if down is None else down], [up, to_second]])


def slope(f: Callable[[Vector], Any], x: Vector, direction: Any) -> Any:
    """Derivative of f at x in a direction, numerically."""
    return mp.diff(lambda s: f(array(x) + s * array(direction)), 0)


def gradient(f: Callable[[Vector], Any], x: Vector) -> Any:
    """∂f/∂x_i, numerically."""
    return array([slope(f, x, direction) for direction in np.eye(len(x), dtype=int)])


def jacobian(f: Callable[[Vector], Vector], x: Vector) -> Any:
    """∂f_i/∂x_j, numerically."""
    return mp.matrix(gradient(f, x).T)


def second(f: Callable[[Vector], Any], x: Vector) -> Any:
    """Matrix of second derivatives of a scalar function, numerically."""
    axes = np.eye(len(x), dtype=int)
    return mp.matrix([[mp.diff(lambda *z: f(array(z)), list(x), list(i + j)) for j in axes] for i in axes])


def root(f: Callable[[Vector], Vector], start: Any) -> Vector:
    """Newton's method with a numerical Jacobian, damped; at a precision above the working one."""
    with mp.workdps(mp.mp.dps + 10):
        return array(mp.findroot(lambda *z: list(f(array(z))), list(start), J=lambda *z: jacobian(f, z), maxsteps=200))


def flow(f: Callable[[Vector], Vector], x: Any, time: Any, step: float = 0.25, levels: int = 13) -> Vector:
    """x(time) of ẋ = f(x): extrapolation of the modified midpoint rule (Gragg, Bulirsch, Stoer)."""
    count = max(1, int(mp.ceil(mp.mpf(time) / step)))
    h = mp.mpf(time) / count
    state = array(x)
    for _ in range(count):
        before: list[Vector] = []
        for k in range(1, levels + 1):
            row = [_midpoint(f, state, h, 2 * k)]
            for j in range(1, k):
                row.append(row[-1] + (row[-1] - before[j - 1]) / ((mp.mpf(k) / (k - j)) ** 2 - 1))
            before = row
        state = before[-1]
    return state


def settled(f: Callable[[Any], Any], x: Any, time: float, step: float = 0.02) -> Any:
    """The same in double precision by the classical Runge–Kutta rule: for kinks, and where only the fate matters."""
    for _ in range(round(time / step)):
        k1 = f(x)
        k2 = f(x + step / 2 * k1)
        k3 = f(x + step / 2 * k2)
        x = x + step / 6 * (k1 + 2 * k2 + 2 * k3 + f(x + step * k3))
    return x


def _midpoint(f: Callable[[Vector], Vector], x: Vector, h: Any, count: int) -> Vector:
    sub = h / count
    before, now = x, x + sub * f(x)
    for _ in range(count - 1):
        before, now = now, before + 2 * sub * f(now)
    return (before + now + sub * f(now)) / 2


def _supremum(lagrangian: Callable[[Vector], Any], activation: Callable[[Vector], Vector], y: Vector) -> Any:
    """Newton ascent on y·z − L(z) in the range of the Hessian, from the best of a few starts."""
    def value(z: Vector) -> Any:
        return y @ z - lagrangian(z)

    places = [mp.mpf(2 * k + 1) / 8 for k in range(-32, 32)]
    z = max((mp.mpf(1) / 16 + s * axis for axis in np.eye(len(y), dtype=int) for s in places), key=value)
    for _ in range(100):
        gain = y - activation(z)
        if mp.norm(gain) < mp.mpf(10) ** (5 - mp.mp.dps):
            break
        curvatures, vectors = mp.eigsy(jacobian(activation, z))
        inverse = mp.diag([1 / abs(c) if abs(c) > mp.mpf(10) ** -15 else 0 for c in curvatures])
        step = array(vectors * inverse * vectors.T * mp.matrix(gain))
        while mp.norm(step) > 1e-9 * mp.norm(gain) and value(z + step) < value(z):
            step = step / 2
        z = z + step
    return value(z)


_positive = _each(lambda a: max(a, mp.mpf(0)))
_clipped = _each(lambda a: min(max(a, -mp.mpf(3) / 2), mp.mpf(3) / 2))


def _softmax(z: Vector, ghost: int = 0) -> Vector:
    weights = _each(mp.exp)(z - max(z))
    return weights / (weights.sum() + ghost * mp.exp(-max(z)))


def _log_sum(z: Vector, ghost: int = 0) -> Any:
    return mp.log(_each(mp.exp)(z).sum() + ghost)


_LAGRANGIANS: dict[str, tuple[Callable[[Vector], Any], Callable[[Vector], Vector]]] = {
    "identity": (lambda z: z @ z / 2, lambda z: z),
    "relu": (lambda z: _positive(z) @ _positive(z) / 2, _positive),
    "clip": (lambda z: z @ _clipped(z) - _clipped(z) @ _clipped(z) / 2, _clipped),
    "tanh": (lambda z: _each(lambda a: mp.log(mp.cosh(a)))(z).sum(), _each(mp.tanh)),
    "softmax": (_log_sum, _softmax),
    "ghostmax": (lambda z: _log_sum(z, 1), lambda z: _softmax(z, 1)),
    "spherical": (lambda z: mp.sqrt(z @ z), lambda z: z / mp.sqrt(z @ z)),
    "wavy": (lambda z: z @ z / 2 + 2 * _each(mp.cos)(z).sum(), lambda z: z - 2 * _each(mp.sin)(z)),
    "quartic": (lambda z: (z**4).sum() / 4, lambda z: z**3),
}
