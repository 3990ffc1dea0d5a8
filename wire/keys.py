"""CURVE keys: one pair for each party, made once, kept in a folder that only its owner may read.

A folder holds `NAME.key` (public) and `NAME.key_secret` (public and secret) in ZeroMQ's certificate format. The public
files are the allow-list: who is not in the folder is not let in. An aircraft's folder holds its own secret and the
others' public files.
"""

from __future__ import annotations

import stat
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path

import zmq.auth
from zmq.utils import z85

from wire.errors import KeysError

_KEY_BYTES = 32
PARTIES = ("aircraft", "groundlink", "operator", "world")
"""Who has a key: the aircraft, the vehicle's daemon, the officer's clients, and in a simulation the world."""


@dataclass(frozen=True)
class Keyring:
    """One party's own pair and everybody's public keys (Z85, 40 bytes) by name."""

    name: str
    public: bytes
    secret: bytes
    known: dict[str, bytes]

    def name_of(self, public: bytes) -> str | None:
        return next((name for name, key in self.known.items() if key == public), None)

    def peer(self, name: str) -> bytes:
        """The public key of a peer. Raises KeysError when there is none."""
        if name not in self.known:
            known = ", ".join(sorted(self.known)) or "none"
            raise KeysError(f"no public key of {name!r} among {known}: copy {name}.key into the keys folder")
        return self.known[name]


def make(folder: Path, names: tuple[str, ...] = PARTIES) -> list[Path]:
    """Make the key pairs that are missing and return the new files. Existing pairs are never replaced.

    Secret files are readable by their owner only (0600), and so is the folder (0700) when there is nothing but keys in it.
    Raises KeysError.
    """
    for name in names:
        if not name.isidentifier():
            raise KeysError(f"{name!r} is not a usable key name: letters, digits and underscores only")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _close_to_others(folder)
        return [path for name in names for path in _make_pair(folder, name)]
    except OSError as error:
        raise KeysError(f"no keys can be made in {folder} ({error.strerror or error}): choose another folder") from error


def _close_to_others(folder: Path) -> None:
    """Only a folder of keys: somebody's home or /tmp is not ours to close."""
    if all(path.suffix in (".key", ".key_secret") for path in folder.iterdir()):
        folder.chmod(0o700)


def _make_pair(folder: Path, name: str) -> list[Path]:
    if (folder / f"{name}.key").exists() or (folder / f"{name}.key_secret").exists():
        return []
    made = []
    with tempfile.TemporaryDirectory(dir=folder) as private:  # 0700: nobody reads a secret before it is 0600
        for created in zmq.auth.create_certificates(private, name):
            Path(created).chmod(0o600)
            made.append(Path(created).rename(folder / Path(created).name))
    return made


def load(folder: Path, name: str) -> Keyring:
    """The keyring of `name`. Raises KeysError when files are missing, broken, or a secret is readable by others."""
    secret_file = folder / f"{name}.key_secret"
    if not secret_file.is_file():
        raise KeysError(f"no secret key {secret_file}: make one with 'groundlink keys --folder {folder}'")
    mode = stat.S_IMODE(secret_file.stat().st_mode)
    if mode & 0o077:
        raise KeysError(
            f"{secret_file} is readable by others (mode {mode:04o}): chmod 600 it, or make new keys if it may have leaked"
        )
    known = {path.stem: _read(path)[0] for path in sorted(folder.glob("*.key"))}
    public, secret = _read(secret_file)
    if secret is None:
        raise KeysError(f"{secret_file} holds no secret key: make new keys with 'groundlink keys --folder {folder}'")
    return Keyring(name, public, secret, known)


def _read(path: Path) -> tuple[bytes, bytes | None]:
    try:
        public, secret = zmq.auth.load_certificate(path)
        for key in (public, secret):
            if key is not None and len(z85.decode(key)) != _KEY_BYTES:
                raise ValueError("a key in it is not of the right length")
    except (OSError, ValueError, LookupError, struct.error) as error:  # z85 raises whatever its tables do
        raise KeysError(f"{path} is not a key file ({error}): copy it again or make new keys") from error
    return public, secret
