"""``python -m dammech`` is the command line."""

import signal


def run() -> int:
    """The command line as a process of its own."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until there is something to keep, Ctrl-C just ends it
    from dammech.cli import main

    return main()


if __name__ == "__main__":
    raise SystemExit(run())
