"""Diagonal and full matrices that make non-symmetric weights symmetric: what lets an altered energy exist."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dammech.systems.lagrangian.model import Network

_SAME = 1e-9
_DEFINITE = 1e-12


@dataclass(frozen=True)
class Scaling:
    """R diagonal, one number for each block whose neurons see each other, with K = R W symmetric.

    Attributes
    ----------
    R : ndarray or None
        The diagonal; of each connected part that sign which makes the trace of K positive. None where there is none.
    positive : ndarray or None
        A diagonal of positive numbers, where there is one.
    why : str or None
        Why there is none.
    """

    R: np.ndarray | None
    positive: np.ndarray | None
    why: str | None


def scaling(net: Network) -> Scaling:
    """R W = (R W)ᵀ by ratios r_j/r_i = w_ij/w_ji along a spanning tree; the remaining pairs decide (cycle condition).

    Parameters
    ----------
    net : Network

    Returns
    -------
    Scaling
    """
    W = net.matrix
    bound = _SAME * max(1.0, float(np.abs(W).max()))
    linked = np.abs(W) > bound
    np.fill_diagonal(linked, False)
    if np.any(linked & (W.T == 0)):
        to, source = np.argwhere(linked & (W.T == 0))[0]
        return Scaling(None, None, f"neuron {source} acts on neuron {to} but not the reverse")
    joined = _joined(net)
    R = np.zeros(net.size)
    parts = np.full(net.size, -1)
    for root in range(net.size):
        if parts[root] >= 0:
            continue
        R[root], parts[root], waiting = 1.0, root, [root]
        while waiting:
            i = waiting.pop()
            for j in np.flatnonzero((linked[i] | joined[i]) & (parts < 0)):
                R[j] = R[i] if joined[i, j] else R[i] * W[i, j] / W[j, i]
                parts[j] = root
                waiting.append(int(j))
    K = R[:, None] * W
    worst = float(np.abs(K - K.T).max())
    if worst > _SAME * float(np.abs(K).max(initial=1e-300)):
        return Scaling(None, None, f"no diagonal R makes R W symmetric: a cycle of weights is left with {worst:.3g}")
    if any(np.ptp(R[part]) > _SAME * np.abs(R[part]).max() for layer, part in zip(net.layers, net.slices) if not layer.separable):
        return Scaling(None, None, "R would differ within a block whose neurons see each other")
    for layer, part in zip(net.layers, net.slices):
        if not layer.separable:
            R[part] = R[part].mean()
    signs = [np.unique(np.sign(R[parts == root])) for root in np.unique(parts)]
    positive = np.abs(R) if all(len(s) == 1 for s in signs) else None
    for root in np.unique(parts):
        mine = parts == root
        R[mine] /= np.exp(np.mean(np.log(np.abs(R[mine]))))
        if np.trace(R[mine, None] * W[np.ix_(mine, mine)]) < 0:
            R[mine] *= -1
    return Scaling(R, None if positive is None else np.abs(R), None)


def positive_factor(A: np.ndarray, B: np.ndarray) -> np.ndarray | None:
    """S symmetric and positive definite with A = S Bᵀ, or None.

    S = A (B A)⁺ Aᵀ + s (1 − P), P the projector on the rows of B. Where these are independent it exists if and only if
    the loop product B A is symmetric and positive definite.

    Parameters
    ----------
    A : ndarray
        visible × hidden.
    B : ndarray
        hidden × visible.
    """
    loop = B @ A
    scale = float(np.abs(loop).max(initial=0.0))
    if scale == 0 or np.abs(loop - loop.T).max() > _SAME * scale:
        return None
    inside = np.linalg.pinv(B) @ B
    S = A @ np.linalg.pinv((loop + loop.T) / 2, rcond=_SAME, hermitian=True) @ A.T
    S = (S + S.T) / 2
    rest = float(np.trace(S)) / max(1, np.linalg.matrix_rank(B))
    S = S + rest * (np.eye(len(S)) - inside)
    if np.abs(S @ B.T - A).max() > _SAME * np.abs(A).max() or not definite(S):
        return None
    return np.asarray(S)


def semidefinite(matrix: np.ndarray) -> bool:
    """Whether the symmetric part has no eigenvalue below zero, to rounding."""
    values = np.linalg.eigvalsh((matrix + matrix.T) / 2)
    return bool(values[0] >= -_DEFINITE * max(1e-300, np.abs(values).max()) * len(values))


def definite(matrix: np.ndarray) -> bool:
    """Whether the symmetric part has positive eigenvalues only, beyond rounding."""
    values = np.linalg.eigvalsh((matrix + matrix.T) / 2)
    return bool(values[0] > _DEFINITE * np.abs(values).max() * len(values))


def condition(matrix: np.ndarray) -> float:
    """Ratio of the largest and the smallest singular value."""
    return float(np.linalg.cond(matrix))


def _joined(net: Network) -> np.ndarray:
    """Pairs of neurons of one block that see each other."""
    joined = np.zeros((net.size, net.size), dtype=bool)
    for layer, part in zip(net.layers, net.slices):
        if not layer.separable:
            joined[part, part] = True
    np.fill_diagonal(joined, False)
    return joined
