"""The BibTeX file of the package, entry by entry."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from dammech.registry import systems


@cache
def entries() -> dict[str, str]:
    """BibTeX entries by key, in the order of the file; those of a system that brings its own come last."""
    found: dict[str, str] = {}
    for home in ("dammech.literature", *(system.home for system in systems().values())):
        file = files(home).joinpath("references.bib")
        text = file.read_text(encoding="utf-8") if file.is_file() else ""
        own = re.finditer(r"^@\w+\{([^,\s]+),.*?^\}$", text, flags=re.MULTILINE | re.DOTALL)
        found |= {match.group(1): match.group(0) for match in own if match.group(1) not in found}
    return found


def keys_in(text: str) -> list[str]:
    """The keys of the bibliography that a text mentions, in order of appearance."""
    words = re.findall(r"[a-z]+[0-9]{4}[a-z]*", text)
    return [word for word in dict.fromkeys(words) if word in entries()]
