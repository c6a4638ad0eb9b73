"""What one would write for the gradient of a dense associative memory classifier: the baselines of ``bench_training``.

All compute L = Σ (tanh h − y)^(2m) and dL/dM for rectified powers, class neurons at −1 but for the one asked about. They
are written by hand on purpose, and the benchmark checks that all give the same gradient. M (K, N), pixels (B, N − C),
targets (B, C).
"""

import numpy as np


def flipped_states(pixels, classes):
    """(B, C, N) twice: class neuron d at +1, and at −1, the others at −1."""
    items, visible = pixels.shape
    states = np.full((items, classes, visible + classes), -1, pixels.dtype)
    states[:, :, :visible] = pixels[:, None, :]
    up = states.copy()
    for d in range(classes):
        up[:, d, visible + d] = 1
    return up, states


def loop_over_memories(M, pixels, targets, vertex, scale, exponent):
    """A loop over memory vectors, forwards and backwards, as demonstrations of the model are written."""
    classes = targets.shape[1]
    up, down = flipped_states(pixels, classes)
    field = np.zeros_like(targets)
    for memory in M:
        field += np.maximum(scale * (up @ memory), 0) ** vertex - np.maximum(scale * (down @ memory), 0) ** vertex
    Y = np.tanh(field)
    G = 2 * exponent * (Y - targets) ** (2 * exponent - 1) * (1 - Y**2)
    gradient = np.empty_like(M)
    for k, memory in enumerate(M):
        slope_up = vertex * np.maximum(scale * (up @ memory), 0) ** (vertex - 1)
        slope_down = vertex * np.maximum(scale * (down @ memory), 0) ** (vertex - 1)
        gradient[k] = scale * (np.tensordot(G * slope_up, up, 2) - np.tensordot(G * slope_down, down, 2))
    return np.sum((Y - targets) ** (2 * exponent)), gradient


def tiled(M, pixels, targets, vertex, scale, exponent):
    """Whole-array NumPy: every item repeated for every class neuron, two matrix products each way, and no loop."""
    classes = targets.shape[1]
    up, down = (states.reshape(-1, M.shape[1]) for states in flipped_states(pixels, classes))
    s_up, s_down = np.maximum(scale * (up @ M.T), 0), np.maximum(scale * (down @ M.T), 0)
    field = (s_up**vertex - s_down**vertex).sum(axis=1).reshape(targets.shape)
    Y = np.tanh(field)
    G = (2 * exponent * (Y - targets) ** (2 * exponent - 1) * (1 - Y**2)).reshape(-1, 1)
    slope_up, slope_down = G * vertex * s_up ** (vertex - 1), G * vertex * s_down ** (vertex - 1)
    return np.sum((Y - targets) ** (2 * exponent)), scale * (slope_up.T @ up - slope_down.T @ down)


def normalised_step(M, V, gradient, rate, momentum):
    """Momentum, each memory's step divided by its largest component, and the clip; in place."""
    V *= momentum
    V += gradient
    M -= rate * V / np.maximum(np.abs(V).max(axis=1, keepdims=True), 1e-30)
    np.clip(M, -1, 1, out=M)


def torch_step(torch, M, V, pixels, targets, vertex, scale, exponent, rate, momentum):
    """The same step in PyTorch: one product for all overlaps, broadcast flips, automatic differentiation; in place."""
    classes = targets.shape[1]
    visible = pixels.shape[1]
    M.grad = None
    base = scale * (pixels @ M[:, :visible].T - M[:, visible:].sum(dim=1))
    moved = base[:, None, :] + 2 * scale * M[:, visible:].T[None]
    power = torch.relu(base) ** vertex
    field = (torch.relu(moved) ** vertex - power[:, None, :]).sum(dim=2)
    loss = ((torch.tanh(field) - targets) ** (2 * exponent)).sum()
    loss.backward()
    with torch.no_grad():
        V.mul_(momentum).add_(M.grad)
        M -= rate * V / V.abs().amax(dim=1, keepdim=True).clamp_min(1e-30)
        M.clamp_(-1, 1)
    assert classes == field.shape[1]
    return loss.detach(), M.grad
