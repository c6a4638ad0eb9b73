"""Theories by name, their compiled systems, and the cache of generated modules.

A warm cache answers without importing SymPy: a module is keyed by the model and by all that decides what is generated. It is
executed only if nobody else can have written it and its text is what its first line says; else it is made again.
"""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import os
import stat
import sys
import tempfile
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol, Union

import numpy as np

from dammech.declared.states import Model
from dammech.equations.quadrature import ORDER
from dammech.errors import InputError, shown
from dammech.registry import is_model, system_of

if TYPE_CHECKING:
    from dammech.derive import Derivation, FreeEnergy

_LOG = logging.getLogger(__name__)

#: points at once: their nodes fit the processor's cache, beyond which a grid takes three times as long
_BLOCK = 50

#: rooms whose text decides what is generated: they derive, or are imported by those that do
ROOMS = ("declared", "results", "exact", "derive", "equations", "systems")
#: bytes; a generated module has some ten thousand
LARGEST = 2**24


@dataclass(frozen=True)
class Theory:
    """What to derive: a model with an ansatz, or a free energy of the user's own.

    ``variant`` is ``finite``, ``cold`` (the same in C = β(1−q)), ``zero`` (temperature) or ``planted``; ``fixed`` restricts
    order parameters to stationary values.
    """

    model: Any
    ansatz: str = "rs"
    mixture: int = 1
    variant: str = "finite"
    fixed: tuple[tuple[str, float], ...] = ()
    given: Any = field(default=None, compare=False, repr=False)  # a FreeEnergy that is taken as it is

    @property
    def subject(self) -> Any:
        """What answers are about: the model, or a free energy of the user's own."""
        return self.given if self.model is None else self.model

    @classmethod
    def of(cls, thing: Any, ansatz: str = "rs") -> Theory:
        """The theory meant by a model, a Derivation, a FreeEnergy or a Theory."""
        if isinstance(thing, Theory):
            return thing
        if hasattr(thing, "steps") and hasattr(thing, "free_energy"):
            if not hasattr(thing.model, "covariance"):
                return cls(None, "given", given=thing.free_energy)
            if ansatz not in ("rs", thing.ansatz):
                raise InputError(f"ansatz={shown(ansatz)}: this derivation is the one of {thing.ansatz}; give the model itself")
            return cls(thing.model, thing.ansatz, mixture=getattr(thing, "mixture", 1))
        if hasattr(thing, "saddle_equations"):
            return cls(None, "given", given=thing)
        if hasattr(thing, "covariance"):
            return cls(thing, ansatz)
        if is_model(thing):
            return cls(thing, ansatz, given=_derivation(thing, ansatz, 1).free_energy)
        raise InputError(f"theory={thing!r}: must be a model, a Derivation or a FreeEnergy")

    def with_(self, **changes: Any) -> Theory:
        """A copy with some fields changed."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return Theory(**{**values, **changes})

    @property
    def key(self) -> str:
        """Identity of what is derived."""
        identity = self.given.key if self.given is not None else repr(self.model)
        return f"{identity}|{self.ansatz}|{self.mixture}|{self.variant}|{self.fixed}"

    def free_energy(self) -> Any:
        """The FreeEnergy itself; imports SymPy and derives."""
        if self.given is not None:
            theory = self.given
            if self.variant != "finite":
                raise InputError("temperature=0: a free energy of one's own has no separate zero-temperature equations")
        else:
            derivation = _derivation(self.model, self.ansatz, self.mixture)
            variants = {"finite": "free_energy", "cold": "cold", "zero": "zero_temperature", "planted": "planted"}
            theory = getattr(derivation, variants[self.variant])
        if self.fixed:
            import sympy as sp

            by_name = {x.name: x for x in theory.order_parameters}
            theory = theory.restrict({by_name[k]: sp.nsimplify(v) for k, v in self.fixed})
        return theory


def _derivation(model: Any, ansatz: str, mixture: int) -> Any:
    theory = system_of(model).part("theory")
    if theory is None:
        raise InputError(f"model={shown(model)}: has no theory")
    return theory.derive(model, ansatz, mixture)


#: what a theory may be given as
Given = Union[Model, "FreeEnergy", "Derivation", Theory]


class Equations(Protocol):
    """What a solver needs of a system of equations; arrays are (unknowns or parameters) × points."""

    @property
    def unknowns(self) -> list[str]:
        """Names of the unknowns."""

    @property
    def parameters(self) -> list[str]:
        """Names of the parameters."""

    def residual(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> np.ndarray:
        """Left-hand sides, equations × points."""

    def jacobian(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> np.ndarray:
        """Derivatives, equations × (unknowns + parameters) × points."""

    def outputs(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> dict[str, np.ndarray]:
        """Free energy and other quantities, by name."""

    def inside(self, u: np.ndarray, p: np.ndarray) -> np.ndarray:
        """Whether each point lies in the domain of the theory."""


@dataclass(frozen=True)
class Compiled:
    """Generated functions of a system; arrays are (unknowns or parameters) × points."""

    module: ModuleType

    @cached_property
    def unknowns(self) -> list[str]:
        """Names of the unknowns."""
        return list(self.module.UNKNOWNS)

    @cached_property
    def parameters(self) -> list[str]:
        """Names of the parameters."""
        return list(self.module.PARAMETERS)

    def start(self, p: np.ndarray) -> np.ndarray:
        """Where a search may begin, unknowns × points, beside the usual places; empty where nothing is known."""
        return np.asarray(self.module.start(np.zeros((len(self.unknowns), p.shape[1])), p))

    def residual(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> np.ndarray:
        """Left-hand sides, equations × points."""
        return _in_blocks(self.module.residual, u, p, order)

    def jacobian(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> np.ndarray:
        """Derivatives, equations × (unknowns + parameters) × points."""
        return _in_blocks(self.module.jacobian, u, p, order)

    def outputs(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> dict[str, np.ndarray]:
        """Free energy and other quantities, by name."""
        return dict(zip(self.module.OUTPUTS, _in_blocks(self.module.outputs, u, p, order)))

    def inside(self, u: np.ndarray, p: np.ndarray) -> np.ndarray:
        """Whether each point lies in the domain of the theory."""
        with np.errstate(all="ignore"):
            return (self.module.domain(u, p) > 0).all(axis=0)


def _in_blocks(function: Callable[..., np.ndarray], u: np.ndarray, p: np.ndarray, order: int) -> np.ndarray:
    with np.errstate(all="ignore"):
        if np.ndim(p) != 2 or p.shape[1] <= _BLOCK:
            return function(u, p, order)
        parts = [slice(k, k + _BLOCK) for k in range(0, p.shape[1], _BLOCK)]
        return np.concatenate([function(u[:, part], p[:, part], order) for part in parts], axis=-1)


_modules: dict[str, ModuleType] = {}


def compiled(theory: Theory, kind: str, *arguments: str) -> Compiled:
    """The generated functions of a system of ``theory``.

    Parameters
    ----------
    theory : Theory
    kind : str
        ``state``, ``instability``, ``condition`` or ``landscape``.
    arguments
        What the kind takes: names of order parameters, or of the condition.
    """
    identity = "|".join((theory.key, kind, *arguments))
    return Compiled(generated(identity, lambda: _generate(theory, kind, arguments)))


def generated(identity: str, generate: Callable[[], str]) -> ModuleType:
    """The module of that text, which is made where it was not kept."""
    key = hashlib.sha256(f"{_fingerprint()}|{identity}".encode()).hexdigest()[:32]
    if key not in _modules:
        _modules[key] = _load(key, generate)
    return _modules[key]


def _system(theory: Theory, kind: str, arguments: tuple[str, ...]) -> Any:
    from dammech.equations.systems import KINDS

    return KINDS[kind](theory.free_energy(), *arguments)


def _title(theory: Theory, kind: str) -> str:
    what = theory.given if theory.given is not None else theory.model
    return f"{kind} equations of {what!r}, {theory.ansatz}, {theory.variant} temperature".replace("\\", "")


def _generate(theory: Theory, kind: str, arguments: tuple[str, ...]) -> str:
    from dammech.equations.generate import numpy_source

    return numpy_source(_system(theory, kind, arguments), _title(theory, kind))


def source(thing: Any, kind: str = "state", language: str = "numpy") -> str:
    """The generated code of a theory's equations, as text, in ``numpy`` or ``mpmath``."""
    theory = Theory.of(thing)
    if language == "numpy":
        return _generate(theory, kind, ())
    if language == "mpmath":
        from dammech.equations.generate import mpmath_source

        return mpmath_source(_system(theory, kind, ()), _title(theory, kind))
    raise InputError(f"language={language!r}: must be 'numpy' or 'mpmath'")


@cache
def _fingerprint() -> str:
    """Hash of all that decides what is generated: source files at any depth, Python and SymPy (which is not imported)."""
    package = Path(__file__).resolve().parent.parent
    sympy = importlib.util.find_spec("sympy")
    assert sympy is not None and sympy.origin is not None
    files = [Path(sympy.origin).with_name("release.py"), *sorted(package.glob("*.py"))]
    for room in ROOMS:
        files += sorted((package / room).rglob("*.py"))
    digest = hashlib.sha256(sys.version.encode())
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def cache_folder() -> Path:
    """Where generated modules are kept: ``DAMMECH_CACHE``, else the user's cache folder.

    A folder that others may write to, or may replace, is not used: each process then generates anew.
    """
    chosen = os.environ.get("DAMMECH_CACHE")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "dammech"


def _load(key: str, generate: Callable[[], str]) -> ModuleType:
    """The module of that key, from the cache if what is there can only be what we wrote."""
    text = path = None
    with suppress(OSError, RuntimeError):  # not there, or no home
        path = cache_folder() / f"generated_{key}.py"
        text = _kept(path, key)
    if text is None:
        _LOG.info("deriving equations, which are kept")
        text = generate()
        if path is not None:
            _keep(path, key, text)
    module = ModuleType(f"dammech_generated_{key}")
    exec(compile(text, str(path or f"<generated {key}>"), "exec"), module.__dict__)
    return module


def _seal(key: str, text: str) -> str:
    """The first line of a kept file: a hash of what follows and of the name that it is kept under."""
    return f"# dammech {hashlib.sha256(f'{key}|{text}'.encode()).hexdigest()}\n"


def _kept(path: Path, key: str) -> str | None:
    """The text in a file, unless it is damaged, or anyone else could have written it."""
    if _changeable(path.parent):
        return None
    with open(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode) or about.st_size > LARGEST or not _only_ours(about):
            return None
        seal, _, text = file.read().decode(errors="replace").partition("\n")
    return text if seal + "\n" == _seal(key, text) else None


def _keep(path: Path, key: str, text: str) -> None:
    """Write a file whole, or not at all: a read-only or full disk does no harm."""
    with suppress(OSError):
        for step in (*reversed(path.parent.parents), path.parent):
            if not step.exists():
                step.mkdir(mode=0o700, exist_ok=True)  # whatever the umask
        if others := _changeable(path.parent):
            _warn_of(path.parent, others)
        else:
            handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
            try:
                with os.fdopen(handle, "wb") as out:
                    out.write((_seal(key, text) + text).encode())
                os.replace(temporary, path)
            finally:
                Path(temporary).unlink(missing_ok=True)


@cache
def _warn_of(folder: Path, others: Path) -> None:
    """Say once that nothing is kept."""
    warnings.warn(
        f"generated code is not kept in {folder}, and so made anew by every process: others may change {others}; take that "
        "right from them (chmod go-w), or set DAMMECH_CACHE to a folder that is only yours",
        stacklevel=2,
    )


def _changeable(folder: Path) -> Path | None:
    """Where somebody else can put a file there or exchange a folder on the way, links on the way included."""
    ways = [Path(os.path.abspath(folder)), folder.resolve()]
    for way in ways:
        for step in (way, *way.parents):
            about = step.lstat()
            shared = step != way and about.st_mode & stat.S_ISVTX  # as in /tmp, where all write and none can rename
            if not (_only_ours(about) or (shared and about.st_uid in (0, os.geteuid()))):
                return step
    return None


def _only_ours(about: os.stat_result) -> bool:
    """Whether only this user, or root, may write to something; true where there are no owners (Windows)."""
    if not hasattr(os, "geteuid"):
        return True
    writable = not stat.S_ISLNK(about.st_mode) and about.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return about.st_uid in (0, os.geteuid()) and not writable
