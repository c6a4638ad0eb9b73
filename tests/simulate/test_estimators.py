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


@pytest.mark.parametrize("phi", [-0.3, -0.5, -0.9, -0.97])
def test_antithetic_series_have_their_true_time(phi):
    """τ = (1 + φ)/(1 − φ) below 1; pooled chains give the same."""
    known, n = (1 + phi) / (1 - phi), 60_000
    found = [autocorrelation_time(autoregressive(phi, 1, n, seed)[0]) for seed in range(12)]
    error = np.std(found, ddof=1) / np.sqrt(12)
    assert abs(np.mean(found) - known) < 4 * error + 0.02 * known and np.std(found) < 0.35 * known
    assert autocorrelation_time(autoregressive(phi, 8, n // 4, 99)) == pytest.approx(known, rel=0.2)


def test_oscillating_correlations_do_not_cut_the_sum_early():
    """A damped oscillation: τ is the spectral density at zero over the variance."""
    damping, angle = 0.95, 2 * np.pi / 20
    poles = [1, -2 * damping * np.cos(angle), damping**2]
    series = lfilter([1], poles, np.random.default_rng(5).normal(size=400_000))[2000:]
    assert autocorrelation_time(series) == pytest.approx(1 / sum(poles) ** 2 / series.var(), rel=0.05)


def test_the_error_from_an_antithetic_time_covers():
    phi, n = -0.8, 4000
    chains = autoregressive(phi, 300, n, 1)
    tau = np.array([autocorrelation_time(chain) for chain in chains])
    pulls = chains.mean(axis=1) / np.sqrt(chains.var(axis=1) * tau / n)
    assert 0.85 < pulls.std() < 1.2


def test_a_series_that_alternates_for_ever_has_nearly_no_error():
    alternating = np.tile([1.0, -1.0], 200)
    assert 0 < autocorrelation_time(alternating) == autocorrelation_time(alternating, check=False) < 0.01


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1.0, 1e160, 1e300])
def test_units_and_offset_of_a_series_do_not_matter(scale):
    series = autoregressive(0.5, 2, 4000, 8)
    assert autocorrelation_time(scale * series) == pytest.approx(autocorrelation_time(series), rel=1e-9)
    assert autocorrelation_time(scale * (series + 1e3)) == pytest.approx(autocorrelation_time(series), rel=1e-6)


@pytest.mark.parametrize("wrong", [[1.0, np.nan, 2.0] * 50, [np.inf, 1.0] * 50, [["a", "b"]], np.zeros((2, 3, 4))])
def test_no_number_no_time(wrong):
    with pytest.raises(InputError, match="series"):
        autocorrelation_time(wrong)


def test_the_shortest_chain_accepted():
    """Boundary: n = 50 τ for the τ of this very series."""
    series = np.random.default_rng(0).normal(size=400)
    tau = autocorrelation_time(series)
    assert autocorrelation_time(series, shortest=400 / tau * 0.9999) == tau
    with pytest.raises(ShortChain, match="the chain of 400 sweeps"):
        autocorrelation_time(series, shortest=400 / tau * 1.0001)


def test_powers_of_an_extrapolation():
    """Corrections N^{−1/2} and N^{−2} with known coefficients; another set of powers misses the limit."""
    sizes, powers = np.array([10.0, 20, 50, 100, 400, 900]), [0.5, 2.0]
    values = 0.7 + 0.3 * sizes**-0.5 - 5.0 * sizes**-2.0
    errors = np.linspace(1e-3, 2e-3, 6)
    fit = extrapolate(sizes, values, errors, powers=powers)
    np.testing.assert_allclose(fit.coefficients, [0.7, 0.3, -5.0], rtol=1e-9)
    assert fit.value == pytest.approx(0.7, abs=1e-12) and fit.degrees == 3
    assert fit.chi2 < 1e-15 and fit.p_value == pytest.approx(1.0)
    design = np.stack([sizes**0, sizes**-0.5, sizes**-2.0], axis=1) / errors[:, None]
    np.testing.assert_allclose(fit.covariance, np.linalg.inv(design.T @ design), rtol=1e-8)
    assert fit.error == pytest.approx(np.sqrt(fit.covariance[0, 0]))
    assert abs(extrapolate(sizes, values, errors, powers=[1.0]).value - 0.7) > 0.01
    order = extrapolate(sizes, values, errors, powers=[2.0, 0.5])
    assert order.value == pytest.approx(0.7, abs=1e-12) and order.coefficients[1] == pytest.approx(-5.0)
    with pytest.raises(InputError, match="positive"):
        extrapolate(sizes, values, errors, powers=[0.5, -1.0])
    exact = extrapolate(sizes[:3], values[:3], errors[:3], powers=powers)  # as many parameters as sizes: the last accepted
    assert exact.degrees == 0 and exact.p_value is None and exact.value == pytest.approx(0.7, abs=1e-10)
    with pytest.raises(InputError, match="needs 3 different sizes"):
        extrapolate(sizes[:2], values[:2], errors[:2], powers=powers)


def test_bootstrap_resamples_are_independent_of_order_and_counted():
    data = np.random.default_rng(1).normal(size=50)
    _, few = bootstrap(data, np.mean, resamples=2, seed=3)
    rng = np.random.default_rng(np.random.SeedSequence([3, 50]))
    means = [data[rng.integers(0, 50, 50)].mean() for _ in range(2)]
    assert few == pytest.approx(np.std(means, ddof=1))
    with pytest.raises(InputError, match="values has 1"):
        bootstrap(data[:1], np.mean)
    with pytest.raises(InputError, match="values has 1"):
        jackknife(data[:1], np.mean)
    assert np.isfinite(jackknife(data[:2], np.mean)[1]) and np.isfinite(bootstrap(data[:2], np.mean)[1])
