"""Rooms that can be called.

``dammech.simulate`` is a room (a package of modules) and, to a user, a function. Python binds a subpackage to its
parent's attribute as soon as anything imports it, and so ``dm.simulate`` would be the function before that and the
package after. Here the package itself becomes callable and forwards to the function of its name, which makes both
the same thing to use: ``dm.simulate(model, ...)``, ``from dammech.simulate import simulate`` and ``from
dammech.simulate.estimators import ...``.
"""

from __future__ import annotations

import inspect
import sys
from types import ModuleType
from typing import Any


def callable_room(module_name: str, function_name: str) -> None:
    """Make a calling of the room forward to one of its functions.

    Called at the end of a room's ``__init__`` as ``callable_room(__name__, "simulate")``. The function is looked up
    when it is needed, so it may come from the room's lazy ``__getattr__``. ``inspect.signature`` of the room is
    that of the function, and the room's documentation is followed by the function's.

    Parameters
    ----------
    module_name : str
        Name of the room, already in ``sys.modules``.
    function_name : str
        The attribute of the room that a call forwards to.
    """
    room = sys.modules[module_name]
    own_doc = inspect.cleandoc(vars(room).get("__doc__") or "")

    class CallableRoom(ModuleType):
        def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
            return getattr(self, function_name)(*args, **kwargs)

        @property
        def __signature__(self) -> inspect.Signature:
            return inspect.signature(getattr(self, function_name))

        @property
        def __doc__(self) -> str:  # type: ignore[override]
            function_doc = inspect.getdoc(getattr(self, function_name)) or ""
            return f"{own_doc}\n\nCalled as a function, {function_name}:\n\n{function_doc}"

    room.__class__ = CallableRoom
