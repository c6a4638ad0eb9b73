"""Files of results: where they may be written, whole or not at all, and what they say of where they come from."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from dammech.errors import InputError, shown
from dammech.errors import path as checked_path


def target(what: str, path: Any, suffixes: Sequence[str]) -> Path:
    """The path, if a file of one of these kinds can be written there; one sentence otherwise."""
    file = checked_path(what, path)
    said = f"{what}={shown(str(path))}"
    if file.suffix.lower() not in suffixes:
        raise InputError(f"{said}: the name must end in {', '.join(suffixes)}")
    folder(what, file.parent)
    if file.is_dir():
        raise InputError(f"{said}: is a folder; a file name ending in {', '.join(suffixes)} is needed")
    if not os.access(file if file.exists() else file.parent, os.W_OK):
        raise InputError(f"{said}: cannot be written to")
    return file


def folder(what: str, path: Any) -> Path:
    """The path, if it is a folder that can be written to; one sentence otherwise."""
    found = checked_path(what, path)
    if not str(path) or not found.is_dir():
        raise InputError(f"{what}={shown(str(path))}: the folder does not exist; create it first")
    if not os.access(found, os.W_OK | os.X_OK):
        raise InputError(f"{what}={shown(str(path))}: the folder cannot be written to")
    return found


def write_whole(contents: Mapping[Path, bytes]) -> list[Path]:
    """Write files, each complete before any gets its name."""
    parts = {file: file.with_name(f"{file.name}.{os.getpid()}.tmp") for file in contents}
    try:
        for file, content in contents.items():
            parts[file].write_bytes(content)
        for file, part in parts.items():
            os.replace(part, file)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
    return list(contents)


def origin() -> dict[str, str]:
    """Version, commit (empty outside a checkout) and date, for what is written to files."""
    folder, commit = Path(__file__).parents[1], ""
    if (folder.parent / ".git").exists():
        git = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
        try:
            commit = subprocess.run(git, capture_output=True, text=True, timeout=10, check=False).stdout.strip()
        except (OSError, subprocess.TimeoutExpired):
            pass
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {"version": sys.modules["dammech"].__version__, "commit": commit, "date": now}


def extra(name: str) -> Any:
    """A package of the extra ``data``."""
    try:
        return import_module(name)
    except ImportError:
        raise InputError(f"{name} is not installed, and this needs it: pip install 'dammech[data]'") from None
