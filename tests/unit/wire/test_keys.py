"""Keys: who may read them, and that none is ever replaced."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from wire import keys
from wire.errors import KeysError


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_made_keys_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "keys"
    made = keys.make(folder)
    assert len(made) == 2 * len(keys.PARTIES)
    assert mode(folder) == 0o700
    assert {mode(path) for path in made} == {0o600}


def test_an_open_folder_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    keys.make(tmp_path)
    assert mode(tmp_path) == 0o700


def test_a_folder_of_other_things_is_not_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "letters").touch()
    assert {mode(path) for path in keys.make(tmp_path)} == {0o600}
    assert mode(tmp_path) == 0o755


@pytest.mark.parametrize("place", ["file", "file/keys"])
def test_where_no_folder_can_be_it_is_said(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KeysError, match=r"no keys can be made in .*: choose another folder"):
        keys.make(tmp_path / place)


def test_keys_are_never_overwritten(tmp_path: Path) -> None:
    keys.make(tmp_path, ("aircraft",))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert {path.stem for path in keys.make(tmp_path)} == set(keys.PARTIES) - {"aircraft"}
    assert keys.make(tmp_path) == []
    assert {name: (tmp_path / name).read_bytes() for name in before} == before


def test_a_public_key_alone_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "operator.key").write_text("somebody's")
    assert keys.make(tmp_path, ("operator",)) == []
    assert (tmp_path / "operator.key").read_text() == "somebody's"
    assert keys.without_secret(tmp_path) == ["operator"]


def test_a_lost_secret_is_told_with_what_to_do(tmp_path: Path) -> None:
    keys.make(tmp_path)
    (tmp_path / "operator.key_secret").unlink()
    with pytest.raises(KeysError, match=r"if it is lost: delete .*operator\.key and .* and copy the new operator\.key"):
        keys.load(tmp_path, "operator")
    (tmp_path / "operator.key").unlink()
    assert len(keys.make(tmp_path)) == 2
    assert keys.load(tmp_path, "operator").secret


def test_a_lost_public_key_is_made_from_the_secret_one(tmp_path: Path) -> None:
    keys.make(tmp_path)
    before = keys.load(tmp_path, "operator")
    (tmp_path / "operator.key").unlink()
    assert keys.make(tmp_path) == [tmp_path / "operator.key"]
    assert keys.load(tmp_path, "operator") == before


def test_a_broken_secret_makes_no_public_key(tmp_path: Path) -> None:
    (tmp_path / "operator.key_secret").write_text("somebody's")
    with pytest.raises(KeysError, match=r"operator\.key_secret is not a key file"):
        keys.make(tmp_path, ("operator",))
    assert not (tmp_path / "operator.key").exists()


def test_keys_of_two_pairs_are_refused(tmp_path: Path) -> None:
    keys.make(tmp_path)
    others = tmp_path / "others"
    keys.make(others)
    public = (others / "operator.key").read_bytes()
    (tmp_path / "operator.key").write_bytes(public)
    with pytest.raises(KeysError, match=r"operator\.key does not belong to .*operator\.key_secret"):
        keys.load(tmp_path, "operator")
    secret = tmp_path / "operator.key_secret"
    mixed = [line for line in (others / "operator.key_secret").read_text().splitlines() if "public" in line]
    mixed += [line for line in secret.read_text().splitlines() if "secret-key" in line]
    secret.write_text("\n".join(mixed))
    with pytest.raises(KeysError, match="do not belong together"):
        keys.load(tmp_path, "operator")


@pytest.mark.parametrize("name", ["", "../x", "a b", "a/b", "1a"])
def test_names_that_are_no_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(KeysError, match="not a usable key name"):
        keys.make(tmp_path, (name,))


def test_a_keyring_knows_everybody_by_key_and_name(tmp_path: Path) -> None:
    keys.make(tmp_path)
    ring = keys.load(tmp_path, "aircraft")
    assert set(ring.known) == set(keys.PARTIES)
    assert ring.public == ring.peer("aircraft") != ring.secret
    assert ring.name_of(ring.peer("operator")) == "operator"
    assert ring.name_of(b"x" * 40) is None
    with pytest.raises(KeysError, match="no public key of 'stranger' among aircraft, groundlink"):
        ring.peer("stranger")


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o777])
def test_a_secret_that_others_may_touch_is_refused(tmp_path: Path, bits: int) -> None:
    keys.make(tmp_path, ("aircraft",))
    (tmp_path / "aircraft.key_secret").chmod(bits)
    with pytest.raises(KeysError, match=f"is readable by others \\(mode {bits:04o}\\): chmod 600"):
        keys.load(tmp_path, "aircraft")


def test_a_missing_key_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(KeysError, match="make one with 'groundlink keys --folder"):
        keys.load(tmp_path, "aircraft")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing of a key",
        'curve\n    public-key = "short"\n',
        f'curve\n    public-key = "{"~" * 40}"\n',
        f'curve\n    public-key = "{"0" * 45}"\n',
        f'curve\n    public-key = "{"#" * 40}"\n',
        'curve\n    public-key = ""\n',
    ],
)
@pytest.mark.parametrize("file", ["groundlink.key", "aircraft.key_secret"])
def test_a_broken_key_is_named(tmp_path: Path, file: str, text: str) -> None:
    keys.make(tmp_path)
    (tmp_path / file).write_text(text)
    with pytest.raises(KeysError, match=file):
        keys.load(tmp_path, "aircraft")


def test_a_public_file_in_the_secrets_place_is_refused(tmp_path: Path) -> None:
    keys.make(tmp_path)
    secret = tmp_path / "aircraft.key_secret"
    secret.write_bytes((tmp_path / "aircraft.key").read_bytes())
    with pytest.raises(KeysError, match="holds no secret key"):
        keys.load(tmp_path, "aircraft")
