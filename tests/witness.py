"""Saddle equations written down a second time, from the textbook, as a witness against the derived and generated ones.

Units are canonical (a retrieved pattern has energy −N m^p/p, so its field is m^{p−1}). With ξ(q) the covariance of the noise
energy, a field is h = a + s z with s² = ξ′(q) for p ≥ 3, and s² = α q/(1−C)² with C = β(1−q) for p = 2 (Amit, Gutfreund and
Sompolinsky). Then m = E tanh βh and C = β E sech² βh. Nothing of the package is used here.

Averages of functions of tanh βh are closed forms of their limit sgn h, plus a correction that lives on |h| ≲ 20 T only; both
are exact at every temperature.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import comb, factorial

import numpy as np
from numpy.polynomial.hermite_e import poly2herme
from numpy.polynomial.legendre import leggauss
from scipy.special import erf, log_ndtr

Array = np.ndarray


def panels(breaks: Array, order: int) -> tuple[Array, Array]:
    """Gauss–Legendre nodes and weights on the panels between breaks (last axis)."""
    x, w = leggauss(order)
    low, high = breaks[..., :-1, None], breaks[..., 1:, None]
    nodes = (low + high) / 2 + (high - low) / 2 * x
    weights = (high - low) / 2 * w * np.ones_like(nodes)
    shape = (*breaks.shape[:-1], -1)
    return nodes.reshape(shape), weights.reshape(shape)


_HALF = np.array([0, 0.7, 1.5, 2.5, 4, 6, 9, 13, 20, 40.0])
_X, _WX = panels(np.concatenate([-_HALF[:0:-1], _HALF]), 10)
_Z, _WZ = panels(np.linspace(-9.5, 9.5, 15), 12)
_WZ = _WZ * np.exp(-(_Z**2) / 2) / np.sqrt(2 * np.pi)


def density(h: Array, a: Array, s: Array) -> Array:
    """Gaussian density of mean a and deviation s."""
    return np.exp(-(((h - a) / s) ** 2) / 2) / (s * np.sqrt(2 * np.pi))


def field_means(a: Array, s: Array, T: Array) -> tuple[Array, Array]:
    """E tanh(h/T) and E sech²(h/T)/T, h Gaussian; T = 0 allowed where s > 0."""
    a, s, T = (np.asarray(x, dtype=float) for x in np.broadcast_arrays(a, s, T))
    mean, slope = np.empty(a.shape), np.empty(a.shape)
    cold = T == 0
    mean[cold] = erf(a[cold] / s[cold] / np.sqrt(2))
    slope[cold] = 2 * density(np.zeros(cold.sum()), a[cold], s[cold])
    sharp = ~cold & (s >= T)
    if sharp.any():
        A, S, t = a[sharp, None], s[sharp, None], T[sharp, None]
        rho = density(t * _X, A, S)
        mean[sharp] = erf(a[sharp] / s[sharp] / np.sqrt(2)) - T[sharp] * np.sum(_WX * rho * (np.sign(_X) - np.tanh(_X)), axis=-1)
        slope[sharp] = np.sum(_WX * rho / np.cosh(_X) ** 2, axis=-1)
    smooth = ~cold & ~sharp
    if smooth.any():
        x = np.clip((a[smooth, None] + s[smooth, None] * _Z) / T[smooth, None], -350, 350)
        mean[smooth] = np.sum(_WZ * np.tanh(x), axis=-1)
        slope[smooth] = np.sum(_WZ / np.cosh(x) ** 2, axis=-1) / T[smooth]
    return mean, slope


# -- models -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Noise:
    """Covariance ξ of the noise energy per unit load (J = 1 for the p-spin glass), through ξ′ and F = qξ′ − ξ."""

    order: int
    terms: tuple[tuple[float, int], ...]  # ξ = Σ c q^k; empty when rectified

    def slope(self, q: Array, distance: Array | None = None) -> Array:
        """ξ′(q); ``distance`` is 1 − q where it is known better than q."""
        q = np.asarray(q, dtype=float)
        if self.terms:
            return sum((c * k * q ** (k - 1) for c, k in self.terms), np.zeros_like(q))
        n = self.order - 1  # E[max(y,0)^n max(y',0)^n] in polar coordinates
        away = 1 - q if distance is None else np.asarray(distance, dtype=float)
        angle = 2 * np.arcsin(np.sqrt(np.clip(away, 0, 2) / 2))
        x, w = leggauss(24)
        low, high = (angle - np.pi / 2)[..., None], np.pi / 2
        phi = (low + high) / 2 + (high - low) / 2 * x
        integral = np.sum((high - low) / 2 * w * (np.cos(phi) * np.cos(phi - angle[..., None])) ** n, axis=-1)
        return 2**n * factorial(n) * integral / (2 * np.pi)

    def legendre(self, q: Array) -> Array:
        """F(q) = qξ′(q) − ξ(q) of a polynomial."""
        return sum((c * (k - 1) * np.asarray(q, dtype=float) ** k for c, k in self.terms), np.zeros_like(np.asarray(q)))


def noise(order: int, interaction: str, coefficients: list[float] | None = None) -> Noise:
    """Noise of G(y) = y^p without coincident sites (``distinct``), with them (``power``), rectified, or any polynomial."""
    if interaction == "rectified":
        return Noise(order, ())
    if interaction == "distinct":
        c = [0.0] * order + [1.0]
    elif interaction == "power":
        c = list(poly2herme([0.0] * order + [1.0]))
    else:
        assert coefficients is not None
        c = list(poly2herme(coefficients))
    return Noise(order, tuple((c[k] ** 2 * factorial(k) / order**2, k) for k in range(1, order + 1) if c[k]))


def glass_noise(order: int) -> Noise:
    """Noise of the p-spin glass, ξ = q^p/2."""
    return Noise(order, ((0.5, order),))


# -- replica symmetry -------------------------------------------------------------------------------------------------


def symmetric_map(
    model: Noise, u: Array, load: Array, T: Array, *, soft: bool, patterns: int = 1
) -> Array:
    """The right-hand sides of u = (m, C) at every point; ``soft`` for the memory of order 2, m of so many patterns alike."""
    m, C = u
    away = np.clip(C * T, 0, 1)
    away = np.where(1 - away < 1e-15, 1.0, away)  # q = 0, which rounds when it is told by C
    if soft:
        with np.errstate(divide="ignore"):
            s = np.sqrt(load * (1 - away)) / np.abs(1 - C)
    else:
        s = np.sqrt(load * model.slope(1 - away, away))
    s = np.maximum(s, 1e-200)
    new = np.zeros((2, m.size))
    for k in range(patterns + 1):
        z, weight = patterns - 2 * k, comb(patterns, k) / 2**patterns
        if patterns == 1:
            z, weight = 1, 1.0 if k == 0 else 0.0
        if weight == 0:
            continue
        a = z * m if soft else m ** (model.order - 1)
        mean, slope = field_means(a, s, T)
        new += weight * np.stack([z * mean / patterns, slope])
    return new


def refined(residual: Callable[[Array], Array], u: Array, steps: int = 4) -> tuple[Array, Array]:
    """Newton's method on ``residual`` (unknowns × B) with differences for slopes: the root, and the size of its last step."""
    u = u.copy()
    size = len(u)
    last = np.full(u.shape[1], np.inf)
    for _ in range(steps):
        value = residual(u)
        jacobian = np.empty((u.shape[1], size, size))
        for k in range(size):
            h = 1e-5 * np.maximum(np.abs(u[k]), 1e-3)
            up, down = u.copy(), u.copy()
            up[k] += h
            down[k] -= h
            jacobian[:, :, k] = ((residual(up) - residual(down)) / (2 * h)).T
        jacobian = np.nan_to_num(jacobian, nan=0.0, posinf=1e100, neginf=-1e100)
        step = np.stack([np.linalg.lstsq(j, v, rcond=1e-14)[0] for j, v in zip(jacobian, np.nan_to_num(value).T)]).T
        u -= step
        last = np.abs(step).max(axis=0)
    return u, last


# -- one step of symmetry breaking ------------------------------------------------------------------------------------


def _graded(centre: float, width: float, low: float, high: float) -> Array:
    out = width * np.array([0.25, 0.5, 1, 2, 4, 8, 16, 32])
    fine = centre + np.concatenate([-out[::-1], [0.0], out])
    breaks = np.concatenate([np.linspace(low, high, 13), fine])
    return np.unique(np.clip(breaks, low, high))


def _inner(a: Array, b: float, T: float, y: float) -> tuple[Array, Array, Array, Array, Array]:
    """Of the field a + b z under the weight (2 cosh βh)^θ, θ = yT: log of the weight, means of tanh, tanh², T log 2cosh, and
    C = β(1 − tanh²)."""
    up, down = y * a + log_ndtr(a / b + y * b), -y * a + log_ndtr(-a / b + y * b)  # of e^{y|h|} on each side, + y²b²/2
    top = np.maximum(up, down)
    plus, minus = np.exp(up - top), np.exp(down - top)
    gauss = np.exp(-((a / b) ** 2) / 2 - (y * b) ** 2 / 2 - top) / np.sqrt(2 * np.pi)
    weight = plus + minus
    sign = plus - minus
    size = (y * b**2 + a) * plus + (y * b**2 - a) * minus + 2 * b * gauss
    at_zero = gauss / b  # the density at h = 0 in the same units
    if T == 0:
        return top + (y * b) ** 2 / 2 + np.log(weight), sign / weight, np.ones_like(a), size / weight, 2 * at_zero / weight
    theta = y * T
    if b >= T:
        x, w = _X, _WX * T
        rho = np.exp(-(((T * x - a[:, None]) / b) ** 2) / 2 - (y * b) ** 2 / 2 - top[:, None]) / (b * np.sqrt(2 * np.pi))
        rest = np.log1p(np.exp(-2 * np.abs(x)))
        hot, cold = np.exp(theta * (np.abs(x) + rest)), np.exp(theta * np.abs(x))
        t = np.tanh(x)
        D = weight + rho @ (w * (hot - cold))
        one = sign + rho @ (w * (hot * t - cold * np.sign(x)))
        less = rho @ (w * hot / np.cosh(x) ** 2)
        logs = size + rho @ (w * T * (hot * (np.abs(x) + rest) - cold * np.abs(x)))
        return top + (y * b) ** 2 / 2 + np.log(D), one / D, 1 - less / D, logs / D, less / D / T
    x = (a[:, None] + b * _Z) / T
    lc = np.abs(x) + np.log1p(np.exp(-2 * np.abs(x)))
    peak = (theta * lc).max(axis=1)
    w = _WZ * np.exp(theta * lc - peak[:, None])
    D = w.sum(axis=1)
    less = (w / np.cosh(np.clip(x, -350, 350)) ** 2).sum(axis=1) / D
    return peak + np.log(D), (w * np.tanh(x)).sum(axis=1) / D, 1 - less, T * (w * lc).sum(axis=1) / D, less / T


def broken_residual(
    model: Noise, m: float, q0: float, C: float, y: float, load: float, T: float, *, soft: bool
) -> Array:
    """What is left of the equations of m, q0, C = β(1−q1) and y = θ/T with symmetry broken once; T = 0 allowed."""
    q1 = 1 - C * T
    if soft:
        inner, outer = 1 - C, 1 - C - y * (q1 - q0)  # eigenvalues of 1 − βQ
        r0, gap = load * q0 / outer**2, load * (q1 - q0) / (inner * outer)
    else:
        r0 = load * float(model.slope(q0))
        gap = load * float(model.slope(q1)) - r0
    a, s, b = m ** (model.order - 1), np.sqrt(max(r0, 0.0)), np.sqrt(gap)
    if s > 0:
        z, w = panels(_graded(-a / s, max(b, T) / s, -9.5, 9.5), 10)
        w = w * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    else:
        z, w = np.zeros(1), np.ones(1)
    log_weight, t, _, logs, response = _inner(a + s * z, b, T, y)
    left = np.array([m - w @ t, q0 - w @ t**2, C - w @ response])
    # stationarity in y, everything else held: of f = … + (y/2)[F(q1) − F(q0)] − (1/y) E log ∫(2cosh)^θ
    held = (w @ log_weight) / y**2 - (w @ logs) / y
    if soft:
        d = q1 - q0
        # (α/2)[(1/θβ)(log λ2 − log λ1) + …]: its slope in y at fixed Q, and that of the conjugates' term
        log_part = (np.log(inner) - np.log(outer)) / y**2 - d / (y * outer) - q0 * d / outer**2
        r1 = r0 + gap
        last = 0.5 * load * log_part + 0.5 * (r1 * q1 - r0 * q0) + held
    else:
        last = 0.5 * load * float(model.legendre(np.array(q1)) - model.legendre(np.array(q0))) + held
    return np.append(left, last)
