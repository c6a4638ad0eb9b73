"""What fits: memory that is free now, and how long work may be, asked before any of it begins."""

from __future__ import annotations

import os
from pathlib import Path

from dammech.errors import InputError

#: elementary updates of a whole run; one core makes some 10⁸ to 10⁹ a second
LONGEST = 1e15


def free_memory() -> int:
    """Bytes that a process may still take: of the machine and of its control group (8 GB where neither says)."""
    free = [_number("/proc/meminfo", "MemAvailable:", 1024)]
    most, used = (_number(f"/sys/fs/cgroup/memory.{name}") for name in ("max", "current"))
    if most is not None and used is not None:
        free.append(most - used)
    found = [n for n in free if n is not None]
    if not found:
        try:
            found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2]
        except (AttributeError, ValueError, OSError):
            found = [8 * 10**9]
    return max(min(found), 0)


def check_memory(what: str, needed: float) -> None:
    """Refuse what needs more bytes than are free."""
    free = free_memory()
    if needed > free:
        raise InputError(f"{what}: needs {needed / 1e9:.3g} GB of memory, and {free / 1e9:.3g} GB are free")


def check_work(what: str, updates: float) -> None:
    """Refuse what would take years."""
    if updates > LONGEST:
        raise InputError(
            f"{what}: means about {updates:.1e} elementary updates, some {updates / 3e16:.2g} years of one core; "
            f"at most {LONGEST:.0e} are begun"
        )


def _number(path: str, after: str = "", unit: int = 1) -> int | None:
    try:
        words = Path(path).read_text(encoding="ascii").split()
        return int(words[words.index(after) + 1 if after else 0]) * unit
    except (OSError, ValueError, IndexError):
        return None
