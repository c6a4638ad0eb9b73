"""Methods against forgetting, one a file, behind one interface (`Method`)."""

from __future__ import annotations

from typing import Any

from dammech.errors import InputError, one_of
from dammech.learn.methods.agem import AGEM
from dammech.learn.methods.dreaming import Dreaming
from dammech.learn.methods.ewc import EWC
from dammech.learn.methods.gem import GEM
from dammech.learn.methods.joint import Joint
from dammech.learn.methods.l2 import L2
from dammech.learn.methods.mas import MAS
from dammech.learn.methods.method import Method
from dammech.learn.methods.palimpsest import Palimpsest
from dammech.learn.methods.pseudorehearsal import Pseudorehearsal
from dammech.learn.methods.rehearsal import Rehearsal
from dammech.learn.methods.si import SI
from dammech.learn.methods.vanilla import Vanilla

METHODS: dict[str, type[Method]] = {
    kind.name: kind
    for kind in (Vanilla, Joint, Rehearsal, Pseudorehearsal, GEM, AGEM, L2, EWC, MAS, SI, Palimpsest, Dreaming)
}

__all__ = ["METHODS", "Method", "method"]


def method(name: str, **parameters: Any) -> Method:
    """A method by name, with its parameters.

    Raises
    ------
    InputError
        For an unknown name or parameter, or a value that is not allowed.
    """
    one_of("method", name, METHODS)
    kind = METHODS[name]
    known = kind().parameters()
    for parameter in parameters:
        if parameter not in known:
            raise InputError(f"{parameter}: method {name!r} has no such parameter; it has {', '.join(known) or 'none'}")
    return kind(**parameters)
