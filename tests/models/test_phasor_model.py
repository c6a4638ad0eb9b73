"""What memories of phases declare, and what is none."""

from __future__ import annotations

import math

import pytest
import sympy as sp

from dammech import PhasorDAM
from dammech.errors import InputError


def test_what_it_declares():
    assert PhasorDAM(3).to_json() == {"name": "phasor", "order": 3, "coupling": "complex"}
    assert list(PhasorDAM().branches) == ["retrieval", "spin-glass", "paramagnetic"]
    assert list(PhasorDAM().lines) == ["retrieval-spinodal", "thermodynamic", "spin-glass", "at"]
    assert PhasorDAM().lines["thermodynamic"].rival == "spin-glass" and "spin-glass" not in PhasorDAM(3).lines
    assert PhasorDAM(3).lines["thermodynamic"].rival == "paramagnetic" and PhasorDAM(3).patterns_for(0.1, 10) == 10
    at = {sp.Symbol("N", positive=True): 4, sp.Symbol("alpha", positive=True): sp.Rational(1, 4)}
    M, K = (sp.IndexedBase(name)[1] for name in "MK")
    energy = lambda model: model.hamiltonian().rhs.subs(at).doit()  # noqa: E731
    assert energy(PhasorDAM()) == -(sp.Abs(M) ** 2 - 4) / 8
    assert sp.expand(energy(PhasorDAM(2, "real")) + (sp.Abs(M) ** 2 + sp.Abs(K) ** 2 - 8) / 8) == 0
    cubes = sum(sp.Abs(sp.IndexedBase("M")[k]) ** 3 for k in range(1, 5))
    assert sp.expand(energy(PhasorDAM(3)) + cubes / 48) == 0
    (total,) = PhasorDAM().hamiltonian().rhs.atoms(sp.Sum)
    assert total.variables == [sp.Symbol("mu", integer=True)]
    assert r"\left|{{M}_{\mu}}\right|^{5}" in PhasorDAM(5)._repr_latex_()
    assert PhasorDAM().convention("canonical").load == 1
    assert "P = αN patterns" in PhasorDAM().notation and "P = αN^2 patterns" in PhasorDAM(3).notation
    assert "mirror image" in PhasorDAM(2, "real").notation and "N^{1−p/2}" in PhasorDAM(3).counting


@pytest.mark.parametrize(
    "arguments,words",
    [
        ((1,), "order=1: must be an integer of at least 2 and at most 20"), ((21,), "order=21"), ((True,), "order=True"),
        ((2.5,), "order=2.5"), ((math.nan,), "order=nan"), (("2",), "order='2'"),
        ((2, "phase"), "coupling='phase': must be one of complex, real"), ((2, True), "coupling=True"),
        ((3, "real"), "coupling='real': is defined for order 2 only, not for order 3"),
    ],
)  # fmt: skip
def test_what_is_no_memory_of_phases(arguments, words):
    with pytest.raises(InputError, match=words):
        PhasorDAM(*arguments)


def test_units_are_its_own():
    for name, words in (("ags", "canonical units only"), ("kelvin", "unknown")):
        with pytest.raises(InputError, match=words):
            PhasorDAM().convention(name)
