"""A room that is called forwards to the function of its name."""

import inspect
import sys
import types

import pytest

from dammech._rooms import callable_room


@pytest.fixture
def room(monkeypatch):
    module = types.ModuleType("a_room", "What the room is for.")

    def measure(length, *, unit=1.0):
        """Length in units of ``unit``."""
        return length / unit

    module.measure = measure
    monkeypatch.setitem(sys.modules, "a_room", module)
    callable_room("a_room", "measure")
    return module


def test_a_call_forwards(room):
    assert room(3.0, unit=2.0) == 1.5
    assert room.measure(3.0) == 3.0
    with pytest.raises(TypeError):
        room(unit=2.0)


def test_signature_and_documentation(room):
    assert list(inspect.signature(room).parameters) == ["length", "unit"]
    assert "What the room is for." in room.__doc__ and "Length in units of" in room.__doc__


def test_the_function_may_come_late():
    module = types.ModuleType("late_room")
    sys.modules["late_room"] = module
    try:
        callable_room("late_room", "f")
        module.__getattr__ = lambda name: (lambda x: x + 1) if name == "f" else None
        assert module(1) == 2
    finally:
        del sys.modules["late_room"]
