"""A memory of exponentially many patterns, how it is read, and what is asked of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from dammech.errors import InputError, integer, one_of, shown

PATTERNS = ("gaussian", "spherical", "binary")
#: of one component; the cosine is one of whole patterns, the dot product of their directions
SIMILARITIES = {"dot": "xi*x", "euclidean": "-(x - xi)**2/2", "cosine": "xi*x", "manhattan": "-Abs(x - xi)"}
RULES = ("softmax", "sign")
CRITERIA = ("typical", "all")
#: what a query can be, and its range
QUERIES = {"overlap": (0.0, 1.0), "noise": (0.0, 1e6), "mask": (0.0, math.nextafter(1, 0)), "flip": (0.0, 0.5)}
LARGEST_SIZE = 100_000


@dataclass(frozen=True)
class ExponentialMemory:
    """P = e^{αN} patterns with independent components, weights e^{β Σ_i s(ξ_i, x_i)}, and a query x of one of them.

    With softmax the query is retrieved where its own pattern has most of the weight (lucibello2024); the sign rule is
    σ_i ← sgn Σ_μ ξ_i^μ exp(β Σ_{j≠i} ξ_j^μ x_j) (demircigil2017), whose noise is a sum of random signs.

    Parameters
    ----------
    patterns : str
        "gaussian" or "binary" components, or "spherical": Gaussian with |ξ|² = N.
    similarity : str
        Per component: "dot" ξx, "euclidean" −(x−ξ)²/2, "manhattan" −|x−ξ|, an expression in ``xi`` and ``x``; or "cosine",
        N ξ·x/(|ξ||x|) in total.
    beta : float
        Inverse temperature; inf for the most similar pattern.
    rule : str
        "softmax" or "sign".
    overlap, noise, mask, flip : float, optional
        One of them: the query has |x|² = N and this overlap with its target (of Gaussian patterns component by component,
        so that both hold in the mean); has Gaussian noise of this standard deviation; has this fraction of components set to
        0, or turned. The pattern itself where none is given.
    criterion : str
        "typical" or "all".
    size : int, optional
        N.

    Raises
    ------
    InputError
        For a value that is not allowed, two queries, or a combination that has no threshold.
    """

    patterns: str = "binary"
    similarity: str = "dot"
    beta: float = 1.0
    rule: str = "softmax"
    overlap: float | None = None
    noise: float | None = None
    mask: float | None = None
    flip: float | None = None
    criterion: str = "typical"
    size: int | None = None

    def __post_init__(self) -> None:
        one_of("patterns", self.patterns, PATTERNS)
        one_of("rule", self.rule, RULES)
        one_of("criterion", self.criterion, CRITERIA)
        object.__setattr__(self, "beta", _within("beta", self.beta, 1e-6, 1e6, ", or inf"))
        if not isinstance(self.similarity, str):
            raise InputError(
                f"similarity={shown(self.similarity)}: must be {', '.join(SIMILARITIES)} or an expression in xi and x"
            )
        asked = {name: getattr(self, name) for name in QUERIES if getattr(self, name) is not None}
        if len(asked) > 1:
            raise InputError(f"{' and '.join(asked)}: only one of {', '.join(QUERIES)} can be given")
        for name, value in asked.items():
            object.__setattr__(self, name, _within(name, value, *QUERIES[name]))
        if self.size is not None:
            object.__setattr__(self, "size", integer("size", self.size, 2, LARGEST_SIZE))
        if self.rule == "sign" and (self.patterns != "binary" or self.similarity != "dot"):
            raise InputError(
                f"rule='sign': takes binary patterns and the dot product, not {self.patterns} ones and {shown(self.similarity)}"
            )
        if self.criterion == "all" and self.similarity == "cosine" and self.query in ("noise", "mask"):
            raise InputError(
                f"criterion='all': with the cosine it is known for an overlap or a flip, not for a {self.query}"
            )

    @property
    def component(self) -> str:
        """The similarity of one component as a text."""
        return SIMILARITIES.get(self.similarity, self.similarity)

    @property
    def query(self) -> str:
        """What the query is: one of `QUERIES`."""
        return next((name for name in QUERIES if getattr(self, name) is not None), "overlap")

    @property
    def corruption(self) -> float:
        """The value of that."""
        return 1.0 if getattr(self, self.query) is None else float(getattr(self, self.query))


def _within(name: str, value: Any, least: float, most: float, words: str = "") -> float:
    try:
        number = math.nan if isinstance(value, bool | str | bytes) else float(value)
    except Exception:  # no number, or an object whose conversion fails
        number = math.nan
    if not least <= number <= most and not (words and number == math.inf):
        top = "below 1" if name == "mask" else f"{most:g}"
        raise InputError(f"{name}={shown(value)}: must be a number from {least:g} to {top}{words}")
    return number
