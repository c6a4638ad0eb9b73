"""Networks of numbers, to any precision: what the theorems are compared with.

Lagrangians and activations in mpmath, energies, velocities, Jacobians by numerical differentiation, fixed points by
Newton's method, trajectories by extrapolation, conjugates by maximisation. Nothing here knows a statement of a theorem.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath as mp
import numpy as np

Vector = list[Any]

_DIGITS = 60


def draws(key: str, *shape: int, low: float = -1.5, high: float = 1.5) -> Any:
    """Nested lists of random multiples of 1/256, the same for the same key."""
    rng = np.random.default_rng(np.random.SeedSequence(list(key.encode())))
    numbers = np.asarray(np.round(256 * rng.uniform(low, high, size=shape)), dtype=int)
    return np.vectorize(lambda k: mp.mpf(int(k)) / 256, otypes=[object])(numbers).tolist()


def symmetrised(matrix: Sequence[Sequence[Any]]) -> list[Vector]:
    """(M + Mᵀ)/2."""
    n = len(matrix)
    return [[(mp.mpf(matrix[i][j]) + mp.mpf(matrix[j][i])) / 2 for j in range(n)] for i in range(n)]


class Net:
    """T ẋ = W g(x) + b − x with blocks of neurons, each with a Lagrangian of its own.

    Parameters
    ----------
    blocks : sequence of (kind, size)
        Kinds: identity, relu, clip (to ±3/2), tanh, softmax, ghostmax, spherical, layernorm (ε = 3/8), and the non-convex wavy
        x²/2 + 2cos x; quartic is x⁴/4.
    weights : nested lists (n, n)
        ``weights[to][from]``.
    biases, time_constants : lists (n,)
    """

    def __init__(self, blocks: Sequence[tuple[str, int]], weights: Any, biases: Any, time_constants: Any = None) -> None:
        with mp.workdps(_DIGITS):
            self.blocks = tuple(blocks)
            self.n = sum(size for _, size in blocks)
            self.W = [[mp.mpf(w) for w in row] for row in weights]
            self.b = [mp.mpf(x) for x in biases]
            self.tau = [mp.mpf(t) for t in time_constants] if time_constants is not None else [mp.mpf(1)] * self.n

    def _parts(self, x: Sequence[Any]) -> list[tuple[str, Vector]]:
        parts, start = [], 0
        for kind, size in self.blocks:
            parts.append((kind, list(x[start:start + size])))
            start += size
        return parts

    def lagrangian(self, x: Sequence[Any]) -> Any:
        """L(x)."""
        return mp.fsum(_LAGRANGIANS[kind][0](z) for kind, z in self._parts(x))

    def activation(self, x: Sequence[Any]) -> Vector:
        """g(x) in closed form."""
        return [y for kind, z in self._parts(x) for y in _LAGRANGIANS[kind][1](z)]

    def hessian(self, x: Sequence[Any]) -> Any:
        """H(x): numerical differentiation of g."""
        return jacobian(self.activation, x)

    def drive(self, x: Sequence[Any]) -> Vector:
        """W g(x) + b − x."""
        return [a + c - z for a, c, z in zip(times(self.W, self.activation(x)), self.b, x)]

    def velocity(self, x: Sequence[Any]) -> Vector:
        """ẋ."""
        return [r / t for r, t in zip(self.drive(x), self.tau)]

    def energy(self, x: Sequence[Any]) -> Any:
        """(x − b)·g − L − g·Wg/2."""
        g = self.activation(x)
        return dot([z - c for z, c in zip(x, self.b)], g) - self.lagrangian(x) - dot(g, times(self.W, g)) / 2

    def rate_activation(self, y: Sequence[Any]) -> Vector:
        """ẏ of the firing-rate form: g(W y + b) − y."""
        u = [a + c for a, c in zip(times(self.W, y), self.b)]
        return [a - c for a, c in zip(self.activation(u), y)]

    def fixed_point(self, start: Sequence[Any]) -> Vector:
        """The root of the drive to which Newton's method goes from ``start``."""
        return root(self.drive, start)

    def conjugate(self, y: Sequence[Any]) -> Any:
        """sup_z y·z − L(z), block by block, by maximisation from elsewhere."""
        start, total = 0, mp.mpf(0)
        for kind, size in self.blocks:
            total += _supremum(*_LAGRANGIANS[kind], list(y[start:start + size]))
            start += size
        return total


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
    n = sum(size for _, size in blocks)
    with mp.workdps(_DIGITS):
        drawn = draws(f"{key} W", n, n)
        W = [[mp.mpf(strength) * w for w in row] for row in (drawn if skew else symmetrised(drawn))]
        tau = draws(f"{key} tau", n, low=0.5, high=3)
        if not mixed_times:
            tau = [tau[k] for k, (_, size) in enumerate(blocks) for _ in range(size)]
        return Net(blocks, W, draws(f"{key} b", n), tau)


def dot(a: Sequence[Any], b: Sequence[Any]) -> Any:
    """a·b."""
    return mp.fsum(x * y for x, y in zip(a, b, strict=True))


def times(matrix: Sequence[Sequence[Any]], x: Sequence[Any]) -> Vector:
    """Matrix times vector."""
    return [dot(row, x) for row in matrix]


def shifted(x: Sequence[Any], s: Any, direction: Sequence[Any]) -> Vector:
    """x + s d."""
    return [a + s * d for a, d in zip(x, direction, strict=True)]


def slope(f: Callable[[Vector], Any], x: Sequence[Any], direction: Sequence[Any], order: int = 1) -> Any:
    """Derivative of f at x in a direction, numerically."""
    return mp.diff(lambda s: f(shifted(x, s, direction)), 0, order)


def unit(n: int, i: int) -> Vector:
    """The i-th unit vector."""
    return [mp.mpf(int(i == j)) for j in range(n)]


def jacobian(f: Callable[[Vector], Vector], x: Sequence[Any]) -> Any:
    """∂f_i/∂x_j: central differences whose step is so small that they are exact at the working precision."""
    n = len(x)
    digits = mp.mp.dps
    with mp.workdps(3 * digits + 15):
        h = mp.mpf(10) ** (-digits - 5)
        columns = [[(p - m) / (2 * h) for p, m in zip(f(shifted(x, h, unit(n, j))), f(shifted(x, -h, unit(n, j))))]
                   for j in range(n)]
        result = mp.matrix(len(columns[0]), n)
        for j, column in enumerate(columns):
            for i, value in enumerate(column):
                result[i, j] = value
    return result


def second(f: Callable[[Vector], Any], x: Sequence[Any]) -> Any:
    """Matrix of second derivatives of a scalar function, numerically."""
    n = len(x)
    digits = mp.mp.dps
    result = mp.matrix(n, n)
    with mp.workdps(4 * digits + 15):
        h = mp.mpf(10) ** (-digits - 5)
        for i in range(n):
            for j in range(i, n):
                corner = [f(shifted(shifted(x, a * h, unit(n, i)), c * h, unit(n, j))) for a in (1, -1) for c in (1, -1)]
                result[i, j] = result[j, i] = (corner[0] - corner[1] - corner[2] + corner[3]) / (4 * h * h)
    return result


def root(f: Callable[[Vector], Vector], start: Sequence[Any]) -> Vector:
    """Newton's method with a numerical Jacobian, damped; at a precision above the working one."""
    with mp.workdps(mp.mp.dps + 10):
        x = [mp.mpf(z) for z in start]
        size = mp.norm(f(x))
        for _ in range(200):
            if size < mp.mpf(10) ** (-mp.mp.dps + 5):
                return x
            step = mp.lu_solve(jacobian(f, x), mp.matrix(f(x)))
            fraction = mp.mpf(1)
            while True:
                tried = [z - fraction * d for z, d in zip(x, step)]
                if mp.norm(f(tried)) < size or fraction < 1e-6:
                    break
                fraction /= 2
            x, size = tried, mp.norm(f(tried))
    raise ArithmeticError("Newton's method found no root")


def flow(f: Callable[[Vector], Vector], x: Sequence[Any], time: Any, step: float = 0.25, levels: int = 13) -> Vector:
    """x(time) of ẋ = f(x): extrapolation of the modified midpoint rule (Gragg, Bulirsch, Stoer)."""
    count = max(1, int(mp.ceil(mp.mpf(time) / step)))
    h = mp.mpf(time) / count
    state = [mp.mpf(z) for z in x]
    for _ in range(count):
        rows: list[list[Vector]] = []
        for k in range(1, levels + 1):
            row = [_midpoint(f, state, h, 2 * k)]
            for j in range(1, k):
                ratio = (mp.mpf(k) / (k - j)) ** 2 - 1
                row.append([a + (a - c) / ratio for a, c in zip(row[j - 1], rows[k - 2][j - 1])])
            rows.append(row)
        state = rows[-1][-1]
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
    before, now = x, shifted(x, sub, f(x))
    for _ in range(count - 1):
        before, now = now, shifted(before, 2 * sub, f(now))
    return [(a + c + sub * d) / 2 for a, c, d in zip(before, now, f(now))]


def _supremum(lagrangian: Callable[[Vector], Any], activation: Callable[[Vector], Vector], y: Vector) -> Any:
    """Newton ascent on y·z − L(z) in the range of the Hessian, from the best of a few starts."""
    grid = [mp.mpf(2 * k + 1) / 8 for k in range(-32, 32)]
    z = max(([mp.mpf(1) / 16 + s * d for d in unit(len(y), i)] for i in range(len(y)) for s in grid),
            key=lambda z: dot(y, z) - lagrangian(z))
    for _ in range(100):
        gain = [a - c for a, c in zip(y, activation(z))]
        if mp.norm(gain) < mp.mpf(10) ** (5 - mp.mp.dps):
            break
        values, vectors = mp.eigsy(jacobian(activation, z))
        step = [mp.mpf(0)] * len(y)
        for k in range(len(y)):
            if abs(values[k]) > mp.mpf(10) ** -15:
                along = mp.fsum(vectors[i, k] * gain[i] for i in range(len(y))) / abs(values[k])
                step = [a + along * vectors[i, k] for i, a in enumerate(step)]
        fraction = mp.mpf(1)
        here = dot(y, z) - lagrangian(z)
        while fraction > 1e-9 and dot(y, shifted(z, fraction, step)) - lagrangian(shifted(z, fraction, step)) < here:
            fraction /= 2
        z = shifted(z, fraction, step)
    return dot(y, z) - lagrangian(z)


def _positive(z: Any) -> Any:
    return z if z > 0 else mp.mpf(0)


def _softmax(z: Vector, ghost: int = 0) -> Vector:
    largest = max(z)
    weights = [mp.exp(a - largest) for a in z]
    total = mp.fsum(weights) + ghost * mp.exp(-largest)
    return [w / total for w in weights]


def _log_sum(z: Vector, ghost: int = 0) -> Any:
    return mp.log(mp.fsum(mp.exp(a) for a in z) + ghost)


_EPSILON = mp.mpf(3) / 8
_CEILING = mp.mpf(3) / 2


def _centred(z: Vector) -> tuple[Vector, Any]:
    mean = mp.fsum(z) / len(z)
    c = [a - mean for a in z]
    return c, mp.sqrt(dot(c, c) / len(z) + _EPSILON)


def _norm(z: Vector) -> Any:
    return mp.sqrt(dot(z, z))


_LAGRANGIANS: dict[str, tuple[Callable[[Vector], Any], Callable[[Vector], Vector]]] = {
    "identity": (lambda z: dot(z, z) / 2, lambda z: list(z)),
    "relu": (lambda z: mp.fsum(_positive(a) ** 2 for a in z) / 2, lambda z: [_positive(a) for a in z]),
    "clip": (
        lambda z: mp.fsum(a**2 / 2 if abs(a) < _CEILING else _CEILING * abs(a) - _CEILING**2 / 2 for a in z),
        lambda z: [min(max(a, -_CEILING), _CEILING) for a in z],
    ),
    "tanh": (lambda z: mp.fsum(mp.log(mp.cosh(a)) for a in z), lambda z: [mp.tanh(a) for a in z]),
    "softmax": (_log_sum, _softmax),
    "ghostmax": (lambda z: _log_sum(z, 1), lambda z: _softmax(z, 1)),
    "spherical": (_norm, lambda z: [a / _norm(z) for a in z]),
    "layernorm": (
        lambda z: len(z) * _centred(z)[1],
        lambda z: [a / _centred(z)[1] for a in _centred(z)[0]],
    ),
    "wavy": (
        lambda z: mp.fsum(a**2 / 2 + 2 * mp.cos(a) for a in z),
        lambda z: [a - 2 * mp.sin(a) for a in z],
    ),
    "quartic": (lambda z: mp.fsum(a**4 for a in z) / 4, lambda z: [a**3 for a in z]),
}
