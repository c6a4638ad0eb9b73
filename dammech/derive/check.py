"""Run the checks of derivations, and prove by mutation that they can fail."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dammech.derive.mutate import mutate as mutate_derivation
from dammech.derive.registry import registered
from dammech.derive.steps import run_checks
from dammech.errors import InputError, Interrupted, listed, shown, texts

_PROCESSES = 2


@dataclass(frozen=True)
class CheckReport:
    """Outcome of `check`.

    Attributes
    ----------
    derivations : list of dict
        ``{name, steps: [{title, check, passed, seconds, hypotheses}]}``.
    mutants, caught : int
        How many changed expressions were tried, and how many of them a check noticed.
    equivalent : list of dict
        Mutants that say the same as the original, each with the symmetry that proves it.
    survived : list of dict
        Mutants that no check noticed and that were not proven equivalent: failures.
    """

    derivations: list[dict[str, Any]]
    mutants: int
    caught: int
    equivalent: list[dict[str, Any]]
    survived: list[dict[str, Any]]

    @property
    def ok(self) -> bool:
        """Every check passed and no mutant survived."""
        return not self.survived and all(s["passed"] for d in self.derivations for s in d["steps"])

    def to_json(self) -> dict[str, Any]:
        """The report as a plain document."""
        passed = [s["passed"] for d in self.derivations for s in d["steps"]]
        return {
            "derivations": self.derivations, "steps": len(passed), "passed": sum(passed), "mutants": self.mutants,
            "caught": self.caught, "equivalent": self.equivalent, "survived": self.survived,
        }


def check(
    names: str | Iterable[str] = "all", mutate: bool = False, progress: Callable[..., None] | None = None
) -> CheckReport:
    """Run the checks of derivations.

    Parameters
    ----------
    names : str or sequence of str
        Names of registered derivations, their beginnings (``hebbian.p3``), or ``all``.
    mutate : bool
        Also change every node of every step's expressions and count the changes that no check notices.
    progress : callable, optional
        Called with words that say what was finished.

    Raises
    ------
    InputError
        For a name that is no registered derivation's.
    """
    chosen = _chosen(texts("names", names))
    records: dict[str, dict[str, Any]] = {}
    try:
        for done, record in enumerate(_records(chosen, mutate), start=1):
            records[record["name"]] = record
            if progress is not None:
                progress(f"{done} of {len(chosen)}:", record["name"])
    except KeyboardInterrupt:
        rest = [name for name in chosen if name not in records]
        words = f"interrupted with {len(records)} of {len(chosen)} derivations checked; go on with check {' '.join(rest[:3])}"
        kept = _report([records[name] for name in chosen if name in records])
        raise Interrupted(words + " …" * (len(rest) > 3), kept) from None
    return _report([records[name] for name in chosen])


def _report(ordered: list[dict[str, Any]]) -> CheckReport:
    return CheckReport(
        [{"name": r["name"], "steps": r["steps"]} for r in ordered],
        sum(r["mutants"] for r in ordered),
        sum(r["caught"] for r in ordered),
        [e for r in ordered for e in r["equivalent"]],
        [e for r in ordered for e in r["survived"]],
    )


def check_one(name: str, mutate: bool) -> dict[str, Any]:
    """The record of one registered derivation."""
    derivation = registered()[name]()
    record: dict[str, Any] = {"name": name, "steps": run_checks(derivation)}
    outcome = mutate_derivation(derivation) if mutate else None
    record["mutants"] = outcome.mutants if outcome else 0
    record["caught"] = outcome.caught if outcome else 0
    record["equivalent"] = outcome.equivalent if outcome else []
    record["survived"] = outcome.survived if outcome else []
    return record


def _chosen(names: list[str]) -> list[str]:
    known = list(registered())
    found: dict[str, None] = {}
    for name in names:
        matching = [k for k in known if name == "all" or k == name or k.startswith(f"{name}.")]
        exact = [name] if name in known else matching
        if not exact:
            raise InputError(f"derivation {shown(name)} is unknown; known are all, {listed(known, str(name))}")
        found.update(dict.fromkeys(exact))
    return [name for name in known if name in found]


def _records(names: list[str], mutate: bool) -> Iterator[dict[str, Any]]:
    """Records in the order in which they are finished."""
    workers = min(_PROCESSES, len(names), os.cpu_count() or 1)
    if workers < 2:
        for name in names:
            yield check_one(name, mutate)
        return
    running: set[subprocess.Popen[str]] = set()
    pool = ThreadPoolExecutor(workers)
    try:
        for future in as_completed([pool.submit(_in_a_process, name, mutate, running) for name in names]):
            yield future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in list(running):
            process.kill()


def _in_a_process(name: str, mutate: bool, running: set[subprocess.Popen[str]]) -> dict[str, Any]:
    """The record, made in a Python of its own; nothing of the caller's main module is run again."""
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    code = "import json, sys; from dammech.derive.check import check_one; print(json.dumps(check_one({!r}, {!r})))"
    process = subprocess.Popen(
        [sys.executable, "-c", code.format(name, mutate)], env={**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )
    running.add(process)
    with process:
        out, err = process.communicate()
    running.discard(process)
    if process.returncode != 0:
        raise RuntimeError(f"the check of {name} broke off:\n{err}")
    return dict(json.loads(out))
