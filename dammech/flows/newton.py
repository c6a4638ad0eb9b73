"""Fixed points of any network by Newton's method from many starts, each with a certificate that it exists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from dammech.systems.lagrangian.model import Network

_STEPS = 80
_ACCEPTED = 1e-12
_SAME = 1e-8
#: next to a singular point, where slopes are larger, nothing is solved
_STEEP = 1e100
_EPS = float(np.finfo(float).eps)


#: numbers in the Jacobians of the states that are solved at a time
_JACOBIANS = 2**20


def newton_points(net: Network, starts: int) -> tuple[np.ndarray, np.ndarray]:
    """Fixed points that Newton's method finds from symmetric, random and relaxed starts, and from between those found.

    Parameters
    ----------
    net : Network
    starts : int
        Random starts; as many are relaxed along the flow first.

    Returns
    -------
    states : ndarray
        (count, n), residual at most 1e-12 of the scale of its terms.
    certified : ndarray of bool
        Whether a contraction around the state proves that a fixed point is within its rounding.
    """
    rng = np.random.default_rng(np.random.SeedSequence([net.size, starts, 71]))
    found = _distinct(_in_parts(net, _starts(net, starts, rng)))
    if 1 < len(found) <= 60:
        one, other = np.triu_indices(len(found), 1)
        between = (found[one] + found[other]) / 2
        between = between[rng.permutation(len(between))[: 4 * starts]]
        found = _distinct(np.concatenate([found, _in_parts(net, between)]))
    return _unblurred(net, found, certified(net, found))


def _in_parts(net: Network, x: np.ndarray) -> np.ndarray:
    """Solved from so many states at a time that their Jacobians fit into memory."""
    step = max(1, _JACOBIANS // net.size**2)
    return np.concatenate([_solved(net, x[k : k + step]) for k in range(0, len(x), step)])


def certified(net: Network, x: np.ndarray) -> np.ndarray:
    """Whether z ↦ z − A F(z), A = F'(x)⁻¹, maps a ball around each state (B, n) into itself and contracts it.

    F(z) = z − W g(z) − b. How F' varies within the ball is sampled, with a factor of ten for what the sample misses.
    """
    verdict = np.zeros(len(x), dtype=bool)
    rng = np.random.default_rng(np.random.SeedSequence([net.size, 72]))
    W, eye = net.matrix, np.eye(net.size)
    for k, state in enumerate(x):
        F = eye - W @ net.hessian(state)
        if not np.isfinite(F).all() or np.linalg.cond(F) > 1e14:
            continue
        A = np.linalg.inv(F)
        scale = 1 + np.abs(state).max()
        step = float((np.abs(A) @ _doubt(net, state)).max())
        for radius in (1e-6 * scale, 4 * step):
            ball = state + radius * rng.uniform(-1, 1, (12, net.size))
            ball[:4] = state + radius * np.sign(ball[:4] - state)
            change = A @ (W @ (net.hessian(ball) - net.hessian(state)))
            contraction = 10 * float(np.abs(change).sum(-1).max())
            if contraction < 0.5 and step <= (1 - contraction) * radius:
                verdict[k] = True
                break
    return verdict


def state_errors(net: Network, x: np.ndarray) -> np.ndarray:
    """Estimated error of the fields of each state (B, n), of the larger of a field and 1: the largest Newton step that the
    residual and its rounding can ask for. Infinite where the Jacobian is singular."""
    found = np.full(len(x), np.inf)
    for k, state in enumerate(x):
        F = np.eye(net.size) - net.matrix @ net.hessian(state)
        if np.isfinite(F).all() and np.linalg.cond(F) < 1 / _EPS:
            step = np.abs(np.linalg.inv(F)) @ _doubt(net, state)
            found[k] = float((step / np.maximum(1.0, np.abs(state))).max())
    return found


def _doubt(net: Network, state: np.ndarray) -> np.ndarray:
    """How large the drive of each neuron may be: what is found, and the rounding of its terms."""
    terms = np.abs(net.matrix) @ np.abs(net.activation(state)) + np.abs(net.bias) + np.abs(state)
    return np.asarray(np.abs(net.drive(state)) + 4 * net.size * _EPS * terms)


def _unblurred(net: Network, x: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the Jacobian is singular, states around a fixed point have no residual either: of such a heap, the best one.

    Next to a singular point, where the activation is not known to rounding, a residual of zero means nothing.
    """
    steep = np.abs(net.hessian(x)).max((-2, -1), initial=0) * _EPS * (1 + np.abs(x).max(-1, initial=0)) > 1e-3
    x, known = x[~steep], known[~steep]
    order = np.lexsort((np.abs(net.drive(x)).max(-1), ~known)) if len(x) else np.zeros(0, dtype=int)
    kept: list[int] = []
    for k in order:
        if not known[k] and kept:
            between = (x[kept] + x[k]) / 2
            if (np.abs(net.drive(between)).max(-1) <= _ACCEPTED * (1 + net.scale(x[k]))).any():
                continue
        kept.append(int(k))
    kept.sort()
    return x[kept], known[kept]


def _starts(net: Network, number: int, rng: np.random.Generator) -> np.ndarray:
    """States to start from."""
    n = net.size
    symmetric = [np.zeros(n), net.bias]
    for part in net.slices:
        for size in (-3.0, -1.0, 1.0, 3.0):
            state = net.bias.copy()
            state[part] += size
            symmetric.append(state)
    patterns = net.bias + np.concatenate([net.matrix.T, -net.matrix.T])[: 4 * number]
    spread = rng.choice([0.3, 1.0, 3.0, 10.0], size=(number, 1)) * rng.normal(size=(number, n))
    random = net.bias + spread
    driven = _finite(net, net.feedback(net.activation(spread)) + net.bias)
    return np.concatenate([_finite(net, np.array(symmetric)), patterns, random, driven, _relaxed(net, random)])


def _relaxed(net: Network, x: np.ndarray) -> np.ndarray:
    """States after a while of the flow, each step exact for a constant activation."""
    decay = -np.expm1(-0.2 * net.tau.min() / net.tau)
    for _ in range(200):
        with np.errstate(all="ignore"):
            x = np.clip(x + decay * net.drive(x), -1e6, 1e6)
    return _finite(net, x)


def _finite(net: Network, x: np.ndarray) -> np.ndarray:
    """The states without those where the activation is not finite."""
    with np.errstate(all="ignore"):
        return x[np.isfinite(net.activation(x)).all(-1) & np.isfinite(x).all(-1)]


def _solved(net: Network, x: np.ndarray) -> np.ndarray:
    """Newton's method with a damped step, of many states at once; those that reached a fixed point."""
    W, eye = net.matrix, np.eye(net.size)
    done: list[np.ndarray] = []
    with np.errstate(all="ignore"):
        for _ in range(_STEPS):
            drive = net.drive(x)
            size = np.abs(drive).max(-1)
            reached = size <= _ACCEPTED * (1 + net.scale(x))
            done.append(x[reached])
            x, drive, size = x[~reached], drive[~reached], size[~reached]
            F = eye - W @ net.hessian(x)
            usable = (np.abs(F).max((-2, -1), initial=0) < _STEEP) & np.isfinite(size)
            x, drive, size, F = x[usable], drive[usable], size[usable], F[usable]
            if len(x) == 0:
                break
            step = _steps(F, drive)
            x = x + _damping(net, x, step, size)[:, None] * step
    found = np.concatenate(done) if done else x[:0]
    return _refined(net, _distinct(found))


def _steps(F: np.ndarray, drive: np.ndarray) -> np.ndarray:
    """F⁻¹ r of many matrices at once; those that are singular are shifted a little."""
    try:
        return np.linalg.solve(F, drive[..., None])[..., 0]
    except np.linalg.LinAlgError:
        shift = 1e-6 * np.maximum(1.0, np.abs(F).max((-2, -1), initial=0))[:, None, None] * np.eye(F.shape[-1])
        F = F + shift * (np.linalg.slogdet(F)[0] == 0)[:, None, None]
    try:
        return np.linalg.solve(F, drive[..., None])[..., 0]
    except np.linalg.LinAlgError:  # zero pivots that rounding hid from the determinant
        return (np.linalg.pinv(F) @ drive[..., None])[..., 0]


def _damping(net: Network, x: np.ndarray, step: np.ndarray, size: np.ndarray) -> np.ndarray:
    """The largest of 1, 1/2, … that lowers the residual; a small one where none does."""
    length = np.ones(len(x))
    for _ in range(12):
        worse = ~(np.abs(net.drive(x + length[:, None] * step)).max(-1) < size)
        if not worse.any():
            break
        length[worse] /= 2
    return length


def _refined(net: Network, x: np.ndarray) -> np.ndarray:
    """Two more steps, kept where they lower the residual."""
    eye = np.eye(net.size)
    for _ in range(2):
        with np.errstate(all="ignore"):
            drive = net.drive(x)
            F = eye - net.matrix @ net.hessian(x)
            regular = np.abs(F).max((-2, -1), initial=0) < _STEEP
            other = x.copy()
            other[regular] += _steps(F[regular], drive[regular])
            better = np.abs(net.drive(other)).max(-1) < np.abs(drive).max(-1)
        x = np.where(better[:, None], other, x)
    return x


def _distinct(x: np.ndarray) -> np.ndarray:
    """States without repetitions, in the order in which they were found."""
    kept: list[np.ndarray] = []
    for state in x:
        if not kept or np.abs(np.array(kept) - state).max(-1).min() > _SAME * (1 + np.abs(state).max()):
            kept.append(state)
    return np.array(kept).reshape(-1, x.shape[1])
