"""Names of replica ansätze."""

from __future__ import annotations

import re

from dammech.errors import InputError, shown

MOST_STEPS = 30


def steps_of(ansatz: str) -> int:
    """In how many steps an ansatz breaks replica symmetry: 0 for ``rs``, k for ``krsb``.

    Raises
    ------
    InputError
        For another name.
    """
    if isinstance(ansatz, str) and ansatz == "rs":
        return 0
    found = re.fullmatch("([1-9][0-9]?)rsb", ansatz) if isinstance(ansatz, str) else None
    if found is None or int(found[1]) > MOST_STEPS:
        raise InputError(f"ansatz={shown(ansatz)}: must be rs, 1rsb, 2rsb, … or {MOST_STEPS}rsb")
    return int(found[1])
