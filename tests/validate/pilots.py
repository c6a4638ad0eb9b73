"""Writes the plans of claims beside them, after a pilot with seeds of its own.

``python tests/validate/pilots.py CLAIM [...]`` where a claim may be a pattern such as ``phasor.*``; plans of claims that there
are no more go. A plan that changes gets other seeds for the run: that needs a reason in the commit.
"""

from __future__ import annotations

import json
import sys
import time
from fnmatch import fnmatchcase
from importlib.resources import files
from pathlib import Path

from dammech.registry import parts
from dammech.validate import Claim, pilot
from dammech.validate.plan import FILE

SEED = 901


def main(patterns: list[str]) -> None:
    for system, part in parts("claims"):
        own = {each.name: each for each in part.claims() if isinstance(each, Claim)}
        file = Path(str(files(system.home))) / FILE
        known = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        for name, claim in own.items():
            if any(fnmatchcase(name, pattern) for pattern in patterns):
                start = time.perf_counter()
                known[name] = pilot(claim, (SEED,), claim.levels[0])
                print(f"{name}: d = {known[name]['power']}, {time.perf_counter() - start:.0f} s", flush=True)
        kept = {name: known[name] for name in own if name in known}
        if kept:
            file.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
