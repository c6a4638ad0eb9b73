"""Stability of fixed points, decided where the Hessian has rank, with an error margin; thousands at a time.

A state is stable where every direction that its activation sees decays (`dammech.flows.reduced`), and at a kink where
the energy grows in every direction of the cones that the kinks leave (`dammech.flows.kinks`). What the error margin
does not allow to decide is not decided.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import solve_continuous_lyapunov
from scipy.sparse.csgraph import connected_components

from dammech.errors import InputError
from dammech.flows.kinks import at_kink, kink_tolerance
from dammech.flows.reduced import Curvature, curvatures, groups, refuse_singular, rotated
from dammech.results.record import Record
from dammech.systems.lagrangian.model import Network
from dammech.systems.lagrangian.model.network import check_network

_EPS = float(np.finfo(float).eps)
_RESIDUAL = 1e-8
_CHUNK = 256


@dataclass(frozen=True, repr=False)
class Verdicts(Record):
    """Classes of fixed points, arrays of one shape.

    Attributes
    ----------
    stable : ndarray of object
        True, False, or None where it is not decided.
    index : ndarray
        Number of unstable directions; −1 where it is not decided.
    margin, error : ndarray
        Distance to instability and its error bar. For symmetric weights and positive curvature it is the smallest
        eigenvalue of 1 − H^½ W H^½ (at a kink: the smallest value of this form on the cone of the kinks), which time
        constants do not change; else −max Re of the spectrum, a rate.
    kink : ndarray of bool
    why : ndarray of object
        What is to be said about it, or None.
    """

    stable: np.ndarray
    index: np.ndarray
    margin: np.ndarray
    error: np.ndarray
    kink: np.ndarray
    why: np.ndarray


def classify(net: Network | Sequence[Network], x: Any) -> Verdicts:
    """Stable, unstable, kink and index of fixed points.

    Parameters
    ----------
    net : Network or sequence of Network
        One net for all states, or one for each: then their layers are the same.
    x : array_like
        Fixed points (..., n), or (B, n) for B nets.

    Returns
    -------
    Verdicts
        Of shape (...). A state that is no fixed point (residual above 1e-8 of its scale) is not classified.

    Raises
    ------
    InputError
        For nets with different layers, wrong shapes, and singular points of a Lagrangian.
    """
    nets: list[Any] = list(net) if isinstance(net, list | tuple) else [net]
    for one in nets:
        check_network(one)
    if not nets or any(n.layers != nets[0].layers for n in nets[1:]):
        raise InputError("net: give one network, or several with the same layers")
    states = nets[0].states(x)
    shape = states.shape[:-1]
    states = states.reshape(-1, nets[0].size)
    if len(nets) > 1 and len(nets) != len(states):
        raise InputError(f"x has {len(states)} states for {len(nets)} networks: give one for each")
    if not np.isfinite(states).all():
        raise InputError("x: has numbers that are not finite")
    refuse_singular(nets[0], states)
    order = np.argsort(_alive(nets[0], states), kind="stable")  # few sizes of the reduced problem in each part
    room = np.empty((min(len(nets), _CHUNK), nets[0].size, nets[0].size))
    parts = []
    for start in range(0, max(len(states), 1), _CHUNK):
        here = order[start : start + _CHUNK]
        parts.append(_Batch([nets[k] for k in here] if len(nets) > 1 else nets, states[here], room).verdicts())
    back = np.argsort(order)
    return Verdicts(*(np.concatenate(column)[back].reshape(shape) for column in zip(*parts)))


class _Batch:
    """States of nets with the same layers."""

    def __init__(self, nets: Sequence[Network], states: np.ndarray, room: np.ndarray) -> None:
        self.nets = nets
        self.layers = nets[0]
        self.W = np.stack([n.matrix for n in nets], out=room[: len(nets)])
        self.b, self.tau = np.stack([n.bias for n in nets]), np.stack([n.tau for n in nets])
        self.symmetric = all(n.symmetric for n in nets)
        self.x = states
        self.count = len(states)

    def verdicts(self) -> tuple[Any, ...]:
        g = self.layers.activation(self.x)
        received, others = (self.W @ g[..., None])[..., 0], np.abs(self.b) + np.abs(self.x)
        drive = received + self.b - self.x
        self.residual = np.abs(drive).max(-1)
        fixed = self.residual <= _RESIDUAL * (1 + (np.abs(received) + others).max(-1))
        for k in np.flatnonzero(~fixed):  # terms that cancel are larger than their sum
            terms = np.abs(self.W[k % len(self.W)]) @ np.abs(g[k]) + others[k]
            fixed[k] = self.residual[k] <= _RESIDUAL * (1 + terms.max())
        #: sizes of what a drive is summed from
        self.terms = 1 + others.max(-1), np.sqrt((g * g).sum(-1))
        self.stable = np.full(self.count, None, dtype=object)
        self.why = np.full(self.count, None, dtype=object)
        self.index = np.full(self.count, -1)
        self.margin, self.error = np.full(self.count, np.nan), np.full(self.count, np.nan)
        self.nearest, self.farthest = np.full(self.count, np.inf), np.ones(self.count)
        self.definite = np.zeros(self.count, dtype=bool)
        self.results = (self.stable, self.index, self.margin, self.error, self.why, self.nearest)
        tolerance = kink_tolerance(self.b, self.x)
        kink = np.concatenate(
            [at_kink(layer, self.x[:, s], tolerance[:, s]) for layer, s in zip(self.layers.layers, self.layers.slices)],
            -1,
        ).any(-1)
        parts = curvatures(self.layers, self.x)
        usable = fixed & ~kink
        for p in parts:
            usable &= np.isfinite(p.entries).all(tuple(range(1, p.entries.ndim)))
        self.why[fixed & ~kink & ~usable] = "the slope of the activation is not finite here"
        self.smooth(np.flatnonzero(usable), parts, drive)
        for k in np.flatnonzero(fixed & kink):
            self.kinked(int(k))
        for k in np.flatnonzero(~fixed):
            self.why[k] = f"the residual {self.residual[k]:.3g} is too large for a fixed point"  # or not finite
        return self.stable, self.index, self.margin, self.error, kink, self.why

    def smooth(self, which: np.ndarray, parts: list[Curvature], drive: np.ndarray) -> None:
        """States where the activation is differentiable."""
        if len(which) == 0:
            return
        shift = np.zeros(len(which))
        self.decide(which, [p.at(which) for p in parts], shift)
        if all(_piecewise_linear(layer) for layer in self.layers.layers):
            return  # the curvature is constant around the state
        self.spread(which, parts, drive)

    def spread(self, which: np.ndarray, parts: list[Curvature], drive: np.ndarray) -> None:
        """Add to the errors what the error of the states does, and decide again where that matters."""
        separable = all(p.diagonal for p in parts)
        simple = self.definite[which] & separable
        shift = np.empty(len(which))
        shift[simple] = self.slope_shift(which[simple], drive)
        shift[~simple] = self.moved_shift(which[~simple], drive)
        self.error[which] += shift
        again = np.flatnonzero(self.nearest[which] <= 2 * self.error[which])
        if len(again):
            self.decide(which[again], [p.at(which[again]) for p in parts], shift[again])

    def slope_shift(self, which: np.ndarray, drive: np.ndarray) -> np.ndarray:
        """Sums over neurons: |δx| <= |1 + W H^½ S⁻¹ H^½| |r| with S = 1 − H^½ W H^½, whose eigenvalues' distances from 1
        change by no more than the largest relative change of a slope (Ostrowski)."""
        if len(which) == 0:
            return np.zeros(0)
        x = self.x[which]
        h = self.slopes(x)
        W = self.weights(which)
        size = np.sqrt(np.einsum("kij,kij->k", W, W))
        rounding = 4 * _EPS * (np.sqrt(x.shape[1]) * self.terms[0][which] + size * self.terms[1][which])
        residual = np.sqrt((drive[which] ** 2).sum(-1)) + rounding
        distance = ((1 + size * h.max(-1) / np.maximum(self.nearest[which], 1e-200)) * residual)[:, None]
        shift = np.zeros(len(which))
        for other in (self.slopes(x - distance), self.slopes(x + distance)):
            ratio = np.abs(np.divide(other, h, out=np.ones_like(h), where=h > 0) - 1).max(-1)
            born = np.sqrt(np.where(h > 0, 0.0, other).max(-1) * h.max(-1)) * size
            shift = np.maximum(shift, 2 * (ratio * self.farthest[which] + born))
        return np.where(np.isfinite(shift), shift, np.inf)

    def slopes(self, x: np.ndarray) -> np.ndarray:
        pairs = zip(self.layers.layers, self.layers.slices)
        with np.errstate(all="ignore"):
            return np.concatenate([layer.curvature(x[:, part])[0] for layer, part in pairs], -1)

    def moved_shift(self, which: np.ndarray, drive: np.ndarray) -> np.ndarray:
        """Others: by how much the rates change between the state and where a step of Newton's method takes it."""
        if len(which) == 0:
            return np.zeros(0)
        step = self.newton_step(which, drive[which])
        near = np.abs(step).max(-1) < 1e-3 * (1 + np.abs(self.x[which]).max(-1))
        kept = [part[which].copy() for part in self.results]
        with np.errstate(all="ignore"):
            parts = curvatures(self.layers, np.where(near[:, None], self.x[which] + step, self.x[which]))
        self.decide(which, parts, np.zeros(len(which)))
        shift = 2 * (np.abs(self.margin[which] - kept[2]) + np.abs(self.nearest[which] - kept[-1]))
        for part, before in zip(self.results, kept):
            part[which] = before
        return np.where(near & np.isfinite(shift), shift, np.inf)

    def newton_step(self, which: np.ndarray, drive: np.ndarray) -> np.ndarray:
        H = self.layers.hessian(self.x[which])
        F = np.eye(H.shape[-1]) - self.weights(which) @ H
        step = np.zeros_like(drive)
        regular = np.linalg.slogdet(F)[0] != 0
        step[regular] = np.linalg.solve(F[regular], drive[regular][..., None])[..., 0]
        return step

    def weights(self, which: np.ndarray) -> np.ndarray:
        return self.W if len(self.nets) == 1 or len(which) == self.count else self.W[which]

    def decide(self, which: np.ndarray, parts: list[Curvature], shift: np.ndarray) -> None:
        """Margins and verdicts; ``shift`` is what the error of the state does to the margin."""
        frame = rotated(self.weights(which), parts)
        tau = self.tau[which] if len(self.nets) > 1 else self.tau
        definite = np.asarray((frame.values >= 0).all(-1) & self.symmetric)
        for group, values, _, matrix in groups(frame, tau, self.symmetric):
            target, r = which[group], values.shape[-1]
            flat = r < frame.values.shape[-1]
            if definite[group[0]]:
                error = 8 * r * _EPS * np.abs(values).max(-1, initial=1.0)[:, None] + shift[group, None]
                rates = values
                margin = np.minimum(values.min(-1, initial=np.inf), 1.0 if flat else np.inf)
            else:
                error = _eigenvalue_errors(matrix) + shift[group, None]
                rates = -values.real
                slow = 1 / np.where(frame.values[group] == 0, np.broadcast_to(tau, frame.values.shape)[group], 0.0).max(
                    -1, initial=1e-300
                )
                margin = np.minimum(rates.min(-1, initial=np.inf), slow if flat else np.inf)
            self.judge(
                target,
                rates,
                margin,
                np.broadcast_to(error, rates.shape),
                matrix,
                shift[group],
                bool(definite[group[0]]),
            )

    def judge(
        self,
        target: np.ndarray,
        rates: np.ndarray,
        margin: np.ndarray,
        error: np.ndarray,
        matrix: np.ndarray,
        shift: np.ndarray,
        definite: bool,
    ) -> None:
        """Verdicts of states from the rates of their alive directions, positive where they decay."""
        grows, decays = rates < -error, rates > error
        decided = (grows | decays).all(-1)
        self.margin[target] = margin
        self.nearest[target] = np.abs(rates).min(-1) if rates.shape[-1] else 1.0
        self.farthest[target] = np.abs(1 - rates).max(-1, initial=1.0)
        self.definite[target] = definite
        self.error[target] = rates.min(-1) - (rates - error).min(-1) if rates.shape[-1] else 0.0
        self.index[target] = np.where(decided, grows.sum(-1), -1)
        self.stable[target] = None
        self.stable[target[decided]] = True
        self.stable[target[grows.any(-1)]] = False
        self.why[target] = None
        for k in np.flatnonzero(~decided).tolist():
            t = target[k]
            again = None if definite else _decided_by_blocks(matrix[k], shift[k])
            if again is not None:
                self.index[t], self.error[t] = again
                self.stable[t] = bool(self.index[t] == 0)
                continue
            self.why[t] = (
                f"the margin {_signed(margin[k])} is within its error {self.error[t]:.1e}"
                if self.stable[t] is None
                else "unstable, but an eigenvalue is zero within its error"
            )

    def kinked(self, k: int) -> None:
        """A state with neurons at a kink."""
        from dammech.flows.kinks import kink_verdict

        net = self.nets[k] if len(self.nets) > 1 else self.nets[0]
        verdict = kink_verdict(net, self.x[k], self.residual[k])
        self.stable[k], self.why[k] = verdict.stable, verdict.why
        self.margin[k], self.error[k] = verdict.margin, verdict.error
        self.index[k] = 0 if verdict.stable else -1


def _alive(net: Network, x: np.ndarray) -> np.ndarray:
    """Alive neurons of the sums over neurons."""
    parts = [(layer, part) for layer, part in zip(net.layers, net.slices) if layer.separable]
    return sum(((layer.curvature(x[:, part])[0] != 0).sum(-1) for layer, part in parts), np.zeros(len(x), dtype=int))


def _signed(value: float) -> str:
    return f"{value:.3g}"


def _piecewise_linear(layer: Any) -> bool:
    """Whether the curvature of a sum over neurons is constant between kinks."""
    form = layer.symbolic
    return layer.separable and all(c.slope.xreplace(form.values).is_number for c in form.cells)


def _eigenvalue_errors(matrix: np.ndarray) -> np.ndarray:
    """Rounding errors of the eigenvalues of matrices (G, r, r): by their condition numbers or, smaller where they are
    defective, by the r-th root of the rounding error of the matrix."""
    r = matrix.shape[-1]
    if r == 0:
        return np.zeros(matrix.shape[:-1])
    size = np.linalg.norm(matrix, axis=(-2, -1))[:, None]
    _, V = np.linalg.eig(matrix)
    regular = np.linalg.slogdet(V)[0] != 0
    condition = np.full(V.shape[:-1], np.inf)
    with np.errstate(over="ignore"):  # of vectors that are parallel to rounding
        condition[regular] = np.linalg.norm(np.linalg.inv(V[regular]), axis=-1)
    rounding = 4 * r * _EPS
    return np.minimum(rounding * size * condition, 2 * size * rounding ** (1 / r))


def _decided_by_blocks(J: np.ndarray, shift: float) -> tuple[int, float] | None:
    """Eigenvalues with positive real part, and the error bar, of a matrix whose eigenvectors are almost parallel.

    Neurons that do not feed back on each other have eigenvalues of their own; what is left goes by Lyapunov's equation.
    """
    number, label = connected_components(J != 0, connection="strong")
    index, worst = 0, 0.0
    for c in range(number):
        block = J[np.ix_(label == c, label == c)]
        rates, error = -np.linalg.eigvals(block).real, _eigenvalue_errors(block[None])[0] + shift
        if (np.abs(rates) > error).all():
            index, worst = index + int((rates < 0).sum()), max(worst, float(error.max()))
            continue
        found = _index_by_lyapunov(block)
        if found is None or shift > 1e-6 * np.abs(rates).min():
            return None
        index, worst = index + found, max(worst, float(np.abs(rates).min()) / 2)
    return index, worst


def _index_by_lyapunov(J: np.ndarray) -> int | None:
    """Eigenvalues with positive real part, as the negative ones of X with J X + X Jᵀ = −1; None where it is not certain."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            X = solve_continuous_lyapunov(J, -np.eye(len(J)))
    except (np.linalg.LinAlgError, ValueError, RuntimeWarning):
        return None
    if not np.isfinite(X).all():
        return None
    X = (X + X.T) / 2
    values = np.linalg.eigvalsh(X)
    wrong = np.linalg.norm(J @ X + X @ J.T + np.eye(len(J)), 2)
    rounding = 8 * len(J) * _EPS * np.linalg.norm(J, 2) * np.abs(values).max()
    if wrong + rounding > 0.5 or np.abs(values).min() <= 8 * len(J) * _EPS * np.abs(values).max():
        return None
    return int((values < 0).sum())
