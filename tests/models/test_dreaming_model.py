"""What memories after sleep declare, and what is none."""

from __future__ import annotations

import math

import pytest
import sympy as sp

from dammech import DreamingDAM
from dammech.errors import InputError


def test_what_it_declares():
    model = DreamingDAM(1, examples=10, quality=0.5)
    assert model == DreamingDAM(1.0, 0.0, 10, 0.5) and isinstance(model.sleep, float) and model.noise_ratio == 0.3
    assert model.to_json() == {"name": "dreaming", "sleep": 1.0, "examples": 10, "quality": 0.5}
    assert DreamingDAM(2.0, 0.1).to_json() == {"name": "dreaming", "sleep": 2.0, "dataset_entropy": 0.1}
    assert list(model.branches) == ["retrieval", "spin-glass", "paramagnetic"]
    assert model.soft and model.branches["retrieval"].rivals == ("spin-glass",)
    assert list(model.lines) == ["retrieval-spinodal", "spin-glass"]
    assert model.patterns_for(0.25, 10) == 2 and model.convention("canonical").energy == 1
    (pairs,) = model.hamiltonian().rhs.atoms(sp.Sum)
    i, j, N = sp.symbols("i j N", integer=True)
    J, s = sp.IndexedBase("J"), sp.IndexedBase("sigma")
    assert pairs.args == (J[i, j] * s[i] * s[j], (j, i + 1, N), (i, 1, N)) and model.hamiltonian().rhs == -pairs
    assert "(I + tC)^{-1}" in model._repr_latex_() and "probability 0.75" in model.notation
    assert "√R z" in DreamingDAM(1.0, 0.2).notation and "x = ξ." in DreamingDAM(1.0).notation


@pytest.mark.parametrize(
    "arguments,words",
    [
        ({"sleep": -1.0}, "sleep=-1.0: must be a finite number ≥ 0"), ({"sleep": math.nan}, "sleep=nan"),
        ({"sleep": math.inf}, "sleep=inf"), ({"sleep": True}, "sleep=True"), ({"sleep": "1"}, "sleep='1'"),
        ({"dataset_entropy": -0.1}, "dataset_entropy=-0.1: must be a finite number ≥ 0"),
        ({"dataset_entropy": True}, "dataset_entropy=True"),
        ({"examples": 3}, "examples=3, quality=None: must be given together"),
        ({"quality": 0.3}, "examples=None, quality=0.3: must be given together"),
        ({"examples": 0, "quality": 0.3}, "examples=0: must be an integer of at least 1"),
        ({"examples": True, "quality": 0.3}, "examples=True"), ({"examples": 2.5, "quality": 0.3}, "examples=2.5"),
        ({"examples": 2, "quality": 0}, "quality=0: must be"),
        ({"examples": 2, "quality": 1.1}, "quality=1.1: must be .* at most 1"),
        ({"examples": 2, "quality": True}, "quality=True"), ({"examples": 2, "quality": math.nan}, "quality=nan"),
        ({"examples": 2, "quality": 0.3, "dataset_entropy": 0.1}, "dataset_entropy=0.1: is .* leave it out"),
    ],
)  # fmt: skip
def test_what_is_no_memory_after_sleep(arguments, words):
    with pytest.raises(InputError, match=words):
        DreamingDAM(**{"sleep": 1.0} | arguments)


def test_units_are_its_own():
    for name, words in (("ags", "canonical units only"), ("kelvin", "unknown")):
        with pytest.raises(InputError, match=words):
            DreamingDAM(1.0).convention(name)
