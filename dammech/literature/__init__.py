"""What others have published: the bibliography, and printed numbers with their source and their digits.

``references.bib`` and ``numbers.toml`` are data. ``cite`` says which papers stand behind a name that a user typed.
"""

from dammech.literature.bibliography import entries
from dammech.literature.citing import cite, sources, topics
from dammech.literature.numbers import Published, published

__all__ = ["Published", "cite", "entries", "published", "sources", "topics"]
