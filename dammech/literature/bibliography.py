"""The BibTeX file of the package, entry by entry."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from unicodedata import normalize

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


def reference(key: str) -> str:
    """An entry as a line of a list of references: authors, title, where it appeared, year."""
    own = dict(re.findall(r"^  (\w+) = \{(.*)\},?$", entries()[key], flags=re.MULTILINE))
    names = [" ".join(reversed(name.split(", "))) for name in own.get("author", "").split(" and ")]
    names = ["et al." if name == "others" else name for name in names]
    authors = ", ".join(names[:-1]) + (" " if names[-1] == "et al." else " and " if names[1:] else "") + names[-1]
    place = own.get("journal") or own.get("booktitle") or own.get("publisher")
    where = [" ".join(filter(None, (place, own.get("volume")))), own.get("pages", "").replace("--", "–")]
    preprint = f"arXiv:{own['eprint']}" if "eprint" in own and not place else ""
    year = f" ({own['year']})" if "year" in own else ""
    line = ", ".join(filter(None, [authors, own["title"], *where, preprint])) + year
    line = re.sub(r"\{?\\([\"'])\{?(\w)\}*", lambda x: normalize("NFC", x[2] + _ACCENTS[x[1]]), line)
    return line.replace("{", "").replace("}", "")


_ACCENTS = {'"': "\u0308", "'": "\u0301"}


def keys_in(text: str) -> list[str]:
    """The keys of the bibliography that a text mentions, in order of appearance."""
    words = re.findall(r"[a-z]+[0-9]{4}[a-z]*", text)
    return [word for word in dict.fromkeys(words) if word in entries()]
