"""Numbers with honest errors from correlated and disordered data.

Times are in units of the series' step. Errors of disorder averages come from independent pattern sets, never from the
number of bits or of sweeps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from dammech.errors import InputError, ShortChain
from dammech.results.record import Record

WINDOW = 5.0
SHORTEST_CHAIN = 50.0
_SIGNIFICANT = 3.0  # standard deviations, beyond which a negative correlation is one


def autocorrelation_time(
    series: np.ndarray, *, window: float = WINDOW, shortest: float = SHORTEST_CHAIN, check: bool = True
) -> float:
    """Integrated autocorrelation time τ = 1 + 2 Σ_t ρ(t): n correlated values are worth n/τ independent ones.

    The sum is cut at the smallest t ≥ ``window`` times the sum so far (Sokal's self-consistent window; the bias of the cut
    is e^{−5/2} of τ for a single exponential, whose τ is twice its decay time), where correlations that are negative beyond
    their noise count by their size: those of an antithetic series cancel in τ, but last as long. Several chains of equal
    length are pooled: their autocovariances about their own means are averaged before they are normalised.

    Parameters
    ----------
    series : ndarray, (n,) or (chains, n)
        Finite numbers.
    window : float
        Cut in units of τ.
    shortest : float
        Least n/τ that is accepted.
    check : bool
        False returns the estimate of a chain that is too short; it is then a lower bound, nothing more.

    Returns
    -------
    float
        τ > 1 in steps for positively correlated series, below 1 for antithetic ones; 1 for a constant one.

    Raises
    ------
    InputError
        For values that are not finite numbers.
    ShortChain
        For n < ``shortest`` · τ, or correlations that do not decay within n: the estimate itself means nothing there.
        What alternates from step to step is accepted: its mean is known the better.
    """
    chains = _chains(series)
    n = chains.shape[1]
    if n < 2:
        raise ShortChain(f"a series of {n} values has no autocorrelation time; at least {shortest:.0f} τ are needed")
    scale = float(np.abs(chains).max())
    deviations = chains / (scale or 1.0)
    deviations = deviations - deviations.mean(axis=1, keepdims=True)
    spread = float(np.abs(deviations).max())
    if spread <= 1e-12:
        return 1.0
    covariance = np.mean([_autocovariance(chain) for chain in deviations / spread], axis=0)
    rho = covariance / covariance[0]
    noise = np.sqrt((2 * np.cumsum(rho**2) - 1) / chains.size)
    opposed = rho < -_SIGNIFICANT * noise
    lasting = 2 * np.cumsum(np.where(opposed, -rho, rho)) - 1
    beyond = np.arange(n) >= window * lasting
    settled = bool(beyond.any() or opposed[1])  # what alternates for ever has a mean all the same
    cut = int(np.argmax(beyond)) if beyond.any() else n // 2 if settled else n - 1
    times = 2 * np.cumsum(rho) - 1
    if opposed[1 : cut + 1].any():  # sums that alternate: the mean of the last two is the better one
        tau, decay = float(times[cut - 1 : cut + 1].mean()), float(lasting[cut])
    else:
        tau = decay = float(times[cut])
    if check and not (settled and (n >= shortest * decay or opposed[1])):
        raise ShortChain(
            f"the chain of {n} sweeps is shorter than {shortest:.0f} autocorrelation times (τ ≈ {decay:.3g} sweeps); "
            f"at least {int(np.ceil(shortest * decay))} sweeps are needed"
        )
    return max(tau, 1 / chains.size)  # a mean of n values is never known better than to one of them


def mean_and_error(values: np.ndarray) -> tuple[float, float | None]:
    """Mean and its standard error over independent values, one per pattern set; the error is None for one value."""
    values = np.asarray(values, dtype=float)
    if values.size == 0:
        raise InputError("values is empty: a mean needs at least one independent value")
    error = None if values.size == 1 else float(values.std(ddof=1) / np.sqrt(values.size))
    return float(values.mean()), error


def fraction_and_error(count: int, trials: int) -> tuple[float, float]:
    """Observed fraction, and the standard deviation of its posterior under a flat prior (never zero)."""
    if trials < 1 or not 0 <= count <= trials:
        raise InputError(f"count={count}, trials={trials}: must satisfy 0 ≤ count ≤ trials and trials ≥ 1")
    a, b = count + 1, trials - count + 1
    return count / trials, float(np.sqrt(a * b / ((a + b) ** 2 * (a + b + 1))))


def jackknife(values: np.ndarray, statistic: Callable[[np.ndarray], float]) -> tuple[float, float]:
    """A smooth function of means over pattern sets: bias-corrected value and error by leaving one set out.

    Parameters
    ----------
    values : ndarray, (sets, …)
        One row per independent pattern set, at least two.
    statistic : callable
        Takes any number of rows and returns a float.
    """
    values = np.asarray(values)
    sets = len(values)
    if sets < 2:
        raise InputError(f"values has {sets} pattern sets: a jackknife needs at least 2")
    left_out = np.array([statistic(np.delete(values, k, axis=0)) for k in range(sets)])
    value = sets * statistic(values) - (sets - 1) * left_out.mean()
    return float(value), float(np.sqrt((sets - 1) * left_out.var()))


def bootstrap(
    values: np.ndarray, statistic: Callable[[np.ndarray], float], *, resamples: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """The statistic of all pattern sets, and its standard deviation over sets drawn with replacement."""
    values = np.asarray(values)
    if len(values) < 2:
        raise InputError(f"values has {len(values)} pattern sets: a bootstrap needs at least 2")
    rng = np.random.default_rng(np.random.SeedSequence([seed, len(values)]))
    draws = [statistic(values[rng.integers(0, len(values), len(values))]) for _ in range(resamples)]
    return float(statistic(values)), float(np.std(draws, ddof=1))


@dataclass(frozen=True, repr=False)
class Extrapolation(Record):
    """A fit value(N) = Σ_k c_k N^{−kx} to N → ∞.

    Attributes
    ----------
    value, error : float
        c_0, the value at N → ∞, and its standard error from the errors given (not rescaled by χ²).
    coefficients, covariance : ndarray
        All c_k, and their covariance.
    chi2 : float
    degrees : int
        Points less parameters.
    p_value : float or None
        Probability of a larger χ²; None without degrees of freedom.
    """

    value: float
    error: float
    coefficients: np.ndarray
    covariance: np.ndarray
    chi2: float
    degrees: int
    p_value: float | None


def extrapolate(
    sizes: Sequence[float],
    values: Sequence[float],
    errors: Sequence[float],
    *,
    degree: int = 1,
    power: float = 1.0,
    powers: Sequence[float] | None = None,
) -> Extrapolation:
    """Weighted least-squares polynomial in N^{−power}, evaluated at N → ∞.

    Parameters
    ----------
    sizes, values, errors : sequences of equal length
        N, the mean at N and its standard error (> 0).
    degree : int
        Highest power of N^{−power} in the fit; 0 is a weighted mean.
    power : float
        1 for corrections in 1/N, 0.5 for 1/√N.
    powers : sequence of float, optional
        Instead of both: corrections N^{−x} for these x > 0.

    Raises
    ------
    InputError
        With fewer sizes than parameters, or an error that is not positive.
    """
    n, y, s = (np.asarray(a, dtype=float) for a in (sizes, values, errors))
    if powers is not None:
        degree, power = len(powers), min(powers, default=1.0)
    if not (n.size == y.size == s.size and np.unique(n).size >= degree + 1 and degree >= 0):
        raise InputError(
            f"sizes={list(sizes)}: a fit of degree {degree} needs {degree + 1} different sizes, "
            "each with value and error"
        )
    if not (np.isfinite(y).all() and np.isfinite(s).all() and (s > 0).all() and (n > 0).all() and power > 0):
        raise InputError("sizes, errors and power must be positive and finite")
    exponents = power * np.arange(degree + 1) if powers is None else np.array([0.0, *powers])
    design = n[:, None] ** -exponents
    scale = np.abs(design).max(axis=0)
    q, r = np.linalg.qr(design / scale / s[:, None])
    inverse = np.linalg.inv(r)
    coefficients = inverse @ (q.T @ (y / s)) / scale
    covariance = inverse @ inverse.T / np.outer(scale, scale)
    chi2 = float((((y - design @ coefficients) / s) ** 2).sum())
    degrees = n.size - degree - 1
    p_value = None
    if degrees:
        from scipy.special import gammaincc

        p_value = float(gammaincc(degrees / 2, chi2 / 2))
    return Extrapolation(
        float(coefficients[0]), float(np.sqrt(covariance[0, 0])), coefficients, covariance, chi2, degrees, p_value
    )


def _chains(series: np.ndarray) -> np.ndarray:
    """Finite numbers as (chains, n)."""
    try:
        chains = np.atleast_2d(np.asarray(series, dtype=float))
    except (TypeError, ValueError):
        raise InputError("series: must be an array of numbers") from None
    if chains.ndim != 2 or not np.isfinite(chains).all():
        wrong = "a value that is not finite" if chains.ndim == 2 else f"shape {chains.shape}"
        raise InputError(f"series has {wrong}: must be finite numbers, (n,) or (chains, n)")
    return chains


def _autocovariance(series: np.ndarray) -> np.ndarray:
    """Autocovariances of a series with mean zero."""
    n = series.size
    padded = 1 << (2 * n - 1).bit_length()
    spectrum = np.fft.rfft(series, padded)
    return np.fft.irfft(spectrum * spectrum.conj(), padded)[:n] / n
