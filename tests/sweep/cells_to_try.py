"""Cells of the tests of sweeps: computed in other processes, which import this file by its name."""

from __future__ import annotations

import os
import signal
import time

import numpy as np

from dammech.errors import InputError


def product(cell):
    """Last digits of a matrix product, which depend on the number of threads."""
    time.sleep(cell.get("seconds", 0))
    matrix = np.random.default_rng(cell["seed"]).normal(size=(300, 300))
    return {"seed": cell["seed"], "sum": float((matrix @ matrix.T).astype(np.float32).sum())}


def fails(cell):
    if cell["seed"] == 2:
        raise RuntimeError("cell two is bad")
    return cell["seed"]


def refuses(cell):
    raise InputError(f"seed={cell['seed']}: never allowed")


def dies(cell):
    if cell["seed"] == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return cell["seed"]


def dies_once(cell):
    marker = f"{cell['folder']}/died-{cell['seed']}"
    if cell["seed"] == 1 and not os.path.exists(marker):
        open(marker, "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
    return cell["seed"]
