"""Where the glass at m = 0 sets in: known transitions, scaling with the load, and which of two transitions comes first."""

from __future__ import annotations

import numpy as np
import pytest

import dammech as dm
from dammech.solve.onset import broken_glass, onset

GLASSES = [
    (3, 0.681598040576, 0.651385226936),
    (4, 0.678411054852, 0.616883289515),
    (5, 0.700141707121, 0.606951730236),
]


@pytest.mark.parametrize("order, dynamic, static", GLASSES)
def test_transitions_of_the_p_spin_glass(order, dynamic, static):
    found = onset(dm.PSpin(order))
    assert (found.dynamic, found.static) == pytest.approx((dynamic, static), abs=1e-11)
    assert np.isnan(found.instability)
    assert broken_glass(dm.PSpin(order), None, [0, static - 1e-9, static + 1e-9, dynamic]) == [True, True, False, False]


def test_only_temperature_over_the_root_of_the_load_matters():
    model, load = dm.HebbianDAM(order=3), 0.3
    limit = 0.651385226936 * np.sqrt(2 * 2 * load / 3)  # ξ(q) = α (p−1)! q^p / p against q^p / 2
    assert broken_glass(model, [load, load, 0], [limit * (1 - 1e-9), limit * (1 + 1e-9), 0.1]) == [True, False, False]


def test_pairwise_glasses_break_where_the_paramagnet_is_unstable():
    load = 0.25
    assert broken_glass(dm.HebbianDAM(order=2), [load, load, 0], [1.4999, 1.5001, 0.5]) == [True, False, False]
    assert broken_glass(dm.PSpin(2), None, [0.9999, 1.0001]) == [True, False]


@pytest.mark.parametrize("order, first", [(4, "instability"), (6, "static")])
def test_a_term_in_q_squared_may_come_second(order, first):
    """Repeated indices: at order 6 clusters condense before the paramagnet is unstable, at order 4 there are none."""
    found = onset(dm.HebbianDAM(order=order, interaction="power"))
    assert found.broken == getattr(found, first)
    if order == 4:
        assert found.instability == pytest.approx(3) and np.isnan(found.static)
    else:
        assert found.instability == pytest.approx(15) and found.dynamic > found.static > found.instability


@pytest.mark.slow
def test_with_a_random_field_either_comes_first():
    """Σ = 0 at θ = 1 against the replicon of the paramagnet, whose q is not zero."""
    for order, first in ((3, "instability"), (5, "static")):
        found = onset(dm.HebbianDAM(order=order, interaction="power"))
        assert found.broken == getattr(found, first), order
