"""Published numbers as data: the printed digits, the source, and what the number is."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Published:
    """One number as printed. ``printed`` keeps the digits; ``read`` says how we know it (abstract, code, quoted)."""

    name: str
    printed: str
    quantity: str
    order: int
    convention: str
    method: str
    source: str
    read: str
    note: str
    model: str = "hebbian"
    line: str | None = None
    ansatz: str | None = None
    load: float | None = None
    temperature: float | None = None
    uncertainty: str | None = None
    bound: str | None = None

    @property
    def value(self) -> float:
        """The printed number."""
        return float(self.printed)

    @property
    def decimals(self) -> int:
        """How many decimals are printed."""
        return len(self.printed.partition(".")[2])

    def agrees(self, value: float) -> bool:
        """Whether ``value``, rounded or truncated to the printed digits, is the printed number.

        Where an uncertainty is printed, whether the two differ by at most that.
        """
        if self.uncertainty is not None:
            return abs(value - self.value) <= float(self.uncertainty)
        unit = 10.0**-self.decimals
        return -0.5 * unit <= value - self.value < unit


@cache
def published() -> dict[str, Published]:
    """All published numbers, by name."""
    text = files("dammech.literature").joinpath("numbers.toml").read_text(encoding="utf-8")
    return {row["name"]: Published(**row) for row in tomllib.loads(text)["number"]}
