"""Classes of 10,000 fixed points by the reduced Hessian against full eigen-decompositions of their Jacobians one by one.

    python tests/benchmarks/bench_classify.py [--nets 10000] [--neurons 64] [--baseline 1000]

Every net is a lateral one with weights of its own and a planted fixed point; about half of the points are stable. The
baseline forms W H − 1 and calls np.linalg.eig, net by net, on a part of the nets (the cost per net does not depend on the
part); np.linalg.eigvals, which a careful user would call, is timed beside it. The columns of dead neurons cost LAPACK little,
so the baseline is three times as quick for ReLU as for `--lagrangian tanh`. `classify` is given Network objects and also
checks that the states are fixed points, looks for kinks and gives margins with errors. CPU time of the process, one thread;
imports and the first derivation of the Lagrangian are not in the times. Exit status 1 where two ways count different
numbers of unstable directions.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402

from dammech.flows import classify  # noqa: E402
from dammech.systems.lagrangian.model import Lagrangian, Network  # noqa: E402

FLOOR = 5


def planted(count: int, n: int, name: str = "relu", seed: int = 1) -> tuple[list[Network], np.ndarray]:
    """Nets with a fixed point each: W symmetric Gaussian of a strength near the instability, b = x − W g(x)."""
    rng = np.random.default_rng(np.random.SeedSequence([count, n, seed]))
    block = Lagrangian(name, n)
    nets, states = [], rng.normal(size=(count, n))
    for x in states:
        a = rng.normal(size=(n, n)) * rng.uniform(0.6, 1.0) / np.sqrt(n)
        W = (a + a.T) / np.sqrt(2)
        nets.append(Network([block], [{"from": 0, "to": 0, "matrix": W}], [x - W @ block.activation(x)]))
    return nets, states


def one_by_one(nets: list[Network], slopes: np.ndarray, solve) -> np.ndarray:
    """Unstable directions from the whole spectrum of each Jacobian; the slopes of the activation are given."""
    eye = np.eye(slopes.shape[1])
    index = []
    for net, h in zip(nets, slopes):
        J = net.matrix * h - eye
        values = solve(J)
        index.append(int((values.real > 0).sum()))
    return np.array(index)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--nets", type=int, default=10_000)
    parser.add_argument("--neurons", type=int, default=64)
    parser.add_argument(
        "--lagrangian", default="relu", help="of a sum over neurons, such as tanh: all of them alive then"
    )
    parser.add_argument("--baseline", type=int, default=1000, help="nets on which the baseline is timed")
    arguments = parser.parse_args()
    nets, states = planted(arguments.nets, arguments.neurons, arguments.lagrangian)
    part = min(arguments.baseline, arguments.nets)
    classify(nets[:2], states[:2])
    for net in nets:
        net.matrix  # noqa: B018 - assembled before anything is timed

    slopes = nets[0].layers[0].curvature(states[:part])[0]
    began = time.process_time()
    verdicts = classify(nets, states)
    ours = (time.process_time() - began) / len(nets)
    began = time.process_time()
    full = one_by_one(nets[:part], slopes, lambda J: np.linalg.eig(J)[0])
    eig = (time.process_time() - began) / part
    began = time.process_time()
    values = one_by_one(nets[:part], slopes, np.linalg.eigvals)
    eigvals = (time.process_time() - began) / part
    same = bool((full == verdicts.index[:part]).all() and (values == full).all())
    stable = int(np.equal(verdicts.stable, True).sum())
    print(
        f"{len(nets)} nets of {states.shape[1]} {arguments.lagrangian} neurons, {stable} stable, "
        f"{int(np.equal(verdicts.stable, None).sum())} undecided\n"
        f"classify {ours * 1e6:.0f} us a net; np.linalg.eig {eig * 1e6:.0f} us (of {part}), ratio {eig / ours:.1f} "
        f"(floor {FLOOR}); np.linalg.eigvals {eigvals * 1e6:.0f} us, ratio {eigvals / ours:.1f}; same index: {same}"
    )
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
