"""What may be typed: numbers and ranges, counts, names, files, and a model with its parameters as flags."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from dammech.declared.units import CONVENTIONS
from dammech.errors import InputError, listed, shown
from dammech.registry import Axis, capacities, models, system_of, systems
from dammech.results.files import extra, target

#: flags of all models, and what is allowed
PARAMETERS = {name: words for system in reversed(models().values()) for name, words in system.parameters.items()}
#: what can be varied in any of them
AXES: dict[str, Axis] = {name: axis for system in reversed(models().values()) for name, axis in system.axes.items()}

MOST_VALUES = 100_000


class Values(click.ParamType):
    """A number, START:STOP:COUNT or a comma list; a single number stays a number, the others become a list."""

    name = "A"

    def __init__(self, least: float | None = 0.0) -> None:
        self.least = least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float | list[float]:
        text = str(value).strip()
        option = _option(param)
        if ":" not in text:
            if text.count(",") >= MOST_VALUES:
                raise InputError(f"{option}: has {text.count(',') + 1} values; at most {MOST_VALUES} can be listed")
            numbers = [self._number(option, text, part) for part in text.split(",")]
            return numbers if "," in text else numbers[0]
        parts = text.split(":")
        if len(parts) != 3:
            raise InputError(f"{option} {text}: a range is START:STOP:COUNT, such as 0:0.4:21")
        start, stop = (self._number(option, text, part) for part in parts[:2])
        count = _integer(parts[2].strip())
        if count is None or not 1 <= count <= MOST_VALUES:
            raise InputError(f"{option} {shown(text)}: COUNT must be an integer between 1 and {MOST_VALUES}")
        if count == 1:
            return [start]
        return [*(start + (stop - start) * k / (count - 1) for k in range(count - 1)), stop]

    def _number(self, option: str, text: str, part: str) -> float:
        try:
            number = float(part)
        except ValueError:
            number = math.nan
        if not (-math.inf if self.least is None else self.least) <= number < math.inf or number == -math.inf:
            bound = "" if self.least is None else " that is not negative" if self.least == 0 else f" of at least {self.least:g}"
            raise InputError(
                f"{option} {text}: must be a finite number{bound}, a range START:STOP:COUNT of such numbers, "
                "or a comma list of them"
            )
        return number + 0.0  # -0.0 becomes 0.0


class Count(click.ParamType):
    """An integer from ``least`` to ``most``; with ``several`` a comma list of them."""

    name = "N"

    def __init__(self, least: int = 1, several: bool = False, most: int = 2**63 - 1) -> None:
        self.least, self.several, self.most = least, several, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | list[int]:
        parts = str(value).split(",") if self.several else [str(value)]
        numbers = [number for number in map(_integer, parts) if number is not None and self.least <= number <= self.most]
        if len(numbers) < len(parts):
            most = f" and at most {self.most}" if self.most < 2**63 - 1 else " and below 2**63"
            raise InputError(f"{_option(param)} {value}: must be an integer of at least {self.least}{most}")
        return numbers if self.several else numbers[0]


class Number(click.ParamType):
    """A finite number; an integer stays one."""

    name = "X"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = literal(str(value).strip())
        if isinstance(number, str) or not math.isfinite(number):
            raise InputError(f"{_option(param)} {value}: must be a finite number")
        return number


class Numbers(click.ParamType):
    """A comma list of finite numbers."""

    name = "X,…"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[float]:
        return [float(Number().convert(part, param, ctx)) for part in str(value).split(",")]


class Overlap(click.ParamType):
    """A number between −1 and 1."""

    name = "M"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not -1 <= number <= 1:
            raise InputError(f"{_option(param)} {value}: must be a number between -1 and 1")
        return number


class Writable(click.ParamType):
    """A file that can be written, with one of some endings; asked before anything is computed."""

    name = "FILE"

    def __init__(self, *suffixes: str) -> None:
        self.suffixes = suffixes

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        file = value if isinstance(value, Path) else target(_option(param), str(value), self.suffixes)
        for package in ("xarray", "h5netcdf") if file.suffix == ".nc" else ():
            extra(package)
        return file


def known(what: str, name: str, names: Iterable[str]) -> str:
    """``name`` itself, if it is one of ``names``."""
    if name not in (names := list(names)):
        raise InputError(f"{what} {shown(name)} is unknown; known are {listed(names, name)}")
    return name


def takes_model(command: Callable[..., int], besides: tuple[str, ...] = ()) -> Callable[..., int]:
    """Give a command the argument MODEL and a flag per model parameter; it is called with the model itself.

    Where there are names ``besides``, these and what has a dot in it (names of derivations) are no models, take no
    parameters, and are handed on as they are.
    """

    @functools.wraps(command)
    def call(model: str, **rest: Any) -> int:
        given = {name: value for name in PARAMETERS if (value := rest.pop(name)) is not None}
        if model in besides or (besides and "." in model):
            for parameter in given:
                raise InputError(f"{flag(parameter)}: {model} has no such parameter")
            return command(model, **rest)
        return command(_model(model, given, besides), **rest)

    for name in reversed(PARAMETERS):
        call = click.option(flag(name), name, metavar=name[0].upper(), help=PARAMETERS[name])(call)
    return click.argument("model")(call)


def takes_question(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the argument SYSTEM and a flag per field of what capacities are asked; it is called with the question."""
    said: dict[str, dict[str, list[str]]] = {}
    for owner in capacities().values():
        assert owner.asked is not None
        for f in fields(owner.asked):
            said.setdefault(f.name, {}).setdefault(owner.parameters[f.name], []).append(owner.name)
    flags = {
        name: next(iter(words)) if len(words) == 1 else "; ".join(f"{', '.join(who)}: {text}" for text, who in words.items())
        for name, words in said.items()
    }

    @functools.wraps(command)
    def call(system: str, **rest: Any) -> int:
        given = {name: literal(value) for name in flags if (value := rest.pop(name)) is not None}
        return command(capacities()[known("system", system, capacities())].made(given, "asked"), **rest)

    for name in reversed(flags):
        call = click.option(flag(name), name, metavar=name[0].upper(), help=flags[name])(call)
    return click.argument("system")(call)


def takes_axes(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command a flag per axis of any model; it is called with ``axes``, those that were typed."""

    @functools.wraps(command)
    def call(model: Any, **rest: Any) -> int:
        given = {name: value for name in AXES if (value := rest.pop(name)) is not None}
        return command(model, axes=given, **rest)

    for name, axis in reversed(AXES.items()):
        call = click.option(flag(name), name, type=Values(axis.least), metavar=axis.symbol, help=axis.words)(call)
    return call


def check_axes(model: Any, given: Iterable[str], all_of_them: bool = False) -> None:
    """Refuse an axis that the model does not have; with ``all_of_them`` also that one is missing."""
    system = system_of(model)
    for name in given:
        if name not in model.axes:
            raise InputError(f"{flag(name)}: {system.name} has no {name.replace('_', ' ')}; leave it out")
    for name in model.axes if all_of_them else ():
        axis = system.axes[name]
        if axis.required and name not in given:
            raise InputError(f"{flag(name)} is missing: {system.name} needs it, such as {flag(name)} {axis.example:g}")


def flag(name: str) -> str:
    """A name as it is typed."""
    return "--" + name.replace("_", "-")


takes_json = click.option("--json", "as_json", is_flag=True, help="print one JSON document on stdout and nothing else")


def takes_out(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the option --out for its data."""
    words = "also write it to FILE.csv, .nc or .json, with units, labels, version, commit and date"
    return click.option("--out", type=Writable(".csv", ".nc", ".json"), metavar="FILE", help=words)(command)


def takes_convention(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the option --convention."""
    option = click.option(
        "--convention",
        type=click.Choice(list(CONVENTIONS)),
        default="canonical",
        show_default=True,
        help="units of loads, temperatures and energies, read and printed",
    )
    return option(command)


def _model(name: str, given: dict[str, str], besides: tuple[str, ...] = ()) -> Any:
    system = systems()[known("model", name, [*models(), *besides])]
    return system.made({parameter: literal(text) for parameter, text in given.items()})


def _integer(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:  # no integer, or one of thousands of digits
        return None


def literal(text: str) -> int | float | str:
    """A number as typed, or the text itself."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def _option(param: click.Parameter | None) -> str:
    return param.opts[0] if param is not None else "value"
