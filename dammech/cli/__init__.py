"""The command line: parses, calls, prints. It holds no physics, and pays for no library before a command needs it.

Exit status: 0 where everything asked for was done and converged, 2 for bad usage, 130 after Ctrl-C, 1 otherwise.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
import warnings
from contextlib import suppress
from typing import Any

import click

from dammech.cli.commands import commands
from dammech.errors import InputError, NotConverged, ShortChain, sentence, shown

__all__ = ["main"]

INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status; what goes wrong is said in one sentence on stderr."""
    warnings.showwarning = _say_warning
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us
            setattr(sys, name, open(os.devnull, "w"))
        if hasattr(getattr(sys, name), "reconfigure"):
            getattr(sys, name).reconfigure(errors="replace")
    if arguments is not None:
        return _status(arguments)
    _end_soon_after_interrupt()
    status = _status(sys.argv[1:])
    if status == INTERRUPTED:  # threads that still compute are not waited for
        _flush()
        os._exit(status)
    return status


def _status(arguments: list[str]) -> int:
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
    except (click.Abort, KeyboardInterrupt) as stopped:
        return _say(str(stopped) or "interrupted", INTERRUPTED)
    except BrokenPipeError:  # the reader went away: nobody is left to be told
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except MemoryError:
        return _say("not enough memory for this size; a smaller one is needed", 1)
    except OSError as error:
        return _say(f"{shown(str(error.filename or 'file'))[1:-1]}: {error.strerror or error}", 1)
    except RecursionError:
        return _say("the input is nested too deeply", 2)
    except Exception as error:
        if os.environ.get("DAMMECH_TRACEBACK") == "1":
            traceback.print_exc()
        what = f"{type(error).__name__}: {error}"
        return _say(f"internal error: {what}; please report it (DAMMECH_TRACEBACK=1 shows where it happened)", 1)


def _end_soon_after_interrupt() -> None:
    """Ctrl-C raises KeyboardInterrupt, as ever; and two seconds later the process is over, whatever it does in C by then."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)

    def watch() -> None:
        while signal.SIGINT not in os.read(read, 1):
            pass
        time.sleep(1.5)
        os.write(2, b"dammech: interrupted\n")
        os._exit(INTERRUPTED)

    threading.Thread(target=watch, daemon=True).start()


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()


def _say(message: str, status: int) -> int:
    click.echo(f"dammech: {sentence(message)}", err=True)
    return status


def _say_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    _say(f"warning: {message}", 0)
