"""Gaussian averages of functions that are steep somewhere.

Gauss–Legendre panels whose edges are fixed ones plus ones graded around each place where the integrand turns over a width
w: 1, 2, 7 and 20 widths away a hyperbolic tangent has saturated. One rule serves every temperature; its error falls
exponentially in the points per panel and is estimated by adding some. Functions that need not saturate have panels
graded over all scales, halved until each is resolved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from scipy.special import ive

from dammech.declared.kernels import Kernel

#: points per panel of the working rule and of the one that estimates its error
ORDER, CHECK_ORDER = 16, 25

REACH = 9.0
LARGEST_TILT = 40.0
_GRADES = np.array([-20.0, -7.0, -2.0, 0.0, 2.0, 7.0, 20.0])


@cache
def _legendre(order: int) -> tuple[np.ndarray, np.ndarray]:
    return np.polynomial.legendre.leggauss(order)


@cache
def _plain(order: int, panels: int) -> tuple[np.ndarray, np.ndarray]:
    edges = np.linspace(-REACH, REACH, panels + 1)
    return _on_panels(edges, order)


@cache
def ages(kernel: str, exponent: float | None, moment: float, order: int = ORDER) -> tuple[np.ndarray, np.ndarray]:
    """Weights λ of a stream's patterns and their measure du/G, for functions that vanish like λ²; the moment is G.

    The age is u = exp(π/2 sinh t), with a step in t that falls with ``order``: what a kernel does at both ends is forgiven.
    """
    shape = Kernel(kernel, exponent)
    if shape.flat:
        return np.ones(1), np.ones(1)
    step = 1.12 / order
    t = np.arange(-int(4.2 / step), int(6.1 / step) + 1) * step
    u = np.exp(np.pi / 2 * np.sinh(t))
    with np.errstate(all="ignore"):
        weight = shape.weight(u)
    measure = step * np.pi / 2 * np.cosh(t) * u / moment
    kept = weight**2 * measure > 1e-19
    return weight[kept], measure[kept]


def _on_panels(edges: np.ndarray, order: int, origin: Any = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and Gaussian weights between edges that are measured from ``origin``."""
    x, w = _legendre(order)
    half = (edges[..., 1:] - edges[..., :-1]) / 2
    middle = (edges[..., 1:] + edges[..., :-1]) / 2
    shape = (*edges.shape[:-1], (edges.shape[-1] - 1) * x.size)
    z = (middle[..., None] + half[..., None] * x).reshape(shape)
    weights = (half[..., None] * w).reshape(shape) * np.exp(-((z + origin) ** 2) / 2) / np.sqrt(2 * np.pi)
    return z, weights


def arguments(a: Any, b: Any, order: int = ORDER) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The argument x = a + b z of a steep function at nodes that are dense where it vanishes.

    Nodes are measured from that place, so that the argument keeps its digits however steep the function is.

    Returns
    -------
    x, weights, z, b : arrays
    """
    a, b = np.broadcast_arrays(np.asarray(a, dtype=float), np.asarray(b, dtype=float))
    size = np.abs(b)
    centre = np.where(size > 1e-12, -a / np.where(size > 1e-12, b, 1.0), 0.0)
    near = (size > 1e-12) & (np.abs(centre) < 1e3)
    origin = np.where(near, centre, 0.0)[..., None]
    width = np.minimum(1 / np.maximum(size, 1e-3), 1e3)[..., None]
    marks = np.clip(np.where(near, 0.0, centre)[..., None] + width * _GRADES, -REACH - origin, REACH - origin)
    edges = np.concatenate([np.linspace(-1.0, 1.0, 7) * REACH - origin, marks], axis=-1)
    z, weights = _on_panels(np.sort(edges, axis=-1), order, origin)
    b = b[..., None]
    return np.where(near, 0.0, a)[..., None] + b * z, weights, origin + z, b


def nodes(
    lines: list[tuple[Any, Any]], order: int = ORDER, tilt: Any = None
) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights for a standard Gaussian, dense where one of the arguments a + b z vanishes.

    Parameters
    ----------
    lines : list of (a, b)
        Arguments of the steep functions in the integrand; scalars or arrays of one shape S.
    order : int
        Points per panel.
    tilt : array, optional
        Largest slope of the logarithm of a further weight: by so much further the nodes reach.

    Returns
    -------
    z, weights : arrays of shape S + (K,)
    """
    if not lines:
        return _plain(order, 30)
    shape = np.broadcast_shapes(*[np.shape(part) for line in lines for part in line], np.shape(tilt))
    reach: Any = REACH
    if tilt is None:
        edges = [np.broadcast_to(np.linspace(-1.0, 1.0, 7) * REACH, (*shape, 7))]
    else:
        reach = np.broadcast_to(REACH + np.minimum(np.abs(tilt), LARGEST_TILT), shape)[..., None]
        edges = [np.linspace(-1.0, 1.0, 9) * reach]
    for a, b in lines:
        slope = np.where(np.abs(b) > 1e-12, b, np.inf)
        centre = np.clip(np.nan_to_num(-a / slope), -1e6, 1e6)
        width = np.minimum(np.abs(1 / np.where(np.isfinite(slope), slope, 1e-3)), 1e3)
        marks = np.clip(centre[..., None] + width[..., None] * _GRADES, -reach, reach)
        edges.append(np.broadcast_to(marks, (*shape, _GRADES.size)))
    return _on_panels(np.sort(np.concatenate(edges, axis=-1), axis=-1), order)


def moduli(k: int, m: Any, v: Any, slopes: Sequence[Any], order: int = ORDER) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights for the modulus r of a field m + √v (x + iy) of standard Gaussians x, y, under cos kφ.

    Parameters
    ----------
    k : int
    m, v : scalars or arrays of one shape S
    slopes : sequence of those
        b of arguments b r of functions that turn where these are 1.
    order : int
        Points per panel.

    Returns
    -------
    r, weights : arrays of shape S + (K,)
    """
    m, v, *slopes = np.broadcast_arrays(*(np.asarray(x, dtype=float)[..., None] for x in (m, v, *slopes)))
    width, size = np.sqrt(np.maximum(v, 1e-100)), np.abs(m)
    least = np.maximum(-size / width, -REACH)
    marks = [np.linspace(-1.0, 1.0, 9) * REACH, *((_TURNS / np.abs(b) - size) / width for b in slopes)]
    z, weights = _on_panels(np.sort(np.concatenate([np.clip(x, least, REACH) for x in marks], axis=-1), axis=-1), order)
    r, x = size + width * z, size * (size / width + z) / width
    far = np.maximum(x, 1e8)
    harmonic = np.where(x < far, ive(k, np.minimum(x, 1e8)), (1 - (4 * k * k - 1) / (8 * far)) / np.sqrt(2 * np.pi * far))
    return np.maximum(r, 1e-60), weights * np.sqrt(2 * np.pi) * (size / width + z) * harmonic * np.sign(m) ** (k % 2)


#: in arguments: where the mean of a phase has settled
_TURNS = np.array([0.0, 2.0, 7.0, 20.0, 60.0, 180.0])

#: edges beyond the usual reach, for integrands that grow like an exponential
_FURTHER = np.array([14.0, 20.0, 26.0, 34.0, 49.0])
#: error of a panel, relative to the integral of the modulus, at which it is not halved again
_RESOLVED = 1e-14
#: how often panels are halved, how many at once, and how many numbers are held at once
_ROUNDS, _MOST_PANELS, _BLOCK = 60, 400, 2**17
_NARROWEST = 1e-10
#: relative width below which places in a panel are no longer told from its ends
_INDISTINCT = 1e-13


def refined(
    integrands: Callable[[np.ndarray], tuple[Sequence[Any], Sequence[Any]]],
    turns: Sequence[tuple[Any, ...]],
    order: int = ORDER,
    scales: Sequence[float] = (),
    tilted: bool = False,
) -> list[np.ndarray]:
    """Means over a standard Gaussian by panels that are halved until each is resolved.

    Parameters
    ----------
    integrands : callable
        Functions of z, of shape S + (K,), and the arguments of functions that turn at places not known beforehand.
    turns : sequence of (c, b, k, d, s)
        Arguments c + b z + k z², with d = b² − 4kc, of functions that turn where the argument is 0 or ±i s; for s = 0 they
        have a kink or a pole there.
    order : int
        Points per panel. Above ``ORDER`` the panels are others, and the error that is left is added to each mean: it
        shows in the difference of two orders.
    scales : sequence
        s of the arguments that ``integrands`` gives.
    tilted : bool
        Whether the first function is ε: then log E e^ε and the means E[g e^ε]/E[e^ε] of the others.

    Returns
    -------
    list of arrays of shape S
    """
    order = max(order, ORDER)
    fixed = np.linspace(-REACH, REACH, 9 + order)
    with np.errstate(all="ignore"):
        values = integrands(fixed)[0]
        height = values[0] if tilted else np.log(np.max([np.abs(v) for v in np.broadcast_arrays(*values)], axis=0))
        height = np.nan_to_num(height - fixed**2 / 2, nan=-np.inf, posinf=np.inf, neginf=-np.inf)
        top = height.max(axis=-1, keepdims=True)
        if np.any(height[..., [0, -1]] > top - 35):
            fixed = np.concatenate([-_FURTHER[::-1], fixed, _FURTHER])
        edges = _graded(fixed, turns)
        shape = np.broadcast_shapes(edges.shape[:-1], top.shape[:-1])

        def density(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            (first, *others), arguments = integrands(z)
            weight = np.exp((first - top if tilted else 0) - z * z / 2) / np.sqrt(2 * np.pi)
            made = [weight, *(weight * g for g in others)] if tilted else [weight * g for g in (first, *others)]
            found, watched = (
                np.array([np.broadcast_to(f, (*shape, z.shape[-1])) for f in group]) for group in (made, arguments)
            )
            if fixed[-1] > REACH:  # so far out a quotient of what overflows is bounded: the Gaussian leaves nothing of it
                found[np.isnan(found) & (np.abs(z) > REACH)] = 0.0
            return found, watched

        edges = np.broadcast_to(edges, (*shape, edges.shape[-1]))
        total, error = _integrals(density, edges, order, np.array(scales, dtype=float))
        if order > ORDER:
            total = total + error
        if not tilted:
            return list(total)
        return [np.log(total[0]) + top[..., 0], *(total[1:] / total[0])]


def parabola(z: Any, c: Any, b: Any, k: Any, d: Any) -> Any:
    """c + b z + k z², with d = b² − 4kc, by its distance from the vertex where that lies within reach."""
    straight = np.abs(b) >= 2 * REACH * np.abs(k)
    return np.where(straight, c + (b + k * z) * z, ((2 * k * z + b) ** 2 - d) / np.where(straight, 1.0, 4 * k))


def _graded(fixed: np.ndarray, turns: Sequence[tuple[Any, ...]]) -> np.ndarray:
    """Edges of panels: fixed ones and, about each turn, ones at 1, 4, 16, … of its widths."""
    reach = fixed[-1]
    edges = [fixed]
    for *coefficients, scale in turns:
        value, slope, curvature, square = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in coefficients))
        straight = bool(np.all(curvature == 0))
        # roots of c + b z + k z² = i s, the nearer one first; there is no other where k = 0
        whole = -(slope + np.where(slope < 0, -1, 1) * np.sqrt(square + 4j * scale * curvature)) / 2
        for root in ((value - 1j * scale) / whole, *([] if straight else [whole / curvature])):
            exists = np.isfinite(root) & (whole != 0)
            narrow = exists if scale or not straight else False
            centre, width = np.where(exists, root.real, 0.0), np.where(narrow, np.abs(root.imag), reach)
            width = np.clip(width, _NARROWEST, reach)[..., None]
            count = int(np.ceil(np.log(2 * reach / width.min()) / np.log(4)))
            grades = 4.0 ** np.arange(count)
            grades = np.concatenate([-grades[::-1], [0.0], grades])
            edges.append(np.clip(centre[..., None] + width * grades, -reach, reach))
    shape = np.broadcast_shapes(*(e.shape[:-1] for e in edges))
    return np.sort(np.concatenate([np.broadcast_to(e, (*shape, e.shape[-1])) for e in edges], axis=-1), axis=-1)


def _integrals(
    density: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]], edges: np.ndarray, order: int, scales: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Integrals and their estimated errors, functions × S; edges S × panels."""
    left, right = edges[..., :-1], edges[..., 1:]
    total, size, error = np.zeros(()), np.zeros(()), np.zeros(())
    for _ in range(_ROUNDS):
        some = (right > left).reshape(-1, right.shape[-1]).any(axis=0)
        left, right = left[..., some], right[..., some]
        part, modulus, wrong = _by_panel(density, left, right, order, scales)
        middle, half = (left + right) / 2, (right - left) / 2
        rounding = 1e-15 * np.abs(middle) / np.maximum(half, 1e-300) * modulus
        whole = (size + modulus.sum(axis=-1))[..., None]
        wide = half >= _INDISTINCT * np.maximum(1, np.abs(left))
        open_ = ((wrong > _RESOLVED * whole) & (wrong > rounding) & wide).any(axis=0)
        count = open_.sum(axis=-1).max()
        if not 0 < count <= _MOST_PANELS:
            open_ = np.zeros_like(open_)
        total = total + np.where(open_, 0, part).sum(axis=-1)
        size = size + np.where(open_, 0, modulus).sum(axis=-1)
        error = error + np.where(open_, 0, wrong).sum(axis=-1)
        if not open_.any():
            return total, error
        chosen = np.argsort(~open_, axis=-1, kind="stable")[..., :count]
        left, right, middle, open_ = (np.take_along_axis(x, chosen, axis=-1) for x in (left, right, middle, open_))
        left, right = np.where(open_, left, middle), np.where(open_, right, middle)
        left, right = np.concatenate([left, middle], axis=-1), np.concatenate([middle, right], axis=-1)
    part, _, wrong = _by_panel(density, left, right, order, scales)
    return total + part.sum(axis=-1), error + wrong.sum(axis=-1)


def _by_panel(
    density: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
    left: np.ndarray,
    right: np.ndarray,
    order: int,
    scales: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Integral, that of the modulus, and the estimated error of the first; functions × S × panels."""
    x, w, tails, ends, slopes = _watchful(order)
    shape, count = left.shape[:-1], left.shape[-1]
    step = max(1, _BLOCK // (x.size * max(1, int(np.prod(shape)))))
    found = []
    for k in range(0, count, step):
        half = (right[..., k : k + step] - left[..., k : k + step]) / 2
        z = (left[..., k : k + step] + half)[..., None] + half[..., None] * x
        f, watched = (values.reshape(len(values), *z.shape) for values in density(z.reshape(*shape, -1)))
        for watch, beside in ((0, 1), (-1, -2)):  # on an integrable pole at the end, say, nothing is seen
            f[..., watch] = np.where(np.isfinite(f[..., watch]), f[..., watch], f[..., beside])
        last = (half < _INDISTINCT * np.maximum(1, np.abs(left[..., k : k + step]))) & (half > 0)
        f = np.where(last[..., None] & ~np.isfinite(f), 0.0, f)
        fall = np.abs(f @ tails)
        early, late = np.maximum(fall[..., 0], fall[..., 1]), np.maximum(fall[..., 2], fall[..., 3])
        # from n/2 to n they fell by late/early, as much again twice to 2n, where Gauss errs
        error = 2 * late * np.where(late < early, late / np.where(early > 0, early, 1), 1) ** 2
        missed = np.maximum(*np.moveaxis(np.abs(f @ ends), -1, 0))
        error += np.where(missed > 10 * late, missed * (1 - x[-2]), 0)
        if scales.size:
            # an argument that turns back, or passes zero, may have been as small as can be between points
            scale = scales.reshape(-1, *np.ones(half.ndim, dtype=int))
            outwards, rough = watched @ slopes, np.abs(watched @ tails[:, 2:]).max(axis=-1, keepdims=True)
            outwards = np.where(np.abs(outwards) > 4 * order**2 * rough, outwards, 0)
            change = np.concatenate([outwards, np.diff(watched, axis=-1)], axis=-1)
            back = (change > 0).any(axis=-1) & (change < 0).any(axis=-1)
            passes = (watched > 0).any(axis=-1) & (watched < 0).any(axis=-1) & (scale > 0)
            size = np.abs(watched)
            least = np.where(passes, scale, np.maximum(size.min(axis=-1), scale))
            hidden = (back | passes) & (size.max(axis=-1) > 4 * least) & (half > _NARROWEST)
            error[:, hidden.any(axis=0)] = np.inf
        modulus = np.abs(f) @ w
        found.append(np.where(half > 0, half * np.stack([f @ w, modulus, np.where(last, modulus, error)]), 0))
    part, modulus, error = np.concatenate(found, axis=-1)
    return part, modulus, error


@cache
def _watchful(order: int) -> tuple[np.ndarray, ...]:
    """Gauss points and, next to the ends where these see nothing, two without weight: points and weights; and what takes
    values to Legendre coefficients of middle and highest degrees, to what the two differ from the rest, to slopes there."""
    x, w = _legendre(order)
    watch = np.array([-1, 1]) * (1 - 1e-7)
    project = np.polynomial.legendre.legvander(x, order - 1) * w[:, None] * (np.arange(order) + 0.5)
    series = np.polynomial.Legendre.basis
    ends, slopes = (
        project @ np.array([series(k).deriv(m)(watch) for k in range(order)]) for m in (0, 1)
    )
    tails = project[:, [order // 2 - 1, order // 2, order - 2, order - 1]]
    points, weights = np.concatenate([watch[:1], x, watch[1:]]), np.pad(w, 1)
    tails, ends, slopes = (np.pad(matrix, ((1, 1), (0, 0))) for matrix in (tails, ends, slopes))
    ends[[0, -1], [0, 1]] = -1
    return points, weights, tails, ends, slopes
