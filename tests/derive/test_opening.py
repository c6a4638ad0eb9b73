"""What precedes the steps of a derivation is in the letters of its system, and is true where it is an identity."""

import itertools

import numpy as np
import pytest

import dammech as dm
from dammech.derive.opening import opening

OPENED = {
    "hebbian": (lambda: dm.derive(dm.HebbianDAM(2)), r"\sum_{\{\sigma^a\}}"),
    "mixture": (lambda: dm.derive(dm.HebbianDAM(2), mixture=3), r"\rangle_{\xi}"),
    "glass": (lambda: dm.derive(dm.PSpin(3)), r"\rangle_J"),
    "phases": (lambda: dm.derive(dm.PhasorDAM(4)), r"\hat Q_{ab}\cdot \bar\sigma^a\sigma^b"),
    "sleep": (lambda: dm.derive(dm.DreamingDAM(1.0)), r"\tfrac12\sum_{a,b}\hat Q_{ab}\,\tau^a\tau^b"),
    "examples": (lambda: dm.derive(dm.DreamingDAM(1.0, examples=3, quality=0.5)), r"\hat m_ax\,\tau^a"),
}


@pytest.mark.parametrize("name", OPENED)
def test_an_opening_ends_in_the_ansatz_and_is_in_the_letters_of_its_system(name):
    make, own = OPENED[name]
    parts = opening(make())
    written = "\n".join(line for _, lines in parts for line in lines)
    assert own in written and r"e^{N\Phi}" in written and "ansatz" in parts[-1][0]
    assert ("m_a = m" in parts[-1][0]) == (name != "glass")
    assert (r"\tau" in written) == (name in ("sleep", "examples"))
    assert (r"\bar" in written) == (name == "phases")


def test_sleep_is_a_hopfield_memory_of_other_spins():
    """Z by the sum over σ with J, and by fields: c Tr e^{β Σ_μ (xτ)²/2N}, τ = √(1+t) σ + i√(tT) φ."""
    size, t, T = 3, 0.7, 1.3
    x = np.array([[1, 1, -1], [1, -1, 1]])
    C = x @ x.T / size
    J = (1 + t) / size * x.T @ np.linalg.inv(np.eye(2) + t * C) @ x
    signs = np.array(list(itertools.product((-1, 1), repeat=size)))
    energies = -(np.einsum("si,ij,sj->s", signs, J, signs) - np.trace(J)) / 2
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    phi = np.stack(np.meshgrid(*[nodes] * size, indexing="ij"), axis=-1).reshape(-1, size)
    w = np.prod(np.stack(np.meshgrid(*[weights / weights.sum()] * size, indexing="ij"), axis=-1).reshape(-1, size), axis=1)
    tau = np.sqrt(1 + t) * signs[:, None] + 1j * np.sqrt(t * T) * phi
    product = np.exp(((tau @ x.T) ** 2).sum(axis=-1) / (2 * size * T))
    c = np.sqrt(np.linalg.det(np.eye(2) + t * C)) * np.exp(-np.trace(J) / (2 * T))
    assert c * (product * w).sum() == pytest.approx(np.exp(-energies / T).sum(), rel=1e-9)
