"""The BibTeX file of the package, entry by entry."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files


@cache
def entries() -> dict[str, str]:
    """BibTeX entries by key, in the order of the file."""
    text = files("dammech.literature").joinpath("references.bib").read_text(encoding="utf-8")
    found = re.finditer(r"^@\w+\{([^,\s]+),.*?^\}$", text, flags=re.MULTILINE | re.DOTALL)
    return {match.group(1): match.group(0) for match in found}


def keys_in(text: str) -> list[str]:
    """The keys of the bibliography that a text mentions, in order of appearance."""
    words = re.findall(r"[a-z]+[0-9]{4}[a-z]*", text)
    return [word for word in dict.fromkeys(words) if word in entries()]
