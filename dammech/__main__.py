"""``python -m dammech`` is the command line."""

from dammech.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
