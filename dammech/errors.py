"""What goes wrong, by name. Each message is one sentence that says which value was given and what is allowed."""

from __future__ import annotations


class InputError(ValueError):
    """An argument is not one that the model, the line or the command can take."""


class NotConverged(RuntimeError):
    """A solver found no solution of the equations to the promised residual.

    The verdict it did reach is in the attribute ``result``.
    """

    def __init__(self, message: str, result: object = None) -> None:
        super().__init__(message)
        self.result = result


class ShortChain(RuntimeError):
    """A Monte Carlo chain is too short, in units of its own autocorrelation time, for an error bar to mean anything."""
