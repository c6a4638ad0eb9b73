"""Lines of streams: printed numbers, closed forms, the scaling theorem, limits, and refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dammech.equations import Theory, compiled
from dammech.errors import InputError
from dammech.phases import boundary, phase_diagram, staircase, task_matrix
from dammech.solve import augmented
from dammech.solve.newton import newton
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.palimpsest.answers.forgetting import effective_load
from dammech.systems.palimpsest.answers.weighted import _is_edge
from dammech.systems.palimpsest.model import PalimpsestDAM
from dammech.systems.pspin.model import PSpin

FULL, PURE, PAIR = PalimpsestDAM(order=3, interaction="power"), PalimpsestDAM(order=3), PalimpsestDAM(order=2)


def point(model, line, temperature=0.0, **more):
    (found,) = boundary(model, line, temperatures=temperature, **more).points
    return found


@pytest.mark.parametrize(
    ("model", "blackout", "best", "widest"),
    [(FULL, 5.948, 16.168, 0.030925), (PURE, 3.96526, math.e * 3.96526, 0.126095 / math.e),
     (PAIR, 3.0376331, 8.4383355, 0.0489585)],
    ids=str,
)
def test_printed_rates(model, blackout, best, widest):
    first, second = point(model, "blackout"), point(model, "optimal-rate")
    assert first["rate"] == pytest.approx(blackout, rel=1e-4 if model is FULL else 2e-6)
    assert second["rate"] == pytest.approx(best, rel=1e-4 if model is FULL else 2e-6)
    assert second["window"] == pytest.approx(widest, rel=2e-5 if model is not PAIR else 2e-6)
    for p in (first, second):
        assert p["converged"] and not p["valid"] and p["residual"] < 1e-10 and p["rate_error"] < 1e-7 * p["rate"]
    again = point(model, "window", rates=second["rate"])
    assert again["window"] == pytest.approx(second["window"], rel=1e-10) and again["window_error"] < 1e-10
    for factor in (0.98, 1.02):  # it is the maximum
        assert point(model, "window", rates=factor * second["rate"])["window"] < second["window"]


def test_the_classic_variable():
    """ε of mezard1986 is √(2ε): 2.465 and 4.108, and the optimum 0.0490 N patterns."""
    assert math.sqrt(2 * point(PAIR, "blackout")["rate"]) == pytest.approx(2.465, abs=5e-4)
    best = point(PAIR, "optimal-rate")
    assert math.sqrt(2 * best["rate"]) == pytest.approx(4.108, abs=5e-4) and best["window"] == pytest.approx(0.049, abs=5e-5)


def test_order_two_is_not_the_scaling_theorem():
    capacity = boundary(HebbianDAM(order=2), "retrieval-spinodal", temperatures=0).points[0]["load"]
    assert abs(point(PAIR, "optimal-rate")["window"] - capacity / math.e) > 0.03 * capacity / math.e


@pytest.mark.parametrize(
    ("model", "temperature", "rate", "printed"),
    [(FULL, 0.2, 16.168, 0.02837), (PalimpsestDAM(order=4, interaction="power"), 0.15, 103.04, 0.00453)],
    ids=str,
)
def test_windows_at_finite_temperature(model, temperature, rate, printed):
    """Temperatures are printed in units of energies p times the canonical ones: 0.6 there."""
    found = point(model, "window", temperature, rates=rate)
    assert found["window"] == pytest.approx(printed, abs=5e-6) and found["valid"]
    # self-consistent: e^{2εw}/(2ε) = α_c(T e^{εw})
    (edge,) = boundary(model.memory, "retrieval-spinodal", temperatures=temperature / found["weight"]).points
    assert found["weight"] ** 2 * edge["load"] == pytest.approx(1 / (2 * rate), rel=1e-11)


def test_scaling_theorem_on_the_fold_of_the_weighted_theory():
    """The fold of the p = 3 theory with weights, against Λ² α_c(T/Λ)."""
    state = compiled(Theory.of(FULL), "state")
    T, weight = 0.2, 0.7
    (edge,) = boundary(FULL.memory, "retrieval-spinodal", temperatures=T / weight).points
    m, q = edge["m"], edge["q"]
    x, p = np.array([[m], [q]]), np.array([[weight**2 * edge["load"]], [T], [weight]])
    start = np.concatenate([x, augmented.null_vector(state, x, p)])
    roots = newton(augmented.fold(state), start, p * [[1.001], [1], [1]], (0,))
    assert roots.converged[0]
    assert roots.p[0, 0] == pytest.approx(weight**2 * edge["load"], rel=1e-10)


@pytest.mark.parametrize(
    ("kernel", "exponent", "fraction"),
    [("exponential", None, 1 / math.e), ("power-law", 1.0, 0.25), ("compressed-exponential", 2.0, 0.48394),
     ("hard-buffer", None, 1.0), ("clipped", None, 0.29512)],
)
def test_kernels_at_zero_temperature(kernel, exponent, fraction):
    capacity = boundary(HebbianDAM(order=3), "retrieval-spinodal", temperatures=0).points[0]["load"]
    model = PalimpsestDAM(order=3, kernel=kernel, exponent=exponent)
    assert point(model, "optimal-rate")["window"] / capacity == pytest.approx(fraction, abs=1e-5)
    assert point(model, "blackout")["rate"] == pytest.approx(effective_load(model.shape, 1.0) / capacity, rel=1e-12)


def test_buffer_at_order_two_is_the_capacity_of_the_hopfield_model():
    best = point(PalimpsestDAM(order=2, kernel="hard-buffer"), "optimal-rate")
    assert best["window"] == pytest.approx(0.137905566, abs=1e-8)


@pytest.mark.slow
def test_clipped_couplings_at_order_two():
    """parisi1986 quotes about 0.04 N; that is the theory of the linear part plus a static noise."""
    best = point(PalimpsestDAM(order=2, kernel="clipped"), "optimal-rate")
    assert best["window"] == pytest.approx(0.0404733, abs=1e-6) and best["rate"] ** -0.5 == pytest.approx(0.35461, abs=1e-4)


def test_finite_history():
    rate = 4.0
    capacity = boundary(FULL.memory, "retrieval-spinodal", temperatures=0).points[0]["load"]
    last, first = point(FULL, "blackout-load", rates=rate), point(FULL, "first-pattern", rates=rate)
    assert last["load"] == pytest.approx(-math.log(1 - 2 * rate * capacity) / (2 * rate), rel=1e-12)
    assert first["load"] == pytest.approx(math.log(1 + 2 * rate * capacity) / (2 * rate), rel=1e-12)
    at_the_end = point(FULL, "window", rates=rate, loads=last["load"] * (1 - 1e-9))
    assert 0 <= at_the_end["window"] < 1e-8 and at_the_end["load"] == pytest.approx(last["load"])
    assert not point(FULL, "window", rates=rate, loads=last["load"] * 1.001)["converged"]
    everything = point(FULL, "window", rates=rate, loads=0.9 * first["load"])
    assert everything["window"] == pytest.approx(0.9 * first["load"]) and "every pattern" in everything["why"]
    never = point(FULL, "blackout-load", rates=7.0)
    assert not never["converged"] and "never lost" in never["why"]
    # slow forgetting: both tend to the capacity of the memory that does not forget
    assert point(FULL, "blackout-load", rates=1e-6)["load"] == pytest.approx(capacity, rel=1e-5)


@pytest.mark.parametrize("share", [0.25, 0.999, 1.001, 4.0])
def test_the_first_pattern_of_a_buffer_is_lost_to_the_capacity_or_to_its_length(share):
    """Without interference among weights: nothing is left to be solved for."""
    buffer = PalimpsestDAM(order=3, kernel="hard-buffer")
    capacity = boundary(buffer.memory, "retrieval-spinodal", temperatures=0).points[0]["load"]
    found = point(buffer, "first-pattern", rates=1 / (share * capacity))
    assert found["load"] == pytest.approx(min(1, share) * capacity, rel=1e-12) and 0 <= found["load_error"] < 1e-9


@pytest.mark.parametrize(
    ("m", "load", "edge"),
    [(0.9, 0.1, True), (1e-3, 0.1, False), (2e-3, 0.1, True), (1.0, 0.1, True), (1.01, 0.1, False), (-0.9, 0.1, False),
     (0.9, 0.0, False), (0.9, -0.1, False)],
)  # fmt: skip
def test_what_is_an_edge_of_retrieval(m, load, edge):
    assert _is_edge(np.array([[m]]), np.array([[load]]), (0,)).tolist() == [edge]


def test_what_does_not_exist_says_so():
    slow = point(PAIR, "window", rates=1.0)
    assert not slow["converged"] and slow["window"] is None and slow["why"].startswith("blackout")
    assert not boundary(PAIR, "window", temperatures=0, rates=[1.0, 9.0]).converged
    hot = point(PURE, "blackout", 3.0)
    assert not hot["converged"] and "no palimpsest at this temperature" in hot["why"]
    assert not point(PAIR, "optimal-rate", 1.2)["converged"]


def test_units():
    plain, raw = point(FULL, "window", 0.2, rates=16.168), point(FULL, "window", 0.6, rates=16.168, convention="raw")
    assert raw["window"] == pytest.approx(plain["window"], rel=1e-12) and raw["temperature"] == 0.6
    other = point(FULL, "window", 0.6, rates=16.168 / 6, convention="theriault-tantari")
    assert other["window"] == pytest.approx(6 * plain["window"], rel=1e-12)
    assert other["free_energy"] == pytest.approx(3 * plain["free_energy"], rel=1e-12)


@pytest.mark.slow
def test_broken_symmetry_through_the_scaling_theorem():
    best = point(FULL, "optimal-rate", ansatz="1rsb")
    (edge,) = boundary(FULL.memory, "retrieval-spinodal", temperatures=0, ansatz="1rsb").points
    assert best["window"] == pytest.approx(edge["load"] / math.e, rel=1e-10)
    warm = point(FULL, "window", 0.05, rates=16.0, ansatz="1rsb")
    assert warm["window"] == pytest.approx(0.03270874, abs=1e-7)


# -- tasks ------------------------------------------------------------------------------------------------------------


def test_task_matrix():
    best = point(FULL, "optimal-rate")
    load = best["window"] / 2.5
    result = task_matrix(FULL, tasks=8, task_load=load, rate=best["rate"])
    assert result.matrix.shape == (8, 8) and np.allclose(result.matrix, np.tril(result.matrix))
    assert result.matrix[-1] == pytest.approx([0, 0, 0, 0, 0, 0.6, 1, 1], abs=0.05)
    assert result.learning_accuracy == 1 and result.accuracy == pytest.approx(2.6 / 8, abs=0.01)
    assert result.backward_transfer == pytest.approx((result.matrix[-1, :7] - 1).mean()) and result.backward_transfer < 0
    assert result.forgetting == pytest.approx(-result.backward_transfer)
    assert result.windows[-1] == pytest.approx(best["window"], rel=5e-2)
    assert result.to_json()["matrix"][0][0] == 1 and (result.task_load, result.rate) == (load, best["rate"])
    one = task_matrix(FULL, tasks=1, task_load=load, rate=best["rate"])
    assert one.backward_transfer is None and one.forgetting is None


def test_tasks_without_forgetting_are_all_or_nothing():
    capacity = boundary(FULL.memory, "retrieval-spinodal", temperatures=0).points[0]["load"]
    result = task_matrix(FULL, tasks=4, task_load=capacity / 2.5, rate=0)
    assert np.array_equal(result.matrix.sum(axis=1), [1, 2, 0, 0]) and result.backward_transfer == pytest.approx(-2 / 3)


def test_staircase():
    model = PalimpsestDAM(order=3, interaction="power", kernel="rehearsal")
    expected = {0.012: (1, 1.0), 0.03: (2, 0.5), 0.09: (3, 0.25)}
    for load, (weight, fraction) in expected.items():
        found = staircase(model, load=load, temperature=0.2)
        assert (found["weight"], found["fraction"]) == (weight, fraction)
        assert found["effective_load"] == pytest.approx(6 * load)
    assert staircase(model, load=0.03, temperature=2.0)["weight"] is not None  # heavy patterns are retrieved at any T


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: boundary(PURE, "retrieval-spinodal", temperatures=0), "line='retrieval-spinodal': a palimpsest has blackout"),
        (lambda: boundary(PURE, "blackout"), "temperature is missing"),
        (lambda: boundary(PURE, "window", temperatures=0), "rate is missing"),
        (lambda: boundary(PURE, "blackout", temperatures=0, rates=3.0), "leave it out"),
        (lambda: boundary(PURE, "blackout", temperatures=0, loads=3.0), "only the window takes the total load"),
        (lambda: boundary(PURE, "window", temperatures=0, rates=0.0), "rate=0.0: must be a finite number > 0"),
        (lambda: boundary(PURE, "window", temperatures=-1.0, rates=2.0), "temperature=-1"),
        (lambda: boundary(PURE, "window", temperatures=0, rates=2.0, points=4), "points=4"),
        (lambda: boundary(PAIR, "window", temperatures=0, rates=9.0, loads=0.1), "endless streams only"),
        (lambda: boundary(PAIR, "blackout", temperatures=0, ansatz="1rsb"), "at order 2 the weights do not scale"),
        (lambda: boundary(HebbianDAM(order=3), "retrieval-spinodal", temperatures=0, rates=1.0), "does not forget"),
        (lambda: boundary(PalimpsestDAM(order=3, kernel="rehearsal"), "window", temperatures=0, rates=1.0), "staircase"),
        (lambda: phase_diagram(PURE), "use boundary"),
        (lambda: task_matrix(HebbianDAM(order=3), tasks=2, task_load=0.1, rate=1.0), "must be a PalimpsestDAM"),
        (lambda: task_matrix(PURE, tasks=0, task_load=0.1, rate=1.0), "tasks=0"),
        (lambda: task_matrix(PURE, tasks=2, task_load=-0.1, rate=1.0), "task_load=-0.1"),
        (lambda: task_matrix(PAIR, tasks=2, task_load=0.1, rate=0), "rate=0"),
        (lambda: staircase(PURE, load=0.1), "kernel='rehearsal'"),
        (lambda: staircase(PalimpsestDAM(order=2, kernel="rehearsal"), load=0.1), "order=2"),
        (lambda: staircase(PalimpsestDAM(order=3, kernel="rehearsal"), load=-0.1), "load=-0.1"),
        (lambda: boundary(PSpin(order=3), "static", rates=1.0), "rates=1.0"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(InputError, match=message):
        call()
