"""Theories by name, their compiled systems, and the cache of generated modules.

A warm cache answers without importing SymPy: a module is keyed by the model and by the text of the rooms that derive.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from dammech.equations.quadrature import ORDER
from dammech.errors import InputError


@dataclass(frozen=True)
class Theory:
    """What to derive: a model with an ansatz, or a free energy of the user's own.

    ``variant`` is ``finite``, ``zero`` (temperature) or ``planted``; ``fixed`` restricts order parameters to stationary values.
    """

    model: Any
    ansatz: str = "rs"
    mixture: int = 1
    variant: str = "finite"
    fixed: tuple[tuple[str, float], ...] = ()
    given: Any = field(default=None, compare=False, repr=False)  # a FreeEnergy, when there is no model

    @classmethod
    def of(cls, thing: Any, ansatz: str = "rs") -> Theory:
        """The theory meant by a model, a Derivation, a FreeEnergy or a Theory."""
        if isinstance(thing, Theory):
            return thing
        if hasattr(thing, "steps") and hasattr(thing, "free_energy"):
            if not hasattr(thing.model, "covariance"):
                return cls(None, "given", given=thing.free_energy)
            return cls(thing.model, thing.ansatz, mixture=getattr(thing, "mixture", 1))
        if hasattr(thing, "saddle_equations"):
            return cls(None, "given", given=thing)
        if hasattr(thing, "covariance"):
            return cls(thing, ansatz)
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
            variants = {"finite": "free_energy", "zero": "zero_temperature", "planted": "planted"}
            theory = getattr(derivation, variants[self.variant])
        if self.fixed:
            import sympy as sp

            by_name = {x.name: x for x in theory.order_parameters}
            theory = theory.restrict({by_name[k]: sp.nsimplify(v) for k, v in self.fixed})
        return theory


def _derivation(model: Any, ansatz: str, mixture: int) -> Any:
    from dammech.derive import derive

    return derive(model, ansatz, mixture=mixture)


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

    def residual(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> np.ndarray:
        """Left-hand sides, equations × points."""
        with np.errstate(all="ignore"):
            return self.module.residual(u, p, order)

    def jacobian(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> np.ndarray:
        """Derivatives, equations × (unknowns + parameters) × points."""
        with np.errstate(all="ignore"):
            return self.module.jacobian(u, p, order)

    def outputs(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> dict[str, np.ndarray]:
        """Free energy and other quantities, by name."""
        with np.errstate(all="ignore"):
            return dict(zip(self.module.OUTPUTS, self.module.outputs(u, p, order)))

    def inside(self, u: np.ndarray, p: np.ndarray) -> np.ndarray:
        """Whether each point lies in the domain of the theory."""
        with np.errstate(all="ignore"):
            return (self.module.domain(u, p) > 0).all(axis=0)


_modules: dict[str, Compiled] = {}


def compiled(theory: Theory, kind: str, *arguments: Any) -> Compiled:
    """The generated functions of a system of ``theory``.

    Parameters
    ----------
    theory : Theory
    kind : str
        ``state``, ``fold``, ``zero``, ``instability`` or ``crossing``.
    arguments
        What the kind takes: the quantity that vanishes, or the theory of the other phase.
    """
    named = "|".join(a.key if isinstance(a, Theory) else str(a) for a in arguments)
    key = hashlib.sha256(f"{_fingerprint()}|{theory.key}|{kind}|{named}".encode()).hexdigest()[:32]
    if key not in _modules:
        _modules[key] = Compiled(_load(key, lambda: _generate(theory, kind, arguments)))
    return _modules[key]


def _system(theory: Theory, kind: str, arguments: tuple[Any, ...]) -> Any:
    from dammech.equations.systems import KINDS

    made = [a.free_energy() if isinstance(a, Theory) else a for a in arguments]
    return KINDS[kind](theory.free_energy(), *made)


def _title(theory: Theory, kind: str) -> str:
    what = theory.given if theory.given is not None else theory.model
    return f"{kind} equations of {what!r}, {theory.ansatz}, {theory.variant} temperature".replace("\\", "")


def _generate(theory: Theory, kind: str, arguments: tuple[Any, ...]) -> str:
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
    """Hash of the source text of the rooms that decide what is generated."""
    package = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256(sys.version.encode())
    for room in ("models", "derive", "equations"):
        for path in sorted((package / room).glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def cache_folder() -> Path:
    """Where generated modules are kept: ``DAMMECH_CACHE``, else the user's cache folder."""
    chosen = os.environ.get("DAMMECH_CACHE")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "dammech"


def _load(key: str, generate: Callable[[], str]) -> ModuleType:
    folder = cache_folder()
    path = folder / f"generated_{key}.py"
    if not path.exists():
        text = generate()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=folder, suffix=".tmp")
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                out.write(text)
            os.replace(temporary, path)
        except OSError:  # a read-only or full disk: keep it in memory
            module = ModuleType(f"dammech_generated_{key}")
            exec(compile(text, f"<generated {key}>", "exec"), module.__dict__)
            return module
    spec = importlib.util.spec_from_file_location(f"dammech_generated_{key}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
