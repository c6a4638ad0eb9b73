"""1RSB at p = 3: a state against nested scipy.integrate.quad in scipy.optimize.root, and the spinodal at 100 temperatures.

    python tests/benchmarks/bench_1rsb.py [--states N]

The baseline writes the four saddle equations by hand, integrates over z_0 around integrals over z_1 with quad to 1e-10, and
starts `root` from the solution moved by a per cent, which flatters it: ours starts from nothing but a neighbour's answer. CPU
time of this process; the cold derivation is reported apart. Exit status 1 when the two disagree by more than 1e-7.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
from scipy.integrate import quad
from scipy.optimize import root

FLOOR = 500
BAR = 30.0
_EPS = 1e-10


def _gauss(function, low=-8.0, high=8.0):
    density = 1 / np.sqrt(2 * np.pi)
    return quad(lambda z: density * np.exp(-z * z / 2) * function(z), low, high, epsabs=_EPS, epsrel=_EPS, limit=100)[0]


def by_hand(load: float, T: float, start: np.ndarray) -> np.ndarray:
    """(m, q_0, q_1, θ) at p = 3, canonical units: ξ(q) = (2/3) α q³, signal field m²."""

    def xi(q, k):
        return load * (2 / 3 * q**3, 2 * q**2)[k]

    def equations(x):
        m, q0, q1, theta = x
        s0, s1 = np.sqrt(xi(q0, 1)), np.sqrt(max(xi(q1, 1) - xi(q0, 1), 1e-12))

        def inside(z0, what):
            def h(z1):
                return (m * m + s0 * z0 + s1 * z1) / T

            weight = _gauss(lambda z: np.exp(theta * np.logaddexp(h(z), -h(z))))
            if what == 3:
                mean = _gauss(lambda z: np.logaddexp(h(z), -h(z)) * np.exp(theta * np.logaddexp(h(z), -h(z)))) / weight
                return mean / theta - np.log(weight) / theta**2
            return _gauss(lambda z: np.tanh(h(z)) ** (1 + (what == 2)) * np.exp(theta * np.logaddexp(h(z), -h(z)))) / weight

        work = q1 * xi(q1, 1) - xi(q1, 0) - q0 * xi(q0, 1) + xi(q0, 0)
        return [
            m - _gauss(lambda z: inside(z, 0)), q0 - _gauss(lambda z: inside(z, 0) ** 2),
            q1 - _gauss(lambda z: inside(z, 2)), _gauss(lambda z: inside(z, 3)) - work / (2 * T * T),
        ]

    return root(equations, start, tol=1e-10).x


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--states", type=int, default=1, help="how many states the baseline is timed on")
    count = parser.parse_args().states
    from dammech.equations import Theory
    from dammech.phases import boundary, breaking, broken
    from dammech.solve.broken import find_broken
    from dammech.systems.hebbian.model import HebbianDAM

    model = HebbianDAM(order=3)
    target = Theory(model, "1rsb")
    loads = np.linspace(0.8, 0.84, 100) / 6
    p = np.stack([loads, np.full(100, 0.4 / 3)])
    start = time.process_time()
    find_broken(target, "retrieval", "finite", p[:, :1])
    print(f"first state (derivation or cache, scan): {time.process_time() - start:.2f} s CPU")
    start = time.process_time()
    states = find_broken(target, "retrieval", "finite", p)
    ours = (time.process_time() - start) / 100
    chosen = np.linspace(0, 99, count).astype(int)
    start = time.process_time()
    hand = np.array([by_hand(loads[k], 0.4 / 3, states.u[:, k] * 1.01) for k in chosen])
    theirs = (time.process_time() - start) / count
    gap = float(np.abs(hand - states.u[:, chosen].T).max())
    print(
        f"a 1RSB state: dammech {ours * 1e3:.1f} ms (of 100, one scan among them), nested quad + root {theirs:.1f} s "
        f"(of {count}); ratio {theirs / ours:.0f} (floor {FLOOR}); largest difference {gap:.1e}"
    )
    temperatures = np.linspace(0, 0.9, 100)
    for cached in (broken.spinodal, breaking._pieces):
        cached.cache_clear()
    start = time.process_time()
    line = boundary(model, "retrieval-spinodal", temperatures=temperatures, ansatz="1rsb", convention="theriault-tantari")
    seconds = time.process_time() - start
    print(
        f"1RSB spinodal at 100 temperatures: {seconds:.1f} s CPU (bar {BAR:.0f}), {sum(p['converged'] for p in line.points)} "
        f"converged, largest residual {np.nanmax(line['residual']):.1e}"
    )
    return int(gap > 1e-7 or not line.converged)


if __name__ == "__main__":
    sys.exit(main())
