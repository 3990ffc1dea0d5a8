"""The files the server shows: generated ones, which cannot be changed, and those of a folder of its own.

Paths begin at that folder, with or without a slash. What would lead out of it, by "..", by a link or otherwise, is not found.
"""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple

MAX_FILE_BYTES = 64 << 20


class Entry(NamedTuple):
    """Of a listing: a name, and a size for a file, None for a folder."""

    name: str
    size: int | None


class Tree:
    """Without a folder nothing can be written. Methods raise OSError: ENOENT not there, EROFS protected."""

    def __init__(self, generated: Mapping[str, bytes], folder: Path | None = None) -> None:
        self._generated = dict(generated)
        self._folder = None if folder is None else folder.resolve()

    def entries(self, path: str) -> list[Entry]:
        """What is in a folder, by name."""
        parts = _parts(path)
        found = {entry.name: entry for entry in self._in_folder(parts)}
        start = "".join(part + "/" for part in parts)
        for name, content in self._generated.items():
            if name.startswith(start):
                first, slash, _ = name[len(start) :].partition("/")
                found[first] = Entry(first, None if slash else len(content))
        if not found and parts and not self._real(parts).is_dir():
            raise FileNotFoundError(errno.ENOENT, "no such folder", path)
        return [found[name] for name in sorted(found)]

    def _in_folder(self, parts: list[str]) -> list[Entry]:
        if self._folder is None:
            return []
        try:
            folder = self._real(parts)
            with os.scandir(folder) as inside:
                return [
                    Entry(e.name, None if e.is_dir(follow_symlinks=False) else e.stat(follow_symlinks=False).st_size)
                    for e in inside
                    if not e.is_symlink()
                ]
        except (FileNotFoundError, NotADirectoryError):
            return []

    def open_read(self, path: str) -> tuple[BinaryIO, int]:
        """A file and its size."""
        parts = _parts(path)
        content = self._generated.get("/".join(parts))
        if content is not None:
            return io.BytesIO(content), len(content)
        real = self._real(parts)
        if real.is_dir():
            raise IsADirectoryError(errno.EISDIR, "a folder", path)
        file = real.open("rb")
        return file, os.fstat(file.fileno()).st_size

    def open_write(self, path: str, *, empty: bool) -> tuple[BinaryIO, int]:
        """A file to write into, created if it is not there, and the size it has, or had before it was emptied."""
        real = self._changeable(path)
        size = real.stat().st_size if real.exists() else 0
        descriptor = os.open(real, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | (os.O_TRUNC if empty else 0), 0o644)
        return os.fdopen(descriptor, "r+b"), size

    def remove(self, path: str) -> None:
        """A file."""
        self._changeable(path).unlink()

    def make_folder(self, path: str) -> None:
        """A folder."""
        self._changeable(path).mkdir()

    def remove_folder(self, path: str) -> None:
        """An empty folder."""
        self._changeable(path).rmdir()

    def rename(self, old: str, new: str) -> None:
        """Within the folder."""
        self._changeable(old).rename(self._changeable(new))

    def truncate(self, path: str, size: int) -> None:
        """Cut, or lengthen with zeros."""
        if size > MAX_FILE_BYTES:
            raise OSError(errno.EFBIG, "too long", path)
        os.truncate(self._changeable(path), size)

    def _changeable(self, path: str) -> Path:
        parts = _parts(path)
        name = "/".join(parts)
        if self._folder is None or not parts or any(own == name or own.startswith(name + "/") for own in self._generated):
            raise OSError(errno.EROFS, "protected", path)
        real = self._real(parts)
        if real.is_symlink():
            raise FileNotFoundError(errno.ENOENT, "no such file", path)
        return real

    def _real(self, parts: list[str]) -> Path:
        """The file of the folder; FileNotFoundError for one outside."""
        if self._folder is None:
            raise FileNotFoundError(errno.ENOENT, "no such file", "/".join(parts))
        if not parts:
            return self._folder
        real = self._folder.joinpath(*parts)
        if not real.parent.resolve().is_relative_to(self._folder) or real.is_symlink():
            raise FileNotFoundError(errno.ENOENT, "no such file", "/".join(parts))
        return real


def _parts(path: str) -> list[str]:
    """The names on the way; FileNotFoundError for a way out."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts or any("\0" in part for part in parts):
        raise FileNotFoundError(errno.ENOENT, "outside of the folder", path)
    return parts
