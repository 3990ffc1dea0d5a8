"""Configuration files: a mistake gets file, line, field and what would be right; nothing else is ever raised."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Meta

from wire import configuration
from wire.configuration import MAX_BYTES, MAX_DEPTH, Section
from wire.errors import ConfigurationError


class Inner(Section, frozen=True, kw_only=True):
    speed_m_s: Annotated[float, Meta(ge=1, le=10)] = 5.0
    kind: Literal["fast", "slow"] = "slow"


class Sample(Section, frozen=True, kw_only=True):
    name: str
    inner: Inner = Inner()
    maybe: Inner | None = None
    items: tuple[Inner, ...] = ()
    folder: Path | None = None

    def problem(self) -> tuple[str, str] | None:
        return ("inner.speed_m_s", "is 3, which is unlucky") if self.inner.speed_m_s == 3.0 else None


QUOTES = ": put it in quotes if it is meant as text"
FAST = "; did you mean fast?"
A_POINT = ": write the number with a point, 2.5"
A_NUMBER = "sample.yaml:2: inner.speed_m_s: must be a number from 1 to 10; "


def complaint(text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        configuration.parse(text, Sample, "sample.yaml")
    return str(caught.value)


def test_what_is_left_out_has_its_default() -> None:
    sample = configuration.parse("name: a", Sample, "sample.yaml")
    assert sample == Sample(name="a", inner=Inner(speed_m_s=5.0))


def test_paths_are_read_as_paths() -> None:
    assert configuration.parse("name: a\nfolder: ~/x", Sample, "s").folder == Path("~/x")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "sample.yaml:1: name: is missing; write text"),
        ("- a", "sample.yaml:1: the file: must be fields of its own (name, inner, maybe, items, folder); a list is not"),
        ("name: 5", 'sample.yaml:1: name: must be text; "5" is not' + QUOTES),
        ("name: a\nfolder: 5", 'sample.yaml:2: folder: must be a path or null; "5" is not' + QUOTES),
        ("name: a\n\ninner:\n  speed_m_s: 11", 'sample.yaml:4: inner.speed_m_s: must be a number from 1 to 10; "11" is not'),
        ("name: a\ninner: {speed_m_s: .nan}", 'sample.yaml:2: inner.speed_m_s: must be a number from 1 to 10; ".nan" is not'),
        ("name: a\ninner: {speed_m_s: .inf}", 'sample.yaml:2: inner.speed_m_s: must be a number from 1 to 10; ".inf" is not'),
        ("name: a\ninner:\n  kind: quick", 'sample.yaml:3: inner.kind: must be one of fast, slow; "quick" is not'),
        ("name: a\nitems:\n- {}\n- speed_m_s: 0", A_NUMBER.replace("2: inner", "4: items.1") + '"0" is not'),
        ("name: a\ninner: {kind: fats}", 'sample.yaml:2: inner.kind: must be one of fast, slow; "fats" is not' + FAST),
        ("name: a\ninner: {speed_m_s: '2,5'}", A_NUMBER + '"2,5" is not: write the number with a point, 2.5'),
        ("name: a\ninner:\n  speed_m_s: 2,5", A_NUMBER.replace(":2:", ":3:") + '"2,5" is not' + A_POINT),
        ("name: a\ninner: {speed_m_s: 2.0 m}", A_NUMBER + '"2.0 m" is not: write the number alone, 2.0'),
        ("name: a\ninner: {speed_m_s: 1e9}", A_NUMBER + '"1e9" is not: write the number out, 1000000000'),
        ("name: a\ninner: {speed_m_s: 1e308}", A_NUMBER + '"1e308" is not: write the number out'),
        ("name: a\ninner: {speed_m_s: '2'}", A_NUMBER + '"2" is not: write it without quotes'),
        ("name: a\ninner: {speed_m_s: }", A_NUMBER + "nothing at all is not"),
        ("name: a\ninner: {speed_m_s: [2]}", A_NUMBER + "a list is not"),
        ("name: a\nmaybe: fast", 'sample.yaml:2: maybe: must be fields of its own (speed_m_s, kind) or null; "fast" is not'),
        ("name: a\nitems: {}", "sample.yaml:2: items: must be a list; a group of fields is not"),
        ("name: a\ninner:\n  sped_m_s: 2", "sample.yaml:3: inner.sped_m_s: there is no such field; did you mean speed_m_s?"),
        ("name: a\nmaybe:\n  kinds: fast", "sample.yaml:3: maybe.kinds: there is no such field; did you mean kind?"),
        ("name: a\nzzz: 2", "sample.yaml:2: zzz: there is no such field; possible are name, inner, maybe, items, folder"),
        ("name: a\ninner:\n  speed_m_s: 3", "sample.yaml:3: inner.speed_m_s: is 3, which is unlucky"),
        ("name: a\ninner: {}\nname: b", "sample.yaml:3: name: is given twice; keep one"),
        ("name: a\ninner:\n  kind: fast\n  kind: slow", "sample.yaml:4: kind: is given twice; keep one"),
        ("name: [a", "sample.yaml:1: not valid YAML: expected ',' or ']', but got '<stream end>'"),
        ("name: a\nb: c: d", "sample.yaml:2: not valid YAML: mapping values are not allowed here"),
        ("name: a\n---\nname: b", "sample.yaml:2: not valid YAML: but found another document"),
        ("name: a\n1: b", "sample.yaml:2: a field's name is a word; this is something else"),
        ("name: a\n? [b]\n: c", "sample.yaml:2: a field's name is a word; this is something else"),
        ("name: a\n<<: {folder: x}", "sample.yaml:2: a field's name is a word; this is something else"),
        ("name: 2001-99-99", "sample.yaml:1: not valid YAML: month must be in 1..12; put text that looks so in quotes"),
        ("name: a\ninner: !!python/object:os.system x", "sample.yaml:2: tags (!) are not taken here; write the value alone"),
        ("name: !!timestamp x", "sample.yaml:1: tags (!) are not taken here; write the value alone"),
    ],
)  # fmt: skip
def test_a_mistake_gets_file_line_field_and_what_would_be_right(text: str, says: str) -> None:
    assert complaint(text) == says


def test_binary_is_refused_with_its_line() -> None:
    assert complaint("name: a\nfolder: \x00").startswith("sample.yaml:2: not valid YAML: unacceptable character #x0000")
    assert "\n" not in complaint("\x01")


def test_aliases_are_refused_before_they_expand() -> None:
    """A billion laughs: nine lines that would be 10^9 values."""
    lines = ["a0: &a0 [x]"] + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    assert complaint("\n".join(lines)).startswith("sample.yaml:1: anchors and aliases")
    assert complaint("name: a\ninner: *b").startswith("sample.yaml:2: anchors and aliases")
    assert "anchors and aliases" in complaint("name: &a [*a]")


@pytest.mark.parametrize("opening", ["[", "{", "- ", "? ", "[a: ", "[{"])
def test_deep_nesting_is_refused_before_it_takes_long(opening: str) -> None:
    assert "nested too deeply" in complaint(opening * 5000)
    assert "nested too deeply" not in complaint("[" * MAX_DEPTH + "]" * MAX_DEPTH)


def test_too_large_is_refused(tmp_path: Path) -> None:
    assert f"is larger than {MAX_BYTES} bytes" in complaint("#" * (MAX_BYTES + 1))
    assert "is larger than" in complaint("ü" * (MAX_BYTES // 2 + 1))
    file = tmp_path / "large.yaml"
    file.write_bytes(b"\xff" * (MAX_BYTES + 1))
    with pytest.raises(ConfigurationError, match=r"large\.yaml: is larger than"):
        configuration.load(file, Sample)


def test_a_device_or_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (Path("/dev/zero"), tmp_path / "pipe"):
        with pytest.raises(ConfigurationError, match=f"{path}: is a pipe or device; name a file"):
            configuration.load(path, Sample)


def test_what_only_the_reader_finds_out_has_its_line_too(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("name: a\ninner:\n  kind: fast\n")
    assert str(configuration.complaint(file, "inner.kind", "is too fast")) == f"{file}:3: inner.kind: is too fast"


def test_a_folder_that_can_be_made_is_no_trouble_and_others_are_named(tmp_path: Path) -> None:
    assert configuration.folder_trouble(tmp_path / "new" / "deep") is None
    (tmp_path / "file").touch()
    assert "file is something else" in str(configuration.folder_trouble(tmp_path / "file" / "logs"))
    assert "/dev/null is something else" in str(configuration.folder_trouble(Path("/dev/null/x")))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.yaml: there is no such file"):
        configuration.load(tmp_path / "none.yaml", Sample)
    with pytest.raises(ConfigurationError, match="is a folder; name a file"):
        configuration.load(tmp_path, Sample)
    (tmp_path / "latin.yaml").write_bytes(b"name: \xfc")
    with pytest.raises(ConfigurationError, match="cannot be read as text"):
        configuration.load(tmp_path / "latin.yaml", Sample)


def test_a_file_is_loaded(tmp_path: Path) -> None:
    file = tmp_path / "good.yaml"
    file.write_text(f"name: ü{os.linesep}")
    assert configuration.load(file, Sample).name == "ü"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.dates() | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | st.integers(), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.fixed_dictionaries({}, optional=dict.fromkeys(("name", "inner", "maybe", "items", "folder"), VALUES))


def only_complains(text: str) -> None:
    try:
        configuration.parse(text, Sample, "f")
    except ConfigurationError as error:
        assert str(error).startswith("f:")


@settings(deadline=None)
@given(st.text(max_size=60))
def test_arbitrary_text_raises_nothing_else(text: str) -> None:
    only_complains(text)


@settings(deadline=None)
@given(st.text(alphabet="a1:-?&*!|>%@`'\"#,[]{}<=~. \n\t0_xeE+", max_size=40))
def test_arbitrary_yaml_characters_raise_nothing_else(text: str) -> None:
    only_complains(text)


@settings(deadline=None)
@given(VALUES | FIELDS)
def test_arbitrary_yaml_raises_nothing_else(value: object) -> None:
    only_complains(yaml.safe_dump(value, allow_unicode=True))


def test_text_of_half_a_character_raises_nothing_else() -> None:
    only_complains("name: \ud800")
