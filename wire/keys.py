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

import zmq
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
            raise KeysError(
                f"no public key of {name!r} among {known}: copy {name}.key into the keys folder ('groundlink keys' makes it "
                f"anew where {name}.key_secret is)"
            )
        return self.known[name]


def make(folder: Path, names: tuple[str, ...] = PARTIES) -> list[Path]:
    """Make the key pairs that are missing and return the new files. Nothing that exists is ever replaced.

    A public file that is missing beside its secret one is written from that. A secret one that is missing beside its public
    one is not made: on this machine it may be right so (see `without_secret`).

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


def without_secret(folder: Path, names: tuple[str, ...] = PARTIES) -> list[str]:
    """Whose public key is here and the secret one is not: right where that is kept on another machine."""
    return [name for name in names if (folder / f"{name}.key").exists() and not (folder / f"{name}.key_secret").exists()]


def _close_to_others(folder: Path) -> None:
    """Only a folder of keys: somebody's home or /tmp is not ours to close."""
    if all(path.suffix in (".key", ".key_secret") for path in folder.iterdir()):
        folder.chmod(0o700)


def _make_pair(folder: Path, name: str) -> list[Path]:
    public_file, secret_file = folder / f"{name}.key", folder / f"{name}.key_secret"
    if secret_file.exists() and not public_file.exists():
        public, _ = _secret_of(secret_file)
        public_file.write_text(f'metadata\ncurve\n    public-key = "{public.decode()}"\n')
        public_file.chmod(0o600)
        return [public_file]
    if public_file.exists():
        return []
    made = []
    with tempfile.TemporaryDirectory(dir=folder) as private:  # 0700: nobody reads a secret before it is 0600
        for created in zmq.auth.create_certificates(private, name):
            Path(created).chmod(0o600)
            made.append(Path(created).rename(folder / Path(created).name))
    return made


def load(folder: Path, name: str) -> Keyring:
    """The keyring of `name`.

    Raises KeysError when files are missing, broken or do not belong together, or a secret is readable by others.
    """
    secret_file, public_file = folder / f"{name}.key_secret", folder / f"{name}.key"
    if not secret_file.is_file():
        raise KeysError(f"no secret key {secret_file}: {_how_to_make(folder, name)}")
    mode = stat.S_IMODE(secret_file.stat().st_mode)
    if mode & 0o077:
        raise KeysError(
            f"{secret_file} is readable by others (mode {mode:04o}): chmod 600 it, or make new keys if it may have leaked"
        )
    known = {path.stem: _read(path)[0] for path in sorted(folder.glob("*.key"))}
    public, secret = _secret_of(secret_file)
    if known.get(name, public) != public:
        raise KeysError(
            f"{public_file} does not belong to {secret_file}: delete it, run 'groundlink keys --folder {folder}', which makes "
            "it anew, and copy it to every other machine that has one"
        )
    return Keyring(name, public, secret, known)


def renewal(folder: Path, name: str) -> str:
    """How to replace a pair whose secret key is lost."""
    return (
        f"delete {folder / name}.key and {name}.key_secret, run 'groundlink keys --folder {folder}', and copy the new "
        f"{name}.key into the keys folder of every other machine: until then they do not let it in"
    )


def _how_to_make(folder: Path, name: str) -> str:
    if (folder / f"{name}.key").exists():
        return f"copy it here from where it was made, or if it is lost: {renewal(folder, name)}"
    return f"make one with 'groundlink keys --folder {folder}'"


def _secret_of(secret_file: Path) -> tuple[bytes, bytes]:
    """The pair in a secret file."""
    public, secret = _read(secret_file)
    if secret is None:
        raise KeysError(f"{secret_file} holds no secret key: {renewal(secret_file.parent, secret_file.stem)}")
    if zmq.curve_public(secret) != public:
        raise KeysError(
            f"the keys in {secret_file} do not belong together: copy it here again, or "
            f"{renewal(secret_file.parent, secret_file.stem)}"
        )
    return public, secret


def _read(path: Path) -> tuple[bytes, bytes | None]:
    try:
        public, secret = zmq.auth.load_certificate(path)
        for key in (public, secret):
            if key is not None and len(z85.decode(key)) != _KEY_BYTES:
                raise ValueError("a key in it is not of the right length")
    except (OSError, ValueError, LookupError, struct.error) as error:  # z85 raises whatever its tables do
        raise KeysError(
            f"{path} is not a key file ({error}): copy it here again, or {renewal(path.parent, path.stem)}"
        ) from error
    return public, secret
