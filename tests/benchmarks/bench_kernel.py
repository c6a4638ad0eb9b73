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

from dammech.models import HebbianDAM  # noqa: E402
from dammech.simulate import kernels  # noqa: E402
from dammech.simulate.chain import Chain, drawn_patterns  # noqa: E402


@dataclass(frozen=True)
class Case:
    """A workload: temperature in energy units; floors are over the loop and over batched NumPy, or None."""

    name: str
    order: int
    size: int
    patterns: int
    temperature: float
    sweeps: int
    replicas: int
    loop_sites: int
    floors: tuple[float | None, float | None]
    avx2: tuple[float | None, float | None]


CASES = (
    Case("T = 0, P = 20000", 3, 500, 20_000, 0.0, 5, 16, 60, (200, 3), (100, 2)),
    Case("acceptance 0.7, P = 20000", 3, 500, 20_000, 1.05, 5, 16, 60, (30, None), (30, None)),
    Case("T = 0, P = 140", 2, 1000, 140, 0.0, 5, 64, 1000, (None, None), (None, None)),
    Case("acceptance 0.7, P = 140", 2, 1000, 140, 1.7, 20, 64, 1000, (60, None), (60, None)),
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
    many_uniforms = np.repeat(uniforms[:, :, None], case.replicas, axis=2)
    starts = np.repeat(start[None, :], case.replicas, axis=0)
    columns = np.ascontiguousarray(flat.T.astype(np.int64))
    rows = np.ascontiguousarray(flat.astype(np.float32))
    units = (
        case.temperature * (6 if case.order == 3 else 2) * case.size ** (case.order - 1) / (2 if case.order == 3 else 1)
    )

    def chain() -> Chain:
        return Chain(model, packed, start, case.temperature, dynamics, stream.copy(), count=case.patterns)

    # the same final state from all three, over the first sites of the first sweep and over whole runs
    engine = chain()
    engine.run(1)
    part = slice(0, 1)
    loop_state, _ = (
        handwritten(columns, start, case.order, orders[part], uniforms[part], units)
        if case.patterns < 1000
        else (None, 0)
    )
    batch_state, _ = batched(rows, starts[:1], case.order, orders[part], many_uniforms[part, :, :1], units)
    agree = bool((engine.spins == batch_state[0]).all())
    if loop_state is not None:
        agree &= bool((engine.spins == loop_state).all())
    else:
        some = orders[part, : case.loop_sites], uniforms[part, : case.loop_sites]
        short_loop, _ = handwritten(columns, start, case.order, *some, units)
        short_batch, _ = batched(rows, starts[:1], case.order, some[0], some[1][:, :, None], units)
        agree &= bool((short_loop == short_batch[0]).all())

    times: dict[str, list[float]] = {"loop": [], "batched": [], "engine": []}
    acceptance = 0.0
    batch_sites = min(case.size, max(40, case.loop_sites))
    for _ in range(rounds):
        began = time.thread_time()
        handwritten(columns, start, case.order, orders[:1, : case.loop_sites], uniforms[:1, : case.loop_sites], units)
        times["loop"].append((time.thread_time() - began) / case.loop_sites)

        began = time.thread_time()
        batched(rows, starts, case.order, orders[:1, :batch_sites], many_uniforms[:1, :batch_sites], units)
        times["batched"].append((time.thread_time() - began) / (batch_sites * case.replicas))

        engine = chain()
        began = time.thread_time()
        series = engine.run(case.sweeps)
        visits = series.overlap.size * case.size
        times["engine"].append((time.thread_time() - began) / visits)
        acceptance = series.flips / visits
    median = {name: float(np.median(values)) for name, values in times.items()}
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
