"""Estimators against processes whose answers are known, and against wrong answers that they must reject."""

import numpy as np
import pytest
from scipy.signal import lfilter

from dammech.errors import InputError, ShortChain
from dammech.simulate.estimators import (
    autocorrelation_time,
    bootstrap,
    extrapolate,
    fraction_and_error,
    jackknife,
    mean_and_error,
)


def autoregressive(phi, chains, n, seed):
    noise = np.random.default_rng(seed).normal(size=(chains, n + 1000))
    return lfilter([1], [1, -phi], noise, axis=1)[:, 1000:]


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.9, 0.95])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_autocorrelation_time_of_an_autoregression(phi, seed):
    known = (1 + phi) / (1 - phi)
    chains, n = 20, int(800 * known) + 200
    tau = autocorrelation_time(autoregressive(phi, chains, n, seed))
    sigma = known * np.sqrt(4 * (2 * 5 * known / 2 + 1) / (chains * n))  # Madras–Sokal, window of 5 τ
    assert abs(tau - known) < 4 * sigma + 0.02 * known
    assert abs(tau - 1.2 * known) > 4 * sigma  # the wrong answer is resolved


def test_short_chains_are_refused_by_name_of_the_needed_length():
    series = autoregressive(0.99, 1, 2000, 0)[0]
    with pytest.raises(ShortChain, match=r"at least \d+ sweeps are needed"):
        autocorrelation_time(series)
    assert autocorrelation_time(series, check=False) > 40
    with pytest.raises(ShortChain):
        autocorrelation_time(np.linspace(0, 1, 500))  # a drift is no stationary chain
    with pytest.raises(ShortChain):
        autocorrelation_time(np.array([1.0]))


def test_a_constant_series_is_uncorrelated():
    assert autocorrelation_time(np.full(100, 0.97)) == 1.0


def test_error_bars_cover():
    rng = np.random.default_rng(3)
    z = []
    for _ in range(400):
        mean, error = mean_and_error(rng.normal(2.0, 1.0, size=60))
        z.append((mean - 2.0) / error)
    assert 0.9 < np.std(z) < 1.13
    assert mean_and_error([1.5]) == (1.5, None)
    with pytest.raises(InputError):
        mean_and_error([])


def test_fraction_error_is_never_zero():
    assert fraction_and_error(0, 20)[0] == 0 and fraction_and_error(0, 20)[1] > 0.04
    value, error = fraction_and_error(500, 1000)
    assert value == 0.5 and error == pytest.approx(0.0158, abs=1e-4)
    with pytest.raises(InputError):
        fraction_and_error(3, 2)


def test_jackknife_and_bootstrap_of_a_ratio():
    rng = np.random.default_rng(4)
    data = rng.normal([2.0, 4.0], [0.3, 0.5], size=(400, 2))

    def ratio(rows):
        return rows[:, 0].mean() / rows[:, 1].mean()

    known = 0.5 * np.sqrt((0.3 / 2) ** 2 + (0.5 / 4) ** 2) / np.sqrt(400)
    value, error = jackknife(data, ratio)
    assert error == pytest.approx(known, rel=0.12)
    assert abs(value - 0.5) < 4 * error
    value, error = bootstrap(data, ratio, seed=1)
    assert error == pytest.approx(known, rel=0.15)
    assert bootstrap(data, ratio, seed=1) == (value, error)


@pytest.mark.parametrize("power", [1.0, 0.5])
def test_extrapolation_finds_the_limit_and_rejects_a_wrong_one(power):
    sizes = np.array([50, 100, 200, 400, 800])
    errors = np.full(5, 2e-4)
    rng = np.random.default_rng(int(10 * power))
    pulls, chi2 = [], []
    for _ in range(300):
        values = 0.9 + 0.4 * sizes**-power + rng.normal(0, errors)
        fit = extrapolate(sizes, values, errors, power=power)
        pulls.append((fit.value - 0.9) / fit.error)
        chi2.append(fit.chi2)
        assert fit.degrees == 3
    assert abs(np.mean(pulls)) < 4 / np.sqrt(300) and 0.85 < np.std(pulls) < 1.15
    assert np.mean(chi2) == pytest.approx(3, abs=4 * np.sqrt(6 / 300))
    assert abs(fit.value - 0.9 * 1.05) > 4 * fit.error
    wrong = extrapolate(sizes, 0.9 + 0.4 * sizes**-power, errors, degree=0)
    assert wrong.p_value < 1e-6


def test_extrapolation_refuses_too_few_sizes():
    with pytest.raises(InputError, match="needs 3 different sizes"):
        extrapolate([10, 20], [1, 2], [0.1, 0.1], degree=2)
    with pytest.raises(InputError):
        extrapolate([10, 20], [1, 2], [0.1, 0.0])
