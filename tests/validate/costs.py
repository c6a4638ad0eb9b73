"""Writes what claims cost into their plans: CPU seconds at each level, for the seeds of a run and one wrong world.

``python tests/validate/costs.py CLAIM [...]`` where a claim may be a pattern. Of many independent runs a few are made, and count
for all: what half a day of simulations costs is known after minutes. Seeds of plans do not depend on it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from importlib.resources import files
from pathlib import Path
from typing import Any

from dammech.registry import parts
from dammech.simulate import trials
from dammech.simulate.trials import Trial
from dammech.validate import Claim, claims
from dammech.validate.plan import COUNT, FILE

#: of many runs two are made, in which kernels may be compiled, and then so many, or more of those that are short: together they
#: take this long
SEED, FIRST, FEW, SECONDS = 901, 2, 4, 0.3
threads = trials.in_threads


class Clock:
    """Runs a few of many, and knows what those cost that it did not run."""

    def __init__(self) -> None:
        self.left_out = 0.0

    def few(self, work: Callable[[Any], Any], items: Sequence[Any], bytes_each: int, workers: int | None) -> list[Any]:
        found = threads(work, items[:FIRST], bytes_each, workers)
        start, spent = time.process_time(), 0.0
        while len(found) < len(items) and (len(found) < FIRST + FEW or spent < SECONDS):
            found += threads(work, items[len(found) : max(FIRST + FEW, 2 * len(found))], bytes_each, workers)
            spent = time.process_time() - start
        if len(found) < len(items):
            self.left_out += spent / (len(found) - FIRST) * (len(items) - len(found))
        for k, item in enumerate(items):
            if isinstance(item, Trial) and k >= len(found):
                vars(item).update({name: vars(items[k % len(found)])[name] for name in ("spins", "stream", "made")})
        return [found[k % len(found)] for k in range(len(items))]

    def of(self, made: Callable[[], Any]) -> float:
        start, self.left_out = time.process_time(), 0.0
        try:
            made()
        except Exception as error:  # copies of a few runs are not what an estimator expects
            print(f"  {type(error).__name__}: {error}")
        return time.process_time() - start + self.left_out


def cost(claim: Claim, level: str, clock: Clock) -> float:
    """CPU seconds of a run."""
    theory = clock.of(lambda: [(claim.prediction(p), [r.predict(p) for r in claim.rivals]) for p in claim.parameters])
    points = sum(clock.of(lambda p=p: claim.experiment(p, level, (SEED,))) for p in claim.parameters)
    dose = claim.dose
    wrong = 0.0 if dose is None else clock.of(lambda: claim.experiment(dose.world(claim.parameters[0]), level, (SEED,)))
    return float(f"{theory + COUNT * points + wrong:.2g}")


def main(patterns: list[str]) -> None:
    clock, _ = Clock(), claims()  # who runs in threads is known once the claims are
    for module in [m for name, m in sys.modules.items() if name.startswith("dammech.")]:
        if getattr(module, "in_threads", None) is threads:
            module.in_threads = clock.few  # type: ignore[attr-defined]
    for system, part in parts("claims"):
        file = Path(str(files(system.home))) / FILE
        known = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        for claim in part.claims():
            if isinstance(claim, Claim) and any(fnmatchcase(claim.name, pattern) for pattern in patterns):
                known[claim.name]["cpu"] = {level: cost(claim, level, clock) for level in claim.levels}
                print(claim.name, known[claim.name]["cpu"], flush=True)
                file.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:] or ["*"])
