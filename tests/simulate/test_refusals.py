"""Whatever is given for an argument of chains on couplings, chains of phases and their exact sums: taken, or refused in a
sentence."""

from __future__ import annotations

import numpy as np
import pytest

from dammech.errors import SAID, InputError, ShortChain
from dammech.exact import coupling_energies, coupling_gibbs, gibbs, gibbs_distribution, phase_energies, phase_gibbs
from dammech.simulate import CouplingChain, PhaseChain, simulate_couplings, simulate_phases, with_diagonal
from dammech.systems.hebbian.model import HebbianDAM

HOSTILE = [
    None, True, "x", "", b"x", 1j, np.nan, np.inf, -1, 0, 1, 2.5, 10**400, [], [[]], {}, {1: 2}, [1, [2, 3]], object(),
    lambda *_: 1, np.zeros((0, 0)), np.ones(3), np.ones((2, 2, 2)), np.array(["a"]), np.full((3, 3), 1e308),
    np.full((3, 3), 1e-320), {(1, 1): 1e308}, {(True, 1): 1.0}, {(1, 1): None}, {"a": 1},
]  # fmt: skip
STREAM = np.arange(1, 5, dtype=np.uint64)
TERMS, ONES, SIGNS = {(1, 1): 0.5}, np.ones((3, 3)), np.ones((2, 3))
MOTION = {"spins": np.ones(3), "temperature": 1.0, "dynamics": "glauber", "stream": STREAM}
STUDY = {
    "name": "a", "size": 3, "temperature": 1.0, "trials": 2, "seed": 0, "dynamics": "glauber", "overlap": 1.0, "sweeps": 2000,
    "equilibration": 5, "workers": 1,
}  # fmt: skip
CALLS = {
    "chain of couplings": (
        lambda **given: CouplingChain(**given).run(2), {"couplings": ONES, "diagonal": "kept", "pattern": np.ones(3), **MOTION}
    ),
    "chain of phases": (
        lambda **given: PhaseChain(**given).run(2), {"interaction": TERMS, "patterns": SIGNS, "states": 3, **MOTION}
    ),
    "couplings": (simulate_couplings, {"rule": lambda rng, n: (np.eye(n), np.ones((1, n))), "diagonal": "kept", **STUDY}),
    "phases": (simulate_phases, {"interaction": TERMS, "rule": lambda rng, n: np.ones((1, n)), "states": 3, **STUDY}),
    "diagonal": (with_diagonal, {"couplings": ONES, "diagonal": "kept"}),
    "sums over phases": (phase_gibbs, {"interaction": TERMS, "patterns": SIGNS, "temperature": 1.0, "states": 3}),
    "energies of phases": (phase_energies, {"interaction": TERMS, "patterns": SIGNS, "states": 3}),
    "sums over spins": (coupling_gibbs, {"couplings": ONES, "temperature": 1.0, "patterns": SIGNS}),
    "energies of spins": (coupling_energies, {"couplings": ONES}),
    "memory": (lambda **given: gibbs(HebbianDAM(2), **given), {"patterns": SIGNS, "temperature": 1.0}),
    "law": (lambda temperature: gibbs_distribution(np.arange(4.0), temperature), {"temperature": 1.0}),
}  # fmt: skip


@pytest.mark.parametrize("name,argument", [(name, argument) for name, (_, good) in CALLS.items() for argument in good])
def test_taken_or_refused_in_a_sentence(name, argument):
    call, good = CALLS[name]
    good = {**good, "stream": STREAM.copy()} if "stream" in good else good
    call(**good)
    refused = 0
    for value in HOSTILE:
        try:
            call(**good | {argument: value})
        except (InputError, ShortChain) as error:
            refused += 1
            assert len(str(error)) <= SAID and "\n" not in str(error)
    assert refused >= 10
