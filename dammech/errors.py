"""What goes wrong, by name. Each message is one sentence that says which value was given and what is allowed."""

from __future__ import annotations

import difflib
import math
import operator
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

#: characters of an input that a message shows, and of a whole message
SHOWN = 120
SAID = 400
_LARGEST = 1e100  # so that products and sums stay finite

if TYPE_CHECKING:
    import numpy as np


def shown(value: Any, most: int = SHOWN) -> str:
    """An input as a message shows it: its repr in one line, cut in the middle if it is long; whatever the input is."""
    try:
        text = repr(value)
    except Exception:  # an integer of too many digits, or an object whose repr fails
        text = f"<{type(value).__name__}>"
    return _cut(_line(text), most)


def sentence(message: object) -> str:
    """A message in one line that a terminal can show, without what no message needs to repeat of a long input."""
    return _cut(_line(str(message)), SAID)


def listed(names: Iterable[str], near: str = "") -> str:
    """The names, or if these are many some that are most like ``near`` and how many there are."""
    names = list(names)
    if len(", ".join(names)) <= SAID // 2:
        return ", ".join(names) or "none"
    nearest = difflib.get_close_matches(near[:SHOWN], names, 9, cutoff=0)
    while len(", ".join(nearest)) > SAID // 2:
        nearest.pop()
    return f"{', '.join(nearest)} and {len(names) - len(nearest)} more"


def one_of(what: str, value: Any, names: Iterable[str], whose: str = "") -> str:
    """``value``, if it is one of the names; one sentence otherwise."""
    names = list(names)
    if not isinstance(value, str) or value not in names:
        start = f"{whose}, it " if whose else ""
        raise InputError(f"{what}={shown(value)}: {start}must be one of {listed(names, value if isinstance(value, str) else '')}")
    return value


def integer(what: str, value: Any, least: int = 1, most: int = 2**31 - 1) -> int:
    """``value`` as an integer from ``least`` to ``most``; one sentence otherwise."""
    try:
        number = least - 1 if isinstance(value, bool) else operator.index(value)
    except Exception:  # no integer, or an object whose conversion fails
        number = least - 1
    if not least <= number <= most:
        raise InputError(f"{what}={shown(value)}: must be an integer of at least {least} and at most {most}")
    return number


def finite(what: str, value: Any, *, positive: bool = False) -> float:
    """``value`` as a finite number ≥ 0, or > 0; one sentence otherwise."""
    try:
        number = -1.0 if isinstance(value, bool | str | bytes) else float(value)
    except Exception:  # no number, or an object whose conversion fails
        number = -1.0
    if not (math.isfinite(number) and number >= 0) or (positive and number == 0):
        raise InputError(f"{what}={shown(value)}: must be a finite number {'>' if positive else '≥'} 0")
    return number


def array(what: str, values: Any, dimensions: int, kind: type = float) -> np.ndarray:
    """``values`` as a fresh array that is not empty, of numbers up to 1e100 in size; one sentence otherwise."""
    import numpy as np

    try:
        found: np.ndarray = np.array(values, dtype=kind)
    except Exception:  # ragged lists, texts, and objects whose conversion fails
        found = np.empty(0)
    if found.ndim != dimensions or not found.size or not (np.abs(found) <= _LARGEST).all():
        raise InputError(f"{what}={shown(values)}: must be an array of finite numbers with {dimensions} dimension(s)")
    return found


def texts(what: str, value: Any) -> list[str]:
    """A name, or a sequence of names, as a list with one at least; one sentence otherwise."""
    try:
        found = [value] if isinstance(value, str) else list(value)
    except Exception:
        found = []
    if isinstance(value, list | tuple) and not value:
        raise InputError(f"{what} is empty: at least one name is needed, or 'all'")
    if not found or not all(isinstance(name, str) for name in found):
        raise InputError(f"{what}={shown(value)}: must be a name or a sequence of names")
    return found


def path(what: str, value: Any) -> Path:
    """A path that can be one; one sentence otherwise."""
    try:
        found = Path(value)
        if "\0" in str(found):
            raise ValueError
        found.exists()
        return found
    except (TypeError, ValueError, OSError) as error:  # no path, a null character, a name that is too long
        reason = f" ({error.strerror})" if isinstance(error, OSError) else ""
        raise InputError(f"{what}={shown(value)}: must be the path of a file{reason}") from None


def _line(text: str) -> str:
    if len(text) > 4 * SAID:  # what is cut away need not be read
        text = f"{text[: 2 * SAID]} {text[-2 * SAID :]}"
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in " ".join(text.split()))


def _cut(text: str, most: int) -> str:
    half = most // 2 - 2
    return text if len(text) <= most else f"{text[:half]} … {text[-half:]}"


class InputError(ValueError):
    """An argument is not one that the model, the line or the command can take.

    Parameters
    ----------
    message : str
        One sentence; a long one, which repeats a long input, is cut in its middle.
    """

    def __init__(self, message: str) -> None:
        super().__init__(sentence(message))


class NotConverged(RuntimeError):
    """A solver found no solution of the equations to the promised residual.

    The verdict it did reach is in the attribute ``result``.
    """

    def __init__(self, message: str, result: object = None) -> None:
        super().__init__(message)
        self.result = result


class ShortChain(RuntimeError):
    """A Monte Carlo chain is too short, in units of its own autocorrelation time, for an error bar to mean anything."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, with what was finished by then in the attribute ``result``."""

    def __init__(self, message: str, result: object = None) -> None:
        super().__init__(message)
        self.result = result
