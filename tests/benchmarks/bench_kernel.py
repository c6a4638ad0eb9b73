"""Sequential kernel against what a user would write in NumPy: ratios of CPU time within one run.

    python tests/benchmarks/bench_kernel.py [--rounds 5] [--json]

All implementations are given the same patterns, start, order of sites and uniform numbers, and must end in the same
state. Times are CPU time of the thread, in interleaved rounds, of which the median is taken; the slow loop is timed
on a part of its sites and scaled (its cost per site does not depend on the outcome by more than the accepted flips,
which are in it). Compilation and imports are not in the times. The floors are those the project promises for
AVX-512 and, in brackets, AVX2.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from dataclasses import dataclass

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402
from baselines_kernel import batched, handwritten  # noqa: E402

from dammech.simulate import kernels  # noqa: E402
from dammech.simulate.chain import Chain, drawn_patterns  # noqa: E402
from dammech.systems.hebbian.model import HebbianDAM  # noqa: E402


@dataclass(frozen=True)
class Case:
    """A workload: temperature in energy units; floors are over the loop and over batched NumPy, or None."""

    name: str
    order: int
    size: int
    patterns: int
    temperature: float
    sweeps: int
    replicas: tuple[int, ...]
    floors: tuple[float | None, float | None]
    avx2: tuple[float | None, float | None]


CASES = (
    Case("T = 0, P = 20000", 3, 500, 20_000, 0.0, 5, (4, 16), (200, 3), (100, 2)),
    Case("acceptance 0.7, P = 20000", 3, 500, 20_000, 1.05, 2, (4, 16), (30, None), (30, None)),
    Case("T = 0, P = 140", 2, 1000, 140, 0.0, 5, (16, 64), (None, None), (None, None)),
    Case("acceptance 0.7, P = 140", 2, 1000, 140, 1.7, 10, (16, 64), (60, None), (60, None)),
)


def measure(case: Case, rounds: int, seed: int = 1) -> dict[str, object]:
    """CPU seconds per spin visit of each implementation, median of interleaved rounds, and whether they agree."""
    model = HebbianDAM(case.order)
    stream = np.random.SeedSequence(seed).generate_state(4, np.uint64)
    packed = drawn_patterns(stream, case.size, case.patterns)
    flat = packed.reshape(case.size, -1)[:, : case.patterns]
    start = flat[:, 0].copy()
    rng = np.random.default_rng(seed)
    start[rng.permutation(case.size)[: case.size // 10]] *= -1
    dynamics = "metropolis" if case.temperature else "zero-temperature"

    orders, uniforms = np.empty((case.sweeps, case.size), np.int64), np.empty((case.sweeps, case.size))
    copy = stream.copy()
    for t in range(case.sweeps):
        kernels.draw_sweep(copy, orders[t], uniforms[t])
    columns = np.ascontiguousarray(flat.T.astype(np.int64))
    rows = np.ascontiguousarray(flat.astype(np.float32))
    units = (
        case.temperature * (6 if case.order == 3 else 2) * case.size ** (case.order - 1) / (2 if case.order == 3 else 1)
    )

    def chain() -> Chain:
        return Chain(model, packed, start, case.temperature, dynamics, stream.copy(), count=case.patterns)

    engine = chain()
    made = engine.run(case.sweeps)
    sweeps = made.overlap.size  # at T = 0 fewer, where it came to rest
    plan = case.order, orders[:sweeps], uniforms[:sweeps]
    visits = sweeps * case.size

    names = ["loop", *(f"batched {r}" for r in case.replicas), "engine"]
    times: dict[str, list[float]] = {name: [] for name in names}
    agree = True
    for _ in range(rounds):
        began = time.thread_time()
        state, flips = handwritten(columns, start, *plan, units)
        times["loop"].append((time.thread_time() - began) / visits)
        agree &= flips == made.flips and bool((state == engine.spins).all())

        for replicas in case.replicas:
            starts = np.repeat(start[None, :], replicas, axis=0)
            draws = np.repeat(uniforms[:sweeps, :, None], replicas, axis=2)
            began = time.thread_time()
            states, _ = batched(rows, starts, case.order, orders[:sweeps], draws, units)
            times[f"batched {replicas}"].append((time.thread_time() - began) / (visits * replicas))
            agree &= bool((states == engine.spins).all())

        again = chain()
        began = time.thread_time()
        series = again.run(case.sweeps)
        times["engine"].append((time.thread_time() - began) / visits)
        agree &= series.flips == made.flips
    acceptance = made.flips / visits
    median = {name: float(np.median(values)) for name, values in times.items()}
    median["batched"] = min(median.pop(f"batched {r}") for r in case.replicas)
    return {
        "case": case.name,
        "acceptance": acceptance,
        "gigaupdates": {name: case.patterns / seconds / 1e9 for name, seconds in median.items()},
        "over_loop": median["loop"] / median["engine"],
        "over_batched": median["batched"] / median["engine"],
        "floors": case.floors,
        "floors_avx2": case.avx2,
        "agree": agree,
    }


def main() -> int:
    """Print the table; exit status 1 if any two implementations disagree."""
    parser = argparse.ArgumentParser(description="sequential kernel against NumPy")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    results = [measure(case, arguments.rounds) for case in CASES]
    if arguments.json:
        print(json.dumps({"machine": platform.processor() or platform.machine(), "cases": results}))
    else:
        print("G/s = 1e9 pattern-spin updates per CPU second, one thread; floor: AVX-512 (AVX2)")
        heading = (
            "workload",
            "acc.",
            "loop G/s",
            "batched G/s",
            "engine G/s",
            "/ loop",
            "floor",
            "/ batched",
            "floor",
            "same state",
        )
        print("{:<28}{:>6}{:>10}{:>13}{:>12}{:>9}{:>12}{:>11}{:>10}{:>12}".format(*heading))
        for r in results:
            g, f, a = r["gigaupdates"], r["floors"], r["floors_avx2"]
            floors = ["-" if x is None else f"{x:g} ({y:g})" for x, y in zip(f, a)]
            print(
                f"{r['case']:<28}{r['acceptance']:>6.2f}{g['loop']:>10.4f}{g['batched']:>13.3f}{g['engine']:>12.2f}"
                f"{r['over_loop']:>9.0f}{floors[0]:>12}{r['over_batched']:>11.1f}{floors[1]:>10}{r['agree']!s:>12}"
            )
    return 0 if all(r["agree"] for r in results) else 1


if __name__ == "__main__":
    raise SystemExit(main())
