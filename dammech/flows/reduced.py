"""The Jacobian at a state in the frame of its Hessian: alive directions decide, dead ones decay at −1/τ by themselves.

With H = P Λ Pᵀ, H N = 0 and [P, N] orthonormal, the Jacobian J = T⁻¹(W H − 1) is block-triangular,

    [P, N]ᵀ J [P, N] = [[J_red, 0], [X, −1/τ]],    J_red = T⁻¹(M Λ − 1),  M = Pᵀ W P,  X = T⁻¹ Nᵀ W P Λ,

for any W and any H, since T is a number on every block whose neurons see each other. For symmetric W and Λ > 0 the
unstable directions are the negative eigenvalues of 1 − Λ^½ M Λ^½, whatever the time constants are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.linalg import block_diag

from dammech.errors import InputError
from dammech.results.record import Record
from dammech.systems.lagrangian.model.lagrangian import hessian_of

if TYPE_CHECKING:
    from dammech.systems.lagrangian.model import Network


@dataclass(frozen=True, repr=False)
class Reduced(Record):
    """The Jacobian of a network at one state, reduced to the range of the Hessian.

    Attributes
    ----------
    jacobian : ndarray
        J_red, (r, r).
    coupling : ndarray
        X, (n − r, r): how dead directions follow the alive ones.
    rates : ndarray
        −1/τ of the dead directions, (n − r,).
    alive, dead : ndarray
        P (n, r) and N (n, n − r), orthonormal together.
    hessian : ndarray
        Λ = Pᵀ H P, (r, r).
    weights : ndarray
        M = Pᵀ W P, (r, r).
    """

    jacobian: np.ndarray
    coupling: np.ndarray
    rates: np.ndarray
    alive: np.ndarray
    dead: np.ndarray
    hessian: np.ndarray
    weights: np.ndarray

    @property
    def triangular(self) -> np.ndarray:
        """[[J_red, 0], [X, −1/τ]]."""
        top = np.hstack([self.jacobian, np.zeros((len(self.jacobian), len(self.rates)))])
        return np.vstack([top, np.hstack([self.coupling, np.diag(self.rates)])])


def reduced(net: Network, x: Any) -> Reduced:
    """The reduced Jacobian at one state that is no kink.

    The null space is the structural one: small eigenvalues of saturated neurons stay in the alive part, and the
    identity is exact.

    Parameters
    ----------
    net : Network
    x : array_like
        (n,).

    Raises
    ------
    InputError
        At singular points and for more than one state.
    """
    x = net.states(x)
    if x.ndim != 1:
        raise InputError(f"x has shape {x.shape}: reduced takes one state of shape ({net.size},)")
    refuse_singular(net, x)
    frames = [_frame(layer, x[part]) for layer, part in zip(net.layers, net.slices)]
    P, N = (block_diag(*[frame[k] for frame in frames]) for k in (0, 1))
    tau_p, tau_n = (
        np.concatenate([_shared(net.tau[part], frame[k]) for frame, part in zip(frames, net.slices)]) for k in (0, 1)
    )
    HP = net.hessian(x) @ P
    L, M = P.T @ HP, P.T @ net.matrix @ P
    J = (M @ L - np.eye(P.shape[1])) / tau_p[:, None]
    X = (N.T @ net.matrix @ P @ L) / tau_n[:, None]
    return Reduced(J, X, -1 / tau_n, P, N, L, M)


def spectrum(net: Network, x: Any) -> np.ndarray:
    """Eigenvalues of the Jacobian at one state, the largest real part first: those of J_red, and −1/τ of dead directions.

    Real where they must be: for symmetric weights and a Hessian without negative eigenvalues.
    """
    x = net.states(x)
    refuse_singular(net, x)
    return spectrum_of(rotated(net.matrix, curvatures(net, x[None])), net.tau, net.symmetric)


def spectrum_of(frame: Frame, tau: np.ndarray, symmetric: bool) -> np.ndarray:
    """The same, of a frame that holds one state."""
    _, values, _, _ = next(groups(frame, tau, symmetric, scaled=True))
    both = np.concatenate([values[0], -1 / tau[frame.values[0] == 0]])
    both = both[np.lexsort((both.imag, -both.real))]
    return both if np.any(both.imag) else both.real


@dataclass(frozen=True)
class Frame:
    """Weights of many states in the eigenvectors of their Hessians.

    Attributes
    ----------
    weights : ndarray
        Vᵀ W V, (B, n, n) or, where no block needs a rotation, W itself, (1 or B, n, n).
    values : ndarray
        Eigenvalues of H, (B, n), of structural null vectors exactly 0. Neurons of a sum over neurons keep their places.
    vectors : dict
        V (B, D, D) of the layers that have been rotated.
    """

    weights: np.ndarray
    values: np.ndarray
    vectors: dict[int, np.ndarray]


@dataclass(frozen=True)
class Curvature:
    """The Hessian of a layer at many states.

    Attributes
    ----------
    part : slice
    entries : ndarray
        (B, D), the diagonal, of a sum over neurons; (B, D, D) of others.
    null : ndarray or None
        (B,), dimensions of the structural null space of the others.
    """

    part: slice
    entries: np.ndarray
    null: np.ndarray | None = None

    @property
    def diagonal(self) -> bool:
        """Whether the neurons do not see each other."""
        return self.null is None

    @property
    def matrices(self) -> np.ndarray:
        """(B, D, D)."""
        return self.entries[..., None] * np.eye(self.entries.shape[-1]) if self.diagonal else self.entries

    def at(self, which: np.ndarray) -> Curvature:
        """At some of the states."""
        return Curvature(self.part, self.entries[which], None if self.null is None else self.null[which])


def curvatures(net: Network, x: np.ndarray) -> list[Curvature]:
    """The Hessians of all layers at states (B, n)."""
    found = []
    for layer, part in zip(net.layers, net.slices):
        fields = x[:, part]
        if layer.separable:
            found.append(Curvature(part, layer.curvature(fields)[0]))
            continue
        null = _null_dimensions(layer, fields)
        found.append(Curvature(part, layer.hessian(fields), null))
    return found


def rotated(W: np.ndarray, parts: Sequence[Curvature]) -> Frame:
    """Weights (n, n) or (B, n, n) in the eigenvectors of the Hessians."""
    batch = max(len(p.entries) for p in parts)
    W = W if W.ndim == 3 else W[None]
    values = np.empty((batch, W.shape[-1]))
    vectors = {}
    for k, p in enumerate(parts):
        if p.null is None:
            values[:, p.part] = p.entries
            continue
        lam, V = np.linalg.eigh(p.entries)
        rank = np.argsort(np.argsort(np.abs(lam), axis=-1), axis=-1)
        values[:, p.part] = np.where(rank < p.null[:, None], 0.0, lam)
        vectors[k] = V
    if vectors:
        W = np.broadcast_to(W, (batch, *W.shape[1:])).copy()
        for k, V in vectors.items():
            part = parts[k].part
            W[:, part, :] = np.swapaxes(V, -1, -2) @ W[:, part, :]
            W[:, :, part] = W[:, :, part] @ V
    return Frame(W, values, vectors)


def groups(
    frame: Frame, tau: np.ndarray, symmetric: bool, scaled: bool = False, vectors: bool = False
) -> Iterator[tuple[np.ndarray, np.ndarray, Any, np.ndarray]]:
    """Eigenvalues of many states, by those with equally many alive directions (and the same sign of their curvature).

    Yields
    ------
    which : ndarray
        States of the group.
    values : ndarray
        (G, r): for symmetric weights and positive curvature, eigenvalues of 1 − Λ^½ M Λ^½ or, ``scaled``, those of J_red;
        else eigenvalues of J_red, complex.
    vectors : ndarray or None
        Eigenvectors (G, r, r), where asked for.
    matrix : ndarray
        The matrix that has these eigenvalues, (G, r, r).
    """
    alive = frame.values != 0
    count = alive.sum(-1)
    definite = np.asarray((frame.values >= 0).all(-1) & symmetric)
    for r, positive in sorted(set(zip(count.tolist(), definite.tolist()))):
        which = np.flatnonzero((count == r) & (definite == positive))
        index = np.argsort(~alive[which], axis=-1, kind="stable")[:, :r]
        state = which if len(frame.weights) > 1 else np.zeros_like(which)
        rows = state[:, None] * frame.weights.shape[-1] + index
        M = frame.weights.take(
            rows[:, :, None] * frame.weights.shape[-1] + index[:, None, :]
        )  # a copy, quicker than by [ ]
        lam = np.take_along_axis(frame.values[which], index, -1)
        rate = np.take_along_axis(np.broadcast_to(tau, frame.values.shape)[which], index, -1)
        if positive:
            if np.any(lam != 1):
                root = np.sqrt(lam)
                M *= root[:, :, None]
                M *= root[:, None, :]
            matrix = np.subtract(np.eye(r), M, out=M)
            if scaled:
                matrix = -matrix / np.sqrt(rate[:, :, None] * rate[:, None, :])
        else:
            matrix = (M * lam[:, None, :] - np.eye(r)) / rate[:, :, None]
        values, basis = _eigen(matrix, positive, vectors)
        yield which, values, basis, matrix


def _eigen(matrix: np.ndarray, symmetric: bool, vectors: bool) -> tuple[np.ndarray, np.ndarray | None]:
    if not vectors:
        return (np.linalg.eigvalsh(matrix) if symmetric else np.linalg.eigvals(matrix)), None
    values, basis = np.linalg.eigh(matrix) if symmetric else np.linalg.eig(matrix)
    return values, basis


def refuse_singular(net: Network, x: np.ndarray) -> None:
    """An error that names a singular point of a Lagrangian, where g does not exist."""
    for layer, part in zip(net.layers, net.slices):
        if layer.separable:
            continue
        fields = x[..., part]
        bad = ~np.isfinite(layer.numbers.activation(fields)).all(-1)
        bad |= ~np.isfinite(hessian_of(layer.numbers, fields)).all((-2, -1))
        if bad.any():
            where = [words for words, _ in getattr(layer.symbolic, "singular_sets", lambda _: [])(layer.size)]
            raise InputError(
                f"x: {fields[bad].reshape(-1, layer.size)[0].tolist()} is a singular point of {layer.name}"
                + (f" ({where[0]})" if where else "")
                + ", where its activation or its Hessian does not exist"
            )


def _frame(layer: Any, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Orthonormal bases of the complement of the structural null space, and of that space."""
    if layer.separable:
        dead = layer.dead(x)
        return np.eye(layer.size)[:, ~dead], np.eye(layer.size)[:, dead]
    N = layer.null_basis(x)
    return np.linalg.qr(N, mode="complete")[0][:, N.shape[1] :], N


def _shared(tau: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """Time constants of basis vectors, which are single neurons where the constants differ."""
    return tau[np.abs(basis).argmax(0)] if basis.shape[1] else np.zeros(0)


def _null_dimensions(layer: Any, x: np.ndarray) -> np.ndarray:
    """Dimensions of the structural null space at states (B, D)."""
    if not hasattr(layer.symbolic, "null_vectors") or x.shape[0] == 1:
        return np.array([layer.null_basis(row).shape[1] for row in x])
    dead = layer.dead(x)
    vectors = np.where(dead[..., None], 0.0, layer.numbers.null_vectors(x))
    size = np.linalg.norm(vectors, axis=-2, keepdims=True)
    weights = np.linalg.svd(vectors / np.where(size > 0, size, 1.0), compute_uv=False)
    return dead.sum(-1) + (weights > 1e-12).sum(-1)
