"""The Jacobian in the frame of the Hessian: the block-triangular identity, its eigenvalues and the count of unstable ones."""

from __future__ import annotations

import numpy as np
import pytest
from planted_nets import block, planted

from dammech.errors import InputError
from dammech.flows import classify, reduced, spectrum
from dammech.systems.lagrangian.model import Network


def compared(seeds):
    """Worst errors over planted nets, and their unstable directions."""
    identity, good, bad, conditions, counts = 0.0, 0.0, 0.0, [], []
    for seed in seeds:
        net, x = planted(seed)
        J = (net.matrix @ net.hessian(x) - np.eye(net.size)) / net.tau[:, None]
        part = reduced(net, x)
        Q = np.hstack([part.alive, part.dead])
        assert np.abs(Q.T @ Q - np.eye(net.size)).max() < 1e-13
        identity = max(identity, np.linalg.norm(Q.T @ J @ Q - part.triangular) / np.linalg.norm(J))
        full, vectors = np.linalg.eig(J)
        condition = np.linalg.cond(vectors)
        predicted = spectrum(net, x)
        assert np.isrealobj(predicted)
        error = np.abs(np.sort(full.real) - np.sort(predicted)).max() / max(1, np.abs(full).max())
        conditions.append(condition)
        if condition < 1e5:
            good = max(good, error)
        else:
            bad = max(bad, error)
        verdict = classify(net, x)
        assert verdict.index == (predicted > 0).sum() == (full.real > 1e-7).sum(), seed
        assert verdict.stable[()] is bool(verdict.index == 0) and not verdict.kink
        counts.append(int(verdict.index))
    return identity, good, bad, np.array(conditions), np.array(counts)


def check(seeds):
    identity, good, bad, conditions, counts = compared(seeds)
    print(
        f"{len(conditions)} nets: identity {identity:.1e}, eigenvalues {good:.1e} where diagonalisable, {bad:.1e} in the "
        f"{(conditions >= 1e5).sum()} others; condition of the eigenvectors: median {np.median(conditions):.1f}, largest "
        f"{conditions.max():.1e}; unstable directions {np.bincount(counts).tolist()}"
    )
    assert identity <= 1e-12
    assert good <= 1e-10 and bad <= 1e-6
    assert (counts == 0).any() and (counts > 0).any()


def test_block_triangular_identity():
    check(range(120))


@pytest.mark.slow
def test_block_triangular_identity_in_two_thousand_nets():
    check(range(2000))


def test_it_holds_for_weights_that_are_not_symmetric():
    rng = np.random.default_rng(5)
    layers = [block("relu", 4), block("softmax", 3), block("layernorm", 4)]
    weights = [{"from": j, "to": i, "matrix": rng.normal(size=(layers[i].size, layers[j].size))}
               for i in range(3) for j in range(3)]  # fmt: skip
    found_complex = 0
    for _ in range(20):
        x = 2 * rng.normal(size=11)
        net = Network(layers, weights, None, [0.5, 1, 2], symmetric=False)
        J = (net.matrix @ net.hessian(x) - np.eye(11)) / net.tau[:, None]
        part = reduced(net, x)
        Q = np.hstack([part.alive, part.dead])
        assert np.linalg.norm(Q.T @ J @ Q - part.triangular) < 1e-13 * np.linalg.norm(J)
        predicted, full = spectrum(net, x), np.linalg.eigvals(J)
        found_complex += np.iscomplexobj(predicted)
        assert all(np.abs(predicted - value).min() < 1e-6 for value in full)
    assert found_complex


@pytest.mark.parametrize("seed", range(6))
def test_two_layers_in_closed_form(seed):
    """Eigenvalues from the singular values of C = H_h^½ ξ H_v^½; stable where the largest is below 1."""
    rng = np.random.default_rng(seed)
    layers = [block(("tanh", "identity", "softmax")[seed % 3], 4), block(("relu", "softmax")[seed % 2], 6)]
    xi, (tau_v, tau_h) = rng.normal(size=(6, 4)) * rng.choice([0.4, 1.5]), rng.uniform(0.3, 3, 2)
    net = Network(layers, [{"from": 0, "to": 1, "matrix": xi}], None, [tau_v, tau_h])
    x = rng.normal(size=10)
    net = Network(layers, [{"from": 0, "to": 1, "matrix": xi}], np.split(-net.drive(x), [4]), [tau_v, tau_h])
    lam, V = np.linalg.eigh(net.hessian(x))
    root = V * np.sqrt(np.maximum(lam, 0)) @ V.T
    sigma = np.linalg.svd(root[4:, 4:] @ xi @ root[:4, :4], compute_uv=False)
    sigma = sigma[sigma > 1e-12]
    d = np.sqrt((tau_v - tau_h) ** 2 + 4 * tau_v * tau_h * sigma**2)
    expected = [(-(tau_v + tau_h) + s * d) / (2 * tau_v * tau_h) for s in (1, -1)]
    expected += [np.full(4 - len(sigma), -1 / tau_v), np.full(6 - len(sigma), -1 / tau_h)]
    assert np.allclose(np.sort(np.concatenate(expected)), np.sort(spectrum(net, x)), atol=1e-12)
    verdict = classify(net, x)
    assert verdict.margin == pytest.approx(1 - sigma.max(initial=0), abs=1e-12)
    assert verdict.index == (sigma > 1).sum()


def test_time_constants_do_not_change_the_index():
    net, x = planted(3, one_time_constant=True)
    rng = np.random.default_rng(0)
    before = classify(net, x)
    for _ in range(5):
        document = net.to_json()
        document["time_constants"] = [
            rng.uniform(0.1, 10, l.size).tolist() if l.separable else rng.uniform(0.1, 10) for l in net.layers
        ]
        after = classify(Network.from_json(document), x)
        assert after.index == before.index and after.margin == before.margin


def test_a_singular_point_is_refused_as_a_state():
    net = Network([block("layernorm", 4)])
    for function in (reduced, spectrum, classify):
        with pytest.raises(InputError, match=r"singular point of layernorm \(all fields equal\)"):
            function(net, np.ones(4))
