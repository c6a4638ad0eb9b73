"""Success of the binary exponential memory: bits that are drawn and counted against floats in NumPy, and the memory it takes.

    python tests/benchmarks/bench_exponential.py [--trials N]

N = 40, e^{0.4·40} = 8.9 million patterns, all of them drawn in both. The baseline draws ±1 in blocks, multiplies them with the
query and sums their weights; it is timed on a few trials and scaled. One thread each. Peak memory is that of this process after
10⁸ patterns. Exit status 1 below the floor, or above the memory.
"""

from __future__ import annotations

import argparse
import math
import resource
import sys
import time

import numpy as np

import dammech as dm
from dammech.systems.exponential.sampler import success

FLOOR, MOST_MEMORY = 20, 2**30
SIZE, BETA, FLIP, COUNT = 40, 2.0, 0.1, round(math.exp(16))


def by_hand(rng: np.random.Generator) -> bool:
    """One trial in floating point."""
    target = rng.choice([-1.0, 1.0], SIZE)
    query = target.copy()
    query[: round(FLIP * SIZE)] *= -1
    total, rows = 0.0, 200_000
    for first in range(1, COUNT, rows):
        patterns = rng.choice([-1.0, 1.0], (min(rows, COUNT - first), SIZE))
        total += np.exp(BETA * (patterns @ query - target @ query)).sum()
    return total < 1


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1000)
    trials, few = parser.parse_args().trials, 10
    asked = dm.ExponentialMemory(flip=FLIP, size=SIZE, beta=BETA)
    success(asked, 1000, trials=1, workers=1)  # compiles
    start = time.process_time()
    ours = success(asked, COUNT, trials=trials, workers=1)
    fast = (time.process_time() - start) / trials
    rng = np.random.default_rng(1)
    start = time.process_time()
    theirs = sum(by_hand(rng) for _ in range(few)) / few
    slow = (time.process_time() - start) / few
    success(asked, 10**8, trials=1, workers=1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"drawn as bits       {1e3 * fast:9.1f} ms a trial   success {ours.success:.3f} ± {ours.success_error:.3f}")
    print(f"floats in NumPy     {1e3 * slow:9.1f} ms a trial   success {theirs:.3f} ({few} trials)")
    print(f"ratio               {slow / fast:9.1f}   (floor {FLOOR})")
    print(f"peak memory         {peak / 2**20:9.0f} MiB after 10⁸ patterns (at most {MOST_MEMORY / 2**20:.0f})")
    return 0 if slow / fast >= FLOOR and peak <= MOST_MEMORY else 1


if __name__ == "__main__":
    sys.exit(main())
