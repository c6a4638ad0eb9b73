"""The command line: parses, calls, prints. It holds no physics, and pays for no library before a command needs it.

Exit status: 0 where everything asked for was done and converged, 2 for bad usage, 1 otherwise.
"""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from typing import Any

import click

from dammech.cli.commands import commands
from dammech.errors import InputError, NotConverged, ShortChain, sentence

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status; what goes wrong is said in one sentence on stderr."""
    warnings.showwarning = _say_warning
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        status = commands.main(arguments, prog_name="dammech", standalone_mode=False)
        sys.stdout.flush()
        return int(status or 0)
    except click.ClickException as error:
        return _say(error.format_message(), 2)
    except InputError as error:
        return _say(str(error), 2)
    except (NotConverged, ShortChain) as error:
        return _say(str(error), 1)
    except (click.Abort, KeyboardInterrupt):
        return _say("interrupted", 1)
    except BrokenPipeError:  # the reader went away: nobody is left to be told
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except MemoryError:
        return _say("not enough memory for this size; a smaller one is needed", 1)
    except OSError as error:
        return _say(f"{error.filename or 'file'}: {error.strerror or error}", 1)
    except Exception as error:
        if os.environ.get("DAMMECH_TRACEBACK") == "1":
            traceback.print_exc()
        what = f"{type(error).__name__}: {error}"
        return _say(f"internal error: {what}; please report it (DAMMECH_TRACEBACK=1 shows where it happened)", 1)


def _say(message: str, status: int) -> int:
    click.echo(f"dammech: {sentence(message)}", err=True)
    return status


def _say_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    _say(f"warning: {message}", 0)
