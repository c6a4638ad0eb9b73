"""Tables of answers: what functions of a room say at given inputs, recorded to twelve digits and compared to nine.

Where no closed form is at hand a change must be noticed all the same. A file of tests holds the questions, functions without
arguments that return whatever the package answers; ``written`` asks them all and writes the answers beside it. A recorded
answer is no proof that it is right: the other tests of the room are. Record again only for a reason, which the commit says.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from dammech.errors import InputError, NotConverged, ShortChain

CLOSE, ROUNDING = 1e-9, 1e-11

Questions = dict[str, Callable[[], Any]]


def plain(value: Any) -> Any:
    """An answer as JSON: arrays as lists, results by their fields, numbers to twelve digits, functions left out."""
    if value is None or isinstance(value, bool | str | int):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        number = float(value)
        return float(f"{number:.12g}") if math.isfinite(number) else str(number)
    if isinstance(value, complex | np.complexfloating):
        return [plain(value.real), plain(value.imag)]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, Fraction):
        return str(value)
    if is_dataclass(value):
        parts = {f.name: getattr(value, f.name) for f in fields(value)}
        return {k: plain(v) for k, v in parts.items() if not callable(v) and not k.startswith("_")}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return str(value)


def answered(question: Callable[[], Any]) -> Any:
    """The answer, or what the refusal says."""
    try:
        return plain(question())
    except (InputError, NotConverged, ShortChain) as refusal:
        return f"{type(refusal).__name__}: {refusal}"


def refused(*calls: Callable[[], Any]) -> list[str]:
    """What each call says when it refuses, "accepted" where it does not."""
    found = []
    for call in calls:
        said = answered(lambda call=call: (call(), "accepted")[1])
        found.append(said)
    return found


@contextmanager
def patched(module: Any, **values: Any) -> Iterator[None]:
    """Other plans, or other laws, in a module for a while."""
    before = {name: getattr(module, name) for name in values}
    for name, value in values.items():
        setattr(module, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(module, name, value)


def differences(known: Any, found: Any, place: str = "") -> Iterator[str]:
    """Where two answers differ by more than rounding."""
    numbers = [isinstance(v, int | float) and not isinstance(v, bool) for v in (known, found)]
    if all(numbers):
        if abs(known - found) > CLOSE * max(abs(known), abs(found)) + ROUNDING:
            yield f"{place}: {found!r}, recorded is {known!r}"
    elif isinstance(known, list) and isinstance(found, list) and len(known) == len(found):
        for k, (a, b) in enumerate(zip(known, found)):
            yield from differences(a, b, f"{place}[{k}]")
    elif isinstance(known, dict) and isinstance(found, dict) and known.keys() == found.keys():
        for k in known:
            yield from differences(known[k], found[k], f"{place}.{k}")
    elif known != found or type(known) is not type(found):
        yield f"{place}: {str(found)[:300]!r}, recorded is {str(known)[:300]!r}"


def check(record: Path, name: str, question: Callable[[], Any]) -> None:
    """One answer against the record."""
    known = json.loads(record.read_text(encoding="utf-8"))[name]
    found = list(differences(known, json.loads(json.dumps(answered(question)))))
    assert not found, "\n".join(found[:5])


def written(record: Path, questions: Questions) -> None:
    """Ask, and write one answer a line; names on the command line ask these again and keep the others."""
    known = json.loads(record.read_text(encoding="utf-8")) if record.exists() and sys.argv[1:] else {}
    for name, question in questions.items():
        if not sys.argv[1:] or any(part in name for part in sys.argv[1:]):
            known[name] = answered(question)
    lines = [f" {json.dumps(name)}: {json.dumps(known[name], ensure_ascii=False)}" for name in questions]
    record.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
