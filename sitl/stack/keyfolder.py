"""Keys that live as long as one simulation: made in a private temporary folder, never beside its records.

The folder goes away with the simulation. When that is killed, the next one takes it away: a folder belongs to somebody while
a process holds the lock on it, and the kernel lets go of the lock when that process ends, however it ends.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from wire import keys
from wire.errors import KeysError

PREFIX = "pilotfish-keys-"
_TRIES = 20


class KeyFolder:
    """A key pair for each party, readable by this user only, until `close`. Raises KeysError."""

    def __init__(self, base: Path | None = None) -> None:
        """`base`: where temporary folders go (default: this user's XDG_RUNTIME_DIR, or the machine's temporary folder)."""
        base = base or _runtime_folder()
        sweep(base)
        try:
            self.path, lock = _locked_folder(base)
        except OSError as error:
            raise KeysError(
                f"no folder for keys can be made in {base} ({error.strerror}): free space, or set TMPDIR"
            ) from error
        self._lock: int | None = lock
        try:
            keys.make(self.path)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Take the keys away. Safe to call twice."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def sweep(base: Path) -> list[Path]:
    """Take away what simulations that were killed have left in `base`; the folders that it was."""
    swept = []
    for folder in sorted(base.glob(f"{PREFIX}*")):
        lock = _lock(folder)
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)
            swept.append(folder)
    return swept


def _runtime_folder() -> Path:
    """In memory and this user's own where there is such a folder."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    usable = runtime and Path(runtime).is_dir() and os.access(runtime, os.W_OK | os.X_OK)
    return Path(runtime if usable else tempfile.gettempdir())


def _locked_folder(base: Path) -> tuple[Path, int]:
    for _ in range(_TRIES):
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=base))  # mode 0700
        lock = _lock(folder)
        if lock is not None and folder.is_dir():
            return folder, lock
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:  # swept by another start between the two lines above
            os.close(lock)
    raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))


def _lock(folder: Path) -> int | None:
    """A file descriptor that holds the folder's lock, or None when somebody else holds it or it is not ours to open."""
    with contextlib.suppress(OSError):
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(opened)
            raise
        return opened
    return None
