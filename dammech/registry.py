"""The systems there are: the folders of `dammech.systems`, and what other packages declare as entry points of that name.

The engine finds here what it works on, and imports no system itself.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from importlib import import_module, metadata
from importlib.util import find_spec
from pkgutil import iter_modules
from types import ModuleType
from typing import Any, Literal

from dammech.errors import InputError, listed, shown

GROUP = "dammech.systems"
Part = Literal["theory", "answers", "capacity", "sampler", "claims", "figures", "images"]
Chain = Literal["patterns", "weights", "couplings"]


@dataclass(frozen=True)
class Axis:
    """What can be varied: in words, the letter that stands for it, a value that is allowed, and the least one (None: any)."""

    words: str
    symbol: str
    example: float
    least: float | None = 0.0
    required: bool = True


@dataclass(frozen=True)
class System:
    """One kind of memory, as the folder (or package) says that holds it.

    Its parts are modules beside the declaration, imported when they are asked for: ``theory`` with ``derivations()``, the named
    ones that are checked, ``derive(model, ansatz, mixture)``, and ``THEORIES``, theorems under one name; ``answers``, where axes
    are not those of a theory, with ``seen(theory, **axes)``, which state is there, ``LINES``, in words, ``line(theory, name,
    given)``, what finds a point of one, and ``__all__``, what `dammech.phases` has of it; ``capacity`` with ``capacity(asked)``,
    the `dammech.solve.capacity.Threshold` that is asked for; ``sampler`` with ``experiment(model, axes, **plan)``, what a trial
    is; ``claims`` with ``claims()``; ``figures`` with ``FIGURES``, home and words by name, and ``GROUP``; ``images`` with
    ``learn_from_images(**data, …)``, what becomes of somebody's own data.

    Attributes
    ----------
    name, title : str
    home : str
        The package of its parts.
    model : type, optional
        A frozen dataclass whose fields are the parameters; it has ``axes``, ``order_parameters``, ``branches``, ``lines`` and
        ``to_json``. None where theorems or experiments stand alone.
    asked : type, optional
        A frozen dataclass whose fields are what `dammech.capacity` is asked: a memory, how it is read, and the criterion.
    parameters : mapping
        What is allowed for each field of these, in words.
    axes : mapping
        What can be varied, by name.
    chain : str, optional
        What is fixed while spins move: ``patterns``, those with ``weights``, or ``couplings``. The engine's chains, exact laws
        and tempering take such models; ``patterns`` are simulated without a sampler.
    instances : tuple
        Models that show all of its branches.
    sources : mapping
        Bib keys behind each of its names, its own among them; ``references.bib`` beside the declaration may hold entries.
    data : mapping
        What its part ``images`` takes of data in the place of parameters and axes, by name, in words.
    """

    name: str
    title: str
    home: str
    model: type[Any] | None = None
    asked: type[Any] | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    axes: Mapping[str, Axis] = field(default_factory=dict)
    chain: Chain | None = None
    instances: tuple[Any, ...] = ()
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)

    def part(self, name: Part) -> ModuleType | None:
        """One of its modules, if it has it."""
        return _module(f"{self.home}.{name}")

    def made(self, given: Mapping[str, Any], kind: Literal["model", "asked"] = "model") -> Any:
        """The model, or the question of a capacity, with these parameters.

        Raises
        ------
        InputError
            For one that it does not have, or lacks.
        """
        made = self.model if kind == "model" else self.asked
        known = {f.name: f for f in fields(made)} if made else {}
        for name in given:
            if name not in known:
                own = ", ".join(map(_flag, known))
                raise InputError(f"{_flag(name)}: {self.name} has no such parameter; it has {own or 'none'}")
        for name, f in known.items():
            if f.default is MISSING and name not in given:
                raise InputError(f"{_flag(name)} is missing: {self.name} needs it ({self.parameters[name]})")
        assert made is not None
        return made(**given)


@cache
def systems() -> dict[str, System]:
    """All systems by name: ours, then those of other packages; one that does not import is named in a warning."""
    found = {system.name: system for system in _ours()}
    for entry in sorted(metadata.entry_points(group=GROUP), key=lambda e: e.name):
        try:
            system = entry.load()
            if not isinstance(system, System) or system.name in found:
                raise TypeError(f"{shown(system)} is no System with a name of its own")
        except Exception as error:  # whatever another package does on import
            words = f"the system {entry.name!r} ({entry.value}) is left out: {error}"
            warnings.warn_explicit(words, UserWarning, GROUP, 0)
        else:
            found[system.name] = system
    return found


def models() -> dict[str, System]:
    """Those systems that have a model."""
    return {name: system for name, system in systems().items() if system.model is not None}


def capacities() -> dict[str, System]:
    """Those systems that answer `dammech.capacity`."""
    return {name: system for name, system in systems().items() if system.asked is not None}


def is_model(thing: Any) -> bool:
    """Whether it belongs to a registered system."""
    return any(isinstance(thing, system.model) for system in models().values() if system.model)


def system_of(model: Any) -> System:
    """The system that a model belongs to.

    Raises
    ------
    InputError
        For something that is no registered model.
    """
    for system in models().values():
        if isinstance(model, system.model):  # type: ignore[arg-type]
            return system
    classes = [system.model.__name__ for system in models().values() if system.model]
    raise InputError(f"model={shown(model)}: must be one of {listed(classes)}")


def answers_of(model: Any) -> ModuleType | None:
    """What the system of a model answers of itself, its part of that name; None where the engine does."""
    return system_of(model).part("answers") if is_model(model) else None


def chain_of(model: Any, *kinds: Chain) -> Chain:
    """What is fixed while spins of a model move; one of these ``kinds``.

    Raises
    ------
    InputError
        For something else.
    """
    if is_model(model) and (found := system_of(model).chain) in kinds:
        assert found is not None
        return found
    known = [repr(system.instances[0]) for system in models().values() if system.chain in kinds]
    raise InputError(f"model={shown(model)}: must be a model such as {' or '.join(known)}")


def parts(name: Part) -> Iterator[tuple[System, ModuleType]]:
    """One part of every system that has it."""
    for system in systems().values():
        module = system.part(name)
        if module is not None:
            yield system, module


def _ours() -> Iterator[System]:
    package = import_module(GROUP)
    for module in iter_modules(package.__path__):
        yield import_module(f"{GROUP}.{module.name}").SYSTEM


@cache
def _module(place: str) -> ModuleType | None:
    return import_module(place) if find_spec(place) else None


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")
