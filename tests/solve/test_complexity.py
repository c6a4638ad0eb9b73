"""The complexity of glassy states: published curves, exact relations of a Legendre transform, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from dammech.errors import InputError, NotConverged
from dammech.solve import complexity
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.pspin.model import PSpin


@pytest.fixture(scope="module")
def warm():
    return complexity(PSpin(3), 0.5)


def test_the_curve_at_zero_temperature():
    curve = complexity(PSpin(3), 0)
    assert curve.equilibrium["free_energy"] == pytest.approx(-0.813534963984, abs=1e-10)
    assert curve.equilibrium["complexity"] == pytest.approx(0, abs=1e-12)
    top = curve.threshold
    assert (top["y"], top["free_energy"], top["complexity"]) == pytest.approx((0.918803, -0.757650242, 0.068537844), abs=2e-7)
    assert curve.marginal is None and not any(point["valid"] for point in curve.points)


def test_the_curve_at_half(warm):
    top, marginal = warm.threshold, warm.marginal
    assert (top["theta"], top["free_energy"], top["complexity"]) == pytest.approx((0.555152, -0.798187, 0.0329454), abs=1e-6)
    assert (marginal["theta"], marginal["complexity"]) == pytest.approx((0.616626, 0.0287046), abs=1e-6)
    assert warm.equilibrium["theta"] == pytest.approx(0.709947948, abs=1e-8)
    assert warm.equilibrium["free_energy"] == pytest.approx(-0.8231361420, abs=1e-9)
    stable = [point["theta"] > marginal["theta"] for point in warm.points]
    assert stable == [point["valid"] for point in warm.points] and 0 < sum(stable) < len(stable)
    for point in warm.points:
        assert (point["why"] is None) == point["valid"] == (point["replicon"] >= -1e-9)
        assert point["valid"] or f"{point['replicon']:.3g}" in point["why"]


def test_its_slope_is_the_block_size_over_the_temperature(warm):
    f, sigma, theta = (warm[name] for name in ("free_energy", "complexity", "theta"))
    slopes = np.diff(sigma) / np.diff(f)
    assert slopes == pytest.approx((theta[1:] + theta[:-1]) / 2 / 0.5, rel=2e-3)
    assert np.all(np.diff(slopes) < 0)  # concave


def test_between_the_static_and_the_dynamic_transition_the_paramagnet_counts_its_states():
    curve = complexity(PSpin(3), 0.66)
    assert curve.equilibrium["theta"] == 1.0 and curve.equilibrium["complexity"] > 0.001
    sigma, f = curve.equilibrium["complexity"], curve.equilibrium["free_energy"]
    assert f - 0.66 * sigma == pytest.approx(-0.25 / 0.66 - 0.66 * np.log(2), abs=1e-12)  # free energy of the paramagnet
    assert complexity(PSpin(3), 0.6515).equilibrium["complexity"] < 1e-3  # just above T_K
    with pytest.raises(NotConverged, match="dynamic transition"):
        complexity(PSpin(3), 0.7)


def test_the_glass_of_a_memory_is_the_p_spin_glass_in_other_units(warm):
    load = 0.1
    width = np.sqrt(2 * 2 * load / 3)  # ξ(q) = α (p−1)! q^p / p against q^p / 2
    curve = complexity(HebbianDAM(order=3), 0.5 * width, load)
    for name in ("equilibrium", "threshold", "marginal"):
        ours, theirs = getattr(curve, name), getattr(warm, name)
        assert ours["free_energy"] == pytest.approx(width * theirs["free_energy"], rel=1e-9)
        assert ours["complexity"] == pytest.approx(theirs["complexity"], abs=1e-9)
    other = complexity(HebbianDAM(order=3), 1.5 * width, 6 * load, convention="theriault-tantari")
    assert other.threshold["free_energy"] == pytest.approx(3 * curve.threshold["free_energy"], rel=1e-9)


def test_the_document_is_plain(warm):
    import json

    document = json.loads(json.dumps(warm.to_json()))
    assert document["ansatz"] == "1rsb" and len(document["points"]) == 60 and document["model"]["name"] == "pspin"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ((PSpin(2), 0.5), "continuously"),
        ((PSpin(3), -1), "temperature"),
        ((PSpin(3), [0.1, 0.2]), "one number"),
        ((PSpin(3), 0.5, 0.1), "no load"),
        ((HebbianDAM(order=3), 0.1), "load is missing"),
    ],
)
def test_what_has_no_such_curve_is_refused(arguments, word):
    with pytest.raises(InputError, match=word):
        complexity(*arguments)
