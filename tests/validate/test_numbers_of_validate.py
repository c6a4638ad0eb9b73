"""Loads, limits and their errors in reports, by closed forms and plain least squares."""

from __future__ import annotations

import inspect
import itertools
import math

import numpy as np
import pytest
from scipy.special import ndtr

from dammech.systems.lagrangian.claims import hidden
from dammech.systems.palimpsest.claims import rules, window
from dammech.systems.palimpsest.claims.rules import _line
from dammech.systems.thresholds.claims import capacity
from dammech.validate.crossings import crossing

SIZES = [100, 200, 400, 800]


def rows(value, errors=(2e-3, 1e-3, 3e-3, 1e-3)):
    return [{"size": n, "value": value(n), "error": e} for n, e in zip(SIZES, errors)]


def limit(table, power):
    """c_0 of c_0 + c_1 N^−x by weighted least squares, and its error."""
    n, v, e = (np.array([row[k] for row in table], dtype=float) for k in ("size", "value", "error"))
    design = np.stack([np.ones(n.size), n**-power], axis=1) / e[:, None]
    covariance = np.linalg.inv(design.T @ design)
    return (covariance @ design.T @ (v / e))[0], math.sqrt(covariance[0, 0])


def test_a_slope_against_size_is_that_of_weighted_least_squares():
    table = rows(lambda n: 0.3 + 2e-3 * n + 1e-3 * math.sin(n))
    found = _line(table)
    n, v, e = (np.array([row[k] for row in table], dtype=float) for k in ("size", "value", "error"))
    design = np.stack([np.ones(n.size), n], axis=1) / e[:, None]
    covariance = np.linalg.inv(design.T @ design)
    _, slope = covariance @ design.T @ (v / e)
    assert (found.value, found.error) == (pytest.approx(slope), pytest.approx(math.sqrt(covariance[1, 1])))
    assert found.fit is None and set(found.systematic) == {"largest size left out"}


def test_a_crossing_is_found_exactly_in_exact_fractions_with_the_error_of_fisher():
    loads, trials = np.linspace(0.07, 0.14, 9), np.arange(30, 39)
    share = ndtr((0.1 - loads) / 0.012)
    found = crossing(loads, trials * share, trials)
    assert (found.load, found.width) == (pytest.approx(0.1, abs=1e-6), pytest.approx(0.012, abs=1e-6))
    u = (0.1 - loads) / 0.012
    density = np.exp(-(u**2) / 2) / math.sqrt(2 * math.pi) / 0.012
    weight = trials * density**2 / (share * (1 - share))
    slopes = np.stack([np.ones(9), -u])
    information = (slopes * weight) @ slopes.T
    assert found.error == pytest.approx(math.sqrt(np.linalg.inv(information)[0, 0]), rel=1e-3)


@pytest.mark.parametrize(("source", "measured", "parameters", "few"), [
    ("_clipped_points", rules._clipped_signal, {"order": 2, "size": 160, "bound": 4, "age": 4, "trials": 40}, 40),
    ("_delta_points", rules._delta_measured, {"order": 2, "rate": 1.0, "gamma": 0.2}, 120),
    ("dreaming_step", rules._dreamt, {"load": 0.6, "time": 1.0}, 60),
    ("_exponential_points", rules._exponential_measured, {"size": 12, "exponent": 1.0, "patterns": 8000, "index": 60}, 600),
    ("_exponential_points", rules._slope, {"exponent": 0.75, "sharpness": 1.0}, 500),
])  # fmt: skip
def test_only_the_full_level_takes_more_trials(monkeypatch, source, measured, parameters, few):
    known = inspect.signature(getattr(rules, source))

    def tell(*arguments, **named):
        raise LookupError(known.bind(*arguments, **named).arguments["trials"])

    monkeypatch.setattr(rules, source, tell)
    for level, trials in (("quick", few), ("full", 8 * few)):
        with pytest.raises(LookupError, match=rf"^{trials}$"):
            measured(parameters, level, (1,))


# -- what controls say --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "patterns", "index", "exponent", "sharpness"), [(4, 1, 1, 0.7, 0.4), (6, 3, 2, 1.3, 0.9)])
def test_gaussian_noise_has_the_mean_square_of_the_exponential_one(size, patterns, index, exponent, sharpness):
    """By all signs of the other spins."""
    sums = [sum(signs) for signs in itertools.product((-1, 1), repeat=size - 1)]
    square = np.mean([math.exp(2 * sharpness * s) for s in sums]) * sum(k ** (-2 * exponent) for k in range(1, patterns + 1))
    chance = ndtr(math.exp(sharpness * (size - 1)) * index**-exponent / math.sqrt(square))
    at = {"size": size, "patterns": patterns, "index": index, "exponent": exponent, "sharpness": sharpness}
    assert rules._gaussian_noise(at) == pytest.approx(2 * chance - 1, rel=1e-12)
    further = index * math.exp(rules._slope_of_mean_square(at))  # as well recalled in one spin more
    assert rules._gaussian_noise({**at, "size": size + 1, "index": further}) == pytest.approx(2 * chance - 1, rel=1e-12)


def test_a_memory_without_reaction_solves_its_two_equations():
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    for rate, age, temperature in ((8.0, 0.02, 0.3), (11.0, 0.05, 0.2)):
        weight = math.exp(-rate * age)
        load, scaled, m, q = 1 / (2 * rate * weight**2), temperature / weight, 0.95, 0.9
        for _ in range(2000):
            spin = np.tanh((m + math.sqrt(load * q) * nodes) / scaled)
            m, q = float(weights @ spin / weights.sum()), float(weights @ spin**2 / weights.sum())
        found = window._without_reaction({**window._WARM, "load": None, "rate": rate, "age": age, "temperature": temperature})
        assert m > 0.4 and found == pytest.approx(m, abs=1e-6)


@pytest.mark.parametrize("end", [0.0101, 0.1234, 0.2471])
def test_the_end_of_a_window_of_a_wrong_theory_is_halved_down_to(end):
    found = window.window_without(lambda p: 0.601 if p["age"] < end and p["load"] is None else 0.599, {"age": 7.0, "load": 1.0})
    assert found <= end < found + 0.25 / 2**16


@pytest.mark.parametrize("lost", [0.011, 0.037, 0.11, 0.137])
def test_a_pilot_finds_roughly_where_half_is_lost(monkeypatch, lost):
    half = capacity._PILOT_SETS // 2

    def kept(size, patterns, theta, beta, sets, seed):
        assert (size, theta, beta, sets, seed) == (1000, 0.5, 2.0, capacity._PILOT_SETS, 3)
        return half - (patterns / size > lost)  # where exactly half are kept most are not lost

    monkeypatch.setattr(capacity, "_kept", kept)
    found = capacity._pilot(1000, 0.5, 2.0, 3)
    top = 0.02 * 2 ** max(0, math.ceil(math.log2(lost / 0.02)))
    assert abs(found - lost) <= top / 64 + 1e-3


def test_a_frozen_memory_is_as_cold_as_said():
    """β_c = √(2α) of e^{αN} memories, which is 1 at the load of the claim."""
    patterns, beta = hidden._frozen_memory({"load": 0.3, "size": 10, "relative_beta": 1.5})
    assert patterns == 20 and beta == pytest.approx(1.5 * math.sqrt(0.6))
