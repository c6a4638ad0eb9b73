"""Units of papers: round trips, and the physics that must not change with them."""

from __future__ import annotations

import math

import pytest

from dammech.declared.units import CONVENTIONS, convention
from dammech.errors import InputError
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.pspin.model import PSpin

EXISTING = [(name, p) for name in CONVENTIONS for p in range(2, 8)]


def units(name, order):
    try:
        return convention(name, order)
    except InputError:
        return None


@pytest.mark.parametrize(("name", "order"), [(n, p) for n, p in EXISTING if units(n, p)])
def test_round_trip(name, order):
    u = units(name, order)
    for value in (0.0, 0.1379, 2.5):
        for factor in (u.load, u.temperature, u.energy):
            assert (value * factor) / factor == pytest.approx(value, rel=1e-15)
            assert factor > 0
    assert u.temperature == u.energy, "k_B = 1 in every convention"
    assert u.name == name and u.source


@pytest.mark.parametrize("order", range(3, 9))
def test_dictionary(order):
    """α = α_TT/p!, T = T_TT/p; Gardner's load is p!α/2 and her T and energies p/2 times ours; raw keeps the load."""
    tt, gardner, raw, salento = (convention(n, order) for n in ("theriault-tantari", "gardner", "raw", "salento"))
    assert (tt.load, tt.temperature) == (1 / math.factorial(order), 1 / order)
    assert 1 / gardner.load == pytest.approx(math.factorial(order) / 2) and 1 / gardner.temperature == pytest.approx(order / 2)
    assert (raw.load, raw.temperature) == (1.0, tt.temperature)
    assert (salento.load, salento.temperature) == (gardner.load, gardner.temperature)
    # Gardner's J² = 2α_TT: loads differ by two, temperatures by two
    assert tt.load / gardner.load == pytest.approx(0.5) and tt.temperature / gardner.temperature == pytest.approx(0.5)


def test_published_capacities():
    """T = 0 replica-symmetric capacities: the same number in canonical units and in those of the paper."""
    assert 0.756571292312 * convention("theriault-tantari", 3).load == pytest.approx(0.126095215385, rel=1e-11)
    assert 0.791440476782 * convention("theriault-tantari", 4).load == pytest.approx(0.0329766865326, rel=1e-11)


def test_at_order_two_all_is_ags():
    for name in ("canonical", "ags", "gardner", "salento"):
        u = convention(name, 2)
        assert (u.load, u.temperature, u.energy) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize(("name", "order"), [("ags", 3), ("theriault-tantari", 2), ("raw", 2)])
def test_conventions_that_do_not_exist(name, order):
    with pytest.raises(InputError, match=f"convention='{name}'"):
        convention(name, order)


def test_unknown_convention():
    with pytest.raises(InputError, match="known are canonical, ags"):
        HebbianDAM(order=3).convention("metric")
    with pytest.raises(InputError, match="unknown"):
        PSpin(order=3).convention("metric")
    with pytest.raises(InputError, match="Hebbian"):
        PSpin(order=3).convention("gardner")
    assert PSpin(order=3).convention("canonical").load == 1.0
