"""Fixed points with neurons at a kink, where the Hessian jumps and no single Jacobian decides.

With y the displacement of the activation, the energy of a symmetric net is to second order
Q(y) = Σ y_i²/h_i − y·W y, h_i the slope on the side of y_i, and a side with h_i = 0 cannot move. Along the flow
dQ/dt = −2 ẋ·T H ẋ <= 0, and at every state of rest Q = y·(x − W y) = 0. So if Q > 0 for all y ≠ 0 of the cone, the
state attracts (what the activation does not see follows at the rate 1/τ); if Q < 0 for some, the flow starting there
cannot return; if the minimum is 0, it is reached on a ray of fixed points. Strict positivity on the cone is therefore
the exact condition, for any time constants of the neurons.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.linalg import solve_continuous_lyapunov

from dammech.flows.reduced import Curvature, Frame, curvatures, groups, rotated, spectrum_of

if TYPE_CHECKING:
    from dammech.systems.lagrangian.model import Lagrangian, Network

_EPS = float(np.finfo(float).eps)
_PATTERNS = 2**13
_SIDES = 6


@dataclass(frozen=True)
class KinkVerdict:
    """Stability at a kink; ``stable`` is None where it is not decided, and ``why`` says the reason."""

    stable: bool | None
    margin: float
    error: float
    why: str | None


@dataclass(frozen=True)
class _Kinks:
    """The neurons at a kink and what their sides are.

    ``slopes`` (kinks, 2) below and above; of a block of neurons that see each other, 0 outside and 1 inside the support.
    """

    neurons: np.ndarray
    slopes: np.ndarray
    single: np.ndarray
    layers: np.ndarray


def kink_tolerance(b: np.ndarray, x: np.ndarray) -> np.ndarray:
    """How close to a kink a field counts as at it, (..., n): 1e-9, in units of its bias, and not below the rounding."""
    return np.maximum(1e-9 * np.maximum(1, np.abs(b)), 1e-13 * np.abs(x).max(-1, keepdims=True, initial=0))


def at_kink(layer: Lagrangian, x: np.ndarray, tolerance: np.ndarray) -> np.ndarray:
    """Neurons of states (B, D) at a kink, within tolerances (B, D)."""
    return layer.kinks(x, tolerance if layer.separable else float(tolerance.max(initial=0)))


def kink_verdict(net: Network, x: np.ndarray, residual: float = 0.0) -> KinkVerdict:
    """Stability of one fixed point (n,) with neurons at a kink."""
    kinks, why = _kinks_of(net, x)
    if kinks is None:
        return KinkVerdict(None, np.nan, np.nan, why)
    if not np.isfinite(kinks.slopes).all():
        return KinkVerdict(None, np.nan, np.nan, "the slope of the activation is not finite on one side of the kink")
    steep = [] if (kinks.slopes >= 0).all() else ["negative slopes"]
    smooth = _pattern_curvatures(net, x, kinks, np.zeros((1, len(kinks.neurons)), dtype=int))
    if any((p.entries if p.diagonal else np.linalg.eigvalsh(p.entries)).min() < -1e-12 for p in smooth):
        steep = ["negative slopes"]
    if net.symmetric and not steep:
        return _on_cones(net, x, kinks, residual)
    return _on_sides(net, x, kinks, steep[0] if steep else "weights that are not symmetric")


def side_spectra(net: Network, x: np.ndarray) -> list[dict[str, Any]] | None:
    """The spectrum on every side of the kinks of a state, where these are few."""
    kinks, _ = _kinks_of(net, x)
    if kinks is None or len(kinks.neurons) > _SIDES or not np.isfinite(kinks.slopes).all():
        return None
    found = []
    for sides in itertools.product([0, 1], repeat=len(kinks.neurons)):
        parts = _pattern_curvatures(net, x, kinks, _slopes_on(kinks, np.array([sides])))
        below, above = (kinks.neurons[np.array(sides) == s].tolist() for s in (0, 1))
        found.append(
            {
                "below": below,
                "above": above,
                "spectrum": spectrum_of(rotated(net.matrix, parts), net.tau, net.symmetric),
            }
        )
    return found


def _kinks_of(net: Network, x: np.ndarray) -> tuple[_Kinks | None, str | None]:
    tolerance = kink_tolerance(net.bias, x)
    neurons, slopes, single, layers = [], [], [], []
    for number, (layer, part) in enumerate(zip(net.layers, net.slices)):
        fields = x[part]
        near = np.flatnonzero(at_kink(layer, fields[None], tolerance[None, part])[0])
        if len(near) == 0:
            continue
        if layer.separable:
            sides = np.stack(layer.sides(layer.snapped(fields, tolerance[part])), -1)[near]
        elif getattr(layer.symbolic, "minimised", False) and layer.name == "sparsemax":
            sides = np.tile([0.0, 1.0], (len(near), 1))
        else:
            return None, f"neurons at a kink of {layer.name}, whose sides are not known"
        neurons += (near + part.start).tolist()
        slopes += sides.tolist()
        single += [layer.separable] * len(near)
        layers += [number] * len(near)
    return _Kinks(np.array(neurons), np.array(slopes), np.array(single), np.array(layers)), None


def _pattern_curvatures(net: Network, x: np.ndarray, kinks: _Kinks, slopes: np.ndarray) -> list[Curvature]:
    """Hessians (B of each) when the kink neurons have the given slopes (B, kinks)."""
    parts = []
    for number, p in enumerate(curvatures(net, x[None])):
        here = kinks.layers == number
        local = kinks.neurons[here] - p.part.start
        if p.null is None:
            diagonal = np.repeat(p.entries, len(slopes), axis=0)
            diagonal[:, local] = slopes[:, here]
            parts.append(Curvature(p.part, diagonal))
        elif not here.any():
            parts.append(p.at(np.zeros(len(slopes), dtype=int)))
        else:  # the projection on a face of the simplex
            support = np.repeat(~net.layers[number].dead(x[None, p.part]), len(slopes), axis=0)
            support[:, local] = slopes[:, here] > 0
            size = np.maximum(support.sum(-1), 1)
            block = support[:, :, None] * (np.eye(support.shape[1]) - support[:, None, :] / size[:, None, None])
            parts.append(Curvature(p.part, block, support.shape[1] - support.sum(-1) + support.any(-1)))
    return parts


def _slopes_on(kinks: _Kinks, sides: np.ndarray) -> np.ndarray:
    """Slopes (B, kinks) on sides (B, kinks) of 0 and 1."""
    return np.where(sides == 1, kinks.slopes[:, 1], kinks.slopes[:, 0])


def _on_cones(net: Network, x: np.ndarray, kinks: _Kinks, residual: float) -> KinkVerdict:
    """The smallest value of the form 1 − H^½ W H^½ on the cones.

    It is reached within a face of a cone (some kinks at rest, the others on one side), where it is an eigenvalue whose
    eigenvector has the signs of that face.
    """
    options = [[0, *(s for s, h in ((-1, below), (1, above)) if h > 0)] for below, above in kinks.slopes]
    number = float(np.prod([float(len(o)) for o in options]))
    if number > _PATTERNS:
        return KinkVerdict(None, np.nan, np.nan, f"{len(kinks.neurons)} neurons at a kink are too many cones to try")
    signs = np.array(list(itertools.product(*options)))
    slopes = np.where(signs > 0, kinks.slopes[:, 1], np.where(signs < 0, kinks.slopes[:, 0], 0.0))
    frame = rotated(net.matrix, _pattern_curvatures(net, x, kinks, slopes))
    widest = (frame.values != 0).sum(-1).max()  # directions that the activation does not see decay by themselves
    lowest, size = (1.0 if widest < net.size or (kinks.slopes == 0).any() else np.inf), 1.0
    for which, values, vectors, _ in groups(frame, net.tau[None], True, vectors=True):
        size = max(size, float(np.abs(values).max(initial=0)))
        y = _displacements(net, frame, which, vectors)[:, kinks.neurons]  # (G, kinks, r)
        wanted = signs[which][..., None]
        for turn in (1, -1):
            inside = ((turn * y * wanted >= -1e-10) | (wanted == 0)).all(1)
            lowest = min(lowest, float(np.where(inside, values, np.inf).min(initial=np.inf)))
    error = 8 * net.size * _EPS * size + 100 * residual * (1 + size)
    if abs(lowest) <= error:
        return KinkVerdict(None, lowest, error, f"the margin {lowest:.3g} is within its error {error:.1e}")
    return KinkVerdict(lowest > 0, lowest, error, None if lowest > 0 else "unstable on a side of the kink")


def _displacements(net: Network, frame: Frame, which: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """y of eigenvectors (G, r, r) in the reduced frame, (G, n, r): of separable neurons up to a positive factor."""
    n = frame.values.shape[1]
    r = vectors.shape[-1]
    index = np.argsort(frame.values[which] == 0, axis=-1, kind="stable")[:, :r]
    y = np.zeros((len(which), n, r))
    np.put_along_axis(y, np.repeat(index[:, :, None], r, axis=2), vectors, axis=1)
    for number, V in frame.vectors.items():
        part = net.slices[number]
        y[:, part] = V[which] @ (np.sqrt(np.maximum(frame.values[which][:, part, None], 0)) * y[:, part])
    return y


def _on_sides(net: Network, x: np.ndarray, kinks: _Kinks, without: str) -> KinkVerdict:
    """Without a form that decides: stable if all sides share a quadratic Lyapunov function, unstable if on one side a
    growing direction stays on that side; that all sides are stable by themselves would not do."""
    if len(kinks.neurons) > _SIDES * 2:
        return KinkVerdict(None, np.nan, np.nan, f"{len(kinks.neurons)} neurons at a kink are too many sides to try")
    sides = np.array(list(itertools.product([0, 1], repeat=len(kinks.neurons))))
    parts = _pattern_curvatures(net, x, kinks, _slopes_on(kinks, sides))
    H = np.zeros((len(sides), net.size, net.size))
    for p in parts:
        H[:, p.part, p.part] = p.matrices
    J = (net.matrix @ H - np.eye(net.size)) / net.tau[:, None]
    values, vectors = np.linalg.eig(J)
    margin = -float(values.real.max())
    error = 1e-10 * float(np.abs(J).max())
    if kinks.single.all() and _stays(values, vectors, kinks, sides, error):
        return KinkVerdict(False, margin, error, "a growing direction lies within its side of the kink")
    if margin > error and any(_decreases(P, J) for P in _lyapunov_matrices(J)):
        return KinkVerdict(True, margin, error, "all sides of the kink share a quadratic Lyapunov function")
    return KinkVerdict(None, margin, error, f"at a kink of a net with {without} the sides do not decide")


def _stays(values: np.ndarray, vectors: np.ndarray, kinks: _Kinks, sides: np.ndarray, error: float) -> bool:
    """Whether a real eigenvector that grows points into the side whose Jacobian it belongs to."""
    growing = (np.abs(values.imag) <= error) & (values.real > error)
    along = vectors.real[:, kinks.neurons, :] * np.where(sides == 1, 1.0, -1.0)[:, :, None]
    return bool((growing & ((along > 1e-9).all(1) | (along < -1e-9).all(1))).any())


def _lyapunov_matrices(J: np.ndarray) -> Iterator[np.ndarray]:
    """Solutions of Jᵀ P + P J = −1 for the mean of the sides and for each of the first few."""
    for A in (J.mean(0), *J[:8], J[-1]):
        yield solve_continuous_lyapunov(A.T, -np.eye(len(A)))


def _decreases(P: np.ndarray, J: np.ndarray) -> bool:
    """Whether x·P x is positive and decreases on every side."""
    P = (P + P.T) / 2
    size = np.linalg.norm(P)
    if not np.isfinite(size) or np.linalg.eigvalsh(P).min() <= 1e-12 * size:
        return False
    rates = np.linalg.eigvalsh(P @ J + np.swapaxes(J, -1, -2) @ P)
    return bool(rates.max() < -1e-10 * size * np.abs(J).max())
