"""CPU time of ``dammech --help`` against the same command where everything is imported eagerly.

Run: python tests/benchmarks/bench_help.py [repeats]. Prints the median CPU time (user + system) of each, of an empty
interpreter, and the ratios. The eager baseline imports at its start what the commands need later.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys

LIBRARIES = "numpy scipy.optimize scipy.special sympy mpmath matplotlib.pyplot numba rich.console".split()

CASES = {
    "python -c pass": ["-c", "pass"],
    "dammech --help": ["-m", "dammech", "--help"],
    "eager imports, then --help": [
        "-c",
        f"import {', '.join(LIBRARIES)}; from dammech.cli import main; raise SystemExit(main(['--help']))",
    ],
}


def cpu_seconds(arguments: list[str]) -> float:
    """User and system time of one child process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(repeats: int) -> None:
    os.environ["MPLBACKEND"] = "Agg"
    times: dict[str, list[float]] = {name: [] for name in CASES}
    for arguments in CASES.values():
        cpu_seconds(arguments)  # byte code is compiled once and read from then on
    for _ in range(repeats):  # in turn, so that a busy moment of the machine hits all alike
        for name, arguments in CASES.items():
            times[name].append(cpu_seconds(arguments))
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, median in medians.items():
        spread = max(times[name]) - min(times[name])
        print(f"{name:30s} {1e3 * median:8.1f} ms CPU  (spread {1e3 * spread:.1f} ms, {repeats} runs)")
    own = medians["dammech --help"]
    print(f"ratio eager / dammech --help   {medians['eager imports, then --help'] / own:8.1f}")
    print(f"ratio dammech --help / python  {own / medians['python -c pass']:8.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
