"""RS retrieval spinodal at 200 temperatures: `boundary` against bisection with scipy.optimize.root and scipy.integrate.quad.

    python tests/benchmarks/bench_boundary.py [--temperatures N]

The baseline is what one writes in an afternoon: at each temperature bisect the load for which the solver still finds m > 0,
with integrands in NumPy functions, as everybody writes them, and integrals good enough for the tolerance of the root (1e-10).
It is timed on a few of the temperatures and scaled. CPU time of this process; imports and the cold derivation are reported
apart. Exit status 1 when the two disagree beyond the baseline's tolerance where the baseline works.
"""

from __future__ import annotations

import argparse
import math
import sys
import time

import numpy as np
from scipy.integrate import quad
from scipy.optimize import root

FLOOR = 1000


def _mean(function):
    return quad(lambda z: np.exp(-z * z / 2) / np.sqrt(2 * np.pi) * function(z), -8, 8, epsabs=1e-12, epsrel=1e-12, limit=200)[0]


def _retrieves(order: int, load: float, T: float) -> bool:
    def equations(x):
        m, q = x
        if order == 2:
            variance = load * q / (1 - (1 - q) / T) ** 2
        else:
            variance = load * math.factorial(order - 1) * q ** (order - 1)
        s, field = math.sqrt(max(variance, 0)), m ** (order - 1)
        return [
            m - _mean(lambda z: np.tanh((field + s * z) / T)),
            q - _mean(lambda z: np.tanh((field + s * z) / T) ** 2),
        ]

    found = root(equations, [0.99, 0.98], tol=1e-10)
    return bool(found.success and found.x[0] > 0.05)


def bisection(order: int, T: float, high: float, tolerance: float = 1e-8) -> float:
    """The largest load with a retrieval state, as far as the solver can tell."""
    low = 0.0
    while high - low > tolerance:
        middle = (low + high) / 2
        low, high = (middle, high) if _retrieves(order, middle, T) else (low, middle)
    return low


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--temperatures", type=int, default=6, help="how many temperatures the baseline is timed at")
    count = parser.parse_args().temperatures
    start = time.process_time()
    from dammech.phases import boundary, lines
    from dammech.systems.hebbian.model import HebbianDAM

    print(f"import of dammech.phases: {time.process_time() - start:.2f} s CPU")
    status = 0
    for order, highest, top in ((2, 0.9, 0.2), (4, 0.4, 0.06)):
        model, temperatures = HebbianDAM(order), np.linspace(0.01, highest, 200)
        start = time.process_time()
        boundary(model, "retrieval-spinodal", temperatures=temperatures[:1])
        print(f"p = {order}: first call (derivation or cache, tracing) {time.process_time() - start:.2f} s CPU")
        times = []
        for _ in range(5):
            sys.modules["dammech.phases.models"]._definition.cache_clear()
            lines.retrieval_spinodal.cache_clear()
            start = time.process_time()
            line = boundary(model, "retrieval-spinodal", temperatures=temperatures)
            times.append(time.process_time() - start)
        ours = float(np.median(times))
        chosen = np.linspace(0, 199, count).astype(int)
        start = time.process_time()
        baseline = np.array([bisection(order, T, top) for T in temperatures[chosen]])
        theirs = (time.process_time() - start) * 200 / count
        gap = np.abs(baseline - line["load"][chosen])
        print(
            f"p = {order}: dammech {ours * 1e3:.0f} ms for 200 temperatures, largest residual {line['residual'].max():.1e}, "
            f"largest error {line['load_error'].max():.1e}; bisection {theirs:.0f} s (from {count}); ratio {theirs / ours:.0f} "
            f"(floor {FLOOR})"
        )
        print("        T         dammech            bisection          difference")
        for k, T in enumerate(temperatures[chosen]):
            print(f"        {T:.4f}    {line['load'][chosen][k]:.12f}    {baseline[k]:.12f}    {gap[k]:.1e}")
        # root + quad is known to lose the branch at the lowest temperatures
        status |= int(not line.converged or np.sum(gap > 1e-6) > 1)
    return status


if __name__ == "__main__":
    sys.exit(main())
