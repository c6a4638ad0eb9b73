"""A Lagrangian that is a sum over blocks of neurons: what is known of the blocks, put together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from dammech.errors import InputError
from dammech.systems.lagrangian.model.lagrangian import Lagrangian

_BLOCK = re.compile(r"\s*([a-z][a-z-]*)\s*:\s*(\d+)\s*")


def blocks_of(text: str) -> list[Lagrangian] | None:
    """The blocks that a text like ``relu:2 + softmax:3`` names, or None where it is no such text.

    Raises
    ------
    InputError
        For an unknown name or a size of 0.
    """
    matches = [_BLOCK.fullmatch(part) for part in text.split("+")]
    if not all(matches):
        return None
    return [Lagrangian(m.group(1), int(m.group(2))) for m in matches if m is not None]


def analysis_of_blocks(blocks: Sequence[Lagrangian]) -> dict[str, Any]:
    """The document of ``dammech hessian`` for L(x) = Σ_A L_A(x_A).

    Parameters
    ----------
    blocks : sequence of Lagrangian

    Returns
    -------
    dict
        Rank and null space of the whole; ``blocks`` holds the document of each.

    Raises
    ------
    InputError
        For no block.
    """
    if not blocks:
        raise InputError("blocks is empty: a sum needs at least one")
    parts = [block.analysis() for block in blocks]
    size = sum(block.size for block in blocks)
    null, first = [], 0
    for block, part in zip(blocks, parts):
        null += [[0.0] * first + _moved(v, first) + [0.0] * (size - first - block.size) for v in part["null_space"]]
        first += block.size
    return {
        "lagrangian": " + ".join(f"{block.name}:{block.size}" for block in blocks),
        "dim": size,
        "separable": all(block.separable for block in blocks),
        "convex": all(part["convex"] for part in parts),
        "decided": "; ".join(dict.fromkeys(part["decided"] for part in parts)),
        "rank": sum(part["rank"] for part in parts),
        "rank_is": " + ".join(part["rank_is"] for part in parts),
        "null_space": null,
        "flat": {"geometry": "product of the flat regions of the blocks", "dimension": len(null),
                 "compact": all(part["flat"]["compact"] for part in parts)},
        "blocks": parts,
    }  # fmt: skip


def _moved(vector: list[float | str], first: int) -> list[float | str]:
    """Entries with the fields of their block renamed to those of the whole."""
    return [
        re.sub(r"\bx(\d+)\b", lambda m: f"x{int(m.group(1)) + first}", entry) if isinstance(entry, str) else entry
        for entry in vector
    ]
