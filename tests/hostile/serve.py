"""Runs hostile inputs, each in a forked child with a folder of its own and bounds of time and memory.

Reads a JSON list of cases on stdin and prints one JSON record a case. The packages are imported once, before the forks.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import signal
import sys
import tempfile
import traceback
from pathlib import Path

import numpy as np  # noqa: F401 (cases use it)
import sympy as sp

import dammech as dm
import dammech.cli
import dammech.equations
import dammech.exact
import dammech.flows
import dammech.learn
import dammech.learn.config
import dammech.phases
import dammech.plot
import dammech.simulate
import dammech.simulate.kernels
import dammech.sweep
from dammech.errors import InputError, NotConverged, ShortChain

SECONDS = 10  # of computing; waiting for a busy machine is nobody's fault, up to
WAITED = 60
BYTES = 2**30


class Odd:
    """An object whose every conversion fails."""

    def __str__(self):
        raise RuntimeError("no conversion")

    __float__ = __int__ = __index__ = __iter__ = __len__ = __str__


def names():
    """What an expression of the API sees."""
    m, T, x = sp.symbols("m T x", real=True)
    magnet = dm.FreeEnergy(m**2 / 2 - T * dm.log2cosh(m / T), [m], [T])
    H2, H3 = dm.HebbianDAM(order=2), dm.HebbianDAM(order=3)
    net = dm.Network([dm.Lagrangian("relu", 2)], [{"from": 0, "to": 0, "matrix": [[0, 0.5], [0.5, 0]]}])
    every = {**globals(), "m": m, "T": T, "x": x, "magnet": magnet, "H2": H2, "H3": H3, "P3": dm.PSpin(3), "net": net,
             "S2": dm.PalimpsestDAM(order=2), "nan": float("nan"), "inf": float("inf"), "y": sp.Symbol("y")}  # fmt: skip
    return every


def run(case, space):
    """What a case did, in the child: a record."""
    out, err = io.StringIO(), io.StringIO()
    record = {"status": None, "out": "", "err": "", "kind": "", "message": ""}
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            if "typed" in case:
                record["status"] = dammech.cli.main(case["typed"])
            else:
                exec(case["code"], space)
                record["kind"] = "returned"
    except (InputError, NotConverged, ShortChain) as error:
        record["kind"], record["message"] = type(error).__name__, str(error)
    except BaseException as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        record["kind"] = f"raw {type(error).__name__}"
        record["message"] = f"{str(error)[:200]} ({last.filename}:{last.lineno})"
    record["out"], record["err"] = out.getvalue()[:2000], err.getvalue()[:4000]
    return record


def served(case, space):
    """The record of a case, from a child that may die."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+") as answer:
        for name, text in case.get("files", {}).items():
            Path(folder, name).write_bytes(text.encode("utf-8", "surrogateescape"))
        child = os.fork()
        if child == 0:
            os.setsid()
            os.chdir(folder)
            size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (size + BYTES, size + BYTES))
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
            signal.alarm(WAITED)
            json.dump(run(case, space), answer)
            answer.flush()
            os._exit(0)
        _, ended, used = os.wait4(child, 0)
        with contextlib.suppress(ProcessLookupError):  # what it started
            os.killpg(child, signal.SIGKILL)
        answer.seek(0)
        record = json.loads(answer.read() or "{}")
        left = sorted(str(p.relative_to(folder)) for p in Path(folder).rglob("*") if p.name not in case.get("files", {}))
    return {"name": case["name"], "seconds": round(used.ru_utime + used.ru_stime, 2), "ended": ended, "left": left, **record}


def main():
    space = names()
    for case in json.load(sys.stdin):
        print(json.dumps(served(case, space)), flush=True)


if __name__ == "__main__":
    main()
