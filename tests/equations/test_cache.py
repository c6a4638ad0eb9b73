"""Generated code is a cache: cold and warm agree, writing is atomic, and nothing runs that anyone else could have written."""

from __future__ import annotations

import errno
import importlib
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import dammech
from dammech.equations import Theory, compiled
from dammech.equations.compiled import cache_folder
from dammech.systems.pspin.model import PSpin

room = importlib.import_module("dammech.equations.compiled")
KEY = "0" * 32
GOOD = "VALUE = 42\n"
BAD = "VALUE = 13\n"

CODE = """
import json, sys
import numpy as np
from dammech.equations import Theory, compiled
from dammech.systems.pspin.model import PSpin
system = compiled(Theory.of(PSpin(order=2)), "state")
u, p = np.array([[0.3, 0.7]]), np.array([[0.5, 0.02]])
print(json.dumps([system.residual(u, p).tolist(), system.jacobian(u, p).tolist(), "sympy" in sys.modules]))
"""


def test_cold_and_warm_agree_and_warm_needs_no_sympy(fresh_python, tmp_path):
    folder = tmp_path / "cache"
    runs = [fresh_python("-W", "error", "-c", CODE, DAMMECH_CACHE=str(folder)) for _ in range(2)]
    assert all(run.returncode == 0 for run in runs), runs[0].stderr + runs[1].stderr
    cold, warm = (json.loads(run.stdout) for run in runs)
    assert cold[:2] == warm[:2] and cold[2] is True and warm[2] is False
    assert [path.suffix for path in folder.iterdir() if path.is_file()] == [".py"], "nothing half-written stays"


def test_a_folder_that_cannot_be_written(fresh_python, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    run = fresh_python("-W", "error", "-c", CODE, DAMMECH_CACHE=str(blocked / "cache"))
    assert run.returncode == 0, run.stderr
    system = compiled(Theory.of(PSpin(order=2)), "state")
    u, p = np.array([[0.3, 0.7]]), np.array([[0.5, 0.02]])
    assert json.loads(run.stdout)[0] == system.residual(u, p).tolist()
    assert blocked.read_text() == "not a folder"


def test_writing_is_atomic(tmp_path, monkeypatch):
    """What appears under the final name is complete: it is moved there."""
    moved = []
    monkeypatch.setenv("DAMMECH_CACHE", str(tmp_path))
    monkeypatch.setattr(room.os, "replace", lambda a, b, move=os.replace: (moved.append((a, b)), move(a, b)))
    module = room._load("0" * 32, lambda: "VALUE = 42\n")
    assert module.VALUE == 42 and len(moved) == 1 and str(moved[0][1]).endswith(".py")


def test_folder_is_chosen_by_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("DAMMECH_CACHE", str(tmp_path / "here"))
    assert cache_folder() == tmp_path / "here"
    monkeypatch.delenv("DAMMECH_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "dammech"


def test_key_depends_on_all_that_is_derived():
    theory = Theory.of(PSpin(order=2))
    keys = {
        theory.key, theory.with_(variant="zero").key, theory.with_(fixed=(("q", 0.0),)).key,
        Theory.of(PSpin(order=3)).key, theory.with_(mixture=3).key,
    }
    assert len(keys) == 5
    with pytest.raises(TypeError):
        theory.with_(colour="red")


# -- what is not run ---------------------------------------------------------------------------------------------------


def load(made=None):
    """The module of KEY; ``made`` notes that it was generated."""
    return room._load(KEY, lambda: (made.append(1) if made is not None else None, GOOD)[1])


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A cache with one good file, which loads without being made again."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("DAMMECH_CACHE", str(folder))
    made = []
    assert load(made).VALUE == load(made).VALUE == 42 and len(made) == 1
    assert folder.stat().st_mode & 0o777 == 0o700
    return folder / f"generated_{KEY}.py"


def sealed(text, key=KEY):
    return (room._seal(key, text) + text).encode()


DAMAGE = {
    "empty": lambda good: b"",
    "truncated": lambda good: good[:-3],
    "only the seal": lambda good: good.partition(b"\n")[0],
    "garbage": lambda good: os.urandom(300),
    "zeros": lambda good: bytes(len(good)),
    "one bit": lambda good: good[:-3] + bytes([good[-3] ^ 1]) + good[-2:],
    "appended": lambda good: good + b"VALUE = 13\n",
    "another seal": lambda good: good.partition(b"\n")[0] + b"\n" + BAD.encode(),
    "no seal": lambda good: BAD.encode(),
    "another name": lambda good: sealed(BAD, "1" * 32),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_made_again(kept, damage):
    good = kept.read_bytes()
    kept.write_bytes(damage(good))
    made = []
    assert load(made).VALUE == 42 and made and kept.read_bytes() == good
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


def as_link(kept):
    target = kept.with_name("elsewhere")
    target.write_bytes(sealed(BAD))
    target.chmod(0o600)
    kept.unlink()
    kept.symlink_to(target)


def as_pipe(kept):
    kept.unlink()
    os.mkfifo(kept)


def as_folder(kept):
    kept.unlink()
    kept.mkdir()


def of_another(kept):
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    kept.write_bytes(sealed(BAD))
    os.chown(kept, 12345, 12345)


def written_by(mode):
    def plant(kept):
        kept.write_bytes(sealed(BAD))
        kept.chmod(mode)

    return plant


PLANTS = {"link": as_link, "pipe": as_pipe, "folder": as_folder, "foreign": of_another,
          "group": written_by(0o660), "all": written_by(0o602)}  # fmt: skip


@pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS)
def test_a_file_that_another_may_have_written_is_not_run(kept, plant):
    """The seal is no secret: who writes a file can compute it."""
    plant(kept)
    made = []
    assert load(made).VALUE == 42 and made
    assert load().VALUE == 42


def open_folder(kept):
    kept.parent.chmod(0o777)


def open_folder_with_sticky(kept):
    kept.parent.chmod(0o1777)


def open_way(kept):
    kept.parent.parent.chmod(0o770)


def foreign_folder(kept):
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    os.chown(kept.parent, 12345, 12345)


def linked_folder(kept):
    """A link that another made, to a folder of ours."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a link away")
    real = kept.parent.with_name("real")
    kept.parent.rename(real)
    kept.parent.symlink_to(real)
    os.chown(kept.parent, 12345, 12345, follow_symlinks=False)


@pytest.mark.parametrize("how", [open_folder, open_folder_with_sticky, open_way, foreign_folder, linked_folder])
def test_a_folder_that_another_may_write_to_is_not_used(kept, how):
    kept.write_bytes(sealed(BAD))
    how(kept)
    before = kept.read_bytes()
    made = []
    with pytest.warns(UserWarning, match="others may change .*; take that right from them") as said:
        assert load(made).VALUE == 42 and load(made).VALUE == 42 and len(made) == 2
    assert len(said) == 1
    assert kept.read_bytes() == before and len(list(kept.parent.iterdir())) == 1


def test_a_folder_of_ours_in_a_shared_one_is_used(kept):
    kept.parent.parent.chmod(0o1777)
    made = []
    assert load(made).VALUE == 42 and not made


def test_folders_that_are_made_are_ours_whatever_the_umask(tmp_path, monkeypatch):
    monkeypatch.delenv("DAMMECH_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home" / ".cache"))
    before = os.umask(0o002)
    try:
        made = []
        assert load(made).VALUE == load(made).VALUE == 42 and len(made) == 1
    finally:
        os.umask(before)


def test_a_disk_that_is_full_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setenv("DAMMECH_CACHE", str(tmp_path))
    monkeypatch.setattr(room.os, "replace", full)
    assert load().VALUE == 42 and list(tmp_path.iterdir()) == []


def test_no_home(monkeypatch):
    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("DAMMECH_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    assert load().VALUE == 42


def test_many_at_once(tmp_path, monkeypatch):
    monkeypatch.setenv("DAMMECH_CACHE", str(tmp_path / "cache"))
    values = []
    threads = [threading.Thread(target=lambda: values.append(load().VALUE)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert values == [42] * 16 and len(list((tmp_path / "cache").iterdir())) == 1


# -- what the key sees -------------------------------------------------------------------------------------------------

WHAT_IS_LOADED = """
import sys
from dammech.equations import Theory, compiled, source
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.palimpsest.model import PalimpsestDAM
from dammech.systems.pspin.model import PSpin
compiled(Theory.of(HebbianDAM(order=3, interaction="rectified")), "fold")
compiled(Theory.of(PSpin(order=3), "1rsb"), "state")
compiled(Theory.of(PalimpsestDAM(order=2)), "state")
print("\\n".join(m.__file__ for n, m in list(sys.modules.items()) if n.split(".")[0] == "dammech" and m.__file__))
"""
FINGERPRINT = "from dammech.equations.compiled import _fingerprint; print(_fingerprint())"


@pytest.mark.slow
def test_every_file_that_takes_part_in_a_derivation_is_seen(fresh_python, tmp_path):
    run = fresh_python("-c", WHAT_IS_LOADED, DAMMECH_CACHE=str(tmp_path / "cold"))
    assert run.returncode == 0, run.stderr
    package = Path(dammech.__file__).parent
    inside = [Path(file).relative_to(package).parts for file in run.stdout.split()]
    assert len(inside) > 60 and {parts[0] for parts in inside if len(parts) > 1} <= {*room.ROOMS}


def test_a_change_of_any_source_file_changes_the_fingerprint(tmp_path):
    """At any depth, SymPy's version included; nothing else does."""
    here = Path(dammech.__file__).parent
    shutil.copytree(here, tmp_path / "dammech", ignore=shutil.ignore_patterns("__pycache__", "*.nbi", "*.nbc"))
    (tmp_path / "sympy").mkdir()
    for name in ("__init__.py", "release.py"):
        (tmp_path / "sympy" / name).write_text("__version__ = '1.13'\n")
    code = f"""
import sys
from pathlib import Path
{FINGERPRINT}
root, before = Path({str(tmp_path)!r}), _fingerprint()
rooms = [p for r in {room.ROOMS!r} for p in (root / "dammech" / r).rglob("*.py")]
deep = [p for p in rooms if len(p.relative_to(root).parts) > 3]
seen = [*rooms, root / "dammech/errors.py", root / "sympy/release.py"]
unseen = []
for path in seen:
    text = path.read_bytes()
    path.write_bytes(text + b"#")
    if _fingerprint.__wrapped__() == before:
        unseen.append(str(path))
    path.write_bytes(text)
assert _fingerprint.__wrapped__() == before
(root / "dammech/cli/output.py").write_bytes(b"")
assert _fingerprint.__wrapped__() == before
print(len(deep), len(seen), unseen)
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)},
                         text=True, capture_output=True, timeout=120, stdin=subprocess.DEVNULL)  # fmt: skip
    assert run.returncode == 0, run.stderr
    deep, seen, unseen = run.stdout.splitlines()[-1].split(" ", 2)
    assert int(deep) >= 45 and int(seen) >= 95 and unseen == "[]"
