"""One training step of a memory classifier against NumPy and PyTorch: ratios within one run, one thread each.

    python tests/benchmarks/bench_training.py [--rounds 7] [--vertex 3 20] [--json]

N = 794 (784 pixels, 10 classes), K = 512, a batch of 512, single precision: gradient, momentum, per-memory normalisation,
clip. All implementations start from the same memory and must give the same gradient. Times are CPU time of the process in
interleaved rounds, of which the median is taken; imports and compilation are not in them. Exit status 1 when a gradient
disagrees or a floor is missed. PyTorch (extra ``bench``) is left out, with a word, where it is not installed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402
from baselines_training import loop_over_memories, normalised_step, tiled, torch_step  # noqa: E402

from dammech.learn import TrainedDAM, Training  # noqa: E402
from dammech.learn.training import moved  # noqa: E402

PIXELS, CLASSES, MEMORIES, BATCH, TEMPERATURE, EXPONENT = 784, 10, 512, 512, 0.7, 1
FLOORS = {"loop over memories": 15.0, "tiled NumPy": None, "PyTorch": 1.0}


def measure(vertex: int, rounds: int, torch, seed: int = 1) -> dict[str, object]:
    """Seconds of a step of each implementation, and the largest relative difference of a gradient from ours."""
    rng = np.random.default_rng(seed)
    pixels = np.where(rng.random((BATCH, PIXELS)) < 0.35, 1, -1).astype(np.float32)
    targets = np.where(np.eye(CLASSES)[rng.integers(CLASSES, size=BATCH)] > 0, 1, -1).astype(np.float32)
    network = TrainedDAM(PIXELS, CLASSES, MEMORIES, vertex, "rectified", TEMPERATURE, seed=seed)
    # memories that look like items, so that high powers see overlaps and not only zeros
    network.memory[:, :PIXELS] = np.clip(0.7 * pixels[rng.permutation(BATCH)[:MEMORIES]] + network.memory[:, :PIXELS], -1, 1)
    first = network.memory.copy()
    scale = np.float32(1 / (network.size * TEMPERATURE))
    states = network.states(pixels)
    training = Training(rate=0.1, momentum=0.6, exponent=EXPONENT)
    _, reference = network.loss_and_gradient(states, targets, EXPONENT)
    times: dict[str, list[float]] = {}
    differences: dict[str, float] = {}

    def compare(name: str, gradient) -> None:
        differences[name] = float(np.abs(gradient - reference).max() / np.abs(reference).max())

    def ours() -> None:
        network.memory[:], network.velocity[:] = first, 0
        began = time.process_time()
        _, gradient = network.loss_and_gradient(states, targets, EXPONENT)
        moved(network, gradient, training.rate, training)
        times.setdefault("dammech", []).append(time.process_time() - began)

    def by_numpy(name: str, function) -> None:
        M, V = first.copy(), np.zeros_like(first)
        began = time.process_time()
        _, gradient = function(M, pixels, targets, vertex, scale, EXPONENT)
        normalised_step(M, V, gradient, 0.1, 0.6)
        times.setdefault(name, []).append(time.process_time() - began)
        compare(name, gradient)

    def by_torch() -> None:
        M, V = torch.tensor(first, requires_grad=True), torch.zeros(first.shape)
        inputs, wanted = torch.from_numpy(pixels), torch.from_numpy(targets)
        began = time.process_time()
        _, gradient = torch_step(torch, M, V, inputs, wanted, vertex, float(scale), EXPONENT, 0.1, 0.6)
        times.setdefault("PyTorch", []).append(time.process_time() - began)
        compare("PyTorch", gradient.numpy())

    ours()
    if torch is not None:
        by_torch()
    times.clear()
    for turn in range(rounds):
        ours()
        by_numpy("tiled NumPy", tiled)
        if torch is not None:
            by_torch()
        if turn < 2:
            by_numpy("loop over memories", loop_over_memories)
    seconds = {name: float(np.median(values)) for name, values in times.items()}
    ratios = {name: value / seconds["dammech"] for name, value in seconds.items()}
    met = all(floor is None or ratios.get(name, floor) >= floor for name, floor in FLOORS.items())
    return {"vertex": vertex, "seconds": seconds, "ratios": ratios, "differences": differences, "met": met,
            "agree": max(differences.values()) < 1e-3}  # fmt: skip


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description="training step against NumPy and PyTorch")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--vertex", type=int, nargs="+", default=[3, 20])
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    try:
        import torch

        torch.set_num_threads(1)
    except ImportError:
        torch = None
    results = [measure(vertex, arguments.rounds, torch) for vertex in arguments.vertex]
    if arguments.json:
        print(json.dumps({"machine": platform.processor() or platform.machine(), "cases": results}))
    else:
        print("N = 794, K = 512, batch 512, float32, one thread: CPU milliseconds of a step")
        if torch is None:
            print("PyTorch is not installed (extra bench): left out")
        print(f"{'vertex':>6}  {'implementation':<20}{'ms':>9}{'/ dammech':>11}{'floor':>7}{'gradient differs by':>21}")
        for r in results:
            for name, value in r["seconds"].items():
                floor = FLOORS.get(name)
                words = f"{r['differences'][name]:.1e}" if name in r["differences"] else "-"
                print(f"{r['vertex']:>6}  {name:<20}{1e3 * value:>9.2f}{r['ratios'][name]:>11.1f}"
                      f"{'-' if floor is None else f'{floor:g}':>7}{words:>21}")  # fmt: skip
    return 0 if all(r["met"] and r["agree"] for r in results) else 1


if __name__ == "__main__":
    raise SystemExit(main())
