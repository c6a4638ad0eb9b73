"""Somebody's own data in the place of drawn ones, for systems that declare what they take."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import click
from click.core import ParameterSource

from dammech.cli.options import flag, known, literal
from dammech.cli.output import saved, show, working
from dammech.errors import InputError
from dammech.registry import models

#: flags of all systems that take data, and what is allowed
DATA = {name: words for system in reversed(models().values()) for name, words in system.data.items()}


def takes_data(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command a flag for everything that is data to some system; with one of them the system's own function is called."""

    @functools.wraps(command)
    @click.pass_context
    def call(context: click.Context, model: str, **rest: Any) -> int:
        typed = {n: item for n, item in rest.items() if context.get_parameter_source(n) is ParameterSource.COMMANDLINE}
        if not typed.keys() & DATA.keys():
            return command(model=model, **{name: item for name, item in rest.items() if name not in DATA})
        flags = {p.name: p.opts[0] for p in context.command.params if p.name in typed and p.name not in ("out", "as_json")}
        result = _from_data(model, {name: item for name, item in rest.items() if item is not None}, flags)
        show(result.to_json(), rest["as_json"])
        return saved(result, rest["out"], 0 if result.converged else 1)

    for name in reversed(DATA):
        call = click.option(flag(name), name, metavar=name[0].upper(), help=DATA[name])(call)
    return call


def _from_data(name: str, options: dict[str, Any], flags: dict[Any, str]) -> Any:
    """The result; ``flags`` are those that were typed, by the names of their options."""
    system = models()[known("model", name, models())]
    for given in flags:
        if given in DATA and given not in system.data:
            owners = " or ".join(other.name for other in models().values() if given in other.data)
            raise InputError(f"{flags[given]}: {name} takes no {given}; {owners} does")
    part, first = system.part("images"), next(iter(system.data))
    if first not in flags:
        raise InputError(f"{flag(first)} is missing: {next(flags[n] for n in flags if n in DATA)} belongs to it")
    assert part is not None
    allowed = inspect.signature(part.learn_from_images).parameters
    for given in flags:
        if given not in allowed:
            measured = given in system.parameters or given in system.axes
            words = f"is measured on the {first}" if measured else "is not taken"
            raise InputError(f"{flags[given]}: {words} where {flag(first)} is given; leave it out")
    chosen = {name: literal(item) if isinstance(item, str) else item for name, item in options.items() if name in allowed}
    with working("learning"):
        return part.learn_from_images(**chosen)
