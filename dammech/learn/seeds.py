"""Random streams, each keyed by what it is for: no result depends on the order in which things are drawn."""

from __future__ import annotations

import zlib

import numpy as np

LARGEST_SEED = 2**63 - 1


def generator(purpose: str, *key: int) -> np.random.Generator:
    """The generator of one purpose and key."""
    return np.random.default_rng(np.random.SeedSequence([zlib.crc32(purpose.encode()), *key]))
